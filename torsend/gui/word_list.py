"""The dialog in which the person's words are written: one a line, for every mail or for one identity's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from torsend.checks.wordbook import BadWord, checked
from torsend.gui.geometry import fit, hold
from torsend.gui.parts import Button, ButtonKind, Label, Paragraph, Segmented
from torsend.gui.parts.text_box import TextBox
from torsend.gui.theme import STRONG, look
from torsend.words import t, tn

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from torsend.identity.identity import Identity

WIDTH, HEIGHT = 480, 520
SIDE = 24
EVERY, OWN = "every", "own"


class WordListDialog(QDialog):
    """Shows the person's own list and, where it was opened for an identity, that one's: never another's.

    Signals:
        saved: the words of the person, those of the identity (both as typed, line by line).
    """

    saved = Signal(list, list)

    def __init__(
        self,
        words: tuple[str, ...],
        identity: Identity | None = None,
        own: tuple[str, ...] = (),
        *,
        memory: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Args:
        words: of the person.
        identity, own: for whom it was opened, and its words.
        memory: nothing is kept of this run.
        """
        super().__init__(parent)
        self.setWindowTitle(t("Word list – torsend"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self._identity = identity
        self._memory = memory
        self._lists = {EVERY: "\n".join(words), OWN: "\n".join(own)}
        name = (identity.name or identity.address) if identity is not None else ""
        self._name = name
        short = name if len(name) <= 24 else f"{name[:11]}…{name[-12:]}"
        self.scope = Segmented(
            [(EVERY, t("In every mail")), (OWN, t("As {name} only", name=short))],
            name=t("Where the words hold"),
        )
        self.scope.set_value(EVERY)
        self.scope.setVisible(identity is not None)
        self.field = TextBox(t("Words, one on each line"), lines=6)
        self.note = Paragraph("", 12)
        self.problem = Paragraph("", 12, "decide")
        self.problem.setVisible(False)
        self.save = Button(t("Save"), ButtonKind.FILLED)
        self.cancel = Button(t("Cancel"), ButtonKind.QUIET)
        self._build()
        self.scope.chosen.connect(self._other_list)
        self.save.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.field.edited.connect(self._typed)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self.accept)
        look().changed.connect(self.update)
        self._shown = EVERY
        self._show_list()
        self.field.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(SIDE, 20, SIDE, 20)
        column.setSpacing(0)
        column.addWidget(Label(t("Word list"), 20, STRONG))
        column.addSpacing(8)
        column.addWidget(
            Paragraph(
                t(
                    "Your name, your street, your employer: words that must not slip into a mail. Before sending they are "
                    "looked for in text, subject, names and readable files, with other endings, accents and hyphens too."
                ),
                13,
                "text",
            )
        )
        column.addSpacing(12)
        line = QHBoxLayout()
        line.addWidget(self.scope)
        line.addStretch(1)
        column.addLayout(line)
        column.addSpacing(8)
        column.addWidget(self.field, 1)
        column.addSpacing(4)
        column.addWidget(self.problem)
        column.addSpacing(8)
        column.addWidget(self.note)
        column.addSpacing(16)
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addStretch(1)
        ends.addWidget(self.cancel)
        ends.addWidget(self.save)
        column.addLayout(ends)
        QWidget.setTabOrder(self.scope, self.field.field)
        QWidget.setTabOrder(self.field.field, self.save)
        QWidget.setTabOrder(self.save, self.cancel)
        hold(self, inner, QSize(WIDTH - 80, HEIGHT - 120))
        fit(self, QSize(WIDTH, HEIGHT))

    def words(self) -> tuple[list[str], list[str]]:
        """What both lists say now, line by line."""
        self._lists[self._shown] = self.field.text()
        return self._lists[EVERY].split("\n"), self._lists[OWN].split("\n")

    def show_scope(self, scope: str) -> None:
        """One of the two lists, as if the person had chosen it."""
        if self._identity is not None:
            self.scope.set_value(scope)
            self._other_list(scope)

    def accept(self) -> None:
        """Tells both lists and goes; stays with words that cannot be."""
        every, own = self.words()
        for scope, lines in ((EVERY, every), (OWN, own)):
            try:
                checked(lines)
            except BadWord as error:
                self.show_scope(scope)
                self.complain(error.sentences())
                self.field.field.setFocus(Qt.FocusReason.OtherFocusReason)
                return
        super().accept()
        self.saved.emit(every, own)

    def complain(self, words: str) -> None:
        """Says what is wrong, or nothing."""
        self.problem.set_runs(words)
        self.problem.setVisible(bool(words))
        self.field.field.setAccessibleDescription(words)

    def _other_list(self, scope: str) -> None:
        if scope != self._shown:
            self.words()
            self._shown = scope
            self._show_list()

    def _show_list(self) -> None:
        self.field.set_text(self._lists[self._shown])
        self._tell()

    def _typed(self) -> None:
        if not self.problem.isHidden():
            self.complain("")
        self._tell()

    def _tell(self) -> None:
        lines = [line for line in self.field.text().split("\n") if line.strip()]
        count = tn("{n} word.", "{n} words.", len(lines))
        if self._memory:
            kept = t("Kept until torsend ends, and nowhere on the disk.")
        else:
            kept = t("Kept encrypted on this computer, and sent to nobody.")
        whose = ""
        if self._shown == OWN:
            whose = t("Shown and looked for as {name} only, and deleted with it.", name=self._name)
        self.note.set_runs(" ".join(part for part in (count, whose, kept) if part))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(self.rect(), look().tokens.win)
