"""Who sends when: one thread that waits for due work and for Tor, one lane a sender for as long as it has work.

Lanes run side by side and never wait for each other; within a lane messages go one after the other, in their order.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from torsend.delivery import tls
from torsend.delivery.actions import Stage, Verdict
from torsend.delivery.lane import Attempt, Prepare, Progress, SendPhase, Way, nothing
from torsend.delivery.limits import Limits
from torsend.delivery.outbox import Changed, NoSuchEntry, NotNow
from torsend.delivery.outcome import Accepted, Held, Outcome, RetryLater
from torsend.delivery.reasons import Reason
from torsend.delivery.retries import RULES, decide
from torsend.delivery.states import WAITING, State
from torsend.delivery.subscribers import Subscribers
from torsend.errors import ExitStatus, StorageError, TorsendError, VaultError
from torsend.tor.status import Phase

if TYPE_CHECKING:
    import ssl

    from torsend.delivery.actions import Heard
    from torsend.delivery.answers import AnswerBook
    from torsend.delivery.exit_refusals import ExitRefusals
    from torsend.delivery.outbox import Outbox, OutboxEntry
    from torsend.delivery.reply import Reply
    from torsend.identity.identity import Identity
    from torsend.tor.status import TorStatus

log = logging.getLogger("torsend.delivery")

LOOK_UP_AT_LEAST = 60.0
"""Seconds. A sleeping computer's monotonic clock stands still: what became due meanwhile is found within this."""

REST = 30.0
"""Seconds that a lane rests after the vault failed it: a full disk is not filled less by asking again at once."""

_RANDOM = random.SystemRandom()

_STATUS = {
    State.ACCEPTED: ExitStatus.OK,
    State.QUEUED: ExitStatus.STILL_QUEUED,
    State.SENDING: ExitStatus.STILL_QUEUED,
    State.RETRY: ExitStatus.STILL_QUEUED,
    State.HELD: ExitStatus.STILL_QUEUED,
    State.UNKNOWN: ExitStatus.UNKNOWN,
    State.REFUSED: ExitStatus.REFUSED,
}


def status_of(entries: Iterable[OutboxEntry]) -> ExitStatus:
    """What the command line ends with: the worst of them; accepted, still queued, unknown, refused for good."""
    return max((_STATUS[entry.state] for entry in entries), default=ExitStatus.OK)


class TorWay(Way, Protocol):
    """A way whose readiness can be waited for."""

    @property
    def status(self) -> TorStatus:
        """As it is now."""

    def subscribe(self, callback: Callable[[TorStatus], None], /) -> Callable[[], None]:
        """Calls back at each change; gives what ends that."""

    def wait_ready(self, deadline_seconds: float) -> TorStatus:
        """Waits until Tor is ready. Raises ``TorUnavailable``."""


class Dispatcher:
    """Works the outbox off. ``start`` for as long as the program runs, or ``run_once``; ``stop`` in any case."""

    def __init__(
        self,
        outbox: Outbox,
        connection: TorWay,
        identity_of: Callable[[str], Identity],
        password_of: Callable[[Identity], str | None],
        limits: Limits | None = None,
        *,
        context: Callable[[], ssl.SSLContext] = tls.context,
        uniform: Callable[[float, float], float] = _RANDOM.uniform,
        answers: AnswerBook | None = None,
        prepare: Prepare = lambda _identity, _cancel: nothing,
        exits: ExitRefusals | None = None,
    ) -> None:
        """
        Args:
            exits: is told which servers turn exit relays away, after each attempt; nobody, where there is none.
            prepare: as an attempt takes it; may block.
            answers: is told how servers answered, after each attempt; nobody, where there is none.
            identity_of: raises a ``TorsendError`` where there is none any more.
            password_of: None where there is none; raises ``SecretsError`` where it can't be had. May block.
        """
        self._outbox = outbox
        self._tor = connection
        self._identity_of = identity_of
        self._password_of = password_of
        self._limits = limits or Limits()
        self._context = context
        self._uniform = uniform
        self._answers = answers
        self._prepare = prepare
        self._exits = exits
        self._heard: dict[str, tuple[Identity, Mapping[Heard, Reply]]] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._lanes: dict[str, threading.Thread] = {}
        self._claimed: set[str] = set()
        self._attempts: dict[str, Attempt] = {}
        self._unsettled: dict[str, Outcome] = {}
        self._resting: dict[str, float] = {}
        self._failure: VaultError | None = None
        self._subscribers: Subscribers[Progress] = Subscribers()
        self._troubles: Subscribers[VaultError] = Subscribers()
        self._unsubscribe: list[Callable[[], None]] = []
        self._stopping = False
        self._poked = False
        self._tor_was_ready = self._tor_came_back = False
        self._recovered = False

    # ---- coming and going

    def start(self) -> None:
        """Recovers what was left half-way, then sends whatever is due whenever Tor is there.

        Raises:
            VaultError.
        """
        self._recover()
        self._unsubscribe = [
            self._outbox.subscribe(self._outbox_changed),
            self._tor.subscribe(self._tor_changed),
        ]
        self._thread = threading.Thread(target=self._work, name="dispatcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends all lanes and waits for them. Before its last byte a message goes back to waiting; an answer that is due is
        waited for a little (``Limits.farewell``), then the message is unknown. Again does nothing.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            attempts = tuple(self._attempts.values())
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        for attempt in attempts:
            attempt.cancel(Reason.INTERRUPTED)
        if self._thread is not None:
            self._thread.join()
        until = time.monotonic() + self._limits.farewell
        for lane in self._running():
            lane.join(max(0.0, until - time.monotonic()))
        with self._changed:
            attempts = tuple(self._attempts.values())
        for attempt in attempts:
            attempt.cut()
        for lane in self._running():
            lane.join()
        try:
            self._settle_rest()
        except VaultError as failure:
            # The journal says how far it got: the next start makes of that what is safe.
            log.warning("an outcome was never written: %s", failure.log_safe)

    def poke(self) -> None:
        """Something may be due."""
        with self._changed:
            self._poked = True
            self._changed.notify_all()

    def _tor_changed(self, status: TorStatus) -> None:
        ready = status.phase is Phase.READY
        with self._changed:
            self._tor_came_back = self._tor_came_back or (ready and not self._tor_was_ready)
            self._tor_was_ready = ready
        self.poke()

    def subscribe(self, callback: Callable[[Progress], None]) -> Callable[[], None]:
        """Calls back with each moment of an attempt, on the lane's thread; gives what ends that."""
        return self._subscribers.add(callback)

    def subscribe_troubles(self, callback: Callable[[VaultError], None]) -> Callable[[], None]:
        """Calls back when the vault keeps mail from being sent, which the outbox then can't say itself."""
        return self._troubles.add(callback)

    def cancel(self, entry_id: str) -> bool:
        """Keeps a message from being sent, or stops it being sent; whether nothing more of it will be delivered.

        False where the last byte has left or it is over. Where it was being sent, the outbox says so a moment later.

        Raises:
            NoSuchEntry.
            VaultError.
        """
        while True:
            with self._changed:
                self._changed.wait_for(lambda: entry_id in self._attempts or entry_id not in self._claimed)
                attempt = self._attempts.get(entry_id)
            if attempt is not None:
                if attempt.cancel():
                    return True
                if attempt.beyond:
                    return False
                # Over by itself, and about to be written down: what it leaves waiting can then be held.
                with self._changed:
                    self._changed.wait_for(lambda over=attempt: self._attempts.get(entry_id) is not over)  # type: ignore[misc]
                continue
            try:
                self._outbox.cancel(entry_id)
            except NotNow:
                with self._changed:
                    if entry_id in self._claimed:
                        continue  # a lane took it in between
                return self._outbox.get(entry_id).state is State.HELD
            return True

    # ---- for the command line

    def run_once(self, ids: Iterable[str] | None = None) -> tuple[OutboxEntry, ...]:
        """Works off once what is due (or these, due or not), and what of it is to be tried again at once.

        Returns:
            the entries as they are afterwards, in the order of queueing.

        Raises:
            TorUnavailable: nothing was tried.
            VaultError: something could not be read or written down; what was done is in the outbox.
        """
        self._recover()
        self._outbox.hold_missed()
        self._failure = None
        if ids is None:
            wanted = {
                each
                for identity_id in self._outbox.due_identities()
                for each in self._outbox.due(identity_id)
            }
        else:
            wanted = set(ids)
        queues: dict[str, list[str]] = {}
        for entry in self._outbox.in_turn(wanted):
            if entry.state in WAITING:
                queues.setdefault(entry.identity_id, []).append(entry.id)
        if queues:
            self._tor.wait_ready(self._limits.tor)
        for identity_id, queue in queues.items():
            self._start_lane(identity_id, functools.partial(self._work_off, queue))
        with self._changed:
            # Not joined: where Ctrl-C ends the joining, Python before 3.13 takes a thread that runs for one that has ended,
            # and ``stop`` would not wait for it.
            self._changed.wait_for(lambda: not self._lanes)
        self._settle_rest()
        if self._failure is not None:
            raise self._failure
        return self._outbox.in_turn(wanted)

    def _work_off(self, queue: list[str]) -> None:
        for entry_id in queue:
            while not self._stopping and self._attempt(entry_id):
                continue

    # ---- the thread that waits

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                self._poked = False
            try:
                wait = self._look()
            except VaultError as failure:
                log.warning("the outbox could not be read: %s", failure.log_safe)
                wait = LOOK_UP_AT_LEAST
            except Exception:
                log.exception("looking for due mail failed")
                wait = LOOK_UP_AT_LEAST
            with self._changed:
                if not self._poked and not self._stopping:
                    self._changed.wait(wait)

    def _look(self) -> float:
        """Starts a lane for each identity that has something due; seconds until the next look."""
        self._settle_rest()
        self._outbox.hold_missed()
        with self._changed:
            came_back, self._tor_came_back = self._tor_came_back, False
        if came_back:
            self._outbox.rouse(Reason.NO_TOR)
        if self._tor.status.usable:
            for identity_id in self._outbox.due_identities():
                if not self._rests(identity_id):
                    self._start_lane(identity_id, functools.partial(self._run_lane, identity_id))
        following = self._outbox.seconds_to_next()
        longest = REST if self._resting else LOOK_UP_AT_LEAST
        return longest if following is None else min(longest, following)

    def _start_lane(self, identity_id: str, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except VaultError as failure:
                self._failure = failure
                self._trouble(identity_id, failure)
                self._abandon(identity_id)
            except TorsendError as failure:
                log.warning("a lane ended: %s", failure.log_safe)
                self._abandon(identity_id)
            except Exception:
                log.exception("a lane ended by a fault")
                self._abandon(identity_id)
            finally:
                with self._changed:
                    del self._lanes[identity_id]
                self.poke()

        with self._changed:
            if self._stopping or identity_id in self._lanes:
                return
            lane = threading.Thread(target=run, name="lane", daemon=True)
            self._lanes[identity_id] = lane
            # Inside the lock, so that nobody joins a thread that has not begun.
            lane.start()

    def _running(self) -> tuple[threading.Thread, ...]:
        with self._changed:
            return tuple(self._lanes.values())

    def _run_lane(self, identity_id: str) -> None:
        while not self._stopping and self._tor.status.usable and identity_id not in self._resting:
            entry_id = self._outbox.next_due(identity_id)
            if entry_id is None:
                return
            self._attempt(entry_id)

    # ---- one attempt

    def _attempt(self, entry_id: str) -> bool:
        """Tries once; whether it is to be tried again at once."""
        with self._changed:
            self._claimed.add(entry_id)
        try:
            before = self._outbox.get(entry_id)
            try:
                entry = self._outbox.begin(entry_id)
            except NotNow:
                return False  # cancelled in between
            return self._attempt_begun(entry, before.reason)
        except NoSuchEntry:
            return False  # removed in between
        finally:
            with self._changed:
                self._claimed.discard(entry_id)
                self._changed.notify_all()

    def _attempt_begun(self, entry: OutboxEntry, before: Reason) -> bool:
        verdict = self._verdict(entry)
        log.info("an attempt ended: %s at %s", verdict.reason.value, verdict.stage.value)
        outcome = decide(verdict, attempts=entry.attempts, before=before, uniform=self._uniform)
        if isinstance(outcome, RetryLater) and outcome.new_circuit:
            self._tor.new_circuit(entry.identity_id)
        self._learn(entry.id, verdict)
        self._settle(entry, outcome)
        self._remember(entry.id)
        if not isinstance(outcome, RetryLater) and RULES[verdict.reason].others_wait:
            held = verdict.reason if isinstance(outcome, Held) else Reason.SIGN_IN_WAITS
            self._outbox.hold_others(entry.identity_id, held)
        return isinstance(outcome, RetryLater) and outcome.delay == 0

    def _verdict(self, entry: OutboxEntry) -> Verdict:
        try:
            identity = self._identity_of(entry.identity_id)
        except StorageError as failure:
            log.warning("the sender could not be read: %s", failure.log_safe)
            return Verdict(Reason.STORAGE, Stage.CONNECT)
        except TorsendError:
            return Verdict(Reason.IDENTITY_GONE, Stage.CONNECT)
        attempt = Attempt(
            entry,
            identity,
            self._password_of,
            way=self._tor,
            outbox=self._outbox,
            limits=self._limits,
            context=self._context,
            report=self._subscribers.tell,
            prepare=self._prepare,
        )
        with self._changed:
            self._attempts[entry.id] = attempt
            self._changed.notify_all()
            if self._stopping:
                attempt.cancel(Reason.INTERRUPTED)
        try:
            verdict = attempt.run()
            self._heard[entry.id] = identity, attempt.heard
            return verdict
        except StorageError as failure:
            # Before the server was spoken to: later it is the attempt's to say how far it got.
            log.warning("an attempt could not be written down: %s", failure.log_safe)
            return Verdict(Reason.STORAGE, Stage.CONNECT)
        finally:
            with self._changed:
                del self._attempts[entry.id]
                self._changed.notify_all()

    def _learn(self, entry_id: str, verdict: Verdict) -> None:
        """Before the outcome is told, so that who hears of it can show what was learnt; of no weight beside it."""
        identity, _ = self._heard.get(entry_id, (None, {}))
        if self._exits is None or identity is None or identity.server.is_onion:
            return
        try:
            if verdict.reason is Reason.EXIT_BLOCKED:
                self._exits.refused(identity, verdict.reply)
            elif verdict.reason in {Reason.ACCEPTED, Reason.ACCEPTED_FOR_SOME}:
                self._exits.let_in(identity)
        except VaultError as failure:
            log.warning("what a server thinks of exits was not kept: %s", failure.log_safe)

    def _remember(self, entry_id: str) -> None:
        """After the outcome is durable, and of no weight beside it: how the server answered, for showing it."""
        identity, heard = self._heard.pop(entry_id, (None, {}))
        if self._answers is None or identity is None or not heard:
            return
        try:
            self._answers.remember(identity, heard)
        except VaultError as failure:
            log.warning("a server's answers were not kept: %s", failure.log_safe)

    def _rests(self, identity_id: str) -> bool:
        with self._changed:
            if self._resting.get(identity_id, 0.0) > time.monotonic():
                return True
            self._resting.pop(identity_id, None)
            return False

    def _trouble(self, identity_id: str, failure: VaultError) -> None:
        log.warning("the vault failed a lane: %s", failure.log_safe)
        with self._changed:
            self._resting[identity_id] = time.monotonic() + REST
        self._troubles.tell(failure)

    def _abandon(self, identity_id: str) -> None:
        with self._changed:
            unsettled = frozenset(self._unsettled)
        try:
            self._outbox.abandon(identity_id, unsettled)
        except VaultError as failure:
            log.warning("a lane's message could not be settled: %s", failure.log_safe)

    def _settle(self, entry: OutboxEntry, outcome: Outcome) -> None:
        try:
            self._outbox.settle(entry.id, outcome)
        except VaultError as failure:
            # On the disk it is still being sent, and so untouched by everyone; it is settled when the vault can be written.
            with self._changed:
                self._unsettled[entry.id] = outcome
            self._trouble(entry.identity_id, failure)
        phase = SendPhase.ACCEPTED if isinstance(outcome, Accepted) else SendPhase.FAILED
        sent = entry.size if isinstance(outcome, Accepted) else 0
        self._subscribers.tell(Progress(entry.id, entry.identity_id, phase, sent, entry.size))

    def _settle_rest(self) -> None:
        with self._changed:
            rest = tuple(self._unsettled.items())
        for entry_id, outcome in rest:
            with contextlib.suppress(NotNow, NoSuchEntry):  # decided otherwise meanwhile
                self._outbox.settle(entry_id, outcome)
            with self._changed:
                self._unsettled.pop(entry_id, None)

    def _recover(self) -> None:
        if not self._recovered:
            self._outbox.recover()
            self._recovered = True

    def _outbox_changed(self, change: Changed) -> None:
        if change.entry is not None and change.entry.state in WAITING:
            self.poke()
