"""Exactly what leaves: the conversation or the message alone, line by line, and beside it what each line gives away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from torsend.delivery.reasons import Reason
from torsend.gui.lazy_rows import LazyRows
from torsend.gui.parts import Button, ButtonKind, Label, Mark, Paragraph, Segmented, file_dialog
from torsend.gui.theme import look
from torsend.gui.wire_foot import WireFoot
from torsend.gui.wire_row import WireRow, guessed_height
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from torsend.app.exactly import Exactly
    from torsend.delivery.wire_text import WireText

CONVERSATION, MAIL = "conversation", "mail"


class WireView(QWidget):
    """Signals:
    save_requested: the person wants the bytes in a file at that path.
    """

    save_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Exactly | None = None
        self._colour = ""
        self.modes = Segmented(
            ((CONVERSATION, t("Whole conversation")), (MAIL, t("Message only"))), name=t("What is shown")
        )
        self.modes.chosen.connect(lambda _: self._show())
        self.sum = Paragraph("", 13, "text2")
        self.save = Button(t("Save as .eml"), ButtonKind.QUIET, icon="download")
        self.save.setToolTip(t("The file lies unencrypted, outside the vault (Ctrl+S)."))
        self.save.setAccessibleDescription(t("The file lies unencrypted, outside the vault (Ctrl+S)."))
        self.save.clicked.connect(self.ask_where)
        self.rows = LazyRows(self._make, self._guess)
        self.rows.setAccessibleName(t("Lines that leave"))
        self.rows.current_changed.connect(self._rove)
        self.foot = WireFoot()
        self.saved = Label(colour="look")
        self._note = QWidget()
        self._build()
        save = QShortcut(QKeySequence("Ctrl+S"), self)
        save.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save.activated.connect(self.ask_where)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(24, 8, 13, 8)
        top.setSpacing(16)
        top.addWidget(self.modes, 0, Qt.AlignmentFlag.AlignVCenter)
        told = QVBoxLayout()
        told.setSpacing(0)
        told.addStretch(1)
        told.addWidget(self.sum)
        told.addStretch(1)
        top.addLayout(told, 1)
        top.addWidget(self.save, 0, Qt.AlignmentFlag.AlignVCenter)
        noted = QHBoxLayout(self._note)
        noted.setContentsMargins(24, 0, 24, 8)
        noted.setSpacing(6)
        noted.addWidget(Mark("triangle", "look", 16))
        noted.addWidget(self.saved, 1)
        self._note.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self._note)
        whole.addWidget(self.rows, 1)
        whole.addWidget(self.foot)

    def set_exactly(self, shown: Exactly, colour: str) -> None:
        """What leaves now, in the colour of whom it leaves as."""
        if shown == self._shown and colour == self._colour:
            return
        self._shown, self._colour = shown, colour
        self._note.hide()
        self.foot.set_told(shown.told, shown.as_it_is)
        self._show()

    def show_saved(self, path: Path) -> None:
        """It is in a file now: what that means."""
        self.saved.setText(
            t("Saved as {file}. It lies there unencrypted, outside the vault.", file=path.name)
        )
        self._note.show()

    def focus_target(self) -> QWidget:
        """Where the keyboard goes when it comes here."""
        return self.rows.row(self.rows.current or "") or self.save

    def text(self) -> WireText | None:
        """What is shown now."""
        if self._shown is None:
            return None
        return self._shown.mail if self.modes.value() == MAIL else self._shown.conversation

    def ask_where(self) -> None:
        """Opens the dialog for a file. It says before as well what such a file is."""
        dialog = file_dialog(self, t("Save as .eml: unencrypted, outside the vault"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("eml")
        dialog.setNameFilter(t("Mail (*.eml)"))
        dialog.fileSelected.connect(lambda name: self.save_requested.emit(Path(name)))
        dialog.open()

    # Inside

    def _show(self) -> None:
        text, shown = self.text(), self._shown
        if text is None or shown is None:
            return
        alone = self.modes.value() == MAIL
        self.sum.set_runs(shown.sentence_of_mail if alone else shown.sentence)
        ends = not alone and text.ends is not Reason.ACCEPTED
        self.sum.set_colour("look" if ends else "text2")
        held = self.focusWidget() if self.isVisible() else None
        # Rows of before are of another text, whatever they are called.
        self.rows.set_keys(())
        self.rows.set_keys(tuple(map(str, range(len(text.sections)))))
        self._rove(self.rows.current or "")
        if isinstance(held, WireRow):
            self.focus_target().setFocus(Qt.FocusReason.OtherFocusReason)

    def _make(self, key: str) -> QWidget:
        text, shown = self.text(), self._shown
        assert text is not None  # noqa: S101  # for the type checker: there are keys only where there is text
        assert shown is not None  # noqa: S101
        row = WireRow(text.sections[int(key)], shown.provider, self._colour)
        row.setFocusPolicy(Qt.FocusPolicy.TabFocus if key == self.rows.current else Qt.FocusPolicy.NoFocus)
        return row

    def _guess(self, key: str) -> int:
        text = self.text()
        return guessed_height(text.sections[int(key)]) if text else 1

    def _rove(self, current: str) -> None:
        """Tab comes to one row, the arrow keys go from row to row."""
        text = self.text()
        for key in map(str, range(len(text.sections) if text else 0)):
            row = self.rows.row(key)
            if row is not None:
                row.setFocusPolicy(Qt.FocusPolicy.TabFocus if key == current else Qt.FocusPolicy.NoFocus)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        area = self.rows.geometry()
        painter.fillRect(area, look().tokens.win)
        painter.fillRect(0, area.y() - 1, self.width(), 1, look().tokens.line)
