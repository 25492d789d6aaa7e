"""How few round trips a submission takes, without a server learning to accept what it should not."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import IMPATIENT, large_body, message
from tests.delivery.test_smtp import converse
from tests.support import misbehaving as mis
from tests.support.misbehaving import Misdeed
from torsend.delivery.actions import Login, Poll, Reached, Read, Stage, StartTls, Write
from torsend.delivery.reasons import Reason
from torsend.delivery.smtp import Submission
from torsend.delivery.states import State, Step
from torsend.identity.identity import Identity, Tls
from torsend.vault import Vault

BOTH = pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
CHUNKING = ("PIPELINING", "CHUNKING", "SIZE 100000000", "AUTH PLAIN LOGIN")
TWO = ("b@x.example", "c@x.example")


def hello(*offers: str) -> list[bytes]:
    listed = b"".join(b"250-%s\r\n" % offer.encode() for offer in offers)
    return [b"220 hi\r\n", b"250-x\r\n" + listed + b"250 AUTH PLAIN\r\n", b"235 in\r\n"]


OK, GO = b"250 ok\r\n", b"354 go\r\n"


# ---- counted in the dialogue: each Read is an answer waited for


@pytest.mark.parametrize(
    ("offers", "recipients", "answers", "trips"),
    [
        (("PIPELINING", "CHUNKING"), 1, [OK * 3], 1),
        (("PIPELINING", "CHUNKING"), 2, [OK * 3, OK], 2),
        (("PIPELINING",), 1, [OK * 2 + GO, OK], 2),
        (("PIPELINING",), 2, [OK * 3 + GO, OK], 2),
        (("CHUNKING",), 1, [OK, OK, OK], 3),
        ((), 1, [OK, OK, GO, OK], 4),
    ],
)
def test_round_trips_behind_signing_in(
    offers: tuple[str, ...], recipients: int, answers: list[bytes], trips: int
) -> None:
    verdict, actions = converse([*hello(*offers), *answers], recipients=TWO[:recipients])
    assert verdict.reason is Reason.ACCEPTED
    # The greeting, EHLO and AUTH are three; connecting with ClientHello one more.
    assert sum(isinstance(action, Read) for action in actions) == 3 + trips


def test_everything_behind_signing_in_leaves_in_one_write() -> None:
    _, actions = converse([*hello("PIPELINING", "CHUNKING", "SIZE"), OK * 3])
    writes = [action.data for action in actions if isinstance(action, Write)]
    assert writes[2:] == [
        b"MAIL FROM:<a@x.example> SIZE=9\r\nRCPT TO:<b@x.example>\r\nBDAT 9 LAST\r\nbody...\r\n"
    ]


def test_last_octet_leaves_only_after_its_step_is_durable() -> None:
    _, actions = converse([*hello("PIPELINING", "CHUNKING"), OK * 3])
    dot = actions.index(Reached(Stage.DOT, ("b@x.example",)))
    written = next(n for n, each in enumerate(actions) if isinstance(each, Write) and b"body" in each.data)
    assert dot < written
    assert isinstance(actions[dot - 1], Poll)


def test_with_several_recipients_no_octet_of_the_mail_leaves_before_all_of_them_are_answered() -> None:
    verdict, actions = converse([*hello("PIPELINING", "CHUNKING"), OK * 2 + b"550 no\r\n"], recipients=TWO)
    assert verdict.reason is Reason.SOME_RECIPIENTS_REFUSED
    assert not any(isinstance(each, Write) and b"BDAT" in each.data for each in actions)


@pytest.mark.parametrize(
    ("answers", "reason", "stage"),
    [
        ([], Reason.NO_ANSWER, Stage.DOT),
        ([OK], Reason.NO_ANSWER, Stage.DOT),
        ([OK * 2], Reason.NO_ANSWER, Stage.DOT),
        ([OK * 2 + b"garbage\r\n"], Reason.NO_ANSWER, Stage.DOT),
        ([b"garbage\r\n"], Reason.NO_ANSWER, Stage.DOT),
        ([b"354 what\r\n"], Reason.NO_ANSWER, Stage.DOT),
        ([b"354 what\r\n" + OK * 2], Reason.NO_ANSWER, Stage.DOT),
        ([OK * 4], Reason.NO_ANSWER, Stage.DOT),
        ([OK * 2 + GO], Reason.NO_ANSWER, Stage.DOT),
        ([OK + b"550 no\r\n" + OK], Reason.NO_ANSWER, Stage.DOT),
        ([OK + b"550 no\r\n" + b"503 no\r\n"], Reason.RECIPIENTS_REFUSED, Stage.DOT),
        ([OK + b"550 no\r\n"], Reason.RECIPIENTS_REFUSED, Stage.DOT),
        ([OK + b"451 later\r\n" + b"503 no\r\n"], Reason.RECIPIENTS_LATER, Stage.DOT),
        ([b"550 not you\r\n" + b"503 no\r\n" * 2], Reason.SENDER_REFUSED, Stage.DOT),
        ([b"550 not you\r\n"], Reason.SENDER_REFUSED, Stage.DOT),
        ([b"421 bye\r\n"], Reason.TEMPORARY, Stage.DOT),
        ([OK * 2 + b"421 bye\r\n"], Reason.TEMPORARY, Stage.DOT),
        ([OK * 2 + b"554 spam\r\n"], Reason.CONTENT_REFUSED, Stage.DOT),
        ([OK * 3 + b"421 idle\r\n"], Reason.ACCEPTED, Stage.DOT),
    ],
)
def test_all_left_in_one_write_and_only_a_clear_no_is_a_no(
    answers: list[bytes], reason: Reason, stage: Stage
) -> None:
    verdict, _ = converse([*hello("PIPELINING", "CHUNKING"), *answers])
    assert (verdict.reason, verdict.stage) == (reason, stage)


ANSWERS = st.sampled_from([b"250 a\r\n", b"354 a\r\n", b"421 a\r\n", b"451 a\r\n", b"550 a\r\n", b"x\r\n"])


@given(st.lists(ANSWERS, max_size=5))
def test_it_is_accepted_only_by_three_answers_of_yes_in_order_and_retried_only_after_a_no(
    answers: list[bytes],
) -> None:
    verdict, _ = converse([*hello("PIPELINING", "CHUNKING"), b"".join(answers)] if answers else hello())
    if not answers:
        return
    if verdict.reason is Reason.ACCEPTED:
        assert all(answer == b"250 a\r\n" for answer in answers[:3])
    elif verdict.reason is not Reason.NO_ANSWER:
        assert any(answer[:1] in b"45" for answer in answers)
        assert answers[:3] != [b"250 a\r\n"] * 3


def test_write_that_broke_off_has_delivered_nothing() -> None:
    verdict, _ = converse([*hello("PIPELINING", "CHUNKING"), OK * 3], lose=b"BDAT")
    assert (verdict.reason, verdict.stage) == (Reason.DROPPED, Stage.BODY)


# ---- against a server


@BOTH
@pytest.mark.parametrize("size", [30, 3_000_000])
def test_mail_arrives_octet_for_octet_in_one_counted_chunk(office: PostOffice, tls: Tls, size: int) -> None:
    body = large_body(size)
    entry = office.send(office.serve(tls=tls, offers=CHUNKING), message(body, pieces=100_000))
    assert (entry.state, entry.step) == (State.ACCEPTED, Step.REPLIED)
    assert office.server.mails[0].body == body
    office.server.wait_for(office.server.seen[0].ended.is_set)
    assert office.server.seen[0].commands[-2:] == [f"BDAT {len(body)} LAST", "QUIT"]


@BOTH
@pytest.mark.parametrize(
    ("manners", "state", "reason"),
    [
        (
            {"mail": mis.answers("550 5.1.8 not you"), "rcpt": mis.answers("503 5.5.1 MAIL first")},
            State.REFUSED,
            Reason.SENDER_REFUSED,
        ),
        ({"mail": mis.answers("550 5.1.8 not you")}, State.UNKNOWN, Reason.NO_ANSWER),
        ({"rcpt": mis.answers("550 5.1.1 no such user")}, State.REFUSED, Reason.RECIPIENTS_REFUSED),
        ({"rcpt": mis.answers("451 4.7.1 greylisted")}, State.RETRY, Reason.RECIPIENTS_LATER),
        ({"rcpt": mis.vanishes}, State.UNKNOWN, Reason.NO_ANSWER),
        ({"dot": mis.takes_it_and(mis.vanishes)}, State.UNKNOWN, Reason.NO_ANSWER),
        ({"dot": mis.takes_it_and(mis.half_a_reply)}, State.UNKNOWN, Reason.NO_ANSWER),
        ({"dot": mis.answers("451 4.3.0 later")}, State.RETRY, Reason.TEMPORARY),
        ({"dot": mis.answers("554 5.7.1 spam")}, State.REFUSED, Reason.CONTENT_REFUSED),
    ],
    ids=["sender", "sender-but-taken", "recipient", "greylist", "gone-at-rcpt", "gone", "half", "4yz", "5yz"],
)
def test_mail_that_left_with_its_envelope_is_refused_put_off_or_in_doubt(
    office: PostOffice, tls: Tls, manners: Mapping[str, Misdeed], state: State, reason: Reason
) -> None:
    entry = office.send(office.serve(manners, tls=tls, offers=CHUNKING))
    assert (entry.state, entry.reason) == (state, reason)
    assert len(office.server.seen) == 1


@BOTH
def test_recipient_refused_while_a_large_mail_leaves_ends_it_before_its_last_octet(
    office: PostOffice, tls: Tls
) -> None:
    wren = office.serve({"rcpt": mis.answers("550 5.1.1 no such user")}, tls=tls, offers=CHUNKING)
    entry = office.send(wren, message(large_body(25_000_000), pieces=100_000))
    assert (entry.state, entry.reason, entry.step) == (
        State.REFUSED,
        Reason.RECIPIENTS_REFUSED,
        Step.DATA_STARTED,
    )
    office.server.wait_for(office.server.seen[0].ended.is_set)
    assert not office.server.seen[0].body_ended


@BOTH
@pytest.mark.parametrize("offers", [CHUNKING, ("PIPELINING", "AUTH PLAIN")], ids=["bdat", "data"])
@pytest.mark.parametrize(
    ("words", "state", "reason"),
    [
        ("552 5.3.4 that is enough", State.REFUSED, Reason.TOO_LARGE),
        ("421 4.3.0 bye", State.RETRY, Reason.TEMPORARY),
        ("250 2.0.0 queued already", State.RETRY, Reason.PROTOCOL),
    ],
)
def test_server_that_speaks_but_reads_no_more_is_heard_at_once(
    office: PostOffice, tls: Tls, offers: tuple[str, ...], words: str, state: State, reason: Reason
) -> None:
    """The way to it is full, so nothing can be written: without listening the block's deadline would have to pass."""
    over = threading.Event()

    def says_no_and_stays(talk: mis.Talk) -> None:
        talk.say(words)
        over.wait(60)
        raise mis.Over

    wren = office.serve({"body": says_no_and_stays}, tls=tls, offers=offers)
    try:
        entry = office.send(wren, message(large_body(25_000_000), pieces=100_000), IMPATIENT)
    finally:
        over.set()
    # Not "stalled": that is what twenty seconds of silence would have made of it.
    assert (entry.state, entry.reason) == (state, reason)
    assert entry.step is Step.DATA_STARTED


def test_first_words_leave_with_the_request_for_the_stream(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy answers only once ClientHello is there: whoever waits for the answer first waits for ever."""
    negotiate = office.proxy._negotiate
    early: list[bytes] = []

    def late(client: socket.socket) -> object:
        request = negotiate(client)
        client.settimeout(10)
        early.append(client.recv(3, socket.MSG_PEEK | socket.MSG_WAITALL))
        client.settimeout(None)
        return request

    monkeypatch.setattr(office.proxy, "_negotiate", late)
    assert office.send(office.serve()).state is State.ACCEPTED
    assert early == [b"\x16\x03\x01"]


@pytest.mark.parametrize("code", [0x01, 0x02, 0x04, 0xF0])
def test_refusal_of_an_optimistic_stream_is_told_as_what_it_is(office: PostOffice, code: int) -> None:
    wren = office.serve()
    office.proxy.refusals = [code] * 9
    entry = office.send(wren)
    assert entry.step is Step.CONNECTING
    assert entry.detail == f"{code:#04x}"
    assert office.server.seen == []


def test_starttls_takes_seven_round_trips() -> None:
    """EHLO follows TLS at once, its last flight and EHLO in one: nothing is waited for in between."""
    replies = [
        b"220 hi\r\n",
        b"250-x\r\n250 STARTTLS\r\n",
        b"220 go\r\n",
        *hello("PIPELINING", "CHUNKING")[1:],
        OK * 3,
    ]
    dialogue = Submission("a@x.example", ("b@x.example",), 0, Login("u", "p"), starttls=True).dialogue()
    seen = [next(dialogue)]
    with contextlib.suppress(StopIteration):
        while True:
            seen.append(dialogue.send(replies.pop(0) if isinstance(seen[-1], Read) else b""))
    assert replies == []
    # And connecting, which is one with the greeting, and the handshake: seven.
    assert sum(isinstance(each, Read) for each in seen) == 6
    assert isinstance(seen[seen.index(StartTls()) + 1], Write)


# ---- side by side, and many


def test_eight_identities_are_with_the_server_at_the_same_time(office: PostOffice) -> None:
    """Each waits in its mail until all eight are there: one that waited for another would never come."""
    together = threading.Barrier(8, timeout=15)

    def waits_for_the_others(talk: mis.Talk) -> None:
        together.wait()
        talk.server.take(talk, talk.seen.body)
        talk.say("250 2.0.0 Ok")

    people = [
        office.serve({"dot": waits_for_the_others}, offers=CHUNKING),
        *(office.person() for _ in range(7)),
    ]
    for each in people:
        office.outbox.queue(message(), each.id)
    entries = office.dispatcher().run_once()
    assert [entry.state for entry in entries] == [State.ACCEPTED] * 8


def test_cost_of_a_send_does_not_grow_with_the_outbox(office: PostOffice, vault: Vault) -> None:
    """Counted, not timed: rows that SQLite looks at while a message is sent, beside 10,000 others of 1,000 senders."""
    people = [office.serve(offers=CHUNKING), *(office.person() for _ in range(20))]
    wren = people[0]
    alone = _steps(office, vault, wren)
    with vault.writing() as db:
        for number in range(10_000):
            # A third each accepted, waiting for another day, and due behind this one; one in ten is of the same sender.
            state, when = (("accepted", None), ("queued", 4e9), ("queued", None))[number % 3]
            sender = wren.id if number % 10 == 0 else f"{number % 1000:032x}"
            db.execute(
                "INSERT INTO outbox (id, identity_id, created, state, step, mail_from, message_id, subject, size,"
                " next_attempt) VALUES (?, ?, 1, ?, 'queued', 'a@x.example', '<1@x>', 's', 1, ?)",
                (f"{number:032x}", sender, state, when),
            )
    # A look at each of them would be forty times as much.
    assert _steps(office, vault, wren) < alone * 3


def _steps(office: PostOffice, vault: Vault, who: Identity) -> int:
    """What SQLite does for one message, from the look for due ones to acceptance, in hundreds of its instructions."""
    counted = 0
    dispatcher = office.dispatcher()
    dispatcher.run_once([])  # the start's own work is done once, not with each message

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    queued = office.outbox.queue(message(), who.id)
    with vault.writing() as db:
        connection: Any = db._open
    connection.set_progress_handler(count, 100)
    assert office.outbox.next_due(who.id) is not None
    office.outbox.seconds_to_next()
    [entry] = dispatcher.run_once([queued.id])
    connection.set_progress_handler(None, 0)
    assert entry.state is State.ACCEPTED
    return counted
