"""How long the connection waits for what."""

from __future__ import annotations

from dataclasses import dataclass

from torsend.tor.course import STUCK_SECONDS
from torsend.tor.link import START_SECONDS


@dataclass(frozen=True, slots=True)
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
