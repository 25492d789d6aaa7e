"""How a run gets into its vault: by the key in the keyring, by a passphrase, or into a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.app.start import SecretsPlace
from torsend.errors import ExitStatus, VaultError
from torsend.identity import vault_keys
from torsend.identity.secrets import KeyringStore, SecretStore, VaultStore
from torsend.vault import KeyKind, Passphrase, Vault, opened_by
from torsend.words import t

if TYPE_CHECKING:
    from torsend.app.start import Start

_SECRETS_PLACE = "secrets"
"""The vault's own note of where its passwords lie."""


class PassphraseNeeded(VaultError):
    """The vault waits for its passphrase, or a new vault for its first.

    Attributes:
        first: there is no vault yet, and no keyring that could hold a key.
    """

    status = ExitStatus.STORAGE

    def __init__(self, *, first: bool) -> None:
        super().__init__(
            t("This system has no keyring, so a passphrase must protect the vault.")
            if first
            else t("A passphrase protects this vault."),
            advice=t("Give it with --passphrase-file FILE, or in the window."),
        )
        self.first = first


def open_vault(start: Start, keyring: KeyringStore) -> Vault:
    """Opens the profile's vault, or makes it.

    Raises:
        PassphraseNeeded: ask for it and call again.
        VaultError, SecretsError: leaves of them; what was there still is.
    """
    if start.in_memory:
        return Vault.in_memory()
    path = start.profile.vault
    if not path.exists():
        if start.passphrase is not None:
            return Vault.create(path, Passphrase(start.passphrase))
        if not keyring.available():
            raise PassphraseNeeded(first=True)
        return vault_keys.create_vault(path, keyring)
    if start.passphrase is not None:
        return Vault.open(path, Passphrase(start.passphrase))
    if KeyKind.RAW not in opened_by(path):
        raise PassphraseNeeded(first=False)
    return vault_keys.open_vault(path, keyring)


def passwords_in(
    vault: Vault, keyring: KeyringStore, wanted: SecretsPlace | None
) -> tuple[SecretStore, SecretsPlace]:
    """Where this run's passwords lie.

    What was asked for, else what the vault says of itself, else beside the key: with a passphrase the vault holds them, so
    that one passphrase opens all. The first choice is noted in the vault.
    """
    with vault.reading() as db:
        row = db.row("SELECT value FROM meta WHERE name = ?", (_SECRETS_PLACE,))
    noted = next((place for place in SecretsPlace if row is not None and row["value"] == place.value), None)
    place = wanted or noted or (SecretsPlace.KEYRING if vault.kind is KeyKind.RAW else SecretsPlace.VAULT)
    if noted is None:
        with vault.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (_SECRETS_PLACE, place.value)
            )
    return (keyring if place is SecretsPlace.KEYRING else VaultStore(vault)), place
