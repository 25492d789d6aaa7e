"""GIF (GIF89a specification): blocks by allowlist, the packed pixels as they are.

Kept are the screen, the colour tables, the pictures and how long and how each is shown, and how often all of them are. The
codes of each picture are counted, so that nothing stays that lies behind them.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import exif, picture
from torsend.clean.formats.format import Format, NotCleanable, Notes, Writer
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDS = ("PIL.ExifTags",)

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_PLAIN_TEXT, _CONTROL, _COMMENT, _APPLICATION = 0x01, 0xF9, 0xFE, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_MOST_FRAMES = 20_000
_MOST_CODES = 1 << 12
_SLACK = 4
"""Octets behind the pixels that need not be told of: some encoders clear their table once more."""


def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """See `Format.clean`."""
    data = picture.read_all(source)
    reader = _Reader(data)
    head = reader.take(13)
    width, height, flags = struct.unpack_from("<HHB", head, 6)
    picture.check_size(width, height)
    result = [b"GIF89a", head[6:]]
    if flags & 0x80:
        result.append(reader.take(_table_size(flags)))
    frames = pixels = 0
    control = loop = b""
    while (kind := reader.take(1)[0]) != _TRAILER:
        if kind == _IMAGE:
            frames += 1
            place = reader.take(9)
            _, _, width, height, flags = struct.unpack("<HHHHB", place)
            picture.check_size(width, height)
            pixels += width * height
            if pixels > picture.MOST_ANIMATED or frames > _MOST_FRAMES:
                raise NotCleanable(Why.TOO_LARGE)
            table = reader.take(_table_size(flags)) if flags & 0x80 else b""
            result += [control, b"\x2c", place, table, _packed(reader, width * height, notes)]
            control = b""
        elif kind == _EXTENSION:
            label = reader.take(1)[0]
            blocks = list(reader.blocks())
            if label == _CONTROL and len(b"".join(blocks)) == 4:
                control = b"\x21\xf9\4" + bytes((blocks[0][0] & 0x1F,)) + blocks[0][1:4] + b"\0"
            elif label == _APPLICATION and blocks and blocks[0] in _LOOPS and not loop:
                loop = _loop(blocks)
                result.append(loop)
            else:
                _tell(label, blocks, notes)
        else:
            raise NotCleanable(Why.DAMAGED)
    if not frames:
        raise NotCleanable(Why.DAMAGED)
    if behind := reader.left():
        notes.remove(Trace.EMBEDDED, "data behind the picture", f"{behind} bytes")
    notes.keep(Left.PIXELS)
    notes.keep(Left.STREAMS)
    for each in result:
        out.write(each)
    out.write(b"\x3b")


class _Reader:
    """Reads front to back; the end in the wrong place is damage."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise NotCleanable(Why.DAMAGED)
        self._at += size
        return taken

    def blocks(self) -> Iterator[bytes]:
        """Pieces of at most 255 octets, up to an empty one."""
        while size := self.take(1)[0]:
            yield self.take(size)

    def left(self) -> int:
        return len(self._data) - self._at


def _table_size(flags: int) -> int:
    return int(3 << ((flags & 7) + 1))


def _loop(blocks: list[bytes]) -> bytes:
    """How often an animation is shown; 0 is for ever."""
    count = b"\0\0"
    for block in blocks[1:]:
        if len(block) == 3 and block[0] & 7 == 1:
            count = block[1:3]
    return b"\x21\xff\x0bNETSCAPE2.0\3\1" + count + b"\0"


def _tell(label: int, blocks: list[bytes], notes: Notes) -> None:
    content = b"".join(blocks)
    if label == _COMMENT:
        notes.remove(Trace.COMMENT, "comment", content.decode("utf-8", "replace"))
    elif label == _PLAIN_TEXT:
        notes.remove(Trace.COMMENT, "plain text", content[12:].decode("latin-1"))
    elif label == _APPLICATION and content.startswith(b"XMP DataXMP"):
        # The packet lies there uncut: what reads as the blocks' lengths are letters of it.
        exif.tell_xmp(b"".join(bytes((len(each),)) + each for each in blocks[1:]), notes)
    elif label == _APPLICATION and content.startswith(b"C2PA_GIF"):
        notes.remove(Trace.PROVENANCE, "C2PA", f"{len(content)} bytes")
    elif label == _APPLICATION and content.startswith(b"ICCRGBG1"):
        # Hardly any viewer looks at it, so the colours are those that people saw.
        notes.remove(Trace.DEVICE, "ICC profile", f"{len(content)} bytes")
    elif label == _APPLICATION:
        notes.remove(Trace.OTHER, f"application {content[:11].decode('latin-1')}", f"{len(content)} bytes")
    elif content:
        notes.remove(Trace.OTHER, f"extension {label:#04x}", f"{len(content)} bytes")


def _packed(reader: _Reader, pixels: int, notes: Notes) -> bytes:
    """One picture's codes in blocks of the usual size, up to the last one that counts."""
    least = reader.take(1)
    if not 2 <= least[0] <= 8:
        raise NotCleanable(Why.DAMAGED)
    content = b"".join(reader.blocks())
    end, missing = _codes(content, least[0], pixels)
    # The last octet's bits beyond the codes are cleared; the code for the end is added where it was missing.
    rest = content[end // 8] & ((1 << end % 8) - 1) if end % 8 else 0
    rest |= ((1 << least[0]) + 1 << end % 8) if missing else 0
    used = content[: end // 8] + rest.to_bytes((end % 8 + missing + 7) // 8, "little")
    if len(content) > len(used) + _SLACK:
        notes.remove(Trace.OTHER, "data behind the pixels", f"{len(content) - len(used)} bytes")
    result = bytearray(least)
    for start in range(0, len(used), 255):
        piece = used[start : start + 255]
        result.append(len(piece))
        result += piece
    return bytes(result) + b"\0"


def _codes(content: bytes, least: int, pixels: int) -> tuple[int, int]:
    """Where the codes of a picture end, in bits, and how wide the code for the end is that is missing (0: none is).

    Only the lengths of what codes stand for are followed, not the pixels.

    Raises:
        NotCleanable: they are broken, or too few.
    """
    clear, end = 1 << least, (1 << least) + 1
    lengths = [1] * clear + [0, 0]
    width, limit = least + 1, 1 << (least + 1)
    before = held = count = at = used = done = 0
    size = len(content)
    while True:
        while count < width and at < size:
            held |= content[at] << count
            count += 8
            at += 1
        code = held & (limit - 1) if count >= width else -1
        if code == end:
            return used + width, 0
        if done >= pixels:
            return used, width
        held >>= width
        count -= width
        used += width
        known = len(lengths)
        if code == clear:
            del lengths[clear + 2 :]
            width, limit = least + 1, 1 << (least + 1)
            before = 0
            continue
        if 0 <= code < known:
            length = lengths[code]
        elif code == known and before:
            length = before + 1
        else:
            raise NotCleanable(Why.DAMAGED)
        if before and known < _MOST_CODES:
            lengths.append(before + 1)
            if known + 1 == limit and width < 12:
                width += 1
                limit <<= 1
        before = length
        done += length


GIF = Format(
    "GIF",
    "image/gif",
    lambda beginning: beginning[:6] in (b"GIF87a", b"GIF89a"),
    clean,
    ("picture", ".gif"),
    NEEDS,
)
