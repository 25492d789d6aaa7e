"""Being told to end: by Ctrl-C, by a service manager or a time limit, by a terminal that closes. All end in order, once.

Somebody who is told twice is told again in the middle of putting things away: that must not leave half of them.
"""

from __future__ import annotations

import contextlib
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

GRACE_SECONDS = 30.0
"""For ending in order. Who still asks after that has it broken off."""
_WRITING_SECONDS = 2.0
"""A tor that was just ended may still write its last words there."""
_BETWEEN_SECONDS = 0.05
_STATUS_OF_SIGNALS = 128
"""What shells add to a signal's number."""


class Ended(KeyboardInterrupt):
    """As Ctrl-C, by whichever signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class _Heed:
    """The handler: raises at the first, and again where that one was long ago."""

    def __init__(self) -> None:
        self._since: float | None = None

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._since is None or now - self._since >= GRACE_SECONDS:
            self._since = now
            raise Ended(number)


def numbers() -> tuple[int, ...]:
    """Those that this system has, of the signals that tell a program to end."""
    return tuple(
        int(getattr(signal, name)) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
    )


def heed() -> None:
    """From now on the first of them raises ``Ended`` in the main thread; one that someone has ignored (nohup) stays so."""
    heeding = _Heed()
    for number in numbers():
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, heeding)


def status_of(interrupt: KeyboardInterrupt) -> int:
    """What the program ends with."""
    return _STATUS_OF_SIGNALS + (interrupt.number if isinstance(interrupt, Ended) else signal.SIGINT)


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Signals that come within the block are heeded behind it. On another than the main thread none come."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {}
    try:
        for number in numbers():
            if callable(signal.getsignal(number)) or signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, lambda number, _frame: came.append(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


@contextlib.contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A private folder of its own, gone behind the block whatever signals come."""
    with shielded():
        folder = tempfile.TemporaryDirectory(prefix=prefix)
    try:
        yield Path(folder.name)
    finally:
        with shielded():
            _remove(folder)


def _remove(folder: tempfile.TemporaryDirectory[str]) -> None:
    until = time.monotonic() + _WRITING_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            folder.cleanup()
            return
        time.sleep(_BETWEEN_SECONDS)
    folder.cleanup()
