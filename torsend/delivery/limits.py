"""How long each stage may take, as a whole: a byte now and then does not make it longer.

RFC 5321 section 4.5.3.2 gives the least that a client should wait. One short time-out for all would make duplicates:
after the dot a busy server may need minutes, and has the mail.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Self

from torsend.delivery.actions import Stage


@dataclass(frozen=True, slots=True)
class Limits:
    """All in seconds.

    Attributes:
        tor: until Tor is ready, where someone waits for it (the command line).
        connect: until Tor opened the stream; Tor itself gives up after two minutes, onion services take longer.
        tls: the handshake.
        greeting, ehlo, auth, mail, rcpt: RFC 5321: five minutes.
        each_recipient: on top of ``rcpt`` for every further recipient, since they are answered one by one.
        data: RFC 5321: two minutes.
        block: for each piece of the body (64 KiB) to be taken: RFC 5321: three minutes.
        body_floor: for the body as a whole, beside its size.
        body_longest: for the body whatever its size; only ``capped`` sets it.
        slowest: bytes a second that the body as a whole must reach.
        dot: RFC 5321: ten minutes.
        farewell: how long the program's end waits for an answer that is due.
    """

    tor: float = 180.0
    connect: float = 180.0
    tls: float = 120.0
    greeting: float = 300.0
    ehlo: float = 300.0
    starttls: float = 120.0
    auth: float = 300.0
    mail: float = 300.0
    rcpt: float = 300.0
    each_recipient: float = 5.0
    data: float = 120.0
    block: float = 180.0
    body_floor: float = 600.0
    body_longest: float = math.inf
    slowest: float = 1024.0
    dot: float = 600.0
    farewell: float = 5.0

    def capped(self, patience: float) -> Self:
        """The same with no stage longer than ``patience`` seconds."""
        kept = {"slowest": self.slowest}
        for each in fields(self):
            kept.setdefault(each.name, min(patience, getattr(self, each.name)))
        return type(self)(**kept)

    def of(self, stage: Stage, recipients: int = 1) -> float:
        """Seconds for a stage; for ``BODY`` those of one block."""
        match stage:
            case Stage.CONNECT:
                return self.connect
            case Stage.TLS:
                return self.tls
            case Stage.GREETING:
                return self.greeting
            case Stage.EHLO:
                return self.ehlo
            case Stage.STARTTLS:
                return self.starttls
            case Stage.AUTH:
                return self.auth
            case Stage.MAIL:
                return self.mail
            case Stage.RCPT:
                return self.rcpt + self.each_recipient * (recipients - 1)
            case Stage.DATA:
                return self.data
            case Stage.BODY:
                return self.block
            case Stage.DOT:
                return self.dot

    def of_body(self, size: int) -> float:
        """Seconds for the whole of a body of ``size`` bytes."""
        return min(self.body_floor + size / self.slowest, self.body_longest)
