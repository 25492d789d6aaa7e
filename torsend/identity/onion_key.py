"""A client's key for an onion service that answers only those whom it knows (rend-spec-v3, "Client authorization").

Read in each form in which people are given one: the file that Tor itself reads (``ADDRESS:descriptor:x25519:KEY``), the
key alone as that file and Tor Browser have it (base32), and as Tor's control port takes it (``x25519:`` and base64).
"""

from __future__ import annotations

import base64
import binascii
import re

from torsend.errors import UsageError
from torsend.words import t

_BYTES = 32
_FILE = re.compile(r"(?P<address>[a-z2-7]{56})(?:\.onion)?:descriptor:x25519:(?P<key>\S+)", re.IGNORECASE)


class BadOnionKey(UsageError):
    """That is no client key, or one for another service. What was typed is not repeated."""


def read_onion_key(typed: str, host: str) -> str:
    """The key as the control port takes it: base64 of its 32 bytes.

    Args:
        host: the onion server that it is for.

    Raises:
        BadOnionKey
    """
    text = typed.strip()
    if whole := _FILE.fullmatch(text):
        if not host.lower().removesuffix(".onion").endswith(whole["address"].lower()):
            raise BadOnionKey(
                t("This key is for another onion server."), advice=t("Copy the one for this address.")
            )
        text = whole["key"]
    text = text.removeprefix("x25519:")
    data = _decoded(text)
    if data is None:
        raise BadOnionKey(
            t("That isn’t the key of an onion server’s client."),
            advice=t("It is 52 letters and digits; whoever runs the server gives it to you."),
        )
    return base64.b64encode(data).decode("ascii")


def _decoded(text: str) -> bytes | None:
    """Its bytes; the two alphabets are told apart by the length."""
    bare = text.rstrip("=")
    try:
        if len(bare) == 52:
            data = base64.b32decode(bare.upper() + "====")
        elif len(bare) == 43:
            data = base64.b64decode(bare + "=", validate=True)
        else:
            return None
    except (binascii.Error, ValueError):
        return None
    return data if len(data) == _BYTES else None
