"""The mark of torsend: a message inside two sheaths."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from torsend.gui.theme import STRONG, font, look

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPaintEvent

WIDTH, HEIGHT = 20, 16


def paint_mark(painter: QPainter, corner: QPointF, colour: QColor) -> None:
    """Draws the mark, 20 × 16, with its upper left corner there."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(corner)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1.6))
    painter.drawRoundedRect(QRectF(1, 1.5, 18, 13), 6.5, 6.5)
    painter.setPen(QPen(colour, 1.4))
    painter.drawRoundedRect(QRectF(4, 4.3, 12, 7.4), 3.7, 3.7)
    thread = QPen(colour, 1.6)
    thread.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(thread)
    painter.drawLine(QPointF(6.6, 8), QPointF(10.6, 8))
    painter.drawLine(QPointF(11.8, 8), QPointF(13.4, 8))
    painter.restore()


class Logo(QWidget):
    """The mark and the name beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("torsend")

    def sizeHint(self) -> QSize:
        words = QFontMetricsF(font(15, STRONG)).horizontalAdvance("torsend")
        left = self.contentsMargins().left()
        return QSize(left + WIDTH + 8 + math.ceil(words), 20)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        colour = look().tokens.text
        left = self.contentsMargins().left()
        paint_mark(painter, QPointF(left, 2), colour)
        painter.setPen(colour)
        painter.setFont(font(15, STRONG))
        painter.drawText(
            QRectF(left + WIDTH + 8, 0, self.width() - left - WIDTH - 8, self.height()),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            "torsend",
        )
