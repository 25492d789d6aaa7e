"""What the house stands on, shown on a real Tor network: nobody shares a circuit with anybody.

The proof is Tor's own: STREAM and CIRC events of an independent control connection, not what the program says of itself.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tor.parts import PATIENCE, Seen, Server, echo, pid_of, threads
from torsend.demo.network import PrivateNetwork
from torsend.tor import guard
from torsend.tor.choice import Control, Launch
from torsend.tor.circuits import Circuit, CircuitState, Role
from torsend.tor.connection import Connection
from torsend.tor.isolation import Purpose, Token
from torsend.tor.status import Phase, TorStatus
from torsend.tor.stream import Stream
from torsend.tor.stream_failures import StreamRefused

HOST = "echo.rowanmail.example"
SEND = Purpose.SENDING


class Observer:
    """Another program on Tor's control port, which writes down every STREAM event."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.lines: Seen[str] = Seen()
        self._socket = socket.create_connection(address)
        self._socket.sendall(b"AUTHENTICATE\r\nSETEVENTS STREAM\r\n")
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def carried(self, token: Token) -> set[str]:
        """Ids of the circuits to which Tor ever attached a stream of these credentials."""
        mine = (line for line in self.lines.all if f'SOCKS_PASSWORD="{token.password}"' in line)
        found = (re.match(r"650 STREAM \d+ [A-Z]+ (\d+) ", line) for line in mine)
        return {match[1] for match in found if match and match[1] != "0"}

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._socket.makefile("r") as heard:
            for line in heard:
                self.lines(line)


@dataclass
class OnTheNetwork:
    connection: Connection
    observer: Observer
    network: PrivateNetwork
    port: int
    """Of an echo that is reached under ``HOST``."""

    def open(self, token: Token, host: str = HOST, *, optimistic: bool = False) -> Stream:
        return self.connection.open_stream(
            host, self.port, token, time.monotonic() + PATIENCE, optimistic=optimistic
        )

    def speak(self, token: Token, host: str = HOST, *, optimistic: bool = False) -> None:
        """There and back over the token's circuit; returns when Tor has told of the stream's end."""
        with self.open(token, host, optimistic=optimistic) as stream:
            stream.send(b"hello", time.monotonic() + PATIENCE)
            assert stream.receive(5, time.monotonic() + PATIENCE) == b"hello"
        self.observer.lines.wait(lambda line: f'PASSWORD="{token.password}"' in line and " CLOSED " in line)

    def circuits(self, token: Token) -> set[str]:
        """As Tor told the observer; what the program itself says must be the same."""
        told = self.observer.carried(token)
        assert told
        _until(self.connection, lambda: set(self.connection.circuits.carried(token)) >= told)
        assert set(self.connection.circuits.carried(token)) == told
        return told


def _until(connection: Connection, fits: object) -> None:
    """Waits until what the supervisor knows fits: it hears of events a moment after the observer."""
    assert callable(fits)
    changed: Seen[None] = Seen()
    leave = connection.circuits.subscribe(lambda *_: changed(None))
    try:
        if not fits():
            changed.wait(lambda _: bool(fits()))
    finally:
        leave()


@pytest.fixture(scope="module")
def on(private_network: PrivateNetwork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnTheNetwork]:
    private_network.names[HOST] = "127.0.0.1"
    folder = tmp_path_factory.mktemp("on-the-network")
    include = folder / "include"
    include.write_text(
        private_network.client_torrc
        + f"ControlPort 127.0.0.1:auto\nControlPortWriteToFile {folder / 'control-port'}\n"
    )
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server(echo))
        connection = Connection(Launch(torrc_include=include), folder / "data")
        stack.callback(connection.stop)
        connection.start()
        assert connection.wait_ready(60).phase is Phase.READY
        observer = Observer(_control_port(folder))
        stack.callback(observer.close)
        yield OnTheNetwork(connection, observer, private_network, server.address[1])


def _control_port(data: Path) -> tuple[str, int]:
    return "127.0.0.1", int(re.search(r":(\d+)", (data / "control-port").read_text())[1])  # type: ignore[index]


def test_two_identities_never_share_a_circuit_and_a_renewed_one_gets_another(on: OnTheNetwork) -> None:
    isolation = on.connection.isolation
    wren, heron = isolation.token("wren", SEND), isolation.token("heron", SEND)
    looking = isolation.token("wren", Purpose.LOOKING_UP)
    for _ in range(3):
        for token in (wren, heron, looking):
            on.speak(token)
    renewed = on.connection.new_circuit("wren")
    on.speak(renewed)
    sets = [on.circuits(token) for token in (wren, heron, looking, renewed)]
    assert sum(map(len, sets)) == len(set().union(*sets)), "a circuit was shared"
    assert all(len(each) == 1 for each in sets), "one identity kept to one circuit"


def test_many_at_once_stay_apart(on: OnTheNetwork) -> None:
    tokens = [on.connection.isolation.token(f"crowd {number}", SEND) for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(on.speak, tokens * 2))
    sets = [on.circuits(token) for token in tokens]
    assert sum(map(len, sets)) == len(set().union(*sets))


def test_the_circuit_that_is_shown_is_the_one_that_carries(on: OnTheNetwork) -> None:
    token = on.connection.isolation.token("osprey", SEND)
    on.speak(token)
    (only,) = on.circuits(token)
    _until(on.connection, lambda: on.connection.circuits.for_token(token))
    circuit = on.connection.circuits.for_token(token)
    assert circuit
    assert circuit.id == only
    assert circuit.state is CircuitState.BUILT
    assert circuit.built_at
    assert not circuit.onion
    assert [relay.role for relay in circuit.relays] == [Role.GUARD, Role.MIDDLE, Role.EXIT]
    fingerprints = on.network.relays
    for relay in circuit.relays:
        assert fingerprints[relay.nickname] == relay.fingerprint


def test_a_circuit_prepared_is_the_one_that_the_message_takes(on: OnTheNetwork) -> None:
    built: Seen[tuple[Token, Circuit]] = Seen()
    leave = on.connection.circuits.subscribe(lambda token, circuit: built((token, circuit)))
    token = on.connection.isolation.token("prepared", SEND)
    on.connection.prepare(token, HOST, time.monotonic() + PATIENCE)
    _, ahead = built.wait(lambda each: each[0] == token and each[1].state is CircuitState.BUILT)
    on.speak(token)
    assert on.circuits(token) == {ahead.id}
    leave()


def test_nothing_is_asked_for_an_onion_service_or_an_address(on: OnTheNetwork) -> None:
    token = on.connection.isolation.token("nothing", SEND)
    asked = on.network.asked_names
    for host in ("a" * 56 + ".onion", "A" * 56 + ".ONION.", "192.0.2.7", "2001:db8::1"):
        on.connection.prepare(token, host, time.monotonic() + PATIENCE)
    assert on.network.asked_names == asked
    assert on.observer.carried(token) == set()


def test_optimistic_streams_are_isolated_as_well(on: OnTheNetwork) -> None:
    tokens = [on.connection.isolation.token(f"optimist {number}", SEND) for number in range(2)]
    for token in tokens:
        on.speak(token, optimistic=True)
    assert not on.circuits(tokens[0]) & on.circuits(tokens[1])


def test_an_onion_service_is_met_halfway_on_a_circuit_of_the_identitys_own(on: OnTheNetwork) -> None:
    host = on.network.wait_for_onion()
    on.network.lead_onion({on.port: ("127.0.0.1", on.port)})
    tokens = [on.connection.isolation.token(f"onion {number}", SEND) for number in range(2)]
    for token in tokens:
        on.speak(token, host)
        _until(on.connection, lambda token=token: on.connection.circuits.for_token(token))
        circuit = on.connection.circuits.for_token(token)
        assert circuit
        assert circuit.onion
        assert circuit.relays[0].role is Role.GUARD
        assert circuit.relays[-1].role is Role.MEETING
    assert not on.circuits(tokens[0]) & on.circuits(tokens[1])


@pytest.mark.parametrize(
    ("host", "code"),
    [("nowhere.example", 0x04), ("a" * 56 + ".onion", 0xF6)],
)
def test_tors_own_reason_comes_through(on: OnTheNetwork, host: str, code: int) -> None:
    token = on.connection.isolation.token("lost", SEND)
    with pytest.raises(StreamRefused) as raised:
        on.open(token, host).close()
    assert raised.value.code == code


def test_attached_to_that_tor_another_program_sees_only_its_own_circuits(
    on: OnTheNetwork, tmp_path: Path
) -> None:
    theirs = on.connection.isolation.token("theirs", SEND)
    on.speak(theirs)
    port = _control_port(on.connection._folder.parent)
    other = Connection(Control(*port), tmp_path / "unused")
    heard: Seen[TorStatus] = Seen()
    other.subscribe(heard)
    other.start()
    try:
        status = other.wait_ready(PATIENCE)
        assert (status.means, status.progress, status.sees_circuits) == ("control", 100, True)
        assert other.circuits.carried(theirs) == ()
        assert other.circuits.for_token(theirs) is None
        mine = other.isolation.token("wren", SEND)
        with other.open_stream(HOST, on.port, mine, time.monotonic() + PATIENCE) as stream:
            stream.send(b"hello", time.monotonic() + PATIENCE)
            assert stream.receive(5, time.monotonic() + PATIENCE) == b"hello"
        assert not on.observer.carried(mine) & on.observer.carried(theirs)
        assert (on.connection.status.phase, on.connection.circuits.carried(mine)) == (Phase.READY, ())
    finally:
        other.stop()
    assert not (tmp_path / "unused").exists()


def test_a_tor_killed_in_the_middle_comes_back_with_other_circuits(
    private_network: PrivateNetwork, tmp_path: Path
) -> None:
    private_network.names[HOST] = "127.0.0.1"
    include = tmp_path / "include"
    include.write_text(private_network.client_torrc)
    before = threads()
    connection = Connection(Launch(torrc_include=include), tmp_path / "data")
    seen: Seen[TorStatus] = Seen()
    connection.subscribe(seen)
    with Server(echo) as server:
        connection.start()
        try:
            connection.wait_ready(60)
            token = connection.isolation.token("wren", SEND)
            deadline = time.monotonic() + PATIENCE
            with connection.open_stream(HOST, server.address[1], token, deadline) as stream:
                ended: Seen[tuple[Token, Circuit]] = Seen()
                connection.circuits.subscribe(lambda of, circuit: ended((of, circuit)))
                _until(connection, lambda: connection.circuits.for_token(token))
                permitted = guard.permissions()
                seen.forget()
                os.kill(pid_of(tmp_path / "data"), signal.SIGKILL)
                assert stream.receive(5, deadline) == b""
                seen.wait(lambda status: status.trouble is not None and status.trouble.code == "died")
                seen.wait(lambda status: status.phase is Phase.READY)
            ended.wait(lambda each: each[1].state is CircuitState.CLOSED)
            assert connection.circuits.carried(token) == ()
            assert guard.permissions() != permitted, "the old port is not Tor's any more"
            with connection.open_stream(HOST, server.address[1], token, deadline) as stream:
                stream.send(b"again", deadline)
                assert stream.receive(5, deadline) == b"again"
        finally:
            connection.stop()
    assert threads() == before
