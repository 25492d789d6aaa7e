"""ICC profiles (ICC.1): the numbers that colours are computed with stay, who made them and for which device goes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Trace, Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes

HEADER = 128
MOST_TAGS = 100
TAGS = frozenset(
    (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"bkpt", b"chad", b"A2B0", b"A2B1", b"A2B2",
     b"B2A0", b"B2A1", b"B2A2", b"D2B0", b"D2B1", b"D2B2", b"D2B3", b"B2D0", b"B2D1", b"B2D2", b"B2D3", b"gamt", b"cicp")
)  # fmt: skip
"""What colours are computed with."""
DESCRIPTION = b"Colours"


def clean_profile(data: bytes, notes: Notes) -> bytes:
    """The profile with its computing tags, and a description that is the same for all."""
    if len(data) < HEADER + 4 or data[36:40] != b"acsp":
        raise NotCleanable(Why.DAMAGED)
    (count,) = struct.unpack_from(">L", data, HEADER)
    if count > MOST_TAGS or len(data) < HEADER + 4 + 12 * count:
        raise NotCleanable(Why.DAMAGED)
    major = data[8]
    tags: list[tuple[bytes, bytes]] = []
    neutral = {b"desc": _description(major), b"cprt": _text(major)}
    for at in range(count):
        tag, start, size = struct.unpack_from(">4s2L", data, HEADER + 4 + 12 * at)
        body = data[start : start + size]
        if tag in TAGS:
            if len(body) < size or size < 8:
                raise NotCleanable(Why.DAMAGED)
            tags.append((tag, body))
        elif tag not in neutral or body != neutral[tag]:
            trace = {
                b"cprt": Trace.AUTHOR,
                b"desc": Trace.DEVICE,
                b"dmnd": Trace.DEVICE,
                b"dmdd": Trace.DEVICE,
            }
            notes.remove(trace.get(tag, Trace.OTHER), f"ICC {tag.decode('latin-1')}", _shown(body))
    if data[24:36].strip(b"\0"):
        notes.remove(
            Trace.DATE, "ICC date", "-".join(str(each) for each in struct.unpack(">6H", data[24:36]))
        )
    makers = [data[4:8], data[40:44], data[48:52], data[52:56], data[80:84]]
    if any(each.strip(b"\0 ") for each in makers):
        notes.remove(Trace.SOFTWARE, "ICC maker", b" ".join(makers).decode("latin-1"))
    tags = sorted([*tags, *neutral.items()])
    # CMM, date, platform, flags, maker, model, creator and checksum are zero.
    header = data[8:24] + bytes(12) + b"acsp" + bytes(16) + data[56:80] + bytes(48)
    return _written(bytes(4) + header, tags)


def _written(header: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    table, bodies = [], []
    at = HEADER + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    for tag, body in tags:
        if body not in places:
            places[body] = at
            filled = body + bytes(-len(body) % 4)
            bodies.append(filled)
            at += len(filled)
        table.append(struct.pack(">4s2L", tag, places[body], len(body)))
    return b"".join([struct.pack(">L", at), header, struct.pack(">L", len(tags)), *table, *bodies])


def _description(major: int) -> bytes:
    if major >= 4:
        return _localized()
    return (
        b"desc"
        + bytes(4)
        + struct.pack(">L", len(DESCRIPTION) + 1)
        + DESCRIPTION
        + bytes(1 + 4 + 4 + 2 + 1 + 67)
    )


def _text(major: int) -> bytes:
    return _localized() if major >= 4 else b"text" + bytes(4) + DESCRIPTION + b"\0"


def _localized() -> bytes:
    words = DESCRIPTION.decode("ascii").encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">2L2s2s2L", 1, 12, b"en", b"US", len(words), 28) + words


def _shown(body: bytes) -> str:
    codec = "utf-16-be" if body[:4] == b"mluc" else "latin-1"
    text = body[28:] if body[:4] == b"mluc" else body[8:]
    return "".join(each for each in text.decode(codec, "ignore") if each.isprintable())
