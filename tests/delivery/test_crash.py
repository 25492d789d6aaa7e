"""kill -9 at every step of the journal: nothing lost, nothing sent twice unasked, nothing half-written sent."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.crash import KEY
from torsend.delivery.dispatcher import Dispatcher
from torsend.delivery.outbox import Outbox
from torsend.delivery.states import State
from torsend.vault import Vault

STEPS = ["connecting", "tls", "auth", "envelope", "data-started", "dot-written", "replied"]
MOMENTS = [f"{when} {step}" for step in STEPS for when in ("before", "after")]
ROOT = Path(__file__).parents[2]

EXPECTED = {
    "after dot-written": State.UNKNOWN,
    "before replied": State.UNKNOWN,
    "after replied": State.ACCEPTED,
}
"""After kill -9 and recovery; ``QUEUED`` before anything began, else ``RETRY``."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_9_at_a_step_loses_nothing_and_doubles_nothing(
    office: PostOffice, tmp_path: Path, moment: str
) -> None:
    wren = office.serve()
    path = tmp_path / "vault"
    Vault.create(path, KEY).close()
    # Several blocks, so that there is a body before the dot.
    arguments = [str(path), str(office.certificates.authority), str(office.proxy.address[1]), moment, "5000"]
    ended = subprocess.run(
        [sys.executable, "-m", "tests.delivery.crash", *arguments],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert ended.stdout == b"queued\n"
    for seen in office.server.seen:
        assert seen.ended.wait(20)
    arrived = len(office.server.mails)

    with Vault.open(path, KEY) as vault:
        outbox = Outbox(vault)
        outbox.recover()
        [entry] = outbox.list()
        begun = State.QUEUED if moment == "before connecting" else State.RETRY
        assert entry.state is EXPECTED.get(moment, begun)
        if entry.state in {State.QUEUED, State.RETRY}:
            assert arrived == 0
        if moment in {"before replied", "after replied"}:
            assert arrived == 1
        dispatcher = Dispatcher(
            outbox,
            office.way,
            lambda _: wren,
            lambda _: office.passwords[wren.id],
            context=office.certificates.for_client,
        )
        dispatcher.run_once()
        expected = arrived if entry.state in {State.UNKNOWN, State.ACCEPTED} else 1
        assert len(office.server.mails) == expected
        if office.server.mails:
            assert office.server.mails[0].body == (b"Subject: hi\r\n\r\n" + b"x" * 70 + b"\r\n") * 5000
        if outbox.get(entry.id).state is State.ACCEPTED:
            assert list(outbox.chunks(entry.id)) == []
