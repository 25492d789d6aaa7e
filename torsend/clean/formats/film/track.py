"""One track of pictures or sound: read, and written anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torsend.clean.formats.film.boxes import (
    Box,
    box,
    children,
    damaged,
    full_box,
    needed,
    number,
    only,
    u16,
    u32,
    u64,
)  # fmt: skip
from torsend.clean.formats.film.entries import Entry, entries
from torsend.clean.formats.film.samples import Samples
from torsend.clean.formats.film.told import note, note_time
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.tags import readable
from torsend.clean.report import Trace, Why

if TYPE_CHECKING:
    from torsend.clean.formats.film.streams import Once
    from torsend.clean.formats.format import Notes

NO_LANGUAGE = 0x55C4
"""The three letters ``und``."""
MOST_EDITS = 10_000
_FOREVER = 1 << 31
_KNOWN = frozenset({b"tkhd", b"edts", b"mdia"})
# Boxes of a track that point to others, help seeking or are empty: gone, and not worth a word.
_SILENT = frozenset({b"tref", b"tapt", b"free", b"skip", b"wide", b"load"})
_TABLES = frozenset({
    b"stsd", b"stts", b"ctts", b"cslg", b"stss", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sdtp", b"sgpd", b"sbgp",
    b"stps", b"free", b"skip",
})  # fmt: skip
_PROTECTED = frozenset({b"senc", b"saiz", b"saio", b"sinf"})


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a track's time.

    Attributes:
        duration: in the film's time scale.
        start: in the track's; -1: nothing is shown.
        rate: 16 bits before and 16 behind the point.
    """

    duration: int
    start: int
    rate: int = 1 << 16


@dataclass(slots=True)
class Track:
    """A track of pictures or sound.

    Attributes:
        number: as the file has it.
        flags: whether it is shown.
        look: layer, group, volume, matrix, width and height, as they stand in the header.
        duration: in the film's time scale.
        media: in its own.
        base: the box about colours or balance.
    """

    number: int
    pictures: bool
    flags: int
    look: bytes
    duration: int
    edits: list[Edit]
    scale: int
    media: int
    base: bytes
    entries: list[Entry]
    samples: Samples
    places: list[int] = field(default_factory=list)

    def written(self, number: int, *, quicktime: bool, wide: bool) -> bytes:
        """The box ``trak``, with the places in ``places``."""
        long = (
            max(self.duration, self.media, *(max(each.duration, each.start) for each in self.edits), 0)
            >= _FOREVER
        )
        size = u64 if long else u32
        version = int(long)
        times = bytes(16 if long else 8)
        head = full_box(
            b"tkhd", version, self.flags, times, u32(number), bytes(4), size(self.duration), self.look
        )
        edits = b""
        if self.edits:
            rows = b"".join(
                size(each.duration) + size(each.start % (1 << (64 if long else 32))) + u32(each.rate)
                for each in self.edits
            )
            edits = box(b"edts", full_box(b"elst", version, 0, u32(len(self.edits)), rows))
        media = full_box(
            b"mdhd", version, 0, times, u32(self.scale), size(self.media), u16(NO_LANGUAGE), bytes(2)
        )
        description = full_box(
            b"stsd", 0, 0, u32(len(self.entries)), *(each.written for each in self.entries)
        )
        table = self.samples.written(description, self.places, wide=wide)
        here = box(b"dinf", full_box(b"dref", 0, 0, u32(1), full_box(b"url ", 0, 1)))
        data = _handler(b"dhlr", b"url ") if quicktime else b""
        information = box(b"minf", self.base, data, here, table)
        handler = _handler(b"mhlr" if quicktime else bytes(4), b"vide" if self.pictures else b"soun")
        return box(b"trak", head, edits, box(b"mdia", media, handler, information))


def _handler(first: bytes, kind: bytes) -> bytes:
    return full_box(b"hdlr", 0, 0, first, kind, bytes(12), bytes(1))


def read(trak: Box, *, quicktime: bool, once: Once, notes: Notes, told: set[int]) -> Track | None:
    """The track, or None if it is neither pictures nor sound: then it is noted, and goes.

    Raises:
        NotCleanable: it is damaged, encrypted, or of a codec that is not ours.
    """
    boxes = children(trak.data)
    mdia = children(needed(boxes, b"mdia").data)
    handler = bytes(needed(mdia, b"hdlr").data[8:12])
    for each in boxes:
        if each.kind not in _KNOWN | _SILENT:
            note(each, notes)
    head = needed(boxes, b"tkhd")
    if handler not in (b"vide", b"soun"):
        name = readable(handler) or handler.hex()
        sort = Trace.LOCATION if handler in (b"meta", b"camm", b"gpmd") else Trace.OTHER
        notes.remove(sort, f"track {name}", _first_entry(mdia))
        return None
    minf = children(needed(mdia, b"minf").data)
    stbl = children(needed(minf, b"stbl").data)
    for each in stbl:
        if each.kind in _PROTECTED:
            raise NotCleanable(Why.ENCRYPTED)
        if each.kind not in _TABLES:
            once.remove(Trace.OTHER, f"{readable(each.kind)} of a track")
    pictures = handler == b"vide"
    kept = entries(needed(stbl, b"stsd"), pictures=pictures, quicktime=quicktime, once=once)
    _refuse_elsewhere(minf, needed(stbl, b"stsd"))
    units = {each.unit for each in kept}
    if len(units) != 1:
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    track = _header(head, pictures, notes, told)
    track.edits = _edits(only(boxes, b"edts"))
    _media(track, mdia, once, notes, told)
    track.entries = kept
    track.samples = Samples.read(stbl, len(kept), units.pop())
    track.base = _base(minf, pictures)
    return track


def kind_of(trak: Box) -> tuple[bytes, str]:
    """The handler of a track, and the name of its first sample entry as far as it can be read."""
    mdia = children(needed(children(trak.data), b"mdia").data)
    return bytes(needed(mdia, b"hdlr").data[8:12]), _first_entry(mdia)


def _first_entry(mdia: list[Box]) -> str:
    """What kind of samples a track that goes has, as far as it can be read."""
    try:
        stbl = children(needed(children(needed(mdia, b"minf").data), b"stbl").data)
        return readable(bytes(needed(stbl, b"stsd").data[12:16]))
    except NotCleanable:
        return ""


def _refuse_elsewhere(minf: list[Box], description: Box) -> None:
    """Samples in other files are no samples of this one."""
    dref = children(needed(children(needed(minf, b"dinf").data), b"dref").data[8:])
    for each in children(description.data[8:]):
        reference = number(each.data, 6, 2)
        if not 1 <= reference <= len(dref) or not dref[reference - 1].full[1] & 1:
            raise damaged()


def _header(head: Box, pictures: bool, notes: Notes, told: set[int]) -> Track:
    version, flags, data = head.full
    size = 8 if version == 1 else 4
    for at in (0, size):
        note_time(data, at, size, notes, told)
    at = 2 * size
    identifier, duration = number(data, at, 4), number(data, at + 8, size)
    look = bytes(data[at + 8 + size : at + 8 + size + 60])
    if len(look) != 60:
        raise damaged()
    look = bytes(8) + look[8:14] + bytes(2) + look[16:]
    if duration == (1 << 8 * size) - 1:
        duration = 0
    return Track(identifier, pictures, flags & 15, look, duration, [], 0, 0, b"", [], Samples())


def _edits(edts: Box | None) -> list[Edit]:
    elst = only(children(edts.data), b"elst") if edts is not None else None
    if elst is None:
        return []
    version, _, data = elst.full
    count, size = number(data, 0, 4), 8 if version == 1 else 4
    if count > MOST_EDITS:
        raise damaged()
    step = 2 * size + 4
    return [
        Edit(
            number(data, 4 + step * each, size),
            max(-1, number(data, 4 + step * each + size, size, signed=True)),
            number(data, 4 + step * each + 2 * size, 4),
        )
        for each in range(count)
    ]


def _media(track: Track, mdia: list[Box], once: Once, notes: Notes, told: set[int]) -> None:
    version, _, data = needed(mdia, b"mdhd").full
    size = 8 if version == 1 else 4
    for at in (0, size):
        note_time(data, at, size, notes, told)
    track.scale, track.media = number(data, 2 * size, 4), number(data, 2 * size + 4, size)
    if not track.scale:
        raise damaged()
    if track.media == (1 << 8 * size) - 1:
        track.media = 0
    language = number(data, 3 * size + 4, 2)
    if language not in (0, NO_LANGUAGE, 0x7FFF):
        letters = (
            "".join(chr(0x60 + (language >> shift & 31)) for shift in (10, 5, 0)) if language > 0x3FF else ""
        )
        once.remove(Trace.OTHER, "language", letters or f"{language}")
    if name := readable(bytes(needed(mdia, b"hdlr").data[24:])):
        notes.remove(Trace.SOFTWARE, "name of the handler", name)


def _base(minf: list[Box], pictures: bool) -> bytes:
    """How a picture is laid over others, or where between the loudspeakers a sound is."""
    if pictures:
        found = only(minf, b"vmhd")
        shape = bytes(found.data[4:12]) if found is not None else b""
        return full_box(b"vmhd", 0, 1, shape if len(shape) == 8 else bytes(8))
    found = only(minf, b"smhd")
    balance = bytes(found.data[4:6]) if found is not None else b""
    return full_box(b"smhd", 0, 0, balance if len(balance) == 2 else bytes(2), bytes(2))
