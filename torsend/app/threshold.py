"""Callers that have not shown yet that they are ours: each is read as far as its hello, and none is waited for.

A port can be called by every program of this machine. One that says nothing, or nothing to the purpose, stands here beside
the others until it is late or many came after it; who has the key says so at once, and passes them.
"""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass

HELLO_SECONDS = 2.0
"""For a hello, which is sent with the call."""
MOST = 64
"""So many stand here at once; the first to come is the first to go."""


@dataclass(slots=True)
class _Caller:
    until: float
    said: bytes = b""


class Threshold:
    """Belongs to one thread.

    Args:
        size: octets of a hello; with none, everybody passes.
        selector: is told of those who stand here.
    """

    def __init__(self, size: int, selector: selectors.BaseSelector) -> None:
        self._size, self._selector = size, selector
        self._callers: dict[socket.socket, _Caller] = {}

    def enter(self, stream: socket.socket) -> bytes | None:
        """As ``hear``, of one that has just come."""
        stream.settimeout(0)
        if len(self._callers) >= MOST:
            self._turn_away(next(iter(self._callers)))
        self._callers[stream] = _Caller(time.monotonic() + HELLO_SECONDS)
        self._selector.register(stream, selectors.EVENT_READ)
        return self.hear(stream)

    def hear(self, stream: socket.socket) -> bytes | None:
        """Its hello once it is whole: then it stands here no more. Closes one that is gone."""
        caller = self._callers.get(stream)
        if caller is None:
            return None  # turned away meanwhile
        try:
            while len(caller.said) < self._size:
                more = stream.recv(self._size - len(caller.said))
                if not more:
                    self._turn_away(stream)
                    return None
                caller.said += more
        except BlockingIOError:
            return None
        except OSError:
            self._turn_away(stream)
            return None
        self._forget(stream)
        return caller.said

    def patience(self) -> float | None:
        """Turns away who is late; seconds until the next will be, None where nobody stands here."""
        now = time.monotonic()
        while self._callers:
            # In the order in which they came, so the first is the first to be late.
            stream, caller = next(iter(self._callers.items()))
            if caller.until > now:
                return caller.until - now
            self._turn_away(stream)
        return None

    def close(self) -> None:
        """Turns all of them away."""
        while self._callers:
            self._turn_away(next(iter(self._callers)))

    def _turn_away(self, stream: socket.socket) -> None:
        self._forget(stream)
        stream.close()

    def _forget(self, stream: socket.socket) -> None:
        del self._callers[stream]
        self._selector.unregister(stream)
