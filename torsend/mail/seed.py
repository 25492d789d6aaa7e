"""What a draft's random numbers are made of, so that the bytes that are shown are the bytes that leave.

A draft keeps one random seed. Message-ID and boundary are drawn from it and from who sends: the same at every look, others
for another draft, others for another sender, since a number that two senders share would say that they are one. Once its
mail is sealed the seed has done its work and the draft gets a new one: what is changed and sent anew is another mail.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SEED_BYTES = 32


def new_seed() -> str:
    """A fresh one, as it is kept in a draft. Never sent."""
    return secrets.token_hex(SEED_BYTES)


def drawn_from(seed: str, identity_id: str) -> Callable[[int], bytes]:
    """A source of bytes for ``wire.compose``: always the same ones, in the same order, for one seed and one sender.

    Nothing can be told of the seed, of the sender's id, or of further bytes, from those that are known (SHAKE256, FIPS 202).
    """
    begun = hashlib.shake_256(b"torsend draft\0")
    for each in (seed, identity_id):
        raw = each.encode("utf-8", "surrogatepass")
        begun.update(len(raw).to_bytes(8, "big") + raw)
    given = 0

    def draw(count: int) -> bytes:
        nonlocal given
        numbered = begun.copy()
        numbered.update(given.to_bytes(8, "big"))
        given += 1
        return numbered.digest(count)

    return draw
