"""What was learnt of servers that turn Tor's exit relays away: when, in which words, and whether others were let in since.

Kept for each identity apart, as ``answers`` are; gone with the identity. Of an onion server there is nothing to learn: the
way there has no exit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from torsend.delivery.reply import MAX_TEXT, Reply, cut
from torsend.delivery.sentences import minute
from torsend.words import t, tn

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.identity.identity import Identity, Server
    from torsend.vault import Database, Vault


@dataclass(frozen=True, slots=True)
class ExitRefusal:
    """How one identity's server treats exit relays.

    Attributes:
        times: how often one was turned away.
        last: the last time, UTC.
        their_words: the server's own at that time, cut; not to be trusted.
        let_in: how often mail was accepted through one since.
    """

    times: int
    last: datetime
    their_words: str
    let_in: int

    @property
    def sentences(self) -> str:
        """For the person."""
        turned = tn(
            "It turned an exit relay away once, on {time}.",
            "It turned exit relays away {n} times, last on {time}.",
            self.times,
            time=minute(self.last),
        )
        since = (
            tn("Since then one was let in.", "Since then {n} were let in.", self.let_in)
            if self.let_in
            else t("None was let in since.")
        )
        said = t("It said: “{words}”.", words=self.their_words) if self.their_words else ""
        return " ".join(part for part in (turned, since, said) if part)


class ExitRefusals:
    """In the vault. From any thread. Every method raises leaves of ``VaultError`` where the vault does."""

    def __init__(self, vault: Vault, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._vault = vault
        self._clock = clock

    def of(self, identity: Identity) -> ExitRefusal | None:
        """What is known of its server; nothing, where no exit was ever turned away."""
        with self._vault.reading() as db:
            row = db.row(
                "SELECT times, last, words, let_in FROM exit_refusal WHERE identity_id = ? AND server = ?",
                (identity.id, _name(identity.server)),
            )
        if row is None:
            return None
        return ExitRefusal(
            row["times"], datetime.fromtimestamp(row["last"], UTC), row["words"], row["let_in"]
        )

    def refused(self, identity: Identity, reply: Reply | None) -> None:
        """An exit was turned away, with this reply."""
        known = self.of(identity)
        words = cut(reply.words, MAX_TEXT) if reply is not None else ""
        with self._vault.writing() as db:
            _put(db, identity, (known.times if known else 0) + 1, self._clock().timestamp(), words, 0)

    def let_in(self, identity: Identity) -> None:
        """Mail was accepted through an exit. Written only where it is news."""
        with self._vault.writing() as db:
            db.execute(
                "UPDATE exit_refusal SET let_in = let_in + 1 WHERE identity_id = ? AND server = ?",
                (identity.id, _name(identity.server)),
            )


def _put(db: Database, identity: Identity, times: int, last: float, words: str, let_in: int) -> None:
    db.execute(
        # Not for an identity that was removed meanwhile.
        "INSERT INTO exit_refusal (identity_id, server, times, last, words, let_in) "
        "SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM identity WHERE id = ?) "
        "ON CONFLICT (identity_id) DO UPDATE SET server = excluded.server, times = excluded.times, "
        "last = excluded.last, words = excluded.words, let_in = excluded.let_in",
        (identity.id, _name(identity.server), times, last, words, let_in, identity.id),
    )


def _name(server: Server) -> str:
    return f"{server.host} {server.port}"
