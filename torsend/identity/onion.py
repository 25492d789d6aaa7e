"""Onion addresses of version 3, told from a mistyped one (Tor's rend-spec-v3, section 6: encoding onion addresses)."""

from __future__ import annotations

import base64
import binascii
import hashlib

_VERSION = 3
_CHARACTERS = 56
_OLD_CHARACTERS = 16


def is_onion(host: str) -> bool:
    """Whether the host name lies inside Tor. Says nothing on whether it is well formed."""
    return host.lower().rstrip(".").endswith(".onion")


def is_version_2(host: str) -> bool:
    """An address of the old kind, which Tor no longer knows."""
    return len(_label(host)) == _OLD_CHARACTERS


def checksum_fits(host: str) -> bool:
    """Whether the address proves itself: 32 bytes of key, two of checksum, the version. Sub-domains are left out."""
    label = _label(host)
    if len(label) != _CHARACTERS:
        return False
    try:
        data = base64.b32decode(label.upper())
    except (binascii.Error, ValueError):
        return False
    key, checksum, version = data[:32], data[32:34], data[34]
    return (
        version == _VERSION
        and checksum == hashlib.sha3_256(b".onion checksum" + key + data[34:]).digest()[:2]
    )


def _label(host: str) -> str:
    return host.lower().rstrip(".").removesuffix(".onion").rpartition(".")[2]
