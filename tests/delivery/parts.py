"""Messages, identities and a way out for the tests of this room."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from tests.support.misbehaving import USER
from torsend.delivery.dispatcher import Dispatcher
from torsend.delivery.lane import Progress
from torsend.delivery.limits import Limits
from torsend.identity.identity import Colour, Identity, Kind, Server, Tls, new_identity_id
from torsend.mail.wire import Envelope, Message
from torsend.tor import stream
from torsend.tor.cancel import Cancel
from torsend.tor.circuits import Circuits
from torsend.tor.isolation import Isolation, Purpose, Token
from torsend.tor.status import Phase, TorStatus

HOST = "mail.test"
PORT = 465

IMPATIENT = Limits().capped(20.0)
"""So that a fault of ours fails a test and does not hang it."""


def hurried(*stages: str, seconds: float = 0.1) -> Limits:
    """Short where a server is to stall, and nowhere else: a busy machine takes its time for all the rest."""
    return dataclasses.replace(IMPATIENT, **dict.fromkeys(stages, seconds))


def onion_host() -> str:
    """A well-formed onion address of nobody."""
    key = bytes(range(32))
    checksum = hashlib.sha3_256(b".onion checksum" + key + b"\x03").digest()[:2]
    return base64.b32encode(key + checksum + b"\x03").decode().lower() + ".onion"


def identity(tls: Tls = Tls.IMPLICIT, host: str = HOST, port: int = PORT) -> Identity:
    return Identity(new_identity_id(), "Wren", USER, Kind.ADDRESS, Colour.TEAL, Server(host, port, tls), USER)


def message(
    body: bytes = b"Subject: hi\r\n\r\n.hidden dot\r\n..two\r\nend\r\n",
    *,
    to: tuple[str, ...] = ("marta@example.org",),
    pieces: int = 1000,
) -> Message:
    def chunks() -> Iterator[bytes]:
        for start in range(0, len(body), pieces):
            yield body[start : start + pieces]

    return Message(Envelope(USER, to), "<1@rowanmail.example>", datetime.now(UTC), "hi", len(body), chunks)


def large_body(size: int) -> bytes:
    """Lines of 76 characters, many with a dot in front."""
    line = b"." + b"x" * 75 + b"\r\n"
    return b"Subject: large\r\n\r\n" + line * (size // len(line)) + b"end\r\n"


class LoopbackWay:
    """Stands in for a connection to Tor: the same streams, through an honest proxy on loopback."""

    def __init__(self, proxy: tuple[str, int]) -> None:
        self._proxy = proxy
        self.isolation = Isolation()
        self.circuits = Circuits()
        self.status = TorStatus(phase=Phase.READY, progress=100)
        self.renewed: list[str] = []
        self._callbacks: list[Callable[[TorStatus], None]] = []

    def subscribe(self, callback: Callable[[TorStatus], None], /) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def become(self, phase: Phase) -> None:
        self.status = TorStatus(phase=phase)
        for callback in tuple(self._callbacks):
            callback(self.status)

    def wait_ready(self, deadline_seconds: float) -> TorStatus:
        return self.status

    def open_stream(
        self, host: str, port: int, token: Token, deadline: float, cancel: Cancel, *, optimistic: bool
    ) -> stream.Stream:
        return stream.open_stream(self._proxy, host, port, token, deadline, cancel, optimistic=optimistic)

    def new_circuit(self, identity_id: str) -> None:
        self.renewed.append(identity_id)
        self.isolation.renew(identity_id, Purpose.SENDING)


class Recorder:
    """Collects what a dispatcher reports."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.seen: list[Progress] = []
        dispatcher.subscribe(self.seen.append)

    @property
    def phases(self) -> list[str]:
        """Each phase once, in order of appearance."""
        return list(dict.fromkeys(each.phase.value for each in self.seen))
