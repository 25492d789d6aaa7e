"""A large attachment goes through the vault to the server in pieces."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.delivery.conftest import PostOffice
from tests.support import misbehaving as mis

MOST = 16.0
"""MiB, as the contract has it."""


def swallows(talk: mis.Talk) -> None:
    """Reads all of the mail and keeps its end only."""
    while not talk._inbox.endswith(b"\r\n.\r\n"):
        talk.more()
        talk.server.swallowed += len(talk._inbox)  # type: ignore[attr-defined]
        talk._inbox = talk._inbox[-5:]
        talk.server.swallowed -= len(talk._inbox)  # type: ignore[attr-defined]


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's own count of memory")
def test_memory_hardly_grows_for_25_mb(office: PostOffice, tmp_path: Path) -> None:
    office.serve({"body": swallows}, offers=("PIPELINING", "AUTH PLAIN"))
    office.server.swallowed = 0  # type: ignore[attr-defined]
    arguments = [str(tmp_path / "vault"), str(office.certificates.authority), str(office.proxy.address[1])]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.delivery.heavy", *arguments],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    assert len(office.server.mails) == 2
    assert office.server.swallowed > 24_900_000  # type: ignore[attr-defined]
    assert float(ran.stdout) < MOST
