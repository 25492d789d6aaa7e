"""The compose page as a person uses it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QTextOption
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui import samples
from tests.gui.screens import compose
from torsend.delivery.lane import Progress, SendPhase
from torsend.errors import NotSendable
from torsend.gui.compose import ComposePage
from torsend.mail.draft import Draft

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier

Show = Callable[..., ComposePage]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    pages: list[ComposePage] = []

    def make(
        draft: Draft = samples.DRAFT, *, findings: tuple[object, ...] = (), **given: object
    ) -> ComposePage:
        page = compose(draft, findings=findings, **{"settled": True, **given})  # type: ignore[arg-type]  # handed through
        qtbot.addWidget(page, before_close_func=lambda page: page.finish())
        page.resize(1200, 800)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        pages.append(page)
        return page

    return make


def sending(phase: SendPhase, sent: int = 1) -> Progress:
    return Progress("e", samples.WREN.id, phase, sent, 1000)


# Writing


def test_what_is_typed_is_told_once_typing_pauses(show: Show, qtbot: QtBot) -> None:
    page = show()
    told: list[Draft] = []
    page.draft_changed.connect(told.append)
    with qtbot.waitSignal(page.draft_changed):
        QTest.keyClicks(page.fields.subject, "abc")
    assert len(told) == 1
    assert "abc" in told[0].subject
    assert told[0].id == samples.DRAFT.id
    assert told[0].to == samples.MARTA


def test_another_draft_does_not_swallow_the_last_letters(show: Show, qtbot: QtBot) -> None:
    page = show()
    told: list[Draft] = []
    page.draft_changed.connect(told.append)
    QTest.keyClicks(page.fields.text, "x")
    page.set_draft(samples.TENDER)
    assert told[0].id == samples.DRAFT.id
    assert "x" in told[0].text
    assert page.draft() == samples.TENDER


def test_closing_tells_what_was_typed(show: Show, qtbot: QtBot) -> None:
    page = show()
    QTest.keyClicks(page.fields.subject, "x")
    with qtbot.waitSignal(page.draft_changed):
        page.close()


def test_a_draft_comes_out_as_it_went_in(show: Show) -> None:
    for draft in (samples.DRAFT, samples.TENDER, samples.LONG_DRAFT):
        assert show(draft).draft() == draft


def test_pasted_text_loses_its_form(show: Show, qtbot: QtBot) -> None:
    page = show(Draft.new(samples.WREN.id))
    rich = QMimeData()
    rich.setHtml('<b>bold</b> <img src="http://elsewhere.example/a.png"><a href="http://x.example">link</a>')
    rich.setText("bold link")
    QGuiApplication.clipboard().setMimeData(rich)
    QTest.keyClick(page.fields.text, Qt.Key.Key_V, CTRL)
    assert page.fields.text.toPlainText() == "bold link"
    assert "img" not in page.fields.text.toHtml()
    assert "font-weight:7" not in page.fields.text.toHtml()


def test_undo_takes_typing_back_but_not_the_line_height(show: Show, qtbot: QtBot) -> None:
    page = show()
    before = page.fields.text.toPlainText()
    QTest.keyClicks(page.fields.text, "abc")
    while page.fields.text.document().isUndoAvailable():
        page.fields.text.undo()
    assert page.fields.text.toPlainText() == before
    assert page.fields.text.textCursor().blockFormat().lineHeight() == 22


def test_cc_and_bcc_open_when_asked_for_or_filled(show: Show, qtbot: QtBot) -> None:
    page = show()
    assert not page.fields.cc.isVisible()
    page.fields.more_buttons()[1].click()
    assert page.fields.bcc.isVisible()
    assert page.fields.bcc.line.hasFocus()
    page.set_draft(samples.LONG_DRAFT)
    assert page.fields.cc.isVisible()
    assert not page.fields.bcc.isVisible()


# Sending


def test_send_needs_a_sender_and_a_recipient(show: Show, qtbot: QtBot) -> None:
    page = show(Draft.new())
    assert not page.header.send.isEnabled()
    QTest.keyClicks(page.fields.to.line, "m")
    assert not page.header.send.isEnabled()
    page.set_sender(samples.WREN.id)
    assert page.header.send.isEnabled()
    QTest.keyClick(page.fields.to.line, Qt.Key.Key_Backspace)
    assert not page.header.send.isEnabled()


def test_send_gives_the_draft_as_it_stands(show: Show, qtbot: QtBot) -> None:
    page = show()
    QTest.keyClicks(page.fields.subject, "!")
    with qtbot.waitSignals([page.draft_changed, page.send_requested], order="strict"):
        QTest.mouseClick(page.header.send, Qt.MouseButton.LeftButton)
    assert "!" in page.draft().subject


def test_ctrl_return_sends_from_inside_the_text(show: Show, qtbot: QtBot) -> None:
    page = show()
    with qtbot.waitSignal(page.send_requested) as told:
        QTest.keyClick(page.fields.text, Qt.Key.Key_Return, CTRL)
    assert told.args is not None
    assert told.args[0] == samples.DRAFT


def test_something_to_decide_holds_the_sending_and_takes_the_keyboard(show: Show, qtbot: QtBot) -> None:
    page = show(findings=samples.FINDINGS)
    page.set_panel_shown(False)
    with qtbot.assertNotEmitted(page.send_requested):
        page.request_send()
    assert page.panel.isVisible()
    assert page.panel.findings.rows()[0].hasFocus()
    assert page.header.send.isEnabled()


def test_an_address_that_is_none_holds_it_too(show: Show, qtbot: QtBot) -> None:
    page = show(Draft(id="d", identity_id=samples.WREN.id, to="marta@nordpost.example"))
    QTest.keyClicks(page.fields.to.line, "nobody")
    with qtbot.assertNotEmitted(page.send_requested):
        page.request_send()
    assert page.fields.to.chips()[1].hasFocus()


def test_a_file_that_is_gone_holds_it_too(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    page = show(Draft(id="d", identity_id=samples.WREN.id, to="marta@nordpost.example"))
    page.attach([tmp_path / "gone.txt", tmp_path])
    qtbot.waitUntil(lambda: all(row.is_problem for row in page.fields.files.rows()))
    with qtbot.assertNotEmitted(page.send_requested):
        page.request_send()
    names = [row.accessibleName() for row in page.fields.files.rows()]
    assert "moved, renamed or deleted" in names[0]
    assert "Isn’t a file" in names[1]


def test_without_tor_it_goes_to_the_outbox(show: Show, qtbot: QtBot) -> None:
    page = show()
    assert page.header.send.text() == "Send"
    page.set_status(samples.STARTING)
    assert page.header.send.text() == "Put in outbox"
    with qtbot.waitSignal(page.send_requested):
        page.header.send.click()


def test_while_sending_all_is_read_only(show: Show, qtbot: QtBot) -> None:
    page = show()
    page.set_progress(sending(SendPhase.SENDING))
    assert page.fields.subject.isReadOnly()
    assert page.fields.text.isReadOnly()
    assert page.fields.to.line.isReadOnly()
    assert page.header.chip.locked()
    assert not page.header.send.isVisible()
    assert not page.header.attach.isVisible()
    assert page.header.cancel.isVisible()
    page.attach([Path(__file__)])
    page.set_sender(samples.IDA.id)
    with qtbot.assertNotEmitted(page.send_requested):
        page.request_send()
    assert page.draft() == samples.DRAFT
    page.set_progress(None)
    assert not page.fields.text.isReadOnly()
    assert page.header.send.isVisible()
    assert not page.header.chip.locked()


def test_it_can_be_cancelled_until_the_last_byte(show: Show, qtbot: QtBot) -> None:
    page = show()
    page.set_progress(sending(SendPhase.SENDING))
    with qtbot.waitSignal(page.cancel_requested):
        QTest.keyClick(page.fields.text, Qt.Key.Key_Period, CTRL)
    page.set_progress(sending(SendPhase.WAITING, 1000))
    assert not page.header.cancel.isEnabled()
    with qtbot.assertNotEmitted(page.cancel_requested):
        page.request_cancel()


def test_escape_never_cancels(show: Show, qtbot: QtBot) -> None:
    page = show()
    page.set_progress(sending(SendPhase.SENDING))
    with qtbot.assertNotEmitted(page.cancel_requested):
        QTest.keyClick(page.fields.text, Qt.Key.Key_Escape)
    assert page.isVisible()


def test_a_failure_is_shown_until_the_next_attempt(show: Show) -> None:
    page = show()
    page.show_problem("k", NotSendable("This can’t be sent.", advice="Change it."))
    assert page.problems.isVisible()
    page.request_send()
    assert not page.problems.isVisible()


# Sender, circuit, panel, what leaves


def test_another_sender_recolours_and_is_told_once(show: Show, qtbot: QtBot) -> None:
    page = show()
    told: list[str] = []
    page.sender_changed.connect(told.append)
    with qtbot.waitSignal(page.draft_changed) as changed:
        page.set_sender(samples.TARN.id)
    page.set_sender(samples.TARN.id)
    assert told == [samples.TARN.id]
    assert changed.args is not None
    assert changed.args[0].identity_id == samples.TARN.id
    assert changed.args[0].text == samples.DRAFT.text
    assert page.header.chip.accessibleName() == "From Tarn Collective, alias, wine"


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_menu_of_senders_chooses(show: Show, qtbot: QtBot) -> None:
    page = show()
    page.choose_sender()
    menu = QApplication.activePopupWidget()
    assert menu is not None
    assert [action.text().split("   ")[0] for action in menu.actions()][:3] == [
        "Wren",
        "Ida Holm",
        "Tarn Collective",
    ]
    menu.actions()[1].trigger()
    menu.close()
    assert page.draft().identity_id == samples.IDA.id


def test_a_sender_that_is_gone_leaves_the_draft_without_one(show: Show) -> None:
    page = show()
    page.set_identities((samples.IDA,))
    assert not page.header.send.isEnabled()
    assert "nobody" in page.header.chip.accessibleName()


def test_a_new_circuit_is_asked_for_by_its_identity(show: Show, qtbot: QtBot) -> None:
    page = show()
    with qtbot.waitSignal(page.new_circuit_requested) as told:
        QTest.keyClick(page.fields.text, Qt.Key.Key_L, CTRL | SHIFT)
    assert told.args == [samples.WREN.id]
    page.set_progress(sending(SendPhase.SENDING))
    with qtbot.assertNotEmitted(page.new_circuit_requested):
        QTest.keyClick(page.fields.text, Qt.Key.Key_L, CTRL | SHIFT)


def test_the_panel_goes_and_comes(show: Show, qtbot: QtBot) -> None:
    page = show()
    with qtbot.waitSignal(page.panel_toggled):
        QTest.keyClick(page.fields.text, Qt.Key.Key_I, CTRL)
    assert not page.panel.isVisible()
    assert not page.header.panel.isChecked()


def test_the_route_folds_to_one_line(show: Show, qtbot: QtBot) -> None:
    page = show()
    assert page.route.height() == 152
    with qtbot.waitSignal(page.route_folded):
        page.route.stops_for_tab()[-1].click()  # type: ignore[attr-defined]  # a button
    assert page.route.height() == 48


def test_what_leaves_is_asked_for_shown_and_closed(show: Show, qtbot: QtBot) -> None:
    page = show()
    with qtbot.waitSignal(page.wire_requested) as told:
        page.header.wire.click()
    assert told.args is not None
    assert told.args[0] == samples.DRAFT
    assert not page.header.wire.isChecked()
    page.show_wire(samples.exactly())
    assert page.wire.isVisible()
    assert page.header.wire.isChecked()
    page.wire.focus_target().setFocus()
    QTest.keyClick(page.wire.focus_target(), Qt.Key.Key_Escape)
    assert not page.wire.isVisible()
    assert page.isVisible()


def test_limits_and_parties_are_shown_with_a_recipient_only(show: Show) -> None:
    page = show(parties=(), limits=())
    assert not page.panel.parties.isVisible()
    page.set_parties(samples.PARTIES)
    page.set_limits(samples.LIMITS)
    row = page.panel.parties.rows()[1]
    assert "Guard relay larkspur" in row.accessibleName()
    assert "You: all" in row.accessibleName()


# Files


def mime(*urls: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    return data


def drop(page: ComposePage, data: QMimeData) -> bool:
    at = QPoint(300, 300)
    with warnings.catch_warnings():
        # Qt 6.12 wants a QPointF here, which those before it do not take.
        warnings.simplefilter("ignore", DeprecationWarning)
        enter = QDragEnterEvent(
            at,
            Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier(0),
        )
    QApplication.sendEvent(page, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(
        QPointF(at),
        Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier(0),
    )
    QApplication.sendEvent(page, event)
    assert event.dropAction() == Qt.DropAction.CopyAction
    return True


def test_files_dropped_go_along(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "a b.txt"
    file.write_bytes(b"x" * 1500)
    page = show(Draft.new(samples.WREN.id))
    with qtbot.waitSignal(page.draft_changed) as told:
        assert drop(page, mime(file.as_uri()))
    assert told.args is not None
    assert [one.path for one in told.args[0].attachments] == [file]
    qtbot.waitUntil(lambda: page.fields.files.total_words() == "2 KB, 2 KB on the wire")


def test_the_same_file_goes_along_once(show: Show, tmp_path: Path) -> None:
    page = show(Draft.new(samples.WREN.id))
    page.attach([tmp_path / "a", tmp_path / "a"])
    page.attach([tmp_path / "a"])
    assert len(page.draft().attachments) == 1


def test_nothing_remote_is_taken_by_drag(show: Show) -> None:
    page = show(Draft.new(samples.WREN.id))
    assert not drop(page, mime("https://elsewhere.example/picture.png"))
    assert page.draft().attachments == ()


def test_nothing_is_dropped_into_a_mail_on_its_way(show: Show, tmp_path: Path) -> None:
    page = show()
    page.set_progress(sending(SendPhase.SENDING))
    assert not drop(page, mime((tmp_path / "a").as_uri()))


def test_files_pasted_into_the_text_go_along(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    page = show(Draft.new(samples.WREN.id))
    QGuiApplication.clipboard().setMimeData(mime((tmp_path / "a.txt").as_uri()))
    QTest.keyClick(page.fields.text, Qt.Key.Key_V, CTRL)
    assert [one.name for one in page.draft().attachments] == ["a.txt"]
    assert page.fields.text.toPlainText() == ""


def test_a_file_is_taken_out_again(show: Show, qtbot: QtBot) -> None:
    page = show()
    with qtbot.waitSignal(page.draft_changed):
        page.fields.files.rows()[0].removed.emit()
    assert [one.name for one in page.draft().attachments] == ["notes.doc"]


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("word " * 2000, QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere),
        ("x" * 5000, QTextOption.WrapMode.WrapAnywhere),
    ],
)
def test_a_word_without_end_does_not_stop_the_window(
    show: Show, text: str, mode: QTextOption.WrapMode
) -> None:
    page = show(Draft(id="d", text=text))
    assert page.fields.text.wordWrapMode() == mode
    page.set_draft(samples.DRAFT)
    QGuiApplication.clipboard().setText(text)
    QTest.keyClick(page.fields.text, Qt.Key.Key_V, CTRL)
    assert page.fields.text.wordWrapMode() == mode


@pytest.mark.parametrize(
    ("sender", "to", "said"),
    [
        ("", "", "Choose a sender and add a recipient"),
        ("", samples.MARTA, "Choose a sender"),
        (samples.WREN.id, "", "Add a recipient"),
        (samples.WREN.id, samples.MARTA, ""),
    ],
)
def test_what_sending_still_waits_for_is_said(show: Show, sender: str, to: str, said: str) -> None:
    page = show(Draft("lacking", sender, to=to), parties=())
    assert page.header.send.isEnabled() == (not said)
    assert page.header.send.toolTip() == (f"{said} first." if said else "")
    assert page.header.send.accessibleDescription() == page.header.send.toolTip()
    if said:
        assert page.panel._none.text() == f"{said} to see who learns what."
