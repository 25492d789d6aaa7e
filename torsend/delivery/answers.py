"""How a server answered when it was last spoken to: for showing a conversation before it is held.

Kept for each identity apart, so that no identity is shown what another one heard; gone with the identity. Of the greeting
and of EHLO the words are kept, since what is offered there decides what is said next. Of all later answers only the
codes: their words may name an account or a recipient of an earlier mail. Only answers with which a dialogue goes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from torsend.delivery.actions import Heard
from torsend.delivery.reply import MAX_LINES, MAX_REPLY, MAX_TEXT, Reply, cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.identity.identity import Identity, Server
    from torsend.vault import Vault

_WORDS_KEPT = frozenset({Heard.GREETING, Heard.HELLO_IN_CLEAR, Heard.HELLO})
_CODES = MappingProxyType(
    {
        Heard.GREETING: 220,
        Heard.HELLO_IN_CLEAR: 250,
        Heard.STARTTLS: 220,
        Heard.HELLO: 250,
        Heard.SIGNED_IN: 235,
        Heard.SENDER: 250,
        Heard.RECIPIENT: 250,
        Heard.DATA: 354,
        Heard.ACCEPTED: 250,
    }
)
_MOSTLY_OFFERED = ("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN")


@dataclass(frozen=True, slots=True)
class Answers:
    """One server's answers.

    Attributes:
        replies: one for each of ``Heard``.
        seen: whether greeting and offers are its own, and not what most servers say.
    """

    replies: Mapping[Heard, Reply]
    seen: bool


def typical(server: Server) -> Answers:
    """What most servers say: shown as assumed, where one was never spoken to."""
    replies = {asked: Reply(code) for asked, code in _CODES.items()}
    replies[Heard.GREETING] = Reply(220, lines=(f"{server.host} ESMTP",))
    replies[Heard.HELLO_IN_CLEAR] = Reply(250, lines=(server.host, "STARTTLS"))
    replies[Heard.HELLO] = Reply(250, lines=(server.host, *_MOSTLY_OFFERED))
    return Answers(MappingProxyType(replies), seen=False)


class AnswerBook:
    """What was heard, in the vault. From any thread. Every method raises leaves of ``VaultError`` where the vault does."""

    def __init__(self, vault: Vault, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._vault = vault
        self._clock = clock

    def of(self, identity: Identity) -> Answers:
        """How its server answers: what was heard, and for the rest what most say."""
        assumed = typical(identity.server)
        known = self._known(identity)
        return Answers(MappingProxyType({**assumed.replies, **known}), seen=Heard.HELLO in known)

    def remember(self, identity: Identity, heard: Mapping[Heard, Reply]) -> None:
        """Puts it over what was known. Nothing is written where nothing is new."""
        known = self._known(identity)
        new = known | {asked: _kept(asked, reply) for asked, reply in heard.items()}
        if new == known:
            return
        with self._vault.writing() as db:
            db.execute(
                # Not for an identity that was removed meanwhile.
                "INSERT INTO server_answers (identity_id, server, seen, body) "
                "SELECT ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM identity WHERE id = ?) "
                "ON CONFLICT (identity_id) DO UPDATE SET "
                "server = excluded.server, seen = excluded.seen, body = excluded.body",
                (identity.id, _name(identity.server), self._clock().timestamp(), _to_json(new), identity.id),
            )

    def _known(self, identity: Identity) -> dict[Heard, Reply]:
        with self._vault.reading() as db:
            row = db.row(
                "SELECT body FROM server_answers WHERE identity_id = ? AND server = ?",
                (identity.id, _name(identity.server)),
            )
        return _from_json(row["body"]) if row is not None else {}


def _name(server: Server) -> str:
    return f"{server.host} {server.port} {server.tls.value}"


def _kept(asked: Heard, reply: Reply) -> Reply:
    """What is kept of a reply, within bounds: the server decides how much it says."""
    if asked not in _WORDS_KEPT:
        return Reply(reply.code, reply.enhanced)
    lines, room = [], MAX_REPLY // 2
    for line in reply.lines[:MAX_LINES]:
        short = cut(line, MAX_TEXT)
        room -= len(short.encode("utf-8")) + len("250-5.999.999 \r\n")
        if room < 0:
            break
        lines.append(short)
    return Reply(reply.code, reply.enhanced, tuple(lines))


def _to_json(replies: Mapping[Heard, Reply]) -> str:
    return json.dumps(
        {asked.value: [reply.code, reply.enhanced, list(reply.lines)] for asked, reply in replies.items()}
    )


def _from_json(body: str) -> dict[Heard, Reply]:
    """What cannot be read, a later program may have written: then it is not known."""
    replies = {}
    for name, (code, enhanced, lines) in json.loads(body).items():
        if name in tuple(Heard):
            replies[Heard(name)] = Reply(int(code), str(enhanced), tuple(map(str, lines)))
    return replies
