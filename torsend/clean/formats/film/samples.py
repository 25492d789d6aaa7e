"""Where the pictures and sounds of a track lie, how large they are, and when they are shown."""

from __future__ import annotations

import itertools
from array import array
from dataclasses import dataclass, field, replace

from torsend.clean.formats.film.boxes import (
    Box,
    box,
    children,
    damaged,
    full_box,
    needed,
    number,
    only,
    packed,
    table,
    u32,
)  # fmt: skip

MOST_SAMPLES = 1 << 25
"""Samples whose sizes differ: a week of pictures at 50 a second."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples that lie one behind the other.

    Attributes:
        at: where, in the file.
        first: number of the first of them, from 0.
        count: how many.
        entry: which of the track's sample entries they are of, from 0.
    """

    at: int
    first: int
    count: int
    entry: int


@dataclass(slots=True)
class Samples:
    """All samples of a track.

    Attributes:
        sizes: of each in bytes, or the one size of all.
        times: how long samples are shown, as runs of count and duration.
        offsets: how much later than decoded they are shown, as runs of count and offset; None: not at all.
        sync: numbers (from 1) of the samples at which a decoder can start; None: all.
        shift: QuickTime's box about the offsets, as it stands.
    """

    count: int = 0
    sizes: int | array[int] = field(default_factory=lambda: array("I"))
    times: list[tuple[int, int]] = field(default_factory=list)
    offsets: list[tuple[int, int]] | None = None
    sync: array[int] | None = None
    shift: bytes = b""
    chunks: list[Chunk] = field(default_factory=list)

    @classmethod
    def read(cls, tables: list[Box], entries: int, unit: int) -> Samples:
        """Reads a sample table (``stbl``).

        Args:
            entries: how many sample entries there are.
            unit: bytes of a sample where QuickTime counts single samples of sound; 0 where the table tells.
        """
        count, sizes = _sizes(tables)
        if isinstance(sizes, int) and unit:
            sizes = unit
        return cls(
            count,
            sizes,
            _runs(needed(tables, b"stts"), count, signed=False),
            None if (late := only(tables, b"ctts")) is None else _runs(late, count, signed=True),
            _sync(only(tables, b"stss"), count),
            b"" if (shift := only(tables, b"cslg")) is None else bytes(shift.data[:24]),
            _chunks(tables, count, entries),
        )

    def size(self, chunk: Chunk) -> int:
        """Bytes of a chunk."""
        if isinstance(self.sizes, int):
            return self.sizes * chunk.count
        return sum(self.sizes[chunk.first : chunk.first + chunk.count])

    @property
    def duration(self) -> int:
        """Of all, in the track's time scale."""
        return sum(count * duration for count, duration in self.times)

    def written(self, description: bytes, places: list[int], *, wide: bool) -> bytes:
        """The sample table.

        Args:
            description: the box ``stsd``.
            places: where each chunk lies in the new file.
            wide: whether places need eight bytes.
        """
        parts = [description, _written_runs(b"stts", 0, self.times)]
        if self.offsets is not None:
            signed = any(offset < 0 for _, offset in self.offsets)
            parts.append(_written_runs(b"ctts", 1 if signed else 0, self.offsets))
            if len(self.shift) in (20, 24):
                parts.append(box(b"cslg", self.shift))
        if self.sync is not None:
            parts.append(full_box(b"stss", 0, 0, u32(len(self.sync)), packed(self.sync)))
        parts.append(self._written_chunk_sizes())
        if isinstance(self.sizes, int):
            parts.append(full_box(b"stsz", 0, 0, u32(self.sizes), u32(self.count)))
        else:
            parts.append(full_box(b"stsz", 0, 0, u32(0), u32(self.count), packed(self.sizes)))
        kind = b"co64" if wide else b"stco"
        parts.append(full_box(kind, 0, 0, u32(len(places)), packed(places, 8 if wide else 4)))
        return box(b"stbl", *parts)

    def _written_chunk_sizes(self) -> bytes:
        runs: list[int] = []
        last: tuple[int, int] | None = None
        for place, chunk in enumerate(self.chunks, 1):
            if (chunk.count, chunk.entry + 1) != last:
                last = chunk.count, chunk.entry + 1
                runs += (place, *last)
        return full_box(b"stsc", 0, 0, u32(len(runs) // 3), packed(runs))

    def resized(self, sizes: array[int]) -> Samples:
        """The same with other sizes."""
        return replace(self, sizes=sizes)


def _sizes(tables: list[Box]) -> tuple[int, int | array[int]]:
    plain = only(tables, b"stsz")
    if plain is not None:
        _, _, data = plain.full
        size, count = number(data, 0, 4), number(data, 4, 4)
        if size:
            return count, size
        if count > MOST_SAMPLES:
            raise damaged()
        return count, table(data, 8, count)
    _, _, data = needed(tables, b"stz2").full
    width, count = number(data, 3, 1), number(data, 4, 4)
    if width not in (4, 8, 16) or (count * width + 7) // 8 > len(data) - 8:
        raise damaged()
    if width == 4:
        halves = itertools.chain.from_iterable((each >> 4, each & 15) for each in data[8:])
        return count, array("I", itertools.islice(halves, count))
    step = width // 8
    return count, array("I", (number(data, 8 + step * each, step) for each in range(count)))


def _runs(runs: Box, count: int, *, signed: bool) -> list[tuple[int, int]]:
    """Runs that are together exactly ``count`` long; tables that are too short go on as they ended."""
    _, _, data = runs.full
    length = number(data, 0, 4)
    numbers = table(data, 4, 2 * length)
    found: list[tuple[int, int]] = []
    left = count
    for run, value in zip(numbers[::2], numbers[1::2], strict=True):
        if not left:
            break
        found.append((min(run, left), value - (1 << 32) if signed and value >> 31 else value))
        left -= min(run, left)
    if left:
        found.append((left, found[-1][1] if found and not signed else 0))
    return found


def _sync(sync: Box | None, count: int) -> array[int] | None:
    if sync is None:
        return None
    _, _, data = sync.full
    numbers = table(data, 4, number(data, 0, 4))
    return array("I", (each for each in sorted(set(numbers)) if 1 <= each <= count))


def _chunks(tables: list[Box], samples: int, entries: int) -> list[Chunk]:
    short = only(tables, b"stco")
    _, _, data = (needed(tables, b"co64") if short is None else short).full
    places = table(data, 4, number(data, 0, 4), 8 if short is None else 4)
    _, _, data = needed(tables, b"stsc").full
    length = number(data, 0, 4)
    runs = table(data, 4, 3 * length)
    chunks: list[Chunk] = []
    first = 0
    for run in range(length):
        begin, count, entry = runs[3 * run : 3 * run + 3]
        end = runs[3 * run + 3] if run + 1 < length else len(places) + 1
        if begin != len(chunks) + 1 or not begin <= end <= len(places) + 1 or not 1 <= entry <= entries:
            if begin > len(places):
                break
            raise damaged()
        for place in places[begin - 1 : end - 1]:
            taken = min(count, samples - first)
            if taken:
                chunks.append(Chunk(place, first, taken, entry - 1))
            first += taken
            if not taken:
                break
        if first == samples:
            break
    if first != samples:
        raise damaged()
    return chunks


def _written_runs(kind: bytes, version: int, runs: list[tuple[int, int]]) -> bytes:
    numbers = itertools.chain.from_iterable((count, value & 0xFFFFFFFF) for count, value in runs)
    return full_box(kind, version, 0, u32(len(runs)), packed(numbers))


def tables_of(stbl: Box) -> list[Box]:
    """The boxes of a sample table."""
    return children(stbl.data)
