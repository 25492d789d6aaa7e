"""The real parent with real children, well-behaved and not."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from errno import EACCES, EPERM
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.clean.misdeeds import Misdoer
from torsend.clean.cleaner import Cleaner, CleaningCancelled, child_environment
from torsend.clean.limits import MOST_PIECE, Limits
from torsend.clean.report import MOST_VALUES, Left, Removed, Report, Trace, Verdict, Why

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Tarn", encoding="utf-8")
    return path


def clean(misdeed: str, source: Path, limits: Limits | None = None) -> tuple[Report, bytes, str]:
    pieces: list[bytes] = []
    words: list[str] = []
    report = Misdoer(misdeed, limits).clean(source, pieces.append, words.append)
    assert all(len(piece) <= MOST_PIECE for piece in pieces)
    return report, b"".join(pieces), "".join(words)


def refused(why: Why) -> Report:
    return Report(Verdict.NOT_CLEANABLE, why=why)


def test_a_file_is_cleaned_and_told_about(letter: Path) -> None:
    report, result, words = clean("good", letter)
    assert report == Report(
        Verdict.CLEANED,
        "MISDEED",
        "text/plain",
        (Removed(Trace.AUTHOR, "creator", "Wren Tarn"),),
        ((Trace.AUTHOR, 1),),
        (Left.WORDS,),
    )
    assert result == b"Dear Tarn"
    assert words == "Dear Tarn"


def test_nothing_to_remove_is_said(letter: Path) -> None:
    report, result, words = clean("untouched", letter)
    assert report == Report(Verdict.NOTHING, "MISDEED", "text/plain")
    assert result == b"Dear Tarn"
    assert words == ""


@pytest.mark.parametrize("misdeed", ["in_a_thread", "prints"])
def test_what_a_library_may_do_does_no_harm(misdeed: str, letter: Path) -> None:
    report, result, _ = clean(misdeed, letter)
    assert report.verdict is Verdict.NOTHING
    assert result == b"Dear Tarn"


def test_a_large_result_comes_in_pieces(tmp_path: Path) -> None:
    source = tmp_path / "large.txt"
    source.write_bytes(os.urandom(5 * MOST_PIECE + 17))
    report, result, _ = clean("untouched", source)
    assert report.verdict is Verdict.NOTHING
    assert result == source.read_bytes()


def test_the_original_stays_as_it_is(letter: Path) -> None:
    before = letter.stat()
    clean("good", letter)
    after = letter.stat()
    assert letter.read_bytes() == b"Dear Tarn"
    assert (before.st_mtime_ns, before.st_mode, before.st_ino) == (
        after.st_mtime_ns,
        after.st_mode,
        after.st_ino,
    )


def test_what_the_cleaner_of_a_format_says_is_passed_on(letter: Path) -> None:
    report, _, _ = clean("refuses", letter)
    assert report == Report(Verdict.NOT_CLEANABLE, "MISDEED", why=Why.HOLDS_UNCLEANABLE, inside="letter.doc")


@pytest.mark.parametrize(
    ("misdeed", "why"),
    [
        ("breaks", Why.DAMAGED),
        ("nests", Why.DAMAGED),
        ("imports", Why.FAILED),
        ("eats_memory", Why.TOO_LARGE),
        ("tells_too_much", Why.TOO_LARGE),
        ("spins", Why.TOOK_TOO_LONG),
        ("spins_on", Why.FAILED),
        ("sends_garbage", Why.FAILED),
        ("sends_too_long_a_frame", Why.FAILED),
        ("breaks_off", Why.FAILED),
        ("breaks_off_in_a_head", Why.FAILED),
        ("ends_without_a_report", Why.FAILED),
        ("ends_badly", Why.FAILED),
        ("goes_on_after_its_report", Why.FAILED),
        ("dies", Why.FAILED),
        ("aborts", Why.FAILED),
        ("writes_without_end", Why.FAILED),
        ("tells_without_end", Why.FAILED),
        ("tells_no_text", Why.FAILED),
    ],
)
def test_a_bad_child_is_no_harm(misdeed: str, why: Why, letter: Path) -> None:
    report = Misdoer(misdeed).clean(letter, lambda _piece: None)
    assert (report.verdict, report.why) == (Verdict.NOT_CLEANABLE, why)
    assert report.removed == ()


@pytest.mark.parametrize("misdeed", ["hangs", "hangs_after_its_report"])
def test_a_child_that_stands_still_is_ended_at_the_deadline(misdeed: str, letter: Path) -> None:
    report, _, _ = clean(misdeed, letter, Limits(seconds=0.5))
    assert report == refused(Why.TOOK_TOO_LONG)


HONEST = (
    '{"verdict": "nothing", "format": "PDF", "media_type": "application/pdf", "removed": [], "counts": [],'
    ' "kept": [], "why": null, "inside": ""}'
)


def test_the_report_that_the_lies_are_made_of_would_be_believed(letter: Path) -> None:
    report, _, _ = clean(f"lies({HONEST.encode()!r})", letter)
    assert report == Report(Verdict.NOTHING, "PDF", "application/pdf")


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"\xff",
        b"{}",
        b"[" * 60_000,
        HONEST.replace('"nothing"', '"cleaned"').encode(),
        HONEST.replace('"nothing"', '"not-cleanable"').encode(),
        HONEST.replace('"counts": []', '"counts": [["author", 1]]').encode(),
        HONEST.replace('"counts": []', '"counts": [["author", 0]]').encode(),
        HONEST.replace('"counts": []', '"counts": [["author", 1e9]]').encode(),
        HONEST.replace('"nothing"', '"cleaned"').replace('"counts": []', '"counts": [["author", 9999999999]]').encode(),
        HONEST.replace("application/pdf", "text/plain\\r\\nBcc: <x@rowanmail.example>").encode(),
        HONEST.replace("application/pdf", "text/plain; name=x").encode(),
        HONEST.replace("application/pdf", "").encode(),
        HONEST.replace("PDF", "\\u202e").encode(),
        HONEST.replace("PDF", "").encode(),
        HONEST.replace("null", '"failed"').encode(),
    ],
    ids=range(16),
)  # fmt: skip
def test_a_report_that_no_honest_child_writes_is_not_believed(report: bytes, letter: Path) -> None:
    assert clean(f"lies({report!r})", letter)[0] == refused(Why.FAILED)


def test_what_a_report_names_can_be_shown(letter: Path) -> None:
    lie = HONEST.replace('"nothing"', '"cleaned"').replace(
        '"removed": [], "counts": []',
        '"removed": [["author", "\\ud800", "a\\u202eb\\u0000\\n"]], "counts": [["author", 1]]',
    )
    report, _, _ = clean(f"lies({lie.encode()!r})", letter)
    assert report.removed == (Removed(Trace.AUTHOR, "\ufffd", "a\ufffdb\ufffd\ufffd"),)


def test_more_findings_than_a_report_holds_are_counted(letter: Path) -> None:
    report, _, _ = clean("finds_a_lot", letter)
    assert report.counts == ((Trace.COMMENT, 1000),)
    assert 10 < len(report.removed) < MOST_VALUES


# --- what the child can't do ------------------------------------------------------------------------------------------

REFUSED = [
    "socket.socket()",
    "socket.socket(socket.AF_UNIX)",
    "socket.socketpair()",
    "read('/etc/hostname')",
    "read('/proc/self/environ')",
    "os.open('/proc/self/fd/0', os.O_RDWR)",
    "open('/tmp/torsend-was-here', 'w')",
    "os.listdir('/')",
    "os.stat('/etc/passwd')",
    "os.readlink('/proc/self/exe')",
    "os.uname()",
    "os.fork()",
    "os.execv('/bin/true', ['true'])",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.kill(os.getppid(), 0)",
    "os.pipe()",
    "os.memfd_create('x')",
    "os.fchmod(0, 0o600)",
    "os.utime(0)",
    "os.setxattr(0, 'user.torsend', b'x')",
    "os.ftruncate(0, 0)",
    "os.link('/proc/self/fd/0', '/tmp/torsend-was-here')",
    "__import__('resource').setrlimit(__import__('resource').RLIMIT_NOFILE, (0, 0))",
    "executable()",
    "system(101, 16, os.getpid(), 0, 0)",  # ptrace
    "system(310, os.getpid(), 0, 0, 0, 0, 0)",  # process_vm_readv
    "system(425, 1, ctypes.create_string_buffer(120))",  # io_uring_setup
    "system(272, 0x10000000)",  # unshare
    "system(56, 0x10000000 | 17, 0, 0, 0, 0)",  # clone into a namespace
    "system(435, ctypes.create_string_buffer(88), 88)",  # clone3
    "system(1 | 0x40000000, 1, b'x', 1)",  # write, by the numbers of the x32 ABI
]


def test_the_child_reaches_nothing(letter: Path) -> None:
    report, _, _ = clean(f"attempts({REFUSED!r})", letter)
    assert [each.name for each in report.removed] == REFUSED
    told = {each.name: each.value for each in report.removed}
    assert {
        name: value
        for name, value in told.items()
        if not value.startswith(("refused: ", "failed: ValueError: not allowed"))
    } == {}


def test_the_child_reaches_no_listener_of_this_machine(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = tmp_path / "port"
        port.write_text(str(listening.getsockname()[1]), encoding="ascii")
        report, _, _ = clean("attempts(['connect(given)'])", port)
        assert report.removed[0].value in (f"refused: {EPERM}", f"refused: {EACCES}")
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_the_child_has_two_descriptors_that_lead_anywhere(letter: Path) -> None:
    report, _, _ = clean("attempts(['[n for n in range(256) if _open(n)]'])", letter)
    assert report.removed[0].value == "done: [0, 1, 2, 3]"  # 1 and 2 lead nowhere


def test_the_child_finds_nothing_of_the_person_in_its_environment(
    letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setenv("SSL_CERT_FILE", "/somewhere")
    report, _, _ = clean("attempts(['sorted(os.environ)'])", letter)
    names = report.removed[0].value
    assert names == "done: ['LANG', 'LC_ALL', 'MALLOC_ARENA_MAX', 'PYTHONHASHSEED', 'PYTHONPATH']"


# --- cancelling, failing takers, starting ------------------------------------------------------------------------------


def children() -> set[str]:
    """The processes that this one started and that are still there."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True
    )
    return {line for line in listed.stdout.splitlines() if "misdeeds" in line}  # fmt: skip


def test_a_cancelled_cleaning_ends_and_leaves_no_process(letter: Path) -> None:
    cancelled = threading.Event()
    timer = threading.Timer(0.3, cancelled.set)
    timer.start()
    with pytest.raises(CleaningCancelled):
        Misdoer("hangs").clean(letter, lambda _piece: None, cancelled=cancelled)
    timer.join()
    assert children() == set()


def test_a_cleaning_that_is_cancelled_while_output_comes_ends(letter: Path) -> None:
    cancelled = threading.Event()
    with pytest.raises(CleaningCancelled):
        Misdoer("writes_without_end").clean(letter, lambda _piece: cancelled.set(), cancelled=cancelled)
    assert children() == set()


@pytest.mark.parametrize("misdeed", ["writes_without_end", "tells_without_end"])
def test_a_taker_that_fails_ends_the_child(misdeed: str, letter: Path) -> None:
    class DiskFull(Exception):
        pass

    def fail(_content: object) -> None:
        raise DiskFull

    with pytest.raises(DiskFull):
        Misdoer(misdeed).clean(letter, fail, fail)
    assert children() == set()


def test_a_slow_taker_is_not_the_childs_fault(letter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = [0.0]
    clock = time.monotonic
    monkeypatch.setattr("torsend.clean.cleaner.time.monotonic", lambda: clock() + late[0])

    def take(_piece: bytes) -> None:
        late[0] += 10_000

    assert Misdoer("good").clean(letter, take).verdict is Verdict.CLEANED


def test_what_is_no_plain_file_is_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, kind in (
        (tmp_path, IsADirectoryError),
        (pipe, OSError),
        (tmp_path / "missing", FileNotFoundError),
    ):
        with pytest.raises(kind):
            Cleaner().clean(path, lambda _piece: None)


def test_a_child_that_does_not_start_is_told(letter: Path) -> None:
    class Nowhere(Cleaner):
        def command(self) -> list[str]:
            return ["/nowhere/torsend"]

    assert Nowhere().clean(letter, lambda _piece: None) == refused(Why.FAILED)


def test_leave_is_asked_for_the_very_command(letter: Path) -> None:
    asked: list[tuple[Path, list[str]]] = []

    @contextmanager
    def starting(program: Path, command: Sequence[str]) -> Iterator[None]:
        asked.append((program, list(command)))
        yield

    cleaner = Cleaner(starting)
    cleaner.clean(letter, lambda _piece: None)
    assert asked == [(Path(sys.executable), cleaner.command())]


def test_the_guard_lets_the_child_start_and_no_other(letter: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "from pathlib import Path\n"
        "from torsend.clean.cleaner import Cleaner\n"
        "from torsend.errors import LeakRefused\n"
        "from torsend.tor import guard\n"
        "guard.install()\n"
        "print(Cleaner(guard.starting).clean(Path(sys.argv[1]), lambda piece: None).verdict)\n"
        "try: Cleaner().clean(Path(sys.argv[1]), lambda piece: None)\n"
        "except LeakRefused: print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(letter)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split()[-1] == "refused"
    assert done.stdout.split()[0] in {"nothing", "cleaned", "not-cleanable"}


def test_a_frozen_program_is_its_own_child(letter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert Cleaner().command() == [sys.executable, "--clean-child"]
    assert set(child_environment()) == {"LANG", "LC_ALL", "MALLOC_ARENA_MAX"}


def test_the_program_starts_as_the_child_without_anything_else_of_it(tmp_path: Path) -> None:
    """As a frozen program does it: through the program's own entry."""
    source = tmp_path / "unknown"
    source.write_bytes(b"\x00\x01\x02 of no format")
    with source.open("rb") as original:
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "torsend", "--clean-child"],
            stdin=original, capture_output=True, check=True, cwd=ROOT,
        )  # fmt: skip
    assert done.stdout[:1] == b"R"
    assert Report.from_json(done.stdout[5:].decode()).why is Why.UNKNOWN_FORMAT
    imported = {line.rpartition(b"|")[2].strip() for line in done.stderr.splitlines()}
    assert not {
        name
        for name in imported
        if name.startswith((b"torsend.cli", b"torsend.app", b"torsend.tor", b"PySide"))
    }


def test_a_child_ends_with_the_program_that_started_it(letter: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.clean.misdeeds import Misdoer\n"
        "from torsend.clean import cleaner\n"
        "start = cleaner._start\n"
        "def loud(*given):\n"
        "    child = start(*given)\n"
        "    print(child.pid, flush=True)\n"
        "    return child\n"
        "cleaner._start = loud\n"
        "Misdoer('hangs').clean(Path(sys.argv[1]), lambda piece: None)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(letter)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        number = int(parent.stdout.readline())
        handle = os.pidfd_open(number)
        try:
            parent.send_signal(signal.SIGKILL)
            watch = select.poll()
            watch.register(handle, select.POLLIN)
            assert watch.poll(20_000), "the child outlives its parent"
        finally:
            os.close(handle)
