"""One mail transaction: sender, recipients, and the mail, in as few round trips as the server's offers allow.

RFC 5321 (MAIL, RCPT, DATA), 2920 (PIPELINING), 1870 (SIZE), 3030 (CHUNKING: BDAT), 6531 (SMTPUTF8).

Round trips behind AUTH: one with PIPELINING, CHUNKING and a single recipient (all of it in one write); two with CHUNKING or
PIPELINING, or several recipients; with neither, one for each command and one for the mail. RFC 2920 lets nothing follow
DATA, so with DATA the mail waits for its 354. With several recipients the mail waits for their answers: where some are
refused the person decides before any of it leaves.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Generator, Mapping

from torsend.delivery.actions import (
    Action,
    Heard,
    NextBlock,
    PeerGone,
    PeerSilent,
    Poll,
    Reached,
    RecipientReply,
    Stage,
    Write,
)
from torsend.delivery.conversation import Asking, Conversation, Doing, Ended, blames_the_exit, lines
from torsend.delivery.line_ends import LineEnds
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import BadReply, Reply

_FAREWELLS = frozenset({221, 421})


class DotStuffer:
    """Doubles the dots that begin a line (RFC 5321 section 4.5.2), over pieces cut anywhere."""

    def __init__(self) -> None:
        self._tail = b"\r\n"

    def feed(self, block: bytes) -> bytes:
        """The piece as it goes over the line."""
        joined = self._tail + block
        stuffed = joined.replace(b"\r\n.", b"\r\n..")
        kept = len(self._tail)
        self._tail = joined[-2:]
        return stuffed[kept:]

    def end(self) -> bytes:
        """What ends the mail."""
        return b".\r\n" if self._tail == b"\r\n" else b"\r\n.\r\n"


class Transaction:
    """Runs once, after signing in."""

    def __init__(
        self,
        talk: Conversation,
        offers: Mapping[str, str],
        mail_from: str,
        recipients: tuple[str, ...],
        size: int,
        *,
        utf8: bool,
    ) -> None:
        """
        Args:
            offers: EHLO's keywords, upper case, with what stood behind them.
            utf8: whether SMTPUTF8 is needed; it is offered then.
        """
        self._talk = talk
        self._offers = offers
        self._mail_from = mail_from
        self._wanted = recipients
        self._size = size
        self._utf8 = utf8
        self._taken: tuple[str, ...] = ()
        # What was asked together with the mail and is not answered yet: None for MAIL, an address for RCPT.
        self._awaited: deque[str | None] = deque()

    def run(self) -> Generator[Action, bytes, tuple[tuple[str, ...], Reply]]:
        """Gives the recipients that the server took, and its acceptance; all else ends the dialogue."""
        # No BODY with SMTPUTF8: the body is 7-bit, and UTF-8 in the header is what the one word announces (RFC 6531, 3.6).
        mail = f"MAIL FROM:<{self._mail_from}>{self._size_parameter()}{' SMTPUTF8' if self._utf8 else ''}"
        rcpts = [f"RCPT TO:<{address}>" for address in self._wanted]
        pipelining, chunking = "PIPELINING" in self._offers, "CHUNKING" in self._offers
        yield Reached(Stage.MAIL)
        # What came unasked in the meantime must not be taken for the answers to what follows. What is here already is
        # looked at first: a 421 says more than the end of the connection that follows it.
        if not self._talk.replies.waiting:
            self._talk.replies.feed((yield Poll()))
        if pipelining and chunking and len(self._wanted) == 1:
            self._talk.in_step()
            # A refusal of the one recipient leaves nothing to decide: the server throws the mail away (RFC 3030 section 2).
            self._taken = self._wanted
            self._awaited.extend([None, *self._wanted])
            reply = yield from self._chunk(lines([mail, *rcpts]))
        elif pipelining:
            yield from self._envelope_at_once([mail, *rcpts], data=not chunking)
            reply = yield from self._chunk() if chunking else self._dotted()
        else:
            yield from self._envelope_one_by_one(mail, rcpts)
            if chunking:
                reply = yield from self._chunk()
            else:
                self._judge_data((yield from self._talk.ask("DATA", Stage.DATA)))
                reply = yield from self._dotted()
        return self._taken, reply

    def _size_parameter(self) -> str:
        if "SIZE" not in self._offers:
            return ""
        # RFC 1870 section 3: 0 or nothing means that no limit is told.
        limit = self._offers["SIZE"].split(" ")[0]
        if limit.isascii() and limit.isdigit() and 0 < int(limit[:18]) < self._size:
            raise self._talk.ended(Reason.TOO_LARGE, detail=str(int(limit[:18])), polite=True)
        return f" SIZE={self._size}"

    # -- the envelope ------------------------------------------------------------------------------------------

    def _envelope_one_by_one(self, mail: str, rcpts: list[str]) -> Doing:
        self._judge_mail((yield from self._talk.ask(mail, Stage.MAIL)), polite=True)
        for address, rcpt in zip(self._wanted, rcpts, strict=True):
            reply = yield from self._talk.ask(rcpt, Stage.RCPT)
            self._talk.said.append(RecipientReply(address, reply))
        self._taken = self._judge_recipients(polite=True)

    def _envelope_at_once(self, commands: list[str], *, data: bool) -> Doing:
        """DATA joins the group (RFC 2920 section 3.1). Where a recipient is refused, the connection is dropped before a
        byte of the mail: a server must not take what was not ended.
        """
        self._talk.in_step()
        yield Write(lines([*commands, *(["DATA"] if data else [])]), Stage.MAIL)
        self._judge_mail((yield from self._talk.reply(Stage.MAIL)), polite=not data)
        for address in self._wanted:
            reply = yield from self._talk.reply(Stage.RCPT)
            self._talk.said.append(RecipientReply(address, reply))
        self._taken = self._judge_recipients(polite=not data)
        if data:
            self._judge_data((yield from self._talk.reply(Stage.DATA)))

    def _judge_mail(self, reply: Reply, *, polite: bool) -> None:
        if reply.positive:
            self._talk.heard[Heard.SENDER] = reply
            return
        ended = self._talk.ended
        if reply.code == 552 or reply.enhanced == "5.3.4":
            raise ended(Reason.TOO_LARGE, reply, polite=polite)
        if reply.permanent:
            raise ended(Reason.SENDER_REFUSED, reply, polite=polite)
        raise ended(Reason.TEMPORARY if reply.passing else Reason.PROTOCOL, reply, polite=polite)

    def _judge_recipients(self, *, polite: bool) -> tuple[str, ...]:
        ended, all_said = self._talk.ended, self._talk.said
        refused = [said.reply for said in all_said if said.reply.permanent]
        later = [said.reply for said in all_said if said.reply.passing]
        taken = tuple(said.address for said in all_said if said.reply.positive)
        if len(all_said) > len(refused) + len(later) + len(taken):
            raise ended(Reason.PROTOCOL, polite=polite)
        negative = refused + later
        if not taken and all(blames_the_exit(reply) for reply in negative):
            raise ended(Reason.EXIT_BLOCKED, negative[0], polite=polite)
        if refused and (taken or later):
            raise ended(Reason.SOME_RECIPIENTS_REFUSED, refused[0], polite=polite)
        if refused:
            raise ended(Reason.RECIPIENTS_REFUSED, refused[0], polite=polite)
        if not taken:
            raise ended(Reason.RECIPIENTS_LATER, later[0], polite=polite)
        self._talk.heard[Heard.RECIPIENT] = next(said.reply for said in all_said if said.reply.positive)
        return taken

    def _judge_data(self, reply: Reply) -> None:
        if reply.code == 354:
            self._talk.heard[Heard.DATA] = reply
            return
        if reply.permanent:
            raise self._talk.ended(Reason.REFUSED, reply, polite=True)
        raise self._talk.ended(Reason.TEMPORARY if reply.passing else Reason.PROTOCOL, reply)

    # -- the mail ----------------------------------------------------------------------------------------------

    def _dotted(self) -> Asking:
        """After DATA."""
        stuffer = DotStuffer()
        yield from self._body(b"", stuffer.feed, stuffer.end)
        return (yield from self._last_reply())

    def _chunk(self, before: bytes = b"") -> Asking:
        """All of the mail as one last chunk: its octets are counted, so nothing is doubled and no dot ends it. The server
        takes it with the last octet, and not before.
        """
        head = before + lines([f"BDAT {self._size} LAST"])
        yield from self._body(head, lambda block: block, lambda: b"")
        return (yield from self._last_reply())

    def _body(self, head: bytes, coded: Callable[[bytes], bytes], end: Callable[[], bytes]) -> Doing:
        self._talk.stage = Stage.BODY
        begun = False
        ends = LineEnds()
        # The last block is kept back: it leaves in one write with the end, once the step is durable.
        kept = b""
        while block := (yield NextBlock()):
            if ends.broken_by(block):
                raise self._talk.ended(Reason.FAULT)
            if kept:
                if not begun:
                    yield Reached(Stage.BODY, self._taken)
                    begun = True
                yield from self._write(head + kept)
                head = b""
                yield from self._listen()
            kept = coded(block)
        if ends.half:
            raise self._talk.ended(Reason.FAULT)
        yield from self._listen()
        yield Reached(Stage.DOT, self._taken)
        # Thrown into only if not all of it was handed over; then its last bytes have not left.
        yield from self._write(head + kept + end())
        self._talk.beyond = True

    def _write(self, data: bytes) -> Doing:
        try:
            heard = yield Write(data, Stage.BODY)
            while heard:
                yield from self._hear(heard)
                heard = yield Write(b"", Stage.BODY)
        except (PeerGone, PeerSilent):
            # It may have said why before it stopped listening: 552 is no broken network.
            yield from self._listen()
            raise

    def _listen(self) -> Doing:
        yield from self._hear((yield Poll()))

    def _hear(self, data: bytes) -> Doing:
        """What came before all of the mail had left: answers to the envelope, or a refusal; never an acceptance."""
        replies = self._talk.replies
        replies.feed(data)
        while self._awaited:
            reply = replies.next()
            if reply is None:
                return
            self._answered(reply)
        if not replies.waiting:
            return
        reply = yield from self._talk.reply(Stage.BODY)
        if reply.permanent:
            reason = Reason.TOO_LARGE if reply.code == 552 else Reason.CONTENT_REFUSED
            raise self._talk.ended(reason, reply)
        raise self._talk.ended(Reason.TEMPORARY if reply.passing else Reason.PROTOCOL, reply)

    def _answered(self, reply: Reply) -> None:
        """The answer to what was asked first of all that waits for one."""
        address = self._awaited.popleft()
        self._talk.unless_closing(reply)
        if address is None:
            self._judge_mail(reply, polite=False)
            return
        self._talk.said.append(RecipientReply(address, reply))
        if not self._awaited:
            self._judge_recipients(polite=False)

    # -- what only the server knows ----------------------------------------------------------------------------

    def _last_reply(self) -> Asking:
        """After the last byte: what cannot be read for certain as a no leaves the message *unknown*."""
        refusal: Ended | None = None
        try:
            while self._awaited:
                reply = yield from self._talk.reply(Stage.DOT)
                try:
                    self._answered(reply)
                except Ended as ended:
                    refusal = refusal or ended
            reply = yield from self._talk.reply(Stage.DOT)
        except (Ended, PeerGone, PeerSilent, BadReply):
            if refusal is None or refusal.verdict.reason is Reason.PROTOCOL:
                raise
            raise refusal from None
        if refusal is not None:
            if not (reply.passing or reply.permanent):
                # No to the envelope, and yet yes, or nothing clear, to the mail.
                raise self._talk.ended(Reason.NO_ANSWER, reply)
            raise Ended(dataclasses.replace(refusal.verdict, polite=True))
        if reply.positive:
            yield from self._nothing_behind(reply)
            self._talk.heard[Heard.ACCEPTED] = reply
            return reply
        if reply.permanent:
            reason = Reason.TOO_LARGE if reply.code == 552 else Reason.CONTENT_REFUSED
            raise self._talk.ended(reason, reply, polite=True)
        raise self._talk.ended(
            Reason.TEMPORARY if reply.passing else Reason.NO_ANSWER, reply, polite=reply.passing
        )

    def _nothing_behind(self, acceptance: Reply) -> Doing:
        """More replies than questions: then this one may have answered something else."""
        replies = self._talk.replies
        try:
            replies.feed((yield Poll()))
            surplus = replies.next()
        except PeerGone:
            return
        except BadReply:
            raise self._talk.ended(Reason.NO_ANSWER, acceptance) from None
        if surplus is not None and surplus.code not in _FAREWELLS:
            raise self._talk.ended(Reason.NO_ANSWER, surplus)
