"""A mail that is being sealed: what was typed and sent, cancelled or closed over while the disk takes its time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest

from tests.app import test_window
from tests.app.test_window import WAIT_MS, until_tor, write
from torsend.app import App
from torsend.delivery.states import State
from torsend.gui.window import Window

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.conftest import Stage


pytestmark = pytest.mark.usefixtures("qapp")

app, window = test_window.app, test_window.window


def slow_disk(window: Window) -> threading.Event:
    """The disk's thread waits until the event is set."""
    let_go = threading.Event()
    window.workers.disk.run(lambda: let_go.wait(WAIT_MS / 1000), None, lambda _: None)
    return let_go


def test_what_was_typed_and_sent_before_the_end_is_done_before_the_end(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    let_go = slow_disk(window)
    write(window, app, subject="Sent").page.request_send()
    QTest.keyClicks(write(window, app, subject="Begun", text="").page.fields.text, "Last words")
    window.end()
    let_go.set()
    window.stop()
    assert {entry.subject for entry in app.outbox.list()} == {"Sent"}
    assert {(draft.subject, draft.text) for draft in app.open_drafts()} == {("Begun", "Last words")}


def test_cancel_is_heard_while_the_mail_is_still_being_sealed(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    until_tor(qtbot, app)
    let_go = slow_disk(window)
    writer = write(window, app)
    writer.page.request_send()
    writer.page.request_cancel()
    let_go.set()
    qtbot.waitUntil(lambda: writer._progress is None, timeout=WAIT_MS)
    qtbot.waitUntil(
        lambda: not app.outbox.list() or app.outbox.list()[0].state is State.ACCEPTED, timeout=WAIT_MS
    )
    # Honest either way: stopped and a draft again, or (too late) accepted; never sent after it was said to be stopped.
    assert stage.server.received == ()
    assert app.outbox.list() == ()


def test_cancel_is_heard_even_if_the_window_is_closed_before_the_mail_is_sealed(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    until_tor(qtbot, app)
    let_go = slow_disk(window)
    writer = write(window, app)
    writer.page.request_send()
    writer.page.request_cancel()
    window.end()
    let_go.set()
    window.stop()
    qtbot.waitUntil(lambda: [each.state for each in app.outbox.list()] == [State.HELD], timeout=WAIT_MS)
    assert stage.server.received == ()


def test_sealing_that_fails_after_the_window_closed_is_still_told(
    qtbot: QtBot, stage: Stage, app: App, window: Window, tmp_path: Path
) -> None:
    from torsend.mail.draft import Attachment

    file = tmp_path / "notes.txt"
    file.write_bytes(b"notes")
    let_go = slow_disk(window)
    writer = write(window, app, attachments=(Attachment.of(file).as_it_is(),))
    writer.page.request_send()
    file.unlink()
    writer.window.close()
    assert window.writers == []
    let_go.set()
    qtbot.waitUntil(lambda: bool(window.shell.banner.keys()), timeout=WAIT_MS)
    assert app.outbox.list() == ()
    assert len(app.open_drafts()) == 1
