"""Where a window was, and where it comes again: as it was, as far as there still is a screen for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication

from torsend.settings import Geometry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

_TITLE = QSize(100, 24)
"""Pixels of its upper edge that must have been on a screen for the window to be put there: enough to see and to take."""


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
    areas = [screen.availableGeometry() for screen in QApplication.screens()]
    corner, size = placed(geometry, areas, window.minimumSize())
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
