"""How a vault comes to be, is opened, and changes its key: each step leaves a file that opens."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
import time
from typing import TYPE_CHECKING

from sqlcipher3 import dbapi2

from torsend.errors import StorageError
from torsend.paths import sync_folder, take_place
from torsend.vault import errors, files, schema
from torsend.vault.database import connect, prepare
from torsend.vault.key import (
    SALT_BYTES,
    KeyKind,
    VaultKey,
    Way,
    check_of,
    fits,
    guessed_ways,
    read_ways,
    write_ways,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger("torsend.vault")

_NOTADB = 26


def identifier_of(path: Path) -> str:
    """The vault's name for a keyring: the salt in its first 16 bytes, which is no secret.

    Raises:
        VaultMissing, VaultDamaged, VaultUnwritable
    """
    return _salt_of(path).hex()


def opened_by(path: Path) -> tuple[KeyKind, ...]:
    """What kind of key opens the vault; both kinds where it isn't known.

    Raises:
        VaultMissing, VaultDamaged, VaultUnwritable
    """
    salt = _salt_of(path)
    return tuple(way.kind for way in _ways_in(salt, read_ways(path)))


def open_existing(
    path: Path, key: VaultKey, made: tuple[Way, bytes] | None = None
) -> tuple[dbapi2.Connection, bytes, Way]:
    """Opens the file: a connection that writes, the raw key and the way that led in.

    Args:
        made: from ``create_file``, a moment ago: the key need not be stretched anew.

    Raises:
        VaultError: a leaf of it, as ``Vault.open`` says.
    """
    salt = _salt_of(path, writable=True)
    files.close_to_others(path)
    known = read_ways(path)
    way = next((way for way in _ways_in(salt, known) if way.kind is key.kind), None)
    if way is None:
        raise errors.needs_passphrase() if key.kind is KeyKind.RAW else errors.needs_keyring()
    # Another program may have made a vault here in that moment.
    raw = made[1] if made is not None and made[0] == way else key.stretch(way)
    with errors.translating(path.parent):
        connection = _try(path, raw, certain=fits(raw, way))
        if connection is None:
            # The right key for what the salt ought to be: its 16 bytes are what is damaged.
            if any(fits(key.stretch(other), other) for other in known if other.kind is key.kind):
                raise errors.damaged()
            raise errors.wrong_key() if key.kind is KeyKind.RAW else errors.wrong_passphrase()
        with _closing_on_failure(connection):
            if known != (way,):
                # A crash had left two ways, or the file is gone: this is the one.
                settle(path, Way(way.kind, salt, way.cost, check_of(raw)))
            _migrate(path, connection)
    files.remove_leftovers(path)
    files.remove_old_backups(path, time.time())
    return connection, raw, way


def create_file(path: Path, key: VaultKey, salt: bytes) -> tuple[Way, bytes]:
    """Makes a new vault beside its place and renames it there when it is whole; gives what opens it.

    Raises:
        VaultExists, VaultUnwritable, DiskFull
    """
    if path.exists():
        raise errors.exists()
    way, raw = key.new_way(salt)
    half_made = files.next_file(path)
    with _translating_files(path), errors.translating(path.parent):
        files.remove_leftovers(path)
        files.make_private(half_made)
        try:
            _fill_new(half_made, raw, way.salt)
            announce(path, (way,))
            swap(path)
        except BaseException:
            files.remove_leftovers(path)
            raise
    return way, raw


def announce(path: Path, ways: tuple[Way, ...]) -> None:
    """Says beside the vault what opens it.

    Raises:
        VaultUnwritable, DiskFull: it couldn't be written; what stood there stands.
    """
    try:
        write_ways(path, ways)
    except StorageError as error:
        raise (errors.disk_full() if errors.nearly_full(path.parent) else errors.unwritable()) from error


def settle(path: Path, way: Way) -> None:
    """Says that this way alone opens the vault. If it can't be written, what stands there still leads in."""
    try:
        write_ways(path, (way,))
    except StorageError as error:
        log.warning("what opens the vault could not be noted: %s", error.log_safe)


def export(path: Path, connection: dbapi2.Connection, raw: bytes, way: Way) -> None:
    """Writes all of an open vault into the file beside it, under another key, and reads it through once.

    Raises:
        VaultError: a leaf of it; the file beside is removed, the vault untouched.
    """
    half_made = files.next_file(path)
    with _translating_files(path), errors.translating(path.parent):
        files.make_private(half_made)
        try:
            version = schema.version_of(connection)
            connection.execute("ATTACH DATABASE ? AS next KEY ?", (str(half_made), _literal(raw, way.salt)))
            try:
                connection.execute("PRAGMA next.auto_vacuum = INCREMENTAL")
                _export_all(connection)
                connection.execute(f"PRAGMA next.user_version = {version}")
                connection.execute(f"PRAGMA next.application_id = {schema.APPLICATION_ID}")
            finally:
                # It must not hide why the export failed, and a connection that can't detach is done for.
                with contextlib.suppress(dbapi2.Error):
                    connection.execute("DETACH DATABASE next")
            _read_through(half_made, raw)
        except BaseException:
            files.remove_leftovers(path)
            raise


def swap(path: Path) -> None:
    """Puts the file beside in the vault's place. All connections must be closed.

    Raises:
        VaultUnwritable, DiskFull, VaultLocked: it wasn't done.
    """
    # A log that belongs to the old file would be taken for the new one's.
    if any(companion.exists() and companion.stat().st_size for companion in files.companions(path)):
        raise errors.locked()
    with _translating_files(path):
        half_made = files.next_file(path)
        with half_made.open("r+b") as file:
            os.fsync(file.fileno())
        # Windows renames over no file that is open; there the old bytes are left to the file system.
        old = os.open(path, os.O_RDWR) if sys.platform != "win32" and path.exists() else None
        try:
            take_place(half_made, path)
            sync_folder(path.parent)
            if old is not None:
                with contextlib.suppress(OSError):
                    files.zero(old)
        finally:
            if old is not None:
                os.close(old)


def reconnect(path: Path | None, raw: bytes) -> dbapi2.Connection:
    """One more connection to a vault that is open already.

    Raises:
        VaultError: a leaf of it.
    """
    if path is None:
        raise errors.closed()
    with errors.translating(path.parent):
        # SQLite would make an empty file in the place of one that was removed.
        _salt_of(path)
        connection = connect(path, raw)
        with _closing_on_failure(connection):
            prepare(connection, wal=True)
        return connection


def verify(connection: dbapi2.Connection, *, encrypted: bool) -> None:
    """Verifies every page's authentication code, then what SQLite can tell about the structure.

    Raises:
        VaultDamaged
    """
    if encrypted and connection.execute("PRAGMA cipher_integrity_check").fetchone() is not None:
        raise errors.damaged()
    row = connection.execute("PRAGMA quick_check(1)").fetchone()
    if row is None or row[0] != "ok":
        raise errors.damaged()


def _try(path: Path, raw: bytes, *, certain: bool) -> dbapi2.Connection | None:
    """A connection, or None where the key doesn't fit.

    Args:
        certain: the key is the right one by its check value, so a file that doesn't open is damaged.
    """
    connection = connect(path, raw)
    with _closing_on_failure(connection):
        try:
            prepare(connection, wal=True)
        except dbapi2.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != _NOTADB or certain:
                raise
            connection.close()
            return None
        row = connection.execute("PRAGMA application_id").fetchone()
        if row is None or row[0] != schema.APPLICATION_ID or schema.version_of(connection) < 1:
            raise errors.damaged()
    return connection


def _migrate(path: Path, connection: dbapi2.Connection) -> None:
    def keep_backup(version: int) -> None:
        ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if busy:  # somebody reads on: what is in the log yet would be missing from the copy
            raise errors.locked()
        if errors.fuller_than(path.parent, path.stat().st_size):
            raise errors.disk_full()
        with _translating_files(path):
            files.copy_private(path, files.backup_file(path, version))
            sync_folder(path.parent)
        log.info("tables of version %d are brought up to date; a backup was kept", version)

    try:
        with errors.translating(path.parent):
            schema.migrate(connection, before=keep_backup)
    except errors.DiskFull as error:
        raise errors.no_room_to_upgrade(path) from error
    except errors.VaultUnwritable as error:
        raise errors.cannot_upgrade() from error


def _fill_new(path: Path, raw: bytes, salt: bytes) -> None:
    connection = connect(path, raw, salt)
    try:
        # Only an empty file takes it: space that messages took is given back without rewriting the file.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        prepare(connection, wal=True)
        schema.migrate(connection)
    finally:
        connection.close()


def _export_all(connection: dbapi2.Connection) -> None:
    try:
        connection.execute("SELECT sqlcipher_export('next')").fetchone()
    except dbapi2.OperationalError as error:
        # The function passes on what went wrong as a sentence, without SQLite's code (SQLCipher 4.19).
        match str(error):
            case "database disk image is malformed" | "file is not a database":
                raise errors.damaged() from error
            case "database or disk is full":
                raise errors.disk_full() from error
        raise errors.unwritable() from error


def _read_through(path: Path, raw: bytes) -> None:
    connection = connect(path, raw)
    try:
        verify(connection, encrypted=True)
    finally:
        connection.close()


def _ways_in(salt: bytes, known: tuple[Way, ...]) -> tuple[Way, ...]:
    """The known way that belongs to the vault as it is now; what is worth a guess where none does."""
    return tuple(way for way in known if way.salt == salt)[:1] or guessed_ways(salt)


def _salt_of(path: Path, *, writable: bool = False) -> bytes:
    try:
        with path.open("r+b" if writable else "rb") as file:
            salt = file.read(SALT_BYTES)
    except FileNotFoundError:
        raise errors.missing() from None
    except OSError as error:
        raise errors.unwritable() from error
    if len(salt) != SALT_BYTES:
        raise errors.damaged()
    # A damaged salt alone says nothing of the pages behind it.
    if not any(salt) and files.is_overwritten(path):
        raise errors.emptied()
    return salt


def _literal(raw: bytes, salt: bytes) -> str:
    return f"x'{raw.hex()}{salt.hex()}'"


@contextlib.contextmanager
def _closing_on_failure(connection: dbapi2.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextlib.contextmanager
def _translating_files(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT} or errors.nearly_full(path.parent)
        raise (errors.disk_full() if full else errors.unwritable()) from error
