"""A scrolling column of real widgets of which only the visible ones exist.

A delegate that paints buttons would hide them from the keyboard and from screen readers; ten thousand row widgets
would take seconds. So a row is made when it comes into view and thrown away when it has left. Heights of rows that
were never seen are guesses; when a row turns out taller, what is above the view's top edge stays where it is.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from torsend.gui.parts import tab_order
from torsend.gui.parts.scroll import ScrollBar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PySide6.QtGui import QResizeEvent

SINGLE_STEP = 24
"""Pixels that one notch of the scroll bar moves."""


class LazyRows(QAbstractScrollArea):
    """Shows rows by key; makes those that are in view.

    Args:
        make: builds the widget of a key.
        guess: its height in pixels as long as it was never built.
        inset: left and right margin of the rows in pixels; the scroll bar stands outside of it.
    """

    current_changed = Signal(str)

    def __init__(
        self,
        make: Callable[[str], QWidget],
        guess: Callable[[str], int],
        inset: tuple[int, int] = (0, 0),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._guess = guess
        self._inset = inset
        self._keys: tuple[str, ...] = ()
        self._index: dict[str, int] = {}
        self._heights: list[int] = []
        self._ends: list[int] = []
        self._rows: dict[str, QWidget] = {}
        self._current: str | None = None
        self._placing = False
        self._made = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBar(ScrollBar(Qt.Orientation.Vertical))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().setSingleStep(SINGLE_STEP)

    # What is shown

    def set_keys(self, keys: Sequence[str]) -> None:
        """Shows these rows in this order; rows that stay keep their widget and the view its place."""
        anchor = self._anchor()
        old_heights = {key: self._heights[at] for key, at in self._index.items() if key in self._rows}
        self._keys = tuple(keys)
        self._index = {key: at for at, key in enumerate(self._keys)}
        self._heights = [old_heights.get(key) or self._guess(key) for key in self._keys]
        for key in [key for key in self._rows if key not in self._index]:
            self._drop(key)
        if self._current not in self._index:
            self._current = self._keys[0] if self._keys else None
        self._place(anchor)

    def rebuild(self, key: str) -> None:
        """The row's content changed: makes it anew if it is in view, else guesses its height again."""
        if key not in self._index:
            return
        anchor = self._anchor()
        had_focus = key in self._rows and self._holds_focus(self._rows[key])
        self._heights[self._index[key]] = self._guess(key)
        if key in self._rows:
            self._drop(key)
        self._place(anchor)
        if had_focus and key in self._rows:
            self._rows[key].setFocus(Qt.FocusReason.OtherFocusReason)

    def remeasure(self, key: str) -> None:
        """The row in view may have another height now."""
        if key in self._rows:
            self._place(self._anchor())

    def row(self, key: str) -> QWidget | None:
        """The widget of a key, where one exists now."""
        return self._rows.get(key)

    def built(self) -> int:
        """How many widgets exist now."""
        return len(self._rows)

    @property
    def current(self) -> str | None:
        """The key that the keyboard stands on."""
        return self._current

    def go_to(self, key: str) -> None:
        """Scrolls the row into view and gives it the focus."""
        if key not in self._index:
            return
        self._current = key
        self._scroll_to(key)
        row = self._rows.get(key)
        if row is not None:
            row.setFocus(Qt.FocusReason.TabFocusReason)
        self.current_changed.emit(key)

    # Places

    def _anchor(self) -> tuple[str, int] | None:
        """The row at the view's top edge and how far it is scrolled past that edge."""
        if not self._ends:
            return None
        top = self.verticalScrollBar().value()
        at = min(bisect_right(self._ends, top), len(self._keys) - 1)
        return self._keys[at], top - self._start(at)

    def _start(self, at: int) -> int:
        return self._ends[at - 1] if at else 0

    def _width(self) -> int:
        # Of the whole area, not of the viewport: the scroll bar comes and goes in the margin, and nothing moves.
        return max(0, self.width() - sum(self._inset))

    def _place(self, anchor: tuple[str, int] | None = None) -> None:
        """Makes, measures and moves what is in view. Measuring may bring other rows in, so it runs until it fits."""
        if self._placing:
            return
        self._placing = True
        try:
            for _ in range(4):
                self._ends = list(accumulate(self._heights))
                self._set_range(anchor)
                if not self._measure_visible():
                    break
        finally:
            self._placing = False
        visible = tuple(self._visible())
        top = self.verticalScrollBar().value()
        for key in [key for key in self._rows if key not in visible]:
            if self._holds_focus(self._rows[key]):
                # Thrown away, it would take the focus with it: it waits out of sight.
                self._rows[key].move(self._inset[0], -self._rows[key].height() - 1)
            else:
                self._drop(key)
        for key in visible:
            at = self._index[key]
            row = self._rows[key]
            row.setGeometry(self._inset[0], self._start(at) - top, self._width(), self._heights[at])
            row.show()
        if self._made:
            self._made = False
            tab_order.chain(
                self, (one for key in visible for one in tab_order.reached_by_tab(self._rows[key]))
            )

    def _set_range(self, anchor: tuple[str, int] | None) -> None:
        bar = self.verticalScrollBar()
        total = self._ends[-1] if self._ends else 0
        bar.setRange(0, max(0, total - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        if anchor is not None and anchor[0] in self._index:
            bar.setValue(self._start(self._index[anchor[0]]) + anchor[1])

    def _measure_visible(self) -> bool:
        changed = False
        for key in self._visible():
            row = self._rows.get(key)
            if row is None:
                row = self._rows[key] = self._make(key)
                row.setParent(self.viewport())
                self._made = True
                row.installEventFilter(self)
            row.ensurePolished()
            width = self._width()
            height = row.heightForWidth(width) if row.hasHeightForWidth() else row.sizeHint().height()
            at = self._index[key]
            if height != self._heights[at]:
                self._heights[at] = height
                changed = True
        return changed

    def _visible(self) -> Iterator[str]:
        top = self.verticalScrollBar().value()
        bottom = top + self.viewport().height()
        at = bisect_right(self._ends, top)
        while at < len(self._keys) and self._start(at) < bottom:
            yield self._keys[at]
            at += 1

    def _drop(self, key: str) -> None:
        row = self._rows.pop(key, None)
        if row is None:  # gone meanwhile: hiding the one before moved the focus, and that places rows anew
            return
        row.removeEventFilter(self)
        row.hide()
        row.deleteLater()

    @staticmethod
    def _holds_focus(row: QWidget) -> bool:
        focus: QWidget | None = row.window().focusWidget()
        return focus is not None and (focus is row or row.isAncestorOf(focus))

    def _scroll_to(self, key: str) -> None:
        # The first pass brings it into view by a guess; once it is measured, the second knows its height.
        for _ in range(2):
            at = self._index[key]
            bar = self.verticalScrollBar()
            if self._start(at) < bar.value():
                bar.setValue(self._start(at))
            elif self._ends[at] > bar.value() + self.viewport().height():
                bar.setValue(self._ends[at] - self.viewport().height())
            self._place()

    # Events

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: ARG002  # Qt's
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.oldSize().width() != event.size().width():
            anchor = self._anchor()
            self._heights = [self._guess(key) for key in self._keys]
            self._place(anchor)
        else:
            self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self._current = next((key for key, row in self._rows.items() if row is watched), self._current)
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._moved(event):
            return True
        elif event.type() == QEvent.Type.LayoutRequest and not self._placing:
            self._place(self._anchor())
        return super().eventFilter(watched, event)

    def _moved(self, event: QKeyEvent) -> bool:
        if not self._keys or self._current is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        at = self._index[self._current]
        page = max(1, len(list(self._visible())) - 1)
        steps = {
            Qt.Key.Key_Up: at - 1,
            Qt.Key.Key_Down: at + 1,
            Qt.Key.Key_PageUp: at - page,
            Qt.Key.Key_PageDown: at + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self._keys) - 1,
        }
        to = steps.get(Qt.Key(event.key()))
        if to is None:
            return False
        self.go_to(self._keys[max(0, min(to, len(self._keys) - 1))])
        return True
