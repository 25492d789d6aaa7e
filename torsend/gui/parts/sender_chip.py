"""Who sends: the chip after *From*."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from torsend.gui import icons
from torsend.gui.parts.avatar import paint_avatar
from torsend.gui.parts.buttons import press_on_enter
from torsend.gui.parts.labels import elided, plain_tip
from torsend.gui.theme import RADIUS_CHIP, STRONG, font, look, mix
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent

AVATAR = 24
HEIGHT = 36


class SenderChip(QAbstractButton):
    """Shape, name and address of an identity in its colour.

    Pressed, it asks for another one; locked, it only shows.

    With no identity it says what to do instead.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = self._colour = self._initials = self._name = self._address = ""
        self._locked = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._tell()

    def set_identity(
        self,
        kind: str,
        colour: str,
        initials: str,
        name: str,
        address: str,
        kind_word: str = "",
        colour_word: str = "",
    ) -> None:
        """Whose chip it is; an empty name is nobody's. The last two are kind and colour as they are said."""
        self._kind, self._colour, self._initials = kind, colour, initials
        self._name, self._address = name, address
        self._tell(kind_word or kind, colour_word or colour)
        self.updateGeometry()
        self.update()

    def set_locked(self, locked: bool) -> None:
        """While a mail is on its way its sender stays."""
        self._locked = locked
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if locked else Qt.FocusPolicy.TabFocus)
        self.updateGeometry()
        self.update()

    def locked(self) -> bool:
        return self._locked

    def _tell(self, kind: str = "", colour: str = "") -> None:
        if self._name:
            words = t("From {name}, {kind}, {colour}", name=self._name, kind=kind, colour=colour)
        else:
            words = t("From nobody yet. Choose a sender")
        self.setAccessibleName(words)
        self.setToolTip("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        press_on_enter(self, event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def focus_shape(self) -> tuple[QRect, int]:
        return self.rect(), RADIUS_CHIP

    def _words(self) -> tuple[str, str]:
        return (self._name, self._address) if self._name else (t("Choose a sender"), "")

    def _room_for_words(self) -> tuple[float, float]:
        name, address = self._words()
        return (
            QFontMetricsF(font(13, STRONG)).horizontalAdvance(name),
            QFontMetricsF(font(13)).horizontalAdvance(address),
        )

    def sizeHint(self) -> QSize:
        name, address = self._room_for_words()
        start = 7 + AVATAR + 8 if self._name else 14
        gap = 8 if address else 0
        end = 11 if self._locked else 7 + 16 + 10
        return QSize(math.ceil(start + name + gap + address + end), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(160, self.sizeHint().width()), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = look().tokens
        box = QRectF(self.rect())
        if self._name:
            fill = tokens.tint(tokens.identity[self._colour])
            edge = tokens.tint_line(tokens.identity[self._colour])
        else:
            fill, edge = tokens.surf, tokens.input_edge
        if self.underMouse() and not self._locked:
            fill = mix(fill, tokens.text, 0.06)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CHIP - 0.5, RADIUS_CHIP - 0.5)
        x = 14.0
        if self._name:
            paint_avatar(painter, QRectF(7, 6, AVATAR, AVATAR), self._kind, self._colour, self._initials)
            x = 7.0 + AVATAR + 8
        end = 11 if self._locked else 33
        self._paint_words(painter, x, box.width() - end)
        if not self._locked:
            icons.paint(painter, "chevron-down", QRectF(box.width() - 26, 10, 16, 16), tokens.text2)

    def _paint_words(self, painter: QPainter, x: float, right: float) -> None:
        tokens = look().tokens
        name, address = self._words()
        name_width, address_width = self._room_for_words()
        room = right - x
        gap = 8 if address else 0
        if name_width + gap + address_width > room + 1:
            # The name matters more than the address, but neither may vanish.
            name_width = min(name_width, max(room * 0.55, room - gap - address_width))
        name = elided(name, font(13, STRONG), name_width)
        address = elided(address, font(13), room - name_width - gap)
        self.setToolTip("" if (name, address) == self._words() else plain_tip("\n".join(self._words())))
        middle = HEIGHT / 2
        for words, weight, colour, at in (
            (name, STRONG, tokens.text, x),
            (address, 400, tokens.text2, x + name_width + gap),
        ):
            painter.setFont(font(13, weight))
            painter.setPen(colour)
            metrics = QFontMetricsF(font(13, weight))
            painter.drawText(QPointF(at, round(middle + (metrics.ascent() - metrics.descent()) / 2)), words)
