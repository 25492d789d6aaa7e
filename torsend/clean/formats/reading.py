"""Reading a file by position, within its size, and copying parts of it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.clean.formats.format import Writer

BLOCK = 256 * 1024
"""Bytes that are read at once, and the most that are handed on at once."""
LONGEST_PIECE = 64 * 1024 * 1024
"""Bytes of one piece that is held in memory: a frame, a page, a table. No real one comes near."""


class Reader:
    """Random access to a seekable source through one cached block."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.size = source.seek(0, 2)
        self._block = b""
        self._at = 0

    def peek(self, at: int, count: int) -> bytes:
        """Up to ``count`` bytes from ``at``; fewer at the end of the file."""
        offset = at - self._at
        if offset >= 0 and offset + count <= len(self._block):
            return self._block[offset : offset + count]
        if at < 0 or at >= self.size or count <= 0:
            return b""
        self._source.seek(at)
        if count > BLOCK:
            return self._source.read(min(count, self.size - at))
        self._block = self._source.read(BLOCK)
        self._at = at
        return self._block[:count]

    def take(self, at: int, count: int) -> bytes:
        """Exactly ``count`` bytes from ``at``.

        Raises:
            NotCleanable: the file ends before, or no real file has a piece so long.
        """
        if count > LONGEST_PIECE:
            raise NotCleanable(Why.TOO_LARGE)
        piece = self.peek(at, count)
        if len(piece) != count:
            raise NotCleanable(Why.DAMAGED)
        return piece

    def pieces(self, at: int, count: int) -> Iterator[bytes]:
        """``count`` bytes from ``at``, a block at a time."""
        while count:
            piece = self.take(at, min(count, BLOCK))
            yield piece
            at += len(piece)
            count -= len(piece)

    def copy(self, at: int, count: int, out: Writer) -> None:
        """Hands ``count`` bytes from ``at`` on as they are."""
        for piece in self.pieces(at, count):
            out.write(piece)
