"""Reads the QR codes of a picture, in the cleaner's process: a picture is as hostile as an attachment.

It is a job like a cleaner's, but there is no result: each code's text is told as one piece of text.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats.format import Format, NotCleanable, Notes, Writer
from torsend.clean.limits import LARGEST_PICTURE, MOST_CODES
from torsend.clean.report import Why

if TYPE_CHECKING:
    from PIL import Image

KINDS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
NEEDS = (
    "zxingcpp",
    *(f"PIL.{name}ImagePlugin" for name in ("Png", "Jpeg", "Mpo", "Gif", "WebP", "Bmp", "Ppm", "Tiff")),
)
MOST_PIXELS = 60_000_000
"""The cameras of most telephones have 12 to 50 million."""


def read(source: BinaryIO, _out: Writer, notes: Notes) -> None:
    """See `Format.clean`."""
    import zxingcpp

    data = source.read(LARGEST_PICTURE + 1)
    if len(data) > LARGEST_PICTURE:
        raise NotCleanable(Why.TOO_LARGE)
    grey = _grey(_opened(data))
    found = zxingcpp.read_barcodes(
        memoryview(grey.tobytes()).cast("B", (grey.height, grey.width)),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        # Others write names for characters that can't be seen, such as the ends of lines.
        text_mode=zxingcpp.TextMode.Plain,
    )
    # The same code may be in a picture twice.
    for text in list(dict.fromkeys(code.text for code in found if code.text.strip()))[:MOST_CODES]:
        notes.text(text)


READER = Format("QR code", "text/plain", lambda _: True, read, ("code", ".txt"), NEEDS)


def _opened(data: bytes) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # ours are checked here, before anything is unpacked
    try:
        picture = Image.open(io.BytesIO(data), formats=KINDS)
    except UnidentifiedImageError:
        raise NotCleanable(Why.UNKNOWN_FORMAT) from None
    if picture.width * picture.height > MOST_PIXELS:
        raise NotCleanable(Why.TOO_LARGE)
    picture.load()
    return picture


def _grey(picture: Image.Image) -> Image.Image:
    from PIL import Image

    if "A" in picture.getbands() or "transparency" in picture.info:
        # What can be seen through is paper.
        coloured = picture.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        paper.alpha_composite(coloured)
        picture = paper
    return picture.convert("L")
