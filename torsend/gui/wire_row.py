"""One section of what leaves: its lines in fixed pitch, beside them what they give away; under the mouse both are lit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from torsend.delivery.wire_text import Who
from torsend.gui import icons
from torsend.gui.parts import Paragraph
from torsend.gui.theme import font, look
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QColor, QEnterEvent, QPaintEvent, QResizeEvent

    from torsend.delivery.wire_text import WireLine, WireSection

LINE = 18
PAD = 8
INDENT = 46
RIGHT = 8
ARROW_AT, ARROW = 24, 12
SHARE = 0.567
"""Of the width, for the lines themselves."""
WORDS = (20, 6, 24, 7)
"""Room round the explanation: left, above, right, below."""
SPOKEN = 8
"""Lines that a screen reader is told of a section; the rest is counted."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """As much of a line as fits."""

    text: str
    who: Who
    begins: bool


class WireRow(QWidget):
    """One section. It names itself to a screen reader by its explanation, and describes itself by its lines.

    Args:
        colour: of the identity that sends; empty: none.
    """

    def __init__(
        self, section: WireSection, provider: str, colour: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._section = section
        self._colour = colour
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words = Paragraph(
            ((section.title, True), (f" {section.sentence}", False)), 13, "text2", parent=self
        )
        self.setAccessibleName(f"{section.title} {section.sentence}".strip() or t("Not explained."))
        self.setAccessibleDescription(spoken(section, provider))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        edge = _edge(width)
        lines = len(pieces(self._section.lines, _room(edge))) * LINE + 2 * PAD
        words = self.words.heightForWidth(width - edge - WORDS[0] - WORDS[2]) + WORDS[1] + WORDS[3]
        return max(lines, words) + 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        edge = _edge(self.width())
        room = self.width() - edge - WORDS[0] - WORDS[2]
        self.words.setGeometry(edge + WORDS[0], WORDS[1], room, self.words.heightForWidth(room))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def focus_shape(self) -> tuple[QRect, int]:
        return self.rect().adjusted(4, 4, -4, -5), 4

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        tokens = look().tokens
        edge, height = _edge(self.width()), self.height()
        own = tokens.identity[self._colour] if self._colour else tokens.primary
        lit = self.underMouse() or self.hasFocus()
        painter.fillRect(0, 0, edge, height, tokens.tint(own) if lit else tokens.surf)
        painter.fillRect(edge, 0, self.width() - edge, height, tokens.tint(own) if lit else tokens.win)
        painter.fillRect(edge, 0, 1, height, tokens.line)
        painter.fillRect(0, height - 1, self.width(), 1, tokens.line)
        used = font(12, mono=True)
        painter.setFont(used)
        metrics = QFontMetricsF(used)
        base = (LINE + metrics.ascent() - metrics.descent()) / 2
        for at, piece in enumerate(pieces(self._section.lines, _room(edge))):
            top = PAD + at * LINE
            colour = self._colour_of(piece, own)
            if piece.begins and piece.who in (Who.OURS, Who.THEIRS):
                box = QRectF(ARROW_AT, top + (LINE - ARROW) / 2, ARROW, ARROW)
                icons.paint(painter, "arrow-right" if piece.who is Who.OURS else "arrow-left", box, colour)
            text = tokens.text if piece.who is Who.OURS else colour
            painter.setPen(text if piece.begins else tokens.text2)
            painter.drawText(QPointF(INDENT, round(top + base)), piece.text)

    @staticmethod
    def _colour_of(piece: _Piece, own: QColor) -> QColor:
        tokens = look().tokens
        match piece.who:
            case Who.OURS:
                return own
            case Who.MAIL:
                return tokens.text
            case Who.THEIRS | Who.NOTE:
                return tokens.text3


def guessed_height(section: WireSection) -> int:
    """In pixels, before the row was ever built."""
    return max(len(section.lines) * LINE, 40) + 2 * PAD + 1


def pieces(lines: tuple[WireLine, ...], width: float) -> list[_Piece]:
    """Each line in as many pieces as it needs."""
    advance = QFontMetricsF(font(12, mono=True)).horizontalAdvance("0")
    fit = max(16, math.floor(width / advance))
    return [
        _Piece(line.text[at : at + fit], line.who, at == 0)
        for line in lines
        for at in range(0, max(1, len(line.text)), fit)
    ]


def spoken(section: WireSection, provider: str) -> str:
    """The lines, with who says them."""
    told = []
    for line in section.lines[:SPOKEN]:
        match line.who:
            case Who.OURS:
                told.append(t("you say: {line}", line=line.text.replace("•", "").strip()))
            case Who.THEIRS:
                told.append(t("{provider} answers: {line}", provider=provider, line=line.text))
            case Who.MAIL | Who.NOTE:
                told.append(line.text)
    if len(section.lines) > SPOKEN:
        told.append(t("and {n} lines", n=len(section.lines) - SPOKEN))
    return "\n".join(told)


def _edge(width: int) -> int:
    return round(width * SHARE)


def _room(edge: int) -> int:
    return edge - INDENT - RIGHT
