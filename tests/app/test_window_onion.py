"""An onion server that asks for a key and shows a strange certificate, and a server that turns exits away: in the window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.app.test_window import WAIT_MS, app, until_tor, window, write
from tests.tor.test_onion_on_a_network import new_key
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply
from torsend.delivery.states import State
from torsend.gui.identity_password import PasswordPlace
from torsend.gui.outbox_words import Action
from torsend.identity.identity import Server, Tls

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.conftest import Stage
    from torsend.app import App
    from torsend.gui.parts.buttons import Button
    from torsend.gui.window import Window

__all__ = ["app", "window"]
pytestmark = pytest.mark.usefixtures("qapp")


def test_key_and_certificate_are_given_where_they_are_asked_for_and_the_mail_leaves(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    key, public = new_key()
    host = stage.network.add_onion({465: (stage.server.address, stage.server.implicit_port)}, [public])
    wren = app.find_identity("Wren")
    page, form = window.identities.page, window.identities.page.form
    page.show_identity(wren.id)
    page.changed.emit(replace(wren, server=Server(host, 465, Tls.IMPLICIT)))
    qtbot.waitUntil(lambda: form.onion.key.place() is PasswordPlace.NONE, timeout=WAIT_MS)
    page.onion_key_entered.emit(wren.id, "no key")
    qtbot.waitUntil(lambda: "isn’t the key" in form.onion.key.problem(), timeout=WAIT_MS)
    page.onion_key_entered.emit(wren.id, key)
    qtbot.waitUntil(lambda: form.onion.key.place() is PasswordPlace.VAULT, timeout=WAIT_MS)

    until_tor(qtbot, app)
    write(window, app).page.request_send()

    def is_asked_for() -> bool:
        for each in app.outbox.list():
            if each.state is State.RETRY:
                # The way to a young onion service fails now and then; a person asks again, too.
                app.outbox.retry(each.id)
        return any(each.reason is Reason.ONION_CERTIFICATE for each in app.outbox.list())

    qtbot.waitUntil(is_asked_for, timeout=3 * WAIT_MS)
    (entry,) = app.outbox.list()
    assert entry.state is State.HELD

    def offered() -> Button | None:
        # The row is there since the mail was queued; what the server said reaches it a moment after the outbox.
        row = window.outbox.page.row(entry.id)
        return row.buttons.get(Action.ACCEPT_CERTIFICATE) if row is not None else None

    qtbot.waitUntil(lambda: offered() is not None, timeout=WAIT_MS)
    button = offered()
    assert button is not None
    button.click()
    assert len(stage.server.wait_for(1)) == 1
    qtbot.waitUntil(lambda: bool(app.find_identity("Wren").server.certificate), timeout=WAIT_MS)
    shown = app.find_identity("Wren").server.certificate
    qtbot.waitUntil(lambda: shown in form.onion.fingerprint.text().replace(" ", ""), timeout=WAIT_MS)

    page.onion_key_forget_requested.emit(wren.id)
    qtbot.waitUntil(lambda: form.onion.key.place() is PasswordPlace.NONE, timeout=WAIT_MS)


def test_what_was_learnt_of_a_server_is_on_the_form_and_beside_the_mail(
    qtbot: QtBot, app: App, window: Window
) -> None:
    wren = app.find_identity("Wren")
    app.exits.refused(wren, Reply(554, "5.7.1", ("No Tor here",)))
    page = window.identities.page
    page.show_identity(wren.id)
    page.chosen.emit(wren.id)
    qtbot.waitUntil(lambda: "No Tor here" in page.form._learnt.text(), timeout=WAIT_MS)

    writer = write(window, app)
    queued = replace(app.queue(writer.page.draft()), state=State.REFUSED, reason=Reason.EXIT_BLOCKED)
    window.outbox._entries.clear()
    window.outbox.set_entries((queued,))
    qtbot.waitUntil(lambda: "No Tor here" in window.outbox.page._learnt.get(wren.id, ""), timeout=WAIT_MS)
