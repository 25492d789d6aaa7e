"""ZIP (PKWARE's APPNOTE): read with limits and without trust, written in one form.

Office documents are ZIP packages, archives are ZIP files; both are read and written here. What is read is the central
directory, as office programs do. What is written holds names and octets and nothing else: no dates, no rights, no
comments, no extra fields, no system.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats.deflate import deflate
from torsend.clean.formats.format import NotCleanable, Writer
from torsend.clean.report import Why

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_MEMBERS = 10_000
LARGEST_MEMBER = 96 * 1024 * 1024
"""Octets that one member may unpack to."""
LARGEST_TOTAL = 256 * 1024 * 1024
"""Octets that all members together may unpack to: the cleaner's process may hold about 1 GiB."""
LONGEST_NAME = 1024
BEGINNING = b"PK\x03\x04"

_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _PATCHED, _UTF8 = 0x1, 0x20, 0x800
_END = struct.Struct("<4s4H2LH")
_END64_AT = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_PIECE = 1 << 16
_UNIX = 3
_FILE_RIGHTS = 0o100644 << 16
_FOLDER_RIGHTS = 0o040755 << 16 | 0x10


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the central directory.

    Attributes:
        name: as it stands there; nothing is promised of it (see ``safe_name``).
        method: 0 stored, 8 deflated, others are not read.
        size: unpacked, as it says; ``ZipReader.read`` holds it to that.
        rights: Unix mode bits, 0 where the writer's system has none.
        extra: whether it carries extra fields (times, user numbers).
    """

    name: str
    method: int
    encrypted: bool
    crc: int
    packed: int
    size: int
    offset: int
    date: tuple[int, int, int, int, int, int]
    system: int
    rights: int
    extra: bool
    comment: str

    @property
    def is_directory(self) -> bool:
        """By its name, as all programs take it."""
        return self.name.endswith("/")

    @property
    def is_link(self) -> bool:
        """A symbolic link of Unix."""
        return self.rights & 0o170000 == 0o120000


class ZipReader:
    """What a ZIP file holds. Members keep the order of the directory.

    Raises:
        NotCleanable: broken, or over a limit. The sizes that members claim count here; ``read`` checks them.
    """

    def __init__(
        self, source: BinaryIO, *, most_members: int = MOST_MEMBERS, most_total: int = LARGEST_TOTAL
    ) -> None:
        self._source = source
        self._size = source.seek(0, 2)
        self.comment = b""
        count, size, start = self._find_directory()
        if count > most_members or size > most_members * (_ENTRY.size + 4 * LONGEST_NAME):
            raise NotCleanable(Why.TOO_LARGE)
        source.seek(start)
        directory = source.read(size)
        self.members = tuple(self._entries(directory, count))
        if sum(each.size for each in self.members) > most_total:
            raise NotCleanable(Why.TOO_LARGE)
        if len({each.name for each in self.members}) != len(self.members):
            # Two programs would take two different ones.
            raise NotCleanable(Why.DAMAGED)
        # Members that lie over each other are how a small file unpacks to a large one.
        free = 0
        for each in sorted(self.members, key=lambda member: member.offset):
            if each.offset < free or each.offset + _LOCAL.size + each.packed > start:
                raise NotCleanable(Why.DAMAGED)
            free = each.offset + _LOCAL.size + each.packed

    def read(self, member: Member) -> bytes:
        """Its octets, unpacked and checked.

        Raises:
            NotCleanable: encrypted, packed by a method that is not known here, over the limit, or not what it claims.
        """
        if member.encrypted:
            raise NotCleanable(Why.ENCRYPTED)
        if member.method not in (_STORED, _DEFLATED):
            raise NotCleanable(Why.HOLDS_UNCLEANABLE, member.name)
        if member.size > LARGEST_MEMBER:
            raise NotCleanable(Why.TOO_LARGE, member.name)
        self._source.seek(member.offset)
        header = self._source.read(_LOCAL.size)
        if len(header) != _LOCAL.size or header[:4] != BEGINNING:
            raise NotCleanable(Why.DAMAGED)
        *_rest, name_length, extra_length = _LOCAL.unpack(header)
        self._source.seek(name_length + extra_length, 1)
        packed = self._source.read(member.packed)
        data = packed if member.method == _STORED else _inflate(packed, member.size)
        if len(packed) != member.packed or len(data) != member.size or zlib.crc32(data) != member.crc:
            raise NotCleanable(Why.DAMAGED)
        return data

    def _find_directory(self) -> tuple[int, int, int]:
        """Number of entries, octets and place of the central directory; sets ``comment``."""
        tail_start = max(0, self._size - _END.size - 0xFFFF)
        self._source.seek(tail_start)
        tail = self._source.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < _END.size:
            raise NotCleanable(Why.DAMAGED)
        _signature, disk, first_disk, _here, count, size, start, comment = _END.unpack_from(tail, at)
        if disk or first_disk:
            raise NotCleanable(Why.DAMAGED)
        self.comment = tail[at + _END.size : at + _END.size + comment]
        end = tail_start + at
        if 0xFFFF in (count, size) or 0xFFFFFFFF in (size, start):
            self._source.seek(max(0, end - _END64_AT.size))
            locator = self._source.read(_END64_AT.size)
            if locator[:4] == b"PK\x06\x07" and len(locator) == _END64_AT.size:
                self._source.seek(min(_END64_AT.unpack(locator)[2], self._size))
                record = self._source.read(_END64.size)
                if len(record) != _END64.size or record[:4] != b"PK\x06\x06":
                    raise NotCleanable(Why.DAMAGED)
                count, size, start = _END64.unpack(record)[7:]
        if start + size > end:
            raise NotCleanable(Why.DAMAGED)
        return count, size, start

    def _entries(self, directory: bytes, count: int) -> Iterator[Member]:
        at = 0
        for _each in range(count):
            if len(directory) - at < _ENTRY.size or directory[at : at + 4] != b"PK\x01\x02":
                raise NotCleanable(Why.DAMAGED)
            (_signature, made_by, _needs, flags, method, time, date, crc, packed, size, name_length, extra_length,
             comment_length, _disk, _internal, external, offset) = _ENTRY.unpack_from(directory, at)  # fmt: skip
            at += _ENTRY.size
            raw = directory[at : at + name_length]
            extra = directory[at + name_length : at + name_length + extra_length]
            at += name_length + extra_length
            comment = directory[at : at + comment_length]
            at += comment_length
            if at > len(directory) or not raw or len(raw) > LONGEST_NAME:
                raise NotCleanable(Why.DAMAGED)
            packed, size, offset = _large(extra, packed, size, offset)
            encoding = "utf-8" if flags & _UTF8 else "cp437"
            yield Member(
                name=raw.decode(encoding, "replace"),
                method=method,
                encrypted=bool(flags & (_ENCRYPTED | _PATCHED)),
                crc=crc,
                packed=packed,
                size=size,
                offset=offset,
                date=(
                    1980 + (date >> 9),
                    date >> 5 & 15,
                    date & 31,
                    time >> 11,
                    time >> 5 & 63,
                    (time & 31) * 2,
                ),
                system=made_by >> 8,
                rights=external >> 16 if made_by >> 8 in (3, 19) else 0,
                extra=bool(extra),
                comment=comment.decode(encoding, "replace"),
            )


def _large(extra: bytes, packed: int, size: int, offset: int) -> tuple[int, int, int]:
    """The numbers that did not fit their fields, from the ZIP64 extra field."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            numbers = (
                list(struct.unpack_from(f"<{length // 8}Q", extra[: at + 4 + length], at + 4))
                if length < 32
                else []
            )
            try:
                size = numbers.pop(0) if size == 0xFFFFFFFF else size
                packed = numbers.pop(0) if packed == 0xFFFFFFFF else packed
                offset = numbers.pop(0) if offset == 0xFFFFFFFF else offset
            except IndexError:
                raise NotCleanable(Why.DAMAGED) from None
        at += 4 + length
    return packed, size, offset


def _inflate(packed: bytes, size: int) -> bytes:
    """Never more than ``size`` octets and one, whatever the stream says."""
    unpacker = zlib.decompressobj(-15)
    try:
        return unpacker.decompress(packed, size + 1)
    except zlib.error:
        raise NotCleanable(Why.DAMAGED) from None


def safe_name(name: str) -> bool:
    """Whether it is a path that stays below where it is unpacked, the same on every system."""
    return (
        "\\" not in name
        and ":" not in name
        and name.isprintable()
        and all(part not in ("", ".", "..") for part in name.rstrip("/").split("/"))
    )


class ZipWriter:
    """Writes members front to back: same names and octets in the same order, same file."""

    def __init__(self, out: Writer) -> None:
        self._out = out
        self._at = 0
        self._directory: list[bytes] = []

    def add(self, name: str, data: bytes, *, stored: bool = False) -> None:
        """One member; ``stored`` as it is, else packed where that makes it smaller. A directory's name ends with ``/``."""
        packed = data if stored else deflate(data)
        method = _DEFLATED
        if stored or len(packed) >= len(data):
            packed, method = data, _STORED
        raw = name.encode()
        flags = 0 if name.isascii() else _UTF8
        # Version 2.0, made on Unix with rights that are nobody's (as most tools write it, and mat2 wants it), at the first
        # moment that a ZIP file knows.
        needs, made_by, time, date = 20, _UNIX << 8 | 20, 0, (1 << 5) | 1
        rights = _FOLDER_RIGHTS if name.endswith("/") else _FILE_RIGHTS
        common = (flags, method, time, date, zlib.crc32(data), len(packed), len(data), len(raw))
        self._directory.append(
            _ENTRY.pack(b"PK\x01\x02", made_by, needs, *common, 0, 0, 0, 0, rights, self._at) + raw
        )
        self._write(_LOCAL.pack(BEGINNING, needs, *common, 0) + raw)
        self._write(packed)

    def finish(self) -> None:
        """The directory. Nothing comes after it."""
        start = self._at
        for each in self._directory:
            self._write(each)
        count = len(self._directory)
        self._write(_END.pack(b"PK\x05\x06", 0, 0, count, count, self._at - start, start, 0))

    def _write(self, data: bytes) -> None:
        for at in range(0, len(data), _PIECE):
            self._out.write(data[at : at + _PIECE])
        self._at += len(data)
