"""What is known of Tor, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """Where Torsend stands with Tor."""

    OFF = "off"
    STARTING = "starting"
    """A tor is being started, or a running one is being spoken to."""
    BOOTSTRAPPING = "bootstrapping"
    """Tor is there and on its way into the network."""
    READY = "ready"
    DEGRADED = "degraded"
    """It was ready; at the moment no circuit works. Tor goes on trying by itself."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TorTrouble:
    """Why it does not go on.

    Attributes:
        code: stable, for programs (``clock-skew``); the rows stand in `torsend.tor.trouble_rows`.
        what: one sentence on what happened.
        advice: one sentence on what to try, or empty.
        detail: for the log; holds no address, path or name of the person's.
    """

    code: str
    what: str
    advice: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TorStatus:
    """One moment of the connection.

    Attributes:
        progress: percent of the way into the network, as Tor counts it: 0 to 100.
        doing: Tor's own words for the step it is at (English), or empty.
        trouble: why it sticks, was lost or failed; None while all is well.
        version: Tor's version, where a control port tells it.
        sees_circuits: whether circuits can be shown: only with a control connection that may see them.
        means: ``launch``, ``control`` or ``socks``; empty while off.
        isolates: True where Tor's settings say that its SOCKS port keeps streams with different credentials on
            different circuits; None where that cannot be asked (a bare SOCKS port, a filter): Tor does so unless
            somebody told it otherwise. A port that is known not to isolate is not used.
        tag: Tor's name for the step it is at (control-spec, "Bootstrap phases"), or empty.
        skew: seconds by which this computer's clock is ahead of Tor's network, where that is so much that it matters; below
            zero, behind.
        first: what stands between this computer and the public relays where Tor is our own: ``bridge``, ``proxy``, or empty.
        bridges: how many of the bridges have answered so far, and of how many; None where there is none, or where Tor can't
            tell them apart (two with one fingerprint or at one place, one without a fingerprint).
        elsewhere: Tor is on another computer of the local network: what is not encrypted can be read on the way to it.
        proving: nothing is known to be wrong, and no exit relay has answered yet; how far this Tor is, it does not tell.
    """

    phase: Phase = Phase.OFF
    progress: int = 0
    doing: str = ""
    trouble: TorTrouble | None = None
    version: str = ""
    sees_circuits: bool = False
    means: str = ""
    isolates: bool | None = None
    elsewhere: bool = False
    first: str = ""
    bridges: tuple[int, int] | None = None
    proving: bool = False
    tag: str = ""
    skew: int = 0

    @property
    def usable(self) -> bool:
        """Whether a stream may be tried: a degraded Tor may well come back while the stream waits."""
        return self.phase in {Phase.READY, Phase.DEGRADED}
