"""On macOS a link or a file comes as an event, to the program that runs; here the same event is sent by us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent

from tests.app.conftest import quick
from tests.app.test_door import open_window
from tests.app.test_window import WAIT_MS, start_in
from torsend.app import App
from torsend.app.handed import Handed
from torsend.gui.system_opens import SystemOpens

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from torsend.app import Start
    from torsend.gui import main as gui

__all__ = ["open_window"]
LINK = "mailto:marta@nordpost.example?subject=Tests%20%26%20sheets&body=a%3Db"


def test_a_link_waits_for_the_passphrase_and_opens(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, open_window: Callable[[Start], gui.Opener]
) -> None:
    start = quick(start_in(tmp_path))
    App.open(start).close()
    opening = open_window(start_in(tmp_path, passphrase=None))
    opens = SystemOpens(qapp)
    opens.asked.connect(opening.open)
    qapp.sendEvent(qapp, QFileOpenEvent(QUrl(LINK)))
    qtbot.waitUntil(lambda: opening._page is not None, timeout=WAIT_MS)
    assert start.passphrase is not None
    opening._try_passphrase(start.passphrase)
    qtbot.waitUntil(lambda: opening.window is not None and len(opening.window.writers) == 1, timeout=WAIT_MS)
    assert opening.window is not None
    draft = opening.window.writers[0].page.draft()
    assert (draft.to, draft.subject) == ("marta@nordpost.example", "Tests & sheets")
    assert draft.text.startswith("a=b")

    opening.window.end()
    qapp.sendEvent(qapp, QFileOpenEvent(QUrl(LINK)))
    assert opening.window.writers == []
    opens.deleteLater()


def test_files_that_come_at_once_are_one_mail(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    opens = SystemOpens(qapp)
    heard: list[Handed] = []
    opens.asked.connect(heard.append)
    files = (str(tmp_path / "sheet one.pdf"), str(tmp_path / "sheet#2.pdf"))
    for file in files:
        qapp.sendEvent(qapp, QFileOpenEvent(file))
    qtbot.waitUntil(lambda: bool(heard), timeout=WAIT_MS)
    qapp.sendEvent(qapp, QFileOpenEvent(files[1]))
    qtbot.waitUntil(lambda: len(heard) == 2, timeout=WAIT_MS)
    assert heard == [Handed(files), Handed(files[1:])]
    # Nothing that a program could open with us.
    qapp.sendEvent(qapp, QFileOpenEvent(QUrl("https://example.com/")))
    qtbot.wait(1)
    assert len(heard) == 2
    opens.deleteLater()
