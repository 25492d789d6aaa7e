"""When a mail goes: the button, its menu, the dialog for a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from shiboken6 import isValid

from tests.gui import page_screens as sample
from tests.gui import samples
from tests.gui.screens import compose
from torsend.delivery.lane import Progress, SendPhase
from torsend.delivery.later import NOW, At, Within
from torsend.gui import amounts, outbox_words, when
from torsend.gui.outbox_words import Action
from torsend.gui.parts import Paragraph
from torsend.gui.time_dialog import TimeDialog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from torsend.delivery.later import When
    from torsend.gui.compose import ComposePage

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support")

HOUR = timedelta(hours=1)
EAST = timezone(timedelta(hours=2))


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[ComposePage]:
    made = compose(findings=(), settled=True)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    yield made
    made.finish()


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[Callable[..., TimeDialog]]:
    made: list[TimeDialog] = []

    def make(at: datetime | None = None, **given: object) -> TimeDialog:
        made.append(TimeDialog(at, **({"now": lambda: samples.NOW, "zone": EAST} | given)))  # type: ignore[arg-type]
        with qtbot.waitActive(made[-1]):
            made[-1].show()
            made[-1].activateWindow()
        return made[-1]

    yield make
    for one in made:
        if isValid(one):
            one.deleteLater()


def opened() -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def entries(menu: QMenu) -> dict[str, object]:
    return {action.text(): action for action in menu.actions() if action.text()}


def said(widget: QWidget) -> str:
    return " ".join(one.text() for one in widget.findChildren(Paragraph) if not one.isHidden())


# The button


@pytest.mark.parametrize(
    ("chosen", "shown", "spoken"),
    [
        (NOW, "Now", "When: now"),
        (Within(HOUR), "Within 1 h", "When: within 1 hour, at random"),
        (Within(4 * HOUR), "Within 4 h", "When: within 4 hours, at random"),
        (Within(24 * HOUR), "Within a day", "When: within a day, at random"),
        (At(samples.NOW), "21 Apr 10:20 UTC", "When: 2026-04-21 10:20 UTC"),
        (At(samples.NOW.astimezone(EAST)), "21 Apr 10:20 UTC", "When: 2026-04-21 10:20 UTC"),
    ],
    ids=str,
)
def test_choice_is_shown_on_the_button_and_heard(
    page: ComposePage, chosen: When, shown: str, spoken: str
) -> None:
    page.when.choose(chosen)
    assert page.header.when.text() == shown
    assert page.header.when.accessibleName() == spoken
    assert page.when.chosen() == chosen


def test_tab_goes_from_the_panels_button_to_when_and_to_send(page: ComposePage) -> None:
    page.header.panel.setFocus()
    QTest.keyClick(page.header.panel, Qt.Key.Key_Tab)
    assert page.focusWidget() is page.header.when
    QTest.keyClick(page.header.when, Qt.Key.Key_Tab)
    assert page.focusWidget() is page.header.send


def test_return_opens_the_menu_and_arrows_choose(page: ComposePage) -> None:
    page.header.when.setFocus()
    QTest.keyClick(page.header.when, Qt.Key.Key_Return)
    menu = opened()
    assert list(entries(menu)) == ["Now", "Within 1 hour", "Within 4 hours", "Within a day", "At a time…"]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert page.when.chosen() == Within(4 * HOUR)


def test_menu_ticks_what_is_chosen_and_says_what_chance_does_not_do(page: ComposePage) -> None:
    page.when.choose(Within(HOUR))
    page.when.open_menu()
    menu = opened()
    assert [name for name, action in entries(menu).items() if action.isChecked()] == ["Within 1 hour"]  # type: ignore[attr-defined]
    assert "can match times" in said(menu)
    assert "not when it leaves" in said(menu)
    menu.close()


def test_send_reads_send_and_tells_the_choice(page: ComposePage, qtbot: QtBot) -> None:
    page.when.choose(Within(HOUR))
    assert page.header.send.text() == "Send"
    with qtbot.waitSignal(page.send_requested) as told:
        QTest.mouseClick(page.header.send, Qt.MouseButton.LeftButton)
    assert told.args == [samples.DRAFT, Within(HOUR)]


def test_choice_rests_while_the_mail_is_on_its_way(page: ComposePage) -> None:
    page.when.ask_for_time()
    page.set_progress(Progress("e", samples.WREN.id, SendPhase.SENDING, 1, 1000))
    assert not page.header.when.isVisible()
    assert not [one for one in page.findChildren(TimeDialog) if one.isVisible()]
    page.when.choose(Within(HOUR))
    page.when.open_menu()
    assert page.when.chosen() == NOW
    assert QApplication.activePopupWidget() is None
    page.set_progress(None)
    assert page.header.when.isVisible()


def test_choice_belongs_to_the_window_not_to_the_draft(page: ComposePage) -> None:
    page.when.choose(Within(HOUR))
    page.set_draft(samples.TENDER)
    assert page.when.chosen() == Within(HOUR)


def test_time_is_asked_for_once_and_leaves_the_mail_to_be_written(page: ComposePage) -> None:
    page.when.ask_for_time()
    page.when.ask_for_time()
    (dialog,) = page.findChildren(TimeDialog)
    assert not dialog.isModal()
    QTest.keyClicks(page.fields.subject, "!")
    assert "!" in page.fields.subject.text()
    dialog.choose.click()
    chosen = page.when.chosen()
    assert isinstance(chosen, At)
    assert chosen.time > datetime.now(UTC)
    assert (chosen.time.minute, chosen.time.second) == (0, 0)


# The dialog


def test_dialog_proposes_a_full_hour_and_shows_this_computers_clock(
    dialog: Callable[..., TimeDialog],
) -> None:
    made = dialog()
    assert made.field.moment() == samples.NOW.replace(hour=11, minute=0)
    assert made.here.text() == "On this computer’s clock: 21 Apr 13:00, UTC+02:00"
    assert dialog(zone=UTC).here.text() == "This computer’s clock is in UTC, too."
    late = dialog(samples.NOW.replace(hour=22, minute=30))
    assert late.here.text() == "On this computer’s clock: 22 Apr 00:30, UTC+02:00"
    half = dialog(zone=timezone(timedelta(hours=-3, minutes=-30)))
    assert half.here.text() == "On this computer’s clock: 21 Apr 07:30, UTC-03:30"


def test_time_is_stepped_by_arrows_and_taken_with_return(
    dialog: Callable[..., TimeDialog], qtbot: QtBot
) -> None:
    made = dialog()
    field = made.field
    field.setFocus()
    field.setSelectedSection(field.Section.DaySection)
    QTest.keyClick(field, Qt.Key.Key_Up)
    with qtbot.waitSignal(made.picked) as told:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert told.args == [At(samples.NOW.replace(day=22, hour=11, minute=0))]
    assert not made.isVisible()


@pytest.mark.parametrize(
    "at", [samples.NOW, samples.NOW - HOUR, samples.NOW + timedelta(days=400)], ids=["now", "past", "far off"]
)
def test_time_that_cannot_be_is_refused_in_words(
    dialog: Callable[..., TimeDialog], qtbot: QtBot, at: datetime
) -> None:
    made = dialog(at)
    assert made.problem.isVisible()
    with qtbot.assertNotEmitted(made.picked):
        QTest.mouseClick(made.choose, Qt.MouseButton.LeftButton)
    assert made.isVisible()
    assert QApplication.focusWidget() is made.field
    assert made.field.accessibleDescription() == made.problem.text() != ""
    made.field.set_moment(samples.NOW + HOUR)
    assert not made.problem.isVisible()
    assert made.field.accessibleDescription() == ""


def test_time_that_passes_while_the_dialog_is_open_is_refused(
    dialog: Callable[..., TimeDialog], qtbot: QtBot
) -> None:
    clock = [samples.NOW]
    made = dialog(now=lambda: clock[0])
    clock[0] += 3 * HOUR
    with qtbot.assertNotEmitted(made.picked):
        made.choose.click()
    assert made.problem.isVisible()


def test_escape_chooses_nothing(dialog: Callable[..., TimeDialog], qtbot: QtBot) -> None:
    made = dialog()
    with qtbot.assertNotEmitted(made.picked):
        QTest.keyClick(made.field, Qt.Key.Key_Escape)
    assert not made.isVisible()


def test_everything_in_the_dialog_has_a_name_and_is_reached(dialog: Callable[..., TimeDialog]) -> None:
    made = dialog()
    assert made.field.accessibleName() == "Date and time, UTC"
    made.field.setFocus()
    made.field.setSelectedSection(made.field.Section.MinuteSection)
    names = []
    for _ in range(2):
        QTest.keyClick(made.focusWidget(), Qt.Key.Key_Tab)
        names.append(made.focusWidget().accessibleName())
    assert names == ["Choose", "Cancel"]


# The outbox


def test_what_goes_at_random_never_says_the_moment_that_was_drawn() -> None:
    words = outbox_words.row_words(sample.WAITING, sample.IDA, None, samples.NOW)
    assert (words.note, words.sign) == ("Some time before 11:32 UTC, at random", "dice")
    assert "11:05" not in f"{words}"


def test_what_waits_for_a_time_on_another_day_names_the_day() -> None:
    words = outbox_words.row_words(sample.WAITING_FOR_A_TIME, sample.IDA, None, samples.NOW)
    assert (words.note, words.sign) == ("Not before 22 Apr 11:32 UTC", "clock")
    assert set(words.actions) == {Action.CANCEL, Action.SEND_NOW}


def test_what_waits_for_tor_though_its_time_came_says_so() -> None:
    due = replace(sample.WAITING, next_attempt=samples.NOW - HOUR)
    words = outbox_words.row_words(due, sample.IDA, None, samples.NOW)
    assert (words.note, words.sign) == ("As soon as Tor and its turn allow", "clock")
    # Where nobody said yet that Tor may be used, it never would by itself.
    words = outbox_words.row_words(due, sample.IDA, None, samples.NOW, offline=True)
    assert words.note == "Once you connect to Tor"


def test_missed_time_asks_and_offers_another(qtbot: QtBot) -> None:
    page = sample.outbox((sample.MISSED,))
    qtbot.addWidget(page)
    page.resize(960, 400)
    page.show()
    row = page.row(sample.MISSED.id)
    assert row is not None
    assert list(row.buttons) == [Action.SEND_NOW, Action.CHOOSE_TIME, Action.EDIT, Action.REMOVE]
    assert "Its time, 2026-04-21 08:15 UTC, passed" in said(row)
    for action, signal in ((Action.SEND_NOW, page.send_now), (Action.CHOOSE_TIME, page.choose_time)):
        with qtbot.waitSignal(signal) as told:
            QTest.mouseClick(row.buttons[action], Qt.MouseButton.LeftButton)
        assert told.args == [sample.MISSED.id]


# Words


def test_months_are_told_by_their_names() -> None:
    days = [datetime(2026, month, 3, 4, 5, tzinfo=UTC) for month in range(1, 13)]
    assert [amounts.short(day) for day in days][::11] == ["3 Jan 04:05 UTC", "3 Dec 04:05 UTC"]
    assert len({when.label(At(day)) for day in days}) == 12
