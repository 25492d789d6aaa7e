"""Whether a mail holds anything of the machine that it was written on: looked for in every byte that leaves.

In the bytes as they are and in what they stand for: encoded words, file names, quoted-printable, base64. Upper and lower
case alike, as whole words. A file that is packed or compressed shows nothing of what is inside.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import enum
import itertools
import re
import stat
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.checks.finding import Finding, Place, Severity, Where
from torsend.checks.sentences import say
from torsend.checks.this_machine import ADDRESS, ZONE, Fact, Kind
from torsend.mail.read_back import Body, BoundaryLine, HeaderEnd, HeaderLine, Token, read_back
from torsend.mail.refusals import shown
from torsend.words import t

if TYPE_CHECKING:
    from pathlib import Path

    from torsend.mail.draft import Draft


_CHARACTER = 4
"""Bytes that a character has at most in UTF-8."""
MOST_PLACES = 50
"""Of one fact that are shown."""
_READ = 64 * 1024
"""Bytes of a file at once."""


class Spot(enum.StrEnum):
    """Where something stands. All but ``FORM`` is the person's own doing."""

    SENDER = "sender"
    RECIPIENTS = "recipients"
    SUBJECT = "subject"
    TEXT = "text"
    FILE_NAME = "file-name"
    FILE = "file"
    FORM = "form"
    """What torsend itself writes: anything there is a fault of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of what leaves, decoded.

    Attributes:
        number: which of the files, counted from 1; 0 elsewhere. Pieces of one spot and number follow each other.
    """

    spot: Spot
    data: bytes
    number: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A fact that stands somewhere."""

    fact: Fact
    spot: Spot
    number: int = 0


@dataclass(frozen=True, slots=True)
class NotInThere:
    """What came of the search.

    Attributes:
        hits: each fact once for each place.
        unknown: of what nothing is known here, so that it was looked for in what torsend writes alone.
        files: the names of the files, in their order.
    """

    hits: tuple[Hit, ...]
    unknown: frozenset[Kind]
    files: tuple[str, ...] = ()

    def of(self, kind: Kind) -> tuple[Hit, ...]:
        """What of one kind was found."""
        return tuple(hit for hit in self.hits if hit.fact.kind is kind)

    def sentence(self, hit: Hit) -> str:
        """Where it stands, in words."""
        name = self.files[hit.number - 1] if 0 < hit.number <= len(self.files) else ""
        return say(
            f"tells-in-{hit.spot}", fact=t(hit.fact.called, value=shown(hit.fact.value)), file=shown(name)
        )

    def findings(self, draft: Draft | None = None) -> tuple[Finding, ...]:
        """For "Before you send".

        Args:
            draft: what was searched, if the places in it shall be shown.
        """
        return tuple(
            Finding(
                f"tells-in-{hit.spot}",
                Severity.LOOK,
                self.sentence(hit),
                hit.fact.value,
                _places(draft, hit) if draft else (),
            )
            for hit in self.hits
        )


def look_for(facts: Sequence[Fact], parts: Iterable[Part], files: Sequence[str] = ()) -> NotInThere:
    """Looks for all of them in all of it; reads each part once and holds little of it."""
    hits: dict[Hit, None] = {}
    for (spot, number), search in _searched(facts, parts):
        for fact in search:
            hits[Hit(fact, spot, number)] = None
    known = {fact.kind for fact in facts}
    # Without addresses to look for, none at all may stand in what torsend writes; that is looked for in any case.
    return NotInThere(tuple(hits), frozenset({Kind.ADDRESS, Kind.HOST, Kind.USER} - known), tuple(files))


def _searched(
    facts: Sequence[Fact], parts: Iterable[Part]
) -> Iterator[tuple[tuple[Spot, int], Iterable[Fact]]]:
    anywhere = _needles(fact for fact in facts if fact.anywhere)
    form = _needles(facts)
    current: tuple[Spot, int] | None = None
    search = _Search(())
    for part in parts:
        if (part.spot, part.number) != current:
            if current is not None:
                yield current, search.end()
            current = part.spot, part.number
            search = _Form(form) if part.spot is Spot.FORM else _Search(anywhere)
        search.feed(part.data)
    if current is not None:
        yield current, search.end()


def _needles(facts: Iterable[Fact]) -> tuple[tuple[bytes, Fact], ...]:
    return tuple((fact.value.casefold().encode("utf-8", "replace"), fact) for fact in facts)


class _Search:
    """One stream of bytes, in pieces cut anywhere."""

    def __init__(self, needles: tuple[tuple[bytes, Fact], ...]) -> None:
        self._plain, self._thin = _Window(needles), _Window(needles)
        self._found: dict[Fact, None] = {}

    def feed(self, data: bytes) -> None:
        """The next piece."""
        self._plain.look(data.lower(), self._found)
        if b"\0" in data:
            # UTF-16 of plain letters, as some programs write it into their files, without its zeros.
            self._thin.look(data.replace(b"\0", b"").lower(), self._found)

    def end(self) -> Iterable[Fact]:
        """What was found in all of it."""
        for window in (self._plain, self._thin):
            window.look(b"", self._found, last=True)
        return tuple(self._found)


class _Window:
    """The end of what was looked at, as long as needed to find what lies over the edge of two pieces.

    Lower case, as far as that is the same in every script: what is not ASCII was folded where it is known to be text.
    """

    def __init__(self, needles: tuple[tuple[bytes, Fact], ...]) -> None:
        self._needles = needles
        self._kept = max((len(needle) for needle, _ in needles), default=0) + 2 * _CHARACTER
        self._tail = b""
        self._cut = False

    def look(self, data: bytes, found: dict[Fact, None], *, last: bool = False) -> None:
        """Looks at the next piece."""
        window = self._tail + data
        for needle, fact in self._needles:
            # Where the window was cut nobody can say what stood before its first character; that was looked at before.
            at = window.find(needle, _CHARACTER if self._cut else 0)
            while at >= 0 and fact not in found:
                end = at + len(needle)
                # At the end it is not known yet what follows: it is in the tail, and so looked at again.
                if (last or end + _CHARACTER <= len(window)) and _is_word(window, at, end):
                    found[fact] = None
                at = window.find(needle, at + 1)
        self._cut = self._cut or len(window) > self._kept
        self._tail = window[-self._kept :]


class _Form(_Search):
    """What torsend writes: there no address, no time but UTC and none of the facts may stand, whatever is known."""

    def __init__(self, needles: tuple[tuple[bytes, Fact], ...]) -> None:
        super().__init__(tuple(each for each in needles if each[0] not in _EVERY_MAIL))
        self._lines = b""

    def feed(self, data: bytes) -> None:
        super().feed(data)
        self._lines += data

    def end(self) -> Iterable[Fact]:
        found = dict.fromkeys(super().end())
        for literal in _LITERAL.findall(self._lines):
            if literal != b"127.0.0.1":
                found[Fact(Kind.ADDRESS, ADDRESS, literal.decode("ascii"))] = None
        for offset in _OFFSET.findall(self._lines):
            if offset != b"+0000":
                found[Fact(Kind.ZONE, ZONE, offset.decode("ascii"))] = None
        return tuple(found)


_LITERAL = re.compile(rb"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_OFFSET = re.compile(rb"(?<= )[+-]\d{4}(?=\s|$)")
_EVERY_MAIL = frozenset(
    b"ascii attachment application base64 bdat binary bit boundary charset content data date disposition ehlo encoding "
    b"filename from id last mail message mime mixed multipart name octet plain printable quit quoted rcpt size starttls "
    b"stream subject text to transfer type utf version auth login 7bit cc with smtputf8 "
    b"mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec".split()
)
"""Words of the form itself, the same in every mail: a computer of that name is not told by them."""


def _is_word(window: bytes, at: int, end: int) -> bool:
    before, needle, behind = (
        window[max(0, at - _CHARACTER) : at],
        window[at:end],
        window[end : end + _CHARACTER],
    )
    return not (
        (_last(needle[-_CHARACTER:], first=False) and _last(behind, first=True))
        or (_last(needle[:_CHARACTER], first=True) and _last(before, first=False))
    )


def _last(near: bytes, *, first: bool) -> bool:
    """Whether the character at the edge is a letter or a digit."""
    text = near.decode("utf-8", "ignore")
    return bool(text) and (text[0] if first else text[-1]).isalnum()


def among(findings: Iterable[Finding], told: NotInThere, draft: Draft) -> tuple[Finding, ...]:
    """What else is worth saying, and what was found in the draft, the gravest first."""
    gravest_first = tuple(Severity)
    return tuple(
        sorted((*findings, *told.findings(draft)), key=lambda one: gravest_first.index(one.severity))
    )


def _places(draft: Draft, hit: Hit) -> tuple[Place, ...]:
    """Where it stands, as often as it is worth showing."""
    at = hit.number - 1
    searched: tuple[tuple[Where, str], ...]
    match hit.spot:
        case Spot.TEXT:
            searched = ((Where.TEXT, draft.text),)
        case Spot.SUBJECT:
            searched = ((Where.SUBJECT, draft.subject),)
        case Spot.RECIPIENTS:
            searched = ((Where.TO, draft.to), (Where.CC, draft.cc), (Where.BCC, draft.bcc))
        case Spot.FILE_NAME:
            searched = ((Where.FILE, draft.attachments[at].name),)
        case Spot.FILE:
            return (Place(Where.FILE, 0, len(draft.attachments[at].name), at),)
        case _:
            return ()
    value = hit.fact.value
    before, behind = (
        ("(?<![^\\W_])" if value[0].isalnum() else ""),
        ("(?![^\\W_])" if value[-1].isalnum() else ""),
    )
    word = re.compile(f"{before}{re.escape(value)}{behind}", re.IGNORECASE)
    found = (
        Place(where, match.start(), match.end(), max(at, 0))
        for where, text in searched
        for match in word.finditer(text)
    )
    return tuple(itertools.islice(found, MOST_PLACES))


class FilesSearched:
    """What stands in files that go as they are. Remembers what it read for as long as a file stays as it is.

    For one thread.
    """

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._facts = facts
        self._known: dict[tuple[Path, int, int, int], tuple[Fact, ...]] = {}

    def hits(self, files: Iterable[tuple[int, Path]]) -> Iterator[Hit]:
        """Of files and their numbers. One that can't be read is passed over: that is said elsewhere."""
        before, self._known = self._known, {}
        for number, path in files:
            with contextlib.suppress(OSError, ValueError):
                state = path.stat()
                if not stat.S_ISREG(state.st_mode):
                    continue
                key = path, state.st_ino, state.st_size, state.st_mtime_ns
                found = before[key] if key in before else self._read(path)
                self._known[key] = found
                yield from (Hit(fact, Spot.FILE, number) for fact in found)

    def _read(self, path: Path) -> tuple[Fact, ...]:
        with path.open("rb") as file:
            parts = (Part(Spot.FILE, data, 1) for data in iter(lambda: file.read(_READ), b""))
            return tuple(hit.fact for hit in look_for(self._facts, parts).hits)


# ---- what is searched


def parts_of_draft(draft: Draft, sender_name: str, sender_address: str) -> Iterator[Part]:
    """What the person has written so far, but for the files' content."""
    for spot, text in (
        (Spot.SENDER, f"{sender_name}\n{sender_address}"),
        (Spot.RECIPIENTS, f"{draft.to}\n{draft.cc}\n{draft.bcc}"),
        (Spot.SUBJECT, draft.subject),
        (Spot.TEXT, draft.text),
    ):
        yield Part(spot, _bytes(text))
    for number, file in enumerate(draft.attachments, start=1):
        yield Part(Spot.FILE_NAME, _bytes(file.name), number)


def parts_of_mail(chunks: Iterable[bytes]) -> Iterator[Part]:
    """A mail's bytes, as they are and decoded."""
    reader = _Decoder()
    for token in read_back(chunks):
        yield from reader.take(token)
    yield from reader.end()


def parts_of_commands(commands: Iterable[bytes]) -> Iterator[Part]:
    """What is said round the mail. The secret one must not be among them."""
    form, sender, recipients = [], [], []
    for line in commands:
        verb, _, rest = line.partition(b":")
        match verb.upper():
            case b"MAIL FROM":
                path, _, parameters = rest.partition(b">")
                sender.append(path)
                form.append(verb + b": " + parameters)
            case b"RCPT TO":
                recipients.append(rest)
            case _:
                form.append(line)
    yield Part(Spot.FORM, b"\n".join(form))
    yield Part(Spot.SENDER, _fold_text(b"\n".join(sender)))
    yield Part(Spot.RECIPIENTS, _fold_text(b"\n".join(recipients)))


_SPOTS = {"from": Spot.SENDER, "to": Spot.RECIPIENTS, "cc": Spot.RECIPIENTS, "subject": Spot.SUBJECT}
_ENCODED = re.compile(r"=\?utf-8\?([qb])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN_ENCODED = re.compile(r"(\?=)\s+(=\?)")
_FILE_NAME = re.compile(r'filename(?:\*\d+)?(\*?)=(?:"([^"]*)"|([^;\s]*))')


class _Decoder:
    def __init__(self) -> None:
        self._field = ""
        self._encoding = ""
        self._number = 0

    def take(self, token: Token) -> Iterator[Part]:
        match token:
            case HeaderLine(line):
                text = line.decode("utf-8", "replace")
                if token.continues:
                    self._field += text
                else:
                    yield from self._whole_field()
                    self._field = text
            case HeaderEnd():
                yield from self._whole_field()
            case BoundaryLine(line):
                yield from self._whole_field()
                self._encoding = ""
                yield Part(Spot.FORM, line + b"\n")
            case Body(data, file):
                if file:
                    yield Part(Spot.FILE, _decoded(data, self._encoding), file)
                else:
                    yield Part(Spot.TEXT, _fold_text(_decoded(data, self._encoding)))

    def end(self) -> Iterator[Part]:
        """What is left where the last line has no end."""
        yield from self._whole_field()

    def _whole_field(self) -> Iterator[Part]:
        line, self._field = self._field, ""
        name, _, value = line.partition(":")
        value = value.strip()
        match name.lower():
            case "":
                return
            case "message-id":
                number, _, domain = value.partition("@")
                yield Part(Spot.FORM, _bytes(f"{name}: {number}\n"))
                # The domain is that of the sender's address.
                yield Part(Spot.SENDER, _bytes(domain))
            case "content-disposition":
                self._number += 1
                yield Part(Spot.FORM, _bytes(f"{name}: {value.partition(';')[0]}\n"))
                yield Part(Spot.FILE_NAME, _bytes(_file_name(value)), self._number)
            case "content-type" if not value.startswith(("text/plain", "multipart/")):
                # Of a file the type follows from its name.
                kind, _, parameters = value.partition(";")
                yield Part(Spot.FORM, _bytes(f"{name}: {parameters}\n"))
                yield Part(Spot.FILE_NAME, _bytes(kind), self._number + 1)
            case field if field in _SPOTS:
                yield Part(_SPOTS[field], _bytes(f"{value}\n{_words(value)}\n"))
            case field:
                if field == "content-transfer-encoding":
                    self._encoding = value.lower()
                yield Part(Spot.FORM, _bytes(f"{line}\n"))


def _decoded(data: bytes, encoding: str) -> bytes:
    with contextlib.suppress(binascii.Error, ValueError):
        if encoding == "quoted-printable":
            return binascii.a2b_qp(data)
        if encoding == "base64":
            return binascii.a2b_base64(data)
    return data


def _words(value: str) -> str:
    """A field as it is read (RFC 2047)."""

    def word(found: re.Match[str]) -> str:
        if found[1] in "qQ":
            raw = binascii.a2b_qp(found[2].encode("ascii", "replace"), header=True)
        else:
            try:
                raw = base64.b64decode(found[2], validate=True)
            except (binascii.Error, ValueError):
                return found[0]
        return raw.decode("utf-8", "replace")

    return _ENCODED.sub(word, _BETWEEN_ENCODED.sub(r"\1\2", value))


def _file_name(value: str) -> str:
    """The name, its parts joined (RFC 2231)."""
    pieces = []
    for starred, quoted, plain in _FILE_NAME.findall(value):
        piece = quoted or plain
        pieces.append(urllib.parse.unquote(piece.removeprefix("utf-8''")) if starred else piece)
    return "".join(pieces)


def _bytes(text: str) -> bytes:
    return text.casefold().encode("utf-8", "replace")


def _fold_text(data: bytes) -> bytes:
    """Text in pieces of whole lines: letters of every script in one case."""
    return _bytes(data.decode("utf-8", "replace"))
