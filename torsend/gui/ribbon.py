"""The ribbon: stops on a thread, and what the mail is wrapped in on its way, sheath round sheath."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QLocale, QPointF, QRect, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from torsend.gui import icons
from torsend.gui.parts.labels import elided
from torsend.gui.route_view import RouteView, Sheath, Stop, StopKind, Wrap
from torsend.gui.theme import MEDIUM, RADIUS_TAG, Tokens, font, look
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent

HEIGHT = 116
MARGIN = 88
"""From the ribbon's edge to the middle of the first and of the last stop."""
LABEL_MIDDLE = 9
THREAD_MIDDLE = 43
NAME_MIDDLE = 79
NOTE_MIDDLE = 97
STOP_RADIUS = 13
RING = 1.5
SMALL_RADIUS = 4
SHEATHS = {Wrap.TOR: 42, Wrap.TLS: 28, Wrap.OPENPGP: 14}
HIDDEN_GAP = 44
"""Between the server's own three relays."""

ICONS = {
    StopKind.YOU: "laptop",
    StopKind.GUARD: "shield",
    StopKind.BRIDGE: "bridge",
    StopKind.MIDDLE: "middle",
    StopKind.EXIT: "exit",
    StopKind.MEETING: "meeting",
    StopKind.HIDDEN: "link",
    StopKind.PROVIDER: "server",
    StopKind.ONION: "onion",
    StopKind.PERSON: "person",
}


def country_name(code: str) -> str:
    """``"Germany"`` for ``"DE"``; the code itself where nobody knows it."""
    territory = QLocale.codeToTerritory(code)
    return QLocale.territoryToString(territory) if territory != QLocale.Country.AnyTerritory else code


def spoken_stop(stop: Stop) -> str:
    """``"larkspur, guard, Germany, reached"``."""
    parts = [stop.name, stop.note]
    if stop.country:
        parts.append(country_name(stop.country))
    if stop.reached:
        parts.append(t("reached"))
    return ", ".join(part for part in parts if part)


def fitting(words: str, short: str, with_font: QFont, room: float) -> str:
    """The words where there is room for them, else those that say less in fewer letters, if there are such."""
    fits = QFontMetricsF(with_font).horizontalAdvance(words) <= room
    return words if fits or not short else short


def paint_tag(painter: QPainter, text: str, left: float, middle: float, tokens: Tokens) -> float:
    """A country's two letters in a frame; how wide it became."""
    width = tag_width(text)
    box = QRectF(round(left) + 0.5, round(middle) - 7.5, width - 1, 15)
    painter.setPen(QPen(tokens.edge, 1))
    painter.setBrush(tokens.surf)
    painter.drawRoundedRect(box, RADIUS_TAG - 0.5, RADIUS_TAG - 0.5)
    painter.setPen(tokens.text2)
    painter.setFont(font(11, MEDIUM))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    return width


def tag_width(text: str) -> float:
    """How wide ``paint_tag`` makes it."""
    return round(QFontMetricsF(font(11, MEDIUM)).horizontalAdvance(text)) + 10


class _StopPlace(QWidget):
    """Where a stop is, for the keyboard and for screen readers; the ribbon paints it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def focus_shape(self) -> tuple[QRect, int]:
        centre = QRect(self.width() // 2 - STOP_RADIUS, 0, 2 * STOP_RADIUS, 2 * STOP_RADIUS)
        return centre, STOP_RADIUS


class Ribbon(QWidget):
    """Draws a ``RouteView``. Tab comes to it as a whole; the arrow keys go from stop to stop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._route: RouteView | None = None
        self._places: list[_StopPlace] = []
        self._shown = 0.0
        self._motion = QVariantAnimation(self)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.valueChanged.connect(self._move_thread)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)

    def set_route(self, route: RouteView) -> None:
        """Another route, or the same one further on."""
        before = self._route
        self._route = route
        if before is None or len(before.stops) != len(route.stops):
            for place in self._places:
                place.deleteLater()
            self._places = [_StopPlace(self) for _ in route.stops]
            for place in self._places:
                place.show()
            self._lay_places()
        for place, stop in zip(self._places, route.stops, strict=True):
            place.setAccessibleName(spoken_stop(stop))
        self.setAccessibleName(route.spoken)
        self._advance(route.fraction or 0.0)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(1200, HEIGHT)

    # Where things are

    def centres(self) -> list[float]:
        """The middle of each stop: even steps, the server's own relays within the last step but one."""
        if self._route is None:
            return []
        count = len(self._route.stops)
        room = self.width() - 2 * MARGIN
        if all(stop.kind is not StopKind.HIDDEN for stop in self._route.stops):
            return [MARGIN + room * i / (count - 1) for i in range(count)]
        # The way beyond the server is as long as on a route with an exit, so that nothing jumps between them.
        last = room / 5
        step = (room - last) / (count - 2)
        return [MARGIN + step * i for i in range(count - 1)] + [MARGIN + room]

    def _lay_places(self) -> None:
        centres = self.centres()
        step = min((b - a for a, b in itertools.pairwise(centres)), default=100.0)
        for place, x in zip(self._places, centres, strict=True):
            top = THREAD_MIDDLE - STOP_RADIUS
            place.setGeometry(round(x - step / 2), top, round(step), HEIGHT - top)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: ARG002
        self._lay_places()

    # Moving

    def _advance(self, fraction: float) -> None:
        self._motion.stop()
        if look().animation_ms == 0 or not self.isVisible() or fraction < self._shown:
            self._shown = fraction
            return
        self._motion.setDuration(look().animation_ms)
        self._motion.setStartValue(self._shown)
        self._motion.setEndValue(fraction)
        self._motion.start()

    def _move_thread(self, value: object) -> None:
        if isinstance(value, float):
            self._shown = value
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._places:
            super().keyPressEvent(event)
            return
        focused = next((i for i, place in enumerate(self._places) if place.hasFocus()), None)
        at = (0 if step > 0 else len(self._places) - 1) if focused is None else focused + step
        if 0 <= at < len(self._places):
            self._places[at].setFocus(Qt.FocusReason.TabFocusReason)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self._route is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = look().tokens
        centres = self.centres()
        for sheath in self._route.sheaths:
            self._paint_sheath(painter, tokens, sheath.wrap, centres[sheath.first], centres[sheath.last])
            left, right = centres[sheath.label_from], centres[sheath.last]
            # The last label may reach under its neighbour's end: beyond it there is room.
            room = right - left + (24 if sheath.last == len(centres) - 1 else -32)
            self._paint_label(painter, tokens, sheath, (left + right) / 2, room)
        self._paint_thread(painter, tokens, centres)
        for stop, x in zip(self._route.stops, centres, strict=True):
            self._paint_stop(painter, tokens, stop, x)
            self._paint_words(painter, tokens, stop, x, self._room(centres))

    def _paint_sheath(self, painter: QPainter, tokens: Tokens, wrap: Wrap, left: float, right: float) -> None:
        colours = {
            Wrap.TOR: (tokens.tor_fill, tokens.tor_line),
            Wrap.TLS: (tokens.tls_fill, tokens.tls_line),
            Wrap.OPENPGP: (tokens.pgp_fill, tokens.pgp_line),
        }
        if wrap not in colours:
            return
        fill, line = colours[wrap]
        radius = SHEATHS[wrap] / 2
        painter.setBrush(fill)
        painter.setPen(QPen(line, 1))
        box = QRectF(left - radius, THREAD_MIDDLE - radius, right - left + 2 * radius, 2 * radius)
        painter.drawRoundedRect(box, radius, radius)

    def _paint_label(
        self, painter: QPainter, tokens: Tokens, sheath: Sheath, middle: float, room: float
    ) -> None:
        colours = {Wrap.TOR: tokens.tor, Wrap.TLS: tokens.tls, Wrap.OPENPGP: tokens.pgp}
        colour = colours.get(sheath.wrap, tokens.text2)
        used = font(12, MEDIUM)
        label = fitting(sheath.label, sheath.short, used, room)
        self._centred(painter, label, used, colour, (middle, LABEL_MIDDLE), room)

    def _paint_thread(self, painter: QPainter, tokens: Tokens, centres: list[float]) -> None:
        route = self._route
        assert route is not None  # noqa: S101  # only painted with one
        y = float(THREAD_MIDDLE)
        server = centres[route.visible_until]
        painter.setPen(QPen(tokens.thread, 2))
        painter.drawLine(QPointF(centres[0], y), QPointF(server, y))
        dots = QPen(tokens.text3, 2, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
        dots.setDashPattern([1.1, 1.9])
        painter.setPen(dots)
        painter.drawLine(QPointF(server + STOP_RADIUS + 3, y), QPointF(centres[-1] - STOP_RADIUS, y))
        if route.fraction is not None and self._shown > 0:
            painter.setPen(QPen(self._own(tokens), 4, c=Qt.PenCapStyle.RoundCap))
            painter.drawLine(
                QPointF(centres[0], y), QPointF(centres[0] + (server - centres[0]) * self._shown, y)
            )

    def _own(self, tokens: Tokens) -> QColor:
        """The sender's colour."""
        return tokens.identity[self._route.colour] if self._route and self._route.colour else tokens.primary

    def _paint_stop(self, painter: QPainter, tokens: Tokens, stop: Stop, x: float) -> None:
        own = self._own(tokens)
        centre = QPointF(x, THREAD_MIDDLE)
        ring = own if stop.reached else tokens.text2 if stop.known else tokens.input_edge
        if stop.kind is StopKind.HIDDEN:
            painter.setPen(QPen(ring, RING))
            painter.setBrush(tokens.surf)
            for shift in (-HIDDEN_GAP, 0, HIDDEN_GAP):
                painter.drawEllipse(QPointF(x + shift, THREAD_MIDDLE), SMALL_RADIUS, SMALL_RADIUS)
            return
        sign = QRectF(x - 7.5, THREAD_MIDDLE - 7.5, 15, 15)
        if stop.kind is StopKind.YOU:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(own)
            painter.drawEllipse(centre, STOP_RADIUS + RING / 2, STOP_RADIUS + RING / 2)
            on = tokens.on_identity if self._route and self._route.colour else tokens.on_primary
            icons.paint(painter, ICONS[stop.kind], sign, on)
            return
        pen = QPen(ring, RING)
        if not stop.known:
            pen.setDashPattern([2.0, 2.0])
        painter.setPen(pen)
        painter.setBrush(tokens.surf)
        painter.drawEllipse(centre, STOP_RADIUS, STOP_RADIUS)
        icons.paint(painter, ICONS[stop.kind], sign, ring)

    def _room(self, centres: list[float]) -> float:
        return min((b - a for a, b in itertools.pairwise(centres)), default=160.0) - 12

    def _paint_words(self, painter: QPainter, tokens: Tokens, stop: Stop, x: float, room: float) -> None:
        room = min(room, 2 * (self.width() - x) - 16, 2 * x - 16)
        name_colour = tokens.text if stop.known else tokens.text2
        self._centred(painter, stop.name, font(13, MEDIUM), name_colour, (x, NAME_MIDDLE), room)
        tag = tag_width(stop.country) + 8 if stop.country else 0.0
        note_font = font(12)
        shown = elided(fitting(stop.note, stop.short, note_font, room - tag), note_font, room - tag)
        width = QFontMetricsF(note_font).horizontalAdvance(shown)
        left = x - (width + tag) / 2
        note_colour = tokens.text2 if stop.known else tokens.text3
        self._centred(painter, shown, note_font, note_colour, (left + width / 2, NOTE_MIDDLE), room)
        if stop.country:
            paint_tag(painter, stop.country, left + width + 8, NOTE_MIDDLE, tokens)

    @staticmethod
    def _centred(
        painter: QPainter,
        text: str,
        with_font: QFont,
        colour: QColor,
        middle: tuple[float, float],
        room: float,
    ) -> None:
        metrics = QFontMetricsF(with_font)
        shown = elided(text, with_font, room)
        x = middle[0] - metrics.horizontalAdvance(shown) / 2
        painter.setFont(with_font)
        painter.setPen(colour)
        painter.drawText(QPointF(x, round(middle[1] + (metrics.ascent() - metrics.descent()) / 2)), shown)
