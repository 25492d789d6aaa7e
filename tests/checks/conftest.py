"""A vault in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from torsend.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def vault() -> Iterator[Vault]:
    with Vault.in_memory() as opened:
        yield opened
