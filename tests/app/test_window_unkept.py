"""What was written and can't be kept is not closed over: neither by "Keep the draft" nor with the whole window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QMessageBox

from tests.app.test_window import WAIT_MS
from tests.app.test_window_state import app, window
from torsend.mail.draft import Draft
from torsend.vault import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from torsend.app import App
    from torsend.gui.window import Window
    from torsend.gui.writer import Writer

__all__ = ["app", "window"]
pytestmark = pytest.mark.usefixtures("qapp")


def full(_draft: Draft) -> None:
    raise errors.disk_full()


def unkept(qtbot: QtBot, app: App, window: Window, monkeypatch: pytest.MonkeyPatch) -> Writer:
    """A mail that was typed while the disk was full."""
    window.write(Draft.new())
    (writer,) = window.writers
    monkeypatch.setattr(app.drafts, "save", full)
    writer.page.fields.text.setPlainText("the readings were changed")
    writer.page.flush()
    qtbot.waitUntil(lambda: writer.unkept is not None, timeout=WAIT_MS)
    return writer


def press_keep(writer: Writer) -> None:
    writer.window.close()
    box = writer.window.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    next(each for each in box.buttons() if each.text() == "Keep the draft").click()


def test_keep_the_draft_closes_once_it_is_kept(
    qtbot: QtBot, app: App, window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = window()
    writer = unkept(qtbot, app, opened, monkeypatch)
    writer.page.problems.clear_all()
    press_keep(writer)
    qtbot.waitUntil(lambda: writer.page.problems.keys() == ("writer",), timeout=WAIT_MS)
    assert opened.writers == [writer]
    assert writer.window.isVisible()
    monkeypatch.undo()
    press_keep(writer)
    qtbot.waitUntil(lambda: opened.writers == [], timeout=WAIT_MS)
    assert [draft.text for draft in app.open_drafts()] == ["the readings were changed"]


def test_the_whole_window_asks_once_before_it_loses_a_mail(
    qtbot: QtBot, app: App, window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = window()
    writer = unkept(qtbot, app, opened, monkeypatch)
    opened.shell.close()
    assert opened.shell.isVisible()
    assert not opened.is_ending
    said = writer.page.problems.card("writer").accessibleName()
    assert "closing torsend would lose it. The disk is full." in said
    assert "If you close it once more, it is lost." in said
    # It can be kept after all: then nothing holds the window.
    monkeypatch.undo()
    writer.page.fields.text.setPlainText("the readings were changed twice")
    writer.page.flush()
    qtbot.waitUntil(lambda: writer.unkept is None, timeout=WAIT_MS)
    with qtbot.waitSignal(opened.ended, timeout=WAIT_MS):
        opened.shell.close()


def test_who_closes_it_once_more_loses_it(
    qtbot: QtBot, app: App, window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = window()
    unkept(qtbot, app, opened, monkeypatch)
    opened.shell.close()
    assert not opened.is_ending
    with qtbot.waitSignal(opened.ended, timeout=WAIT_MS):
        opened.shell.close()
    assert not opened.shell.isVisible()
