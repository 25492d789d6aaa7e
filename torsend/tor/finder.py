"""Finds a tor: the program to start, and those that run already.

Each attempt stands for itself, with a deadline of its own: a closed or silent port never hides the next one.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from torsend.errors import StreamFailed
from torsend.tor import guard
from torsend.tor.bridges import program_names
from torsend.tor.cancel import Cancel
from torsend.tor.choice import Control, ControlSocket, Socks, TorChoice
from torsend.tor.stream import probe
from torsend.tor.troubles import TorTroubled, failed
from torsend.words import mark, t

ATTEMPT_SECONDS = 1.0
"""Loopback refuses at once; this is for a port that takes the connection and stays silent."""

_ELSEWHERE = (
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
    "/opt/local/bin",
    "/sbin",
)
"""Where systems keep tor outside an ordinary user's PATH."""


@dataclass(frozen=True, slots=True)
class Found:
    """A Tor that runs.

    Attributes:
        choice: how to reach it.
        what: in words, whose it is likely to be.
    """

    choice: Control | ControlSocket | Socks
    what: str


KNOWN: tuple[tuple[TorChoice, str], ...] = (
    (Control("127.0.0.1", 9151), mark("Tor Browser")),
    (ControlSocket(Path("/run/tor/control")), mark("The system’s Tor")),
    (Control("127.0.0.1", 9051), mark("The system’s Tor")),
    (Socks("127.0.0.1", 9150), mark("Tor Browser, without a view of circuits")),
    (Socks("127.0.0.1", 9050), mark("The system’s Tor, without a view of circuits")),
)
"""Most telling first: Tor Browser 9151 and 9150; Debian's service, Tails and Whonix the others."""


def tor_binary() -> Path:
    """The tor program of this computer.

    Raises:
        NoTorBinary: there is none.
    """
    found = shutil.which("tor") or shutil.which("tor", path=os.pathsep.join(_ELSEWHERE))
    if found is None:
        raise failed("no-binary")
    return Path(found)


def transport_programs(transports: Iterable[str], tor: Path) -> dict[str, str]:
    """A program for each pluggable transport.

    Args:
        tor: the tor that starts them: a bundle has them in its folder.

    Raises:
        TorTroubled: transport-not-here, naming the first that is missing.
    """
    places = os.pathsep.join((str(tor.parent), str(tor.parent / "pluggable_transports"), *_ELSEWHERE))
    found = {}
    for transport in transports:
        names = program_names(transport)
        program = next(
            (each for name in names if (each := shutil.which(name) or shutil.which(name, path=places))), None
        )
        # Tor takes everything behind a space for an argument.
        if program is None or " " in program:
            raise failed("transport-not-here", transport=transport, program=" / ".join(names))
        found[transport] = program
    return found


def running(
    known: tuple[tuple[TorChoice, str], ...] = KNOWN,
    seconds: float = ATTEMPT_SECONDS,
    cancel: Cancel | None = None,
) -> tuple[Found, ...]:
    """Every known place at which a Tor answers now, the most telling first. Takes ``seconds`` a place at
    most.

    Control ports are asked what needs no password (PROTOCOLINFO), SOCKS ports are proven to be Tor (`probe`).
    """
    cancel = cancel or Cancel()
    found = []
    for choice, what in known:
        if not cancel.cancelled and _answers(choice, time.monotonic() + seconds, cancel):
            match choice:
                case Control() | ControlSocket() | Socks():
                    found.append(Found(choice, t(what)))
    return tuple(found)


def address_of(choice: Control | ControlSocket | Socks) -> guard.Address:
    """Where to connect for it."""
    match choice:
        case Control(host, port) | Socks(host, port):
            return host, port
        case ControlSocket(path):
            return str(path)


def _answers(choice: TorChoice, deadline: float, cancel: Cancel) -> bool:
    try:
        match choice:
            case Socks():
                address = address_of(choice)
                with guard.permitted(address):
                    probe(address, deadline, cancel)
                return True
            case Control() | ControlSocket():
                if sys.platform == "win32" and isinstance(choice, ControlSocket):
                    return False
                # stem is slow to import: not for those who never look
                from torsend.tor import control

                address = address_of(choice)
                with guard.permitted(address):
                    connected = control.connect(address, cancel, max(0.001, deadline - time.monotonic()))
                try:
                    control.protocol_info(connected, deadline)
                finally:
                    cancel.unwatch(connected)
                    connected.close()
                return True
            case _:
                return False
    except (TorTroubled, StreamFailed):
        return False
