"""The cleaner's process: reads one file that may be hostile, with nothing around it that the file could harm.

What it is given: the original on descriptor 0, open for reading, and a pipe to our program on descriptor 1. It compares
the first bytes to learn which libraries it will need, imports them, shuts itself off (``sandbox``) and only then parses.
What it tells are frames (``frames``), at the end a report. It believes that its parent believes nothing.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from torsend.clean import CHILD, CODES, sandbox
from torsend.clean.formats.format import SNIFF, NotCleanable, Notes
from torsend.clean.frames import FrameWriter, TooMuchText
from torsend.clean.limits import CODE_LIMITS, LARGEST_PICTURE, Limits
from torsend.clean.report import LONGEST_REPORT, Report, Verdict, Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Format, Writer

LIBRARIES = (
    "zlib",
    "bz2",
    "lzma",
    "zipfile",
    "tarfile",
    "xml.etree.ElementTree",
    "xml.parsers.expat",
    "lxml.etree",
)
"""What a cleaner may need that doesn't say what it needs, beside all that the others say."""
CODECS = (
    "ascii", "latin_1", "utf_8", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be",
    "cp437", "cp1252", "mac_roman", "unicode_escape", "raw_unicode_escape", "idna",
)  # fmt: skip
"""Python imports a codec at its first use; afterwards there is nothing to import it from."""


def main(
    job: str = CHILD,
) -> NoReturn:  # pragma: no cover  # in a process that can't write down what it covered
    """This process's whole life.

    Args:
        job: ``CHILD`` or ``CODES``.
    """
    if job == CODES:
        from torsend.clean import codes

        serve(Formats(lambda _beginning: codes.NEEDS, lambda _source: codes.READER), CODE_LIMITS)
    from torsend.clean.formats import registry

    serve(Formats(registry.needs, registry.recognise), Limits())


@dataclass(frozen=True, slots=True)
class Formats:
    """Which formats there are.

    Attributes:
        needs: which modules a file with this beginning may need, as ``Format.needs``; before anything is parsed.
        recognise: as ``registry.recognise``; afterwards.
    """

    needs: Callable[[bytes], tuple[str, ...] | None]
    recognise: Callable[[BinaryIO], Format]


def serve(
    formats: Formats, limits: Limits
) -> NoReturn:  # pragma: no cover  # in a process that can't write down what it covered
    """The same, for formats of one's own; does not return."""
    pipe = _take_pipe()
    sandbox.tie_to_parent(pipe)
    frames = FrameWriter(lambda frame: _send(pipe, frame))
    with open(0, "rb", closefd=False) as original:
        # A picture from the clipboard comes through a pipe. Taken in, not parsed.
        source = original if original.seekable() else io.BytesIO(original.read(LARGEST_PICTURE + 1))
        bring_in(formats.needs(source.read(SNIFF)))
        source.seek(0)
        report = work(formats.recognise, source, frames, frames.text, lambda: sandbox.shut_off(limits))
        frames.report(fitted(report).to_json())
    # Neither finalisers nor what libraries registered: nothing of it is needed, and it takes time.
    os._exit(0)


def work(
    recognise: Callable[[BinaryIO], Format],
    source: BinaryIO,
    out: Writer,
    text: Callable[[str], None],
    shut_off: Callable[[], bool],
) -> Report:
    """Shuts the process off and cleans one file; whatever goes wrong is in the report."""
    name = ""
    notes = Notes(text)
    try:
        if not shut_off():
            raise NotCleanable(Why.NO_SANDBOX)
        format_ = recognise(source)
        name = format_.name
        format_.clean(source, out, notes)
    except NotCleanable as reason:
        return Report(Verdict.NOT_CLEANABLE, name, why=reason.why, inside=reason.inside)
    except (MemoryError, TooMuchText):
        return Report(Verdict.NOT_CLEANABLE, name, why=Why.TOO_LARGE)
    except ImportError:
        # Ours: a module that wasn't brought in while there was a file system.
        return Report(Verdict.NOT_CLEANABLE, name, why=Why.FAILED)
    except Exception:  # noqa: BLE001  # parsers raise what they like
        return Report(Verdict.NOT_CLEANABLE, name, why=Why.DAMAGED)
    return Report(
        Verdict.CLEANED if notes.counts else Verdict.NOTHING,
        name,
        format_.media_type,
        tuple(notes.removed),
        tuple(sorted(notes.counts.items())),
        tuple(sorted(notes.kept)),
    )


def bring_in(needs: tuple[str, ...] | None) -> None:
    """Imports what a cleaner will need, while there is a file system to import it from.

    Args:
        needs: as in ``Format.needs``.
    """
    if needs is None:
        from torsend.clean.formats import registry

        needs = (*LIBRARIES, *(each for format_ in registry.formats() for each in format_.needs or ()))
    for each in dict.fromkeys(needs):
        importlib.import_module(each)
    for each in CODECS:
        importlib.import_module(f"encodings.{each}")
        "".encode(each)


def fitted(report: Report) -> Report:
    """The report with as many removed values as fit into `LONGEST_REPORT`; the counts tell of the others."""
    while len(report.to_json()) > LONGEST_REPORT:
        report = replace(report, removed=report.removed[: len(report.removed) * 3 // 4])
    return report


def _take_pipe() -> int:  # pragma: no cover  # in a process that can't write down what it covered
    """Takes the pipe for us alone, under a new number: what a library prints goes nowhere, instead of between the frames."""
    if sys.platform == "win32":
        import msvcrt

        for each in (0, 1):
            msvcrt.setmode(each, os.O_BINARY)
    pipe = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for each in (1, 2):
        os.dup2(nowhere, each)
    os.close(nowhere)
    return pipe


def _send(
    pipe: int, frame: bytes
) -> None:  # pragma: no cover  # in a process that can't write down what it covered
    with memoryview(frame) as left:
        done = 0
        while done < len(left):
            done += os.write(pipe, left[done:])


if __name__ == "__main__":  # pragma: no cover
    main()
