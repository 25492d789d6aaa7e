"""One after the other: who wants what another has waits, for so long at most, and can be told to stop waiting."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from torsend.tor.stream_failures import StreamCancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.tor.cancel import Cancel


class Turns:
    """For each name apart. From any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken: set[str] = set()

    def take(self, name: str, seconds: float, cancel: Cancel) -> Callable[[], None]:
        """Waits until it is one's turn, or that long: then one goes on beside the other.

        Returns:
            what ends the turn; more often does no harm.

        Raises:
            StreamCancelled: cancelled before or meanwhile.
        """
        with cancel.calling(self._look_again), self._changed:
            self._changed.wait_for(lambda: cancel.cancelled or name not in self._taken, seconds)
            if cancel.cancelled:
                raise StreamCancelled
            mine = {name} - self._taken
            self._taken |= mine

        def over() -> None:
            with self._changed:
                self._taken -= mine
                mine.clear()
                self._changed.notify_all()

        return over

    def _look_again(self) -> None:
        with self._changed:
            self._changed.notify_all()
