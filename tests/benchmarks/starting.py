"""From start to an answer of the command line, and to a window in which one can write."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.benchmarks.senders import LONGEST, Failed
from tests.benchmarks.stage import FROM, HOST, PASSWORD, USER, Stage
from tests.benchmarks.table import Column, Table

BARE = "bare PySide6 window"
COMPOSE = "torsend compose"
OPTIONS_BEFORE = 5
"""What ``Program.command`` puts before the program's own arguments: ``python -W error -m torsend``."""


def run(stage: Stage, *, quick: bool) -> list[Table]:
    """The command line's table, then the window's."""
    return [_commands(stage, 3 if quick else 15), _windows(stage, 2 if quick else 9)]


def _commands(stage: Stage, rounds: int) -> Table:
    table = Table("From start to end of a command", Column("seconds", "seconds", 3, ratio=True, spread=True))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "torsend version": [sys.executable, "-m", "torsend", "version"],
        "torsend --help": [sys.executable, "-m", "torsend", "--help"],
        "torsend identity list (passphrase)": stage.program("listing").command("identity", "list"),
    }
    for _ in range(rounds + 1):
        for name, command in commands.items():
            began = time.monotonic()
            subprocess.run(command, env=stage.environment, check=True, capture_output=True, timeout=LONGEST)
            table.row(name).add("seconds", time.monotonic() - began)
    _drop_first(table)
    return table


def _windows(stage: Stage, rounds: int) -> Table:
    table = Table(
        "From start to a window in which one can write (To painted, takes the keyboard)",
        Column("seconds", "seconds", 3, ratio=True, spread=True),
        Column("imported", "imported", 3),
        Column("shell", "first picture", 3),
        Column("made", "vault open, window made", 3),
        note="An own tor starts meanwhile. A passphrase costs a quarter of a second or more by design (Argon2id).",
    )
    with contextlib.ExitStack() as stack:
        starts: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {}
        by_keyring = stack.enter_context(_keyring_profile(stage))
        if by_keyring is not None:
            starts[f"{COMPOSE}, key in the keyring"] = by_keyring
        program = stage.program("window", "--torrc-include", str(stage.torrc))
        starts[f"{COMPOSE}, passphrase"] = (program.command("compose")[OPTIONS_BEFORE:], stage.environment)
        for _ in range(rounds + 1):
            _, painted = _painted(
                [sys.executable, "-m", "tests.benchmarks.bare_window", "paint"], stage.environment
            )
            table.row(BARE).add("seconds", painted["painted"])
            for name, (arguments, environment) in starts.items():
                _, marks = _painted(
                    [sys.executable, "-m", "tests.benchmarks.window", "paint", *arguments], environment
                )
                row = table.row(name)
                row.add("seconds", marks["painted"])
                row.add("imported", marks["imported"])
                row.add("shell", marks["shell painted"])
                row.add("made", marks["window made"])
    _drop_first(table)
    return table


def _painted(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, dict[str, float]]:
    """When it was started, and its marks counted from then."""
    began = time.monotonic()
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, timeout=LONGEST, check=False
    )
    if done.returncode:
        raise Failed(done.stderr[-500:])
    marks: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return began, {name: at - began for name, at in marks.items()}


@contextlib.contextmanager
def _keyring_profile(stage: Stage) -> Iterator[tuple[Sequence[str], Mapping[str, str]] | None]:
    """A profile whose key lies in a real keyring; None where there is none to start."""
    if not (shutil.which("dbus-daemon") and shutil.which("gnome-keyring-daemon")):
        yield None
        return
    from tests.identity.secret_service import Desktop

    patch = pytest.MonkeyPatch()
    with (
        # Not the stage's folder: a socket's path has 107 bytes at most.
        tempfile.TemporaryDirectory(prefix="torsend-bus-", ignore_cleanup_errors=True) as folder,
        Desktop(Path(folder), patch) as desktop,
    ):
        try:
            desktop.start_keyring()
            environment = {
                **stage.environment,
                "DBUS_SESSION_BUS_ADDRESS": desktop.address,
                "XDG_RUNTIME_DIR": os.environ["XDG_RUNTIME_DIR"],
            }
            options = ["--profile", str(stage.folder / "keyring"), "--torrc-include", str(stage.torrc)]
            subprocess.run(
                [
                    sys.executable, "-m", "torsend", *options, "identity", "add", "--name", "Wren", "--address", FROM,
                    "--host", HOST, "--port", str(stage.port(starttls=False)), "--tls", "implicit", "--username", USER,
                ],
                env=environment, input=PASSWORD.encode() + b"\n", check=True, capture_output=True, timeout=LONGEST,
            )  # fmt: skip
            yield [*options, "compose"], environment
        finally:
            patch.undo()


def _drop_first(table: Table) -> None:
    """The first round found cold caches."""
    for row in table.rows.values():
        for values in row.columns.values():
            del values[0]
