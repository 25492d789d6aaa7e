from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.tor.parts import RunningTor, Server, free_port, silent
from torsend.tor import finder, guard
from torsend.tor.cancel import Cancel
from torsend.tor.choice import Control, ControlSocket, Launch, Socks
from torsend.tor.finder import Found, running, tor_binary
from torsend.tor.troubles import NoTorBinary


def test_a_closed_or_silent_place_never_hides_the_next(tor: RunningTor) -> None:
    permitted = guard.permissions()
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
        )
        began = time.monotonic()
        found = running(known, seconds=0.3)
        assert found == (
            Found(Control(*tor.control_port), "port"),
            Found(ControlSocket(tor.control_socket), "socket"),
            Found(Socks(*tor.socks), "bare"),
        )
        assert time.monotonic() - began < 10
    assert guard.permissions() == permitted


def test_a_cancelled_search_finds_nothing_more(tor: RunningTor) -> None:
    cancel = Cancel()
    cancel.cancel()
    assert running(((Control(*tor.control_port), "port"),), cancel=cancel) == ()


def test_the_usual_places_are_those_of_tor_browser_and_the_system() -> None:
    assert [str(choice) for choice, _ in finder.KNOWN] == [
        "control:127.0.0.1:9151",
        "control:/run/tor/control",
        "control:127.0.0.1:9051",
        "socks:127.0.0.1:9150",
        "socks:127.0.0.1:9050",
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
