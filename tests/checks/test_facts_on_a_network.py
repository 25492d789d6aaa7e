"""Who sees what on the way, told by the kernel and by Tor on a private network: each relay is a process of its own."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tor.parts import PATIENCE, Server, echo, pid_of
from tests.tor.parts import Seen as Heard
from torsend.tor.choice import Launch
from torsend.tor.circuits import Role
from torsend.tor.connection import Connection
from torsend.tor.isolation import Purpose
from torsend.tor.status import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.demo.network import PrivateNetwork
    from torsend.tor.circuits import Circuit

HOST = "facts.rowanmail.example"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


@dataclass(frozen=True)
class Seen:
    """What every process had open while one stream to a server was carried.

    Attributes:
        ours, first, middle, last: far ends of the connections that our tor made, and each relay of the circuit.
        asked: the names that exits looked up meanwhile.
    """

    server: tuple[str, int]
    guards: frozenset[str]
    relays: frozenset[str]
    circuit: Circuit
    ours: frozenset[tuple[str, int]]
    first: frozenset[tuple[str, int]]
    middle: frozenset[tuple[str, int]]
    last: frozenset[tuple[str, int]]
    asked: tuple[str, ...]


def far_ends(pid: int) -> frozenset[tuple[str, int]]:
    """Where the TCP connections that a process made lead, as the kernel has them; not those that came to it."""
    mine = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found = _SOCKET.fullmatch(str(handle.readlink()))
        except OSError:
            continue
        mine |= {found[1]} if found else set()
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    own = [(fields[1], fields[2], fields[3]) for fields in rows if fields[9] in mine]
    listens = {local for local, _, state in own if state == "0A"}
    return frozenset(_end(far) for local, far, state in own if state == "01" and local not in listens)


def _end(written: str) -> tuple[str, int]:
    address, port = written.split(":")
    return ".".join(str(byte) for byte in bytes.fromhex(address)[::-1]), int(port, 16)


@pytest.fixture(scope="module")
def seen(private_network: PrivateNetwork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    private_network.names[HOST] = "127.0.0.1"
    folder = tmp_path_factory.mktemp("facts")
    include = folder / "include"
    include.write_text(private_network.client_torrc)
    connection = Connection(Launch(torrc_include=include), folder / "data")
    heard: Heard[Circuit] = Heard()
    connection.circuits.subscribe(lambda _token, circuit: heard(circuit))
    with Server(echo) as server:
        connection.start()
        try:
            assert connection.wait_ready(60).phase is Phase.READY
            before = len(private_network.asked_names)
            token = connection.isolation.token("facts", Purpose.SENDING)
            deadline = time.monotonic() + PATIENCE
            with connection.open_stream(HOST, server.address[1], token, deadline) as stream:
                stream.send(b"hello", deadline)
                assert stream.receive(5, deadline) == b"hello"
                # Tor's events come over the supervisor's thread, a moment after the stream itself.
                circuit = heard.wait(
                    lambda each: connection.circuits.for_token(token) == each and len(each.relays) == 3
                )
                pids = {relay.role: private_network._nodes[relay.nickname].pid for relay in circuit.relays}
                ends = {role: far_ends(pid) for role, pid in pids.items() if pid}
                yield Seen(
                    server.address,
                    frozenset(site.address for site in private_network._sites if site.part == "authority"),
                    # Bridges that other tests added are relays, too.
                    frozenset(
                        site.address for site in (*private_network._sites, *private_network._bridges.values())
                    ),
                    circuit,
                    far_ends(pid_of(folder / "data")),
                    ends[Role.GUARD],
                    ends[Role.MIDDLE],
                    ends[Role.EXIT],
                    private_network.asked_names[before:],
                )
        finally:
            connection.stop()


def test_this_computer_speaks_to_first_relays_alone(seen: Seen) -> None:
    addresses = {address for address, _ in seen.ours}
    assert addresses
    # On this network the directory authorities are the only guards.
    assert addresses <= seen.guards


def test_the_first_relay_does_not_see_where_it_leads(seen: Seen) -> None:
    assert seen.server not in seen.first
    assert seen.server not in seen.middle
    assert {address for address, _ in seen.first} <= seen.relays
    assert [relay.role for relay in seen.circuit.relays] == [Role.GUARD, Role.MIDDLE, Role.EXIT]


def test_the_server_is_spoken_to_by_the_exit_and_never_from_here(seen: Seen) -> None:
    assert seen.server in seen.last
    assert seen.server not in seen.ours
    assert HOST in seen.asked
