"""Attached files: looked at when the draft is composed, read when the bytes are needed, and the same both
times.

A file is never held in memory, so it may change between the two; its size, its times and its place on the
disk are compared before and after reading. Whatever differs is an error, since half of a message cannot be
taken back.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.mail.characters import check_name
from torsend.mail.encode import READ, base64_lines, base64_size
from torsend.mail.media import UNKNOWN
from torsend.mail.refusals import (
    AttachmentChanged,
    AttachmentIsDirectory,
    AttachmentMissing,
    AttachmentUnnamed,
    AttachmentUnreadable,
    Field,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from torsend.mail.draft import Attachment

# Not blocking: a pipe would wait for somebody to write into it.
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_COMPOSITE = ("multipart/", "message/")


@dataclass(frozen=True, slots=True)
class Print:
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    modified_ns: int

    def __str__(self) -> str:
        # Not four columns of numbers: an inode may need more than the 63 bits of SQLite's.
        return f"{self.device}:{self.inode}:{self.size}:{self.modified_ns}"


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """A file that was there, a plain one, and readable.

    Attributes:
        name: what the recipient sees; not a path.
        size: bytes of the file.
    """

    path: Path
    name: str
    size: int
    found: Print

    @property
    def encoded_size(self) -> int:
        """The bytes that ``encoded`` gives."""
        return base64_size(self.size)

    def encoded(self) -> Iterator[bytes]:
        """Its content in base64 lines.

        Raises:
            AttachmentMissing, AttachmentIsDirectory, AttachmentUnreadable, AttachmentChanged
        """
        descriptor, now = _open(self.path, self.name)
        try:
            if now != self.found:
                raise AttachmentChanged(self.name)
            yield from self._pieces(descriptor)
            if _print(os.fstat(descriptor)) != self.found:
                raise AttachmentChanged(self.name)
        finally:
            os.close(descriptor)

    def _pieces(self, descriptor: int) -> Iterator[bytes]:
        left = self.size
        while left:
            piece = self._read(descriptor, min(READ, left))
            left -= len(piece)
            yield base64_lines(piece)
        if self._read_some(descriptor, 1):
            raise AttachmentChanged(self.name)

    def _read(self, descriptor: int, size: int) -> bytes:
        """Exactly so many bytes: a short read in the middle would put padding there."""
        got = []
        while size:
            some = self._read_some(descriptor, size)
            if not some:
                raise AttachmentChanged(self.name)
            got.append(some)
            size -= len(some)
        return b"".join(got)

    def _read_some(self, descriptor: int, size: int) -> bytes:
        try:
            return os.read(descriptor, size)
        except OSError as error:
            raise AttachmentUnreadable(self.name) from error


def measure(attachment: Attachment) -> MeasuredFile:
    """Looks at the file; opens it once, so that a missing right is found now and not while sending.

    Raises:
        AttachmentMissing, AttachmentIsDirectory, AttachmentUnreadable
    """
    descriptor, found = _open(attachment.path, attachment.name)
    os.close(descriptor)
    return MeasuredFile(attachment.path, attachment.name, found.size, found)


def file_name(attachment: Attachment) -> str:
    """The name that is sent: in composed form (NFC), since a decomposed one tells that it comes from a Mac.

    Raises:
        BadField: hidden characters.
        AttachmentUnnamed: empty, or a path.
    """
    check_name(attachment.name, Field.FILE_NAME)
    # The tables of Unicode 3.2, which every interpreter has beside its own: one result on all of them.
    name = unicodedata.ucd_3_2_0.normalize("NFC", attachment.name)
    if not name.replace(".", "").strip() or "/" in name:
        # A folder's name tells of this computer, and some readers would write there.
        raise AttachmentUnnamed(attachment.name)
    return name


def media_type(attachment: Attachment) -> str:
    """The type that is sent; ``application/octet-stream`` for what is none.

    Raises:
        BadField: hidden characters.
    """
    check_name(attachment.media_type, Field.MEDIA_TYPE)
    written = attachment.media_type.lower()
    # RFC 2046 section 5.2.1: no base64 around a message, and an attached one must keep its bytes.
    return written if _MEDIA_TYPE.fullmatch(written) and not written.startswith(_COMPOSITE) else UNKNOWN


def _open(path: Path, name: str) -> tuple[int, Print]:
    try:
        descriptor = os.open(path, _OPEN)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise AttachmentMissing(name) from error
    except IsADirectoryError as error:
        raise AttachmentIsDirectory(name) from error
    except (OSError, ValueError) as error:
        # Windows refuses to open a folder at all. ValueError: a NUL in the path.
        refusal = AttachmentIsDirectory if _is_directory(path) else AttachmentUnreadable
        raise refusal(name) from error
    try:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise AttachmentIsDirectory(name)
        if not stat.S_ISREG(found.st_mode):
            raise AttachmentUnreadable(name)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, _print(found)


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _print(found: os.stat_result) -> Print:
    # Without st_ctime: a desktop's indexer that sets an attribute doesn't change what is sent.
    return Print(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
