"""A vault in a folder of its own, and a passphrase that doesn't take long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from torsend.vault import RawKey, Vault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.db"


@pytest.fixture
def key() -> RawKey:
    return RawKey.random()


@pytest.fixture
def vault(path: Path, key: RawKey) -> Iterator[Vault]:
    with Vault.create(path, key) as opened:
        yield opened
