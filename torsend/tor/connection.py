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
import ipaddress
import logging
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from torsend.tor.cancel import Cancel
from torsend.tor.choice import Launch, Socks, SocksSocket, TorChoice
from torsend.tor.circuits import Circuits
from torsend.tor.clocks import Clocks
from torsend.tor.course import STUCK_SECONDS, Course
from torsend.tor.events import Bootstrapped, CircuitChanged, CircuitsWork, ControlClosed, StreamChanged
from torsend.tor.guard import Address
from torsend.tor.history import History
from torsend.tor.isolation import Isolation, Purpose, Token
from torsend.tor.link import START_SECONDS, Link, ProcessEnded, Told, open_link
from torsend.tor.routes import WayOutWatch
from torsend.tor.status import Phase, TorStatus, TorTrouble
from torsend.tor.stream import Stream, open_stream, resolve
from torsend.tor.stream_failures import (
    ProxyGone,
    ProxySilent,
    StreamCancelled,
    StreamRefused,
    StreamTimedOut,
    TorStreamFailed,
)
from torsend.tor.troubles import TorTroubled, failed, failure, persistent, trouble
from torsend.words import t, tn

_log = logging.getLogger("torsend.tor")

Subscriber = Callable[[TorStatus], None]

_KEY_SECONDS = 15.0
"""For Tor to take a key: one question, on a thread that may be in the middle of another."""

_GOING_SECONDS = 2.0
"""For a tor that is ending, to have ended and its last words read."""
_NOTHING_CAME_BACK = frozenset({0x01, 0x03, 0x06})
"""Tor's answers after it gave up by itself (socks-extensions.txt): no exit said so."""
_FOR_THE_PERSON = 365 * 86400.0
"""As good as for ever, and still a number that every platform's wait takes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Pace:
    """How long things are waited for, in seconds.

    Attributes:
        start: for a tor of our own to answer.
        stuck: without progress, until the person is told.
        look: between two questions whether Tor is still there: nothing else tells of a control port or proxy
            that went silent, or of a computer that slept.
        ask: between two questions how far Tor is, where it doesn't tell by itself.
        pauses: before the first, second, … new try; the last one from then on.
        stable: a link that stood so long makes the next pause the first again.
        patient_deaths: so many times tor is started again before that is called a failure.
    """

    start: float = START_SECONDS
    stuck: float = STUCK_SECONDS
    look: float = 5.0
    ask: float = 1.0
    pauses: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
    stable: float = 60.0
    patient_deaths: int = 2


class _Interrupted(Exception):
    """A flag is up: look at it."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Look:
    """In the inbox: ask now whether Tor is still there.

    Attributes:
        carries: and whether a circuit carries anything.
    """

    carries: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class _OnionKey:
    """In the inbox: have Tor use this key for that service; None: none any more. ``done`` is told whether it does."""

    service: str
    key: str | None = dataclasses.field(repr=False)
    done: queue.SimpleQueue[bool] = dataclasses.field(default_factory=queue.SimpleQueue)


def onion_service(host: str) -> str:
    """The service that an onion host belongs to: 56 characters, whatever stands before them (rend-spec-v3, section 6)."""
    return host.lower().rstrip(".").removesuffix(".onion").rpartition(".")[2]


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
        self._inbox: queue.SimpleQueue[tuple[int, Told] | _Look | _OnionKey | None] = queue.SimpleQueue()
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
            self._status = TorStatus(Phase.STARTING, means=_means(self._choice))
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
            raise failure(_why_not(self._status))

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
        silent = isinstance(error, StreamTimedOut) or (
            isinstance(error, StreamRefused) and error.code in _NOTHING_CAME_BACK
        )
        if silent or isinstance(error, ProxyGone | ProxySilent):
            self._inbox.put(_Look(carries=silent))

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
        if host.lower().rstrip(".").endswith(".onion") or _is_literal(host):
            return
        proxy = self._usable_proxy()
        try:
            resolve(proxy, host, token, deadline, cancel)
        except ProxyGone:
            self._inbox.put(_Look())
            raise

    def give_onion_key(self, host: str, key: str | None) -> bool:
        """Has Tor use a client's key for an onion service from now on, until one of both ends; None: none any more.

        It is told to Tor over the control connection and written nowhere. Blocks for a moment; not for the window's
        thread.

        Returns:
            whether Tor has it. Not where only a SOCKS port is known, or a filter refuses: that Tor may still know a key
            from its own settings.
        """
        asked = _OnionKey(onion_service(host), key)
        self._inbox.put(asked)
        try:
            return asked.done.get(timeout=_KEY_SECONDS)
        except queue.Empty:
            return False

    def new_circuit(self, identity_id: str, purpose: Purpose = Purpose.SENDING) -> Token:
        """What this identity opens from now on runs over another circuit. Streams that stand are not
        touched.
        """
        return self.isolation.renew(identity_id, purpose)

    # The supervisor's thread

    def _supervise(self) -> None:
        failures = 0
        while not self._stopping:
            with self._changed:
                self._again = False
                self._interrupt = cancel = Cancel()
                choice = self._choice
            self._link_number += 1
            began = time.monotonic()
            link: Link | None = None
            failed_with: TorTroubled | None = None
            try:
                if failures == 0:
                    self._publish(TorStatus(Phase.STARTING, means=_means(choice)))
                link = self._open(choice, cancel)
                self._tend(link)
            except (StreamCancelled, _Interrupted):
                failures = 0
            except TorTroubled as error:
                failed_with = _cause(link, error)
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
                self._pause(failed_with, failures, _means(choice))
                if self._wanted():
                    failures = 0
        self._publish(TorStatus())

    def _open(self, choice: TorChoice, cancel: Cancel) -> Link:
        number = self._link_number
        return open_link(
            choice,
            self._folder,
            self._password,
            lambda told: self._inbox.put((number, told)),
            self.isolation.ours,
            cancel,
            self._pace.start,
            self._proxy_password,
        )

    def _tend(self, link: Link) -> None:
        """Follows one link until someone wants something else (`_Interrupted`) or it is lost
        (`TorTroubled`).
        """
        # A tor of our own was seen to build its circuits; what another says may be hours old.
        ours = link.process is not None
        course = Course(time.monotonic(), self._pace.stuck, link.way_out, ours=ours, proof_wanted=not ours)
        blind = not self._begin(link, course)
        number = self._link_number

        def pause() -> float:
            return self._pace.ask if blind and course.phase() is not Phase.READY else self._pace.look

        def slow() -> None:
            if course.phase() is Phase.READY:
                self._publish(dataclasses.replace(self._told, phase=Phase.DEGRADED, trouble=trouble("slow")))

        way_out = WayOutWatch() if _out_by_itself(link) else None
        look_at = time.monotonic() + pause()
        while True:
            now = time.monotonic()
            if course.unproven or course.phase() is not Phase.BOOTSTRAPPING:
                link.learn_proxy()
            if course.unproven:
                link.prove_circuit(lambda told: self._inbox.put((number, told)))
            self._publish_course(link, course, now)
            until = look_at
            if course.phase() is Phase.BOOTSTRAPPING and course.stuck_at() > now:
                until = min(until, course.stuck_at())
            told = self._next(until)
            jump = self._clocks.look()
            if jump.clock_set:
                course.clock_was_set()
            if isinstance(told, _Look) or jump or time.monotonic() >= look_at:
                if way_out and (changed := way_out.look()):
                    course.take(changed, time.monotonic())
                    if not changed.gone and course.not_begun:
                        # It tries again ever more seldom; one that is started now knocks at once.
                        raise _Interrupted
                if (work := link.look(slow, closely=isinstance(told, _Look) or jump.slept)) is not None:
                    course.take(CircuitsWork(work), time.monotonic())
                if blind and link.control and (far := link.control.bootstrap()):
                    course.take(far, time.monotonic())
                carried_nothing = jump.slept or (isinstance(told, _Look) and told.carries)
                if carried_nothing and link.process is None:
                    course.doubt()
                look_at = time.monotonic() + pause()
            match told:
                case ProcessEnded() | ControlClosed():
                    raise failed("lost")  # or worse: see `_cause`
                case CircuitChanged():
                    self.circuits.take_circuit(told)
                case StreamChanged():
                    self.circuits.take_stream(told)
                case _OnionKey(service, key, done):
                    given = False
                    try:
                        given = link.give_onion_key(service, key)
                    finally:
                        done.put(given)
                case _Look() | None:
                    pass
                case _:
                    course.take(told, time.monotonic())

    def _begin(self, link: Link, course: Course) -> bool:
        """Where it stands now; whether events will tell how it goes on."""
        now = time.monotonic()
        control = link.control
        far = control.bootstrap() if control else None
        if far is None:
            course.take(Bootstrapped(100, ""), now)  # nothing tells; an exit will
        if control is None:
            return True
        self.circuits.begin(control.country, bridges=control.uses_bridges())
        for circuit in control.circuits():
            self.circuits.take_circuit(circuit)
        if far is not None:
            course.take(far, now)
        course.take(CircuitsWork(work=control.circuits_work() is not False), now)
        return control.hears_of_the_way

    def _next(self, until: float) -> Told | _Look | _OnionKey | None:
        """What comes next for the present link; None when nothing came until then.

        Raises:
            _Interrupted: someone wants something.
        """
        while True:
            if self._wanted():
                raise _Interrupted
            try:
                item = self._inbox.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return None
            match item:
                case _Look() | _OnionKey():
                    return item
                case (number, told) if number == self._link_number:
                    return told
                case _:
                    continue

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
        with contextlib.suppress(_Interrupted):
            while time.monotonic() < until:
                # In short waits: a computer that wakes up is elsewhere, and what failed there may work here.
                waits = until if persistent(found) else min(until, time.monotonic() + self._pace.look)
                told = self._next(waits)
                if self._clocks.look().slept and not persistent(found):
                    return
                if isinstance(told, _OnionKey):
                    told.done.put(False)  # noqa: FBT003  # a queue’s item

    def _publish_course(self, link: Link, course: Course, now: float) -> None:
        with self._changed:
            self._proxy = link.proxy
        self._publish(
            TorStatus(
                phase=course.phase(),
                progress=0 if course.proving and link.control is None else course.progress,
                doing=course.doing,
                proving=course.proving,
                trouble=course.trouble(now),
                version=link.version,
                sees_circuits=link.sees_circuits,
                means=link.means,
                isolates=link.isolates,
                elsewhere=link.elsewhere,
                tag=course.tag,
                skew=course.skew,
                bridges=course.bridges,
                first="bridge" if link.way_out.bridges else "proxy" if link.way_out.proxy else "",
            )
        )

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
        self._status = TorStatus(Phase.STARTING, means=_means(self._choice))
        return self._interrupt

    def _rouse(self, interrupt: Cancel) -> None:
        interrupt.cancel()
        self._inbox.put(None)

    def _usable_proxy(self) -> Address:
        with self._changed:
            if self._status.usable and self._proxy is not None:
                return self._proxy
            raise failure(_why_not(self._status))


def _cause(link: Link | None, error: TorTroubled) -> TorTroubled:
    """A tor of our own to which the connection is lost has mostly ended; the loss is only noticed first."""
    process = link.process if link else None
    if process is not None and error.trouble.code == "lost" and process.ended(_GOING_SECONDS):
        died = failed("died", line=process.complaint() or t("nothing"))
        died.__cause__ = error
        return died
    return error


def _out_by_itself(link: Link) -> bool:
    """Whether this Tor needs a way out of this computer: one elsewhere doesn't, nor one with a proxy beside it."""
    return not link.elsewhere and link.way_out.proxy is None


def _why_not(status: TorStatus) -> TorTrouble:
    """Why a status that isn't ready isn't."""
    if status.trouble is not None:
        return status.trouble
    match status.phase:
        case Phase.OFF:
            return trouble("off")
        case Phase.BOOTSTRAPPING:
            return trouble("connecting", progress=status.progress, doing=status.doing)
        case _:
            return trouble("starting")


def _means(choice: TorChoice) -> str:
    match choice:
        case Launch():
            return "launch"
        case Socks() | SocksSocket():
            return "socks"
        case _:
            return "control"


def _is_literal(host: str) -> bool:
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host)
        return True
    return False
