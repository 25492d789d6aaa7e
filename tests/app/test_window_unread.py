"""The vault is open, and what is in it can't be read: that is said, nothing hangs, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.app.test_window import WAIT_MS, start_in
from torsend.app import App
from torsend.gui.shell import Shell
from torsend.gui.unlock import Lock, UnlockPage
from torsend.gui.window import Window
from torsend.settings import FirstRun
from torsend.tor.status import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.usefixtures("qapp")
LINK = ("mailto:marta@nordpost.example?subject=Hall%204",)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with App.open(replace(start_in(tmp_path), in_memory=True)) as opened:
        yield opened


@pytest.fixture
def window(qtbot: QtBot, app: App) -> Iterator[Window]:
    """Its vault lacks what it looks for."""
    with app.vault.writing() as db:
        db.execute("ALTER TABLE identity RENAME TO elsewhere")
    shell = Shell()
    qtbot.addWidget(shell)
    made = Window(app, shell)
    shell.show()
    made.start()
    qtbot.waitUntil(lambda: isinstance(shell.full(), UnlockPage), timeout=WAIT_MS)
    yield made
    made.stop()


def page_of(window: Window) -> UnlockPage:
    page = window.shell.full()
    assert isinstance(page, UnlockPage)
    return page


def test_it_is_said_and_the_window_comes_once_it_can_be_read(qtbot: QtBot, app: App, window: Window) -> None:
    page = page_of(window)
    assert page.lock() is Lock.BROKEN
    assert page.card is not None
    said = page.card.accessibleName()
    assert said
    # Nothing is begun on a guess: who is known, and whether Tor may be started, stands in there.
    assert (app.connection.status.phase, app.connection._thread) == (Phase.OFF, None)
    assert not window.first_run.is_open
    window.asked(LINK, "")
    assert window.writers == []
    QTest.mouseClick(page.go, Qt.MouseButton.LeftButton)
    assert not page.go.isEnabled()
    qtbot.waitUntil(page.go.isEnabled, timeout=WAIT_MS)
    assert page_of(window) is page
    assert page.card.accessibleName() == said

    with app.vault.writing() as db:
        db.execute("ALTER TABLE elsewhere RENAME TO identity")
    QTest.mouseClick(page.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.writers), timeout=WAIT_MS)
    # What was asked for meanwhile was not forgotten.
    assert window.writers[0].page.draft().subject == "Hall 4"
    assert not isinstance(window.shell.full(), UnlockPage)
    qtbot.waitUntil(lambda: app.settings.first_run is FirstRun.OPEN, timeout=WAIT_MS)


def test_it_can_be_left(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitSignal(window.ended):
        QTest.mouseClick(page_of(window).quit, Qt.MouseButton.LeftButton)
    assert window.is_ending


def test_all_of_it_can_be_removed_from_there(qtbot: QtBot, window: Window) -> None:
    QTest.mouseClick(page_of(window).remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.help.wiping.dialog is not None, timeout=WAIT_MS)
    dialog = window.help.wiping.dialog
    assert dialog is not None
    window.help.wiping.ask(window.shell)  # once more, and once is enough
    dialog.reject()
    assert window.help.wiping.dialog is None
