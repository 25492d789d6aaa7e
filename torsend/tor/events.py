"""What Tor tells of itself, as values: between the control connection and the supervisor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from torsend.tor.isolation import Token


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """How far into the network (control-spec, STATUS_CLIENT BOOTSTRAP).

    Attributes:
        progress: 0 to 100.
        summary: Tor's words for the step.
        reason: why the step does not get on (``CONNECTREFUSED``, ``NOROUTE``, …), or empty.
        insists: Tor recommends to tell the person.
        tag: Tor's name for the step (control-spec, "Bootstrap phases").
        count: how often it failed so far.
    """

    progress: int
    summary: str
    reason: str = ""
    insists: bool = False
    tag: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class CircuitsWork:
    """Circuits can be built, or no longer (CIRCUIT_ESTABLISHED, CIRCUIT_NOT_ESTABLISHED)."""

    work: bool


@dataclass(frozen=True, slots=True)
class NetworkAlive:
    """NETWORK_LIVENESS."""

    alive: bool


@dataclass(frozen=True, slots=True)
class WayOutGone:
    """This computer lost its way out, or has one again; Tor itself notices late."""

    gone: bool


@dataclass(frozen=True, slots=True)
class NoneReachable:
    """DIR_ALL_UNREACHABLE: none of the relays that it knows may be reached, by its own settings."""


@dataclass(frozen=True, slots=True)
class ClockSkewed:
    """Seconds by which this computer's clock is ahead of the network's; below zero, behind."""

    seconds: int


@dataclass(frozen=True, slots=True)
class RelayExpired:
    """A relay showed a certificate that has expired by this computer's clock; only a tor of our own tells."""


@dataclass(frozen=True, slots=True)
class RelayAnswered:
    """The handshake with a relay or bridge is done: it is there, and the one that it was to be (ORCONN CONNECTED)."""

    fingerprint: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CircuitChanged:
    """A CIRC event.

    Attributes:
        status: LAUNCHED, EXTENDED, BUILT, GUARD_WAIT, FAILED or CLOSED.
        path: fingerprint and nickname of each relay so far.
        token: whose streams it is for, where Tor says so.
        conflux: the same for the legs of one conflux set (proposal 329), or empty.
        created: UTC.
    """

    id: str
    status: str
    path: tuple[tuple[str, str], ...]
    purpose: str
    token: Token | None
    conflux: str
    created: datetime | None


@dataclass(frozen=True, slots=True)
class StreamChanged:
    """A STREAM event of a stream that was opened with SOCKS credentials.

    Attributes:
        circuit_id: empty while it has none.
    """

    id: str
    status: str
    circuit_id: str
    token: Token


@dataclass(frozen=True, slots=True)
class CircuitProven:
    """An exit has answered over a circuit, or has not in the time that one try has (`torsend.tor.proof`)."""

    proven: bool


@dataclass(frozen=True, slots=True)
class ControlClosed:
    """The control connection ended."""


Event = (
    Bootstrapped
    | CircuitsWork
    | NetworkAlive
    | NoneReachable
    | WayOutGone
    | ClockSkewed
    | RelayExpired
    | RelayAnswered
    | CircuitChanged
    | StreamChanged
    | CircuitProven
    | ControlClosed
)
