"""Real proxies on loopback, between a tor and its first relay: microsocks, tinyproxy, dante."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from typing import TYPE_CHECKING

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
            settings = folder / "danted.conf"
            settings.write_text(
                f"logoutput: stderr\ninternal: 127.0.0.1 port = {port}\nexternal: lo\n"
                "clientmethod: none\nsocksmethod: none\nuser.unprivileged: nobody\n"
                "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
                "socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
            )
            return ["/usr/sbin/danted", "-f", str(settings)]


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "the proxy ended"
        with socket.socket() as trying:
            trying.settimeout(1)
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, "the proxy does not listen"
