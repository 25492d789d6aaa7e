"""Has the QR codes of a picture read by a process of its own, as `cleaner` has files cleaned; believes as little of it."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.clean import CODES
from torsend.clean.cleaner import Child, Starting, command, freely, open_plain
from torsend.clean.limits import CODE_LIMITS, LARGEST_PICTURE, WHOLE_CODES, Limits
from torsend.clean.report import Report, Verdict, Why

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Codes:
    """What was in a picture.

    Attributes:
        texts: of each code, each once.
        why: why the picture could not be looked at; None: it was.
    """

    texts: tuple[str, ...] = field(default=(), repr=False)
    why: Why | None = None


class CodeReader:
    """Reads codes. Has no state.

    Args:
        starting: asked for leave to start the child.
    """

    def __init__(self, starting: Starting = freely, limits: Limits = CODE_LIMITS) -> None:
        self._child = Child(command(CODES), starting, limits)

    def read(self, picture: Path | bytes, *, cancelled: threading.Event | None = None) -> Codes:
        """Reads one picture; blocks for as long as it takes.

        Args:
            picture: a file, or what would be in it: that reaches the child without one.

        Raises:
            CleaningCancelled
            OSError: the file can't be read, or is no plain file.
        """
        texts: list[str] = []
        with _opened(picture) as (descriptor, size):
            if size > LARGEST_PICTURE:
                return Codes(why=Why.TOO_LARGE)
            report = self._child.run(
                descriptor, lambda _piece: None, texts.append, (0, WHOLE_CODES), cancelled
            )
        return _believed(report, texts)


def _believed(report: Report, texts: list[str]) -> Codes:
    if report.verdict is Verdict.NOT_CLEANABLE:
        return Codes(why=report.why)
    return Codes(tuple(texts))


@contextlib.contextmanager
def _opened(picture: Path | bytes) -> Iterator[tuple[int, int]]:
    """A descriptor for the child, and how large the picture is."""
    if isinstance(picture, Path):
        descriptor, size = open_plain(picture)
        try:
            yield descriptor, size
        finally:
            os.close(descriptor)
        return
    if len(picture) > LARGEST_PICTURE:
        yield -1, len(picture)
        return
    reading, writing = os.pipe()
    # It ends when all is written, and when nobody can read any more.
    feeder = threading.Thread(target=_feed, args=(writing, picture), name="torsend-code-feeder", daemon=True)
    feeder.start()
    try:
        yield reading, len(picture)
    finally:
        os.close(reading)
        feeder.join()


def _feed(pipe: int, data: bytes) -> None:
    with contextlib.suppress(OSError), memoryview(data) as left:
        done = 0
        while done < len(left):
            done += os.write(pipe, left[done:])
    os.close(pipe)
