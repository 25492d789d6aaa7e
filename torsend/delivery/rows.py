"""The outbox's tables as values: all SQL of this room. Nothing here decides anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from torsend.delivery.entry import OutboxEntry
from torsend.delivery.line_ends import LineEnds
from torsend.delivery.outcome import Recipient
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply
from torsend.delivery.states import RecipientState, State, Step

if TYPE_CHECKING:
    from torsend.mail.wire import Message
    from torsend.vault import Database, Row

CHUNK = 64 * 1024
"""Bytes a piece: what one write to the stream takes."""

BATCH = 16
"""Pieces a transaction: a large attachment on a slow disk must not hold the vault's one writer up."""

ARRIVING = "arriving"
"""A message whose bytes are not all here yet. No state: whatever lists entries leaves it out."""

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class NewRow:
    """What is known of a message when it is queued; ``created`` and ``not_before`` in seconds since 1970.

    Attributes:
        random_before: UTC; see ``OutboxEntry``.
    """

    entry_id: str
    identity_id: str
    created: float
    message: Message
    not_before: float | None
    draft_id: str | None
    random_before: datetime | None = None


def batches(message: Message) -> Iterator[list[tuple[int, bytes]]]:
    """The message's bytes as numbered chunks of ``CHUNK`` bytes, ``BATCH`` at a time; at least one batch.

    Raises:
        ValueError: a bare CR or LF (they let one message be read as two), a NUL, no line end at the end, or another size
            than was said.
    """
    batch: list[tuple[int, bytes]] = []
    total = 0
    last = b""
    ends = LineEnds()
    for ordinal, chunk in enumerate(_rechunked(message.chunks())):
        if ends.broken_by(chunk):
            raise ValueError("a bare CR or LF, or a NUL, in a message")
        last = chunk[-1:]
        total += len(chunk)
        batch.append((ordinal, chunk))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if total != message.size or last != b"\n":
        raise ValueError("the message is not what it said it was")
    if batch:
        yield batch


def _rechunked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        while len(buffer) >= CHUNK:
            yield bytes(buffer[:CHUNK])
            del buffer[:CHUNK]
    if buffer:
        yield bytes(buffer)


def insert(db: Database, row: NewRow, state: str) -> None:
    """A new message and its recipients."""
    db.execute(
        "INSERT INTO outbox (id, identity_id, created, state, step, mail_from, message_id, subject, size, next_attempt,"
        " draft_id, reply_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.entry_id,
            row.identity_id,
            row.created,
            str(state),
            Step.QUEUED.value,
            row.message.envelope.mail_from,
            row.message.message_id,
            row.message.subject,
            row.message.size,
            row.not_before,
            row.draft_id,
            row.random_before.isoformat() if row.random_before else None,
        ),
    )
    db.executemany(
        "INSERT INTO outbox_recipient (entry_id, ordinal, address, state) VALUES (?, ?, ?, ?)",
        [
            (row.entry_id, ordinal, address, RecipientState.WAITING.value)
            for ordinal, address in enumerate(row.message.envelope.recipients)
        ],
    )


def insert_chunks(db: Database, entry_id: str, batch: list[tuple[int, bytes]]) -> None:
    """Some of a message's bytes."""
    db.executemany(
        "INSERT INTO outbox_chunk (entry_id, ordinal, bytes) VALUES (?, ?, ?)",
        [(entry_id, ordinal, chunk) for ordinal, chunk in batch],
    )


_COLUMNS = frozenset(
    {"state", "step", "furthest", "next_attempt", "attempts", "reason", "finished", "same_circuit"}
) | frozenset({"reply_code", "reply_enhanced", "reply_text"})


def update(db: Database, entry_id: str, **columns: Value) -> None:
    """Some columns of an entry."""
    if not columns.keys() <= _COLUMNS:
        raise ValueError("no such column")
    names = ", ".join(f"{name} = ?" for name in columns)
    values = [str(value) if isinstance(value, str) else value for value in columns.values()]
    db.execute(f"UPDATE outbox SET {names} WHERE id = ?", (*values, entry_id))  # noqa: S608  # names of the set above


def reply_columns(reply: Reply | None, detail: str) -> dict[str, Value]:
    """A reply, or a detail where there was none: they share a column."""
    if reply is None:
        return {"reply_code": None, "reply_enhanced": None, "reply_text": detail or None}
    return {"reply_code": reply.code, "reply_enhanced": reply.enhanced, "reply_text": reply.text}


def update_recipient(db: Database, entry_id: str, recipient: Recipient) -> None:
    """State and reply of one recipient."""
    columns = reply_columns(recipient.reply, "")
    db.execute(
        "UPDATE outbox_recipient SET state = ?, reply_code = ?, reply_enhanced = ?, reply_text = ?,"
        " in_doubt = in_doubt OR ? WHERE entry_id = ? AND address = ?",
        (recipient.state.value, *columns.values(), _doubtful(recipient.state), entry_id, recipient.address),
    )


def move_recipients(
    db: Database, entry_id: str, old: AbstractSet[RecipientState], new: RecipientState
) -> None:
    """All recipients in some states into another one."""
    for state in old:
        db.execute(
            "UPDATE outbox_recipient SET state = ?, in_doubt = in_doubt OR ? WHERE entry_id = ? AND state = ?",
            (new.value, _doubtful(new), entry_id, state.value),
        )


def _doubtful(state: RecipientState) -> int:
    return int(state is RecipientState.UNKNOWN)


def give(db: Database, entry_id: str, addresses: tuple[str, ...]) -> None:
    """These are in the attempt whose last byte leaves next."""
    db.executemany(
        "UPDATE outbox_recipient SET state = ? WHERE entry_id = ? AND address = ?",
        [(RecipientState.GIVEN.value, entry_id, address) for address in addresses],
    )


def delete(db: Database, entry_id: str) -> None:
    """An entry with all that belongs to it (the tables cascade)."""
    db.execute("DELETE FROM outbox WHERE id = ?", (entry_id,))


def delete_chunks(db: Database, entry_id: str) -> bool:
    """The last ``BATCH`` of its pieces; whether there may be more. What is deleted is overwritten (secure_delete)."""
    cursor = db.execute(
        "DELETE FROM outbox_chunk WHERE rowid IN"
        " (SELECT rowid FROM outbox_chunk WHERE entry_id = ? ORDER BY ordinal DESC LIMIT ?)",
        (entry_id, BATCH),
    )
    return cursor.rowcount == BATCH


def accepted_with_chunks(db: Database) -> tuple[str, ...]:
    """Accepted entries whose bytes are still here: the program ended in between."""
    found = db.rows(
        "SELECT id FROM outbox WHERE state = 'accepted'"
        " AND EXISTS (SELECT 1 FROM outbox_chunk WHERE entry_id = outbox.id)"
    )
    return tuple(row[0] for row in found)


def delete_arriving(db: Database) -> None:
    """Whatever never wholly arrived."""
    db.execute("DELETE FROM outbox WHERE state = ?", (ARRIVING,))


_SELECT = (
    "SELECT id, identity_id, created, state, step, mail_from, message_id, subject, size, next_attempt, attempts,"
    " reply_code, reply_enhanced, reply_text, reason, finished, draft_id, same_circuit, furthest"
    " FROM outbox"
)
_SELECT_RECIPIENTS = (
    "SELECT entry_id, address, state, reply_code, reply_enhanced, reply_text, in_doubt FROM outbox_recipient"
)


def entry(db: Database, entry_id: str) -> OutboxEntry | None:
    """One entry."""
    row = db.row(f"{_SELECT} WHERE id = ? AND state != ?", (entry_id, ARRIVING))
    if row is None:
        return None
    found = db.rows(f"{_SELECT_RECIPIENTS} WHERE entry_id = ? ORDER BY ordinal", (entry_id,))
    return _entry(row, tuple(map(_recipient, found)))


def entries(db: Database, identity_id: str | None) -> tuple[OutboxEntry, ...]:
    """All entries, or an identity's, in the order of queueing: two statements however many there are."""
    recipients: dict[str, list[Recipient]] = {}
    if identity_id is None:
        found = db.rows(f"{_SELECT} WHERE state != ? ORDER BY position", (ARRIVING,))
        theirs = db.execute(f"{_SELECT_RECIPIENTS} ORDER BY entry_id, ordinal")
    else:
        found = db.rows(
            f"{_SELECT} WHERE identity_id = ? AND state != ? ORDER BY position", (identity_id, ARRIVING)
        )
        theirs = db.execute(
            f"{_SELECT_RECIPIENTS} WHERE entry_id IN (SELECT id FROM outbox WHERE identity_id = ?)"  # noqa: S608
            " ORDER BY entry_id, ordinal",  # constants of this file
            (identity_id,),
        )
    for row in theirs:
        recipients.setdefault(row["entry_id"], []).append(_recipient(row))
    return tuple(_entry(row, tuple(recipients.get(row["id"], ()))) for row in found)


def in_turn(db: Database, ids: Iterable[str]) -> tuple[OutboxEntry, ...]:
    """Those of them that exist, in the order of queueing, at a cost that knows only how many were asked for."""
    found = db.rows(
        "SELECT id FROM outbox WHERE id IN (SELECT value FROM json_each(?)) ORDER BY position",
        (json.dumps(list(ids)),),
    )
    return tuple(each for row in found if (each := entry(db, row[0])) is not None)


def chunk(db: Database, entry_id: str, ordinal: int) -> bytes | None:
    """One piece of a message."""
    row = db.row("SELECT bytes FROM outbox_chunk WHERE entry_id = ? AND ordinal = ?", (entry_id, ordinal))
    return bytes(row[0]) if row is not None else None


# A message that waits for a time of the person's choice (queued) waits however long, and is not due any more when that
# time has long passed; one that waits to be tried again (retry) never waits longer than the longest wait: where it
# seems to, the clock was put back.
_DUE = (
    "((state = 'queued' AND (next_attempt IS NULL OR next_attempt BETWEEN ?1 AND ?2))"
    " OR (state = 'retry' AND (next_attempt IS NULL OR next_attempt <= ?2 OR next_attempt > ?3)))"
)
"""``?1``, ``?2``, ``?3``: the three of `Bounds`."""


# One range of the index for each way of being due: merged by position, however much there is of each.
_WAYS_OF_BEING_DUE = (
    "state = 'queued' AND next_attempt IS NULL",
    "state = 'queued' AND next_attempt BETWEEN ?1 AND ?2",
    "state = 'retry' AND next_attempt IS NULL",
    "state = 'retry' AND next_attempt <= ?2",
    "state = 'retry' AND next_attempt > ?3",
)
_OF_ONE = " UNION ALL ".join(
    f"SELECT id, position FROM outbox WHERE identity_id = ?4 AND {way}"  # noqa: S608  # constants
    for way in _WAYS_OF_BEING_DUE
)
_DUE_OF_ONE = f"{_OF_ONE} ORDER BY position LIMIT ?5"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What counts as due, in seconds since 1970.

    Attributes:
        missed: what should have gone before this asks.
        longest: a retry that waits for later than this was set by another clock.
    """

    missed: float
    now: float
    longest: float


def due_identities(db: Database, at: Bounds) -> tuple[str, ...]:
    """Identities with something due."""
    found = db.rows(
        f"SELECT DISTINCT identity_id FROM outbox WHERE {_DUE}",  # noqa: S608  # a constant
        (at.missed, at.now, at.longest),
    )
    return tuple(row[0] for row in found)


def due(db: Database, identity_id: str, at: Bounds, at_most: int = -1) -> tuple[str, ...]:
    """An identity's entries that are due, in turn."""
    found = db.rows(_DUE_OF_ONE, (at.missed, at.now, at.longest, identity_id, at_most))
    return tuple(row[0] for row in found)


def missed(db: Database, at: Bounds) -> tuple[tuple[str, float], ...]:
    """What waited for a time that passed too long ago, and that time."""
    found = db.rows(
        "SELECT id, next_attempt FROM outbox WHERE state = 'queued' AND next_attempt < ? ORDER BY position",
        (at.missed,),
    )
    return tuple((row[0], row[1]) for row in found)


def in_state(db: Database, state: State, identity_id: str | None = None) -> tuple[str, ...]:
    """All in one state, or those of an identity."""
    found = db.rows(
        "SELECT id FROM outbox WHERE state = ?1 AND (?2 IS NULL OR identity_id = ?2) ORDER BY position",
        (state.value, identity_id),
    )
    return tuple(row[0] for row in found)


def next_time(db: Database, now: float) -> float | None:
    """The earliest time to come that something waits for, in seconds since 1970."""
    row = db.row(
        "SELECT min(next_attempt) FROM outbox WHERE state IN ('queued', 'retry') AND next_attempt > ?", (now,)
    )
    return None if row is None else row[0]


def _entry(row: Row, recipients: tuple[Recipient, ...]) -> OutboxEntry:
    reply = _reply(row)
    return OutboxEntry(
        id=row["id"],
        identity_id=row["identity_id"],
        created=datetime.fromtimestamp(row["created"], UTC),
        state=State(row["state"]),
        step=Step(row["step"]),
        mail_from=row["mail_from"],
        message_id=row["message_id"],
        subject=row["subject"],
        size=row["size"],
        recipients=recipients,
        next_attempt=_time(row["next_attempt"]),
        attempts=row["attempts"],
        reply=reply,
        reason=Reason(row["reason"]),
        detail="" if reply is not None else row["reply_text"] or "",
        finished=_time(row["finished"]),
        draft_id=row["draft_id"],
        same_circuit=bool(row["same_circuit"]),
        furthest=Step(row["furthest"]),
    )


def _recipient(row: Row) -> Recipient:
    return Recipient(row["address"], RecipientState(row["state"]), _reply(row), bool(row["in_doubt"]))


def _reply(row: Row) -> Reply | None:
    if row["reply_code"] is None:
        return None
    return Reply(row["reply_code"], row["reply_enhanced"] or "", tuple((row["reply_text"] or "").split("\n")))


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
