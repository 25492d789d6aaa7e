"""Threads that begin at once while they are traced all run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import runpy, sys, threading
from coverage import Coverage

coverage = Coverage(data_file=None, config_file=False)
if sys.argv[1] == "after":
    coverage.start()
runpy.run_path(sys.argv[2])["begin_one_by_one"]()
if sys.argv[1] == "before":
    coverage.start()

def hook(event, arguments):
    pass

sys.addaudithook(hook)
sys.setswitchinterval(1e-6)
ran = threading.Semaphore(0)
for _ in range(100):
    threads = [threading.Thread(target=ran.release, daemon=True) for _ in range(8)]
    for thread in threads:
        # What `start` does, without its waiting for each.
        threading._limbo[thread] = thread
        threading._start_new_thread(thread._bootstrap, ())
    for thread in threads:
        assert ran.acquire(timeout=20), "a thread died before it ran"
assert type(sys.gettrace()).__name__ == "CTracer" or sys.version_info >= (3, 14)
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_none_dies_before_it_runs(when: str) -> None:
    # It traces itself, by two ways of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    support = Path(__file__).parent / "support" / "threads_begin.py"
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-c", SCRIPT, when, str(support)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
