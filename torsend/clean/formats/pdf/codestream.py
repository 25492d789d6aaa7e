"""JPEG 2000 (ITU-T T.800) and JBIG2 (T.88) as PDF holds them: boxes and segments that draw stay, remarks go."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.pdf.profile import clean_profile
from torsend.clean.report import Trace, Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes

SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
BOXES = frozenset((b"jP  ", b"ftyp", b"jp2h", b"jp2c"))
HEADER_BOXES = frozenset((b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef"))
MOST_BOXES = 200
_SOT, _SOD, _EOC, _COM = 0xFF90, 0xFF93, 0xFFD9, 0xFF64
_MAIN = frozenset(
    (0xFF51, 0xFF52, 0xFF53, 0xFF5E, 0xFF5C, 0xFF5D, 0xFF5F, 0xFF55, 0xFF57, 0xFF60, 0xFF63, 0xFF50)
)
_EXTENSION = 62


def clean_jpeg2000(data: bytes, notes: Notes) -> bytes:
    """A JP2 file or a bare codestream, without XML, UUIDs, rights and comments."""
    if data[:4] == b"\xff\x4f\xff\x51":
        return _codestream(data, notes)
    if data[:12] != SIGNATURE:
        raise NotCleanable(Why.DAMAGED)
    out = []
    for kind, body in _boxes(data):
        match kind:
            case b"jp2h":
                inner = []
                for name, content in _boxes(body):
                    if name in HEADER_BOXES:
                        if name == b"colr" and content[:1] == b"\x02":
                            content = content[:3] + clean_profile(content[3:], notes)
                        inner.append(_box(name, content))
                    else:
                        notes.remove(Trace.OTHER, "JPEG 2000", name.decode("latin-1"))
                out.append(_box(kind, b"".join(inner)))
            case b"jp2c":
                out.append(_box(kind, _codestream(body, notes)))
            case b"jP  ":
                out.append(SIGNATURE)
            case b"ftyp":
                out.append(
                    _box(kind, b"jp2 \0\0\0\0jp2 " if body[:4] == b"jp2 " else b"jpx \0\0\0\0jp2 jpx jpxb")
                )
            case _:
                notes.remove(Trace.OTHER, "JPEG 2000", kind.decode("latin-1"))
    return b"".join(out)


def _boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    out: list[tuple[bytes, bytes]] = []
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">L4s", data, at)
        start = at + 8
        if size == 1 and at + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, at + 8)
            start = at + 16
        end = len(data) if size == 0 else at + size
        if end < start or end > len(data) or len(out) > MOST_BOXES:
            raise NotCleanable(Why.DAMAGED)
        out.append((kind, data[start:end]))
        at = end
    return out


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">L4s", len(body) + 8, kind) + body


def _codestream(data: bytes, notes: Notes) -> bytes:
    """Comments of the main header go; those of a tile's header, whose place counts, are overwritten."""
    if data[:2] != b"\xff\x4f":
        raise NotCleanable(Why.DAMAGED)
    out = [data[:2]]
    at = 2
    while True:
        if at + 4 > len(data):
            raise NotCleanable(Why.DAMAGED)
        marker, size = struct.unpack_from(">2H", data, at)
        if marker == _SOT:
            break
        if marker == _COM:
            notes.remove(Trace.SOFTWARE, "JPEG 2000 comment", data[at + 6 : at + 2 + size].decode("latin-1"))
        elif marker in _MAIN:
            out.append(data[at : at + 2 + size])
        else:
            raise NotCleanable(Why.DAMAGED)
        at += 2 + size
    while data[at : at + 2] == b"\xff\x90":
        if at + 12 > len(data):
            raise NotCleanable(Why.DAMAGED)
        (length,) = struct.unpack_from(">L", data, at + 6)
        end = at + length if length else len(data) - 2
        if end < at + 14 or end > len(data):
            raise NotCleanable(Why.DAMAGED)
        out.append(_tile_part(bytearray(data[at:end]), notes))
        at = end
    return b"".join(out) + b"\xff\xd9"


def _tile_part(part: bytearray, notes: Notes) -> bytes:
    at = 12
    while at + 4 <= len(part):
        marker, size = struct.unpack_from(">2H", part, at)
        if marker == _SOD:
            return bytes(part)
        if marker == _COM:
            if part[at + 4 : at + 2 + size].strip(b"\0"):
                notes.remove(Trace.SOFTWARE, "JPEG 2000 comment")
            part[at + 4 : at + 2 + size] = bytes(size - 2)
        at += 2 + size
    raise NotCleanable(Why.DAMAGED)


def clean_jbig2(data: bytes, notes: Notes) -> bytes:
    """Segments one after the other (T.88 annex D.3, as PDF has them), without those that only remark."""
    out = []
    at = 0
    while at + 11 <= len(data):
        number, flags, referred = struct.unpack_from(">LBB", data, at)
        count = referred >> 5
        head = at + 6
        if count == 7:
            (long_count,) = struct.unpack_from(">L", data, at + 5)
            count = long_count & 0x1FFFFFFF
            head = at + 9 + (count + 8) // 8
        width = 1 if number <= 256 else 2 if number <= 65536 else 4
        head += count * width + (4 if flags & 0x40 else 1)
        if head + 4 > len(data):
            raise NotCleanable(Why.DAMAGED)
        (size,) = struct.unpack_from(">L", data, head)
        # A generic region may leave its length open; then it is the last one.
        end = len(data) if size == 0xFFFFFFFF else head + 4 + size
        if end > len(data):
            raise NotCleanable(Why.DAMAGED)
        if flags & 0x3F == _EXTENSION:
            notes.remove(Trace.COMMENT, "JBIG2 comment", data[head + 8 : end].decode("latin-1"))
        else:
            out.append(data[at:end])
        at = end
    return b"".join(out)
