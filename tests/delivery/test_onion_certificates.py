"""TLS inside an onion: Tor proves the address; the certificate proves more, or is accepted by the person."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import HOST, PORT, onion_host
from torsend.delivery.reasons import Reason
from torsend.delivery.sentences import explain
from torsend.delivery.states import State
from torsend.demo.certificates import make_certificates
from torsend.identity.identity import BadIdentity, Identity, Server, Tls

BOTH = pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])


def _accepting(office: PostOffice, who: Identity, fingerprint: str) -> Identity:
    server = dataclasses.replace(who.server, certificate=fingerprint)
    office.identities[who.id] = changed = dataclasses.replace(who, server=server)
    return changed


def _signed_in(office: PostOffice) -> bool:
    return any(command.startswith("AUTH") for seen in office.server.seen for command in seen.commands)


@BOTH
def test_certificate_that_does_not_name_the_onion_is_accepted_by_the_person_or_not_at_all(
    office: PostOffice, tls: Tls, tmp_path: Path
) -> None:
    who = office.serve(tls=tls, host=onion_host())
    entry = office.send(who)
    assert (entry.state, entry.reason) == (State.HELD, Reason.ONION_CERTIFICATE)
    assert not _signed_in(office)
    assert "If you know this fingerprint" in explain(entry, "them").advice
    shown = entry.detail.partition("SHA-256 ")[2]
    assert shown in explain(entry, "them").advice

    who = _accepting(office, who, shown)
    assert office.send(who).state is State.ACCEPTED

    # Another certificate: of the same name, and this time even of an authority that is trusted.
    for other in (
        make_certificates(tmp_path / "other", [HOST]),
        make_certificates(tmp_path / "o", [onion_host()]),
    ):
        office.certificates = other
        office.serve(tls=tls, host=onion_host(), server_tls=other.for_server())
        entry = office.send(who)
        assert (entry.state, entry.reason) == (State.HELD, Reason.CERTIFICATE_CHANGED)
        assert shown not in entry.detail
        assert "another certificate than the one you accepted" in explain(entry, "them").what
        assert not _signed_in(office)


@BOTH
def test_certificate_that_names_the_onion_needs_nobody(office: PostOffice, tls: Tls, tmp_path: Path) -> None:
    office.certificates = named = make_certificates(tmp_path / "c", [onion_host()])
    assert (
        office.send(office.serve(tls=tls, host=onion_host(), server_tls=named.for_server())).state
        is State.ACCEPTED
    )


@pytest.mark.parametrize(("host", "tls"), [(HOST, Tls.IMPLICIT), (onion_host(), Tls.ONION_PLAIN)])
def test_only_an_onion_server_with_tls_has_an_accepted_certificate(host: str, tls: Tls) -> None:
    with pytest.raises(BadIdentity, match="Only an onion server") as raised:
        Server(host, PORT, tls, "ab" * 32)
    assert raised.value.field == "certificate"


def test_a_fingerprint_is_read_in_each_way_it_is_written() -> None:
    whole = ":".join(["AB"] * 32)
    for typed in (whole, "ab" * 32, f" SHA-256 {whole.lower()} ", whole.replace(":", " ")):
        assert Server(onion_host(), PORT, Tls.IMPLICIT, typed).certificate == whole
    with pytest.raises(BadIdentity, match="isn’t a certificate’s SHA-256"):
        Server(onion_host(), PORT, Tls.IMPLICIT, "ab" * 20)
