"""A Tor beside this computer: what may cross the network to it, and what may not."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.tor.parts import Server
from torsend.tor import guard, link
from torsend.tor.cancel import Cancel
from torsend.tor.choice import Control, Socks
from torsend.tor.link import Link, open_link
from torsend.tor.status import Phase, TorStatus
from torsend.tor.troubles import TooFar, cautions
from torsend.tor.whereabouts import is_here, is_near

if TYPE_CHECKING:
    from pathlib import Path

    from torsend.tor.guard import Address


@pytest.mark.parametrize(
    ("address", "here", "near"),
    [
        ("/run/tor/socks", True, True),
        (("127.0.0.1", 9050), True, True),
        (("127.1.2.3", 9050), True, True),
        (("::1", 9050), True, True),
        (("::ffff:127.0.0.1", 9050), True, True),
        (("10.152.152.10", 9050), False, True),
        (("192.168.1.1", 9050), False, True),
        (("172.31.255.255", 9050), False, True),
        (("fd00::10", 9050), False, True),
        (("172.32.0.0", 9050), False, False),
        (("0.0.0.0", 9050), False, False),
        (("8.8.8.8", 9050), False, False),
        (("::ffff:8.8.8.8", 9050), False, False),
        (("2001:db8::1", 9050), False, False),
    ],
)
def test_where_an_address_is(address: Address, here: bool, near: bool) -> None:
    assert (is_here(address), is_near(address)) == (here, near)


def test_a_port_that_is_too_far_is_not_even_connected_to(tmp_path: Path) -> None:
    before = guard.permissions()
    for choice in (Socks("203.0.113.5", 9050), Control("203.0.113.5", 9051)):
        with pytest.raises(TooFar, match="outside the local network"):
            open_link(choice, tmp_path, lambda: None, lambda _: None, lambda _: False, Cancel())
    assert guard.permissions() == before


def test_a_link_knows_that_its_port_is_elsewhere() -> None:
    def at(proxy: Address | None) -> Link:
        standing = Link("socks", Cancel())
        standing.proxy = proxy
        return standing

    assert not at(None).elsewhere
    assert not at(("127.0.0.1", 9050)).elsewhere
    assert at(("10.152.152.10", 9050)).elsewhere
    assert at(None).isolates is None


def test_a_control_password_is_not_said_to_another_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []

    def wants_a_password(connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            for line in lines:
                heard.append(line)
                connection.sendall(
                    b'250-PROTOCOLINFO 1\r\n250-AUTH METHODS=HASHEDPASSWORD\r\n250-VERSION Tor="0.4.8.12"\r\n250 OK\r\n'
                )

    monkeypatch.setattr(link, "is_here", lambda _: False)
    with Server(wants_a_password) as server, pytest.raises(TooFar, match="control password"):
        open_link(
            Control(*server.address),
            tmp_path,
            lambda: "the password",
            lambda _: None,
            lambda _: False,
            Cancel(),
        )
    assert heard == [b"PROTOCOLINFO 1\r\n"]


def test_the_person_is_told_of_a_tor_elsewhere_and_of_isolation_that_is_not_known() -> None:
    ready = TorStatus(phase=Phase.READY, progress=100, means="control", isolates=True)
    assert cautions(ready) == ()
    (caution,) = cautions(TorStatus(phase=Phase.READY, means="control", isolates=True, elsewhere=True))
    assert "another computer" in caution
    (caution,) = cautions(TorStatus(phase=Phase.READY, means="socks"))
    assert "circuits of their own" in caution
    assert cautions(TorStatus()) == ()
