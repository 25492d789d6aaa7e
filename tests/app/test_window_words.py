"""Word list and walls in the window, on a real vault; nothing is sent and Tor isn't started."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest

from tests.app.test_window import WAIT_MS, person
from torsend.app import App, Start
from torsend.gui.shell import Shell
from torsend.gui.window import Window
from torsend.identity.identity import Colour
from torsend.mail.draft import Draft, Thread
from torsend.paths import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from torsend.gui.writer import Writer

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with App.open(Start(Profile(tmp_path / "profile"), in_memory=True)) as opened:
        for name, colour, signature in (("Wren", Colour.TEAL, "Wren, Hall 4"), ("Finch", Colour.WINE, "F.")):
            made = person(name, name.lower(), 465, "smtp.rowanmail.example", colour)
            opened.add_identity(dataclasses.replace(made, signature=signature), None)
        yield opened


@pytest.fixture
def window(qtbot: QtBot, app: App) -> Iterator[Window]:
    shell = Shell()
    made = Window(app, shell)
    made._identities = app.book.list()
    made.identities.set_identities(made._identities)
    try:
        yield made
    finally:
        made.stop()
        shell.deleteLater()


def write(window: Window, app: App, draft: Draft | None = None, sender: str = "Wren") -> Writer:
    window.write(draft or Draft.new(app.find_identity(sender).id))
    return window.writers[-1]


def codes(writer: Writer) -> list[str]:
    return [row.finding.code for row in writer.page.panel.findings.rows()]  # type: ignore[attr-defined]


def test_words_saved_in_the_dialog_are_found_in_a_mail_that_is_open(
    qtbot: QtBot, app: App, window: Window
) -> None:
    draft = dataclasses.replace(
        Draft.new(app.find_identity("Wren").id), to="m@nordpost.example", text="Kaspar, Hall 4"
    )
    writer = write(window, app, draft)
    finch = write(
        window, app, dataclasses.replace(draft, id="other", identity_id=app.find_identity("Finch").id)
    )
    qtbot.waitUntil(lambda: bool(codes(writer)) and bool(codes(finch)), timeout=WAIT_MS)
    assert "on-word-list" not in codes(writer)
    writer.page.words_requested.emit()
    qtbot.waitUntil(lambda: window.words.dialog is not None, timeout=WAIT_MS)
    dialog = window.words.dialog
    assert dialog is not None
    dialog.field.set_text("Kaspar")
    dialog.show_scope("own")
    QTest.keyClicks(dialog.field.field, "Hall 4")
    dialog.save.click()
    qtbot.waitUntil(lambda: codes(writer).count("on-word-list") == 2, timeout=WAIT_MS)
    assert writer.page.places.underlined() == ("Kaspar", "Hall 4")
    # The wall: Wren's own words are nobody else's.
    qtbot.waitUntil(lambda: codes(finch).count("on-word-list") == 1, timeout=WAIT_MS)
    assert app.words.list() == ("Kaspar",)
    assert app.words.list(app.find_identity("Wren").id) == ("Hall 4",)
    assert window.words.dialog is None


def test_the_list_opens_again_after_its_window_went_with_the_mail(
    qtbot: QtBot, app: App, window: Window
) -> None:
    writer, other = write(window, app), write(window, app)
    writer.page.words_requested.emit()
    qtbot.waitUntil(lambda: window.words.dialog is not None, timeout=WAIT_MS)
    with qtbot.waitSignal(writer.window.destroyed, timeout=WAIT_MS):
        writer.end()  # as when the mail was refused
    other.page.words_requested.emit()
    qtbot.waitUntil(lambda: window.words.dialog is not None, timeout=WAIT_MS)
    dialog = window.words.dialog
    assert dialog is not None
    assert dialog.parentWidget() is other.window
    dialog.reject()
    assert window.words.dialog is None


def test_a_list_that_was_asked_for_by_a_window_that_is_gone_is_not_opened(
    qtbot: QtBot, app: App, window: Window
) -> None:
    writer = write(window, app)
    writer.page.words_requested.emit()
    # Still queued when the window is gone.
    with qtbot.waitSignal(writer.window.destroyed, timeout=WAIT_MS):
        writer.end()
    counted: list[object] = []
    window.words.counted.connect(lambda *told: counted.append(told))
    window.words.count(app.find_identity("Wren").id)
    qtbot.waitUntil(lambda: bool(counted), timeout=WAIT_MS)
    assert window.words.dialog is None


def test_the_identities_page_counts_the_words_and_leads_to_them(
    qtbot: QtBot, app: App, window: Window
) -> None:
    app.words.set(["Kaspar", "Lind"])
    wren, finch = (app.find_identity(name).id for name in ("Wren", "Finch"))
    app.words.set(["Hall 4"], wren)
    page = window.identities.page
    page.show_identity(wren)
    told = page.form.words._count
    qtbot.waitUntil(lambda: told.text() == "2 for every mail, 1 of its own", timeout=WAIT_MS)
    page.form.words.edit.click()
    qtbot.waitUntil(lambda: window.words.dialog is not None, timeout=WAIT_MS)
    assert window.words.dialog is not None
    assert window.words.dialog.field.text() == "Hall 4"
    window.words.dialog.reject()
    page.show_identity(finch)
    qtbot.waitUntil(lambda: told.text() == "2 words", timeout=WAIT_MS)
    page.words.click()
    qtbot.waitUntil(lambda: window.words.dialog is not None, timeout=WAIT_MS)
    assert window.words.dialog is not None
    assert not window.words.dialog.scope.isVisible()
    window.words.dialog.reject()


def test_a_signature_goes_under_a_new_mail_and_nothing_else_is_nothing_written(
    qtbot: QtBot, app: App, window: Window
) -> None:
    writer = write(window, app)
    assert writer.page.draft().text == "\n\nWren, Hall 4"
    assert writer.may_close()
    writer.page.set_sender(app.find_identity("Finch").id)
    assert writer.page.draft().text == "\n\nF."
    assert writer.may_close()
    writer.end()
    window.workers.disk.run(lambda: None, None, lambda _: None)
    qtbot.waitUntil(lambda: app.open_drafts() == (), timeout=WAIT_MS)


def test_a_signature_is_edited_in_the_form(qtbot: QtBot, app: App, window: Window) -> None:
    page = window.identities.page
    page.show_identity(app.find_identity("Wren").id)
    form = page.form
    assert form.signature.text() == "Wren, Hall 4"
    form.signature.box.field.selectAll()
    QTest.keyClicks(form.signature.box.field, "W.\rHall 5")
    form.commit()
    qtbot.waitUntil(lambda: app.find_identity("Wren").signature == "W.\nHall 5", timeout=WAIT_MS)
    form.signature.set_text("x" * 2000)
    form.commit()
    assert "longer than" in form.signature.error()
    assert app.find_identity("Wren").signature == "W.\nHall 5"


def test_another_sender_for_an_answer_is_warned_of_and_its_thread_stays_here(
    qtbot: QtBot, app: App, window: Window
) -> None:
    window._compose(
        ("mailto:marta@nordpost.example?in-reply-to=%3C1@nordpost.example%3E&subject=Re:%20sheets",)
    )
    writer = window.writers[-1]
    wren, finch = (app.find_identity(name) for name in ("Wren", "Finch"))
    writer.page.set_sender(wren.id)
    qtbot.waitUntil(lambda: "names-thread" in codes(writer), timeout=WAIT_MS)
    assert b"In-Reply-To: <1@nordpost.example>" in b"".join(app.compose(writer.page.draft()).chunks())
    writer.page.set_sender(finch.id)
    qtbot.waitUntil(lambda: "other-thread" in codes(writer), timeout=WAIT_MS)
    leaves = b"".join(app.compose(writer.page.draft()).chunks())
    assert b"In-Reply-To" not in leaves
    assert b"References" not in leaves
    writer.end()
    qtbot.waitUntil(lambda: len(app.open_drafts()) == 1, timeout=WAIT_MS)
    kept = app.open_drafts()[0]
    assert (kept.thread, kept.begun_as, kept.identity_id) == (
        Thread("<1@nordpost.example>"),
        wren.id,
        finch.id,
    )


def test_checks_run_behind_the_window_and_only_the_newest_is_shown(
    qtbot: QtBot, app: App, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    seen: list[str] = []
    real = app.findings

    def findings(draft: Draft, *more: object, **others: object) -> object:
        threads.append(threading.current_thread().name)
        seen.append(draft.text)
        return real(draft, *more, **others)  # type: ignore[arg-type]

    let_go = threading.Event()
    window.workers.checks.run(lambda: let_go.wait(WAIT_MS / 1000), None, lambda _: None)
    monkeypatch.setattr(app, "findings", findings)
    writer = write(
        window, app, dataclasses.replace(Draft.new(app.find_identity("Wren").id), to="m@nordpost.example")
    )
    for text in ("one", "two", "three"):
        writer.page.fields.text.setPlainText(text)
        writer.page.flush()
    let_go.set()
    qtbot.waitUntil(lambda: bool(codes(writer)), timeout=WAIT_MS)
    assert set(threads) == {"torsend-checks"}
    # What was out of date before it began was not looked at.
    assert seen == ["three"]
