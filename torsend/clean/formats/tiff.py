"""TIFF (TIFF 6.0 and its supplements): each page written anew from an allowlist of tags, its packed pixels as they are.

Scans have kinds that no decoder here takes whole (16 bits a sample, CMYK, fax of several sorts), so the pixels are not
unpacked but for a page whose colour profile has to be worked in. What a strip or tile holds beyond its pixels is cut off
where that can be told (no packing, Deflate); within JPEG only tables and scans stay.

Not taken: BigTIFF, and cameras' raw files, which are TIFF by their head alone.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import colours, exif, ifd, jpeg, picture
from torsend.clean.formats.format import Format, NotCleanable, Notes, Writer
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterable

NEEDS = (*jpeg.NEEDS, "PIL.TiffImagePlugin", "zlib")

_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 254, 256, 257, 258, 259, 262
_STRIP_AT, _SAMPLES, _STRIP_ROWS, _STRIP_SIZES, _PLANAR = 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILE_AT, _TILE_SIZES = 322, 323, 324, 325
_TABLES, _PROFILE, _DNG = 347, 34675, 50706
_ORIENTATION, _ON_PAPER = 274, (282, 283, 296)
_SEPARATED = 5
"""CMYK."""
_SHORTS = frozenset(
    {
        _SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _STRIP_ROWS, _PLANAR, _TILE_WIDTH,
        _TILE_HEIGHT, _ORIENTATION,
        266,  # FillOrder
        292, 293,  # T4Options, T6Options
        296,  # ResolutionUnit
        317,  # Predictor
        320,  # ColorMap
        332,  # InkSet
        338,  # ExtraSamples
        339,  # SampleFormat
        530, 531,  # YCbCrSubSampling, YCbCrPositioning
    }
)  # fmt: skip
_RATIONALS = frozenset(
    {
        282, 283,  # XResolution, YResolution, for a fax's dots, which are no squares
        529,  # YCbCrCoefficients
        532,  # ReferenceBlackWhite
    }
)  # fmt: skip
_NONE, _OLD_JPEG, _JPEG, _DEFLATE, _OLD_DEFLATE = 1, 6, 7, 8, 32946
_PACKINGS = frozenset({_NONE, 2, 3, 4, 5, _JPEG, _DEFLATE, _OLD_DEFLATE, 32773, 34925, 50000, 50001})
"""Fax of three sorts, LZW, PackBits, and those of newer libraries."""
_MOST_PAGES = 2000
_MOST_PIECES = 1 << 18
_UNPACKED_AT_ONCE = 1 << 20


_Values = tuple[int, tuple[int, ...]]
"""A type, and numbers; of a fraction both."""


@dataclass(slots=True)
class _Page:
    """One page, as it will be written: tags but for the places of its pieces, and the pieces."""

    tags: dict[int, _Values]
    pieces: list[bytes]
    tiled: bool


def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """See `Format.clean`."""
    data = picture.read_all(source)
    order = ifd.byte_order(data)
    if data[8:10] == b"CR":
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    pages = []
    seen: set[int] = set()
    budget = _Budget(2 * len(data))
    at = ifd.first_offset(data, order)
    while at:
        if at in seen or len(seen) >= _MOST_PAGES:
            raise NotCleanable(Why.DAMAGED)
        seen.add(at)
        entries, at = ifd.read(data, at, order)
        page = _page(entries, data, notes, budget)
        if page is not None:
            pages.append(page)
    if not pages:
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    notes.keep(Left.PIXELS)
    notes.keep(Left.STREAMS)
    _write(pages, order, out)


class _Budget:
    """How many octets of pixels may come out: pages that share their pieces must not multiply them."""

    def __init__(self, octets: int) -> None:
        self._left = octets

    def spend(self, octets: int) -> None:
        self._left -= octets
        if self._left < 0:
            raise NotCleanable(Why.TOO_LARGE)


def _page(entries: list[ifd.Entry], data: bytes, notes: Notes, budget: _Budget) -> _Page | None:
    """None: it is not a page of the document, but a small picture of one."""
    found = {entry.tag: entry for entry in entries}
    if _DNG in found:
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    if _number(found, _SUBFILE, 0) & 1 or (_SUBFILE not in found and _number(found, 255, 1) == 2):
        notes.remove(Trace.THUMBNAIL, "reduced page", f"{_number(found, _WIDTH)} × {_number(found, _HEIGHT)}")
        return None
    width, height = _number(found, _WIDTH), _number(found, _HEIGHT)
    picture.check_size(width, height)
    packing = _number(found, _COMPRESSION, 1)
    if packing not in _PACKINGS:
        raise NotCleanable(Why.DAMAGED if packing == _OLD_JPEG else Why.UNKNOWN_FORMAT)
    _tell(found, data, notes)
    tiled = _TILE_AT in found
    places = found[_TILE_AT if tiled else _STRIP_AT].integers()
    sizes = found[_TILE_SIZES if tiled else _STRIP_SIZES].integers()
    if len(places) != len(sizes) or not 0 < len(places) <= _MOST_PIECES:
        raise NotCleanable(Why.DAMAGED)
    pieces = []
    for place, size in zip(places, sizes, strict=True):
        if place + size > len(data):
            raise NotCleanable(Why.DAMAGED)
        budget.spend(size)
        pieces.append(data[place : place + size])
    page = _Page(
        {tag: _usual(found[tag]) for tag in sorted(_SHORTS | _RATIONALS) if tag in found}, pieces, tiled
    )
    # A mark in it says that the page is of another kind; which page of how many is seen anyway.
    page.tags.pop(_SUBFILE, None)
    across, down = (page.tags.get(tag, (0, (0, 1)))[1] for tag in _ON_PAPER[:2])
    if across[0] * down[1] == across[1] * down[0]:
        # Square dots need no word; how many of them make an inch tells of a scanner.
        for tag in _ON_PAPER:
            page.tags.pop(tag, None)
    if packing == _JPEG:
        _jpeg(page, found, notes)
    elif packing in (_NONE, _DEFLATE, _OLD_DEFLATE):
        _cut(page, found, packing, notes)
    if _PROFILE in found and _samples(found) >= 3:
        profile = found[_PROFILE].raw
        if _number(found, _PHOTOMETRIC) == _SEPARATED or not colours.is_srgb(profile):
            return _in_srgb(page, profile, entries[0].order)
    return page


def _number(found: dict[int, ifd.Entry], tag: int, otherwise: int | None = None) -> int:
    values = found[tag].integers() if tag in found else ()
    if values:
        return values[0]
    if otherwise is None:
        raise NotCleanable(Why.DAMAGED)
    return otherwise


def _samples(found: dict[int, ifd.Entry]) -> int:
    return _number(found, _SAMPLES, 1)


def _tell(found: dict[int, ifd.Entry], data: bytes, notes: Notes) -> None:
    known = _SHORTS | _RATIONALS | {_STRIP_AT, _STRIP_SIZES, _TILE_AT, _TILE_SIZES, _TABLES}
    for tag, entry in found.items():
        if tag in known:
            continue
        match tag:
            case 700:
                exif.tell_xmp(entry.raw, notes)
            case 33723:
                exif.tell_iptc(entry.raw, notes)
            case 34377:
                exif.tell_photoshop(entry.raw, notes)
            case 34675:
                colours.note_profile(entry.raw, notes)
            case 330:
                notes.remove(Trace.THUMBNAIL, "SubIFDs", f"{entry.count} pictures")
            case _:
                exif.tell_entries([entry], notes, data)


def _usual(entry: ifd.Entry) -> _Values:
    """An entry that stays, in the type that is usual for it."""
    if entry.tag in _RATIONALS:
        if entry.kind != ifd.RATIONAL:
            raise NotCleanable(Why.DAMAGED)
        return ifd.RATIONAL, struct.unpack(f"{entry.order}{2 * entry.count}I", entry.raw)
    numbers = entry.integers()
    if not numbers or min(numbers) < 0:
        raise NotCleanable(Why.DAMAGED)
    return (ifd.SHORT if max(numbers) < 1 << 16 else ifd.LONG), numbers


def _jpeg(page: _Page, found: dict[int, ifd.Entry], notes: Notes) -> None:
    """Of each strip's JPEG, and of the tables that they share, only what a decoder needs."""
    page.pieces = [jpeg.skeleton(piece, notes) for piece in page.pieces]
    if _TABLES in found:
        tables = jpeg.skeleton(found[_TABLES].raw, notes)
        page.tags[_TABLES] = (ifd.UNDEFINED, tuple(tables))


def _cut(page: _Page, found: dict[int, ifd.Entry], packing: int, notes: Notes) -> None:
    """Cuts each piece behind its pixels.

    Raises:
        NotCleanable: it holds fewer, or many more.
    """
    behind = 0
    for number, (piece, wanted) in enumerate(zip(page.pieces, _octets(page, found), strict=False)):
        if packing == _NONE:
            used = wanted
        else:
            unpack = zlib.decompressobj()
            left, total = piece, 0
            try:
                while not unpack.eof and total <= wanted:
                    some = unpack.decompress(left, _UNPACKED_AT_ONCE)
                    left = unpack.unconsumed_tail
                    total += len(some)
                    if not some and not left and not unpack.eof:
                        raise NotCleanable(Why.DAMAGED)
            except zlib.error:
                raise NotCleanable(Why.DAMAGED) from None
            if total != wanted:
                raise NotCleanable(Why.DAMAGED)
            used = len(piece) - len(unpack.unused_data)
        if used > len(piece):
            raise NotCleanable(Why.DAMAGED)
        behind += len(piece) - used
        page.pieces[number] = piece[:used]
    if behind > len(page.pieces):  # an odd octet to fill up is usual
        notes.remove(Trace.OTHER, "data behind the pixels", f"{behind} bytes")


def _octets(page: _Page, found: dict[int, ifd.Entry]) -> Iterable[int]:
    """How many octets each piece has when it is unpacked."""
    width, height, samples = _number(found, _WIDTH), _number(found, _HEIGHT), _samples(found)
    bits = found[_BITS].integers() if _BITS in found else (1,)
    if len(bits) < samples:
        bits = bits * samples
    apart = _number(found, _PLANAR, 1) == 2
    if page.tiled:
        width, rows = _number(found, _TILE_WIDTH), _number(found, _TILE_HEIGHT)
        if not width or not rows:
            raise NotCleanable(Why.DAMAGED)
        many = -(-_number(found, _WIDTH) // width) * -(-height // rows)
    else:
        rows = min(_number(found, _STRIP_ROWS, height), height) or height
        many = -(-height // rows)
    # Before a list is made of them: they may be millions.
    if many * (samples if apart else 1) != len(page.pieces) or len(bits) < samples:
        raise NotCleanable(Why.DAMAGED)
    heights = [rows] * many
    if not page.tiled:
        heights[-1] = height - rows * (many - 1)
    if _number(found, _PHOTOMETRIC) == 6 and not apart:
        # YCbCr: some samples for several pixels (TIFF 6.0, section 21).
        over, under = (found[530].integers() if 530 in found else (2, 2))[:2]
        if not over or not under:
            raise NotCleanable(Why.DAMAGED)
        units = -(-width // over)
        sizes = [units * -(-each // under) * (over * under + 2) for each in heights]
    elif apart:
        sizes = [each * ((width * bits[plane] + 7) // 8) for plane in range(samples) for each in heights]
    else:
        row = (width * sum(bits[:samples]) + 7) // 8
        sizes = [each * row for each in heights]
    return sizes


def _in_srgb(page: _Page, profile: bytes, order: str) -> _Page:
    """The page unpacked, its colours as the profile means them, and packed anew.

    Raises:
        NotCleanable: no decoder here takes pages of this kind.
    """
    from PIL import UnidentifiedImageError

    file = io.BytesIO()
    # Pillow would turn what it opens: the orientation's tag stays as it is.
    flat = {tag: values for tag, values in page.tags.items() if tag != _ORIENTATION}
    _write([_Page(flat, page.pieces, page.tiled)], order, file)
    try:
        unpacked = picture.opened(file.getvalue(), "TIFF")
    except UnidentifiedImageError:
        raise NotCleanable(Why.UNKNOWN_FORMAT) from None
    if unpacked.mode not in ("RGB", "RGBA", "CMYK") or page.tags[_BITS][1][0] != 8:
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    changed = colours.to_srgb(unpacked, profile)
    changed.info.clear()
    file = io.BytesIO()
    # LZW leaves an encoder no choice (TIFF 6.0, section 13), so that its bytes are the same everywhere.
    changed.save(file, "TIFF", compression="tiff_lzw", tiffinfo={})
    data = file.getvalue()
    fresh_order = ifd.byte_order(data)
    entries, _ = ifd.read(data, ifd.first_offset(data, fresh_order), fresh_order)
    fresh = _page(entries, data, Notes(), _Budget(len(data)))
    if fresh is None:  # pragma: no cover  # it is no small picture of another
        raise NotCleanable(Why.DAMAGED)
    fresh.tags |= {tag: page.tags[tag] for tag in (_ORIENTATION, *_ON_PAPER) if tag in page.tags}
    return fresh


def _write(pages: list[_Page], order: str, out: Writer) -> None:
    """Each page's directory, the values that don't fit into it, and its pieces; then the next page."""
    out.write((b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8))
    at = 8
    for number, page in enumerate(pages):
        tags = dict(page.tags)
        sizes = tuple(len(piece) for piece in page.pieces)
        place, size = (_TILE_AT, _TILE_SIZES) if page.tiled else (_STRIP_AT, _STRIP_SIZES)
        tags[size] = (ifd.LONG, sizes)
        tags[place] = (ifd.LONG, sizes)  # as long as they will be
        values_at = at + 2 + 12 * len(tags) + 4
        pieces_at = values_at + sum(
            _even(len(packed)) for packed in _packed(tags, order).values() if len(packed) > 4
        )
        places = []
        end = pieces_at
        for each in sizes:
            places.append(end)
            end += _even(each)
        tags[place] = (ifd.LONG, tuple(places))
        directory = [struct.pack(f"{order}H", len(tags))]
        values = []
        for tag, packed in sorted(_packed(tags, order).items()):
            kind, numbers = tags[tag]
            count = len(numbers) // 2 if kind == ifd.RATIONAL else len(numbers)
            if len(packed) > 4:
                inline = struct.pack(f"{order}I", values_at)
                values.append(packed + b"\0" * (len(packed) % 2))
                values_at += len(values[-1])
            else:
                inline = packed.ljust(4, b"\0")
            directory.append(struct.pack(f"{order}HHI", tag, kind, count) + inline)
        directory.append(struct.pack(f"{order}I", end if number + 1 < len(pages) else 0))
        for line in (*directory, *values):
            out.write(line)
        for piece in page.pieces:
            out.write(piece + b"\0" * (len(piece) % 2))
        at = end


def _packed(tags: dict[int, _Values], order: str) -> dict[int, bytes]:
    codes = {ifd.SHORT: "H", ifd.LONG: "I", ifd.RATIONAL: "I", ifd.UNDEFINED: "B"}
    return {
        tag: struct.pack(f"{order}{len(numbers)}{codes[kind]}", *numbers)
        for tag, (kind, numbers) in tags.items()
    }


def _even(size: int) -> int:
    return size + size % 2


TIFF = Format(
    "TIFF",
    "image/tiff",
    lambda beginning: beginning[:4] in (b"II*\0", b"MM\0*"),
    clean,
    ("picture", ".tif"),
    NEEDS,
)
