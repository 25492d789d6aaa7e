"""What Tor tells, from the words of its control protocol to the values of `torsend.tor.events`."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from datetime import UTC
from typing import TYPE_CHECKING, cast

import stem
import stem.response

from torsend.tor.events import (
    Bootstrapped,
    CircuitChanged,
    CircuitsWork,
    ClockSkewed,
    Event,
    NetworkAlive,
    NoneReachable,
    RelayAnswered,
    StreamChanged,
)
from torsend.tor.isolation import Token

if TYPE_CHECKING:
    from stem.response import ControlMessage, events

Ours = Callable[[str], bool]
"""Whether a SOCKS user name is of this run; of other programs' streams nothing is kept."""


_MOST_DIGITS = 9
_NOT_AS_SPECIFIED = (stem.ProtocolError, ValueError, TypeError, LookupError)
"""stem says most of it by the first; of a missing part it falls over the others."""


def event_of(message: ControlMessage, ours: Ours) -> Event | None:
    """The event as one of ours; None if it is of no interest, or not as the specification has it."""
    with contextlib.suppress(*_NOT_AS_SPECIFIED):
        stem.response.convert("EVENT", message)
        return _known(message, ours)
    return None


def circuit_of(line: str, ours: Ours) -> CircuitChanged | None:
    """A line of ``circuit-status`` as the circuit's last event would tell it; None as `event_of`."""
    with contextlib.suppress(*_NOT_AS_SPECIFIED):
        message = stem.response.ControlMessage.from_str(f"650 CIRC {line}\r\n")
        event = event_of(message, ours)
        if isinstance(event, CircuitChanged):
            return event
    return None


def bootstrap_of(line: str) -> Bootstrapped:
    """What ``status/bootstrap-phase`` says."""
    return _bootstrapped(_pairs(line))


def _known(message: ControlMessage, ours: Ours) -> Event | None:
    known = cast("events.Event", message)
    match known.type:
        case "CIRC":
            return _circuit(cast("events.CircuitEvent", known), ours)
        case "STREAM":
            return _stream(cast("events.StreamEvent", known), ours)
        case "ORCONN":
            return _relay(cast("events.ORConnEvent", known))
        case "NETWORK_LIVENESS":
            return NetworkAlive(cast("events.NetworkLivenessEvent", known).status == "UP")
        case "STATUS_CLIENT" | "STATUS_GENERAL":
            return _status(cast("events.StatusEvent", known))
        case _:
            return None


def _circuit(event: events.CircuitEvent, ours: Ours) -> CircuitChanged:
    name, word = event.socks_username, event.socks_password
    return CircuitChanged(
        id=event.id,
        status=event.status,
        path=tuple((fingerprint or "", nickname or "") for fingerprint, nickname in event.path),
        purpose=event.purpose or "",
        token=Token(name, word) if name and word and ours(name) else None,
        conflux=event.keyword_args.get("CONFLUX_ID", ""),
        created=event.created.replace(tzinfo=UTC) if event.created else None,
    )


def _stream(event: events.StreamEvent, ours: Ours) -> StreamChanged | None:
    name, word = event.keyword_args.get("SOCKS_USERNAME"), event.keyword_args.get("SOCKS_PASSWORD")
    if not (name and word and ours(name)):
        return None
    return StreamChanged(event.id, event.status, event.circ_id or "", Token(name, word))


def _relay(event: events.ORConnEvent) -> RelayAnswered | None:
    if event.status != "CONNECTED" or not event.endpoint_fingerprint:
        return None
    return RelayAnswered(event.endpoint_fingerprint.upper())


def _status(event: events.StatusEvent) -> Event | None:
    match event.action:
        case "BOOTSTRAP":
            return _bootstrapped(event.arguments)
        case "CIRCUIT_ESTABLISHED":
            return CircuitsWork(work=True)
        case "CIRCUIT_NOT_ESTABLISHED":
            return CircuitsWork(work=False)
        case "DIR_ALL_UNREACHABLE":
            return NoneReachable()
        case "CLOCK_SKEW":
            return ClockSkewed(int(event.arguments.get("SKEW", "0")))
        case _:
            return None


def _bootstrapped(pairs: dict[str, str]) -> Bootstrapped:
    return Bootstrapped(
        progress=min(100, _number(pairs.get("PROGRESS", ""))),
        summary=pairs.get("SUMMARY", "")[:200],
        reason=pairs.get("REASON", ""),
        insists=pairs.get("RECOMMENDATION", "") == "warn",
        tag=pairs.get("TAG", ""),
        count=_number(pairs.get("COUNT", "")),
    )


def _number(text: str) -> int:
    """Nought where it is none, or longer than any that Tor tells: Python refuses to read one of thousands of digits."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else 0


def _pairs(line: str) -> dict[str, str]:
    """``KEY=value KEY="quoted value"`` (control-spec section 2.1.1)."""
    found = re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))', line)
    return {key: quoted or bare for key, quoted, bare in found}
