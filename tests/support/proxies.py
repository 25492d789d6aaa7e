"""Proxies on loopback, between a tor and its first relay: microsocks and tinyproxy.

For SOCKS4 a server of our own: dante isn't in every system, a tor's port leads to no relay (no re-entry into the network),
and OpenSSH's package would start a server on the machine of whoever runs the tests.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
import time
from typing import TYPE_CHECKING

from tests.tor.parts import Server
from torsend.tor.way_out import Proxy, ProxyKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER = "kaspar"
PASSWORDS = {ProxyKind.SOCKS5: 'p"a\\ss word', ProxyKind.HTTPS: "secret-word"}
"""With what breaks a control line if it is not quoted; tinyproxy's settings know neither quotation marks nor spaces."""
START_SECONDS = 10.0


@contextlib.contextmanager
def proxy(kind: ProxyKind, folder: Path, *, log_in: bool = False) -> Iterator[Proxy]:
    """A proxy of that kind that runs; with a log-in, it lets nobody else through."""
    with socket.create_server(("127.0.0.1", 0)) as trying:
        port = trying.getsockname()[1]
    log = folder / "proxy.log"
    with (
        log.open("wb") as printed,
        subprocess.Popen(
            _command(kind, folder, port, log_in=log_in), stdout=printed, stderr=printed, cwd=folder
        ) as process,
    ):
        try:
            _await(port, process)
            username, password = (USER, PASSWORDS[kind]) if log_in else ("", "")
            yield Proxy(kind, "127.0.0.1", port, username, password)
        finally:
            process.terminate()


def _command(kind: ProxyKind, folder: Path, port: int, *, log_in: bool) -> list[str]:
    match kind:
        case ProxyKind.SOCKS5:
            who = ["-u", USER, "-P", PASSWORDS[kind]] if log_in else []
            return ["microsocks", "-i", "127.0.0.1", "-p", str(port), *who]
        case ProxyKind.HTTPS:
            settings = folder / "tinyproxy.conf"
            settings.write_text(
                f"Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 100\nLogLevel Connect\n"
                + (f"BasicAuth {USER} {PASSWORDS[kind]}\n" if log_in else "")
            )
            return ["tinyproxy", "-d", "-c", str(settings)]
        case ProxyKind.SOCKS4:
            raise ValueError("see socks4")


@contextlib.contextmanager
def socks4() -> Iterator[Proxy]:
    """Connects to IPv4 addresses (SOCKS4: version, command, port, address, a user name that ends in NUL)."""
    with Server(_serve_socks4) as server:
        yield Proxy(ProxyKind.SOCKS4, *server.address)


def _serve_socks4(near: socket.socket) -> None:
    head = _exactly(near, 8)
    assert head[:2] == b"\x04\x01"
    while _exactly(near, 1) != b"\0":
        pass
    target = socket.inet_ntoa(head[4:8]), int.from_bytes(head[2:4], "big")
    with contextlib.suppress(OSError), socket.create_connection(target) as far:
        near.sendall(b"\0\x5a" + bytes(6))
        back = threading.Thread(target=_pump, args=(far, near))
        back.start()
        _pump(near, far)
        back.join()


def _exactly(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = source.recv(count - len(data))
        assert more, "hung up"
        data += more
    return data


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "the proxy ended"
        with socket.socket() as trying:
            trying.settimeout(1)
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, "the proxy does not listen"
