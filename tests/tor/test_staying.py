"""What happens to a computer while Tor runs on it: sleep, another clock, a network that goes and comes."""

from __future__ import annotations

import dataclasses
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tor.parts import NOWHERE, PATIENCE, Seen, Server, echo, pid_of
from tests.tor.test_connection import QUICK, _is, _socks_only
from torsend.tor import connection as connection_module
from torsend.tor import process, routes, tending
from torsend.tor.choice import Launch, Socks
from torsend.tor.clocks import Clocks, Jump
from torsend.tor.connection import Connection
from torsend.tor.control import wire
from torsend.tor.events import WayOutGone
from torsend.tor.isolation import Purpose
from torsend.tor.pace import Pace
from torsend.tor.routes import WayOutWatch, has_way_out
from torsend.tor.status import Phase, TorStatus
from torsend.tor.stream_failures import ProxySilent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.demo.network import PrivateNetwork

NAME = "staying.rowanmail.example"


class Times:
    """Three clocks by hand."""

    def __init__(self) -> None:
        self.wall, self.awake, self.boot = 1e9, 50.0, 70.0

    def pass_(self, *, awake: float = 0.0, asleep: float = 0.0, set_by: float = 0.0) -> None:
        self.awake += awake
        self.boot += awake + asleep
        self.wall += awake + asleep + set_by

    def clocks(self, *, counts_sleep: bool = True) -> Clocks:
        return Clocks(lambda: self.wall, lambda: self.awake, lambda: self.boot if counts_sleep else None)


def test_sleep_and_another_clock_are_told_apart() -> None:
    times = Times()
    clocks = times.clocks()
    times.pass_(awake=4000.0, set_by=1.0)
    assert not clocks.look()
    times.pass_(awake=3.0, asleep=3600.0)
    assert clocks.look() == Jump(slept=True)
    times.pass_(awake=3.0, set_by=-7200.0)
    assert clocks.look() == Jump(clock_set=True)
    times.pass_(awake=1.0, asleep=60.0, set_by=7200.0)
    assert clocks.look() == Jump(slept=True, clock_set=True)
    assert not clocks.look()


def test_where_no_clock_counts_sleep_a_jump_ahead_is_taken_for_both() -> None:
    times = Times()
    clocks = times.clocks(counts_sleep=False)
    times.pass_(awake=3.0, asleep=3600.0)
    assert clocks.look() == Jump(slept=True, clock_set=True)
    times.pass_(awake=3.0, set_by=-3600.0)
    assert clocks.look() == Jump(clock_set=True)


def test_the_clocks_of_this_computer_run_alike() -> None:
    assert not Clocks().look()


ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
{lines}"""
DEFAULT = "eth0\t00000000\t010011AC\t{flags}\t0\t0\t0\t00000000\t0\t0\t0\n"
LOCAL = "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
NOBODY_6 = f"{'0' * 32} 00 {'0' * 32} 00 {'0' * 32} ffffffff 00000001 00000000 00200200       lo\n"
DEFAULT_6 = f"{'0' * 32} 00 {'0' * 32} 00 fe80{'0' * 27}1 00000400 00000001 00000000 00450003     eth0\n"


@pytest.mark.parametrize(
    ("four", "six", "found"),
    [
        (DEFAULT.format(flags="0003"), "", True),
        (LOCAL, NOBODY_6, False),
        (DEFAULT.format(flags="0002"), "", False),
        (LOCAL, DEFAULT_6, True),
        (None, DEFAULT_6, True),
        (None, NOBODY_6, False),
        (None, None, None),
        ("nonsense\n", "nonsense\n", False),
    ],
)
def test_the_kernels_tables(four: str | None, six: str | None, found: bool | None, tmp_path: Path) -> None:
    if four is not None:
        (tmp_path / "route").write_text(ROUTES.format(lines=four))
    if six is not None:
        (tmp_path / "ipv6_route").write_text(six)
    assert has_way_out(tmp_path) is found


def test_only_a_way_out_that_was_there_is_missed() -> None:
    told = iter([False, False, True, True, None, False, False, True])
    watch = WayOutWatch(lambda: next(told))
    gone, there = WayOutGone(True), WayOutGone(False)
    assert [watch.look() for _ in range(7)] == [None, there, None, None, gone, None, there]


AN_INTERFACE = """
import subprocess
from torsend.tor.routes import WayOutWatch, has_way_out

def ip(*words):
    subprocess.run(["ip", *words], check=True)

def up():
    for each in ("here", "there"):
        ip("link", "set", each, "up")
    ip("route", "add", "default", "via", "192.0.2.2")

print(has_way_out())
ip("link", "add", "here", "type", "veth", "peer", "name", "there")
ip("address", "add", "192.0.2.1/24", "dev", "here")
up()
watch = WayOutWatch()
print(has_way_out(), watch.look())
ip("link", "set", "here", "down")
print(has_way_out(), watch.look(), watch.look())
up()
print(has_way_out(), watch.look(), watch.look())
"""


def test_an_interface_that_goes_down_and_up() -> None:
    """A real one, in a network namespace of its own."""
    alone = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    told = subprocess.run(
        [*alone, sys.executable, "-c", AN_INTERFACE],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"},
    ).stdout.splitlines()
    assert told == [
        "False",
        "True None",
        "False WayOutGone(gone=True) None",
        "True WayOutGone(gone=False) None",
    ]


# ---- on a private network


@pytest.fixture
def on(private_network: PrivateNetwork, tmp_path: Path) -> Iterator[tuple[Connection, Seen[TorStatus]]]:
    """Ready; looks about often."""
    private_network.names[NAME] = "127.0.0.1"
    include = tmp_path / "include"
    include.write_text(private_network.client_torrc)
    pace = Pace(look=0.1, pauses=(0.05,), stable=0.0)
    connection = Connection(Launch(torrc_include=include), tmp_path / "data", pace=pace)
    seen: Seen[TorStatus] = Seen()
    connection.subscribe(seen)
    connection.start()
    try:
        connection.wait_ready(60)
        yield connection, seen
    finally:
        connection.stop()


def carries(connection: Connection) -> bool:
    """Whether bytes go there and back."""
    with Server(echo) as server:
        token = connection.isolation.token("wren", Purpose.SENDING)
        deadline = time.monotonic() + PATIENCE
        with connection.open_stream(NAME, server.address[1], token, deadline) as stream:
            stream.send(b"hello", deadline)
            return stream.receive(5, deadline) == b"hello"


def test_a_tor_that_is_stopped_for_a_moment_is_told_of_and_goes_on(
    on: tuple[Connection, Seen[TorStatus]], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, seen = on
    monkeypatch.setattr(wire, "SLOW_SECONDS", 0.2)
    pid = pid_of(connection._folder)
    os.kill(pid, signal.SIGSTOP)
    try:
        slow = seen.wait(_is(Phase.DEGRADED, "slow"))
    finally:
        os.kill(pid, signal.SIGCONT)
    assert slow.trouble
    assert "doesn’t answer at the moment" in slow.trouble.what
    seen.forget()
    seen.wait(_is(Phase.READY))
    assert pid_of(connection._folder) == pid
    assert carries(connection)


def test_a_tor_that_stays_stopped_is_replaced_and_carries_again(
    on: tuple[Connection, Seen[TorStatus]], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, seen = on
    monkeypatch.setattr(process, "STOP_SECONDS", 0.1)
    monkeypatch.setattr(tending, "_GOING_SECONDS", 0.1)
    monkeypatch.setattr(wire, "SLOW_SECONDS", 0.1)
    monkeypatch.setattr(wire.Wire, "_reply", _impatient)
    frozen = pid_of(connection._folder)
    seen.forget()
    os.kill(frozen, signal.SIGSTOP)
    seen.wait(_is(Phase.STARTING, "lost"))
    connection.wait_ready(60)
    assert pid_of(connection._folder) != frozen
    assert carries(connection)


def _impatient(speaking: wire.Wire) -> object:
    return speaking._replies.get(timeout=0.5)


def test_a_tor_without_sockets_is_noticed_by_the_stream_that_gets_none(
    on: tuple[Connection, Seen[TorStatus]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers on its control connection as if nothing were; only a closer look finds out."""
    from torsend.tor import link

    monkeypatch.setattr(link, "PROBE_SECONDS", 0.5)
    connection, seen = on
    poor = pid_of(connection._folder)
    seen.forget()
    resource.prlimit(poor, resource.RLIMIT_NOFILE, (3, 3))
    token = connection.isolation.token("wren", Purpose.SENDING)
    with pytest.raises(ProxySilent):
        connection.open_stream(NAME, 9, token, time.monotonic() + 0.5)
    seen.wait(_is(Phase.STARTING, "lost"))
    connection.wait_ready(60)
    assert pid_of(connection._folder) != poor
    assert carries(connection)


def test_a_network_that_goes_and_comes_is_told_at_once(
    on: tuple[Connection, Seen[TorStatus]], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, seen = on
    there = True
    monkeypatch.setattr(routes.WayOutWatch.__init__, "__defaults__", (lambda: there,))
    connection.choose(dataclasses.replace(connection.choice))  # begin again, with these eyes
    connection.wait_ready(60)
    there = False
    offline = seen.wait(_is(Phase.DEGRADED, "offline"))
    assert offline.trouble
    assert "lost the network" in offline.trouble.what
    seen.forget()
    there = True
    seen.wait(_is(Phase.READY))
    assert carries(connection)


def test_a_tor_that_found_no_network_is_started_anew_when_there_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = False
    monkeypatch.setattr(routes.WayOutWatch.__init__, "__defaults__", (lambda: there,))
    (tmp_path / "include").write_text(NOWHERE)
    connection = Connection(
        Launch(torrc_include=tmp_path / "include"),
        tmp_path / "data",
        pace=dataclasses.replace(QUICK, look=0.05),
    )
    seen: Seen[TorStatus] = Seen()
    connection.subscribe(seen)
    connection.start()
    try:
        seen.wait(_is(Phase.BOOTSTRAPPING, "no-network"))
        first = pid_of(connection._folder)
        seen.forget()
        there = True
        seen.wait(_is(Phase.STARTING))
        seen.wait(_is(Phase.BOOTSTRAPPING))
        assert pid_of(connection._folder) != first
    finally:
        connection.stop()


def test_after_sleep_it_looks_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing else would make it look within the hour."""
    times = Times()
    monkeypatch.setattr(connection_module, "Clocks", times.clocks)
    with Server(_socks_only) as server:
        connection = Connection(
            Socks(*server.address), tmp_path, pace=dataclasses.replace(QUICK, look=3600.0)
        )
        seen: Seen[TorStatus] = Seen()
        connection.subscribe(seen)
        connection.start()
        seen.wait(lambda status: status.phase in {Phase.READY, Phase.BOOTSTRAPPING})
    try:
        times.pass_(asleep=3600.0)
        connection._inbox.tell(connection._link_number, WayOutGone(False))  # whatever wakes it first
        seen.wait(_is(Phase.FAILED, "nothing-there"))
    finally:
        connection.stop()
