"""The way around: write, the pages, and how Tor stands."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from torsend.gui import icons
from torsend.gui.logo import Logo
from torsend.gui.parts import tab_order
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.labels import Separator, elided, plain_tip
from torsend.gui.theme import MEDIUM, RADIUS_CONTROL, REGULAR, font, look
from torsend.gui.tor_words import tor_words
from torsend.tor.status import TorStatus
from torsend.words import t, tn

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

WIDTH = 208


class Page(enum.StrEnum):
    """The pages beside the sidebar."""

    OUTBOX = "outbox"
    IDENTITIES = "identities"
    ARRIVED = "arrived"
    """Only in the demo: what its server received."""
    HELP = "help"
    """Not in the demo: the first steps once more, and what is kept on this computer."""


class _Item(QAbstractButton):
    """A sign, a word, and perhaps a number at its end."""

    def __init__(self, label: str, icon: str) -> None:
        super().__init__()
        self._icon, self._icon_colour = icon, ""
        self._end = ""
        self.setText(label)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_icon(self, icon: str, colour: str) -> None:
        """Another sign, in a token's own colour."""
        self._icon, self._icon_colour = icon, colour
        self.update()

    def set_end(self, text: str) -> None:
        """What stands at its end."""
        self._end = text
        self.update()

    def end(self) -> str:
        """What stands at its end now."""
        return self._end

    def sizeHint(self) -> QSize:
        return QSize(WIDTH - 24, 32)

    def focus_shape(self) -> tuple[QRect, int]:
        return self.rect().adjusted(2, 2, -2, -2), RADIUS_CONTROL - 2

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.sel)
            painter.drawRoundedRect(QRectF(self.rect()), RADIUS_CONTROL, RADIUS_CONTROL)
        words = tokens.text if self.isChecked() else tokens.text2
        sign = tokens.named(self._icon_colour) if self._icon_colour else words
        place = QRectF(10, self.height() / 2 - 8, 16, 16)
        if self._icon == "dot-ring":
            painter.setPen(sign)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(place.center(), 4, 4)
        else:
            icons.paint(painter, self._icon, place, sign)
        used = font(13, MEDIUM if self.isCheckable() else REGULAR)
        metrics = QFontMetricsF(used)
        base = round(self.height() / 2 + (metrics.ascent() - metrics.descent()) / 2)
        end = QFontMetricsF(font(13)).horizontalAdvance(self._end)
        painter.setFont(used)
        painter.setPen(words)
        room = self.width() - 36 - 10 - (end + 8 if self._end else 0)
        painter.drawText(QPointF(36, base), elided(self.text(), used, room))
        if self._end:
            painter.setFont(font(13))
            painter.setPen(tokens.text2)
            painter.drawText(QPointF(self.width() - 10 - end, base), self._end)


class Sidebar(QWidget):
    """Signals:
    write_requested: a new mail.
    page_requested: a ``Page``.
    tor_pressed: the state of Tor was pressed.
    """

    write_requested = Signal()
    page_requested = Signal(Page)
    tor_pressed = Signal()

    def __init__(self, *, demo: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(t("Sidebar"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 22, 13, 12)
        column.setSpacing(2)
        logo = Logo()
        column.addWidget(logo)
        logo.setContentsMargins(10, 0, 0, 0)
        column.addSpacing(20)
        self.write = Button(t("Write"), ButtonKind.FILLED, icon="pencil")
        self.write.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.write.clicked.connect(self.write_requested)
        column.addWidget(self.write)
        column.addSpacing(14)
        self._group = QButtonGroup(self)
        self._items: dict[Page, _Item] = {}
        self._add(column, Page.OUTBOX, t("Outbox"), "outbox")
        self._add(column, Page.IDENTITIES, t("Identities"), "people")
        if demo:
            self._add(column, Page.ARRIVED, t("What arrived"), "envelope")
        else:
            self._add(column, Page.HELP, t("Help and data"), "question-ring")
        column.addStretch(1)
        rule = QVBoxLayout()
        rule.setContentsMargins(10, 0, 10, 6)
        rule.addWidget(Separator())
        column.addLayout(rule)
        self.tor = _Item("", "dot")
        self.tor.clicked.connect(self.tor_pressed)
        column.addWidget(self.tor)
        self.set_tor(TorStatus())

    def _add(self, column: QVBoxLayout, page: Page, label: str, icon: str) -> None:
        item = _Item(label, icon)
        item.setCheckable(True)
        self._group.addButton(item)
        self._items[page] = item
        item.clicked.connect(lambda: self.page_requested.emit(page))
        column.addWidget(item)

    def pages(self) -> tuple[Page, ...]:
        """The pages that can be gone to, from the top."""
        return tuple(self._items)

    def item(self, page: Page) -> QAbstractButton:
        """The entry of that page."""
        return self._items[page]

    def show_page(self, page: Page | None) -> None:
        """Marks the page that is shown; ``None`` is none of them."""
        if page is not None:
            self._items[page].setChecked(True)
            tab_order.one_stop(self._items.values())
            return
        self._group.setExclusive(False)
        for item in self._items.values():
            item.setChecked(False)
        self._group.setExclusive(True)

    def set_count(self, page: Page, count: int) -> None:
        """How much waits there; nothing is shown for none."""
        if page not in self._items:
            return
        item = self._items[page]
        item.set_end(str(count) if count else "")
        name = item.text()
        item.setAccessibleName(
            tn("{name}, {n} mail", "{name}, {n} mails", count, name=name) if count else name
        )

    def set_tor(self, status: TorStatus) -> None:
        """How Tor stands."""
        words = tor_words(status)
        self.tor.setText(words.text)
        self.tor.set_icon(words.shape, words.colour)
        self.tor.setAccessibleName(words.text)
        trouble = status.trouble
        self.tor.setToolTip(plain_tip(trouble.what) if trouble is not None else t("How torsend reaches Tor"))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.sunk)
        painter.fillRect(QRect(self.width() - 1, 0, 1, self.height()), tokens.line)
