"""The tree of failures.

Each says, in one sentence each, what happened, what left the machine (where that is known and the question comes up)
and what to try; the cause for the log is the chained exception (``raise … from``). What a room can raise stands in that
room, as a leaf under one of these:

    TorsendError
    ├── UsageError              the person asked for something that cannot be                        64
    ├── NotSendable             the draft cannot become a message: addresses, fields, files          65
    ├── TorUnavailable          no Tor, a Tor that does not start, a port that is not Tor            69
    │   └── StreamFailed        one stream through a running Tor did not come to be                  75
    ├── StorageError            vault, keyring, profile, disk                                        74
    │   ├── VaultError
    │   └── SecretsError
    └── LeakRefused             the guard stopped a connection that is not Tor's                     70

Messages hold no address, password, host or path of the person's unless the person must see it to act; they are shown,
not logged. ``log_safe`` is what may be logged.
"""

from __future__ import annotations

import contextlib
import enum
from typing import TYPE_CHECKING, ClassVar

from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Iterator


class ExitStatus(enum.IntEnum):
    """What the command line ends with (sysexits.h)."""

    OK = 0
    USAGE = 64
    NOT_SENDABLE = 65
    NO_TOR = 69
    SOFTWARE = 70
    STORAGE = 74
    STILL_QUEUED = 75
    UNKNOWN = 76
    REFUSED = 77


class Left(enum.Enum):
    """What had left the machine when it failed."""

    NOTHING = "nothing"
    """Not a byte, or only Tor's own traffic."""
    CONNECTION = "connection"
    """A server saw a connection; no log-in, no mail."""
    LOGIN = "login"
    """The server saw the log-in; no mail."""
    ENVELOPE = "envelope"
    """The server saw sender and recipients; no mail was sent."""
    PART = "part"
    """Part of the mail was sent; a server throws such a part away."""
    MAYBE_ALL = "maybe-all"
    """All of it; only the server knows whether it took the mail."""

    def sentence(self) -> str:
        """What the person is told about it."""
        match self:
            case Left.NOTHING:
                return t("Nothing left this computer.")
            case Left.CONNECTION:
                return t("The server saw a connection through Tor. No mail, no password was sent.")
            case Left.LOGIN:
                return t("The server saw the sign-in. No mail was sent.")
            case Left.ENVELOPE:
                return t("The server saw the sender and the recipients. No mail was sent.")
            case Left.PART:
                return t("Part of the mail was sent. Nothing was delivered.")
            case Left.MAYBE_ALL:
                return t("All of the mail was sent. Only the server knows whether it took it.")


class TorsendError(Exception):
    """What happened, what left, what to try.

    Attributes:
        what: one sentence on what happened.
        left: what had left the machine by then; None says nothing about it, which is not the same as "nothing".
        advice: one sentence on what to try, or the empty string where there is nothing to try.
    """

    status: ExitStatus = ExitStatus.SOFTWARE
    usually_left: ClassVar[Left | None] = None
    """What is true of all failures of a kind, unless one says otherwise."""

    def __init__(self, what: str, *, left: Left | None = None, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.left = left if left is not None else self.usually_left
        self.advice = advice

    @property
    def left_words(self) -> str:
        """What is told of what left; empty where nothing is."""
        return "" if self.left is None else self.left.sentence()

    def sentences(self) -> str:
        """All three, as they are shown."""
        return " ".join(part for part in (self.what, self.left_words, self.advice) if part)

    @property
    def log_safe(self) -> str:
        """The kind of failure and nothing of its words: they may hold a name that the person typed."""
        return f"{type(self).__name__} (left: {self.left.value if self.left else 'unsaid'})"


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """Whatever fails in it failed before anything was sent, and says so."""
    try:
        yield
    except TorsendError as error:
        error.left = error.left or Left.NOTHING
        raise


class UsageError(TorsendError):
    """The person asked for something that cannot be."""

    status = ExitStatus.USAGE


class NotSendable(TorsendError):
    """The draft cannot become a message."""

    status = ExitStatus.NOT_SENDABLE
    usually_left = Left.NOTHING


class TorUnavailable(TorsendError):
    """No Tor to send through."""

    status = ExitStatus.NO_TOR
    usually_left = Left.NOTHING


class StreamFailed(TorUnavailable):
    """Tor runs, but this stream did not come to be."""

    status = ExitStatus.STILL_QUEUED


class StorageError(TorsendError):
    """What is kept could not be read or written."""

    status = ExitStatus.STORAGE


class VaultError(StorageError):
    """The vault: wrong key, damaged, locked, full."""


class SecretsError(StorageError):
    """The keyring: missing, locked, refusing."""


class LeakRefused(TorsendError):
    """The guard stopped something that would have gone past Tor."""

    status = ExitStatus.SOFTWARE
