"""Bounds that all cleaners of pictures share."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Why

if TYPE_CHECKING:
    from PIL import Image

MOST_OCTETS = 256 << 20
"""Of a file; it is held in memory."""
MOST_PIXELS = 120_000_000
"""Of one picture: what the cameras of telephones have, and what fits twice into the process's memory."""
MOST_ANIMATED = 2_000_000_000
"""Of all pictures of an animation together."""


def read_all(source: BinaryIO) -> bytes:
    """The whole file.

    Raises:
        NotCleanable
    """
    data = source.read(MOST_OCTETS + 1)
    if len(data) > MOST_OCTETS:
        raise NotCleanable(Why.TOO_LARGE)
    return data


def check_size(width: int, height: int) -> None:
    """Refuses a bomb before it is unpacked.

    Raises:
        NotCleanable
    """
    if width < 1 or height < 1:
        raise NotCleanable(Why.DAMAGED)
    if width * height > MOST_PIXELS:
        raise NotCleanable(Why.TOO_LARGE)


def opened(data: bytes, kind: str) -> Image.Image:
    """The picture, by the one decoder of its kind, unpacked."""
    import io

    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # ours are checked already, by `check_size`
    picture = Image.open(io.BytesIO(data), formats=[kind])
    check_size(*picture.size)
    picture.load()
    return picture
