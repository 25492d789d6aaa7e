"""A tor of our own: started, drained, ended; never left behind.

Theory of operation. The child inherits one end of a socket pair and is told that this is its owning
controller (``__OwningControllerFD``). That gives three things at once. There is no control port or cookie
that another program could use. The connection stands from the first moment on: what is asked over it is
answered as soon as tor is up, so nothing is polled. And when this program ends, in whatever way, ``kill -9``
included, the kernel closes our end and tor exits at once. ``__OwningControllerProcess`` watches as well,
should the connection be closed while we live.

Windows lets no process inherit a socket by its number. There tor opens a control port on loopback, of its own choosing, and
prints it (``BY_PORT``); of its password, drawn for this run, tor is told a salted hash and nobody else anything. As soon as
we are in, the connection owns tor as the inherited one does, and the port is closed (`Control.own`). So it is
there for some milliseconds, and then it is as above. The same can be had on every system, which is how it is tested.

A second thread reads what tor prints, since a pipe that nobody empties fills up and stops tor in its write;
the last lines are kept, to say why it would not start.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import queue
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from torsend.tor import guard
from torsend.tor.cancel import Cancel
from torsend.tor.guard import Address
from torsend.tor.kept_bridges import forget_bridges
from torsend.tor.stream_failures import StreamCancelled
from torsend.tor.troubles import failed

BY_PORT = sys.platform == "win32"
"""Whether the control connection is made through a port, since none can be inherited."""
STOP_SECONDS = 5.0
"""A client exits within milliseconds of SIGTERM; after this it is killed."""
_KEPT_LINES = 200
_LONGEST_LINE = 4096
_LONGEST_SHOWN = 300
MAX_INCLUDE = 1 << 20
"""Bytes of extra settings: a torrc is a page, not a book."""

_LEVEL = re.compile(r"^.*?\[(debug|info|notice|warn|err)\] (.*)$")
_OPENED = re.compile(r"\] Opened Control listener connection \(ready\) on (127\.0\.0\.1):(\d{1,5})$")
_TICK_SECONDS = 0.1
"""How long a cancellation may go unseen: a flag and a queue can't be waited for at once."""
_S2K_COUNT = 96
"""65536 octets (RFC 4880, section 3.7.1.3). The password is drawn, not thought of: nothing is gained by more."""
_NAMED = re.compile(r"\] Tor v?(\d+)\.(\d+)\.(\d+)\S* .*running on ")
_SAYS_NOTHING = re.compile(
    r"see warnings above|^Exiting|^No, it's still there|Bug: Acting on config", re.IGNORECASE
)


class TorProcess:
    """One run of tor. `start` once, `stop` in ``finally``.

    Args:
        binary: the program.
        folder: its data directory, made with mode 0700; nobody else's tor may use it.
        torrc_include: its lines come after ours.
        offline: it uses no network until it is told to over its control connection.
        on_end: called once, on the draining thread, when tor has ended by whatever cause.
        on_line: called there with each line that it prints.
    """

    def __init__(
        self,
        binary: Path,
        folder: Path,
        torrc_include: Path | None,
        on_end: Callable[[], None],
        *,
        offline: bool = False,
        on_line: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._binary = binary
        self._folder = folder
        self._torrc_include = torrc_include
        self._on_end = on_end
        self._offline = offline
        self._opened: queue.SimpleQueue[Address | None] = queue.SimpleQueue()
        self.password = ""
        """Of its control port, if it has one."""
        self._on_line = on_line
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._process: subprocess.Popen[bytes] | None = None
        self._drain: threading.Thread | None = None
        self.version: tuple[int, int, int] | None = None
        """As its first line has it, before it reads any setting."""

    def start(self) -> socket.socket:
        """Starts tor; returns our end of its owning control connection, on which it is yet to answer.

        Raises:
            TorTroubled: folder-unwritable, torrc-unreadable, binary-unusable.
        """
        ours, theirs = socket.socketpair()
        try:
            self._write_torrc((f"__OwningControllerFD {theirs.fileno()}",))
            self._begin((theirs.fileno(),))
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def start_with_port(self, seconds: float, cancel: Cancel) -> Address | None:
        """Starts tor; returns the control port that it has opened, to be entered with ``password``. None: it ended, or
        opened none, within the time.

        Raises:
            TorTroubled: folder-unwritable, torrc-unreadable, binary-unusable.
            StreamCancelled: cancelled meanwhile; `stop` must follow.
        """
        self.password = secrets.token_hex(32)
        self._write_torrc(
            ("__ControlPort 127.0.0.1:auto", f"__HashedControlSessionPassword {hashed(self.password)}")
        )
        self._begin(())
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if cancel.cancelled:
                raise StreamCancelled
            with contextlib.suppress(queue.Empty):
                return self._opened.get(timeout=_TICK_SECONDS)
        return None

    def _begin(self, inherited: tuple[int, ...]) -> None:
        forget_bridges(self._folder)
        try:
            # Named relative to the folder: a path of the person's has no place in the list of processes.
            with guard.starting(self._binary):
                self._process = subprocess.Popen(
                    [self._binary, "-f", "torrc", "--defaults-torrc", "no-defaults", "--RunAsDaemon", "0"],
                    executable=self._binary,
                    cwd=self._folder,
                    env=child_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    pass_fds=inherited,
                    # Ctrl-C in a terminal is for us; we end tor in order.
                    start_new_session=True,
                    creationflags=no_console(),
                )
        except OSError as error:
            raise failed("binary-unusable", f"errno {error.errno}") from error
        self._drain = threading.Thread(target=self._read, name="torsend-tor-drain", daemon=True)
        self._drain.start()

    @property
    def pid(self) -> int | None:
        """Of the process, also after its end; None before `start`."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ends tor and its thread; returns when both are gone. Harmless when it ended before or never
        began.
        """
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._drain:
            self._drain.join()

    def ended(self, seconds: float) -> bool:
        """Whether it has ended, after waiting so long for it at most; then all it printed has been read."""
        if self._process is None or self._drain is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            self._drain.join()
            return True
        return False

    def complained(self, words: str) -> bool:
        """Whether one of its last lines has these words."""
        return any(words in line for line in tuple(self._lines))

    def complaint(self) -> str:
        """The line in which tor last said what is wrong, without its date; empty if it said nothing.

        For the person's eyes: it may name their files.
        """
        for level, text in reversed([found for line in tuple(self._lines) if (found := _parted(line))]):
            if level in {"warn", "err"} and not _SAYS_NOTHING.search(text):
                return text[:_LONGEST_SHOWN]
        return ""

    def _write_torrc(self, control: tuple[str, ...]) -> None:
        extra = b""
        if self._torrc_include is not None:
            try:
                with self._torrc_include.open("rb") as included:
                    extra = included.read(MAX_INCLUDE + 1)
            except OSError as error:
                raise failed("torrc-unreadable", f"errno {error.errno}") from error
            if len(extra) > MAX_INCLUDE or b"\0" in extra:
                raise failed("torrc-unreadable", "not a text file")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            torrc = self._folder / "torrc"
            torrc.unlink(missing_ok=True)
            handle = os.open(torrc, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                # The folder's name may be no UTF-8 (PEP 383).
                lines = torrc_lines(self._folder, control, offline=self._offline)
                file.write(lines.encode("utf-8", "surrogateescape") + extra + b"\n")
        except OSError as error:
            full = error.errno in {errno.ENOSPC, errno.EDQUOT}
            raise failed("disk-full" if full else "folder-unwritable", f"errno {error.errno}") from error

    def _read(self) -> None:
        process = self._process
        if process is None or process.stdout is None:  # pragma: no cover  # it was made with a pipe
            return
        with process.stdout as printed:
            while line := printed.readline(_LONGEST_LINE):
                text = line.decode("utf-8", "replace").rstrip()
                if self.version is None and (found := _NAMED.search(text)):
                    self.version = int(found[1]), int(found[2]), int(found[3])
                if opened := _OPENED.search(text):
                    self._opened.put((opened[1], int(opened[2])))
                self._lines.append(text)
                self._on_line(text)
        process.wait()
        self._opened.put(None)
        forget_bridges(self._folder)
        self._on_end()


def torrc_lines(folder: Path, control: tuple[str, ...], *, offline: bool = False) -> str:
    """Our settings; tor(1) says what each means.

    Args:
        control: the lines by which it and we come together.
    """
    return "\n".join(
        (
            f"DataDirectory {quoted(str(folder.absolute()))}",
            "ClientOnly 1",
            "AvoidDiskWrites 1",
            # Relays' expired certificates are the only sign of a clock that is days ahead.
            "ProtocolWarnings 1",
            "SafeLogging 1",
            "Log notice stdout",
            # Spelled out: isolation by credentials is what keeps identities apart. Extended errors tell why
            # an onion service can't be reached.
            "SocksPort 127.0.0.1:auto IsolateSOCKSAuth ExtendedErrors",
            *control,
            f"__OwningControllerProcess {os.getpid()}",
            # A tor that was idle for a day when it ended would otherwise start asleep.
            "DormantCanceledByStartup 1",
            *(["DisableNetwork 1"] if offline else []),
            "",
        )
    )


def quoted(text: str) -> str:
    """The text as a quoted string of a torrc (tor(1), "The configuration file format")."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def hashed(password: str) -> str:
    """As ``tor --hash-password`` has it: salt, count and SHA-1 of RFC 4880's iterated and salted S2K, in hexadecimal."""
    salt = secrets.token_bytes(8)
    count = (16 + (_S2K_COUNT & 15)) << ((_S2K_COUNT >> 4) + 6)
    once = salt + password.encode()
    data = (once * (count // len(once) + 1))[:count]
    digest = hashlib.sha1(data, usedforsecurity=False).digest()  # the form that tor takes
    return "16:" + (salt + bytes([_S2K_COUNT]) + digest).hex().upper()


def no_console() -> int:
    """Creation flags of a program that must not open a window of text: Windows gives one to each that can have it."""
    return int(getattr(subprocess, "CREATE_NO_WINDOW", 0))


def child_environment() -> dict[str, str]:
    """Ours, but with the libraries' paths of the system: a frozen bundle points them into itself, and keeps
    the old values as ``…_ORIG``. OpenSSL's configuration is the system's: to its guard this tor is like any other here.
    """
    environment = dict(os.environ)
    environment.pop("OPENSSL_CONF", None)
    if getattr(sys, "frozen", False):
        for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH"):
            environment.pop(name, None)
            if original := environment.pop(f"{name}_ORIG", None):
                environment[name] = original
    return environment


def _parted(line: str) -> tuple[str, str] | None:
    found = _LEVEL.match(line)
    return (found[1], found[2]) if found else None
