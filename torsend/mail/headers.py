"""Header lines, written by rules of our own.

Python's ``email`` writes them differently from one version to the next, and some versions break names while
folding; so nothing of it is used here. One field, one form:

- Lines are folded at 76 octets or before. Where a single word is longer (an address of 254 octets) it stands
  on a line of its own; no line reaches the 998 of RFC 5322 section 2.1.1.
- Words beyond ASCII are encoded words (RFC 2047), UTF-8, no longer than 64 characters so that the first fits
  behind the field's name; Q, which people can read, unless it takes more than twice the room of B. A character
  never runs over two of them, and of several in B only the last is padded.
- All of it is ASCII, but for what stands before an address's @: no encoding may stand there (RFC 2047 section 5), and
  where it is of another script it is UTF-8 as it is (RFC 6532).
- File names are plain where they are plain, and otherwise RFC 2231 in parts of one line each.

Arguments are one line each, without control characters (``characters`` has checked them).
"""

from __future__ import annotations

import base64
import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from torsend.mail.address import Mailbox

LINE = 76
"""RFC 2047 section 2 for lines that hold encoded words; 78 would do for others (RFC 5322)."""
ENCODED_WORD = 64
"""RFC 2047 allows 75; but one has to fit on the first line, behind ``Subject: ``."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_LONGEST_PLAIN_WORD = 60
_PLAIN_WORDS = re.compile(r"[!-~]+(?: +[!-~]+)*")
_BREAK = re.compile(r"(?<=[!-~]) (?=[!-~])")
"""A single blank between two words. Breaking a run of blanks could leave a line of blanks only."""

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_Q_AS_IS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
"""What Q may leave as it is even inside a name (RFC 2047 section 5, rule 3)."""

_PLAIN_FILE_NAME = re.compile(r"[A-Za-z0-9_+-](?:[A-Za-z0-9._+ -]*[A-Za-z0-9_+-])?")
_LONGEST_PLAIN_FILE_NAME = 50
_ATTRIBUTE_AS_IS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


def fold(field: str, words: Iterable[str]) -> str:
    """``Field: words``, CRLF at the end, parted by single blanks and folded there, never inside one.

    The first word stays behind the field's name, however long it is: a first line without content is lost by
    some servers.
    """
    lines = []
    line = f"{field}:"
    begun = False
    for word in words:
        if begun and len(line.encode()) + 1 + len(word.encode()) > LINE:
            lines.append(line)
            line = ""
        line = f"{line} {word}"
        begun = True
    return "\r\n".join((*lines, line)) + "\r\n"


def unstructured(field: str, text: str) -> str:
    """Subject and its like. Read back, it is the text, blank for blank."""
    if not text:
        return f"{field}:\r\n"
    if _PLAIN_WORDS.fullmatch(text) and "=?" not in text:
        words = _BREAK.split(text)
        if max(map(len, words)) <= _LONGEST_PLAIN_WORD:
            return fold(field, words)
    return fold(field, encoded_words(text))


def mailbox_list(field: str, mailboxes: Iterable[Mailbox]) -> str:
    """From, To, Cc."""
    return fold(field, _mailbox_words(tuple(mailboxes)))


def date(moment: datetime) -> str:
    """RFC 5322 section 3.3, of an aware moment in UTC; English whatever the locale."""
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d}"
        f" {moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} +0000"
    )


def disposition(file_name: str) -> str:
    """``Content-Disposition: attachment`` with the name and nothing else: no date, no size."""
    return fold("Content-Disposition", ("attachment;", *_file_name_words(file_name)))


def encoded_words(text: str) -> Iterator[str]:
    """RFC 2047, UTF-8."""
    raw = text.encode("utf-8")
    as_q = sum(1 if byte in _Q_AS_IS or byte == 0x20 else 3 for byte in raw)
    as_b = -(-len(raw) // 3) * 4
    room = ENCODED_WORD - len("=?utf-8?q??=")
    if as_q <= 2 * as_b:
        for part in _parts((_q(character) for character in text), room):
            yield f"=?utf-8?q?{part}?="
    else:
        yield from _b_words([character.encode("utf-8") for character in text], room // 4 * 3)


def _mailbox_words(mailboxes: tuple[Mailbox, ...]) -> Iterator[str]:
    for position, mailbox in enumerate(mailboxes, start=1):
        comma = "," if position < len(mailboxes) else ""
        if mailbox.name:
            yield from _phrase(mailbox.name)
            yield f"<{mailbox.address}>{comma}"
        else:
            yield f"{mailbox.address}{comma}"


def _phrase(name: str) -> Iterator[str]:
    """A name as it is, as one quoted string, or as encoded words. Only these are folded: GMime keeps the line end else."""
    short = len(name) <= _LONGEST_PLAIN_WORD
    if not short or not _PLAIN_WORDS.fullmatch(name) or "=?" in name:
        yield from encoded_words(name)
    elif _ATOMS.fullmatch(name):
        yield name
    else:
        yield '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _file_name_words(name: str) -> Iterator[str]:
    plain = _PLAIN_FILE_NAME.fullmatch(name) and len(name) <= _LONGEST_PLAIN_FILE_NAME and "  " not in name
    if plain:
        yield f'filename="{name}"'
        return
    # RFC 2231 section 4.1: numbered parts, since a line holds no long name. The percent signs of one
    # character stay together, so that a reader which decodes part by part doesn't break it either.
    room = LINE - len(" filename*00000*=;")
    pieces = ["utf-8''", *("".join(map(_percent, character.encode("utf-8"))) for character in name)]
    parts = list(_parts(pieces, room))
    if len(parts) == 1:
        yield f"filename*={parts[0]}"
        return
    for number, part in enumerate(parts):
        yield f"filename*{number}*={part}{';' if number < len(parts) - 1 else ''}"


def _q(character: str) -> str:
    if character == " ":
        return "_"
    return "".join(chr(byte) if byte in _Q_AS_IS else f"={byte:02X}" for byte in character.encode("utf-8"))


def _percent(byte: int) -> str:
    return chr(byte) if byte in _ATTRIBUTE_AS_IS else f"%{byte:02X}"


def _parts(pieces: Iterable[str], room: int) -> Iterator[str]:
    """The pieces joined to parts no longer than ``room``."""
    part = ""
    for piece in pieces:
        if len(part) + len(piece) > room:
            yield part
            part = ""
        part += piece
    yield part


def _b_words(characters: list[bytes], room: int) -> Iterator[str]:
    """Characters in encoded words of no more than ``room`` bytes each, none of which but the last is padded.

    GMime (3.2; Geary, notmuch and others read with it) joins words of one encoding before it decodes them, and takes the
    first padding for the end: the rest of a subject would be lost.
    """
    begin = 0
    while begin < len(characters):
        size = end = whole = 0
        for end, character in enumerate(itertools.islice(characters, begin, None), start=begin + 1):
            size += len(character)
            if size > room:
                break
            if size % 3 == 0:
                whole = end
        else:
            whole = end
        if whole:
            raw = b"".join(characters[begin:whole])
            yield f"=?utf-8?b?{base64.b64encode(raw).decode('ascii')}?="
        else:
            # A letter, say, before characters of three bytes: it stands alone, in Q, which knows no padding.
            whole = begin + 1
            yield f"=?utf-8?q?{_q(characters[begin].decode('utf-8'))}?="
        begin = whole
