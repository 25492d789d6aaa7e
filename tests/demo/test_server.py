"""The local submission server, spoken to by the standard library's client."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from torsend.demo.certificates import Certificates, make_certificates
from torsend.demo.failures import DemoFailed
from torsend.demo.server import Listener, Received, SubmissionServer

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "smtp.rowanmail.example"
USERS = {"wren@rowanmail.example": "correct horse", "finch": "pâté"}
MAIL = b"Subject: Hello\r\n\r\n.one dot\r\n..two dots\r\nno dot\r\n"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"), [HOST, "127.0.0.1"])


@pytest.fixture
def server(certificates: Certificates) -> Iterator[SubmissionServer]:
    before = set(threading.enumerate())
    made = SubmissionServer(certificates, USERS, refuse={"nobody@fennmail.example"})
    made.start()
    yield made
    made.stop()
    assert not [
        thread for thread in set(threading.enumerate()) - before if thread.name == "torsend-demo-server"
    ]


def client_of(server: SubmissionServer, certificates: Certificates, listener: Listener) -> smtplib.SMTP:
    """Connected, and in TLS where the port wants it."""
    name, context = "[127.0.0.1]", certificates.for_client()
    match listener:
        case Listener.IMPLICIT:
            return smtplib.SMTP_SSL("127.0.0.1", server.implicit_port, name, timeout=10, context=context)
        case Listener.STARTTLS:
            client = smtplib.SMTP("127.0.0.1", server.starttls_port, name, timeout=10)
            client.starttls(context=context)
            return client
        case Listener.ONION_PLAIN:
            return smtplib.SMTP("127.0.0.1", server.onion_port, name, timeout=10)


@pytest.mark.parametrize("listener", list(Listener))
def test_message_arrives_as_it_was_sent(
    server: SubmissionServer, certificates: Certificates, listener: Listener
) -> None:
    began = datetime.now(UTC)
    with client_of(server, certificates, listener) as client:
        client.login("wren@rowanmail.example", "correct horse")
        client.sendmail("wren@rowanmail.example", ["marta@fennmail.example", "jo@fennmail.example"], MAIL)
    (received,) = server.wait_for(1)
    assert received.mail_from == "wren@rowanmail.example"
    assert received.rcpt_tos == ("marta@fennmail.example", "jo@fennmail.example")
    assert received.data == MAIL
    assert received.username == "wren@rowanmail.example"
    assert received.listener is listener
    assert received.tls_version == ("" if listener is Listener.ONION_PLAIN else "TLSv1.3")
    assert received.ehlo == "[127.0.0.1]"
    assert received.peer[0] == "127.0.0.1"
    assert began <= received.at <= datetime.now(UTC) + timedelta(seconds=1)
    assert "Subject" not in repr(received)


@pytest.mark.parametrize("listener", list(Listener))
def test_wrong_password_is_refused_and_nothing_taken(
    server: SubmissionServer, certificates: Certificates, listener: Listener
) -> None:
    with client_of(server, certificates, listener) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError) as failure:
            client.login("wren@rowanmail.example", "wrong")
        assert failure.value.smtp_code == 535
        assert client.docmd("MAIL FROM:<wren@rowanmail.example>")[0] == 530
    assert server.received == ()


def test_password_outside_ascii_is_right(server: SubmissionServer) -> None:
    assert server.knows(b"finch", "pâté".encode())
    assert not server.knows(b"finch", b"pate")
    assert not server.knows(b"\xff", b"")


def test_nothing_is_said_before_tls(server: SubmissionServer) -> None:
    with smtplib.SMTP("127.0.0.1", server.starttls_port, "[127.0.0.1]", timeout=10) as client:
        client.ehlo()
        assert "auth" not in client.esmtp_features
        assert client.docmd("AUTH", "PLAIN AGZpbmNoAHDDonTDqQ==")[0] == 530
        assert client.docmd("MAIL FROM:<finch@rowanmail.example>")[0] == 530


def test_refused_recipient_leaves_the_others(server: SubmissionServer, certificates: Certificates) -> None:
    server.refuse.add("jo@fennmail.example")
    with client_of(server, certificates, Listener.IMPLICIT) as client:
        client.login("wren@rowanmail.example", "correct horse")
        refused = client.sendmail(
            "wren@rowanmail.example",
            ["nobody@fennmail.example", "marta@fennmail.example", "jo@fennmail.example"],
            MAIL,
        )
    assert set(refused) == {"nobody@fennmail.example", "jo@fennmail.example"}
    assert refused["jo@fennmail.example"] == (550, b"5.1.1 No such mailbox here")
    (received,) = server.received
    assert received.rcpt_tos == ("marta@fennmail.example",)


def test_pipelined_commands_are_answered_one_by_one(
    server: SubmissionServer, certificates: Certificates
) -> None:
    with client_of(server, certificates, Listener.IMPLICIT) as client:
        client.ehlo()
        assert client.has_extn("pipelining")
        client.login("wren@rowanmail.example", "correct horse")
        client.send(
            b"MAIL FROM:<wren@rowanmail.example>\r\nRCPT TO:<nobody@fennmail.example>\r\n"
            b"RCPT TO:<marta@fennmail.example>\r\nDATA\r\n"
        )
        assert [client.getreply()[0] for _ in range(4)] == [250, 550, 250, 354]
        client.send(MAIL + b".\r\n")
        assert client.getreply()[0] == 250


def test_too_large_a_message_is_refused_by_its_size(
    certificates: Certificates,
) -> None:
    server = SubmissionServer(certificates, USERS, max_message=1000)
    server.start()
    try:
        with client_of(server, certificates, Listener.ONION_PLAIN) as client:
            client.login("wren@rowanmail.example", "correct horse")
            assert client.esmtp_features["size"] == "1000"
            with pytest.raises(smtplib.SMTPSenderRefused) as failure:
                client.sendmail("wren@rowanmail.example", ["jo@fennmail.example"], b"x\r\n" * 400)
            assert failure.value.smtp_code == 552
    finally:
        server.stop()


def test_large_message_arrives_whole(server: SubmissionServer, certificates: Certificates) -> None:
    line = b"0123456789" * 7 + b"\r\n"
    data = b"Subject: large\r\n\r\n" + line * (5 * 1024 * 1024 // len(line))
    with client_of(server, certificates, Listener.IMPLICIT) as client:
        client.login("wren@rowanmail.example", "correct horse")
        client.sendmail("wren@rowanmail.example", ["marta@fennmail.example"], data)
    assert server.wait_for(1)[0].data == data


def test_client_that_distrusts_the_certificate_gets_nowhere(server: SubmissionServer) -> None:
    for port, first in ((server.implicit_port, b""), (server.starttls_port, b"EHLO x\r\nSTARTTLS\r\n")):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as stream:
            if first:
                stream.sendall(first)
                answers = b""
                while b"220 Ready" not in answers:
                    answers += stream.recv(4096)
            with pytest.raises(ssl.SSLCertVerificationError):
                ssl.create_default_context().wrap_socket(stream, server_hostname=HOST)
    assert server.received == ()


def test_stop_hangs_up_on_whoever_is_still_there(
    server: SubmissionServer, certificates: Certificates
) -> None:
    clients = [client_of(server, certificates, listener) for listener in Listener]
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 4
    for client in clients:
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            client.noop()
        client.close()
    server.stop()


def test_hanging_up_ends_what_was_begun_and_nothing_else(
    server: SubmissionServer, certificates: Certificates
) -> None:
    with client_of(server, certificates, Listener.IMPLICIT) as begun:
        begun.login("wren@rowanmail.example", "correct horse")
        server.hang_up()
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError, ssl.SSLError)):
            begun.sendmail("wren@rowanmail.example", ["jo@fennmail.example"], MAIL)
        begun.close()
    assert server.received == ()
    with client_of(server, certificates, Listener.IMPLICIT) as another:
        another.login("wren@rowanmail.example", "correct horse")
        another.sendmail("wren@rowanmail.example", ["jo@fennmail.example"], MAIL)
    assert len(server.received) == 1


def test_subscriber_hears_of_each_message_before_the_client_does(
    server: SubmissionServer, certificates: Certificates
) -> None:
    heard: list[Received] = []
    unsubscribe = server.subscribe(heard.append)
    with client_of(server, certificates, Listener.IMPLICIT) as client:
        client.login("wren@rowanmail.example", "correct horse")
        client.sendmail("wren@rowanmail.example", ["jo@fennmail.example"], MAIL)
        assert len(heard) == 1
        unsubscribe()
        client.sendmail("wren@rowanmail.example", ["jo@fennmail.example"], MAIL)
    assert len(heard) == 1
    assert len(server.received) == 2
    server.clear()
    assert not server.received


def test_message_that_does_not_come_is_said(server: SubmissionServer) -> None:
    with pytest.raises(DemoFailed, match="Of 2 messages 0 arrived"):
        server.wait_for(2, timeout_seconds=0.01)


def test_unusable_certificate_is_said(certificates: Certificates) -> None:
    broken = Certificates(certificates.authority, certificates.chain, certificates.authority)
    with pytest.raises(DemoFailed, match="could not start"):
        SubmissionServer(broken, USERS).start()
