"""The strip of the first run: what it says is so, what it offers leads somewhere, and a new one wants a new test."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QWidget

from tests.gui import page_screens as sample
from tests.gui import samples
from tests.gui.page_screens import PAGE_SCREENS
from tests.gui.test_reachable import can_be_reached_by_tab, walked
from torsend.delivery.outbox import Changed
from torsend.delivery.outcome import Recipient
from torsend.delivery.states import State
from torsend.gui.arrived_help import ArrivedHelp
from torsend.gui.first_run import FirstRunDesk, View
from torsend.gui.first_steps import FirstStep, FirstSteps
from torsend.gui.parts import Label, Segmented
from torsend.gui.shell import Shell
from torsend.gui.sidebar import Page
from torsend.tor.status import Phase, TorStatus

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from torsend.delivery.outbox import OutboxEntry
    from torsend.mail.draft import Draft

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
OURS = [name for name in PAGE_SCREENS if name.startswith(("first-", "help"))]


class Heard(QObject):
    """What a feed tells of the outbox."""

    outbox_changed = Signal(object)


@pytest.fixture
def feed() -> Heard:
    return Heard()


@pytest.fixture
def desk(qtbot: QtBot, feed: Heard) -> FirstRunDesk:
    made = FirstRunDesk(feed)  # type: ignore[arg-type]  # it listens to the outbox alone
    qtbot.addWidget(made.strip)
    return made


def step(desk: FirstRunDesk) -> FirstStep:
    return desk.strip.step()


def ticks(desk: FirstRunDesk) -> list[bool]:
    return [not each.isHidden() for each in desk.strip.marks]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (TorStatus(), FirstStep.CONNECT),
        (TorStatus(Phase.STARTING), FirstStep.CONNECTING),
        (samples.STARTING, FirstStep.CONNECTING),
        (sample.stuck("blocked", Phase.BOOTSTRAPPING, 14), FirstStep.STUCK),
        (sample.STUCK_CLOCK, FirstStep.STUCK),
        (samples.READY, FirstStep.ADDRESS),
    ],
)
def test_how_tor_stands_is_the_first_step(desk: FirstRunDesk, status: TorStatus, expected: FirstStep) -> None:
    desk.begin((), status)
    assert step(desk) is expected
    assert ticks(desk) == [status.usable, False, False]


def test_who_waits_on_the_page_is_led_on_and_nobody_else(qtbot: QtBot, desk: FirstRunDesk) -> None:
    desk.begin((), TorStatus())
    desk.set_tor(samples.STARTING)
    desk.set_view(View.OUTBOX)
    with qtbot.assertNotEmitted(desk.address_requested), qtbot.assertNotEmitted(desk.connected):
        desk.set_tor(samples.READY)
    assert step(desk) is FirstStep.ADDRESS
    desk.begin((), samples.STARTING)
    desk.set_view(View.CONNECT)
    assert desk.strip.go.isHidden()
    with qtbot.waitSignals([desk.connected, desk.address_requested]):
        desk.set_tor(samples.READY)
    # No window for writing comes up by itself.
    desk.begin((sample.WREN,), samples.STARTING)
    with qtbot.waitSignal(desk.connected), qtbot.assertNotEmitted(desk.test_requested):
        desk.set_tor(samples.READY)
    assert step(desk) is FirstStep.TEST


def test_a_tor_that_stumbles_leads_nobody_back_but_is_not_ticked_off(desk: FirstRunDesk) -> None:
    desk.begin((), samples.READY)
    desk.set_tor(TorStatus(Phase.FAILED))
    assert (step(desk), ticks(desk)) == (FirstStep.ADDRESS, [False, False, False])
    desk.set_identities((sample.WREN,))
    assert (step(desk), ticks(desk)) == (FirstStep.OFFLINE, [False, True, False])
    desk.set_tor(samples.READY)
    assert (step(desk), ticks(desk)) == (FirstStep.TEST, [True, True, False])
    desk.skip_connecting()
    assert step(desk) is FirstStep.TEST


def test_one_without_a_way_to_send_is_no_address(desk: FirstRunDesk) -> None:
    desk.begin((sample.NOBODY,), samples.READY)
    assert step(desk) is FirstStep.ADDRESS


def written(qtbot: QtBot, desk: FirstRunDesk) -> Draft:
    with qtbot.waitSignal(desk.test_requested) as caught:
        desk.strip.go.click()
    draft: Draft = caught.args[0]
    return draft


def test_the_test_is_followed_to_its_end(qtbot: QtBot, desk: FirstRunDesk, feed: Heard) -> None:
    desk.begin((sample.WREN, sample.IDA), samples.READY)
    desk.set_identities((sample.WREN, sample.IDA, sample.TARN))
    draft = written(qtbot, desk)
    # The one that was just added is tried.
    assert (draft.identity_id, draft.to) == (sample.TARN.id, sample.TARN.address)
    assert desk.is_test(draft.id)

    def becomes(state: State) -> None:
        feed.outbox_changed.emit(
            Changed("test", replace(sample.SENDING, id="test", draft_id=draft.id, state=state))
        )

    feed.outbox_changed.emit(Changed("other", replace(sample.ACCEPTED, draft_id="other")))
    assert step(desk) is FirstStep.TEST
    becomes(State.QUEUED)
    assert step(desk) is FirstStep.ON_ITS_WAY
    with qtbot.waitSignal(desk.entry_requested) as caught:
        desk.strip.go.click()
    assert caught.args == ["test"]
    for state in (State.RETRY, State.HELD, State.REFUSED, State.UNKNOWN):
        becomes(state)
        assert step(desk) is FirstStep.STOPPED
        desk.set_view(View.OUTBOX)
        assert desk.strip.go.isHidden()
        desk.set_view(View.OTHER)
    # Taken back, to be changed and sent anew.
    feed.outbox_changed.emit(Changed("test", None))
    assert step(desk) is FirstStep.TEST
    becomes(State.SENDING)
    becomes(State.ACCEPTED)
    assert (step(desk), ticks(desk)) == (FirstStep.ARRIVED, [True, True, True])
    feed.outbox_changed.emit(Changed("test", None))
    assert step(desk) is FirstStep.ARRIVED
    assert desk.strip.leave.text() == "Done"
    desk.begin((sample.WREN,), samples.READY)
    assert step(desk) is FirstStep.TEST
    assert desk.strip.leave.text() == "Skip these steps"


def test_every_step_says_where_one_is(qtbot: QtBot) -> None:
    strip = FirstSteps()
    qtbot.addWidget(strip)
    strip.show()
    said = set()
    for each in FirstStep:
        strip.set_step(each)
        said.add(strip.accessibleName())
        assert strip.go.text()
    assert len(said) == len(FirstStep)


def by_arrow_keys(widget: QWidget) -> bool:
    """One of several of which Tab comes to the chosen one alone."""
    if not isinstance(widget, QAbstractButton) or widget.isChecked():
        return False
    group: QButtonGroup | None = widget.group()
    return group is not None and group.exclusive()


@pytest.mark.parametrize("name", OURS)
def test_the_keyboard_comes_to_everything_and_everything_has_a_name(qtbot: QtBot, name: str) -> None:
    screen = PAGE_SCREENS[name]
    page = screen.make()
    qtbot.addWidget(page)
    page.resize(screen.width, screen.height)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    wanted = {
        one for one in page.findChildren(QWidget) if can_be_reached_by_tab(one) and not by_arrow_keys(one)
    }
    assert not [type(one).__name__ for one in wanted if not one.accessibleName()]
    missed = wanted - set(walked(page, qtbot))
    assert not [f"{type(one).__name__} {one.accessibleName()!r}" for one in missed]
    if isinstance(page, Shell):
        strip = page.findChild(FirstSteps)
        # What stands above all comes before all.
        if strip is not None and not strip.go.isHidden():
            seen = walked(page, qtbot)
            buttons = [each for each in (strip.go, strip.again, strip.leave) if not each.isHidden()]
            at = seen.index(strip.go)
            assert seen[at : at + len(buttons)] == buttons
    finish = getattr(page, "finish", None)
    if finish is not None:
        finish()


def test_the_name_of_a_new_identity_is_read_in_the_smallest_window(qtbot: QtBot) -> None:
    shell = sample.first_address()
    qtbot.addWidget(shell)
    shell.resize(960, 640)
    shell.show()
    (title,) = (each for each in shell.findChildren(Label) if each.text() == "New identity")
    qtbot.waitUntil(lambda: title.width() >= title.sizeHint().width())


def test_help_has_the_key_that_help_has_everywhere(qtbot: QtBot) -> None:
    shell = sample.framed(sample.help_page(), Page.HELP)
    qtbot.addWidget(shell)
    shell.show_page(Page.OUTBOX)
    with qtbot.waitActive(shell):
        shell.show()
        shell.activateWindow()
    QTest.keyClick(shell, Qt.Key.Key_F1)
    assert shell.page() is Page.HELP


def test_what_to_look_for_is_read_by_arrow_keys(qtbot: QtBot) -> None:
    dialog = ArrivedHelp()
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.show()
        dialog.activateWindow()
    rows = dialog.points.rows()
    assert "Tor Browser" in rows[0].accessibleName()
    for _ in rows:
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Down)
    last = rows[-1]
    assert last.hasFocus()
    top = last.mapTo(dialog.area, QPoint()).y()
    assert 0 <= top <= dialog.area.height() - last.height()


def test_longer_words_fit_the_form_in_the_smallest_window(qtbot: QtBot) -> None:
    """As a translation's would be: a third longer. What doesn't fit is cut, and said in full."""
    kind = Segmented(
        [("a", "Adresse, wie man sie hat"), ("b", "Alias"), ("c", "Wegwerfadresse, eine")],
        name="Art",
        shrinks=True,
    )
    qtbot.addWidget(kind)
    wanted = kind.sizeHint().width()
    kind.resize(wanted, 32)
    kind.show()
    assert not [each for each in kind.findChildren(QAbstractButton) if each.toolTip()]
    kind.resize(round(wanted * 0.7), 32)
    cut = [each for each in kind.findChildren(QAbstractButton) if each.toolTip()]
    assert cut
    assert all(each.accessibleName().startswith("Art: ") for each in cut)
    kind.grab()


def test_a_test_that_waits_for_tor_is_not_on_its_way(qtbot: QtBot, desk: FirstRunDesk, feed: Heard) -> None:
    desk.begin((sample.WREN,), samples.READY)
    draft = written(qtbot, desk)
    queued = replace(sample.SENDING, id="test", draft_id=draft.id, state=State.QUEUED)
    feed.outbox_changed.emit(Changed("test", queued))
    assert desk.strip.step() is FirstStep.ON_ITS_WAY
    desk.set_tor(TorStatus(Phase.FAILED))
    assert desk.strip.step() is FirstStep.OFFLINE
    desk.set_tor(samples.READY)
    assert desk.strip.step() is FirstStep.ON_ITS_WAY


def to_herself(state: State, **more: object) -> OutboxEntry:
    """A mail of Wren to Wren."""
    return replace(sample.TEST_SENDING, state=state, **more)  # type: ignore[arg-type]  # handed through


def test_who_brings_the_steps_back_finds_the_test_that_was_sent(desk: FirstRunDesk, feed: Heard) -> None:
    others = (sample.ACCEPTED, replace(sample.ACCEPTED, identity_id=sample.IDA.id))
    desk.begin((sample.WREN, sample.IDA), samples.READY, entries=others)
    assert step(desk) is FirstStep.TEST
    desk.begin((sample.WREN,), samples.READY, entries=(*others, to_herself(State.HELD)))
    assert step(desk) is FirstStep.STOPPED
    # Also what comes of it while they are not shown.
    desk.strip.leave.click()
    feed.outbox_changed.emit(Changed(sample.TEST_SENDING.id, to_herself(State.ACCEPTED)))
    feed.outbox_changed.emit(Changed(sample.TEST_SENDING.id, None))
    desk.begin((sample.WREN,), samples.READY)
    assert (step(desk), ticks(desk)) == (FirstStep.ARRIVED, [True, True, True])
    # One whose sender is gone tells nothing of the others.
    desk.begin((sample.IDA,), samples.READY)
    assert step(desk) is FirstStep.TEST


def test_of_several_tests_it_is_the_newest_of_whoever_is_to_write(desk: FirstRunDesk) -> None:
    later = sample.NOW + timedelta(hours=1)
    stopped = to_herself(State.HELD, id="later", created=later)
    idas = to_herself(
        State.ACCEPTED,
        id="ida",
        identity_id=sample.IDA.id,
        recipients=(Recipient(sample.IDA.address.upper()),),
    )
    entries = (to_herself(State.ACCEPTED), stopped, idas)
    people = (sample.WREN, sample.IDA)
    desk.begin(people, samples.READY, sample.WREN.id, entries)
    assert step(desk) is FirstStep.STOPPED
    desk.begin(people, samples.READY, sample.IDA.id, entries)
    assert step(desk) is FirstStep.ARRIVED


def test_after_one_that_arrived_another_can_be_sent(qtbot: QtBot, desk: FirstRunDesk) -> None:
    desk.begin((sample.WREN,), samples.READY)
    assert desk.strip.again.isHidden()
    desk.begin((sample.WREN,), samples.READY, entries=(to_herself(State.ACCEPTED),))
    with qtbot.waitSignal(desk.test_requested) as caught:
        desk.strip.again.click()
    assert caught.args[0].to == sample.WREN.address
    desk.set_identities(())
    with qtbot.assertNotEmitted(desk.test_requested):
        desk.strip.again.click()
