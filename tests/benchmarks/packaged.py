"""What an installer costs a start: from exec to a mapped window, of packaged programs beside the one from source.

python -m tests.benchmarks.packaged [--rounds N] PROGRAM…     a folder's torsend, an AppImage

In turns, each without options and with a new home, on an X server of its own. Processor time is that of the program and of
all that it started, until the window is there; where other work shares the machine it tells more than the clock does, and
the least of many rounds more than their median.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.table import Column, Table
from tests.support.whole_program import screen

SOURCE = "from source"
ROUNDS = 9
SUBSTRUCTURE_NOTIFY, MAP_NOTIFY = 1 << 19, 19
"""X.h: what is asked for of the root window, and what then comes for each window that is shown."""
LEAST_WIDTH = 200
"""Pixels; what is less is none of our windows, but one that a library makes for itself."""
BIGGEST_EVENT = 24
"""Xlib.h, XEvent: longs."""


class Mapped(ctypes.Structure):
    """Xlib.h, XMapEvent."""

    _fields_ = (
        ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
        ("event", ctypes.c_ulong), ("window", ctypes.c_ulong), ("rest", ctypes.c_long * BIGGEST_EVENT),
    )  # fmt: skip


class Watcher:
    """Sees windows come on one X server, which starts anew whenever nobody is connected to it: so one watcher stays."""

    def __init__(self, display: str) -> None:
        self._x = ctypes.CDLL("libX11.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        opened = self._x.XOpenDisplay(display.encode())
        if not opened:
            raise OSError(f"no X server answers at {display}")
        self._display = ctypes.c_void_p(opened)
        self._x.XSelectInput(
            self._display,
            ctypes.c_ulong(self._x.XDefaultRootWindow(self._display)),
            ctypes.c_long(SUBSTRUCTURE_NOTIFY),
        )
        self.forget()

    def forget(self) -> None:
        """What came until now is no longer told."""
        self._x.XSync(self._display, 1)

    def wait(self) -> None:
        """Until a window is shown."""
        event = Mapped()
        while True:
            self._x.XNextEvent(self._display, ctypes.byref(event))
            if event.type == MAP_NOTIFY and self._width(event.window) >= LEAST_WIDTH:
                return

    def _width(self, window: int) -> int:
        root, size = ctypes.c_ulong(), [ctypes.c_int() for _ in range(6)]
        self._x.XGetGeometry(
            self._display, ctypes.c_ulong(window), ctypes.byref(root), *map(ctypes.byref, size)
        )
        return size[2].value

    def close(self) -> None:
        self._x.XCloseDisplay(self._display)


def processor_time(process: int) -> float:
    """Seconds that it and its descendants took; of those that still run."""
    # clock_getcpuclockid(3), by the kernel's own rule, for a process as a whole.
    seconds = time.clock_gettime(~process << 3 | 2)
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in (thread / "children").read_text().split():
                with contextlib.suppress(OSError):
                    seconds += processor_time(int(child))
    return seconds


def once(command: list[str], environment: dict[str, str], watcher: Watcher) -> tuple[float, float]:
    """Starts it, and ends it when its window is there; the seconds until then, and those of the processor."""
    watcher.forget()
    with tempfile.TemporaryDirectory(prefix="torsend-start-", ignore_cleanup_errors=True) as home:
        around = {**environment, "HOME": home, "XDG_RUNTIME_DIR": home}
        began = time.monotonic()
        with subprocess.Popen(command, env=around, stderr=subprocess.DEVNULL) as program:
            watcher.wait()
            result = time.monotonic() - began, processor_time(program.pid)
            program.terminate()
        until = time.monotonic() + 10
        while any(home in line for line in Path("/proc/self/mounts").read_text().splitlines()):
            if time.monotonic() > until:
                break
            time.sleep(0.05)
    return result


def measure(
    programs: list[str],
    rounds: int,
    environment: dict[str, str],
    source: Sequence[str] = (sys.executable, "-m", "torsend"),
) -> Iterator[tuple[str, float, float]]:
    """In turns; the first round finds cold caches and is left out."""
    starts = {SOURCE: list(source), **{each: [each] for each in programs}}
    with contextlib.closing(Watcher(environment["DISPLAY"])) as watcher:
        for number in range(rounds + 1):
            for name, command in starts.items():
                seconds, processor = once(command, environment, watcher)
                if number:
                    yield name, seconds, processor


def main() -> None:
    """Measures, and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.packaged", description=__doc__)
    parser.add_argument("programs", nargs="+", metavar="PROGRAM")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    table = Table(
        "From exec to a window",
        Column("seconds", "seconds", 3, ratio=True, spread=True),
        Column("processor", "of the processor", 3, ratio=True, spread=True),
    )
    with screen() as found:
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "DISPLAY": found["DISPLAY"]}
        for name, seconds, processor in measure(given.programs, given.rounds, environment):
            table.row(name).add("seconds", seconds)
            table.row(name).add("processor", processor)
    print(table)
    for key in ("seconds", "processor"):
        least = {name: min(row.columns[key]) for name, row in table.rows.items()}
        print(f"least {key}:", *(f"{name} {value / least[SOURCE]:.2f} ×" for name, value in least.items()))


if __name__ == "__main__":
    main()
