"""What follows from each reason: the whole table, row by row, as a person would state it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from torsend.delivery.actions import Stage, Verdict
from torsend.delivery.outcome import Accepted, Held, Outcome, Refused, RetryLater, Unknown
from torsend.delivery.reasons import Reason
from torsend.delivery.retries import HOUR, JITTER, LONGEST_WAIT, MINUTE, OVERALL, RULES, decide

DAYS = 24 * HOUR
_BACK_OFF = (MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 2 * HOUR)
_AT_ONCE = (0.0, MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE)
_GREYLIST = (5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE, HOUR, 2 * HOUR, 2 * HOUR)


@dataclass(frozen=True)
class Row:
    """What follows.

    Attributes:
        ends: what it comes to in the end; None: it is tried for ever.
        tries: attempts until then; None: some days' worth.
        waits: the first waits, in seconds, without jitter.
        circuit: ``new`` or ``same`` where it matters for the next attempt.
        others: whether the identity's other messages are held, too.
    """

    ends: type[Outcome] | None
    tries: int | None = 1
    waits: tuple[float, ...] = ()
    circuit: str = ""
    others: bool = False


NEVER = Row(Refused)
ASKS = Row(Held)
ONE_MORE_EXIT = Row(Refused, 2, (0.0,), "new")
A_FEW_EXITS = Row(Refused, 3, (0.0, 0.0), "new")

TABLE: dict[Reason, Row] = {
    # Tor
    Reason.NO_TOR: Row(None, waits=(30.0, 30.0, 30.0)),
    Reason.NOT_TOR: ASKS,
    Reason.ISOLATION_LOST: ASKS,
    Reason.STREAM_FAILED: Row(Refused, None, _AT_ONCE, "new"),
    Reason.EXIT_POLICY: A_FEW_EXITS,
    Reason.HOST_UNREACHABLE: Row(Refused, None, _AT_ONCE, "new"),
    Reason.ONION_UNREACHABLE: Row(Refused, None, _BACK_OFF, "new"),
    Reason.ONION_KEY: NEVER,
    Reason.ONION_ADDRESS: NEVER,
    Reason.TOR_PROTOCOL: NEVER,
    # The connection: what an exit may have done is tried over another one.
    Reason.DROPPED: Row(Refused, None, _AT_ONCE, "new"),
    Reason.STALLED: Row(Refused, None, _BACK_OFF, "new"),
    Reason.PROTOCOL: Row(Refused, 10, _BACK_OFF, "new"),
    Reason.EXIT_BLOCKED: A_FEW_EXITS,
    Reason.TEMPORARY: Row(Refused, None, _BACK_OFF),
    Reason.STARTTLS_MISSING: ONE_MORE_EXIT,
    Reason.STARTTLS_INJECTED: A_FEW_EXITS,
    Reason.BAD_CERTIFICATE: ONE_MORE_EXIT,
    Reason.ONION_CERTIFICATE: Row(Held, others=True),
    Reason.CERTIFICATE_CHANGED: Row(Held, others=True),
    Reason.TLS_FAILED: ONE_MORE_EXIT,
    Reason.PLAIN_OUTSIDE_ONION: ASKS,
    Reason.PLAIN_BEFORE_TOR: ASKS,
    # Signing in: one attempt, and none for the identity's other messages, or the account is locked.
    Reason.PASSWORD_MISSING: Row(Held, others=True),
    Reason.SECRETS_LOCKED: Row(Held, others=True),
    Reason.SIGN_IN_REFUSED: Row(Refused, others=True),
    Reason.SIGN_IN_UNUSUAL: Row(Refused, others=True),
    Reason.SIGN_IN_NOT_OFFERED: NEVER,
    Reason.SIGN_IN_BROKEN: Row(Refused, others=True),
    Reason.SIGN_IN_WAITS: ASKS,
    Reason.IDENTITY_GONE: Row(Held, others=True),
    # The envelope
    Reason.ADDRESS_NOT_ASCII: NEVER,
    Reason.SENDER_REFUSED: NEVER,
    Reason.TOO_LARGE: NEVER,
    Reason.RECIPIENTS_REFUSED: NEVER,
    Reason.SOME_RECIPIENTS_REFUSED: ASKS,
    Reason.RECIPIENTS_LATER: Row(Refused, None, _GREYLIST, "same"),
    Reason.ACCEPTED_FOR_SOME: Row(Refused, None, _GREYLIST, "same"),
    # The mail
    Reason.ACCEPTED: Row(Accepted),
    Reason.REFUSED: NEVER,
    Reason.CONTENT_REFUSED: NEVER,
    Reason.NO_ANSWER: Row(Unknown),
    Reason.COUNTED_AS_SENT: Row(Accepted),
    # On this computer
    Reason.CANCELLED: ASKS,
    Reason.MISSED: ASKS,
    Reason.INTERRUPTED: Row(None, waits=_AT_ONCE[:2]),
    Reason.STORAGE: Row(None, waits=_BACK_OFF),
    Reason.FAULT: ASKS,
}


def attempts(reason: Reason, *, jitter: float = 0.0) -> list[Outcome]:
    """What follows from ending so time after time, as far as that goes."""
    outcomes: list[Outcome] = []
    before = Reason.NONE
    for count in range(1, OVERALL + 20):
        outcome = decide(
            Verdict(reason, Stage.RCPT), attempts=count, before=before, uniform=lambda low, high: low + jitter * (high - low)
        )  # fmt: skip
        outcomes.append(outcome)
        before = reason
        if not isinstance(outcome, RetryLater):
            break
    return outcomes


def test_every_reason_has_a_row() -> None:
    assert TABLE.keys() == RULES.keys() == set(Reason) - {Reason.NONE}


@pytest.mark.parametrize("reason", list(TABLE))
def test_row(reason: Reason) -> None:
    row, outcomes = TABLE[reason], attempts(reason)
    retries = [each for each in outcomes if isinstance(each, RetryLater)]
    assert tuple(each.delay for each in retries[: len(row.waits)]) == row.waits
    assert {each.new_circuit for each in retries} <= {row.circuit == "new"}
    assert {each.same_circuit for each in retries} <= {row.circuit == "same"}
    assert RULES[reason].others_wait == row.others
    if row.ends is None:
        assert len(retries) == len(outcomes)
        return
    assert isinstance(outcomes[-1], row.ends)
    if row.tries is not None:
        assert len(outcomes) == row.tries
    else:
        # RFC 5321 section 4.5.4.1: four to five days.
        assert 4 * DAYS <= sum(each.delay for each in retries) <= 6 * DAYS


@pytest.mark.parametrize("reason", [each for each, row in TABLE.items() if row.tries == 1 and row.ends])
def test_what_is_permanent_is_never_tried_again_whatever_came_before(reason: Reason) -> None:
    for before in Reason:
        for count in (1, 2, 50):
            outcome = decide(
                Verdict(reason, Stage.RCPT), attempts=count, before=before, uniform=lambda low, _: low
            )
            assert not isinstance(outcome, RetryLater)


@pytest.mark.parametrize("reason", [each for each, row in TABLE.items() if any(row.waits)])
def test_jitter_only_makes_waits_longer_and_never_too_long(reason: Reason) -> None:
    least, most = (
        [each.delay for each in attempts(reason, jitter=jitter) if isinstance(each, RetryLater)]
        for jitter in (0.0, 1.0)
    )
    for short, long in zip(least, most, strict=True):
        assert long == pytest.approx(short * (1 + JITTER))
        assert long <= LONGEST_WAIT


@pytest.mark.parametrize("reason", [Reason.RECIPIENTS_LATER, Reason.ACCEPTED_FOR_SOME])
def test_greylisting_waits_five_minutes_at_least_however_often(reason: Reason) -> None:
    assert min(each.delay for each in attempts(reason) if isinstance(each, RetryLater)) >= 5 * MINUTE
