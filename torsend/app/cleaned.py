"""What was made of a draft's files, in the vault: bytes in pieces, what was removed, the words that a reader will see.

A file is known by its place and its print (device, inode, size, time of change): a changed one is not the one that was
cleaned. One that is gone is: what was attached goes along, as it was when it was cleaned. What an earlier version of this
program made of a file is made anew while the file is there: a later one may find more in it.
"""

from __future__ import annotations

import contextlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torsend
from torsend.clean.report import Report, Verdict
from torsend.errors import VaultError
from torsend.mail.draft import Draft
from torsend.mail.files import measure
from torsend.mail.refusals import AttachmentMissing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from torsend.mail.draft import Attachment
    from torsend.mail.files import Print
    from torsend.vault import Database, Vault

log = logging.getLogger("torsend.app")

PIECE = 64 * 1024
"""Bytes of a piece, characters of a piece of words."""
BATCH = 16
"""Pieces that are written at once: what is held in memory meanwhile."""
MOST_WORDS = 16 * 1024 * 1024
"""Characters that are kept of what a reader will see; a book has one million. A hostile file must not fill the disk."""


class Vanished(Exception):
    """What is being written was removed meanwhile, with its draft or by another cleaning of the same file."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of a file.

    Attributes:
        id: never given twice; what is written anew has another.
        size: of the bytes that are kept; 0 where it can't be cleaned.
    """

    id: int
    report: Report
    size: int

    @property
    def is_sendable(self) -> bool:
        """Whether there are bytes to go in place of the file."""
        return self.report.verdict is not Verdict.NOT_CLEANABLE


class CleanedFiles:
    """All of them. From any thread; every method raises leaves of ``VaultError`` where the vault does."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def find(self, draft_id: str, file: Attachment) -> Cleaned | None:
        """What was made of the file as it lies there now; None if nothing was, or if it changed since.

        Raises:
            AttachmentProblem: it can't be looked at, and is not merely gone.
        """
        with self._vault.reading() as db:
            row = db.row(
                "SELECT id, print, size, report FROM cleaned WHERE draft_id = ? AND path = ? AND report IS NOT NULL",
                (draft_id, _key(file.path)),
            )
        if row is None:
            return None
        with contextlib.suppress(AttachmentMissing):
            if _mark(measure(file).found) != row["print"]:
                return None
        return Cleaned(row["id"], Report.from_json(row["report"]), row["size"])

    def was_looked_at(self, draft_id: str, file: Attachment, found: Print) -> bool:
        """Whether what the cleaner looked at, and the person decided about, is the file as it is now. True where it never
        looked: then the decision was made about the file itself.
        """
        with self._vault.reading() as db:
            row = db.row(
                "SELECT print FROM cleaned WHERE draft_id = ? AND path = ? AND report IS NOT NULL",
                (draft_id, _key(file.path)),
            )
        # Whichever version of the program looked.
        return row is None or row["print"].partition(" ")[2] == str(found)

    def pieces(self, cleaned_id: int) -> Iterator[bytes]:
        """The bytes; one piece in memory, no transaction held in between. Fewer if they are removed meanwhile."""
        yield from self._column(
            "SELECT bytes FROM cleaned_chunk WHERE cleaned_id = ? AND ordinal = ?", cleaned_id
        )

    def words(self, cleaned_id: int) -> Iterator[str]:
        """What a reader will see as words, from beginning to end; a piece may break within a word."""
        yield from self._column(
            "SELECT words FROM cleaned_words WHERE cleaned_id = ? AND ordinal = ?", cleaned_id
        )

    def begin(self, draft_id: str, file: Attachment, found: Print) -> Arriving:
        """Room for what will be made of a file, in place of what was made of it before.

        Raises:
            DiskFull: there would be no room for as much as the file itself.
        """
        self._vault.need_room(found.size)
        key = _key(file.path)
        with self._vault.writing() as db:
            db.execute("DELETE FROM cleaned WHERE draft_id = ? AND path = ?", (draft_id, key))
            cursor = db.execute(
                "INSERT INTO cleaned (draft_id, path, print) VALUES (?, ?, ?)", (draft_id, key, _mark(found))
            )
            return Arriving(self._vault, int(cursor.lastrowid or 0))

    def forget(self, draft_id: str, path: Path | None = None) -> None:
        """What was made of one file of a draft, or of all; nothing happens where there is nothing."""
        with self._vault.writing() as db:
            db.execute(
                "DELETE FROM cleaned WHERE draft_id = ?1 AND (?2 IS NULL OR path = ?2)",
                (draft_id, None if path is None else _key(path)),
            )

    def sweep(self) -> None:
        """Removes what the last end of the program left: half-written, or of a draft or file that is no more.

        Once a start, before anything is cleaned. A full disk must not keep the program from starting.
        """
        with self._vault.reading() as db:
            rows = db.rows(
                "SELECT cleaned.id, path, report IS NOT NULL AS whole, body FROM cleaned"
                " LEFT JOIN draft ON draft.id = draft_id"
            )
            left = [
                row["id"] for row in rows if not (row["whole"] and _is_attached(row["path"], row["body"]))
            ]
        if not left:
            return
        try:
            with self._vault.writing() as db:
                db.executemany("DELETE FROM cleaned WHERE id = ?", [(each,) for each in left])
        except VaultError as failure:
            log.warning("what was left of a cleaning could not be removed: %s", failure.log_safe)

    def _column(self, statement: str, cleaned_id: int) -> Iterator[Any]:
        ordinal = 0
        while True:
            with self._vault.reading() as db:
                row = db.row(statement, (cleaned_id, ordinal))
            if row is None:
                return
            yield row[0]
            ordinal += 1


class Arriving:
    """What is being made of a file. One thread at a time; holds at most ``BATCH`` pieces."""

    def __init__(self, vault: Vault, arriving: int) -> None:
        self._vault = vault
        self._id = arriving
        self._buffer = bytearray()
        self._pieces: list[tuple[int, int, bytes]] = []
        self._words: list[str] = []
        self._held_words = self._kept_words = 0
        self._next = self._next_words = self._size = 0

    def write(self, data: bytes) -> None:
        """Some of the bytes.

        Raises:
            Vanished
        """
        self._size += len(data)
        self._buffer += data
        while len(self._buffer) >= PIECE:
            self._take(bytes(self._buffer[:PIECE]))
            del self._buffer[:PIECE]
        if len(self._pieces) >= BATCH:
            with self._writing() as db:
                self._flush(db)

    def say(self, words: str) -> None:
        """Some of what a reader will see.

        Raises:
            Vanished
        """
        words = words[: MOST_WORDS - self._kept_words]
        self._kept_words += len(words)
        self._held_words += len(words)
        if words:
            self._words.append(words)
        if self._held_words >= PIECE:
            with self._writing() as db:
                self._flush_words(db)

    def finish(self, report: Report) -> Cleaned:
        """All of it is here: from now on it is found.

        Raises:
            Vanished
        """
        if self._buffer:
            self._take(bytes(self._buffer))
            self._buffer.clear()
        with self._writing() as db:
            if report.verdict is Verdict.NOT_CLEANABLE:
                # What came before that was known is nothing that may ever be sent.
                self._size = 0
                self._pieces.clear()
                db.execute("DELETE FROM cleaned_chunk WHERE cleaned_id = ?", (self._id,))
            self._flush(db)
            self._flush_words(db)
            db.execute(
                "UPDATE cleaned SET size = ?, report = ? WHERE id = ?",
                (self._size, report.to_json(), self._id),
            )
        return Cleaned(self._id, report, self._size)

    def discard(self) -> None:
        """As if it had never begun."""
        with self._vault.writing() as db:
            db.execute("DELETE FROM cleaned WHERE id = ?", (self._id,))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Database]:
        with self._vault.writing() as db:
            if db.row("SELECT 1 FROM cleaned WHERE id = ?", (self._id,)) is None:
                raise Vanished
            yield db

    def _take(self, piece: bytes) -> None:
        self._pieces.append((self._id, self._next, piece))
        self._next += 1

    def _flush(self, db: Database) -> None:
        db.executemany(
            "INSERT INTO cleaned_chunk (cleaned_id, ordinal, bytes) VALUES (?, ?, ?)", self._pieces
        )
        self._pieces.clear()

    def _flush_words(self, db: Database) -> None:
        if self._words:
            db.execute(
                "INSERT INTO cleaned_words (cleaned_id, ordinal, words) VALUES (?, ?, ?)",
                (self._id, self._next_words, "".join(self._words).encode("utf-8", "replace").decode("utf-8")),
            )
            self._next_words += 1
        self._words.clear()
        self._held_words = 0


def _mark(found: Print) -> str:
    return f"{torsend.__version__} {found}"


def _key(path: Path) -> str:
    return json.dumps(str(path))


def _is_attached(key: str, body: str | None) -> bool:
    """Whether that draft still has a file there."""
    if body is None:
        return False
    try:
        draft = Draft.from_json(body)
    except ValueError:
        # It stays in the vault, and what belongs to it as well.
        return True
    return any(_key(file.path) == key for file in draft.attachments)
