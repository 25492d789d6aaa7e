"""The whole first run as a person has it, typed and pressed by hand: a real keyring, a real Tor, a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest

from tests.app.test_door import open_window
from tests.app.test_window import WAIT_MS
from tests.app.test_wipe_window import press, window_of
from tests.conftest import USERS
from torsend.app import SecretsPlace, Start
from torsend.gui.first_steps import FirstStep
from torsend.gui.identity_foot import Saved
from torsend.gui.identity_password import PasswordPlace
from torsend.gui.identity_server import OTHER
from torsend.gui.unlock import Lock
from torsend.identity.secrets import SERVICE, password_name, system_backend
from torsend.paths import Profile
from torsend.settings import FirstRun
from torsend.tor.status import Phase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from tests.conftest import Stage
    from tests.identity.secret_service import Desktop
    from torsend.gui.main import Opener

__all__ = ["open_window"]
pytestmark = pytest.mark.usefixtures("qapp")


def types(field: QWidget, words: str) -> None:
    QTest.keyClicks(field, words)


def unlock(desktop: Desktop) -> None:
    """As logging in anew does: there is nobody who could answer a prompt."""
    desktop.kill_keyring()
    desktop.start_keyring()


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Nothing is there, nobody named a Tor, and what is locked stays so: nobody answers its prompt."""
    return Start(Profile(tmp_path / "profile"), patience=3)


def test_from_nothing_to_a_mail_that_arrived(
    qtbot: QtBot,
    start: Start,
    stage: Stage,
    desktop: Desktop,
    monkeypatch: pytest.MonkeyPatch,
    open_window: Callable[[Start], Opener],
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(stage.certificates.authority))
    opening = open_window(start)
    window = window_of(qtbot, opening)
    app, strip = window._app, window.first_run.strip
    assert app.secrets_place is SecretsPlace.KEYRING
    assert strip.step() is FirstStep.CONNECT
    assert app.connection.status.phase is Phase.OFF

    launch = window.way_in.page.choices.launch
    launch.set_file(stage.torrc)
    press(launch.go)
    qtbot.waitUntil(lambda: strip.step() is not FirstStep.CONNECT, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: strip.step() is FirstStep.ADDRESS, timeout=WAIT_MS)

    form = window.identities.page.form
    types(form.name, "Wren")
    types(form.address, "wren@rowanmail.example")
    form.server.list.set_value(OTHER)
    for field, words in ((form.server.host, stage.host), (form.server.port, str(stage.server.implicit_port))):
        field.clear()
        types(field, words)
    types(form.username, "wren")
    form.password.field.insert(USERS["wren"])  # with a letter that no key of the test has

    # The keyring was locked meanwhile: nothing is added, nothing that was typed is lost.
    desktop.lock()
    press(form.foot.add)
    assert not form.foot.add.isEnabled()
    qtbot.waitUntil(lambda: form.saved_state() is Saved.FAILED, timeout=WAIT_MS)
    said = form.foot.problem.text()
    assert "The keyring is locked." in said
    assert "Nothing was added; what you typed is still here." in said
    assert form.foot.problem.isVisible()
    assert form.password.field.text() == USERS["wren"]
    assert not app.book.list()
    assert strip.step() is FirstStep.ADDRESS

    unlock(desktop)
    press(form.foot.add)
    qtbot.waitUntil(lambda: strip.step() is FirstStep.TEST, timeout=WAIT_MS)
    assert not form.foot.problem.isVisible()
    (wren,) = app.book.list()
    assert system_backend().get_password(SERVICE, password_name(wren.id)) == USERS["wren"]
    qtbot.waitUntil(lambda: form.password.place() is PasswordPlace.KEYRING, timeout=WAIT_MS)
    assert form.password.field.text() == ""

    press(strip.go)
    (writer,) = window.writers
    qtbot.waitUntil(writer.page.header.send.isEnabled, timeout=WAIT_MS)
    press(writer.page.header.send)
    qtbot.waitUntil(lambda: strip.step() is FirstStep.ARRIVED, timeout=WAIT_MS)
    (received,) = stage.server.wait_for(1)
    assert (received.username, received.rcpt_tos) == ("wren", ("wren@rowanmail.example",))
    press(strip.leave)
    qtbot.waitUntil(lambda: app.settings.first_run is FirstRun.OVER, timeout=WAIT_MS)
    assert b"wren" not in start.profile.settings.read_bytes()


def test_a_keyring_that_is_locked_at_the_start_is_told_and_asked_again(
    qtbot: QtBot, start: Start, desktop: Desktop, open_window: Callable[[Start], Opener]
) -> None:
    desktop.lock()
    opening = open_window(start)
    qtbot.waitUntil(lambda: opening._page is not None and opening._page.card is not None, timeout=WAIT_MS)
    page = opening._page
    assert page is not None
    assert page.lock() is Lock.NEW_KEYRING
    assert page.card is not None
    assert page.card.accessibleName() == "The keyring is locked"
    assert not start.profile.vault.exists()
    unlock(desktop)
    press(page.go)
    window = window_of(qtbot, opening)
    assert window.first_run.is_open


def test_who_cannot_unlock_the_keyring_begins_with_a_passphrase(
    qtbot: QtBot, start: Start, desktop: Desktop, open_window: Callable[[Start], Opener]
) -> None:
    desktop.lock()
    opening = open_window(start)
    qtbot.waitUntil(lambda: opening._page is not None and opening._page.card is not None, timeout=WAIT_MS)
    page = opening._page
    assert page is not None
    press(page.instead)
    page.passphrase.setText("correct horse")
    page.again.setText("correct horse")
    press(page.go)
    window = window_of(qtbot, opening)
    assert window._app.secrets_place is SecretsPlace.VAULT
    assert window.first_run.is_open
