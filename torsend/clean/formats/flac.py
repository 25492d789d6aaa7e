"""FLAC (RFC 9639): the stream's parameters, the seek table and the frames stay.

Frames hold no length. Where one ends is where the next one begins with the next number, and where the checksum over all
of its bytes comes out: so nothing can lie between frames, before them or behind them.
"""

from __future__ import annotations

import functools
import sys
from array import array
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import id3
from torsend.clean.formats.comments import note_comments
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.reading import BLOCK, Reader
from torsend.clean.formats.tags import readable
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.clean.formats.format import Notes, Writer

STREAMINFO, PADDING, APPLICATION, SEEKTABLE, COMMENTS, CUESHEET, PICTURE = range(7)
MOST_BLOCKS = 1024
"""Blocks of metadata before the sound."""


def recognises(beginning: bytes) -> bool:
    """Whether a FLAC stream begins here."""
    return beginning.startswith((b"fLaC\0\0\0\x22", b"fLaC\x80\0\0\x22"))


def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """Writes parameters, seek table, loudspeakers and frames."""
    reader = Reader(source)
    start = id3.skip_before(reader, notes)
    if not recognises(reader.peek(start, 8)):
        raise NotCleanable(Why.DAMAGED)
    end = id3.cut_behind(reader, start, notes)
    info, seeks, channels, at = _metadata(reader, start + 4, notes)
    seeks = _true_points(seeks, info, _Frames(reader, at, end))
    notes.keep(Left.VOICES)
    notes.keep(Left.STREAMS)
    blocks = [(STREAMINFO, info)]
    if seeks:
        blocks.append((SEEKTABLE, seeks))
    if channels:
        field = len(channels).to_bytes(4, "little") + channels
        blocks.append((COMMENTS, bytes(4) + (1).to_bytes(4, "little") + field))
    out.write(b"fLaC")
    for number, (kind, data) in enumerate(blocks, 1):
        last = 0x80 if number == len(blocks) else 0
        out.write(bytes((kind | last,)) + len(data).to_bytes(3, "big") + data)
    reader.copy(at, end - at, out)


def _metadata(reader: Reader, at: int, notes: Notes) -> tuple[bytes, bytes, bytes, int]:
    """Parameters, seek table, the field that tells the loudspeakers, and where the frames begin."""
    info = seeks = channels = b""
    for _ in range(MOST_BLOCKS):
        head = reader.take(at, 4)
        kind, size = head[0] & 0x7F, int.from_bytes(head[1:], "big")
        data = reader.take(at + 4, size)
        at += 4 + size
        if kind == STREAMINFO and not info and size == 34:
            info = data
        elif kind == SEEKTABLE and not seeks and size % 18 == 0:
            seeks = data
        elif kind == COMMENTS:
            channels = note_comments(data, notes) or channels
        else:
            _note(kind, data, notes)
        if head[0] & 0x80:
            if not info:
                break
            return info, seeks, channels, at
    raise NotCleanable(Why.DAMAGED)


def _true_points(seeks: bytes, info: bytes, frames: _Frames) -> bytes:
    """The points of a seek table that name a frame which is there."""
    numbers = frames.numbers()
    size = int.from_bytes(info[2:4], "big")
    kept = []
    for begin in range(0, len(seeks), 18):
        point = seeks[begin : begin + 18]
        number = numbers.get(int.from_bytes(point[8:16], "big"))
        sample = int.from_bytes(point[:8], "big")
        if number is not None and sample == number * (size if frames.even else 1):
            kept.append(point[:16] + min(int.from_bytes(point[16:], "big"), size).to_bytes(2, "big"))
    return b"".join(kept)


def _note(kind: int, data: bytes, notes: Notes) -> None:
    if kind == PICTURE:
        notes.remove(Trace.THUMBNAIL, "PICTURE")
    elif kind == APPLICATION:
        notes.remove(Trace.OTHER, "APPLICATION", readable(data[:4]))
    elif kind == CUESHEET:
        notes.remove(Trace.OTHER, "CUESHEET", readable(data[:128].rstrip(b"\0")))
    elif kind != PADDING or data.strip(b"\0"):
        notes.remove(Trace.OTHER, "PADDING" if kind == PADDING else f"metadata block {kind}")


class _Frames:
    """The frames between two places."""

    def __init__(self, reader: Reader, start: int, end: int) -> None:
        self._reader = reader
        self._start = start
        self._end = end
        self._head = reader.take(start, 2)

    @property
    def even(self) -> bool:
        """Whether all frames but the last are of one length, so that frames are numbered and not samples."""
        return self._head == b"\xff\xf8"

    def numbers(self) -> dict[int, int]:
        """The number in each frame, by the frame's distance from the first. Every byte belongs to a frame.

        Raises:
            NotCleanable: something else lies among them, or a checksum does not come out.
        """
        at, number = self._start, _number(self._reader.peek(self._start, 16))
        found: dict[int, int] = {}
        while number is not None:
            found[at - self._start] = number
            at, number = self._next(at, number)
        if at != self._end:
            raise NotCleanable(Why.DAMAGED)
        return found

    def _next(self, at: int, number: int) -> tuple[int, int | None]:
        """Where the frame ends that begins at ``at``, and the number of the next one, if there is one."""
        crc, done = 0, at
        for place, following in self._marks(at + 2):
            even = place - (place - at & 1)
            crc, done = self._sum(crc, done, even), even
            whole = crc if even == place else _crc_step(crc, self._reader.take(even, 1)[0])
            if following > number and whole == 0:
                return place, following
        if self._sum(crc, done, self._end) != 0:
            raise NotCleanable(Why.DAMAGED)
        return self._end, None

    def _marks(self, at: int) -> Iterator[tuple[int, int]]:
        """Places from ``at`` on at which a frame may begin, and the numbers there."""
        while at + 2 <= self._end:
            block = self._reader.peek(at, min(BLOCK // 4, self._end - at))
            searched = 0
            while (found := block.find(self._head, searched)) >= 0:
                number = _number(self._reader.peek(at + found, 16))
                if number is not None:
                    yield at + found, number
                searched = found + 1
            # The last byte is looked at again: a mark may lie across the border of two blocks.
            at += len(block) - 1

    def _sum(self, crc: int, begin: int, end: int) -> int:
        for piece in self._reader.pieces(begin, end - begin):
            crc = checksum(piece, crc)
        return crc


def _number(frame: bytes) -> int | None:
    """The number that a frame's header holds (of the frame, or of its first sample), or None if it is no header."""
    if len(frame) < 6 or frame[0] != 0xFF or frame[1] & 0xFE != 0xF8:
        return None
    size, rate = frame[2] >> 4, frame[2] & 15
    if size == 0 or rate == 15 or frame[3] >> 4 > 10 or frame[3] & 1 or frame[3] >> 1 & 7 == 3:
        return None
    first = frame[4]
    more = 0 if first < 0x80 else 8 - (first ^ 0xFF).bit_length() - 1
    if first >= 0x80 and not 1 <= more <= 6:
        return None
    number = first if not more else first & (0x3F >> more)
    for each in frame[5 : 5 + more]:
        if each & 0xC0 != 0x80:
            return None
        number = number << 6 | each & 0x3F
    length = (
        5 + more + (1 if size == 6 else 2 if size == 7 else 0) + (1 if rate == 12 else 2 if rate > 12 else 0)
    )
    if len(frame) <= length or _crc8(frame[:length]) != frame[length]:
        return None
    return number


def _crc8(data: bytes) -> int:
    crc = 0
    for each in data:
        crc ^= each
        for _ in range(8):
            crc = (crc << 1 ^ (7 if crc & 0x80 else 0)) & 0xFF
    return crc


@functools.cache
def _pairs() -> array[int]:
    """CRC-16 (polynomial 0x8005) of every pair of bytes: two bytes a step halve the time."""
    return array("H", (_crc_step(_crc_step(pair, 0), 0) for pair in range(65536)))


def _crc_step(crc: int, byte: int) -> int:
    crc ^= byte << 8
    for _ in range(8):
        crc = (crc << 1 ^ (0x8005 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


def checksum(data: bytes, crc: int) -> int:
    """CRC-16 over these bytes; all but the last call of a run have an even number of them."""
    table = _pairs()
    words = array("H", data[: len(data) & ~1])
    if sys.byteorder == "little":
        words.byteswap()
    for each in words:
        crc = table[crc ^ each]
    return _crc_step(crc, data[-1]) if len(data) & 1 else crc
