"""A submission server on loopback that behaves, except where it is told how not to.

Misdeeds are named functions that take the place of its answer at one stage: ``SmtpServer(contexts, {"rcpt": stalls})``.
A list of such dictionaries is one for each connection, the last for all that follow.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

USER, PASSWORD = "wren@rowanmail.example", "correct horse"


@dataclass
class Seen:
    """What one connection did, as far as it came; ``received`` is every byte of it, TLS taken off."""

    commands: list[str] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray)
    recipients: list[str] = field(default_factory=list)
    mail_from: str = ""
    tls: bool = False
    signed_in: bool = False
    body: bytes = b""
    body_ended: bool = False
    verified: bool = False
    ended: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Mail:
    """What the server took."""

    mail_from: str
    recipients: tuple[str, ...]
    body: bytes


class Over(Exception):
    """This connection is done."""


class Talk:
    """The server's side of one connection."""

    def __init__(self, server: SmtpServer, connection: socket.socket, manners: Mapping[str, Misdeed]) -> None:
        self.server, self.connection, self.manners = server, connection, manners
        self.seen = Seen()
        self._inbox = b""

    def say(self, *lines: str) -> None:
        self.send("".join(f"{line}\r\n" for line in lines).encode())

    def send(self, raw: bytes) -> None:
        try:
            self.connection.sendall(raw)
        except OSError as error:
            raise Over from error

    def more(self) -> None:
        try:
            data = self.connection.recv(65536)
        except OSError as error:
            raise Over from error
        if not data:
            raise Over
        self._inbox += data
        self.seen.received += data

    def line(self) -> str:
        while b"\r\n" not in self._inbox:
            self.more()
        line, _, self._inbox = self._inbox.partition(b"\r\n")
        self.seen.commands.append(line.decode())
        return line.decode()

    def start_tls(self) -> None:
        try:
            # Known before the handshake: it takes the descriptor from the socket that was there.
            self.connection = tls = self.server.tls.wrap_socket(
                self.connection, server_side=True, do_handshake_on_connect=False
            )
            tls.do_handshake()
        except (OSError, ssl.SSLError) as error:
            raise Over from error
        self.seen.tls = True

    def body(self) -> bytes:
        """Up to the dot, un-stuffed."""
        while not (self._inbox.endswith(b"\r\n.\r\n") or self._inbox == b".\r\n"):
            self.more()
            self.seen.body = self._inbox
        raw, self._inbox = self._inbox[:-3], b""
        self.seen.body = raw.replace(b"\r\n..", b"\r\n.")
        self.seen.body_ended = True
        return self.seen.body

    def octets(self, count: int) -> bytes:
        """So many, and not one of what stands behind them."""
        while len(self._inbox) < count:
            self.seen.body = self._inbox
            self.more()
        self.seen.body, self._inbox = self._inbox[:count], self._inbox[count:]
        self.seen.body_ended = True
        return self.seen.body

    def at(self, stage: str, *lines: str) -> bool:
        """Says the lines, or does the misdeed of that stage instead; whether it behaved."""
        misdeed = self.manners.get(stage)
        if misdeed is None:
            self.say(*lines)
            return True
        misdeed(self)
        return False


Misdeed = Callable[[Talk], None]


class SmtpServer:
    """Listens until it is closed. Use it in a ``with``."""

    def __init__(
        self,
        tls: ssl.SSLContext,
        manners: Mapping[str, Misdeed] | Sequence[Mapping[str, Misdeed]] = (),
        *,
        implicit: bool = True,
        offers: Sequence[str] = ("PIPELINING", "SIZE 10000000", "AUTH PLAIN LOGIN"),
        plain: bool = False,
    ) -> None:
        self.tls, self.implicit, self.plain, self.offers = tls, implicit, plain, tuple(offers)
        self._manners = [manners] if isinstance(manners, Mapping) else list(manners)
        self._changed = threading.Condition()
        self.seen: list[Seen] = []
        self.mails: list[Mail] = []
        self.closing = threading.Event()
        self._talks: list[Talk] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, name="misbehaving", daemon=True)
        self._acceptor.start()

    def __enter__(self) -> SmtpServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(10)
        with self._changed:
            talks = list(self._talks)
        for talk in talks:
            with contextlib.suppress(OSError):
                # Past TLS, which another thread is in. Who floods a peer that neither reads nor closes never hears its end.
                socket.socket.shutdown(talk.connection, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for talk in talks:
            talk.connection.close()

    def wait_for(self, condition: Callable[[], bool], timeout: float = 20) -> None:
        """Waits until something that the server sees is so."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout), "the server never saw it"

    def note(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number = len(self.seen)
            manners = self._manners[min(number, len(self._manners) - 1)] if self._manners else {}
            talk = Talk(self, connection, manners)
            with self._changed:
                self.seen.append(talk.seen)
                self._talks.append(talk)
                self._changed.notify_all()
            thread = threading.Thread(target=self._serve, args=(talk,), name="misbehaving-talk", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, talk: Talk) -> None:
        try:
            with contextlib.suppress(Over):
                if "connect" in talk.manners:
                    talk.manners["connect"](talk)
                if self.implicit:
                    talk.start_tls()
                talk.at("greeting", "220 mail.test ESMTP")
                self._talk(talk)
        finally:
            with contextlib.suppress(OSError):
                talk.connection.shutdown(socket.SHUT_RDWR)
            talk.connection.close()
            talk.seen.ended.set()
            self.note()

    def _talk(self, talk: Talk) -> None:
        while True:
            line = talk.line()
            self.note()
            verb = line.split(" ")[0].upper()
            match verb:
                case "EHLO":
                    offers = list(self.offers)
                    if not (talk.seen.tls or self.plain):
                        offers = ["PIPELINING", "STARTTLS"]
                    # "ehlo" is every one of them, the others the one before or the one behind STARTTLS.
                    special = "ehlo-private" if talk.seen.tls or self.plain else "ehlo-clear"
                    stage = special if special in talk.manners else "ehlo"
                    talk.at(stage, *_listed("250", ["mail.test greets you", *offers]))
                case "STARTTLS":
                    if (
                        talk.at("starttls", "220 go on")
                        or talk.manners["starttls"] is injects_behind_starttls
                    ):
                        talk.start_tls()
                case "AUTH":
                    self._auth(talk, line)
                case "MAIL":
                    talk.seen.mail_from = line.partition("<")[2].partition(">")[0]
                    talk.at("mail", "250 2.1.0 Ok")
                case "RCPT":
                    address = line.partition("<")[2].partition(">")[0]
                    if talk.at(
                        f"rcpt {address}" if f"rcpt {address}" in talk.manners else "rcpt", "250 2.1.5 Ok"
                    ):
                        talk.seen.recipients.append(address)
                case "DATA":
                    self._data(talk)
                case "BDAT" if "CHUNKING" in self.offers:
                    self._bdat(talk, line)
                case "QUIT":
                    talk.at("quit", "221 bye")
                    return
                case _:
                    talk.say("502 5.5.2 what?")

    def _auth(self, talk: Talk, line: str) -> None:
        if "auth" in talk.manners:
            talk.manners["auth"](talk)
            return
        _, mechanism, *initial = line.split(" ")
        if mechanism == "PLAIN":
            _, user, password = base64.b64decode(initial[0]).decode().split("\0")
        else:
            talk.say("334 VXNlcm5hbWU6")
            user = base64.b64decode(talk.line()).decode()
            talk.say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(talk.line()).decode()
        if (user, password) == (USER, PASSWORD):
            talk.seen.signed_in = True
            talk.say("235 2.7.0 Welcome")
        else:
            talk.say("535 5.7.8 Authentication credentials invalid")

    def _data(self, talk: Talk) -> None:
        if "data" in talk.manners or not talk.seen.recipients:
            if not talk.seen.recipients and "data" not in talk.manners:
                talk.say("554 5.5.1 no valid recipients")
                return
            talk.manners["data"](talk)
            return
        talk.say("354 go on")
        if "body" in talk.manners:
            talk.manners["body"](talk)
        self._ended(talk, talk.body())

    def _bdat(self, talk: Talk, line: str) -> None:
        """RFC 3030 section 2: the octets are read whatever the answer."""
        _, count, last = line.split(" ")
        assert last == "LAST"
        if "body" in talk.manners:
            talk.manners["body"](talk)
        body = talk.octets(int(count))
        if not talk.seen.recipients and "dot" not in talk.manners:
            talk.say("503 5.5.1 no valid recipients")
            return
        self._ended(talk, body)

    def _ended(self, talk: Talk, body: bytes) -> None:
        self.note()
        if "dot" in talk.manners:
            talk.manners["dot"](talk)
            return
        self.take(talk, body)
        talk.say("250 2.0.0 Ok: queued as 4711")

    def take(self, talk: Talk, body: bytes) -> None:
        with self._changed:
            self.mails.append(Mail(talk.seen.mail_from, tuple(talk.seen.recipients), body))
            self._changed.notify_all()


def _listed(code: str, texts: Sequence[str]) -> list[str]:
    return [f"{code}{'-' if text is not texts[-1] else ' '}{text}" for text in texts]


# ---- misdeeds: what takes the place of an answer


def answers(*lines: str) -> Misdeed:
    """Something else than is right."""

    def misdeed(talk: Talk) -> None:
        talk.say(*lines)

    return misdeed


def answers_and_closes(*lines: str) -> Misdeed:
    """The same, and hangs up."""

    def misdeed(talk: Talk) -> None:
        talk.say(*lines)
        raise Over

    return misdeed


def vanishes(talk: Talk) -> None:
    """Closes without a word."""
    raise Over


def resets(talk: Talk) -> None:
    """Closes with a RST."""
    talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    talk.connection.close()
    raise Over


def stalls(talk: Talk) -> None:
    """Says nothing, and stays."""
    with contextlib.suppress(Over):
        while True:
            talk.more()
    raise Over


def drips(talk: Talk) -> None:
    """A byte now and then, never a whole line."""
    while not talk.server.closing.wait(0.02):
        talk.send(b"2")


def never_stops(talk: Talk) -> None:
    """A reply without end."""
    while not talk.server.closing.is_set():
        talk.send(b"250-and another thing\r\n" * 100)


def line_without_end(talk: Talk) -> None:
    """A line without end."""
    while not talk.server.closing.is_set():
        talk.send(b"250 " + b"x" * 4096)


def half_a_reply(talk: Talk) -> None:
    """Begins to answer, then closes."""
    talk.send(b"25")
    raise Over


def speaks_http(talk: Talk) -> None:
    """Is no SMTP server."""
    talk.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    raise Over


def differing_codes(talk: Talk) -> None:
    """One reply with two codes."""
    talk.say("250-yes", "550 no")


def asks_without_end(talk: Talk) -> None:
    """334 upon 334."""
    while True:
        talk.say("334 VXNlcm5hbWU6")
        talk.line()


def takes_it_and(then: Misdeed) -> Misdeed:
    """After the dot: delivers, and then misbehaves. What makes *unknown* a state."""

    def misdeed(talk: Talk) -> None:
        talk.server.take(talk, talk.seen.body)
        then(talk)

    return misdeed


def injects_behind_starttls(talk: Talk) -> None:
    """A word in the clear right behind the answer, as one between could add (CVE-2011-0411 and its kin)."""
    talk.say("220 go on", "250 injected")


def speaks_plainly_behind_starttls(talk: Talk) -> None:
    """Answers 220 and then speaks no TLS."""
    talk.say("220 go on")
    talk.more()
    talk.send(b"250 never mind\r\n" * 4)
    raise Over


def hangs_up_in_the_body(talk: Talk) -> None:
    """Reads some of it, then closes."""
    talk.more()
    raise Over


def refuses_in_the_body(*lines: str) -> Misdeed:
    """Reads some of it, says no and closes."""

    def misdeed(talk: Talk) -> None:
        talk.more()
        talk.say(*lines)
        raise Over

    return misdeed


def accepts_too_early(talk: Talk) -> None:
    """250 before it has seen the mail, then reads it and refuses."""
    talk.say("250 2.0.0 queued already")
