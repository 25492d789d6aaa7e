"""The shape that stands for an identity: its colour, its initials, and its kind by the outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from torsend.gui import icons
from torsend.gui.theme import STRONG, font, look

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


def paint_avatar(painter: QPainter, rect: QRectF, kind: str, colour: str, initials: str) -> None:
    """Draws it: circle (address), rounded square (alias), dashed ring (disposable), hexagon (remailer)."""
    tokens = look().tokens
    fill = tokens.identity[colour]
    side = rect.height()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    room = side
    match kind:
        case "alias":
            painter.drawRoundedRect(rect, side * 0.22, side * 0.22)
        case "disposable":
            pen = QPen(fill, 1.5)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([1.7, 1.3])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(rect.adjusted(0.75, 0.75, -0.75, -0.75))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            inset = max(2.5, side * 0.1)
            painter.drawEllipse(rect.adjusted(inset, inset, -inset, -inset))
            room = side - 2 * inset
        case "remailer":
            painter.drawPath(icons.hexagon(rect))
        case _:
            painter.drawEllipse(rect)
    painter.setPen(tokens.on_identity)
    share = 0.42 if len(initials) < 2 else 0.40
    painter.setFont(font(max(8, round(room * share)), STRONG))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, initials)
    painter.restore()


class Avatar(QWidget):
    """An identity's shape. It says nothing to a screen reader: the name stands beside it."""

    def __init__(
        self, kind: str, colour: str, initials: str, size: int = 28, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._kind, self._colour, self._initials, self._size = kind, colour, initials, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(size, size)

    def set_identity(self, kind: str, colour: str, initials: str) -> None:
        """Another identity's."""
        self._kind, self._colour, self._initials = kind, colour, initials
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        paint_avatar(QPainter(self), QRectF(self.rect()), self._kind, self._colour, self._initials)
