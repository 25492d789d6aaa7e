"""The vault: one encrypted file, used from any thread.

Theory of operation. SQLite in WAL mode lets many read while one writes. One connection writes, behind a lock;
readers take a connection each from a small pool and see the vault as it was when their block began. A thread
that reads inside its own writing block sees what it has written. In memory there is one connection for all,
so reading and writing exclude each other there: keep blocks short, and don't yield to others from inside one.

What is committed survives ``kill -9`` and a power cut (synchronous=FULL). What fails leaves the vault as it
was.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from typing import TYPE_CHECKING, Self

from sqlcipher3 import dbapi2

from torsend.errors import VaultError
from torsend.vault import errors, files, opening, schema
from torsend.vault.database import BUSY_SECONDS, Database, connect, prepare
from torsend.vault.key import SALT_BYTES, KeyKind, VaultKey, Way

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


log = logging.getLogger("torsend.vault")

_IDLE_READERS = 4
"""Connections kept open for the next reader; each holds up to 1 MiB of cache."""


def new_identifier() -> str:
    """A name for a vault that is about to be created: random, so it says nothing."""
    return secrets.token_hex(SALT_BYTES)


class Vault:
    """An open vault. Make one by ``open``, ``create`` or ``in_memory``; close it, or use it in a ``with``."""

    def __init__(
        self, path: Path | None, key: bytes | None, way: Way | None, writer: dbapi2.Connection
    ) -> None:
        self._path = path
        self._key = key
        self._way = way
        self._writer: dbapi2.Connection | None = writer
        self._writing = threading.RLock()
        self._idle: list[dbapi2.Connection] = []
        self._readers = threading.Condition()
        self._reading = 0
        self._shut = False
        self._closed = False
        self._mine = threading.local()

    # ---- coming and going

    @classmethod
    def open(cls, path: Path, key: VaultKey) -> Self:
        """Opens an existing vault, and leads an older one to today's tables (a backup is kept next to it).

        Takes half a millisecond with a raw key, a quarter of a second with a passphrase.

        Raises:
            VaultMissing, WrongKey, VaultDamaged, VaultLocked, VaultUnwritable, DiskFull, VaultTooNew: as they
                say; the file is as it was.
        """
        writer, raw, way = opening.open_existing(path, key)
        return cls(path, raw, way, writer)

    @classmethod
    def create(cls, path: Path, key: VaultKey, *, identifier: str | None = None) -> Self:
        """Makes a new vault: afterwards there is a whole one, or none.

        Args:
            identifier: from ``new_identifier``, where the key was stored under that name beforehand.

        Raises:
            VaultExists: there is one already.
            VaultUnwritable, DiskFull: it could not be written.
        """
        salt = bytes.fromhex(identifier if identifier is not None else new_identifier())
        made = opening.create_file(path, key, salt)
        writer, raw, way = opening.open_existing(path, key, made)
        return cls(path, raw, way, writer)

    @classmethod
    def in_memory(cls) -> Self:
        """A vault that never touches the disk and is gone when it is closed."""
        writer = connect(None, None)
        prepare(writer, wal=False)
        schema.migrate(writer)
        return cls(None, None, None, writer)

    def close(self) -> None:
        """Waits a while for those who use it, folds the log into the file, closes. Can be called twice.

        Raises:
            VaultLocked: a thread writes and doesn't end; nothing was closed.
        """
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise errors.locked()
        try:
            with self._alone(patient=False):
                if not self._closed:
                    self._closed = True
                    self._hang_up()
        finally:
            self._writing.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- what it is

    @property
    def path(self) -> Path | None:
        """Its file; None in memory."""
        return self._path

    @property
    def kind(self) -> KeyKind | None:
        """What opens it; None in memory."""
        return self._way.kind if self._way is not None else None

    @property
    def identifier(self) -> str:
        """Its name for a keyring; the empty string in memory. Changes when the key does."""
        return self._way.salt.hex() if self._way is not None else ""

    # ---- reading and writing

    @contextlib.contextmanager
    def reading(self) -> Iterator[Database]:
        """A view of the vault that doesn't change while the block runs. Don't write in it.

        Raises:
            VaultError: a leaf of it; also for what goes wrong inside the block.
        """
        outer: Database | None = getattr(self._mine, "database", None)
        if outer is not None:
            yield outer
        elif self._path is None:
            with self._writer_held() as connection, self._block(connection) as database:
                yield database
        else:
            with self._reader() as connection, self._block(connection) as database:
                connection.execute("BEGIN")
                yield database

    @contextlib.contextmanager
    def writing(self) -> Iterator[Database]:
        """A transaction: durable when the block has ended, or as if it had never been when it raises.

        In a block inside a block of the same thread, only the inner part is undone when the inner one raises.

        Raises:
            DiskFull, VaultUnwritable, VaultLocked, VaultDamaged, VaultClosed: nothing of the block was saved.
        """
        outer: Database | None = getattr(self._mine, "database", None)
        if outer is not None and getattr(self._mine, "writes", False):
            with _savepoint(outer):
                yield outer
            return
        with self._writer_held() as connection, self._block(connection, writes=True) as database:
            connection.execute("BEGIN IMMEDIATE")
            yield database
            connection.execute("COMMIT")

    def need_room(self, size: int) -> None:
        """To be called before much is written in several transactions, which could not be taken back on a full disk.

        Raises:
            DiskFull: the disk has no room for ``size`` bytes, which stand in the log first and then in the file.
        """
        if errors.fuller_than(self._folder, 2 * size):
            raise errors.disk_full()

    def checkpoint(self) -> None:
        """Folds the log into the file and gives freed pages back to the disk; for quiet moments.

        Raises:
            VaultError: a leaf of it. What was committed stays committed.
        """
        with self._writer_held() as connection, errors.translating(self._folder):
            _tidy(connection)

    def check(self) -> None:
        """Reads every page and verifies it; takes a second for some 100 MB.

        Raises:
            VaultDamaged: some bytes are not what was written.
        """
        with self._writer_held() as connection, errors.translating(self._folder):
            opening.verify(connection, encrypted=self._path is not None)

    # ---- changing the key, and the end

    def rekey(self, key: VaultKey, *, identifier: str | None = None) -> None:
        """Encrypts all of it anew, so that the old key opens nothing any more.

        Written beside the old file and put in its place by one rename: at every moment the old key or the new
        one opens the vault. Backups under the old key are removed. Takes as much space again while it runs.

        Args:
            identifier: from ``new_identifier``, where the new key was stored under that name beforehand.

        Raises:
            VaultError: a leaf of it; the old key still holds.
            ValueError: the vault lies in memory, where there is nothing to encrypt.
        """
        if self._path is None or self._way is None:
            raise ValueError("a vault in memory has no key")
        way, raw = key.new_way(bytes.fromhex(identifier if identifier is not None else new_identifier()))
        with self._writer_held() as writer, self._alone(patient=True), errors.translating(self._folder):
            files.remove_leftovers(self._path)
            try:
                opening.export(self._path, writer, raw, way)
                opening.announce(self._path, (self._way, way))
                self._hang_up()  # who comes next connects anew
                opening.swap(self._path)
            except BaseException:
                # Whatever state the connection is in: the next one is new, and under the old key.
                self._hang_up()
                files.remove_leftovers(self._path)
                raise
            self._key, self._way = raw, way
            opening.settle(self._path, way)
            files.remove_backups(self._path)

    def wipe(self) -> None:
        """Closes the vault and removes it with all that lies beside it, overwritten first.

        On flash memory and on copying file systems the overwritten bytes may survive: without the passphrase,
        or the key (delete it from the keyring too), they can't be read.

        Raises:
            VaultUnwritable: something could not be removed.
        """
        self.close()
        if self._path is not None:
            files.destroy(self._path)

    # ---- inside

    @property
    def _folder(self) -> Path | None:
        return self._path.parent if self._path is not None else None

    @contextlib.contextmanager
    def _block(self, connection: dbapi2.Connection, *, writes: bool = False) -> Iterator[Database]:
        """Sets up what this thread sees, translates errors, takes back what was not committed."""
        database = Database(connection)
        before = getattr(self._mine, "database", None), getattr(self._mine, "writes", False)
        self._mine.database, self._mine.writes = database, writes
        try:
            with errors.translating(self._folder):
                yield database
        finally:
            self._mine.database, self._mine.writes = before
            database.end()
            # A connection that can't even do this is broken; the error on its way out says so.
            with contextlib.suppress(dbapi2.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _writer_held(self) -> Iterator[dbapi2.Connection]:
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise errors.locked()
        try:
            if self._closed:
                raise errors.closed()
            if self._writer is None:
                self._writer = opening.reconnect(self._path, self._key or b"")
            writer = self._writer
            try:
                yield writer
            except errors.VaultDamaged:
                # After a page that doesn't verify, SQLCipher's connection answers nothing right any more.
                if self._path is not None:
                    writer.close()
                    self._writer = None
                raise
        finally:
            self._writing.release()

    @contextlib.contextmanager
    def _reader(self) -> Iterator[dbapi2.Connection]:
        with self._readers:
            # Shut for the length of a change of key.
            if not self._readers.wait_for(lambda: not self._shut or self._closed, BUSY_SECONDS):
                raise errors.locked()
            if self._closed:
                raise errors.closed()
            self._reading += 1
            connection = self._idle.pop() if self._idle else None
        sound = True
        try:
            if connection is None:
                connection = opening.reconnect(self._path, self._key or b"")
            yield connection
        except VaultError:
            sound = False
            raise
        finally:
            self._give_back(connection, sound=sound)

    def _give_back(self, connection: dbapi2.Connection | None, *, sound: bool) -> None:
        with self._readers:
            self._reading -= 1
            if connection is not None:
                if sound and not self._closed and len(self._idle) < _IDLE_READERS:
                    self._idle.append(connection)
                else:
                    connection.close()
            self._readers.notify_all()

    @contextlib.contextmanager
    def _alone(self, *, patient: bool) -> Iterator[None]:
        """Lets no reader in while the block runs, and waits for those inside.

        Args:
            patient: raise where they don't leave; otherwise go on: each closes its connection as it leaves.
        """
        with self._readers:
            self._shut = True
        try:
            with self._readers:
                left = self._readers.wait_for(lambda: self._reading == 0, BUSY_SECONDS)
            if not left and patient:
                raise errors.locked()
            yield
        finally:
            with self._readers:
                self._shut = False
                self._readers.notify_all()

    def _hang_up(self) -> None:
        """Closes every connection that lies idle; the last one folds the log into the file."""
        with self._readers:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        if self._writer is not None:
            writer, self._writer = self._writer, None
            # A full disk must not keep the program from ending: the next opening folds the log in.
            try:
                with errors.translating(self._folder):
                    _tidy(writer)
            except VaultError as error:
                log.warning("the vault's log was not folded in: %s", error.log_safe)
            finally:
                writer.close()


def _tidy(connection: dbapi2.Connection) -> None:
    for _ in connection.execute("PRAGMA incremental_vacuum"):
        pass
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextlib.contextmanager
def _savepoint(database: Database) -> Iterator[None]:
    database.execute("SAVEPOINT inner_block")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK TO inner_block")
        database.execute("RELEASE inner_block")
        raise
    database.execute("RELEASE inner_block")
