"""Keys that tor has to accept: here against the specifications, in ``test_network`` against tor itself."""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from torsend.demo.keys import fingerprint, new_authority, new_key, private_pem
from torsend.demo.onion import OnionKey


def opened(signature: str, key: rsa.RSAPublicKey) -> bytes:
    """What an RSA signature holds, its padding (RFC 8017 section 9.2) taken off."""
    numbers = key.public_numbers()
    value = pow(int.from_bytes(base64.b64decode(signature)), numbers.e, numbers.n)
    padded = value.to_bytes(key.key_size // 8)
    found = re.fullmatch(rb"\x00\x01\xff{8,}\x00(.*)", padded, re.DOTALL)
    assert found
    return found[1]


def public_key(pem: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def test_authoritys_certificate_is_signed_by_both_of_its_keys() -> None:
    authority = new_authority("127.9.8.7", 9030)
    text = authority.certificate
    identity, signing = (
        public_key(pem)
        for pem in re.findall(
            r"-----BEGIN RSA PUBLIC KEY-----.*?-----END RSA PUBLIC KEY-----\n", text, re.DOTALL
        )
    )
    crosscert, certification = re.findall(
        r"-----BEGIN (?:ID )?SIGNATURE-----\n(.*?)-----END", text, re.DOTALL
    )

    identity_digest = bytes.fromhex(authority.identity)
    assert opened(crosscert, signing) == identity_digest
    signed, keyword, _rest = text.partition("dir-key-certification\n")
    assert opened(certification, identity) == hashlib.sha1((signed + keyword).encode()).digest()
    assert f"fingerprint {authority.identity}\n" in text
    assert "dir-address 127.9.8.7:9030\n" in text
    assert "PRIVATE" not in repr(authority)


def test_fingerprint_is_of_the_public_key() -> None:
    key = new_key()
    assert re.fullmatch(r"[0-9A-F]{40}", fingerprint(key))
    again = serialization.load_pem_private_key(private_pem(key), None)
    assert isinstance(again, rsa.RSAPrivateKey)
    assert fingerprint(again) == fingerprint(key)


def test_onion_name_holds_the_public_key_a_checksum_and_the_version() -> None:
    # The first key of RFC 8032 section 7.1.
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    key = OnionKey.from_seed(seed)
    decoded = base64.b32decode(key.host.removesuffix(".onion").upper())
    assert decoded[:32] == public
    assert decoded[32:34] == hashlib.sha3_256(b".onion checksum" + public + b"\x03").digest()[:2]
    assert decoded[34:] == b"\x03"
    assert seed.hex() not in repr(key)
    assert OnionKey.new().host != OnionKey.new().host
