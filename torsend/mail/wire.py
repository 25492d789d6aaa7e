"""Draft to the exact bytes that leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from torsend.mail.address import Mailbox
    from torsend.mail.draft import Draft


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom, to whom (RFC 5321): the only place where Bcc recipients stand. No address twice."""

    mail_from: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to leave.

    Attributes:
        envelope: sender and recipients.
        message_id: with its angle brackets.
        date: UTC, seconds zero, as in the Date line.
        subject: as typed.
        size: of all chunks together, bytes, before dot-stuffing.
        chunks: gives the bytes, in pieces of at most ``encode.CHUNK`` bytes, the same each time it is called.
            7-bit, CRLF only (no bare CR or LF), no NUL, lines of at most 998 bytes, CRLF at the end. Raises
            ``AttachmentChanged`` or another leaf of ``NotSendable`` where a file is no longer what it was at
            composing: whoever consumes must then throw all of it away.
    """

    envelope: Envelope
    message_id: str
    date: datetime
    subject: str
    size: int
    chunks: Callable[[], Iterator[bytes]]


def compose(draft: Draft, sender: Mailbox, *, now: datetime, random: Callable[[int], bytes]) -> Message:
    """The message's bytes: a pure function of its arguments and of the attached files' content.

    Args:
        now: aware; written in UTC to the minute.
        random: ``n -> n bytes``; ``secrets.token_bytes`` but in tests. Gives the Message-ID and the boundary.

    Raises:
        NotSendable: a leaf for each reason.
    """
    raise NotImplementedError
