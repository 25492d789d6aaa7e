"""A message reaches a server that behaves."""

from __future__ import annotations

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import HOST, PORT, large_body, message, onion_host
from torsend.delivery.dispatcher import status_of
from torsend.delivery.states import RecipientState, State, Step
from torsend.errors import ExitStatus
from torsend.identity.identity import Tls


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_message_arrives_byte_for_byte(office: PostOffice, tls: Tls) -> None:
    wren = office.serve(tls=tls)
    entry = office.send(wren)
    assert entry.state is State.ACCEPTED
    assert entry.step is Step.REPLIED
    assert entry.reply is not None
    assert (entry.reply.code, entry.reply.enhanced) == (250, "2.0.0")
    assert [each.state for each in entry.recipients] == [RecipientState.ACCEPTED]
    [mail] = office.server.mails
    assert mail.body == b"".join(message().chunks())
    assert mail.recipients == ("marta@example.org",)
    assert office.server.seen[0].tls
    assert status_of([entry]) is ExitStatus.OK


def test_what_is_said_is_one_dialect_without_a_trace_of_this_machine(office: PostOffice) -> None:
    office.send(office.serve())
    office.server.wait_for(lambda: office.server.seen[0].ended.is_set())
    size = message().size
    assert office.server.seen[0].commands == [
        "EHLO [127.0.0.1]",
        "AUTH PLAIN AHdyZW5Acm93YW5tYWlsLmV4YW1wbGUAY29ycmVjdCBob3JzZQ==",
        f"MAIL FROM:<wren@rowanmail.example> SIZE={size}",
        "RCPT TO:<marta@example.org>",
        "DATA",
        "QUIT",
    ]


def test_server_without_pipelining_and_with_login_only_gets_it_too(office: PostOffice) -> None:
    wren = office.serve(offers=("AUTH LOGIN",))
    entry = office.send(wren, message(to=("a@example.org", "b@example.org")))
    assert entry.state is State.ACCEPTED
    assert office.server.mails[0].recipients == ("a@example.org", "b@example.org")


def test_onion_service_is_spoken_to_without_tls(office: PostOffice) -> None:
    wren = office.serve(tls=Tls.ONION_PLAIN, host=onion_host())
    assert office.send(wren).state is State.ACCEPTED
    assert office.server.seen[0].signed_in


def test_large_message_is_streamed_whole(office: PostOffice) -> None:
    body = large_body(5_000_000)
    entry = office.send(office.serve(), message(body, pieces=100_000))
    assert entry.state is State.ACCEPTED
    assert office.server.mails[0].body == body
    sent = [each.sent for each in office.recorder.seen]
    assert sent == sorted(sent)
    assert sent[-1] == len(body)


def test_progress_is_told_phase_by_phase(office: PostOffice) -> None:
    office.send(office.serve())
    assert office.recorder.phases == [
        "building",
        "built",
        "signing-in",
        "signed-in",
        "sending",
        "waiting",
        "accepted",
    ]


def test_each_identity_has_credentials_of_its_own(office: PostOffice) -> None:
    wren, other = office.serve(), office.person()
    office.send(wren)
    office.send(other)
    first, second = office.proxy.requests
    assert first.password != second.password
    assert (first.host, first.port) == (HOST, PORT)


def test_identities_send_side_by_side(office: PostOffice) -> None:
    people = [office.serve(), *(office.person() for _ in range(7))]
    for each in people:
        office.outbox.queue(message(), each.id)
    assert status_of(office.dispatcher().run_once()) is ExitStatus.OK
    assert len(office.server.mails) == 8
