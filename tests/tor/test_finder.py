from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.tor.parts import PATIENCE, RunningTor, Server, free_port, hashed_password, running_tor, silent
from tests.tor.test_control import _with_socks_port
from torsend.tor import finder, guard
from torsend.tor.cancel import Cancel
from torsend.tor.choice import Control, ControlSocket, Launch, Socks, SocksSocket
from torsend.tor.finder import Found, running, tor_binary
from torsend.tor.troubles import NoTorBinary


def test_a_closed_or_silent_place_never_hides_the_next(tor: RunningTor) -> None:
    permitted = guard.permissions()
    path = tor.control_socket.with_name("socks")
    tor.also_listen(f"unix:{path}")
    with Server(silent) as server:
        known = (
            (Control("127.0.0.1", free_port()), "closed"),
            (Control(*server.address), "silent"),
            (Socks(*server.address), "silent too"),
            (ControlSocket(Path("/nonexistent/control")), "not there"),
            (Socks(*tor.control_port), "no SOCKS port"),
            (Control(*tor.socks), "no control port"),
            (Launch(), "nothing that runs"),
            (Control(*tor.control_port), "port"),
            (ControlSocket(tor.control_socket), "socket"),
            (Socks(*tor.socks), "bare"),
            (SocksSocket(path), "bare socket"),
        )
        found = running(known, seconds=2.0)
        assert found == (
            Found(Control(*tor.control_port), "port", circuits=True, isolates=True),
            Found(ControlSocket(tor.control_socket), "socket", circuits=True, isolates=True),
            Found(Socks(*tor.socks), "bare", circuits=False),
            Found(SocksSocket(path), "bare socket", circuits=False),
        )
    assert guard.permissions() == permitted


def test_all_are_tried_side_by_side_so_many_silent_ones_take_no_longer_than_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    together = threading.Barrier(12)

    def hold(connection: socket.socket) -> None:
        together.wait(PATIENCE)  # nobody gets on before all are there
        silent(connection)

    with Server(hold) as server:
        known = tuple((choice(*server.address), str(n)) for n in range(6) for choice in (Control, Socks))
        assert running(known, seconds=2.0) == ()


def test_what_cannot_be_used_is_offered_last_with_the_reason(tmp_path: Path) -> None:
    with (
        running_tor(tmp_path / "password", hashed_password("p")) as wants_password,
        running_tor(tmp_path / "cookie", "CookieAuthentication 1") as wants_cookie,
        Server(_with_socks_port('"127.0.0.1:9050"', "9050 NoIsolateSOCKSAuth")) as mixes,
    ):
        cookie = tmp_path / "cookie" / "data" / "control_auth_cookie"
        cookie.rename(cookie.with_name("elsewhere"))
        found = running(
            (
                (Control(*wants_cookie.control_port), "cookie"),
                (Control(*mixes.address), "mixes"),
                (Control(*wants_password.control_port), "password"),
            ),
            seconds=5.0,
        )
    assert [(each.what, each.usable) for each in found] == [
        ("password", True), ("cookie", False), ("mixes", False)
    ]  # fmt: skip
    assert [each.trouble and each.trouble.code for each in found] == [
        "password-needed", "cookie-unreadable", "no-isolation"
    ]  # fmt: skip
    assert found[0].abilities == "asks for its control password"
    assert "cookie" in found[1].abilities
    assert "share a circuit" in found[2].abilities


def test_it_says_what_each_can_do() -> None:
    choice = Socks("127.0.0.1", 9050)
    assert (
        Found(choice, "", circuits=True, isolates=True).abilities == "shows circuits, keeps identities apart"
    )
    assert Found(choice, "", circuits=True).abilities == "shows circuits"
    assert Found(choice, "", circuits=False).abilities == "no view of circuits"


def test_a_cancelled_search_finds_nothing_more(tor: RunningTor) -> None:
    cancel = Cancel()
    cancel.cancel()
    assert running(((Control(*tor.control_port), "port"),), cancel=cancel) == ()


def test_the_usual_places_are_those_of_tor_browser_and_the_system() -> None:
    assert [str(choice) for choice, _ in finder.KNOWN] == [
        "control:127.0.0.1:9151",
        "control:/run/tor/control",
        "control:127.0.0.1:9051",
        "control:127.0.0.1:9052",
        "socks:127.0.0.1:9150",
        "socks:/run/tor/socks",
        "socks:127.0.0.1:9050",
        "socks:127.0.0.1:9052",
    ]


def test_the_program_is_found_where_systems_keep_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert tor_binary().name == "tor"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tor_binary().name == "tor"
    monkeypatch.setattr(finder, "_ELSEWHERE", (str(tmp_path),))
    with pytest.raises(NoTorBinary):
        tor_binary()
    (tmp_path / "tor").write_text("#!/bin/sh\n")
    (tmp_path / "tor").chmod(0o755)
    assert tor_binary() == tmp_path / "tor"
