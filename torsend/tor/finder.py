"""Finds a tor: the program to start, and those that run already.

Each attempt stands for itself, with a deadline of its own: a closed or silent port never hides another one.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from torsend.errors import StreamFailed
from torsend.paths import bundled_program
from torsend.tor import guard
from torsend.tor.bridges import KINDS, program_names
from torsend.tor.cancel import Cancel
from torsend.tor.choice import Control, ControlSocket, Launch, Running, Socks, SocksSocket, TorChoice
from torsend.tor.guard import Address
from torsend.tor.status import TorTrouble
from torsend.tor.stream import probe
from torsend.tor.troubles import TorTroubled, failed
from torsend.words import mark, t

ATTEMPT_SECONDS = 1.0
"""Loopback refuses at once; this is for a port that takes the connection and stays silent."""

_SHUT = frozenset({"password-needed", "cookie-unreadable", "refused", "no-access"})
"""It is Tor, or most likely so, and doesn't let this user in like that."""

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
        circuits: whether circuits are seen through it; None: only once it has let us in.
        isolates: as `TorStatus.isolates`; None where it doesn't say.
        trouble: why it can't be used as it is (``password-needed``, ``no-access``, …); None: it can.
    """

    choice: Running
    what: str
    circuits: bool | None = None
    isolates: bool | None = None
    trouble: TorTrouble | None = None

    @property
    def usable(self) -> bool:
        """Whether it can be used, with a password perhaps."""
        return self.trouble is None or self.trouble.code == "password-needed"

    @property
    def abilities(self) -> str:
        """What it can do, in words."""
        if self.trouble is not None:
            return t("asks for its control password") if self.usable else self.trouble.what
        seen = t("shows circuits") if self.circuits else t("no view of circuits")
        return t("{seen}, keeps identities apart", seen=seen) if self.isolates else seen


_BROWSER, _SYSTEM = mark("Tor Browser"), mark("The system’s Tor")

KNOWN: tuple[tuple[Running, str], ...] = (
    (Control("127.0.0.1", 9151), _BROWSER),
    (ControlSocket(Path("/run/tor/control")), _SYSTEM),
    (Control("127.0.0.1", 9051), _SYSTEM),
    (Control("127.0.0.1", 9052), _SYSTEM),
    (Socks("127.0.0.1", 9150), _BROWSER),
    (SocksSocket(Path("/run/tor/socks")), _SYSTEM),
    (Socks("127.0.0.1", 9050), _SYSTEM),
    (Socks("127.0.0.1", 9052), _SYSTEM),
)
"""Most telling first: Tor Browser 9151 and 9150; Debian's service, Tails (its filter listens at 9051) and Whonix (which
leads the same ports of a workstation to its gateway) the others."""

USUAL_SOCKS: tuple[Socks | SocksSocket, ...] = tuple(
    choice for choice, _ in KNOWN if isinstance(choice, Socks | SocksSocket)
)
"""Where a Tor listens that may not tell."""


def tor_binary() -> Path:
    """The tor program: the one that came with us, or else one of this computer.

    Raises:
        NoTorBinary: there is none.
    """
    if (ours := bundled_program("tor")) is not None:
        return ours
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
    found = {}
    for transport in transports:
        program = _program(transport, tor)
        if program is None:
            names = " / ".join(program_names(transport))
            raise failed("transport-not-here", transport=transport, program=names)
        found[transport] = program
    return found


def lacking() -> frozenset[str]:
    """The kinds of bridges for which there is no program on this computer."""
    try:
        tor = tor_binary()
    except TorTroubled:
        tor = Path(os.devnull)
    return frozenset(kind.name for kind in KINDS if _program(kind.name, tor) is None)


def _program(transport: str, tor: Path) -> str | None:
    places = os.pathsep.join((str(tor.parent), str(tor.parent / "pluggable_transports"), *_ELSEWHERE))
    for name in program_names(transport):
        found = bundled_program(name) or shutil.which(name) or shutil.which(name, path=places)
        # Tor takes everything behind a space for an argument.
        if found and " " not in str(found):
            return str(found)
    return None


def running(
    known: tuple[tuple[TorChoice, str], ...] = KNOWN,
    seconds: float = ATTEMPT_SECONDS,
    cancel: Cancel | None = None,
) -> tuple[Found, ...]:
    """Every known place at which a Tor answers now: those that can be used first, the most telling of them first.

    All are tried side by side, each on a connection of its own that is cut when ``seconds`` are over; so that is how
    long it takes at most. SOCKS ports are proven to be Tor (`probe`). Control ports are asked what needs no
    password (PROTOCOLINFO); where a cookie or nothing lets in, also what they show. A Tor that asks for a
    password is not tried with any.
    """
    if any(isinstance(choice, Control | ControlSocket) for choice, _ in known):
        from torsend.tor import control  # noqa: F401  # takes a while, which is nobody’s attempt

    cancel = cancel or Cancel()
    tries = [
        _Try(choice, t(what), seconds, cancel) for choice, what in known if not isinstance(choice, Launch)
    ]
    until = time.monotonic() + seconds
    found = [each for one in tries if (each := one.result(until))]
    return tuple(sorted(found, key=lambda each: not each.usable))


def answering_socks(host: str | None, cancel: Cancel, seconds: float = ATTEMPT_SECONDS) -> Address | None:
    """The first of the usual places at which a Tor's SOCKS port answers, on that computer; None: on this one."""
    places: list[Socks | SocksSocket] = [
        Socks(host, usual.port) if host and isinstance(usual, Socks) else usual
        for usual in USUAL_SOCKS
        if isinstance(usual, Socks) or host in {None, "127.0.0.1"}
    ]
    found = running(tuple((place, "") for place in dict.fromkeys(places)), seconds, cancel)
    return address_of(found[0].choice) if found else None


def address_of(choice: Running) -> Address:
    """Where to connect for it."""
    match choice:
        case Control(host, port) | Socks(host, port):
            return host, port
        case ControlSocket(path) | SocksSocket(path):
            return str(path)


class _Try:
    """One place, looked at on a thread of its own."""

    def __init__(self, choice: Running, what: str, seconds: float, cancel: Cancel) -> None:
        self._choice, self._what, self._seconds = choice, what, seconds
        self._cancel = Cancel(cancel)
        self._found: Found | None = None
        self._thread = threading.Thread(target=self._run, name="torsend-tor-look", daemon=True)
        self._thread.start()

    def result(self, until: float) -> Found | None:
        """What was found until then."""
        self._thread.join(max(0.0, until - time.monotonic()))
        self._cancel.cancel()
        self._thread.join()
        return self._found

    def _run(self) -> None:
        address = address_of(self._choice)
        if isinstance(address, str) and sys.platform == "win32":
            return
        try:
            with guard.permitted(address):
                if isinstance(self._choice, Socks | SocksSocket):
                    probe(address, time.monotonic() + self._seconds, self._cancel)
                    self._found = Found(self._choice, self._what, circuits=False)
                else:
                    self._found = self._controlled(address)
        except (TorTroubled, StreamFailed):
            pass

    def _controlled(self, address: Address) -> Found:
        # stem is slow to import: not for those who never look
        from torsend.tor import control

        try:
            port = control.Control.attach(
                address, lambda: None, lambda _: None, lambda _: False, self._cancel, self._seconds
            )
        except TorTroubled as error:
            if error.trouble.code not in _SHUT:
                raise
            return Found(self._choice, self._what, trouble=error.trouble)
        # That it is Tor and lets us in is known; if it tells no more in time, that is all.
        self._found = Found(self._choice, self._what, circuits=port.sees_circuits)
        try:
            port.socks_listeners()
        except TorTroubled as error:
            if error.trouble.code in {"no-isolation", "no-socks-port"}:
                return replace(self._found, trouble=error.trouble)
        finally:
            port.close()
        return replace(self._found, isolates=port.isolates)
