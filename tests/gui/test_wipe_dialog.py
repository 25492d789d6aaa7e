"""The question before everything goes: plain, complete, and never agreed to by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui import page_screens as sample
from tests.gui.test_reachable import walked
from torsend.gui.wipe_dialog import Losses, WipeDialog, WipeStage

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def dialog(qtbot: QtBot) -> WipeDialog:
    made = WipeDialog(Losses(sample.KEPT, 2, 1))
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # the test looks at it afterwards
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_no_single_key_agrees(qtbot: QtBot, dialog: WipeDialog, key: Qt.Key) -> None:
    with qtbot.assertNotEmitted(dialog.agreed):
        QTest.keyClick(dialog.focusWidget(), key)
    assert dialog.stage() is WipeStage.ASK


def test_return_removes_nothing_even_when_it_was_ticked(qtbot: QtBot, dialog: WipeDialog) -> None:
    QTest.mouseClick(dialog.understood, Qt.MouseButton.LeftButton)
    assert dialog.remove.isEnabled()
    dialog.understood.setFocus()
    with qtbot.assertNotEmitted(dialog.agreed):
        QTest.keyClick(dialog.understood, Qt.Key.Key_Return)
    QTest.mouseClick(dialog.understood, Qt.MouseButton.LeftButton)
    assert not dialog.remove.isEnabled()
    dialog.remove.clicked.emit()
    assert dialog.stage() is WipeStage.ASK


def test_tab_comes_to_the_tick_then_to_both_ways(qtbot: QtBot, dialog: WipeDialog) -> None:
    dialog.understood.setChecked(True)
    seen = walked(dialog, qtbot)
    at = seen.index(dialog.understood)
    assert (seen[at:] + seen[:at])[:3] == [dialog.understood, dialog.remove, dialog.cancel]


def test_escape_keeps_everything(qtbot: QtBot, dialog: WipeDialog) -> None:
    with qtbot.waitSignal(dialog.rejected), qtbot.assertNotEmitted(dialog.over):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_nothing_waiting_is_not_spoken_of(qtbot: QtBot) -> None:
    made = WipeDialog(Losses(sample.KEPT[:1], 0, 0))
    qtbot.addWidget(made)
    assert "outbox were" not in made.words()
    assert "draft" not in made.words().replace("drafts, outbox", "")
    assert "shared by all your profiles" not in made.words()
