"""From what Tor tells of itself to the phase it is in, and why it sticks. No clock, no thread inside."""

from __future__ import annotations

from datetime import UTC, datetime

from torsend.tor.events import (
    Bootstrapped,
    CircuitProven,
    CircuitsWork,
    ClockSkewed,
    Event,
    NetworkAlive,
    NoneReachable,
    RelayAnswered,
    RelayExpired,
    WayOutGone,
)
from torsend.tor.status import Phase, TorTrouble
from torsend.tor.trouble_rows import REASONS
from torsend.tor.troubles import clock_trouble, trouble, utc
from torsend.tor.way_out import STRAIGHT, WayOut

STUCK_SECONDS = 30.0
"""Without progress for so long, the person is told that it sticks; each step takes Tor a few seconds at most,
but for the descriptors on a slow line, which count up as they come.
"""
_FIRST_RELAY_REACHED = 15
"""Below, Tor has not finished its handshake with a first relay (control-spec, "Bootstrap phases"); a
connection that ends there, for whatever reason, is mostly cut off on the way.
"""
PROXY_SECONDS = 10.0
"""A proxy that lets Tor through does so at once; Tor doesn't say that one does not."""
REFUSED_TIMES = 3
"""So often a proxy refused the connection until the person is told: Tor itself doesn't recommend that."""
_TO_PROXY, _AT_PROXY = "conn_proxy", "conn_done_proxy"
_TO_RELAY = "conn"
"""It knocks at a first relay. Where packets vanish, Tor gives no reason for a minute and more."""
NO_NETWORK_SECONDS = 5.0
"""A tor of our own begins to connect at once, and where there is no way out of this computer it doesn't, nor says so."""
NOWHERE_TIMES = 3
"""So often this computer knew no way to a relay until the person is told: it is no matter of the relay then."""
EXPIRED_TIMES = 2
"""One relay may be at fault; two whose certificates have expired tell of this computer's clock."""
SKEW_THAT_MATTERS = 600
"""Seconds. Tor reports less as well, and lives with it."""
_SAME_SKEW = 60
"""Seconds by which two relays may differ on it."""


class Course:
    """One Tor's way into the network, and in and out of it later.

    Times are values of ``time.monotonic()``, passed in.

    Args:
        way: how it gets out of this network, where it is a tor of our own.
        ours: whether it is: somebody else's may have been told not to begin.
        proof_wanted: it is not ready before an exit has answered, whatever it says.
    """

    def __init__(
        self,
        now: float,
        stuck_seconds: float = STUCK_SECONDS,
        way: WayOut = STRAIGHT,
        *,
        ours: bool = False,
        proof_wanted: bool = False,
    ) -> None:
        self._unproven = proof_wanted
        self._was_proven = not proof_wanted
        self._proof_failed = False
        self._stuck_seconds = stuck_seconds
        self._way = way
        self._ours = ours
        self._none_reachable = False
        self._answered: set[str] = set()
        self._since = now
        self._told = Bootstrapped(0, "")
        self._skew = 0
        self._expired = 0
        self._circuits_work = True
        self._network_alive = True
        self._no_way_out = False

    @property
    def progress(self) -> int:
        return self._told.progress

    @property
    def doing(self) -> str:
        return self._told.summary

    @property
    def bridges(self) -> tuple[int, int] | None:
        """As `TorStatus.bridges`."""
        prints = {bridge.fingerprint for bridge in self._way.bridges}
        # Of several at one place tor takes the last.
        places = {(bridge.address, bridge.port) for bridge in self._way.bridges}
        told_apart = len(prints) == len(places) == len(self._way.bridges) and "" not in prints
        return (len(prints & self._answered), len(prints)) if prints and told_apart else None

    @property
    def unproven(self) -> bool:
        """Whether all that is missing is an exit's answer, as far as is known."""
        return self._unproven and self._told.progress == 100

    @property
    def proving(self) -> bool:
        """Whether it waits for the first such answer."""
        return self.unproven and not self._was_proven

    def doubt(self) -> None:
        """A stream got no answer: what was proven may not be true any more."""
        self._unproven = True
        self._proof_failed = False

    @property
    def tag(self) -> str:
        return self._told.tag

    @property
    def skew(self) -> int:
        """See `TorStatus.skew`."""
        return self._skew if abs(self._skew) >= SKEW_THAT_MATTERS else 0

    def clock_was_set(self) -> None:
        """What was found out about the clock is of yesterday."""
        self._skew = self._expired = 0

    def take(self, event: Event, now: float) -> None:
        """Events that say nothing of the way are passed over."""
        match event:
            case CircuitProven(proven):
                self._unproven = not proven
                self._was_proven = self._was_proven or proven
                self._proof_failed = not proven
                if proven:
                    self._circuits_work = self._network_alive = True
            case WayOutGone(gone):
                self._no_way_out = gone
            case RelayAnswered(fingerprint):
                self._answered.add(fingerprint)
            case NoneReachable():
                self._none_reachable = True
            case Bootstrapped(progress, _, reason):
                if progress != self._told.progress or not reason:
                    self._since = now
                if progress == 100 > self._told.progress:
                    self._circuits_work = True  # its own event comes a moment later
                self._told = event
            case CircuitsWork(work):
                self._circuits_work = work
                if work:
                    self._network_alive = True
            case NetworkAlive(alive):
                self._network_alive = alive
            case ClockSkewed(seconds):
                if abs(seconds - self._skew) >= _SAME_SKEW:
                    self._skew = seconds
            case RelayExpired():
                self._expired += 1
            case _:
                pass

    def phase(self) -> Phase:
        if self._told.progress < 100:
            return Phase.BOOTSTRAPPING
        if not self._was_proven:
            return Phase.BOOTSTRAPPING
        works = self._circuits_work and self._alive and not self._proof_failed
        return Phase.READY if works else Phase.DEGRADED

    def trouble(self, now: float) -> TorTrouble | None:
        """Why it does not get on, as soon as Tor is sure or it has stood still for long."""
        match self.phase():
            case Phase.BOOTSTRAPPING if self.unproven:
                return trouble("unproven") if self._proof_failed else None
            case Phase.BOOTSTRAPPING if self._no_way_out:
                return trouble("no-network", f"{self._told.progress} %")
            case Phase.BOOTSTRAPPING if self._sure or now >= self.stuck_at():
                return self._cause()
            case Phase.DEGRADED:
                return trouble("no-circuit" if self._alive else "offline")
            case _:
                return None

    def stuck_at(self) -> float:
        """When to look again, if no event comes before."""
        patience = PROXY_SECONDS if self._told.tag == _AT_PROXY else self._stuck_seconds
        if self._not_begun:
            patience = NO_NETWORK_SECONDS
        return self._since + min(patience, self._stuck_seconds)

    @property
    def _alive(self) -> bool:
        return self._network_alive and not self._no_way_out

    @property
    def _sure(self) -> bool:
        """Whether there is nothing to wait for."""
        told = self._told
        refused = told.tag == _TO_PROXY and told.count >= REFUSED_TIMES
        nowhere = told.reason == "NOROUTE" and told.count >= NOWHERE_TIMES
        # Of a clock that is off Tor tells with each relay anew; it is no less off in between.
        clock = bool(self.skew) or self._expires
        return told.insists or refused or nowhere or clock or self._none_reachable

    @property
    def not_begun(self) -> bool:
        """Whether a tor of our own hasn't even knocked at a relay."""
        return self._not_begun and self._told.progress == 0

    @property
    def _not_begun(self) -> bool:
        return self._ours and self._told.tag == "starting" and self._way.straight

    @property
    def _expires(self) -> bool:
        return self._expired >= EXPIRED_TIMES and self._told.progress < _FIRST_RELAY_REACHED

    def _cause(self) -> TorTrouble:
        told = self._told
        detail = f"{told.progress} % {told.reason}".rstrip()
        if self.skew:
            return clock_trouble(self._skew)
        if self._expires:
            return trouble("clock-ahead", detail, now=utc(datetime.now(UTC), day=True))
        if found := self._on_the_way_out(detail):
            return found
        if self._not_begun and not told.reason:
            return trouble("no-network", detail)
        if code := REASONS.get(told.reason):
            return trouble(code, detail)
        if told.progress < _FIRST_RELAY_REACHED and (told.reason or told.tag == _TO_RELAY):
            return trouble("blocked", detail)
        return trouble("stuck", detail, progress=told.progress, doing=told.summary)

    def _on_the_way_out(self, detail: str) -> TorTrouble | None:
        """What a bridge, a proxy or a firewall has to do with it."""
        told, way = self._told, self._way
        if way.ports and (self._none_reachable or told.progress == 0):
            return trouble("no-relay-on-ports", detail, ports=", ".join(map(str, way.ports)))
        if told.tag == _TO_PROXY and way.proxy:
            return trouble("proxy-unreachable", detail, proxy=way.proxy.address)
        if told.tag == _AT_PROXY and way.proxy:
            return trouble("proxy-refused", detail, proxy=way.proxy.address)
        if way.bridges and told.progress < _FIRST_RELAY_REACHED:
            if told.reason == "IDENTITY":
                return trouble("bridge-mismatch", detail)
            if told.reason not in {"NOROUTE", "PT_MISSING", "RESOURCELIMIT"}:
                return trouble("bridge-unreachable", detail)
        return None
