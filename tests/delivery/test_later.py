"""Sending later: a time is kept through restarts, and one that was missed asks."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.delivery.clock import NOON, Clock
from tests.delivery.conftest import PostOffice
from tests.delivery.parts import IMPATIENT, message
from torsend.delivery.later import GRACE, LONGEST, NOW, At, BadTime, Within
from torsend.delivery.outbox import Changed, NotNow, Outbox
from torsend.delivery.reasons import Reason
from torsend.delivery.sentences import explain
from torsend.delivery.states import State
from torsend.vault import RawKey, Vault

HOUR = timedelta(hours=1)
KEY = RawKey(bytes(32))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(vault: Vault, clock: Clock) -> Outbox:
    return Outbox(vault, now=clock)


# ---- the choice


def test_now_waits_for_nothing() -> None:
    assert NOW.moment(NOON) is None


@given(st.timedeltas(timedelta(seconds=1), LONGEST), st.floats(0, 1))
def test_moment_within_a_span_lies_in_it(span: timedelta, share: float) -> None:
    moment = Within(span).moment(NOON, lambda low, high: low + share * (high - low))
    assert NOON <= moment <= NOON + span
    assert moment.tzinfo is UTC


def test_moments_within_a_span_differ() -> None:
    assert len({Within(HOUR).moment(NOON) for _ in range(20)}) > 10


def test_time_with_another_zone_is_the_same_moment() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    assert At((NOON + HOUR).astimezone(zone)).moment(NOON) == NOON + HOUR


@pytest.mark.parametrize("span", [timedelta(0), -HOUR, LONGEST + HOUR])
def test_span_that_makes_no_sense_is_said_in_words(span: timedelta) -> None:
    with pytest.raises(BadTime) as told:
        Within(span)
    assert told.value.advice


@pytest.mark.parametrize("time", [NOON, NOON - HOUR, NOON + LONGEST + HOUR])
def test_time_that_makes_no_sense_is_said_in_words(time: datetime) -> None:
    with pytest.raises(BadTime) as told:
        At(time).moment(NOON)
    assert told.value.advice


def test_time_without_a_zone_is_no_time() -> None:
    with pytest.raises(ValueError, match="zone"):
        At(datetime(2026, 3, 1))  # noqa: DTZ001


# ---- waiting, and missing


def test_time_survives_a_restart_and_the_message_goes_then(tmp_path: Path, clock: Clock) -> None:
    with Vault.create(tmp_path / "vault", KEY) as vault:
        queued = Outbox(vault, now=clock).queue(message(), "wren", not_before=NOON + 3 * HOUR)
    clock.move(hours=2, minutes=59)
    with Vault.open(tmp_path / "vault", KEY) as vault:
        outbox = Outbox(vault, now=clock)
        assert outbox.recover() == ()
        assert outbox.get(queued.id) == queued
        assert outbox.due("wren") == ()
        assert outbox.seconds_to_next() == 60
        clock.move(minutes=1)
        assert outbox.due("wren") == (queued.id,)


@pytest.mark.parametrize("late", [timedelta(0), GRACE])
def test_a_little_late_is_not_missed(outbox: Outbox, clock: Clock, late: timedelta) -> None:
    entry = outbox.queue(message(), "wren", not_before=NOON + HOUR)
    clock.now = NOON + HOUR + late
    assert outbox.hold_missed() == ()
    assert outbox.due("wren") == (entry.id,)
    assert outbox.begin(entry.id).state is State.SENDING


def test_missed_time_asks_at_the_next_start_and_does_not_fire(tmp_path: Path, clock: Clock) -> None:
    with Vault.create(tmp_path / "vault", KEY) as vault:
        queued = Outbox(vault, now=clock).queue(message(), "wren", not_before=NOON + HOUR)
    clock.move(days=2)
    with Vault.open(tmp_path / "vault", KEY) as vault:
        outbox = Outbox(vault, now=clock)
        # Before anyone has looked for what was missed it is not due either.
        assert outbox.due("wren") == outbox.due_identities() == ()
        with pytest.raises(NotNow):
            outbox.begin(queued.id)
        outbox.recover()
        entry = outbox.get(queued.id)
        assert (entry.state, entry.reason, entry.next_attempt) == (State.HELD, Reason.MISSED, None)
        assert explain(entry, "rowanmail").sentences == (
            "Its time, 2026-03-01 13:00 UTC, passed while torsend couldn’t send it. Nothing left this computer. "
            "Send it now, or choose another time."
        )
        clock.move(days=-2)
        assert outbox.due("wren") == ()


def test_person_sends_a_missed_message_now_or_at_another_time(outbox: Outbox, clock: Clock) -> None:
    first, second = (outbox.queue(message(), "wren", not_before=NOON + HOUR) for _ in range(2))
    clock.move(days=1)
    assert {entry.id for entry in outbox.hold_missed()} == {first.id, second.id}
    outbox.retry(first.id)
    later = outbox.retry(second.id, clock.now + HOUR)
    assert (later.state, later.reason, later.next_attempt) == (State.QUEUED, Reason.NONE, clock.now + HOUR)
    assert outbox.due("wren") == (first.id,)
    clock.move(hours=1)
    assert outbox.due("wren") == (first.id, second.id)


def test_what_waits_for_its_time_says_so_and_can_go_now_or_be_cancelled(outbox: Outbox) -> None:
    entry = outbox.queue(message(), "wren", not_before=NOON + HOUR)
    assert explain(entry, "rowanmail").what == "Waits for its time, 2026-03-01 13:00 UTC."
    assert outbox.retry(entry.id).next_attempt is None
    assert outbox.due("wren") == (entry.id,)
    assert outbox.retry(entry.id, NOON + HOUR).next_attempt == NOON + HOUR
    assert outbox.cancel(entry.id).reason is Reason.CANCELLED
    assert outbox.hold_missed() == ()


def test_back_off_that_ended_while_the_computer_slept_is_not_a_missed_time(
    office: PostOffice, vault: Vault, clock: Clock
) -> None:
    office.outbox = Outbox(vault, now=clock)
    wren = office.serve()
    office.proxy.refusals = [0x03]
    entry = office.outbox.queue(message(), wren.id, not_before=clock.now)
    office.dispatcher().run_once()
    assert office.outbox.get(entry.id).state is State.RETRY
    clock.move(days=1)
    office.dispatcher().run_once()
    assert office.outbox.get(entry.id).state is State.ACCEPTED


class Told:
    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._changed = threading.Condition()
        outbox.subscribe(self._tell)

    def _tell(self, _: Changed) -> None:
        with self._changed:
            self._changed.notify_all()

    def until(self, entry_id: str, state: State) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._outbox.get(entry_id).state is state, 20)


def test_computer_that_slept_through_the_time_asks_when_it_wakes(
    office: PostOffice, vault: Vault, clock: Clock
) -> None:
    office.outbox = Outbox(vault, now=clock)
    wren = office.serve()
    missed = office.outbox.queue(message(), wren.id, not_before=NOON + HOUR)
    ahead = office.outbox.queue(message(), wren.id, not_before=NOON + 9 * HOUR)
    told = Told(office.outbox)
    dispatcher = office.dispatcher(IMPATIENT)
    dispatcher.start()
    # Asleep: the wall clock goes on, the monotonic one does not. It looks again within a minute; here, at once.
    clock.move(hours=8)
    dispatcher.poke()
    told.until(missed.id, State.HELD)
    assert office.outbox.get(missed.id).reason is Reason.MISSED
    assert office.outbox.get(ahead.id).state is State.QUEUED
    clock.move(hours=1)
    dispatcher.poke()
    told.until(ahead.id, State.ACCEPTED)
    assert len(office.server.mails) == 1


def test_named_on_the_command_line_a_missed_message_does_not_fire_either(
    office: PostOffice, vault: Vault, clock: Clock
) -> None:
    office.outbox = Outbox(vault, now=clock)
    wren = office.serve()
    entry = office.outbox.queue(message(), wren.id, not_before=NOON + HOUR)
    clock.move(days=1)
    [held] = office.dispatcher().run_once([entry.id])
    assert held.reason is Reason.MISSED
    assert office.server.seen == []


def test_clock_set_back_keeps_a_message_waiting_and_loses_nothing(outbox: Outbox, clock: Clock) -> None:
    entry = outbox.queue(message(), "wren", not_before=NOON + HOUR)
    clock.move(days=-400)
    assert outbox.hold_missed() == ()
    assert outbox.due("wren") == ()
    clock.now = NOON + HOUR
    assert outbox.due("wren") == (entry.id,)


# ---- at random


def test_span_ends_its_length_from_now_and_the_others_have_none() -> None:
    assert Within(HOUR).end(NOON) == NOON + HOUR
    assert NOW.end(NOON) is At(NOON + HOUR).end(NOON) is None


def test_end_of_the_span_is_kept_while_it_waits_and_gone_when_it_goes(tmp_path: Path, clock: Clock) -> None:
    end = NOON + 4 * HOUR
    with Vault.create(tmp_path / "vault", KEY) as vault:
        queued = Outbox(vault, now=clock).queue(message(), "wren", not_before=NOON + HOUR, random_before=end)
    with Vault.open(tmp_path / "vault", KEY) as vault:
        outbox = Outbox(vault, now=clock)
        assert outbox.get(queued.id).random_before == end
        assert (
            explain(queued, "rowanmail").what == "Goes out some time before 2026-03-01 16:00 UTC, at random."
        )
        assert outbox.cancel(queued.id).random_before is None
        assert outbox.retry(queued.id).random_before is None
        assert outbox.retry(queued.id, NOON + HOUR).random_before is None


def test_what_is_held_with_others_does_not_keep_the_end_of_its_span_as_a_detail(
    outbox: Outbox, clock: Clock
) -> None:
    outbox.queue(message(), "wren", not_before=NOON + HOUR, random_before=NOON + 2 * HOUR)
    clock.move(hours=1)
    (held,) = outbox.hold_others("wren", Reason.EXIT_POLICY)
    assert held.detail == ""
    assert explain(held, "rowanmail").what
