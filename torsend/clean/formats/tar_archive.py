"""TAR archives (POSIX.1), plain or packed by gzip, bzip2 or xz. Owners, groups, dates and links go."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import archive
from torsend.clean.formats.deflate import deflate
from torsend.clean.formats.format import Format, NotCleanable
from torsend.clean.report import Trace, Why

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.clean.formats.format import Notes, Writer

BLOCK = 512
LARGEST = archive.LARGEST_TOTAL + archive.MOST_MEMBERS * 4 * BLOCK
"""Octets of an unpacked archive, headers counted."""
XZ_MEMORY = 128 * 1024 * 1024
"""What unpacking xz may take; its own largest preset needs half of it."""
MOST_STREAMS = 1000
"""Packed streams one after the other, as some programs write them."""
_PIECE = 1 << 16


def _clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    if source.seek(0, 2) > LARGEST:
        raise NotCleanable(Why.TOO_LARGE)
    source.seek(0)
    _write(_members(source, notes), out.write)


def _members(source: BinaryIO, notes: Notes) -> list[archive.Kept]:
    owners: set[str] = set()
    dates: list[float] = []
    others: set[str] = set()
    with archive.opened() as budget:
        members = archive.Members(notes)
        try:
            with tarfile.open(fileobj=source, mode="r:", errors="strict") as tar:
                for each in tar:
                    budget.take(each.size if each.isreg() or each.islnk() else 0)
                    owners |= {str(one) for one in (each.uname, each.gname, each.uid, each.gid) if one}
                    dates.append(each.mtime)
                    others |= set(each.pax_headers) - {"path", "size", "linkpath"}
                    _member(tar, each, members, notes)
        except (tarfile.TarError, EOFError, UnicodeError, OverflowError):
            raise NotCleanable(Why.DAMAGED) from None
        if owners:
            notes.remove(Trace.AUTHOR, "owners", ", ".join(sorted(owners)))
        if any(dates):
            notes.remove(Trace.DATE, "dates", f"{min(dates):.0f} – {max(dates):.0f}")
        for each_header in sorted(others):
            notes.remove(Trace.OTHER, f"header {each_header}")
        return members.result()


def _member(tar: tarfile.TarFile, each: tarfile.TarInfo, members: archive.Members, notes: Notes) -> None:
    if not members.wants(each.name):
        return
    if each.isdir():
        members.add_folder(each.name)
    elif each.issym():
        notes.remove(Trace.PATH, f"link {each.name}", each.linkname)
    elif each.isreg() or each.islnk():
        if each.issparse() or each.size > archive.LARGEST_MEMBER:
            raise NotCleanable(Why.TOO_LARGE, each.name)
        try:
            file = tar.extractfile(each)
        except KeyError:
            raise NotCleanable(Why.DAMAGED) from None
        data = file.read(archive.LARGEST_MEMBER + 1) if file is not None else b""
        if len(data) > archive.LARGEST_MEMBER:
            raise NotCleanable(Why.TOO_LARGE, each.name)
        members.add_file(each.name, data, is_program=bool(each.mode & 0o100))
    else:
        notes.remove(Trace.OTHER, f"device {each.name}")


def _write(members: list[archive.Kept], write: Callable[[bytes], object]) -> None:
    size = 0
    for each in members:
        info = tarfile.TarInfo(each.name.rstrip("/"))
        info.size = len(each.data)
        info.mode = 0o755 if each.is_program or each.name.endswith("/") else 0o644
        if each.name.endswith("/"):
            info.type = tarfile.DIRTYPE
        header = info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
        write(header)
        write(each.data)
        write(bytes(-len(each.data) % BLOCK))
        size += len(header) + len(each.data) + -len(each.data) % BLOCK
    # Two empty blocks, filled up to a record of twenty.
    write(bytes(2 * BLOCK + -(size + 2 * BLOCK) % (20 * BLOCK)))


def _unpacked(
    source: BinaryIO, start: Callable[[], zlib._Decompress | bz2.BZ2Decompressor | lzma.LZMADecompressor]
) -> bytes:
    """The archive within, up to ``LARGEST``; what lies behind the packed streams must be nothing."""
    out = bytearray()
    rest = source.read()
    for _ in range(MOST_STREAMS):
        unpacker = start()
        while not unpacker.eof:
            try:
                piece = unpacker.decompress(rest, 1 << 20)
            except (zlib.error, lzma.LZMAError, OSError, EOFError):
                raise NotCleanable(Why.DAMAGED) from None
            out += piece
            if len(out) > LARGEST:
                raise NotCleanable(Why.TOO_LARGE)
            rest = unpacker.unconsumed_tail if isinstance(unpacker, _ZLIB) else b""
            if not piece and not rest and not unpacker.eof:
                raise NotCleanable(Why.DAMAGED)
        rest = unpacker.unused_data.lstrip(b"\0")
        if not rest:
            return bytes(out)
    raise NotCleanable(Why.DAMAGED)


_ZLIB = type(zlib.decompressobj())


def _packed(
    start: Callable[[], zlib._Decompress | bz2.BZ2Decompressor | lzma.LZMADecompressor],
    pack: Callable[[bytes], bytes],
) -> Callable[[BinaryIO, Writer, Notes], None]:
    def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
        tell_gzip(source, notes)
        data = _unpacked(source, start)
        if not is_tar(data[:BLOCK]):
            raise NotCleanable(Why.UNKNOWN_FORMAT)
        held = io.BytesIO()
        _write(_members(io.BytesIO(data), notes), held.write)
        packed = pack(held.getvalue())
        for at in range(0, len(packed), _PIECE):
            out.write(packed[at : at + _PIECE])

    return clean


def tell_gzip(source: BinaryIO, notes: Notes) -> None:
    """What gzip's header tells (RFC 1952): when, the name before packing, a comment."""
    source.seek(0)
    head = source.read(10)
    if head[:2] == b"\x1f\x8b" and len(head) == 10:
        flags = head[3]
        if any(head[4:8]):
            notes.remove(Trace.DATE, "gzip date", int.from_bytes(head[4:8], "little"))
        if flags & 4:
            source.seek(int.from_bytes(source.read(2), "little"), 1)
            notes.remove(Trace.OTHER, "gzip extra field")
        text = source.read(2048)
        if flags & 8:
            name, _, text = text.partition(b"\0")
            notes.remove(Trace.PATH, "gzip name", name.decode("latin-1"))
        if flags & 16:
            notes.remove(Trace.COMMENT, "gzip comment", text.partition(b"\0")[0].decode("latin-1"))
    source.seek(0)


def _gzip(data: bytes) -> bytes:
    """No name, no date, no system; packed by DEFLATE of our own, which is the same everywhere."""
    end = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + deflate(data) + end


def is_tar(beginning: bytes) -> bool:
    """The mark of all kinds of it since 1988."""
    return beginning[257:262] == b"ustar"


TAR = Format("TAR", "application/x-tar", is_tar, _clean, ("archive", ".tar"))
TAR_GZ = Format(
    "TAR.GZ",
    "application/gzip",
    lambda beginning: beginning.startswith(b"\x1f\x8b\x08"),
    _packed(lambda: zlib.decompressobj(31), _gzip),
    ("archive", ".tar.gz"),
)
TAR_BZ2 = Format(
    "TAR.BZ2",
    "application/x-bzip2",
    lambda beginning: beginning.startswith(b"BZh") and beginning[4:10] == b"1AY&SY",
    _packed(bz2.BZ2Decompressor, bz2.compress),
    ("archive", ".tar.bz2"),
)
TAR_XZ = Format(
    "TAR.XZ",
    "application/x-xz",
    lambda beginning: beginning.startswith(b"\xfd7zXZ\0"),
    _packed(
        lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY),
        lambda data: lzma.compress(data, preset=6),
    ),
    ("archive", ".tar.xz"),
)
FORMATS = (TAR, TAR_GZ, TAR_BZ2, TAR_XZ)
