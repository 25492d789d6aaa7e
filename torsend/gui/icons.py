"""The signs of the window, drawn on a grid of 16 with strokes of 1.5 and round ends.

Each is a few strokes (and, rarely, a filled shape) in the grid's own units, so that it is sharp at every
scale and takes any colour. ``NAMES`` lists them all.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

if TYPE_CHECKING:
    from PySide6.QtCore import QRect

GRID = 16.0
STROKE = 1.5

# M x y: move; L x y: line; C x1 y1 x2 y2 x y: curve; Z: close; O x y r: circle; R x y w h r: rounded
# rectangle; A x y r from span: arc in degrees, counter-clockwise from three o'clock; H x y r: left half of a
# disc. All stroke; a leading ! fills.
_DRAWINGS: dict[str, str] = {
    "attach": (
        "M13.4 7.3 L7.9 12.8 C6.5 14.2 4.2 14.2 2.8 12.8 C1.4 11.4 1.4 9.1 2.8 7.7 L8.3 2.2 C9.2 1.3 10.7 "
        "1.3 11.6 2.2 C12.5 3.1 12.5 4.6 11.6 5.5 L6.2 10.9 C5.8 11.3 5.1 11.3 4.7 10.9 C4.3 10.5 4.3 9.8 "
        "4.7 9.4 L9.6 4.5"
    ),
    "lock": "R3 7 10 7 1.5 M5.2 7 L5.2 4.8 C5.2 3.2 6.4 2 8 2 C9.6 2 10.8 3.2 10.8 4.8 L10.8 7",
    "lock-open": "R3 7 10 7 1.5 M5.2 7 L5.2 4.8 C5.2 3.2 6.4 2 8 2 C9.4 2 10.4 2.8 10.7 4",
    "external": (
        "M6.5 3 L3.5 3 C2.7 3 2 3.7 2 4.5 L2 12.5 C2 13.3 2.7 14 3.5 14 L11.5 14 C12.3 14 13 13.3 13 12.5 "
        "L13 9.5 M9.5 2 L14 2 L14 6.5 M13.8 2.2 L7.5 8.5"
    ),
    "panel": "R2 3 12 10 1.5 M9.5 3 L9.5 13",
    "clock": "O8 8 6 M8 4.8 L8 8 L10.2 9.5",
    "chevron-down": "M4.5 6.3 L8 9.8 L11.5 6.3",
    "chevron-up": "M4.5 9.8 L8 6.3 L11.5 9.8",
    "chevron-right": "M6.3 4.5 L9.8 8 L6.3 11.5",
    "refresh": "A8 8 5.2 -20 -290 M13.3 2.6 L13.3 6 L9.9 6",
    "close": "M4.2 4.2 L11.8 11.8 M11.8 4.2 L4.2 11.8",
    "laptop": "R3.5 3.5 9 6.5 1 M1.8 12.5 L14.2 12.5",
    "shield": "M8 2 L13 3.8 L13 7.8 C13 10.8 11 12.9 8 14 C5 12.9 3 10.8 3 7.8 L3 3.8 Z",
    "bridge": (
        "M1.8 11.5 L14.2 11.5 M3.5 11.5 L3.5 13.2 M12.5 11.5 L12.5 13.2 M2 9.5 C4 5 12 5 14 9.5 M8 6.2 L8 "
        "11.5"
    ),
    "middle": "O8 8 2.6",
    "exit": (
        "M6.2 3 L4 3 C3.4 3 3 3.4 3 4 L3 12 C3 12.6 3.4 13 4 13 L6.2 13 M6.8 8 L13.4 8 M10.9 5.4 L13.5 8 "
        "L10.9 10.6"
    ),
    "meeting": "O5.9 8 2.9 O10.1 8 2.9",
    "server": "R2.5 2.8 11 4.4 1 R2.5 8.8 11 4.4 1 M5 5 L5 5 M5 11 L5 11",
    "person": "O8 5 2.6 M2.8 13.6 C3.1 10.9 5.2 9.8 8 9.8 C10.8 9.8 12.9 10.9 13.2 13.6",
    "people": (
        "O6 5.2 2.4 M1.6 13.2 C1.9 10.8 3.6 9.7 6 9.7 C8.4 9.7 10.1 10.8 10.4 13.2 M10.2 3 C11.5 3.1 12.4 4 "
        "12.4 5.2 C12.4 6.4 11.6 7.2 10.6 7.4 M12.2 9.9 C13.5 10.3 14.3 11.4 14.4 13.2"
    ),
    "onion": (
        "M8 1.8 C8.2 3.8 13 5.6 13 9.6 C13 12.3 10.8 14.2 8 14.2 C5.2 14.2 3 12.3 3 9.6 C3 5.6 7.8 3.8 8 "
        "1.8 Z M8.2 6.2 C6.6 7.6 5.6 8.8 5.6 10.1 C5.6 11.3 6.6 12 8 12 C9.4 12 10.2 11.2 10.2 10.2 C10.2 "
        "9.2 9.2 8.6 8.2 9.4"
    ),
    "brand": "R1.2 3.2 13.6 9.6 4.8 R3.4 5.4 9.2 5.2 2.6 M6 8 L6.2 8 M8 8 L10 8",
    "image": "R2 2.5 12 11 1.5 O5.6 6 1.1 M2.4 11.6 L5.8 8.6 L8 10.6 L10.8 7.6 L13.8 10.6",
    "file": (
        "M9.2 1.8 L4.5 1.8 C3.9 1.8 3.5 2.2 3.5 2.8 L3.5 13.2 C3.5 13.8 3.9 14.2 4.5 14.2 L11.5 14.2 C12.1 "
        "14.2 12.5 13.8 12.5 13.2 L12.5 5.1 Z M9 2 L9 5.3 L12.4 5.3"
    ),
    "diamond": "M8 1.2 L14.8 8 L8 14.8 L1.2 8 Z M8 5 L8 8.4 M8 10.9 L8 10.9",
    "triangle": "M8 2 L14.6 13.5 L1.4 13.5 Z M8 6.4 L8 9.2 M8 11.4 L8 11.4",
    "tick-ring": "O8 8 6.4 M5.2 8.2 L7.2 10.2 L10.9 6.2",
    "question-ring": (
        "O8 8 6.4 M6.2 6.6 C6.2 5.5 7 4.9 8 4.9 C9 4.9 9.8 5.6 9.8 6.5 C9.8 7.7 8 7.8 8 9.1 M8 11.2 L8 11.2"
    ),
    "ring": "O8 8 6.4",
    "ring-small": "O8 8 4.4",
    "dot": "!O8 8 4.6",
    "half-dot": "O8 8 4.2 !H8 8 4.2",
    "half-ring": "A8 8 6 90 -180",
    "tick": "M3.4 8.4 L6.6 11.6 L12.8 4.6",
    "key": "O4.4 8 2.5 M6.9 8 L14 8 L14 10.6 M11.2 8 L11.2 10.2",
    "outbox": (
        "M8 10 L8 2.2 M4.9 5.2 L8 2.1 L11.1 5.2 M2 9.6 L2 12.5 C2 13.3 2.7 14 3.5 14 L12.5 14 C13.3 14 14 "
        "13.3 14 12.5 L14 9.6"
    ),
    "download": "M8 2.2 L8 10 M4.9 7 L8 10.1 L11.1 7 M2.5 13.6 L13.5 13.6",
    "search": "O6.8 6.8 4.6 M10.3 10.3 L14 14",
    "pencil": (
        "M2.6 13.4 L3.3 10.3 L10.9 2.7 C11.5 2.1 12.3 2.1 12.9 2.7 L13.3 3.1 C13.9 3.7 13.9 4.5 13.3 5.1 "
        "L5.7 12.7 Z"
    ),
    "plus": "M8 2.6 L8 13.4 M2.6 8 L13.4 8",
    "minus": "M2.6 8 L13.4 8",
    "dice": (
        "R2.2 2.2 11.6 11.6 2.2 M5.6 5.6 L5.6 5.6 M10.4 5.6 L10.4 5.6 M8 8 L8 8 M5.6 10.4 L5.6 10.4 M10.4 "
        "10.4 L10.4 10.4"
    ),
    "trash": (
        "M2.6 4.2 L13.4 4.2 M6.2 4 L6.2 2.6 C6.2 2.2 6.5 2 6.9 2 L9.1 2 C9.5 2 9.8 2.2 9.8 2.6 L9.8 4 M4 "
        "4.4 L4.6 13 C4.6 13.6 5.1 14 5.7 14 L10.3 14 C10.9 14 11.4 13.6 11.4 13 L12 4.4"
    ),
    "grip": "M6 4 L6 4 M10 4 L10 4 M6 8 L6 8 M10 8 L10 8 M6 12 L6 12 M10 12 L10 12",
    "copy": (
        "R5.5 5.5 8.5 8.5 1.5 M10.5 5.3 L10.5 3.5 C10.5 2.7 9.8 2 9 2 L3.5 2 C2.7 2 2 2.7 2 3.5 L2 9 C2 9.8 "
        "2.7 10.5 3.5 10.5 L5.3 10.5"
    ),
    "envelope": "R2 3.2 12 9.6 1.5 M2.4 4.4 L8 8.8 L13.6 4.4",
    "hourglass": (
        "M3.6 2 L12.4 2 M3.6 14 L12.4 14 M4.6 2 C4.6 5.4 8 6.4 8 8 C8 9.6 4.6 10.6 4.6 14 M11.4 2 C11.4 5.4 "
        "8 6.4 8 8 C8 9.6 11.4 10.6 11.4 14"
    ),
    "link": "O3.6 8 1.8 O12.4 8 1.8 M5.4 8 L10.6 8",
    "arrow-right": "M2.6 8 L13.2 8 M9.4 4.2 L13.2 8 L9.4 11.8",
    "arrow-left": "M13.4 8 L2.8 8 M6.6 4.2 L2.8 8 L6.6 11.8",
    "arrow-up": "M8 13.4 L8 2.8 M4.2 6.6 L8 2.8 L11.8 6.6",
    "arrow-down": "M8 2.6 L8 13.2 M4.2 9.4 L8 13.2 L11.8 9.4",
}

NAMES = frozenset(_DRAWINGS)

_TOKEN = re.compile(r"!?[A-Z]|-?\d+(?:\.\d+)?")
_OPERANDS = {"M": 2, "L": 2, "C": 6, "Z": 0, "O": 3, "R": 5, "A": 5, "H": 3}


@lru_cache(maxsize=128)
def _paths(name: str) -> tuple[QPainterPath, QPainterPath]:
    """What is stroked and what is filled, in grid units."""
    stroked, filled = QPainterPath(), QPainterPath()
    tokens = _TOKEN.findall(_DRAWINGS[name])
    at = 0
    while at < len(tokens):
        verb: str = tokens[at]
        path = filled if verb.startswith("!") else stroked
        verb = verb.removeprefix("!")
        n = [float(one) for one in tokens[at + 1 : at + 1 + _OPERANDS[verb]]]
        at += 1 + len(n)
        match verb:
            case "M":
                path.moveTo(n[0], n[1])
            case "L":
                # A line to where the pen is would be left out: a dot needs some length for its round ends.
                still = path.currentPosition() == QPointF(n[0], n[1])
                path.lineTo(n[0] + (0.01 if still else 0.0), n[1])
            case "C":
                path.cubicTo(n[0], n[1], n[2], n[3], n[4], n[5])
            case "Z":
                path.closeSubpath()
            case "O":
                path.addEllipse(QPointF(n[0], n[1]), n[2], n[2])
            case "R":
                path.addRoundedRect(QRectF(n[0], n[1], n[2], n[3]), n[4], n[4])
            case "A":
                box = QRectF(n[0] - n[2], n[1] - n[2], 2 * n[2], 2 * n[2])
                path.arcMoveTo(box, n[3])
                path.arcTo(box, n[3], n[4])
            case _:  # H: the left half of a disc
                box = QRectF(n[0] - n[2], n[1] - n[2], 2 * n[2], 2 * n[2])
                path.arcMoveTo(box, 90)
                path.arcTo(box, 90, 180)
                path.closeSubpath()
    return stroked, filled


def paint(
    painter: QPainter, name: str, rect: QRectF | QRect, colour: QColor, *, stroke: float = STROKE
) -> None:
    """Draws the sign into the rectangle; the stroke grows with it.

    Raises:
        KeyError: no sign has that name.
    """
    stroked, filled = _paths(name)
    box = QRectF(rect)
    side = min(box.width(), box.height())
    scale = side / GRID
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center().x() - side / 2, box.center().y() - side / 2)
    painter.scale(scale, scale)
    if not filled.isEmpty():
        painter.fillPath(filled, colour)
    painter.setPen(
        QPen(colour, stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(stroked)
    painter.restore()


def icon(name: str, colour: QColor, size: int = 16) -> QIcon:
    """The sign as an icon, for menus and where Qt wants one."""
    made = QIcon()
    for scale in (1, 2, 3):
        picture = QPixmap(size * scale, size * scale)
        picture.setDevicePixelRatio(scale)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint(painter, name, QRectF(0, 0, size, size), colour)
        painter.end()
        made.addPixmap(picture)
    return made


def hexagon(box: QRectF) -> QPainterPath:
    """A hexagon standing on a corner, its corners a little round, filling the height of the box."""
    path = QPainterPath()
    centre, radius = box.center(), box.height() / 2
    corners = [
        QPointF(
            centre.x() + radius * math.sin(math.radians(60 * i)),
            centre.y() - radius * math.cos(math.radians(60 * i)),
        )
        for i in range(6)
    ]
    for i, corner in enumerate(corners):
        before, after = corners[i - 1], corners[(i + 1) % 6]
        start = corner + (before - corner) * 0.12
        end = corner + (after - corner) * 0.12
        if i == 0:
            path.moveTo(start)
        else:
            path.lineTo(start)
        path.quadTo(corner, end)
    path.closeSubpath()
    return path
