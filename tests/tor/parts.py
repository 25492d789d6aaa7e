"""Helpers of the tests of ``torsend.tor``."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Self, TypeVar

from torsend.tor.cancel import Cancel
from torsend.tor.control import Control
from torsend.tor.finder import tor_binary
from torsend.tor.process import TorProcess

NOWHERE = (
    "DirAuthority nowhere orport=1 v3ident=0123456789ABCDEF0123456789ABCDEF01234567 "
    "127.0.0.1:1 89ABCDEF0123456789ABCDEF0123456789ABCDEF\n"
)
"""torrc lines of a tor that never leaves loopback: nobody listens at port 1."""
PATIENCE = 30.0
"""Seconds that a test waits for what happens in one on an idle machine."""

T = TypeVar("T")


class Seen(Generic[T]):
    """Collects what it is called with; waits for what is looked for."""

    def __init__(self) -> None:
        self.all: list[T] = []
        self._changed = threading.Condition()

    def __call__(self, value: T) -> None:
        with self._changed:
            self.all.append(value)
            self._changed.notify_all()

    def wait(self, wanted: Callable[[T], bool], seconds: float = PATIENCE) -> T:
        """The first that fits, past or to come."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(wanted(each) for each in self.all), seconds), self.all
            return next(each for each in self.all if wanted(each))

    def forget(self) -> None:
        with self._changed:
            self.all.clear()


@dataclass
class RunningTor:
    """A tor that somebody else started, so to say."""

    process: TorProcess
    control: Control
    control_port: tuple[str, int]
    control_socket: Path
    socks: tuple[str, int]
    log: list[str] = field(default_factory=list)

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def also_listen(self, socks: str) -> None:
        """Opens a further SOCKS port or socket."""
        self.control.take((("SocksPort", "127.0.0.1:auto"), ("SocksPort", socks)))
        self.socks = next(each for each in self.control.socks_listeners() if isinstance(each, tuple))

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stopped, as by a machine that swaps: connections are taken, nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)


@contextlib.contextmanager
def running_tor(folder: Path, *lines: str) -> Iterator[RunningTor]:
    """A tor with a control port and a control socket."""
    folder.mkdir(mode=0o700, exist_ok=True)
    # A unix socket's path has 108 bytes at most, and pytest's folders are deep.
    near = Path(f"/tmp/torsend-{os.getpid()}-{os.urandom(4).hex()}")
    near.mkdir(mode=0o700)
    include = folder / "include"
    include.write_text(
        NOWHERE + f"ControlPort 127.0.0.1:auto\nControlSocket {near / 'control'}\n" + "\n".join(lines) + "\n"
    )
    process = TorProcess(tor_binary(), folder / "data", include, lambda: None)
    try:
        control = Control.adopt(
            process.start(), lambda _: None, lambda _: False, time.monotonic() + PATIENCE, Cancel()
        )
        try:
            host, port = port_of(control.information("net/listeners/control") or "")
            socks = control.socks_listeners()[0]
            assert isinstance(socks, tuple)
            yield RunningTor(process, control, (host, port), near / "control", socks)
        finally:
            control.close()
    finally:
        process.stop()
        for left in near.iterdir():
            left.unlink()
        near.rmdir()


def port_of(listed: str) -> tuple[str, int]:
    found = re.search(r'"127\.0\.0\.1:(\d+)"', listed)
    assert found, listed
    return "127.0.0.1", int(found[1])


def hashed_password(password: str) -> str:
    """The torrc line for a control password."""
    said = subprocess.run(
        [tor_binary(), "--hush", "--hash-password", password], capture_output=True, text=True, check=True
    )
    return f"HashedControlPassword {said.stdout.split()[-1]}"


class Server:
    """Runs ``serve(connection)`` for each connection, on a thread of its own; ends them all with the block."""

    def __init__(self, serve: Callable[[socket.socket], None], path: Path | None = None) -> None:
        self._serve = serve
        if path is None:
            self._listening = socket.create_server(("127.0.0.1", 0))
        else:
            self._listening = socket.socket(socket.AF_UNIX)
            self._listening.bind(str(path))
            self._listening.listen()
        self.errors: queue.SimpleQueue[Exception] = queue.SimpleQueue()
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="server")]

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listening.getsockname()
        return host, port

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listening.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()
        for connection in self._connections:
            connection.close()
        if not self.errors.empty():
            raise self.errors.get()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._run, args=(connection,), name="server's connection")
            self._threads.append(thread)
            thread.start()

    def _run(self, connection: socket.socket) -> None:
        try:
            self._serve(connection)
        except OSError:
            pass
        except Exception as error:  # noqa: BLE001  # the thread's edge: raised where the block ends
            self.errors.put(error)
        finally:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def echo(connection: socket.socket) -> None:
    """Says back what it hears."""
    while heard := connection.recv(65536):
        connection.sendall(heard)


def silent(connection: socket.socket) -> None:
    """Takes everything, says nothing."""
    while connection.recv(65536):
        pass


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_gone(pid: int, seconds: float = PATIENCE) -> bool:
    """Whether the process has ended, or does so in that time. It need not be our child."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def threads() -> set[str]:
    """Names of the threads of `torsend.tor`."""
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("torsend-tor")}


def pid_of(folder: Path) -> int:
    """Of the tor that has this data directory."""
    (pid,) = (
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdecimal() and _cwd(process) == folder
    )
    return pid


def _cwd(process: Path) -> Path | None:
    try:
        return (process / "cwd").readlink()
    except OSError:
        return None
