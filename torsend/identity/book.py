"""The identities in the vault, in the order that the person gave them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from torsend.errors import TorsendError, UsageError
from torsend.identity.identity import BadIdentity, Colour, Identity, new_identity_id, unreadable
from torsend.identity.secrets import onion_key_name, password_name
from torsend.vault.errors import VaultDamaged
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.identity.secrets import SecretStore
    from torsend.vault import Database, Vault


class NoSuchIdentity(UsageError):
    """No identity has this id."""


class IdentityBook:
    """Lists and changes the identities; every change is durable when its method returns. From any thread.

    Args:
        check_address: gives an address in its normal form or raises a ``TorsendError`` (``mail.address.check_address``,
            handed in because the rooms don't know each other).

    Raises, all methods:
        VaultError: a leaf of it; nothing was changed.
    """

    def __init__(self, vault: Vault, check_address: Callable[[str], str]) -> None:
        self._vault = vault
        self._check_address = check_address

    def list(self) -> tuple[Identity, ...]:
        """All of them, in order."""
        with self._vault.reading() as db:
            return tuple(_read(row[0]) for row in db.execute("SELECT body FROM identity ORDER BY position"))

    def get(self, identity_id: str) -> Identity:
        """One of them.

        Raises:
            NoSuchIdentity
        """
        with self._vault.reading() as db:
            row = db.row("SELECT body FROM identity WHERE id = ?", (identity_id,))
        if row is None:
            raise _no_such()
        return _read(row[0])

    def add(self, identity: Identity) -> Identity:
        """Adds it at the end; gives it back as it was saved.

        Raises:
            BadIdentity: its address can't be, or an identity with its id is there.
        """
        checked = self._checked(identity)
        with self._vault.writing() as db:
            if db.row("SELECT 1 FROM identity WHERE id = ?", (checked.id,)) is not None:
                raise BadIdentity(
                    "id", t("There is an identity with this id already."), advice=t("Add it under a new id.")
                )
            _insert(db, checked, _count(db))
        return checked

    def save(self, identity: Identity) -> Identity:
        """Puts it in the place of the one with its id; gives it back as it was saved.

        Raises:
            NoSuchIdentity
            BadIdentity: its address can't be.
        """
        checked = self._checked(identity)
        with self._vault.writing() as db:
            if (
                db.execute("UPDATE identity SET body = ? WHERE id = ?", (_body(checked), checked.id)).rowcount
                != 1
            ):
                raise _no_such()
        return checked

    def duplicate(self, identity_id: str) -> Identity:
        """A copy right after the original: an id of its own (so circuits of its own), another colour; no password, and no
        signature or words, which would link the two.

        Raises:
            NoSuchIdentity
        """
        with self._vault.writing() as db:
            originals = self.list()
            at = _index(originals, identity_id)
            copy = replace(originals[at], id=new_identity_id(), colour=free_colour(originals), signature="")
            _insert(db, copy, len(originals))
            self.move(copy.id, at + 1)
        return copy

    def remove(self, identity_id: str) -> None:
        """Removes it. Its password stays where it is: ``forget`` removes both. Its mail in the outbox stays, too.

        Raises:
            NoSuchIdentity
        """
        with self._vault.writing() as db:
            if db.execute("DELETE FROM identity WHERE id = ?", (identity_id,)).rowcount != 1:
                raise _no_such()
            _renumber(db, [row[0] for row in db.rows("SELECT id FROM identity ORDER BY position")])

    def move(self, identity_id: str, to: int) -> None:
        """Puts it at that place, counted from 0 without itself; beyond either end means the end.

        Raises:
            NoSuchIdentity
        """
        with self._vault.writing() as db:
            ids = [row[0] for row in db.rows("SELECT id FROM identity ORDER BY position")]
            if identity_id not in ids:
                raise _no_such()
            ids.remove(identity_id)
            ids.insert(max(0, to), identity_id)
            _renumber(db, ids)

    def _checked(self, identity: Identity) -> Identity:
        try:
            address = self._check_address(identity.address)
        except TorsendError as error:
            raise BadIdentity("address", error.what, advice=error.advice) from error
        # The user name followed the address where none was typed; it still does after a change of its form.
        username = address if identity.username == identity.address else identity.username
        return replace(identity, address=address, username=username)


def forget(
    identity_id: str, book: IdentityBook, passwords: SecretStore, *, leave_password: bool = False
) -> None:
    """Removes an identity and its password, the password first: if that can't be removed, nothing is.

    Args:
        leave_password: don't touch the store of passwords; for a keyring that is gone for good.

    Raises:
        NoSuchIdentity, VaultError
        SecretsError: a leaf of it; the identity is still there.
    """
    book.get(identity_id)
    if not leave_password:
        passwords.delete(password_name(identity_id))
        passwords.delete(onion_key_name(identity_id))
    book.remove(identity_id)


def free_colour(identities: tuple[Identity, ...]) -> Colour:
    """The colour that the fewest have; among equals the first."""
    used = [identity.colour for identity in identities]
    return min(Colour, key=used.count)


def _read(body: str) -> Identity:
    try:
        value = json.loads(body)
        if not isinstance(value, dict):
            raise unreadable()
        return Identity.from_json(value)
    except (ValueError, BadIdentity) as error:
        raise VaultDamaged(
            t("An identity in the vault can’t be read. Nothing was changed."),
            advice=t("A newer Torsend may have written it: use that one."),
        ) from error


def _body(identity: Identity) -> str:
    return json.dumps(identity.to_json(), ensure_ascii=False)


def _count(db: Database) -> int:
    row = db.row("SELECT count(*) FROM identity")
    return int(row[0]) if row is not None else 0


def _insert(db: Database, identity: Identity, position: int) -> None:
    db.execute(
        "INSERT INTO identity (id, position, body) VALUES (?, ?, ?)", (identity.id, position, _body(identity))
    )


def _renumber(db: Database, ids: list[str]) -> None:
    db.executemany("UPDATE identity SET position = ? WHERE id = ?", enumerate(ids))


def _index(identities: tuple[Identity, ...], identity_id: str) -> int:
    for index, identity in enumerate(identities):
        if identity.id == identity_id:
            return index
    raise _no_such()


def _no_such() -> NoSuchIdentity:
    return NoSuchIdentity(
        t("There is no such identity."), advice=t("See which there are: torsend identity list.")
    )
