"""What one run was asked for."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.errors import UsageError
from torsend.words import t

if TYPE_CHECKING:
    from torsend.paths import Profile
    from torsend.tor.choice import TorChoice

_LONGEST_PASSPHRASE = 4096
"""Bytes. A longer line is not a passphrase but a mistake, and reading all of it could fill memory."""


class SecretsPlace(enum.StrEnum):
    """Where passwords lie."""

    KEYRING = "keyring"
    VAULT = "vault"


@dataclass(frozen=True, slots=True)
class Start:
    """What one run was asked for; what is None is as the profile has it.

    Attributes:
        profile: where everything lies.
        passphrase: opens the vault, or protects a new one.
        secrets: where passwords lie, for this run and, in a new vault, for good.
        tor: how to reach Tor.
        patience: seconds; caps every stage's deadline.
        in_memory: keeps everything in memory; nothing is left behind.
        compose: a mailto: link and file names that a window for writing opens with; None: the main window alone.
    """

    profile: Profile
    passphrase: str | None = field(default=None, repr=False)
    secrets: SecretsPlace | None = None
    tor: TorChoice | None = None
    patience: float | None = None
    in_memory: bool = False
    compose: tuple[str, ...] | None = field(default=None, repr=False)


def read_passphrase(file: Path) -> str:
    """The first line of the file, without its line end.

    Raises:
        UsageError: the file cannot be read, or its first line is empty, too long or not UTF-8.
    """
    try:
        with file.open("rb") as source:
            first = source.readline(_LONGEST_PASSPHRASE + 2).removesuffix(b"\n").removesuffix(b"\r")
        if len(first) > _LONGEST_PASSPHRASE:
            raise UsageError(
                t("The first line of the passphrase file is too long for a passphrase."),
                advice=t("Is it the right file?"),
            )
        # Some editors put a mark in front that nobody sees, and nobody could type in the window.
        line = first.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        # `from None`: the decoder's error quotes the file.
        raise UsageError(
            t("The passphrase file cannot be read."), advice=t("Is it there, yours to read, and UTF-8?")
        ) from None
    if not line:
        raise UsageError(
            t("The first line of the passphrase file is empty."), advice=t("Put the passphrase there.")
        )
    return line
