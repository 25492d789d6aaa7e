"""A short word with a sign in a box: a property of something."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from torsend.gui import icons
from torsend.gui.parts.labels import elided
from torsend.gui.theme import RADIUS_TAG, font, look

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

SIGN = 11
LEAST_WORD = 36
"""Pixels; less of a word tells nothing."""


class Tag(QWidget):
    """Where there is no room for all of the word, its sign stands alone.

    Args:
    colour: the token of sign and word.
    """

    def __init__(
        self, word: str, icon: str, colour: str = "text2", *, tip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._word, self._icon, self._colour = word, icon, colour
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(word)
        self.setToolTip(tip)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not tip)

    def word(self) -> str:
        """What it says."""
        return self._word

    def sizeHint(self) -> QSize:
        return QSize(math.ceil(QFontMetricsF(font(11)).horizontalAdvance(self._word)) + SIGN + 19, 18)

    def minimumSizeHint(self) -> QSize:
        return QSize(SIGN + 14, 18)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tokens.edge, 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_TAG, RADIUS_TAG)
        colour = tokens.named(self._colour)
        room = self.width() - SIGN - 17
        with_word = room >= min(LEAST_WORD, self.sizeHint().width() - SIGN - 19)
        left = 7 if with_word else (self.width() - SIGN) / 2
        icons.paint(
            painter, self._icon, QRectF(left, (self.height() - SIGN) / 2, SIGN, SIGN), colour, stroke=1.7
        )
        if not with_word:
            return
        painter.setPen(colour)
        painter.setFont(font(11))
        metrics = QFontMetricsF(font(11))
        painter.drawText(
            QPointF(SIGN + 12, round(self.height() / 2 + (metrics.ascent() - metrics.descent()) / 2)),
            elided(self._word, font(11), room),
        )
