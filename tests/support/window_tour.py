"""A tour through the program's window, by a script instead of a person: what leads somewhere, one thing after the other.

    python -m tests.support.window_tour [OPTIONS] compose mailto:… FILE

The options are the program's own; the vault has one identity, and the folder ``TOUR`` is there to write in. Ends with 0
if all of it was done; otherwise the last step is said.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from torsend import cli, surroundings
from torsend.delivery.later import Within
from torsend.delivery.states import State
from torsend.gui import main as gui
from torsend.gui.identity_server import OTHER
from torsend.gui.outbox_words import Action
from torsend.gui.shell import Shell
from torsend.gui.sidebar import Page
from torsend.gui.window import Window
from torsend.gui.wipe_dialog import WipeStage
from torsend.identity.identity import Tls
from torsend.mail.draft import Draft
from torsend.tor import guard

LONGEST_MS = 110_000
Wait = tuple[str, Callable[[], object]]


def tour(window: Window) -> Iterator[Wait]:
    """What is done; each step waited for until it holds."""
    app = window._app  # a person would see the same on the screen
    yield "the mail of the link is open", lambda: window.writers
    writer = window.writers[0]
    page = writer.page
    assert page.draft().subject == "Hall 4"
    # What a link comes with is left out; a person attaches it.
    assert page.draft().attachments == ()
    page.attach([Path(os.environ["TOUR"], "Prüfbögen.txt")])
    yield "the file is there", lambda: page.draft().attachments
    yield "its file is cleaned", lambda: page.fields.files.first_that_holds() is None
    assert len(page.draft().attachments) == 1
    yield "Tor is there", lambda: app.connection.status.usable

    page.header.wire.click()
    yield "what leaves is shown", page.wire.isVisible
    saved = Path(os.environ["TOUR"], "tour.eml")
    page.wire.save_requested.emit(saved)
    yield "it is saved", saved.exists
    page.header.wire.click()
    yield "the mail is there again", lambda: not page.wire.isVisible()
    page.route.request_new_circuit()
    before = {each.id for each in app.outbox.list()}
    page.request_send()
    yield (
        "it is accepted",
        lambda: [each.state for each in app.outbox.list() if each.id not in before] == [State.ACCEPTED],
    )
    writer.end()

    sender = app.book.list()[0]
    # To an address of another script: the server is asked for SMTPUTF8.
    window.write(
        Draft(Draft.new().id, sender.id, to="märta@nordpost.example", subject="Later", text="Later\n")
    )
    page = window.writers[-1].page
    page.when.choose(Within(timedelta(days=1)))
    page.request_send()
    yield "it waits", lambda: State.QUEUED in {each.state for each in app.outbox.list()}
    waiting = next(each.id for each in app.outbox.list() if each.state is State.QUEUED)
    window.shell.show_page(Page.OUTBOX)
    yield "it is shown to wait", lambda: window.outbox.page.row(waiting) is not None
    row = window.outbox.page.row(waiting)
    assert row is not None
    row.buttons[Action.SEND_NOW].click()
    yield "it is accepted too", lambda: app.outbox.get(waiting).state is State.ACCEPTED

    window.shell.show_page(Page.IDENTITIES)
    window.identities.page.start_new()
    form = window.identities.page.form
    QTest.keyClicks(form.address, "sorrel2@riseup.net")
    yield "the provider is known", lambda: form.server.list.value() != OTHER
    # A server of one's own instead: typed.
    QTest.mouseClick(form.server.list.row(OTHER), Qt.MouseButton.LeftButton)
    form.server.host.clear()
    QTest.keyClicks(form.server.host, sender.server.host)
    form.server.port.setText(str(sender.server.port))
    form.server.tls.set_value(Tls.IMPLICIT)
    QTest.keyClicks(form.password.field, "another password")
    form.foot.add.click()
    yield "there are two", lambda: len(app.book.list()) == 2
    second = next(each for each in app.book.list() if each.id != sender.id)
    window.identities.page.new_circuit_requested.emit(second.id)
    window.identities.page.delete_requested.emit(second.id)
    yield "there is one again", lambda: len(app.book.list()) == 1

    window.shell.show_page(Page.HELP)
    yield "what is kept is told", lambda: "Tor’s own folder" in window.help.page.kept_words()
    window.help.page.steps.click()
    yield "the first steps are there again", lambda: window.first_run.is_open
    window.first_run.strip.leave.click()

    window.show_connect()
    yield "the page onto Tor is shown", window.way_in.page.isVisible
    window.way_in.page.look_requested.emit()
    # The one that the scenario runs beside it.
    yield "a Tor is found", lambda: len(window.way_in.page.choices.running.list.keys()) > 1
    window.way_in.page.leave_requested.emit()
    window.ask_what_to_write()
    yield "a new mail is open", lambda: window.writers

    window.shell.show_page(Page.HELP)
    window.help.page.remove.click()
    yield "all data may be removed", lambda: window.help.wiping.dialog
    dialog = window.help.wiping.dialog
    assert dialog is not None
    dialog.understood.click()
    dialog.remove.click()
    yield "it is over", lambda: dialog.stage() is WipeStage.OVER
    assert dialog.words().startswith("It is gone."), dialog.words()
    assert not app.start.profile.folder.exists()


def run(arguments: list[str]) -> int:
    """The program as ``torsend`` starts it, with a person before it."""
    surroundings.close_off()
    surroundings.check_screen()
    guard.install()
    from torsend.cli.parser import parse

    qt = gui.application()
    shell = Shell()
    opener = gui.Opener(cli.start_of(parse(arguments)), shell)
    steps: Iterator[Wait] | None = None
    step: Wait = "the window is open", lambda: opener.window is not None
    done = False

    def go_on() -> None:
        nonlocal steps, step, done
        if not step[1]():
            return
        if steps is None:
            assert opener.window is not None
            steps = tour(opener.window)
        try:
            step = next(steps)
        except StopIteration:
            done = True
            QApplication.quit()
        except BaseException:
            clock.stop()  # or the next step would be taken for the last one
            QApplication.quit()
            raise

    clock = QTimer(interval=20)
    clock.timeout.connect(go_on)
    clock.start()
    QTimer.singleShot(LONGEST_MS, QApplication.quit)
    shell.show()
    opener.begin()
    qt.exec()
    clock.stop()
    if opener.window is not None:
        opener.window.end()
    opener.close()
    if not done:
        print(f"The tour ended before: {step[0]}", file=sys.stderr)
    return 0 if done else 1


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
