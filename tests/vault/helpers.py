"""What several of the vault's tests need: quick passphrases, notes in a vault, another user's rights, other processes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.vault import Passphrase
from torsend.vault.key import Cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.vault import Vault

CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)
_NOBODY = 65534
ROOT = Path(__file__).resolve().parents[2]


def passphrase(text: str) -> Passphrase:
    """One that is stretched in no time."""
    return Passphrase(text, CHEAP)


def note(vault: Vault, name: str, value: str) -> None:
    """Writes one line into the vault."""
    with vault.writing() as db:
        db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))


def noted(vault: Vault, name: str) -> str | None:
    """Reads it again."""
    with vault.reading() as db:
        row = db.row("SELECT value FROM meta WHERE name = ?", (name,))
    return None if row is None else str(row["value"])


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """Takes root's power over files away from this thread for a while; an ordinary user has none to begin with."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None)
    libc.setfsuid(_NOBODY)
    try:
        yield
    finally:
        libc.setfsuid(0)


@contextlib.contextmanager
def ordinary_folder() -> Iterator[Path]:
    """An empty folder that ``ordinary_user`` owns and can reach (pytest's own folders are closed to others)."""
    with tempfile.TemporaryDirectory(prefix="torsend-test-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, -1)
        try:
            yield folder
        finally:
            folder.chmod(0o700)


def child(scenario: str, *arguments: str, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Starts a scenario of ``tests.vault.scenarios`` as a process of its own; its words come over its pipe."""
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "tests.vault.scenarios", scenario, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
