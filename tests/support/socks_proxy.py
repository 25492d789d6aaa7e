"""A small honest SOCKS5 proxy on loopback: RFC 1928 with RFC 1929, names mapped to ports, one thread a direction."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """What a stream asked for."""

    username: str
    password: str
    host: str
    port: int


class SocksProxy:
    """Takes streams until it is closed. Use it in a ``with``.

    Attributes:
        names: where a host and port lead on 127.0.0.1; anything else is refused with 0x04.
        refusals: codes to refuse the next streams with, one after the other.
        requests: what was asked for.
        granted: goes up by one when a stream's client has been told that it stands; the server may hear of it before.
    """

    def __init__(self) -> None:
        self.names: dict[tuple[str, int], int] = {}
        self.refusals: list[int] = []
        self.requests: list[Request] = []
        self.granted = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Else the kernel may take 16 MB ahead for whoever doesn't read, and a mail is gone before its server took any of it.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 256 * 1024)
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        self._start(self._accept)

    def __enter__(self) -> SocksProxy:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)
        for each in self._sockets:
            each.close()

    def cut(self) -> None:
        """Ends all streams, as a circuit does that breaks."""
        with self._lock:
            sockets = list(self._sockets)
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="socks", daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _keep(self, each: socket.socket) -> socket.socket:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._sockets.append(each)
        return each

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, self._keep(client))

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            request = self._negotiate(client)
            self.requests.append(request)
            port = self.names.get((request.host, request.port))
            code = self.refusals.pop(0) if self.refusals else (0x00 if port else 0x04)
            if code or port is None:
                client.sendall(bytes((5, code, 0, 1)) + bytes(6))
                client.shutdown(socket.SHUT_RDWR)
                return
            server = self._keep(socket.create_connection(("127.0.0.1", port)))
            client.sendall(bytes((5, 0, 0, 1)) + bytes(6))
            self.granted.release()
            self._start(_pump, server, client)
            _pump(client, server)

    def _negotiate(self, client: socket.socket) -> Request:
        _, count = _exactly(client, 2)
        if 2 not in _exactly(client, count):
            client.sendall(b"\x05\xff")
            raise EOFError
        client.sendall(b"\x05\x02")
        username = _exactly(client, _exactly(client, 2)[1]).decode()
        password = _exactly(client, _exactly(client, 1)[0]).decode()
        client.sendall(b"\x01\x00")
        kind = _exactly(client, 4)[3]
        if kind != 3:
            raise EOFError
        host = _exactly(client, _exactly(client, 1)[0]).decode()
        return Request(username, password, host, int.from_bytes(_exactly(client, 2), "big"))


def _exactly(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = source.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
