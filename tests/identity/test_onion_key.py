from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.delivery.parts import onion_host
from torsend.identity.onion_key import BadOnionKey, read_onion_key

HOST = onion_host()


@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_read_in_each_form_in_which_people_are_given_one(key: bytes) -> None:
    base32 = base64.b32encode(key).decode().rstrip("=")
    base64ed = base64.b64encode(key).decode()
    address = HOST.removesuffix(".onion")
    for typed in (
        base32,
        base32.lower(),
        f" {base32}\n",
        f"{address}:descriptor:x25519:{base32}",
        f"{HOST}:descriptor:x25519:{base32}",
        base64ed,
        f"x25519:{base64ed}",
        base64ed.rstrip("="),
    ):
        assert read_onion_key(typed, HOST) == base64ed
        assert read_onion_key(typed, f"mail.{HOST}") == base64ed


def test_a_key_for_another_server_is_told() -> None:
    key = base64.b32encode(bytes(32)).decode().rstrip("=")
    with pytest.raises(BadOnionKey, match="for another onion server"):
        read_onion_key(f"{'a' * 56}:descriptor:x25519:{key}", HOST)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_key_or_a_refusal_that_does_not_repeat_it(typed: str) -> None:
    said = ""
    try:
        key = read_onion_key(typed, HOST)
    except BadOnionKey as error:
        said = error.sentences()
    else:
        assert len(base64.b64decode(key)) == 32
    assert len(typed) < 8 or typed not in said
