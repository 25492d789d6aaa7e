"""Keys of the private network's nodes, made here because tor's own tools make the large ones only.

A relay's identity is RSA with 1024 bits (tor-spec, "Keys and identities"). An authority has a second
identity, and a certificate by it for the key that signs votes (dir-spec, "Authority certificates").
``tor-gencert`` makes that identity with 3072 bits and needs seconds for it; 1024 bits are enough for a
network that lives on loopback for an afternoon, and take milliseconds.
"""

from __future__ import annotations

import base64
import hashlib
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

BITS = 1024
LIFETIME = timedelta(days=90)
BACKDATED = timedelta(hours=1)


def new_key() -> rsa.RSAPrivateKey:
    """A key of the size that tor wants for a relay's identity."""
    return rsa.generate_private_key(65537, BITS)


def private_pem(key: rsa.RSAPrivateKey) -> bytes:
    """The key as tor reads it from its ``keys`` folder."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def fingerprint(key: rsa.RSAPrivateKey) -> str:
    """SHA-1 of the public key in PKCS #1 form, 40 capital hexadecimal digits."""
    return hashlib.sha1(_public(key, serialization.Encoding.DER), usedforsecurity=False).hexdigest().upper()


@dataclass(frozen=True, slots=True)
class AuthorityKeys:
    """What a directory authority signs votes with.

    Attributes:
        identity: ``v3ident`` of its ``DirAuthority`` line.
        certificate: the signed document that tells others its signing key.
        signing_key: that key's private half, PEM.
    """

    identity: str
    certificate: str
    signing_key: bytes = field(repr=False)


def new_authority(address: str, port: int) -> AuthorityKeys:
    """Keys and certificate of an authority whose directory port is ``address:port``."""
    identity, signing = new_key(), new_key()
    now = datetime.now(UTC)
    identity_digest = bytes.fromhex(fingerprint(identity))
    body = (
        "dir-key-certificate-version 3\n"
        f"dir-address {address}:{port}\n"
        f"fingerprint {fingerprint(identity)}\n"
        f"dir-key-published {now - BACKDATED:%Y-%m-%d %H:%M:%S}\n"
        f"dir-key-expires {now + LIFETIME:%Y-%m-%d %H:%M:%S}\n"
        f"dir-identity-key\n{_public(identity, serialization.Encoding.PEM).decode()}"
        f"dir-signing-key\n{_public(signing, serialization.Encoding.PEM).decode()}"
        f"dir-key-crosscert\n{_signed('ID SIGNATURE', signing, identity_digest)}"
        "dir-key-certification\n"
    )
    digest = hashlib.sha1(body.encode(), usedforsecurity=False).digest()
    certificate = body + _signed("SIGNATURE", identity, digest)
    return AuthorityKeys(fingerprint(identity), certificate, private_pem(signing))


def _public(key: rsa.RSAPrivateKey, encoding: serialization.Encoding) -> bytes:
    return key.public_key().public_bytes(encoding, serialization.PublicFormat.PKCS1)


def _signed(label: str, key: rsa.RSAPrivateKey, digest: bytes) -> str:
    # dir-spec signs the bare digest, without the DigestInfo that PKCS #1 (RFC 8017 section 9.2) puts in
    # front, which the library does not offer in every version. Padding by hand is fine for a key that is
    # thrown away.
    numbers = key.private_numbers()
    size = key.key_size // 8
    padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    signature = pow(int.from_bytes(padded), numbers.d, numbers.public_numbers.n).to_bytes(size)
    lines = "\n".join(textwrap.wrap(base64.b64encode(signature).decode(), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"
