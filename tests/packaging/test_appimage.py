"""The runtime that an AppImage begins with: it is built here, put before a small folder, and started both ways."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
LONG = 60
"""Seconds in which anything here ends, on the slowest machine."""
PROGRAM = """#!/bin/sh
case "$1" in
    say) shift; printf '%s|' "$@"; exit 7 ;;
    where) echo "$APPDIR|$APPIMAGE"; cat "$APPDIR/usr/share/letter" ;;
    wait | compose) echo "$APPDIR"; exec sleep 600 ;;
    write) cat "$APPDIR/usr/share/letter" >"$2"; exit 5 ;;
    leave) (cd "$APPDIR" && read -r _ <"$2") & echo "$APPDIR"; read -r _; exit 0 ;;
esac
"""
EARLY = "lib/libpython3.11.so.1.0"
EARLY_BYTES = b"".join(number.to_bytes(4, "big") for number in range(1_200_001))
"""Of which no two pages are alike, and the last is not a whole one."""
BUILD = """
import sys
from pathlib import Path
from linux import appimage
payload, work, product, *files = map(Path, sys.argv[1:])
icons = "icons/hicolor"
targets = ("letter", "applications/torsend.desktop", f"{icons}/scalable/apps/torsend.svg",
           f"{icons}/256x256/apps/torsend.png")
appimage.appimage(payload, dict(zip(files, targets, strict=True)), work, product)
"""


LINES = """
import sys
from pathlib import Path
from linux import appimage
print("\\n".join(appimage.early(Path(sys.argv[1]))))
"""


def has_fuse() -> bool:
    """Whether this machine, and this user on it, can mount with FUSE at all."""
    with contextlib.suppress(OSError):
        os.close(os.open("/dev/fuse", os.O_RDWR))
        return True
    return False


def in_memory(file: Path) -> bytes:
    """A byte for each page of it, which is 1 where the kernel has it; see mincore(2). Nothing is read for that."""
    with file.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        with mmap.mmap(opened.fileno(), size, mmap.MAP_PRIVATE) as mapped:  # writable, as ctypes wants it
            pages = (ctypes.c_ubyte * -(-size // mmap.PAGESIZE))()
            place = ctypes.c_void_p(ctypes.addressof(ctypes.c_ubyte.from_buffer(mapped)))
            assert ctypes.CDLL(None).mincore(place, ctypes.c_size_t(size), pages) == 0
    return bytes(each & 1 for each in pages)


def build(place: Path) -> Path:
    """An AppImage with a shell script in the place of Torsend."""
    payload, work, product = place / "payload", place / "work", place / "small.AppImage"
    (payload / "lib").mkdir(parents=True)
    work.mkdir()
    (payload / "torsend").write_text(PROGRAM)
    (payload / "torsend").chmod(0o755)
    (payload / "lib" / "library").write_bytes(bytes(range(256)) * 2000)
    (payload / "lib" / "link").symlink_to("library")
    # Named in early.txt, with another number of blocks.
    (payload / EARLY).write_bytes(EARLY_BYTES)
    files = [place / name for name in ("letter", "desktop", "icon", "picture")]
    for file in files:
        file.write_text(f"Dear {file.name}\n")
    subprocess.run(
        [sys.executable, "-c", BUILD, str(payload), str(work), str(product), *map(str, files)],
        cwd=PACKAGING, check=True, capture_output=True, timeout=LONG,
    )  # fmt: skip
    return product


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("appimage"))


@dataclass
class Started:
    """Starts the image in an environment of its own, and knows what it leaves behind."""

    image: Path
    base: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.image), *arguments], env=self.around, cwd=self.base.parent, capture_output=True, text=True,
            timeout=LONG, check=False,
        )  # fmt: skip

    @contextlib.contextmanager
    def waiting(self, arguments: Sequence[str] = ("wait",)) -> Iterator[tuple[subprocess.Popen[str], Path]]:
        """The program, running, and the folder that it runs from."""
        with subprocess.Popen(
            [str(self.image), *arguments], env=self.around, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        ) as program:  # fmt: skip
            assert program.stdout is not None
            try:
                yield program, Path(program.stdout.readline().strip())
            finally:
                if program.poll() is None:
                    program.kill()

    def keeper(self, program: subprocess.Popen[str]) -> int:
        """The process that holds the folder."""
        children = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
        (keeper,) = (
            each for each in children if Path(f"/proc/{each}/comm").read_text() == "small.AppImage\n"
        )
        return int(keeper)

    @property
    def around(self) -> dict[str, str]:
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "XDG_RUNTIME_DIR": str(self.base),
            **self.environment,
        }

    def left(self) -> list[str]:
        """What lies in the base, and what is mounted there."""
        mounts = [
            line for line in Path("/proc/self/mounts").read_text().splitlines() if str(self.base) in line
        ]
        return [*(each.name for each in self.base.iterdir()), *mounts]


@contextlib.contextmanager
def ended(process: int) -> Iterator[None]:
    """Within, something has it end; afterwards it has."""
    handle = os.pidfd_open(process)
    try:
        yield
        assert select.select([handle], [], [], LONG)[0], "it still runs"
    finally:
        os.close(handle)


@pytest.fixture(params=["by itself", "unpacked"])
def started(request: pytest.FixtureRequest, image: Path, tmp_path: Path) -> Started:
    base = tmp_path / "runtime"
    base.mkdir(mode=0o700)
    return Started(image, base, {"APPIMAGE_EXTRACT_AND_RUN": "1"} if request.param == "unpacked" else {})


@pytest.fixture
def plain(image: Path, tmp_path: Path) -> Started:
    base = tmp_path / "runtime"
    base.mkdir(mode=0o700)
    return Started(image, base)


def is_mounted(folder: Path) -> bool:
    return os.path.ismount(folder)


def test_arguments_and_exit_status_pass(started: Started) -> None:
    done = started.run("say", "a b", "", "--appimage-offset", "ö")
    assert (done.stdout, done.returncode, done.stderr) == ("a b||--appimage-offset|ö|", 7, "")


def test_the_program_finds_itself(started: Started) -> None:
    done = started.run("where")
    folder, _, rest = done.stdout.partition("|")
    assert rest == f"{started.image}\nDear letter\n"
    assert Path(folder).parent.parent == started.base


def test_it_is_mounted_where_that_can_be_done_and_nobody_else_looks_in(started: Started) -> None:
    with started.waiting() as (program, folder):
        assert is_mounted(folder) == (has_fuse() and not started.environment)
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
        assert (folder / "usr/lib/torsend/lib/link").read_bytes() == bytes(range(256)) * 2000
        # It is the process that was started: nobody stands between. AppRun has spoken, and becomes sleep next.
        assert Path(f"/proc/{program.pid}/comm").read_text() in {"AppRun\n", "sleep\n"}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_however_it_ends(started: Started, how: signal.Signals) -> None:
    with started.waiting() as (program, _folder):
        with ended(started.keeper(program)):
            program.send_signal(how)
            assert program.wait(LONG) == -how
        assert started.left() == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_window_whose_files_are_still_being_stored(
    started: Started, how: signal.Signals
) -> None:
    with started.waiting(("compose",)) as (program, folder):
        assert (folder / "early").is_file()
        with ended(started.keeper(program)):
            program.send_signal(how)
            assert program.wait(LONG) == -how
        assert started.left() == []


def test_the_keeper_tells_nobody_what_the_program_was_started_with(plain: Started) -> None:
    with plain.waiting(("wait", "mailto:marta@nordpost.example")) as (program, _folder):
        assert b"marta" not in Path(f"/proc/{plain.keeper(program)}/cmdline").read_bytes()


def test_what_a_window_will_read_lies_ready_before_it_is_asked_for(plain: Started) -> None:
    if not has_fuse():
        return
    with plain.waiting(("compose",)) as (_program, folder):
        file = folder / "usr/lib/torsend" / EARLY
        until = time.monotonic() + LONG
        while not all(in_memory(file)):
            assert time.monotonic() < until, "it is not there"
        assert file.read_bytes() == EARLY_BYTES
        assert not any(in_memory(folder / "usr/lib/torsend/lib/library"))
    with plain.waiting() as (_program, folder):
        assert not any(in_memory(folder / "usr/lib/torsend" / EARLY))


def test_the_list_names_the_blocks_that_are_read(image: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LINES, str(image.parent / "payload")], cwd=PACKAGING, check=True, capture_output=True,
        text=True, timeout=LONG,
    ).stdout  # fmt: skip
    lines = {name: digits for digits, name in (line.split(" ", 1) for line in told.splitlines())}
    # A file that has as many blocks as when the list was taken, one that has others now, none that isn't there.
    assert lines == {"torsend": "1", EARLY: "1" * -(-len(EARLY_BYTES) // 131072)}


def test_a_keeper_that_is_killed_while_it_stores_ends_and_is_cleared_away(plain: Started) -> None:
    with plain.waiting(("compose",)) as (program, folder):
        keeper = plain.keeper(program)
        folder.stat()  # from now on the kernel knows it without asking
        with ended(keeper):
            os.kill(keeper, signal.SIGKILL)
        program.kill()
        program.wait(LONG)
    # The next start clears away what was left.
    with plain.waiting() as (second, _folder), ended(plain.keeper(second)):
        second.terminate()
    assert plain.left() == []


def test_what_the_program_started_may_use_the_mount_until_it_ends(plain: Started, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    hold = os.open(gate, os.O_RDWR)
    with plain.waiting(("leave", str(gate))) as (program, folder):
        with ended(plain.keeper(program)):
            assert program.stdin is not None
            program.stdin.close()
            assert program.wait(LONG) == 0
            assert not has_fuse() or (folder / "AppRun").exists()
            os.write(hold, b"\n")
        os.close(hold)
        assert plain.left() == []


def test_the_next_start_clears_away_what_a_killed_keeper_left(started: Started) -> None:
    with started.waiting() as (program, folder):
        keeper = started.keeper(program)
        with ended(keeper):
            os.kill(keeper, signal.SIGKILL)
        program.kill()
        program.wait(LONG)
        assert folder.parent.name in started.left()
        with started.waiting() as (second, other):
            assert not any(folder.parent.name in each for each in started.left())
            with ended(started.keeper(second)):
                second.terminate()
        assert other != folder
        assert started.left() == []


def test_a_second_one_leaves_the_first_alone(started: Started) -> None:
    with started.waiting() as (first, one), started.waiting() as (second, other):
        assert one != other
        with ended(started.keeper(second)):
            second.terminate()
        assert (one / "AppRun").exists()
        with ended(started.keeper(first)):
            first.terminate()
    assert started.left() == []


def test_it_says_where_the_squashed_folder_begins(plain: Started) -> None:
    begin = int(plain.run("--appimage-offset").stdout)
    data = plain.image.read_bytes()
    assert data[begin : begin + 4] == b"hsqs"
    assert data[8:11] == b"AI\x02"


def test_it_unpacks_on_demand(plain: Started, tmp_path: Path) -> None:
    assert plain.run("--appimage-extract").returncode == 0
    root = tmp_path / "squashfs-root"
    assert (root / "usr/lib/torsend/lib/library").read_bytes() == bytes(range(256)) * 2000
    assert (root / "torsend.desktop").read_text() == "Dear desktop\n"
    assert os.access(root / "AppRun", os.X_OK)
    # Not over what is there.
    again = plain.run("--appimage-extract")
    assert again.returncode == 73
    assert "File exists" in again.stderr


def test_the_first_option_may_ask_for_unpacking(plain: Started) -> None:
    done = plain.run("--appimage-extract-and-run", "say", "x")
    assert (done.stdout, done.returncode) == ("x|", 7)


def test_a_place_that_forbids_programs_or_is_full_is_passed_over(plain: Started, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    plain.environment = {"APPIMAGE_EXTRACT_AND_RUN": "1", "XDG_RUNTIME_DIR": "/proc", "TMPDIR": str(other)}
    with plain.waiting() as (_program, folder):
        assert folder.parent.parent == other


@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_a_place_in_which_others_could_change_what_runs_is_passed_over(
    started: Started, tmp_path: Path, mode: int
) -> None:
    started.base.chmod(mode)
    other = tmp_path / "other"
    other.mkdir()
    started.environment["TMPDIR"] = str(other)
    with started.waiting() as (_program, folder):
        assert folder.parent.parent == other
    # As /tmp is: there nobody can rename what is another's.
    started.base.chmod(mode | stat.S_ISVTX)
    with started.waiting() as (_program, folder):
        assert folder.parent.parent == started.base


def test_a_folder_that_others_could_put_another_in_the_place_of_is_passed_over(
    started: Started, tmp_path: Path
) -> None:
    """It is our own and private, and lies in one that is open to all; a link doesn't hide that."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path / "open")
    inner, other = tmp_path / "open" / "inner", tmp_path / "other"
    for each in (inner, other):
        each.mkdir(mode=0o700)
    started.environment["TMPDIR"] = str(other)
    for base in (inner, tmp_path / "link" / "inner"):
        started.environment["XDG_RUNTIME_DIR"] = str(base)
        with started.waiting() as (_program, folder):
            assert folder.parent.parent == other


def test_what_it_was_started_with_is_held_by_the_program_alone(started: Started, tmp_path: Path) -> None:
    """A lock that a script holds while it runs must not stay for as long as the keeper clears up."""
    theirs = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    with (
        subprocess.Popen(
            [str(started.image), "wait"], env=started.around, stdout=subprocess.PIPE, text=True, pass_fds=[theirs]
        ) as program
    ):  # fmt: skip
        assert program.stdout is not None
        program.stdout.readline()
        keeper = started.keeper(program)
        held = {each: each.readlink() for each in Path(f"/proc/{keeper}/fd").iterdir()}
        assert tmp_path / "lock" not in held.values()
        assert Path(f"/proc/{program.pid}/fd/{theirs}").readlink() == tmp_path / "lock"
        with ended(keeper):
            program.kill()
    os.close(theirs)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_root_runs_nothing_from_another_users_folder(started: Started, tmp_path: Path) -> None:
    os.chown(started.base, 65534, 65534)
    other = tmp_path / "other"
    other.mkdir()
    started.environment["TMPDIR"] = str(other)
    with started.waiting() as (_program, folder):
        assert folder.parent.parent == other


def test_it_starts_without_standard_input_output_and_error(started: Started, tmp_path: Path) -> None:
    told = tmp_path / "told"
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" write "$1" <&- >&- 2>&-', str(started.image), str(told)],
        env=started.around, timeout=LONG, check=False,
    )  # fmt: skip
    assert (done.returncode, told.read_text()) == (5, "Dear letter\n")


def test_the_next_start_takes_nothing_from_a_program_whose_keeper_was_killed(plain: Started) -> None:
    plain.environment["APPIMAGE_EXTRACT_AND_RUN"] = "1"
    with plain.waiting() as (program, folder):
        keeper = plain.keeper(program)
        with ended(keeper):
            os.kill(keeper, signal.SIGKILL)
        assert plain.run("say", "x").stdout == "x|"
        assert (folder / "AppRun").exists()
        program.kill()
        program.wait(LONG)
    assert plain.run("say", "x").stdout == "x|"
    assert not folder.exists()


def test_a_damaged_file_says_so(plain: Started, tmp_path: Path) -> None:
    begin = int(plain.run("--appimage-offset").stdout)
    cut = tmp_path / "cut.AppImage"
    cut.write_bytes(plain.image.read_bytes()[: begin + 300])
    cut.chmod(0o755)
    for damaged in (cut, tmp_path / "head.AppImage"):
        if not damaged.exists():
            damaged.write_bytes(plain.image.read_bytes()[:begin])
            damaged.chmod(0o755)
        done = Started(damaged, plain.base).run("say")
        assert done.returncode == 71
        assert re.search(r"damaged.*Nothing left this computer\.", done.stderr)
        assert plain.left() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_file_that_may_be_run_and_not_read_is_not_called_damaged(plain: Started) -> None:
    place = Path(tempfile.mkdtemp(prefix="torsend-test-"))
    try:
        place.chmod(0o755)
        closed = place / "closed.AppImage"
        closed.write_bytes(plain.image.read_bytes())
        closed.chmod(0o711)
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", str(closed), "say"], env=plain.around,
            cwd="/", capture_output=True, text=True, timeout=LONG, check=False,
        )  # fmt: skip
    finally:
        shutil.rmtree(place)
    assert done.returncode == 71
    assert "can't read its own file" in done.stderr
    assert "Permission denied" in done.stderr
    assert "damaged" not in done.stderr


def test_a_file_so_damaged_that_reading_it_kills_says_so(plain: Started, tmp_path: Path) -> None:
    data = bytearray(plain.image.read_bytes())
    begin = int(plain.run("--appimage-offset").stdout)
    data[begin + 16 : begin + 20] = bytes(4)  # its number of fragments
    damaged = tmp_path / "damaged.AppImage"
    damaged.write_bytes(data)
    damaged.chmod(0o755)
    started = Started(damaged, plain.base, {"APPIMAGE_EXTRACT_AND_RUN": "1"})
    for words in (("say",), ("--appimage-extract",)):
        done = started.run(*words)
        assert done.returncode == 71, words
        assert re.search(r"file is damaged.*checksum.*Nothing left this computer\.", done.stderr), words


def test_it_is_built_the_same_twice_from_different_folders(plain: Started, tmp_path: Path) -> None:
    assert build(tmp_path / "elsewhere").read_bytes() == plain.image.read_bytes()
