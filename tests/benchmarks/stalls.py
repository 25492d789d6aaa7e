"""How long the window stands still while it sends 10 MB, beside a bare window that does nothing at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.benchmarks.senders import LONGEST, Failed
from tests.benchmarks.sending import KB, MB
from tests.benchmarks.stage import Stage
from tests.benchmarks.starting import OPTIONS_BEFORE
from tests.benchmarks.table import Column, Table


def run(stage: Stage, *, quick: bool) -> list[Table]:
    """One table; each round is a whole run of the window with its own tor."""
    table = Table(
        "How late the window's event loop was, ms",
        Column("longest", "longest", 1),
        Column("long", "50 ms and more", 0),
        note="All relays of the network share this machine's cores: the bare window's lateness is the machine's own.",
    )
    for _ in range(1 if quick else 3):
        for size, words in ((KB, "1 KB"), (10 * MB, "10 MB")):
            beside, seen = _round(stage, size)
            for name, report in (
                ("bare window beside it", beside["beside"]),
                (f"torsend, idle before {words}", seen["idle"]),
                (f"torsend, sending {words}", seen["sending"]),
            ):
                row = table.row(name)
                row.add("longest", report["longest"])
                row.add("long", report["long"])
    for row in table.rows.values():
        row.note = f"worst of all rounds {max(row.columns['longest']):.0f}"
    return [table]


def _round(stage: Stage, size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    program = stage.program("stalls", "--torrc-include", str(stage.torrc))
    files = [str(each.path) for each in stage.mail(size).draft.attachments]
    beside = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.bare_window", "beat"],
        env=stage.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,  # Qt says what its offscreen platform cannot do
    )  # fmt: skip
    assert beside.stdout
    beside.stdout.readline()
    stage.expect()
    window = subprocess.run(
        [
            sys.executable, "-m", "tests.benchmarks.window", "send",
            *program.command("compose", *files)[OPTIONS_BEFORE:],
        ],
        env=stage.environment, capture_output=True, text=True, timeout=LONGEST, check=False,
    )  # fmt: skip
    said, _ = beside.communicate(timeout=LONGEST)
    if window.returncode or "accepted" not in window.stdout:
        raise Failed(window.stdout[-300:] + window.stderr[-500:])
    return json.loads(said), json.loads(window.stdout.splitlines()[-1])
