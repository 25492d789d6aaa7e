"""``python -m tests.benchmarks``"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable

from tests.benchmarks import crowd, memory, sending, stalls, starting
from tests.benchmarks.stage import Stage, stage
from tests.benchmarks.table import Table
from torsend.demo import links

SUITE: dict[str, Callable[..., Iterable[Table]]] = {
    "sending": sending.run,
    "crowd": crowd.run,
    "memory": memory.run,
    "starting": starting.run,
    "stalls": stalls.run,
}


def main() -> None:
    """Runs the suite, or a part of it, over one private network."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Ratios, side by side, in one run."
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that it runs")
    parser.add_argument(
        "--only", choices=tuple(SUITE), action="append", help="one part of it; more than once for more"
    )
    given = parser.parse_args()
    links.enter(["-m", "tests.benchmarks", *sys.argv[1:]])
    began = time.monotonic()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; × compares medians with the first row’s.")
    if trouble := links.trouble():
        print(f"Latency is added before the SOCKS port, not link by link: {trouble}.")
    with stage() as made:
        for name in given.only or SUITE:
            for table in _run(made, name, quick=given.quick):
                print(table, flush=True)
    print(f"\n{time.monotonic() - began:.0f} s; load {os.getloadavg()[0]:.1f} at the end.")


def _run(made: Stage, name: str, *, quick: bool) -> Iterable[Table]:
    return SUITE[name](made, quick=quick)


if __name__ == "__main__":
    main()
