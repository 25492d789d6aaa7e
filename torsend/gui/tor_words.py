"""How the state of Tor is told: words, a shape and a colour. No widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from torsend.tor.status import Phase
from torsend.words import t

if TYPE_CHECKING:
    from torsend.tor.status import TorStatus

RELAYS_FROM, CIRCUIT_FROM = 1, 75
"""Percents of Tor's own count: the directory is read up to 75 (``enough_dirinfo``), then the first circuits are built."""


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


def steps(status: TorStatus) -> tuple[StepWords, StepWords, StepWords]:
    """The three steps of the way: Tor runs, it learns the relays, it builds a circuit."""
    at = _step_of(status)
    stopped = status.phase is Phase.FAILED or (status.trouble is not None and status.phase is not Phase.READY)

    def state(step: int) -> str:
        if step < at:
            return "done"
        if step > at or status.phase is Phase.OFF:
            return "later"
        return "stopped" if stopped else "now"

    return (
        StepWords(_first_title(status, state(0)), _first_note(status, state(0)), state(0)),
        StepWords(
            t("Relays learned") if at > 1 else t("Learn the relays"), _second_note(status, state(1)), state(1)
        ),
        StepWords(
            t("Circuit built") if at > 2 else t("Build a circuit"), _third_note(status, state(2)), state(2)
        ),
    )


def _step_of(status: TorStatus) -> int:
    match status.phase:
        case Phase.OFF | Phase.STARTING:
            return 0
        case Phase.READY:
            return 3
        case Phase.DEGRADED:
            return 2
        case Phase.BOOTSTRAPPING:
            return 2 if status.progress >= CIRCUIT_FROM else 1
        case Phase.FAILED:
            if status.progress < RELAYS_FROM:
                return 0
            return 2 if status.progress >= CIRCUIT_FROM else 1
        case _:
            assert_never(status.phase)


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


def _second_note(status: TorStatus, state: str) -> str:
    match state:
        case "done":
            return t("Done")
        case "now":
            return t("{n} %", n=status.progress)
        case "stopped":
            return t("Stopped at {n} %", n=status.progress)
        case _:
            return t("Half a minute at first")


def _third_note(status: TorStatus, state: str) -> str:
    match state:
        case "done":
            return t("Done") if status.sees_circuits else t("Not shown by this Tor")
        case "now":
            return t("{n} %", n=status.progress)
        case "stopped":
            return (
                t("Stopped at {n} %", n=status.progress)
                if status.phase is Phase.FAILED
                else t("None works now")
            )
        case _:
            return t("A few seconds")
