"""Where a window was, and where it comes again: as it was, as far as there still is a screen for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout

from torsend.gui.parts.whole import Whole
from torsend.settings import Geometry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

_TITLE = QSize(100, 24)
"""Pixels of its upper edge that must have been on a screen for the window to be put there: enough to see and to take."""

_FRAME = QSize(16, 56)
"""Pixels that a desktop's frame and panel may take of a screen which says that all of it is free."""


def least_of(enough: QSize, areas: Sequence[QRect] | None = None) -> QSize:
    """As small as a window must be able to get, so that all of it is in sight on each screen.

    Args:
        enough: smaller it needn't get, on whatever screen.
        areas: of each screen what windows may use; the screens that there are, where left out.
    """
    least = QSize(enough)
    for area in _areas() if areas is None else areas:
        least = least.boundedTo(area.size() - _FRAME)
    return least.expandedTo(QSize(1, 1))


def hold(window: QWidget, inner: QWidget, enough: QSize, least: QSize | None = None) -> None:
    """Makes ``inner`` all that stands in the window, and the window one that fits each screen: where ``enough`` is more
    than a screen has room for, it scrolls.

    Args:
        least: smaller ``inner`` would be of no use.
    """
    around = QVBoxLayout(window)
    around.setContentsMargins(0, 0, 0, 0)
    around.addWidget(Whole(inner, enough, least))
    window.setMinimumSize(least_of(enough))


def fit(window: QWidget, size: QSize) -> None:
    """Gives a window that opens for the first time that size, or as much of it as its screen has room for."""
    window.resize(size.boundedTo(window.screen().availableGeometry().size() - _FRAME))


def _areas() -> list[QRect]:
    return [screen.availableGeometry() for screen in QApplication.screens()]


def geometry_of(window: QWidget, before: Geometry | None = None) -> Geometry:
    """The corner of its frame, and its size without the frame: what ``move`` and ``resize`` take. With another corner it
    would wander by the height of its title, each time.

    Args:
        before: where it was last seen or put while it wasn't maximised. Qt's own note of that is the frame's corner or the
            content's, as it came about.
    """
    if not window.isMaximized():
        return Geometry(window.x(), window.y(), window.width(), window.height())
    if before is not None:
        return replace(before, maximised=True)
    box = window.normalGeometry()
    if box.isEmpty():
        box = window.geometry()
    return Geometry(box.x(), box.y(), box.width(), box.height(), maximised=True)


def put_back(window: QWidget, geometry: Geometry, *, where: bool = True) -> None:
    """Gives the window that size and, where the platform lets programs choose it, that place.

    Args:
        where: whether the place counts; windows of which there are several would lie on each other.
    """
    corner, size = placed(geometry, _areas(), window.minimumSize())
    window.resize(size)
    if where and corner is not None:
        window.move(corner)
    if geometry.maximised:
        window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)


def placed(geometry: Geometry, areas: Sequence[QRect], least: QSize) -> tuple[QPoint | None, QSize]:
    """Corner and size that fit onto one of the screens.

    Args:
        areas: of each screen what windows may use, the first screen's first.
        least: smaller it can't be.

    Returns:
        No corner where it was on none of the screens that there are: the platform knows a place.
    """
    title = QRect(geometry.x, geometry.y, max(geometry.width, _TITLE.width()), _TITLE.height())
    seen = [area.intersected(title) for area in areas]
    best = max(range(len(areas)), key=lambda at: seen[at].width(), default=None)
    wanted = QSize(geometry.width, geometry.height)
    if best is None:
        return None, wanted.expandedTo(least)
    there = seen[best].width() >= _TITLE.width() and seen[best].height() >= _TITLE.height()
    area = areas[best] if there else areas[0]
    size = wanted.boundedTo(area.size()).expandedTo(least)
    if not there:
        return None, size
    x = max(area.left(), min(geometry.x, area.left() + area.width() - size.width()))
    y = max(area.top(), min(geometry.y, area.top() + area.height() - size.height()))
    return QPoint(x, y), size
