"""What can go wrong with the vault, and how SQLite's codes map onto it."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from sqlcipher3 import dbapi2

from torsend.errors import UsageError, VaultError
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Primary result codes, https://www.sqlite.org/rescode.html; extended ones have them in their lowest byte.
_PERM, _BUSY, _LOCKED, _NOMEM, _READONLY = 3, 5, 6, 7, 8
_IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 10, 11, 13, 14, 26

_HARDLY_ANY_SPACE = 256 * 1024
"""Bytes. SQLite says "I/O error" or "can't open" of some full disks; with less free than this, it is one."""


class VaultMissing(VaultError):
    """There is no vault at that place."""


class VaultExists(VaultError):
    """There is one already: it is never overwritten."""


class WrongKey(VaultError):
    """The key or passphrase does not open it."""


class VaultDamaged(VaultError):
    """Bytes of it are not what was written. Nothing is changed or removed."""


class VaultLocked(VaultError):
    """Another process, or a thread that takes long, holds it."""


class DiskFull(VaultError):
    """No space: what was to be saved is not saved, what was there is intact."""


class VaultUnwritable(VaultError):
    """The file or its folder can't be opened or written."""


class VaultTooNew(VaultError):
    """A later version of Torsend made it."""


class VaultClosed(VaultError):
    """It was closed while someone still wanted it."""


class AlreadyRunning(UsageError):
    """Another Torsend uses this profile."""


def missing() -> VaultMissing:
    """There is no vault."""
    return VaultMissing(t("There is no vault in this profile yet."), advice=t("Check the folder’s name."))


def exists() -> VaultExists:
    """There is a vault already."""
    return VaultExists(
        t("There is a vault in this profile already."), advice=t("Open it, or choose another profile.")
    )


def wrong_passphrase() -> WrongKey:
    """The passphrase doesn't fit."""
    return WrongKey(
        t("This passphrase doesn’t open the vault. Nothing was changed."),
        advice=t("Try again; mind the keyboard layout and capital letters."),
    )


def wrong_key() -> WrongKey:
    """The key from the keyring doesn't fit."""
    return WrongKey(
        t("The key in the keyring doesn’t open this vault. Nothing was changed."),
        advice=t("Is this the right profile, and the keyring that belongs to it?"),
    )


def needs_passphrase() -> WrongKey:
    """A key was given where only a passphrase opens."""
    return WrongKey(
        t("This vault is opened by a passphrase."), advice=t("Type it, or give --passphrase-file.")
    )


def needs_keyring() -> WrongKey:
    """A passphrase was given where only the keyring's key opens."""
    return WrongKey(
        t("This vault is opened by a key in the system keyring, not by a passphrase."),
        advice=t("Leave the passphrase out."),
    )


def damaged() -> VaultDamaged:
    """The file is not what was written."""
    return VaultDamaged(
        t("The vault is damaged. Nothing in it was changed."),
        advice=t("Keep the folder as it is, and put the vault back from a backup."),
    )


def emptied() -> VaultDamaged:
    """Zeros stand in it: a removal wrote them, and could not remove the file."""
    return VaultDamaged(
        t("Nothing stands in the vault any more: everything was removed, or its disk has lost it."),
        advice=t("Remove what is left of it, or put the vault back from a backup."),
    )


def locked() -> VaultLocked:
    """Someone holds it."""
    return VaultLocked(
        t("Another program holds the vault. Nothing was saved."), advice=t("Close it and try again.")
    )


def disk_full() -> DiskFull:
    """No space left."""
    return DiskFull(
        t("The disk is full. This was not saved; what was saved before is intact."),
        advice=t("Free some space and try again."),
    )


def unwritable() -> VaultUnwritable:
    """The file system says no."""
    return VaultUnwritable(
        t("The vault can’t be read or written. This was not saved; what was saved before is intact."),
        advice=t("Check who may write in the profile’s folder, and whether the disk is healthy."),
    )


def not_removed(paths: Iterable[Path], reason: OSError) -> VaultUnwritable:
    """The file system says no to a removal."""
    return VaultUnwritable(
        t("{path} could not be removed: {reason}.", path=", ".join(map(str, paths)), reason=reason.strerror),
        advice=t("Remove it by hand."),
    )


def cannot_encrypt() -> VaultUnwritable:
    """SQLite without SQLCipher."""
    return VaultUnwritable(
        t("This installation of Torsend can’t encrypt. Nothing was written."), advice=t("Install it again.")
    )


def too_new() -> VaultTooNew:
    """From the future."""
    return VaultTooNew(
        t("A newer Torsend made this vault. Nothing was changed."),
        advice=t("Use that version, or a later one."),
    )


def no_room_to_upgrade(path: Path) -> DiskFull:
    """No space for the backup, or for the new tables."""
    megabytes = path.stat().st_size // 500_000 + 1
    return DiskFull(
        t(
            "There is no room to bring the vault up to date for this version of Torsend. Nothing in it was changed."
        ),
        advice=t(
            "Free {number} MB on the disk and start again. Until then the version before this one opens it.",
            number=megabytes,
        ),
    )


def cannot_upgrade() -> VaultUnwritable:
    """The file system says no while tables are changed."""
    return VaultUnwritable(
        t(
            "The vault could not be brought up to date for this version of Torsend. Nothing in it was changed."
        ),
        advice=t("Check who may write in the profile’s folder, and whether the disk is healthy."),
    )


def closed() -> VaultClosed:
    """Closed already."""
    return VaultClosed(t("The vault is closed. This was not saved."), advice=t("Start Torsend again."))


def nearly_full(folder: Path | None) -> bool:
    """Whether the disk that holds the folder has hardly any space left."""
    return fuller_than(folder, 0)


def fuller_than(folder: Path | None, wanted: int) -> bool:
    """Whether the disk that holds the folder would have hardly any space left after so many bytes more."""
    if folder is None:
        return False
    try:
        return shutil.disk_usage(folder).free < wanted + _HARDLY_ANY_SPACE
    except OSError:
        return False


def translated(error: dbapi2.Error, folder: Path | None) -> VaultError | None:
    """What an error of SQLite stands for; None for a mistake of ours (bad SQL, a broken constraint)."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case code if code in (_BUSY, _LOCKED):
            return locked()
        case code if code == _FULL:
            return disk_full()
        case code if code in (_CORRUPT, _NOTADB):
            return damaged()
        case code if code in (_IOERR, _CANTOPEN, _READONLY, _PERM):
            return disk_full() if nearly_full(folder) else unwritable()
        case _:
            return None


@contextlib.contextmanager
def translating(folder: Path | None) -> Iterator[None]:
    """Turns SQLite's errors into ours at the room's border."""
    try:
        yield
    except dbapi2.Error as error:
        ours = translated(error, folder)
        if ours is None:
            raise
        raise ours from error
