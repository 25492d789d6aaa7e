"""All that stands in a window: as large as the window, and scrolled where the screen has no room for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from torsend.gui.parts.scroll import ScrollArea, ScrollBar

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

AROUND = 16
"""Pixels round what has the keyboard that are scrolled into sight with it: its ring, and a little of its place."""


class Whole(ScrollArea):
    """Holds one widget. In a window of at least ``enough`` nothing scrolls; in a smaller one the widget gets narrower and
    lower as far as it can and as far as ``least`` says, and then scrolls, both ways. What has the keyboard comes into
    sight, and stays there when the page grows, until somebody scrolls.

    A screen of 1024 × 600, with letters twice as large, has room for 512 × 300.
    """

    def __init__(
        self, inner: QWidget, enough: QSize, least: QSize | None = None, parent: QWidget | None = None
    ) -> None:
        self._held = _Held(inner, enough, least or QSize(0, 0))
        self._follows = False
        super().__init__(self._held, parent)
        self._held.resized.connect(self._page_grew)
        self.setHorizontalScrollBar(ScrollBar(Qt.Orientation.Horizontal))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.actionTriggered.connect(self._somebody_scrolled)
        app = QApplication.instance()
        assert isinstance(app, QApplication)  # noqa: S101  # there is no widget without one
        app.focusChanged.connect(self._focus_moved)
        app.inputMethod().cursorRectangleChanged.connect(self._cursor_moved)

    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._held.isAncestorOf(now):
            # After those that it stands in have scrolled.
            QTimer.singleShot(0, self, self._show_focus)

    def _show_focus(self) -> None:
        focus: QWidget | None = QApplication.focusWidget()
        if focus is not None and self._held.isAncestorOf(focus):
            self._show(focus, focus.rect())
            self._follows = True

    def _page_grew(self) -> None:
        # A row that wraps gets its height only once it is as wide as it will be: after it was scrolled to.
        QTimer.singleShot(0, self, self._follow)

    def _follow(self) -> None:
        if self._follows:
            self._show_focus()

    def _somebody_scrolled(self, _how: int) -> None:
        self._follows = False

    def _cursor_moved(self) -> None:
        focus: QWidget | None = QApplication.focusWidget()
        if focus is not None and self._held.isAncestorOf(focus):
            cursor = focus.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
            if isinstance(cursor, QRectF):
                cursor = cursor.toRect()
            if isinstance(cursor, QRect) and focus.rect().contains(cursor.center()):
                self._show(focus, cursor)

    def _show(self, widget: QWidget, part: QRect) -> None:
        """Scrolls so that this part of the widget is in sight; of too large a one, where it begins."""
        place = QRect(widget.mapTo(self._held, part.topLeft()), part.size())
        around = 2 * AROUND
        place.setSize(place.size().boundedTo(self.viewport().size() - QSize(around, around)))
        for corner in (place.bottomRight(), place.topLeft()):
            self.ensureVisible(corner.x(), corner.y(), AROUND, AROUND)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._held.settle(self.viewport().width())
        super().resizeEvent(event)


class _Held(QWidget):
    """Gives the widget all of its own size. Without a layout: an area would give one as much height as it likes best,
    where the least is enough.
    """

    resized = Signal()

    def __init__(self, inner: QWidget, enough: QSize, least: QSize) -> None:
        super().__init__()
        self._inner = inner
        self._enough = enough
        self._least = least
        self._width = enough.width()
        inner.setParent(self)
        self.settle(enough.width())

    def settle(self, width: int) -> None:
        """As small as the widget can be in a window of that width, and never more than what is enough."""
        self._width = width
        least = self._inner.minimumSizeHint()
        layout = self._inner.layout()
        if layout is not None and layout.hasHeightForWidth():
            least.setHeight(layout.minimumHeightForWidth(max(width, least.width())))
        self.setMinimumSize(least.expandedTo(self._least).boundedTo(self._enough))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: ARG002
        self._inner.setGeometry(self.rect())
        self.resized.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.settle(self._width)
        return super().event(event)


class Pages(QStackedWidget):
    """Pages of which one is shown, and which is as small as that one can be, and as its least size says: Qt's own is as
    large as the largest.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currentChanged.connect(lambda _at: self.updateGeometry())

    def hasHeightForWidth(self) -> bool:
        # Its pages scroll; what they would like best is no least.
        return False

    def sizeHint(self) -> QSize:
        page = self.currentWidget()
        return super().sizeHint() if page is None else page.sizeHint()

    def minimumSizeHint(self) -> QSize:
        page = self.currentWidget()
        if page is None:
            return super().minimumSizeHint()
        return page.minimumSizeHint().expandedTo(page.minimumSize())
