"""The first run: nothing connects before the person says so; then an address, and a mail to oneself that arrives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.app.conftest import quick
from tests.app.test_window import WAIT_MS, person, start_in
from tests.conftest import USERS
from torsend.app import App
from torsend.gui.arrived_help import ArrivedHelp
from torsend.gui.first_run import first_run_of
from torsend.gui.first_steps import FirstStep, FirstSteps
from torsend.gui.outbox_words import Action
from torsend.gui.shell import Shell
from torsend.gui.sidebar import Page
from torsend.gui.window import Window
from torsend.mail.draft import Draft
from torsend.settings import FirstRun
from torsend.tor.choice import Launch
from torsend.tor.status import Phase, TorStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.conftest import Stage

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def app(tmp_path: Path, stage: Stage) -> Iterator[App]:
    """An empty profile; nobody named a Tor."""
    with App.open(
        replace(quick(start_in(tmp_path)), tor=None), tls_context=stage.certificates.for_client
    ) as opened:
        yield opened


@pytest.fixture
def window(qtbot: QtBot, app: App) -> Iterator[Window]:
    shell = Shell()
    qtbot.addWidget(shell)
    made = Window(app, shell)
    shell.show()
    made.start()
    yield made
    made.stop()


def ticked(strip: FirstSteps) -> list[bool]:
    return [not each.isHidden() for each in strip.marks]


def press(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def test_from_nothing_to_a_mail_to_oneself(qtbot: QtBot, stage: Stage, app: App, window: Window) -> None:
    first, page = window.first_run, window.way_in.page
    qtbot.waitUntil(lambda: first.is_open, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: app.settings.first_run is FirstRun.OPEN, timeout=WAIT_MS)
    assert first.strip.step() is FirstStep.CONNECT
    assert window.shell.full() is page
    assert (app.connection.status.phase, app.connection._thread) == (Phase.OFF, None)
    assert "Nothing connects before you press a button." in first.strip.accessibleName()
    # It leads to what is shown already.
    assert not first.strip.go.isVisible()
    assert page.leave.text() == "Connect later"
    assert ticked(first.strip) == [False, False, False]

    page.choices.launch.set_file(stage.torrc)
    page.choices.launch.submitted.emit()
    qtbot.waitUntil(lambda: first.strip.step() is FirstStep.ADDRESS, timeout=WAIT_MS)
    assert app.settings.may_connect
    assert window.shell.full() is None
    assert window.shell.page() is Page.IDENTITIES
    assert window.identities.page.form.is_new()

    wren = person("Wren", "wren", stage.server.implicit_port, stage.host)
    window.identities.page.add_requested.emit(wren, USERS["wren"])
    qtbot.waitUntil(lambda: first.strip.step() is FirstStep.TEST, timeout=WAIT_MS)
    assert len(stage.server.received) == 0
    press(first.strip.go)
    press(first.strip.go)  # impatiently
    (writer,) = window.writers
    draft = writer.page.draft()
    assert (draft.to, draft.identity_id, draft.subject) == (wren.address, wren.id, "Test")
    qtbot.waitUntil(writer.page.header.send.isEnabled, timeout=WAIT_MS)
    press(writer.page.header.send)
    qtbot.waitUntil(lambda: len(stage.server.received) == 1, timeout=WAIT_MS)
    assert b"This is a test." in stage.server.wait_for(1)[0].data
    qtbot.waitUntil(lambda: first.strip.step() is FirstStep.ARRIVED, timeout=WAIT_MS)
    assert ticked(first.strip) == [True, True, True]
    press(first.strip.go)
    (said,) = window.shell.findChildren(ArrivedHelp)
    press(first.strip.go)
    assert window.shell.findChildren(ArrivedHelp) == [said]
    said.close()
    writer.end()
    # The outbox forgets it; that it arrived stays so.
    app.remove_entry(app.outbox.list()[0].id)
    qtbot.waitUntil(lambda: not window.outbox._entries, timeout=WAIT_MS)
    assert first.strip.step() is FirstStep.ARRIVED
    press(first.strip.leave)
    qtbot.waitUntil(lambda: app.settings.first_run is FirstRun.OVER, timeout=WAIT_MS)
    assert not first.strip.isVisible()


def test_without_waiting_for_tor_the_address_comes_next(qtbot: QtBot, app: App, window: Window) -> None:
    first = window.first_run
    qtbot.waitUntil(lambda: first.is_open, timeout=WAIT_MS)
    press(window.way_in.page.leave)
    assert first.strip.step() is FirstStep.ADDRESS
    assert window.shell.page() is Page.IDENTITIES
    window.shell.show_page(Page.OUTBOX)
    press(first.strip.go)
    assert window.shell.page() is Page.IDENTITIES
    assert app.connection.status.phase is Phase.OFF
    window.way_in.page.leave_requested.emit()
    assert first.strip.step() is FirstStep.ADDRESS
    assert ticked(first.strip) == [False, False, False]
    # What was typed already isn't lost to a second press.
    window.identities.page.form.address.setText("wren@rowanmail.example")
    press(first.strip.go)
    assert window.identities.page.form.address.text() == "wren@rowanmail.example"

    window.identities.page.add_requested.emit(person("Wren", "wren", 465, "smtp.rowanmail.example"), "")
    qtbot.waitUntil(lambda: first.strip.step() is FirstStep.OFFLINE, timeout=WAIT_MS)
    assert ticked(first.strip) == [False, True, False]
    press(first.strip.go)
    assert window.shell.full() is window.way_in.page
    assert not first.strip.go.isVisible()


def test_what_is_left_out_stays_out_and_nothing_connects_the_next_time_either(
    qtbot: QtBot, app: App, window: Window
) -> None:
    qtbot.waitUntil(lambda: window.first_run.is_open, timeout=WAIT_MS)
    press(window.first_run.strip.leave)
    qtbot.waitUntil(lambda: app.settings.first_run is FirstRun.OVER, timeout=WAIT_MS)
    window.stop()
    again = Window(app, Shell())
    again.start()
    qtbot.waitUntil(lambda: again.shell.full() is again.way_in.page, timeout=WAIT_MS)
    assert not again.first_run.is_open
    assert app.connection.status.phase is Phase.OFF
    again.stop()


def test_steps_go_on_where_they_were_left(qtbot: QtBot, stage: Stage, app: App) -> None:
    app.add_identity(person("Wren", "wren", stage.server.implicit_port, stage.host), None)
    app.change_settings(first_run=FirstRun.OPEN)
    again = Window(app, Shell())
    again.start()
    qtbot.waitUntil(lambda: again.first_run.is_open, timeout=WAIT_MS)
    assert again.first_run.strip.step() is FirstStep.CONNECT
    assert ticked(again.first_run.strip) == [False, True, False]
    # An address was added without connecting: that is no word of consent.
    assert (app.connection.status.phase, app.connection._thread) == (Phase.OFF, None)
    again.stop()


def test_what_is_put_in_the_outbox_offline_asks_to_connect_and_connects_to_nothing(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    qtbot.waitUntil(lambda: window.first_run.is_open, timeout=WAIT_MS)
    press(window.way_in.page.leave)
    press(window.first_run.strip.leave)
    wren = person("Wren", "wren", stage.server.implicit_port, stage.host)
    window.identities.page.add_requested.emit(wren, USERS["wren"])
    qtbot.waitUntil(lambda: bool(window._identities), timeout=WAIT_MS)
    window.write(replace(Draft.new(wren.id), to=wren.address, subject="Test", text="offline"), fresh=True)
    (writer,) = window.writers
    qtbot.waitUntil(writer.page.header.send.isEnabled, timeout=WAIT_MS)
    assert writer.page.header.send.text() == "Put in outbox"
    press(writer.page.header.send)
    qtbot.waitUntil(lambda: bool(window.outbox._entries), timeout=WAIT_MS)
    (entry,) = app.outbox.list()
    qtbot.waitUntil(lambda: window.outbox.page.row(entry.id) is not None, timeout=WAIT_MS)
    row = window.outbox.page.row(entry.id)
    assert row is not None
    assert "Once you connect to Tor" in row.accessibleName() + row.accessibleDescription()
    assert window.shell.full() is None
    press(row.buttons[Action.SEND_NOW])
    assert window.shell.full() is window.way_in.page
    assert (app.connection.status.phase, app.connection._thread) == (Phase.OFF, None)
    window.feed.tor_changed.emit(TorStatus(Phase.STARTING))
    row = window.outbox.page.row(entry.id)
    assert row is not None
    assert "Once you connect" not in row.accessibleName() + row.accessibleDescription()


def test_settings_that_are_damaged_are_no_yes(qtbot: QtBot, stage: Stage, tmp_path: Path) -> None:
    start = replace(quick(start_in(tmp_path)), tor=None)
    with App.open(start) as app:
        app.add_identity(person("Wren", "wren", stage.server.implicit_port, stage.host), None)
    start.profile.settings.write_text('{"may_connect": fal')
    with App.open(start) as app:
        again = Window(app, Shell())
        again.start()
        qtbot.waitUntil(lambda: again._read, timeout=WAIT_MS)
        assert (app.connection.status.phase, app.connection._thread) == (Phase.OFF, None)
        again.stop()
        assert not app.settings.may_connect


def test_an_identity_alone_is_no_yes(qtbot: QtBot, stage: Stage, app: App) -> None:
    app.add_identity(person("Wren", "wren", stage.server.implicit_port, stage.host), None)
    again = Window(app, Shell())
    again.start()
    qtbot.waitUntil(lambda: again.first_run.is_open, timeout=WAIT_MS)
    assert again.first_run.strip.step() is FirstStep.CONNECT
    assert (app.connection.status.phase, app.connection._thread) == (Phase.OFF, None)
    again.stop()


def test_steps_that_were_skipped_are_found_under_help(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    first = window.first_run
    qtbot.waitUntil(lambda: first.is_open, timeout=WAIT_MS)
    assert not window.help.page.steps.isEnabled()
    press(first.strip.leave)
    window.shell.leave_full()
    assert window.way_in.page.leave.text() == "Write offline"
    for name in ("Wren", "Tarn"):
        app.add_identity(person(name, name.lower(), stage.server.implicit_port, stage.host), None)
    window.identities.reload()
    qtbot.waitUntil(lambda: len(window._identities) == 2, timeout=WAIT_MS)
    window.identities.page.show_identity(window._identities[1].id)
    window.shell.show_page(Page.HELP)
    press(window.help.page.steps)
    assert first.is_open
    assert first.strip.isVisible()
    qtbot.waitUntil(lambda: app.settings.first_run is FirstRun.OPEN, timeout=WAIT_MS)
    # The one that was looked at last is the one that is tried.
    first.skip_connecting()
    first.set_tor(TorStatus(Phase.READY))
    press(first.strip.go)
    assert window.writers[0].page.draft().identity_id == window._identities[1].id


@pytest.mark.parametrize(
    ("kept", "past", "found"),
    [
        (FirstRun.NONE, False, FirstRun.OPEN),
        (FirstRun.NONE, True, FirstRun.OVER),
        (FirstRun.OPEN, True, FirstRun.OPEN),
        (FirstRun.OVER, False, FirstRun.OVER),
    ],
)
def test_how_far_it_is(kept: FirstRun, found: FirstRun, *, past: bool) -> None:
    assert first_run_of(kept, past=past) is found


def test_who_names_a_tor_wants_it(qtbot: QtBot, tmp_path: Path) -> None:
    with App.open(replace(quick(start_in(tmp_path)), tor=Launch(torrc_include=tmp_path / "none"))) as app:
        made = Window(app, Shell())
        made.start()
        qtbot.waitUntil(lambda: app.connection._thread is not None, timeout=WAIT_MS)
        made.stop()
