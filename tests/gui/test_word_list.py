"""The word list's dialog: one's own words and one identity's, never another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from tests.gui import samples, word_screens
from torsend.gui.word_list import OWN, WordListDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[WordListDialog], WordListDialog]:
    def make(dialog: WordListDialog) -> WordListDialog:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        with qtbot.waitActive(dialog):
            dialog.show()
            dialog.activateWindow()
        return dialog

    return make


def test_words_are_written_one_a_line_and_saved_by_keyboard(
    show: Callable[[WordListDialog], WordListDialog], qtbot: QtBot
) -> None:
    dialog = show(WordListDialog(("Kaspar",), samples.WREN, ("Hall 4",)))
    assert dialog.field.field.hasFocus()
    dialog.field.field.moveCursor(dialog.field.field.textCursor().MoveOperation.End)
    QTest.keyClicks(dialog.field.field, "\rRosenweg")
    assert "2 words." in dialog.note.text()
    assert "encrypted" in dialog.note.text()
    with qtbot.waitSignal(dialog.saved) as told:
        QTest.keyClick(dialog.field.field, Qt.Key.Key_Return, CTRL)
    assert told.args == [["Kaspar", "Rosenweg"], ["Hall 4"]]


def test_both_lists_are_kept_while_one_changes_between_them(
    show: Callable[[WordListDialog], WordListDialog], qtbot: QtBot
) -> None:
    dialog = show(word_screens.dialog())
    dialog.field.field.selectAll()
    QTest.keyClicks(dialog.field.field, "one")
    dialog.show_scope(OWN)
    assert dialog.field.text() == "Hall 4\nnight shift"
    assert "as Wren only" in dialog.note.text()
    QTest.keyClicks(dialog.field.field, "two ")
    assert dialog.words() == (["one"], ["two Hall 4", "night shift"])


def test_without_an_identity_there_is_one_list(show: Callable[[WordListDialog], WordListDialog]) -> None:
    dialog = show(WordListDialog(("Kaspar",), memory=True))
    assert not dialog.scope.isVisible()
    dialog.show_scope(OWN)
    assert dialog.field.text() == "Kaspar"
    assert "nowhere on the disk" in dialog.note.text()


def test_what_cannot_be_looked_for_is_said_and_nothing_is_saved(
    show: Callable[[WordListDialog], WordListDialog], qtbot: QtBot
) -> None:
    dialog = show(WordListDialog(("Kaspar",), samples.WREN, ("-",)))
    with qtbot.assertNotEmitted(dialog.saved):
        dialog.save.click()
    assert dialog.isVisible()
    assert dialog.field.text() == "-"
    assert "too short" in dialog.problem.text()
    assert dialog.field.field.accessibleDescription() == dialog.problem.text()
    QTest.keyClicks(dialog.field.field, "ab")
    assert not dialog.problem.isVisible()
    with qtbot.waitSignal(dialog.saved):
        dialog.save.click()


def test_escape_changes_nothing(show: Callable[[WordListDialog], WordListDialog], qtbot: QtBot) -> None:
    dialog = show(word_screens.dialog())
    with qtbot.assertNotEmitted(dialog.saved):
        QTest.keyClick(dialog.field.field, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_tab_comes_to_every_control_and_each_has_a_name(
    show: Callable[[WordListDialog], WordListDialog],
) -> None:
    dialog = show(word_screens.dialog())
    wanted = [dialog.field.field, dialog.save, dialog.cancel]
    seen = []
    for _ in range(8):
        held = dialog.focusWidget()
        assert held is not None
        interface = QAccessible.queryAccessibleInterface(held)
        assert interface is not None
        assert interface.text(QAccessible.Text.Name)
        seen.append(held)
        QTest.keyClick(held, Qt.Key.Key_Tab)
    assert all(each in seen for each in wanted)
    assert any(dialog.scope.isAncestorOf(each) or each is dialog.scope for each in seen)
