"""kill -9 at random and at every named moment; ``python -m tests.delivery.kills`` does it by the thousand."""

from __future__ import annotations

import random
import sys
import threading
from pathlib import Path

import pytest

from tests.delivery.kills.__main__ import Run
from tests.delivery.kills.campaign import Broken, Campaign, Counting, Executioner, Kind
from tests.delivery.kills.torture import MOMENTS
from torsend.demo.certificates import Certificates

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing forks there")

KILLS = 200
"""In a normal run: some 20 s on a slow machine."""


@pytest.mark.long
def test_hundreds_of_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path, KILLS, random.Random().randbytes(4).hex())
    workers = [threading.Thread(target=run.work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert run.broken == []
    assert run.figures.killed >= KILLS
    assert set(run.figures.kills) == {kind.value for kind in Kind}
    assert {"sending dot-written", "unknown dot-written", "accepted replied"} <= run.figures.places.keys()


def test_every_named_moment_is_one_to_die_at(tmp_path: Path, certificates: Certificates) -> None:
    with (
        Executioner() as executioner,
        Campaign(tmp_path, certificates, executioner, random.Random(1)) as campaign,
    ):
        reached = [moment for moment in MOMENTS if campaign.dies_at(moment)]
    # The person decides only what is in doubt, and that it is each time is not sure.
    assert set(MOMENTS) - set(reached) <= {"before deciding", "after deciding"}


def test_message_that_the_server_took_twice_is_found_out(tmp_path: Path, certificates: Certificates) -> None:
    with (
        Executioner() as executioner,
        Campaign(tmp_path, certificates, executioner, random.Random(2)) as campaign,
    ):
        campaign.dies_at("nowhere")
        server: Counting = campaign.server
        server.taken.append(server.taken[0])
        with pytest.raises(Broken, match="2 deliveries"):
            campaign.dies_at("before recover")
