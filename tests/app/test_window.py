"""The window on its real parts: a real Tor network, a real submission server, a real vault; a person who clicks."""

from __future__ import annotations

import gc
import itertools
import sys
import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from tests.app.conftest import quick
from torsend.app import App, Start
from torsend.delivery.lane import Progress, SendPhase
from torsend.delivery.states import State
from torsend.gui.shell import Shell
from torsend.gui.sidebar import Page
from torsend.gui.window import Window
from torsend.identity.identity import Colour, Identity, Kind, Server, Tls, new_identity_id
from torsend.mail.draft import Draft
from torsend.paths import Profile
from torsend.tor.choice import Launch
from torsend.tor.isolation import Purpose
from torsend.tor.status import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.conftest import Stage
    from torsend.gui.writer import Writer

PASSPHRASE = "correct horse battery staple"
STALL_MS = 50
WAIT_MS = 30_000

pytestmark = pytest.mark.usefixtures("qapp")


def start_in(folder: Path, stage: Stage | None = None, *, passphrase: str | None = PASSPHRASE) -> Start:
    return Start(
        Profile(folder / "profile"),
        passphrase=passphrase,
        tor=Launch(torrc_include=stage.torrc) if stage else None,
        patience=40,
    )


def person(name: str, user: str, port: int, host: str, colour: Colour = Colour.TEAL) -> Identity:
    return Identity(
        new_identity_id(),
        name,
        f"{user}@rowanmail.example",
        Kind.ADDRESS,
        colour,
        Server(host, port, Tls.IMPLICIT),
        user,
    )


@pytest.fixture
def app(stage: Stage, tmp_path: Path) -> Iterator[App]:
    opened = App.open(quick(start_in(tmp_path, stage)), tls_context=stage.certificates.for_client)
    opened.add_identity(person("Wren", "wren", stage.server.implicit_port, stage.host), "wren’s password")
    opened.add_identity(
        person("Tarn", "tarn", stage.server.implicit_port, stage.host, Colour.WINE), "tarn’s password"
    )
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def window(qtbot: QtBot, app: App) -> Iterator[Window]:
    shell = Shell()
    made = Window(app, shell)
    shell.show()
    made.start()
    qtbot.waitUntil(lambda: bool(made._identities), timeout=WAIT_MS)
    try:
        yield made
    finally:
        made.stop()
        shell.deleteLater()


def until_tor(qtbot: QtBot, app: App) -> None:
    qtbot.waitUntil(lambda: app.connection.status.phase is Phase.READY, timeout=WAIT_MS)


def write(window: Window, app: App, sender: str = "Wren", **fields: object) -> Writer:
    identity = app.find_identity(sender)
    given: dict[str, object] = {
        "to": "Marta <marta@nordpost.example>",
        "subject": "Test sheets",
        "text": "Dear Marta,\n",
    }
    window.write(Draft(Draft.new().id, identity.id, **(given | fields)))  # type: ignore[arg-type]
    return window.writers[-1]


def test_a_person_writes_chooses_a_sender_and_sends(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    until_tor(qtbot, app)
    writer = write(window, app, to="", subject="", text="")
    page = writer.page
    assert not page.header.send.isEnabled()
    page.fields.to.line.setFocus()
    QTest.keyClicks(page.fields.to.line, "marta@nordpost.example,")
    QTest.keyClicks(page.fields.subject, "From Tarn")
    QTest.keyClicks(page.fields.text, "Typed by hand.")
    page.set_sender(app.find_identity("Tarn").id)
    assert page.header.send.isEnabled()
    assert page.header.send.text() == "Send"
    QTest.mouseClick(page.header.send, Qt.MouseButton.LeftButton)
    assert page.fields.text.isReadOnly()
    (received,) = (stage.server.wait_for(1),)[0]
    assert received.username == "tarn"
    assert b"Typed by hand." in received.data
    qtbot.waitUntil(
        lambda: writer._progress is not None and writer._progress.phase is SendPhase.ACCEPTED, timeout=WAIT_MS
    )
    (entry,) = app.outbox.list()
    assert entry.state is State.ACCEPTED
    assert app.open_drafts() == ()
    qtbot.waitUntil(
        lambda: window.shell.sidebar.item(Page.OUTBOX).end() == "",  # type: ignore[attr-defined]
        timeout=WAIT_MS,
    )


def test_the_ribbon_draws_the_circuit_that_carries_the_mail(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    until_tor(qtbot, app)
    writer = write(window, app)
    wren = app.find_identity("Wren")

    def drawn() -> list[str]:
        return [stop.name for stop in writer.page.route._route.stops if stop.known]  # type: ignore[union-attr]

    qtbot.waitUntil(lambda: len(drawn()) == 6, timeout=WAIT_MS)
    token = app.connection.isolation.token(wren.id, Purpose.SENDING)
    circuit = app.connection.circuits.for_token(token)
    assert circuit is not None
    assert drawn()[1:4] == [relay.nickname for relay in circuit.relays]
    QTest.mouseClick(writer.page.header.send, Qt.MouseButton.LeftButton)
    stage.server.wait_for(1)
    assert circuit.id in app.connection.circuits.carried(token)


def test_two_senders_never_share_a_circuit_and_a_new_one_is_new(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    until_tor(qtbot, app)
    tokens = []
    for sender in ("Wren", "Tarn"):
        writer = write(window, app, sender)
        tokens.append(app.connection.isolation.token(app.find_identity(sender).id, Purpose.SENDING))
        writer.page.request_send()
    stage.server.wait_for(2)
    wren, tarn = (set(app.connection.circuits.carried(token)) for token in tokens)
    assert wren
    assert tarn
    assert not wren & tarn
    renewed = write(window, app, "Wren", subject="Once more")
    renewed.page.route.request_new_circuit()
    renewed.page.request_send()
    stage.server.wait_for(3)
    token = app.connection.isolation.token(app.find_identity("Wren").id, Purpose.SENDING)
    assert token not in tokens
    again = set(app.connection.circuits.carried(token))
    assert again
    assert not again & (wren | tarn)


def test_a_wrong_password_leads_to_the_outbox_and_back_to_a_mail_that_can_be_changed(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    until_tor(qtbot, app)
    wren = app.find_identity("Wren")
    app.set_password(wren.id, "another")
    write(window, app, text="Not to be lost.\n").page.request_send()
    qtbot.waitUntil(
        lambda: bool(app.outbox.list()) and app.outbox.list()[0].state is State.REFUSED, timeout=WAIT_MS
    )
    qtbot.waitUntil(lambda: not window.writers, timeout=WAIT_MS)
    assert window.shell.page() is Page.OUTBOX
    (entry,) = app.outbox.list()
    qtbot.waitUntil(lambda: window.outbox.page.row(entry.id) is not None, timeout=WAIT_MS)
    row = window.outbox.page.row(entry.id)
    assert row is not None
    assert any(
        "refused the password" in child.accessibleName() for child in (row, *row.findChildren(QWidget))
    )
    window.outbox.page.edit.emit(entry.id)
    qtbot.waitUntil(lambda: bool(window.writers), timeout=WAIT_MS)
    assert window.writers[0].page.draft().text == "Not to be lost.\n"
    assert stage.server.received == ()


def test_cancel_brings_the_mail_back_and_delivers_nothing(
    qtbot: QtBot, stage: Stage, app: App, window: Window, tmp_path: Path
) -> None:
    until_tor(qtbot, app)
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(range(256)) * 80_000)
    from torsend.mail.draft import Attachment

    writer = write(window, app, attachments=(Attachment.of(large).as_it_is(),))
    writer.page.request_send()
    qtbot.waitUntil(
        lambda: writer._progress is not None and writer._progress.phase is SendPhase.SENDING, timeout=WAIT_MS
    )
    writer.page.request_cancel()
    qtbot.waitUntil(lambda: writer._progress is None, timeout=WAIT_MS)
    assert stage.server.received == ()
    qtbot.waitUntil(lambda: not app.outbox.list(), timeout=WAIT_MS)
    assert not writer.page.fields.text.isReadOnly()
    assert writer.page.draft().subject == "Test sheets"
    assert [each.name for each in writer.page.draft().attachments] == ["large.bin"]


def test_the_window_never_stalls_while_a_large_mail_goes_out(
    qtbot: QtBot, stage: Stage, app: App, window: Window, tmp_path: Path
) -> None:
    until_tor(qtbot, app)
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(range(256)) * 40_000)
    # What piled up while others had the processor is worked off in one go, which is no stall of the window's own: that one
    # comes again with the next mail.
    seen: list[float] = []
    while len(seen) < 3 and min(seen, default=STALL_MS) >= STALL_MS:
        seen.append(_longest_busy_ms(qtbot, app, window, large))
        assert len(stage.server.received) == len(seen)
    assert min(seen) < STALL_MS, seen


def _longest_busy_ms(qtbot: QtBot, app: App, window: Window, large: Path) -> float:
    """For how long at most the window's thread was busy without a pause while a mail with the file went out."""
    from torsend.mail.draft import Attachment

    writer = write(window, app, attachments=(Attachment.of(large).as_it_is(),))
    QApplication.processEvents()  # that a window opens is another matter
    beat = QTimer()
    ticks: list[float] = []
    # How long this thread itself was busy, whatever else the machine did meanwhile.
    beat.timeout.connect(lambda: ticks.append(time.thread_time()))
    # What thousands of other tests left in this process is not the window's to look through, and measuring coverage, which
    # takes this thread as long again, is not its work.
    gc.collect()
    gc.freeze()
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        beat.start(5)
        ticks.append(time.thread_time())
        writer.page.request_send()
        with qtbot.waitSignal(
            window.feed.outbox_changed,
            timeout=WAIT_MS,
            check_params_cb=lambda change: change.entry is not None and change.entry.state is State.ACCEPTED,
        ):
            pass
        beat.stop()
    finally:
        sys.settrace(tracer)
        gc.unfreeze()
    return max(after - before for before, after in itertools.pairwise(ticks)) * 1000


def test_without_tor_the_mail_goes_into_the_outbox_and_out_when_tor_comes(
    qtbot: QtBot, stage: Stage, app: App
) -> None:
    shell = Shell()
    window = Window(app, shell)
    try:
        app.dispatcher.start()
        window._identities = app.book.list()
        writer = write(window, app)
        assert writer.page.header.send.text() == "Put in outbox"
        writer.page.request_send()
        qtbot.waitUntil(lambda: not window.writers, timeout=WAIT_MS)
        (entry,) = app.outbox.list()
        assert entry.state is State.QUEUED
        assert stage.server.received == ()
        app.connection.start()
        qtbot.waitUntil(lambda: app.outbox.list()[0].state is State.ACCEPTED, timeout=WAIT_MS)
        assert len(stage.server.received) == 1
    finally:
        window.stop()
        shell.deleteLater()


def test_what_is_typed_is_kept_as_it_is_typed(qtbot: QtBot, app: App, window: Window) -> None:
    writer = write(window, app, to="", subject="", text="")
    QTest.keyClicks(writer.page.fields.text, "Half a thought")
    qtbot.waitUntil(
        lambda: any(draft.text == "Half a thought" for draft in app.open_drafts()), timeout=WAIT_MS
    )
    writer.end()
    window.ask_what_to_write()
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None, timeout=WAIT_MS)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    actions = [action for action in menu.actions() if action.text()]
    assert [action.text() for action in actions] == ["New mail", "Go on with “(no subject)”"]
    actions[1].trigger()
    menu.close()
    assert window.writers[0].page.draft().text == "Half a thought"


def test_closing_a_begun_mail_asks_and_throws_away_only_when_told(
    qtbot: QtBot, app: App, window: Window
) -> None:
    writer = write(window, app, text="Perhaps")
    writer.page.fields.text.insertPlainText("!")
    writer.page.flush()
    writer.window.close()
    box = writer.window.findChild(QMessageBox)
    assert box is not None
    assert window.writers == [writer]
    button = next(button for button in box.buttons() if button.text() == "Throw it away")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.writers == []
    qtbot.waitUntil(lambda: app.open_drafts() == (), timeout=WAIT_MS)


def test_a_mailto_link_opens_a_mail(qtbot: QtBot, app: App) -> None:
    shell = Shell()
    window = Window(app, shell)
    try:
        window.start(("mailto:marta@nordpost.example?subject=Hall%204",))
        qtbot.waitUntil(lambda: bool(window.writers), timeout=WAIT_MS)
        draft = window.writers[0].page.draft()
        assert draft.subject == "Hall 4"
        # Two could send it: the person chooses.
        assert draft.identity_id == ""
        assert not window.writers[0].page.header.send.isEnabled()
        # Kept at once: nobody typed anything, and it is not to be lost.
        qtbot.waitUntil(lambda: [each.subject for each in app.open_drafts()] == ["Hall 4"], timeout=WAIT_MS)
    finally:
        window.stop()
        shell.deleteLater()


def test_what_a_link_could_not_bring_is_said_over_the_mail_that_it_opens(qtbot: QtBot, app: App) -> None:
    shell = Shell()
    window = Window(app, shell)
    try:
        window.start()
        qtbot.waitUntil(lambda: window._read, timeout=WAIT_MS)
        window.asked(("mailto:marta%", "/etc/passwd"), "")
        (writer,) = window.writers
        (key,) = writer.page.problems.keys()
        assert writer.page.problems.card(key).accessibleName()
        assert writer.page.problems.isVisible()
        # Behind that window nobody would see it.
        assert not shell.banner.keys()
    finally:
        window.stop()
        shell.deleteLater()


def test_from_a_refused_password_one_comes_to_where_it_is_typed(qtbot: QtBot, app: App) -> None:
    shell = Shell()
    window = Window(app, shell)
    try:
        window.start()
        qtbot.waitUntil(lambda: window._read, timeout=WAIT_MS)
        form = window.identities.page.form
        _, tarn = app.book.list()
        window.outbox.sender_requested.emit(tarn.id, False)
        assert (shell.page(), form.identity_id()) == (Page.IDENTITIES, tarn.id)
        assert form.password._typing.isHidden()
        window.outbox.sender_requested.emit(tarn.id, True)
        assert not form.password._typing.isHidden()
    finally:
        window.stop()
        shell.deleteLater()


def test_a_mail_taken_out_of_the_outbox_can_be_changed_where_it_is_open(
    qtbot: QtBot, stage: Stage, app: App, window: Window
) -> None:
    writer = write(window, app)
    app.connection.stop()
    writer._sending = True
    writer.page.set_progress(writer._progress)
    entry = app.queue(writer.page.draft())
    writer._queued(entry) if app.connection.status.usable else writer.__dict__.update(_entry_id=entry.id)
    writer._show_progress(Progress(entry.id, entry.identity_id, SendPhase.BUILDING))
    assert writer.page.fields.text.isReadOnly()
    window.outbox.page.remove.emit(entry.id)
    qtbot.waitUntil(lambda: not writer.page.fields.text.isReadOnly(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: len(app.open_drafts()) == 1, timeout=WAIT_MS)


def test_a_draft_of_an_identity_that_is_gone_gets_no_other_sender(
    qtbot: QtBot, app: App, window: Window
) -> None:
    window.write(Draft(Draft.new().id, new_identity_id(), to="marta@nordpost.example", text="signed, Tarn"))
    assert not window.writers[0].page.header.send.isEnabled()
