"""What is done for one link while it stands: it is looked after, and what it tells is put together to a status."""

from __future__ import annotations

import time
from collections.abc import Callable

from torsend.tor.circuits import Circuits
from torsend.tor.clocks import Clocks
from torsend.tor.course import Course
from torsend.tor.events import Bootstrapped, CircuitChanged, CircuitsWork, ControlClosed, StreamChanged
from torsend.tor.inbox import Interrupted, Look, OnionKey
from torsend.tor.link import Link, ProcessEnded, Told
from torsend.tor.pace import Pace
from torsend.tor.routes import WayOutWatch
from torsend.tor.status import Phase, TorStatus
from torsend.tor.troubles import TorTroubled, failed
from torsend.words import t

_GOING_SECONDS = 2.0
"""For a tor that is ending, to have ended and its last words read."""


class Tending:
    """Belongs to one thread, as its link does. Each round: `prepare`, publish `status`, wait `until`, `take`.

    Args:
        tell: takes what an exit answered, on another thread.
        slow: called while Tor, ready before, lets one wait.

    Raises:
        TorTroubled: the link is lost; so do `prepare` and `take`.
    """

    def __init__(
        self,
        link: Link,
        circuits: Circuits,
        clocks: Clocks,
        pace: Pace,
        tell: Callable[[Told], None],
        slow: Callable[[], None],
    ) -> None:
        # A tor of our own was seen to build its circuits; what another says may be hours old.
        ours = link.process is not None
        self._link, self._circuits, self._clocks, self._pace = link, circuits, clocks, pace
        self._tell, self._slow = tell, slow
        self._course = Course(time.monotonic(), pace.stuck, link.way_out, ours=ours, proof_wanted=not ours)
        self._blind = not self._begin()
        self._way_out = WayOutWatch() if _out_by_itself(link) else None
        self._look_at = time.monotonic() + self._between_looks()

    def prepare(self) -> None:
        """Finds the SOCKS port and has an exit answer, as soon as either can be."""
        if self._course.unproven or self._course.phase() is not Phase.BOOTSTRAPPING:
            self._link.learn_proxy()
        if self._course.unproven:
            self._link.prove_circuit(self._tell)

    def status(self, now: float) -> TorStatus:
        """How it stands; ``now`` as `time.monotonic` tells it."""
        link, course = self._link, self._course
        return TorStatus(
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

    def until(self, now: float) -> float:
        """When to look again, though nothing came."""
        stuck_at = self._course.stuck_at()
        if self._course.phase() is Phase.BOOTSTRAPPING and stuck_at > now:
            return min(self._look_at, stuck_at)
        return self._look_at

    def take(self, item: Told | Look | OnionKey | None) -> None:
        """What came from the inbox; None: nothing until then.

        Raises:
            Interrupted: a new link would be sooner there.
        """
        if not isinstance(item, OnionKey):
            self._take(item)
            return
        given = False
        try:
            # It may be the one to find the link lost: who asked is told that, too.
            self._take(None)
            given = self._link.give_onion_key(item.service, item.key)
        finally:
            item.done.put(given)

    def _take(self, item: Told | Look | None) -> None:
        jump = self._clocks.look()
        if jump.clock_set:
            self._course.clock_was_set()
        if isinstance(item, Look) or jump or time.monotonic() >= self._look_at:
            self._look(
                closely=isinstance(item, Look) or jump.slept,
                doubting=jump.slept or (isinstance(item, Look) and item.carries),
            )
        match item:
            case ProcessEnded() | ControlClosed():
                raise failed("lost")  # or worse: the connection asks the process
            case CircuitChanged():
                self._circuits.take_circuit(item)
            case StreamChanged():
                self._circuits.take_stream(item)
            case Look() | None:
                pass
            case _:
                self._course.take(item, time.monotonic())

    def _look(self, *, closely: bool, doubting: bool) -> None:
        """Whether Tor, its circuits and this computer's way out are still there.

        Args:
            closely: see `Link.look`.
            doubting: circuits may carry nothing any more.
        """
        link, course = self._link, self._course
        if self._way_out and (changed := self._way_out.look()):
            course.take(changed, time.monotonic())
            if not changed.gone and course.not_begun:
                # It tries again ever more seldom; one that is started now knocks at once.
                raise Interrupted
        if (work := link.look(self._was_slow, closely=closely)) is not None:
            course.take(CircuitsWork(work), time.monotonic())
        if self._blind and link.control and (far := link.control.bootstrap()):
            course.take(far, time.monotonic())
        if doubting and link.process is None:
            course.doubt()
        self._look_at = time.monotonic() + self._between_looks()

    def _was_slow(self) -> None:
        if self._course.phase() is Phase.READY:
            self._slow()

    def _between_looks(self) -> float:
        on_its_way = self._course.phase() is not Phase.READY
        return self._pace.ask if self._blind and on_its_way else self._pace.look

    def _begin(self) -> bool:
        """Where it stands now; whether events will tell how it goes on."""
        now = time.monotonic()
        course, control = self._course, self._link.control
        far = control.bootstrap() if control else None
        if far is None:
            course.take(Bootstrapped(100, ""), now)  # nothing tells; an exit will
        if control is None:
            return True
        self._circuits.begin(control.country, bridges=control.uses_bridges())
        for circuit in control.circuits():
            self._circuits.take_circuit(circuit)
        if far is not None:
            course.take(far, now)
        course.take(CircuitsWork(work=control.circuits_work() is not False), now)
        return control.hears_of_the_way


def _out_by_itself(link: Link) -> bool:
    """Whether this Tor needs a way out of this computer: one elsewhere doesn't, nor one with a proxy beside it."""
    return not link.elsewhere and link.way_out.proxy is None


def cause_of_loss(link: Link | None, error: TorTroubled) -> TorTroubled:
    """A tor of our own to which the connection is lost has mostly ended; the loss is only noticed first."""
    process = link.process if link else None
    if process is not None and error.trouble.code == "lost" and process.ended(_GOING_SECONDS):
        died = failed("died", line=process.complaint() or t("nothing"))
        died.__cause__ = error
        return died
    return error
