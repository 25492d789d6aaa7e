"""The outbox page: every state has its words, its shape, its ways out; ten thousand rows stay quick."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.gui import page_screens as sample
from torsend.delivery.lane import Progress, SendPhase
from torsend.delivery.outcome import Recipient
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply
from torsend.delivery.states import RecipientState, State, Step
from torsend.gui import outbox_words
from torsend.gui.outbox import OutboxPage
from torsend.gui.outbox_words import Action
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.verbatim import Verbatim

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from torsend.delivery.outbox import OutboxEntry
    from torsend.identity.identity import Identity

# Said by the offscreen platform each time a window with a least size is shown.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def words_in(widget: QWidget) -> str:
    """All that can be read in it."""
    labels = [one.text() for one in widget.findChildren(Label) if not one.isHidden()]
    paragraphs = [one.text() for one in widget.findChildren(Paragraph) if not one.isHidden()]
    verbatim = [one.toPlainText() for one in widget.findChildren(Verbatim) if not one.isHidden()]
    return "\n".join((*labels, *paragraphs, *verbatim))


@pytest.fixture
def page(qtbot: QtBot) -> OutboxPage:
    made = sample.outbox(sample.EVERY_STATE)
    qtbot.addWidget(made)
    made.resize(960, 1400)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (sample.WAITING, ["Waiting to go out", "Some time before 11:32 UTC, at random"]),
        (sample.SENDING, ["Sending 3.1 of 8.4 MB", "Inside Tor all the way, onion server"]),
        (
            sample.UNKNOWN,
            [
                "May have been sent",
                "Only rowanmail knows whether it took the mail",
                "Every byte left at 09:58 UTC",
            ],
        ),
        (
            sample.REFUSED,
            [
                "Refused by lindenbox",
                "Nothing was delivered",
                "554 5.7.1 Service unavailable; client host blocked",
            ],
        ),
        (sample.ACCEPTED, ["Accepted by rowanmail", "Today 09:21 UTC. Delivery from there isn’t visible"]),
        (sample.RETRY, ["Will try again at 10:31 UTC"]),
        (sample.HELD, ["Waits for you", "bigmail refused the password. No mail was sent.", "535 5.7.8"]),
        (sample.CANCELLED, ["Cancelled", "Nothing was delivered"]),
        (sample.SOME_REFUSED, ["gone@fjordby.example: 550 5.1.1 User unknown"]),
    ],
    ids=lambda value: value.subject if hasattr(value, "subject") else "",
)
def test_every_state_is_told_in_words(page: OutboxPage, entry: OutboxEntry, said: list[str]) -> None:
    row = page.row(entry.id)
    assert row is not None
    shown = words_in(row)
    for words in said:
        assert words in shown


@pytest.mark.parametrize("state", list(State))
def test_no_state_is_without_words_shape_and_a_way_out(state: State) -> None:
    entry = replace(sample.WAITING, state=state)
    words = outbox_words.row_words(entry, sample.IDA, None, sample.NOW)
    assert words.headline
    assert words.sign
    assert words.actions or (words.card is not None and words.card.actions)


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("state", [State.RETRY, State.HELD, State.REFUSED, State.UNKNOWN, State.ACCEPTED])
def test_every_reason_can_be_shown_in_every_state(state: State, reason: Reason) -> None:
    entry = replace(sample.REFUSED, state=state, reason=reason, detail="")
    words = outbox_words.row_words(entry, None, None, sample.NOW)
    assert "{" not in words.headline + words.note
    assert words.card is None or "{" not in "".join(text for text, _ in words.card.body)


@pytest.mark.parametrize(
    ("entry", "action", "signal"),
    [
        (sample.WAITING, Action.CANCEL, "cancel"),
        (sample.WAITING, Action.SEND_NOW, "send_now"),
        (sample.SENDING, Action.SHOW_ROUTE, "show_route"),
        (sample.UNKNOWN, Action.SEND_AGAIN, "send_again"),
        (sample.UNKNOWN, Action.COUNT_AS_SENT, "count_as_sent"),
        (sample.REFUSED, Action.NEW_CIRCUIT, "new_circuit"),
        (sample.REFUSED, Action.EDIT, "edit"),
        (sample.REFUSED, Action.REMOVE, "remove"),
        (sample.ACCEPTED, Action.REMOVE, "remove"),
        (sample.HELD, Action.RETRY, "retry"),
        (sample.HELD, Action.SENDER, "sender_asked"),
        (sample.REFUSED, Action.SENDER, "sender_asked"),
    ],
    ids=lambda value: value.subject if hasattr(value, "subject") else str(value),
)
def test_a_button_says_what_is_asked_and_for_which_mail(
    page: OutboxPage, qtbot: QtBot, entry: OutboxEntry, action: Action, signal: str
) -> None:
    row = page.row(entry.id)
    assert row is not None
    with qtbot.waitSignal(getattr(page, signal)) as caught:
        QTest.mouseClick(row.buttons[action], Qt.MouseButton.LeftButton)
    assert caught.args == [entry.id]


def test_what_may_have_been_sent_is_never_offered_as_a_plain_retry(page: OutboxPage) -> None:
    row = page.row(sample.UNKNOWN.id)
    assert row is not None
    assert set(row.buttons) == {Action.SEND_AGAIN, Action.COUNT_AS_SENT, Action.LEAVE}


def test_leaving_it_there_folds_the_card_and_asks_nothing(page: OutboxPage, qtbot: QtBot) -> None:
    row = page.row(sample.UNKNOWN.id)
    assert row is not None
    before = row.height()
    QTest.mouseClick(row.buttons[Action.LEAVE], Qt.MouseButton.LeftButton)
    folded = page.row(sample.UNKNOWN.id)
    assert folded is not None
    assert folded.card is None
    assert folded.height() < before
    assert "May have been sent" in words_in(folded)


def test_cancel_rests_once_the_last_byte_left(page: OutboxPage) -> None:
    row = page.row(sample.SENDING.id)
    assert row is not None
    assert row.buttons[Action.CANCEL].isEnabled()
    page.set_progress(Progress(sample.SENDING.id, sample.TARN.id, SendPhase.WAITING, 8_400_000, 8_400_000))
    assert not row.buttons[Action.CANCEL].isEnabled()
    assert "Waiting for riseup’s answer" in words_in(row)
    assert row is page.row(sample.SENDING.id), "a progress must not make the row anew"


def test_an_entry_that_changes_is_shown_anew_and_its_old_progress_is_forgotten(page: OutboxPage) -> None:
    page.update_entry(
        replace(
            sample.SENDING,
            state=State.ACCEPTED,
            step=Step.REPLIED,
            reason=Reason.ACCEPTED,
            finished=sample.NOW,
        )
    )
    page.set_progress(sample.PROGRESS)
    row = page.row(sample.SENDING.id)
    assert row is not None
    assert "Accepted by riseup" in words_in(row)
    assert "Sending" not in words_in(row)


def test_arrows_go_from_mail_to_mail_and_return_opens_the_card(page: OutboxPage, qtbot: QtBot) -> None:
    first = page.row(sample.WAITING.id)
    assert first is not None
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert page.rows.current == sample.SENDING.id
    page.rows.go_to(sample.RETRY.id)
    row = page.row(sample.RETRY.id)
    assert row is not None
    assert row.card is None
    QTest.keyClick(row, Qt.Key.Key_Return)
    opened = page.row(sample.RETRY.id)
    assert opened is not None
    assert opened.card is not None
    assert "450 4.2.0 Greylisted" in words_in(opened)
    assert page.window().focusWidget() is opened
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    closed = page.row(sample.RETRY.id)
    assert closed is not None
    assert closed.card is None


def test_a_screen_reader_hears_subject_parties_state_and_the_servers_words(page: OutboxPage) -> None:
    row = page.row(sample.REFUSED.id)
    assert row is not None
    assert (
        row.accessibleName()
        == "Question about your story, k7-marsh to tips@nordpost.example: Refused by lindenbox"
    )
    assert "554 5.7.1 Service unavailable" in row.accessibleDescription()
    for button in row.buttons.values():
        assert button.accessibleName()


def test_an_empty_outbox_says_so(qtbot: QtBot) -> None:
    page = sample.outbox(())
    qtbot.addWidget(page)
    page.show()
    assert page.empty.text() == "Nothing waits. Mail stays here until a server accepts it."
    assert page.empty.isVisible()
    assert page.summary.text() == ""


def test_the_summary_counts_what_waits_for_the_person(page: OutboxPage) -> None:
    assert page.summary.text() == "4 to decide, 1 refused"


def test_an_entry_of_an_identity_that_is_gone_is_still_shown(page: OutboxPage) -> None:
    page.set_identities(())
    row = page.row(sample.WAITING.id)
    assert row is not None
    assert "ida.holm@bigmail.example to council@fjordby.example" in words_in(row)


def test_a_servers_words_are_shown_as_they_are_and_never_as_markup(page: OutboxPage) -> None:
    entry = replace(sample.REFUSED, reply=Reply(550, "", ("<b>Buy</b> <img src=http://x.example/>",)))
    page.update_entry(entry)
    row = page.row(entry.id)
    assert row is not None
    assert "550 <b>Buy</b> <img src=http://x.example/>" in words_in(row)


def test_ten_thousand_mails_make_only_the_rows_in_view(qtbot: QtBot) -> None:
    kinds = (sample.WAITING, sample.UNKNOWN, sample.REFUSED, sample.ACCEPTED)
    entries = [replace(kinds[n % 4], id=f"{n:032x}") for n in range(10_000)]
    page = sample.outbox(())
    qtbot.addWidget(page)
    page.resize(960, 800)
    page.show()
    page.set_entries(entries)
    assert page.rows.built() < 30
    bar = page.rows.verticalScrollBar()
    for part in range(20):
        bar.setValue(bar.maximum() * part // 20)
    assert page.rows.built() < 30
    page.show_entry(entries[-1].id)
    last = page.row(entries[-1].id)
    assert last is not None
    assert page.window().focusWidget() is last


def test_a_row_above_that_grows_moves_nothing_in_view(qtbot: QtBot) -> None:
    entries = [replace(sample.ACCEPTED, id=f"{n:032x}") for n in range(200)]
    page = sample.outbox(())
    qtbot.addWidget(page)
    page.resize(960, 600)
    page.show()
    page.set_entries(entries)
    bar = page.rows.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    in_view = next(one for one in entries if (row := page.row(one.id)) is not None and row.y() >= 0)
    before = page.row(in_view.id)
    assert before is not None
    place = before.y()
    page.update_entry(replace(sample.REFUSED, id=entries[0].id))
    after = page.row(in_view.id)
    assert after is not None
    assert after.y() == place


def test_a_certificate_is_accepted_by_a_button_of_its_own_and_never_by_the_filled_one(
    page: OutboxPage, qtbot: QtBot
) -> None:
    entry = replace(
        sample.REFUSED, state=State.HELD, reason=Reason.ONION_CERTIFICATE, reply=None,
        detail="self-signed certificate, SHA-256 AB:CD",
    )  # fmt: skip
    page.update_entry(entry)
    row = page.row(entry.id)
    assert row is not None
    assert "AB:CD" in row.accessibleDescription()
    assert row.buttons[Action.RETRY].text() == "Try again"
    with qtbot.waitSignal(page.accept_certificate) as caught:
        row.buttons[Action.ACCEPT_CERTIFICATE].click()
    assert caught.args == [entry.id]


def test_what_was_learnt_of_a_server_is_said_where_an_exit_was_turned_away(page: OutboxPage) -> None:
    entry = replace(sample.REFUSED, reason=Reason.EXIT_BLOCKED, detail="")
    page.update_entry(entry)
    page.set_learnt(entry.identity_id, "It turned exit relays away 3 times.")
    page.set_learnt(entry.identity_id, "It turned exit relays away 3 times.")
    row = page.row(entry.id)
    assert row is not None
    assert "It turned exit relays away 3 times." in row.accessibleDescription()


def test_without_mail_the_title_stands_where_it_always_does(qtbot: QtBot) -> None:
    tops = []
    for entries in ((), sample.MOCKUP):
        page = sample.outbox(entries)
        qtbot.addWidget(page)
        page.resize(900, 640)
        page.show()
        title = next(each for each in page.findChildren(Label) if each.text() == "Outbox")
        tops.append(title.mapTo(page, QPoint()).y())
    assert tops[0] == tops[1]


@pytest.mark.parametrize("state", [State.HELD, State.REFUSED])
def test_what_can_be_put_right_elsewhere_leads_there(state: State) -> None:
    def offered(reason: Reason, identity: Identity | None = sample.WREN) -> tuple[Action, ...]:
        entry = replace(sample.REFUSED, state=state, reason=reason, detail="", reply=None)
        card = outbox_words.row_words(entry, identity, None, sample.NOW).card
        assert card is not None
        assert card.main is None or card.main in card.actions
        return card.actions

    # Before one tries again: a password that was refused is refused again, and an account can be locked for it.
    assert offered(Reason.SIGN_IN_REFUSED)[:2] == (Action.SENDER, Action.RETRY)
    assert offered(Reason.NOT_TOR)[:2] == (Action.CONNECT, Action.RETRY)
    assert Action.SENDER not in offered(Reason.SIGN_IN_REFUSED, None)
    assert not {Action.SENDER, Action.CONNECT} & {*offered(Reason.TOO_LARGE), *offered(Reason.IDENTITY_GONE)}


def test_whom_the_server_refused_is_named_and_who_was_fine_is_not(page: OutboxPage) -> None:
    no, yes = Reply(550, "5.1.1", ("No such mailbox here",)), Reply(250, "2.1.5", ("Recipient OK",))
    entry = replace(
        sample.SOME_REFUSED,
        reply=no,
        recipients=(
            Recipient("marta@nordpost.example", RecipientState.REFUSED, no),
            Recipient("desk@nordpost.example", RecipientState.WAITING, yes),
        ),
    )
    card = outbox_words.row_words(entry, sample.IDA, None, sample.NOW).card
    assert card is not None
    assert card.verbatim == "marta@nordpost.example: 550 5.1.1 No such mailbox here"
