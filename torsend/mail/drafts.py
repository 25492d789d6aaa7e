"""The drafts in the vault."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from torsend.errors import UsageError
from torsend.mail.draft import Draft
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.vault import Vault

log = logging.getLogger("torsend.mail")


class NoSuchDraft(UsageError):
    """It was sent, removed, or never saved."""

    def __init__(self) -> None:
        super().__init__(
            t("There is no such draft any more."),
            advice=t("It was sent or removed meanwhile: look into the outbox, or write it anew."),
        )


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft and when it was last saved, UTC."""

    draft: Draft
    saved: datetime


class DraftBook:
    """Drafts survive a crash: each save is durable when it returns. From any thread.

    Every method raises leaves of ``VaultError`` where the vault does.
    """

    def __init__(self, vault: Vault, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._vault = vault
        self._clock = clock

    def save(self, draft: Draft) -> None:
        """Puts it in the place of what was saved under the same id."""
        with self._vault.writing() as db:
            db.execute(
                "INSERT INTO draft (id, identity_id, saved, body) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET "
                "identity_id = excluded.identity_id, saved = excluded.saved, body = excluded.body",
                (draft.id, draft.identity_id, self._clock().timestamp(), draft.to_json()),
            )

    def load(self, draft_id: str) -> Draft:
        """One draft.

        Raises:
            NoSuchDraft
        """
        with self._vault.reading() as db:
            row = db.row("SELECT body FROM draft WHERE id = ?", (draft_id,))
        if row is None:
            raise NoSuchDraft
        return Draft.from_json(row["body"])

    def list(self) -> tuple[SavedDraft, ...]:
        """All of them, the last saved first. One that can't be read is left out, and left in the vault."""
        with self._vault.reading() as db:
            rows = db.rows("SELECT saved, body FROM draft ORDER BY saved DESC, id")
        drafts = []
        for row in rows:
            try:
                drafts.append(
                    SavedDraft(Draft.from_json(row["body"]), datetime.fromtimestamp(row["saved"], UTC))
                )
            except ValueError:
                log.warning("a draft in the vault can't be read; it stays there")
        return tuple(drafts)

    def remove(self, draft_id: str) -> None:
        """With what was made of its files. Nothing happens where there is none."""
        with self._vault.writing() as db:
            db.execute("DELETE FROM cleaned WHERE draft_id = ?", (draft_id,))
            db.execute("DELETE FROM draft WHERE id = ?", (draft_id,))
