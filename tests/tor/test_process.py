from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tor.parts import NOWHERE, PATIENCE, threads, wait_gone
from torsend.tor import process as process_module
from torsend.tor.cancel import Cancel
from torsend.tor.control import Control
from torsend.tor.finder import tor_binary
from torsend.tor.process import MAX_INCLUDE, TorProcess, child_environment, quoted
from torsend.tor.troubles import TorTroubled

OWNER = """
import sys, time
from pathlib import Path
from torsend.tor.cancel import Cancel
from torsend.tor.control import Control
from torsend.tor.process import TorProcess

process = TorProcess(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), lambda: None)
connected = process.start()
if sys.argv[4] == "answered":
    Control.adopt(connected, lambda told: None, lambda name: False, time.monotonic() + 30, Cancel())
print(process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def include(tmp_path: Path) -> Path:
    path = tmp_path / "include"
    path.write_text(NOWHERE)
    return path


@pytest.fixture
def made(tmp_path: Path, include: Path) -> Iterator[TorProcess]:
    process = TorProcess(tor_binary(), tmp_path / "data", include, lambda: None)
    yield process
    process.stop()


def _adopted(process: TorProcess) -> Control:
    return Control.adopt(
        process.start(), lambda _: None, lambda _: False, time.monotonic() + PATIENCE, Cancel()
    )


def _code(process: TorProcess) -> str:
    with pytest.raises(TorTroubled) as raised:
        process.start()
    return raised.value.trouble.code


def test_it_starts_answers_and_ends_without_a_trace(made: TorProcess) -> None:
    control = _adopted(made)
    assert made.pid
    pid = made.pid
    assert not wait_gone(pid, 0)
    made.stop()
    control.close()
    assert not made.alive
    assert wait_gone(pid, 0)
    assert not threads()
    made.stop()


@pytest.mark.parametrize("moment", ["answered", "just started"])
def test_no_orphan_survives_the_kill_of_the_app(tmp_path: Path, include: Path, moment: str) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, tor_binary(), tmp_path / "data", include, moment],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout
        tor = int(owner.stdout.readline())
        assert Path(f"/proc/{tor}/comm").read_text().strip() in {"tor", "python", "python3"}
        owner.kill()
        assert owner.wait(PATIENCE) == -signal.SIGKILL
        assert wait_gone(tor), "tor outlived its owner"


def test_a_frozen_tor_is_ended_all_the_same(made: TorProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "STOP_SECONDS", 0.2)
    control = _adopted(made)
    assert made.pid
    os.kill(made.pid, signal.SIGSTOP)
    made.stop()
    control.close()
    assert not made.alive


def test_the_end_of_tor_is_told_once(tmp_path: Path, include: Path) -> None:
    ended = threading.Semaphore(0)
    process = TorProcess(tor_binary(), tmp_path / "data", include, ended.release)
    control = _adopted(process)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    assert ended.acquire(timeout=PATIENCE)
    assert process.ended(0)
    process.stop()
    control.close()
    assert not ended.acquire(blocking=False)


def test_a_talkative_tor_never_stops_in_its_write_and_only_the_last_lines_are_kept(
    made: TorProcess, include: Path
) -> None:
    include.write_text(NOWHERE + "Log debug stdout\n")
    control = _adopted(made)
    # Each question makes tor write; a pipe that nobody empties holds 64 KiB.
    for _ in range(600):
        control.information("config/names")
    assert control.circuits_work() is False
    made.stop()
    control.close()
    assert len(made._lines) == made._lines.maxlen


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Colour green", "Unknown option 'Colour'"),
        ("SocksPort nowhere:at:all", "SocksPort"),
        ('DataDirectory "unclosed', "Error while parsing"),
    ],
)
def test_tors_own_line_says_what_it_does_not_like(
    made: TorProcess, include: Path, line: str, words: str
) -> None:
    include.write_text(line + "\n")
    made.start().close()
    assert made.ended(PATIENCE)
    assert words in made.complaint()
    assert not made.complaint().startswith("[")


def test_extra_lines_come_after_ours_and_may_change_them(made: TorProcess, include: Path) -> None:
    include.write_text(NOWHERE + "SafeLogging 0\nSocksPort 127.0.0.1:auto IsolateDestAddr\n")
    control = _adopted(made)
    assert control.configured("SafeLogging") == ("0",)
    assert len(control.socks_listeners()) == 2
    control.close()


def test_an_include_that_ends_without_a_newline_is_read_to_its_end(made: TorProcess, include: Path) -> None:
    include.write_text(NOWHERE + "SafeLogging relay")
    control = _adopted(made)
    assert control.configured("SafeLogging") == ("relay",)
    control.close()


def test_nothing_of_the_system_gets_in_and_nobody_else_reads_it(made: TorProcess, tmp_path: Path) -> None:
    control = _adopted(made)
    assert control.configured("ClientOnly") == ("1",)
    assert control.configured("AvoidDiskWrites") == ("1",)
    assert control.configured("User") == ()
    control.one_circuit_a_stream()
    assert control.configured("ConfluxEnabled") == ("0",)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "data" / "torrc").stat().st_mode) == 0o600
    assert made.pid
    arguments = Path(f"/proc/{made.pid}/cmdline").read_text()
    assert str(tmp_path) not in arguments
    control.close()


def test_a_decision_on_conflux_in_the_extra_lines_stands(made: TorProcess, include: Path) -> None:
    include.write_text(NOWHERE + "ConfluxEnabled 1\n")
    control = _adopted(made)
    control.one_circuit_a_stream()
    assert control.configured("ConfluxEnabled") == ("1",)
    control.close()


def test_a_daemon_stays_our_child(made: TorProcess, include: Path) -> None:
    include.write_text(NOWHERE + "RunAsDaemon 1\n")
    control = _adopted(made)
    assert made.alive
    control.close()


def test_a_missing_or_odd_include_is_named(tmp_path: Path, include: Path) -> None:
    data = tmp_path / "data"
    assert _code(TorProcess(tor_binary(), data, tmp_path / "none", lambda: None)) == "torrc-unreadable"
    assert _code(TorProcess(tor_binary(), data, tmp_path, lambda: None)) == "torrc-unreadable"
    include.write_bytes(b"\0")
    assert _code(TorProcess(tor_binary(), data, include, lambda: None)) == "torrc-unreadable"
    include.write_bytes(b"#" * (MAX_INCLUDE + 1))
    assert _code(TorProcess(tor_binary(), data, include, lambda: None)) == "torrc-unreadable"


def test_a_program_that_cannot_run_and_a_folder_that_cannot_be_are_named(tmp_path: Path) -> None:
    assert _code(TorProcess(tmp_path / "tor", tmp_path / "data", None, lambda: None)) == "binary-unusable"
    text = tmp_path / "text"
    text.write_text("no program")
    assert _code(TorProcess(text, tmp_path / "data", None, lambda: None)) == "binary-unusable"
    assert _code(TorProcess(tor_binary(), text / "data", None, lambda: None)) == "folder-unwritable"
    assert not threads()


def test_a_folder_with_odd_characters_is_no_trouble(tmp_path: Path, include: Path) -> None:
    process = TorProcess(tor_binary(), tmp_path / 'a "b" \\n #c é', include, lambda: None)
    control = _adopted(process)
    process.stop()
    control.close()
    assert (tmp_path / 'a "b" \\n #c é' / "lock").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is Unicode")
def test_a_folder_that_is_no_unicode_is_no_trouble(tmp_path: Path, include: Path) -> None:
    folder = tmp_path / os.fsdecode(b"a \xff")
    process = TorProcess(tor_binary(), folder, include, lambda: None)
    control = _adopted(process)
    process.stop()
    control.close()
    assert (folder / "lock").exists()


@given(st.text())
def test_a_quoted_path_never_ends_its_line(text: str) -> None:
    line = quoted(text)
    assert "\n" not in line
    inner = line[1:-1].replace("\\\\", "")
    assert '"' not in inner.replace('\\"', "")


def test_tor_reads_the_systems_configuration_of_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSSL_CONF", "/dev/null")
    assert "OPENSSL_CONF" not in child_environment()


def test_a_frozen_bundle_gives_tor_the_systems_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/before")
    assert child_environment()["LD_LIBRARY_PATH"] == "/bundle"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert child_environment()["LD_LIBRARY_PATH"] == "/before"
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG")
    assert "LD_LIBRARY_PATH" not in child_environment()
