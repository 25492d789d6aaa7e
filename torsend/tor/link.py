"""What stands between this program and one Tor: its process, its control connection, its SOCKS port.

The guard lets through the SOCKS port from the moment it is learned until the link is closed, and the control
port for the moment of connecting.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.errors import StreamFailed
from torsend.tor import guard
from torsend.tor.cancel import Cancel
from torsend.tor.choice import Control as ControlChoice
from torsend.tor.choice import ControlSocket, Launch, Socks, SocksSocket, TorChoice, means_of
from torsend.tor.events import Event, RelayExpired
from torsend.tor.finder import address_of, answering_socks, tor_binary, transport_programs
from torsend.tor.guard import Address
from torsend.tor.process import BY_PORT, TorProcess
from torsend.tor.proof import Proof
from torsend.tor.stream import probe
from torsend.tor.stream_failures import IsolationLost, NotASocksProxy, ProxySilent, StreamCancelled
from torsend.tor.troubles import ControlRefused, TorTroubled, failed
from torsend.tor.way_out import STRAIGHT
from torsend.tor.whereabouts import is_here, is_near
from torsend.words import t

if TYPE_CHECKING:
    from torsend.tor.control import Control

START_SECONDS = 30.0
"""From starting tor to its first answer: a quarter of a second here; half a minute on a slow disk."""
OLDEST = (0, 4, 7)
"""From then on a client's second and third relays towards an onion service change slowly (proposal 333, vanguards-lite):
before, whoever ran a relay could find out its guard in days. All else that is asked of tor is older.
"""
_EXPIRED = "At least one certificate expired"
_REFUSALS = (
    ("another Tor process is running with the same data directory", "folder-locked"),
    ("No space left on device", "disk-full"),
    ("Address already in use", "port-taken"),
    ("create private data directory", "folder-unwritable"),
    ("Please change your ulimit -n", "few-files"),
)
"""What tor 0.4.9 says, where that has words of our own."""
PROBE_SECONDS = 5.0
"""For a SOCKS port to prove that it is Tor: it answers by itself, without the network."""


@dataclass(frozen=True, slots=True)
class ProcessEnded:
    """The tor of our own has ended."""


Told = Event | ProcessEnded
Password = Callable[[], str | None]


class Link:
    """Opened by `open_link`; belongs to one thread."""

    def __init__(self, means: str, cancel: Cancel) -> None:
        self.means = means
        self.control: Control | None = None
        self.process: TorProcess | None = None
        self.proxy: Address | None = None
        self.way_out = STRAIGHT
        self._proof: Proof | None = None
        self._cancel = cancel
        self._near: str | None = None
        self._onion_keys: dict[str, str] = {}

    @property
    def version(self) -> str:
        return self.control.version if self.control else ""

    @property
    def sees_circuits(self) -> bool:
        return self.control is not None and self.control.sees_circuits

    @property
    def isolates(self) -> bool | None:
        """See `TorStatus.isolates`."""
        return self.control.isolates if self.control else None

    @property
    def elsewhere(self) -> bool:
        """Whether its SOCKS port is on another computer."""
        return self.proxy is not None and not is_here(self.proxy)

    def learn_proxy(self) -> None:
        """Finds and proves the SOCKS port, if that is not done yet.

        Raises:
            TorTroubled: no-socks-port, no-socks-known, no-isolation, nothing-there, silent, not-tor, lost.
            StreamCancelled: cancelled meanwhile.
        """
        if self.proxy is None and self.control is not None:
            try:
                address = self.control.socks_listeners()[0]
            except TorTroubled as error:
                # A filter that lets nothing be asked: Tor is where it always is, or nobody knows.
                usual = error.trouble.code == "no-socks-known" and answering_socks(self._near, self._cancel)
                if not usual:
                    raise
                address = usual
            if (
                not isinstance(address, str)
                and self._near
                and ipaddress.ip_address(address[0]).is_unspecified
            ):
                address = (self._near, address[1])
            self.use_proxy(address)

    def use_proxy(self, address: Address) -> None:
        """Proves that this is Tor's SOCKS port; from then on streams may go there.

        Raises:
            TorTroubled: too-far, nothing-there, silent, not-tor, no-isolation.
            StreamCancelled: cancelled meanwhile.
        """
        if not is_near(address):
            raise failed("too-far")
        guard.permit(address)
        try:
            prove(address, self._cancel)
        except BaseException:
            guard.forget(address)
            raise
        self.proxy = address

    def look(self, on_slow: Callable[[], None] = lambda: None, *, closely: bool = False) -> bool | None:
        """Asks whether it is still there; whether it says that circuits work, None if it doesn't say.

        Args:
            on_slow: called while it lets one wait.
            closely: ask its SOCKS port as well: a tor that has no sockets left takes no more streams and still answers here.

        Raises:
            TorTroubled: lost, nothing-there, silent, not-tor, no-isolation.
        """
        if self.proxy is not None and (closely or self.control is None):
            try:
                prove(self.proxy, self._cancel)
            except TorTroubled as error:
                if self.process is None:
                    raise
                raise failed("lost", error.trouble.code) from error
        return None if self.control is None else self.control.circuits_work(on_slow)

    def give_onion_key(self, service: str, key: str | None) -> bool:
        """Has Tor use this key for that service, or none; whether it does. Tor holds one for a service at a time.

        Raises:
            TorTroubled: lost.
        """
        if self.control is None:
            return key is None
        if self._onion_keys.get(service) == key:
            return True
        if key is not None:
            given = self.control.add_onion_key(service, key)
            if given:
                self._onion_keys[service] = key
            return given
        del self._onion_keys[service]
        self.control.remove_onion_key(service)
        return True

    def prove_circuit(self, tell: Callable[[Told], None]) -> None:
        """Has an exit answer, unless that is being tried already: `torsend.tor.proof`."""
        if self.proxy is not None and not (self._proof and self._proof.going_on):
            self._proof = Proof(self.proxy, tell, self._cancel)

    def close(self) -> None:
        """Takes all of it down: a tor of our own has ended when this returns."""
        if self._proof is not None:
            self._proof.close()
        if self.proxy is not None:
            guard.forget(self.proxy)
            self.proxy = None
        try:
            # The process first: so it ends by our signal, not by the loss of its controller, and writes its
            # state.
            if self.process is not None:
                self.process.stop()
        finally:
            if self.control is not None:
                self.control.close()

    def launch(
        self,
        choice: Launch,
        folder: Path,
        tell: Callable[[Told], None],
        ours: Callable[[str], bool],
        seconds: float,
        proxy_password: Password,
    ) -> None:
        """Starts a tor of our own.

        Raises:
            TorTroubled: no-binary, binary-unusable, torrc-unreadable, folder-unwritable, wont-start,
                start-slow, shut-out, transport-not-here, proxy-password-missing, way-unknown, way-refused, too-old,
                folder-locked, disk-full, port-taken, few-files.
            StreamCancelled: cancelled meanwhile.
        """
        way, binary = choice.way_out, choice.binary or tor_binary()
        if way.unknown:
            raise failed("way-unknown")
        if way.proxy is not None and way.proxy.lacks_password:
            password = proxy_password()
            if not password:
                raise failed("proxy-password-missing")
            way = replace(way, proxy=way.proxy.with_password(password))
        self.way_out = way
        options = () if way.straight else way.options(transport_programs(way.transports, binary))
        process = TorProcess(
            binary,
            folder,
            choice.torrc_include,
            lambda: tell(ProcessEnded()),
            offline=bool(options),
            on_line=lambda line: tell(RelayExpired()) if _EXPIRED in line else None,
        )
        self.process = process
        reached = process.start_with_port(seconds, self._cancel) if BY_PORT else process.start()
        try:
            self.control = self._let_in(reached, tell, ours, seconds)
        except TorTroubled as error:
            if isinstance(error, ControlRefused):
                # It runs, and won't end by itself, so nothing is to be waited for.
                raise failed("shut-out", error.log_safe) from error
            # It hung up, so it is on its way out; or it never answered.
            if error.trouble.code == "silent" or not process.ended(seconds):
                raise failed("start-slow") from error
            raise _refusal(process) from error
        check_version(_numbers(self.control.version))
        self.control.one_circuit_a_stream()
        if way.bridges:
            self.control.hear_of_relays()
        if options:
            self.control.take(options)

    def _let_in(
        self,
        reached: socket.socket | Address | None,
        tell: Callable[[Told], None],
        ours: Callable[[str], bool],
        seconds: float,
    ) -> Control:
        """The connection that owns a tor of our own.

        Args:
            reached: that connection, or the port that tor opened for it; None: it opened none.
        """
        from torsend.tor.control import Control  # stem is slow to import: not for who only prints a help text

        process = self.process
        if reached is None or process is None:
            raise failed("silent" if process is not None and process.alive else "not-tor")
        if isinstance(reached, socket.socket):
            return Control.adopt(reached, tell, ours, time.monotonic() + seconds, self._cancel)
        with guard.permitted(reached):
            control = Control.attach(reached, lambda: process.password, tell, ours, self._cancel, seconds)
        try:
            control.own()
        except BaseException:
            control.close()
            raise
        return control

    def attach(
        self,
        choice: ControlChoice | ControlSocket,
        password: Password,
        tell: Callable[[Told], None],
        ours: Callable[[str], bool],
    ) -> None:
        """Connects to the control port of a Tor that runs.

        Raises:
            TorTroubled: see `Control.attach`.
            StreamCancelled: cancelled meanwhile.
        """
        from torsend.tor.control import Control

        address = address_of(choice)
        if not is_near(address):
            raise failed("too-far")
        if not is_here(address):
            password = _unsaid
        self._near = (
            choice.host if isinstance(choice, ControlChoice) else None
        )  # None: a socket of this computer
        with guard.permitted(address):
            self.control = Control.attach(address, password, tell, ours, self._cancel)


def check_version(version: tuple[int, int, int] | None) -> None:
    """That this tor can do what is asked of it.

    Raises:
        TorTroubled: too-old.
    """
    if version is not None and version < OLDEST:
        raise failed("too-old", version=_dotted(version), oldest=_dotted(OLDEST))


def _numbers(version: str) -> tuple[int, int, int] | None:
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))


def _refusal(process: TorProcess) -> TorTroubled:
    """Why a tor ended before it answered, from its last complaint (those of tor 0.4.9)."""
    try:
        check_version(process.version)
    except TorTroubled as too_old:
        return too_old
    for words, code in _REFUSALS:
        if process.complained(words):
            return failed(code)
    return failed("wont-start", line=process.complaint() or t("nothing"))


def _unsaid() -> str | None:
    """A control password goes to this computer's own Tor only: on the way to another it could be read."""
    raise failed("password-in-clear")


def open_link(
    choice: TorChoice,
    folder: Path,
    password: Password,
    tell: Callable[[Told], None],
    ours: Callable[[str], bool],
    cancel: Cancel,
    start_seconds: float = START_SECONDS,
    proxy_password: Password = lambda: None,
) -> Link:
    """A link by the chosen means. Its SOCKS port may still be unknown: `Link.learn_proxy`.

    Args:
        folder: data directory for a tor of our own.
        password: asked only if Tor's control port wants one.
        tell: takes events, on other threads; must return at once.
        proxy_password: asked only for a proxy that wants a log-in.
        cancel: ends the opening from another thread.

    Raises:
        TorTroubled: why there is none.
        StreamCancelled: cancelled meanwhile.
    """
    link = Link(means_of(choice), cancel)
    try:
        match choice:
            case Launch():
                link.launch(choice, folder, tell, ours, start_seconds, proxy_password)
            case ControlChoice() | ControlSocket():
                link.attach(choice, password, tell, ours)
            case Socks() | SocksSocket():
                link.use_proxy(address_of(choice))
    except BaseException:
        link.close()
        raise
    return link


def prove(address: Address, cancel: Cancel) -> None:
    """That it is Tor's SOCKS port, in the words of an attachment.

    Raises:
        TorTroubled: nothing-there, silent, not-tor, no-isolation.
        StreamCancelled: cancelled meanwhile.
    """
    try:
        probe(address, time.monotonic() + PROBE_SECONDS, cancel)
    except StreamCancelled:
        raise
    except IsolationLost as error:
        raise failed("no-isolation") from error
    except NotASocksProxy as error:
        raise failed("not-tor") from error
    except ProxySilent as error:
        raise failed("silent") from error
    except StreamFailed as error:
        raise failed("nothing-there") from error
