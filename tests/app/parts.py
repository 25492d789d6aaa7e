"""Helpers for the tests of the whole program."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import Stage

PASSPHRASE = "correct horse battery staple"
LONGEST_RUN = 90
"""Seconds; a run that takes longer hangs."""


@dataclass(frozen=True)
class Ran:
    """A finished run."""

    status: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Program:
    """The program as a person has it: another process, a profile of its own, a passphrase in a file.

    Attributes:
        options: for all commands; they stand before the command, and the last of two that are alike holds.
        prefix: a program that starts it: with fewer rights, in another namespace.
        keyring: leaves passphrase and passwords to the keyring.
    """

    folder: Path
    environment: dict[str, str]
    options: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    keyring: bool = False

    @property
    def profile(self) -> Path:
        return self.folder / "profile"

    def command(self, *arguments: str) -> list[str]:
        passphrase = self.folder / "passphrase"
        if not passphrase.exists():
            passphrase.write_text(f"{PASSPHRASE}\n")
        ways_in = () if self.keyring else ("--passphrase-file", str(passphrase), "--secrets", "vault")
        return [
            *self.prefix, sys.executable, "-W", "error", "-m", "torsend", "--profile", str(self.profile),
            *ways_in, *self.options, *arguments,
        ]  # fmt: skip

    def with_options(self, *options: str) -> Program:
        """The same with further options for all commands."""
        return replace(self, options=(*self.options, *options))

    def moved_to(self, folder: Path) -> Program:
        """A copy of its profile as it is now, elsewhere."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return replace(self, folder=folder)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Starts it and lets it run: who starts ends it."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str, stdin: bytes = b"") -> Ran:
        done = subprocess.run(
            self.command(*arguments), input=stdin, capture_output=True, env=self.environment, timeout=LONGEST_RUN,
            check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr.decode())

    def add(self, name: str, address: str, server: Sequence[str], user: str, password: str) -> str:
        """Adds an identity; gives its id."""
        host, port, tls = server
        ran = self.run(
            "identity", "add", "--json", "--name", name, "--address", address, "--host", host, "--port", port,
            "--tls", tls, "--username", user, stdin=password.encode() + b"\n",
        )  # fmt: skip
        assert ran.status == 0, ran.err
        return str(ran.json["id"])


def program_on(stage: Stage, folder: Path) -> Program:
    """The program on the private network."""
    return Program(
        folder,
        stage.environment,
        ("--torrc-include", str(stage.torrc), "--patience", "40"),
    )


def implicit(stage: Stage) -> tuple[str, str, str]:
    return stage.host, str(stage.server.implicit_port), "implicit"


def starttls(stage: Stage) -> tuple[str, str, str]:
    return stage.host, str(stage.server.starttls_port), "starttls"


def onion(stage: Stage) -> tuple[str, str, str]:
    stage.network.lead_onion({stage.onion_port: (stage.server.address, stage.server.onion_port)})
    return stage.network.onion_host, str(stage.onion_port), "onion-plain"
