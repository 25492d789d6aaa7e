"""Being told to end, also twice: the first breaks off what is done, none breaks off putting it away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from torsend import signals

ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = {each: signal.getsignal(each) for each in ALL}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def tell(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", ALL)
def test_the_first_raises_and_those_behind_it_do_not(number: int) -> None:
    signals.heed()
    with pytest.raises(signals.Ended) as ended:
        tell(number)
    assert signals.status_of(ended.value) == 128 + number
    for each in ALL:
        tell(each)


def test_who_still_asks_long_after_the_first_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    signals.heed()
    with pytest.raises(signals.Ended):
        tell(signal.SIGTERM)
    monkeypatch.setattr(signals, "GRACE_SECONDS", 0.0)
    with pytest.raises(signals.Ended):
        tell(signal.SIGTERM)


def test_one_that_is_ignored_stays_so() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals.heed()
    with signals.shielded():
        tell(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_within_a_shield_they_wait_for_its_end() -> None:
    signals.heed()
    done: list[str] = []

    def put_away() -> None:
        with signals.shielded():
            tell(signal.SIGTERM)
            tell(signal.SIGINT)
            done.append("all of it")

    with pytest.raises(signals.Ended) as ended:
        put_away()
    assert done == ["all of it"]
    assert ended.value.number == signal.SIGTERM


def test_on_another_thread_there_is_nothing_to_wait_for() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    def work() -> None:
        with signals.shielded():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_temporary_folder_goes_though_they_come_while_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    signals.heed()
    cleanup = tempfile.TemporaryDirectory.cleanup
    tried: list[str] = []

    def slowly(folder: tempfile.TemporaryDirectory[str]) -> None:
        tell(signal.SIGTERM)
        tried.append(folder.name)
        if len(tried) == 1:
            raise OSError("somebody is still writing there")
        cleanup(folder)

    monkeypatch.setattr(tempfile.TemporaryDirectory, "cleanup", slowly)
    with pytest.raises(signals.Ended), signals.temporary_folder("torsend-test-") as folder:
        (folder / "a file").touch()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_removed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(signals, "_WRITING_SECONDS", 0.0)

    cleanup = tempfile.TemporaryDirectory.cleanup

    def refuse(folder: tempfile.TemporaryDirectory[str]) -> None:
        cleanup(folder)
        raise OSError("no")

    monkeypatch.setattr(tempfile.TemporaryDirectory, "cleanup", refuse)
    with pytest.raises(OSError, match="no"), signals.temporary_folder("torsend-test-") as folder:
        assert folder.exists()


def test_a_selftest_that_is_told_twice_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "torsend", "demo", "--send"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        running.stdout.readline()
        while not list(tmp_path.glob("*/network/*")):
            with pytest.raises(subprocess.TimeoutExpired):
                running.wait(0.05)
        running.send_signal(signal.SIGTERM)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    # Of two that come at once either may be the first.
    assert (running.returncode in {130, 143}, err.decode()) == (True, "Interrupted.\n")
    assert list(tmp_path.iterdir()) == []
