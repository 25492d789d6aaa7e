"""A SOCKS port on loopback that misbehaves as it is told, by named functions: ``MisbehavingProxy(stalls)``."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

Manner = Callable[["MisbehavingProxy", socket.socket], None]


class MisbehavingProxy:
    """Listens until it is closed. Use it in a ``with``.

    Attributes:
        heard: all that came after the greeting, over all connections.
    """

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self.closing = threading.Event()
        self.heard = b""
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(10)
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.recv(3)
            self._manner(self, connection)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def listen(self, connection: socket.socket) -> bool:
        """Waits for more; whether any came."""
        more = connection.recv(65536)
        self.heard += more
        return bool(more)

    def until_the_request(self, connection: socket.socket) -> None:
        """Behaves, up to where the answer to the request is due."""
        connection.sendall(b"\x05\x02")
        self.listen(connection)
        connection.sendall(b"\x01\x00")
        self.listen(connection)


def says(raw: bytes) -> Manner:
    """Answers the greeting so, and hears what comes then."""

    def manner(proxy: MisbehavingProxy, connection: socket.socket) -> None:
        connection.sendall(raw)
        while proxy.listen(connection):
            continue

    return manner


def answers_the_request(raw: bytes) -> Manner:
    """Behaves until the request, and answers that so."""

    def manner(proxy: MisbehavingProxy, connection: socket.socket) -> None:
        proxy.until_the_request(connection)
        connection.sendall(raw)

    return manner


def hangs_up(proxy: MisbehavingProxy, connection: socket.socket) -> None:
    """Closes without a word."""


def hangs_up_at_the_request(proxy: MisbehavingProxy, connection: socket.socket) -> None:
    """Closes where its answer is due: a Tor that dies."""
    proxy.until_the_request(connection)


def refuses_the_password(proxy: MisbehavingProxy, connection: socket.socket) -> None:
    """RFC 1929: any status but 0."""
    connection.sendall(b"\x05\x02")
    proxy.listen(connection)
    connection.sendall(b"\x01\x01")


def stalls(proxy: MisbehavingProxy, connection: socket.socket) -> None:
    """Says nothing, and stays."""
    proxy.closing.wait(60)


def stalls_at_the_request(proxy: MisbehavingProxy, connection: socket.socket) -> None:
    """Takes the request, and says nothing to it."""
    proxy.until_the_request(connection)
    proxy.closing.wait(60)


def drips(proxy: MisbehavingProxy, connection: socket.socket) -> None:
    """A byte of its answer now and then, and never all of it: a domain name of 255 bytes, as slowly as can be."""
    proxy.until_the_request(connection)
    connection.sendall(b"\x05\x00\x00\x03\xff")
    while not proxy.closing.wait(0.03):
        connection.sendall(b"x")


def never_stops(proxy: MisbehavingProxy, connection: socket.socket) -> None:
    """Grants the stream, and floods it."""
    proxy.until_the_request(connection)
    connection.sendall(b"\x05\x00\x00\x01" + bytes(6))
    while not proxy.closing.is_set():
        connection.sendall(b"\x00" * 65536)
