"""Submission as a dialogue over bytes: no socket, no clock, no storage inside.

RFC 6409 (submission), 5321 (SMTP), 3207 (STARTTLS), 4954 (AUTH), 2920 (PIPELINING), 1870 (SIZE), 4616 (PLAIN).

``Submission.dialogue`` is a generator. It yields one action after the other and is sent the answer: what was read for
``Read``, ``Poll`` and ``NextBlock``, ``b""`` for the rest. What breaks a connection is thrown into it as ``PeerGone``
or ``PeerSilent``. It returns a ``Verdict``. ``Reached`` comes before the bytes of that stage leave, so that whoever
keeps a journal can make the step durable first; between ``Reached(DOT)`` and the verdict nothing can be taken back.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Generator

from torsend.delivery.actions import (
    Action,
    Login,
    NextBlock,
    PeerGone,
    PeerSilent,
    Poll,
    Reached,
    Read,
    RecipientReply,
    Stage,
    StartTls,
    Verdict,
    Write,
)
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import BadReply, Reply, ReplyReader

EHLO_NAME = "[127.0.0.1]"
"""Constant: the server copies it into Received (RFC 5321 4.4), so it must say nothing of this machine."""

QUIT = b"QUIT\r\n"

MAX_CHALLENGES = 3
"""LOGIN needs two; a server that asks on and on is broken or playing."""

_EXIT_WORDS = re.compile(
    r"block|\brbl\b|dnsbl|spamhaus|blacklist|denylist|\btor\b|exit node|client host|reputation", re.IGNORECASE
)
_UNUSUAL_WORDS = re.compile(
    r"unusual|suspicious|\blocation\b|web ?browser|verify (?:it.s you|your)|\btor\b", re.IGNORECASE
)


Dialogue = Generator[Action, bytes, Verdict]
_Step = Generator[Action, bytes, None]


class _Ended(Exception):  # inner use: ends the dialogue from any depth
    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.verdict = verdict


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


class Submission:
    """One message to one server."""

    def __init__(
        self, mail_from: str, recipients: tuple[str, ...], size: int, login: Login | None, *, starttls: bool
    ) -> None:
        """
        Args:
            recipients: at least one; addresses as ``mail.address`` lets them through.
            size: bytes of the message before dot-stuffing (RFC 1870).
            login: None for a server that wants none.
            starttls: whether TLS begins after the greeting, and must; otherwise the connection is private already.
        """
        if any(
            ord(char) < 0x20 or char == "\x7f" for address in (mail_from, *recipients) for char in address
        ):
            raise ValueError("a control character in an address")
        self._mail_from = mail_from
        self._wanted = recipients
        self._size = size
        self._login = login
        self._starttls = starttls
        self._replies = ReplyReader()
        self._offers: dict[str, str] = {}
        self._stage = Stage.GREETING
        self._said: list[RecipientReply] = []

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return self._stage

    def dialogue(self) -> Dialogue:
        """All of it; see the head of this file."""
        try:
            yield from self._hello()
            if self._login is not None:
                yield from self._sign_in(self._login)
            taken = yield from self._envelope()
            reply = yield from self._mail(taken)
        except _Ended as ended:
            return ended.verdict
        except PeerGone:
            return self._verdict(Reason.NO_ANSWER if self._stage is Stage.DOT else Reason.DROPPED)
        except PeerSilent:
            return self._verdict(Reason.NO_ANSWER if self._stage is Stage.DOT else Reason.STALLED)
        except BadReply:
            return self._verdict(Reason.NO_ANSWER if self._stage is Stage.DOT else Reason.PROTOCOL)
        some = len(taken) < len(self._wanted)
        return self._verdict(Reason.ACCEPTED_FOR_SOME if some else Reason.ACCEPTED, reply, polite=True)

    # -- greeting, EHLO, TLS -----------------------------------------------------------------------------------

    def _hello(self) -> _Step:
        greeting = yield from self._reply(Stage.GREETING)
        if greeting.code != 220:
            raise self._unwelcome(greeting)
        yield from self._ehlo()
        if not self._starttls:
            return
        if "STARTTLS" not in self._offers:
            raise self._ended(Reason.STARTTLS_MISSING, polite=True)
        reply = yield from self._ask("STARTTLS", Stage.STARTTLS)
        if reply.code != 220:
            raise self._ended(Reason.STARTTLS_MISSING, reply, polite=True)
        # RFC 3207 section 4.2: what the server sent before TLS may have been injected, and so may its offers.
        if self._replies.waiting:
            raise self._ended(Reason.STARTTLS_INJECTED)
        self._offers.clear()
        self._stage = Stage.TLS
        yield StartTls()
        yield from self._ehlo()

    def _ehlo(self) -> _Step:
        reply = yield from self._ask(f"EHLO {EHLO_NAME}", Stage.EHLO)
        if reply.code != 250:
            # Never HELO instead: without EHLO there is neither AUTH nor STARTTLS.
            raise self._unwelcome(reply)
        for line in reply.lines[1:]:
            # "AUTH=LOGIN" is how some servers wrote it before RFC 2554.
            keyword, _, value = line.replace("AUTH=", "AUTH ", 1).upper().partition(" ")
            self._offers[keyword] = f"{self._offers.get(keyword, '')} {value}".strip()

    def _unwelcome(self, reply: Reply) -> _Ended:
        if reply.permanent or _blames_the_exit(reply):
            # Before anything was said, all that it can dislike is where the connection comes from.
            return self._ended(Reason.EXIT_BLOCKED, reply, polite=True)
        return self._ended(Reason.TEMPORARY if reply.passing else Reason.PROTOCOL, reply, polite=True)

    # -- AUTH --------------------------------------------------------------------------------------------------

    def _sign_in(self, login: Login) -> _Step:
        mechanisms = self._offers.get("AUTH", "").split()
        # What came in as bytes that are no UTF-8 (PEP 383) goes out as the same bytes.
        user, password = (
            secret.encode("utf-8", "surrogateescape") for secret in (login.username, login.password)
        )
        if "PLAIN" in mechanisms:
            answers = [b"\0" + user + b"\0" + password]
            command = f"AUTH PLAIN {_base64(answers[0])}"
        elif "LOGIN" in mechanisms:
            answers, command = [user, password], "AUTH LOGIN"
        else:
            raise self._ended(Reason.SIGN_IN_NOT_OFFERED, polite=True)
        yield Reached(Stage.AUTH)
        reply = yield from self._ask(command, Stage.AUTH)
        challenges = 0
        while reply.code == 334:
            challenges += 1
            if challenges > MAX_CHALLENGES or challenges > len(answers) or not _is_base64(reply.text):
                raise self._ended(Reason.SIGN_IN_BROKEN, reply)
            reply = yield from self._ask(_base64(answers[challenges - 1]), Stage.AUTH)
        if reply.passing:
            raise self._ended(Reason.TEMPORARY, reply, polite=True)
        if reply.permanent:
            unusual = reply.code == 534 or _UNUSUAL_WORDS.search(reply.text)
            raise self._ended(
                Reason.SIGN_IN_UNUSUAL if unusual else Reason.SIGN_IN_REFUSED, reply, polite=True
            )
        if reply.code != 235:
            raise self._ended(Reason.PROTOCOL, reply, polite=True)

    # -- MAIL, RCPT, DATA --------------------------------------------------------------------------------------

    def _envelope(self) -> Generator[Action, bytes, tuple[str, ...]]:
        """Gives the recipients that the server took, DATA answered with 354."""
        mail = f"MAIL FROM:<{self._mail_from}>"
        if "SIZE" in self._offers:
            # RFC 1870 section 3: 0 or nothing means that no limit is told.
            limit = self._offers["SIZE"].split(" ")[0]
            if limit.isascii() and limit.isdigit() and 0 < int(limit[:18]) < self._size:
                raise self._ended(Reason.TOO_LARGE, detail=str(int(limit[:18])), polite=True)
            mail += f" SIZE={self._size}"
        yield Reached(Stage.MAIL)
        if "PIPELINING" not in self._offers:
            self._judge_mail((yield from self._ask(mail, Stage.MAIL)))
            for address in self._wanted:
                self._said.append(
                    RecipientReply(address, (yield from self._ask(f"RCPT TO:<{address}>", Stage.RCPT)))
                )
            taken = self._judge_recipients()
            self._judge_data((yield from self._ask("DATA", Stage.DATA)))
            return taken
        # With one recipient there is nothing left to decide, so DATA joins the group (RFC 2920 section 3.1) and saves
        # a round trip; if the recipient is refused, the connection is dropped before a byte of the body.
        alone = len(self._wanted) == 1
        commands = [mail, *(f"RCPT TO:<{address}>" for address in self._wanted), *(["DATA"] if alone else [])]
        self._in_step()
        yield Write(_lines(commands), Stage.MAIL)
        self._judge_mail((yield from self._reply(Stage.MAIL)), polite=not alone)
        for address in self._wanted:
            self._said.append(RecipientReply(address, (yield from self._reply(Stage.RCPT))))
        taken = self._judge_recipients(polite=not alone)
        self._judge_data((yield from (self._reply(Stage.DATA) if alone else self._ask("DATA", Stage.DATA))))
        return taken

    def _judge_mail(self, reply: Reply, *, polite: bool = True) -> None:
        if reply.positive:
            return
        if reply.code == 552 or reply.enhanced == "5.3.4":
            raise self._ended(Reason.TOO_LARGE, reply, polite=polite)
        if reply.permanent:
            raise self._ended(Reason.SENDER_REFUSED, reply, polite=polite)
        raise self._ended(Reason.TEMPORARY if reply.passing else Reason.PROTOCOL, reply, polite=polite)

    def _judge_recipients(self, *, polite: bool = True) -> tuple[str, ...]:
        refused = [said.reply for said in self._said if said.reply.permanent]
        later = [said.reply for said in self._said if said.reply.passing]
        taken = tuple(said.address for said in self._said if said.reply.positive)
        odd = len(self._said) - len(refused) - len(later) - len(taken)
        if odd:
            raise self._ended(Reason.PROTOCOL, polite=polite)
        negative = refused + later
        if not taken and all(_blames_the_exit(reply) for reply in negative):
            raise self._ended(Reason.EXIT_BLOCKED, negative[0], polite=polite)
        if refused and (taken or later):
            raise self._ended(Reason.SOME_RECIPIENTS_REFUSED, refused[0], polite=polite)
        if refused:
            raise self._ended(Reason.RECIPIENTS_REFUSED, refused[0], polite=polite)
        if not taken:
            raise self._ended(Reason.RECIPIENTS_LATER, later[0], polite=polite)
        return taken

    def _judge_data(self, reply: Reply) -> None:
        if reply.code == 354:
            return
        if reply.permanent:
            raise self._ended(Reason.REFUSED, reply, polite=True)
        raise self._ended(Reason.TEMPORARY if reply.passing else Reason.PROTOCOL, reply)

    # -- the mail ----------------------------------------------------------------------------------------------

    def _mail(self, taken: tuple[str, ...]) -> Generator[Action, bytes, Reply]:
        self._stage = Stage.BODY
        stuffer = DotStuffer()
        begun = False
        # The last block is kept back: it leaves in one write with the dot.
        kept = b""
        while block := (yield NextBlock()):
            if kept:
                if not begun:
                    yield Reached(Stage.BODY, taken)
                    begun = True
                yield from self._write_body(kept)
                yield from self._judge_early_reply()
            kept = stuffer.feed(block)
        yield from self._judge_early_reply()
        yield Reached(Stage.DOT, taken)
        # Thrown into only if not all of it was handed over; then the dot, its last bytes, has not left.
        yield from self._write_body(kept + stuffer.end())
        self._stage = Stage.DOT
        reply = yield from self._reply(Stage.DOT)
        if reply.positive:
            return reply
        if reply.permanent:
            reason = Reason.TOO_LARGE if reply.code == 552 else Reason.CONTENT_REFUSED
            raise self._ended(reason, reply, polite=True)
        raise self._ended(
            Reason.TEMPORARY if reply.passing else Reason.NO_ANSWER, reply, polite=reply.passing
        )

    def _write_body(self, data: bytes) -> _Step:
        try:
            yield Write(data, Stage.BODY)
        except (PeerGone, PeerSilent):
            # It may have said why before it stopped listening: 552 is no broken network.
            yield from self._judge_early_reply()
            raise

    def _judge_early_reply(self) -> _Step:
        """An answer before the end of the mail is a refusal, or out of step; never an acceptance."""
        self._replies.feed((yield Poll()))
        if not self._replies.waiting:
            return
        reply = yield from self._reply(Stage.BODY)
        if reply.permanent:
            reason = Reason.TOO_LARGE if reply.code == 552 else Reason.CONTENT_REFUSED
            raise self._ended(reason, reply)
        raise self._ended(Reason.TEMPORARY if reply.passing else Reason.PROTOCOL, reply)

    # -- replies -----------------------------------------------------------------------------------------------

    def _ask(self, command: str, stage: Stage) -> Generator[Action, bytes, Reply]:
        self._in_step()
        self._stage = stage
        yield Write(_lines([command]), stage)
        return (yield from self._reply(stage))

    def _reply(self, stage: Stage) -> Generator[Action, bytes, Reply]:
        self._stage = stage
        while (reply := self._replies.next()) is None:
            self._replies.feed((yield Read(stage)))
        if reply.code == 421:
            # RFC 5321 section 3.8: it closes now, whatever was asked.
            raise self._ended(
                Reason.EXIT_BLOCKED
                if stage in {Stage.GREETING, Stage.EHLO} and _blames_the_exit(reply)
                else Reason.TEMPORARY,
                reply,
            )
        return reply

    def _in_step(self) -> None:
        if not self._replies.waiting:
            return
        # An answer to nothing: 421 is allowed to come so, anything else means that we no longer know what answers what.
        reply = self._replies.next()
        if reply is not None and reply.code == 421:
            raise self._ended(Reason.TEMPORARY, reply)
        raise self._ended(Reason.PROTOCOL, reply)

    def _ended(
        self, reason: Reason, reply: Reply | None = None, *, detail: str = "", polite: bool = False
    ) -> _Ended:
        return _Ended(self._verdict(reason, reply, detail=detail, polite=polite))

    def _verdict(
        self, reason: Reason, reply: Reply | None = None, *, detail: str = "", polite: bool = False
    ) -> Verdict:
        return Verdict(reason, self._stage, reply, detail, tuple(self._said), polite)


def _blames_the_exit(reply: Reply) -> bool:
    """Whether its words say that it dislikes where the connection comes from."""
    if reply.positive:
        return False
    # 5.7.1 is any policy (RFC 3463 section 3.8), often a block list; "relaying denied" is one that no other exit mends.
    by_policy = reply.enhanced == "5.7.1" and "relay" not in reply.text.lower()
    return by_policy or bool(_EXIT_WORDS.search(reply.text))


def _lines(commands: list[str]) -> bytes:
    return "".join(f"{command}\r\n" for command in commands).encode("ascii")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
