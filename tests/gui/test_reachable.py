"""Everything can be reached by keyboard, and everything that can be reached has a name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.gui import screens
from tests.gui.screens import SCREENS
from torsend.gui.compose import ComposePage


@pytest.fixture(params=sorted(SCREENS))
def page(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[QWidget]:
    screen = SCREENS[request.param]
    made = screen.make()
    qtbot.addWidget(made)
    made.resize(screen.width, screen.height)
    _show(made, qtbot)
    yield made
    if isinstance(made, ComposePage):
        made.finish()


def _show(page: QWidget, qtbot: QtBot) -> None:
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()


def walked(page: QWidget, qtbot: QtBot, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """Where Tab goes, once round."""
    page.setFocus(Qt.FocusReason.TabFocusReason)
    seen: list[QWidget] = []
    QTest.keyClick(page, key)
    while (held := QApplication.focusWidget()) is not None and held not in seen and len(seen) < 200:
        seen.append(held)
        QTest.keyClick(held, key)
    return seen


def can_be_reached_by_tab(widget: QWidget) -> bool:
    return (
        widget.isVisible()
        and widget.isEnabled()
        and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.focusProxy() is None
    )


def test_tab_comes_to_every_control(page: QWidget, qtbot: QtBot) -> None:
    wanted = {one for one in page.findChildren(QWidget) if can_be_reached_by_tab(one)}
    seen = walked(page, qtbot)
    missed = [f"{type(one).__name__} {one.accessibleName()!r}" for one in wanted - set(seen)]
    assert not missed


def test_every_control_has_a_name(page: QWidget) -> None:
    nameless = [
        type(one).__name__
        for one in page.findChildren(QWidget)
        if one.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not isinstance(one, QAbstractScrollArea)
        and one.objectName() != "qt_scrollarea_viewport"
        and not one.accessibleName()
    ]
    assert not nameless


def test_a_screen_reader_hears_a_name_for_every_control(page: QWidget, qtbot: QtBot) -> None:
    for one in walked(page, qtbot):
        interface = QAccessible.queryAccessibleInterface(one)
        assert interface is not None
        assert interface.text(QAccessible.Text.Name), type(one).__name__


def test_nothing_reaches_out_of_the_window(page: QWidget) -> None:
    width, height = page.width(), page.height()
    assert page.minimumSizeHint().width() <= width
    assert page.minimumSizeHint().height() <= height


def test_tab_goes_in_the_order_of_the_design(qtbot: QtBot) -> None:
    page = screens.compose()
    qtbot.addWidget(page)
    page.resize(1200, 800)
    _show(page, qtbot)
    header, fields = page.header, page.fields
    order = [
        header.chip,
        fields.to.line,
        fields.subject,
        fields.text,
        header.attach,
        header.wire,
        header.panel,
        header.send,
        page.panel.findings,
        page.panel.parties,
        page.route.ribbon,
    ]
    seen = walked(page, qtbot)
    start = seen.index(header.chip)
    round_trip = seen[start:] + seen[:start]
    assert [one for one in round_trip if one in order] == order
    removes = [
        control for row in fields.files.rows() for control in row.controls() if can_be_reached_by_tab(control)
    ]
    assert all(
        round_trip.index(fields.text) < round_trip.index(one) < round_trip.index(header.attach)
        for one in removes
    )
    page.finish()


def held_now() -> QWidget:
    """What has the keyboard."""
    held = QApplication.focusWidget()
    assert held is not None
    return held


def test_f6_goes_from_region_to_region(qtbot: QtBot) -> None:
    page = screens.compose()
    qtbot.addWidget(page)
    _show(page, qtbot)
    page.header.chip.setFocus()
    held = []
    for _ in range(4):
        QTest.keyClick(held_now(), Qt.Key.Key_F6)
        held.append(held_now())
    assert held == [page.fields.text, page.panel.findings, page.route.ribbon, page.header.chip]
    page.finish()


def test_arrows_go_through_findings_and_stops(qtbot: QtBot) -> None:
    page = screens.compose()
    qtbot.addWidget(page)
    _show(page, qtbot)
    page.panel.findings.setFocus()
    QTest.keyClick(page.panel.findings, Qt.Key.Key_Down)
    first = held_now()
    assert first is page.panel.findings.rows()[0]
    assert first.accessibleName() == "To decide: notes.doc can’t be cleaned"
    page.route.ribbon.setFocus()
    QTest.keyClick(page.route.ribbon, Qt.Key.Key_Right)
    QTest.keyClick(held_now(), Qt.Key.Key_Right)
    assert held_now().accessibleName() == "larkspur, guard, Germany"
    page.finish()


def test_a_ring_goes_round_what_the_keyboard_is_on(qtbot: QtBot) -> None:
    page = screens.compose()
    qtbot.addWidget(page)
    page.resize(1200, 800)
    _show(page, qtbot)
    page.header.chip.setFocus(Qt.FocusReason.TabFocusReason)
    before = page.grab().toImage()
    QTest.keyClick(page.header.chip, Qt.Key.Key_Tab)
    while held_now() is not page.header.send:
        QTest.keyClick(held_now(), Qt.Key.Key_Tab)
    after = page.grab().toImage()
    send = page.header.send
    at = send.mapTo(page, send.rect().topLeft())
    assert before.pixelColor(at.x() + 20, at.y() - 3) != after.pixelColor(at.x() + 20, at.y() - 3)
    page.finish()
