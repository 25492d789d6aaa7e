"""Starting Tor with a bridge or through a proxy, as a person does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.gui.page_screens import BRIDGE, bridged
from torsend.gui.connect_choices import Way
from torsend.tor.choice import Launch
from torsend.tor.way_chosen import Bridges, WayChosen
from torsend.tor.way_out import Proxy, ProxyKind

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from torsend.gui.connect import ConnectPage
    from torsend.gui.connect_way import WayForm

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def page(qtbot: QtBot) -> ConnectPage:
    made = bridged()
    qtbot.addWidget(made)
    made.resize(1200, 1000)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def form(page: ConnectPage) -> WayForm:
    return page.choices.bridged


def press(form: WayForm) -> None:
    QTest.mouseClick(form.go, Qt.MouseButton.LeftButton)


def test_what_is_used_is_shown(page: ConnectPage, form: WayForm) -> None:
    assert page.choices.value() == Way.BRIDGED
    assert form.bridges.value() == Bridges.OBFS4
    assert "2026" in form.told.text()
    page.set_way(WayChosen())
    assert page.choices.value() == Way.LAUNCH


def test_own_lines_are_checked_as_they_are_typed(page: ConnectPage, form: WayForm, qtbot: QtBot) -> None:
    form.bridges.set_value(Bridges.OWN)
    form.bridges.chosen.emit(Bridges.OWN)
    assert form.lines.isVisible()
    form.lines.field.setPlainText(f"{BRIDGE}\nobfs4 192.0.2.8:443 0123")
    assert "Line 2: " in form.told.text()
    press(form)
    assert "Line 2: " in form.wrong.text()
    form.lines.field.setPlainText(f"{BRIDGE}\n{BRIDGE}\n")
    assert form.told.text() == "1 bridge."
    with qtbot.waitSignal(page.way_requested) as caught:
        press(form)
    choice, way, password = caught.args
    assert choice == Launch()
    assert way.bridges is Bridges.OWN
    assert len(way.way_out().bridges) == 1
    assert password == ""


def test_a_proxy_with_a_log_in(page: ConnectPage, form: WayForm, qtbot: QtBot) -> None:
    form.proxy.set_value(ProxyKind.SOCKS5)
    form.proxy.chosen.emit(ProxyKind.SOCKS5)
    form.host.setText("proxy.example.net")
    form.port.setText("1080")
    press(form)
    assert "never looks up a name" in form.wrong.text()
    form.host.setText("192.0.2.1")
    form.username.setText("kaspar")
    form.password.setText("geheim")
    form.ports.setText("80; 443")
    press(form)
    assert "A port is a number" in form.wrong.text()
    form.ports.setText("80, 443")
    assert form.password.echoMode() is QLineEdit.EchoMode.Password
    with qtbot.waitSignal(page.way_requested) as caught:
        QTest.keyClick(form.ports, Qt.Key.Key_Return)
    _, way, password = caught.args
    assert way == WayChosen(
        Bridges.OBFS4, "", Proxy(ProxyKind.SOCKS5, "192.0.2.1", 1080, "kaspar"), (80, 443)
    )
    assert password == "geheim"
    assert form.password.text() == ""


def test_socks4_has_no_log_in(form: WayForm) -> None:
    form.proxy.set_value(ProxyKind.SOCKS4)
    form.proxy.chosen.emit(ProxyKind.SOCKS4)
    assert form.host.isVisible()
    assert not form.username.isVisible()


def test_going_straight_again_keeps_the_lines_for_another_day(page: ConnectPage, qtbot: QtBot) -> None:
    page.set_way(WayChosen(Bridges.OWN, BRIDGE))
    page.choices.set_value(Way.LAUNCH)
    with qtbot.waitSignal(page.way_requested) as caught:
        QTest.mouseClick(page.choices.launch.go, Qt.MouseButton.LeftButton)
    assert caught.args[1] == WayChosen(own=BRIDGE)


def test_programs_that_look_names_up_are_told_of(form: WayForm) -> None:
    form.bridges.set_value(Bridges.SNOWFLAKE)
    form.bridges.chosen.emit(Bridges.SNOWFLAKE)
    assert "your network sees those" in form.told.text()


def test_every_field_has_a_name(form: WayForm) -> None:
    for each in (
        form.bridges,
        form.lines.field,
        form.proxy,
        form.host,
        form.port,
        form.username,
        form.password,
        form.ports,
    ):
        assert each.accessibleName()
