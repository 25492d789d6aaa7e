"""TLS to a mail server: always verified, never resumed."""

from __future__ import annotations

import functools
import hashlib
import os
import ssl

from torsend.errors import UsageError
from torsend.words import t

CIPHERS = (
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256",
    "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-SHA256", "DHE-RSA-AES128-SHA256",
)  # fmt: skip
"""For TLS 1.2, in this order: what Python itself asks for. Spelled out, since Debian's Python and Fedora's ask for other
ones, and a ClientHello would tell the system."""


class BadAuthorities(UsageError):
    """The file that ``SSL_CERT_FILE`` names holds no certificates that could be trusted."""

    def __init__(self) -> None:
        super().__init__(
            t("The certificates that SSL_CERT_FILE names can’t be read, so no server could be trusted."),
            advice=t("Correct that setting, or unset it to trust the system’s authorities."),
        )


class BadCertificate(Exception):  # what happened
    """The peer did not prove to be the host that was asked for.

    Attributes:
        detail: why, in OpenSSL's words, and the certificate's SHA-256 fingerprint; safe to show.
    """

    def __init__(self, detail: str) -> None:
        super().__init__()
        self.detail = detail


class OtherCertificate(BadCertificate):
    """Not the one that the person accepted for this onion server."""


class TlsFailed(Exception):  # what happened
    """No TLS came to be: the peer speaks none, or only what is too old."""


@functools.cache
def context() -> ssl.SSLContext:
    """The one context of this process: the system's authorities, or those of ``SSL_CERT_FILE``.

    One for all identities, so that their ClientHellos are alike; no session is ever handed on (a ticket would link
    two connections), and TLS 1.2's are not even asked for.

    Raises:
        BadAuthorities: ``SSL_CERT_FILE`` names what holds no certificate; OpenSSL would go on and trust nobody.
    """
    check_authorities()
    made = verifying()
    made.load_default_certs(ssl.Purpose.SERVER_AUTH)
    return made


@functools.cache
def unverified() -> ssl.SSLContext:
    """For onion servers alone, whose name proves itself: the certificate is compared with the one that was accepted
    (`Channel.start_tls`). Its ClientHello is like all others.
    """
    made = verifying()
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def check_accepted(tls: ssl.SSLObject, accepted: str) -> None:
    """Sees that the peer shows the certificate with that fingerprint.

    Raises:
        OtherCertificate
    """
    shown = hashlib.sha256(tls.getpeercert(binary_form=True) or b"").digest().hex(":").upper()
    if shown != accepted:
        raise OtherCertificate(f"SHA-256 {shown}")


def verifying() -> ssl.SSLContext:
    """A client's context that trusts nobody yet.

    Built by hand: ``ssl.create_default_context`` obeys ``SSLKEYLOGFILE``, so that who sets it for another program has
    the secrets of these connections in a file as well. The flags are the same under every Python, and whoever is
    trusted by name need not be a root. ``VERIFY_X509_STRICT``, which Python sets from 3.13 on, is left out: it refuses
    authorities of people's own for a missing key identifier, and stops no forger.

    What Python gives no say in (the ciphers of TLS 1.3, groups, signature algorithms and the order of extensions) is
    OpenSSL's own, with no configuration read (``surroundings``): a ClientHello tells OpenSSL's version, and not the
    system, the interpreter or the person.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = True
    made.verify_mode = ssl.CERT_REQUIRED
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.maximum_version = ssl.TLSVersion.TLSv1_3
    # The level also holds for signature algorithms and keys: 2 is 112 bits.
    made.set_ciphers(":".join(("@SECLEVEL=2", *CIPHERS)))
    made.verify_flags |= ssl.VERIFY_X509_TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    made.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    return made


def check_authorities() -> None:
    """Sees that ``SSL_CERT_FILE``, where it is set, names a file that certificates can be read from.

    Raises:
        BadAuthorities
    """
    named = os.environ.get("SSL_CERT_FILE")
    if not named:
        return
    try:
        # Alone, in a context that is thrown away: this tells what is wrong, the other way of loading does not.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=named)
    except (OSError, ValueError) as error:
        raise BadAuthorities from error


def handshake_failure(tls: ssl.SSLObject, error: ssl.SSLError) -> BadCertificate | TlsFailed:
    """What a failed handshake means."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return TlsFailed()
    # The host's name is in OpenSSL's message about a name that does not fit; the person knows it, but say less.
    why = error.verify_message.split(",")[0].strip()
    shown = fingerprint(tls)
    return BadCertificate(f"{why}, SHA-256 {shown}" if shown else why)


def fingerprint(tls: ssl.SSLObject) -> str:
    """SHA-256 of the peer's certificate, verified or not; empty where OpenSSL keeps none.

    ``getpeercert`` refuses after a failed handshake. The chain as received can be asked for: publicly from Python
    3.13, before that from the object beneath.
    """
    try:
        if hasattr(tls, "get_unverified_chain"):
            chain = tls.get_unverified_chain()
            der = chain[0] if chain else b""
        else:
            certificates = tls._sslobj.get_unverified_chain()  # type: ignore[attr-defined]  # noqa: SLF001
            der = ssl.PEM_cert_to_DER_cert(certificates[0].public_bytes()) if certificates else b""
    except (ssl.SSLError, AttributeError, ValueError):
        return ""
    return hashlib.sha256(der).digest().hex(":").upper() if der else ""
