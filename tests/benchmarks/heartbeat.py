"""How long a Qt event loop stands still: a timer that should fire every few milliseconds, and by how much it was late."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_MS = 5
LONG_MS = 50.0
"""A person begins to notice."""


class Heartbeat(QObject):
    """Beats from its making on; what counts belongs to the phase of the time."""

    def __init__(self) -> None:
        super().__init__()
        self._late: dict[str, list[float]] = {}
        self._phase = ""
        self._last = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def phase(self, name: str) -> None:
        """What follows is counted under that name."""
        self._beat()
        self._phase = name

    def report(self) -> dict[str, Any]:
        """Of each phase: its beats, the longest lateness, how many were long, and the worst ones; milliseconds."""
        return {
            phase: {
                "beats": len(late),
                "longest": max(late, default=0.0),
                "long": sum(1 for each in late if each >= LONG_MS),
                "worst": sorted(late)[:-6:-1],
            }
            for phase, late in self._late.items()
        }

    def _beat(self) -> None:
        now = time.monotonic()
        if self._phase:
            self._late.setdefault(self._phase, []).append(max(0.0, (now - self._last) * 1000 - BEAT_MS))
        self._last = now
