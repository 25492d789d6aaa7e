"""The outbox keeps what it took, and lets nothing happen that its table does not list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.delivery.parts import large_body, message
from torsend.delivery import rows
from torsend.delivery.outbox import Changed, NoSuchEntry, NotNow, Outbox
from torsend.delivery.outcome import Accepted, Recipient, Refused, RetryLater, Unknown
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply
from torsend.delivery.states import RecipientState, State, Step
from torsend.mail.wire import Message
from torsend.vault import RawKey, Vault

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = RetryLater(Reason.TEMPORARY, Step.ENVELOPE, Reply(451, "4.3.0", ("later",)), delay=60)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(vault: Vault, clock: Clock) -> Outbox:
    return Outbox(vault, now=clock)


def test_what_was_queued_is_there_after_the_vault_was_opened_anew(tmp_path: Path) -> None:
    key = RawKey(bytes(32))
    body = large_body(2_500_000)
    with Vault.create(tmp_path / "vault", key) as vault:
        queued = Outbox(vault).queue(message(body, to=("a@x.example", "b@x.example"), pieces=77_777), "wren")
    with Vault.open(tmp_path / "vault", key) as vault:
        outbox = Outbox(vault)
        assert outbox.list() == (queued,)
        assert b"".join(outbox.chunks(queued.id)) == body
        assert max(map(len, outbox.chunks(queued.id))) == rows.CHUNK
        assert [each.address for each in queued.recipients] == ["a@x.example", "b@x.example"]


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_file_that_changes_while_it_is_read_leaves_nothing_behind(
    outbox: Outbox, vault: Vault, size: int
) -> None:
    good = message(large_body(size), pieces=50_000)

    def chunks() -> Iterator[bytes]:
        yield from good.chunks()
        raise OSError("changed")

    bad = Message(good.envelope, good.message_id, good.date, good.subject, good.size, chunks)
    with pytest.raises(OSError, match="changed"):
        outbox.queue(bad, "wren")
    assert outbox.list() == ()
    with vault.reading() as db:
        assert [
            db.rows(f"SELECT 1 FROM {table}") for table in ("outbox", "outbox_chunk", "outbox_recipient")
        ] == [
            [],
            [],
            [],
        ]


@pytest.mark.parametrize(
    "body",
    [b"a\nb\r\n", b"a\rb\r\n", b"a\r\r\n", b"no end", b"a\r\n\r", b"x" * (rows.CHUNK - 1) + b"\rx\r\n",
     b"x" * rows.CHUNK + b"\nx\r\n"],
)  # fmt: skip
def test_bare_line_ends_never_get_in(outbox: Outbox, body: bytes) -> None:
    with pytest.raises(ValueError, match="message"):
        outbox.queue(message(body), "wren")
    assert outbox.list() == ()


def test_line_end_cut_in_two_is_none_the_worse(outbox: Outbox) -> None:
    body = b"x" * (rows.CHUNK - 1) + b"\r\n"
    entry = outbox.queue(message(body), "wren")
    assert b"".join(outbox.chunks(entry.id)) == body


def test_other_size_than_was_said_never_gets_in(outbox: Outbox) -> None:
    good = message()
    with pytest.raises(ValueError, match="not what it said"):
        outbox.queue(Message(good.envelope, "", good.date, "", good.size + 1, good.chunks), "wren")


def test_order_is_that_of_queueing(outbox: Outbox) -> None:
    ids = [outbox.queue(message(), who).id for who in ("wren", "osprey", "wren")]
    assert [entry.id for entry in outbox.list()] == ids
    assert [entry.id for entry in outbox.list("wren")] == [ids[0], ids[2]]
    assert outbox.due("wren") == (ids[0], ids[2])
    assert set(outbox.due_identities()) == {"wren", "osprey"}


def test_message_for_later_is_due_only_then(outbox: Outbox, clock: Clock) -> None:
    entry = outbox.queue(message(), "wren", not_before=NOW + timedelta(days=3))
    assert outbox.next_due("wren") is None
    assert outbox.seconds_to_next() == 3 * 86400
    clock.now += timedelta(days=3)
    assert outbox.next_due("wren") == entry.id


def test_clock_put_back_does_not_put_a_retry_off_for_a_year(outbox: Outbox, clock: Clock) -> None:
    entry = outbox.queue(message(), "wren")
    outbox.begin(entry.id)
    outbox.settle(entry.id, LATER)
    assert outbox.due("wren") == ()
    clock.now -= timedelta(days=365)
    assert outbox.due("wren") == (entry.id,)


def test_outcome_is_kept_with_the_servers_words(outbox: Outbox, clock: Clock) -> None:
    entry = outbox.queue(message(), "wren")
    outbox.begin(entry.id)
    outbox.advance(entry.id, Step.TLS)
    settled = outbox.settle(entry.id, LATER)
    assert (settled.state, settled.step, settled.attempts) == (State.RETRY, Step.ENVELOPE, 1)
    assert settled.next_attempt == NOW + timedelta(seconds=60)
    assert settled.reply is not None
    assert settled.reply.words == "451 4.3.0 later"
    assert outbox.get(entry.id) == settled


def test_step_is_taken_once_and_only_forward(outbox: Outbox) -> None:
    entry = outbox.queue(message(), "wren")
    with pytest.raises(NotNow):
        outbox.advance(entry.id, Step.TLS)
    outbox.begin(entry.id)
    outbox.advance(entry.id, Step.AUTH)
    for step in (Step.AUTH, Step.TLS):
        with pytest.raises(NotNow):
            outbox.advance(entry.id, step)
    with pytest.raises(NotNow):
        outbox.begin(entry.id)


@pytest.mark.parametrize("step", [Step.CONNECTING, Step.TLS, Step.AUTH, Step.ENVELOPE, Step.DATA_STARTED])
def test_end_of_the_program_before_the_dot_is_tried_again(outbox: Outbox, step: Step) -> None:
    entry = outbox.queue(message(), "wren")
    outbox.begin(entry.id)
    if step is not Step.CONNECTING:
        outbox.advance(entry.id, step)
    [recovered] = outbox.recover()
    assert (recovered.state, recovered.step, recovered.reason) == (State.RETRY, step, Reason.INTERRUPTED)
    assert outbox.due("wren") == (entry.id,)
    assert outbox.recover() == ()


def test_end_of_the_program_after_the_dot_is_unknown_until_the_person_decides(outbox: Outbox) -> None:
    entry = outbox.queue(message(to=("a@x.example", "b@x.example")), "wren")
    outbox.begin(entry.id)
    outbox.advance(entry.id, Step.DOT_WRITTEN, ("a@x.example",))
    [recovered] = outbox.recover()
    assert recovered.state is State.UNKNOWN
    assert [each.state for each in recovered.recipients] == [RecipientState.UNKNOWN, RecipientState.WAITING]
    assert outbox.due("wren") == ()
    for refused in (outbox.retry, outbox.begin, outbox.cancel, outbox.decide_partial):
        with pytest.raises(NotNow):
            refused(entry.id)
    again = outbox.send_again(entry.id)
    assert again.state is State.QUEUED
    assert again.message_id == entry.message_id
    assert {each.state for each in again.recipients} == {RecipientState.WAITING}


def test_counted_as_sent_is_over(outbox: Outbox) -> None:
    entry = outbox.queue(message(), "wren")
    outbox.begin(entry.id)
    outbox.advance(entry.id, Step.DOT_WRITTEN, ("marta@example.org",))
    outbox.settle(entry.id, Unknown(Reason.NO_ANSWER, Step.DOT_WRITTEN))
    counted = outbox.count_as_sent(entry.id)
    assert (counted.state, counted.reason, counted.finished) == (State.ACCEPTED, Reason.COUNTED_AS_SENT, NOW)
    for refused in (outbox.retry, outbox.send_again, outbox.cancel, outbox.count_as_sent):
        with pytest.raises(NotNow):
            refused(entry.id)


def test_message_half_arrived_when_the_program_ended_goes(outbox: Outbox, vault: Vault) -> None:
    half = rows.NewRow("half", "wren", NOW.timestamp(), message(), None, None)
    with vault.writing() as db:
        rows.insert(db, half, rows.ARRIVING)
        rows.insert_chunks(db, "half", [(0, b"x")])
    assert outbox.list() == ()
    with pytest.raises(NoSuchEntry):
        outbox.get("half")
    outbox.recover()
    with vault.reading() as db:
        assert db.rows("SELECT 1 FROM outbox") == db.rows("SELECT 1 FROM outbox_chunk") == []


def test_removing_takes_the_bytes_too_but_not_under_a_lanes_feet(outbox: Outbox, vault: Vault) -> None:
    entry = outbox.queue(message(), "wren")
    outbox.begin(entry.id)
    with pytest.raises(NotNow):
        outbox.remove(entry.id)
    outbox.settle(entry.id, Refused(Reason.CONTENT_REFUSED, Step.REPLIED))
    outbox.remove(entry.id)
    with vault.reading() as db:
        assert db.rows("SELECT 1 FROM outbox_chunk") == []
    with pytest.raises(NoSuchEntry):
        outbox.remove(entry.id)


def test_cancelled_waits_for_the_person(outbox: Outbox) -> None:
    entry = outbox.queue(message(), "wren", not_before=NOW + timedelta(days=1))
    assert outbox.cancel(entry.id).state is State.HELD
    assert outbox.due("wren") == ()
    assert outbox.retry(entry.id).state is State.QUEUED
    assert outbox.due("wren") == (entry.id,)


def test_retry_asks_the_refused_again_but_never_those_who_have_it(outbox: Outbox) -> None:
    entry = outbox.queue(message(to=("a@x.example", "b@x.example", "c@x.example")), "wren")
    outbox.begin(entry.id)
    accepted, refused = RecipientState.ACCEPTED, RecipientState.REFUSED
    outbox.settle(
        entry.id,
        Refused(
            Reason.RECIPIENTS_REFUSED,
            Step.ENVELOPE,
            recipients=(Recipient("a@x.example", accepted), Recipient("b@x.example", refused)),
        ),
    )
    states = [each.state for each in outbox.retry(entry.id).recipients]
    assert states == [accepted, RecipientState.WAITING, RecipientState.WAITING]


def test_fault_in_a_lane_holds_what_was_before_the_dot(outbox: Outbox) -> None:
    before, beyond = (outbox.queue(message(), "wren") for _ in range(2))
    for entry, step in ((before, Step.AUTH), (beyond, Step.DOT_WRITTEN)):
        outbox.begin(entry.id)
        outbox.advance(entry.id, step, ("marta@example.org",))
    outbox.abandon("osprey")
    assert {entry.state for entry in outbox.list()} == {State.SENDING}
    outbox.abandon("wren")
    assert [entry.state for entry in outbox.list()] == [State.HELD, State.UNKNOWN]


def test_subscribers_are_told_what_is_on_the_disk_already(outbox: Outbox) -> None:
    told: list[tuple[Changed, bool]] = []

    def tell(change: Changed) -> None:
        there = change.entry_id in {entry.id for entry in outbox.list()}
        told.append((change, there == (change.entry is not None)))

    unsubscribe = outbox.subscribe(tell)
    entry = outbox.queue(message(), "wren")
    outbox.begin(entry.id)
    outbox.advance(entry.id, Step.TLS)
    outbox.settle(entry.id, Accepted(Reason.ACCEPTED, Step.REPLIED))
    outbox.remove(entry.id)
    unsubscribe()
    outbox.queue(message(), "wren")
    assert all(true for _, true in told)
    seen = [change.entry.state if change.entry else None for change, _ in told]
    assert seen == [State.QUEUED, State.SENDING, State.SENDING, State.ACCEPTED, None]


def test_nothing_of_the_person_is_in_a_representation(outbox: Outbox) -> None:
    shown = repr(outbox.queue(message(), "wren"))
    assert "marta" not in shown
    assert "rowanmail" not in shown
    assert "'hi'" not in shown


@pytest.mark.parametrize("do", [Outbox.get, Outbox.retry, Outbox.begin, Outbox.cancel, Outbox.count_as_sent])
def test_what_is_not_there_is_said_not_to_be(outbox: Outbox, do: Callable[[Outbox, str], object]) -> None:
    with pytest.raises(NoSuchEntry):
        do(outbox, "nothing")
