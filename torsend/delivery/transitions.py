"""What can happen to an entry: looked up in the one table (`states.FOLLOWS`), then written.

Each of these is part of a transaction of its caller's and gives the entry as it is afterwards. Nobody is told here.

Raises, all of them:
    NoSuchEntry.
    NotNow: not in its present state. Nothing was written.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from torsend.delivery import rows
from torsend.delivery.entry import OutboxEntry
from torsend.delivery.later import GRACE
from torsend.delivery.outcome import Accepted, Held, Outcome, Refused, RetryLater, Unknown
from torsend.delivery.reasons import Reason
from torsend.delivery.states import FOLLOWS, WAITING, RecipientState, State, Step
from torsend.errors import UsageError
from torsend.words import t

if TYPE_CHECKING:
    from torsend.vault import Database


class NoSuchEntry(UsageError):
    """Nothing in the outbox has that id."""


class NotNow(UsageError):
    """In its present state that cannot be done to it."""


def entry(db: Database, entry_id: str) -> OutboxEntry:
    """One as it is."""
    found = rows.entry(db, entry_id)
    if found is None:
        raise NoSuchEntry(
            t("There is no such mail in the outbox."),
            advice=t("It was removed meanwhile, or accepted a while ago. See which there are."),
        )
    return found


def remove(db: Database, entry_id: str) -> None:
    """It goes, its bytes too."""
    if entry(db, entry_id).state is State.SENDING:
        raise NotNow(t("It is being sent."), advice=t("Cancel it first."))
    rows.delete(db, entry_id)


def take_out(db: Database, entry_id: str) -> None:
    """It goes, to be changed and sent anew: only where nobody has it, or may have it."""
    found = entry(db, entry_id)
    if found.state not in {State.QUEUED, State.RETRY, State.HELD, State.REFUSED}:
        raise _refusal(found.state)
    if found.has_it or found.may_have_it:
        raise NotNow(
            t("Some recipients have this mail, or may have it."), advice=t("Write a new mail to the others.")
        )
    rows.delete(db, entry_id)


def cancel(db: Database, entry_id: str) -> OutboxEntry:
    """It waits for the person."""
    _allowed(db, entry_id, State.HELD, WAITING)
    rows.update(db, entry_id, state=State.HELD, reason=Reason.CANCELLED, next_attempt=None)
    return entry(db, entry_id)


def queue_again(
    db: Database,
    entry_id: str,
    from_states: AbstractSet[State],
    recipients: AbstractSet[RecipientState],
    not_before: datetime | None,
) -> OutboxEntry:
    """It waits for its first attempt, as if it had been queued now; recipients in those states are sent to as well."""
    _allowed(db, entry_id, State.QUEUED, from_states)
    rows.move_recipients(db, entry_id, recipients, RecipientState.WAITING)
    rows.update(
        db,
        entry_id,
        state=State.QUEUED,
        step=Step.QUEUED,
        reason=Reason.NONE,
        attempts=0,
        next_attempt=not_before.timestamp() if not_before else None,
        finished=None,
        **rows.reply_columns(None, ""),
    )
    return entry(db, entry_id)


def queue_for_others(db: Database, entry_id: str) -> OutboxEntry:
    """It waits again, for those of its recipients who were not refused; the others keep the server's answer."""
    before = entry(db, entry_id)
    waiting = any(each.state is RecipientState.WAITING for each in before.recipients)
    if before.reason is not Reason.SOME_RECIPIENTS_REFUSED or not waiting:
        raise NotNow(
            t("There is nothing to decide about it."), advice=t("Retry it, or cancel it, as a whole.")
        )
    return queue_again(db, entry_id, {State.HELD}, frozenset(), None)


def count_as_sent(db: Database, entry_id: str, now: datetime) -> OutboxEntry:
    """It was in doubt, and is taken for accepted; queued for the recipients who were not in that attempt."""
    before = entry(db, entry_id)
    rest = any(each.state is RecipientState.WAITING for each in before.recipients)
    target = State.QUEUED if rest else State.ACCEPTED
    _allow(before, target, {State.UNKNOWN})
    rows.move_recipients(db, entry_id, {RecipientState.UNKNOWN}, RecipientState.ACCEPTED)
    rows.update(
        db,
        entry_id,
        state=target,
        step=Step.QUEUED if rest else before.step,
        reason=Reason.NONE if rest else Reason.COUNTED_AS_SENT,
        attempts=0,
        finished=None if rest else now.timestamp(),
    )
    return entry(db, entry_id)


def begin(db: Database, entry_id: str, now: datetime) -> OutboxEntry:
    """An attempt starts; not of one that has waited for too long and asks."""
    before = _allowed(db, entry_id, State.SENDING, WAITING)
    if before.state is State.QUEUED and before.next_attempt and before.next_attempt < now - GRACE:
        raise NotNow(t("Its time has passed."))
    rows.update(db, entry_id, state=State.SENDING, step=Step.CONNECTING, attempts=before.attempts + 1)
    return entry(db, entry_id)


def advance(db: Database, entry_id: str, step: Step, recipients: tuple[str, ...]) -> OutboxEntry:
    """An attempt gets further; with ``DOT_WRITTEN``, for those recipients."""
    before = entry(db, entry_id)
    if before.state is not State.SENDING or step <= before.step:
        raise NotNow(t("It is not being sent."))
    if step is Step.DOT_WRITTEN:
        rows.give(db, entry_id, recipients)
    rows.update(db, entry_id, step=step)
    return entry(db, entry_id)


def settle(db: Database, entry_id: str, outcome: Outcome, now: datetime) -> OutboxEntry:
    """An attempt ended so."""
    state, next_attempt, same_circuit = _target(outcome, now.timestamp())
    before = _allowed(db, entry_id, state, {State.SENDING})
    rest = RecipientState.UNKNOWN if state is State.UNKNOWN else RecipientState.WAITING
    rows.move_recipients(db, entry_id, {RecipientState.GIVEN}, rest)
    for each in outcome.recipients:
        rows.update_recipient(db, entry_id, each)
    rows.update(
        db,
        entry_id,
        state=state,
        step=outcome.step,
        furthest=max(before.furthest, outcome.step),
        reason=outcome.reason,
        next_attempt=next_attempt,
        same_circuit=int(same_circuit),
        finished=now.timestamp() if state in {State.ACCEPTED, State.REFUSED} else None,
        **rows.reply_columns(outcome.reply, outcome.detail),
    )
    return entry(db, entry_id)


def hold(db: Database, entry_id: str, reason: Reason, detail: str = "") -> OutboxEntry:
    """One that is due waits for the person instead; that it is due was asked in the same transaction."""
    rows.update(
        db, entry_id, state=State.HELD, reason=reason, next_attempt=None, **rows.reply_columns(None, detail)
    )
    return entry(db, entry_id)


def make_due(db: Database, entry_id: str) -> OutboxEntry:
    """One that waits for another try needs to wait no longer."""
    rows.update(db, entry_id, next_attempt=None)
    return entry(db, entry_id)


def break_off(db: Database, entry_id: str, before_dot: State, reason: Reason) -> OutboxEntry:
    """An attempt of which nobody will tell the end: in doubt from its last byte on, in that state before it."""
    before = entry(db, entry_id)
    if before.step >= Step.DOT_WRITTEN:
        rows.move_recipients(db, entry_id, {RecipientState.GIVEN}, RecipientState.UNKNOWN)
        before_dot, reason = State.UNKNOWN, Reason.NO_ANSWER
    # Without the reply of the attempt before: it explains nothing of this one.
    rows.update(
        db,
        entry_id,
        state=before_dot,
        reason=reason,
        furthest=max(before.furthest, before.step),
        next_attempt=None,
        **rows.reply_columns(None, ""),
    )
    return entry(db, entry_id)


def _allowed(db: Database, entry_id: str, target: State, from_states: AbstractSet[State]) -> OutboxEntry:
    before = entry(db, entry_id)
    _allow(before, target, from_states)
    return before


def _allow(before: OutboxEntry, target: State, from_states: AbstractSet[State]) -> None:
    if before.state not in from_states or target not in FOLLOWS[before.state]:
        raise _refusal(before.state)


def _target(outcome: Outcome, now: float) -> tuple[State, float | None, bool]:
    match outcome:
        case Accepted():
            return State.ACCEPTED, None, False
        case Refused():
            return State.REFUSED, None, False
        case Unknown():
            return State.UNKNOWN, None, False
        case Held():
            return State.HELD, None, False
        case RetryLater(delay=delay, same_circuit=same_circuit):
            return State.RETRY, now + delay if delay else None, same_circuit
        case _:
            assert_never(outcome)


def _refusal(state: State) -> NotNow:
    match state:
        case State.SENDING:
            return NotNow(t("It is being sent."), advice=t("Wait for its end, or cancel it first."))
        case State.ACCEPTED:
            return NotNow(
                t("It was accepted already."), advice=t("To send it once more, write it as a new mail.")
            )
        case State.UNKNOWN:
            return NotNow(
                t("It may have been sent already."),
                advice=t("Say whether to send it again or to count it as sent."),
            )
        case State.QUEUED | State.RETRY:
            return NotNow(t("It waits to be sent already."), advice=t("Cancel it first."))
        case State.HELD | State.REFUSED:
            return NotNow(t("It doesn’t wait to be sent."), advice=t("Retry it, or remove it."))
        case _:
            assert_never(state)
