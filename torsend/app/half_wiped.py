"""What a removal that was not done to the end leaves to the next one to know, which can ask the vault no more.

It stands in the lock's file, behind the octet that Windows locks: that one can be written wherever a removal can be begun,
also where the folder is closed and nothing in it can be removed.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.errors import StorageError
from torsend.vault import identifier_of

if TYPE_CHECKING:
    from torsend.paths import Profile

_AT = 1
_LONGEST = 1 << 20
"""Octets: two names for each of more identities than anybody has."""


@dataclass(frozen=True, slots=True)
class InKeyring:
    """What the keyring still holds of a profile.

    Attributes:
        names: entries that it did not give up: numbers drawn by lot, no address.
        others: perhaps more, since no vault told whose passwords lie there.
    """

    names: tuple[str, ...] = ()
    others: bool = False


def note(profile: Profile, left: InKeyring) -> None:
    """Notes it, with the vault of which it is true. Where that fails, the next removal knows less."""
    known = json.dumps({"vault": _vault(profile), "names": left.names, "others": left.others})
    with contextlib.suppress(OSError), profile.lock.open("r+b") as file:
        file.seek(_AT)
        file.write(known.encode())
        file.truncate()


def noted(profile: Profile) -> InKeyring | None:
    """What was noted; None where nothing was. Of another vault, made since, it can't tell whether there are others."""
    try:
        with profile.lock.open("rb") as file:
            file.seek(_AT)
            known = json.loads(file.read(_LONGEST))
        names = tuple(name for name in known["names"] if isinstance(name, str))
        return InKeyring(names, bool(known["others"]) or _vault(profile) not in {"", known["vault"]})
    except (OSError, ValueError, TypeError, LookupError):
        return None


def _vault(profile: Profile) -> str:
    """Which vault lies there; empty where there is none, or nothing stands in it any more."""
    with contextlib.suppress(StorageError):
        return identifier_of(profile.vault)
    return ""
