"""Films in fragments (``moof``), as streams and some recorders write them: their samples become those of one table."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.clean.formats.film.boxes import Box, Place, children, damaged, needed, number, only
from torsend.clean.formats.film.samples import MOST_SAMPLES, Chunk
from torsend.clean.formats.film.track import Edit
from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Why

if TYPE_CHECKING:
    from torsend.clean.formats.film.track import Track
    from torsend.clean.formats.reading import Reader

_PROTECTED = frozenset({b"senc", b"saiz", b"saio", b"uuid"})
NOT_SYNC = 1 << 16
"""The flag of a sample at which no decoder can start."""


@dataclass(slots=True)
class _Gathered:
    """What the fragments add to one track.

    Attributes:
        defaults: entry, duration, size and flags of a sample whose fragment says nothing.
        start: the time of the first sample, in the track's time scale.
        rows: of each sample duration, offset and whether a decoder can start there.
    """

    track: Track
    defaults: tuple[int, int, int, int]
    sizes: array[int]
    durations: array[int]
    offsets: array[int]
    sync: array[int]
    start: int | None = None


def gather(reader: Reader, moofs: list[Place], moov: list[Box], tracks: list[Track], scale: int) -> int:
    """Adds the samples of all fragments to their tracks; gives the film's duration in its time scale.

    Raises:
        NotCleanable: the fragments contradict themselves, are encrypted, or add to a film that has samples already.
    """
    if any(each.samples.count for each in tracks):
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    gathered = {}
    for trex in children(needed(moov, b"mvex").data):
        if trex.kind == b"trex":
            _, _, data = trex.full
            fields = [number(data, at, 4) for at in range(0, 20, 4)]
            found = next((each for each in tracks if each.number == fields[0]), None)
            if found is not None:
                defaults = fields[1], fields[2], fields[3], fields[4]
                gathered[found.number] = _Gathered(
                    found, defaults, array("I"), array("I"), array("q"), array("I")
                )
    for place in moofs:
        moof = children(memoryview(reader.take(place.begin, place.end - place.begin)))
        end = place.start
        for traf in moof:
            if traf.kind == b"pssh":
                raise NotCleanable(Why.ENCRYPTED)
            if traf.kind == b"traf":
                end = _add(children(traf.data), place.start, end, gathered)
    if len(gathered) != len(tracks):
        raise damaged()
    starts = [each.start / each.track.scale for each in gathered.values() if each.start is not None]
    return max(_finish(each, min(starts, default=0), scale) for each in gathered.values())


def _add(traf: list[Box], moof: int, end: int, gathered: dict[int, _Gathered]) -> int:
    """Adds a track's part of a fragment. ``end`` is where the data of the one before ended; gives the next."""
    if any(each.kind in _PROTECTED for each in traf):
        raise NotCleanable(Why.ENCRYPTED)
    _, flags, data = needed(traf, b"tfhd").full
    into = gathered.get(number(data, 0, 4))
    at = 4
    fields = {}
    for flag, size in ((1, 8), (2, 4), (8, 4), (0x10, 4), (0x20, 4)):
        if flags & flag:
            fields[flag] = number(data, at, size)
            at += size
    base = fields.get(1, moof if flags & 0x20000 else end)
    if into is None:
        # A track that goes; what lies behind it must say itself where it lies.
        return moof
    entry = fields.get(2, into.defaults[0])
    if not 1 <= entry <= len(into.track.entries):
        raise damaged()
    usual = (
        fields.get(8, into.defaults[1]),
        fields.get(0x10, into.defaults[2]),
        fields.get(0x20, into.defaults[3]),
    )
    time = only(traf, b"tfdt")
    if time is not None:
        version, _, moment = time.full
        _move(into, number(moment, 0, 8 if version == 1 else 4))
    place = base
    for trun in traf:
        if trun.kind == b"trun":
            place = _run(trun, base, place, entry - 1, usual, into)
    return place


def _move(into: _Gathered, moment: int) -> None:
    """The next sample is shown at this moment: the one before lasts until then."""
    if into.start is None:
        into.start = moment
    elif into.durations:
        gap = moment - into.start - sum(into.durations)
        if gap > 0:
            into.durations[-1] = min(into.durations[-1] + gap, 0x7FFFFFFF)


def _run(trun: Box, base: int, place: int, entry: int, usual: tuple[int, int, int], into: _Gathered) -> int:
    _, flags, data = trun.full
    count = number(data, 0, 4)
    at = 4
    if flags & 1:
        place = base + number(data, at, 4, signed=True)
        at += 4
    first_flags = None
    if flags & 4:
        first_flags = number(data, at, 4)
        at += 4
    columns = [flag for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag]
    if at + 4 * len(columns) * count > len(data) or len(into.sizes) + count > MOST_SAMPLES or place < 0:
        raise damaged()
    if not columns and count > 100_000:
        raise damaged()
    first = len(into.sizes)
    total = 0
    for each in range(count):
        row = dict(
            zip(columns, (number(data, at + 4 * column, 4) for column in range(len(columns))), strict=True)
        )
        at += 4 * len(columns)
        marks = row.get(0x400, first_flags if each == 0 and first_flags is not None else usual[2])
        offset = row.get(0x800, 0)
        into.durations.append(row.get(0x100, usual[0]))
        into.sizes.append(row.get(0x200, usual[1]))
        into.offsets.append(offset - (1 << 32) if offset >> 31 else offset)
        total += into.sizes[-1]
        if not marks & NOT_SYNC:
            into.sync.append(len(into.sizes))
    if count:
        into.track.samples.chunks.append(Chunk(place, first, count, entry))
    return place + total


def _finish(gathered: _Gathered, start: float, scale: int) -> int:
    """Makes the tables; gives the track's duration in the film's time scale."""
    track, samples = gathered.track, gathered.track.samples
    samples.count = len(gathered.sizes)
    samples.sizes = gathered.sizes
    samples.times = _as_runs(gathered.durations)
    samples.offsets = _as_runs(gathered.offsets) if any(gathered.offsets) else None
    samples.sync = gathered.sync if len(gathered.sync) != samples.count else None
    track.media = samples.duration
    track.duration = track.media * scale // track.scale
    late = round(((gathered.start or 0) / track.scale - start) * scale)
    track.edits = [Edit(each.duration or track.duration, each.start, each.rate) for each in track.edits]
    if late > 0:
        track.edits = [Edit(late, -1), *(track.edits or [Edit(track.duration, 0)])]
        track.duration += late
    return track.duration


def _as_runs(numbers: array[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for each in numbers:
        if runs and runs[-1][1] == each:
            runs[-1] = runs[-1][0] + 1, each
        else:
            runs.append((1, each))
    return runs
