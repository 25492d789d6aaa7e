"""Throw-away certificates: an authority of our own, and one server certificate signed by it.

Strict enough for ``ssl.VERIFY_X509_STRICT`` (on by default from Python 3.13), RFC 5280 section 4.2: key
identifiers on both, key usage, extended key usage, subject alternative names. The authority's key is dropped
once it has signed.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from torsend.delivery.tls import verifying

if TYPE_CHECKING:
    from collections.abc import Sequence

LIFETIME = timedelta(days=30)
BACKDATED = timedelta(hours=1)
"""A certificate from this very second looks like one from the future to a clock that is a little slow."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the PEM files lie.

    Attributes:
        authority: the authority's certificate: what a client must trust (``SSL_CERT_FILE``).
        chain: the server's certificate, the authority's after it.
        key: the server's private key, mode 0600.
    """

    authority: Path
    chain: Path
    key: Path

    def for_server(self) -> ssl.SSLContext:
        """What a server listens with: TLS 1.2 or later."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.chain, self.key)
        return context

    def for_client(self) -> ssl.SSLContext:
        """What a client verifies with: this authority and no other."""
        context = verifying()
        context.load_verify_locations(cafile=self.authority)
        return context


def make_certificates(
    folder: Path,
    names: Sequence[str],
    *,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> Certificates:
    """Makes an authority and a server certificate for all of ``names``, and writes them into ``folder``.

    Args:
        folder: made (0700) if it is not there; gets ``authority.pem``, ``server.pem`` and ``server.key``.
        names: host names (``*.`` in front is allowed) or addresses, at least one; the first is the subject.
        not_before: when the server's certificate begins to hold, aware; an hour ago if not given.
        not_after: when it ceases to, aware; in 30 days if not given.
    """
    now = datetime.now(UTC)
    begins, ends = not_before or now - BACKDATED, not_after or now + LIFETIME
    # The authority always holds: an expired server certificate is to fail for itself, not for its issuer.
    authority_begins, authority_ends = min(begins, now - BACKDATED), max(ends, now + LIFETIME)

    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _named("Torsend demo authority")
    authority = (
        x509.CertificateBuilder(
            issuer_name=authority_name,
            subject_name=authority_name,
            public_key=authority_key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=authority_begins,
            not_valid_after=authority_ends,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )

    key = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        x509.CertificateBuilder(
            issuer_name=authority_name,
            subject_name=_named(names[0]),
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=begins,
            not_valid_after=ends,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Certificates(folder / "authority.pem", folder / "server.pem", folder / "server.key")
    authority_pem = authority.public_bytes(serialization.Encoding.PEM)
    made.authority.write_bytes(authority_pem)
    made.chain.write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + authority_pem)
    _write_private(
        made.key,
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    return made


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
