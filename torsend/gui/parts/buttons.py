"""Buttons: filled, outlined, quiet, link and plain."""

from __future__ import annotations

import enum
import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from torsend.gui import icons
from torsend.gui.parts.labels import elided
from torsend.gui.theme import MEDIUM, RADIUS_CONTROL, REGULAR, STRONG, Tokens, font, look, mix

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QEnterEvent, QKeyEvent, QPaintEvent

ICON = 16
GAP = 8


class ButtonKind(enum.Enum):
    """How much a button asks to be pressed."""

    FILLED = "filled"
    OUTLINED = "outlined"
    QUIET = "quiet"
    LINK = "link"
    PLAIN = "plain"
    """Words alone, without room around them."""


class Button(QAbstractButton):
    """A button of words, of a sign, or of both.

    Args:
        icon: the name of a sign; with no label the button is a square of it and needs ``name``.
        small: 28 high and in small type instead of 32.
        chevron: a sign at its end that says that it opens something.
        name: what a screen reader says; the label where left out.
        pad: the room on either side, where the kind's own will not do.
    """

    def __init__(
        self,
        label: str = "",
        kind: ButtonKind = ButtonKind.OUTLINED,
        *,
        icon: str = "",
        small: bool = False,
        chevron: bool = False,
        name: str = "",
        pad: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind = kind
        self._icon = icon
        self._small = small
        self._chevron = chevron
        self._fill: QColor | None = None
        self._tone = ""
        self._name = name
        self._pad = pad
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setText(label)

    def setText(self, text: str) -> None:
        # An ampersand is a character here, not a key: nothing of ours uses Qt's mnemonics.
        super().setText(text)
        self.setAccessibleName(self._name or text)
        self.updateGeometry()
        self.update()

    def set_icon(self, name: str) -> None:
        """Another sign."""
        self._icon = name
        self.update()

    def set_name(self, name: str) -> None:
        """Another name for screen readers than the label."""
        self._name = name
        self.setAccessibleName(name or self.text())

    def set_fill(self, colour: QColor | None) -> None:
        """Fills a filled button with an identity's colour; ``None`` is the neutral one again."""
        self._fill = colour
        self.update()

    def set_tone(self, token: str) -> None:
        """Words in another token's colour, as in ``"decide"`` for what deletes; empty: the kind's own."""
        self._tone = token
        self.update()

    # Sizes

    def _font(self) -> QFont:
        small = self._small or self._kind is ButtonKind.LINK
        weight = {ButtonKind.FILLED: STRONG, ButtonKind.QUIET: REGULAR, ButtonKind.PLAIN: REGULAR}
        if self._tone:
            return font(12 if small else 13, MEDIUM)
        if self._small and self._kind is ButtonKind.QUIET:
            return font(12, MEDIUM)
        return font(12 if small else 13, weight.get(self._kind, MEDIUM))

    def _side(self) -> int:
        if self._pad is not None:
            return self._pad
        if not self.text():
            return 9 if not self._small else 6
        if self._kind in {ButtonKind.LINK, ButtonKind.PLAIN}:
            return 0
        if self._small:
            return 11
        return {ButtonKind.FILLED: 17, ButtonKind.OUTLINED: 13}.get(self._kind, 11)

    def _content_width(self) -> float:
        words = QFontMetricsF(self._font()).horizontalAdvance(self.text()) if self.text() else 0.0
        sign = ICON if self._icon else 0
        gap = GAP if self._icon and self.text() else 0
        chevron = (GAP + ICON) if self._chevron else 0
        return words + sign + gap + chevron

    def sizeHint(self) -> QSize:
        if self._kind in {ButtonKind.LINK, ButtonKind.PLAIN}:
            return QSize(math.ceil(self._content_width() + 2 * self._side()), 20)
        return QSize(math.ceil(self._content_width() + 2 * self._side()), 28 if self._small else 32)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 48), self.sizeHint().height())

    def focus_shape(self) -> tuple[QRect, int]:
        """Where the ring goes round, and how round it is."""
        return self.rect(), RADIUS_CONTROL

    # Painting

    def keyPressEvent(self, event: QKeyEvent) -> None:
        press_on_enter(self, event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = look().tokens
        self._paint_ground(painter, tokens)
        words = self._words_colour(tokens)
        box = QRectF(self.rect())
        room = box.width() - 2 * self._side()
        x = box.left() + self._side() + max(0.0, (room - self._content_width()) / 2)
        middle = box.center().y()
        if self._icon:
            icons.paint(painter, self._icon, QRectF(x, middle - ICON / 2, ICON, ICON), words)
            x += ICON + (GAP if self.text() else 0)
        if self.text():
            end = (GAP + ICON) if self._chevron else 0
            left = box.right() - self._side() - end - x
            shown = elided(self.text(), self._font(), left)
            painter.setFont(self._font())
            painter.setPen(words)
            width = QFontMetricsF(self._font()).horizontalAdvance(shown)
            painter.drawText(QPointF(x, _baseline(self._font(), middle)), shown)
            if self._kind is ButtonKind.LINK:
                under = words if self.underMouse() and self.isEnabled() else tokens.edge
                painter.fillRect(QRectF(x, round(middle) + 8, width, 1), under)
            x += width
        if self._chevron:
            place = QRectF(x + GAP, middle - ICON / 2, ICON, ICON)
            icons.paint(painter, "chevron-down", place, tokens.text2 if self.isEnabled() else tokens.text3)

    def _words_colour(self, tokens: Tokens) -> QColor:
        if not self.isEnabled():
            return tokens.text3
        if self._tone:
            return tokens.named(self._tone)
        match self._kind:
            case ButtonKind.FILLED:
                return tokens.on_identity if self._fill is not None else tokens.on_primary
            case ButtonKind.QUIET:
                return tokens.text if self.isChecked() else tokens.text2
            case ButtonKind.PLAIN:
                return tokens.text if self.underMouse() else tokens.text3
            case _:
                return tokens.text

    def _paint_ground(self, painter: QPainter, tokens: Tokens) -> None:
        if self._kind in {ButtonKind.LINK, ButtonKind.PLAIN}:
            return
        hovered = self.underMouse() and self.isEnabled()
        inner = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._kind is ButtonKind.FILLED and self.isEnabled():
            fill = self._fill or tokens.primary
            if self.isDown() or hovered:
                fill = mix(fill, tokens.surf, 0.22 if self.isDown() else 0.12)
            painter.setBrush(fill)
            painter.drawRoundedRect(QRectF(self.rect()), RADIUS_CONTROL, RADIUS_CONTROL)
        elif self._kind is ButtonKind.QUIET:
            if self.isChecked() or hovered:
                painter.setBrush(tokens.sel)
                painter.drawRoundedRect(QRectF(self.rect()), RADIUS_CONTROL, RADIUS_CONTROL)
        else:
            painter.setPen(QPen(tokens.edge, 1))
            if self.isEnabled():
                painter.setBrush(tokens.sel if hovered else tokens.surf)
            painter.drawRoundedRect(inner, RADIUS_CONTROL, RADIUS_CONTROL)


def press_on_enter(button: QAbstractButton, event: QKeyEvent) -> None:
    """Qt's buttons know the space bar alone outside of dialogs; people press Enter. Leaves other keys unaccepted."""
    plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
    if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and plain:
        event.accept()
        if not event.isAutoRepeat():
            button.click()
    else:
        event.ignore()


def _baseline(with_font: QFont, middle: float) -> float:
    """Where words stand so that a line of them is centred: on a whole pixel, so that it is sharp."""
    metrics = QFontMetricsF(with_font)
    return round(middle + (metrics.ascent() - metrics.descent()) / 2)
