"""Draft to the exact bytes that leave. One golden form, the same on every system.

The header, always in this order, this casing and complete (only Cc is left out where there is none)::

    From: Wren <wren@rowanmail.example>
    To: Marta Lindqvist <marta@nordpost.example>          undisclosed-recipients:; where To is empty
    Cc: ...
    Subject: Test sheets from Hall 4
    Date: Tue, 21 Apr 2026 10:20:00 +0000                 UTC, to the minute
    Message-ID: <2luvtxtv3ohivtqsgcq2uilrwe@rowanmail.example>     128 random bits
    In-Reply-To: <...>                                    only in an answer, and only as the identity that it came to
    References: <...>
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8               or multipart/mixed; boundary="=_..."
    Content-Transfer-Encoding: quoted-printable           or 7bit

``Content-Transfer-Encoding: 7bit`` of a multipart is what RFC 2045 would assume without it; written, the
set of lines is the same with files as without. Parts have Content-Type, Content-Transfer-Encoding and, for
files, Content-Disposition. The boundary is 128 random bits behind ``=_``, which neither quoted-printable
nor base64 can produce, so it never stands in a part. There is no Bcc, Sender, User-Agent, Reply-To,
Content-ID, preamble or epilogue.

All of it is ASCII, but for addresses that are not: see ``headers``.

How lines are written: ``headers``. How content is written: ``encode``.
"""

from __future__ import annotations

import base64
import functools
from dataclasses import dataclass
from datetime import UTC
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from torsend.mail import headers
from torsend.mail.address import Mailbox, check_address, domain_of, parse_mailboxes
from torsend.mail.characters import check_name, check_words
from torsend.mail.draft import Decision
from torsend.mail.encode import canonical_text, quoted_printable, quoted_printable_size
from torsend.mail.files import file_name, measure, media_type
from torsend.mail.refusals import (
    AttachmentNotCleaned,
    BadAddress,
    BadField,
    Field,
    NoRecipient,
    TooLarge,
    TooManyRecipients,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from torsend.mail.content import Content
    from torsend.mail.draft import Attachment, Draft, Thread

MAX_MESSAGE = 150_000_000
"""Bytes. The largest that a known provider takes is 150 MB; the server's own SIZE is asked before sending."""
MAX_RECIPIENTS = 1_000
"""RFC 5321 section 4.5.3.1.8 makes servers take 100; what is beyond that, few do."""

_RANDOM = 16
_UNDISCLOSED = "undisclosed-recipients:;"
_TEXT = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom, to whom (RFC 5321): the only place where Bcc recipients stand. No address twice."""

    mail_from: str
    recipients: tuple[str, ...]

    @property
    def utf8(self) -> bool:
        """Whether an address is not ASCII, so that only a server with SMTPUTF8 takes it (RFC 6531)."""
        return not all(map(str.isascii, (self.mail_from, *self.recipients)))


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to leave.

    Attributes:
        envelope: sender and recipients.
        message_id: with its angle brackets.
        date: UTC, seconds zero, as in the Date line.
        subject: as typed.
        size: of all chunks together, bytes, before dot-stuffing.
        chunks: gives the bytes, in pieces of at most twice ``encode.CHUNK``, the same each time it is called.
            7-bit, but for addresses in the header that are not ASCII; CRLF only (no bare CR or LF), no NUL, lines of at
            most 998 bytes, CRLF at the end. Raises
            ``AttachmentChanged`` or another leaf of ``NotSendable`` where a file is no longer what it was at
            composing: whoever consumes must then throw all of it away.
    """

    envelope: Envelope
    message_id: str
    date: datetime
    subject: str
    size: int
    chunks: Callable[[], Iterator[bytes]]


def compose(
    draft: Draft,
    sender: Mailbox,
    *,
    now: datetime,
    random: Callable[[int], bytes],
    cleaned: Mapping[Path, Content] = MappingProxyType({}),
) -> Message:
    """The message's bytes: a pure function of its arguments and of the attached files' content.

    Files are looked at here and read by ``Message.chunks``. A file itself goes only if the draft says that it was decided.

    Args:
        cleaned: what goes in place of the files that lie there.
        now: aware; written in UTC, seconds cut off.
        random: ``n -> n bytes``; ``secrets.token_bytes`` but in tests. Gives the Message-ID and the boundary.

    Raises:
        NotSendable: a leaf of ``refusals`` for each reason.
        ValueError: ``now`` is naive.
    """
    if now.tzinfo is None:
        raise ValueError("now without a time zone")
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    who = _Header.of(draft, sender)
    text = _text(draft.text)
    files = [_File.of(attachment, cleaned.get(attachment.path)) for attachment in draft.attachments]

    # Drawn whether used or not: the Message-ID doesn't depend on what else is in the mail.
    message_id = f"<{_letters(random)}@{domain_of(who.sender.address)}>"
    boundary = f"=_{_letters(random)}"

    top = who.lines(minute, message_id, draft.thread_of_sender)
    segments: list[Segment]
    if files:
        segments = [_multipart(top, boundary), _Text(text)]
        for file in files:
            segments += [_utf8(f"\r\n--{boundary}\r\n{file.lines}\r\n"), file.content]
        segments.append(_utf8(f"\r\n--{boundary}--\r\n"))
    else:
        segments = [_utf8(f"{top}{_TEXT}\r\n"), _Text(text)]

    size = sum(_size(segment) for segment in segments)
    if size > MAX_MESSAGE:
        raise TooLarge(size, MAX_MESSAGE)
    return Message(
        envelope=Envelope(who.sender.address, who.recipients),
        message_id=message_id,
        date=minute,
        subject=draft.subject,
        size=size,
        chunks=functools.partial(_stream, tuple(segments)),
    )


@dataclass(frozen=True, slots=True)
class _Header:
    """The draft's fields, checked."""

    sender: Mailbox
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    bcc: tuple[Mailbox, ...]
    subject: str

    @classmethod
    def of(cls, draft: Draft, sender: Mailbox) -> _Header:
        header = cls(
            sender=_sender(sender),
            to=parse_mailboxes(draft.to, Field.TO),
            cc=parse_mailboxes(draft.cc, Field.CC),
            bcc=parse_mailboxes(draft.bcc, Field.BCC),
            subject=draft.subject,
        )
        check_words(draft.subject, Field.SUBJECT)
        count = len(header.recipients)
        if not count:
            raise NoRecipient
        if count > MAX_RECIPIENTS:
            raise TooManyRecipients(count, MAX_RECIPIENTS)
        return header

    @property
    def recipients(self) -> tuple[str, ...]:
        """In the order To, Cc, Bcc, each once. Local parts that differ in case only may be two people's."""
        return tuple(dict.fromkeys(mailbox.address for mailbox in (*self.to, *self.cc, *self.bcc)))

    def lines(self, minute: datetime, message_id: str, thread: Thread | None) -> str:
        """From From to MIME-Version."""
        return "".join(
            (
                headers.mailbox_list("From", [self.sender]),
                headers.mailbox_list("To", self.to) if self.to else f"To: {_UNDISCLOSED}\r\n",
                headers.mailbox_list("Cc", self.cc) if self.cc else "",
                headers.unstructured("Subject", self.subject),
                f"Date: {headers.date(minute)}\r\n",
                f"Message-ID: {message_id}\r\n",
                _thread(thread) if thread is not None else "",
                "MIME-Version: 1.0\r\n",
            )
        )


@dataclass(frozen=True, slots=True)
class _File:
    """An attachment: its part's header, and what follows it."""

    lines: str
    content: Content

    @classmethod
    def of(cls, attachment: Attachment, cleaned: Content | None) -> _File:
        name = file_name(attachment)
        lines = (
            f"Content-Type: {media_type(attachment)}\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            f"{headers.disposition(name)}"
        )
        return cls(lines, _content(attachment, cleaned))


@dataclass(frozen=True, slots=True)
class _Text:
    """Text in its canonical form."""

    text: str


Segment: TypeAlias = "bytes | _Text | Content"
"""What a message is made of, one after the other."""


def _content(attachment: Attachment, cleaned: Content | None) -> Content:
    """What goes: chosen here and nowhere else, and never a file itself that nobody decided about."""
    if attachment.decision is Decision.AS_IT_IS:
        return measure(attachment)
    if cleaned is None:
        raise AttachmentNotCleaned(attachment.name)
    return cleaned


def _thread(thread: Thread) -> str:
    """One Message-ID a line: none is longer than a line may be (``Thread`` sees to it)."""
    references = "\r\n ".join(thread.line_of_references)
    return f"In-Reply-To: {thread.in_reply_to}\r\nReferences: {references}\r\n"


def _sender(sender: Mailbox) -> Mailbox:
    check_name(sender.name, Field.FROM)
    name = " ".join(sender.name.split())
    try:
        return Mailbox(name, check_address(sender.address))
    except BadAddress as error:
        raise error.within(Field.FROM, 1, 0, len(sender.address)) from error.__cause__


def _text(typed: str) -> str:
    text = canonical_text(typed)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadField(Field.TEXT, text, error.start) from None
    return text


def _multipart(top: str, boundary: str) -> bytes:
    """Header of the whole and of its first part."""
    return _utf8(
        f'{top}Content-Type: multipart/mixed; boundary="{boundary}"\r\n'
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        f"--{boundary}\r\n"
        f"{_TEXT}\r\n"
    )


def _letters(random: Callable[[int], bytes]) -> str:
    """128 random bits as 26 letters and digits: base32 in lower case, no padding."""
    return base64.b32encode(random(_RANDOM)).decode("ascii").rstrip("=").lower()


def _utf8(lines: str) -> bytes:
    return lines.encode("utf-8")


def _size(segment: Segment) -> int:
    match segment:
        case bytes():
            return len(segment)
        case _Text(text):
            return quoted_printable_size(text)
        case _:
            return segment.encoded_size


def _stream(segments: tuple[Segment, ...]) -> Iterator[bytes]:
    for segment in segments:
        match segment:
            case bytes():
                yield segment
            case _Text(text):
                yield from quoted_printable(text)
            case _:
                yield from segment.encoded()
