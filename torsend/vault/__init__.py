"""One encrypted file: identities, drafts, the outbox, and secrets where there is no keyring."""

from torsend.vault.database import Database, Row
from torsend.vault.errors import (
    AlreadyRunning,
    DiskFull,
    VaultClosed,
    VaultDamaged,
    VaultExists,
    VaultLocked,
    VaultMissing,
    VaultTooNew,
    VaultUnwritable,
    WrongKey,
)
from torsend.vault.files import destroy as remove_files
from torsend.vault.files import files_of, is_overwritten
from torsend.vault.key import EmptyPassphrase, KeyKind, Passphrase, RawKey, VaultKey
from torsend.vault.lock import ProfileLock, is_still, lock_file
from torsend.vault.opening import identifier_of, opened_by
from torsend.vault.store import Vault, new_identifier

__all__ = [
    "AlreadyRunning",
    "Database",
    "DiskFull",
    "EmptyPassphrase",
    "KeyKind",
    "Passphrase",
    "ProfileLock",
    "RawKey",
    "Row",
    "Vault",
    "VaultClosed",
    "VaultDamaged",
    "VaultExists",
    "VaultKey",
    "VaultLocked",
    "VaultMissing",
    "VaultTooNew",
    "VaultUnwritable",
    "WrongKey",
    "files_of",
    "identifier_of",
    "is_overwritten",
    "is_still",
    "lock_file",
    "new_identifier",
    "opened_by",
    "remove_files",
]
