"""The ring around what has the keyboard: two pixels, two pixels off, in the text's colour.

One overlay a window draws it, above everything else, since a widget cannot paint outside itself. It shows
when the focus came by key, not after a click. A widget may say what the ring goes round by a method
``focus_shape() -> (QRect in its own coordinates, radius)``; a widget whose ``focus_ring`` property is
``False`` needs none.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from torsend.gui.theme import RADIUS_CONTROL, look

WIDTH = 2
OFF = 2
REACH = WIDTH + OFF


class FocusRing(QObject):
    """Follows the focus of the whole application. Make one, and keep it."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._overlay: _Overlay | None = None
        self._of: QWidget | None = None
        self._by_key = False
        app.installEventFilter(self)
        app.focusChanged.connect(self._moved)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in {QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride}:
            self._by_key = True
        elif kind in {QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin}:
            self._by_key = False
            self._hide()
        elif (
            self._of is not None
            and kind in {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.Show}
            and isinstance(watched, QWidget)
            and (watched is self._of or watched.isAncestorOf(self._of))
        ):
            self._place()
        return False

    def _moved(self, old: QWidget | None, new: QWidget | None) -> None:  # noqa: ARG002
        self._of = new
        if new is None or not self._by_key or new.property("focus_ring") is False:
            self._hide()
            return
        self._place()

    def _hide(self) -> None:
        if self._overlay is not None:
            self._overlay.hide()

    def _place(self) -> None:
        widget = self._of
        if widget is None or not self._by_key:
            return
        window = widget.window()
        if not widget.isVisible() or widget is window:
            self._hide()
            return
        if self._overlay is None or self._overlay.parentWidget() is not window:
            self._discard()
            self._overlay = _Overlay(window)
            self._overlay.destroyed.connect(self._lost)
        shape = getattr(widget, "focus_shape", None)
        rect, radius = shape() if callable(shape) else (widget.rect(), RADIUS_CONTROL)
        self._overlay.show_round(
            QRect(widget.mapTo(window, rect.topLeft()), rect.size()), radius, _visible_part(widget, window)
        )

    def _discard(self) -> None:
        if self._overlay is not None:
            self._overlay.destroyed.disconnect(self._lost)
            self._overlay.deleteLater()
            self._overlay = None

    def _lost(self) -> None:
        self._overlay = None


def _visible_part(widget: QWidget, window: QWidget) -> QRect:
    """The part of the window where the ring may be drawn: what no scroll area cuts off."""
    shown = window.rect()
    above = widget.parentWidget()
    while above is not None and above is not window:
        if above.objectName() == "qt_scrollarea_viewport":
            shown = shown.intersected(QRect(above.mapTo(window, QPoint(0, 0)), above.size()))
        above = above.parentWidget()
    return shown


class _Overlay(QWidget):
    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inner = QRectF()
        self._radius = 0

    def show_round(self, rect: QRect, radius: int, within: QRect) -> None:
        place = rect.adjusted(-REACH, -REACH, REACH, REACH).intersected(within)
        self._inner = QRectF(rect.translated(-place.topLeft()))
        self._radius = radius
        self.setGeometry(place)
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look().tokens.text, WIDTH))
        off = OFF + WIDTH / 2
        painter.drawRoundedRect(
            self._inner.adjusted(-off, -off, off, off), self._radius + off, self._radius + off
        )
