"""Under an identity's form: how it is kept, and what can be done with the whole of it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.labels import Label, Paragraph
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QResizeEvent

COMPACT = 620
"""Pixels of width below which the buttons leave the name out."""


class Saved(enum.Enum):
    """How what is shown stands to what is kept."""

    ALL = "all"
    TYPING = "typing"
    SAVING = "saving"
    WRONG = "wrong"
    FAILED = "failed"


class IdentityFoot(QWidget):
    """Signals:
    write_pressed, duplicate_pressed, add_pressed, cancel_pressed: as they say.
    delete_confirmed: delete was pressed and meant.
    """

    write_pressed = Signal()
    duplicate_pressed = Signal()
    add_pressed = Signal()
    cancel_pressed = Signal()
    delete_confirmed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._new = True
        self._name = ""
        self._saved = Saved.ALL
        whole = QVBoxLayout(self)
        whole.setContentsMargins(32, 12, 32, 20)
        whole.setSpacing(8)
        self.problem = Paragraph("", 13, "decide")
        self.problem.hide()
        whole.addWidget(self.problem)
        row = QHBoxLayout()
        row.setSpacing(16)
        whole.addLayout(row)
        self.delete = Button("", ButtonKind.PLAIN)
        self.delete.set_tone("decide")
        self.duplicate = Button(t("Duplicate"), ButtonKind.PLAIN)
        self.duplicate.set_tone("text2")
        self.sure = Label("", 13)
        self.state = Label("", 13, colour="text2")
        self.cancel = Button(t("Cancel"), ButtonKind.QUIET)
        self.add = Button(t("Add"), ButtonKind.FILLED, icon="plus")
        self.write = Button("", ButtonKind.FILLED, icon="pencil")
        self.sure_delete = Button(t("Delete"), ButtonKind.OUTLINED)
        self.sure_delete.set_tone("decide")
        self.sure_keep = Button(t("Keep"), ButtonKind.OUTLINED)
        for widget in (self.delete, self.duplicate, self.sure):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.state, self.cancel, self.add, self.write, self.sure_delete, self.sure_keep):
            row.addWidget(widget)
        self.write.clicked.connect(self.write_pressed)
        self.duplicate.clicked.connect(self.duplicate_pressed)
        self.add.clicked.connect(self.add_pressed)
        self.cancel.clicked.connect(self.cancel_pressed)
        self.delete.clicked.connect(self.ask)
        self.sure_keep.clicked.connect(lambda: self._show(sure=False))
        self.sure_delete.clicked.connect(self._delete)
        self.begin(new=True)

    def begin(self, *, new: bool) -> None:
        """Another identity, or a new one, is shown."""
        self._new = new
        self._show(sure=False)
        self.tell(Saved.ALL)

    def name_it(self, name: str, fill: QColor) -> None:
        """Whose buttons they are, and in which colour."""
        self._name = name
        self.write.set_fill(fill)
        self.add.set_fill(fill)
        self._label()

    def tell(self, state: Saved, words: str = "") -> None:
        """How it is kept; ``words`` where that failed."""
        self._saved = state
        told = {
            Saved.ALL: "" if self._new else t("All changes saved"),
            Saved.TYPING: "" if self._new else t("Saves when you leave the field"),
            Saved.SAVING: t("Saving…"),
            Saved.WRONG: t("Not added: see the marked field")
            if self._new
            else t("Not saved: see the marked field"),
            Saved.FAILED: "",
        }
        self.state.setText(told[state])
        self.state.set_colour("decide" if state is Saved.WRONG else "text2")
        # Not once more before it is known what came of it.
        self.add.setEnabled(state is not Saved.SAVING)
        self.problem.set_runs(words)
        self.problem.setVisible(bool(words))
        if words:
            QAccessible.updateAccessibility(QAccessibleEvent(self.problem, QAccessible.Event.Alert))

    def told(self) -> Saved:
        """How it is kept, as was told last."""
        return self._saved

    def ask(self) -> None:
        """Asks whether it shall really go; to keep it is the easy way."""
        self._show(sure=True)
        self.sure_keep.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _delete(self) -> None:
        self._show(sure=False)
        self.delete_confirmed.emit()

    def _show(self, *, sure: bool) -> None:
        for widget in (self.sure, self.sure_delete, self.sure_keep):
            widget.setVisible(sure)
        for widget in (self.delete, self.duplicate, self.write):
            widget.setVisible(not sure and not self._new)
        for widget in (self.add, self.cancel):
            widget.setVisible(self._new)
        self.state.setVisible(not sure)

    def _label(self) -> None:
        name, compact = self._name, self.width() < COMPACT
        self.write.setText(t("Write") if compact else t("Write as {name}", name=short(name)))
        self.write.set_name(t("Write as {name}", name=name))
        self.delete.setText(t("Delete…") if compact else t("Delete {name}…", name=short(name)))
        self.delete.set_name(t("Delete {name}…", name=name))
        self.sure.setText(t("Delete {name}? Its password goes, too.", name=short(name)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label()


def short(name: str, most: int = 24) -> str:
    """A name that fits on a button: its middle left out."""
    half = (most - 1) // 2
    return name if len(name) <= most else f"{name[:half]}…{name[-half:]}"
