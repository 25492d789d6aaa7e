"""The tables are whole, and say what they should."""

from __future__ import annotations

import dataclasses
import random
from datetime import UTC, datetime

import pytest

from torsend.delivery.actions import Stage, Verdict
from torsend.delivery.entry import OutboxEntry
from torsend.delivery.limits import Limits
from torsend.delivery.outcome import Held, Refused, RetryLater, Unknown
from torsend.delivery.reasons import Reason
from torsend.delivery.retries import AT_ONCE_AT_MOST, JITTER, LONGEST_WAIT, OVERALL, RULES, decide
from torsend.delivery.sentences import WORDS, amount, explain
from torsend.delivery.states import FOLLOWS, State, Step

NEVER_LOOPS = [
    Reason.SIGN_IN_REFUSED,
    Reason.SIGN_IN_UNUSUAL,
    Reason.SIGN_IN_BROKEN,
    Reason.SIGN_IN_NOT_OFFERED,
    Reason.SENDER_REFUSED,
    Reason.RECIPIENTS_REFUSED,
    Reason.CONTENT_REFUSED,
    Reason.TOO_LARGE,
    Reason.NO_ANSWER,
]


def after(reason: Reason, attempts: int = 1, before: Reason = Reason.NONE) -> object:
    return decide(
        Verdict(reason, Stage.RCPT), attempts=attempts, before=before, uniform=random.Random(1).uniform
    )


def test_every_reason_has_a_rule_and_words() -> None:
    assert set(RULES) == set(Reason) - {Reason.NONE}
    assert set(WORDS) == set(Reason)


@pytest.mark.parametrize("reason", NEVER_LOOPS)
def test_what_is_permanent_is_never_tried_again(reason: Reason) -> None:
    assert isinstance(after(reason), Unknown if reason is Reason.NO_ANSWER else Refused)


@pytest.mark.parametrize("reason", [reason for reason, rule in RULES.items() if rule.tries != 1])
def test_waits_grow_have_jitter_and_end(reason: Reason) -> None:
    rule = RULES[reason]
    delays = []
    before = Reason.NONE
    for attempts in range(1, OVERALL + 2):
        outcome = after(reason, attempts, before)
        if not isinstance(outcome, RetryLater):
            break
        delays.append(outcome.delay)
        before = reason
    assert len(delays) == (OVERALL + 1 if rule.tries == 0 else rule.tries - 1)
    assert max(delays) <= LONGEST_WAIT
    # The jitter never makes a wait shorter than the table has it.
    for attempts, delay in enumerate(delays, 1):
        listed = rule.waits[min(attempts, len(rule.waits)) - 1]
        assert listed <= delay <= max(listed * (1 + JITTER), 75)
        assert delay > 0 or attempts <= AT_ONCE_AT_MOST


def test_bad_certificate_gets_one_more_circuit_and_no_more() -> None:
    first = after(Reason.BAD_CERTIFICATE)
    assert isinstance(first, RetryLater)
    assert (first.delay, first.new_circuit) == (0, True)
    assert isinstance(after(Reason.BAD_CERTIFICATE, 2, Reason.BAD_CERTIFICATE), Refused)
    assert isinstance(after(Reason.BAD_CERTIFICATE, 9, Reason.RECIPIENTS_LATER), RetryLater)


def test_greylisting_waits_five_minutes_at_least_on_the_same_circuit() -> None:
    outcome = after(Reason.RECIPIENTS_LATER)
    assert isinstance(outcome, RetryLater)
    assert outcome.delay >= 300
    assert (outcome.new_circuit, outcome.same_circuit) == (False, True)


def test_reasons_that_alternate_end_too() -> None:
    assert isinstance(after(Reason.DROPPED, OVERALL, Reason.TEMPORARY), Refused)


def test_what_the_person_must_decide_is_held() -> None:
    assert isinstance(after(Reason.SOME_RECIPIENTS_REFUSED), Held)
    assert isinstance(after(Reason.PASSWORD_MISSING), Held)


def test_every_state_has_a_row_and_accepted_is_the_end() -> None:
    assert set(FOLLOWS) == set(State)
    assert not FOLLOWS[State.ACCEPTED]
    assert State.RETRY not in FOLLOWS[State.UNKNOWN]
    assert State.SENDING not in FOLLOWS[State.UNKNOWN]


def test_steps_are_in_order() -> None:
    assert list(Step) == sorted(Step)
    assert max(Step) is Step.REPLIED


def test_patience_caps_every_stage() -> None:
    capped = Limits().capped(7)
    assert all(capped.of(stage, recipients=500) <= 7 + capped.each_recipient * 499 for stage in Stage)
    assert {capped.of(stage) for stage in Stage} == {7}
    assert capped.of_body(10**9) == 7
    assert Limits().capped(10**6) == dataclasses.replace(Limits(), body_longest=10**6)


def entry(
    reason: Reason, state: State = State.REFUSED, step: Step = Step.TLS, detail: str = ""
) -> OutboxEntry:
    return OutboxEntry(
        "1",
        "2",
        datetime.now(UTC),
        state,
        step,
        "a@x",
        "<1@x>",
        "s",
        31_000_000,
        (),
        reason=reason,
        detail=detail,
    )


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("state", [State.REFUSED, State.RETRY, State.HELD])
def test_words_of_every_reason_are_filled_in(reason: Reason, state: State) -> None:
    explained = explain(entry(reason, state), "rowanmail")
    assert "{" not in explained.sentences
    assert not any(word in explained.sentences.lower() for word in ("anonymous", "secure", "guaranteed"))


def test_limit_is_told_in_megabytes() -> None:
    words = explain(entry(Reason.TOO_LARGE, detail="25000000"), "rowanmail")
    assert words.what == "rowanmail takes up to 25 MB; this is 31 MB."


def test_tor_tells_its_own_reason() -> None:
    words = explain(entry(Reason.ONION_KEY, step=Step.CONNECTING, detail="0xf4"), "rowanmail")
    assert words.sentences == (
        "The onion service wants a client key, and Tor has none. Nothing left this computer. "
        "Set the key with the identity, or in that Tor’s own settings."
    )


def test_broken_circuit_says_that_another_is_tried() -> None:
    words = explain(entry(Reason.DROPPED, State.RETRY), "rowanmail")
    assert words.sentences == (
        "The circuit broke. The server saw a connection through Tor. No mail, no password was sent. Trying another."
    )


@pytest.mark.parametrize(
    ("size", "shown"), [(1, "1 KB"), (1499, "1 KB"), (3_100_000, "3.1 MB"), (25_000_000, "25 MB")]
)
def test_amounts(size: int, shown: str) -> None:
    assert amount(size) == shown
