"""Real proxies on loopback, between a tor and its first relay: microsocks, tinyproxy, and another tor.

SOCKS4 is spoken by few programs that every system has; a tor's SOCKS port does, so one that runs is the proxy there.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from typing import TYPE_CHECKING

from torsend.tor.choice import Launch
from torsend.tor.connection import Connection
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
            raise ValueError("a tor is one: see another_tor")


@contextlib.contextmanager
def another_tor(torrc: str, folder: Path) -> Iterator[Proxy]:
    """The SOCKS port of a tor that is on that network, as a SOCKS4 proxy."""
    folder.mkdir()
    include = folder / "include"
    include.write_text(torrc)
    connection = Connection(Launch(torrc_include=include), folder / "data")
    connection.start()
    try:
        connection.wait_ready(START_SECONDS * 3)
        address = connection._usable_proxy()
        assert isinstance(address, tuple)
        yield Proxy(ProxyKind.SOCKS4, *address)
    finally:
        connection.stop()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "the proxy ended"
        with socket.socket() as trying:
            trying.settimeout(1)
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, "the proxy does not listen"
