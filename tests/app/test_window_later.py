"""Sending later from the window: on the real outbox, a real Tor network and a real submission server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.app import test_window
from tests.app.test_window import WAIT_MS, until_tor, write
from torsend.delivery.later import GRACE, At, Within
from torsend.delivery.reasons import Reason
from torsend.delivery.states import State
from torsend.gui.outbox_words import Action
from torsend.gui.sidebar import Page
from torsend.gui.time_dialog import TimeDialog

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.conftest import Stage
    from torsend.app import App
    from torsend.delivery.later import When
    from torsend.gui.outbox_row import OutboxRow
    from torsend.gui.window import Window

pytestmark = pytest.mark.usefixtures("qapp")

app, window = test_window.app, test_window.window

HOUR = timedelta(hours=1)


def send(qtbot: QtBot, app: App, window: Window, when: When) -> str:
    """Writes a mail that goes then; gives its id in the outbox, once the window that it was written in is gone."""
    writer = write(window, app)
    writer.page.when.choose(when)
    assert writer.page.header.send.text() == "Send"
    QTest.mouseClick(writer.page.header.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.writers, timeout=WAIT_MS)
    assert window.shell.page() is Page.OUTBOX
    (entry,) = app.outbox.list()
    return entry.id


def row(qtbot: QtBot, window: Window, entry_id: str) -> OutboxRow:
    qtbot.waitUntil(lambda: window.outbox.page.row(entry_id) is not None, timeout=WAIT_MS)
    shown = window.outbox.page.row(entry_id)
    assert shown is not None
    return shown


def said(shown: QWidget) -> str:
    return f"{shown.accessibleName()} {shown.accessibleDescription()}"


def test_mail_within_a_span_waits_in_the_outbox_until_the_person_sends_it_now(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    until_tor(qtbot, app)
    before = datetime.now(UTC)
    entry_id = send(qtbot, app, window, Within(24 * HOUR))
    entry = app.outbox.get(entry_id)
    assert entry.state is State.QUEUED
    assert entry.next_attempt is not None
    assert entry.random_before is not None
    assert before < entry.next_attempt < entry.random_before < before + 25 * HOUR
    shown = row(qtbot, window, entry_id)
    assert "at random" in said(shown)
    assert stage.server.received == ()
    QTest.mouseClick(shown.buttons[Action.SEND_NOW], Qt.MouseButton.LeftButton)
    stage.server.wait_for(1)
    qtbot.waitUntil(lambda: app.outbox.get(entry_id).state is State.ACCEPTED, timeout=WAIT_MS)


def test_mail_for_a_time_goes_by_itself_when_that_time_comes(
    qtbot: QtBot, stage: Stage, app: App, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    until_tor(qtbot, app)
    moment = datetime.now(UTC) + HOUR
    entry_id = send(qtbot, app, window, At(moment))
    assert app.outbox.get(entry_id).next_attempt == moment
    assert "Not before" in said(row(qtbot, window, entry_id))
    assert stage.server.received == ()
    monkeypatch.setattr(app.outbox, "_now", lambda: datetime.now(UTC) + HOUR)
    app.dispatcher.poke()
    (received,) = stage.server.wait_for(1)
    assert f"Date: {moment:%a, %d %b %Y %H:%M}:00 +0000".encode() in received.data


def test_time_that_passed_while_the_mail_was_written_is_said_over_the_mail(
    qtbot: QtBot, app: App, window: Window
) -> None:
    writer = write(window, app)
    writer.page.when.choose(At(datetime.now(UTC) - timedelta(seconds=1)))
    writer.page.request_send()
    qtbot.waitUntil(lambda: bool(tuple(writer.page.problems.keys())), timeout=WAIT_MS)
    assert app.outbox.list() == ()
    assert window.writers == [writer]
    assert not writer.page.fields.text.isReadOnly()
    assert writer.page.header.when.isVisible()


def test_missed_time_asks_in_the_outbox_and_takes_another(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    until_tor(qtbot, app)
    writer = write(window, app)
    message = app.compose(writer.page.draft())
    missed = datetime.now(UTC) - GRACE - HOUR
    entry = app.outbox.queue(message, writer.page.draft().identity_id, writer.draft_id, missed)
    qtbot.waitUntil(lambda: app.outbox.get(entry.id).reason is Reason.MISSED, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "Missed its time" in said(row(qtbot, window, entry.id)), timeout=WAIT_MS)
    QTest.mouseClick(row(qtbot, window, entry.id).buttons[Action.CHOOSE_TIME], Qt.MouseButton.LeftButton)
    (dialog,) = window.outbox.page.findChildren(TimeDialog)
    dialog.choose.click()
    qtbot.waitUntil(lambda: app.outbox.get(entry.id).state is State.QUEUED, timeout=WAIT_MS)
    again = app.outbox.get(entry.id)
    assert again.next_attempt is not None
    assert again.next_attempt > datetime.now(UTC)
    qtbot.waitUntil(lambda: "Not before" in said(row(qtbot, window, entry.id)), timeout=WAIT_MS)
    assert stage.server.received == ()


def test_what_leaves_is_shown_with_the_time_at_which_it_leaves(
    qtbot: QtBot, app: App, window: Window
) -> None:
    writer = write(window, app)
    writer.page.when.choose(At(datetime(2027, 1, 5, 4, 3, tzinfo=UTC)))
    QTest.mouseClick(writer.page.header.wire, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(writer.page.wire.isVisible, timeout=WAIT_MS)
    lines = [said(line) for line in writer.page.wire.findChildren(QWidget)]
    assert any("Tue, 05 Jan 2027 04:03:00 +0000" in line for line in lines)
