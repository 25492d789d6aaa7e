"""Text as it is: what a reader sees is all there is, so nothing is changed and nothing can be removed.

That holds for notes, tables, programs, Markdown, JSON. It does not hold for text of which programs show a part, or that
says who made it in lines that few read: HTML, XML, RTF, PostScript, mail with its headers, vCard and iCalendar (``PRODID``,
``UID``, ``CREATED``), notebooks, drawings and models for CAD, certificates and keys, and whatever carries files within
(``data:`` addresses, uuencode). None of these is known here as text.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats.format import Format, NotCleanable
from torsend.clean.report import Left, Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes, Writer

LARGEST = 64 * 1024 * 1024
"""Bytes; no text of a person is longer."""
LONGEST_BEGINNING = 1000
"""Characters in which it shows what a text is."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
"""All controls but tab, line and page ends. Escape, too: it colours terminals, and hides text in them."""
_NOT_TEXT = re.compile(
    r"""(?:
        <[!?a-zA-Z/]                                # HTML, XML, SVG
        | \{\\rtf | %!PS | %PDF | \{\\urtf
        | BEGIN:(?:VCARD|VCALENDAR|VNOTE|VTODO)
        | From\ \S+.*\d\d:\d\d                      # a mailbox
        | begin\ [0-7]{3,4}\ \S                     # uuencode
        | P[1-6][\s#]                               # pictures in digits
        | (?:begin-base64|=ybegin)\b
        | -----BEGIN\ [A-Z0-9 ]+-----               # names keys, programs, whose certificate or computer it is
        | ISO-10303-21;                             # STEP, IFC: author and organisation in their heads
        | (?:999\s.*\s)*0\s+SECTION\s+2\s             # DXF: who saved it last, and when
        | ID;P                                      # SYLK
        | \[(?:InternetShortcut|Desktop\ Entry)\]
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_FIELD = re.compile(r"([!-9;-~]{1,60}):[ \t]?.*")
_MAIL = frozenset(
    ("received", "return-path", "message-id", "mime-version", "delivered-to", "dkim-signature", "x-mailer", "user-agent",
     "x-originating-ip", "content-transfer-encoding")
)  # fmt: skip
_WITHIN = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w=.+-]+)*;base64,", re.IGNORECASE)
_NOTEBOOK = re.compile(r'\{(?=.*"nbformat")(?=.*"cells")', re.DOTALL)
_UNSEEN = re.compile(
    "(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]"  # tags, but for those of flags
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2}"  # a letter has one variation at most
    "|[\u200b-\u200d\u2060-\u2064\ufeff]{4}"
)
"""Letters that nobody sees and that no script needs in this number: how text is marked to be traced."""


def _is_text(beginning: bytes) -> bool:
    """Whether it begins as text that a reader sees all of."""
    encoding, rest = _encoding(beginning)
    try:
        words = codecs.getincrementaldecoder(encoding)("strict").decode(rest)
    except UnicodeDecodeError:
        return False
    return bool(words) and _plain(words)


def _plain(words: str) -> bool:
    return not (
        _CONTROL.search(words) or _NOT_TEXT.match(words.lstrip()[:LONGEST_BEGINNING]) or _is_mail(words)
    )


def _is_mail(words: str) -> bool:
    """Whether it begins with header fields (RFC 5322) that a mail has and a person does not write."""
    for line in words.splitlines():
        if line[:1] in (" ", "\t"):
            continue
        field = _FIELD.fullmatch(line)
        if field is None:
            return False
        if field[1].lower() in _MAIL:
            return True
    return False


def _encoding(data: bytes) -> tuple[str, bytes]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding, data[len(mark) :]
    return "utf-8", data


def _clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """Reads all of it, to be sure that it is what it seemed to be."""
    data = source.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise NotCleanable(Why.TOO_LARGE)
    encoding, rest = _encoding(data)
    try:
        words = rest.decode(encoding)
    except UnicodeDecodeError:
        raise NotCleanable(Why.UNKNOWN_FORMAT) from None
    if not _plain(words) or _NOTEBOOK.match(words.lstrip()) or _UNSEEN.search(words):
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    if (found := _WITHIN.search(words)) is not None:
        raise NotCleanable(Why.HOLDS_UNCLEANABLE, found[0])
    notes.text(words)
    notes.keep(Left.WORDS)
    out.write(data)


TEXT = Format("TEXT", "text/plain", _is_text, _clean, ("text", ".txt"), ())
