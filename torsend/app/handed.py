"""What one start hands over to the window of another, and what that answers: as values, and as bytes."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torsend.errors import UsageError
from torsend.mail.mailto import LONGEST_LINK
from torsend.words import t

MOST_BYTES = 8 * 1024 * 1024
"""More than any command line holds (Linux: 6 MiB, execve(2); macOS: 1 MiB; Windows: 32 KiB), once more as JSON."""
LONGEST_TOKEN = 256


class Answer(enum.Enum):
    """All of one length, so that whoever waits for one knows when it is there."""

    TAKEN = b"taken..."
    CLOSING = b"closing."
    """The window is being closed. The end of the stream is its end."""
    UNCLEAR = b"unclear."
    """It wasn't understood: the one that asks is of another version."""


ANSWER_BYTES = len(Answer.TAKEN.value)


class TooMuch(UsageError):
    """More than can be handed over at once."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What another start was asked for.

    Attributes:
        compose: a ``mailto:`` link and absolute file names, as in ``Start``; None: the window alone.
        token: lets the window come to the front (XDG Activation); empty where the desktop gave none.
    """

    compose: tuple[str, ...] | None
    token: str = ""

    def to_bytes(self) -> bytes:
        """As it is handed over.

        Raises:
            TooMuch
        """
        said = json.dumps({"compose": self.compose, "token": self.token}, ensure_ascii=False)
        # File names may be no text (PEP 383).
        as_bytes = said.encode("utf-8", "surrogateescape")
        if len(as_bytes) > MOST_BYTES:
            raise TooMuch(
                t("Those are too many files to hand over to the window that is open."),
                advice=t("Add fewer at once."),
            )
        return as_bytes

    @classmethod
    def from_bytes(cls, said: bytes) -> Handed:
        """What was handed over.

        Raises:
            ValueError, TypeError, KeyError, RecursionError: it is no such thing.
        """
        value: Any = json.loads(said.decode("utf-8", "surrogateescape"))
        compose, token = value["compose"], value["token"]
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise ValueError("no token")
        if compose is None:
            return cls(None, token)
        if not isinstance(compose, list) or not all(isinstance(each, str) for each in compose):
            raise ValueError("nothing to compose")
        return cls(tuple(compose), token)


def wishes(compose: tuple[str, ...] | None, token: str = "") -> Handed:
    """What a start was asked for, as it is understood from any folder. Of a link no more is handed over than it takes for
    the window to say that it is too long.
    """
    if compose is not None:
        compose = tuple(
            each[: LONGEST_LINK + 1] if each.lower().startswith("mailto:") else str(Path(each).absolute())
            for each in compose
        )
    return Handed(compose, token if len(token) <= LONGEST_TOKEN else "")
