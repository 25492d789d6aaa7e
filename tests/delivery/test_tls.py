"""Whom the one TLS context trusts, and what of it can end up in a file."""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING

import pytest

from torsend.delivery import tls
from torsend.demo.certificates import Certificates, make_certificates
from torsend.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "smtp.rowanmail.example"


@pytest.fixture(autouse=True)
def fresh_context() -> Iterator[None]:
    """The context is one for a process: no scenario inherits another's, nor leaves its own."""
    tls.context.cache_clear()
    yield
    tls.context.cache_clear()


def meet(client_context: ssl.SSLContext, certificates: Certificates) -> None:
    """A whole handshake, in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=HOST)
    server = certificates.for_server().wrap_bio(to_server, to_client, server_side=True)
    # A handshake takes two turns each; the third would show that somebody waits for what never comes.
    waiting = {client, server}
    for _ in range(3):
        for each in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                each.do_handshake()
                waiting.discard(each)
    assert not waiting


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("trusted"), [HOST])


@pytest.mark.parametrize("writable", [True, False])
def test_the_secrets_of_a_connection_are_written_to_no_file(
    trusted: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writable: bool
) -> None:
    keys = tmp_path / "keys.log" if writable else tmp_path / "nowhere" / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.authority))
    for context in (tls.context(), trusted.for_client()):
        assert not context.keylog_filename
        meet(context, trusted)
    assert not keys.exists()


def test_what_is_verified_is_not_left_to_the_version_of_python() -> None:
    context = tls.context()
    assert context is tls.context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    for flag in (ssl.VERIFY_X509_PARTIAL_CHAIN, ssl.VERIFY_X509_TRUSTED_FIRST):
        assert context.verify_flags & flag
    for option in (ssl.OP_NO_TICKET, ssl.OP_NO_COMPRESSION, ssl.OP_NO_RENEGOTIATION):
        assert context.options & option


def test_an_authority_of_the_person_s_own_is_trusted_and_no_other(
    trusted: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.authority))
    meet(tls.context(), trusted)
    stranger = make_certificates(tmp_path / "stranger", [HOST])
    with pytest.raises(ssl.SSLCertVerificationError):
        meet(tls.context(), stranger)


@pytest.mark.parametrize("content", [None, b"", b"no certificate\n"])
def test_a_file_without_certificates_is_said_and_nobody_is_trusted_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    named = tmp_path / "authorities.pem"
    if content is not None:
        named.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(named))
    with pytest.raises(tls.BadAuthorities, match="SSL_CERT_FILE") as raised:
        tls.context()
    assert raised.value.status is ExitStatus.USAGE
    assert str(named) not in raised.value.sentences()
