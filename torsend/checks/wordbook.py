"""The word lists in the vault: the person's own, which hold for every mail, and those of single identities.

A wall: one identity's list is looked at for that identity's mail alone, and shown nowhere else. It goes with the identity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.checks.words import LONGEST_WORD, MOST_WORDS, WordList
from torsend.errors import UsageError
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torsend.vault import Vault

EVERYONE = ""
"""The owner of the person's own list."""


class BadWord(UsageError):
    """It cannot stand in a word list. Says nothing of what was typed: it may be said where others look on."""


class WordBook:
    """Lists and changes the words; every change is durable when its method returns. From any thread.

    Raises, all methods:
        VaultError: a leaf of it; nothing was changed.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._made: tuple[tuple[str, ...], WordList] = ((), WordList())

    def list(self, owner: str = EVERYONE) -> tuple[str, ...]:
        """That list, in the order in which the words came.

        Args:
            owner: an identity's id, or ``EVERYONE``.
        """
        with self._vault.reading() as db:
            rows = db.rows("SELECT word FROM word WHERE owner = ? ORDER BY position", (owner,))
        return tuple(row[0] for row in rows)

    def set(self, words: Iterable[str], owner: str = EVERYONE) -> tuple[str, ...]:
        """Puts these in the place of all that were there; gives them back as they were kept, each once.

        Raises:
            BadWord: one of them can't be; nothing was changed.
        """
        kept = checked(words)
        with self._vault.writing() as db:
            db.execute("DELETE FROM word WHERE owner = ?", (owner,))
            db.executemany(
                "INSERT INTO word (owner, word, position) VALUES (?, ?, ?)",
                ((owner, word, at) for at, word in enumerate(kept)),
            )
        return kept

    def add(self, words: Iterable[str], owner: str = EVERYONE) -> int:
        """Adds them at the end; gives the number of those that were not there.

        Raises:
            BadWord: one of them can't be; nothing was changed.
        """
        with self._vault.writing():
            before = self.list(owner)
            return len(self.set((*before, *words), owner)) - len(before)

    def remove(self, words: Iterable[str], owner: str = EVERYONE) -> int:
        """Takes them out, whatever their case; gives the number of those that were there."""
        gone = {" ".join(word.split()).casefold() for word in words}
        with self._vault.writing():
            before = self.list(owner)
            kept = self.set((word for word in before if word.casefold() not in gone), owner)
            return len(before) - len(kept)

    def for_sender(self, identity_id: str) -> WordList:
        """What to look for in a mail of that identity: the person's words and its own, and no other's."""
        words = (*self.list(), *(self.list(identity_id) if identity_id != EVERYONE else ()))
        made = self._made
        if made[0] != words:
            # Made anew only where they changed; a thread that comes in between makes it once more.
            made = self._made = (words, WordList(words))
        return made[1]


def checked(words: Iterable[str]) -> tuple[str, ...]:
    """As they are kept: spaces made single, what is blank left out, each once whatever its case.

    Raises:
        BadWord
    """
    kept: dict[str, str] = {}
    for typed in words:
        word = " ".join(typed.split())
        if word:
            kept.setdefault(word.casefold(), word)
    if len(kept) > MOST_WORDS:
        raise BadWord(
            t("A word list holds up to {n} words. Nothing was changed.", n=MOST_WORDS),
            advice=t("Leave some out."),
        )
    for word in kept.values():
        if len(word) > LONGEST_WORD:
            raise BadWord(
                t("A word is longer than {n} characters. Nothing was changed.", n=LONGEST_WORD),
                advice=t("Write one word or name on each line."),
            )
        if not WordList((word,)):
            raise BadWord(
                t("One of the words is too short, or has no letter. Nothing was changed."),
                advice=t("Write at least two letters or digits."),
            )
    return tuple(kept.values())
