"""What a hostile file that took the cleaner's process over might do: one function each, run in a real child.

Product code has no way to them: `Misdoer` starts another command than the `Cleaner` does.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from torsend.clean import child
from torsend.clean.cleaner import Cleaner
from torsend.clean.formats.format import Format, NotCleanable, Notes, Writer
from torsend.clean.limits import Limits
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Callable

PIPE = 3
"""What the child's end of the pipe is in it: the first free descriptor."""


class Misdoer(Cleaner):
    """A cleaner whose child does one of the misdeeds.

    Args:
        misdeed: a function of this module, or attempts: ``attempts(["…"])``.
    """

    def __init__(self, misdeed: str, limits: Limits | None = None) -> None:
        super().__init__(limits=limits)
        self._misdeed = misdeed

    def command(self) -> list[str]:
        script = f"from tests.clean import misdeeds; misdeeds.serve(misdeeds.{self._misdeed})"
        return [sys.executable, "-S", "-s", "-P", "-c", script]


def serve(clean: Callable[[BinaryIO, Writer, Notes], None]) -> NoReturn:
    misdeed = Format("MISDEED", "text/plain", lambda _: True, clean, ("misdeed", ".txt"), needs=())
    child.serve(
        child.Formats(lambda _beginning: (), lambda _source: misdeed), Limits(cpu=1, memory=256 << 20)
    )


def good(source: BinaryIO, out: Writer, notes: Notes) -> None:
    content = source.read()
    out.write(content)
    notes.text(content.decode())
    notes.remove(Trace.AUTHOR, "creator", "Wren Tarn")
    notes.keep(Left.WORDS)


def untouched(source: BinaryIO, out: Writer, notes: Notes) -> None:
    out.write(source.read())


def in_a_thread(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """Decoders start threads, and may."""
    thread = threading.Thread(target=untouched, args=(source, out, notes))
    thread.start()
    thread.join()


def refuses(source: BinaryIO, out: Writer, notes: Notes) -> None:
    raise NotCleanable(Why.HOLDS_UNCLEANABLE, "letter.doc")


def breaks(source: BinaryIO, out: Writer, notes: Notes) -> None:
    out.write(b"half of it")
    notes.remove(Trace.OTHER, "something")
    raise IndexError("in a parser")


def nests(source: BinaryIO, out: Writer, notes: Notes) -> None:
    nests(source, out, notes)


def imports(source: BinaryIO, out: Writer, notes: Notes) -> None:
    import tkinter  # noqa: F401


def eats_memory(source: BinaryIO, out: Writer, notes: Notes) -> None:
    held = []
    while True:
        held.append(bytearray(1 << 20))


def spins(source: BinaryIO, out: Writer, notes: Notes) -> None:
    while True:
        pass


def spins_on(source: BinaryIO, out: Writer, notes: Notes) -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    spins(source, out, notes)


def hangs(source: BinaryIO, out: Writer, notes: Notes) -> None:
    time.sleep(3600)


def hangs_after_its_report(source: BinaryIO, out: Writer, notes: Notes) -> None:
    _send(b"R", _REPORT)
    os.close(PIPE)
    time.sleep(3600)


def prints(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """As C libraries do: to be heard by nobody."""
    os.write(1, b"garbage")
    os.write(2, b"garbage")
    out.write(source.read())


def sends_garbage(source: BinaryIO, out: Writer, notes: Notes) -> None:
    os.write(PIPE, b"garbage that is no frame at all")


def sends_too_long_a_frame(source: BinaryIO, out: Writer, notes: Notes) -> None:
    os.write(PIPE, struct.pack(">cI", b"D", 0xFFFFFFFF))


def breaks_off(source: BinaryIO, out: Writer, notes: Notes) -> None:
    os.write(PIPE, struct.pack(">cI", b"D", 1000) + b"too little")
    os._exit(0)


def breaks_off_in_a_head(source: BinaryIO, out: Writer, notes: Notes) -> None:
    os.write(PIPE, b"D\0")
    os._exit(0)


def ends_without_a_report(source: BinaryIO, out: Writer, notes: Notes) -> None:
    _send(b"D", b"cleaned, believe me")
    os._exit(0)


def ends_badly(source: BinaryIO, out: Writer, notes: Notes) -> None:
    _send(b"R", _REPORT)
    os._exit(1)


def goes_on_after_its_report(source: BinaryIO, out: Writer, notes: Notes) -> None:
    _send(b"R", _REPORT)
    _send(b"D", b"more")
    os._exit(0)


def dies(source: BinaryIO, out: Writer, notes: Notes) -> None:
    _send(b"R", _REPORT)
    ctypes.string_at(0)


def aborts(source: BinaryIO, out: Writer, notes: Notes) -> None:
    os.abort()


def writes_without_end(source: BinaryIO, out: Writer, notes: Notes) -> None:
    piece = bytes(1 << 18)
    while True:
        out.write(piece)


def tells_without_end(source: BinaryIO, out: Writer, notes: Notes) -> None:
    piece = b"word " * 13_000
    while True:
        _send(b"T", piece)


def tells_too_much(source: BinaryIO, out: Writer, notes: Notes) -> None:
    words = "wörd " * 1_000_000
    while True:
        notes.text(words)


def tells_no_text(source: BinaryIO, out: Writer, notes: Notes) -> None:
    _send(b"T", b"\xff\xfe")


def finds_a_lot(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """More values, and longer ones, than a report holds."""
    for number in range(1000):
        notes.remove(Trace.COMMENT, f"comment {number}", "\N{OLD ITALIC LETTER A}" * 1000)


_REPORT = (
    b'{"verdict": "nothing", "format": "MISDEED", "media_type": "text/plain", "removed": [], "counts": [],'
    b' "kept": [], "why": null, "inside": ""}'
)


@dataclass(frozen=True, slots=True)
class lies:  # noqa: N801  # used as the functions are
    """Sends this as its report."""

    report: bytes

    def __call__(self, source: BinaryIO, out: Writer, notes: Notes) -> None:
        _send(b"R", self.report)
        os._exit(0)


@dataclass(frozen=True, slots=True)
class attempts:  # noqa: N801  # used as the functions are
    """Tries things that it must not be able to do, and tells how that went.

    Attributes:
        expressions: ``given`` in them is what the file holds.
    """

    expressions: list[str]

    def __call__(self, source: BinaryIO, out: Writer, notes: Notes) -> None:
        given = source.read().decode()
        for each in self.expressions:
            try:
                done = eval(each, globals(), {"given": given})
                told = f"done: {done!r}"
            except OSError as refused:
                told = f"refused: {refused.errno}"
            except Exception as other:  # noqa: BLE001  # told
                told = f"failed: {type(other).__name__}: {other}"
            notes.remove(Trace.OTHER, each, told)


def system(number: int, *arguments: object) -> int:
    """A system call by its number on x86_64, past the C library.

    Raises:
        OSError
    """
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.syscall(number, *arguments)
    if done < 0:
        raise OSError(ctypes.get_errno(), "")
    return int(done)


def executable() -> mmap.mmap:
    return mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)


def read(path: str) -> bytes:
    return Path(path).read_bytes()


def connect(port: str) -> None:
    with socket.socket() as made:
        made.connect(("127.0.0.1", int(port)))


def _send(kind: bytes, content: bytes) -> None:
    left = struct.pack(">cI", kind, len(content)) + content
    while left:
        left = left[os.write(PIPE, left) :]


def _open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
