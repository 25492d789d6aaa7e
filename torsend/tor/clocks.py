"""Notices that the computer slept, or that somebody set its clock. Nothing tells a program of either."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

JUMP_SECONDS = 5.0
"""Clocks drift by less between two looks; a shorter sleep breaks no connection."""


def _since_boot() -> float | None:
    """Seconds, those asleep among them; None where the system has no such clock."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    else:  # noqa: RET505  # so that a check for another system sees which lines are its own
        return None


@dataclass(frozen=True, slots=True)
class Jump:
    """What happened since the last look."""

    slept: bool = False
    clock_set: bool = False

    def __bool__(self) -> bool:
        return self.slept or self.clock_set


class Clocks:
    """Compares clocks at each look. Where none counts sleep, a clock that was set ahead is taken for both.

    Args:
        wall: the time of day.
        awake: stands still in sleep.
        boot: does not.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        awake: Callable[[], float] = time.monotonic,
        boot: Callable[[], float | None] = _since_boot,
    ) -> None:
        self._wall, self._awake, self._boot = wall, awake, boot
        self._last = self._read()

    def look(self) -> Jump:
        """What happened since the last one."""
        before, now = self._last, self._read()
        self._last = now
        wall, awake, boot = (new - old for new, old in zip(now, before, strict=True))
        ahead = wall - boot
        if now[1] == now[2]:  # no clock counts sleep
            return Jump(slept=ahead >= JUMP_SECONDS, clock_set=abs(ahead) >= JUMP_SECONDS)
        return Jump(slept=boot - awake >= JUMP_SECONDS, clock_set=abs(ahead) >= JUMP_SECONDS)

    def _read(self) -> tuple[float, float, float]:
        awake, boot = self._awake(), self._boot()
        return self._wall(), awake, awake if boot is None else boot
