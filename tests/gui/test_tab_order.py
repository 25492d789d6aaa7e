"""Tab goes through a page as the eye does, also past what was made late."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.gui import page_screens as sample
from torsend.gui.sidebar import Page

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from torsend.gui.shell import Shell

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def shown(qtbot: QtBot, page: QWidget, which: Page) -> Shell:
    shell = sample.framed(page, which)
    qtbot.addWidget(shell)
    shell.resize(1200, 1100)
    with qtbot.waitActive(shell):
        shell.show()
        shell.activateWindow()
    return shell


def walked(shell: Shell, page: QWidget) -> list[QWidget]:
    """Where Tab comes to in the page, from its first stop to its last."""
    stops: list[QWidget] = []
    shell.sidebar.tor.setFocus()
    for _ in range(80):
        QTest.keyClick(shell.focusWidget(), Qt.Key.Key_Tab)
        if not page.isAncestorOf(shell.focusWidget()):
            break
        stops.append(shell.focusWidget())
    return stops


def test_the_outbox_is_walked_from_the_top_after_a_row_was_made_anew(qtbot: QtBot) -> None:
    page = sample.outbox()
    shell = shown(qtbot, page, Page.OUTBOX)
    page.update_entry(replace(sample.WAITING, subject="Minutes of May"))
    page.update_entry(replace(sample.UNKNOWN, subject="Dates for Friday"))
    stops = walked(shell, page)
    tops = [one.mapTo(page, QPoint(0, 0)).y() for one in stops]
    assert len(stops) > 10
    rows = [one for one in stops if one.parentWidget() is page.rows.viewport()]
    assert [page.rows.row(one.id) for one in sample.MOCKUP] == rows
    assert tops[0] == min(tops)


def test_the_provider_comes_between_the_kind_and_the_user_name(qtbot: QtBot) -> None:
    page = sample.identities((sample.RISEUP, *sample.PEOPLE[1:]))
    shell = shown(qtbot, page, Page.IDENTITIES)
    page.form.server.more.click()
    riseup = page.form.server.list.row("riseup")
    qtbot.waitUntil(riseup.isVisible)
    names = [one.accessibleName() for one in walked(shell, page)]
    provider = next(at for at, name in enumerate(names) if name.startswith("Provider: riseup"))
    assert names.index("Kind: Address") < provider < names.index("User name")
    assert names.index("Address") < provider


def test_a_group_is_one_stop_and_arrows_choose_in_it(qtbot: QtBot) -> None:
    page = sample.identities()
    shell = shown(qtbot, page, Page.IDENTITIES)
    names = [one.accessibleName() for one in walked(shell, page)]
    for group in ("Colour: ", "Kind: ", "Provider: ", "Encryption: ", "Only used over Tor: "):
        assert len([name for name in names if name.startswith(group)]) == 1, group
    chosen = page.form.colour.swatch("teal")
    chosen.setFocus()
    with qtbot.waitSignal(page.changed) as caught:
        QTest.keyClick(chosen, Qt.Key.Key_Right)
    assert caught.args[0].colour == "blue"
    assert shell.focusWidget() is page.form.colour.swatch("blue")
