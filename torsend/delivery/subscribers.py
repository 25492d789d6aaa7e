"""Who wants to know: called one after the other; one that fails harms neither the others nor what they are told of."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger("torsend.delivery")

T = TypeVar("T")


class Subscribers(Generic[T]):
    """Callbacks that take one value. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: tuple[Callable[[T], None], ...] = ()

    def add(self, callback: Callable[[T], None]) -> Callable[[], None]:
        """From now on it is called; gives what ends that."""
        with self._lock:
            self._callbacks += (callback,)

        def remove() -> None:
            with self._lock, contextlib.suppress(ValueError):
                left = list(self._callbacks)
                left.remove(callback)
                self._callbacks = tuple(left)

        return remove

    def tell(self, value: T) -> None:
        """Calls all of them, on this thread."""
        with self._lock:
            callbacks = self._callbacks
        for callback in callbacks:
            try:
                callback(value)
            except Exception:
                # A window that fails to draw must not break a message off in the middle.
                log.exception("a subscriber failed")
