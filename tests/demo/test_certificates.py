"""The throw-away certificates hold up against a strict client, and fail where they are told to."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from torsend.demo.certificates import Certificates, make_certificates

if TYPE_CHECKING:
    from pathlib import Path

HOST = "smtp.rowanmail.example"


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> str | None:
    """A whole handshake in memory; gives the TLS version, or raises what the client raises."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=host)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(10):
        waiting = 0
        for side in (ours, theirs):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                waiting += 1
        if not waiting:
            return ours.version()
    pytest.fail("the handshake does not end")


def test_strict_client_accepts_each_name_and_address(tmp_path: Path) -> None:
    made = make_certificates(tmp_path / "tls", [HOST, "*.fennmail.example", "127.0.0.1"])
    for host in (HOST, "smtp.fennmail.example", "127.0.0.1"):
        assert shake_hands(made.for_server(), made.for_client(), host) == "TLSv1.3"


def test_client_refuses_another_name(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, [HOST])
    with pytest.raises(ssl.SSLCertVerificationError, match=r"match"):
        shake_hands(made.for_server(), made.for_client(), "smtp.elsewhere.example")


def test_client_refuses_another_authority(tmp_path: Path) -> None:
    ours, others = make_certificates(tmp_path / "a", [HOST]), make_certificates(tmp_path / "b", [HOST])
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(ours.for_server(), others.for_client(), HOST)


def test_client_refuses_an_expired_certificate(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    made = make_certificates(
        tmp_path, [HOST], not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
    )
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        shake_hands(made.for_server(), made.for_client(), HOST)


def test_key_is_readable_by_nobody_else(tmp_path: Path) -> None:
    made = make_certificates(tmp_path / "tls", [HOST])
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.key.parent.stat().st_mode) == 0o700


def test_making_them_again_replaces_them(tmp_path: Path) -> None:
    first = make_certificates(tmp_path, [HOST]).authority.read_bytes()
    again = make_certificates(tmp_path, [HOST])
    assert again.authority.read_bytes() != first
    assert isinstance(again, Certificates)
    assert shake_hands(again.for_server(), again.for_client(), HOST)
