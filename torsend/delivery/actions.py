"""What the dialogue and whoever carries it out say to each other, as values: actions, what breaks, the verdict."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torsend.delivery.reasons import Reason
    from torsend.delivery.reply import Reply


class Stage(enum.StrEnum):
    """Where the dialogue stands; each has a deadline of its own."""

    CONNECT = "connect"
    TLS = "tls"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    DOT = "dot"


class Heard(enum.StrEnum):
    """Answers with which a dialogue goes on, by what they answer."""

    GREETING = "greeting"
    HELLO_IN_CLEAR = "hello-in-clear"
    """To EHLO before STARTTLS."""
    STARTTLS = "starttls"
    HELLO = "hello"
    """To EHLO; with STARTTLS to the one behind it."""
    SIGNED_IN = "signed-in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Write:
    """Hand all of it over; thrown into only if some of it was not.

    At ``BODY`` the answer is what the peer said while it had to wait: then not all of it was handed over, and a further
    ``Write``, of nothing, goes on with the rest. ``b""`` says that all of it was.
    """

    data: bytes = field(repr=False)
    stage: Stage


@dataclass(frozen=True, slots=True)
class Read:
    """Wait for bytes: one or more."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class Poll:
    """Give what came already; do not wait."""


@dataclass(frozen=True, slots=True)
class StartTls:
    """Wrap the connection now, verified; go on only inside it."""


@dataclass(frozen=True, slots=True)
class NextBlock:
    """Give the next piece of the message, ``b""`` at its end."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The first byte of this stage leaves next.

    Attributes:
        recipients: at ``BODY`` and ``DOT``, those that the server took.
    """

    stage: Stage
    recipients: tuple[str, ...] = ()


Action = Write | Read | Poll | StartTls | NextBlock | Reached


class PeerGone(Exception):  # what happened
    """The connection ended: closed, reset, or a circuit that broke."""


class PeerSilent(Exception):  # what happened
    """The deadline of a stage passed."""


@dataclass(frozen=True, slots=True)
class Login:
    """What AUTH is given."""

    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecipientReply:
    """What the server said to one RCPT."""

    address: str = field(repr=False)
    reply: Reply


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attempt ended.

    Attributes:
        reason: why.
        stage: where.
        reply: the reply that decided it, if one did.
        detail: what else the words need, such as a fingerprint or a limit in bytes.
        recipients: what was said to each RCPT, so far as anything was.
        polite: whether QUIT may be said: not in the middle of a mail, nor to one who is not the server.
    """

    reason: Reason
    stage: Stage
    reply: Reply | None = None
    detail: str = ""
    recipients: tuple[RecipientReply, ...] = ()
    polite: bool = False
