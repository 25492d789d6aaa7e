"""What the tests of mail share: a fixed sender, time and randomness, odd input, and readers."""

from __future__ import annotations

import email
import email.header
import email.policy
import email.utils
import inspect
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message as OldMessage
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from torsend.mail.address import Mailbox
from torsend.mail.draft import Draft
from torsend.mail.wire import Message, compose

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

WREN = Mailbox("Wren", "wren@rowanmail.example")
NOW = datetime(2026, 4, 21, 10, 20, 33, 987654, tzinfo=UTC)
FORBIDDEN = {
    chr(code)
    for code in (
        *range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0xFDD0, 0xFDF0),
        *(plane * 0x10000 + last for plane in range(17) for last in (0xFFFE, 0xFFFF)),
    )
}  # fmt: skip
TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def counted() -> Callable[[int], bytes]:
    """Randomness that isn't: its bytes are numbered from call to call."""
    calls = iter(range(256))
    return lambda size: bytes((next(calls) * 16 + offset) % 256 for offset in range(size))


def composed(draft: Draft, sender: Mailbox = WREN, *, now: datetime = NOW) -> Message:
    """Its files as they are: what is sent in place of them is its own tests' matter."""
    return compose(decided(draft), sender, now=now, random=counted())


def decided(draft: Draft) -> Draft:
    return replace(draft, attachments=tuple(file.as_it_is() for file in draft.attachments))


def wire(draft: Draft, sender: Mailbox = WREN) -> bytes:
    message = composed(draft, sender)
    written = b"".join(message.chunks())
    assert len(written) == message.size
    return written


def draft(**fields: object) -> Draft:
    return Draft(**{"id": "draft-1", "to": "marta@nordpost.example", **fields})  # type: ignore[arg-type]


def modern(written: bytes) -> EmailMessage:
    return email.message_from_bytes(written, policy=email.policy.default)


def old(written: bytes) -> OldMessage:
    return email.message_from_bytes(written, policy=email.policy.compat32)


def content_of(part: object) -> bytes:
    """What an old or modern part holds, decoded."""
    assert isinstance(part, OldMessage)
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def text_of(part: object) -> str:
    """The same of a text part, with the line ends that a person types."""
    return content_of(part).decode("utf-8").replace("\r\n", "\n")


def children_of(message: OldMessage) -> list[OldMessage]:
    """The parts of a multipart."""
    children = []
    for part in message.get_payload():
        assert isinstance(part, OldMessage)
        children.append(part)
    return children


def old_words(header: str) -> str:
    """A header of the old parser, unfolded and decoded."""
    unfolded = header.replace("\r\n", "").replace("\n", "")
    return str(email.header.make_header(email.header.decode_header(unfolded)))


# Newer Pythons give up a whole list by default where a quoted local part holds a bracket.
_TAKES_ALL = {"strict": False} if "strict" in inspect.signature(email.utils.getaddresses).parameters else {}


def old_mailboxes(header: str) -> list[tuple[str, str]]:
    unfolded = header.replace("\r\n", "").replace("\n", "")
    return [
        (old_words(name), address) for name, address in email.utils.getaddresses([unfolded], **_TAKES_ALL)
    ]


def assert_fit_to_leave(written: bytes, *, ascii_only: bool = True) -> None:
    """7-bit, CRLF only, no NUL, short lines, no line that is a dot, an end."""
    assert written.endswith(b"\r\n")
    assert b"\0" not in written
    assert written.isascii() or not ascii_only
    lines = written.split(b"\r\n")
    for line in lines:
        assert b"\r" not in line
        assert b"\n" not in line
        assert len(line) <= 998
        assert not re.match(rb"\.|>*From ", line)


def header_of(written: bytes) -> bytes:
    return written[: written.index(b"\r\n\r\n") + 2]


# One line of anything that a person may type: emoji, combining characters, right-to-left; no control character.
one_line = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters=FORBIDDEN), max_size=120
)
words_of_names = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters=FORBIDDEN | TURNING),
    max_size=120,
)
names = words_of_names.map(lambda name: " ".join(name.split()))
any_text = st.text(st.characters(codec="utf-8"), max_size=400)

_ATEXT = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~-"
dot_atoms = st.lists(st.text(_ATEXT, min_size=1, max_size=12), min_size=1, max_size=4).map(".".join)
quoted_locals = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=20).map(
    lambda inside: '"' + inside.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
domains = st.builds(
    lambda first, rest: ".".join([*first, rest]),
    st.lists(labels, max_size=3),
    st.sampled_from(["example", "test"]),
)
addresses = st.builds(lambda local, domain: f"{local}@{domain}", dot_atoms, domains)
mailboxes = st.builds(Mailbox, names, addresses)


def typed(mailbox: Mailbox) -> str:
    """As a person, or a program that copies an address, would write it."""
    if not mailbox.name:
        return f"<{mailbox.address}>"
    quoted = mailbox.name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{mailbox.address}>'
