"""A submission server that costs next to nothing, so that what is measured is the sender and Tor.

The demo's server reads a mail line by line in Python, which takes half a second for 10 MB: as long as all the rest. This one
takes blocks. It offers what Postfix and Dovecot offer (PIPELINING, CHUNKING, SIZE, AUTH PLAIN and LOGIN), keeps only the
size of what came, and has a port without mail, for the bare stream that every sender is compared with. As Postfix does, it
holds its answers back while it still has commands to read (RFC 2920 section 3.2): apart, they wait for each other at every
hop, since relays' kernels hold a small segment until the one before it is acknowledged.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

BLOCK = 256 * 1024
OFFERS = ("PIPELINING", "SIZE 100000000", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING")
_END = b"\r\n.\r\n"


@dataclass(frozen=True)
class Taken:
    """A message that was accepted.

    Attributes:
        size: bytes as they came, dots doubled.
        at: ``time.monotonic()`` when it was whole.
    """

    username: str
    size: int
    at: float


class Gone(Exception):
    """The client hung up."""


class MailServer:
    """Listens on three ports of loopback while it is open. Use it in a ``with``.

    Attributes:
        implicit_port, starttls_port: submission.
        bare_port: reads the eight bytes of a length and as many bytes as they say, and answers with one.
    """

    def __init__(self, tls: ssl.SSLContext, users: dict[str, str]) -> None:
        self._tls, self._users = tls, users
        self._subscribers: list[Callable[[Taken], None]] = []
        self._listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
        self.implicit_port, self.starttls_port, self.bare_port = map(_port, self._listeners)

    def __enter__(self) -> MailServer:
        for listener, serve in zip(
            self._listeners, (self._implicit, self._starttls, self._bare), strict=True
        ):
            threading.Thread(target=self._accept, args=(listener, serve), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def subscribe(self, told: Callable[[Taken], None]) -> None:
        """Calls it when a message is whole, before the client is told."""
        self._subscribers.append(told)

    def _accept(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection, serve), daemon=True).start()

    def _serve(self, connection: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        with contextlib.suppress(OSError, Gone, ssl.SSLError), connection:
            serve(connection)

    def _implicit(self, connection: socket.socket) -> None:
        with self._tls.wrap_socket(connection, server_side=True) as private:
            _Talk(private, self._tls, self._users, self._took, private=True).run()

    def _starttls(self, connection: socket.socket) -> None:
        talk = _Talk(connection, self._tls, self._users, self._took, private=False)
        try:
            talk.run()
        finally:
            talk.close()

    def _bare(self, connection: socket.socket) -> None:
        head = b""
        while len(head) < 8:
            head += _received(connection, 8 - len(head))
        left = int.from_bytes(head, "big")
        while left:
            left -= len(_received(connection, min(BLOCK, left)))
        connection.sendall(b"k")
        with contextlib.suppress(Gone):
            _received(connection, 1)

    def _took(self, taken: Taken) -> None:
        for told in self._subscribers:
            told(taken)


class _Talk:
    """One connection."""

    def __init__(
        self, connection: socket.socket, tls: ssl.SSLContext, users: dict[str, str], took: Callable[[Taken], None],
        *, private: bool,
    ) -> None:  # fmt: skip
        self._socket, self._tls, self._users, self._took, self._private = (
            connection,
            tls,
            users,
            took,
            private,
        )
        self._inbox = self._outbox = b""
        self._username = ""
        self._chunked = 0

    def run(self) -> None:
        self._say("220 smtp.rowanmail.example ESMTP")
        while self._command(self._line()):
            pass

    def close(self) -> None:
        """Also what STARTTLS put in the socket's place."""
        self._socket.close()

    def _command(self, line: str) -> bool:
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO":
                offers = [*OFFERS, "AUTH PLAIN LOGIN"] if self._private else ["PIPELINING", "STARTTLS"]
                lines = ["smtp.rowanmail.example", *offers]
                self._say("\r\n".join([*(f"250-{each}" for each in lines[:-1]), f"250 {lines[-1]}"]))
            case "STARTTLS" if not self._private:
                self._say("220 2.0.0 go on")
                self._flush()
                self._socket = self._tls.wrap_socket(self._socket, server_side=True)
                self._private = True
            case "AUTH" if self._private:
                self._sign_in(rest)
            case "MAIL" | "RCPT" if self._username:
                self._say("250 2.1.0 Ok")
            case "DATA" if self._username:
                self._say("354 end with a dot")
                self._accept(self._data())
            case "BDAT" if self._username:
                self._bdat(rest.upper().split())
            case "QUIT":
                self._say("221 2.0.0 bye")
                self._flush()
                return False
            case _:
                self._say("503 5.5.1 not now")
        return True

    def _sign_in(self, words: str) -> None:
        mechanism, _, initial = words.partition(" ")
        if mechanism.upper() == "PLAIN":
            parts = base64.b64decode(initial or self._ask("")).decode().split("\0")
            name, password = parts[1], parts[2]
        else:
            name = base64.b64decode(initial or self._ask("VXNlcm5hbWU6")).decode()
            password = base64.b64decode(self._ask("UGFzc3dvcmQ6")).decode()
        if self._users.get(name) != password:
            self._say("535 5.7.8 wrong")
            self._flush()
            raise Gone
        self._username = name
        self._say("235 2.7.0 welcome")

    def _data(self) -> int:
        """The size of what comes up to the dot; what comes behind it stays in the inbox."""
        tail, seen = b"\r\n", 0
        while True:
            block, self._inbox = self._inbox or self._more(), b""
            seen += len(block)
            joined = tail + block
            end = joined.find(_END)
            if end >= 0:
                self._inbox = joined[end + len(_END) :]
                return seen - len(self._inbox) - len(b".\r\n")
            tail = joined[-4:]

    def _bdat(self, words: list[str]) -> None:
        left = size = int(words[0])
        while left:
            block = self._inbox[:left] or self._more(min(BLOCK, left))
            self._inbox = self._inbox[left:]
            left -= len(block)
        self._chunked += size
        if words[1:] == ["LAST"]:
            self._accept(self._chunked)
        else:
            self._say("250 2.0.0 Ok")

    def _accept(self, size: int) -> None:
        self._chunked = 0
        self._took(Taken(self._username, size, time.monotonic()))
        self._say("250 2.0.0 Accepted")

    def _ask(self, challenge: str) -> str:
        self._say(f"334 {challenge}")
        return self._line()

    def _say(self, words: str) -> None:
        self._outbox += words.encode() + b"\r\n"

    def _flush(self) -> None:
        if self._outbox:
            self._socket.sendall(self._outbox)
            self._outbox = b""

    def _more(self, limit: int = BLOCK) -> bytes:
        """What comes next, our answers gone before."""
        self._flush()
        return _received(self._socket, limit)

    def _line(self) -> str:
        while b"\r\n" not in self._inbox:
            self._inbox += self._more()
        line, _, self._inbox = self._inbox.partition(b"\r\n")
        return line.decode()


def _received(connection: socket.socket, limit: int = BLOCK) -> bytes:
    data = connection.recv(limit)
    if not data:
        raise Gone
    return data


def _port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port
