"""Getting into the window and out of it: a passphrase, another that is open, and the threads that end with it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.app.conftest import quick
from tests.app.test_window import PASSPHRASE, WAIT_MS, start_in
from torsend.app import App, Start
from torsend.gui import main as gui
from torsend.gui.shell import Shell
from torsend.gui.unlock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def opener(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[Start], gui.Opener]]:
    made: list[tuple[gui.Opener, Shell]] = []

    def make(start: Start) -> gui.Opener:
        shell = Shell()
        shell.show()
        made.append((gui.Opener(start, shell), shell))
        made[-1][0].begin()
        return made[-1][0]

    yield make
    for each, shell in made:
        each.close()
        shell.deleteLater()


def test_a_wrong_passphrase_is_said_and_the_right_one_opens(
    qtbot: QtBot, tmp_path: Path, opener: Callable[[Start], gui.Opener]
) -> None:
    App.open(quick(start_in(tmp_path))).close()
    opening = opener(start_in(tmp_path, passphrase=None))
    qtbot.waitUntil(lambda: opening._page is not None, timeout=WAIT_MS)
    page = opening._page
    assert page is not None
    assert page.lock() is Lock.OPEN
    page.passphrase_entered.emit("wrong")
    qtbot.waitUntil(lambda: page.passphrase.accessibleDescription() != "", timeout=WAIT_MS)
    assert "passphrase" in page.passphrase.accessibleDescription().lower()
    page.passphrase_entered.emit(PASSPHRASE)
    qtbot.waitUntil(lambda: opening.window is not None, timeout=WAIT_MS)
    assert opening._shell.full() is not page


def test_a_second_instance_is_told(
    qtbot: QtBot, tmp_path: Path, opener: Callable[[Start], gui.Opener]
) -> None:
    with App.open(quick(start_in(tmp_path))):
        opening = opener(start_in(tmp_path))
        qtbot.waitUntil(lambda: opening._page is not None and opening._page.card is not None, timeout=WAIT_MS)
        assert "already running" in opening._page.card.accessibleName()  # type: ignore[union-attr]


def test_every_thread_ends_with_the_window(
    qtbot: QtBot, tmp_path: Path, opener: Callable[[Start], gui.Opener]
) -> None:
    before = set(threading.enumerate())
    opening = opener(start_in(tmp_path))
    qtbot.waitUntil(lambda: opening.window is not None, timeout=WAIT_MS)
    opening.close()
    assert set(threading.enumerate()) <= before
