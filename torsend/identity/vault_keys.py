"""A vault whose key lies in a keyring: made, opened, and moved to a passphrase or back.

A key lies under the name of the vault that it opens, and a vault gets a new name with each new key. So the old and the
new key lie side by side while a vault changes, and a crash at any moment leaves one that opens it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from torsend.errors import SecretsError, StorageError
from torsend.identity.secrets import KeyringMissing, KeyringRefused, vault_key_name
from torsend.vault import Passphrase, RawKey, Vault, identifier_of, new_identifier
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from torsend.identity.secrets import SecretStore

log = logging.getLogger("torsend.identity")


class KeyNotInKeyring(SecretsError):
    """The keyring is open and doesn't have this vault's key."""


def create_vault(path: Path, keyring: SecretStore) -> Vault:
    """Makes a vault and keeps its key in the keyring, in that order of certainty: key first.

    Raises:
        SecretsError: a leaf of it; there is no vault.
        VaultError: a leaf of it; there is no vault, and no key in the keyring.
    """
    identifier, key = new_identifier(), RawKey.random()
    _keep(keyring, identifier, key)
    try:
        return Vault.create(path, key, identifier=identifier)
    except BaseException:
        _drop(keyring, identifier)
        raise


def open_vault(path: Path, keyring: SecretStore) -> Vault:
    """Opens a vault with the key that lies in the keyring.

    Raises:
        KeyringMissing: there is none any more; no passphrase opens this vault.
        KeyNotInKeyring, SecretsError, VaultError
    """
    name = vault_key_name(identifier_of(path))
    try:
        text = keyring.get(name)
    except KeyringMissing as error:
        raise KeyringMissing(
            t(
                "The key of this vault lies in your system’s keyring, and no keyring answers. Nothing was changed."
            ),
            advice=t("Start the keyring and try again; a desktop does so when you sign in."),
        ) from error
    try:
        key = RawKey.from_text(text or "")
    except ValueError:
        raise KeyNotInKeyring(
            t("The keyring doesn’t have the key of this vault. Nothing was changed."),
            advice=t("Is it the keyring of the user, and the computer, that made the vault?"),
        ) from None
    return Vault.open(path, key)


def to_passphrase(vault: Vault, passphrase: Passphrase, keyring: SecretStore) -> None:
    """Encrypts the vault anew under a passphrase and takes the old key out of the keyring.

    Raises:
        VaultError: a leaf of it; the old key still holds.
    """
    old = vault.identifier
    vault.rekey(passphrase)
    _drop(keyring, old)


def to_keyring(vault: Vault, keyring: SecretStore) -> None:
    """Encrypts the vault anew under a random key that lies in the keyring.

    Raises:
        SecretsError, VaultError: a leaf of them; what opened it before still does.
    """
    old, new, key = vault.identifier, new_identifier(), RawKey.random()
    _keep(keyring, new, key)
    try:
        vault.rekey(key, identifier=new)
    except BaseException:
        _drop(keyring, new)
        raise
    _drop(keyring, old)


def carry_over(names: Iterable[str], source: SecretStore, target: SecretStore) -> None:
    """Moves secrets from one store to another: all are in the new one before the first leaves the old one.

    Raises:
        StorageError: a leaf of it; no secret is lost, some may be in both.
    """
    moved = []
    for name in names:
        value = source.get(name)
        if value is not None:
            target.set(name, value)
            moved.append(name)
    for name in moved:
        source.delete(name)


def _keep(keyring: SecretStore, identifier: str, key: RawKey) -> None:
    """Keeps a key and looks whether it was kept: everything in the vault hangs on it."""
    name = vault_key_name(identifier)
    keyring.set(name, key.to_text())
    if keyring.get(name) != key.to_text():
        raise KeyringRefused(
            t("The keyring did not keep the vault’s key."), advice=t("Use a passphrase instead.")
        )


def _drop(keyring: SecretStore, identifier: str) -> None:
    """Removes a key that opens nothing any more; where that fails, it is only litter."""
    try:
        keyring.delete(vault_key_name(identifier))
    except StorageError as error:
        log.warning("an old key stays in the keyring: %s", error.log_safe)
