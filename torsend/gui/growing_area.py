"""A place that grows with what it holds, up to a height; then it scrolls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from torsend.gui.parts import ScrollArea

MOST = 3 * 28 + 2 * 8 + 18
"""Three lines of chips, and so much of the fourth that one sees it."""


class GrowingArea(ScrollArea):
    """Holds a widget whose height follows from its width."""

    def __init__(self, inner: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(inner, parent)
        self._inner = inner
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        inner.installEventFilter(self)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return min(MOST, self._inner.heightForWidth(width))

    def sizeHint(self) -> QSize:
        return QSize(400, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, min(28, self.heightForWidth(self.width())))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
