"""The third wall: the whole program in a network namespace, every connect and every packet counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

RELAYS = "127."
"""The private network's relays listen on 127.N.x.y; its servers on 127.0.0.1."""


def in_a_namespace(scenario: str, folder: Path) -> dict[str, Any]:
    report = folder / "report.json"
    private = ["unshare", "--net", "--mount"]
    if os.geteuid() != 0:
        private += ["--user", "--map-root-user"]
    done = subprocess.run(
        [*private, sys.executable, "-m", "tests.support.namespace", str(report), scenario],
        capture_output=True, timeout=170, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return json.loads(report.read_text())  # type: ignore[no-any-return]


@pytest.mark.timeout(240)
def test_the_whole_program_reaches_for_nothing_but_tor(tmp_path: Path) -> None:
    report = in_a_namespace("whole", tmp_path)
    runs = report["runs"]
    assert {name: run["violations"] for name, run in runs.items() if run["violations"]} == {}
    assert report["asked"] == 0
    assert report["received"] == 3
    assert report["received_by_window"] == 1
    statuses = {name: run["status"] for name, run in runs.items()}
    assert statuses.pop("send nowhere") in (75, 77)
    assert set(statuses.values()) == {0}
    # The witness saw something: the runs that send spoke to Tor, and those that don't spoke to nobody.
    for name in ("send", "send onion", "outbox", "status", "window"):
        assert runs[name]["allowed"] > 0
        assert runs[name]["tor"] > 0
    for name in ("wire", "queue", "add Wren", "edit"):
        assert (runs[name]["allowed"], runs[name]["tor"]) == (0, 0)
    strange = [
        packet
        for packet in report["packets"]
        if packet[0] not in ("tcp", "udp") or not packet[1].startswith(RELAYS)
    ]
    assert strange == []
    assert [packet for packet in report["packets"] if packet[0] == "udp" and packet[2] == 53] == []


def test_a_program_that_leaks_is_caught(tmp_path: Path) -> None:
    report = in_a_namespace("leaky", tmp_path)
    reached = {address for _, _, address in report["runs"]["leaky"]["violations"]}
    assert {"127.0.0.1:53", "198.51.100.7:465", "127.0.0.1:9"} <= reached
    assert report["asked"] > 0
    assert any(packet[:3] == ["tcp", "127.0.0.1", 9] for packet in report["packets"])
