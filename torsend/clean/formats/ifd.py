"""Image file directories as TIFF has them (TIFF 6.0, section 2), and Exif, which is made of them (CIPA DC-008)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Octets of one value, by type."""
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I"}
ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SIGNED_RATIONAL = 2, 3, 4, 5, 7, 10
_SHOWN = 16
"""Numbers of one entry that are shown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory.

    Attributes:
        kind: its type's number.
        raw: its values, as they lie in the file.
        order: ``<`` or ``>``.
    """

    tag: int
    kind: int
    count: int
    raw: bytes
    order: str

    def numbers(self) -> tuple[int | float | Fraction, ...]:
        """Its values as numbers; none if they are no numbers."""
        if self.kind in (RATIONAL, SIGNED_RATIONAL):
            code = "I" if self.kind == RATIONAL else "i"
            parts = struct.unpack(f"{self.order}{2 * self.count}{code}", self.raw)
            pairs = zip(parts[::2], parts[1::2], strict=True)
            return tuple(Fraction(over, under) if under else Fraction(0) for over, under in pairs)
        if code := _CODES.get(self.kind, ""):
            return struct.unpack(f"{self.order}{self.count}{code}", self.raw)
        return ()

    def integers(self) -> tuple[int, ...]:
        """Its values, if they are whole numbers."""
        return tuple(each for each in self.numbers() if isinstance(each, int))

    def text(self) -> str:
        """Its values as a person reads them; of what is no text and no number, the size."""
        if self.kind == ASCII:
            return printable(self.raw)
        if numbers := self.numbers()[:_SHOWN]:
            return " ".join(
                f"{float(each):g}" if isinstance(each, Fraction) else f"{each:g}" for each in numbers
            )
        return f"{len(self.raw)} bytes"


def printable(raw: bytes) -> str:
    """Octets that are meant to be text."""
    return raw.decode("utf-8", "replace").replace("\0", " ").strip()


def byte_order(data: bytes) -> str:
    """``<`` or ``>``, as the head says.

    Raises:
        ValueError: this is no TIFF, or one of another kind (BigTIFF).
    """
    if data[:4] == b"II*\0":
        return "<"
    if data[:4] == b"MM\0*":
        return ">"
    raise ValueError("no TIFF")


def first_offset(data: bytes, order: str) -> int:
    """Where the first directory lies."""
    return int(struct.unpack_from(f"{order}I", data, 4)[0])


def read(data: bytes, at: int, order: str) -> tuple[list[Entry], int]:
    """The directory at an offset, and where the next one lies (0: nowhere).

    Entries of an unknown type are left out, and those whose values lie outside the data.

    Raises:
        ValueError, struct.error: there is no directory.
    """
    if at < 8:
        raise ValueError("directory in the head")
    (count,) = struct.unpack_from(f"{order}H", data, at)
    entries = []
    for number in range(count):
        tag, kind, values, offset = struct.unpack_from(f"{order}HHII", data, at + 2 + 12 * number)
        size = SIZES.get(kind, 0) * values
        if not size:
            continue
        start = at + 2 + 12 * number + 8 if size <= 4 else offset
        if start + size <= len(data):
            entries.append(Entry(tag, kind, values, data[start : start + size], order))
    end = at + 2 + 12 * count
    (following,) = struct.unpack_from(f"{order}I", data, end) if end + 4 <= len(data) else (0,)
    return entries, following
