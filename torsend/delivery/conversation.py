"""What all parts of a dialogue share: asking, hearing, and how it ends. No socket, no clock.

RFC 5321 sections 3.8 (421 at any time) and 4.2 (replies).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable

from torsend.delivery.actions import Action, Heard, Read, RecipientReply, Stage, Verdict, Write
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply, ReplyReader

Dialogue = Generator[Action, bytes, Verdict]
Doing = Generator[Action, bytes, None]
Asking = Generator[Action, bytes, Reply]

_EXIT_WORDS = re.compile(
    r"block|\brbl\b|dnsbl|spamhaus|blacklist|denylist|\btor\b|exit node|client host|reputation", re.IGNORECASE
)


class Ended(Exception):  # inner use: ends the dialogue from any depth
    """Carries the verdict."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.verdict = verdict


class Conversation:
    """One connection's talk so far.

    Attributes:
        stage: where it stands.
        replies: what came and was not taken yet.
        said: the answer to each RCPT, as far as there are any.
        heard: the last answer of each stage that let it go on, for whoever shows how a server speaks.
        beyond: whether the last byte of the mail was handed over: from then on silence means *unknown*.
    """

    def __init__(self) -> None:
        self.stage = Stage.GREETING
        self.replies = ReplyReader()
        self.said: list[RecipientReply] = []
        self.heard: dict[Heard, Reply] = {}
        self.beyond = False

    def ask(self, command: str, stage: Stage) -> Asking:
        """Says one line and waits for its reply."""
        self.in_step()
        self.stage = stage
        yield Write(lines([command]), stage)
        return (yield from self.reply(stage))

    def reply(self, stage: Stage) -> Asking:
        """Waits for the next reply; 421 ends the dialogue, whatever was asked.

        Raises:
            BadReply, Ended.
        """
        self.stage = stage
        while (reply := self.replies.next()) is None:
            self.replies.feed((yield Read(stage)))
        self.unless_closing(reply)
        return reply

    def unless_closing(self, reply: Reply) -> None:
        """RFC 5321 section 3.8: after 421 it closes."""
        if reply.code != 421:
            return
        early = self.stage in {Stage.GREETING, Stage.EHLO}
        raise self.ended(Reason.EXIT_BLOCKED if early and blames_the_exit(reply) else Reason.TEMPORARY, reply)

    def in_step(self) -> None:
        """Ends the dialogue if there is an answer to nothing."""
        if not self.replies.waiting:
            return
        # 421 is allowed to come so, anything else means that we no longer know what answers what.
        reply = self.replies.next()
        if reply is not None:
            self.unless_closing(reply)
        raise self.ended(Reason.PROTOCOL, reply)

    def ended(
        self, reason: Reason, reply: Reply | None = None, *, detail: str = "", polite: bool = False
    ) -> Ended:
        """To be raised."""
        return Ended(self.verdict(reason, reply, detail=detail, polite=polite))

    def verdict(
        self, reason: Reason, reply: Reply | None = None, *, detail: str = "", polite: bool = False
    ) -> Verdict:
        """As things stand."""
        return Verdict(reason, self.stage, reply, detail, tuple(self.said), polite)


def blames_the_exit(reply: Reply) -> bool:
    """Whether its words say that it dislikes where the connection comes from."""
    if reply.positive:
        return False
    # 5.7.1 is any policy (RFC 3463 section 3.8), often a block list; "relaying denied" is one that no other exit mends.
    by_policy = reply.enhanced == "5.7.1" and "relay" not in reply.text.lower()
    return by_policy or bool(_EXIT_WORDS.search(reply.text))


def lines(commands: Iterable[str]) -> bytes:
    """Commands as they go over the line: ASCII, but for addresses that are not (RFC 6531)."""
    return "".join(f"{command}\r\n" for command in commands).encode("utf-8")
