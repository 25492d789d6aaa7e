"""A message's bytes as they are shown: line by line, what belongs together in one section, long runs cut short.

No Qt: it is made on a worker's thread, from a message that may have many megabytes, and keeps only what is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torsend.mail.explain import Line, explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torsend.mail.explain import Explanation

TEXT_LINES = 60
"""Lines of text that are shown before the rest is only counted."""
FILE_LINES = 2
LONGEST_LINE = 998
"""Octets of a line without its end (RFC 5322 section 2.1.1); what is longer is no line of ours and is cut."""

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WireSection:
    """Lines that one explanation holds for.

    Attributes:
        more: how many lines of it are not shown.
    """

    lines: tuple[str, ...]
    more: int
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class WireText:
    """All sections of a message, and how many bytes and files it has."""

    sections: tuple[WireSection, ...]
    size: int
    files: int


@dataclass(slots=True)
class _Open:
    """The section that is being read."""

    explanation: Explanation | None
    most: int
    lines: list[str] = field(default_factory=list)
    more: int = 0


def wire_text(chunks: Iterable[bytes], provider: str) -> WireText:
    """Reads the message once, chunk by chunk."""
    reader = _Reader(provider)
    size = 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            size += len(chunk)
            yield chunk

    for line in _lines(counted()):
        reader.take(line)
    return WireText(reader.finish(), size, reader.files)


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\r\n")
        for line in whole:
            yield _shown(line)
    if rest:
        yield _shown(rest)


def _shown(line: bytes) -> str:
    """The line in characters that can do nothing but be read."""
    text = line[:LONGEST_LINE].decode("utf-8", "replace")
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


class _Reader:
    """Knows of each line whether it is header, boundary, text or file (RFC 5322 section 2.2, RFC 2046 section 5.1)."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._done: list[WireSection] = []
        self._open: _Open | None = None
        self._header = True
        self._boundary = ""
        self._is_file = False
        self._top = True
        self.files = 0

    def take(self, line: str) -> None:
        if self._boundary and line in {f"--{self._boundary}", f"--{self._boundary}--"}:
            self._header, self._is_file, self._top = not line.endswith("--"), False, False
            self._add(line, Line.BOUNDARY, TEXT_LINES)
        elif not self._header:
            self._add(
                line, Line.FILE if self._is_file else Line.TEXT, FILE_LINES if self._is_file else TEXT_LINES
            )
        elif not line:
            self._header = False
            self._continue(line)
        elif line[0] in " \t":
            self._continue(line)
            self._learn(line)
        else:
            name = line.partition(":")[0]
            self._learn(line)
            self._add(line, name, TEXT_LINES)

    def finish(self) -> tuple[WireSection, ...]:
        self._close()
        return tuple(self._done)

    def _learn(self, line: str) -> None:
        found = _BOUNDARY.search(line)
        if found and self._top:
            self._boundary = found[1]
        if line.lower().startswith("content-disposition: attachment"):
            self._is_file = True
            self.files += 1

    def _add(self, line: str, word: str, most: int) -> None:
        try:
            explanation = explain(word)
        except KeyError:
            explanation = None
        if self._open is None or self._open.explanation is not explanation:
            self._close()
            self._open = _Open(explanation, most)
        self._continue(line)

    def _continue(self, line: str) -> None:
        if self._open is None:
            self._open = _Open(None, TEXT_LINES)
        if len(self._open.lines) < self._open.most:
            self._open.lines.append(line)
        else:
            self._open.more += 1

    def _close(self) -> None:
        if self._open is None:
            return
        words = self._open.explanation.words(self._provider) if self._open.explanation else ("", "")
        lines = self._open.lines
        # The empty line between header and body is on the wire, but says nothing here.
        while lines and not lines[-1] and self._open.more == 0:
            lines.pop()
        if lines:
            self._done.append(WireSection(tuple(lines), self._open.more, *words))
        self._open = None
