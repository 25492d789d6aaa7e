"""What decoders need before the first sample, each in its own box; rebuilt from its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.clean.formats.film import streams
from torsend.clean.formats.film.boxes import Box, box, damaged, full_box, needed, number, only, u16, u32
from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.clean.formats.film.streams import Once

AAC = frozenset({0x40, 0x66, 0x67, 0x68})
"""Object types of AAC (ISO/IEC 14496-1, table 5), of MPEG 4 and 2."""
MP3 = frozenset({0x69, 0x6B})
"""Object types of MPEG audio, of MPEG 2 and 1."""
_MPEG4_VISUAL = 0x20
_KNOWN = AAC | MP3 | {_MPEG4_VISUAL, 0xA5, 0xA6, 0xAD}
LONGEST_SETUP = 64 * 1024


def avc(inner: list[Box], once: Once) -> tuple[bytes, int]:
    """``avcC`` (ISO/IEC 14496-15, section 5.3.3.1), and the bytes of a unit's length."""
    data = needed(inner, b"avcC").data
    if len(data) < 7 or data[0] != 1:
        raise damaged()
    out = bytes(data[:4]) + bytes((data[4] | 0xFC,))
    count, at = data[5] & 31, 6
    units, at = _units(data, at, count, {7}, once)
    out += bytes((0xE0 | len(units),)) + _sized(units)
    count, at = number(data, at, 1), at + 1
    units, at = _units(data, at, count, {8}, once)
    out += bytes((len(units),)) + _sized(units)
    if data[1] in (100, 110, 122, 144, 244) and len(data) >= at + 4:
        out += bytes((data[at] | 0xFC, data[at + 1] | 0xF8, data[at + 2] | 0xF8))
        units, at = _units(data, at + 4, data[at + 3], {13}, once)
        out += bytes((len(units),)) + _sized(units)
    if any(data[at:]):
        once.remove(Trace.OTHER, "bytes behind avcC")
    return box(b"avcC", out), (data[4] & 3) + 1


def _units(data: memoryview, at: int, count: int, kinds: set[int], once: Once) -> tuple[list[bytes], int]:
    units = []
    for _ in range(count):
        size = number(data, at, 2)
        unit = bytes(data[at + 2 : at + 2 + size])
        if len(unit) != size:
            raise damaged()
        at += 2 + size
        if unit and unit[0] & 31 in kinds:
            units.append(unit)
        elif unit:
            once.remove(Trace.OTHER, f"H.264 unit {unit[0] & 31}")
    return units, at


def _sized(units: list[bytes]) -> bytes:
    return b"".join(u16(len(each)) + each for each in units)


def hevc(inner: list[Box], once: Once) -> tuple[bytes, int]:
    """``hvcC`` (ISO/IEC 14496-15, section 8.3.3.1), and the bytes of a unit's length."""
    data = needed(inner, b"hvcC").data
    if len(data) < 23 or data[0] != 1:
        raise damaged()
    arrays = []
    at = 23
    for _ in range(data[22]):
        head, count = number(data, at, 1), number(data, at + 1, 2)
        at += 3
        units = []
        for _ in range(count):
            size = number(data, at, 2)
            unit = bytes(data[at + 2 : at + 2 + size])
            if len(unit) != size:
                raise damaged()
            at += 2 + size
            if unit and (stays := streams.h265_unit(unit, once)):
                units.append(stays)
        if units and head & 63 in (32, 33, 34, 39, 40):
            arrays.append(bytes((head & 0xBF,)) + u16(len(units)) + _sized(units))
    if any(data[at:]):
        once.remove(Trace.OTHER, "bytes behind hvcC")
    return box(b"hvcC", bytes(data[:22]), bytes((len(arrays),)), *arrays), (data[21] & 3) + 1


def av1(inner: list[Box], once: Once) -> bytes:
    """``av1C`` (AV1 in ISO base media file format, section 2.3)."""
    data = bytes(needed(inner, b"av1C").data)
    if len(data) < 4 or data[0] != 0x81:
        raise damaged()
    return box(b"av1C", data[:4], streams.av1(data[4:], once))


def vp9(inner: list[Box]) -> bytes:
    """``vpcC``: its twelve bytes say all of VP9."""
    data = bytes(needed(inner, b"vpcC").data)
    if len(data) < 12:
        raise damaged()
    return box(b"vpcC", data[:10], bytes(2))


def h263(inner: list[Box]) -> bytes:
    """``d263`` without its vendor."""
    found = only(inner, b"d263")
    if found is None:
        return b""
    if len(found.data) < 7:
        raise damaged()
    return box(b"d263", bytes(5), bytes(found.data[5:7]))


def esds(inner: list[Box], once: Once) -> tuple[bytes, int]:
    """``esds`` (ISO/IEC 14496-1, section 7.2.6.5) with the decoder's own setup; and the object type."""
    _, _, data = needed(inner, b"esds").full
    kind, stream, _ = next(_descriptors(data), (0, data, data))
    if kind != 3:
        raise damaged()
    flags = number(stream, 2, 1)
    if flags & 0xE0:
        # It depends on another stream, a URL, or another clock.
        raise damaged()
    decoder = next((body for tag, body, _ in _descriptors(stream[3:]) if tag == 4), None)
    if decoder is None or len(decoder) < 13:
        raise damaged()
    codec = decoder[0]
    if codec not in _KNOWN:
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    setup = next((bytes(body) for tag, body, _ in _descriptors(decoder[13:]) if tag == 5), b"")
    if len(setup) > LONGEST_SETUP or (codec in AAC and len(setup) > 64):
        raise damaged()
    if codec == _MPEG4_VISUAL:
        setup = streams.mpeg4(setup, once)
    # How the encoder meant to use its buffer and its bits is not needed.
    inner_part = bytes((codec, decoder[1] & 0xFC | 1)) + bytes(11) + (_descriptor(5, setup) if setup else b"")
    whole = bytes(2) + bytes(1) + _descriptor(4, inner_part) + _descriptor(6, b"\2")
    return full_box(b"esds", 0, 0, _descriptor(3, whole)), codec


def _descriptors(data: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    at = 0
    while at + 2 <= len(data):
        tag, size = data[at], 0
        at += 1
        for _ in range(4):
            byte = number(data, at, 1)
            at += 1
            size = size << 7 | byte & 127
            if byte < 128:
                break
        if at + size > len(data):
            raise damaged()
        yield tag, data[at : at + size], data[at + size :]
        at += size


def _descriptor(tag: int, body: bytes) -> bytes:
    size = len(body)
    return (
        bytes((tag, 0x80 | size >> 21 & 127, 0x80 | size >> 14 & 127, 0x80 | size >> 7 & 127, size & 127))
        + body
    )


def alac(inner: list[Box]) -> bytes:
    """ALAC's magic cookie: 24 bytes, sometimes with a channel layout of 24."""
    _, _, data = needed(inner, b"alac").full
    if len(data) < 24:
        raise damaged()
    return full_box(b"alac", 0, 0, bytes(data[:24]))


def of_sound(kind: bytes, inner: list[Box], once: Once) -> bytes:
    """The setup of the other codecs of sound."""
    if kind == b"ac-3":
        return _cut(needed(inner, b"dac3"), 3)
    if kind == b"ec-3":
        data = needed(inner, b"dec3").data
        if not 5 <= len(data) <= 64:
            raise damaged()
        return box(b"dec3", bytes(data))
    if kind == b"Opus":
        data = needed(inner, b"dOps").data
        family = number(data, 10, 1)
        return _cut(needed(inner, b"dOps"), 11 if family == 0 else 13 + data[1])
    if kind == b"fLaC":
        _, _, data = needed(inner, b"dfLa").full
        if number(data, 0, 1) & 127 or number(data, 1, 3) != 34 or len(data) < 38:
            raise damaged()
        if len(data) > 38:
            once.remove(Trace.OTHER, "metadata of FLAC")
        return full_box(b"dfLa", 0, 0, b"\x80\0\0\x22", bytes(data[4:38]))
    # AMR: vendor and version of the encoder go; modes and frames stay.
    data = needed(inner, b"damr").data
    if len(data) < 9:
        raise damaged()
    if any(data[:5]):
        once.remove(Trace.SOFTWARE, "vendor of AMR", bytes(data[:4]).decode("latin-1"))
    return box(b"damr", u32(0), bytes(1), bytes(data[5:9]))


def _cut(found: Box, size: int) -> bytes:
    if len(found.data) < size:
        raise damaged()
    return box(found.kind, bytes(found.data[:size]))
