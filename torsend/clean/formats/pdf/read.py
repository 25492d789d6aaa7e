"""What is read of the original: values by kind, streams within limits, and notes of what is left behind."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeGuard

import pikepdf

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.pdf.write import Name, Value
from torsend.clean.report import Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.clean.formats.format import Notes

LARGEST_STREAM = 64 * 1024 * 1024
"""Bytes of one stream unpacked: a page's drawing, a font, a table. Pictures are not unpacked here."""
MOST_UNPACKED = 320 * 1024 * 1024
"""Bytes of all streams unpacked, one after the other."""
DEEPEST = 40
"""Arrays within arrays; forms within forms."""
LONGEST_ARRAY = 200_000

UNPACKED = frozenset(
    {"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx", "/RunLengthDecode",
     "/RL"}
)  # fmt: skip

QUIET = frozenset(
    """
    Type Subtype ProcSet StructParents StructParent Tabs Name TrimBox BleedBox ArtBox CharSet CIDSet Length Filter
    DecodeParms DL F FFilter FDecodeParms Parent Resources Contents Annots Trans Dur PZ BoxColorInfo SeparationInfo
    H HT TR TR2 BG BG2 UCR UCR2 HTP B OC FontFamily FontStretch FontWeight Style FD Lang
    """.split()  # noqa: SIM905  # as a list it would be a page long
)
"""Keys that don't come along and are not worth a line in "What was removed": how the file is built. What tells something
below some of them is noted where it is found."""
TRACES = {
    "Metadata": Trace.COMMENT,
    "PieceInfo": Trace.SOFTWARE,
    "LastModified": Trace.DATE,
    "Thumb": Trace.THUMBNAIL,
    "AF": Trace.EMBEDDED,
    "EmbeddedFiles": Trace.EMBEDDED,
    "JavaScript": Trace.ACTIVE,
    "OpenAction": Trace.ACTIVE,
    "AA": Trace.ACTIVE,
    "A": Trace.ACTIVE,
    "PA": Trace.ACTIVE,
    "URI": Trace.PATH,
    "StructTreeRoot": Trace.HISTORY,
    "OutputIntents": Trace.DEVICE,
    "ID": Trace.IDENTIFIER,
    "UniqueID": Trace.IDENTIFIER,
    "XUID": Trace.IDENTIFIER,
    "OPI": Trace.PATH,
    "Ref": Trace.PATH,
    "Alternates": Trace.THUMBNAIL,
    "Info": Trace.COMMENT,
}


@dataclass(slots=True)
class Reading:
    """Reads streams within limits and notes what does not come along."""

    notes: Notes
    unpacked: int = 0
    told: set[tuple[tuple[int, int], str]] = field(default_factory=set)

    def data(self, stream: pikepdf.Object) -> bytes:
        """A stream's data without its filters.

        Raises:
            NotCleanable: it has filters that are not known here, or unpacks to too much.
        """
        names = [name for name, _ in filters(stream)]
        if not UNPACKED.issuperset(names):
            raise NotCleanable(Why.DAMAGED)
        if any(name.startswith("/LZW") for name in names):
            self._weigh_lzw(stream, names)
        if names and names[0] in ("/FlateDecode", "/Fl"):
            weigh_flate(stream.read_raw_bytes())
        try:
            # Within qpdf's own limits, which are set before a document is opened.
            data = stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)
        except pikepdf.PdfError:
            raise NotCleanable(Why.DAMAGED) from None
        self.weigh(len(data))
        return data

    def weigh(self, size: int) -> None:
        """Counts what was unpacked."""
        self.unpacked += size
        if size > LARGEST_STREAM or self.unpacked > MOST_UNPACKED:
            raise NotCleanable(Why.TOO_LARGE)

    def left_behind(self, source: pikepdf.Object, known: frozenset[str], where: str) -> None:
        """Notes the keys of a dictionary that are not among the known, once an object."""
        for key in source.keys():  # noqa: SIM118  # a stream is no mapping
            bare = key[1:]
            if bare in known or bare in QUIET:
                continue
            place = (source.objgen, key)
            if source.is_indirect:
                if place in self.told:
                    continue
                self.told.add(place)
            value = source.get(key)
            if bare == "Metadata" and is_stream(value):
                from torsend.clean.formats.pdf.metadata import note_xmp

                note_xmp(value, self)
                continue
            self.notes.remove(TRACES.get(bare, Trace.OTHER), f"{where} {bare}", shown(value))

    def _weigh_lzw(self, stream: pikepdf.Object, names: list[str]) -> None:
        # qpdf bounds Flate and run lengths, but not LZW, where an octet may become some thousand.
        raw = stream.read_raw_bytes()
        parms = filters(stream)[0][1]
        early = 0 if is_fields(parms) and parms.get("/EarlyChange") == 0 else 1
        if len(raw) > LARGEST_STREAM // 4000 and (len(names) > 1 or lzw_size(raw, early) > LARGEST_STREAM):
            raise NotCleanable(Why.TOO_LARGE)


def weigh_flate(raw: bytes) -> None:
    """Refuses what would unpack to too much, without holding it."""
    unpacker = zlib.decompressobj()
    size = 0
    try:
        while raw and not unpacker.eof:
            size += len(unpacker.decompress(raw, 1 << 20))
            raw = unpacker.unconsumed_tail
            if size > LARGEST_STREAM:
                raise NotCleanable(Why.TOO_LARGE)
    except zlib.error:
        return  # qpdf says how much of it can be read


def lzw_size(raw: bytes, early: int = 1) -> int:
    """Octets that these LZW codes (ISO 32000 section 7.4.4) stand for; stops counting beyond ``LARGEST_STREAM``.

    Args:
        early: as ``EarlyChange``: 1 if codes get longer one code sooner than they must.
    """
    lengths: list[int] = []
    total = previous = 0
    width, held, bits = 9, 0, 0
    for octet in raw:
        held = (held << 8 | octet) & 0xFFFFFF
        bits += 8
        if bits < width:
            continue
        bits -= width
        code = held >> bits & (1 << width) - 1
        if code == 257 or total > LARGEST_STREAM:
            break
        if code == 256:
            lengths, previous, width = [], 0, 9
            continue
        size = 1 if code < 256 else lengths[code - 258] if code - 258 < len(lengths) else previous + 1
        total += size
        if previous and len(lengths) < 4096 - 258:
            lengths.append(previous + 1)
        previous = size
        count = len(lengths) + 258 + early
        width = 9 if count < 512 else 10 if count < 1024 else 11 if count < 2048 else 12
    return total


def is_name(value: object) -> TypeGuard[Any]:
    return isinstance(value, pikepdf.Name)


def is_array(value: object) -> TypeGuard[Any]:
    return isinstance(value, pikepdf.Array)


def is_string(value: object) -> TypeGuard[Any]:
    return isinstance(value, pikepdf.String)


def is_stream(value: object) -> TypeGuard[Any]:
    return isinstance(value, pikepdf.Stream)


def is_fields(value: object) -> TypeGuard[Any]:
    """A dictionary, or a stream, which has one."""
    return isinstance(value, pikepdf.Dictionary | pikepdf.Stream)


def is_number(value: object) -> bool:
    return type(value) is int or type(value) is Decimal


def name(value: pikepdf.Object) -> Name:
    """A name with its escapes as they were read."""
    return Name(value.unparse(resolved=True))


def plain_name(value: object) -> str:
    """A name without its slash; empty if it is none."""
    return value.unparse(resolved=True).decode("latin-1")[1:] if isinstance(value, pikepdf.Name) else ""


def items(value: object) -> Iterator[Any]:
    """The elements of an array; nothing if it is none."""
    if isinstance(value, pikepdf.Array):
        if len(value) > LONGEST_ARRAY:
            raise NotCleanable(Why.TOO_LARGE)
        yield from value


def numbers(value: object) -> list[Value] | None:
    """An array of numbers alone, or None."""
    if not is_array(value):
        return None
    out: list[Value] = list(items(value))
    return out if all(map(is_number, out)) else None


def filters(stream: pikepdf.Object) -> list[tuple[str, Any]]:
    """The filters of a stream, each with its parameters or None; the short names of inline images are left as they are."""
    found = stream.get("/Filter")
    names = [found] if is_name(found) else list(items(found))
    parms = stream.get("/DecodeParms")
    each = list(items(parms)) if is_array(parms) else [parms]
    if len(names) > 8 or not all(map(is_name, names)):
        raise NotCleanable(Why.DAMAGED)
    return [(str(one), each[at] if at < len(each) else None) for at, one in enumerate(names)]


def shown(value: object) -> str:
    """What "What was removed" shows of a value; empty where it is not text."""
    if is_string(value):
        return str(value)[:300]
    if is_name(value):
        return plain_name(value)
    return str(value) if type(value) in (int, Decimal, bool) else ""
