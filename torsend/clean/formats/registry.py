"""All formats, and which of them some bytes are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import film, images, packages, sound, tar_archive
from torsend.clean.formats.format import SNIFF, NotCleanable
from torsend.clean.formats.id3 import length_of_id3v2
from torsend.clean.formats.pdf import PDF
from torsend.clean.formats.plain_text import TEXT
from torsend.clean.formats.svg import SVG
from torsend.clean.formats.zip_archive import ZIP
from torsend.clean.report import Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Format

_MAY_BE_MANY = (b"PK", b"\xd0\xcf\x11\xe0", b"ID3")
"""Archives and office documents; tags before a sound, behind which any may come."""
LONGEST_TAGS = 1 << 30
"""Bytes of tags before a sound that are passed over."""


def formats() -> tuple[Format, ...]:
    """All of them; the first that recognises some bytes has them."""
    # Text last: others begin with readable letters, too.
    everything = (
        *images.FORMATS,
        *film.FORMATS,
        *sound.FORMATS,
        PDF,
        *packages.FORMATS,
        ZIP,
        *tar_archive.FORMATS,
    )
    return (*everything, SVG, TEXT)


def needs(beginning: bytes) -> tuple[str, ...] | None:
    """Which modules a file may need that begins so, as ``Format.needs``; only compares bytes.

    Args:
        beginning: the first ``SNIFF`` bytes.
    """
    if beginning.startswith(_MAY_BE_MANY):
        return None
    return next((each.needs for each in formats() if each.recognises(beginning)), ())


def recognise(source: BinaryIO) -> Format:
    """The format of what lies in ``source``, from its bytes; leaves the position at the beginning.

    Raises:
        NotCleanable: none of ours.
    """
    source.seek(0)
    # Office documents are ZIP packages: what they are lies in them, not in their first bytes.
    if (document := packages.recognise(source)) is not None:
        return document
    beginning = source.read(SNIFF)
    # FLAC, MP3 and others may stand behind tags that say nothing of what follows them, and may be long.
    at = 0
    while (length := length_of_id3v2(beginning)) and (at := at + length) < LONGEST_TAGS:
        source.seek(at)
        beginning = source.read(SNIFF)
    source.seek(0)
    for each in formats():
        if each.recognises(beginning):
            return each
    raise NotCleanable(Why.UNKNOWN_FORMAT)
