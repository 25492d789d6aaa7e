"""Whom a form shows: sign, name, kind, and the colours to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from torsend.gui.parts.avatar import Avatar
from torsend.gui.parts.labels import Label
from torsend.gui.parts.swatches import Swatches
from torsend.gui.theme import STRONG

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

NARROW = 520
"""Pixels. With less, the colours stand below: beside them even a short name would not fit."""


class IdentityHead(QWidget):
    """Attributes:
    avatar, title, subtitle: what its form writes into.
    colour: the colours.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.avatar = Avatar("address", "teal", "", 40)
        self.title = Label("", 20, STRONG)
        self.title.setFixedHeight(26)
        self.subtitle = Label("", 12, colour="text2")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        words.addStretch(1)
        who = QHBoxLayout()
        who.setSpacing(12)
        who.addWidget(self.avatar)
        who.addLayout(words, 1)
        self.colour = Swatches()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)
        self._row.addLayout(who, 1)
        self._row.addWidget(self.colour, 0, Qt.AlignmentFlag.AlignVCenter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self._row.setDirection(
            QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        )
