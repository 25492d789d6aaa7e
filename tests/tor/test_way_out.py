"""Bridges, proxies and firewalls: what tor is told, and mail's way over them on a private network."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.proxies import proxy, socks4
from tests.tor.parts import PATIENCE, Seen, Server, echo
from torsend.tor.bridges import Bridge, read_bridges
from torsend.tor.choice import Launch
from torsend.tor.circuits import Role
from torsend.tor.connection import Connection
from torsend.tor.isolation import Purpose
from torsend.tor.pace import Pace
from torsend.tor.status import Phase, TorStatus
from torsend.tor.troubles import TorTroubled
from torsend.tor.way_out import BadProxy, Proxy, ProxyKind, WayOut

if TYPE_CHECKING:
    from torsend.demo.network import PrivateNetwork
    from torsend.tor.circuits import Circuit

HOST = "bridged.rowanmail.example"
FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"


@pytest.fixture(scope="module")
def obfs4(private_network: PrivateNetwork) -> Bridge:
    program = shutil.which("obfs4proxy") or shutil.which("lyrebird")
    assert program, "obfs4proxy is one of the packages that tests need"
    [bridge] = read_bridges(private_network.start_bridge(Path(program))).bridges
    return bridge


@pytest.fixture(scope="module")
def plain(private_network: PrivateNetwork) -> Bridge:
    [bridge] = read_bridges(private_network.start_bridge()).bridges
    return bridge


def carried(network: PrivateNetwork, folder: Path, way: WayOut) -> tuple[Circuit, TorStatus]:
    """Five bytes there and back; over which circuit, and what was said of Tor."""
    network.names[HOST] = "127.0.0.1"
    include = folder / "include"
    include.write_text(network.client_torrc)
    connection = Connection(Launch(torrc_include=include, way_out=way), folder / "data")
    circuits: Seen[Circuit] = Seen()
    connection.circuits.subscribe(lambda _token, circuit: circuits(circuit))
    with Server(echo) as server:
        connection.start()
        try:
            status = connection.wait_ready(60)
            token = connection.isolation.token("bridged", Purpose.SENDING)
            deadline = time.monotonic() + PATIENCE
            with connection.open_stream(HOST, server.address[1], token, deadline) as stream:
                stream.send(b"hello", deadline)
                assert stream.receive(5, deadline) == b"hello"
                circuit = circuits.wait(
                    lambda each: connection.circuits.for_token(token) == each and len(each.relays) == 3
                )
        finally:
            connection.stop()
    return circuit, status


@pytest.mark.parametrize("kind", ["obfs4", "plain"])
def test_a_bridge_carries_it_in_place_of_the_guard(
    kind: str, private_network: PrivateNetwork, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    bridge: Bridge = request.getfixturevalue(kind)
    circuit, status = carried(private_network, tmp_path, WayOut(bridges=(bridge,)))
    assert status.phase is Phase.READY
    assert [relay.role for relay in circuit.relays] == [Role.BRIDGE, Role.MIDDLE, Role.EXIT]
    assert circuit.relays[0].fingerprint == bridge.fingerprint


def test_those_that_answer_are_counted(
    obfs4: Bridge, plain: Bridge, private_network: PrivateNetwork, tmp_path: Path
) -> None:
    include = tmp_path / "include"
    include.write_text(private_network.client_torrc)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        dead = Bridge("", "127.0.0.1", taken.getsockname()[1], FINGERPRINT)
        way = WayOut(bridges=(obfs4, plain, dead))
        connection = Connection(Launch(torrc_include=include, way_out=way), tmp_path / "data")
        seen: Seen[TorStatus] = Seen()
        connection.subscribe(seen)
        connection.start()
        try:
            seen.wait(lambda status: status.bridges == (2, 3) and status.phase is Phase.READY)
        finally:
            connection.stop()
    assert all(status.bridges[0] <= 2 for status in seen.all if status.bridges)


def test_nothing_of_a_bridge_stands_in_a_file_once_tor_has_ended(
    obfs4: Bridge, private_network: PrivateNetwork, tmp_path: Path
) -> None:
    carried(private_network, tmp_path, WayOut(bridges=(obfs4,)))
    written = {each: each.read_bytes() for each in (tmp_path / "data").rglob("*") if each.is_file()}
    number = obfs4.fingerprint
    grouped = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    for tells in (obfs4.address, number, grouped, obfs4.arguments[0]):
        assert [each.name for each, content in written.items() if tells.encode() in content] == []
    assert b"DisableNetwork 1" in written[tmp_path / "data" / "torrc"]
    assert b"TorVersion" in written[tmp_path / "data" / "state"]


def test_a_transport_that_is_not_here_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tor = shutil.which("tor") or "/usr/sbin/tor"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("torsend.tor.finder._ELSEWHERE", ())
    (tmp_path / "tor").symlink_to(tor)
    [bridge] = read_bridges(f"webtunnel 192.0.2.1:443 {FINGERPRINT} url=https://example.net/x").bridges
    with refused(Launch(tmp_path / "tor", way_out=WayOut((bridge,))), tmp_path) as trouble:
        assert trouble.trouble.code == "transport-not-here"
        assert "webtunnel-client" in trouble.trouble.what


def test_what_tor_refuses_is_said_in_its_words(tmp_path: Path) -> None:
    # A transport without a program for it can't come to be, so this is tor's own view of a line that we let through.
    bridge = Bridge("", "192.0.2.1", 443, "F" * 39 + "G")
    with refused(Launch(way_out=WayOut((bridge,))), tmp_path) as trouble:
        assert trouble.trouble.code == "way-refused"
        assert "Bridge" in trouble.trouble.what
        assert "192.0.2.1" not in trouble.log_safe


class refused:  # noqa: N801  # reads as a word
    def __init__(self, choice: Launch, folder: Path) -> None:
        self._connection = Connection(choice, folder / "data", pace=Pace(pauses=(60.0,)))

    def __enter__(self) -> TorTroubled:
        self._connection.start()
        with pytest.raises(TorTroubled) as caught:
            self._connection.wait_ready(PATIENCE)
        assert self._connection.status.phase is Phase.FAILED
        return caught.value

    def __exit__(self, *_: object) -> None:
        self._connection.stop()


def test_options_as_tor_takes_them() -> None:
    [bridge, second] = read_bridges(
        f"obfs4 192.0.2.1:443 {FINGERPRINT} cert=a\nmeek_lite 192.0.2.2:80 {FINGERPRINT} url=https://x/"
    ).bridges
    proxy = Proxy(ProxyKind.SOCKS5, "192.0.2.3", 1080, "kaspar", 'a\\b"c')
    way = WayOut((bridge, second), proxy, (80, 443))
    assert way.transports == ("obfs4", "meek_lite")
    assert way.options({"obfs4": "/usr/bin/p", "meek_lite": "/usr/bin/p"}) == (
        ("UseBridges", "1"),
        ("Bridge", bridge.line),
        ("Bridge", second.line),
        ("ClientTransportPlugin", "obfs4,meek_lite exec /usr/bin/p"),
        ("Socks5Proxy", "192.0.2.3:1080"),
        ("Socks5ProxyUsername", "kaspar"),
        ("Socks5ProxyPassword", "a%5Cb%22c"),
        ("ReachableAddresses", "*:80,*:443"),
    )
    assert WayOut(proxy=Proxy(ProxyKind.HTTPS, "[2001:db8::1]", 8080, "k", "p")).options({}) == (
        ("HTTPSProxy", "[2001:db8::1]:8080"),
        ("HTTPSProxyAuthenticator", "k:p"),
    )
    assert WayOut(proxy=Proxy(ProxyKind.SOCKS4, "192.0.2.3", 1080)).options({}) == (
        ("Socks4Proxy", "192.0.2.3:1080"),
    )
    assert WayOut().straight
    assert "kaspar" not in repr(way)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ((ProxyKind.SOCKS5, "proxy.example.net", 1080), "IP address"),
        ((ProxyKind.SOCKS5, "0.0.0.0", 1080), "at this address"),
        ((ProxyKind.SOCKS5, "192.0.2.1", 0), "from 1 to 65535"),
        ((ProxyKind.SOCKS4, "192.0.2.1", 1080, "k", "p"), "SOCKS4"),
        ((ProxyKind.SOCKS5, "192.0.2.1", 1080, "", "p"), "user name is missing"),
        ((ProxyKind.HTTPS, "192.0.2.1", 1080, "k:l", "p"), "colon"),
        ((ProxyKind.SOCKS5, "192.0.2.1", 1080, "k\n", "p"), "line break"),
        ((ProxyKind.SOCKS5, "192.0.2.1", 1080, "k", "p\udcf6"), "too long or has"),
    ],
)
def test_a_proxy_that_cannot_be_is_refused(fields: tuple[object, ...], said: str) -> None:
    with pytest.raises(BadProxy, match=said):
        Proxy(*fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "log_in"),
    [
        (ProxyKind.SOCKS5, False),
        (ProxyKind.SOCKS5, True),
        (ProxyKind.HTTPS, False),
        (ProxyKind.HTTPS, True),
    ],
)
def test_a_real_proxy_carries_all_of_it(
    kind: ProxyKind, log_in: bool, private_network: PrivateNetwork, tmp_path: Path
) -> None:
    with proxy(kind, tmp_path, log_in=log_in) as there:
        _, status = carried(private_network, tmp_path, WayOut(proxy=there))
        assert status.phase is Phase.READY
    if there.password:
        # It stands in no file of tor's.
        for file in (tmp_path / "data").rglob("*"):
            assert not file.is_file() or there.password.encode() not in file.read_bytes()


def test_a_socks4_proxy_carries_all_of_it(private_network: PrivateNetwork, tmp_path: Path) -> None:
    with socks4() as there:
        _, status = carried(private_network, tmp_path, WayOut(proxy=there))
    assert status.phase is Phase.READY


def test_a_bridge_behind_a_proxy(obfs4: Bridge, private_network: PrivateNetwork, tmp_path: Path) -> None:
    with proxy(ProxyKind.SOCKS5, tmp_path, log_in=True) as there:
        circuit, _ = carried(private_network, tmp_path, WayOut((obfs4,), there))
    assert circuit.relays[0].role is Role.BRIDGE
