"""How an attempt ended, as a value that is written to the outbox before anyone is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torsend.delivery.reasons import Reason
from torsend.delivery.states import RecipientState, Step

if TYPE_CHECKING:
    from torsend.delivery.reply import Reply
    from torsend.errors import Left


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient and what became of the message to it."""

    address: str = field(repr=False)
    state: RecipientState = RecipientState.WAITING
    reply: Reply | None = None
    in_doubt: bool = False
    """An attempt may have brought it there, and nobody knows: kept whatever later attempts do."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """What all outcomes have.

    Attributes:
        reason: why.
        step: how far it truly got; the journal may stand further when the last write failed half-way.
        reply: the server's, if one decided it.
        detail: what the words need besides: a fingerprint, a limit in bytes, a SOCKS code.
        recipients: those whose state or reply changed.
    """

    reason: Reason
    step: Step
    reply: Reply | None = None
    detail: str = ""
    recipients: tuple[Recipient, ...] = ()

    @property
    def left(self) -> Left:
        """What had left the machine."""
        return self.step.left


@dataclass(frozen=True, slots=True)
class Accepted(_Ended):
    """The server took it."""


@dataclass(frozen=True, slots=True)
class Refused(_Ended):
    """For good."""


@dataclass(frozen=True, slots=True)
class RetryLater(_Ended):
    """Again by itself.

    Attributes:
        delay: seconds until then; 0 for at once.
        new_circuit: whether another exit may do better.
        same_circuit: whether the server keeps count by the address that it saw.
    """

    delay: float = 0.0
    new_circuit: bool = False
    same_circuit: bool = False


@dataclass(frozen=True, slots=True)
class Unknown(_Ended):
    """The server may have it. Never again by itself."""


@dataclass(frozen=True, slots=True)
class Held(_Ended):
    """Not now, and not by itself: the person decides."""


Outcome = Accepted | Refused | RetryLater | Unknown | Held
