"""How the state of Tor is told: words, a shape and a colour. No widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from torsend.tor.status import Phase
from torsend.words import t, tn

if TYPE_CHECKING:
    from torsend.tor.status import TorStatus

RELAYS_FROM, ANSWERED_FROM, CIRCUIT_FROM = 1, 15, 75
"""Percents of Tor's own count: from 15 on a first relay, or the bridge, has answered (``handshake_done``); the directory is
read up to 75 (``enough_dirinfo``), then the first circuits are built."""


@dataclass(frozen=True, slots=True)
class TorWords:
    """What stands at the foot of the sidebar. ``shape`` is a sign; colour alone tells nothing."""

    text: str
    shape: str
    colour: str


def tor_words(status: TorStatus) -> TorWords:
    """The state in a few words."""
    match status.phase:
        case Phase.OFF:
            return TorWords(t("Tor is off"), "dot-ring", "text3")
        case Phase.STARTING:
            return TorWords(t("Starting Tor"), "half-dot", "text2")
        case Phase.BOOTSTRAPPING if status.proving:
            return TorWords(t("Trying a circuit"), "half-dot", "text2")
        case Phase.BOOTSTRAPPING:
            return TorWords(t("Connecting {n} %", n=status.progress), "half-dot", "text2")
        case Phase.READY:
            return TorWords(t("Connected to Tor"), "dot", "fine")
        case Phase.DEGRADED:
            return TorWords(t("Connection unsteady"), "triangle", "look")
        case Phase.FAILED:
            return TorWords(t("Can’t reach Tor"), "diamond", "decide")
        case _:
            assert_never(status.phase)


@dataclass(frozen=True, slots=True)
class StepWords:
    """One step of the way to Tor. ``state``: ``done``, ``now``, ``stopped`` or ``later``."""

    title: str
    note: str
    state: str


def steps(status: TorStatus) -> tuple[StepWords, ...]:
    """The way in steps: Tor runs, a bridge or proxy answers where there is one, it learns the relays, builds a circuit."""
    count = 4 if status.first else 3
    at = _step_of(status, count)
    stopped = status.phase is Phase.FAILED or (status.trouble is not None and status.phase is not Phase.READY)

    def state(step: int) -> str:
        if step < at:
            return "done"
        if step > at or status.phase is Phase.OFF:
            return "later"
        return "stopped" if stopped else "now"

    first, *between, relays, circuit = (state(step) for step in range(count))
    return (
        StepWords(_first_title(status, first), _first_note(status, first), first),
        *(StepWords(_between_title(status, each), _between_note(status, each), each) for each in between),
        StepWords(
            t("Relays learned") if relays == "done" else t("Learn the relays"),
            _second_note(status, relays),
            relays,
        ),
        StepWords(
            t("Circuit built") if circuit == "done" else t("Build a circuit"),
            _third_note(status, circuit),
            circuit,
        ),
    )


def _step_of(status: TorStatus, count: int) -> int:
    """How many of so many steps are behind it."""
    match status.phase:
        case Phase.OFF | Phase.STARTING:
            return 0
        case Phase.READY:
            return count
        case Phase.DEGRADED:
            return count - 1
        case Phase.FAILED if status.progress < RELAYS_FROM:
            return 0
        case Phase.BOOTSTRAPPING | Phase.FAILED:
            if status.progress >= CIRCUIT_FROM:
                return count - 1
            return 1 if status.first and status.progress < ANSWERED_FROM else count - 2
        case _:
            assert_never(status.phase)


def _between_title(status: TorStatus, state: str) -> str:
    if status.first == "bridge":
        return t("Bridge answered") if state == "done" else t("Reach the bridge")
    return t("Proxy lets through") if state == "done" else t("Pass the proxy")


def _first_title(status: TorStatus, state: str) -> str:
    if status.means in {"control", "socks"}:
        return t("Tor found") if state == "done" else t("Find Tor")
    return t("Tor started") if state == "done" else t("Start Tor")


def _first_note(status: TorStatus, state: str) -> str:
    if state == "stopped":
        return t("Stopped")
    if state == "now":
        return t("Starting…") if status.means in {"launch", ""} else t("Asking…")
    if state == "later":
        return t("A second")
    if status.version:
        number = status.version.split()[0].removesuffix(",")
        return t("Version {version}", version=number)
    return t("It answers")


def _between_note(status: TorStatus, state: str) -> str:
    match state:
        case "done" if status.bridges and status.bridges[0]:
            answered, count = status.bridges
            return tn("{answered} of {n} bridge", "{answered} of {n} bridges", count, answered=answered)
        case "done":
            return t("Done")
        case "now":
            return t("{n} %", n=status.progress)
        case "stopped":
            return t("Stopped at {n} %", n=status.progress)
        case _:
            return t("A few seconds")


def _second_note(status: TorStatus, state: str) -> str:
    match state:
        case "done":
            return t("Done")
        case "now":
            return t("Waiting for an answer") if status.proving else t("{n} %", n=status.progress)
        case "stopped":
            return t("No answer yet") if status.proving else t("Stopped at {n} %", n=status.progress)
        case _:
            return t("Half a minute at first")


def _third_note(status: TorStatus, state: str) -> str:
    match state:
        case "done":
            return t("Done") if status.sees_circuits else t("Not shown by this Tor")
        case "now":
            return t("Waiting for an answer") if status.proving else t("{n} %", n=status.progress)
        case "stopped" if status.proving:
            return t("No answer yet")
        case "stopped":
            return (
                t("Stopped at {n} %", n=status.progress)
                if status.phase is Phase.FAILED
                else t("None works now")
            )
        case _:
            return t("A few seconds")
