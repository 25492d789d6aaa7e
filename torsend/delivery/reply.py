"""What a server says: replies read from bytes within bounds, and their text made safe to show.

RFC 5321 section 4.2 (replies), RFC 2034 and RFC 3463 (enhanced status codes).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_LINE = 8 * 1024
"""Bytes a line, line end included. RFC 5321 4.5.3.1.5 has 512; longer EHLO and error lines are met in the wild."""

MAX_LINES = 100
"""Lines a reply. The longest honest ones are EHLO's, two dozen."""

MAX_REPLY = 64 * 1024
"""Bytes a reply: what a server that never stops talking can make us hold."""

MAX_TEXT = 1000
"""Characters of a server's own words that are kept and shown."""

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)", re.ASCII)


class BadReply(Exception):  # what happened, not "error"
    """What came is no SMTP reply. Holds nothing of what came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply.

    Attributes:
        code: 200 to 599.
        enhanced: such as ``5.7.1``, or empty. Only if its class fits the code (RFC 2034 section 4).
        lines: the text of each line without code and enhanced code; safe to show.
    """

    code: int
    enhanced: str = ""
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All lines, cut to ``MAX_TEXT`` characters."""
        return cut("\n".join(line for line in self.lines if line))

    @property
    def words(self) -> str:
        """Code, enhanced code and text as they are shown: ``550 5.1.1 No such user``."""
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)

    @property
    def positive(self) -> bool:
        """2yz: done."""
        return 200 <= self.code < 300

    @property
    def passing(self) -> bool:
        """4yz: not now."""
        return 400 <= self.code < 500

    @property
    def permanent(self) -> bool:
        """5yz: no."""
        return self.code >= 500


def safe_text(raw: bytes) -> str:
    """Bytes from a peer as text that cannot play tricks on who reads it.

    UTF-8 with replacement; control, bidi, other format characters and line separators become ``\\u{…}``.
    """
    return "".join(
        f"\\u{{{ord(char):x}}}" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char
        for char in raw.decode("utf-8", "replace")
    )


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """At most ``limit`` characters, the last one an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


class ReplyReader:
    """Takes bytes in any pieces, gives replies one by one. The pieces make no difference to what is given."""

    def __init__(self) -> None:
        self._inbox = bytearray()
        self._scanned = 0
        self._lines: list[tuple[bytes, bytes]] = []
        self._bytes = 0

    @property
    def waiting(self) -> bool:
        """Whether anything came that no reply has taken yet."""
        return bool(self._inbox or self._lines)

    def feed(self, data: bytes) -> None:
        """Takes what came. The caller reads more only when ``next`` gave None, so this stays small."""
        self._inbox += data

    def next(self) -> Reply | None:
        """The next complete reply, or None if more bytes are needed.

        Raises:
            BadReply: it is not one, or passes a bound; the connection is then of no use any more.
        """
        while (line := self._next_line()) is not None:
            self._bytes += len(line)
            found = _LINE.fullmatch(line.rstrip(b"\r\n"))
            if found is None:
                raise BadReply("not a reply line")
            code, separator, text = found[1], found[2] or b" ", found[3] or b""
            if self._lines and self._lines[0][0] != code:
                raise BadReply("lines of one reply differ in their code")
            self._lines.append((code, text))
            if self._bytes > MAX_REPLY or len(self._lines) > MAX_LINES:
                raise BadReply("reply too long")
            if separator == b" ":
                return self._complete()
        return None

    def _next_line(self) -> bytes | None:
        end = self._inbox.find(b"\n", self._scanned)
        if end + 1 > MAX_LINE or (end < 0 and len(self._inbox) >= MAX_LINE):
            raise BadReply("line too long")
        if end < 0:
            self._scanned = len(self._inbox)
            return None
        line = bytes(self._inbox[: end + 1])
        del self._inbox[: end + 1]
        self._scanned = 0
        return line

    def _complete(self) -> Reply:
        lines, self._lines, self._bytes = self._lines, [], 0
        code = int(lines[0][0])
        texts = [safe_text(text) for _, text in lines]
        enhanced = ""
        found = _ENHANCED.match(texts[0])
        if found and int(found[1]) == code // 100:
            enhanced = found[0]
            # RFC 2034 section 4: it stands in front of every line.
            texts = [text.removeprefix(enhanced).strip() for text in texts]
        return Reply(code, enhanced, tuple(text.strip() for text in texts))
