"""A conversation as it is shown is the conversation as it is held, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import HOST, identity, large_body, message, onion_host
from tests.support import misbehaving as mis
from tests.support.misbehaving import PASSWORD, USER
from torsend.delivery.actions import Heard, Login, StartTls
from torsend.delivery.answers import AnswerBook, Answers, _from_json, _kept, _to_json, typical
from torsend.delivery.reasons import Reason
from torsend.delivery.rehearsal import Answer, Command, End, Event, Piece, rehearse
from torsend.delivery.reply import Reply, safe_text
from torsend.delivery.states import State
from torsend.delivery.transaction import DotStuffer
from torsend.errors import VaultError
from torsend.identity.book import IdentityBook
from torsend.identity.identity import Identity, Server, Tls
from torsend.mail.address import Mailbox, check_address
from torsend.mail.draft import Attachment, Draft
from torsend.mail.wire import Message, compose
from torsend.vault import Vault

LOGIN = Login(USER, PASSWORD)
OFFERS: tuple[tuple[str, ...], ...] = (
    ("PIPELINING", "CHUNKING", "SIZE 100000000", "AUTH PLAIN LOGIN"),
    ("PIPELINING", "SIZE 100000000", "AUTH PLAIN"),
    ("CHUNKING", "AUTH PLAIN"),
    ("8BITMIME", "AUTH LOGIN"),
)


def written(
    mail: Message, who: Identity, answers: Answers, login: Login = LOGIN
) -> tuple[bytes, list[Event]]:
    """What we say in a rehearsal, in one, and all of it event by event."""
    events = list(rehearse(mail, who.server, login, answers))
    ours = b"".join(
        event.line if isinstance(event, Command) else event.data
        for event in events
        if isinstance(event, Command | Piece)
    )
    return ours, events


def held(office: PostOffice, book: AnswerBook, who: Identity, mail: Message) -> bytes:
    """The same for real: every byte that a lane wrote to the server, which is remembered as it answered."""
    assert office.send(who, mail, answers=book).state is State.ACCEPTED
    seen = office.server.seen[-1]
    office.server.wait_for(seen.ended.is_set)
    return bytes(seen.received)


def known(vault: Vault, who: Identity) -> AnswerBook:
    IdentityBook(vault, check_address).add(who)
    return AnswerBook(vault)


def real_mail(folder: Path, to: str) -> Message:
    """As a person writes it, with files: one of text with dots, one of bytes."""
    (folder / "dots.txt").write_bytes(b".\r\n..\r\nFrom here\r\n")
    (folder / "random.bin").write_bytes(bytes(range(256)) * 900)
    draft = Draft(
        "d", to=to, subject="Prüfbögen", text=".\n..hidden\nFrom here\n" * 40,
        attachments=(Attachment.of(folder / "dots.txt").as_it_is(), Attachment.of(folder / "random.bin").as_it_is()),
    )  # fmt: skip
    return compose(
        draft, Mailbox("Wren", USER), now=datetime(2026, 4, 21, 10, 20, tzinfo=UTC), random=lambda n: bytes(n)
    )


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS, Tls.ONION_PLAIN])
@pytest.mark.parametrize("offers", OFFERS, ids=["both", "pipelining", "chunking", "neither"])
@pytest.mark.parametrize("to", ["a@x.example", "a@x.example, b@x.example, c@y.example"], ids=["one", "three"])
def test_what_is_shown_is_what_leaves(
    office: PostOffice, vault: Vault, tmp_path: Path, tls: Tls, offers: Sequence[str], to: str
) -> None:
    host = onion_host() if tls is Tls.ONION_PLAIN else HOST
    who = office.serve(tls=tls, host=host, offers=offers)
    book = known(vault, who)
    mail = real_mail(tmp_path, to)
    sent = held(office, book, who, mail)
    answers = book.of(who)
    assert answers.seen
    shown, events = written(mail, who, answers)
    assert shown == sent
    assert isinstance(events[-1], End)
    assert events[-1].verdict.reason is Reason.ACCEPTED
    assert (StartTls() in events) is (tls is Tls.STARTTLS)
    # Greeting, offers and codes are the server's own.
    assert Answer(Heard.GREETING, Reply(220, lines=("mail.test ESMTP",))) in events


@pytest.mark.parametrize("offers", OFFERS[:2], ids=["bdat", "data"])
def test_dots_of_a_foreign_body_are_shown_as_they_leave(
    office: PostOffice, vault: Vault, offers: Sequence[str]
) -> None:
    who = office.serve(offers=offers)
    book = known(vault, who)
    for body in (b".\r\n", large_body(300_000), b"a\r\n.\r\n..\r\n"):
        mail = message(body, pieces=7_000)
        sent = held(office, book, who, mail)
        assert written(mail, who, book.of(who))[0] == sent


PARTS = st.sampled_from([b".", b"..", b"\r\n", b"a", b".\r\n", b"\r\n."])


@given(st.lists(PARTS, min_size=1, max_size=30), st.integers(1, 9))
def test_the_mail_ends_where_it_ends_however_it_is_cut(parts: list[bytes], pieces: int) -> None:
    who = identity()
    body = b"".join(parts)
    stuffer = DotStuffer()
    _, events = written(message(body, pieces=pieces), who, typical(who.server))
    mail = b"".join(each.data for each in events if isinstance(each, Piece))
    assert mail + b".\r\n" == stuffer.feed(body) + stuffer.end()


def replies_of(who: Identity, *offers: str) -> Answers:
    return Answers({**typical(who.server).replies, Heard.HELLO: Reply(250, lines=("x", *offers))}, seen=True)


@pytest.mark.parametrize(("mechanism", "hidden"), [("PLAIN", 1), ("LOGIN", 2)])
def test_the_secret_is_marked_and_nothing_else_differs_with_it(mechanism: str, hidden: int) -> None:
    who = identity()
    answers = replies_of(who, f"AUTH {mechanism}")
    lines = []
    for login in (LOGIN, Login("somebody", "else")):
        _, events = written(message(), who, answers, login)
        assert sum(isinstance(each, Command) and each.secret for each in events) == hidden
        lines.append([each for each in events if not (isinstance(each, Command) and each.secret)])
    assert lines[0] == lines[1]


def test_what_runs_before_tls_is_told_apart() -> None:
    who = identity(Tls.STARTTLS)
    _, events = written(message(), who, typical(who.server))
    bare = [each.line for each in events if isinstance(each, Command) and not each.private]
    assert bare == [b"EHLO [127.0.0.1]\r\n", b"STARTTLS\r\n"]


@pytest.mark.parametrize("tls", list(Tls)[:2])
def test_of_a_server_never_spoken_to_a_whole_conversation_is_assumed(tls: Tls) -> None:
    who = identity(tls)
    answers = typical(who.server)
    assert not answers.seen
    _, events = written(message(), who, answers)
    assert isinstance(events[-1], End)
    assert events[-1].verdict.reason is Reason.ACCEPTED
    verbs = [each.verb for each in events if isinstance(each, Command)]
    assert verbs[-6:] == ["AUTH", "MAIL", "RCPT", "DATA", ".", "QUIT"]


@pytest.mark.parametrize(
    ("offers", "reason"),
    [(("PIPELINING",), Reason.SIGN_IN_NOT_OFFERED), (("AUTH PLAIN", "SIZE 3"), Reason.TOO_LARGE)],
)
def test_a_conversation_that_would_end_early_is_shown_to_its_end(
    offers: tuple[str, ...], reason: Reason
) -> None:
    who = identity()
    _, events = written(message(), who, replies_of(who, *offers))
    end = events[-1]
    assert isinstance(end, End)
    assert end.verdict.reason is reason
    assert not any(isinstance(each, Piece) for each in events)
    assert isinstance(events[-2], Command)
    assert events[-2].verb == "QUIT"


def test_a_reply_with_which_nothing_goes_on_ends_it_too() -> None:
    who = identity()
    strange = Answers(
        {**typical(who.server).replies, Heard.SIGNED_IN: Reply(334, lines=("eA==",))}, seen=True
    )
    _, events = written(message(), who, strange)
    assert isinstance(events[-1], End)
    assert events[-1].verdict.reason is Reason.DROPPED
    assert [each.secret for each in events if isinstance(each, Command) and each.verb == "AUTH"] == [
        True,
        True,
    ]


WORDS = st.text(st.characters(codec="utf-8"), max_size=1500)


@given(st.lists(WORDS, max_size=120))
def test_whatever_a_server_once_said_can_be_kept_and_rehearsed(lines: list[str]) -> None:
    """Bounds hold on the way back as well: what was kept is never too long to be read again."""
    who = identity()
    reply = Reply(250, "2.0.0", tuple(safe_text(line.encode()) for line in lines))
    kept = _from_json(_to_json({each: _kept(each, reply) for each in (Heard.GREETING, Heard.HELLO)}))
    replies = {**typical(who.server).replies, Heard.HELLO: kept[Heard.HELLO]}
    _, events = written(message(), who, Answers(replies, seen=True))
    assert isinstance(events[-1], End)
    assert events[-1].verdict.reason in {Reason.ACCEPTED, Reason.SIGN_IN_NOT_OFFERED}


# ---- what is remembered


def knows_by_name(talk: mis.Talk) -> None:
    talk.seen.recipients.append("marta@example.org")
    talk.say("250 2.1.5 marta@example.org is known")


def test_later_answers_are_remembered_without_their_words(office: PostOffice, vault: Vault) -> None:
    """They may name an account or a recipient of another mail."""
    telling = {
        "rcpt": knows_by_name,
        "dot": mis.takes_it_and(mis.answers("250 2.0.0 queued for marta")),
    }
    who = office.serve(telling)
    book = known(vault, who)
    assert office.send(who, answers=book).state is State.ACCEPTED
    for asked, reply in book.of(who).replies.items():
        if asked not in (Heard.GREETING, Heard.HELLO, Heard.HELLO_IN_CLEAR):
            assert reply.lines == ()
    with vault.reading() as db:
        [row] = db.rows("SELECT body FROM server_answers")
    assert "marta" not in row["body"]


def test_an_attempt_that_fails_keeps_what_went_well_of_the_last(office: PostOffice, vault: Vault) -> None:
    who = office.serve([{}, {"greeting": mis.answers("220 another word"), "auth": mis.answers("535 no")}])
    book = known(vault, who)
    assert office.send(who, answers=book).state is State.ACCEPTED
    assert office.send(who, answers=book).state is State.REFUSED
    answers = book.of(who)
    assert answers.replies[Heard.GREETING].lines == ("another word",)
    assert answers.replies[Heard.SIGNED_IN].code == 235
    assert answers.replies[Heard.ACCEPTED].code == 250


def test_no_identity_is_shown_what_another_heard_nor_what_another_server_said(
    office: PostOffice, vault: Vault
) -> None:
    who = office.serve()
    book = known(vault, who)
    other = office.person()
    known(vault, other)
    office.send(who, answers=book)
    assert book.of(who).seen
    assert not book.of(other).seen
    assert not book.of(replace(who, server=Server(HOST, 587, Tls.STARTTLS))).seen


def test_answers_go_with_the_identity(office: PostOffice, vault: Vault) -> None:
    who = office.serve()
    book = known(vault, who)
    office.send(who, answers=book)
    IdentityBook(vault, check_address).remove(who.id)
    assert not book.of(who).seen
    book.remember(who, {Heard.GREETING: Reply(220)})  # an attempt that ended a moment too late
    with vault.reading() as db:
        assert db.rows("SELECT * FROM server_answers") == []


def test_what_is_known_already_is_not_written_again(vault: Vault) -> None:
    moments = iter([datetime(2026, 4, 21, tzinfo=UTC)])
    who = identity()
    IdentityBook(vault, check_address).add(who)
    book = AnswerBook(vault, clock=lambda: next(moments))
    for _ in range(3):
        book.remember(who, {Heard.GREETING: Reply(220, lines=("hi",))})


def test_a_vault_that_cannot_keep_answers_changes_nothing_of_the_outcome(
    office: PostOffice, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = office.serve()
    book = known(vault, who)

    def full(*_: object) -> None:
        raise VaultError("full")

    monkeypatch.setattr(book, "remember", full)
    assert office.send(who, answers=book).state is State.ACCEPTED


def test_what_a_later_program_kept_is_passed_over(vault: Vault) -> None:
    who = identity()
    IdentityBook(vault, check_address).add(who)
    book = AnswerBook(vault)
    book.remember(who, {Heard.GREETING: Reply(220, lines=("hi",))})
    with vault.writing() as db:
        db.execute(
            """UPDATE server_answers SET body = '{"later": [250, "", []], "greeting": [220, "", ["x"]]}'"""
        )
    assert book.of(who).replies[Heard.GREETING].lines == ("x",)
