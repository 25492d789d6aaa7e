"""Fonts of one box, written by ourselves, with a trace in every place that we know of."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tests.clean.planted_pdf import PLANT

if TYPE_CHECKING:
    pass


def encrypted(plain: bytes, key: int = 55665) -> bytes:
    """eexec, as Adobe's book tells it in chapter 7."""
    out = bytearray()
    for octet in plain:
        out.append(octet ^ key >> 8)
        key = (out[-1] + key) * 52845 + 22719 & 0xFFFF
    return bytes(out)


def decrypted(data: bytes, key: int = 55665) -> bytes:
    out = bytearray()
    for octet in data:
        out.append(octet ^ key >> 8)
        key = (octet + key) * 52845 + 22719 & 0xFFFF
    return bytes(out)


def charstring(*parts: int | str) -> bytes:
    """A Type 1 glyph: numbers of up to a thousand and operators."""
    operators = {"hsbw": 13, "rmoveto": 21, "rlineto": 5, "closepath": 9, "endchar": 14}
    plain = b"\0\0\0\0"
    for part in parts:
        plain += bytes([operators[part]]) if isinstance(part, str) else b"\xff" + struct.pack(">l", part)
    return encrypted(plain, 4330)


def type1(*, as_digits: bool = False) -> tuple[bytes, int]:
    """A Type 1 font of one box, with all that says who made it; and the length of its clear part."""
    clear = f"""%!PS-AdobeFont-1.0: {PLANT} 001.001
%%CreationDate: {PLANT}
11 dict begin
/FontInfo 9 dict dup begin
/version (001.{PLANT}) readonly def
/Notice (Copyright {PLANT} (nested) \\) rest) readonly def
/FullName ({PLANT}) readonly def
end readonly def
/FontName /QWERTY+Box def
/UniqueID 5000123 def
/XUID [1 22 333] def
/PaintType 0 def /FontType 1 def /FontMatrix [0.001 0 0 0.001 0 0] readonly def
/Encoding 256 array 0 1 255 {{1 index exch /.notdef put}} for dup 65 /A put readonly def
/FontBBox {{0 0 600 700}} readonly def
currentdict end
currentfile eexec
""".encode()
    glyph = charstring(
        0,
        600,
        "hsbw",
        0,
        0,
        "rmoveto",
        500,
        0,
        "rlineto",
        0,
        700,
        "rlineto",
        -500,
        0,
        "rlineto",
        "closepath",
        "endchar",
    )
    empty = charstring(0, 600, "hsbw", "endchar")
    hidden = b"""xxxxdup /Private 8 dict dup begin
/UniqueID 5000123 def
/RD {string currentfile exch readstring pop} executeonly def
/ND {noaccess def} executeonly def
/NP {noaccess put} executeonly def
/BlueValues [] def
/password 5839 def
/MinFeature {16 16} def
2 index /CharStrings 2 dict dup begin
"""
    hidden += b"/.notdef %d RD " % len(empty) + empty + b" ND\n/A %d RD " % len(glyph) + glyph + b" ND\n"
    hidden += b"end\nend\nreadonly put\nnoaccess put\n"
    hidden += b"dup /FontName get exch definefont pop\nmark currentfile closefile\n"
    body = encrypted(hidden)
    tail = (b"0" * 64 + b"\n") * 8 + b"cleartomark\n"
    return clear + (body.hex().encode() + b"\n" if as_digits else body) + tail, len(clear)


def cff(*, cid: bool = False) -> bytes:
    """A CFF font of one box (technical note 5176)."""

    def index(*parts: bytes) -> bytes:
        if not parts:
            return b"\0\0"
        offsets, at = [1], 1
        for part in parts:
            at += len(part)
            offsets.append(at)
        return (
            struct.pack(">HB", len(parts), 2) + struct.pack(f">{len(offsets)}H", *offsets) + b"".join(parts)
        )

    def whole(number: int) -> bytes:
        return b"\x1d" + struct.pack(">l", number)

    def short(number: int) -> bytes:
        return b"\x1c" + struct.pack(">h", number)

    glyph = (
        short(0)
        + short(0)
        + b"\x15"
        + short(500)
        + b"\x06"
        + short(700)
        + b"\x07"
        + short(-500)
        + b"\x06"
        + b"\x0e"
    )
    strings = index(b"A1", f"{PLANT} notice".encode(), f"{PLANT} full".encode(), b"Adobe", b"Identity")
    glyphs = index(b"\x0e", glyph)
    head = b"\1\0\4\2" + index(PLANT.encode())
    charset = b"\0" + struct.pack(">H", 1 if cid else 34)
    encoding = b"\0\1\x41"

    def top(glyphs_at: int, charset_at: int, other: int, private: int) -> bytes:
        out = b""
        if cid:
            out += short(394) + short(395) + b"\x8b" + b"\x0c\x1e"
        out += (
            short(392) + b"\1" + short(393) + b"\2" + short(1234) + b"\x0d" + b"\xf7\x20" + b"\x8c" + b"\x0e"
        )
        out += b"\x1e\x0a\x0f" + b"\x0c\x02"  # an italic angle, as a real
        out += whole(charset_at) + b"\x0f" + whole(glyphs_at) + b"\x11"
        if cid:
            return out + whole(private) + b"\x0c\x24" + whole(other) + b"\x0c\x25"
        return out + whole(other) + b"\x10" + whole(0) + whole(private) + b"\x12"

    start = len(head) + len(index(top(0, 0, 0, 0))) + len(strings) + 2
    charset_at = start + len(glyphs)
    other_at = charset_at + len(charset)
    if cid:
        select = b"\0\0\0"
        private_at = other_at + len(select)
        inner = index(short(393) + b"\2" + whole(0) + whole(private_at) + b"\x12")
        end = select + inner
    else:
        private_at = other_at + len(encoding)
        end = encoding
    tops = index(top(start, charset_at, other_at, private_at))
    return head + tops + strings + b"\0\0" + glyphs + charset + end
