"""All formats, and which of them some bytes are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats.format import SNIFF, NotCleanable
from torsend.clean.report import Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Format


def formats() -> tuple[Format, ...]:
    """All of them; the first that recognises some bytes has them."""
    return ()


def recognise(source: BinaryIO) -> Format:
    """The format of what lies in ``source``, from its bytes; leaves the position at the beginning.

    Raises:
        NotCleanable: none of ours.
    """
    source.seek(0)
    beginning = source.read(SNIFF)
    source.seek(0)
    for each in formats():
        if each.recognises(beginning):
            return each
    raise NotCleanable(Why.UNKNOWN_FORMAT)
