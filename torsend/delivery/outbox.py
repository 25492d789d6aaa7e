"""The durable queue: what it says is what happened, and nobody is told anything that it does not say yet.

Every change is one transaction of the vault, committed (``synchronous=FULL``) before the call returns. A message's
bytes, Message-ID and Date are fixed when it is queued; each attempt sends the same bytes.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from torsend.delivery import rows
from torsend.delivery.later import GRACE
from torsend.delivery.outcome import Accepted, Held, Outcome, Refused, RetryLater, Unknown
from torsend.delivery.reasons import Reason
from torsend.delivery.retries import LONGEST_WAIT
from torsend.delivery.rows import OutboxEntry
from torsend.delivery.sentences import minute
from torsend.delivery.states import FOLLOWS, WAITING, RecipientState, State, Step
from torsend.delivery.subscribers import Subscribers
from torsend.errors import UsageError, VaultError
from torsend.words import t

if TYPE_CHECKING:
    from torsend.mail.wire import Message
    from torsend.vault import Database, Vault

log = logging.getLogger("torsend.delivery")

__all__ = ["Changed", "NoSuchEntry", "NotNow", "Outbox", "OutboxEntry", "RecipientState", "State", "Step"]


class NoSuchEntry(UsageError):
    """Nothing in the outbox has that id."""


class NotNow(UsageError):
    """In its present state that cannot be done to it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Something happened to an entry.

    Attributes:
        entry: as it is now; None if it was removed.
    """

    entry_id: str
    entry: OutboxEntry | None


def _now() -> datetime:
    return datetime.now(UTC)


class Outbox:
    """All messages that wait, are on their way, or have been. Safe from any thread; methods block on the disk."""

    def __init__(self, vault: Vault, *, now: Callable[[], datetime] = _now) -> None:
        self._vault = vault
        self._now = now
        self._subscribers: Subscribers[Changed] = Subscribers()

    # ---- what is in it

    def list(self, identity_id: str | None = None) -> tuple[OutboxEntry, ...]:
        """All, or those of one identity, in the order of queueing."""
        with self._vault.reading() as db:
            return rows.entries(db, identity_id)

    def in_turn(self, ids: Iterable[str]) -> tuple[OutboxEntry, ...]:
        """Those of them that exist, in the order of queueing; what else is in the outbox costs nothing."""
        with self._vault.reading() as db:
            return rows.in_turn(db, ids)

    def get(self, entry_id: str) -> OutboxEntry:
        """One of them.

        Raises:
            NoSuchEntry.
        """
        with self._vault.reading() as db:
            return self._entry(db, entry_id)

    def chunks(self, entry_id: str) -> Iterator[bytes]:
        """The message's bytes in pieces of at most 64 KiB; one piece in memory, no transaction held in between."""
        ordinal = 0
        while True:
            with self._vault.reading() as db:
                chunk = rows.chunk(db, entry_id, ordinal)
            if chunk is None:
                return
            yield chunk
            ordinal += 1

    def due_identities(self) -> tuple[str, ...]:
        """Identities that have a message whose time has come."""
        with self._vault.reading() as db:
            return rows.due_identities(db, self._bounds())

    def due(self, identity_id: str) -> tuple[str, ...]:
        """The ids of that identity's messages whose time has come, the one queued first in front."""
        with self._vault.reading() as db:
            return rows.due(db, identity_id, self._bounds())

    def next_due(self, identity_id: str) -> str | None:
        """The first of them."""
        with self._vault.reading() as db:
            return next(iter(rows.due(db, identity_id, self._bounds(), at_most=1)), None)

    def seconds_to_next(self) -> float | None:
        """Until the next message that waits for its time is due; None if none waits so."""
        with self._vault.reading() as db:
            now = self._now().timestamp()
            following = rows.next_time(db, now)
        return None if following is None else max(0.0, following - now)

    # ---- in and out

    def queue(
        self,
        message: Message,
        identity_id: str,
        draft_id: str | None = None,
        not_before: datetime | None = None,
        random_before: datetime | None = None,
    ) -> OutboxEntry:
        """Takes a message; when this returns it survives a power cut, when it raises it was never there.

        Args:
            random_before: the end of the span that ``not_before`` was drawn from, if it was; UTC.

        Raises:
            NotSendable: a file changed while it was read.
            VaultError: disk full and the like.
            ValueError: the bytes are not what ``Message`` promises: a fault of ours, caught before it can do harm.
        """
        entry_id = secrets.token_hex(16)
        row = rows.NewRow(
            entry_id,
            identity_id,
            self._now().timestamp(),
            message,
            not_before.timestamp() if not_before else None,
            draft_id,
            random_before,
        )
        batches = rows.batches(message)
        try:
            first = next(batches)
            second = next(batches, None)
            with self._vault.writing() as db:
                rows.insert(db, row, State.QUEUED if second is None else rows.ARRIVING)
                rows.insert_chunks(db, entry_id, first)
            while second is not None:
                batch, second = second, next(batches, None)
                with self._vault.writing() as db:
                    rows.insert_chunks(db, entry_id, batch)
                    if second is None:
                        rows.set_state(db, entry_id, State.QUEUED)
        except BaseException:
            # What is left over is not in any list, and swept away at the next start at the latest.
            with contextlib.suppress(Exception), self._vault.writing() as db:
                rows.delete(db, entry_id)
            raise
        return self._tell(self.get(entry_id))

    def remove(self, entry_id: str) -> None:
        """Takes it out for good, its bytes too.

        Raises:
            NoSuchEntry.
            NotNow: it is being sent.
        """
        with self._vault.writing() as db:
            if self._entry(db, entry_id).state is State.SENDING:
                raise NotNow(t("It is being sent."), advice=t("Cancel it first."))
            rows.delete(db, entry_id)
        self._subscribers.tell(Changed(entry_id, None))

    def take_out(self, entry_id: str) -> None:
        """Takes it out so that it can be changed and sent anew: only where nobody has it, or may have it.

        Raises:
            NoSuchEntry.
            NotNow: it is on its way, or some recipient has it or may have it.
        """
        with self._vault.writing() as db:
            entry = self._entry(db, entry_id)
            if entry.state not in {State.QUEUED, State.RETRY, State.HELD, State.REFUSED}:
                raise _not_now(entry.state)
            if entry.has_it or entry.may_have_it:
                raise NotNow(
                    t("Some recipients have this mail, or may have it."),
                    advice=t("Write a new mail to the others."),
                )
            rows.delete(db, entry_id)
        self._subscribers.tell(Changed(entry_id, None))

    # ---- what the person decides

    def cancel(self, entry_id: str) -> OutboxEntry:
        """Keeps a waiting message from being sent until the person asks again. For one being sent: the dispatcher's.

        Raises:
            NoSuchEntry.
            NotNow: it is not waiting.
        """
        return self._change(
            entry_id, State.HELD, from_states=WAITING, reason=Reason.CANCELLED, next_attempt=None
        )

    def retry(self, entry_id: str, not_before: datetime | None = None) -> OutboxEntry:
        """Sends it to all who have not got it, also those who were refused: as soon as may be, or at another time.

        Raises:
            NoSuchEntry.
            NotNow: it is on its way, was accepted, or may have been (``send_again``).
        """
        states = {State.QUEUED, State.RETRY, State.HELD, State.REFUSED}
        return self._queue_again(entry_id, states, {RecipientState.REFUSED}, not_before)

    def decide_partial(self, entry_id: str) -> OutboxEntry:
        """Sends it to the others, after some recipients were refused; those keep the server's answer.

        Raises:
            NoSuchEntry.
            NotNow: nobody asked, or no recipient is left.
        """
        entry = self.get(entry_id)
        waiting = any(each.state is RecipientState.WAITING for each in entry.recipients)
        if entry.reason is not Reason.SOME_RECIPIENTS_REFUSED or not waiting:
            raise NotNow(
                t("There is nothing to decide about it."), advice=t("Retry it, or cancel it, as a whole.")
            )
        return self._queue_again(entry_id, {State.HELD}, set())

    def send_again(self, entry_id: str) -> OutboxEntry:
        """Sends a message that may have been accepted once more, with the same Message-ID. Only when the person says so.

        Raises:
            NoSuchEntry.
            NotNow: it is not in doubt.
        """
        return self._queue_again(entry_id, {State.UNKNOWN}, {RecipientState.UNKNOWN})

    def count_as_sent(self, entry_id: str) -> OutboxEntry:
        """The person knows, or decides, that it arrived. Recipients who were not in that attempt are still sent to.

        Raises:
            NoSuchEntry.
            NotNow: it is not in doubt.
        """
        with self._vault.writing() as db:
            entry = self._entry(db, entry_id)
            rest = any(each.state is RecipientState.WAITING for each in entry.recipients)
            target = State.QUEUED if rest else State.ACCEPTED
            self._allow(entry, target, {State.UNKNOWN})
            rows.move_recipients(db, entry_id, {RecipientState.UNKNOWN}, RecipientState.ACCEPTED)
            rows.update(
                db,
                entry_id,
                state=target,
                step=Step.QUEUED if rest else entry.step,
                reason=Reason.NONE if rest else Reason.COUNTED_AS_SENT,
                attempts=0,
                finished=None if rest else self._now().timestamp(),
            )
            changed = self._entry(db, entry_id)
        self._tell(changed)
        if target is State.ACCEPTED:
            self._forget_bytes(entry_id)
        return changed

    # ---- the journal of an attempt

    def begin(self, entry_id: str) -> OutboxEntry:
        """An attempt starts.

        Raises:
            NoSuchEntry.
            NotNow: it does not wait any more, or has waited for too long and asks.
        """
        with self._vault.writing() as db:
            entry = self._entry(db, entry_id)
            self._allow(entry, State.SENDING, WAITING)
            if (
                entry.state is State.QUEUED
                and entry.next_attempt
                and entry.next_attempt < self._now() - GRACE
            ):
                raise NotNow(t("Its time has passed."))
            rows.update(db, entry_id, state=State.SENDING, step=Step.CONNECTING, attempts=entry.attempts + 1)
            changed = self._entry(db, entry_id)
        return self._tell(changed)

    def advance(self, entry_id: str, step: Step, recipients: tuple[str, ...] = ()) -> None:
        """Writes down that an attempt is about to take a step; durable when this returns.

        Args:
            recipients: with ``DOT_WRITTEN``, those that the server took.

        Raises:
            NotNow: it is not being sent, or is that far already.
        """
        with self._vault.writing() as db:
            entry = self._entry(db, entry_id)
            if entry.state is not State.SENDING or step <= entry.step:
                raise NotNow(t("It is not being sent."))
            if step is Step.DOT_WRITTEN:
                rows.give(db, entry_id, recipients)
            rows.update(db, entry_id, step=step)
            changed = self._entry(db, entry_id)
        self._subscribers.tell(Changed(entry_id, changed))

    def settle(self, entry_id: str, outcome: Outcome) -> OutboxEntry:
        """Writes down how an attempt ended.

        Raises:
            NoSuchEntry.
            NotNow: it is not being sent.
        """
        now = self._now().timestamp()
        state, next_attempt, same_circuit = _target(outcome, now)
        with self._vault.writing() as db:
            before = self._entry(db, entry_id)
            self._allow(before, state, {State.SENDING})
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
                finished=now if state in {State.ACCEPTED, State.REFUSED} else None,
                **rows.reply_columns(outcome.reply, outcome.detail),
            )
            changed = self._entry(db, entry_id)
        self._tell(changed)
        if state is State.ACCEPTED:
            self._forget_bytes(entry_id)
        return changed

    def hold_missed(self) -> tuple[OutboxEntry, ...]:
        """Holds what should have gone at a time that passed more than ``later.GRACE`` ago: the person is asked.

        To be called before anything due is looked for; what is missed is never due in any case.
        """
        with self._vault.reading() as db:
            if not rows.missed(db, self._bounds()):
                return ()
        with self._vault.writing() as db:
            found = rows.missed(db, self._bounds())
            for entry_id, moment in found:
                rows.update(
                    db,
                    entry_id,
                    state=State.HELD,
                    reason=Reason.MISSED,
                    next_attempt=None,
                    **rows.reply_columns(None, minute(datetime.fromtimestamp(moment, UTC))),
                )
            entries = tuple(self._entry(db, entry_id) for entry_id, _ in found)
        for entry in entries:
            log.info("an entry missed its time")
            self._tell(entry)
        return entries

    def rouse(self, reason: Reason) -> tuple[OutboxEntry, ...]:
        """Makes due at once what waits for another try for that reason, since the reason is over."""
        with self._vault.reading() as db:
            if not any(self._entry(db, each).reason is reason for each in rows.in_state(db, State.RETRY)):
                return ()
        with self._vault.writing() as db:
            roused = [
                each for each in rows.in_state(db, State.RETRY) if self._entry(db, each).reason is reason
            ]
            for entry_id in roused:
                rows.update(db, entry_id, next_attempt=None)
            entries = tuple(self._entry(db, entry_id) for entry_id in roused)
        for entry in entries:
            self._tell(entry)
        return entries

    def hold_others(self, identity_id: str, reason: Reason) -> tuple[OutboxEntry, ...]:
        """Holds an identity's messages whose time has come, since they would fare as another one just did."""
        with self._vault.writing() as db:
            held = rows.due(db, identity_id, self._bounds())
            for entry_id in held:
                rows.update(
                    db,
                    entry_id,
                    state=State.HELD,
                    reason=reason,
                    next_attempt=None,
                    **rows.reply_columns(None, ""),
                )
            entries = tuple(self._entry(db, entry_id) for entry_id in held)
        for entry in entries:
            self._tell(entry)
        return entries

    def recover(self) -> tuple[OutboxEntry, ...]:
        """What the last end of the program left half-way; once a start, before anything is sent.

        Past the last byte it is *unknown*; before it nothing was delivered, so it is tried again. A message that had not
        wholly arrived here was never promised to anyone, and goes. What missed its time is held.
        """
        with self._vault.writing() as db:
            rows.delete_arriving(db)
            done = rows.accepted_with_chunks(db)
            found = rows.in_state(db, State.SENDING)
            recovered = tuple(self._left_halfway(db, each, State.RETRY, Reason.INTERRUPTED) for each in found)
        for entry in recovered:
            log.info("recovered an entry as %s", entry.state.value)
            self._tell(entry)
        for entry_id in done:
            self._forget_bytes(entry_id)
        self.hold_missed()
        return recovered

    def abandon(self, identity_id: str, but: Container[str] = ()) -> tuple[OutboxEntry, ...]:
        """What an identity's lane left half-way because of a fault of ours: as ``recover``, but the rest is held, since
        the same fault would meet it again.

        Args:
            but: those whose outcome is known and only waits to be written down.
        """
        with self._vault.writing() as db:
            found = [each for each in rows.in_state(db, State.SENDING, identity_id) if each not in but]
            entries = tuple(self._left_halfway(db, each, State.HELD, Reason.FAULT) for each in found)
        for entry in entries:
            self._tell(entry)
        return entries

    # ---- who wants to know

    def subscribe(self, callback: Callable[[Changed], None]) -> Callable[[], None]:
        """Calls back after each committed change, on the thread that made it; gives what ends that."""
        return self._subscribers.add(callback)

    # ---- inside

    def _left_halfway(self, db: Database, entry_id: str, before_dot: State, reason: Reason) -> OutboxEntry:
        entry = self._entry(db, entry_id)
        if entry.step >= Step.DOT_WRITTEN:
            rows.move_recipients(db, entry_id, {RecipientState.GIVEN}, RecipientState.UNKNOWN)
            before_dot, reason = State.UNKNOWN, Reason.NO_ANSWER
        # Without the reply of the attempt before: it explains nothing of this one.
        rows.update(
            db,
            entry_id,
            state=before_dot,
            reason=reason,
            furthest=max(entry.furthest, entry.step),
            next_attempt=None,
            **rows.reply_columns(None, ""),
        )
        return self._entry(db, entry_id)

    def _entry(self, db: Database, entry_id: str) -> OutboxEntry:
        entry = rows.entry(db, entry_id)
        if entry is None:
            raise NoSuchEntry(
                t("There is no such mail in the outbox."),
                advice=t("It was removed meanwhile, or accepted a while ago. See which there are."),
            )
        return entry

    def _allow(self, entry: OutboxEntry, target: State, from_states: set[State] | frozenset[State]) -> None:
        if entry.state not in from_states or target not in FOLLOWS[entry.state]:
            raise _not_now(entry.state)

    def _change(
        self, entry_id: str, target: State, *, from_states: frozenset[State], **columns: rows.Value
    ) -> OutboxEntry:
        with self._vault.writing() as db:
            self._allow(self._entry(db, entry_id), target, from_states)
            rows.update(db, entry_id, state=target, **columns)
            changed = self._entry(db, entry_id)
        return self._tell(changed)

    def _queue_again(
        self,
        entry_id: str,
        from_states: set[State],
        recipients: set[RecipientState],
        not_before: datetime | None = None,
    ) -> OutboxEntry:
        with self._vault.writing() as db:
            self._allow(self._entry(db, entry_id), State.QUEUED, from_states)
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
            changed = self._entry(db, entry_id)
        return self._tell(changed)

    def _bounds(self) -> rows.Bounds:
        now = self._now().timestamp()
        return rows.Bounds(now - GRACE.total_seconds(), now, now + LONGEST_WAIT)

    def _forget_bytes(self, entry_id: str) -> None:
        """Of a message that was accepted. A full disk must not make a failure of that: the next start does it."""
        try:
            more = True
            while more:
                with self._vault.writing() as db:
                    more = rows.delete_chunks(db, entry_id)
        except VaultError as failure:
            log.warning("an accepted message's bytes could not be removed: %s", failure.log_safe)

    def _tell(self, entry: OutboxEntry) -> OutboxEntry:
        self._subscribers.tell(Changed(entry.id, entry))
        return entry


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


def _not_now(state: State) -> NotNow:
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
