"""One reader parts what Tor says by itself from what it answers.

What is an event is told at once to a function that only puts it in a queue, what is a reply is waited for with a
deadline, and a reply that doesn't come ends the connection, since from then on question and answer would be out of step.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import stem
import stem.socket

from torsend.tor.cancel import Cancel
from torsend.tor.control.parsing import Ours, event_of
from torsend.tor.events import ControlClosed, Event
from torsend.tor.troubles import failed

if TYPE_CHECKING:
    from stem.response import ControlMessage

SLOW_SECONDS = 2.0
"""A reply that takes longer is told to whoever wants to know."""
ASK_SECONDS = 10.0
"""For one question: tor is one thread, and may be busy with a consensus for seconds on a slow machine."""

Tell = Callable[[Event], None]


class Wire(stem.socket.ControlSocket):
    """stem's socket over a connection of ours, read by one thread that parts events from replies."""

    def __init__(self, connected: socket.socket, tell: Tell, ours: Ours, cancel: Cancel) -> None:
        super().__init__()
        self._connected: socket.socket | None = connected
        self._watched, self._cancel = connected, cancel
        self._tell, self.ours = tell, ours
        self._replies: queue.SimpleQueue[ControlMessage | None] = queue.SimpleQueue()
        self._seconds = ASK_SECONDS
        self.on_slow: Callable[[], None] = lambda: None
        self.connect()
        self._reader = threading.Thread(target=self._read, name="torsend-tor-control", daemon=True)
        self._reader.start()

    def _make_socket(self) -> socket.socket:
        # Once: stem reconnects by itself after a refused authentication, which would go past the guard's
        # permission.
        if self._connected is None:
            raise stem.SocketError("connected once")
        connected, self._connected = self._connected, None
        connected.settimeout(None)
        return connected

    def ask(self, command: str) -> ControlMessage:
        """Sends a line and waits for its reply.

        Raises:
            TorTroubled: lost.
        """
        try:
            self.send(command)
            return self.recv()
        except stem.ControllerError as error:
            raise failed("lost", str(command.split()[0])) from error

    def recv(self) -> ControlMessage:
        """The reply that is due; what stem's authentication calls as well."""
        try:
            reply = self._reply()
        except queue.Empty:
            super().close()
            raise stem.SocketClosed("no reply in time") from None
        if reply is None:
            self._replies.put(None)  # for whoever asks next
            raise stem.SocketClosed("closed")
        return reply

    def _reply(self) -> ControlMessage | None:
        patience = min(SLOW_SECONDS, self._seconds)
        try:
            return self._replies.get(timeout=patience)
        except queue.Empty:
            self.on_slow()
        return self._replies.get(timeout=self._seconds - patience)

    def close(self) -> None:
        super().close()
        self._cancel.unwatch(self._watched)
        if threading.current_thread() is not self._reader:
            self._reader.join()

    def _read(self) -> None:
        # Whatever ends the thread, who waits must hear of it: else Tor would seem to be there for ever.
        try:
            self._part()
        finally:
            self._replies.put(None)
            self._tell(ControlClosed())

    def _part(self) -> None:
        while True:
            try:
                message = super().recv()
            except stem.ControllerError:
                return
            if message.content()[-1][0] != "650":
                self._replies.put(message)
            elif event := event_of(message, self.ours):
                self._tell(event)
