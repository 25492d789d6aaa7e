"""Bridges and proxies that fail, each produced for real: what the person is told."""

from __future__ import annotations

import dataclasses
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.proxies import proxy
from tests.tor.parts import Seen, Server, echo, free_port, silent
from torsend.tor.bridges import Bridge, read_bridges
from torsend.tor.choice import Launch
from torsend.tor.connection import Connection
from torsend.tor.course import Course
from torsend.tor.events import Bootstrapped, NoneReachable
from torsend.tor.pace import Pace
from torsend.tor.status import TorStatus
from torsend.tor.way_out import Proxy, ProxyKind, WayOut

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.demo.network import PrivateNetwork

STUCK = 4.0
"""Seconds, instead of half a minute: nothing here gets on, however long one waits."""


@pytest.fixture(scope="module")
def obfs4(private_network: PrivateNetwork) -> Bridge:
    [bridge] = read_bridges(
        private_network.start_bridge(Path(shutil.which("obfs4proxy") or "/usr/bin/lyrebird"))
    ).bridges
    return bridge


@pytest.fixture(scope="module")
def plain(private_network: PrivateNetwork) -> Bridge:
    [bridge] = read_bridges(private_network.start_bridge()).bridges
    return bridge


@pytest.fixture
def told(private_network: PrivateNetwork, tmp_path: Path) -> Callable[[WayOut, str], TorStatus]:
    """Tries that way until the trouble with that code is told."""

    def tried(way: WayOut, code: str) -> TorStatus:
        include = tmp_path / "include"
        include.write_text(private_network.client_torrc)
        connection = Connection(
            Launch(torrc_include=include, way_out=way), tmp_path / "data", pace=Pace(stuck=STUCK)
        )
        seen: Seen[TorStatus] = Seen()
        connection.subscribe(seen)
        connection.start()
        try:
            return seen.wait(lambda status: status.trouble is not None and status.trouble.code == code)
        finally:
            connection.stop()

    return tried


def words(status: TorStatus) -> str:
    assert status.trouble
    return f"{status.trouble.what} {status.trouble.advice}"


def test_a_bridge_that_is_gone(plain: Bridge, told: Callable[[WayOut, str], TorStatus]) -> None:
    status = told(WayOut((dataclasses.replace(plain, port=free_port()),)), "bridge-unreachable")
    assert "No bridge answers" in words(status)
    assert status.first == "bridge"
    # The line tells how this person reaches Tor: what may be shared doesn't name it.
    assert status.trouble
    assert plain.address not in status.trouble.detail


def test_an_obfs4_bridge_that_is_gone(obfs4: Bridge, told: Callable[[WayOut, str], TorStatus]) -> None:
    told(WayOut((dataclasses.replace(obfs4, port=free_port()),)), "bridge-unreachable")


@pytest.mark.parametrize("kind", ["plain", "obfs4"])
def test_a_bridge_with_another_fingerprint(
    kind: str, request: pytest.FixtureRequest, told: Callable[[WayOut, str], TorStatus]
) -> None:
    bridge: Bridge = request.getfixturevalue(kind)
    status = told(WayOut((dataclasses.replace(bridge, fingerprint="A" * 40),)), "bridge-mismatch")
    assert "fingerprint is another" in words(status)
    assert status.bridges == (0, 1)


def test_an_obfs4_bridge_with_another_certificate(
    obfs4: Bridge, told: Callable[[WayOut, str], TorStatus]
) -> None:
    told(
        WayOut((dataclasses.replace(obfs4, arguments=(f"cert={'A' * 70}", "iat-mode=0")),)),
        "bridge-unreachable",
    )


@pytest.mark.parametrize("kind", [ProxyKind.SOCKS5, ProxyKind.HTTPS])
def test_a_proxy_that_is_not_there(kind: ProxyKind, told: Callable[[WayOut, str], TorStatus]) -> None:
    there = Proxy(kind, "127.0.0.1", free_port())
    status = told(WayOut(proxy=there), "proxy-unreachable")
    assert there.address in words(status)
    assert "doesn’t answer" in words(status)
    assert status.first == "proxy"


@pytest.mark.parametrize("kind", [ProxyKind.SOCKS5, ProxyKind.HTTPS])
def test_a_proxy_that_wants_another_password(
    kind: ProxyKind, told: Callable[[WayOut, str], TorStatus], tmp_path: Path
) -> None:
    with proxy(kind, tmp_path, log_in=True) as there:
        status = told(WayOut(proxy=there.with_password("wrong")), "proxy-refused")
    assert "user name and password" in words(status)
    assert "wrong" not in words(status)


@pytest.mark.parametrize("manner", [echo, silent])
def test_what_is_no_proxy(manner: Callable[..., None], told: Callable[[WayOut, str], TorStatus]) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(Server(manner))
        told(WayOut(proxy=Proxy(ProxyKind.SOCKS5, "127.0.0.1", server.address[1])), "proxy-refused")


def test_a_firewall_that_lets_nothing_useful_out(told: Callable[[WayOut, str], TorStatus]) -> None:
    status = told(WayOut(ports=(9,)), "no-relay-on-ports")
    assert "may be used: 9." in words(status)


def test_a_proxy_that_refuses_is_told_before_tor_would(tmp_path: Path) -> None:
    course = Course(0.0, way=WayOut(proxy=Proxy(ProxyKind.HTTPS, "192.0.2.1", 8080)))
    for count in (1, 2, 3):
        assert course.trouble(1.0) is None
        course.take(Bootstrapped(3, "", "CONNECTREFUSED", tag="conn_proxy", count=count), 1.0)
    found = course.trouble(1.0)
    assert found
    assert found.code == "proxy-unreachable"
    # Of a proxy that says nothing Tor says nothing either: ten seconds are enough.
    course.take(Bootstrapped(4, "", tag="conn_done_proxy"), 5.0)
    assert course.trouble(14.9) is None
    assert course.stuck_at() == 15.0
    refused = course.trouble(15.0)
    assert refused
    assert refused.code == "proxy-refused"


def test_ports_alone_explain_what_cannot_be_reached() -> None:
    course = Course(0.0)
    course.take(NoneReachable(), 1.0)
    found = course.trouble(1.0)
    assert found
    assert found.code == "stuck"
