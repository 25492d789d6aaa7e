"""Content as 7-bit lines: quoted-printable for text, base64 for files (RFC 2045 section 6.7, 6.8).

Both are streams: nothing here holds more than ``CHUNK`` bytes of a file, and the length is known beforehand.

Text is put in one form first: every line end (CR, LF, CRLF) becomes CRLF, and the last line gets one. Beyond
what RFC 2045 asks, a line never begins with a dot once encoded, nor with ``From ``, however many ``>`` stand before it: a
server on the way that gets dot-stuffing wrong, or a mailbox file of any sort (RFC 4155), would alter it.
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LINE = 76
"""Characters of an encoded line, without CRLF (RFC 2045)."""
BYTES_IN_LINE = LINE // 4 * 3
CHUNK = 64 * 1024
"""About what one piece holds, bytes; no piece is longer than twice that."""
READ = CHUNK // LINE * BYTES_IN_LINE
"""What is read of a file at once: whole lines, so that only the last piece is padded."""

_ANY_LINE_END = re.compile("\r\n|\r|\n")
_NEEDS_ESCAPE = re.compile(rb"[^\t -<>-~]+|[\t ]\Z")
_FROM = re.compile(rb">{0,%d}From " % LINE)
_HEADS = {b".": b"=2E", b"F": b"=46", b">": b"=3E"}
_CONTINUATION = b"89AB"
"""First digit of a byte within a UTF-8 character, ``=80`` to ``=BF``."""


def canonical_text(text: str) -> str:
    """Line ends as LF, the last line ended; what a reader gets back, with LF for CRLF."""
    unix = _ANY_LINE_END.sub("\n", text)
    return unix if not unix or unix.endswith("\n") else unix + "\n"


def quoted_printable(text: str) -> Iterator[bytes]:
    """Canonical text in pieces.

    Raises:
        UnicodeEncodeError: half a character (a lone surrogate) stands in it.
    """
    return _gathered(line for typed in _lines(text) for line in _encoded_lines(typed))


def quoted_printable_size(text: str) -> int:
    """The bytes that ``quoted_printable`` gives."""
    return sum(map(len, quoted_printable(text)))


def base64_lines(piece: bytes) -> bytes:
    """A piece of a file in lines of 76 characters, the last one shorter; CRLF after each."""
    encoded = binascii.b2a_base64(piece, newline=False)
    return b"".join(encoded[begin : begin + LINE] + b"\r\n" for begin in range(0, len(encoded), LINE))


def base64_size(size: int) -> int:
    """The bytes that a file of so many bytes makes."""
    encoded = -(-size // 3) * 4
    lines = -(-encoded // LINE)
    return encoded + 2 * lines


def _lines(text: str) -> Iterator[bytes]:
    """The lines of canonical text, without their ends, one at a time."""
    begin = 0
    while begin < len(text):
        end = text.index("\n", begin)
        yield text[begin:end].encode("utf-8")
        begin = end + 1


def _encoded_lines(line: bytes) -> Iterator[bytes]:
    """One typed line as one or more lines with their CRLF, all but the last ending in a soft break."""
    safe = _NEEDS_ESCAPE.sub(_escape, line)
    begin = 0
    while True:
        head = _head(safe, begin)
        begin += 1 if head else 0
        if len(head) + len(safe) - begin <= LINE:
            yield head + safe[begin:] + b"\r\n"
            return
        end = _between_characters(safe, begin + LINE - 1 - len(head))
        yield head + safe[begin:end] + b"=\r\n"
        begin = end


def _escape(found: re.Match[bytes]) -> bytes:
    return b"=" + found[0].hex("=").upper().encode("ascii")


def _head(safe: bytes, begin: int) -> bytes:
    """The first character's escape where the line would begin with a dot or with ``From ``, ``>From `` and so on."""
    first = safe[begin : begin + 1]
    if first == b"." or (first in b">F" and _FROM.match(safe, begin)):
        return _HEADS[first]
    return b""


def _between_characters(safe: bytes, end: int) -> int:
    """``end``, or the last place before it where no character is cut.

    RFC 2045 lets a soft break stand inside a character of several bytes; readers that decode line by line don't.
    """
    escape = safe.rfind(b"=", end - 2, end)
    if escape >= 0:
        end = escape
    while safe[end : end + 1] == b"=" and safe[end + 1] in _CONTINUATION:
        end -= 3
    return end


def _gathered(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines joined to pieces of about ``CHUNK`` bytes: one write for each line would be slow."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= CHUNK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
