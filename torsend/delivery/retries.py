"""What follows from how an attempt ended: one table of rules, and the function that reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from torsend.delivery.actions import Stage, Verdict
from torsend.delivery.outcome import Accepted, Held, Outcome, Recipient, Refused, RetryLater, Unknown
from torsend.delivery.reasons import Reason
from torsend.delivery.states import RecipientState, State, Step

MINUTE = 60.0
HOUR = 60 * MINUTE

_BACK_OFF = (MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR)
"""After the first attempt, the second, and so on; the last one holds for all that follow."""
_AT_ONCE_THEN = (0.0, *_BACK_OFF)
_GREYLIST = (5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE, HOUR, 2 * HOUR)
"""Greylists want at least 5 minutes (RFC 6647 section 5 speaks of minutes to a day)."""

PATIENT = 60
"""Attempts: with the waits above some five days, as RFC 5321 section 4.5.4.1 asks."""

JITTER = 0.25
"""A wait is made longer by up to this share, so that nobody reads one program's clock from the repetitions."""

AT_ONCE_AT_MOST = 3
"""After so many attempts nothing is tried again at once, whatever its rule says."""

LONGEST_WAIT = 2 * HOUR * (1 + JITTER)
"""A wait that ends later than this from now was set by a clock that has since been put back."""

OVERALL = 100
"""Attempts after which reasons that alternate end too."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from a reason.

    Attributes:
        ends: where it stops: not retried at all, or retried ``tries`` times.
        tries: attempts in all that may end for this reason; 1 is never again, 0 is without end.
        waits: seconds before the next attempt, by how many there have been.
        new_circuit: renew the identity's circuit before the next one.
        same_circuit: keep it.
        others_wait: the identity's other messages would fare the same, so they are held as well.
    """

    ends: State = State.REFUSED
    tries: int = 1
    waits: tuple[float, ...] = ()
    new_circuit: bool = False
    same_circuit: bool = False
    others_wait: bool = False


_REFUSE = Rule()
_HOLD = Rule(State.HELD)
_SIGN_IN = Rule(others_wait=True)
_CANNOT_SIGN_IN = Rule(State.HELD, others_wait=True)
_ONCE_MORE = Rule(tries=2, waits=(0.0,), new_circuit=True)
"""A hostile exit is plausible; a second one that does the same is not."""
_A_FEW_EXITS = Rule(tries=3, waits=(0.0,), new_circuit=True)

RULES: dict[Reason, Rule] = {
    Reason.NO_TOR: Rule(tries=0, waits=(30.0,)),
    Reason.NOT_TOR: _HOLD,
    Reason.ISOLATION_LOST: _HOLD,
    Reason.STREAM_FAILED: Rule(tries=PATIENT, waits=_AT_ONCE_THEN, new_circuit=True),
    Reason.EXIT_POLICY: _A_FEW_EXITS,
    Reason.HOST_UNREACHABLE: Rule(tries=PATIENT, waits=_AT_ONCE_THEN, new_circuit=True),
    Reason.ONION_UNREACHABLE: Rule(tries=PATIENT, waits=_BACK_OFF, new_circuit=True),
    Reason.ONION_KEY: _REFUSE,
    Reason.ONION_ADDRESS: _REFUSE,
    Reason.TOR_PROTOCOL: _REFUSE,
    Reason.DROPPED: Rule(tries=PATIENT, waits=_AT_ONCE_THEN, new_circuit=True),
    Reason.STALLED: Rule(tries=PATIENT, waits=_BACK_OFF, new_circuit=True),
    Reason.PROTOCOL: Rule(tries=10, waits=_BACK_OFF, new_circuit=True),
    Reason.EXIT_BLOCKED: _A_FEW_EXITS,
    Reason.TEMPORARY: Rule(tries=PATIENT, waits=_BACK_OFF),
    Reason.STARTTLS_MISSING: _ONCE_MORE,
    Reason.STARTTLS_INJECTED: _A_FEW_EXITS,
    Reason.BAD_CERTIFICATE: _ONCE_MORE,
    Reason.ONION_CERTIFICATE: _CANNOT_SIGN_IN,
    Reason.CERTIFICATE_CHANGED: _CANNOT_SIGN_IN,
    Reason.TLS_FAILED: _ONCE_MORE,
    Reason.PLAIN_OUTSIDE_ONION: _HOLD,
    Reason.PLAIN_BEFORE_TOR: _HOLD,
    Reason.PASSWORD_MISSING: _CANNOT_SIGN_IN,
    Reason.SECRETS_LOCKED: _CANNOT_SIGN_IN,
    Reason.SIGN_IN_REFUSED: _SIGN_IN,
    Reason.SIGN_IN_UNUSUAL: _SIGN_IN,
    Reason.SIGN_IN_NOT_OFFERED: _REFUSE,
    Reason.SIGN_IN_BROKEN: _SIGN_IN,
    Reason.SIGN_IN_WAITS: _HOLD,
    Reason.IDENTITY_GONE: _CANNOT_SIGN_IN,
    Reason.ADDRESS_NOT_ASCII: _REFUSE,
    Reason.SENDER_REFUSED: _REFUSE,
    Reason.TOO_LARGE: _REFUSE,
    Reason.RECIPIENTS_REFUSED: _REFUSE,
    Reason.SOME_RECIPIENTS_REFUSED: _HOLD,
    Reason.RECIPIENTS_LATER: Rule(tries=PATIENT, waits=_GREYLIST, same_circuit=True),
    Reason.ACCEPTED_FOR_SOME: Rule(tries=PATIENT, waits=_GREYLIST, same_circuit=True),
    Reason.REFUSED: _REFUSE,
    Reason.CONTENT_REFUSED: _REFUSE,
    Reason.NO_ANSWER: Rule(State.UNKNOWN),
    Reason.ACCEPTED: Rule(State.ACCEPTED),
    Reason.COUNTED_AS_SENT: Rule(State.ACCEPTED),
    Reason.CANCELLED: _HOLD,
    Reason.MISSED: _HOLD,
    Reason.FAULT: _HOLD,
    Reason.INTERRUPTED: Rule(tries=0, waits=_AT_ONCE_THEN),
    Reason.STORAGE: Rule(tries=0, waits=_BACK_OFF),
}

_STEPS = {
    Stage.CONNECT: Step.CONNECTING,
    Stage.GREETING: Step.TLS,
    Stage.EHLO: Step.TLS,
    Stage.STARTTLS: Step.TLS,
    Stage.TLS: Step.TLS,
    Stage.AUTH: Step.AUTH,
    Stage.MAIL: Step.ENVELOPE,
    Stage.RCPT: Step.ENVELOPE,
    Stage.DATA: Step.ENVELOPE,
    Stage.BODY: Step.DATA_STARTED,
    Stage.DOT: Step.REPLIED,
}


def decide(
    verdict: Verdict, *, attempts: int, before: Reason, uniform: Callable[[float, float], float]
) -> Outcome:
    """What follows from a verdict.

    Args:
        attempts: how many there have been since the person last asked for it, this one counted.
        before: how the one before this ended.
        uniform: ``random.uniform``, but in tests.
    """
    reason = verdict.reason
    rule = RULES[reason]
    step = Step.DOT_WRITTEN if reason is Reason.NO_ANSWER else _STEPS[verdict.stage]
    recipients = tuple(
        Recipient(said.address, _recipient_state(reason, said.reply.code), said.reply)
        for said in verdict.recipients
    )
    facts = (reason, step, verdict.reply, verdict.detail, recipients)
    spent = rule.tries > 0 and ((before is reason and attempts >= rule.tries) or attempts >= OVERALL)
    if rule.tries != 1 and not spent:
        wait = rule.waits[min(max(attempts, 1), len(rule.waits)) - 1]
        if not wait and attempts > AT_ONCE_AT_MOST:
            wait = _BACK_OFF[0]
        delay = wait * uniform(1, 1 + JITTER)
        return RetryLater(*facts, delay, rule.new_circuit, rule.same_circuit)
    match rule.ends:
        case State.ACCEPTED:
            return Accepted(*facts)
        case State.UNKNOWN:
            return Unknown(*facts)
        case State.HELD:
            return Held(*facts)
        case State.REFUSED:
            return Refused(*facts)
        case State.QUEUED | State.SENDING | State.RETRY:
            raise ValueError("a rule ends where nothing ends")
        case _:
            assert_never(rule.ends)


def _recipient_state(reason: Reason, code: int) -> RecipientState:
    """Of one recipient, by what was said to its RCPT and how the whole ended."""
    if code >= 500 and reason in {Reason.RECIPIENTS_REFUSED, Reason.SOME_RECIPIENTS_REFUSED}:
        return RecipientState.REFUSED
    if code >= 300:
        return RecipientState.WAITING
    match reason:
        case Reason.ACCEPTED | Reason.ACCEPTED_FOR_SOME:
            return RecipientState.ACCEPTED
        case Reason.NO_ANSWER:
            return RecipientState.UNKNOWN
        case _:
            return RecipientState.WAITING
