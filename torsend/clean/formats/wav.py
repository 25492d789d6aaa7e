"""WAV: format, count of samples and samples stay; RIFF, RF64 and BW64 (EBU Tech 3306) are read.

Only sound without a codec of its own (PCM, floating point, A-law, µ-law) and IMA ADPCM is known; what other codecs lay
into their ``fmt `` chunk is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.id3 import note_id3v2
from torsend.clean.formats.reading import Reader
from torsend.clean.formats.tags import readable, sort_of
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.clean.formats.format import Notes, Writer

PCM, FLOAT, ALAW, MULAW, IMA, EXTENSIBLE = 1, 3, 6, 7, 0x11, 0xFFFE
GUID = bytes.fromhex("000000001000800000aa00389b71")
"""The end of the identifier of a format that has a number too."""
LONG = 0xFFFFFFFF
"""A size that stands elsewhere, or that the writer never learned."""
ROOM = LONG - 1
"""The longest that a RIFF can be; what is longer becomes RF64."""
MOST_CHUNKS = 1024
LARGEST_READ = 1024 * 1024
"""Bytes of a chunk that are read for the report."""

# EBU Tech 3285, section 2.3: where the fields of a broadcast extension lie.
_BEXT = (
    ("Description", 0, 256), ("Originator", 256, 288), ("OriginatorReference", 288, 320),
    ("OriginationDate", 320, 330), ("OriginationTime", 330, 338), ("CodingHistory", 602, 4096),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its name, and where its bytes lie."""

    name: bytes
    begin: int
    size: int


def recognises(beginning: bytes) -> bool:
    """Whether a RIFF of waves begins here."""
    return beginning[:4] in (b"RIFF", b"RF64", b"BW64") and beginning[8:12] == b"WAVE"


def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """Writes the three chunks that a player needs."""
    reader = Reader(source)
    if not recognises(reader.peek(0, 12)):
        raise NotCleanable(Why.DAMAGED)
    form = b""
    sound: Chunk | None = None
    fact: int | None = None
    for chunk in _chunks(reader, notes):
        if chunk.name == b"fmt " and not form:
            form = reader.take(chunk.begin, min(chunk.size, 4096))
        elif chunk.name == b"data" and sound is None:
            sound = chunk
        elif chunk.name in (b"fmt ", b"data", b"wavl", b"slnt"):
            raise NotCleanable(Why.DAMAGED)
        elif chunk.name == b"fact":
            fact = int.from_bytes(reader.take(chunk.begin, 4), "little")
        else:
            _note(reader, chunk, notes)
    if sound is None or not form:
        raise NotCleanable(Why.DAMAGED)
    shape = _Shape.read(form)
    if shape.written() != form and len(form) > len(shape.written()):
        notes.remove(Trace.OTHER, "bytes behind the format")
    notes.keep(Left.VOICES)
    if shape.kind == IMA:
        notes.keep(Left.STREAMS)
    if sound.size % shape.block:
        notes.remove(Trace.OTHER, "bytes behind the last sample")
    _write(reader, sound, shape, fact, out)


def _write(reader: Reader, sound: Chunk, shape: _Shape, fact: int | None, out: Writer) -> None:
    size = sound.size - sound.size % shape.block
    chunks = b"fmt " + len(shape.written()).to_bytes(4, "little") + shape.written()
    if fact is not None:
        # The last block of a codec may not be full; no other count can be true.
        most = min(size // shape.block * shape.samples, LONG)
        count = fact if most - shape.samples < fact <= most else most
        chunks += b"fact" + (4).to_bytes(4, "little") + count.to_bytes(4, "little")
    total = 4 + len(chunks) + 8 + size + size % 2
    if total <= ROOM:
        out.write(b"RIFF" + total.to_bytes(4, "little") + b"WAVE" + chunks)
        out.write(b"data" + size.to_bytes(4, "little"))
    else:
        total += 8 + 28
        sizes = total.to_bytes(8, "little") + size.to_bytes(8, "little")
        sizes += (size // shape.block * shape.samples).to_bytes(8, "little") + bytes(4)
        out.write(b"RF64" + LONG.to_bytes(4, "little") + b"WAVE")
        out.write(b"ds64" + len(sizes).to_bytes(4, "little") + sizes + chunks)
        out.write(b"data" + LONG.to_bytes(4, "little"))
    reader.copy(sound.begin, size, out)
    out.write(bytes(size % 2))


def _chunks(reader: Reader, notes: Notes) -> Iterator[Chunk]:
    """The chunks within the file. Those that a recorder could not finish are as long as the file."""
    unknown = reader.take(4, 4) in (LONG.to_bytes(4, "little"), bytes(4))
    wide = reader.take(0, 4) != b"RIFF"
    long_size: int | None = None
    at = 12
    for _ in range(MOST_CHUNKS):
        head = reader.peek(at, 8)
        if len(head) < 8:
            if head.strip(b"\0"):
                notes.remove(Trace.OTHER, "bytes behind the chunks")
            return
        name, size = head[:4], int.from_bytes(head[4:], "little")
        if name == b"ds64" and wide and long_size is None and size >= 24:
            long_size = int.from_bytes(reader.take(at + 16, 8), "little")
            at += 8 + size + size % 2
            continue
        if name == b"data" and size == LONG and wide and long_size is not None:
            size = long_size
        elif name == b"data" and unknown and size in (0, LONG):
            size = reader.size - at - 8
        if not all(32 <= each < 127 for each in name):
            notes.remove(Trace.OTHER, "bytes behind the chunks")
            return
        if at + 8 + size > reader.size:
            raise NotCleanable(Why.DAMAGED)
        yield Chunk(name, at + 8, size)
        if size % 2 and reader.peek(at + 8 + size, 1) not in (b"", b"\0"):
            notes.remove(Trace.OTHER, "a byte between the chunks")
        at += 8 + size + size % 2
    raise NotCleanable(Why.DAMAGED)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The fields of a ``fmt `` chunk."""

    kind: int
    channels: int
    rate: int
    block: int
    bits: int
    samples: int
    """In a block."""
    extension: bytes

    @classmethod
    def read(cls, form: bytes) -> _Shape:
        """The format, if it is one of ours.

        Raises:
            NotCleanable: it isn't.
        """
        if len(form) < 16:
            raise NotCleanable(Why.DAMAGED)
        kind, channels, rate, block, bits = (
            int.from_bytes(form[begin:end], "little") for begin, end in ((0, 2), (2, 4), (4, 8), (12, 14), (14, 16))
        )  # fmt: skip
        samples, extension, coded = 1, b"", kind
        if kind == EXTENSIBLE:
            if len(form) < 40 or form[26:40] != GUID:
                raise NotCleanable(Why.UNKNOWN_FORMAT)
            coded = int.from_bytes(form[24:26], "little")
            extension = form[18:24] + form[24:26] + GUID
        elif kind == IMA:
            samples = int.from_bytes(form[18:20], "little")
            extension = form[18:20]
        if coded not in (PCM, FLOAT, ALAW, MULAW, IMA) or (kind == EXTENSIBLE and coded == IMA):
            raise NotCleanable(Why.UNKNOWN_FORMAT)
        if coded != IMA and (not 0 < bits <= 64 or block != channels * ((bits + 7) // 8)):
            raise NotCleanable(Why.DAMAGED)
        if not channels or not rate or not block or not samples:
            raise NotCleanable(Why.DAMAGED)
        return cls(kind, channels, rate, block, bits, samples, extension)

    def written(self) -> bytes:
        """The chunk's bytes."""
        second = min(self.rate * self.block // self.samples, LONG)
        head = self.kind.to_bytes(2, "little") + self.channels.to_bytes(2, "little")
        head += self.rate.to_bytes(4, "little") + second.to_bytes(4, "little")
        head += self.block.to_bytes(2, "little") + self.bits.to_bytes(2, "little")
        if self.kind == PCM:
            return head
        return head + len(self.extension).to_bytes(2, "little") + self.extension


def _note(reader: Reader, chunk: Chunk, notes: Notes) -> None:
    """Notes what a chunk holds that goes."""
    data = reader.peek(chunk.begin, min(chunk.size, LARGEST_READ))
    name = readable(chunk.name).strip()
    if chunk.name == b"LIST" and data[:4] == b"INFO":
        at = 4
        while at + 8 <= len(data):
            size = int.from_bytes(data[at + 4 : at + 8], "little")
            key = readable(data[at : at + 4])
            notes.remove(sort_of(key), f"INFO {key}", readable(data[at + 8 : at + 8 + size].rstrip(b"\0")))
            at += 8 + size + size % 2
    elif chunk.name == b"bext":
        for key, begin, end in _BEXT:
            if value := readable(data[begin:end].partition(b"\0")[0], "latin-1"):
                notes.remove(sort_of(key), f"bext {key}", value)
        if data[348:412].strip(b"\0"):
            notes.remove(Trace.IDENTIFIER, "bext UMID")
    elif chunk.name.lower() == b"id3 " and data[:3] == b"ID3" and len(data) > 10:
        note_id3v2(data, notes)
    elif chunk.name == b"_PMX":
        notes.remove(Trace.OTHER, "XMP")
    elif data.strip(b"\0") or chunk.size > len(data):
        kind = readable(data[:4]) if chunk.name == b"LIST" else ""
        notes.remove(sort_of(kind or name), f"{name} {kind}".strip(), "" if kind else readable(data))
