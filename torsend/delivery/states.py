"""What a message in the outbox can be, how far an attempt got, and the one table of what may follow what."""

from __future__ import annotations

import enum

from torsend.errors import Left


class State(enum.StrEnum):
    """A message in the outbox."""

    QUEUED = "queued"
    """Waits for its first attempt."""
    SENDING = "sending"
    RETRY = "retry"
    """Waits for a further attempt."""
    HELD = "held"
    """Waits for the person."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good, unless the person changes something and asks for it again."""
    UNKNOWN = "unknown"
    """The last byte left and no answer came: the server may have it. Never sent again unasked."""


class Step(enum.StrEnum):
    """How far an attempt got, in this order. Each is written down before the first byte of what it names leaves."""

    QUEUED = "queued"
    CONNECTING = "connecting"
    """Tor is asked for a stream."""
    TLS = "tls"
    """The stream stands: greeting, EHLO, TLS."""
    AUTH = "auth"
    ENVELOPE = "envelope"
    DATA_STARTED = "data-started"
    DOT_WRITTEN = "dot-written"
    """From here on only the server knows."""
    REPLIED = "replied"
    """It answered to all of the mail."""

    @property
    def left(self) -> Left:
        """What had left the machine when an attempt ended there."""
        return _LEFT[self]

    def __ge__(self, other: str) -> bool:
        return _ORDER[self] >= _ORDER[Step(other)]

    def __gt__(self, other: str) -> bool:
        return _ORDER[self] > _ORDER[Step(other)]

    def __le__(self, other: str) -> bool:
        return _ORDER[self] <= _ORDER[Step(other)]

    def __lt__(self, other: str) -> bool:
        return _ORDER[self] < _ORDER[Step(other)]


_ORDER = {step: number for number, step in enumerate(Step)}

_LEFT = {
    Step.QUEUED: Left.NOTHING,
    Step.CONNECTING: Left.NOTHING,
    Step.TLS: Left.CONNECTION,
    Step.AUTH: Left.LOGIN,
    Step.ENVELOPE: Left.ENVELOPE,
    Step.DATA_STARTED: Left.PART,
    Step.DOT_WRITTEN: Left.MAYBE_ALL,
    Step.REPLIED: Left.MAYBE_ALL,
}


class RecipientState(enum.StrEnum):
    """One recipient of a message."""

    WAITING = "waiting"
    """To be sent to with the next attempt."""
    GIVEN = "given"
    """Of the attempt whose last byte is leaving: taken by the server in the envelope."""
    ACCEPTED = "accepted"
    """Never sent to again."""
    REFUSED = "refused"
    UNKNOWN = "unknown"


FOLLOWS: dict[State, frozenset[State]] = {
    # To itself: the person chose another time.
    State.QUEUED: frozenset({State.SENDING, State.HELD, State.QUEUED}),
    State.SENDING: frozenset({State.ACCEPTED, State.REFUSED, State.RETRY, State.UNKNOWN, State.HELD}),
    State.RETRY: frozenset({State.SENDING, State.HELD, State.QUEUED}),
    State.HELD: frozenset({State.QUEUED}),
    State.REFUSED: frozenset({State.QUEUED}),
    # Both only because the person said so; to QUEUED also for the recipients who were not in the doubtful attempt.
    State.UNKNOWN: frozenset({State.QUEUED, State.ACCEPTED}),
    State.ACCEPTED: frozenset(),
}
"""The one table of transitions. What it does not list is refused."""

WAITING = frozenset({State.QUEUED, State.RETRY})
"""What is sent by itself when its time comes."""
