"""One private Tor network for a whole run of the tests; eight seconds once.

A ``conftest.py`` imports the fixture ``private_network``; however many do, the network is the same. Tests add the
names that they need (``network.names[host] = "127.0.0.1"``) and lead its onion service where they like
(``network.lead_onion``).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from torsend.demo.network import PrivateNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_running: list[PrivateNetwork] = []
_users = 0


@pytest.fixture(scope="session")
def private_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateNetwork]:
    """Started; its onion service may still be on its way (``wait_for_onion``)."""
    with _shared(tmp_path_factory.mktemp("network")) as network:
        yield network


@contextlib.contextmanager
def _shared(folder: Path) -> Iterator[PrivateNetwork]:
    # pytest sees as many fixtures as conftest files import it; the first starts the network, the last stops it.
    global _users
    if not _running:
        network = PrivateNetwork(folder, onion={1: ("127.0.0.1", 1)})
        network.start()
        _running.append(network)
    _users += 1
    try:
        yield _running[0]
    finally:
        _users -= 1
        if not _users:
            _running.pop().stop()
