"""MP3: only the frames of MPEG audio layer III stay (ISO/IEC 11172-3, 13818-3), without what encoders hide in them.

A frame's samples lie in the *main data*, which may begin in earlier frames (the bit reservoir). Bits that no frame's
main data covers are *ancillary*: decoders skip them, and encoders write their name there. They become zero, the private,
copyright and original bits too. The first frame of many files is silent and holds a table (Xing, Info, VBRI): it is
written anew with what a player needs for the length, for seeking and for gapless playing.
"""

from __future__ import annotations

import functools
import re
from array import array
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import id3
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.reading import BLOCK, Reader
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torsend.clean.formats.format import Notes, Writer

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)

RESERVOIR = 511
"""Bytes that a frame's main data may begin before the frame's own."""

GAPLESS = b"LAME" + bytes(5)
"""The mark by which players know that the fields for gapless playing follow. It is the same in all cleaned files,
whatever encoder wrote them."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first four bytes of a frame.

    Attributes:
        version: 3 is MPEG 1, 2 is MPEG 2, 0 is 2.5. Frames of one file share version and sample rate.
        rate: samples a second.
        bitrate: kilobits a second.
        protected: a checksum follows.
        size: bytes of the whole frame.
        side: bytes of the side information.
    """

    version: int
    rate: int
    bitrate: int
    mono: bool
    protected: bool
    size: int
    side: int

    @property
    def kind(self) -> tuple[int, int]:
        return self.version, self.rate


@functools.lru_cache(maxsize=4096)
def header_of(first: bytes) -> Header | None:
    """What these four bytes say, or None if no frame of layer III with a known size begins with them."""
    if len(first) != 4 or first[0] != 0xFF or first[1] & 0xE6 != 0xE2:
        return None
    version, rate, bitrate = first[1] >> 3 & 3, first[2] >> 2 & 3, first[2] >> 4
    if version == 1 or rate == 3 or bitrate in (0, 15) or first[3] & 3 == 2:
        return None
    mono = first[3] >> 6 == 3
    kilobits = (_BITRATES_1 if version == 3 else _BITRATES_2)[bitrate]
    hertz = _RATES[version][rate]
    side = (17 if mono else 32) if version == 3 else (9 if mono else 17)
    size = (144 if version == 3 else 72) * kilobits * 1000 // hertz + (first[2] >> 1 & 1)
    protected = not first[1] & 1
    if size < 4 + 2 * protected + side:
        return None
    return Header(version, hertz, kilobits, mono, protected, size, side)


def recognises(beginning: bytes) -> bool:
    """Whether a frame stands here, perhaps behind zeros, and another behind it as far as can be seen."""
    begin = len(beginning) - len(beginning.lstrip(b"\0"))
    first = header_of(beginning[begin : begin + 4])
    if first is None:
        return False
    second = header_of(beginning[begin + first.size : begin + first.size + 4])
    return len(beginning) < begin + first.size + 4 or (second is not None and second.kind == first.kind)


def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """Writes the frames alone. Two passes: one to find and count them, one to write."""
    reader = Reader(source)
    start = id3.skip_before(reader, notes)
    end = id3.cut_behind(reader, start, notes)
    frames = array("Q", _frames(reader, start, end, notes))
    if not frames:
        raise NotCleanable(Why.DAMAGED)
    notes.keep(Left.VOICES)
    notes.keep(Left.STREAMS)
    first = _frame(reader, frames[0])
    old = _Table.read(first)
    if old is not None:
        table = old.anew(first, reader, frames[1:])
        old.note(first, table, notes)
        out.write(table)
        frames = frames[1:]
    _Scrub(notes).all((bytearray(_frame(reader, at)) for at in frames), out)


def scrub(frames: Iterable[bytes], out: Writer, notes: Notes) -> None:
    """Frames that another format holds one by one, without what encoders hide in them; each stays as long as it is.

    Raises:
        NotCleanable: one of them is no single frame.
    """
    _Scrub(notes).all((_single(each) for each in frames), out)


def _single(frame: bytes) -> bytearray:
    if _known(frame).size != len(frame):
        raise NotCleanable(Why.DAMAGED)
    if _Table.read(frame) is not None:
        # The film has tables of its own. Silence is what such a frame sounds like.
        return bytearray(frame[:4].ljust(len(frame), b"\0"))
    return bytearray(frame)


def _frame(reader: Reader, at: int) -> bytes:
    return reader.take(at, _known(reader.peek(at, 4)).size)


def _known(frame: bytes) -> Header:
    """The header of a frame that was found to be one."""
    header = header_of(frame[:4])
    if header is None:
        raise NotCleanable(Why.DAMAGED)
    return header


def _frames(reader: Reader, start: int, end: int, notes: Notes) -> Iterator[int]:
    """Where frames begin. What lies between them and is none is junk; if it is most of the file, it is no MP3."""
    at, junk = start, 0
    kind: tuple[int, int] | None = None
    while at + 4 <= end:
        header = header_of(reader.peek(at, 4))
        if header is not None and kind in (None, header.kind) and at + header.size <= end:
            if kind is None:
                follower = header_of(reader.peek(at + header.size, 4))
                sure = at + header.size + 4 > end or (follower is not None and follower.kind == header.kind)
            else:
                sure = True
            if sure:
                kind = header.kind
                yield at
                at += header.size
                continue
        found = _resume(reader, at + 1, end, kind)
        junk += found - at
        at = found
    junk += end - at
    if 2 * junk > end - start:
        raise NotCleanable(Why.DAMAGED)
    if junk:
        notes.remove(Trace.OTHER, "bytes that are no sound", f"{junk}")


def _resume(reader: Reader, at: int, end: int, kind: tuple[int, int] | None) -> int:
    """The next place at which two frames follow each other, or the end."""
    while at + 4 <= end:
        block = reader.peek(at, min(BLOCK, end - at))
        offset = block.find(b"\xff")
        if offset < 0:
            at += len(block)
            continue
        at += offset
        header = header_of(reader.peek(at, 4))
        if header is not None and kind in (None, header.kind) and at + header.size <= end:
            follower = header_of(reader.peek(at + header.size, 4))
            if at + header.size == end or (follower is not None and follower.kind == header.kind):
                return at
        at += 1
    return end


class _Table:
    """The table in the first frame: Xing's and Info's with LAME's extension, or VBRI's."""

    def __init__(self, mark: bytes, encoder: bytes, gap: bytes) -> None:
        self._mark = mark
        self._encoder = encoder
        self._gap = gap
        """Three bytes: samples that the encoder put before and behind the sound, 12 bits each."""

    @classmethod
    def read(cls, frame: bytes) -> _Table | None:
        """The table that this frame holds, or None if it is a frame of sound."""
        header = _known(frame)
        if frame[36:40] == b"VBRI":
            return cls(b"VBRI", b"", bytes(3))
        for at in (4 + header.side, 6 + header.side):
            mark = frame[at : at + 4]
            if mark in (b"Xing", b"Info"):
                flags = int.from_bytes(frame[at + 4 : at + 8], "big")
                at += 8 + 4 * (flags & 1) + 2 * (flags & 2) + 25 * (flags & 4) + (flags >> 1 & 4)
                encoder = frame[at : at + 9]
                gap = frame[at + 21 : at + 24] if encoder[:4] in (b"LAME", b"Lavf", b"Lavc") else b""
                return cls(mark, encoder.rstrip(b"\0"), gap if len(gap) == 3 else bytes(3))
        return None

    def anew(self, frame: bytes, reader: Reader, frames: array[int]) -> bytes:
        """A frame of the same size with a table of our own over these frames."""
        header = _known(frame)
        start = bytes((0xFF, frame[1] | 1, frame[2] & 0xFE, frame[3] & 0xF3)) + bytes(header.side)
        heads = [header_of(reader.peek(at, 4)) for at in frames]
        ends = array("Q")
        total = header.size
        for each in heads:
            ends.append(total)
            total += each.size if each else 0
        even = len({each.bitrate for each in heads if each}) < 2
        places = bytes(
            min(255, ends[len(ends) * percent // 100] * 256 // total) if ends else 0 for percent in range(100)
        )
        counts = len(frames).to_bytes(4, "big") + total.to_bytes(8, "big")[-4:]
        table = (b"Info" if even else b"Xing") + bytes((0, 0, 0, 15)) + counts + places + bytes(4)
        if self._gap != bytes(3):
            table += GAPLESS + bytes(12) + self._gap + bytes(4) + total.to_bytes(8, "big")[-4:] + bytes(2)
            table += _crc(start + table, 0, reflected=True).to_bytes(2, "big")
        if len(start + table) > header.size:
            table = table[:4] + bytes((0, 0, 0, 3)) + counts
        return (start + table)[: header.size].ljust(header.size, b"\0")

    def note(self, frame: bytes, table: bytes, notes: Notes) -> None:
        """Notes what the old table told."""
        if frame == table:
            return
        name = self._encoder if self._encoder.isascii() else b""
        shown = re.sub(r"[^ -~]", "", name.decode("ascii"))
        notes.remove(Trace.SOFTWARE, f"{self._mark.decode('ascii')} encoder and its settings", shown)


@dataclass(slots=True)
class _Slot:
    """A frame that is held back until no later frame can point into it.

    Attributes:
        begin: where the bytes of main data that lie in this frame begin, in the stream of them all.
        offset: where they begin in the frame.
    """

    frame: bytearray
    begin: int
    offset: int

    @property
    def end(self) -> int:
        return self.begin + len(self.frame) - self.offset


class _Scrub:
    """Makes the bits zero that no decoder reads."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._slots: deque[_Slot] = deque()
        self._covered = 0
        """Bits of main data up to which a frame's samples reach."""
        self._hidden = bytearray()
        self._flags = False

    def all(self, frames: Iterator[bytearray], out: Writer) -> None:
        ready = bytearray()
        end = 0
        for frame in frames:
            slot, before, bits = self._opened(frame, end)
            self._zero(self._covered, 8 * (slot.begin - before))
            end = slot.end
            self._slots.append(slot)
            self._covered = max(self._covered, min(8 * (slot.begin - before) + bits, 8 * end))
            while self._slots and self._slots[0].end <= end - RESERVOIR:
                ready += self._closed()
            if len(ready) >= BLOCK // 2:
                out.write(bytes(ready))
                ready.clear()
        while self._slots:
            ready += self._closed()
        out.write(bytes(ready))
        if self._hidden:
            words = re.findall(rb"[ -~]{4,}", bytes(self._hidden))
            self._notes.remove(
                Trace.SOFTWARE, "ancillary data", words[0].rstrip(b"U").decode() if words else ""
            )
        if self._flags:
            self._notes.remove(Trace.SOFTWARE, "flags in frames: private, copyright, original")

    def _opened(self, frame: bytearray, end: int) -> tuple[_Slot, int, int]:
        """The frame without its private bits; how many bytes before its own the main data begins, and its bits."""
        header = _known(bytes(frame[:4]))
        at = 4 + 2 * header.protected
        width = 8 * header.side
        side = int.from_bytes(frame[at : at + header.side], "big")
        if header.version == 3:
            private, begin = (5 if header.mono else 3), 9
            first, step, parts = (18, 59, 2) if header.mono else (20, 59, 4)
        else:
            private, begin = (1 if header.mono else 2), 8
            first, step, parts = (9, 63, 1) if header.mono else (10, 63, 2)
        bits = sum(side >> (width - first - step * part - 12) & 0xFFF for part in range(parts))
        mask = ((1 << private) - 1) << (width - begin - private)
        if side & mask or frame[2] & 1 or frame[3] & 0x0C:
            self._flags = True
            frame[2] &= 0xFE
            frame[3] &= 0xF3
            frame[at : at + header.side] = (side & ~mask).to_bytes(header.side, "big")
        if header.protected:
            frame[4:6] = _crc(bytes(frame[2:4] + frame[6 : 6 + header.side]), 0xFFFF).to_bytes(2, "big")
        offset = at + header.side
        return _Slot(frame, end, offset), side >> (width - begin), bits

    def _closed(self) -> bytearray:
        """The oldest frame: no later one reaches into it."""
        slot = self._slots[0]
        self._zero(self._covered, 8 * slot.end)
        return self._slots.popleft().frame

    def _zero(self, begin: int, end: int) -> None:
        """Clears these bits of the main data, in whatever frames they lie."""
        for slot in self._slots:
            low, high = max(begin, 8 * slot.begin), min(end, 8 * slot.end)
            if low >= high:
                continue
            first, last = (low >> 3) - slot.begin + slot.offset, ((high + 7) >> 3) - slot.begin + slot.offset
            part = int.from_bytes(slot.frame[first:last], "big")
            width = 8 * (last - first)
            mask = ((1 << (high - low)) - 1) << (width - (low & 7) - (high - low))
            if part & mask:
                if len(self._hidden) < 4096:
                    hidden = (part & mask) >> (width - (low & 7) - (high - low))
                    size = high - low
                    self._hidden += (hidden << -size % 8).to_bytes((size + 7) // 8, "big")
                slot.frame[first:last] = (part & ~mask).to_bytes(last - first, "big")


def _crc(data: bytes, crc: int, *, reflected: bool = False) -> int:
    """CRC-16 with the polynomial 0x8005, as a protected frame (unreflected) and LAME's table (reflected) have it."""
    for each in data:
        if reflected:
            crc ^= each
            for _ in range(8):
                crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
        else:
            crc ^= each << 8
            for _ in range(8):
                crc = (crc << 1 ^ (0x8005 if crc & 0x8000 else 0)) & 0xFFFF
    return crc
