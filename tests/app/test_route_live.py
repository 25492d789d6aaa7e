"""The ribbon of an open window: what becomes of the circuit elsewhere is drawn as soon as Tor tells it."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.app.conftest import quick
from tests.app.test_window import WAIT_MS, person, start_in, until_tor, window, write
from tests.conftest import USERS
from tests.tor.parts import free_port
from torsend.app import App
from torsend.tor.choice import Launch
from torsend.tor.isolation import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.conftest import Stage
    from torsend.gui.window import Window

__all__ = ["window"]
pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def app(stage: Stage, tmp_path: Path, port: int) -> Iterator[App]:
    include = tmp_path / "include"
    include.write_text(f"{stage.torrc.read_text()}\nControlPort 127.0.0.1:{port}\n")
    with App.open(replace(quick(start_in(tmp_path)), tor=Launch(torrc_include=include))) as opened:
        opened.add_identity(person("Wren", "wren", stage.server.implicit_port, stage.host), USERS["wren"])
        yield opened


def test_a_circuit_that_somebody_closes_is_gone_from_the_ribbon(
    qtbot: QtBot, app: App, window: Window, port: int
) -> None:
    until_tor(qtbot, app)
    writer = write(window, app)
    token = app.connection.isolation.token(app.find_identity("Wren").id, Purpose.SENDING)

    def drawn() -> list[str]:
        route = writer.page.route._route
        return [] if route is None else [stop.name for stop in route.stops if stop.known]

    qtbot.waitUntil(lambda: len(drawn()) == 6, timeout=WAIT_MS)
    before = app.connection.circuits.for_token(token)
    assert before is not None
    names = [relay.nickname for relay in before.relays]
    assert drawn()[1:4] == names
    told: list[object] = []
    window.feed.circuit_changed.connect(told.append)
    with socket.create_connection(("127.0.0.1", port)) as other:
        other.sendall(f"AUTHENTICATE\r\nCLOSECIRCUIT {before.id}\r\nQUIT\r\n".encode())
        # By the event alone: nothing is asked for, and no clock is waited for.
        qtbot.waitUntil(lambda: drawn()[1:4] != names or _another(app, token, before.id), timeout=WAIT_MS)
    assert told


def _another(app: App, token: object, closed: str) -> bool:
    """A circuit of the same relays may have come in its place."""
    now = app.connection.circuits.for_token(token)  # type: ignore[arg-type]
    return now is not None and now.id != closed
