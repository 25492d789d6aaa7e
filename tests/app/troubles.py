"""What every error must look like, and how runs are watched from outside."""

from __future__ import annotations

import contextlib
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.errors import Left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.app.parts import Program, Ran

AT_ONCE = 3
"""Runs side by side: each spends half of its time in Argon2id, which takes all cores anyway."""
TO_MARTA = ("--identity", "Wren", "--to", "marta@nordpost.example", "--subject", "Test sheets")

_LEFT = tuple(left.sentence() for left in Left)
WITHOUT_POWER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Takes root's power over file modes away; an ordinary user has none to begin with."""
UNPRIVILEGED = WITHOUT_POWER if os.geteuid() == 0 else ()


def check(ran: Ran, status: int, *words: str, left: Left = Left.NOTHING) -> None:
    """It ended as it should, said these words and what had left, what to try, and nothing unforeseen."""
    said = ran.err + ran.out.decode("utf-8", "replace")
    assert ran.status == status, said
    unharmed(ran)
    for each in words:
        assert each in said, said
    assert left.sentence() in said, said
    assert not any(other in said for other in _LEFT if other != left.sentence()), said
    _, _, advice = said.partition(left.sentence())
    assert re.search(r"\w", advice), f"nothing to try: {said}"


def unharmed(ran: Ran) -> None:
    """No run, however it ends, shows a traceback or a fault."""
    said = ran.err + ran.out.decode("utf-8", "replace")
    for each in ("Traceback", "nobody foresaw", "Exception ignored", "Warning", 'File "'):
        assert each not in said, said


def side_by_side(runs: Iterable[Callable[[], Ran]]) -> list[Ran]:
    """Several runs, each with a profile of its own."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [each.result() for each in [pool.submit(run) for run in runs]]


def each_alone(program: Program, folder: Path, lines: Sequence[tuple[str, ...]]) -> list[Ran]:
    """Runs each command line on a copy of the profile."""
    copies = [program.moved_to(folder / f"copy-{number}") for number in range(len(lines))]
    return side_by_side([partial(copy.run, *line) for copy, line in zip(copies, lines, strict=True)])


def children(pid: int) -> list[int]:
    """Of a process, those that run now."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def tor_of(pid: int) -> int:
    """The tor that a run of the program has started."""
    (tor,) = [child for child in children(pid) if Path(f"/proc/{child}/comm").read_text() == "tor\n"]
    return tor


def tors_in(profile: Path) -> list[int]:
    """Every tor that runs in that profile, whoever its parent is now."""
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdecimal() and (process / "cwd").readlink() == profile / "tor":
                found.append(int(process.name))
    return found


class Stopwatch:
    """How long a block took."""

    def __enter__(self) -> Stopwatch:
        self._began = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._began
