"""A list of rows that only tell: one stop for Tab, the arrow keys go from row to row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent


MANY = 24
"""Rows; as many as a window shows."""


class RowsList(QWidget):
    """Holds rows one under the other. Each row names itself to screen readers."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[QWidget] = []
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def set_rows(self, rows: Sequence[QWidget]) -> None:
        """Other rows; those that are no longer there are thrown away."""
        held = next((i for i, row in enumerate(self._rows) if row.hasFocus()), None)
        for row in self._rows:
            if row not in rows:
                self._column.removeWidget(row)
                row.hide()
                row.deleteLater()
        self._rows = list(rows)
        many, focused = len(self._rows) > MANY and not self.isHidden(), self.hasFocus()
        if many:
            # Each row that is shown in a list that is seen has all of the window laid out anew.
            self.hide()
        for at, row in enumerate(self._rows):
            row.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._column.insertWidget(at, row)
            row.show()
        if many:
            self.show()
            if focused:
                self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if self._rows else Qt.FocusPolicy.NoFocus)
        if held is not None and self._rows:
            self._rows[min(held, len(self._rows) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)

    def rows(self) -> tuple[QWidget, ...]:
        """From the top."""
        return tuple(self._rows)

    def go_to(self, at: int) -> None:
        """Puts the keyboard on a row."""
        if 0 <= at < len(self._rows):
            self._rows[at].setFocus(Qt.FocusReason.TabFocusReason)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self._rows:
            super().keyPressEvent(event)
            return
        at = next((i for i, row in enumerate(self._rows) if row.hasFocus()), None)
        self.go_to((0 if step > 0 else len(self._rows) - 1) if at is None else at + step)
