"""What is sent in a campaign: everything about a message follows from its key, on both sides of the pipe."""

from __future__ import annotations

import functools
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tests.delivery.parts import identity
from tests.support.misbehaving import USER
from torsend.identity.identity import Identity, Tls
from torsend.mail.wire import Envelope, Message

SENDERS = ("0" * 31 + "1", "0" * 31 + "2")
"""Two identities, so that two lanes run side by side."""

_SIZES = (0, 0, 0, 150_000, 1_300_000)
"""Bytes of padding: one block, several blocks, and more than one transaction takes."""


@dataclass(frozen=True)
class Letter:
    """A message by its key."""

    key: str

    @property
    def _random(self) -> random.Random:
        return random.Random(self.key)

    @property
    def sender(self) -> str:
        return self._random.choice(SENDERS)

    @property
    def recipients(self) -> tuple[str, ...]:
        """Those that begin with grey are put off the first time."""
        kinds = self._random.choice([("a",), ("a", "b"), ("a", "grey", "b"), ("grey",)])
        return tuple(f"{kind}-{self.key}@example.org" for kind in kinds)

    @property
    def body(self) -> bytes:
        line = b"." + self.key.encode() + b" " + b"x" * 50 + b"\r\n"
        size = self._random.choice(_SIZES)
        return b"Subject: " + self.key.encode() + b"\r\n\r\n" + line * (1 + size // len(line)) + b"end\r\n"

    @property
    def message_id(self) -> str:
        return f"<{self.key}@rowanmail.example>"

    def message(self) -> Message:
        body = self.body

        def chunks() -> Iterator[bytes]:
            for start in range(0, len(body), 50_000):
                yield body[start : start + 50_000]

        return Message(
            Envelope(USER, self.recipients), self.message_id, datetime.now(UTC), self.key, len(body), chunks
        )


@functools.cache
def digest_of(letter: Letter) -> str:
    """SHA-256 of its body; asked for again at each look."""
    return hashlib.sha256(letter.body).hexdigest()


def letter_of(message_id: str) -> Letter:
    """The one with that Message-ID."""
    return Letter(message_id[1:].partition("@")[0])


def person(sender: str, tls: Tls) -> Identity:
    """One of the senders."""
    return replace(identity(tls), id=sender)
