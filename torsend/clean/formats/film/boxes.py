"""Boxes (atoms, in QuickTime's words): reading them without trust, and writing them."""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Why

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torsend.clean.formats.reading import Reader

MOST_BOXES = 10_000
"""Boxes within one: a film of a day in fragments of ten seconds stays below."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box in memory."""

    kind: bytes
    data: memoryview

    @property
    def full(self) -> tuple[int, int, memoryview]:
        """Version, flags and the rest of a box that has these."""
        head = number(self.data, 0, 4)
        return head >> 24, head & 0xFFFFFF, self.data[4:]


@dataclass(frozen=True, slots=True)
class Place:
    """A box of the file itself: where it begins, where its content begins, and where it ends."""

    kind: bytes
    start: int
    begin: int
    end: int


def damaged() -> NotCleanable:
    """To be raised where the file contradicts itself."""
    return NotCleanable(Why.DAMAGED)


def number(data: memoryview, at: int, size: int, *, signed: bool = False) -> int:
    """A number of ``size`` bytes at this place."""
    if at < 0 or at + size > len(data):
        raise damaged()
    return int.from_bytes(data[at : at + size], "big", signed=signed)


def places(reader: Reader) -> Iterator[Place]:
    """The boxes of the file itself. The last may be as long as the file."""
    at = 0
    count = 0
    while at < reader.size:
        head = reader.peek(at, 16)
        if len(head) < 8:
            if head.strip(b"\0"):
                raise damaged()
            return
        size, begin = int.from_bytes(head[:4], "big"), at + 8
        if size == 1:
            size, begin = int.from_bytes(head[8:16], "big"), at + 16
        elif size == 0:
            size = reader.size - at
        count += 1
        if size < begin - at or at + size > reader.size or count > MOST_BOXES:
            raise damaged()
        yield Place(head[4:8], at, begin, at + size)
        at += size


def children(data: memoryview) -> list[Box]:
    """The boxes within one. QuickTime ends some lists with zeros."""
    found: list[Box] = []
    at = 0
    while at + 8 <= len(data):
        size, begin = number(data, at, 4), at + 8
        if size == 1:
            size, begin = number(data, at + 8, 8), at + 16
        elif size == 0 and not any(data[at + 4 : at + 8]):
            break
        elif size == 0:
            size = len(data) - at
        if size < begin - at or at + size > len(data) or len(found) == MOST_BOXES:
            raise damaged()
        found.append(Box(bytes(data[at + 4 : at + 8]), data[begin : at + size]))
        at += size
    return found


def only(boxes: list[Box], kind: bytes) -> Box | None:
    """The one box of this kind, or None. Two that contradict each other are one too many."""
    found = [each for each in boxes if each.kind == kind]
    if len(found) > 1:
        raise damaged()
    return found[0] if found else None


def needed(boxes: list[Box], kind: bytes) -> Box:
    """The one box of this kind, which must be there."""
    found = only(boxes, kind)
    if found is None:
        raise damaged()
    return found


def table(data: memoryview, at: int, count: int, width: int = 4) -> array[int]:
    """``count`` numbers of four or eight bytes."""
    if at + count * width > len(data):
        raise damaged()
    numbers = array("I" if width == 4 else "Q")
    numbers.frombytes(data[at : at + count * width])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def packed(numbers: Iterable[int], width: int = 4) -> bytes:
    """The same the other way."""
    packing = array("I" if width == 4 else "Q", numbers)
    if sys.byteorder == "little":
        packing.byteswap()
    return packing.tobytes()


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of these parts."""
    size = 8 + sum(len(each) for each in parts)
    return b"".join((size.to_bytes(4, "big"), kind, *parts))


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with a version and flags."""
    return box(kind, (version << 24 | flags).to_bytes(4, "big"), *parts)


def u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    return value.to_bytes(8, "big")
