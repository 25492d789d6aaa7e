"""Vorbis comments: what Ogg and FLAC hold their tags in. Only read for the report; none of them stays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from torsend.clean.formats.tags import readable, sort_of
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes

CHANNELS = re.compile(rb"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x[0-9A-Fa-f]{1,8}")
"""Which loudspeaker each channel of a FLAC is for: not known otherwise."""


def note_comments(data: bytes, notes: Notes) -> bytes:
    """Notes what a comment header holds, vendor and fields. Returns the field that tells the loudspeakers, or nothing."""
    length = int.from_bytes(data[:4], "little")
    if vendor := data[4 : 4 + length]:
        notes.remove(Trace.SOFTWARE, "vendor", readable(vendor))
    at = 4 + length
    count = int.from_bytes(data[at : at + 4], "little")
    at += 4
    kept = b""
    for _ in range(count):
        if at + 4 > len(data):
            break
        length = int.from_bytes(data[at : at + 4], "little")
        field = data[at + 4 : at + 4 + length]
        at += 4 + length
        if CHANNELS.fullmatch(field):
            kept = field
            continue
        name, _, value = field.partition(b"=")
        key = readable(name)
        shown = "" if key.upper() == "METADATA_BLOCK_PICTURE" else readable(value)
        notes.remove(sort_of(key), f"comment {key}", shown)
    if data[at:].strip(b"\0\1"):
        notes.remove(Trace.OTHER, "bytes behind the comments")
    return kept
