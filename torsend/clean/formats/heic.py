"""HEIC (ISO/IEC 23008-12 with HEVC): a new file of nothing but the picture that is shown, its packed pixels as they are.

Packing it anew would take an encoder half a minute for a telephone's picture, and its result would differ between
processors. So the tiles of the picture stay packed, without the messages that encoders put between them (SEI), and
around them a new file is written: what the pixels are, which way up and in which colours. Exif, XMP, small pictures,
depth and gain maps, further pictures and films (live photos) are left behind.

Colours are those of sRGB or of Display P3, as telephones have them; of the profile that says so only a fresh one stays.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import colours, exif, heif_boxes, ifd, picture
from torsend.clean.formats.format import Format, NotCleanable, Notes, Writer
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from torsend.clean.formats.heif_boxes import Fresh, Item, Meta

NEEDS = (*colours.NEEDS, "PIL.ExifTags")

_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"heim", b"heis", b"hevc", b"hevx"})
_ALPHA = (b"urn:mpeg:hevc:2015:auxid:1\0", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
_SIZES = {b"ispe": 12, b"clap": 32, b"pasp": 8, b"irot": 1, b"imir": 1}
"""Octets of the properties that stay as they are."""
_MOST_TILES = 4096
_SETS, _SEI, _DELIMITER = (32, 33, 34), (39, 40), 35
"""Kinds of HEVC's units (ITU-T H.265, table 7-1): below 32 are pixels."""


def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """See `Format.clean`."""
    data = picture.read_all(source)
    outer = heif_boxes.boxes(data)
    content = next((content for kind, content in outer if kind == b"meta"), None)
    if content is None:
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    meta = heif_boxes.read_meta(content)
    maker = _Maker(meta, data, notes)
    maker.take(meta.primary)
    _tell(maker, outer, notes)
    notes.keep(Left.PIXELS)
    notes.keep(Left.STREAMS)
    brand = b"heix" if maker.deep else b"heic"
    for each in heif_boxes.written(brand, maker.fresh):
        out.write(each)


class _Maker:
    """Takes the items over that make the picture."""

    def __init__(self, meta: Meta, data: bytes, notes: Notes) -> None:
        self.meta = meta
        self.data = data
        self.notes = notes
        self.fresh: list[Fresh] = []
        self.taken: set[int] = set()
        self.deep = False
        """Whether there are more than eight bits a sample."""
        self._budget = 2 * len(data)
        self._profiles: dict[bytes, bytes | None] = {}

    def take(self, number: int) -> None:
        """Takes the picture with this number, and what belongs to it.

        Raises:
            NotCleanable: it is none, or made in a way that isn't known.
        """
        item = self.meta.items.get(number)
        if item is None:
            raise NotCleanable(Why.DAMAGED)
        shown = self._item(number, item)
        for alpha, other in self.meta.items.items():
            if (b"auxl", (number,)) in other.references and self._is_alpha(other):
                mask = self._item(alpha, other)
                self.fresh[mask - 1].references.append((b"auxl", (shown,)))

    def _item(self, number: int, item: Item) -> int:
        """Takes one item and its tiles; returns its new number."""
        self.taken.add(number)
        fresh = heif_boxes.Fresh(item.kind, b"", self._properties(item))
        self.fresh.append(fresh)
        new = len(self.fresh)
        content = self.meta.content(number, self.data)
        self._budget -= len(content)
        if self._budget < 0:
            raise NotCleanable(Why.TOO_LARGE)
        if item.kind == b"hvc1":
            fresh.content = _pixels(content, _config(fresh), self.notes)
        elif item.kind == b"grid":
            tiles = next((others for kind, others in item.references if kind == b"dimg"), ())
            fresh.content = _grid(content, len(tiles))
            numbers = []
            for tile in tiles:
                below = self.meta.items.get(tile)
                if below is None or below.kind != b"hvc1" or tile in self.taken:
                    raise NotCleanable(Why.DAMAGED)
                numbers.append(self._item(tile, below))
            fresh.references.append((b"dimg", tuple(numbers)))
        else:
            # AVIF, JPEG and others in the same boxes; pictures laid over each other.
            raise NotCleanable(Why.UNKNOWN_FORMAT)
        return new

    def _properties(self, item: Item) -> list[tuple[bytes, bytes, bool]]:
        kept: list[tuple[bytes, bytes, bool]] = []
        for index, essential in item.properties:
            kind, content = self.meta.properties[index]
            usual: bytes | None = content
            if kind == b"hvcC":
                usual = _configuration(content, self.notes)
            elif kind == b"colr":
                usual = self._colour(content)
            elif kind == b"auxC":
                usual = next((bytes(4) + urn for urn in _ALPHA if content[4:].startswith(urn)), None)
            elif kind == b"pixi" and 5 <= len(content) == 5 + content[4]:
                self.deep |= max(content[5:]) > 8
            elif len(content) != _SIZES.get(kind, -1):
                self.notes.remove(
                    Trace.DATE if kind in (b"crtm", b"mdft") else Trace.OTHER, kind.decode("latin-1")
                )
                usual = None
                if essential:
                    raise NotCleanable(Why.UNKNOWN_FORMAT)
            if kind == b"ispe":
                picture.check_size(*struct.unpack_from(">II", content, 4))
            if usual is not None:
                kept.append((kind, usual, essential))
        if not any(kind == b"ispe" for kind, _, _ in kept):
            raise NotCleanable(Why.DAMAGED)
        return kept

    def _colour(self, content: bytes) -> bytes | None:
        if content[:4] == b"nclx":
            return content[:10] + bytes((content[10] & 0x80,)) if len(content) == 11 else None
        profile = content[4:]
        if profile not in self._profiles:
            colours.note_profile(profile, self.notes) if profile != colours.display_p3() else None
            self._profiles[profile] = _usual_profile(profile)
        return self._profiles[profile]

    def _is_alpha(self, item: Item) -> bool:
        kinds = [self.meta.properties[index] for index, _ in item.properties]
        return any(kind == b"auxC" and content[4:].startswith(_ALPHA) for kind, content in kinds)


def _usual_profile(profile: bytes) -> bytes | None:
    """What stands for a profile; None: nothing has to.

    Raises:
        NotCleanable: its colours are neither sRGB's nor Display P3's, and without it they would be wrong.
    """
    if colours.is_srgb(profile):
        return None
    if colours.alike(profile, colours.display_p3()):
        return b"prof" + colours.display_p3()
    raise NotCleanable(Why.HOLDS_UNCLEANABLE, "ICC profile")


def _configuration(content: bytes, notes: Notes) -> bytes:
    """``hvcC`` with the parameter sets alone (ISO/IEC 14496-15, 8.3.3.1)."""
    if len(content) < 23:
        raise NotCleanable(Why.DAMAGED)
    arrays = []
    at = 23
    for _ in range(content[22]):
        head, count = struct.unpack_from(">BH", content, at)
        at += 3
        units = []
        for _ in range(count):
            (size,) = struct.unpack_from(">H", content, at)
            units.append(content[at + 2 : at + 2 + size])
            at += 2 + size
        if head & 0x3F in _SETS:
            arrays.append(
                struct.pack(">BH", head & 0xBF, len(units))
                + b"".join(struct.pack(">H", len(unit)) + unit for unit in units)
            )
        elif units:
            _tell_message(units[0], notes)
    if at > len(content):
        raise NotCleanable(Why.DAMAGED)
    return content[:22] + bytes((len(arrays),)) + b"".join(arrays)


def _config(item: Fresh) -> bytes:
    for kind, content, _ in item.properties:
        if kind == b"hvcC":
            return content
    raise NotCleanable(Why.DAMAGED)


def _pixels(content: bytes, configuration: bytes, notes: Notes) -> bytes:
    """The units of one picture without those that say something beside it."""
    width = (configuration[21] & 3) + 1
    kept = []
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + width])
        unit = content[at + width : at + width + size]
        if len(unit) < max(size, 2):
            raise NotCleanable(Why.DAMAGED)
        kind = unit[0] >> 1 & 0x3F
        if kind < 32 or kind in _SETS:
            kept.append(content[at : at + width + size])
        elif kind != _DELIMITER:
            _tell_message(unit, notes)
        at += width + size
    if not kept:
        raise NotCleanable(Why.DAMAGED)
    return b"".join(kept)


def _tell_message(unit: bytes, notes: Notes) -> None:
    kind = unit[0] >> 1 & 0x3F if unit else 0
    if kind in _SEI and len(unit) > 20 and unit[2] == 5:
        # Kind, length, sixteen octets that name whose it is, and what encoders like to say of themselves.
        notes.remove(Trace.SOFTWARE, "SEI", ifd.printable(unit[20:220]))
    else:
        notes.remove(Trace.OTHER, "SEI" if kind in _SEI else f"HEVC unit {kind}", f"{len(unit)} bytes")


def _grid(content: bytes, tiles: int) -> bytes:
    """How the tiles lie (ISO/IEC 23008-12, 6.6.2.3.2)."""
    wide = len(content) >= 12 and content[1] & 1
    if len(content) < (12 if wide else 8) or content[0] or (content[2] + 1) * (content[3] + 1) != tiles:
        raise NotCleanable(Why.DAMAGED)
    if tiles > _MOST_TILES:
        raise NotCleanable(Why.TOO_LARGE)
    width, height = struct.unpack_from(">II" if wide else ">HH", content, 4)
    picture.check_size(width, height)
    return content[: 12 if wide else 8]


def _tell(maker: _Maker, outer: list[tuple[bytes, bytes]], notes: Notes) -> None:
    """Notes what is not taken over."""
    meta = maker.meta
    parts = {
        tile
        for item in meta.items.values()
        for kind, others in item.references
        if kind == b"dimg"
        for tile in others
    }
    for number, item in meta.items.items():
        if number in maker.taken:
            continue
        references = {kind for kind, _ in item.references}
        if item.kind == b"Exif":
            content = meta.content(number, maker.data)
            exif.tell_exif(content[4 + int.from_bytes(content[:4]) :], notes)
        elif item.kind == b"mime" and "xml" in item.content_type:
            exif.tell_xmp(meta.content(number, maker.data), notes)
        elif b"thmb" in references:
            notes.remove(Trace.THUMBNAIL, "thumbnail")
        elif b"auxl" in references:
            notes.remove(Trace.EMBEDDED, "auxiliary picture", _auxiliary(item, meta))
        elif number not in parts:
            notes.remove(Trace.EMBEDDED, f"item {item.kind.decode('latin-1')}", item.content_type)
    for kind, content in outer:
        if kind == b"uuid" and content[:4] == b"\xd8\xfe\xc3\xd6":
            notes.remove(Trace.PROVENANCE, "C2PA", f"{len(content)} bytes")
        elif kind == b"moov":
            notes.remove(Trace.EMBEDDED, "moov (a film)", f"{len(content)} bytes")
        elif kind not in (b"ftyp", b"meta", b"mdat", b"free", b"skip"):
            notes.remove(Trace.OTHER, kind.decode("latin-1"), f"{len(content)} bytes")


def _auxiliary(item: Item, meta: Meta) -> str:
    kinds = [meta.properties[index] for index, _ in item.properties]
    return next((ifd.printable(content[4:]) for kind, content in kinds if kind == b"auxC"), "")


def _recognises(beginning: bytes) -> bool:
    if beginning[4:8] != b"ftyp":
        return False
    size = int.from_bytes(beginning[:4])
    brands = {beginning[at : at + 4] for at in (8, *range(16, min(size, len(beginning)), 4))}
    return beginning[8:12] in _BRANDS and bool(
        brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
    )


HEIC = Format("HEIC", "image/heic", _recognises, clean, ("picture", ".heic"), NEEDS)
