"""While a mail is on its way, the keyboard still reaches to whom it goes, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from torsend.delivery.lane import Progress, SendPhase
from torsend.gui.compose import ComposePage
from torsend.mail.draft import Draft

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_recipients_can_be_read_by_keyboard_and_not_removed(qtbot: QtBot) -> None:
    page = ComposePage()
    qtbot.addWidget(page)
    page.set_draft(Draft(Draft.new().id, to="Marta <marta@nordpost.example>, tips@nordpost.example"))
    page.set_progress(Progress("entry", "identity", SendPhase.SENDING, 1, 2))
    chips = page.fields.to.chips()
    assert [chip.focusPolicy() for chip in chips] == [Qt.FocusPolicy.StrongFocus] * 2
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Return):
        QTest.keyClick(chips[0], key)
    assert len(page.fields.to.chips()) == 2
    page.set_progress(None)
    QTest.keyClick(page.fields.to.chips()[0], Qt.Key.Key_Delete)
    assert len(page.fields.to.chips()) == 1
