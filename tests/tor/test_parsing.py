"""What Tor tells, in the words of control-spec (section 4.1), becomes a value of ours; what it shouldn't say, nothing."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
import stem
from hypothesis import given
from hypothesis import strategies as st
from stem.response import ControlMessage

from torsend.tor.control.parsing import bootstrap_of, circuit_of, event_of
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

FIRST, SECOND = "A" * 40, "B" * 40


def told(line: str) -> Event | None:
    return event_of(ControlMessage.from_str(f"650 {line}\r\n"), lambda name: name == "ours")


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("NETWORK_LIVENESS UP", NetworkAlive(alive=True)),
        ("NETWORK_LIVENESS DOWN", NetworkAlive(alive=False)),
        ("STATUS_CLIENT NOTICE CIRCUIT_ESTABLISHED", CircuitsWork(work=True)),
        ("STATUS_CLIENT NOTICE CIRCUIT_NOT_ESTABLISHED REASON=CLOCK_JUMPED", CircuitsWork(work=False)),
        ("STATUS_GENERAL WARN DIR_ALL_UNREACHABLE", NoneReachable()),
        ("STATUS_GENERAL WARN CLOCK_SKEW SKEW=-7200 SOURCE=CONSENSUS", ClockSkewed(-7200)),
        ("STATUS_GENERAL WARN CLOCK_SKEW SOURCE=CONSENSUS", ClockSkewed(0)),
        ("STATUS_GENERAL WARN CLOCK_SKEW SKEW=soon", None),
        ("STATUS_GENERAL NOTICE CONSENSUS_ARRIVED", None),
        (
            'STATUS_CLIENT WARN BOOTSTRAP PROGRESS=5 TAG=conn SUMMARY="A relay" REASON=NOROUTE COUNT=3 RECOMMENDATION=warn',
            Bootstrapped(5, "A relay", "NOROUTE", insists=True, tag="conn", count=3),
        ),
        (f"ORCONN ${FIRST.lower()}~larkspur CONNECTED ID=5", RelayAnswered(FIRST)),
        (f"ORCONN ${FIRST}~larkspur FAILED REASON=TIMEOUT ID=5", None),
        ("ORCONN 192.0.2.1:443 CONNECTED ID=5", None),
        (
            'STREAM 9 SENTCONNECT 7 a.example:465 SOCKS_USERNAME="ours" SOCKS_PASSWORD="wren"',
            StreamChanged("9", "SENTCONNECT", "7", Token("ours", "wren")),
        ),
        (
            'STREAM 9 NEW 0 a.example:465 SOCKS_USERNAME="ours" SOCKS_PASSWORD="wren"',
            StreamChanged("9", "NEW", "", Token("ours", "wren")),
        ),
        ('STREAM 9 NEW 0 a.example:465 SOCKS_USERNAME="theirs" SOCKS_PASSWORD="wren"', None),
        ("STREAM 9 NEW 0 a.example:465", None),
        ("BW 1 2", None),
    ],
)  # fmt: skip
def test_an_event_as_it_is_specified(line: str, event: Event | None) -> None:
    assert told(line) == event


@pytest.mark.parametrize(("name", "token"), [("ours", Token("ours", "wren")), ("theirs", None)])
def test_of_a_circuit_only_our_own_credentials_are_kept(name: str, token: Token | None) -> None:
    line = (
        f"7 BUILT ${FIRST}~larkspur,${SECOND} PURPOSE=GENERAL TIME_CREATED=2026-03-01T12:00:00.500000 "
        f'SOCKS_USERNAME="{name}" SOCKS_PASSWORD="wren" CONFLUX_ID=C0'
    )
    expected = CircuitChanged(
        "7", "BUILT", ((FIRST, "larkspur"), (SECOND, "")), "GENERAL", token, "C0",
        datetime(2026, 3, 1, 12, 0, 0, 500_000, UTC),
    )  # fmt: skip
    assert circuit_of(line, lambda told: told == "ours") == expected
    assert told(f"CIRC {line}") == expected


@pytest.mark.parametrize(
    ("line", "progress", "count"),
    [
        ("NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY=\"Done\"", 100, 0),
        ("NOTICE BOOTSTRAP PROGRESS=250", 100, 0),
        ("NOTICE BOOTSTRAP PROGRESS=-5", 0, 0),
        (f"WARN BOOTSTRAP PROGRESS={'9' * 5000} COUNT={'9' * 5000}", 0, 0),
        ("WARN BOOTSTRAP PROGRESS=14 COUNT=12", 14, 12),
        ("", 0, 0),
    ],
)  # fmt: skip
def test_how_far_it_is_lies_between_nothing_and_all(line: str, progress: int, count: int) -> None:
    far = bootstrap_of(line)
    assert (far.progress, far.count) == (progress, count)


def test_quotes_within_a_summary_do_not_end_it() -> None:
    assert bootstrap_of(r'NOTICE BOOTSTRAP PROGRESS=1 SUMMARY="a \"b\" TAG=c" TAG=d').tag == "d"


WORDS = st.sampled_from(
    [
        "CIRC", "STREAM", "ORCONN", "STATUS_CLIENT", "STATUS_GENERAL", "NETWORK_LIVENESS", "NOTICE", "WARN", "BOOTSTRAP",
        "CLOCK_SKEW", "7", "BUILT", "NEW", "CONNECTED", f"${FIRST}~x", "TIME_CREATED=1", "SKEW=", 'SUMMARY="', "PROGRESS=٣",
        'SOCKS_USERNAME="ours"', 'SOCKS_PASSWORD="x"', "a.example:465", "=", '"', "\\",
    ]
)  # fmt: skip


@given(
    st.lists(
        WORDS | st.text(st.characters(exclude_characters="\r\n", codec="ascii"), max_size=12), max_size=9
    )
)
def test_whatever_is_told_is_understood_or_passed_over(words: list[str]) -> None:
    line = " ".join(words)
    bootstrap_of(line)
    circuit_of(line, bool)
    with contextlib.suppress(stem.ProtocolError):  # no reply at all: the reader ends the connection
        message = ControlMessage.from_str(f"650 {line}\r\n")
        event_of(message, bool)
