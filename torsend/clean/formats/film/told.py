"""What the boxes told that go: for the report only, so whatever can't be read is left unread."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from torsend.clean.formats.film.boxes import Box, Place, children, number
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.tags import readable, sort_of
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes
    from torsend.clean.formats.reading import Reader

LARGEST_READ = 1024 * 1024
"""Bytes of a box of the file that are read for the report."""
DEEPEST = 6

_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_EMPTY = frozenset({b"free", b"skip", b"wide"})
_TEXTS_3GPP = frozenset({b"titl", b"auth", b"dscp", b"perf", b"gnre", b"cprt", b"albm", b"kywd"})


def note_place(reader: Reader, place: Place, notes: Notes) -> None:
    """Notes what a box of the file itself told."""
    size = min(place.end - place.begin, LARGEST_READ)
    note(Box(place.kind, memoryview(reader.peek(place.begin, size))), notes)


def note(box: Box, notes: Notes, deep: int = 0) -> None:
    """Notes what a box told, and the boxes in it."""
    if deep > DEEPEST:
        return
    data, kind = box.data, box.kind
    name = readable(kind, "latin-1").strip()
    if kind in _EMPTY:
        if any(data):
            notes.remove(Trace.OTHER, f"bytes in {name}", readable(bytes(data[:4096])))
    elif kind == b"udta":
        for each in _children(data):
            note(each, notes, deep + 1)
    elif kind == b"meta":
        _note_meta(data, notes)
    elif kind == b"uuid":
        known = {_XMP: (Trace.OTHER, "XMP"), _C2PA: (Trace.PROVENANCE, "C2PA")}
        notes.remove(*known.get(bytes(data[:16]), (Trace.OTHER, f"uuid {bytes(data[:16]).hex()}")))
    elif kind == b"XMP_":
        notes.remove(Trace.OTHER, "XMP")
    elif kind[0] == 0xA9:
        notes.remove(sort_of(name), name, readable(bytes(data[4 : 4 + 2048])))
    elif kind == b"loci":
        notes.remove(Trace.LOCATION, name, readable(bytes(data[6:]).partition(b"\0")[0]))
    elif kind in _TEXTS_3GPP:
        notes.remove(sort_of(name) if kind != b"titl" else Trace.COMMENT, name, readable(bytes(data[6:])))
    else:
        notes.remove(sort_of(name), name, readable(bytes(data[:2048])))


def _note_meta(data: memoryview, notes: Notes) -> None:
    """iTunes's list and QuickTime's keys."""
    # In MP4 it has a version, in QuickTime not.
    boxes = _children(data[4:] if data[:4] == bytes(4) else data)
    keys: list[str] = []
    told = False
    for each in boxes:
        if each.kind == b"keys":
            keys = [readable(bytes(key.data)) for key in _children(each.data[8:])]
    for each in boxes:
        if each.kind == b"ilst":
            for item in _children(each.data):
                told = True
                _note_item(item, keys, notes)
    if not told:
        notes.remove(Trace.OTHER, "meta")


def _note_item(item: Box, keys: list[str], notes: Notes) -> None:
    index = int.from_bytes(item.kind, "big") - 1
    name = keys[index] if 0 <= index < len(keys) else readable(item.kind, "latin-1").strip()
    value = ""
    for part in _children(item.data):
        if part.kind == b"name" and item.kind == b"----":
            name = readable(bytes(part.data[4:]))
        elif part.kind == b"data" and part.data[:4] in (bytes(4), b"\0\0\0\1"):
            value = readable(bytes(part.data[8 : 8 + 4096]))
    notes.remove(sort_of(name.rpartition(".")[2] or name), name, value)


def _children(data: memoryview) -> list[Box]:
    with contextlib.suppress(NotCleanable):
        return children(data)
    return []


def note_time(data: memoryview, at: int, size: int, notes: Notes, told: set[int]) -> None:
    """Notes a time: seconds since 1904."""
    seconds = number(data, at, size)
    if not seconds or seconds in told:
        return
    told.add(seconds)
    shown = ""
    with contextlib.suppress(OverflowError):
        shown = f"{datetime(1904, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"
    notes.remove(Trace.DATE, "time of the film", shown)
