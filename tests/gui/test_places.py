"""What a finding is about is underlined, and *Show* leads there, by mouse and by keyboard."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.gui import samples, screens, word_screens
from torsend.checks.finding import Finding, Place, Severity, Where
from torsend.gui.parts import Button
from torsend.gui.theme import look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from torsend.gui.compose import ComposePage


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Callable[..., ComposePage]]:
    made: list[ComposePage] = []

    def make(page: ComposePage) -> ComposePage:
        qtbot.addWidget(page)
        page.resize(1200, 800)
        made.append(page)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        return page

    yield make
    for page in made:
        page.finish()


def found(*places: Place, code: str = "on-word-list", about: str = "Kaspar") -> Finding:
    return Finding(code, Severity.LOOK, f"“{about}” is on your word list", about, places)


def press_show(page: ComposePage, at: int = 0) -> None:
    button = page.panel.findings.rows()[at].findChild(Button)
    assert button is not None
    assert button.text() == "Show"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_word_is_underlined_as_in_the_mock_up(show: Callable[..., ComposePage]) -> None:
    page = show(screens.compose())
    assert page.places.underlined() == ("Kaspar",)
    colour = look().tokens.look.name()
    picture = page.fields.text.viewport().grab().toImage()
    in_colour = {
        (x, y)
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).name() == colour
    }
    assert len({y for _, y in in_colour}) == 2, "two pixels thick"
    page.set_findings(())
    assert page.places.underlined() == ()


def test_show_selects_each_place_in_turn(show: Callable[..., ComposePage]) -> None:
    text = "A 🙂 Kaspar, and\nKaspar again"
    first, second = text.index("Kaspar"), text.rindex("Kaspar")
    draft = dataclasses.replace(samples.DRAFT, text=text, attachments=())
    finding = found(*(Place(Where.TEXT, at, at + 6) for at in (first, second)))
    page = show(screens.compose(draft, findings=(finding,)))
    assert page.places.underlined() == ("Kaspar", "Kaspar")
    positions = []
    for _ in range(3):
        press_show(page)
        cursor = page.fields.text.textCursor()
        assert cursor.selectedText() == "Kaspar"
        assert page.fields.text.hasFocus()
        positions.append(cursor.selectionStart())
    assert positions[0] == positions[2] < positions[1]


def test_show_leads_to_subject_recipient_and_file(show: Callable[..., ComposePage]) -> None:
    draft = dataclasses.replace(
        samples.DRAFT, to=f"{samples.MARTA}, Kaspar <k@nordpost.example>", subject="For Kaspar"
    )
    finding = found(
        Place(Where.SUBJECT, 4, 10), Place(Where.TO, draft.to.index("Kaspar"), draft.to.index("Kaspar") + 6),
        Place(Where.FILE, 0, 5, 1), Place(Where.TO, 0, 5),
    )  # fmt: skip
    page = show(screens.compose(draft, findings=(finding,)))
    press_show(page)
    assert page.fields.subject.selectedText() == "Kaspar"
    assert page.fields.subject.hasFocus()
    press_show(page)
    assert QApplication.focusWidget() is page.fields.to.chips()[1]
    press_show(page)
    assert QApplication.focusWidget() in page.fields.files.rows()[1].controls()
    press_show(page)
    assert QApplication.focusWidget() is page.fields.to.chips()[0]


def test_the_keyboard_shows_it_too(show: Callable[..., ComposePage]) -> None:
    page = show(screens.compose())
    at = [one.code for one in samples.GRADED].index("on-word-list")
    page.panel.findings.go_to(at)
    row = page.panel.findings.rows()[at]
    assert "Show" in row.accessibleDescription()
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert page.fields.text.textCursor().selectedText() == "Kaspar"


def test_a_place_that_is_gone_by_now_does_no_harm(show: Callable[..., ComposePage]) -> None:
    finding = found(Place(Where.TEXT, 5, 9_000), Place(Where.FILE, 0, 3, 9), Place(Where.CC, 0, 3))
    page = show(screens.compose(dataclasses.replace(samples.DRAFT, text="short"), findings=(finding,)))
    for _ in finding.places:
        press_show(page)


def test_the_word_list_is_reached_from_where_no_word_was_found(
    show: Callable[..., ComposePage], qtbot: QtBot
) -> None:
    page = show(screens.compose(findings=(Finding("no-word", Severity.FINE, "No word of your list in it"),)))
    button = page.panel.findings.rows()[0].findChild(Button)
    assert button is not None
    with qtbot.waitSignal(page.words_requested):
        button.click()
    with qtbot.waitSignal(page.words_requested):
        QTest.keyClick(
            page.fields.text,
            Qt.Key.Key_W,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )


def test_what_a_pasted_mail_gives_away_is_underlined(show: Callable[..., ComposePage]) -> None:
    page = show(word_screens.pasted())
    assert set(page.places.underlined()) == {
        "Kaspars", "kaspar", "C:\\Users\\kaspar\\sheets.xlsx", "utm_source=letter", "CEST", "ida.holm@bigmail.example",
        "Sent from my iPhone", "Ida Holm",
    }  # fmt: skip


def test_another_sender_brings_its_own_signature_and_undo_takes_it_back(
    show: Callable[..., ComposePage],
) -> None:
    wren = dataclasses.replace(samples.WREN, signature="Wren\nHall 4")
    ida = dataclasses.replace(samples.IDA, signature="Ida 🙂 Holm")
    draft = dataclasses.replace(samples.DRAFT, text="Dear Marta\n\nWren\nHall 4")
    page = show(screens.compose(draft, findings=()))
    page.set_identities((wren, ida))
    page.set_sender(ida.id)
    assert page.draft().text == "Dear Marta\n\nIda 🙂 Holm"
    assert page.draft().begun_as == wren.id
    page.set_sender(wren.id)
    assert page.draft().text == draft.text
    page.fields.text.undo()
    assert page.draft().text == "Dear Marta\n\nIda 🙂 Holm"
    page.fields.text.moveCursor(page.fields.text.textCursor().MoveOperation.End)
    QTest.keyClicks(page.fields.text, "!")
    page.set_sender(ida.id)
    page.set_sender(wren.id)
    assert page.draft().text == "Dear Marta\n\nIda 🙂 Holm!"
