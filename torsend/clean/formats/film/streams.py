"""What encoders write among the pictures and the sound themselves: their names, settings, times, and what cameras add.

Each function takes one sample and gives what stays of it. What a decoder needs for the picture stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from torsend.clean.formats.film.boxes import damaged
from torsend.clean.formats.ogg import unpadded
from torsend.clean.formats.tags import readable
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torsend.clean.formats.format import Notes

# Supplemental information (H.264 annex D, H.265 annex D) that changes what is shown: where one may start, three
# dimensions, brightness of the screen. Not kept: times of day, captions, and what is the user's own (5), where x264
# writes its settings and cameras the date and the exposure.
_SHOWN = frozenset({6, 45, 137, 144, 147})
_SUPPLEMENTAL_H264 = 6
_SUPPLEMENTAL_H265 = (39, 40)
# Slices, parameter sets, delimiters and ends. Not kept: filler, auxiliary pictures, further layers, unknown ones.
_KEPT_H264 = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13})
_KEPT_H265 = frozenset({*range(10), *range(16, 22), *range(32, 38), 39, 40})
# AV1 specification, section 6.2.2: sequence, frame headers, tiles, frames. Not kept: metadata but for brightness,
# padding, reserved ones.
_KEPT_AV1 = frozenset({1, 3, 4, 6, 7})
_SHOWN_AV1 = frozenset({1, 2})
_METADATA_AV1 = 5


class Once:
    """Notes each thing once, however many samples it is in."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._told: set[str] = set()

    def remove(self, trace: Trace, name: str, value: str = "") -> None:
        """As ``Notes.remove``."""
        if name not in self._told:
            self._told.add(name)
            self._notes.remove(trace, name, value)


def h264(sample: bytes, width: int, once: Once) -> bytes:
    """A picture of H.264, with lengths of ``width`` bytes before its units."""
    return _units(sample, width, lambda unit: h264_unit(unit, once))


def h265(sample: bytes, width: int, once: Once) -> bytes:
    """The same of H.265."""
    return _units(sample, width, lambda unit: h265_unit(unit, once))


def h264_unit(unit: bytes, once: Once) -> bytes:
    """One unit, or nothing."""
    kind = unit[0] & 31
    if kind == _SUPPLEMENTAL_H264:
        return _supplemental(unit, 1, once)
    if kind not in _KEPT_H264:
        once.remove(Trace.OTHER, f"H.264 unit {kind}")
        return b""
    return unit


def h265_unit(unit: bytes, once: Once) -> bytes:
    """One unit, or nothing."""
    if len(unit) < 2:
        return b""
    kind = unit[0] >> 1 & 63
    if (unit[0] & 1) << 5 | unit[1] >> 3 or kind not in _KEPT_H265:
        once.remove(Trace.OTHER, f"H.265 unit {kind}")
        return b""
    if kind in _SUPPLEMENTAL_H265:
        return _supplemental(unit, 2, once)
    return unit


def _units(sample: bytes, width: int, kept: Callable[[bytes], bytes]) -> bytes:
    parts: list[bytes] = []
    at = 0
    while at < len(sample):
        size = int.from_bytes(sample[at : at + width], "big")
        unit = sample[at + width : at + width + size]
        if at + width + size > len(sample):
            raise damaged()
        if unit and (stays := kept(unit)):
            parts += (len(stays).to_bytes(width, "big"), stays)
        at += width + size
    return b"".join(parts)


def _supplemental(unit: bytes, head: int, once: Once) -> bytes:
    """The unit with the messages that change what is shown, or nothing."""
    data = unit[head:].replace(b"\0\0\3", b"\0\0")
    kept = b""
    at = 0
    # The last byte is a stop bit, unless the unit is broken.
    while at + 1 < len(data):
        start = at
        kind = size = 0
        while at < len(data) and data[at] == 255:
            kind += 255
            at += 1
        kind += data[at] if at < len(data) else 0
        at += 1
        while at < len(data) and data[at] == 255:
            size += 255
            at += 1
        size += data[at] if at < len(data) else 0
        at += 1
        body = data[at : at + size]
        at += size
        if kind in _SHOWN and len(body) == size <= 32:
            kept += data[start:at]
        elif kind == 5:
            once.remove(Trace.SOFTWARE, "user data in the pictures", readable(body[16:]))
        else:
            once.remove(Trace.OTHER, f"supplemental information {kind}")
    if not kept:
        return b""
    # No three bytes within a unit may look like the beginning of the next.
    return unit[:head] + re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", kept + b"\x80")


def av1(sample: bytes, once: Once) -> bytes:
    """A picture of AV1."""
    parts: list[bytes] = []
    for kind, whole, body in _obus(sample):
        if kind in _KEPT_AV1 or (kind == _METADATA_AV1 and body[:1] and body[0] in _SHOWN_AV1):
            parts.append(whole)
        elif kind != 2:
            once.remove(Trace.OTHER, f"AV1 unit {kind}")
    return b"".join(parts)


def _obus(sample: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    at = 0
    while at < len(sample):
        begin = at
        head = sample[at]
        at += 2 if head & 4 else 1
        size = len(sample) - at
        if head & 2:
            size = shift = 0
            for each in sample[at : at + 8]:
                size |= (each & 127) << shift
                shift += 7
                at += 1
                if each < 128:
                    break
        if at + size > len(sample) or head & 0x80:
            raise damaged()
        yield head >> 3 & 15, sample[begin : at + size], sample[at : at + size]
        at += size


def mpeg4(sample: bytes, once: Once) -> bytes:
    """A picture of MPEG-4 part 2, or its headers, without user data (ISO/IEC 14496-2, section 6.2.2.1)."""
    while (begin := sample.find(b"\0\0\1\xb2")) >= 0:
        end = sample.find(b"\0\0\1", begin + 4)
        once.remove(
            Trace.SOFTWARE, "user data in the pictures", readable(sample[begin + 4 : max(end, begin + 4)])
        )
        sample = sample[:begin] + (sample[end:] if end >= 0 else b"")
    return sample


def prores(sample: bytes, once: Once) -> bytes:
    """A frame of ProRes with Apple's own mark as its creator (SMPTE RDD 36)."""
    if len(sample) < 20 or sample[4:8] != b"icpf":
        raise damaged()
    if sample[12:16] != b"apl0":
        once.remove(Trace.SOFTWARE, "creator of ProRes", readable(sample[12:16]))
    return sample[:12] + b"apl0" + sample[16:]


def opus(sample: bytes, once: Once) -> bytes:
    """A packet of Opus, its padding zero."""
    size = unpadded(sample)
    if any(sample[size:]):
        once.remove(Trace.OTHER, "padding")
    return sample[:size].ljust(len(sample), b"\0")


def aac(sample: bytes, once: Once) -> bytes:
    """A frame of AAC: filling and data before its sound become zero (ISO/IEC 14496-3, section 4.4.2.1).

    Encoders write their name there. What stands behind the sound can't be found without decoding it.
    """
    total = 8 * len(sample)
    value = int.from_bytes(sample, "big")
    at = 0
    hidden = 0
    while at + 16 <= total:
        element = value >> (total - at - 3) & 7
        if element == 6:
            size, begin = value >> (total - at - 7) & 15, at + 7
            if size == 15:
                size, begin = 14 + (value >> (total - at - 15) & 255), at + 15
            if begin + 8 * size > total or (size and value >> (total - begin - 4) & 15 > 11):
                break
        elif element == 4:
            size, begin = value >> (total - at - 16) & 255, at + 16
            if size == 255:
                size, begin = 255 + (value >> (total - at - 24) & 255), at + 24
            if value >> (total - at - 8) & 1:
                begin += -begin % 8
            if begin + 8 * size > total:
                break
        else:
            break
        mask = (1 << 8 * size) - 1 << (total - begin - 8 * size)
        if value & mask:
            hidden = hidden or (value & mask) >> (total - begin - 8 * size)
            value &= ~mask
        at = begin + 8 * size
    if not hidden:
        return sample
    # The text may lie across bytes.
    texts = (hidden >> shift for shift in range(8))
    words = (re.findall(rb"[ -~]{5,}", text.to_bytes((text.bit_length() + 7) // 8, "big")) for text in texts)
    longest = max((each for some in words for each in some), key=len, default=b"")
    once.remove(Trace.SOFTWARE, "filling of the sound", longest.decode())
    return value.to_bytes(len(sample), "big")
