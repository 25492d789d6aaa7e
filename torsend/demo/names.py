"""A tiny DNS server on loopback, so that the exits of the private network find ``smtp.rowanmail.example``.

It answers A questions for the names that it knows, says "no such name" to all others, and remembers what was
asked (RFC 1035; one question a datagram, UDP only). Nobody but the private network's exits is told of it.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import socket
import struct
import threading
from typing import TYPE_CHECKING

from torsend.tor import guard

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger("torsend.demo")

MAX_QUESTION = 512
"""RFC 1035 section 4.2.1: no UDP message is longer, unless EDNS says so, and tor's resolver does not."""
MAX_REMEMBERED = 10_000
LIFETIME_SECONDS = 60

HEADER = struct.Struct("!6H")
TYPE_A = 1
TYPE_AAAA = 28
CLASS_IN = 1
ANSWER = 0x8400  # response, authoritative
RECURSION_DESIRED = 0x0100
NO_SUCH_NAME = 3
REFUSED = 5

_LABEL_LIMIT = 63
_NAME_LIMIT = 255


class MalformedQuestionError(ValueError):
    """Not a question of the one kind that is answered here; nothing is answered then."""


def read_question(datagram: bytes) -> tuple[str, int, bytes]:
    """Name in lower case without the last dot, type, and the question section's own bytes.

    Raises:
        MalformedQuestionError: a response, none or several questions, a compressed or cut-off name.
    """
    if len(datagram) < HEADER.size:
        raise MalformedQuestionError("shorter than a header")
    _id, flags, questions, *_counts = HEADER.unpack_from(datagram)
    if flags & 0x8000 or questions != 1:
        raise MalformedQuestionError("not one question")
    labels: list[bytes] = []
    at = HEADER.size
    while True:
        if at >= len(datagram) or at - HEADER.size > _NAME_LIMIT:
            raise MalformedQuestionError("the name does not end")
        length = datagram[at]
        if length > _LABEL_LIMIT:
            raise MalformedQuestionError("a compressed name in a question")
        at += 1
        if length == 0:
            break
        labels.append(datagram[at : at + length])
        at += length
    if at + 4 > len(datagram):
        raise MalformedQuestionError("no type and class")
    kind, _class = struct.unpack_from("!2H", datagram, at)
    name = b".".join(labels).decode("ascii", "backslashreplace").lower()
    return name, kind, datagram[HEADER.size : at + 4]


def answer(datagram: bytes, names: Mapping[str, str]) -> bytes:
    """The reply to a question, out of ``names`` (host name in lower case → IPv4 address).

    Raises:
        MalformedQuestionError: as ``read_question``.
    """
    name, kind, question = read_question(datagram)
    number, flags = struct.unpack_from("!2H", datagram)
    reply = ANSWER | (flags & RECURSION_DESIRED)
    address = names.get(name)
    if address is None:
        return HEADER.pack(number, reply | NO_SUCH_NAME, 1, 0, 0, 0) + question
    if kind != TYPE_A:
        return HEADER.pack(number, reply, 1, 0, 0, 0) + question
    # The question is given back byte for byte: the asker mixes capitals in (0x20) and wants them back.
    record = struct.pack("!3HIH", 0xC000 | HEADER.size, TYPE_A, CLASS_IN, LIFETIME_SECONDS, 4)
    packed = ipaddress.IPv4Address(address).packed
    return HEADER.pack(number, reply, 1, 1, 0, 0) + question + record + packed


class NameServer:
    """The server: one socket, one thread.

    Args:
        names: host name → IPv4 address; may be changed while it runs.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._lock = threading.Lock()
        self._asked: list[str] = []
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self, address: str = "127.0.0.1") -> tuple[str, int]:
        """Listens on a free port of a loopback address; gives both.

        Raises:
            OSError: no socket to be had there.
        """
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            listening.bind((address, 0))
        except OSError:
            listening.close()
            raise
        host, port = listening.getsockname()
        self._socket = listening
        self._thread = threading.Thread(
            target=self._serve, args=(listening,), name="torsend-demo-names", daemon=True
        )
        self._thread.start()
        return host, port

    def stop(self) -> None:
        """Ends the thread and closes the socket; harmless when called twice."""
        listening, self._socket = self._socket, None
        if listening is not None:
            # Wakes recvfrom: on Linux it returns at once, though it complains that nobody was connected.
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            if self._thread is not None:
                self._thread.join()
            listening.close()

    @property
    def asked(self) -> tuple[str, ...]:
        """Every name asked so far, in order, in lower case (the last ten thousand)."""
        with self._lock:
            return tuple(self._asked)

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                datagram, asker = listening.recvfrom(MAX_QUESTION)
            except OSError:
                return
            if self._socket is None:
                return
            try:
                name, _kind, _question = read_question(datagram)
                reply = answer(datagram, self._names)
            except MalformedQuestionError:
                _log.warning("a DNS question that is none")
                continue
            with self._lock:
                self._asked.append(name)
                del self._asked[:-MAX_REMEMBERED]
            try:
                # The answer goes to one of the private network's own relays, and the guard sees it pass.
                with guard.permitted(asker):
                    listening.sendto(reply, asker)
            except OSError:
                _log.warning("a DNS answer could not be sent")
