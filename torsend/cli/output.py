"""How the command line shows values: lines for people, JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from torsend.cli.streams import raw
from torsend.delivery.sentences import explain
from torsend.words import t, tn

if TYPE_CHECKING:
    from datetime import datetime

    from torsend.delivery.outbox import OutboxEntry
    from torsend.delivery.reply import Reply
    from torsend.identity.identity import Identity


def as_json(value: Any) -> None:
    """JSON on standard output, indented, in UTF-8 whatever the terminal speaks.

    A byte of a path that is no UTF-8 (PEP 383) becomes JSON's escape of it, so that it is the same again when it is read.
    """
    raw(json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n")


def moment(at: datetime | None) -> str | None:
    """A time as programs read it: ISO 8601 in UTC, to the second."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def identity_json(identity: Identity) -> dict[str, Any]:
    """An identity for a program. No password."""
    return identity.to_json()


def identity_line(identity: Identity) -> str:
    """An identity for a person."""
    server = identity.server
    return t(
        "{id}  {name} <{address}>  {kind}, {host}:{port} {tls}",
        id=identity.id, name=identity.name, address=identity.address, kind=identity.kind.value,
        host=server.host, port=server.port, tls=server.tls.value,
    )  # fmt: skip


def entry_json(entry: OutboxEntry, identity: Identity | None) -> dict[str, Any]:
    """An outbox entry for a program."""
    told = explain(entry, identity.provider if identity else "")
    return {
        "id": entry.id,
        "identity": entry.identity_id,
        "state": entry.state.value,
        "step": entry.step.value,
        "left": entry.left.value,
        "reason": entry.reason.value,
        "what": told.what,
        "advice": told.advice,
        "mail_from": entry.mail_from,
        "recipients": [
            {
                "address": each.address,
                "state": each.state.value,
                "in_doubt": each.in_doubt,
                "reply": _reply_json(each.reply),
            }
            for each in entry.recipients
        ],
        "message_id": entry.message_id,
        "subject": entry.subject,
        "size": entry.size,
        "created": moment(entry.created),
        "next_attempt": moment(entry.next_attempt),
        "attempts": entry.attempts,
        "finished": moment(entry.finished),
        "reply": _reply_json(entry.reply),
    }


def entry_lines(entry: OutboxEntry, identity: Identity | None) -> list[str]:
    """An outbox entry for a person: what it is, then what happened, what left, what to try."""
    to = entry.recipients[0].address if entry.recipients else ""
    more = len(entry.recipients) - 1
    if more > 0:
        to = tn("{to} and one more", "{to} and {n} more", more, to=to)
    told = explain(entry, identity.provider if identity else "")
    lines = [
        t(
            "{id}  {state}  {subject}",
            id=entry.id,
            state=entry.state.value,
            subject=entry.subject or t("(no subject)"),
        ),
        t("    {sender} to {to}", sender=entry.mail_from, to=to),
        f"    {told.sentences}",
    ]
    if told.their_words:
        # Each of their lines is set apart: one at the margin could pass for ours.
        lines += [f"    {line}" for line in told.their_words.split("\n")]
    return lines


def _reply_json(reply: Reply | None) -> dict[str, Any] | None:
    if reply is None:
        return None
    return {"code": reply.code, "enhanced": reply.enhanced, "text": reply.text}
