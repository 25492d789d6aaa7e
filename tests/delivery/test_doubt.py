"""Once a message may have been delivered, or was to some, nothing says again that it was not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.delivery.parts import message
from torsend.cli.output import entry_json
from torsend.delivery.outbox import NotNow, Outbox, OutboxEntry
from torsend.delivery.outcome import Accepted, Held, Recipient, Refused, RetryLater, Unknown
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply
from torsend.delivery.sentences import explain
from torsend.delivery.states import RecipientState, State, Step
from torsend.errors import UsageError
from torsend.gui.outbox_words import Action, RowWords, row_words
from torsend.vault import RawKey, Vault, schema

TO = ("a@x.example", "b@x.example")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NEVER = ("Nothing was delivered", "Nothing left this computer", "No mail was sent")


@pytest.fixture
def outbox(vault: Vault) -> Outbox:
    return Outbox(vault)


def reached(outbox: Outbox, entry_id: str, step: Step) -> None:
    outbox.begin(entry_id)
    outbox.advance(entry_id, step, TO if step is Step.DOT_WRITTEN else ())


def unknown(outbox: Outbox) -> OutboxEntry:
    entry = outbox.queue(message(to=TO), "wren")
    reached(outbox, entry.id, Step.DOT_WRITTEN)
    return outbox.settle(entry.id, Unknown(Reason.NO_ANSWER, Step.DOT_WRITTEN))


def for_some(outbox: Outbox) -> OutboxEntry:
    entry = outbox.queue(message(to=TO), "wren")
    reached(outbox, entry.id, Step.DOT_WRITTEN)
    said = (Recipient(TO[0], RecipientState.ACCEPTED), Recipient(TO[1], RecipientState.WAITING))
    outcome = RetryLater(Reason.ACCEPTED_FOR_SOME, Step.REPLIED, Reply(250), "", said, 300.0)
    return outbox.settle(entry.id, outcome)


def words(entry: OutboxEntry) -> tuple[str, RowWords]:
    return explain(entry, "rowanmail").sentences, row_words(entry, None, None, NOW)


def said(entry: OutboxEntry) -> str:
    told, row = words(entry)
    card = "".join(text for text, _ in row.card.body) if row.card else ""
    return f"{told} | {row.note} | {card}"


def never_denied(entry: OutboxEntry) -> None:
    assert not any(each in said(entry) for each in NEVER), said(entry)
    assert entry_json(entry, None)["left"] == "maybe-all"


def offers(entry: OutboxEntry) -> set[Action]:
    row = words(entry)[1]
    return {*row.actions, *(row.card.actions if row.card else ())}


def test_cancelled_after_send_again_it_still_may_have_been_sent(outbox: Outbox) -> None:
    entry = unknown(outbox)
    again = outbox.send_again(entry.id)
    never_denied(again)
    cancelled = outbox.cancel(entry.id)
    assert cancelled.state is State.HELD
    never_denied(cancelled)
    assert "It may have been sent with an earlier attempt." in said(cancelled)
    assert Action.EDIT not in offers(cancelled)
    with pytest.raises(NotNow, match="may have it"):
        outbox.take_out(entry.id)


@pytest.mark.parametrize(
    "outcome",
    [
        Held(Reason.PASSWORD_MISSING, Step.CONNECTING),
        Refused(Reason.SIGN_IN_REFUSED, Step.AUTH, Reply(535)),
        Refused(Reason.CONTENT_REFUSED, Step.REPLIED, Reply(554)),
        RetryLater(Reason.DROPPED, Step.TLS, delay=60.0),
    ],
)
def test_a_later_attempt_that_failed_takes_no_doubt_away(
    outbox: Outbox, outcome: Held | Refused | RetryLater
) -> None:
    entry = unknown(outbox)
    outbox.send_again(entry.id)
    outbox.begin(entry.id)
    never_denied(outbox.settle(entry.id, outcome))


def test_the_doubt_outlives_the_program(tmp_path: Path) -> None:
    key = RawKey(bytes(32))
    with Vault.create(tmp_path / "vault", key) as vault:
        outbox = Outbox(vault)
        entry = outbox.queue(message(to=TO), "wren")
        reached(outbox, entry.id, Step.DOT_WRITTEN)
    with Vault.open(tmp_path / "vault", key) as vault:
        outbox = Outbox(vault)
        (found,) = outbox.recover()
        assert found.state is State.UNKNOWN
        outbox.send_again(entry.id)
    with Vault.open(tmp_path / "vault", key) as vault:
        never_denied(Outbox(vault).cancel(entry.id))


def test_a_vault_from_before_doubt_was_kept_has_it_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = RawKey(bytes(32))
    monkeypatch.setattr(schema, "STEPS", schema.STEPS[:1])
    with Vault.create(tmp_path / "vault", key) as vault, vault.writing() as db:
        db.execute(
            "INSERT INTO outbox (id, identity_id, created, state, step, mail_from, message_id, subject, size, reason)"
            " VALUES ('e', 'wren', 0, 'unknown', 'dot-written', 'w@x.example', '<1@x.example>', 's', 1, 'no-answer')"
        )
        db.execute(
            "INSERT INTO outbox_recipient (entry_id, ordinal, address, state) VALUES ('e', 0, 'a@x.example', 'unknown')"
        )
    monkeypatch.undo()
    with Vault.open(tmp_path / "vault", key) as vault:
        outbox = Outbox(vault)
        outbox.send_again("e")
        never_denied(outbox.cancel("e"))


def test_acceptance_ends_the_doubt(outbox: Outbox) -> None:
    entry = unknown(outbox)
    outbox.send_again(entry.id)
    reached(outbox, entry.id, Step.DOT_WRITTEN)
    taken = tuple(Recipient(each, RecipientState.ACCEPTED) for each in TO)
    accepted = outbox.settle(entry.id, Accepted(Reason.ACCEPTED, Step.REPLIED, Reply(250), "", taken))
    assert explain(accepted, "rowanmail").sentences == "Accepted by rowanmail."


def test_cancelled_after_acceptance_for_some_says_who_has_it(outbox: Outbox) -> None:
    entry = for_some(outbox)
    never_denied(entry)
    cancelled = outbox.cancel(entry.id)
    never_denied(cancelled)
    assert "rowanmail took it for one recipient already." in said(cancelled)
    assert "Accepted for 1 of 2 recipients" in said(cancelled)
    assert Action.EDIT not in offers(cancelled)
    with pytest.raises(NotNow, match="have this mail"):
        outbox.take_out(entry.id)


def test_a_mail_that_waits_for_a_sign_in_says_what_its_own_attempt_had_let_out(outbox: Outbox) -> None:
    fresh = outbox.queue(message(to=TO), "wren")
    tried = outbox.queue(message(to=TO), "wren")
    reached(outbox, tried.id, Step.DATA_STARTED)
    outbox.settle(tried.id, RetryLater(Reason.DROPPED, Step.DATA_STARTED))
    outbox.hold_others("wren", Reason.SIGN_IN_WAITS)
    assert explain(outbox.get(fresh.id), "rowanmail").left == "Nothing left this computer."
    left = explain(outbox.get(tried.id), "rowanmail").left
    assert left == "Part of the mail was sent. Nothing was delivered."


def test_what_an_earlier_attempt_let_out_is_not_taken_back_by_one_that_never_connected(
    outbox: Outbox,
) -> None:
    entry = outbox.queue(message(to=TO), "wren")
    reached(outbox, entry.id, Step.AUTH)
    outbox.settle(entry.id, Refused(Reason.SIGN_IN_REFUSED, Step.AUTH, Reply(535)))
    outbox.retry(entry.id)
    outbox.begin(entry.id)
    ended = outbox.settle(entry.id, Held(Reason.NOT_TOR, Step.CONNECTING))
    assert explain(ended, "rowanmail").left == "The server saw the sign-in. No mail was sent."
    assert entry_json(ended, None)["left"] == "login"


@pytest.mark.parametrize("reason", [Reason.DROPPED, Reason.TEMPORARY, Reason.CANCELLED])
def test_a_sign_in_that_left_is_not_hidden_behind_nothing_was_delivered(
    outbox: Outbox, reason: Reason
) -> None:
    entry = outbox.queue(message(to=TO), "wren")
    reached(outbox, entry.id, Step.AUTH)
    ended = outbox.settle(entry.id, RetryLater(reason, Step.AUTH, delay=60.0))
    assert explain(ended, "rowanmail").left == "The server saw the sign-in. No mail was sent."


def test_every_refusal_says_what_to_try(outbox: Outbox) -> None:
    entry = outbox.queue(message(to=TO), "wren")
    calls: list[Callable[[], object]] = [
        lambda: outbox.send_again(entry.id),
        lambda: outbox.count_as_sent(entry.id),
    ]
    reached(outbox, entry.id, Step.TLS)
    calls += [
        lambda: outbox.remove(entry.id),
        lambda: outbox.retry(entry.id),
        lambda: outbox.cancel(entry.id),
    ]
    calls += [lambda: outbox.decide_partial(entry.id), lambda: outbox.get("nobody")]
    for call in calls:
        with pytest.raises(UsageError) as caught:
            call()
        assert caught.value.advice, caught.value
        assert "left this computer" not in caught.value.sentences()
    outbox.settle(entry.id, Accepted(Reason.ACCEPTED, Step.REPLIED, Reply(250)))
    with pytest.raises(NotNow) as caught_too:
        outbox.retry(entry.id)
    assert caught_too.value.advice
