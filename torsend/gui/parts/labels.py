"""Words that are only read: a line that elides, a paragraph of runs, a rule."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from torsend.gui.theme import REGULAR, STRONG, font, look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

LINE_HEIGHTS = {11: 16, 12: 16, 13: 20, 14: 22, 20: 28, 24: 32}


class Label(QLabel):
    """One line in one of the tokens' colours; never anything but plain text.

    Too long for its place, it elides in the middle and shows all of it as a tooltip.

    Args:
        colour: the name of a token, as in ``"text2"``.
    """

    def __init__(
        self,
        text: str = "",
        px: int = 13,
        weight: int = REGULAR,
        colour: str = "text",
        *,
        mono: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(px, weight, mono=mono))
        self._px, self._mono = px, mono
        self._line_height = LINE_HEIGHTS.get(px, math.ceil(px * 1.5))
        self._colour = colour
        self._own_tip = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(" ".join(text.splitlines()))
        self.updateGeometry()
        self.update()

    def set_colour(self, name: str) -> None:
        """Another token's colour."""
        self._colour = name
        self.update()

    def set_weight(self, weight: int) -> None:
        """Thicker or thinner letters."""
        self.setFont(font(self._px, weight, mono=self._mono))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetricsF(self.font()).horizontalAdvance(self.text())
        return QSize(math.ceil(width), self._line_height)

    def minimumSizeHint(self) -> QSize:
        few = QFontMetricsF(self.font()).horizontalAdvance(self.text()[:4] + "…")
        return QSize(min(math.ceil(few), self.sizeHint().width()), self._line_height)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        tokens = look().tokens
        painter.setPen(tokens.named(self._colour) if self.isEnabled() else tokens.text3)
        painter.setFont(self.font())
        shown = elided(self.text(), self.font(), self.width())
        self._tell_all_if(shown != self.text())
        painter.drawText(
            QRectF(self.rect()),
            (self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask) | Qt.AlignmentFlag.AlignVCenter,
            shown,
        )

    def _tell_all_if(self, cut: bool) -> None:
        if cut != self._own_tip:
            self._own_tip = cut
            self.setToolTip(plain_tip(self.text()) if cut else "")


def plain_tip(text: str) -> str:
    """A tooltip that Qt will not take for markup: a name from outside may look like some."""
    return f"<p>{html.escape(text)}</p>".replace("\n", "<br>")


def elided(text: str, with_font: QFont, width: float) -> str:
    """The text, its middle left out where it is wider than there is room for."""
    return QFontMetricsF(with_font).elidedText(text, Qt.TextElideMode.ElideMiddle, width + 0.5)


class Paragraph(QWidget):
    """Some lines of words, wrapped, with a fixed line height; runs may be strong.

    Not a label with markup: what stands in a run is shown as it is.

    Args:
        most: lines that are shown; of the last one the middle is left out, and all of it is a tooltip. 0 for all lines.
    """

    def __init__(
        self,
        runs: str | Sequence[tuple[str, bool]] = "",
        px: int = 12,
        colour: str = "text2",
        *,
        strong_colour: str = "text",
        line_height: int | None = None,
        most: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._most = most
        self._px = px
        self._colour = colour
        self._strong_colour = strong_colour
        self._line_height = line_height or LINE_HEIGHTS.get(px, math.ceil(px * 1.5))
        self._runs: tuple[tuple[str, bool], ...] = ()
        # Not Fixed: then Qt would hold it to the height of its hint, which knows no width.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_runs(runs)

    def set_runs(self, runs: str | Sequence[tuple[str, bool]]) -> None:
        """The words, as ``(text, strong)`` one after the other."""
        self._runs = ((runs, False),) if isinstance(runs, str) else tuple(runs)
        self.setAccessibleName(self.text())
        self.updateGeometry()
        self.update()

    def set_colour(self, name: str) -> None:
        """Another token's colour for what is not strong."""
        self._colour = name
        self.update()

    def text(self) -> str:
        """All runs as one sentence."""
        return "".join(text for text, _ in self._runs)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        count = max(1, self._lines(width).lineCount())
        return (min(count, self._most) if self._most else count) * self._line_height

    def sizeHint(self) -> QSize:
        width = self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else 320
        return QSize(min(width, self._natural()), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self._line_height)

    def _natural(self) -> int:
        return math.ceil(QFontMetricsF(font(self._px, STRONG)).horizontalAdvance(self.text())) + 1

    def _lines(self, width: float) -> QTextLayout:
        layout = QTextLayout(self.text(), font(self._px))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        tokens = look().tokens
        formats, at = [], 0
        for text, strong in self._runs:
            form = QTextCharFormat()
            form.setFont(font(self._px, STRONG if strong else REGULAR))
            form.setForeground(tokens.named(self._strong_colour if strong else self._colour))
            one = QTextLayout.FormatRange()
            one.start, one.length, one.format = at, _utf16_length(text), form
            formats.append(one)
            at += _utf16_length(text)
        layout.setFormats(formats)
        layout.beginLayout()
        y = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 20))
            line.setPosition(QPointF(0, y + (self._line_height - line.height()) / 2))
            y += self._line_height
        layout.endLayout()
        return layout

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setPen(look().tokens.named(self._colour))
        lines = self._lines(self.width())
        cut = 0 < self._most < lines.lineCount()
        if self._most and cut != bool(self.toolTip()):
            self.setToolTip(plain_tip(self.text()) if cut else "")
        if not cut:
            lines.draw(painter, QPointF(0, 0))
            return
        for at in range(self._most - 1):
            lines.lineAt(at).draw(painter, QPointF(0, 0))
        last = lines.lineAt(self._most - 1)
        rest = self.text().encode("utf-16-le")[2 * last.textStart() :].decode("utf-16-le")
        box = QRectF(0, (self._most - 1) * self._line_height, self.width(), self._line_height)
        painter.setFont(font(self._px))
        painter.drawText(
            box,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            elided(rest, font(self._px), self.width()),
        )


def _utf16_length(text: str) -> int:
    # Half a character too: Python writes each byte of a path so that is no UTF-8 (PEP 383).
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Separator(QWidget):
    """A rule of one pixel."""

    def __init__(
        self,
        orientation: Qt.Orientation = Qt.Orientation.Horizontal,
        *,
        colour: str = "line",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._colour = colour
        if orientation == Qt.Orientation.Horizontal:
            self.setFixedHeight(1)
        else:
            self.setFixedWidth(1)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(self.rect(), look().tokens.named(self._colour))
