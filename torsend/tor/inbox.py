"""What the supervisor's thread is told and asked, in one queue: by the link it tends, and by whoever wants something."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torsend.tor.stream_failures import StreamCancelled

if TYPE_CHECKING:
    from torsend.tor.cancel import Cancel
    from torsend.tor.link import Told


class Interrupted(Exception):
    """Someone wants something else than this link."""


@dataclass(frozen=True, slots=True)
class Look:
    """Ask now whether Tor is still there.

    Attributes:
        carries: and whether a circuit carries anything.
    """

    carries: bool = False


@dataclass(frozen=True, slots=True)
class OnionKey:
    """Have Tor use this key for that service; None: none any more. ``done`` is told whether it does."""

    service: str
    key: str | None = field(repr=False)
    done: queue.SimpleQueue[bool] = field(default_factory=queue.SimpleQueue)

    def answer(self, seconds: float, cancel: Cancel) -> bool:
        """What it is told, after waiting so long at most: then it is taken for a no.

        Raises:
            StreamCancelled: cancelled before or meanwhile.
        """
        with cancel.calling(lambda: self.done.put(False)):  # noqa: FBT003  # a queue’s item
            try:
                given = self.done.get(timeout=seconds)
            except queue.Empty:
                return False
        if cancel.cancelled:
            raise StreamCancelled
        return given


def refuse(item: object) -> None:
    """There is no Tor that could be given a key: whoever asked needn't wait."""
    if isinstance(item, OnionKey):
        item.done.put(False)  # noqa: FBT003  # a queue’s item


class Inbox:
    """Put into from any thread, and taken from by one."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[tuple[int, Told] | Look | OnionKey | None] = queue.SimpleQueue()

    def tell(self, number: int, told: Told) -> None:
        """What the link of that number tells."""
        self._items.put((number, told))

    def ask(self, item: Look | OnionKey) -> None:
        """Of whichever link there is."""
        self._items.put(item)

    def rouse(self) -> None:
        """Has whoever waits look at what is wanted."""
        self._items.put(None)

    def next(self, number: int, until: float, wanted: Callable[[], bool]) -> Told | Look | OnionKey | None:
        """What comes next for the link of that number; None when nothing came until then.

        Args:
            until: by ``time.monotonic``.
            wanted: whether someone wants something else than what is.

        Raises:
            Interrupted: someone does.
        """
        while True:
            if wanted():
                raise Interrupted
            try:
                item = self._items.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return None
            match item:
                case Look() | OnionKey():
                    return item
                case (of, told) if of == number:
                    return told
                case _:
                    continue

    def refuse_the_rest(self) -> None:
        """Nobody takes anything out any more."""
        with contextlib.suppress(queue.Empty):
            while True:
                refuse(self._items.get_nowait())
