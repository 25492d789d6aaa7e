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

from torsend.delivery import rows, transitions
from torsend.delivery.entry import OutboxEntry
from torsend.delivery.later import GRACE
from torsend.delivery.outcome import Outcome
from torsend.delivery.reasons import Reason
from torsend.delivery.retries import LONGEST_WAIT
from torsend.delivery.sentences import minute
from torsend.delivery.states import RecipientState, State, Step
from torsend.delivery.subscribers import Subscribers
from torsend.delivery.transitions import NoSuchEntry, NotNow
from torsend.errors import VaultError

if TYPE_CHECKING:
    from torsend.mail.wire import Message
    from torsend.vault import Database, Vault

log = logging.getLogger("torsend.delivery")

__all__ = ["Changed", "NoSuchEntry", "NotNow", "Outbox", "OutboxEntry", "RecipientState", "State", "Step"]


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
            return transitions.entry(db, entry_id)

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
                        rows.update(db, entry_id, state=State.QUEUED)
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
            transitions.remove(db, entry_id)
        self._subscribers.tell(Changed(entry_id, None))

    def take_out(self, entry_id: str) -> None:
        """Takes it out so that it can be changed and sent anew: only where nobody has it, or may have it.

        Raises:
            NoSuchEntry.
            NotNow: it is on its way, or some recipient has it or may have it.
        """
        with self._vault.writing() as db:
            transitions.take_out(db, entry_id)
        self._subscribers.tell(Changed(entry_id, None))

    # ---- what the person decides

    def cancel(self, entry_id: str) -> OutboxEntry:
        """Keeps a waiting message from being sent until the person asks again. For one being sent: the dispatcher's.

        Raises:
            NoSuchEntry.
            NotNow: it is not waiting.
        """
        return self._commit(lambda db: transitions.cancel(db, entry_id))

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
        return self._commit(lambda db: transitions.queue_for_others(db, entry_id))

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
        return self._ended(self._commit(lambda db: transitions.count_as_sent(db, entry_id, self._now())))

    # ---- the journal of an attempt

    def begin(self, entry_id: str) -> OutboxEntry:
        """An attempt starts.

        Raises:
            NoSuchEntry.
            NotNow: it does not wait any more, or has waited for too long and asks.
        """
        return self._commit(lambda db: transitions.begin(db, entry_id, self._now()))

    def advance(self, entry_id: str, step: Step, recipients: tuple[str, ...] = ()) -> None:
        """Writes down that an attempt is about to take a step; durable when this returns.

        Args:
            recipients: with ``DOT_WRITTEN``, those that the server took.

        Raises:
            NotNow: it is not being sent, or is that far already.
        """
        self._commit(lambda db: transitions.advance(db, entry_id, step, recipients))

    def settle(self, entry_id: str, outcome: Outcome) -> OutboxEntry:
        """Writes down how an attempt ended.

        Raises:
            NoSuchEntry.
            NotNow: it is not being sent.
        """
        now = self._now()
        return self._ended(self._commit(lambda db: transitions.settle(db, entry_id, outcome, now)))

    def hold_missed(self) -> tuple[OutboxEntry, ...]:
        """Holds what should have gone at a time that passed more than ``later.GRACE`` ago: the person is asked.

        To be called before anything due is looked for; what is missed is never due in any case.
        """
        with self._vault.reading() as db:
            if not rows.missed(db, self._bounds()):
                return ()
        held = self._commit_all(
            lambda db: [
                transitions.hold(db, entry_id, Reason.MISSED, minute(datetime.fromtimestamp(moment, UTC)))
                for entry_id, moment in rows.missed(db, self._bounds())
            ]
        )
        for _ in held:
            log.info("an entry missed its time")
        return held

    def rouse(self, reason: Reason) -> tuple[OutboxEntry, ...]:
        """Makes due at once what waits for another try for that reason, since the reason is over."""

        def waiting(db: Database) -> tuple[str, ...]:
            retrying = rows.in_state(db, State.RETRY)
            return tuple(each for each in retrying if transitions.entry(db, each).reason is reason)

        with self._vault.reading() as db:
            if not waiting(db):
                return ()
        return self._commit_all(lambda db: [transitions.make_due(db, each) for each in waiting(db)])

    def hold_others(self, identity_id: str, reason: Reason) -> tuple[OutboxEntry, ...]:
        """Holds an identity's messages whose time has come, since they would fare as another one just did."""
        return self._commit_all(
            lambda db: [
                transitions.hold(db, each, reason) for each in rows.due(db, identity_id, self._bounds())
            ]
        )

    def recover(self) -> tuple[OutboxEntry, ...]:
        """What the last end of the program left half-way; once a start, before anything is sent.

        Past the last byte it is *unknown*; before it nothing was delivered, so it is tried again. A message that had not
        wholly arrived here was never promised to anyone, and goes. What missed its time is held.
        """
        done: list[str] = []

        def left(db: Database) -> list[OutboxEntry]:
            rows.delete_arriving(db)
            done.extend(rows.accepted_with_chunks(db))
            return [
                transitions.break_off(db, each, State.RETRY, Reason.INTERRUPTED)
                for each in rows.in_state(db, State.SENDING)
            ]

        recovered = self._commit_all(left)
        for entry in recovered:
            log.info("recovered an entry as %s", entry.state.value)
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
        return self._commit_all(
            lambda db: [
                transitions.break_off(db, each, State.HELD, Reason.FAULT)
                for each in rows.in_state(db, State.SENDING, identity_id)
                if each not in but
            ]
        )

    # ---- who wants to know

    def subscribe(self, callback: Callable[[Changed], None]) -> Callable[[], None]:
        """Calls back after each committed change, on the thread that made it; gives what ends that."""
        return self._subscribers.add(callback)

    # ---- inside

    def _commit(self, transition: Callable[[Database], OutboxEntry]) -> OutboxEntry:
        """One transaction; told when it is durable."""
        with self._vault.writing() as db:
            changed = transition(db)
        return self._tell(changed)

    def _commit_all(self, transition: Callable[[Database], Iterable[OutboxEntry]]) -> tuple[OutboxEntry, ...]:
        """The same of several entries at once."""
        with self._vault.writing() as db:
            changed = tuple(transition(db))
        for entry in changed:
            self._tell(entry)
        return changed

    def _ended(self, entry: OutboxEntry) -> OutboxEntry:
        """What was accepted needs its bytes no longer."""
        if entry.state is State.ACCEPTED:
            self._forget_bytes(entry.id)
        return entry

    def _queue_again(
        self,
        entry_id: str,
        from_states: set[State],
        recipients: set[RecipientState],
        not_before: datetime | None = None,
    ) -> OutboxEntry:
        return self._commit(
            lambda db: transitions.queue_again(db, entry_id, from_states, recipients, not_before)
        )

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
