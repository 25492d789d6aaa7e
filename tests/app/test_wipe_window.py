"""Everything goes from within the window: for somebody without a terminal, with Tor running, and nothing is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.app.conftest import quick
from tests.app.test_door import open_window
from tests.app.test_window import PASSPHRASE, WAIT_MS, person, start_in
from torsend.app import App, SecretsPlace, Start
from torsend.app.wiping import wipe_opened
from torsend.delivery.later import At
from torsend.gui.sidebar import Page
from torsend.gui.wipe_dialog import WipeDialog, WipeStage
from torsend.identity.secrets import SERVICE, password_name, system_backend, vault_key_name
from torsend.mail.draft import Draft
from torsend.tor.status import Phase
from torsend.vault import ProfileLock, identifier_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.conftest import Stage
    from tests.identity.secret_service import Desktop
    from torsend.gui.main import Opener
    from torsend.gui.window import Window

__all__ = ["open_window"]
pytestmark = pytest.mark.usefixtures("qapp")


def press(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def window_of(qtbot: QtBot, opening: Opener) -> Window:
    qtbot.waitUntil(lambda: opening.window is not None and opening.window._read, timeout=WAIT_MS)
    assert opening.window is not None
    return opening.window


def asked_before_it_is_open(qtbot: QtBot, opening: Opener) -> WipeDialog:
    """Asks to remove all data where the passphrase is asked for."""
    qtbot.waitUntil(lambda: opening._page is not None, timeout=WAIT_MS)
    assert opening._page is not None
    press(opening._page.remove)
    qtbot.waitUntil(lambda: opening.wiping.dialog is not None, timeout=WAIT_MS)
    assert opening.wiping.dialog is not None
    return opening.wiping.dialog


def asked(qtbot: QtBot, window: Window) -> WipeDialog:
    """The dialog, as a person comes to it."""
    window.shell.show_page(Page.HELP)
    press(window.help.page.remove)
    qtbot.waitUntil(lambda: window.help.wiping.dialog is not None, timeout=WAIT_MS)
    assert window.help.wiping.dialog is not None
    return window.help.wiping.dialog


def until_over(qtbot: QtBot, dialog: WipeDialog) -> None:
    qtbot.waitUntil(lambda: dialog.stage() is WipeStage.OVER, timeout=WAIT_MS)


def fill(start: Start, stage: Stage) -> None:
    """Somebody with a password, a mail that waits for tomorrow, and a draft."""
    with App.open(replace(start, tor=None)) as app:
        wren = app.add_identity(person("Wren", "wren", stage.server.implicit_port, stage.host), "secret")
        letter = Draft(
            Draft.new().id, wren.id, to="marta@nordpost.example", subject="Hall 4", text="Dear Marta"
        )
        app.queue(letter, At(datetime.now(UTC) + timedelta(days=1)))
        app.drafts.save(replace(letter, id=Draft.new().id))


def test_all_of_it_goes_and_the_program_ends(
    qtbot: QtBot, tmp_path: Path, stage: Stage, desktop: Desktop, open_window: Callable[[Start], Opener]
) -> None:
    start = start_in(tmp_path, stage, passphrase=None)
    fill(start, stage)
    profile, backend = start.profile, system_backend()
    opening = open_window(start)
    window = window_of(qtbot, opening)
    app = window._app
    (wren,) = app.book.list()
    keys = (vault_key_name(identifier_of(profile.vault)), password_name(wren.id))
    assert all(backend.get_password(SERVICE, key) for key in keys)
    qtbot.waitUntil(lambda: app.connection.status.phase is Phase.READY, timeout=WAIT_MS)
    assert (profile.tor_data / "state").exists()
    qtbot.waitUntil(lambda: bool(window.writers), timeout=WAIT_MS)

    dialog = asked(qtbot, window)
    said = dialog.words()
    for words in (
        "1 mail in the outbox",
        "1 draft will be lost",
        "The vault: ",
        "Tor’s own folder",
        "keyring",
        "backup",
    ):
        assert words in said
    assert dialog.focusWidget() is dialog.cancel
    assert not dialog.remove.isEnabled()
    press(dialog.remove)
    press(dialog.cancel)
    assert window.help.wiping.dialog is None
    assert profile.vault.exists()

    dialog = asked(qtbot, window)
    press(dialog.understood)
    press(dialog.remove)
    assert dialog.stage() is WipeStage.REMOVING
    # Neither Esc nor the window's own button leaves it half done.
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    window.shell.close()
    assert dialog.isVisible()
    assert window.shell.isVisible()
    until_over(qtbot, dialog)
    assert "It is gone." in dialog.words()
    assert not profile.folder.exists()
    assert [backend.get_password(SERVICE, key) for key in keys] == [None, None]
    assert app.connection.status.phase is Phase.OFF
    with qtbot.waitSignal(window.ended):
        press(dialog.end)
    opening.close()
    # Nothing writes a last word.
    assert not profile.folder.exists()


def test_what_stays_is_named_and_closing_the_window_is_enough(
    qtbot: QtBot, tmp_path: Path, stage: Stage, desktop: Desktop, open_window: Callable[[Start], Opener]
) -> None:
    start = replace(start_in(tmp_path, passphrase=None), patience=2)
    fill(start, stage)
    window = window_of(qtbot, open_window(start))
    desktop.lock()
    dialog = asked(qtbot, window)
    press(dialog.understood)
    press(dialog.remove)
    until_over(qtbot, dialog)
    assert "Not all of it could be removed." in dialog.words()
    assert "The keyring is locked. What torsend kept there may still be there." in dialog.words()
    assert "service torsend" in dialog.words()
    assert not start.profile.folder.exists()
    with qtbot.waitSignal(window.ended):
        window.shell.close()


def test_a_window_that_is_ended_from_outside_removes_what_it_began_to(
    qtbot: QtBot, tmp_path: Path, stage: Stage, open_window: Callable[[Start], Opener]
) -> None:
    start = quick(start_in(tmp_path))
    opening = open_window(start)
    window = window_of(qtbot, opening)
    dialog = asked(qtbot, window)
    assert "mail" not in dialog.words().split("\n")[0]
    press(dialog.understood)
    press(dialog.remove)
    opening.close()  # as SIGTERM has it
    assert not start.profile.folder.exists()
    QApplication.processEvents()
    assert dialog.stage() is WipeStage.REMOVING


def test_a_vault_that_cannot_be_read_can_be_removed(
    qtbot: QtBot, tmp_path: Path, desktop: Desktop, open_window: Callable[[Start], Opener]
) -> None:
    start = start_in(tmp_path, passphrase=None)
    window = window_of(qtbot, open_window(start))
    window._app.vault.close()
    dialog = asked(qtbot, window)
    assert "The vault: " in dialog.words()
    press(dialog.understood)
    press(dialog.remove)
    until_over(qtbot, dialog)
    assert "passwords of its identities may still lie in the keyring" in dialog.words()
    assert not start.profile.folder.exists()


def test_who_cannot_open_it_can_remove_it(
    qtbot: QtBot, tmp_path: Path, stage: Stage, open_window: Callable[[Start], Opener]
) -> None:
    start = quick(start_in(tmp_path))
    fill(start, stage)
    opening = open_window(replace(start, passphrase=None))
    qtbot.waitUntil(lambda: opening._page is not None, timeout=WAIT_MS)
    page = opening._page
    assert page is not None
    page.passphrase_entered.emit("forgotten")
    qtbot.waitUntil(lambda: page.passphrase.accessibleDescription() != "", timeout=WAIT_MS)
    press(page.remove)
    qtbot.waitUntil(lambda: opening.wiping.dialog is not None, timeout=WAIT_MS)
    dialog = opening.wiping.dialog
    assert dialog is not None
    assert "can’t be read. All of it will be lost." in dialog.words()
    press(dialog.understood)
    press(dialog.remove)
    opening._shell.close()
    assert dialog.isVisible()
    until_over(qtbot, dialog)
    assert not start.profile.folder.exists()
    with qtbot.waitSignal(opening.wiping.removed):
        opening.wiping.leave()
    opening._shell.close()
    assert not opening._shell.isVisible()


def test_what_another_one_uses_is_not_touched(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[[Start], Opener]
) -> None:
    start = start_in(tmp_path)
    quick(start)
    opening = open_window(replace(start, passphrase=None))
    dialog = asked_before_it_is_open(qtbot, opening)
    with ProfileLock(start.profile):
        press(dialog.understood)
        press(dialog.remove)
        until_over(qtbot, dialog)
    assert "It was not done to the end." in dialog.words()
    assert "already running" in dialog.words()
    assert start.profile.vault.exists()


def test_who_gets_in_after_all_is_asked_no_more(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[[Start], Opener]
) -> None:
    start = start_in(tmp_path)
    quick(start)
    opening = open_window(replace(start, passphrase=None))
    asked_before_it_is_open(qtbot, opening)
    assert opening._page is not None
    opening._page.passphrase_entered.emit(PASSPHRASE)
    window_of(qtbot, opening)
    assert opening.wiping.dialog is None
    assert start.profile.vault.exists()


def test_passwords_in_the_vault_go_with_it(tmp_path: Path) -> None:
    start = quick(start_in(tmp_path))
    app = App.open(start)
    assert app.secrets_place is SecretsPlace.VAULT
    assert wipe_opened(app) == ()
    assert not start.profile.folder.exists()
    app.close()


def test_page_of_help_tells_what_is_kept(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[[Start], Opener]
) -> None:
    start = quick(start_in(tmp_path))
    window = window_of(qtbot, open_window(start))
    window.shell.show_page(Page.HELP)
    page = window.help.page
    qtbot.waitUntil(lambda: str(start.profile.folder) in page.kept_words(), timeout=WAIT_MS)
    assert "The vault: " in page.kept_words()
    window.shell.show_page(Page.OUTBOX)
    window.shell.show_page(Page.HELP)
    qtbot.waitUntil(lambda: page.kept_words().count("The vault: ") == 1, timeout=WAIT_MS)
