"""The real-world server that the end-to-end tests submit to, spoken to by the standard library's client."""

from __future__ import annotations

import os
import smtplib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.dovecot import DovecotMissing, DovecotSubmission

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIL = b"Subject: Hello\r\n\r\n.one dot\r\nno dot\r\n"
NAME = "wren@rowanmail.example"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[DovecotSubmission]:
    made = DovecotSubmission({NAME: "correct horse"})
    try:
        made.start()
    except DovecotMissing as missing:
        pytest.skip(str(missing))
    yield made
    made.stop()


@pytest.fixture(params=["implicit", "starttls"])
def client(request: pytest.FixtureRequest, dovecot: DovecotSubmission) -> Iterator[smtplib.SMTP]:
    dovecot.clear()
    context, name = dovecot.certificates.for_client(), "[127.0.0.1]"
    made: smtplib.SMTP
    if request.param == "implicit":
        made = smtplib.SMTP_SSL("127.0.0.1", dovecot.implicit_port, name, timeout=20, context=context)
    else:
        made = smtplib.SMTP("127.0.0.1", dovecot.starttls_port, name, timeout=20)
        made.starttls(context=context)
    yield made
    made.close()


def test_message_is_relayed(dovecot: DovecotSubmission, client: smtplib.SMTP) -> None:
    client.login(NAME, "correct horse")
    client.ehlo()
    assert client.has_extn("pipelining")
    assert client.has_extn("chunking")
    client.sendmail(NAME, ["marta@fennmail.example"], MAIL)
    (received,) = dovecot.wait_for(1)
    assert received.mail_from == NAME
    assert received.rcpt_tos == ("marta@fennmail.example",)
    assert received.data.endswith(MAIL)
    assert b"with ESMTPSA" in received.data


def test_chunks_are_taken(dovecot: DovecotSubmission, client: smtplib.SMTP) -> None:
    client.login(NAME, "correct horse")
    client.send(f"MAIL FROM:<{NAME}>\r\nRCPT TO:<jo@fennmail.example>\r\n".encode())
    client.send(b"BDAT %d LAST\r\n" % len(MAIL) + MAIL)
    assert [client.getreply()[0] for _ in range(3)] == [250, 250, 250]
    assert dovecot.wait_for(1)[0].data.endswith(MAIL)


def test_wrong_password_is_refused(client: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError) as failure:
        client.login(NAME, "wrong")
    assert failure.value.smtp_code == 535


def test_refused_recipient_is_passed_on(dovecot: DovecotSubmission, client: smtplib.SMTP) -> None:
    dovecot.refuse.add("nobody@fennmail.example")
    client.login(NAME, "correct horse")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as failure:
        client.sendmail(NAME, ["nobody@fennmail.example"], MAIL)
    assert failure.value.recipients["nobody@fennmail.example"][0] == 550


def test_it_never_runs_as_root(dovecot: DovecotSubmission) -> None:
    assert dovecot.pid is not None
    owner = Path(f"/proc/{dovecot.pid}").stat().st_uid
    assert owner != 0
    assert os.geteuid() in {0, owner}
