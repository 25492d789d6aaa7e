"""Addresses of other scripts (RFC 6531): only to a server that offers to take them, else a refusal before the password."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import HOST, PORT, message
from tests.delivery.test_rehearsal import known, real_mail, written
from tests.delivery.test_smtp import converse
from tests.support import misbehaving as mis
from tests.support.misbehaving import PASSWORD, USER
from torsend.delivery.actions import Heard, Login, Write
from torsend.delivery.answers import Answers, typical
from torsend.delivery.reasons import Reason
from torsend.delivery.rehearsal import End
from torsend.delivery.reply import Reply
from torsend.delivery.sentences import explain
from torsend.delivery.smtp import Submission
from torsend.delivery.states import RecipientState, State
from torsend.demo.server import SubmissionServer
from torsend.identity.identity import Identity, Tls
from torsend.vault import Vault

MARTA = "märta@example.org"
USUAL = ("PIPELINING", "SIZE 10000000", "AUTH PLAIN LOGIN")
BOTH = pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])


@BOTH
def test_server_that_does_not_offer_it_is_told_neither_password_nor_sender(
    office: PostOffice, tls: Tls
) -> None:
    entry = office.send(office.serve(tls=tls), message(to=("ida@example.org", MARTA)))
    assert (entry.state, entry.reason) == (State.REFUSED, Reason.ADDRESS_NOT_ASCII)
    told = explain(entry, "rowanmail")
    assert "rowanmail takes only addresses that are plain a to z" in told.what
    assert told.left == "No mail, no password was sent."
    assert "SMTPUTF8" in told.advice
    office.server.wait_for(lambda: office.server.seen[0].ended.is_set())
    verbs = [command.split(" ")[0] for command in office.server.seen[0].commands]
    assert verbs == (["EHLO", "QUIT"] if tls is Tls.IMPLICIT else ["EHLO", "STARTTLS", "EHLO", "QUIT"])
    # Nothing to hope for: one attempt, over the circuit that it has.
    assert len(office.server.seen) == 1
    assert office.way.renewed == []


@pytest.mark.parametrize("more", [(), ("CHUNKING",)])
def test_server_that_offers_it_gets_the_addresses_as_they_are(
    office: PostOffice, more: tuple[str, ...]
) -> None:
    wren = office.serve(offers=(*USUAL, "8BITMIME", "SMTPUTF8", *more))
    body = f"To: {MARTA}\r\n\r\ntext\r\n".encode()
    entry = office.send(wren, message(body, to=(MARTA,)))
    assert entry.state is State.ACCEPTED
    [mail] = office.server.mails
    assert (mail.recipients, mail.body) == ((MARTA,), body)
    envelope = [each for each in office.server.seen[0].commands if each.startswith(("MAIL", "RCPT"))]
    assert envelope == [f"MAIL FROM:<{USER}> SIZE={len(body)} SMTPUTF8", f"RCPT TO:<{MARTA}>"]


@pytest.mark.parametrize("more", [("SMTPUTF8",), ()])
def test_it_is_shown_before_it_is_sent(
    office: PostOffice, vault: Vault, tmp_path: Path, more: tuple[str, ...]
) -> None:
    who = office.serve(offers=(*USUAL, *more))
    book = known(vault, who)
    mail = real_mail(tmp_path, MARTA)
    office.send(who, mail, answers=book)
    office.server.wait_for(office.server.seen[-1].ended.is_set)
    shown, events = written(mail, who, book.of(who) if more else without_it(who))
    assert shown == bytes(office.server.seen[-1].received)
    assert isinstance(events[-1], End)
    assert events[-1].verdict.reason is (Reason.ACCEPTED if more else Reason.ADDRESS_NOT_ASCII)


def without_it(who: Identity) -> Answers:
    """Of a server that offers less than most."""
    most = typical(who.server)
    return replace(most, replies={**most.replies, Heard.HELLO: Reply(250, lines=("mail.test", "AUTH PLAIN"))})


def test_it_is_not_asked_for_where_no_address_needs_it(office: PostOffice) -> None:
    office.send(office.serve(offers=(*USUAL, "8BITMIME", "SMTPUTF8")))
    assert not any("SMTPUTF8" in command for command in office.server.seen[0].commands)


def test_those_who_are_left_get_a_mail_whose_header_still_needs_it(office: PostOffice) -> None:
    wren = office.serve(
        [{f"rcpt {MARTA}": mis.answers("550 5.1.1 unknown")}, {}], offers=(*USUAL, "8BITMIME", "SMTPUTF8")
    )
    entry = office.send(wren, message(to=("ida@example.org", MARTA)))
    assert (entry.state, entry.reason) == (State.HELD, Reason.SOME_RECIPIENTS_REFUSED)
    office.outbox.decide_partial(entry.id)
    office.dispatcher().run_once([entry.id])
    assert {each.address: each.state for each in office.outbox.get(entry.id).recipients} == {
        "ida@example.org": RecipientState.ACCEPTED,
        MARTA: RecipientState.REFUSED,
    }
    [mail] = office.server.mails
    assert mail.recipients == ("ida@example.org",)
    assert any(
        each.startswith("MAIL") and each.endswith(" SMTPUTF8") for each in office.server.seen[1].commands
    )


@pytest.mark.parametrize(("utf8", "state"), [(True, State.ACCEPTED), (False, State.REFUSED)])
@pytest.mark.parametrize("to", [MARTA, '"用户 @ home"@example.org', "👩🏽.שלום@example.org"])
def test_a_server_of_somebody_else_s_making(office: PostOffice, to: str, utf8: bool, state: State) -> None:
    server = SubmissionServer(office.certificates, {USER: PASSWORD}, hostname=HOST, utf8=utf8)
    server.start()
    try:
        office.proxy.names[HOST, PORT] = server.implicit_port
        wren = office.person()
        body = f"From: {USER}\r\nTo: {to}\r\n\r\ntext\r\n".encode()
        assert office.send(wren, message(body, to=(to,))).state is state
        taken = [(each.rcpt_tos, each.data) for each in server.received]
        assert taken == ([((to,), body)] if utf8 else [])
    finally:
        server.stop()


def test_dialogue_never_says_what_was_not_announced() -> None:
    with pytest.raises(ValueError, match="not ASCII"):
        Submission("a@x.example", (MARTA,), 1, Login("u", "p"), starttls=False)
    with pytest.raises(ValueError, match="not ASCII"):
        Submission(MARTA, ("a@x.example",), 1, Login("u", "p"), starttls=False, utf8=False)


def test_round_trips_are_the_same() -> None:
    verdict, actions = converse(
        [
            b"220 hi\r\n",
            b"250-x\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 AUTH PLAIN\r\n",
            b"235 in\r\n",
            b"250 ok\r\n250 ok\r\n354 go\r\n",
            b"250 done\r\n",
        ],
        recipients=(MARTA,),
        utf8=True,
    )
    assert verdict.reason is Reason.ACCEPTED
    writes = [action.data for action in actions if isinstance(action, Write)]
    assert writes[2] == f"MAIL FROM:<a@x.example> SMTPUTF8\r\nRCPT TO:<{MARTA}>\r\nDATA\r\n".encode()
