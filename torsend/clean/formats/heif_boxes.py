"""The box structure of HEIF (ISO/IEC 23008-12, ISO/IEC 14496-12): a file's items read, and written anew."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Why

_MOST_ITEMS = 20_000
_MOST_REFERENCES = 100_000


@dataclass(slots=True)
class Item:
    """One picture, or whatever else lies in the file under a number.

    Attributes:
        kind: four letters, such as ``hvc1``, ``grid``, ``Exif``, ``mime``.
        content_type: of a ``mime`` item.
        extents: whether it lies in ``idat``, then from where how much.
        properties: index into the file's properties, and whether a reader must know it.
        references: four letters (``dimg``: made of these; ``thmb``: a small one of that; ``auxl``), and numbers.
    """

    kind: bytes
    content_type: str = ""
    extents: list[tuple[bool, int, int]] = field(default_factory=list)
    properties: list[tuple[int, bool]] = field(default_factory=list)
    references: list[tuple[bytes, tuple[int, ...]]] = field(default_factory=list)


@dataclass(slots=True)
class Meta:
    """What a file's ``meta`` box says."""

    primary: int = 0
    items: dict[int, Item] = field(default_factory=dict)
    properties: list[tuple[bytes, bytes]] = field(default_factory=list)
    idat: bytes = b""

    def content(self, number: int, data: bytes) -> bytes:
        """An item's octets.

        Raises:
            NotCleanable: some of them lie nowhere.
        """
        pieces = []
        for inside, at, size in self.items[number].extents:
            whole = self.idat if inside else data
            piece = whole[at : at + size] if size else whole[at:]
            if len(piece) < size:
                raise NotCleanable(Why.DAMAGED)
            pieces.append(piece)
        return b"".join(pieces)


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and content of each box in a row.

    Raises:
        NotCleanable: one is longer than what it lies in.
    """
    found = []
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        elif size == 0:
            size = len(data) - at
        if size < head or at + size > len(data):
            raise NotCleanable(Why.DAMAGED)
        found.append((kind, data[at + head : at + size]))
        at += size
    return found


def read_meta(content: bytes) -> Meta:
    """What a ``meta`` box says, its version and flags among the content.

    Raises:
        NotCleanable, struct.error
    """
    meta = Meta()
    inner = dict(boxes(content[4:]))
    for kind in (b"iinf", b"iloc", b"pitm", b"iprp"):
        if kind not in inner:
            raise NotCleanable(Why.DAMAGED)
    meta.idat = inner.get(b"idat", b"")
    pitm = inner[b"pitm"]
    (meta.primary,) = struct.unpack_from(">I" if pitm[0] else ">H", pitm, 4)
    _read_items(inner[b"iinf"], meta)
    _read_places(_Cursor(inner[b"iloc"]), meta)
    _read_properties(inner[b"iprp"], meta)
    if b"iref" in inner:
        _read_references(inner[b"iref"], meta)
    return meta


def _read_items(iinf: bytes, meta: Meta) -> None:
    for kind, infe in boxes(iinf[8 if iinf[0] else 6 :]):
        if kind != b"infe" or infe[0] < 2:
            continue
        wide = infe[0] > 2
        (number,) = struct.unpack_from(">I" if wide else ">H", infe, 4)
        at = 4 + (4 if wide else 2) + 2
        item = Item(infe[at : at + 4])
        if item.kind == b"mime":
            item.content_type = infe[at + 4 :].split(b"\0")[1].decode("latin-1")
        if len(meta.items) >= _MOST_ITEMS:
            raise NotCleanable(Why.TOO_LARGE)
        meta.items[number] = item


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, size: int) -> int:
        """A number of so many octets; 0 for none."""
        if self.at + size > len(self._data):
            raise NotCleanable(Why.DAMAGED)
        self.at += size
        return int.from_bytes(self._data[self.at - size : self.at])


def _read_places(iloc: _Cursor, meta: Meta) -> None:
    version = iloc.take(1)
    iloc.take(3)
    sizes = iloc.take(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(min(iloc.take(4 if version == 2 else 2), _MOST_ITEMS)):
        number = iloc.take(4 if version == 2 else 2)
        method = iloc.take(2) & 15 if version else 0
        elsewhere = iloc.take(2)
        base = iloc.take(base_size)
        extents = []
        for _ in range(iloc.take(2)):
            if version:
                iloc.take(index_size)
            at, size = base + iloc.take(offset_size), iloc.take(length_size)
            extents.append((method == 1, at, size))
        if number in meta.items and not elsewhere and method < 2:
            meta.items[number].extents = extents


def _read_properties(iprp: bytes, meta: Meta) -> None:
    for kind, content in boxes(iprp):
        if kind == b"ipco":
            meta.properties = boxes(content)
        elif kind == b"ipma":
            ipma = _Cursor(content)
            version, flags = ipma.take(1), ipma.take(3)
            for _ in range(min(ipma.take(4), _MOST_ITEMS)):
                number = ipma.take(4 if version else 2)
                for _ in range(ipma.take(1)):
                    value = ipma.take(2 if flags & 1 else 1)
                    essential = 0x8000 if flags & 1 else 0x80
                    index = (value & (essential - 1)) - 1
                    if number in meta.items and 0 <= index < len(meta.properties):
                        meta.items[number].properties.append((index, bool(value & essential)))


def _read_references(iref: bytes, meta: Meta) -> None:
    wide = 4 if iref[0] else 2
    left = _MOST_REFERENCES
    for kind, content in boxes(iref[4:]):
        cursor = _Cursor(content)
        number, count = cursor.take(wide), cursor.take(2)
        left -= count
        if left < 0:
            raise NotCleanable(Why.TOO_LARGE)
        others = tuple(cursor.take(wide) for _ in range(count))
        if number in meta.items:
            meta.items[number].references.append((kind, others))


@dataclass(slots=True)
class Fresh:
    """An item of the file that is written; its number is its place in the list, from 1.

    Attributes:
        properties: kind, content, and whether a reader must know it.
        references: as in `Item`, by the new numbers.
    """

    kind: bytes
    content: bytes
    properties: list[tuple[bytes, bytes, bool]]
    references: list[tuple[bytes, tuple[int, ...]]] = field(default_factory=list)


def written(brand: bytes, items: list[Fresh]) -> list[bytes]:
    """A file of these items, the first of which is what is shown; the others are seen only as parts of it."""
    ftyp = box(b"ftyp", brand + bytes(4) + b"mif1" + brand)
    properties: dict[tuple[bytes, bytes], int] = {}
    ipma = struct.pack(">I", len(items))
    for number, item in enumerate(items, 1):
        ipma += struct.pack(">HB", number, len(item.properties))
        for kind, content, essential in item.properties:
            index = properties.setdefault((kind, content), len(properties) + 1)
            ipma += struct.pack(">H", index | (0x8000 if essential else 0))
    iprp = box(
        b"iprp", box(b"ipco", b"".join(box(*each) for each in properties)) + _full(b"ipma", ipma, flags=1)
    )
    hdlr = _full(b"hdlr", bytes(4) + b"pict" + bytes(13))
    pitm = _full(b"pitm", struct.pack(">H", 1))
    entries = b"".join(
        _full(
            b"infe", struct.pack(">HH4sB", number, 0, item.kind, 0), version=2, flags=0 if number == 1 else 1
        )
        for number, item in enumerate(items, 1)
    )
    iinf = _full(b"iinf", struct.pack(">H", len(items)) + entries)
    references = b"".join(
        box(kind, struct.pack(f">HH{len(others)}H", number, len(others), *others))
        for number, item in enumerate(items, 1)
        for kind, others in item.references
    )
    iref = _full(b"iref", references) if references else b""
    places = 16 + 14 * len(items)
    size = 12 + len(hdlr) + len(pitm) + len(iinf) + places + len(iprp) + len(iref)
    at = len(ftyp) + size + 8
    iloc = struct.pack(">BBH", 0x44, 0, len(items))
    for number, item in enumerate(items, 1):
        iloc += struct.pack(">HHHII", number, 0, 1, at, len(item.content))
        at += len(item.content)
    meta = _full(b"meta", hdlr + pitm + _full(b"iloc", iloc) + iinf + iprp + iref)
    contents = [item.content for item in items]
    return [ftyp, meta, struct.pack(">I4s", 8 + sum(map(len, contents)), b"mdat"), *contents]


def box(kind: bytes, content: bytes) -> bytes:
    """One box."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _full(kind: bytes, content: bytes, *, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags) + content)
