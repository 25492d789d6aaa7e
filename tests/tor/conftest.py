"""Real tors on loopback, and what listens there without being one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tor.parts import RunningTor, running_tor

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTor]:
    """A tor that runs, with a control port, a control socket and a SOCKS port, and no way into any network."""
    with running_tor(tmp_path_factory.mktemp("tor")) as started:
        yield started
