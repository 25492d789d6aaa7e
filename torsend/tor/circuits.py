"""Which relays each identity's circuit runs over, as Tor itself reports it.

A circuit is matched to an identity by the SOCKS credentials that CIRC and STREAM events carry, and a stream's
event names the circuit that took it. Circuits of other programs on the same Tor are not kept beyond their
path.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from torsend.tor.events import CircuitChanged, StreamChanged
from torsend.tor.isolation import Token

_log = logging.getLogger("torsend.tor")

_CARRYING = ("GENERAL", "CONFLUX", "HS_CLIENT_REND")
"""Purposes of circuits that carry streams; an onion service needs others besides, to find and call it."""
_MOST_CLOSED = 256
"""Closed circuits of ours that are remembered: a day's worth of renewing by hand."""

CountryOf = Callable[[str], str | None]
Watcher = Callable[[Token, "Circuit"], None]


class Role(StrEnum):
    """What a relay is in a circuit."""

    GUARD = "guard"
    BRIDGE = "bridge"
    MIDDLE = "middle"
    EXIT = "exit"
    MEETING = "meeting"
    """The rendezvous point with an onion service: both sides' circuits end there."""


class CircuitState(StrEnum):
    """Whether it can carry anything."""

    BUILDING = "building"
    BUILT = "built"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Relay:
    """One hop.

    Attributes:
        fingerprint: 40 hexadecimal digits, without ``$``.
        country: two upper-case letters (ISO 3166) from Tor's own table, or None.
    """

    fingerprint: str
    nickname: str
    country: str | None
    role: Role


@dataclass(frozen=True, slots=True)
class Circuit:
    """A circuit as it is now.

    Attributes:
        id: Tor's own, of this run of Tor.
        relays: from this computer outwards; fewer than all while it is being built.
        built_at: UTC; None until then.
        onion: it leads to an onion service: the last relay is where both sides meet, there is no exit.
        conflux: the legs of one conflux set (proposal 329) share it: data runs over them by turns, to one
            exit.
    """

    id: str
    relays: tuple[Relay, ...]
    built_at: datetime | None
    onion: bool
    state: CircuitState
    conflux: str = ""


class Circuits:
    """Every circuit that is or was for a token of this run. Reads from any thread; fed by the supervisor.

    It begins anew whenever the connection to Tor does: circuit ids mean nothing across runs of Tor.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: list[Watcher] = []
        self._clear()
        self._country: CountryOf = lambda _: None
        self._first = Role.GUARD

    def for_token(self, token: Token) -> Circuit | None:
        """The circuit that last took a stream of this token, or was built for it; it may be closed since."""
        with self._lock:
            return self._circuits.get(self._last.get(token, ""))

    def carried(self, token: Token) -> tuple[str, ...]:
        """The ids of all circuits that ever took a stream of this token, with the other legs of conflux
        sets.
        """
        with self._lock:
            took = self._took.get(token, {})
            sets = {self._conflux[each] for each in took if each in self._conflux}
            legs = (each for each, conflux in self._conflux.items() if conflux in sets)
            return tuple(dict.fromkeys([*took, *legs]))

    def circuit(self, circuit_id: str) -> Circuit | None:
        """By its id, if it is or was for a token of ours."""
        with self._lock:
            return self._circuits.get(circuit_id)

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """Calls ``watcher(token, circuit)`` at each change, on the supervisor's thread; returns how to end
        it.
        """
        with self._lock:
            self._watchers.append(watcher)

        def unsubscribe() -> None:
            with self._lock:
                if watcher in self._watchers:
                    self._watchers.remove(watcher)

        return unsubscribe

    # What follows is the supervisor's alone.

    def begin(self, country: CountryOf, *, bridges: bool) -> None:
        """A new connection to Tor: all that was known before is of another run, and closed."""
        with self._lock:
            closed = [
                (token, _closed(self._circuits[circuit_id]))
                for token, circuit_id in self._last.items()
                if circuit_id in self._circuits
            ]
            self._clear()
            self._country = country
            self._first = Role.BRIDGE if bridges else Role.GUARD
        for token, circuit in closed:
            self._tell(token, circuit)

    def take_circuit(self, event: CircuitChanged) -> None:
        """A CIRC event."""
        with self._lock:
            known = event.id in self._circuits
            if event.conflux:
                self._conflux[event.id] = event.conflux
            self._paths[event.id] = event
            if event.status in {"CLOSED", "FAILED"}:
                del self._paths[event.id]
            token = event.token or self._token.get(event.id)
        over = event.status in {"CLOSED", "FAILED"}
        if token is None or (over and not known) or not event.purpose.startswith(_CARRYING):
            return
        circuit = self._described(event)
        with self._lock:
            if self._circuits.get(event.id) == circuit:
                return
            self._token[event.id] = token
            self._circuits[event.id] = circuit
            last = self._circuits.get(self._last.get(token, ""))
            if last is None or last.state is CircuitState.CLOSED:
                self._last[token] = event.id
            self._drop_oldest()
        self._tell(token, circuit)

    def take_stream(self, event: StreamChanged) -> None:
        """A STREAM event of a token of ours."""
        if not event.circuit_id:
            return
        with self._lock:
            self._took.setdefault(event.token, {})[event.circuit_id] = None
            moved = self._last.get(event.token) != event.circuit_id
            path = self._paths.get(event.circuit_id)
        if not moved or path is None:
            return
        circuit = self._described(path)
        with self._lock:
            self._token[circuit.id] = event.token
            self._circuits[circuit.id] = circuit
            self._last[event.token] = circuit.id
        self._tell(event.token, circuit)

    def _described(self, event: CircuitChanged) -> Circuit:
        match event.status:
            case "BUILT":
                state = CircuitState.BUILT
            case "CLOSED" | "FAILED":
                state = CircuitState.CLOSED
            case _:
                state = CircuitState.BUILDING
        before = self._circuits.get(event.id)
        onion = event.purpose.startswith("HS_CLIENT_REND")
        last = len(event.path) - 1
        relays = []
        for place, (fingerprint, nickname) in enumerate(event.path):
            if place == 0:
                role = self._first
            elif place < last or state is CircuitState.BUILDING:
                role = Role.MIDDLE
            else:
                role = Role.MEETING if onion else Role.EXIT
            relays.append(Relay(fingerprint, nickname, self._country_of(fingerprint), role))
        built_at = before.built_at if before else None
        if state is CircuitState.BUILT and built_at is None:
            built_at = datetime.now(UTC)
        return Circuit(event.id, tuple(relays), built_at, onion, state, event.conflux)

    def _country_of(self, fingerprint: str) -> str | None:
        if fingerprint not in self._countries:
            self._countries[fingerprint] = self._country(fingerprint)
        return self._countries[fingerprint]

    def _tell(self, token: Token, circuit: Circuit) -> None:
        with self._lock:
            watchers = tuple(self._watchers)
        for watcher in watchers:
            watcher(token, circuit)

    def _clear(self) -> None:
        self._paths: dict[str, CircuitChanged] = {}
        self._circuits: dict[str, Circuit] = {}
        self._token: dict[str, Token] = {}
        self._last: dict[Token, str] = {}
        self._took: dict[Token, dict[str, None]] = {}
        self._conflux: dict[str, str] = {}
        self._countries: dict[str, str | None] = {}

    def _drop_oldest(self) -> None:
        closed = [key for key, circuit in self._circuits.items() if circuit.state is CircuitState.CLOSED]
        for key in closed[: max(0, len(closed) - _MOST_CLOSED)]:
            del self._circuits[key]
            self._token.pop(key, None)


def _closed(circuit: Circuit) -> Circuit:
    return Circuit(
        circuit.id, circuit.relays, circuit.built_at, circuit.onion, CircuitState.CLOSED, circuit.conflux
    )
