"""A small window beside the main one: a title, what there is to read, and buttons below that stay in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from torsend.gui.geometry import fit, hold
from torsend.gui.parts import Label, ScrollArea, Separator
from torsend.gui.theme import STRONG, look

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

SIDE = 24
LEAST = QSize(480, 320)


class Sheet(QDialog):
    """Esc closes it. What is to be read goes into ``column``, buttons into ``ends``, from the left, and what they wait for
    above them.

    Args:
        title: in the sheet; other programs can read ``window_title``, so nothing of the person's stands in that.
        modal: whether the window behind it rests meanwhile.
    """

    def __init__(
        self,
        title: str,
        window_title: str,
        size: tuple[int, int],
        *,
        modal: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(window_title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(modal)
        inner = QWidget()
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(SIDE, 16, SIDE, 16)
        self.column.setSpacing(0)
        all_of_it = QWidget()
        whole = QVBoxLayout(all_of_it)
        whole.setContentsMargins(0, 20, 0, 20)
        whole.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(SIDE, 0, SIDE, 0)
        head.addWidget(Label(title, 20, STRONG))
        whole.addLayout(head)
        whole.addSpacing(12)
        whole.addWidget(Separator())
        self.area = ScrollArea(inner)
        whole.addWidget(self.area, 1)
        whole.addWidget(Separator())
        whole.addSpacing(16)
        self.above_ends = QVBoxLayout()
        self.above_ends.setContentsMargins(SIDE, 0, SIDE, 0)
        whole.addLayout(self.above_ends)
        self.ends = QHBoxLayout()
        self.ends.setContentsMargins(SIDE, 0, SIDE, 0)
        self.ends.setSpacing(8)
        self.ends.addStretch(1)
        whole.addLayout(self.ends)
        hold(self, all_of_it, LEAST)
        fit(self, QSize(*size))
        look().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(self.rect(), look().tokens.surf)
