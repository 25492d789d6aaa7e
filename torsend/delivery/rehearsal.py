"""A conversation before it is held: the same dialogue that sends (``smtp``), against a server's answers as last seen.

The dialogue says what to write and when to read, as it says to a lane. Here its bytes are not written but read, as the
server would read them, and answered as it answered last time. So what is shown is what a lane would write, byte for byte,
if the server answers so again; no socket, no clock, no storage inside.

Writes that leave together are told in the order of their bytes; the answers to them follow behind.
"""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from torsend.delivery.actions import (
    Heard,
    Login,
    NextBlock,
    PeerGone,
    Poll,
    Reached,
    Read,
    StartTls,
    Verdict,
    Write,
)
from torsend.delivery.reply import Reply
from torsend.delivery.smtp import QUIT, Submission
from torsend.identity.identity import Tls

if TYPE_CHECKING:
    from torsend.delivery.answers import Answers
    from torsend.identity.identity import Server
    from torsend.mail.wire import Message

_END = b"\r\n.\r\n"


@dataclass(frozen=True, slots=True)
class Command:
    """A line that we say, its line end included.

    Attributes:
        private: whether it is inside TLS, or inside Tor alone all the way to an onion service.
        secret: whether it is nobody's to see.
    """

    line: bytes = field(repr=False)
    private: bool
    secret: bool = False

    @property
    def verb(self) -> str:
        """Its first word; AUTH for what only answers a question of the server's."""
        alone = self.secret and b" " not in self.line
        return "AUTH" if alone else self.line.split()[0].decode("ascii").upper()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the mail as it leaves, dots doubled where they must be."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says."""

    heard: Heard
    reply: Reply

    @property
    def lines(self) -> tuple[str, ...]:
        """As it came over the line."""
        *before, last = _said(self.reply)
        return *(f"{self.reply.code}-{each}" for each in before), f"{self.reply.code} {last}".rstrip()


@dataclass(frozen=True, slots=True)
class End:
    """How it ends."""

    verdict: Verdict


Event = Command | Piece | Answer | StartTls | End


def rehearse(message: Message, server: Server, login: Login, answers: Answers) -> Iterator[Event]:
    """All that is said, in order; ``End`` comes last.

    Args:
        login: a real one gives the real bytes; for showing, any will do, since they are marked secret.

    Raises:
        NotSendable: a file is no longer what it was at composing.
        ValueError: an address that would break out of its command; none that ``compose`` lets through does.
    """
    submission = Submission(
        message.envelope.mail_from,
        message.envelope.recipients,
        message.size,
        login,
        starttls=server.tls is Tls.STARTTLS,
        utf8=message.envelope.utf8,
    )
    other = _OtherSide(answers, private=server.tls is not Tls.STARTTLS)
    blocks = message.chunks()
    dialogue = submission.dialogue()
    try:
        action = next(dialogue)
        while True:
            answer = b""
            match action:
                case Write(data, _):
                    yield from other.hear(data)
                case Read():
                    for each in other.speak():
                        yield each
                        answer += _raw(each)
                    if not answer:  # it waits for what no server was seen to say
                        action = dialogue.throw(PeerGone())
                        continue
                case NextBlock():
                    answer = next(blocks, b"")
                case StartTls():
                    other.private = True
                    yield action
                case Poll() | Reached():
                    pass
                case _:
                    assert_never(action)
            action = dialogue.send(answer)
    except StopIteration as end:
        verdict: Verdict = end.value
    finally:
        dialogue.close()
    if verdict.polite:
        # As the lane says it: without waiting for an answer.
        yield Command(QUIT, other.private)
    yield End(verdict)


class _OtherSide:
    """Reads what is written, as a server would, and knows what it answers to each line."""

    def __init__(self, answers: Answers, *, private: bool) -> None:
        self._answers = answers
        self.private = private
        self._due: deque[Answer] = deque()
        self._tail = b""
        self._octets = 0
        self._dotted = False
        self._asking = 0
        self._owe(Heard.GREETING)

    def speak(self) -> Iterator[Answer]:
        """All that is due; something always is where somebody waits."""
        while self._due:
            yield self._due.popleft()

    def hear(self, data: bytes) -> Iterator[Event]:
        """What it reads of it."""
        while data:
            if self._octets:
                taken, data = data[: self._octets], data[self._octets :]
                self._octets -= len(taken)
                yield Piece(taken)
                if not self._octets:
                    self._owe(Heard.ACCEPTED)
            elif self._dotted:
                # The end comes in one write with what is before it, and nothing behind it: ``Transaction`` keeps it so.
                if (self._tail + data).endswith(_END):
                    self._dotted = False
                    data = data.removesuffix(b".\r\n")
                    if data:
                        yield Piece(data)
                    yield Command(b".\r\n", self.private)
                    self._owe(Heard.ACCEPTED)
                    return
                self._tail = (self._tail + data)[-len(_END) + 1 :]
                yield Piece(data)
                return
            else:
                line, end, data = data.partition(b"\r\n")
                yield self._command(line + end)

    def _command(self, line: bytes) -> Command:
        if self._asking:
            self._asking -= 1
            self._owe_sign_in()
            return Command(line, self.private, secret=True)
        words = line.split()
        match words[0]:
            case b"EHLO":
                self._owe(Heard.HELLO if self.private else Heard.HELLO_IN_CLEAR)
            case b"STARTTLS":
                self._owe(Heard.STARTTLS)
            case b"AUTH":
                self._asking = 0 if len(words) > 2 else 2
                self._owe_sign_in()
                return Command(line, self.private, secret=len(words) > 2)
            case b"MAIL":
                self._owe(Heard.SENDER)
            case b"RCPT":
                self._owe(Heard.RECIPIENT)
            case b"DATA":
                self._owe(Heard.DATA)
                self._dotted, self._tail = True, b"\r\n"
            case b"BDAT":
                self._octets = int(words[1])
                if not self._octets:
                    self._owe(Heard.ACCEPTED)
            case _:
                # Only what answers a question of the server's is no command, and that is for nobody to see.
                return Command(line, self.private, secret=True)
        return Command(line, self.private)

    def _owe(self, heard: Heard) -> None:
        self._due.append(Answer(heard, self._answers.replies[heard]))

    def _owe_sign_in(self) -> None:
        """AUTH LOGIN asks twice, in the words that all servers use, before it is content."""
        if self._asking:
            question = b64encode(b"Username:" if self._asking == 2 else b"Password:").decode("ascii")
            self._due.append(Answer(Heard.SIGNED_IN, Reply(334, lines=(question,))))
        else:
            self._owe(Heard.SIGNED_IN)


def _said(reply: Reply) -> tuple[str, ...]:
    return tuple(f"{reply.enhanced} {line}".strip() for line in reply.lines or ("",))


def _raw(answer: Answer) -> bytes:
    return "".join(f"{line}\r\n" for line in answer.lines).encode("utf-8")
