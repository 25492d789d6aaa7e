"""The film as a whole: which boxes stay, and where the samples of the tracks that stay come to lie.

The result is a header, and behind it the chunks of the kept tracks in the order in which they lay: nothing between them.
"""

from __future__ import annotations

import bisect
import io
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import mp3
from torsend.clean.formats.film import fragments, told, track
from torsend.clean.formats.film.boxes import (
    Box,
    Place,
    box,
    children,
    damaged,
    full_box,
    needed,
    number,
    places,
    u32,
    u64,
)  # fmt: skip
from torsend.clean.formats.film.streams import Once
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.reading import BLOCK, LONGEST_PIECE, Reader
from torsend.clean.formats.tags import readable
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.clean.formats.film.samples import Chunk, Samples
    from torsend.clean.formats.film.track import Track
    from torsend.clean.formats.format import Notes, Writer

MOST_TRACKS = 32
MATRIX = bytes.fromhex("00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000")
ROOM = 0xF0000000
"""Bytes up to which four are enough for the place of a chunk."""

_BRANDS_OF_PICTURES = frozenset({
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1", b"avif", b"avis", b"jxl ", b"crx ",
})  # fmt: skip
_COMMON_BRANDS = frozenset({
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"qt  ", b"M4A ", b"M4V ", bytes(4),
})  # fmt: skip
_FIRST_OF_OLD_FILMS = (b"moov", b"mdat", b"wide", b"skip", b"free", b"pnot")
_HANDLED = frozenset(
    {b"ftyp", b"moov", b"mdat", b"moof", b"wide", b"sidx", b"mfra", b"styp", b"ssix", b"pnot"}
)
_FTYP = {
    "MOV": box(b"ftyp", b"qt  ", bytes(4), b"qt  "),
    "M4A": box(b"ftyp", b"M4A ", bytes(4), b"M4A mp42isom"),
    "MP4": box(b"ftyp", b"isom", bytes((0, 0, 2, 0)), b"isomiso2mp41"),
}


def recognises_mov(beginning: bytes) -> bool:
    """Whether a QuickTime film begins here; old ones have no mark of their own."""
    if beginning[4:8] == b"ftyp":
        return beginning[8:12] == b"qt  "
    return beginning[4:8] in _FIRST_OF_OLD_FILMS and beginning[0] < 32


def recognises_m4a(beginning: bytes) -> bool:
    """Whether an MP4 with sound alone begins here, as Apple marks it."""
    return beginning[4:8] == b"ftyp" and beginning[8:12] in (b"M4A ", b"M4B ", b"M4P ")


def recognises_mp4(beginning: bytes) -> bool:
    """Whether an MP4 begins here: all others of its family that are no pictures."""
    return beginning[4:8] == b"ftyp" and beginning[8:12] not in _BRANDS_OF_PICTURES


def clean_mov(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """A QuickTime film."""
    _Film(Reader(source), notes, "MOV").clean(out)


def clean_m4a(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """An MP4 with sound alone."""
    _Film(Reader(source), notes, "M4A").clean(out)


def clean_mp4(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """An MP4."""
    _Film(Reader(source), notes, "MP4").clean(out)


@dataclass(frozen=True, slots=True)
class _Header:
    """``mvhd``: the film's clock and its place on the screen."""

    scale: int
    duration: int
    matrix: bytes

    @classmethod
    def read(cls, head: Box, notes: Notes, seen: set[int]) -> _Header:
        version, _, data = head.full
        size = 8 if version == 1 else 4
        for at in (0, size):
            told.note_time(data, at, size, notes, seen)
        scale, duration = number(data, 2 * size, 4), number(data, 2 * size + 4, size)
        matrix = bytes(data[3 * size + 20 : 3 * size + 56])
        if not scale or len(matrix) != 36:
            raise damaged()
        if any(data[3 * size + 56 : 3 * size + 80]):
            notes.remove(Trace.OTHER, "marks of the player: preview, poster, selection")
        return cls(scale, 0 if duration == (1 << 8 * size) - 1 else duration, matrix)

    def written(self, tracks: int) -> bytes:
        long = self.duration >= 1 << 32
        times, size = (bytes(16), u64) if long else (bytes(8), u32)
        rest = u32(1 << 16) + b"\1\0" + bytes(10) + self.matrix + bytes(24) + u32(tracks + 1)
        return full_box(b"mvhd", int(long), 0, times, u32(self.scale), size(self.duration), rest)


class _Film:
    """One file."""

    def __init__(self, reader: Reader, notes: Notes, name: str) -> None:
        self._reader = reader
        self._notes = notes
        self._name = name
        self._once = Once(notes)
        self._quicktime = name == "MOV"
        self._data: list[Place] = []
        self._fragments: list[Place] = []
        self._old: dict[int, Samples] = {}
        """Of each track that stays, the samples as they lie in the original."""
        self._frames: dict[int, list[bytes]] = {}
        """Of each track of MP3 the samples as they stay: the bits of one may lie in another."""

    def clean(self, out: Writer) -> None:
        """Writes what stays."""
        moov = children(memoryview(self._movie()))
        self._notes.keep(Left.VOICES)
        self._notes.keep(Left.STREAMS)
        seen: set[int] = set()
        head = _Header.read(needed(moov, b"mvhd"), self._notes, seen)
        for each in moov:
            if each.kind in (b"cmov", b"pssh"):
                raise NotCleanable(Why.ENCRYPTED if each.kind == b"pssh" else Why.UNKNOWN_FORMAT)
            if each.kind not in (b"mvhd", b"mvex", b"iods", b"trak"):
                told.note(each, self._notes)
        tracks = self._tracks(moov, seen)
        if self._fragments:
            duration = fragments.gather(self._reader, self._fragments, moov, tracks, head.scale)
            head = _Header(head.scale, duration, head.matrix)
        chunks = self._in_order(tracks)
        for each_ in tracks:
            if any(entry.mp3 for entry in each_.entries):
                self._frames[id(each_)] = self._scrubbed(each_)
        self._resize(tracks, chunks)
        self._write(head, tracks, chunks, out)

    def _tracks(self, moov: list[Box], seen: set[int]) -> list[Track]:
        """The tracks that stay.

        One of a codec that is not ours goes (a small picture, a second kind of the same sound) if there is another of
        pictures or of sound; without it, the film would not be the film.
        """
        tracks: list[Track] = []
        unknown: list[Box] = []
        for each in moov:
            if each.kind != b"trak":
                continue
            try:
                found = track.read(
                    each, quicktime=self._quicktime, once=self._once, notes=self._notes, told=seen
                )
            except NotCleanable as reason:
                if reason.why is not Why.UNKNOWN_FORMAT:
                    raise
                unknown.append(each)
            else:
                tracks += [found] if found is not None else []
        kept = {each.pictures for each in tracks}
        for each in unknown:
            handler, entry = track.kind_of(each)
            if (handler == b"vide") not in kept:
                raise NotCleanable(Why.UNKNOWN_FORMAT)
            small = entry in ("jpeg", "mjpa", "mjpb", "png")
            self._notes.remove(Trace.THUMBNAIL if small else Trace.OTHER, f"track of {entry}")
        if not tracks or len(tracks) > MOST_TRACKS:
            raise damaged()
        return tracks

    def _movie(self) -> bytes:
        """The bytes of ``moov``; sorts the boxes of the file."""
        moov: Place | None = None
        for each in places(self._reader):
            if each.kind == b"mdat":
                self._data.append(each)
            elif each.kind == b"moof":
                self._fragments.append(each)
            elif each.kind == b"moov":
                if moov is not None:
                    raise damaged()
                moov = each
            elif each.kind == b"ftyp":
                self._brands(self._reader.take(each.begin, min(each.end - each.begin, 4096)))
            elif each.kind not in _HANDLED:
                told.note_place(self._reader, each, self._notes)
        if moov is None:
            raise damaged()
        return self._reader.take(moov.begin, moov.end - moov.begin)

    def _brands(self, ftyp: bytes) -> None:
        brands = [ftyp[:4], *(ftyp[at : at + 4] for at in range(8, len(ftyp), 4))]
        if b"qt  " in brands:
            # Its entries of sound are QuickTime's, whatever the first brand is.
            self._quicktime = True
            self._name = "MOV" if self._name == "MP4" else self._name
        for each in dict.fromkeys(brands):
            if each not in _COMMON_BRANDS:
                self._notes.remove(Trace.SOFTWARE, "brand", readable(each))

    def _in_order(self, tracks: list[Track]) -> list[tuple[Chunk, Track]]:
        """All chunks as they lie in the file, each within one box of data."""
        found = [(chunk, each) for each in tracks for chunk in each.samples.chunks]
        # Empty chunks lie where the next one begins: before it, so that the order is the same the next time.
        found.sort(key=lambda pair: (pair[0].at, pair[1].samples.size(pair[0]) > 0))
        begins = [each.begin for each in self._data]
        total = 0
        for chunk, each in found:
            size = each.samples.size(chunk)
            total += size
            place = bisect.bisect_right(begins, chunk.at) - 1
            if size and (place < 0 or chunk.at + size > self._data[place].end):
                raise damaged()
        if total > sum(each.end - each.begin for each in self._data):
            # The same bytes as many samples: a small file that would become a large one.
            raise damaged()
        return found

    def _scrubbed(self, each: Track) -> list[bytes]:
        """The frames of a track of MP3, in the order in which they are played."""
        samples = each.samples
        if sum(samples.size(chunk) for chunk in samples.chunks) > LONGEST_PIECE:
            raise NotCleanable(Why.TOO_LARGE)
        self._old[id(each)] = samples
        frames = [frame for chunk in samples.chunks for frame in self._samples(chunk, each)]
        out = io.BytesIO()
        mp3.scrub(frames, out, self._notes)
        out.seek(0)
        return [out.read(len(frame)) for frame in frames]

    def _resize(self, tracks: list[Track], chunks: list[tuple[Chunk, Track]]) -> None:
        """Learns how large the samples of those tracks become that lose something."""
        self._old = {id(each): each.samples for each in tracks}
        shrinking = {
            id(each): array("I", bytes(4 * each.samples.count))
            for each in tracks
            if any(entry.shrinks for entry in each.entries)
        }
        for chunk, each in chunks:
            if (sizes := shrinking.get(id(each))) is not None:
                for place, sample in enumerate(self._samples(chunk, each), chunk.first):
                    sizes[place] = len(sample)
        for each in tracks:
            if (sizes := shrinking.get(id(each))) is not None:
                each.samples = each.samples.resized(sizes)

    def _samples(self, chunk: Chunk, each: Track) -> Iterator[bytes]:
        """The samples of a chunk as they stay."""
        if (frames := self._frames.get(id(each))) is not None:
            yield from frames[chunk.first : chunk.first + chunk.count]
            return
        sizes = self._old[id(each)].sizes
        scrub = each.entries[chunk.entry].scrub
        at = chunk.at
        for number_ in range(chunk.first, chunk.first + chunk.count):
            size = sizes if isinstance(sizes, int) else sizes[number_]
            sample = self._reader.take(at, size)
            yield scrub(sample) if scrub is not None and sample else sample
            at += size

    def _write(
        self, head: _Header, tracks: list[Track], chunks: list[tuple[Chunk, Track]], out: Writer
    ) -> None:
        payload = sum(each.samples.size(chunk) for chunk, each in chunks)
        wide = payload > ROOM
        before = b""
        for _ in range(2):
            # The first time to learn how long the header is, the second with the places.
            at = len(before) + (16 if wide else 8)
            where: dict[tuple[int, int], int] = {}
            for chunk, each in chunks:
                where[id(each), chunk.first] = at
                at += each.samples.size(chunk)
            for each in tracks:
                # A track's chunks may lie in another order than they are played in.
                each.places = [where[id(each), chunk.first] for chunk in each.samples.chunks]
            before = self._before(head, tracks, wide=wide)
        out.write(before)
        out.write(u32(1) + b"mdat" + u64(payload + 16) if wide else u32(payload + 8) + b"mdat")
        self._write_chunks(chunks, out)

    def _before(self, head: _Header, tracks: list[Track], *, wide: bool) -> bytes:
        parts = [
            each.written(number_, quicktime=self._quicktime, wide=wide)
            for number_, each in enumerate(tracks, 1)
        ]
        return _FTYP[self._name] + box(b"moov", head.written(len(tracks)), *parts)

    def _write_chunks(self, chunks: list[tuple[Chunk, Track]], out: Writer) -> None:
        ready = bytearray()
        for chunk, each in chunks:
            if each.entries[chunk.entry].scrub is None and id(each) not in self._frames:
                pieces = self._reader.pieces(chunk.at, self._old[id(each)].size(chunk))
            else:
                pieces = self._samples(chunk, each)
            for piece in pieces:
                ready += piece
                if len(ready) >= BLOCK // 2:
                    out.write(bytes(ready))
                    ready.clear()
        out.write(bytes(ready))
