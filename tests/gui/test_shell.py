"""The frame: pages, keys, what takes the whole window, where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from tests.gui import page_screens as sample
from tests.gui import samples
from torsend.gui.shell import Shell
from torsend.gui.sidebar import Page, Sidebar
from torsend.tor.status import Phase, TorStatus

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def shell(qtbot: QtBot) -> Shell:
    made = Shell(demo=True)
    qtbot.addWidget(made)
    for page in made.sidebar.pages():
        made.add_page(page, QPushButton(page.value))
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def test_numbers_go_to_the_pages(shell: Shell, qtbot: QtBot) -> None:
    for key, page in (
        (Qt.Key.Key_2, Page.IDENTITIES),
        (Qt.Key.Key_3, Page.ARRIVED),
        (Qt.Key.Key_1, Page.OUTBOX),
    ):
        with qtbot.waitSignal(shell.page_shown) as caught:
            QTest.keyClick(shell, key, CTRL)
        assert caught.args == [page]
        assert shell.page() is page
        assert shell.sidebar.item(page).isChecked()


def test_write_and_new_circuit_have_keys(shell: Shell, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shell.write_requested):
        QTest.keyClick(shell, Qt.Key.Key_N, CTRL)
    with qtbot.waitSignal(shell.new_circuit_pressed):
        QTest.keyClick(shell, Qt.Key.Key_L, CTRL | SHIFT)


def test_keys_of_the_pages_rest_while_something_takes_the_whole_window(shell: Shell, qtbot: QtBot) -> None:
    full = QWidget()
    shell.add_full(full)
    shell.show_full(full)
    assert shell.full() is full
    with qtbot.assertNotEmitted(shell.write_requested), qtbot.assertNotEmitted(shell.page_shown):
        QTest.keyClick(shell, Qt.Key.Key_N, CTRL)
        QTest.keyClick(shell, Qt.Key.Key_2, CTRL)
    shell.leave_full()
    assert shell.full() is None


def test_f6_goes_from_region_to_region(shell: Shell) -> None:
    QTest.keyClick(shell, Qt.Key.Key_F6)
    assert shell.focusWidget() is shell.sidebar.item(Page.OUTBOX)


def test_f6_comes_to_the_first_field_of_a_page(qtbot: QtBot) -> None:
    page = sample.identities()
    shell = sample.framed(page, Page.IDENTITIES)
    qtbot.addWidget(shell)
    with qtbot.waitActive(shell):
        shell.show()
        shell.activateWindow()
    shell.sidebar.item(Page.IDENTITIES).setFocus()
    shell.next_region()
    assert page.isAncestorOf(shell.focusWidget())


def test_coming_back_from_the_whole_window_the_keyboard_is_where_it_was(shell: Shell) -> None:
    shell.sidebar.write.setFocus()
    full = QWidget()
    shell.add_full(full)
    shell.show_full(full)
    shell.leave_full()
    assert shell.focusWidget() is shell.sidebar.write


def test_going_to_another_page_puts_the_keyboard_on_nothing_that_acts(shell: Shell) -> None:
    shell.show_page(Page.OUTBOX)
    before = shell._stack.currentWidget()
    assert before is not None
    before.setFocus()
    shell.show_page(Page.OUTBOX)
    assert shell.focusWidget() is before
    shell.show_page(Page.IDENTITIES)
    assert shell.focusWidget() is shell.sidebar.item(Page.IDENTITIES)
    shell.sidebar.write.setFocus()
    shell.show_page(Page.OUTBOX)
    assert shell.focusWidget() is shell.sidebar.write


def test_the_count_of_the_outbox_is_seen_and_said(shell: Shell) -> None:
    shell.set_outbox_count(4)
    assert shell.sidebar.item(Page.OUTBOX).accessibleName() == "Outbox, 4 mails"
    shell.set_outbox_count(0)
    assert shell.sidebar.item(Page.OUTBOX).accessibleName() == "Outbox"


@pytest.mark.parametrize("phase", list(Phase))
def test_the_sidebar_tells_each_state_of_tor(shell: Shell, qtbot: QtBot, phase: Phase) -> None:
    shell.set_tor(TorStatus(phase, 45))
    assert shell.sidebar.tor.accessibleName() == shell.sidebar.tor.text() != ""
    shell.grab()
    with qtbot.waitSignal(shell.tor_pressed):
        QTest.mouseClick(shell.sidebar.tor, Qt.MouseButton.LeftButton)


def test_without_the_demo_nothing_arrives(qtbot: QtBot) -> None:
    sidebar = Sidebar()
    qtbot.addWidget(sidebar)
    assert sidebar.pages() == (Page.OUTBOX, Page.IDENTITIES, Page.HELP)
    sidebar.set_count(Page.ARRIVED, 3)
    sidebar.show_page(None)
    assert not sidebar.item(Page.OUTBOX).isChecked()


def test_where_the_window_is_is_told_once_it_lies_still(shell: Shell, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shell.geometry_changed) as caught:
        shell.resize(1010, 700)
        shell.resize(1020, 710)
    assert (caught.args[0].width, caught.args[0].height) == (1020, 710)


def test_closing_asks_where_it_shall_and_then_closes(shell: Shell, qtbot: QtBot) -> None:
    shell.ask_before_close = True
    with qtbot.waitSignal(shell.close_requested):
        shell.close()
    assert shell.isVisible()
    shell.close_now()
    assert not shell.isVisible()


def test_a_problem_is_shown_in_words_without_taking_the_keyboard(shell: Shell, qtbot: QtBot) -> None:
    shell.sidebar.write.setFocus()
    shell.banner.show_problem("disk", sample.DISK_FULL, [("retry", "Try again", True)])
    assert shell.focusWidget() is shell.sidebar.write
    card = shell.banner.card("disk")
    for words in ("The disk is full.", "what was saved before is intact", "Free some space"):
        assert words in card.accessibleName()
    with qtbot.waitSignal(shell.banner.chosen) as caught:
        QTest.mouseClick(card.buttons["retry"], Qt.MouseButton.LeftButton)
    assert caught.args == ["disk", "retry"]
    with qtbot.waitSignal(shell.banner.dismissed):
        QTest.mouseClick(card.buttons["dismiss"], Qt.MouseButton.LeftButton)
    assert shell.banner.isHidden()


def test_problems_do_not_pile_up(shell: Shell) -> None:
    for number in range(9):
        shell.banner.show_problem(f"problem {number % 6}", sample.DISK_FULL)
    assert shell.banner.keys() == ("problem 0", "problem 1", "problem 2")


def test_the_shell_shows_tor_ready(shell: Shell) -> None:
    shell.set_tor(samples.READY)
    assert shell.sidebar.tor.text() == "Connected to Tor"
