"""A ground with a rule around it, on which something stands; in a severity's colours where it warns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from torsend.gui.theme import RADIUS_CARD, look

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


class Card(QWidget):
    """Args:
    tone: ``"look"``, ``"decide"``, or empty for the plain surface.
    edge: the token of the rule around it, where the tone's own will not do.
    """

    def __init__(self, tone: str = "", *, edge: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone, self._edge = tone, edge
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_tone(self, tone: str) -> None:
        """Another severity's colours."""
        self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = tokens.named(f"{self._tone}_fill") if self._tone else tokens.surf
        line = tokens.named(self._edge or (f"{self._tone}_line" if self._tone else "line"))
        painter.setBrush(fill)
        painter.setPen(QPen(line, 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CARD, RADIUS_CARD)
