"""That ready is said when an exit has answered, and not before: on a real network, with a Tor that somebody else runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.control_filter import NOTHING, ControlFilter
from tests.tor.parts import PATIENCE, Seen, port_of
from torsend.demo.network import PrivateNetwork, find_tor
from torsend.demo.node import Node
from torsend.tor import finder, guard, proof
from torsend.tor.cancel import Cancel
from torsend.tor.choice import Control, Socks, SocksSocket
from torsend.tor.connection import Connection
from torsend.tor.isolation import Purpose, Token
from torsend.tor.pace import Pace
from torsend.tor.proof import circuit_carries
from torsend.tor.status import Phase, TorStatus
from torsend.tor.stream_failures import StreamTimedOut
from torsend.tor.troubles import NotIsolating

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Theirs:
    """A Tor of the network that somebody else started, and whose exits can be taken away."""

    node: Node
    network: PrivateNetwork
    control: tuple[str, int]
    socks: tuple[str, int]

    def without_exits(self) -> None:
        self._set(",".join(self.network.relays.values()))

    def with_exits(self) -> None:
        self._set("")

    def _set(self, excluded: str) -> None:
        self.node.ask(f"SETCONF ExcludeExitNodes={excluded}", time.monotonic() + PATIENCE)


@pytest.fixture(scope="module")
def started(private_network: PrivateNetwork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theirs]:
    torrc = private_network.client_torrc + (
        "SocksPort 127.0.0.1:auto\nControlPort 127.0.0.1:auto\nCookieAuthentication 1\nLog notice stdout\n"
    )
    node = Node(find_tor(), "theirs", tmp_path_factory.mktemp("theirs"), torrc)
    deadline = time.monotonic() + 60
    try:
        node.launch()
        node.ask("SETEVENTS STATUS_CLIENT", deadline)
        node.wait_for(lambda lines: "CIRCUIT_ESTABLISHED" in lines[0], deadline)
        node.ask("SETEVENTS", deadline)
        control, socks = (
            port_of("\n".join(node.ask(f"GETINFO net/listeners/{which}", deadline)))
            for which in ("control", "socks")
        )
        yield Theirs(node, private_network, control, socks)
    finally:
        node.stop()


@pytest.fixture
def theirs(started: Theirs) -> Iterator[Theirs]:
    yield started
    started.with_exits()


def _opened(connection: Connection, token: Token, *, optimistic: bool) -> None:
    until = time.monotonic() + 0.3
    with connection.open_stream("smtp.rowanmail.example", 465, token, until, optimistic=optimistic) as stream:
        stream.settle(until)


def test_an_exit_answers_without_asking_anybody(theirs: Theirs) -> None:
    asked = len(theirs.network.asked_names)
    with guard.permitted(theirs.socks):
        assert circuit_carries(theirs.socks, time.monotonic() + PATIENCE, Cancel())
        theirs.without_exits()
        assert not circuit_carries(theirs.socks, time.monotonic() + 1, Cancel())
    assert theirs.network.asked_names[asked:] == ()


@pytest.mark.parametrize(("by", "optimistic"), [(Control, True), (Socks, False)])
def test_ready_is_said_when_an_exit_answered_and_not_when_tor_thinks_so(
    theirs: Theirs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by: type[Control] | type[Socks],
    optimistic: bool,
) -> None:
    monkeypatch.setattr(proof, "PAUSE", 0.05)
    monkeypatch.setattr(proof.Proof.__init__, "__defaults__", (1.0,))
    theirs.without_exits()
    assert theirs.node.ask("GETINFO status/circuit-established", time.monotonic() + PATIENCE)[0].endswith(
        "=1"
    )
    seen: Seen[TorStatus] = Seen()
    connection = Connection(by(*(theirs.control if by is Control else theirs.socks)), tmp_path, pace=Pace())
    connection.subscribe(seen)
    connection.start()
    try:
        waiting = seen.wait(lambda status: status.trouble is not None)
        assert waiting.trouble
        assert (waiting.phase, waiting.trouble.code, waiting.proving) == (
            Phase.BOOTSTRAPPING,
            "unproven",
            True,
        )
        assert not any(status.usable for status in seen.all)
        theirs.with_exits()
        assert not seen.wait(lambda status: status.phase is Phase.READY).proving

        # What was true is looked at again when a stream gets no answer.
        seen.forget()
        theirs.without_exits()
        token = connection.isolation.token("wren", Purpose.SENDING)
        with pytest.raises(StreamTimedOut):
            _opened(connection, token, optimistic=optimistic)
        lost = seen.wait(lambda status: status.phase is Phase.DEGRADED)
        assert lost.trouble
        assert lost.trouble.code == "no-circuit"
        theirs.with_exits()
        seen.forget()
        seen.wait(lambda status: status.phase is Phase.READY)
    finally:
        connection.stop()


def test_behind_a_filter_that_lets_nothing_be_asked_the_usual_socks_ports_are_tried(
    theirs: Theirs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = (SocksSocket(tmp_path / "nobody"), Socks("127.0.0.1", theirs.socks[1]))
    monkeypatch.setattr(finder, "USUAL_SOCKS", usual)
    with ControlFilter(theirs.control, NOTHING) as filtered:
        connection = Connection(Control(*filtered.address), tmp_path)
        connection.start()
        try:
            status = connection.wait_ready(PATIENCE)
            assert (status.sees_circuits, status.isolates, status.means) == (False, None, "control")
            assert not connection.give_onion_key("x.onion", "key")
            assert connection.give_onion_key("x.onion", None)
        finally:
            connection.stop()
        monkeypatch.setattr(finder, "USUAL_SOCKS", usual[:1])
        connection = Connection(Control(*filtered.address), tmp_path)
        connection.start()
        try:
            with pytest.raises(NotIsolating, match="none was found at the usual places"):
                connection.wait_ready(PATIENCE)
            assert not connection.give_onion_key("x.onion", "key")
        finally:
            connection.stop()


def test_a_bare_socks_port_cannot_be_given_a_key(theirs: Theirs, tmp_path: Path) -> None:
    connection = Connection(Socks(*theirs.socks), tmp_path)
    connection.start()
    try:
        connection.wait_ready(PATIENCE)
        assert not connection.give_onion_key("x.onion", "key")
    finally:
        connection.stop()
