"""A message in the outbox, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from torsend.delivery.outcome import Recipient
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply
from torsend.delivery.states import RecipientState, State, Step
from torsend.errors import Left


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A message in the outbox.

    Attributes:
        size: bytes.
        next_attempt: UTC; None for as soon as may be, and where nothing is going to happen by itself.
        attempts: since the person last asked for it.
        reply: the server's that decided, if one did.
        detail: what the words need besides the reason, see ``outcome``.
        finished: UTC; when it was accepted or refused.
        same_circuit: the server wants to see the same exit again.
        furthest: how far any attempt got; ``step`` is the last one's.
    """

    id: str
    identity_id: str
    created: datetime
    state: State
    step: Step
    mail_from: str = field(repr=False)
    message_id: str = field(repr=False)
    subject: str = field(repr=False)
    size: int
    recipients: tuple[Recipient, ...] = field(repr=False)
    next_attempt: datetime | None = None
    attempts: int = 0
    reply: Reply | None = field(default=None, repr=False)
    reason: Reason = Reason.NONE
    detail: str = field(default="", repr=False)
    finished: datetime | None = None
    draft_id: str | None = None
    same_circuit: bool = False
    furthest: Step = Step.QUEUED

    @property
    def has_it(self) -> tuple[str, ...]:
        """Recipients for whom the server took it."""
        return tuple(each.address for each in self.recipients if each.state is RecipientState.ACCEPTED)

    @property
    def may_have_it(self) -> tuple[str, ...]:
        """Recipients besides those who may have it by an attempt whose end nobody knows."""
        taken = RecipientState.ACCEPTED
        return tuple(each.address for each in self.recipients if each.in_doubt and each.state is not taken)

    @property
    def left(self) -> Left:
        """What of it has left the machine, in all attempts together."""
        if self.has_it or self.may_have_it:
            return Left.MAYBE_ALL
        return max(self.step, self.furthest).left

    @property
    def random_before(self) -> datetime | None:
        """UTC; the end of the span at a random moment of which it goes, if it waits for one."""
        waits = self.state is State.QUEUED and self.next_attempt is not None
        return datetime.fromisoformat(self.detail) if waits and self.detail else None
