"""One open SQLCipher connection, set up the one way, and what callers see of it inside a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlcipher3 import dbapi2

from torsend.vault import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Row = dbapi2.Row
"""A row of an answer: by position or by the column's name."""

BUSY_SECONDS = 10.0
"""How long a connection or a thread waits for another before it says that the vault is locked."""

_CACHE_KIB = 1024
"""Pages that a connection keeps decrypted. SQLCipher's own 8 MB buy nothing measurable here (10,000 messages are listed as
fast with an eighth of it), and every connection that streamed a large message would keep them all."""

_WAL_LIMIT = 4 * 1024 * 1024
"""Bytes that the write-ahead log keeps on disk after a checkpoint; a large message needs more for a while."""


def connect(path: Path | None, key: bytes | None, salt: bytes | None = None) -> dbapi2.Connection:
    """Opens a file with a raw key, or a database in memory. Reads nothing yet: the first read tells all.

    Args:
        salt: for a new file; an existing one has its own in its first 16 bytes.
    """
    connection = dbapi2.connect(
        ":memory:" if path is None else str(path),
        timeout=BUSY_SECONDS,
        # Transactions are begun and ended by us, in words, not guessed by the module from the statements.
        isolation_level=None,
        # A connection is used by one thread at a time; which one changes.
        check_same_thread=False,
    )
    connection.row_factory = dbapi2.Row
    # SQLCipher writes to standard error of its own accord otherwise.
    connection.execute("PRAGMA cipher_log_level = NONE")
    # Plain SQLite under the same name would take the key, say nothing and write everything in clear.
    if connection.execute("PRAGMA cipher_version").fetchone() is None:
        connection.close()
        raise errors.cannot_encrypt()
    if key is not None:
        # The key can't be a bound parameter of a PRAGMA. Hexadecimal digits need no quoting.
        connection.execute(f"PRAGMA key = \"x'{key.hex()}{(salt or b'').hex()}'\"")
    return connection


def prepare(connection: dbapi2.Connection, *, wal: bool) -> None:
    """Sets what belongs to the connection and not to the file: durable, private, bounded.

    Reads the file, so this is where a wrong key shows.
    """
    run = connection.execute
    run("PRAGMA temp_store = MEMORY")  # nothing is ever sorted into a file of its own
    run("PRAGMA mmap_size = 0")  # pages are decrypted into our memory, never mapped
    run(f"PRAGMA cache_size = -{_CACHE_KIB}")
    run("PRAGMA trusted_schema = OFF")
    run("PRAGMA foreign_keys = ON")
    run("PRAGMA recursive_triggers = OFF")
    run("SELECT count(*) FROM sqlite_master").fetchone()
    run("PRAGMA secure_delete = ON")
    if wal:
        mode = run("PRAGMA journal_mode = WAL").fetchone()
        if mode is None or mode[0] != "wal":
            raise errors.unwritable()
        run(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")
        run("PRAGMA synchronous = FULL")
        # macOS: fsync alone does not reach the platter.
        run("PRAGMA fullfsync = ON")
        run("PRAGMA checkpoint_fullfsync = ON")


class Database:
    """What a ``with vault.writing() as db`` block works with. Good for that block only."""

    __slots__ = ("_connection",)

    def __init__(self, connection: dbapi2.Connection) -> None:
        self._connection: dbapi2.Connection | None = connection

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> dbapi2.Cursor:
        """Runs one statement with ``?`` parameters; the cursor gives its rows and ends with the block."""
        return self._open.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> None:
        """Runs one statement for each set of parameters, taken one by one: they may be a generator."""
        self._open.executemany(sql, parameters)

    def row(self, sql: str, parameters: Sequence[Any] = (), /) -> Row | None:
        """The first row of the answer, if there is one."""
        return self.execute(sql, parameters).fetchone()

    def rows(self, sql: str, parameters: Sequence[Any] = (), /) -> list[Row]:
        """All rows of the answer."""
        return self.execute(sql, parameters).fetchall()

    def end(self) -> None:
        """The block is over."""
        self._connection = None

    @property
    def _open(self) -> dbapi2.Connection:
        if self._connection is None:
            raise RuntimeError("a vault's database was used after its block had ended")
        return self._connection
