"""A reader of our own that takes nothing but the form that ``wire`` promises; written from the RFCs, not from ``wire``.

Every byte is accounted for: what no rule expects is an error. RFC 5322 (lines, dates, mailboxes), 2045 (content), 2047
(encoded words), 2231 (file names), 6532 (UTF-8 in addresses).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_FIELDS = re.compile(
    r"From: (?P<From>.+)\r\nTo: (?P<To>.+)\r\n(?:Cc: (?P<Cc>.+)\r\n)?Subject:(?: (?P<Subject>.+))?\r\n"
    r"Date: (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [JFMASOND][a-z][a-z] \d{4} \d\d:\d\d:00 \+0000\r\n"
    r"Message-ID: <[a-z2-7]{26}@[a-z0-9.-]+>\r\n"
    r"(?:In-Reply-To: <[!-~]+>\r\nReferences: <[!-~]+>(?: <[!-~]+>)*\r\n)?"
    r"MIME-Version: 1\.0\r\n"
)
_TEXT = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
_MIXED = re.compile(
    r'Content-Type: multipart/mixed; boundary="(=_[a-z2-7]{26})"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n'
)
_FILE = re.compile(
    r"Content-Type: (?P<type>[!-~]+/[!-~]+)\r\nContent-Transfer-Encoding: base64\r\n"
    r"Content-Disposition: attachment;(?P<name>.+)\r\n\r\n"
)
_WORD = re.compile(r"=\?utf-8\?(?:q\?([!->@-~]*)|b\?([A-Za-z0-9+/=]+))\?=")
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*"'
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_UTF8_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_ADDRESS = rf"(?:{_UTF8_ATOM}(?:\.{_UTF8_ATOM})*|{_QUOTED})@[a-z0-9.-]+"
_MAILBOX = re.compile(
    rf"(?P<alone>{_ADDRESS})|(?:(?P<atoms>{_ATOM}(?: {_ATOM})*)|(?P<quoted>{_QUOTED})) <(?P<address>{_ADDRESS})>"
)


class Unexpected(Exception):  # what happened
    """No rule expects this."""


@dataclass(frozen=True)
class ReadFile:
    """An attachment."""

    media_type: str
    name: str
    content: bytes


@dataclass(frozen=True)
class ReadMessage:
    """All that stands in a message."""

    sender: tuple[str, str]
    to: tuple[tuple[str, str], ...]
    cc: tuple[tuple[str, str], ...]
    subject: str
    text: str
    files: tuple[ReadFile, ...]


def read(written: bytes) -> ReadMessage:
    """Raises ``Unexpected``."""
    for line in written.split(b"\r\n"):
        if b"\r" in line or b"\n" in line or len(line) > 998:
            raise Unexpected(line)
    head, end, body = written.partition(b"\r\n\r\n")
    lines = (head + end).decode("utf-8")
    if re.search(r"\r\n[ \t]+\r\n|[ \t]\r\n", lines.removesuffix("\r\n")):
        raise Unexpected("a line of the header that ends in a blank")
    unfolded = re.sub(r"\r\n(?= )", "", lines)
    fields = _FIELDS.match(unfolded)
    if not fields:
        raise Unexpected(unfolded)
    rest = unfolded[fields.end() :]
    text, files = (_quoted_printable(body), ()) if rest == _TEXT else _parts(rest, body)
    [sender] = _mailboxes(fields["From"])
    undisclosed = fields["To"] == "undisclosed-recipients:;"
    return ReadMessage(
        sender,
        () if undisclosed else _mailboxes(fields["To"]),
        _mailboxes(fields["Cc"]) if fields["Cc"] else (),
        _words(fields["Subject"] or ""),
        text,
        files,
    )


def _parts(rest: str, body: bytes) -> tuple[str, tuple[ReadFile, ...]]:
    mixed = _MIXED.fullmatch(rest)
    if not mixed:
        raise Unexpected(rest)
    marker = f"--{mixed[1]}".encode("ascii")
    if not body.startswith(marker + b"\r\n") or not body.endswith(b"\r\n" + marker + b"--\r\n"):
        raise Unexpected("a multipart without its ends")
    inside = body[len(marker) + 2 : -len(marker) - 6]
    first, *others = inside.split(b"\r\n" + marker + b"\r\n")
    if marker in inside.replace(b"\r\n" + marker + b"\r\n", b"") or not others:
        raise Unexpected("a boundary in a part")
    if not first.startswith(_TEXT.encode("ascii")):
        raise Unexpected(first[:200])
    return _quoted_printable(first[len(_TEXT) :]), tuple(map(_file, others))


def _file(part: bytes) -> ReadFile:
    head, end, content = part.partition(b"\r\n\r\n")
    found = _FILE.fullmatch(re.sub(r"\r\n(?= )", "", (head + end).decode("ascii")))
    if not found:
        raise Unexpected(head)
    *whole, last = content.split(b"\r\n")
    if last or any(len(line) != 76 for line in whole[:-1]) or any(len(line) > 76 for line in whole):
        raise Unexpected("base64 lines of another length")
    try:
        decoded = base64.b64decode(b"".join(whole), validate=True)
    except binascii.Error as error:
        raise Unexpected("no base64") from error
    if b"".join(whole) != base64.b64encode(decoded):
        raise Unexpected("padding in between")
    return ReadFile(found["type"], _file_name(found["name"]), decoded)


def _file_name(parameter: str) -> str:
    if plain := re.fullmatch(r' filename="([A-Za-z0-9._+ -]+)"', parameter):
        return plain[1]
    if one := re.fullmatch(r" filename\*=utf-8''([A-Za-z0-9._%-]*)", parameter):
        return unquote_to_bytes(one[1]).decode("utf-8")
    name = ""
    for number, piece in enumerate(parameter.split(";")):
        start = "utf-8''" if number == 0 else ""
        found = re.fullmatch(rf" filename\*{number}\*={start}((?:[A-Za-z0-9._-]|%[0-9A-F]{{2}})*)", piece)
        if not found:
            raise Unexpected(parameter)
        # Each part by itself: no character runs over two.
        name += unquote_to_bytes(found[1]).decode("utf-8")
    return name


def _words(text: str) -> str:
    if "=?" not in text:
        return text
    decoded = ""
    for word in text.split(" "):
        found = _WORD.fullmatch(word)
        if not found or len(word) > 75:
            raise Unexpected(word)
        raw = base64.b64decode(found[2], validate=True) if found[2] else _q(found[1])
        decoded += raw.decode("utf-8")
    return decoded


def _q(text: str) -> bytes:
    if not re.fullmatch(r"(?:[A-Za-z0-9!*+/_-]|=[0-9A-F]{2})*", text):
        raise Unexpected(text)
    return unquote_to_bytes(text.replace("_", " ").replace("=", "%"))


def _mailboxes(text: str) -> tuple[tuple[str, str], ...]:
    found = []
    position = 0
    while True:
        name = ""
        encoded = re.compile(r"((?:=\?[!-~]+\?= )+)<").match(text, position)
        if encoded:
            name = _words(encoded[1].strip())
            address = re.compile(rf"<({_ADDRESS})>").match(text, encoded.end() - 1)
            if not address:
                raise Unexpected(text[position:])
            found.append((name, address[1]))
            position = address.end()
        else:
            mailbox = _MAILBOX.match(text, position)
            if not mailbox:
                raise Unexpected(text[position:])
            name = mailbox["atoms"] or re.sub(r"\\(.)", r"\1", (mailbox["quoted"] or '""')[1:-1])
            found.append((name, mailbox["alone"] or mailbox["address"]))
            position = mailbox.end()
        if position == len(text):
            return tuple(found)
        if text[position : position + 2] != ", ":
            raise Unexpected(text[position:])
        position += 2


def _quoted_printable(body: bytes) -> str:
    """With LF for CRLF."""
    if body and not body.endswith(b"\r\n"):
        raise Unexpected("a last line without an end")
    text = ""
    for line in body.split(b"\r\n")[:-1]:
        if (
            not re.fullmatch(rb"(?:[\t -<>-~]|=[0-9A-F]{2})*=?", line)
            or len(line) > 76
            or re.search(rb"[ \t]$", line)
        ):
            raise Unexpected(line)
        soft = line.endswith(b"=")
        raw = re.sub(
            rb"=([0-9A-F]{2})", lambda code: bytes.fromhex(code[1].decode("ascii")), line.removesuffix(b"=")
        )
        # Each line by itself: no character runs over two.
        text += raw.decode("utf-8") + ("" if soft else "\n")
    return text
