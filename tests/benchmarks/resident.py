"""Resident memory of this process and of others, as Linux counts it."""

from __future__ import annotations

import contextlib
import gc
import re
import threading
from pathlib import Path
from typing import Self

_SAMPLES_SECONDS = 0.003


def resident_mib(field: str = "VmRSS", pid: int | str = "self") -> float:
    """``VmRSS`` is now, ``VmHWM`` the most so far; MiB."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


class Growth:
    """How far the most of this process went beyond what it had, within the block.

    Attributes:
        peak_mib: MiB.
    """

    def __enter__(self) -> Self:
        gc.collect()
        # proc(5): 5 sets the high-water mark back to what is resident now.
        Path("/proc/self/clear_refs").write_text("5")
        self._before = resident_mib()
        self.peak_mib = 0.0
        return self

    def __exit__(self, *_: object) -> None:
        self.peak_mib = resident_mib("VmHWM") - self._before


class Watch:
    """The most that another process had; the kernel's own count would include what its parent had when it forked.

    Attributes:
        peak_mib: MiB.
    """

    def __init__(self, pid: int) -> None:
        self.peak_mib = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_SAMPLES_SECONDS):
            with contextlib.suppress(OSError):
                self.peak_mib = max(self.peak_mib, resident_mib("VmHWM", self._pid))
