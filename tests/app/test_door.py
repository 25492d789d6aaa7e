"""One window a profile: a second start hands over what it was asked for, and nothing of that is lost."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app.conftest import quick
from tests.app.test_window import WAIT_MS, app, start_in, window
from torsend.__main__ import _window
from torsend.app import App, door, handed
from torsend.app.door import Door, NoAnswer, _hand_over, _way_in, open_door
from torsend.app.door_by_port import ByPort
from torsend.app.door_by_socket import BySocket
from torsend.app.handed import Handed, TooMuch
from torsend.app.way_in import DOOR
from torsend.gui import main as gui
from torsend.gui.shell import Shell
from torsend.gui.unlock import Lock
from torsend.paths import Profile
from torsend.tor.choice import Launch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from torsend.app import Start

__all__ = ["app", "window"]
LINK = "mailto:marta@nordpost.example?subject=Test%20sheets"


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile")


@pytest.fixture(params=[BySocket, ByPort])
def way_in(request: pytest.FixtureRequest) -> type[BySocket | ByPort]:
    """Both ways are tried on every system: what is said on them is one and the same."""
    way: type[BySocket | ByPort] = request.param
    return way


Way = type[BySocket | ByPort]


class Answering:
    """Somebody behind the door."""

    def __init__(self, *, takes: bool = True) -> None:
        self.takes = takes
        self.heard: list[Handed] = []
        self.called = threading.Event()

    def __call__(self, handed: Handed) -> bool:
        self.heard.append(handed)
        self.called.set()
        return self.takes


def opened(profile: Profile, way_in: Way = BySocket) -> Door:
    mine = open_door(profile, way_in=way_in)
    assert mine is not None
    return mine


def called(profile: Profile, way_in: Way, results: list[Door | None]) -> threading.Thread:
    """A second start that waits for an answer."""
    caller = threading.Thread(target=lambda: results.append(open_door(profile, (LINK,), way_in=way_in)))
    caller.start()
    return caller


def test_the_second_hands_over_and_goes(
    profile: Profile, way_in: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(profile.folder.parent)
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "let me in")
    behind = Answering()
    mine = opened(profile, way_in)
    try:
        mine.answer(behind)
        assert open_door(profile, (LINK, "sheets.pdf"), way_in=way_in) is None
        assert open_door(profile, way_in=way_in) is None
    finally:
        mine.close()
    # From another folder the name would mean another file.
    there = str(profile.folder.parent / "sheets.pdf")
    assert behind.heard == [Handed((LINK, there), "let me in"), Handed(None, "let me in")]
    mine.close()
    opened(profile, way_in).close()


def test_a_socket_goes_with_its_window(profile: Profile) -> None:
    opened(profile).close()
    assert list(profile.folder.iterdir()) == []


def test_who_calls_before_anybody_listens_waits(profile: Profile, way_in: Way) -> None:
    mine = opened(profile, way_in)
    behind = Answering()
    results: list[Door | None] = []
    caller = called(profile, way_in, results)
    mine.answer(behind)
    caller.join(10)
    mine.close()
    assert results == [None]
    assert behind.heard == [Handed((LINK,))]


def test_a_window_that_is_being_closed_takes_nothing_and_the_second_opens_its_own(
    profile: Profile, way_in: Way
) -> None:
    mine = opened(profile, way_in)
    behind = Answering(takes=False)
    mine.answer(behind)
    results: list[Door | None] = []
    caller = called(profile, way_in, results)
    assert behind.called.wait(10)
    mine.close()
    caller.join(10)
    (theirs,) = results
    assert theirs is not None
    assert len(behind.heard) == 1
    theirs.close()


def test_a_window_that_does_not_answer_is_told(profile: Profile, way_in: Way) -> None:
    mine = opened(profile, way_in)
    try:
        with pytest.raises(NoAnswer) as caught:
            open_door(profile, (LINK,), patience=0.2, way_in=way_in)
        assert "doesn’t answer" in caught.value.sentences()
    finally:
        mine.close()


def test_a_lock_without_a_socket_is_told_too(profile: Profile) -> None:
    mine = opened(profile)
    (profile.folder / DOOR).unlink()
    with pytest.raises(NoAnswer):
        open_door(profile, patience=0.05, way_in=BySocket)
    mine.close()


def test_what_a_crash_left_deceives_nobody(profile: Profile) -> None:
    profile.prepare()
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(profile.folder / DOOR))
    left.close()
    opened(profile).close()


def test_a_hold_on_a_profile_that_was_wiped_meanwhile_is_none(profile: Profile, way_in: Way) -> None:
    mine = opened(profile, way_in)
    waiting = way_in(profile.folder / DOOR)
    shutil.rmtree(profile.folder)
    mine.close()
    try:
        assert waiting.take()
        # Who comes now finds the one that has it, not an empty folder.
        third = way_in(profile.folder / DOOR)
        assert not third.take()
        third.release()
    finally:
        waiting.release()


def test_a_profile_that_was_wiped_and_cannot_be_made_again_has_no_door(profile: Profile, way_in: Way) -> None:
    class Removed(way_in):  # type: ignore[misc, valid-type]
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            shutil.rmtree(profile.folder)
            profile.folder.write_text("not a folder")

    made = open_door(profile, way_in=Removed)
    assert made is not None
    assert made._way is None
    made.close()


def test_a_profile_with_a_long_name_has_a_door_too(tmp_path: Path) -> None:
    profile = Profile(tmp_path / ("p" * 120))
    behind = Answering()
    mine = open_door(profile)
    assert mine is not None
    mine.answer(behind)
    assert open_door(profile, (LINK,)) is None
    mine.close()
    assert len(behind.heard) == 1


@pytest.mark.parametrize(
    ("system", "name", "way"),
    [
        ("linux", "p", BySocket),
        ("linux", "p" * 120, BySocket),
        ("darwin", "p" * 120, ByPort),  # no way through an open folder there
        ("win32", "p", ByPort),
    ],
)
def test_each_system_has_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, name: str, way: Way
) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "platform", system)
    chosen = _way_in(tmp_path / name / DOOR)
    monkeypatch.undo()
    chosen.release()
    assert type(chosen) is way


def test_a_profile_that_cannot_be_used_has_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mine = opened(Profile(tmp_path / "file"))
    mine.answer(Answering())
    mine.close()


def test_a_folder_that_takes_no_socket_has_none(profile: Profile) -> None:
    profile.prepare()
    (profile.folder / DOOR).mkdir()
    mine = opened(profile)
    mine.answer(Answering())
    mine.close()
    opened(profile).close()


SAID = [
    b"",
    b"\xff\xfe",
    b"[]",
    b'{"compose": null}',
    b'{"compose": null, "token": 3}',
    json.dumps({"compose": None, "token": "x" * 300}).encode(),
    b'{"compose": [3], "token": ""}',
    b'{"compose": "text", "token": ""}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("said", SAID)
def test_nonsense_is_told_apart_and_harms_nothing(profile: Profile, way_in: Way, said: bytes) -> None:
    behind = Answering()
    mine = opened(profile, way_in)
    mine.answer(behind)
    another = way_in(profile.folder / DOOR)
    with pytest.raises(NoAnswer) as caught:
        _hand_over(another, said, time.monotonic() + 10)
    another.release()
    assert "in another version" in caught.value.sentences()
    assert open_door(profile, (LINK,), way_in=way_in) is None
    mine.close()
    assert behind.heard == [Handed((LINK,))]


def test_who_says_too_much_is_left(profile: Profile, way_in: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = Answering()
    mine = opened(profile, way_in)
    monkeypatch.setattr(door, "MOST_BYTES", 1000)
    mine.answer(behind)
    another = way_in(profile.folder / DOOR)
    assert not _hand_over(another, b"x" * 100_000, time.monotonic() + 0.5)
    another.release()
    assert open_door(profile, (LINK,), way_in=way_in) is None
    mine.close()


def test_too_many_files_are_said_to_be_too_many(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = Answering()
    mine = opened(profile)
    mine.answer(behind)
    monkeypatch.setattr(handed, "MOST_BYTES", 1000)
    with pytest.raises(TooMuch) as caught:
        open_door(profile, ("sheets.pdf",) * 1000)
    mine.close()
    assert "too many files" in caught.value.sentences()
    assert behind.heard == []


@given(
    st.lists(st.text(st.characters(exclude_categories=())).filter(lambda each: "\0" not in each), max_size=5),
    st.binary(max_size=20),
)
def test_what_is_handed_over_arrives_as_it_was(names: list[str], raw: bytes) -> None:
    told = Handed((*map(os.fsdecode, (each.encode("utf-8", "replace") for each in names)), os.fsdecode(raw)))
    assert Handed.from_bytes(told.to_bytes()) == told


@given(st.binary(max_size=200))
def test_whatever_is_handed_over_is_understood_or_refused(said: bytes) -> None:
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
        Handed.from_bytes(said)


def test_another_user_is_not_let_in(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = Answering()
    mine = opened(profile)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    mine.answer(behind)
    with pytest.raises(NoAnswer):
        open_door(profile, patience=0.1)
    mine.close()
    assert behind.heard == []


@pytest.mark.parametrize(("tor", "told"), [(None, False), (Launch(), True)])
def test_options_that_do_not_count_are_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tor: Launch | None,
    *,
    told: bool,
) -> None:
    start = replace(start_in(tmp_path), tor=tor, secrets=None)
    mine = opened(start.profile)
    mine.answer(Answering())
    monkeypatch.setattr("torsend.__main__._need_a_screen", lambda: None)
    assert _window(start) == 0
    assert ("--tor and the like don’t count" in capsys.readouterr().err) is told
    mine.close()


@pytest.mark.parametrize("terminal", [True, False])
def test_where_nobody_reads_a_window_says_that_another_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, terminal: bool
) -> None:
    start = replace(start_in(tmp_path), compose=(LINK,))
    mine = opened(start.profile)
    ran: list[Start] = []

    def run(start: Start, door: Door) -> int:
        ran.append(start)
        return 7

    monkeypatch.setattr(gui, "run", run)
    monkeypatch.setattr(door, "_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("torsend.__main__._need_a_screen", lambda: None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    if terminal:
        with pytest.raises(NoAnswer):
            _window(start)
    else:
        assert _window(start) == 7
    assert [each.compose for each in ran] == ([] if terminal else [(LINK,)])
    mine.close()


# With a window behind it


def test_a_second_window_says_so_and_opens_the_link_when_the_first_is_gone(
    qtbot: QtBot, tmp_path: Path
) -> None:
    start = quick(start_in(tmp_path))
    first = App.open(start)
    shell = Shell()
    qtbot.addWidget(shell)
    opening = gui.Opener(replace(start, compose=(LINK,)), shell)
    opening.begin()
    qtbot.waitUntil(lambda: opening._page is not None, timeout=WAIT_MS)
    assert opening._page is not None
    assert opening._page.lock() is Lock.RUNNING
    first.close()
    opening._page.retry_requested.emit()
    qtbot.waitUntil(lambda: opening.window is not None and len(opening.window.writers) == 1, timeout=WAIT_MS)
    opening.close()


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Callable[[Start], gui.Opener]]:
    made: list[tuple[gui.Opener, Shell, Door]] = []

    def make(start: Start) -> gui.Opener:
        shell = Shell()
        shell.show()
        mine = opened(start.profile)
        made.append((gui.Opener(start, shell), shell, mine))
        opening = made[-1][0]
        opening.begin()
        mine.answer(opening.hear)
        return opening

    yield make
    for opening, shell, mine in made:
        opening.close()
        mine.close()
        shell.deleteLater()


def again(start: Start, *arguments: str) -> subprocess.Popen[bytes]:
    """Torsend once more, as a desktop starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "torsend", "--profile", str(start.profile.folder), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(qtbot: QtBot, process: subprocess.Popen[bytes]) -> None:
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=WAIT_MS)
    _, err = process.communicate()
    assert (process.returncode, err) == (0, b"")


def test_a_link_opens_in_the_window_that_is_there(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[[Start], gui.Opener]
) -> None:
    start = start_in(tmp_path)
    opening = open_window(start)
    qtbot.waitUntil(lambda: opening.window is not None, timeout=WAIT_MS)
    window = opening.window
    assert window is not None
    ended(qtbot, again(start, LINK))
    qtbot.waitUntil(lambda: len(window.writers) == 1, timeout=WAIT_MS)
    draft = window.writers[0].page.draft()
    assert (draft.to, draft.subject) == ("marta@nordpost.example", "Test sheets")

    opening._shell.showMinimized()
    ended(qtbot, again(start))
    qtbot.waitUntil(lambda: not opening._shell.isMinimized(), timeout=WAIT_MS)
    assert len(window.writers) == 1

    ended(qtbot, again(start, LINK + "&body=" + "x" * 100_000))
    qtbot.waitUntil(lambda: len(window.writers) == 2, timeout=WAIT_MS)
    assert window.writers[1].page.problems.keys() == ("writer",)

    window.end()
    call = gui._Call(Handed((LINK,)))
    opening._take(call)
    assert (call.done.is_set(), call.settle(taken=True)) == (True, False)


def test_a_link_waits_for_the_passphrase(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[[Start], gui.Opener]
) -> None:
    start = quick(start_in(tmp_path))
    App.open(start).close()
    opening = open_window(start_in(tmp_path, passphrase=None))
    qtbot.waitUntil(lambda: opening._page is not None, timeout=WAIT_MS)
    ended(qtbot, again(start, LINK))
    assert start.passphrase is not None
    opening._try_passphrase(start.passphrase)
    qtbot.waitUntil(lambda: opening.window is not None and len(opening.window.writers) == 1, timeout=WAIT_MS)


def test_a_window_that_is_busy_for_too_long_takes_nothing_afterwards(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gui, "ANSWER_SECONDS", 0.05)
    shell = Shell()
    qtbot.addWidget(shell)
    opening = gui.Opener(start_in(tmp_path), shell)
    # This thread runs no loop meanwhile.
    assert opening.hear(Handed((LINK,))) is False
    qtbot.wait(1)
    assert opening._handed == []
    opening.close()
