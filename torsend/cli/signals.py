"""Being told to end: by Ctrl-C, by a service manager or a time limit, by a terminal that closes. All end in order."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

_STATUS_OF_SIGNALS = 128
"""What shells add to a signal's number."""


class Ended(KeyboardInterrupt):
    """As Ctrl-C, by another signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def heed() -> None:
    """From now on SIGTERM and SIGHUP raise ``Ended`` in the main thread, unless someone has them ignored (nohup)."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def status_of(interrupt: KeyboardInterrupt) -> int:
    """What the program ends with."""
    return _STATUS_OF_SIGNALS + (interrupt.number if isinstance(interrupt, Ended) else signal.SIGINT)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise Ended(number)
