"""Has files cleaned by a process of its own, one for each file, and believes nothing that it says.

Theory of operation. The original is opened here, for reading only, and inherited by the child; the child inherits
nothing else but the pipe that its frames come over. A second thread reads the frames, so that this one can wait for the
next of them, for the deadline and for a cancellation at once on every system. What has come counts only when the child
has ended well, with a report as its last frame; whatever else happens, it is killed and its output is worth nothing.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from errno import EINVAL, EISDIR
from pathlib import Path

import torsend
from torsend.clean import CHILD
from torsend.clean.frames import PIECE, TEXT, BadFrame, read_frame
from torsend.clean.limits import WHOLE_TEXT, Limits
from torsend.clean.report import Report, Verdict, Why

Starting = Callable[[Path, Sequence[str]], AbstractContextManager[None]]
"""Lets this program be started with these arguments, during the block; such as ``guard.starting``."""

# Not blocking: a named pipe would wait for somebody to write into it.
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_TICK_SECONDS = 0.1
"""How long a cancellation may go unseen: an event and a queue can't be waited for at once."""
_FRAMES_AHEAD = 8
"""Frames that are read before they are taken: 2 MiB."""
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,100}")
_FORMAT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./+-]{0,40}")

_Frame = tuple[bytes, bytes] | None


class CleaningCancelled(Exception):
    """The caller no longer wants to know."""


class _Distrusted(Exception):
    """The child broke its rules."""


class Cleaner:
    """Cleans files. Has no state: any number of threads may use it at once, each with its own child.

    Args:
        starting: asked for leave to start the child.
    """

    def __init__(
        self,
        starting: Starting | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._starting = starting or freely
        self._limits = limits or Limits()

    def clean(
        self,
        source: Path,
        output: Callable[[bytes], None],
        text: Callable[[str], None] | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> Report:
        """Cleans one file; blocks for as long as it takes.

        Args:
            output: gets the result piecewise (`limits.MOST_PIECE` at most). What it got is the result only if the
                report's verdict is ``CLEANED`` or ``NOTHING``. What it raises ends the child and goes on.
            text: the same with the text that a reader of the result will see; pieces may break within a word.
            cancelled: looked at every tenth of a second.

        Raises:
            CleaningCancelled
            OSError: the file can't be read, or is no plain file.
        """
        child = Child(self.command(), self._starting, self._limits)
        descriptor, size = open_plain(source)
        most = (self._limits.output(size), WHOLE_TEXT)
        try:
            return child.run(descriptor, output, text or (lambda _words: None), most, cancelled)
        finally:
            os.close(descriptor)

    def command(self) -> list[str]:
        """What is started."""
        return command(CHILD)


class Child:
    """Has one job done by a child; any number of times, each with its own."""

    def __init__(self, command: list[str], starting: Starting, limits: Limits) -> None:
        self._command = command
        self._starting = starting
        self._limits = limits

    def run(
        self,
        original: int,
        output: Callable[[bytes], None],
        text: Callable[[str], None],
        most: tuple[int, int],
        cancelled: threading.Event | None,
    ) -> Report:
        """Starts it and takes what comes until it is gone.

        Args:
            original: a descriptor that it inherits; stays open here.
            most: so many octets of output and of text it may give.

        Raises:
            CleaningCancelled
        """
        try:
            with self._starting(Path(self._command[0]), self._command):
                child = _start(self._command, original)
        except OSError:
            return _not_cleanable(Why.FAILED)
        return _Run(child, self._limits, most, output, text, cancelled).report()


def command(job: str) -> list[str]:
    """What is started for a job (``CHILD``, ``CODES``). A frozen program is its own Python; otherwise it is the one that
    runs us, told to look at nothing of the person's: no site-packages, no start-up files, no current folder.
    """
    if getattr(sys, "frozen", False):
        # On Windows the window's starter has no standard streams to inherit; the one of the command line has.
        program = Path(sys.executable).with_name("torsend.exe") if sys.platform == "win32" else sys.executable
        return [str(program), job]
    quiet = ["-B"] if sys.dont_write_bytecode else []
    return [
        sys.executable,
        *quiet,
        "-S",
        "-s",
        "-P",
        "-c",
        f"from torsend.clean import child; child.main({job!r})",
    ]


def freely(_program: Path, _arguments: Sequence[str]) -> AbstractContextManager[None]:
    """Needs nobody's leave."""
    return contextlib.nullcontext()


class _Run:
    """One child, from its start to its end."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        limits: Limits,
        most: tuple[int, int],
        output: Callable[[bytes], None],
        text: Callable[[str], None],
        cancelled: threading.Event | None,
    ) -> None:
        self._child = child
        self._left = limits.seconds
        self._output_left, self._text_left = most
        self._output, self._text = output, text
        self._cancelled = cancelled
        self._frames: queue.Queue[_Frame | BadFrame] = queue.Queue(_FRAMES_AHEAD)
        self._reader = threading.Thread(target=self._read, name="torsend-clean-reader", daemon=True)

    def report(self) -> Report:
        """Takes what comes until the end; the child and the thread are gone when it returns or raises."""
        self._reader.start()
        try:
            return self._take()
        except TimeoutError:
            return _not_cleanable(Why.TOOK_TOO_LONG)
        except (_Distrusted, BadFrame):
            return _not_cleanable(Why.FAILED)
        finally:
            self._end()

    def _take(self) -> Report:
        said = b""
        while (frame := self._next()) is not None:
            kind, content = frame
            if said:
                raise _Distrusted("after the report")
            if kind == PIECE:
                self._output_left -= len(content)
                if self._output_left < 0:
                    raise _Distrusted("output")
                self._output(content)
            elif kind == TEXT:
                self._text_left -= len(content)
                if self._text_left < 0:
                    raise _Distrusted("text")
                self._text(_decoded(content))
            else:
                said = content
        self._wait()
        return _believable(said)

    def _next(self) -> _Frame:
        """The next frame; None at the end.

        Raises:
            BadFrame, CleaningCancelled
            TimeoutError: the child had all the time that it may have.
        """
        while True:
            began = time.monotonic()
            frame: _Frame | BadFrame
            try:
                frame = self._frames.get(timeout=max(0.0, min(_TICK_SECONDS, self._left)))
            except queue.Empty:
                came = False
            else:
                came = True
            self._left -= time.monotonic() - began
            if self._cancelled is not None and self._cancelled.is_set():
                raise CleaningCancelled
            if came:
                if isinstance(frame, BadFrame):
                    raise frame
                return frame
            if self._left <= 0:
                raise TimeoutError

    def _wait(self) -> None:
        """Sees how the child ended."""
        try:
            status = self._child.wait(max(0.0, self._left))
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        if sys.platform != "win32" and status == -signal.SIGXCPU:
            raise TimeoutError
        if status != 0:
            raise _Distrusted("status")

    def _read(self) -> None:
        """The second thread's whole life: fills the queue, and ends it with None or what was wrong."""
        pipe = self._child.stdout
        if pipe is None:  # pragma: no cover  # it was made with a pipe
            return
        try:
            while (frame := read_frame(pipe)) is not None:  # type: ignore[arg-type]
                self._frames.put(frame)
        except BadFrame as bad:
            self._frames.put(bad)
        except OSError:  # pragma: no cover  # a pipe's reading end has no reason to fail
            self._frames.put(BadFrame("pipe"))
        else:
            self._frames.put(None)

    def _end(self) -> None:
        """Kills the child and all that it may have started, and sees them gone."""
        if self._child.returncode is None:
            # Not yet waited for, so the number is still its own.
            if sys.platform == "win32":
                self._child.kill()
            else:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        while self._reader.is_alive():
            with contextlib.suppress(queue.Empty):
                self._frames.get(timeout=_TICK_SECONDS)
        if self._child.stdout is not None:
            self._child.stdout.close()


def _start(command: list[str], original: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        executable=command[0],
        bufsize=0,
        stdin=original,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/" if sys.platform != "win32" else None,
        env=child_environment(),
        # Ctrl-C in a terminal is for us. And one group to kill, whatever the child starts.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def child_environment() -> dict[str, str]:
    """All that the child finds in its environment: where Python's modules lie, and nothing of the person's or the desktop's.

    A frozen program's starter sets the path of its libraries by itself, so it is not passed on.
    """
    environment = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
    if sys.platform == "win32":
        # Without it Windows finds libraries of its own no more.
        environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", r"C:\Windows")
    if not getattr(sys, "frozen", False):
        here = str(Path(torsend.__file__).resolve().parent.parent)
        places = [here, *(each for each in sys.path if Path(each).is_absolute())]
        environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(places))
        # The same order of sets in every run.
        environment["PYTHONHASHSEED"] = "0"
    return environment


def open_plain(source: Path) -> tuple[int, int]:
    """The file, open for reading, and its size.

    Raises:
        OSError: it can't be read, or is no plain file.
    """
    descriptor = os.open(source, _OPEN)
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            number = EISDIR if stat.S_ISDIR(state.st_mode) else EINVAL
            raise OSError(number, os.strerror(number))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, state.st_size


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise _Distrusted("text") from None


def _believable(said: bytes) -> Report:
    """The report, if it is one that an honest child could have written."""
    try:
        report = Report.from_json(said.decode("ascii"))
    except ValueError:
        raise _Distrusted("report") from None
    if report.verdict is not Verdict.NOT_CLEANABLE and not (
        # The media type goes into the head of a mail.
        _MEDIA_TYPE.fullmatch(report.media_type) and _FORMAT.fullmatch(report.format)
    ):
        raise _Distrusted("format")
    if (report.verdict is Verdict.CLEANED) != bool(report.counts):
        raise _Distrusted("verdict")
    return report


def _not_cleanable(why: Why) -> Report:
    return Report(Verdict.NOT_CLEANABLE, why=why)
