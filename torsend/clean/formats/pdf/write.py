"""Writes a PDF front to back: values as plain Python, objects numbered in the order in which they were asked for.

No ``/ID``, no ``/Info``, no dates and no name of a program: the same values give the same bytes on every system.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from torsend.clean.formats.deflate import deflate
from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Writer

MOST_OBJECTS = 300_000
"""A book of a thousand pages has some ten thousand."""
PER_STREAM = 200
"""Objects that are packed together."""
DEEPEST = 60
"""Values within values, as written."""


class Name(bytes):
    """A name as it stands in a file, with its slash and its escapes: ``/Fit``, ``/a#20b``."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands for an indirect object."""

    number: int


Value: TypeAlias = "bool | int | Decimal | bytes | Name | Ref | list[Value] | dict[str, Value] | None"
Fields: TypeAlias = "dict[str, Value]"
"""A dictionary's entries; the keys are without slash and from our own tables."""


def written(value: Value, depth: int = 0) -> bytes:
    """The value as it stands in a file. Strings are written in hexadecimal, which needs no escapes."""
    if depth > DEEPEST:
        raise NotCleanable(Why.DAMAGED)
    match value:
        case None:
            return b"null"
        case bool():
            return b"true" if value else b"false"
        case int():
            return b"%d" % value
        case Decimal():
            return number(value)
        case Name():
            return bytes(value)
        case bytes():
            return b"<" + value.hex().encode() + b">"
        case Ref():
            return b"%d 0 R" % value.number
        case list():
            return b"[" + b" ".join(written(each, depth + 1) for each in value) + b"]"
        case dict():
            inner = b" ".join(
                key_written(key) + b" " + written(each, depth + 1) for key, each in value.items()
            )
            return b"<<" + inner + b">>"


def key_written(key: str) -> bytes:
    """A key of ours, or a name that was read: then it has its slash."""
    return key.encode("latin-1") if key.startswith("/") else b"/" + key.encode("ascii")


def number(value: Decimal) -> bytes:
    """A real, without an exponent."""
    if not value.is_finite() or abs(value) > 10**12:
        raise NotCleanable(Why.DAMAGED)
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return b"0" if text in ("", "-0") else text.encode()


def packed(data: bytes) -> tuple[Fields, bytes]:
    """The data for a stream, compressed where that helps."""
    if len(data) < 60:
        return {}, data
    # A zlib stream (RFC 1950) around DEFLATE of our own, which is the same on every system.
    body = deflate(data)
    return {"Filter": Name(b"/FlateDecode")}, b"\x78\x9c" + body + zlib.adler32(data).to_bytes(4)


class PdfWriter:
    """One file on its way out."""

    def __init__(self, out: Writer) -> None:
        self._out = out
        self._at = 0
        self._offsets: list[int] = []
        self._held: list[tuple[int, bytes]] = []
        # The second line tells programs that the file is binary (ISO 32000 section 7.5.2).
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def allocate(self) -> Ref:
        """A number for an object that is written later."""
        if len(self._offsets) >= MOST_OBJECTS:
            raise NotCleanable(Why.TOO_LARGE)
        self._offsets.append(0)
        return Ref(len(self._offsets))

    def put(self, ref: Ref, value: Value) -> None:
        """Writes an object. All that are no streams are packed together, at the end."""
        self._held.append((ref.number, written(value)))

    def stream(self, ref: Ref, fields: Fields, data: bytes) -> None:
        """Writes a stream; its filters stand in ``fields``, its length does not."""
        self._begin(ref)
        self._write(written({**fields, "Length": len(data)}) + b"\nstream\n")
        self._write(data)
        self._write(b"\nendstream\nendobj\n")

    def add(self, value: Value) -> Ref:
        """Allocates and writes."""
        ref = self.allocate()
        self.put(ref, value)
        return ref

    def add_stream(self, fields: Fields, data: bytes) -> Ref:
        """Allocates and writes a stream; data without a filter is compressed."""
        ref = self.allocate()
        self.put_stream(ref, fields, data)
        return ref

    def put_stream(self, ref: Ref, fields: Fields, data: bytes) -> None:
        """Writes a stream whose data has no filter yet, compressed."""
        filters, data = packed(data)
        self.stream(ref, {**fields, **filters}, data)

    def finish(self, root: Ref) -> None:
        """The packed objects (ISO 32000 section 7.5.7), the table of objects (7.5.8) and where it stands."""
        packed_in: dict[int, tuple[int, int]] = {}
        for at in range(0, len(self._held), PER_STREAM):
            some = self._held[at : at + PER_STREAM]
            ref = self._pack(some)
            packed_in |= {number: (ref.number, place) for place, (number, _) in enumerate(some)}
        table = self.allocate()
        start = self._offsets[table.number - 1] = self._at
        # What was promised and never written is a free entry, which reads as null.
        rows = [b"\0\0\0\0\0\xff\xff"]
        for at, offset in enumerate(self._offsets, 1):
            if at in packed_in:
                stream, place = packed_in[at]
                rows.append(b"\2" + stream.to_bytes(4) + place.to_bytes(2))
            else:
                rows.append(b"\1" + offset.to_bytes(4) + b"\0\0" if offset else rows[0])
        size = len(self._offsets) + 1
        fields: Fields = {"Type": Name(b"/XRef"), "Size": size, "Root": root, "W": [1, 4, 2]}
        self.put_stream(table, fields, b"".join(rows))
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)

    def _pack(self, some: list[tuple[int, bytes]]) -> Ref:
        places, bodies, at = [], [], 0
        for number, body in some:
            places.append(b"%d %d" % (number, at))
            bodies.append(body)
            at += len(body) + 1
        head = b" ".join(places) + b"\n"
        fields: Fields = {"Type": Name(b"/ObjStm"), "N": len(some), "First": len(head)}
        return self.add_stream(fields, head + b"\n".join(bodies))

    def _begin(self, ref: Ref) -> None:
        self._offsets[ref.number - 1] = self._at
        self._write(b"%d 0 obj\n" % ref.number)

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)
