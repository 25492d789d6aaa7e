"""Helpers for the tests of the whole program."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import Stage

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
    """The program as a person has it: another process, a profile of its own, a passphrase in a file."""

    folder: Path
    environment: dict[str, str]
    options: tuple[str, ...] = ()

    @property
    def profile(self) -> Path:
        return self.folder / "profile"

    def command(self, *arguments: str) -> list[str]:
        passphrase = self.folder / "passphrase"
        if not passphrase.exists():
            passphrase.write_text("correct horse battery staple\n")
        return [
            sys.executable, "-W", "error", "-m", "torsend", "--profile", str(self.profile),
            "--passphrase-file", str(passphrase), "--secrets", "vault", *self.options, *arguments,
        ]  # fmt: skip

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
