"""An onion service's key and name (rend-spec-v3), made here so that the name is known before tor starts."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

if TYPE_CHECKING:
    from pathlib import Path

VERSION = b"\x03"


@dataclass(frozen=True, slots=True)
class OnionKey:
    """A version 3 onion service.

    Attributes:
        host: its name, ``….onion``.
    """

    host: str
    _seed: bytes = field(repr=False)
    _public: bytes = field(repr=False)

    @classmethod
    def new(cls) -> OnionKey:
        """A fresh one."""
        return cls.from_seed(os.urandom(32))

    @classmethod
    def from_seed(cls, seed: bytes) -> OnionKey:
        """The one that belongs to these 32 bytes (RFC 8032's private key)."""
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        # rend-spec-v3, "Encoding onion addresses".
        checksum = hashlib.sha3_256(b".onion checksum" + public + VERSION).digest()[:2]
        host = base64.b32encode(public + checksum + VERSION).decode().lower() + ".onion"
        return cls(host, seed, public)

    def write(self, folder: Path) -> None:
        """Makes the ``HiddenServiceDir`` that tor reads it from."""
        # RFC 8032 section 5.1.5: tor keeps the seed's expansion, not the seed.
        expanded = bytearray(hashlib.sha512(self._seed).digest())
        expanded[0] &= 248
        expanded[31] = (expanded[31] & 127) | 64
        folder.mkdir(mode=0o700)
        (folder / "hs_ed25519_secret_key").write_bytes(_header(b"secret") + bytes(expanded))
        (folder / "hs_ed25519_public_key").write_bytes(_header(b"public") + self._public)
        (folder / "hs_ed25519_secret_key").chmod(0o600)


def _header(kind: bytes) -> bytes:
    return (b"== ed25519v1-" + kind + b": type0 ==").ljust(32, b"\x00")
