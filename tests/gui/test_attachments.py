"""The rows of attached files, as a person sees and uses them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui import samples
from tests.gui.screens import compose
from torsend.checks.files import FileState
from torsend.delivery.lane import Progress, SendPhase
from torsend.gui.attachment_row import AttachmentRow
from torsend.gui.compose import ComposePage
from torsend.gui.parts import Button
from torsend.gui.removed_dialog import RemovedDialog
from torsend.identity.identity import FileNames
from torsend.mail.draft import Decision, Draft

Show = Callable[..., ComposePage]
TAB = Qt.Key.Key_Tab


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def make(draft: Draft = samples.DRAFT, **given: object) -> ComposePage:
        page = compose(draft, **given)  # type: ignore[arg-type]  # handed through
        qtbot.addWidget(page, before_close_func=lambda page: page.finish())
        page.resize(1200, 800)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        return page

    return make


def shown(row: AttachmentRow) -> list[str]:
    """What can be pressed in it."""
    return [control.text() or "x" for control in row.controls() if control.isVisible()]


def button(row: AttachmentRow, text: str) -> Button:
    return next(control for control in row.controls() if control.text() == text and control.isVisible())


def state(row: AttachmentRow) -> FileState:
    return row.state


def test_each_state_says_itself_and_offers_what_can_be_done(show: Show) -> None:
    page = show(samples.EVERY_FILE)
    text, picture, old, as_it_is, film, broken = page.fields.files.rows()
    first, *_, last = samples.standings(samples.EVERY_FILE)
    text.set_standing(replace(first, state=FileState.NOTHING, report=samples.NOTHING))
    film.set_standing(replace(last, file=film.file, state=FileState.CLEANING, report=None))
    broken.set_standing(replace(last, state=FileState.FAILED, report=None, problem=samples.FAILED))
    assert [row.accessibleName() for row in (text, picture, old, film, broken)] == [
        "readings.txt, fine: Looked through: nothing to clean was found",
        "test-sheet.jpg, fine: Cleaned: location, camera, 3 dates and a thumbnail removed",
        (
            "notes.doc, decide: Can’t be cleaned: it may hold its author’s name and earlier edits. "
            "Safer: attach a PDF of it."
        ),
        "film.mp4, wait: Being cleaned…",
        f"broken.png, decide: {samples.FAILED}",
    ]
    assert as_it_is.accessibleName().endswith(
        "look: Sent as it is: it may hold its author’s name, place or dates."
    )
    assert [shown(row) for row in (text, picture, old, as_it_is, film, broken)] == [
        ["What stays", "x"],
        ["What was removed", "x"],
        ["Remove", "Send as it is"],
        ["Undo", "x"],
        ["x"],
        ["Remove", "Try again"],
    ]


def test_a_decision_is_told_at_once_and_can_be_taken_back(show: Show, qtbot: QtBot) -> None:
    page = show()
    row = page.fields.files.rows()[1]
    button(row, "Send as it is").setFocus()
    told: list[Draft] = []
    page.draft_changed.connect(told.append)
    QTest.keyClick(button(row, "Send as it is"), Qt.Key.Key_Space)
    # Not after a pause: nothing is waited for.
    assert [file.decision for file in told[-1].attachments] == [Decision.CLEANED, Decision.AS_IT_IS]
    assert state(row) is FileState.AS_IT_IS
    assert not row.holds_sending
    undo = button(row, "Undo")
    assert undo.hasFocus()
    QTest.keyClick(undo, Qt.Key.Key_Space)
    assert told[-1].attachments == samples.DRAFT.attachments
    assert state(row) is FileState.DECIDE
    assert button(row, "Remove").hasFocus()


def test_send_goes_to_the_file_that_is_to_be_decided_about(show: Show, qtbot: QtBot) -> None:
    page = show(findings=())
    with qtbot.assertNotEmitted(page.send_requested):
        page.request_send()
    row = page.fields.files.rows()[1]
    assert button(row, "Remove").hasFocus()
    button(row, "Send as it is").click()
    with qtbot.waitSignal(page.send_requested):
        page.request_send()


def test_send_waits_for_a_file_that_is_still_being_cleaned(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    page = show(findings=(), settled=True)
    page.attach([tmp_path / "a.txt"])
    row = page.fields.files.rows()[2]
    assert row.state is FileState.CLEANING
    with qtbot.assertNotEmitted(page.send_requested):
        page.request_send()
    assert row.first_control().hasFocus()


def test_decide_in_the_panel_leads_to_the_row(show: Show) -> None:
    page = show()
    finding = page.panel.findings.rows()[0]
    finding.setFocus()
    QTest.keyClick(finding, Qt.Key.Key_Return)
    assert button(page.fields.files.rows()[1], "Remove").hasFocus()


def test_the_name_that_goes_is_shown_where_it_is_another(show: Show) -> None:
    kept = show()
    assert all(not row._sent_as.text() for row in kept.fields.files.rows())
    neutral = show(names=FileNames.NEUTRAL)
    assert [row._sent_as.text() for row in neutral.fields.files.rows()] == [
        "sent as picture-1.jpg",
        "sent as file-1.doc",
    ]


def test_every_control_of_a_row_has_its_stop_for_tab(show: Show) -> None:
    page = show()
    picture, _ = page.fields.files.rows()
    stops = []
    # Tab is a letter of the text, so from the first control on.
    picture.first_control().setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(4):
        focused = QApplication.focusWidget()
        assert focused is not None
        stops.append(focused.accessibleName())
        QTest.keyClick(focused, TAB)
    assert stops == [
        "What was removed from test-sheet.jpg",
        "Remove test-sheet.jpg",
        "Remove notes.doc",
        "Send notes.doc as it is",
    ]


def test_while_sending_nothing_of_a_row_can_be_changed(show: Show) -> None:
    page = show()
    page.set_progress(Progress("e", samples.WREN.id, SendPhase.SENDING, 1, 1000))
    assert [shown(row) for row in page.fields.files.rows()] == [["What was removed"], []]


def test_what_was_removed_is_listed_and_read_by_keyboard(show: Show, qtbot: QtBot) -> None:
    page = show()
    page.fields.files.rows()[0].details_asked.emit()
    (dialog,) = page.window().findChildren(RemovedDialog)
    qtbot.waitUntil(lambda: dialog.isActiveWindow())
    names = [row.accessibleName() for row in dialog.lines.rows()]
    assert names == [
        "Location", "GPSLatitude: 59.9127 N", "GPSLongitude: 10.7461 E",
        "Device", "Model: Aster 30 PRO", "BodySerialNumber: 4031187",
        "Dates", "DateTimeOriginal: 2026:03:04 07:12:55", "CreateDate: 2026:03:04 07:12:55",
        "GPSDateStamp: 2026:03:04",
        "Thumbnails", "ThumbnailImage",
        "What stays", "What the picture shows, and the noise of its camera’s sensor.",
    ]  # fmt: skip
    assert dialog.lines.hasFocus()
    for at in range(len(names)):
        QTest.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Down)
        assert dialog.lines.rows()[at].hasFocus()
    assert "test-sheet" not in dialog.windowTitle()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_of_many_removed_things_the_rest_is_counted(qtbot: QtBot) -> None:
    dialog = RemovedDialog("a.pdf", samples.PDF)
    qtbot.addWidget(dialog)
    names = [row.accessibleName() for row in dialog.lines.rows()]
    assert "48 more" in names
    assert "3, not kept for this list" in names


def test_a_file_that_failed_is_tried_again_when_asked_for(show: Show, qtbot: QtBot) -> None:
    page = show()
    row = page.fields.files.rows()[0]
    first = samples.standings(samples.DRAFT)[0]
    row.set_standing(replace(first, state=FileState.FAILED, report=None, problem=samples.FAILED))
    with qtbot.waitSignal(page.cleaning_requested) as told:
        button(row, "Try again").click()
    assert told.args == [row.file.path]


def test_in_a_narrow_window_what_is_to_be_decided_is_there_to_be_read_whole(show: Show, qtbot: QtBot) -> None:
    page = show()
    old = page.fields.files.rows()[1]
    wide = old.height()
    page.resize(960, 640)
    qtbot.waitUntil(lambda: old.height() > wide)
    assert old._note.height() == old._note.heightForWidth(old._note.width())
    above, below = old._name.y(), old.height() - old._note.geometry().bottom() - 1
    assert abs(above - below) <= 1
    page.resize(1200, 800)
    qtbot.waitUntil(lambda: old.height() == wide)


def test_what_became_of_a_file_is_announced_once_and_what_is_to_be_decided_at_once(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, QAccessible.AnnouncementPoliteness]] = []

    class Listening:
        AnnouncementPoliteness = QAccessible.AnnouncementPoliteness

        @staticmethod
        def updateAccessibility(event: QAccessibleAnnouncementEvent) -> None:
            said.append((event.message(), event.politeness()))

    page = show(settled=True)
    monkeypatch.setattr("torsend.gui.attachment_row.QAccessible", Listening)
    picture, old = page.fields.files.rows()
    page.set_standings(samples.standings(samples.DRAFT))
    page.set_standings(samples.standings(samples.DRAFT))
    assert said == [(old.accessibleName(), QAccessible.AnnouncementPoliteness.Assertive)]
    first = samples.standings(samples.DRAFT)[0]
    page.set_standings((replace(first, state=FileState.CLEANING, report=None),))
    page.set_standings((replace(first, state=FileState.NOTHING, report=samples.NOTHING),))
    assert said[1:] == [(picture.accessibleName(), QAccessible.AnnouncementPoliteness.Polite)]


def test_a_long_name_is_cut_before_the_size_is(show: Show) -> None:
    page = show(samples.LONG_DRAFT)
    page.resize(960, 640)
    row = page.fields.files.rows()[0]
    assert row._size.width() >= row._size.sizeHint().width()
    assert row._name.width() < row._name.sizeHint().width()
