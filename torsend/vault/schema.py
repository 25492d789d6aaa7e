"""What the vault holds, as a list of numbered steps from an empty file to today's tables.

A step that was released is never changed: a new one follows it. ``PRAGMA user_version`` says how far a file
has come. Times are seconds since 1970 in UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.vault import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlcipher3.dbapi2 import Connection

APPLICATION_ID = 0x546F7253
"""``ToRS`` in SQLite's header: whatever opens with a key but lacks it was never ours."""

_FIRST: tuple[str, ...] = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE identity (id TEXT PRIMARY KEY, position INTEGER NOT NULL, body TEXT NOT NULL) STRICT",
    """
    CREATE TABLE draft (
        id TEXT PRIMARY KEY, identity_id TEXT, saved REAL NOT NULL, body TEXT NOT NULL
    ) STRICT
    """,
    # position is the order of queueing: a number once given is never given again.
    """
    CREATE TABLE outbox (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        identity_id TEXT NOT NULL,
        created REAL NOT NULL,
        state TEXT NOT NULL,
        step TEXT NOT NULL,
        mail_from TEXT NOT NULL,
        message_id TEXT NOT NULL,
        subject TEXT NOT NULL,
        size INTEGER NOT NULL,
        next_attempt REAL,
        attempts INTEGER NOT NULL DEFAULT 0,
        reply_code INTEGER,
        reply_enhanced TEXT,
        reply_text TEXT,
        reason TEXT NOT NULL DEFAULT '',
        finished REAL,
        draft_id TEXT,
        same_circuit INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    "CREATE INDEX outbox_by_turn ON outbox (state, next_attempt)",
    "CREATE INDEX outbox_by_identity ON outbox (identity_id)",
    """
    CREATE TABLE outbox_recipient (
        entry_id TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        address TEXT NOT NULL,
        state TEXT NOT NULL,
        reply_code INTEGER,
        reply_enhanced TEXT,
        reply_text TEXT,
        PRIMARY KEY (entry_id, ordinal)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE outbox_chunk (
        entry_id TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (entry_id, ordinal)
    ) STRICT
    """,
)

_DOUBT: tuple[str, ...] = (
    # Whether an attempt may have brought it to this recipient; no later attempt that fails takes that back.
    "ALTER TABLE outbox_recipient ADD COLUMN in_doubt INTEGER NOT NULL DEFAULT 0",
    "UPDATE outbox_recipient SET in_doubt = 1 WHERE state IN ('unknown', 'given')",
    # How far any attempt got, where step says how far the last one did.
    "ALTER TABLE outbox ADD COLUMN furthest TEXT NOT NULL DEFAULT 'queued'",
    "UPDATE outbox SET furthest = step",
)

_LANES: tuple[str, ...] = (
    # What a sender has due is found without a look at what it had sent, or sends another day.
    "CREATE INDEX outbox_by_lane ON outbox (identity_id, state, next_attempt)",
    "DROP INDEX outbox_by_identity",
)

_ANSWERS: tuple[str, ...] = (
    # How each identity's server answered last; gone with the identity, whoever removes that.
    """
    CREATE TABLE server_answers (
        identity_id TEXT PRIMARY KEY, server TEXT NOT NULL, seen REAL NOT NULL, body TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TRIGGER identity_gone AFTER DELETE ON identity
    BEGIN DELETE FROM server_answers WHERE identity_id = OLD.id; END
    """,
)

_WORDS: tuple[str, ...] = (
    # The person's words (owner empty) and those of single identities, which go with the identity.
    """
    CREATE TABLE word (
        owner TEXT NOT NULL, word TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (owner, word)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TRIGGER words_go_with_identity AFTER DELETE ON identity
    BEGIN DELETE FROM word WHERE owner = OLD.id; END
    """,
)

_CLEANED: tuple[str, ...] = (
    # What the cleaner made of a draft's files. Not tied to draft by a reference: a file is cleaned as soon as it is
    # attached, and its draft may not be saved yet. Whoever removes a draft removes these; what a crash leaves is swept.
    # path is JSON, since a file's name may be no Unicode; report is NULL until all of it is here.
    """
    CREATE TABLE cleaned (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        draft_id TEXT NOT NULL,
        path TEXT NOT NULL,
        print TEXT NOT NULL,
        size INTEGER NOT NULL DEFAULT 0,
        report TEXT
    ) STRICT
    """,
    "CREATE INDEX cleaned_by_draft ON cleaned (draft_id, path)",
    """
    CREATE TABLE cleaned_chunk (
        cleaned_id INTEGER NOT NULL REFERENCES cleaned (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (cleaned_id, ordinal)
    ) STRICT
    """,
    """
    CREATE TABLE cleaned_words (
        cleaned_id INTEGER NOT NULL REFERENCES cleaned (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        words TEXT NOT NULL,
        PRIMARY KEY (cleaned_id, ordinal)
    ) STRICT
    """,
)

_EXITS: tuple[str, ...] = (
    # How each identity's server treats exit relays; gone with the identity, whoever removes that.
    """
    CREATE TABLE exit_refusal (
        identity_id TEXT PRIMARY KEY, server TEXT NOT NULL, times INTEGER NOT NULL, last REAL NOT NULL,
        words TEXT NOT NULL, let_in INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TRIGGER exit_refusals_go_with_identity AFTER DELETE ON identity
    BEGIN DELETE FROM exit_refusal WHERE identity_id = OLD.id; END
    """,
)

STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _DOUBT, _LANES, _ANSWERS, _WORDS, _CLEANED, _EXITS)
"""Step n of the list leads from version n-1 to version n."""


def version_of(connection: Connection) -> int:
    """How many of the steps the file has behind it."""
    row = connection.execute("PRAGMA user_version").fetchone()
    return int(row[0]) if row is not None else 0


def migrate(
    connection: Connection,
    *,
    before: Callable[[int], None] | None = None,
    steps: Sequence[Sequence[str]] | None = None,
) -> None:
    """Leads the file to today's tables: all steps in one transaction, or none.

    Args:
        before: called with the version that the file has, only where there is something to do and to lose.
        steps: for tests; otherwise ``STEPS``.

    Raises:
        VaultTooNew: the file has more steps behind it than this program knows.
    """
    todo = STEPS if steps is None else steps
    version = version_of(connection)
    if version > len(todo):
        raise errors.too_new()
    if version == len(todo):
        return
    if version and before is not None:
        before(version)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in todo[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(todo)}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
