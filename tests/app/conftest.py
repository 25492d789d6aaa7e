"""Profiles that were made once, and a Tor that somebody else started."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.parts import PASSPHRASE, Program, implicit, program_on
from tests.identity.conftest import bus, desktop
from tests.tor.parts import NOWHERE, port_of
from tests.vault.helpers import passphrase
from torsend.demo.network import find_tor
from torsend.demo.node import Node
from torsend.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Stage
    from torsend.app import Start

__all__ = ["bus", "desktop"]

BOOTSTRAP_SECONDS = 60.0


@dataclass(frozen=True)
class RunningTor:
    """A Tor of the private network, with everything that one can attach to."""

    node: Node
    control_port: int
    control_socket: Path
    socks_port: int
    socks_socket: Path

    @property
    def socks_places(self) -> tuple[str, ...]:
        """As torrc has them."""
        return f"127.0.0.1:{self.socks_port}", f"unix:{self.socks_socket}"

    def ask(self, command: str) -> list[str]:
        return self.node.ask(command, time.monotonic() + BOOTSTRAP_SECONDS)


@pytest.fixture(scope="session")
def running_tor(session_stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTor]:
    # A unix socket's path has 107 bytes at most, and pytest's folders are deep.
    with tempfile.TemporaryDirectory(prefix="torsend-") as near:
        torrc = session_stage.network.client_torrc + (
            f"SocksPort 127.0.0.1:auto\nSocksPort unix:{near}/socks\nControlPort 127.0.0.1:auto\nCookieAuthentication 1\n"
            f"ControlSocket {near}/control\nLog notice stdout\n"
        )
        node = Node(find_tor(), "somebody’s", tmp_path_factory.mktemp("tor"), torrc)
        deadline = time.monotonic() + BOOTSTRAP_SECONDS
        try:
            node.launch()
            node.ask("SETEVENTS STATUS_CLIENT", deadline)
            node.wait_for(lambda lines: "CIRCUIT_ESTABLISHED" in lines[0], deadline)
            node.ask("SETEVENTS", deadline)
            control, socks = (
                port_of("\n".join(node.ask(f"GETINFO net/listeners/{which}", deadline)))[1]
                for which in ("control", "socks")
            )
            yield RunningTor(node, control, Path(near) / "control", socks, Path(near) / "socks")
        finally:
            node.stop()


def make_quick_vault(program: Program) -> None:
    """One whose passphrase is stretched in no time: half of each run would be Argon2id otherwise."""
    program.profile.mkdir(mode=0o700)
    Vault.create(program.profile / "vault.db", passphrase(PASSPHRASE)).close()


def quick(start: Start) -> Start:
    """The same, with such a vault there."""
    start.profile.prepare()
    Vault.create(start.profile.vault, passphrase(start.passphrase or PASSPHRASE)).close()
    return start


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A profile with one identity; nothing of it ever leaves loopback."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "nowhere").write_text(NOWHERE)
    environment = {
        **os.environ,
        "HOME": str(folder),
        # Nobody's keyring but that of a test which says so.
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
    }
    program = Program(folder, environment, ("--torrc-include", str(folder / "nowhere"), "--patience", "30"))
    make_quick_vault(program)
    program.add(
        "Wren", "wren@rowanmail.example", ("smtp.rowanmail.example", "465", "implicit"), "wren", "secret"
    )
    return program


@pytest.fixture
def program(made_once: Program, tmp_path: Path) -> Program:
    """A profile of its own with one identity, Wren; no network."""
    return made_once.moved_to(tmp_path / "program")


@pytest.fixture(scope="session")
def made_on_stage(session_stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Program:
    program = program_on(session_stage, tmp_path_factory.mktemp("on-stage"))
    make_quick_vault(program)
    program.add("Wren", "wren@rowanmail.example", implicit(session_stage), "wren", "wren’s password")
    return program


@pytest.fixture
def on_stage(stage: Stage, made_on_stage: Program, tmp_path: Path) -> Program:
    """A profile of its own on the private network, which launches its Tor."""
    return made_on_stage.moved_to(tmp_path / "program")


@pytest.fixture
def attached(stage: Stage, made_on_stage: Program, running_tor: RunningTor, tmp_path: Path) -> Program:
    """The same on a Tor that runs already: quicker."""
    program = made_on_stage.moved_to(tmp_path / "attached")
    return Program(
        program.folder,
        program.environment,
        ("--tor", f"control:{running_tor.control_socket}", "--patience", "40"),
    )
