"""A desktop with a real keyring, and a vault in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.identity.secret_service import Desktop
from torsend.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A session bus without a keyring."""
    # Not pytest's own folder: a socket's path has 107 bytes at most.
    with (
        tempfile.TemporaryDirectory(prefix="torsend-bus-", ignore_cleanup_errors=True) as folder,
        Desktop(Path(folder), monkeypatch) as desktop,
    ):
        yield desktop


@pytest.fixture
def desktop(bus: Desktop) -> Desktop:
    """A session bus with gnome-keyring on it, unlocked."""
    bus.start_keyring()
    return bus


@pytest.fixture
def vault() -> Iterator[Vault]:
    with Vault.in_memory() as opened:
        yield opened
