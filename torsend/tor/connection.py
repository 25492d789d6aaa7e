"""The connection to Tor: off → starting → bootstrapping n % → ready → degraded → failed, and why.

Theory of operation. One supervisor thread owns the link (process, control connection, SOCKS port) and is the
only one to open and close it. What other threads want (stop, choose, retry) is a flag, a cancelled wait and a
message in its inbox; what Tor tells comes to the same inbox, marked with the link it came from, so that the
last words of a link that was closed are not taken for the next one's. Every wait has a deadline. What is
known is a `TorStatus`, replaced as a whole.

A tor that dies is started again after a pause that grows with each time; a link that stood for a minute makes
the next pause short again. What cannot mend itself (no tor, a wrong password) waits for the person.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from torsend.tor.cancel import Cancel
from torsend.tor.choice import TorChoice, means_of
from torsend.tor.circuits import Circuits
from torsend.tor.clocks import Clocks
from torsend.tor.guard import Address
from torsend.tor.history import History
from torsend.tor.hosts import has_an_address, onion_service
from torsend.tor.inbox import Inbox, Interrupted, Look, OnionKey, refuse
from torsend.tor.isolation import Isolation, Purpose, Token
from torsend.tor.link import Link, Told, open_link
from torsend.tor.pace import Pace
from torsend.tor.status import Phase, TorStatus
from torsend.tor.stream import Stream, open_stream, resolve
from torsend.tor.stream_failures import (
    ProxyGone,
    ProxySilent,
    StreamCancelled,
    TorStreamFailed,
    nothing_came_back,
)
from torsend.tor.tending import Tending, cause_of_loss
from torsend.tor.troubles import TorTroubled, failed, persistent, trouble, unready
from torsend.words import tn

_log = logging.getLogger("torsend.tor")

Subscriber = Callable[[TorStatus], None]

_KEY_SECONDS = 15.0
"""For Tor to take a key: one question, on a thread that may be in the middle of another."""

_FOR_THE_PERSON = 365 * 86400.0
"""As good as for ever, and still a number that every platform's wait takes."""


class Connection:
    """The one connection of this program. Its methods are safe from any thread.

    Args:
        choice: how to reach Tor.
        data_directory: for a tor of our own; made if it isn't there, mode 0700.
        control_password: asked, on the supervisor's thread, if Tor's control port wants one; None: there is
            none.
        proxy_password: the same for the proxy of a tor of our own.
    """

    def __init__(
        self,
        choice: TorChoice,
        data_directory: Path,
        *,
        control_password: Callable[[], str | None] = lambda: None,
        proxy_password: Callable[[], str | None] = lambda: None,
        pace: Pace | None = None,
    ) -> None:
        self.isolation = Isolation()
        self.circuits = Circuits()
        self._history = History()
        self._folder = data_directory
        self._password = control_password
        self._proxy_password = proxy_password
        self._pace = pace or Pace()
        self._changed = threading.Condition()
        self._status = TorStatus()
        self._told = TorStatus()
        self._subscribers: list[Subscriber] = []
        self._proxy: Address | None = None
        self._choice = choice
        self._stopping = False
        self._again = False
        self._interrupt = Cancel()
        self._inbox = Inbox()
        self._link_number = 0
        self._clocks = Clocks()
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> TorStatus:
        with self._changed:
            return self._status

    def details(self) -> str:
        """How it went so far, to be shared: see `torsend.tor.history`."""
        return self._history.text(self.choice)

    @property
    def choice(self) -> TorChoice:
        with self._changed:
            return self._choice

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Calls ``subscriber(status)`` at each change, on the supervisor's thread; returns how to end it."""
        with self._changed:
            self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            with self._changed:
                if subscriber in self._subscribers:
                    self._subscribers.remove(subscriber)

        return unsubscribe

    def start(self) -> None:
        """Begins to connect; returns at once. Again does nothing. Whoever starts stops, in ``finally``."""
        with self._changed:
            if self._thread is not None:
                return
            self._stopping = False
            self._status = TorStatus(Phase.STARTING, means=means_of(self._choice))
            self._thread = threading.Thread(target=self._supervise, name="torsend-tor", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends it; a tor of our own and every thread are gone when this returns. Again does nothing."""
        with self._changed:
            thread = self._thread
            self._stopping = True
            interrupt = self._interrupt
        self._rouse(interrupt)
        if thread is not None and thread is not threading.current_thread():
            thread.join()
            with self._changed:
                self._thread = None

    def retry(self) -> None:
        """Tries again now. A connection that is in use is left as it is."""
        with self._changed:
            if self._thread is None or self._status.usable:
                return
            interrupt = self._begin_again()
        self._rouse(interrupt)

    def choose(self, choice: TorChoice) -> None:
        """Goes over to another Tor; streams over the one before break if it is our own."""
        with self._changed:
            self._choice = choice
            if self._thread is None:
                return
            interrupt = self._begin_again()
        self._rouse(interrupt)

    def wait_ready(self, deadline_seconds: float) -> TorStatus:
        """Waits until Tor is ready, for so many seconds at most.

        Raises:
            TorTroubled: it failed, or isn't ready in time; says why.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._status.phase in {Phase.READY, Phase.FAILED, Phase.OFF}, deadline_seconds
            )
            if self._status.phase is Phase.READY:
                return self._status
            raise unready(self._status)

    def open_stream(
        self,
        host: str,
        port: int,
        token: Token,
        deadline: float,
        cancel: Cancel | None = None,
        *,
        optimistic: bool = False,
    ) -> Stream:
        """A stream over the circuit of ``token``; see `torsend.tor.stream.open_stream`.

        Raises:
            TorTroubled: Tor is not ready.
            StreamFailed: this stream did not come to be.
        """
        proxy = self._usable_proxy()
        try:
            stream = open_stream(proxy, host, port, token, deadline, cancel, optimistic=optimistic)
        except TorStreamFailed as error:
            self._learn_from(error)
            raise
        stream.on_failure = self._learn_from
        return stream

    def _learn_from(self, error: TorStreamFailed) -> None:
        """A stream that failed may be the first to show that Tor is gone, or that nothing gets through it any more."""
        silent = nothing_came_back(error)
        if silent or isinstance(error, ProxyGone | ProxySilent):
            self._inbox.ask(Look(carries=silent))

    def prepare(self, token: Token, host: str, deadline: float, cancel: Cancel | None = None) -> None:
        """Has Tor build the circuit of ``token`` before anything is sent, so that it can be shown.

        Tor builds a circuit when a stream needs one, and the smallest stream is the question for the host's
        address. Who learns what: the exit relay, and the name server it asks, learn that someone asks for
        ``host``, now instead of when the message is sent; the exit would learn it then, too. ``host``'s
        server learns nothing, since nothing connects to it; the guard and whoever watches this computer's
        line see a circuit being built. If the message is never sent, the exit has learned a name for nothing.

        For an onion service or an IP address there is nothing to ask, and nothing is done. An exit that
        answers may still refuse the server's port: then the message takes another circuit, and that one is
        shown.

        Raises:
            TorTroubled: Tor is not ready.
            StreamFailed: the question failed; the circuit may have been built all the same.
        """
        if not has_an_address(host):
            return
        proxy = self._usable_proxy()
        try:
            resolve(proxy, host, token, deadline, cancel)
        except ProxyGone:
            self._inbox.ask(Look())
            raise

    def give_onion_key(self, host: str, key: str | None, cancel: Cancel | None = None) -> bool:
        """Has Tor use a client's key for an onion service from now on, until one of both ends; None: none any more.

        It is told to Tor over the control connection and written nowhere. Blocks for a moment; not for the window's
        thread.

        Returns:
            whether Tor has it. Not where only a SOCKS port is known, or a filter refuses: that Tor may still know a key
            from its own settings.

        Raises:
            StreamCancelled: cancelled meanwhile; Tor may have it.
        """
        asked = OnionKey(onion_service(host), key)
        with self._changed:
            if self._stopping or self._thread is None:
                return False
            self._inbox.ask(asked)
        return asked.answer(_KEY_SECONDS, cancel or Cancel())

    def new_circuit(self, identity_id: str, purpose: Purpose = Purpose.SENDING) -> Token:
        """What this identity opens from now on runs over another circuit. Streams that stand are not
        touched.
        """
        return self.isolation.renew(identity_id, purpose)

    # The supervisor's thread

    def _supervise(self) -> None:
        failures = 0
        while True:
            with self._changed:
                # In one: who stops it either ends this loop here or finds what to interrupt.
                if self._stopping:
                    break
                self._again = False
                self._interrupt = cancel = Cancel()
                choice = self._choice
            self._link_number += 1
            began = time.monotonic()
            link: Link | None = None
            failed_with: TorTroubled | None = None
            try:
                if failures == 0:
                    self._publish(TorStatus(Phase.STARTING, means=means_of(choice)))
                link = self._open(choice, cancel)
                self._tend(link)
            except (StreamCancelled, Interrupted):
                failures = 0
            except TorTroubled as error:
                failed_with = cause_of_loss(link, error)
            except Exception as error:  # noqa: BLE001  # the thread's edge: Tor must not stand untended
                _log.exception("supervisor")
                failed_with = failed("fault", type(error).__name__)
            finally:
                with self._changed:
                    self._proxy = None
                if link is not None:
                    link.close()
            if self._wanted():
                failures = 0
            elif failed_with is not None:
                stable = time.monotonic() - began >= self._pace.stable
                failures = 1 if stable else failures + 1
                self._pause(failed_with, failures, means_of(choice))
                if self._wanted():
                    failures = 0
        # Nor is a key put there any more, since it stops.
        self._inbox.refuse_the_rest()
        self._publish(TorStatus())

    def _open(self, choice: TorChoice, cancel: Cancel) -> Link:
        number = self._link_number
        return open_link(
            choice,
            self._folder,
            self._password,
            lambda told: self._inbox.tell(number, told),
            self.isolation.ours,
            cancel,
            self._pace.start,
            self._proxy_password,
        )

    def _tend(self, link: Link) -> None:
        """Follows one link until someone wants something else (`Interrupted`) or it is lost (`TorTroubled`)."""
        number = self._link_number
        tending = Tending(
            link,
            self.circuits,
            self._clocks,
            self._pace,
            tell=lambda told: self._inbox.tell(number, told),
            slow=lambda: self._publish(
                dataclasses.replace(self._told, phase=Phase.DEGRADED, trouble=trouble("slow"))
            ),
        )
        while True:
            now = time.monotonic()
            tending.prepare()
            with self._changed:
                self._proxy = link.proxy
            self._publish(tending.status(now))
            tending.take(self._next(tending.until(now)))

    def _next(self, until: float) -> Told | Look | OnionKey | None:
        return self._inbox.next(self._link_number, until, self._wanted)

    def _pause(self, error: TorTroubled, failures: int, means: str) -> None:
        """Says what is wrong and waits before the next try, or for the person if trying is useless."""
        found = error.trouble
        _log.warning("%s", error.log_safe)
        mild = found.code in {"died", "lost"} and failures <= self._pace.patient_deaths
        if found.code == "died" and not mild:
            found = dataclasses.replace(
                found, what=tn("Tor stopped.", "Tor stopped {n} times in a row.", failures)
            )
        self._publish(TorStatus(Phase.STARTING if mild else Phase.FAILED, trouble=found, means=means))
        pause = self._pace.pauses[min(failures, len(self._pace.pauses)) - 1]
        until = time.monotonic() + (_FOR_THE_PERSON if persistent(found) else pause)
        with contextlib.suppress(Interrupted):
            while time.monotonic() < until:
                # In short waits: a computer that wakes up is elsewhere, and what failed there may work here.
                waits = until if persistent(found) else min(until, time.monotonic() + self._pace.look)
                refuse(self._next(waits))
                if self._clocks.look().slept and not persistent(found):
                    return

    def _publish(self, status: TorStatus) -> None:
        with self._changed:
            if not self._again:
                self._status = status
                self._changed.notify_all()
            if status == self._told:
                return
            self._told = status
            self._history.note(status)
            subscribers = tuple(self._subscribers)
        code = f" ({status.trouble.code})" if status.trouble else ""
        _log.info("%s %s %d %%%s", status.means, status.phase, status.progress, code)
        for subscriber in subscribers:
            subscriber(status)

    # Any thread

    def _wanted(self) -> bool:
        """Whether someone wants something else than what is."""
        with self._changed:
            return self._stopping or self._again

    def _begin_again(self) -> Cancel:
        """With the lock held: what stands is no longer true from now on; returns what to cancel."""
        self._again = True
        self._status = TorStatus(Phase.STARTING, means=means_of(self._choice))
        return self._interrupt

    def _rouse(self, interrupt: Cancel) -> None:
        interrupt.cancel()
        self._inbox.rouse()

    def _usable_proxy(self) -> Address:
        with self._changed:
            if self._status.usable and self._proxy is not None:
                return self._proxy
            raise unready(self._status)
