"""Before the vault is open: which key holds it is said, and a passphrase leaves no trace in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.gui import page_screens as sample
from torsend.gui.unlock import Lock, UnlockPage
from torsend.identity.secrets import KeyringLocked
from torsend.vault.errors import VaultDamaged, WrongKey

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def shown(qtbot: QtBot, lock: Lock) -> UnlockPage:
    page = sample.unlock(lock)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    return page


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        (Lock.OPEN, "your passphrase alone opens it"),
        (Lock.CREATE, "so a passphrase opens it"),
        (Lock.CHOOSE, "A passphrase opens it"),
        (Lock.KEYRING, "Your system keyring holds its key"),
        (Lock.NEW_KEYRING, "Or protect the file with a passphrase"),
        (Lock.BROKEN, "Nothing in it was changed"),
    ],
)
def test_it_says_what_holds_the_key(qtbot: QtBot, lock: Lock, said: str) -> None:
    shown(qtbot, lock)
    assert said in lock.words()


def test_a_passphrase_is_told_once_and_gone(qtbot: QtBot) -> None:
    page = shown(qtbot, Lock.OPEN)
    assert page.window().focusWidget() is page.passphrase
    assert page.passphrase.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClicks(page.passphrase, "correct horse")
    with qtbot.waitSignal(page.passphrase_entered) as caught:
        QTest.keyClick(page.passphrase, Qt.Key.Key_Return)
    assert caught.args == ["correct horse"]
    assert page.passphrase.text() == ""
    assert not page.go.isEnabled()
    assert page.go.text() == "Opening…"


def test_a_wrong_passphrase_is_said_beside_the_field_and_can_be_typed_again(qtbot: QtBot) -> None:
    page = shown(qtbot, Lock.OPEN)
    page.set_busy(busy=True)
    page.set_problem(WrongKey("That passphrase doesn’t open it.", advice="Type it again."))
    assert page.wrong.text() == "That passphrase doesn’t open it. Type it again."
    assert page.passphrase.accessibleDescription() == page.wrong.text()
    assert page.go.isEnabled()
    QTest.keyClicks(page.passphrase, "c")
    assert not page.wrong.isVisible()


def test_nothing_is_no_passphrase(qtbot: QtBot) -> None:
    page = shown(qtbot, Lock.OPEN)
    with qtbot.assertNotEmitted(page.passphrase_entered):
        QTest.mouseClick(page.go, Qt.MouseButton.LeftButton)
    assert page.wrong.text() == "Type a passphrase."


def test_a_new_passphrase_is_typed_twice_alike(qtbot: QtBot) -> None:
    page = shown(qtbot, Lock.CREATE)
    QTest.keyClicks(page.passphrase, "correct horse")
    with qtbot.assertNotEmitted(page.passphrase_entered):
        QTest.keyClick(page.passphrase, Qt.Key.Key_Return)
        assert page.window().focusWidget() is page.again
        QTest.keyClicks(page.again, "correct hose")
        QTest.keyClick(page.again, Qt.Key.Key_Return)
    assert page.wrong.text() == "The two differ. Type the same passphrase twice."
    QTest.keyClicks(page.again, "correct horse")
    with qtbot.waitSignal(page.passphrase_entered) as caught:
        QTest.keyClick(page.again, Qt.Key.Key_Return)
    assert caught.args == ["correct horse"]


def test_a_keyring_that_stays_locked_is_told_and_can_be_asked_again(qtbot: QtBot) -> None:
    page = shown(qtbot, Lock.KEYRING)
    with qtbot.waitSignal(page.retry_requested):
        QTest.mouseClick(page.go, Qt.MouseButton.LeftButton)
    page.set_problem(KeyringLocked("The keyring is locked.", advice="Unlock it."))
    assert page.card is not None
    assert "The keyring is locked" in page.card.accessibleName()
    page.set_problem(KeyringLocked("The keyring is locked.", advice="Unlock it."))
    with qtbot.waitSignal(page.retry_requested):
        QTest.mouseClick(page.go, Qt.MouseButton.LeftButton)
    assert page.card is None


def test_a_keyring_that_stays_locked_the_first_time_is_no_dead_end(qtbot: QtBot) -> None:
    page = shown(qtbot, Lock.NEW_KEYRING)
    page.set_problem(KeyringLocked("The keyring is locked.", advice="Unlock it."))
    assert not page.remove.isVisible()
    QTest.mouseClick(page.instead, Qt.MouseButton.LeftButton)
    assert (page.lock(), page.card) == (Lock.CHOOSE, None)
    assert page.window().focusWidget() is page.passphrase
    QTest.keyClicks(page.passphrase, "correct horse")
    QTest.keyClick(page.passphrase, Qt.Key.Key_Return)
    QTest.keyClicks(page.again, "correct horse")
    with qtbot.waitSignal(page.passphrase_entered) as caught:
        QTest.keyClick(page.again, Qt.Key.Key_Return)
    assert caught.args == ["correct horse"]


def test_a_damaged_vault_is_told_and_the_program_can_be_ended(qtbot: QtBot) -> None:
    page = shown(qtbot, Lock.BROKEN)
    page.set_problem(VaultDamaged("The vault is damaged.", advice="Put a backup in its place."))
    assert page.card is not None
    assert "Put a backup in its place." in page.card.accessibleName()
    with qtbot.waitSignal(page.quit_requested):
        QTest.mouseClick(page.quit, Qt.MouseButton.LeftButton)
