"""Submission as a dialogue over bytes: no socket, no clock, no storage inside.

RFC 6409 (submission), 5321 (SMTP), 3207 (STARTTLS), 4954 (AUTH), 4616 (PLAIN), 6531 (SMTPUTF8); the mail itself:
``transaction``.

``Submission.dialogue`` is a generator. It yields one action after the other and is sent the answer: what was read for
``Read``, ``Poll`` and ``NextBlock``, what was heard in between for a ``Write`` of the mail, ``b""`` for the rest. What
breaks a connection is thrown into it as ``PeerGone`` or ``PeerSilent``. It returns a ``Verdict``. ``Reached`` comes
before the bytes of that stage leave, so that whoever keeps a journal can make the step durable first; between
``Reached(DOT)`` and the verdict nothing can be taken back.

Round trips on a ready circuit, TLS from the start: connect and ClientHello together, greeting, EHLO, AUTH, and the mail
in one more where the server allows it: five. STARTTLS takes two more, which RFC 3207 and 2920 leave no way around: the
server speaks first, and nothing may follow EHLO or STARTTLS before its answer.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from torsend.delivery.actions import Heard, Login, PeerGone, PeerSilent, Reached, Stage, StartTls
from torsend.delivery.conversation import Conversation, Dialogue, Doing, Ended, blames_the_exit
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import BadReply, Reply
from torsend.delivery.transaction import Transaction

EHLO_NAME = "[127.0.0.1]"
"""Constant: the server copies it into Received (RFC 5321 4.4), so it must say nothing of this machine."""

QUIT = b"QUIT\r\n"

MAX_CHALLENGES = 3
"""LOGIN needs two; a server that asks on and on is broken or playing."""

_BREAKS_OUT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Line ends of any reading, what can't be seen, and what is no UTF-8."""

_UNUSUAL_WORDS = re.compile(
    r"unusual|suspicious|\blocation\b|web ?browser|verify (?:it.s you|your)|\btor\b", re.IGNORECASE
)


class Submission:
    """One message to one server."""

    def __init__(
        self,
        mail_from: str,
        recipients: tuple[str, ...],
        size: int,
        login: Login | None,
        *,
        starttls: bool,
        utf8: bool = False,
    ) -> None:
        """
        Args:
            recipients: at least one; addresses as ``mail.address`` lets them through.
            size: bytes of the message before dot-stuffing (RFC 1870).
            login: None for a server that wants none.
            starttls: whether TLS begins after the greeting, and must; otherwise the connection is private already.
            utf8: whether an address of the envelope or of the header is not ASCII: such a mail goes only to a server that
                offers SMTPUTF8.

        Raises:
            ValueError: an address that would break out of its command, or is not ASCII while ``utf8`` is false.
        """
        for address in (mail_from, *recipients):
            if _BREAKS_OUT.search(address):
                raise ValueError("a control character in an address")
            if not (utf8 or address.isascii()):
                raise ValueError("an address that is not ASCII")
        self._mail_from = mail_from
        self._wanted = recipients
        self._size = size
        self._login = login
        self._starttls = starttls
        self._utf8 = utf8
        self._offers: dict[str, str] = {}
        self._talk = Conversation()

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return self._talk.stage

    @property
    def heard(self) -> Mapping[Heard, Reply]:
        """What the server said so far that let it go on."""
        return self._talk.heard

    def dialogue(self) -> Dialogue:
        """All of it; see the head of this file."""
        verdict = self._talk.verdict
        try:
            yield from self._hello()
            if self._utf8 and "SMTPUTF8" not in self._offers:
                # Before the password: whatever else the server says, it can't take this mail.
                raise self._talk.ended(Reason.ADDRESS_NOT_ASCII, polite=True)
            if self._login is not None:
                yield from self._sign_in(self._login)
            mail = Transaction(
                self._talk, self._offers, self._mail_from, self._wanted, self._size, utf8=self._utf8
            )
            taken, reply = yield from mail.run()
        except Ended as ended:
            return ended.verdict
        except PeerGone:
            return verdict(Reason.NO_ANSWER if self._talk.beyond else Reason.DROPPED)
        except PeerSilent:
            return verdict(Reason.NO_ANSWER if self._talk.beyond else Reason.STALLED)
        except BadReply:
            return verdict(Reason.NO_ANSWER if self._talk.beyond else Reason.PROTOCOL)
        some = len(taken) < len(self._wanted)
        return verdict(Reason.ACCEPTED_FOR_SOME if some else Reason.ACCEPTED, reply, polite=True)

    # -- greeting, EHLO, TLS -----------------------------------------------------------------------------------

    def _hello(self) -> Doing:
        greeting = yield from self._talk.reply(Stage.GREETING)
        if greeting.code != 220:
            raise self._unwelcome(greeting)
        self._talk.heard[Heard.GREETING] = greeting
        yield from self._ehlo(Heard.HELLO_IN_CLEAR if self._starttls else Heard.HELLO)
        if not self._starttls:
            return
        if "STARTTLS" not in self._offers:
            raise self._talk.ended(Reason.STARTTLS_MISSING, polite=True)
        reply = yield from self._talk.ask("STARTTLS", Stage.STARTTLS)
        if reply.code != 220:
            raise self._talk.ended(Reason.STARTTLS_MISSING, reply, polite=True)
        # RFC 3207 section 4.2: what the server sent before TLS may have been injected, and so may its offers.
        if self._talk.replies.waiting:
            raise self._talk.ended(Reason.STARTTLS_INJECTED)
        self._talk.heard[Heard.STARTTLS] = reply
        self._offers.clear()
        self._talk.stage = Stage.TLS
        yield StartTls()
        yield from self._ehlo(Heard.HELLO)

    def _ehlo(self, heard: Heard) -> Doing:
        reply = yield from self._talk.ask(f"EHLO {EHLO_NAME}", Stage.EHLO)
        if reply.code != 250:
            # Never HELO instead: without EHLO there is neither AUTH nor STARTTLS.
            raise self._unwelcome(reply)
        self._talk.heard[heard] = reply
        for line in reply.lines[1:]:
            # "AUTH=LOGIN" is how some servers wrote it before RFC 2554.
            keyword, _, value = line.replace("AUTH=", "AUTH ", 1).upper().partition(" ")
            self._offers[keyword] = f"{self._offers.get(keyword, '')} {value}".strip()

    def _unwelcome(self, reply: Reply) -> Ended:
        if reply.permanent or blames_the_exit(reply):
            # Before anything was said, all that it can dislike is where the connection comes from.
            return self._talk.ended(Reason.EXIT_BLOCKED, reply, polite=True)
        return self._talk.ended(Reason.TEMPORARY if reply.passing else Reason.PROTOCOL, reply, polite=True)

    # -- AUTH --------------------------------------------------------------------------------------------------

    def _sign_in(self, login: Login) -> Doing:
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
            raise self._talk.ended(Reason.SIGN_IN_NOT_OFFERED, polite=True)
        yield Reached(Stage.AUTH)
        reply = yield from self._talk.ask(command, Stage.AUTH)
        challenges = 0
        while reply.code == 334:
            challenges += 1
            if challenges > MAX_CHALLENGES or challenges > len(answers) or not _is_base64(reply.text):
                raise self._talk.ended(Reason.SIGN_IN_BROKEN, reply)
            reply = yield from self._talk.ask(_base64(answers[challenges - 1]), Stage.AUTH)
        if reply.passing:
            raise self._talk.ended(Reason.TEMPORARY, reply, polite=True)
        if reply.permanent:
            unusual = reply.code == 534 or _UNUSUAL_WORDS.search(reply.text)
            raise self._talk.ended(
                Reason.SIGN_IN_UNUSUAL if unusual else Reason.SIGN_IN_REFUSED, reply, polite=True
            )
        if reply.code != 235:
            raise self._talk.ended(Reason.PROTOCOL, reply, polite=True)
        self._talk.heard[Heard.SIGNED_IN] = reply


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
