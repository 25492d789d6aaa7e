"""The program's icon as Windows and macOS want it, drawn from ``resources/icons/torsend.svg`` at each build."""

from __future__ import annotations

import io
import struct
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWING = Path(__file__).resolve().parent.parent / "resources" / "icons" / "torsend.svg"
GROUND = "#1c1e20"
"""The drawing's own."""
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)
"""Pixels: what Windows asks for at 100 % to 250 %, and for large views."""
ICNS_SIZES = (32, 64, 128, 256, 512, 1024)


def _image(width: int, height: int, place: QRectF, ground: str | None = None) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor(ground) if ground else QColor(0, 0, 0, 0))
    painter = QPainter(image)
    QSvgRenderer(str(DRAWING)).render(painter, place)
    painter.end()
    return image


def png(size: int) -> bytes:
    """The drawing as a PNG of so many pixels each way."""
    into = QBuffer()
    into.open(QIODevice.OpenModeFlag.WriteOnly)
    _image(size, size, QRectF(0, 0, size, size)).save(into, "PNG")  # type: ignore[call-overload]  # takes a device
    return bytes(into.data().data())


def ico(into: Path) -> Path:
    """Writes an .ico: the largest as PNG, the others as bitmaps, which every part of Windows reads."""
    frames = [png(size) if size == 256 else _bitmap(size) for size in ICO_SIZES]
    head, offset = struct.pack("<HHH", 0, 1, len(frames)), 6 + 16 * len(frames)
    for size, frame in zip(ICO_SIZES, frames, strict=True):
        # A side of 256 is written as 0.
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(frame), offset)
        offset += len(frame)
    into.write_bytes(head + b"".join(frames))
    return into


def _bitmap(size: int) -> bytes:
    """A BITMAPINFOHEADER of twice the height, the pixels from below, an empty mask: alpha stands in the pixels."""
    pixels = Image.open(io.BytesIO(png(size))).convert("RGBA")
    colours = pixels.transpose(Image.Transpose.FLIP_TOP_BOTTOM).tobytes("raw", "BGRA")
    mask = bytes((size + 31) // 32 * 4 * size)
    head = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, len(colours) + len(mask), 0, 0, 0, 0)
    return head + colours + mask


def icns(into: Path) -> Path:
    """Writes an .icns, with the free border that icons on macOS have: the drawing fills 824 of 1024 (Apple's template)."""
    images = []
    for size in ICNS_SIZES:
        inner, edge = Image.open(io.BytesIO(png(round(size * 824 / 1024)))), Image.new("RGBA", (size, size))
        edge.paste(inner, ((size - inner.width) // 2, (size - inner.height) // 2))
        images.append(edge)
    images[-1].save(into, "ICNS", append_images=images[:-1])
    return into


def side(into: Path) -> Path:
    """Writes the picture beside the installer's first and last page: 328 × 628, twice what a screen at 100 % needs."""
    image = _image(328, 628, QRectF(84, 96, 160, 160), ground=GROUND)
    image.convertToFormat(QImage.Format.Format_RGB888).save(str(into), "BMP")  # type: ignore[call-overload]  # takes a name
    return into
