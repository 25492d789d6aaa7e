"""The main window's frame: the sidebar with its pages, and pages that take the whole window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from torsend.gui.geometry import geometry_of, hold, put_back
from torsend.gui.parts.whole import Pages
from torsend.gui.problem import ProblemBanner
from torsend.gui.sidebar import Page, Sidebar
from torsend.gui.theme import look
from torsend.settings import Geometry

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QHideEvent, QMoveEvent, QPaintEvent, QResizeEvent

    from torsend.tor.status import TorStatus

WIDTH, HEIGHT = 1200, 800
LEAST_WIDTH, LEAST_HEIGHT = 960, 640
"""Smaller it gets where a screen has no room for that, and no other way."""
USEFUL_WIDTH, USEFUL_HEIGHT = 880, 440
"""Smaller than that, what stands beside the sidebar tells nothing any more, and nothing does in less height: it rather
scrolls.
"""
SETTLE_MS = 500
"""A window that is being dragged says where it is once it lies still."""


class Shell(QWidget):
    """Holds the pages given to it; knows none of them.

    Signals:
        write_requested: a new mail.
        tor_pressed: the state of Tor was pressed.
        page_shown: the ``Page`` that is shown now.
        view_changed: another page is shown, beside the sidebar or over the whole window.
        new_circuit_pressed: the keys for a new circuit, with a page beside the sidebar shown.
        geometry_changed: a ``Geometry`` to remember.
        close_requested: the window is about to close; it stays open until the one who hears it closes it with
            ``close_now``, if ``ask_before_close`` is set.
    """

    write_requested = Signal()
    tor_pressed = Signal()
    page_shown = Signal(Page)
    view_changed = Signal()
    new_circuit_pressed = Signal()
    geometry_changed = Signal(Geometry)
    close_requested = Signal()

    def __init__(self, *, demo: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("torsend")
        self.resize(WIDTH, HEIGHT)
        self.ask_before_close = False
        self._normal: Geometry | None = None
        self._pages: dict[Page, QWidget] = {}
        self._focus: dict[QWidget, QWidget] = {}
        inner = QWidget()
        self._outer = outer = QVBoxLayout(inner)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        hold(self, inner, QSize(LEAST_WIDTH, LEAST_HEIGHT), QSize(0, USEFUL_HEIGHT))
        self._whole = Pages()
        outer.addWidget(self._whole)
        self._main = QWidget()
        self._main.setMinimumWidth(USEFUL_WIDTH)
        row = QHBoxLayout(self._main)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.sidebar = Sidebar(demo=demo)
        row.addWidget(self.sidebar)
        right = QVBoxLayout()
        right.setSpacing(0)
        self.banner = ProblemBanner()
        right.addWidget(self.banner)
        self._stack = Pages()
        right.addWidget(self._stack, 1)
        row.addLayout(right, 1)
        self._whole.addWidget(self._main)
        self.sidebar.write_requested.connect(self.write_requested)
        self.sidebar.page_requested.connect(self.show_page)
        self.sidebar.tor_pressed.connect(self.tor_pressed)
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(SETTLE_MS)
        self._still.timeout.connect(self._tell_geometry)
        self._keys()
        look().changed.connect(self.update)

    def _keys(self) -> None:
        # Parented to what is shown beside the sidebar: with a page over the whole window they rest.
        def key(sequence: str) -> QShortcut:
            return QShortcut(QKeySequence(sequence), self._main)

        key("Ctrl+N").activated.connect(self.write_requested)
        key("Ctrl+Shift+L").activated.connect(self.new_circuit_pressed)
        key("F1").activated.connect(lambda: self.show_page(Page.HELP))
        key("F6").activated.connect(self.next_region)
        for number, page in enumerate(self.sidebar.pages(), 1):
            key(f"Ctrl+{number}").activated.connect(lambda page=page: self.show_page(page))

    # Pages

    def add_page(self, page: Page, widget: QWidget) -> None:
        """A page beside the sidebar; the first one is shown."""
        self._pages[page] = widget
        self._stack.addWidget(widget)
        if len(self._pages) == 1:
            self.sidebar.show_page(page)

    def add_full(self, widget: QWidget) -> None:
        """A page that takes the whole window when it is shown."""
        self._whole.addWidget(widget)

    def remove_full(self, widget: QWidget) -> None:
        """A page that is not needed any more; if it is shown, the pages beside the sidebar are."""
        if self._whole.currentWidget() is widget:
            self.leave_full()
        self._whole.removeWidget(widget)
        widget.deleteLater()

    def add_strip(self, widget: QWidget) -> None:
        """What stands above all pages while it is shown."""
        self._outer.insertWidget(0, widget)

    def show_page(self, page: Page) -> None:
        """Shows that page beside the sidebar; before any was added, there is nothing to show."""
        if page not in self._pages:
            return
        held: QWidget | None = self.focusWidget()
        before = self._stack.currentWidget()
        leaves = before is not self._pages[page] and held is not None and self._stack.isAncestorOf(held)
        self._whole.setCurrentWidget(self._main)
        self._stack.setCurrentWidget(self._pages[page])
        self.sidebar.show_page(page)
        if leaves:
            # Qt would choose what comes next, whatever that does when it is pressed.
            self.sidebar.item(page).setFocus(Qt.FocusReason.OtherFocusReason)
        self.page_shown.emit(page)
        self.view_changed.emit()

    def show_full(self, widget: QWidget) -> None:
        """Shows one over the whole window; ``leave_full`` brings the page before it back."""
        focus: QWidget | None = self.focusWidget()
        if self._whole.currentWidget() is self._main and focus is not None:
            self._focus[self._main] = focus
        self._whole.setCurrentWidget(widget)
        self.view_changed.emit()

    def leave_full(self) -> None:
        """Back to the page beside the sidebar, and to where the keyboard was."""
        if self._whole.currentWidget() is self._main:
            return
        self._whole.setCurrentWidget(self._main)
        before = self._focus.pop(self._main, None)
        if before is not None and self._main.isAncestorOf(before):
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.page_shown.emit(self.page())
        self.view_changed.emit()

    def page(self) -> Page:
        """The page beside the sidebar, shown or behind."""
        current = self._stack.currentWidget()
        return next((page for page, widget in self._pages.items() if widget is current), Page.OUTBOX)

    def full(self) -> QWidget | None:
        """What takes the whole window now, if anything does."""
        current = self._whole.currentWidget()
        return None if current is self._main else current

    def set_tor(self, status: TorStatus) -> None:
        """How Tor stands."""
        self.sidebar.set_tor(status)

    def set_outbox_count(self, count: int) -> None:
        """How many mails wait."""
        self.sidebar.set_count(Page.OUTBOX, count)

    # Keyboard

    def next_region(self) -> None:
        """From the sidebar to the page and back."""
        focus: QWidget | None = self.focusWidget()
        page = self._stack.currentWidget()
        if page is not None and focus is not None and self.sidebar.isAncestorOf(focus):
            first = _first_within(page)
            if first is not None:
                first.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return
        self.sidebar.item(self.page()).setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Where it is

    def set_geometry_of(self, geometry: Geometry) -> None:
        """Puts the window where it was, as far as there still is a screen."""
        put_back(self, geometry)
        self._normal = geometry

    def geometry_now(self) -> Geometry:
        """Where the window is, or would be were it not maximised."""
        now = geometry_of(self, self._normal)
        self._normal = now
        return now

    def _tell_geometry(self) -> None:
        if self.isVisible():
            self.geometry_changed.emit(self.geometry_now())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._still.start()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        if self.isVisible():
            self._still.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._still.stop()
        super().hideEvent(event)

    # Closing

    def close_now(self) -> None:
        """Closes without asking."""
        self.ask_before_close = False
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.isVisible():
            self.geometry_changed.emit(self.geometry_now())
        if self.ask_before_close:
            event.ignore()
        self.close_requested.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(self.rect(), look().tokens.surf)


def _first_within(page: QWidget) -> QWidget | None:
    """What Tab would come to first."""
    target: QWidget | None = page.nextInFocusChain()
    while target is not None and target is not page:
        wanted = target.focusPolicy() & Qt.FocusPolicy.TabFocus
        if wanted and target.isEnabled() and page.isAncestorOf(target) and target.isVisibleTo(page):
            return target
        target = target.nextInFocusChain()
    return None
