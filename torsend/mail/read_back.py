"""A message's bytes taken apart again, as a stream: for showing and for searching what leaves. Not a parser of foreign mail.

RFC 5322 section 2.2 (header and body), RFC 2046 section 5.1 (parts): as deep as ``wire`` writes, which is one multipart.
Nothing is held but a line that is not whole yet; a body comes in pieces of many lines, so that a large file costs little.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_HELD = 64 * 1024
"""Octets without a line end that are held; no line of ours has more than 998, and what is longer is passed on in pieces."""

_CRLF = b"\r\n"
_BOUNDARY = re.compile(rb'boundary="?([^";]+)"?', re.IGNORECASE)
_ATTACHMENT = b"content-disposition: attachment"


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """One line of a header, without its end; it may go on in the next one."""

    line: bytes = field(repr=False)

    @property
    def continues(self) -> bool:
        """Whether it belongs to the field before it."""
        return self.line[:1] in (b" ", b"\t")


@dataclass(frozen=True, slots=True)
class HeaderEnd:
    """The empty line behind a header."""


@dataclass(frozen=True, slots=True)
class BoundaryLine:
    """What parts two parts, or ends the last one; without its end."""

    line: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Body:
    """Lines of a part, with their ends.

    Attributes:
        file: which of the attached files, counted from 1; 0: the text.
    """

    data: bytes = field(repr=False)
    file: int


Token = HeaderLine | HeaderEnd | BoundaryLine | Body


def read_back(chunks: Iterable[bytes]) -> Iterator[Token]:
    """All of the message in order; joined, with their ends, the tokens are its bytes."""
    reader = _Reader()
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        end = data.rfind(_CRLF) + len(_CRLF)
        if end < len(_CRLF):
            end = len(data) if len(data) > LONGEST_HELD else 0
        yield from reader.take(data[:end])
        rest = data[end:]
    yield from reader.take(rest)


class _Reader:
    def __init__(self) -> None:
        self._header = True
        self._top = True
        self._delimiter = b""
        self._files = 0
        self._is_file = False

    def take(self, data: bytes) -> Iterator[Token]:
        """Whole lines."""
        at = 0
        while at < len(data):
            if self._header:
                end = data.find(_CRLF, at)
                end = len(data) if end < 0 else end
                yield self._header_line(data[at:end])
                at = end + len(_CRLF)
                continue
            stop = self._next_delimiter(data, at)
            if stop > at:
                yield self._body(data[at:stop])
            at = stop
            if at < len(data):
                end = data.find(_CRLF, at)
                end = len(data) if end < 0 else end
                line = data[at:end]
                if line in (self._delimiter, self._delimiter + b"--"):
                    yield self._boundary(line)
                else:
                    yield self._body(data[at : end + len(_CRLF)])
                at = end + len(_CRLF)

    def _next_delimiter(self, data: bytes, at: int) -> int:
        if not self._delimiter:
            return len(data)
        if data.startswith(self._delimiter, at):
            return at
        found = data.find(_CRLF + self._delimiter, at)
        return len(data) if found < 0 else found + len(_CRLF)

    def _header_line(self, line: bytes) -> Token:
        if not line:
            self._header = False
            return HeaderEnd()
        if self._delimiter and line in (self._delimiter, self._delimiter + b"--"):
            return self._boundary(line)
        found = _BOUNDARY.search(line) if self._top else None
        if found:
            self._delimiter = b"--" + found[1]
        if line.lower().startswith(_ATTACHMENT) and not self._is_file:
            self._is_file = True
            self._files += 1
        return HeaderLine(line)

    def _boundary(self, line: bytes) -> BoundaryLine:
        self._header, self._is_file, self._top = line == self._delimiter, False, False
        return BoundaryLine(line)

    def _body(self, data: bytes) -> Body:
        return Body(data, self._files if self._is_file else 0)
