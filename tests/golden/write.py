"""Writes the golden drafts, sends some, and prints all bytes that leave as JSON. Started in one environment after another.

Needs nothing but the standard library, so that any Python can run it.
"""

from __future__ import annotations

# Like the program's own start: before whatever loads OpenSSL.
from torsend import surroundings

surroundings.close_off()

import contextlib  # noqa: E402
import functools  # noqa: E402
import json  # noqa: E402
import locale  # noqa: E402
import socket  # noqa: E402
import ssl  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402
from pathlib import Path  # noqa: E402
from types import SimpleNamespace  # noqa: E402
from typing import TYPE_CHECKING, Any, cast  # noqa: E402

from tests.golden.client_hello import described  # noqa: E402
from tests.golden.drafts import NOW, drafts, make_files  # noqa: E402
from torsend.delivery.lane import Attempt  # noqa: E402
from torsend.delivery.limits import Limits  # noqa: E402
from torsend.delivery.outcome import Recipient  # noqa: E402
from torsend.delivery.tls import verifying  # noqa: E402
from torsend.identity.identity import Colour, Identity, Kind, Server, Tls  # noqa: E402
from torsend.mail.wire import compose  # noqa: E402
from torsend.tor.isolation import Isolation  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.mail.wire import Message

HERE = Path(__file__).parent
HOST = "smtp.rowanmail.example"
ONION = "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"
END = b"(the end)\r\n"

BOTH = ("PIPELINING", "SIZE 10000000", "8BITMIME", "SMTPUTF8", "DSN", "AUTH PLAIN LOGIN")
SERVERS: dict[str, tuple[Tls, tuple[str, ...], int]] = {
    "pipelining": (Tls.ONION_PLAIN, BOTH, 0),
    "chunking": (Tls.ONION_PLAIN, (*BOTH, "CHUNKING"), 0),
    "nothing": (Tls.ONION_PLAIN, ("AUTH LOGIN",), 0),
    "several recipients, chunking": (Tls.ONION_PLAIN, (*BOTH, "CHUNKING"), 8),
    "other scripts": (Tls.ONION_PLAIN, BOTH, 10),
    "other scripts, not offered": (Tls.ONION_PLAIN, ("AUTH PLAIN",), 10),
    "tls first": (Tls.IMPLICIT, BOTH, 0),
    "starttls": (Tls.STARTTLS, (*BOTH, "STARTTLS"), 0),
}
"""How each server is reached, what it offers, and which of the drafts it gets."""


def counted() -> Callable[[int], bytes]:
    """Randomness that isn't."""
    calls = iter(range(1, 256))
    return lambda size: bytes([next(calls)]) * size


def composed(folder: Path) -> list[Message]:
    # As a clock gives it that shows local time.
    now = NOW.astimezone()
    return [compose(draft, sender, now=now, random=counted()) for draft, sender in drafts(folder)]


class Peer:
    """A server that takes everything, and keeps every byte that it is sent."""

    def __init__(self, tls: Tls, offers: tuple[str, ...]) -> None:
        self.heard = b""
        self._tls = tls
        self._offers = offers
        self._taken = 0
        self.client, self._socket = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def all_heard(self) -> bytes:
        """Once the client has closed."""
        self._thread.join(30)
        self._socket.close()
        return self.heard

    def _serve(self) -> None:
        # TLS is not spoken here: a ClientHello is only listened to.
        with contextlib.suppress(EOFError, OSError):
            if self._tls is Tls.IMPLICIT:
                self._hello()
            self._say("220 mail.test ESMTP")
            while True:
                self._answer(self._until(b"\r\n"))

    def _answer(self, line: bytes) -> None:
        verb = line.split(b" ")[0].strip()
        match verb:
            case b"EHLO":
                self._say(
                    *(f"250-{offer}" for offer in ("mail.test", *self._offers[:-1])),
                    f"250 {self._offers[-1]}",
                )
            case b"AUTH" if b"LOGIN" in line:
                self._say("334 VXNlcm5hbWU6")
                self._until(b"\r\n")
                self._say("334 UGFzc3dvcmQ6")
                self._until(b"\r\n")
                self._say("235 2.7.0 Welcome")
            case b"AUTH":
                self._say("235 2.7.0 Welcome")
            case b"DATA":
                self._say("354 go on")
                self._until(b"\r\n.\r\n")
                self._say("250 2.0.0 Ok")
            case b"BDAT":
                self._octets(int(line.split(b" ")[1]))
                self._say("250 2.0.0 Ok")
            case b"STARTTLS":
                self._say("220 go on")
                self._hello()
            case b"QUIT" | b"MAIL" | b"RCPT":
                self._say("250 2.1.0 Ok")
            case _:
                raise ValueError("a command that nobody knows")

    def _hello(self) -> None:
        """As much of it as its length says, and then the connection's end."""
        head = self._octets(5)
        self._octets(int.from_bytes(head[3:], "big"))
        self._socket.shutdown(socket.SHUT_RDWR)
        raise EOFError

    def _say(self, *lines: str) -> None:
        self._socket.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def _more(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise EOFError
        self.heard += data

    def _until(self, end: bytes) -> bytes:
        while (at := self.heard.find(end, self._taken)) < 0:
            self._more()
        taken, self._taken = self.heard[self._taken : at], at + len(end)
        return taken

    def _octets(self, count: int) -> bytes:
        while len(self.heard) < self._taken + count:
            self._more()
        taken = self.heard[self._taken : self._taken + count]
        self._taken += count
        return taken


class _Way:
    """A way to the peer instead of Tor."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.isolation = Isolation()
        self.circuits = SimpleNamespace(for_token=lambda _token: None)
        self.status = SimpleNamespace(elsewhere=False)

    def open_stream(self, *_: object, **__: object) -> Any:
        client = self._peer.client
        return SimpleNamespace(socket=client, settle=lambda _deadline: None, close=client.close)


def said(tls: Tls, offers: tuple[str, ...], message: Message) -> bytes:
    """Every byte that one attempt writes: the program's own lane, channel and dialogue."""
    peer = Peer(tls, offers)
    host = ONION if tls is Tls.ONION_PLAIN else HOST
    who = Identity(
        "0" * 32,
        "Wren",
        message.envelope.mail_from,
        Kind.ADDRESS,
        Colour.TEAL,
        Server(host, 587, tls),
        "wren",
    )
    entry = SimpleNamespace(
        id="1",
        mail_from=message.envelope.mail_from,
        size=message.size,
        recipients=tuple(map(Recipient, message.envelope.recipients)),
    )
    outbox = SimpleNamespace(advance=lambda *_: None, chunks=lambda _id: message.chunks())
    Attempt(
        cast("Any", entry),
        who,
        lambda _: "correct horse",
        way=cast("Any", _Way(peer)),
        outbox=cast("Any", outbox),
        limits=Limits().capped(30),
        context=_context,
        report=lambda _: None,
    ).run()
    return peer.all_heard()


@functools.cache
def _context() -> ssl.SSLContext:
    return verifying()


def split_hello(tls: Tls, heard: bytes) -> tuple[bytes, str]:
    """What was said in the clear, and the ClientHello behind it as text, if there is one."""
    if tls is Tls.ONION_PLAIN:
        return heard, ""
    before = b"STARTTLS\r\n" if tls is Tls.STARTTLS else b""
    clear = heard[: heard.index(before) + len(before)]
    return clear, described(heard[len(clear) :])


def everything(folder: Path) -> dict[str, str]:
    """``mail``, ``dialogue``, ``hello``, each as text in which a character is a byte."""
    messages = composed(folder)
    mail = b"".join(b"".join(message.chunks()) + END for message in messages)
    dialogue, hellos = b"", set()
    for name, (tls, offers, number) in SERVERS.items():
        clear, hello = split_hello(tls, said(tls, offers, messages[number]))
        dialogue += f"== {name}\r\n".encode() + clear
        if hello:
            hellos.add(hello)
    assert len(hellos) == 1, "TLS from the start and STARTTLS say hello differently"
    return {"mail": mail.decode("latin-1"), "dialogue": dialogue.decode("latin-1"), "hello": hellos.pop()}


def hello_file() -> Path:
    """Where the ClientHello of this OpenSSL stands; there may be none of its version."""
    major, minor, *_ = ssl.OPENSSL_VERSION_INFO
    return HERE / f"hello-{major}.{minor}.txt"


def renew() -> None:
    with tempfile.TemporaryDirectory() as name:
        make_files(Path(name))
        for kind, content in everything(Path(name)).items():
            path = {"mail": HERE / "mail.eml", "dialogue": HERE / "dialogue.txt", "hello": hello_file()}[kind]
            path.write_bytes(content.encode("latin-1"))


def main(folder: Path) -> None:
    localised = False
    # Qt asks for the person's locale, so the program runs in it.
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_ALL, "")
        localised = True
    told = {
        "python": sys.version,
        "openssl": hello_file().name,
        "host": socket.gethostname(),
        "localised": localised,
    }
    json.dump(told | everything(folder), sys.stdout)


if __name__ == "__main__":
    if sys.argv[1] == "--renew":
        renew()
    else:
        main(Path(sys.argv[1]))
