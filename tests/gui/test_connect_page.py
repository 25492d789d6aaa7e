"""The way to Tor: steps, troubles in words, and which Tor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from tests.gui import page_screens as sample
from tests.gui import samples
from torsend.gui.connect import ConnectPage
from torsend.gui.connect_choices import Door, Way
from torsend.gui.tor_words import steps, tor_words
from torsend.tor.choice import Control, ControlSocket, Launch, Socks
from torsend.tor.status import Phase, TorStatus
from torsend.tor.trouble_rows import ROWS
from torsend.tor.troubles import trouble
from torsend.tor.way_chosen import WayChosen

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def page(qtbot: QtBot) -> ConnectPage:
    made = sample.connect()
    qtbot.addWidget(made)
    made.resize(1200, 800)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.mark.parametrize(
    ("status", "states"),
    [
        (TorStatus(), ["later", "later", "later"]),
        (TorStatus(Phase.STARTING, means="launch"), ["now", "later", "later"]),
        (TorStatus(Phase.BOOTSTRAPPING, 14), ["done", "now", "later"]),
        (TorStatus(Phase.BOOTSTRAPPING, 90), ["done", "done", "now"]),
        (TorStatus(Phase.READY, 100), ["done", "done", "done"]),
        (TorStatus(Phase.DEGRADED, 100, trouble=trouble("no-circuit")), ["done", "done", "stopped"]),
        (sample.stuck("no-binary", Phase.FAILED), ["stopped", "later", "later"]),
        (sample.stuck("blocked", Phase.FAILED, 14), ["done", "stopped", "later"]),
        (sample.stuck("blocked", Phase.BOOTSTRAPPING, 14), ["done", "stopped", "later"]),
        (sample.STUCK_CLOCK, ["done", "stopped", "later"]),
    ],
)
def test_the_steps_show_how_far_it_is(status: TorStatus, states: list[str]) -> None:
    assert [step.state for step in steps(status)] == states


@pytest.mark.parametrize(
    ("bridges", "note"),
    [(None, "Done"), ((0, 2), "Done"), ((1, 1), "1 of 1 bridge"), ((1, 2), "1 of 2 bridges")],
)
def test_the_bridges_that_answered_are_counted(bridges: tuple[int, int] | None, note: str) -> None:
    shown = steps(TorStatus(Phase.BOOTSTRAPPING, 20, first="bridge", bridges=bridges))
    assert (shown[1].title, shown[1].note) == ("Bridge answered", note)
    # One that answers is not the end of that step yet.
    shown = steps(TorStatus(Phase.BOOTSTRAPPING, 14, first="bridge", bridges=(1, 2)))
    assert (shown[1].title, shown[1].note) == ("Reach the bridge", "14 %")


@pytest.mark.parametrize(
    ("phase", "progress", "text", "shape"),
    [
        (Phase.OFF, 0, "Tor is off", "dot-ring"),
        (Phase.STARTING, 0, "Starting Tor", "half-dot"),
        (Phase.BOOTSTRAPPING, 45, "Connecting 45 %", "half-dot"),
        (Phase.READY, 100, "Connected to Tor", "dot"),
        (Phase.DEGRADED, 100, "Connection unsteady", "triangle"),
        (Phase.FAILED, 14, "Can’t reach Tor", "diamond"),
    ],
)
def test_the_state_of_tor_has_words_and_a_shape_of_its_own(
    phase: Phase, progress: int, text: str, shape: str
) -> None:
    words = tor_words(TorStatus(phase, progress))
    assert (words.text, words.shape) == (text, shape)


@pytest.mark.parametrize("code", [code for code, row in ROWS.items() if "{" not in row.what + row.advice])
def test_every_trouble_is_shown_with_what_to_try(page: ConnectPage, code: str) -> None:
    status = sample.stuck(code, Phase.FAILED)
    page.set_status(status)
    assert page.card is not None
    assert status.trouble is not None
    assert status.trouble.what.removesuffix(".") in page.card.accessibleName()
    assert status.trouble.advice in page.card.accessibleName()
    assert "retry" in page.card.buttons


def test_trying_again_asks_for_it(page: ConnectPage, qtbot: QtBot) -> None:
    assert page.card is not None
    with qtbot.waitSignal(page.retry_requested):
        QTest.mouseClick(page.card.buttons["retry"], Qt.MouseButton.LeftButton)


def test_details_unfold_and_fold(page: ConnectPage, qtbot: QtBot) -> None:
    assert page.card is not None
    before = page.card.sizeHint().height()
    QTest.mouseClick(page.card.buttons["details"], Qt.MouseButton.LeftButton)
    assert page.card.buttons["details"].text() == "Hide details"
    assert page.card.layout() is not None
    qtbot.waitUntil(lambda: page.card is not None and page.card.sizeHint().height() > before)


def test_details_are_copied_and_the_button_says_so(page: ConnectPage, qtbot: QtBot) -> None:
    assert page.card is not None
    copy = page.card.buttons["copy"]
    assert copy.text() == "Copy details"
    with qtbot.waitSignal(page.details_requested):
        QTest.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert copy.text() == "Copied"


def test_the_card_goes_when_tor_is_ready(page: ConnectPage) -> None:
    page.set_status(samples.READY)
    assert page.card is None
    assert page.leave.text() == "Write"


def test_the_same_trouble_told_again_leaves_the_card_alone(page: ConnectPage) -> None:
    before = page.card
    page.set_status(sample.STUCK_CLOCK)
    assert page.card is before


def test_writing_offline_leaves_the_page(page: ConnectPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.leave_requested):
        QTest.mouseClick(page.leave, Qt.MouseButton.LeftButton)


def test_a_tor_of_our_own_with_an_experts_file(page: ConnectPage, qtbot: QtBot) -> None:
    launch = page.choices.launch
    launch.set_file(Path("/tmp/extra.torrc"))
    with qtbot.waitSignal(page.way_requested) as caught:
        QTest.mouseClick(launch.go, Qt.MouseButton.LeftButton)
    assert caught.args == [Launch(torrc_include=Path("/tmp/extra.torrc")), WayChosen(), ""]
    QTest.mouseClick(launch.clear, Qt.MouseButton.LeftButton)
    assert launch.choice() == Launch()


def test_a_tor_that_was_found_is_one_press_away(page: ConnectPage, qtbot: QtBot) -> None:
    page.set_found(sample.FOUND)
    page.choices.set_value(Way.RUNNING)
    with qtbot.waitSignal(page.choose_requested) as caught:
        QTest.mouseClick(page.choices.running.go, Qt.MouseButton.LeftButton)
    assert caught.args == [sample.FOUND[0].choice, ""]


def test_what_was_chosen_stays_when_more_are_found(page: ConnectPage) -> None:
    running = page.choices.running
    page.set_found(sample.FOUND[1:])
    running.list.row(str(sample.FOUND[1].choice)).click()
    page.set_found(sample.FOUND)
    assert running.choice() == sample.FOUND[1].choice


@pytest.mark.parametrize(
    ("door", "host", "port", "choice"),
    [
        (Door.CONTROL, "127.0.0.1", "9051", Control("127.0.0.1", 9051)),
        (Door.SOCKS, "localhost", "9050", Socks("127.0.0.1", 9050)),
        (Door.SOCKS, "::1", "9050", Socks("::1", 9050)),
        (Door.CONTROL, "[::1]", "9051", Control("::1", 9051)),
    ],
)
def test_another_tor_is_read_from_its_fields(
    page: ConnectPage, qtbot: QtBot, door: Door, host: str, port: str, choice: Control | Socks
) -> None:
    page.choices.set_value(Way.RUNNING)
    running = page.choices.running
    running.door.set_value(door)
    running.host.setText(host)
    running.port.setText(port)
    running.password.setText("correct horse")
    with qtbot.waitSignal(page.choose_requested) as caught:
        QTest.keyClick(running.port, Qt.Key.Key_Return)
    assert caught.args == [choice, "correct horse"]
    assert running.password.text() == ""


def test_a_control_socket_is_a_path(page: ConnectPage) -> None:
    running = page.choices.running
    running.door.set_value(Door.SOCKET)
    running.path.setText("/run/tor/control")
    assert running.choice() == ControlSocket(Path("/run/tor/control"))


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("tor.example", "9051", "is not an IP address"),
        ("127.0.0.1", "", "lacks a port"),
        ("127.0.0.1", "x", "lacks a port"),
    ],
)
def test_an_address_that_cannot_be_is_said_and_not_used(
    page: ConnectPage, qtbot: QtBot, host: str, port: str, said: str
) -> None:
    page.choices.set_value(Way.RUNNING)
    running = page.choices.running
    running.host.setText(host)
    running.port.setText(port)
    with qtbot.assertNotEmitted(page.choose_requested):
        QTest.mouseClick(running.go, Qt.MouseButton.LeftButton)
    assert said in running.wrong.text()
    assert running.wrong.isVisible()


def test_what_is_used_now_is_shown(page: ConnectPage) -> None:
    page.set_choice(Socks("127.0.0.1", 9150))
    assert page.choices.value() == Way.RUNNING
    assert page.choices.running.choice() == Socks("127.0.0.1", 9150)
    page.set_choice(Launch())
    assert page.choices.value() == Way.LAUNCH


def test_a_refused_password_leads_to_its_field(page: ConnectPage, qtbot: QtBot) -> None:
    page.set_choice(Control("127.0.0.1", 9051))
    page.set_status(sample.stuck("wrong-password", Phase.FAILED, means="control"))
    assert page.card is not None
    QTest.mouseClick(page.card.buttons["password"], Qt.MouseButton.LeftButton)
    assert page.window().focusWidget() is page.choices.running.password
    assert page.choices.running.password.echoMode() is QLineEdit.EchoMode.Password


def test_a_network_that_blocks_tor_leads_to_the_bridges(page: ConnectPage, qtbot: QtBot) -> None:
    page.resize(960, 640)
    page.set_status(sample.stuck("blocked", Phase.BOOTSTRAPPING, 14))
    assert page.card is not None
    QTest.mouseClick(page.card.buttons["bridge"], Qt.MouseButton.LeftButton)
    form = page.choices.bridged
    assert page.choices.value() == Way.BRIDGED
    held = QApplication.focusWidget()
    assert held is not None
    assert form.bridges.isAncestorOf(held)
    assert "no public list" in form.told.text()
    view = page._scroll.viewport()
    qtbot.waitUntil(lambda: view.rect().contains(form.bridges.mapTo(view, form.bridges.rect().bottomRight())))
    page.set_status(sample.STUCK_CLOCK)
    assert "bridge" not in page.card.buttons


def test_everything_that_takes_the_keyboard_has_a_name(page: ConnectPage) -> None:
    for widget in (*page.findChildren(QAbstractButton), *page.findChildren(QLineEdit)):
        assert widget.accessibleName(), widget
    assert page.steps.accessibleName() == (
        "Tor started: done, Version 0.4.8.12; Learn the relays: stopped, Stopped at 14 %; "
        "Build a circuit: later, A few seconds"
    )
