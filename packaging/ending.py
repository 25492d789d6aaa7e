"""Being told to end: what was begun is taken down, once and wholly."""

from __future__ import annotations

import signal
from types import FrameType

TOLD_BY = tuple(
    int(getattr(signal, name)) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


def heed_signals() -> None:
    """From now on the first of them ends the program through its ``finally``, and a second doesn't break that off."""
    for each in TOLD_BY:
        signal.signal(each, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    for each in TOLD_BY:
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)
