"""Sample entries: how a track's samples are coded, with what its decoder needs and nothing more."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.clean.formats.film import codecs, streams
from torsend.clean.formats.film.boxes import Box, box, children, damaged, full_box, number, only, u16, u32
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.tags import readable
from torsend.clean.report import Trace, Why

if TYPE_CHECKING:
    from torsend.clean.formats.film.streams import Once

Scrub = Callable[[bytes], bytes]

MOST_ENTRIES = 64

# Bits of a sample of sound, by entry: QuickTime counts these one by one and means "as large as they are".
_PLAIN = {
    b"sowt": 16, b"twos": 16, b"in24": 24, b"in32": 32, b"fl32": 32, b"fl64": 64, b"ulaw": 8, b"alaw": 8, b"raw ": 8,
}  # fmt: skip
_SOUNDS = frozenset(
    {*_PLAIN, b"lpcm", b"mp4a", b"alac", b"ac-3", b"ec-3", b"Opus", b"fLaC", b"samr", b"sawb", b".mp3"}
)
_PRORES = frozenset({b"apch", b"apcn", b"apcs", b"apco", b"ap4h", b"ap4x"})
_PICTURES = frozenset(
    {b"avc1", b"avc3", b"hvc1", b"hev1", b"mp4v", b"av01", b"vp09", b"s263", b"h263", *_PRORES}
)
_ENCRYPTED = frozenset({b"encv", b"enca", b"drmi", b"drms"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One sample entry.

    Attributes:
        written: the box, anew.
        scrub: what is to be done to each sample; None: nothing.
        shrinks: whether that may make a sample shorter.
        unit: bytes of one sample of plain sound; else 0.
        mp3: whether each sample is a frame of MP3, whose bits may lie in earlier ones.
    """

    written: bytes
    scrub: Scrub | None = None
    shrinks: bool = False
    unit: int = 0
    mp3: bool = False


def entries(description: Box, *, pictures: bool, quicktime: bool, once: Once) -> list[Entry]:
    """Those of a track.

    Raises:
        NotCleanable: a codec is not one of ours, or the track is encrypted.
    """
    _, _, data = description.full
    boxes = children(data[4:])
    if not boxes or len(boxes) > MOST_ENTRIES or len(boxes) != number(data, 0, 4):
        raise damaged()
    found = []
    for each in boxes:
        if each.kind in _ENCRYPTED:
            raise NotCleanable(Why.ENCRYPTED)
        if each.kind not in (_PICTURES if pictures else _SOUNDS):
            raise NotCleanable(Why.UNKNOWN_FORMAT)
        found.append(_picture(each, once) if pictures else _sound(each, once, quicktime=quicktime))
    return found


def _picture(entry: Box, once: Once) -> Entry:
    data = entry.data
    if len(data) < 78:
        raise damaged()
    if any(data[16:32]) and any(data[20:24]):
        once.remove(Trace.SOFTWARE, "vendor", readable(bytes(data[20:24])))
    if name := readable(bytes(data[43 : 43 + min(data[42], 31)])):
        once.remove(Trace.SOFTWARE, "compressor", name)
    head = (
        bytes(6) + u16(1) + bytes(16) + bytes(data[24:28]) + u32(72 << 16) + u32(72 << 16) + bytes(4) + u16(1)
    )
    head += bytes(32) + bytes(data[74:76]) + u16(0xFFFF)
    inner = children(data[78:])
    kind = entry.kind
    scrub: Scrub | None = None
    if kind in (b"avc1", b"avc3"):
        setup, width = codecs.avc(inner, once)
        scrub = functools.partial(streams.h264, width=width, once=once)
    elif kind in (b"hvc1", b"hev1"):
        setup, width = codecs.hevc(inner, once)
        scrub = functools.partial(streams.h265, width=width, once=once)
    elif kind == b"av01":
        setup = codecs.av1(inner, once)
        scrub = functools.partial(streams.av1, once=once)
    elif kind == b"mp4v":
        setup, _ = codecs.esds(inner, once)
        scrub = functools.partial(streams.mpeg4, once=once)
    elif kind == b"vp09":
        setup = codecs.vp9(inner)
    elif kind in _PRORES:
        setup = b""
        scrub = functools.partial(streams.prores, once=once)
    else:
        setup = codecs.h263(inner)
    shape = b"".join(_shape(each, once) for each in inner)
    return Entry(box(kind, head, setup, shape), scrub, scrub is not None and kind not in _PRORES)


# Boxes about the shape and the colours of a picture, with the one size that each has.
_SHAPES = {
    b"pasp": 8, b"clap": 32, b"fiel": 2, b"gama": 4, b"clli": 4, b"mdcv": 24, b"CoLL": 8, b"SmDm": 28,
}  # fmt: skip
_SETUPS_OF_SOUND = frozenset({b"alac", b"dac3", b"dec3", b"dOps", b"dfLa", b"damr"})
_SETUPS = frozenset({b"avcC", b"hvcC", b"av1C", b"esds", b"vpcC", b"d263", b"btrt", b"wave", b"chan"})


def _shape(inner: Box, once: Once) -> bytes:
    if _SHAPES.get(inner.kind) == len(inner.data):
        return box(inner.kind, bytes(inner.data))
    if inner.kind == b"colr":
        colour = bytes(inner.data[:11])
        if colour[:4] == b"nclx" and len(inner.data) == 11:
            return box(b"colr", colour[:10], bytes((colour[10] & 0x80,)))
        if colour[:4] == b"nclc" and len(inner.data) == 10:
            return box(b"colr", colour)
        once.remove(Trace.DEVICE, "colour profile")
    elif inner.kind not in _SETUPS and any(inner.data):
        once.remove(Trace.OTHER, f"{readable(inner.kind)} of the pictures")
    return b""


def _sound(entry: Box, once: Once, *, quicktime: bool) -> Entry:
    data, kind = entry.data, entry.kind
    if len(data) < 28:
        raise damaged()
    version = number(data, 8, 2) if quicktime else 0
    if any(data[12:16]):
        once.remove(Trace.SOFTWARE, "vendor", readable(bytes(data[12:16])))
    channels, bits = number(data, 16, 2), number(data, 18, 2)
    compression = bytes(data[20:22]) if quicktime else bytes(2)
    head = bytes(6) + u16(1) + u16(version) + bytes(6) + bytes(data[16:20])
    head += compression + bytes(2) + bytes(data[24:28])
    extra = {0: 0, 1: 16, 2: 36}.get(version)
    if extra is None or len(data) < 28 + extra:
        raise damaged()
    unit = channels * ((_PLAIN[kind] + 7) // 8) if kind in _PLAIN else 0
    if version == 2:
        # Size of the structure, rate, channels, a constant, bits, flags, bytes of a packet, samples of a packet.
        head += u32(72) + bytes(data[32:44]) + u32(0x7F000000) + bytes(data[48:64])
        unit = number(data, 56, 4) if kind == b"lpcm" or kind in _PLAIN else 0
    elif version == 1:
        head += bytes(data[28:44])
    if kind == b"raw " and bits == 16:
        unit *= 2
    if kind == b"lpcm" and not unit:
        raise damaged()
    inner = children(data[28 + extra :])
    setup, scrub, mp3 = _setup_of_sound(kind, inner, once)
    layout = only(inner, b"chan")
    for each in inner:
        if each.kind not in _SETUPS | _SETUPS_OF_SOUND:
            once.remove(Trace.OTHER, f"{readable(each.kind)} of the sound")
    written = box(kind, head, setup, b"" if layout is None else _layout(layout))
    return Entry(written, scrub, shrinks=False, unit=unit, mp3=mp3)


def _setup_of_sound(kind: bytes, inner: list[Box], once: Once) -> tuple[bytes, Scrub | None, bool]:
    """The decoder's setup, what is to be done to a sample, and whether it is MP3."""
    wave = only(inner, b"wave")
    within = children(wave.data) if wave is not None else inner
    scrub: Scrub | None = None
    mp3 = kind == b".mp3"
    if kind == b"mp4a":
        setup, codec = codecs.esds(within, once)
        scrub = functools.partial(streams.aac, once=once) if codec in codecs.AAC else None
        mp3 = codec in codecs.MP3
        if wave is not None:
            setup = box(kind, bytes(4)) + setup
    elif kind == b"alac":
        setup = codecs.alac(within)
    elif kind in _PLAIN or kind in (b"lpcm", b".mp3"):
        # Which end of a number comes first.
        if wave is None or (order := only(within, b"enda")) is None:
            return b"", None, mp3
        setup = box(b"enda", u16(1 if any(order.data[:2]) else 0))
    else:
        if kind == b"Opus":
            scrub = functools.partial(streams.opus, once=once)
        return codecs.of_sound(kind, inner, once), scrub, False
    return box(b"wave", box(b"frma", kind), setup, bytes(8)) if wave is not None else setup, scrub, mp3


def _layout(layout: Box) -> bytes:
    """QuickTime's channel layout: a number, a bitmap and the labels, without coordinates."""
    _, _, data = layout.full
    count = number(data, 8, 4)
    if count > 64 or len(data) < 12 + 20 * count:
        return b""
    labels = b"".join(bytes(data[12 + 20 * each : 16 + 20 * each]) + bytes(16) for each in range(count))
    return full_box(b"chan", 0, 0, bytes(data[:12]), labels)
