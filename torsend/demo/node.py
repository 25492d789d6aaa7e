"""One tor process of the private network, and the line to it.

Theory of operation. Each tor inherits one end of a socket pair as its owning controller
(``__OwningControllerFD``): an authenticated control connection (control-spec) that exists before tor has read
its settings. No port, no cookie, no path; and when the last copy of our end closes, even because this process
was killed, tor ends at once. Log lines go to a file: a pipe would have to be drained.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from typing import IO, TYPE_CHECKING

from torsend.demo.failures import DemoFailed
from torsend.tor import guard
from torsend.tor.process import child_environment
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAX_LINE = 1 << 20
"""A line of the control protocol here: a handful of relays; far above it something is broken."""
STOP_SECONDS = 5.0
"""How long a tor may take to end by itself; measured: 20 ms."""

_TAKEN = "Address already in use"


class Node:
    """A tor process with a folder of its own.

    Args:
        tor: the program.
        name: its nickname, also in the words of a failure.
        folder: its DataDirectory; is there already, with its keys.
        torrc: its settings.
    """

    def __init__(self, tor: Path, name: str, folder: Path, torrc: str) -> None:
        self.name = name
        self.folder = folder
        self._tor = tor
        self._torrc = torrc
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._reader: IO[bytes] | None = None
        self._events: list[list[str]] = []

    @property
    def log(self) -> Path:
        """What it says of itself."""
        return self.folder / "log"

    @property
    def pid(self) -> int | None:
        """Its process, if it was started."""
        return self._process.pid if self._process else None

    def launch(self) -> None:
        """Starts the process; does not wait for it.

        Raises:
            DemoFailed: it cannot be started.
        """
        settings = self.folder / "torrc"
        ours, theirs = socket.socketpair()
        try:
            with theirs, self.log.open("wb") as log:
                settings.write_text(self._torrc, encoding="utf-8")
                with guard.starting(self._tor):
                    self._process = subprocess.Popen(
                        [
                            self._tor,
                            # A file that is not there keeps the system's own settings out.
                            *("--defaults-torrc", self.folder / "no-defaults"),
                            *("-f", settings),
                            *("--DataDirectory", self.folder),
                            *("--__OwningControllerFD", str(theirs.fileno())),
                        ],
                        executable=self._tor,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        cwd=self.folder,
                        env=child_environment(),
                        pass_fds=[theirs.fileno()],
                        # Ctrl-C in the terminal is for us; we end the nodes in order.
                        process_group=0,
                    )
        except OSError as cause:
            ours.close()
            raise DemoFailed(
                t("The program tor could not be started: {reason}.", reason=cause.strerror or cause)
            ) from cause
        self._line = ours
        self._reader = ours.makefile("rb")

    def ask(self, command: str, deadline: float) -> list[str]:
        """Sends one command, gives its reply's lines without the codes in front.

        Raises:
            DemoFailed: the node is gone, does not answer by the deadline, or says no.
        """
        if self._line is None:
            raise self._gone()
        try:
            self._line.settimeout(max(deadline - time.monotonic(), 0.001))
            self._line.sendall(command.encode("ascii") + b"\r\n")
        except TimeoutError as cause:
            raise self._late() from cause
        except OSError as cause:
            raise self._gone() from cause
        while True:
            code, lines = self._read_reply(deadline)
            if code == "650":
                self._events.append(lines)
            elif code == "250":
                return lines
            else:
                raise DemoFailed(
                    t("The relay {name} refused a command: {reason}.", name=self.name, reason=" ".join(lines))
                )

    def events(self, deadline: float) -> Iterator[list[str]]:
        """The lines of each event that it was told to report, as they come.

        Raises:
            DemoFailed: the node is gone, or nothing came by the deadline.
        """
        while True:
            if self._events:
                yield self._events.pop(0)
                continue
            code, lines = self._read_reply(deadline)
            if code == "650":
                yield lines

    def wait_for(self, wanted: Callable[[list[str]], bool], deadline: float) -> list[str]:
        """The first event that is wanted; others before it are dropped.

        Raises:
            DemoFailed: as ``events``.
        """
        return next(lines for lines in self.events(deadline) if wanted(lines))

    def interrupt(self) -> None:
        """Ends it and wakes whoever waits for it, from any thread; ``stop`` is still needed."""
        if self._line is not None:
            with contextlib.suppress(OSError):  # it may have gone first
                self._line.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Ends it and waits until it has ended; harmless when called twice."""
        self.interrupt()
        if self._reader is not None:
            self._reader.close()
        if self._line is not None:
            self._line.close()
        self._reader = self._line = None
        if self._process is not None:
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def last_words(self) -> str:
        """The last warning in its log, or else its last line; without time and severity."""
        try:
            lines = self.log.read_text("utf-8", "replace").splitlines()
        except OSError:
            lines = []
        taken = [line for line in lines if _TAKEN in line]
        graver = [line for line in lines if "[warn]" in line or "[err]" in line]
        # The very last is often only "Reading config failed--see warnings above."
        telling = [line for line in graver if "see warnings above" not in line and "as root" not in line]
        last = (taken or telling or graver or lines or [""])[-1]
        return last.rpartition("] ")[2].strip().rstrip(".")

    def _read_reply(self, deadline: float) -> tuple[str, list[str]]:
        """One reply or event: its code and lines; the lines of a data block stand as lines of their own."""
        lines: list[str] = []
        while True:
            line = self._read_line(deadline)
            code, divider, rest = line[:3], line[3:4], line[4:]
            lines.append(rest)
            if divider == "+":
                while (data := self._read_line(deadline)) != ".":
                    lines.append(data.removeprefix("."))
            elif divider == " ":
                return code, lines

    def _read_line(self, deadline: float) -> str:
        if self._line is None or self._reader is None:
            raise self._gone()
        try:
            self._line.settimeout(max(deadline - time.monotonic(), 0.001))
            line = self._reader.readline(MAX_LINE)
        except TimeoutError as cause:
            raise self._late() from cause
        except (OSError, ValueError) as cause:
            raise self._gone() from cause
        if not line.endswith(b"\n"):
            raise self._gone()
        return line.decode("utf-8", "replace").rstrip("\r\n")

    def _gone(self) -> DemoFailed:
        words = self.last_words()
        if _TAKEN in words:
            return DemoFailed(
                t("A port that {name} needs is taken: {log}.", name=self.name, log=words),
                advice=t("Try again: other ports are picked each time."),
            )
        return DemoFailed(t("The relay {name} ended. Its last words: {log}.", name=self.name, log=words))

    def _late(self) -> DemoFailed:
        return DemoFailed(
            t(
                "The relay {name} took too long. Its last words: {log}.",
                name=self.name,
                log=self.last_words(),
            ),
            advice=t("Try again when the computer has less to do."),
        )
