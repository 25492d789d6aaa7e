"""Standard input, output and error, however the caller hands them over: closed, full, read by nobody, in any encoding.

What became of a mail must never be lost to that: a command goes on when its answer can't be written any more, and its
status still tells.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

from torsend.errors import ExitStatus
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable

_lost: OSError | None = None
"""Why the answer is not whole; None while it is, and where its reader had simply seen enough."""


def settle() -> None:
    """Makes all three usable; to be called before any file is opened.

    A file, or tor's pipe, would otherwise get the number of a stream that is closed, and whatever a library writes to
    standard error would land in it.
    """
    global _lost  # of a process, as the streams are
    _lost = None
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            # For the rest of the process, and never closed: its number must stay taken.
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows few letters must not turn "accepted" into a failure.
            stream.reconfigure(errors="backslashreplace")


def line(text: str = "") -> None:
    """One line on standard output."""
    _write(lambda: print(text))  # the command's answer


def raw(data: bytes) -> None:
    """Bytes on standard output, as they are."""

    def write() -> None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)

    _write(write)


def say(text: str) -> None:
    """One line on standard error: for the person, not for a program that reads."""
    try:
        print(text, file=sys.stderr, flush=True)  # the command's answer
    except OSError:
        _turn_away(sys.stderr)


def finish(status: int) -> int:
    """Sees that all of the answer got out. Gives the status; where that would be 0 and the answer is lost, 74."""
    _write(sys.stdout.flush)
    if _lost is None:
        return status
    say(t("The answer could not be written: {reason}.", reason=_lost.strerror))
    return status or ExitStatus.STORAGE


def _write(write: Callable[[], object]) -> None:
    global _lost
    try:
        write()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            _lost = error
        _turn_away(sys.stdout)


def _turn_away(stream: TextIO) -> None:
    """What is still to be written vanishes; Python would otherwise complain once more at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
    with contextlib.suppress(OSError):
        stream.flush()
