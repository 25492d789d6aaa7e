"""PNG and APNG (PNG specification, third edition): chunks by allowlist, the packed pixels as they are.

Packing is lossless here, so there is nothing in the pixels' data by which a device could be told, but the program that
packed them (``Left.STREAMS``). The data is unpacked to see that it is exactly the picture and that nothing lies behind
it. Chunks that stay are written from their checked values.

A profile of Display P3, as screens have it today, becomes a fresh one. Where another profile or an orientation has to be
worked into the pixels, they are packed anew, by rules of our own (``deflate``), since zlib's result differs between its
versions.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import colours, exif, picture
from torsend.clean.formats.format import Format, NotCleanable, Notes, Writer
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

NEEDS = (*colours.NEEDS, "PIL.ExifTags", "zlib", "torsend.clean.formats.deflate")

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _INDEXED = 0, 2, 3
"""Kinds of pixels (PNG section 11.2.1) of which one colour may be clear; the others have transparency of their own."""
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples a pixel, by colour type."""
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column and row, steps across and down."""
_SRGB_GAMMA = 45455
_PRIMARIES = {
    "sRGB": (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
    "P3": (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000),
    "Adobe RGB": (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000),
    "BT.2020": (31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600),
}
"""White, red, green and blue point of the spaces that are many people's; any other is somebody's screen."""
_NEAR = 300
_PIECE = 1 << 16
"""Octets of packed data a chunk."""
_UNPACKED = 1 << 20
"""Octets that are unpacked at once."""
_SMALL = 1 << 20
"""Octets for which it doesn't matter how long packing takes."""
_MOST_FRAMES = 20_000
_MOST_TEXT = 1 << 20


@dataclass(slots=True)
class _Frame:
    """One picture of the file.

    Attributes:
        control: the ``fcTL`` chunk, without its number; empty for a picture outside the animation.
    """

    width: int
    height: int
    control: bytes
    data: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Parts:
    head: bytes = b""
    palette: bytes = b""
    transparency: bytes = b""
    plays: int | None = None
    frames: list[_Frame] = field(default_factory=list)
    kept: dict[bytes, bytes] = field(default_factory=dict)
    profile: bytes | None = None
    orientation: int = 1


def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """See `Format.clean`."""
    data = picture.read_all(source)
    parts = _take_apart(data, notes)
    if not parts.frames or not parts.head:
        raise NotCleanable(Why.DAMAGED)
    pixels = 0
    for frame in parts.frames:
        picture.check_size(frame.width, frame.height)
        pixels += frame.width * frame.height
        if pixels > picture.MOST_ANIMATED:
            raise NotCleanable(Why.TOO_LARGE)
        frame.data = bytearray(_exact(frame, parts.head, notes))
    _colours(parts, notes)
    notes.keep(Left.PIXELS)
    anew = parts.profile is not None or parts.orientation != 1
    if anew and len(parts.frames) == 1:
        _pack_anew(parts)
    else:
        notes.keep(Left.STREAMS)
    _write(parts, out)


def _take_apart(data: bytes, notes: Notes) -> _Parts:
    parts = _Parts()
    shown = False
    for kind, content, behind in _chunks(data):
        if not parts.head and kind != b"IHDR":
            raise NotCleanable(Why.DAMAGED)
        match kind:
            case b"IHDR" if not parts.head and _valid_head(content):
                parts.head = content
            case b"IEND":
                if behind:
                    notes.remove(Trace.EMBEDDED, "data behind the picture", f"{behind} bytes")
            case b"IDAT":
                if not shown:
                    shown = True
                    width, height = struct.unpack_from(">II", parts.head)
                    if not parts.frames:
                        parts.frames.append(_Frame(width, height, b""))
                    elif (parts.frames[0].width, parts.frames[0].height) != (width, height):
                        raise NotCleanable(Why.DAMAGED)
                elif len(parts.frames) != 1:
                    raise NotCleanable(Why.DAMAGED)
                parts.frames[0].data += content
            case b"PLTE" if not parts.palette and len(content) % 3 == 0 and 3 <= len(content) <= 768:
                parts.palette = content
            case b"tRNS" if len(content) <= 256:
                parts.transparency = content
            case b"acTL" if len(content) == 8 and not shown:
                parts.plays = struct.unpack(">II", content)[1]
            case b"fcTL" if (
                len(content) == 26 and len(parts.frames) < _MOST_FRAMES and parts.plays is not None
            ):
                parts.frames.append(_frame(content, parts.head))
            case b"fdAT" if len(content) >= 4 and shown and parts.plays is not None:
                parts.frames[-1].data += content[4:]
            case _:
                if kind[0] & 0x20 == 0 or kind in (b"fcTL", b"fdAT", b"tRNS"):
                    raise NotCleanable(Why.DAMAGED)
                _tell(kind, content, parts, notes)
    if parts.plays is not None and not any(frame.control for frame in parts.frames):
        parts.plays = None
    _drop_unused(parts, notes)
    return parts


def _drop_unused(parts: _Parts, notes: Notes) -> None:
    """What the kind of pixels has no use for: a palette beside colours that are told in full, more than one colour that is
    clear.
    """
    colour = parts.head[9] if parts.head else 0
    if parts.palette and colour != _INDEXED:
        notes.remove(Trace.OTHER, "PLTE", f"{len(parts.palette)} bytes")
        parts.palette = b""
    most = {_GREY: 2, _RGB: 6, _INDEXED: len(parts.palette) // 3}.get(colour, 0)
    if len(parts.transparency) > most:
        notes.remove(Trace.OTHER, "tRNS", f"{len(parts.transparency) - most} bytes")
        parts.transparency = parts.transparency[:most]


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Kind and content of each, and how much lies behind the last.

    Raises:
        NotCleanable: a sum is wrong, or the end is missing.
    """
    at = len(_SIGNATURE)
    kind = b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        content = data[at + 8 : at + 8 + length]
        (given,) = struct.unpack_from(">I", data, at + 8 + length)
        if not kind.isalpha() or (kind[0] & 0x20 == 0 and zlib.crc32(kind + content) != given):
            raise NotCleanable(Why.DAMAGED)
        at += 12 + length
        yield kind, content, len(data) - at


def _valid_head(content: bytes) -> bool:
    if len(content) != 13:
        return False
    width, height, depth, colour, packing, filtering, interlaced = struct.unpack(">IIBBBBB", content)
    picture.check_size(width, height)
    return depth in _DEPTHS.get(colour, ()) and packing == filtering == 0 and interlaced < 2


def _frame(content: bytes, head: bytes) -> _Frame:
    _, width, height, left, top, over, under, disposal, blending = struct.unpack(">IIIIIHHBB", content)
    whole_width, whole_height = struct.unpack_from(">II", head)
    if left + width > whole_width or top + height > whole_height or disposal > 2 or blending > 1:
        raise NotCleanable(Why.DAMAGED)
    return _Frame(
        width, height, struct.pack(">IIIIHHBB", width, height, left, top, over, under, disposal, blending)
    )


def _tell(kind: bytes, content: bytes, parts: _Parts, notes: Notes) -> None:
    """Notes a chunk that goes, or takes what has to be worked into the result."""
    match kind:
        case b"tEXt" | b"zTXt" | b"iTXt":
            _tell_text(kind, content, notes)
        case b"eXIf":
            parts.orientation = exif.tell_exif(content.removeprefix(b"Exif\0\0"), notes)
        case b"tIME" if len(content) == 7:
            notes.remove(
                Trace.DATE, "tIME", "{}-{:02}-{:02} {:02}:{:02}:{:02}".format(*struct.unpack(">H5B", content))
            )
        case b"iCCP":
            profile = _unpacked(content.partition(b"\0")[2][1:], colours.MOST_PROFILE)
            if profile != colours.display_p3():
                colours.note_profile(profile, notes)
            parts.profile = profile
        case b"caBX":
            notes.remove(Trace.PROVENANCE, "C2PA (caBX)", f"{len(content)} bytes")
        case b"sRGB" | b"gAMA" | b"cHRM" | b"cICP" | b"pHYs":
            parts.kept[kind] = content
        case _:
            notes.remove(Trace.OTHER, kind.decode("ascii"), f"{len(content)} bytes")


def _tell_text(kind: bytes, content: bytes, notes: Notes) -> None:
    keyword, _, rest = content.partition(b"\0")
    name = keyword.decode("latin-1")
    if kind == b"tEXt":
        value = rest
    elif kind == b"zTXt":
        value = _unpacked(rest[1:], _MOST_TEXT)
    else:
        _, _, value = rest[2:].partition(b"\0")[2].partition(b"\0")
        if rest[:1] == b"\1":
            value = _unpacked(value, _MOST_TEXT)
    if name == "XML:com.adobe.xmp":
        exif.tell_xmp(value, notes)
    elif name.startswith("Raw profile type "):
        notes.remove(Trace.OTHER, name, f"{len(value)} bytes")
    else:
        sort = exif.sort(name)
        words = value.decode("utf-8" if kind == b"iTXt" else "latin-1", "replace")
        notes.remove(Trace.COMMENT if sort is Trace.OTHER else sort, name, words)


def _unpacked(packed: bytes, most: int) -> bytes:
    """What a zlib stream holds, or as much of it as may be; empty if it is broken."""
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return b""


def _colours(parts: _Parts, notes: Notes) -> None:
    """Decides which of the chunks about colours and sizes stay, and writes them in their usual values."""
    kept = parts.kept
    parts.kept = {}
    if parts.profile is not None:
        if colours.is_srgb(parts.profile):
            parts.profile = None
        elif colours.alike(parts.profile, colours.display_p3()):
            parts.profile = None
            parts.kept[b"iCCP"] = b"P3\0\0" + _packed(colours.display_p3())
        return
    given = kept.get(b"cICP", b"")
    if len(given) == 4:
        parts.kept[b"cICP"] = given
    elif kept.get(b"sRGB", b"\xff")[0] < 4:
        parts.kept[b"sRGB"] = kept[b"sRGB"][:1]
    else:
        if len(gamma := kept.get(b"gAMA", b"")) == 4:
            value = round(struct.unpack(">I", gamma)[0], -3)
            if abs(value - _SRGB_GAMMA) > 600 and value:
                parts.kept[b"gAMA"] = struct.pack(">I", value)
        if len(points := kept.get(b"cHRM", b"")) == 32:
            space = _space(struct.unpack(">8I", points))
            if space is None:
                notes.remove(Trace.DEVICE, "cHRM", " ".join(map(str, struct.unpack(">8I", points))))
            elif space != "sRGB":
                parts.kept[b"cHRM"] = struct.pack(">8I", *_PRIMARIES[space])
    if len(size := kept.get(b"pHYs", b"")) == 9:
        across, down, unit = struct.unpack(">IIB", size)
        # Dots that are no squares must stay so. How many of them make a metre tells of a screen or a scanner.
        if across != down and unit == 0:
            parts.kept[b"pHYs"] = size


def _space(points: tuple[int, ...]) -> str | None:
    for name, known in _PRIMARIES.items():
        if all(abs(one - other) <= _NEAR for one, other in zip(points, known, strict=True)):
            return name
    return None


def _exact(frame: _Frame, head: bytes, notes: Notes) -> bytes:
    """The frame's packed data, which unpacks to exactly its rows, without what lies behind it.

    Raises:
        NotCleanable: it holds more or less than the picture.
    """
    runs = list(_rows(frame.width, frame.height, head))
    wanted = sum(stride * rows for stride, rows in runs)
    check = _Filters(runs)
    unpack = zlib.decompressobj()
    left = bytes(frame.data)
    total = 0
    try:
        while not unpack.eof:
            rows = unpack.decompress(left, _UNPACKED)
            left = unpack.unconsumed_tail
            total += len(rows)
            if total > wanted or (not rows and not left and not unpack.eof) or not check.fine(rows):
                raise NotCleanable(Why.DAMAGED)
    except zlib.error:
        raise NotCleanable(Why.DAMAGED) from None
    if total != wanted:
        raise NotCleanable(Why.DAMAGED)
    behind = len(unpack.unused_data)
    if behind:
        notes.remove(Trace.OTHER, "data behind the pixels", f"{behind} bytes")
    return bytes(frame.data[: len(frame.data) - behind])


def _rows(width: int, height: int, head: bytes) -> Iterator[tuple[int, int]]:
    """Octets a row, the one for its filter among them, and how many such rows; for each pass."""
    depth, colour, _, _, interlaced = struct.unpack_from(">BBBBB", head, 8)
    bits = depth * _SAMPLES[colour]
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns = (width - left + across - 1) // across
        rows = (height - top + down - 1) // down
        if columns > 0 and rows > 0:
            yield 1 + (columns * bits + 7) // 8, rows


class _Filters:
    """Sees that each row begins with the number of a filter that there is."""

    def __init__(self, runs: list[tuple[int, int]]) -> None:
        self._runs = runs
        self._at = 0
        """How far the first of the runs is read."""

    def fine(self, rows: bytes) -> bool:
        start = 0
        while start < len(rows) and self._runs:
            stride, count = self._runs[0]
            end = min(len(rows), start + stride * count - self._at)
            firsts = rows[start + -self._at % stride : end : stride]
            if firsts and max(firsts) > 4:
                return False
            self._at += end - start
            start = end
            if self._at == stride * count:
                self._runs.pop(0)
                self._at = 0
        return True


def _pack_anew(parts: _Parts) -> None:
    """Works profile and orientation into the pixels; with a palette, the profile into the palette."""
    from PIL import Image

    if parts.profile is not None and parts.palette:
        entries = Image.frombytes("RGB", (len(parts.palette) // 3, 1), parts.palette)
        parts.palette = colours.to_srgb(entries, parts.profile).tobytes()
        parts.profile = None
        if parts.orientation == 1:
            return
    file = io.BytesIO()
    _write(parts, file)
    unpacked = picture.opened(file.getvalue(), "PNG")
    if unpacked.mode.startswith("I;16") or unpacked.mode == "I":
        turned = colours.upright(unpacked, parts.orientation)
    else:
        if "transparency" in unpacked.info or unpacked.mode == "PA":
            unpacked = unpacked.convert("RGBA")
        turned = colours.upright(colours.to_srgb(unpacked, parts.profile), parts.orientation)
    turned.info.clear()
    fresh = _take_apart(_stored(turned), Notes())
    parts.head, parts.palette, parts.transparency = fresh.head, b"", b""
    parts.frames, parts.plays = fresh.frames, None
    rows = zlib.decompress(bytes(fresh.frames[0].data))
    parts.frames[0].data = bytearray(_packed(rows))


def _packed(content: bytes) -> bytes:
    """A zlib stream (RFC 1950)."""
    from torsend.clean.formats.deflate import deflate, huffman

    # Drawings and screens are mostly flat, and a flat row is nearly all zeros once it is filtered.
    flat = content.count(0) * 2 > len(content) or len(content) < _SMALL
    return b"\x78\x01" + (deflate if flat else huffman)(content) + struct.pack(">I", zlib.adler32(content))


def _stored(unpacked: Image.Image) -> bytes:
    """A PNG whose rows are filtered and not packed."""
    file = io.BytesIO()
    unpacked.save(file, "PNG", compress_level=0)
    return file.getvalue()


def _write(parts: _Parts, out: Writer) -> None:
    out.write(_SIGNATURE)
    _chunk(out, b"IHDR", parts.head)
    for kind in (b"iCCP", b"cICP", b"sRGB", b"gAMA", b"cHRM", b"pHYs"):
        if kind in parts.kept:
            _chunk(out, kind, parts.kept[kind])
    if parts.plays is not None:
        moving = sum(1 for frame in parts.frames if frame.control)
        _chunk(out, b"acTL", struct.pack(">II", moving, parts.plays))
    if parts.palette:
        _chunk(out, b"PLTE", parts.palette)
    if parts.transparency:
        _chunk(out, b"tRNS", parts.transparency)
    number = 0
    for index, frame in enumerate(parts.frames):
        if frame.control:
            _chunk(out, b"fcTL", struct.pack(">I", number) + frame.control)
            number += 1
        for start in range(0, len(frame.data), _PIECE):
            piece = bytes(frame.data[start : start + _PIECE])
            if index == 0:
                _chunk(out, b"IDAT", piece)
            else:
                _chunk(out, b"fdAT", struct.pack(">I", number) + piece)
                number += 1
    _chunk(out, b"IEND", b"")


def _chunk(out: Writer, kind: bytes, content: bytes) -> None:
    out.write(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    )


PNG = Format(
    "PNG", "image/png", lambda beginning: beginning.startswith(_SIGNATURE), clean, ("picture", ".png"), NEEDS
)
