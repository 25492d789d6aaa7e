"""The foot of the compose window: how far the mail has come, and the route it takes; folded, one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from torsend.gui import icons
from torsend.gui.parts import Button, ButtonKind, Label
from torsend.gui.parts.labels import elided
from torsend.gui.phases import PhasesLine
from torsend.gui.ribbon import ICONS, Ribbon, paint_tag, tag_width
from torsend.gui.route_view import RouteView, StopKind, Wrap
from torsend.gui.theme import STRONG, font, look
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from torsend.delivery.lane import Progress

FOLDED_HEIGHT = 48
OPEN_HEIGHT = 152


class RouteStrip(QWidget):
    """Headline or phases, and the ribbon under it.

    Signals:
        new_circuit_requested: the person wants another circuit.
        folded: whether it was folded just now, to be remembered.
    """

    new_circuit_requested = Signal()
    folded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._route: RouteView | None = None
        self.ribbon = Ribbon()
        self.phases = PhasesLine()
        self._title = Label(t("Route"), weight=STRONG)
        self._headline = Label(colour="text2")
        self._note = Label(colour="text2")
        self._renew = Button(
            t("New circuit"), ButtonKind.QUIET, icon="refresh", name=t("New circuit for this sender")
        )
        self._fold = Button("", ButtonKind.QUIET, icon="chevron-down", name=t("Fold the route"))
        self._thin = _FoldedRoute()
        self._build()
        self._renew.clicked.connect(self.new_circuit_requested)
        self._fold.clicked.connect(lambda: self._fold_by_hand(not self.is_folded()))
        self.set_folded(False)

    def _build(self) -> None:
        resting = QWidget()
        row = QHBoxLayout(resting)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addWidget(self._headline, 1)
        row.addWidget(self._renew)
        moving = QWidget()
        row = QHBoxLayout(moving)
        row.setContentsMargins(0, 0, 10, 0)
        row.setSpacing(16)
        row.addWidget(self.phases, 1)
        row.addWidget(self._note)
        self._top = QStackedWidget()
        self._top.addWidget(resting)
        self._top.addWidget(moving)
        self._top.addWidget(self._thin)
        line = QHBoxLayout()
        line.setContentsMargins(24, 1, 14, 0)
        line.setSpacing(0)
        line.addWidget(self._top, 1)
        line.addWidget(self._fold)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 1, 0, 0)
        whole.setSpacing(0)
        self._line = QWidget()
        self._line.setLayout(line)
        whole.addWidget(self._line)
        whole.addWidget(self.ribbon)

    def set_route(self, route: RouteView) -> None:
        """What is drawn."""
        self._route = route
        self.ribbon.set_route(route)
        self._thin.set_route(route)
        self._headline.setText(route.headline)
        self._renew.setEnabled(route.can_renew)

    def set_progress(self, progress: Progress | None, provider: str, colour: str, note: str) -> None:
        """The phases instead of the headline while a mail is on its way; ``None``: the headline again."""
        self._note.setText(note)
        # That the mail can still be called back is read whole; of the phases the one that is now is enough.
        self._note.setMinimumWidth(self._note.sizeHint().width())
        self._sending = progress is not None
        if progress is not None:
            self.phases.set_progress(progress, provider, colour)
        self._choose_top()

    _sending = False

    def is_folded(self) -> bool:
        """Whether only one line shows."""
        return self.ribbon.isHidden()

    def set_folded(self, folded: bool) -> None:
        """Folds or unfolds, telling nobody."""
        self.ribbon.setVisible(not folded)
        self._line.setFixedHeight(FOLDED_HEIGHT - 1 if folded else OPEN_HEIGHT - 1 - self.ribbon.height())
        self.setFixedHeight(FOLDED_HEIGHT if folded else OPEN_HEIGHT)
        self._fold.set_icon("chevron-up" if folded else "chevron-down")
        self._fold.set_name(t("Unfold the route") if folded else t("Fold the route"))
        self._choose_top()

    def _fold_by_hand(self, folded: bool) -> None:
        self.set_folded(folded)
        self.folded.emit(folded)

    def _choose_top(self) -> None:
        self._fold.setVisible(not self._sending or self.is_folded())
        self._top.setCurrentIndex(1 if self._sending else 2 if self.is_folded() else 0)

    def stops_for_tab(self) -> tuple[QWidget, ...]:
        """In the order in which Tab comes to them."""
        return (self.ribbon, self._renew, self._fold)

    def request_new_circuit(self) -> None:
        """As if the button were pressed."""
        if self._renew.isEnabled() and not self._sending:
            self.new_circuit_requested.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(QRectF(0, 0, self.width(), 1), look().tokens.line)


class _FoldedRoute(QWidget):
    """The stops on one line, between them a bar in the colour of the outermost sheath."""

    def __init__(self) -> None:
        super().__init__()
        self._route: RouteView | None = None

    def set_route(self, route: RouteView) -> None:
        self._route = route
        self.setAccessibleName(route.spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self._route is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = look().tokens
        words = font(13)
        metrics = QFontMetricsF(words)
        middle = self.height() / 2
        base = round(middle + (metrics.ascent() - metrics.descent()) / 2)
        painter.setFont(font(13, STRONG))
        painter.setPen(tokens.text)
        painter.drawText(QPointF(0, base), t("Route"))
        start = QFontMetricsF(font(13, STRONG)).horizontalAdvance(t("Route")) + 24
        stops = self._route.stops
        fixed = sum(22 + (tag_width(one.country) + 6 if one.country else 0) for one in stops)
        room = self.width() - start - 24 - fixed - (len(stops) - 1) * 20
        longest = max(40.0, (room - 24 * (len(stops) - 1)) / len(stops))
        names = [elided(one.name, words, longest) for one in stops]
        bar = (room - sum(metrics.horizontalAdvance(name) for name in names)) / (len(stops) - 1)
        x = start
        for i, (stop, name) in enumerate(zip(stops, names, strict=True)):
            you = stop.kind is StopKind.YOU and self._route.colour
            colour = tokens.identity[self._route.colour] if you else tokens.text2
            icons.paint(painter, ICONS[stop.kind], QRectF(x, middle - 7, 14, 14), colour)
            painter.setFont(words)
            painter.setPen(tokens.text if stop.known else tokens.text2)
            painter.drawText(QPointF(x + 20, base), name)
            x += 20 + metrics.horizontalAdvance(name)
            if stop.country:
                x += 6 + paint_tag(painter, stop.country, x + 6, middle, tokens)
            if i < len(stops) - 1:
                x += 12
                self._paint_bar(painter, i, QRectF(x, middle - 3, max(4.0, bar), 6))
                x += max(4.0, bar) + 10

    def _paint_bar(self, painter: QPainter, at: int, box: QRectF) -> None:
        assert self._route is not None  # noqa: S101  # only painted with one
        tokens = look().tokens
        colours = {
            Wrap.TOR: (tokens.tor_fill, tokens.tor_line),
            Wrap.TLS: (tokens.tls_fill, tokens.tls_line),
            Wrap.OPENPGP: (tokens.pgp_fill, tokens.pgp_line),
        }
        outermost = next(
            (one.wrap for one in self._route.sheaths if one.wrap in colours and one.first <= at < one.last),
            None,
        )
        if outermost is None:
            dots = QPen(tokens.text3, 2, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
            dots.setDashPattern([1.1, 1.9])
            painter.setPen(dots)
            painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
            return
        fill, line = colours[outermost]
        painter.setPen(QPen(line, 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
