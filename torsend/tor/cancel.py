"""Ends what waits on a socket, or in any other way, from another thread."""

from __future__ import annotations

import contextlib
import socket
import threading
import weakref
from collections.abc import Callable, Iterator

from torsend.tor.stream_failures import StreamCancelled


class Cancel:
    """Ends streams from another thread: whatever waits on one raises `StreamCancelled` at once.

    Args:
        parent: what is cancelled with it is cancelled here, too.
    """

    def __init__(self, parent: Cancel | None = None) -> None:
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._wakes: list[Callable[[], None]] = []
        self._children: weakref.WeakSet[Cancel] = weakref.WeakSet()
        self._cancelled = False
        if parent is not None:
            self._cancelled = parent.adopt(self)

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        """Once and for all; again does nothing."""
        with self._lock:
            self._cancelled = True
            for watched in self._sockets:
                # Not close: the number could be another file's by the time the waiting thread looks.
                with contextlib.suppress(OSError):
                    watched.shutdown(socket.SHUT_RDWR)
            wakes = tuple(self._wakes)
            children = tuple(self._children)
        for wake in wakes:
            wake()
        for child in children:
            child.cancel()

    def adopt(self, child: Cancel) -> bool:
        """Cancels it together with this one, as long as anybody holds it; whether this one was cancelled before."""
        with self._lock:
            self._children.add(child)
            return self._cancelled

    def watch(self, connected: socket.socket) -> None:
        """Raises `StreamCancelled` if it was cancelled before."""
        with self._lock:
            if self._cancelled:
                raise StreamCancelled
            self._sockets.add(connected)

    @contextlib.contextmanager
    def calling(self, wake: Callable[[], None]) -> Iterator[None]:
        """Calls ``wake`` when it is cancelled, on that thread, or at once if it was before: for what waits on no socket. It
        must return at once, and may be called just after this has ended.
        """
        with self._lock:
            self._wakes.append(wake)
            cancelled = self._cancelled
        try:
            if cancelled:
                wake()
            yield
        finally:
            with self._lock:
                self._wakes.remove(wake)

    def unwatch(self, connected: socket.socket) -> None:
        with self._lock:
            self._sockets.discard(connected)
