"""The questions and commands of one control connection, in the words of the control protocol."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from torsend.tor.cancel import Cancel
from torsend.tor.control.authentication import authenticate, connect, protocol_info
from torsend.tor.control.listeners import isolating, listeners
from torsend.tor.control.parsing import Ours, bootstrap_of, circuit_of
from torsend.tor.control.wire import Tell, Wire
from torsend.tor.events import Bootstrapped, CircuitChanged
from torsend.tor.guard import Address
from torsend.tor.stream_failures import StreamCancelled
from torsend.tor.troubles import TorTroubled, failed

if TYPE_CHECKING:
    from stem.response import protocolinfo

PROBE_SECONDS = 3.0
"""A Tor answers PROTOCOLINFO in a millisecond; one that is starting, within a second."""
_LONGEST_SAID = 300
"""Characters of tor's own words that are shown."""
_EVENTS = ("STATUS_CLIENT", "STATUS_GENERAL", "NETWORK_LIVENESS", "CIRC", "STREAM")


class Control:
    """One authenticated control connection. Its questions and commands belong to one thread; `close` to any."""

    def __init__(self, wire: Wire, version: str) -> None:
        self._wire = wire
        self.version = version
        self.sees_circuits = False
        self.hears_of_the_way = False
        """Whether Tor tells by itself how far it is; otherwise it has to be asked."""
        self.isolates: bool | None = None
        """Whether the ports that `socks_listeners` gives isolate by credentials; None: this Tor does not say."""

    @classmethod
    def attach(
        cls,
        address: Address,
        password: Callable[[], str | None],
        tell: Tell,
        ours: Ours,
        cancel: Cancel,
        seconds: float | None = None,
    ) -> Control:
        """Connects to a Tor that runs and authenticates: by safe cookie or password, as it offers.

        Args:
            address: permitted by the guard.
            password: asked only if Tor wants one; None: there is none. May block.
            tell: takes each event, on the reading thread; must return at once.
            ours: whether a SOCKS user name is of this run; of other programs' streams nothing is kept.
            seconds: for it to show that it is Tor, `PROBE_SECONDS` if not given.

        Raises:
            TorTroubled: nothing-there, no-access, silent, not-tor, wrong-password, password-needed, …
            StreamCancelled: cancelled meanwhile.
        """
        seconds = PROBE_SECONDS if seconds is None else seconds
        connected = connect(address, cancel, seconds)
        return cls._over(connected, tell, ours, time.monotonic() + seconds, cancel, password)

    @classmethod
    def adopt(
        cls, connected: socket.socket, tell: Tell, ours: Ours, deadline: float, cancel: Cancel
    ) -> Control:
        """Speaks over a connection that tor was born with (``__OwningControllerFD``): it is let in already.

        Raises:
            TorTroubled: silent, or not-tor if tor ended meanwhile.
            StreamCancelled: cancelled meanwhile.
        """
        try:
            cancel.watch(connected)
        except StreamCancelled:
            connected.close()
            raise
        return cls._over(connected, tell, ours, deadline, cancel, None)

    @classmethod
    def _over(
        cls,
        connected: socket.socket,
        tell: Tell,
        ours: Ours,
        deadline: float,
        cancel: Cancel,
        password: Callable[[], str | None] | None,
    ) -> Control:
        """Takes the connection over, and closes it where this fails. No ``password``: we are let in already."""
        with _closed_on_failure(lambda: _drop(connected, cancel), cancel):
            info = protocol_info(connected, deadline)
            wire = Wire(connected, tell, ours, cancel)
        with _closed_on_failure(wire.close, cancel):
            if password is not None:
                authenticate(wire, info, password)
            return cls(wire, _version(info)).listening()

    def own(self) -> None:
        """Has a tor of our own end with this connection, and closes the port that the connection came in through: no
        other can follow. Tor closes those of extra torrc lines with it.

        Raises:
            TorTroubled: lost, or refused where tor won't.
        """
        for command in ("TAKEOWNERSHIP", "SETCONF __ControlPort=0"):
            if not self._wire.ask(command).is_ok():
                raise failed("refused", command)

    def close(self) -> None:
        """Ends the connection and its thread. A tor that is owned through it ends, too."""
        self._wire.close()

    def information(self, key: str) -> str | None:
        """GETINFO; None if this Tor, or a filter before it, doesn't answer that.

        Raises:
            TorTroubled: lost: no answer in time, or the connection ended.
        """
        reply = self._wire.ask(f"GETINFO {key}")
        for code, _, line in reply.content():
            if code == "250" and line.startswith(f"{key}="):
                return line[len(key) + 1 :].lstrip("\n")
        return None

    def configured(self, option: str) -> tuple[str, ...]:
        """GETCONF: every value of the option; empty if it is unset or may not be asked.

        Raises:
            TorTroubled: lost.
        """
        return self._configured(option) or ()

    def _configured(self, option: str) -> tuple[str, ...] | None:
        """As `configured`; None if it may not be asked."""
        reply = self._wire.ask(f"GETCONF {option}")
        if not reply.is_ok():
            return None
        lines = (line.partition("=") for code, _, line in reply.content() if code == "250")
        return tuple(value for name, _, value in lines if name.lower() == option.lower() and value)

    def socks_listeners(self) -> tuple[Address, ...]:
        """Where Tor listens for SOCKS, TCP first, without those that would mix identities.

        Raises:
            TorTroubled: lost, no-socks-port, no-isolation; no-socks-known if that may not be asked.
        """
        listed = self.information("net/listeners/socks")
        if listed is None:
            raise failed("no-socks-known")
        addresses = listeners(listed)
        if not addresses:
            raise failed("no-socks-port")
        options = [self._configured(option) for option in ("SocksPort", "__SocksPort")]
        kept, read = isolating(addresses, [line for lines in options for line in lines or ()])
        # A filter that refuses the question leaves it open, and so does a setting that cannot be read.
        self.isolates = True if read and None not in options else None
        if not kept:
            raise failed("no-isolation")
        return kept

    def bootstrap(self) -> Bootstrapped | None:
        """How far Tor is. Where that may not be asked (Whonix), from whether circuits work; None if that may not be
        asked either.

        Raises:
            TorTroubled: lost.
        """
        told = self.information("status/bootstrap-phase")
        if told is not None:
            return bootstrap_of(told)
        work = self.circuits_work()
        return None if work is None else Bootstrapped(100 if work else 0, "")

    def circuits_work(self, on_slow: Callable[[], None] = lambda: None) -> bool | None:
        """Whether Tor thinks that circuits can be built; None if it doesn't say. Also proves that it lives.

        Args:
            on_slow: called while it lets one wait.

        Raises:
            TorTroubled: lost.
        """
        self._wire.on_slow = on_slow
        try:
            told = self.information("status/circuit-established")
        finally:
            self._wire.on_slow = lambda: None
        return None if told is None else told == "1"

    def uses_bridges(self) -> bool:
        """Whether the first relay of each circuit is a bridge."""
        return self.configured("UseBridges") == ("1",)

    def one_circuit_a_stream(self) -> None:
        """Turns conflux off, if nobody decided on it: only for a tor of our own.

        Conflux (proposal 329) runs one stream over two circuits by turns, with another guard each where there
        is one. Here a message runs over one circuit, which is the one that is shown; and the circuit that
        `Connection.prepare` has built ahead is the one that the message takes, while a conflux set would take
        its place.

        Raises:
            TorTroubled: lost.
        """
        if self.configured("ConfluxEnabled") == ("auto",):
            self._wire.ask("SETCONF ConfluxEnabled=0")

    def take(self, options: Iterable[tuple[str, str]]) -> None:
        """Sets options, all or none, a name that comes several times to all its values; then lets tor use the network.

        Raises:
            TorTroubled: lost, or way-refused with tor's own words.
        """
        pairs = " ".join(f"{name}={_in_quotes(value)}" for name, value in options)
        for command in (f"SETCONF {pairs}", "SETCONF DisableNetwork=0"):
            reply = self._wire.ask(command)
            if not reply.is_ok():
                said = "; ".join(str(line) for _, _, line in reply.content())
                raise failed("way-refused", line=said[:_LONGEST_SAID])

    def add_onion_key(self, service: str, key: str) -> bool:
        """Gives Tor a client's key for an onion service, until it ends: nothing is written. Whether it took it.

        Args:
            service: the address without ``.onion`` and what stands before it.
            key: base64.

        Raises:
            TorTroubled: lost.
        """
        reply = self._wire.ask(f"ONION_CLIENT_AUTH_ADD {service} x25519:{key}")
        # 251: in place of another; 252: and a descriptor that was there already can be read with it.
        return all(code.startswith("2") for code, _, _ in reply.content())

    def remove_onion_key(self, service: str) -> None:
        """Takes it back.

        Raises:
            TorTroubled: lost.
        """
        self._wire.ask(f"ONION_CLIENT_AUTH_REMOVE {service}")

    def country(self, fingerprint: str) -> str | None:
        """The relay's country as Tor's own table has it: two letters, upper case; None if it isn't known.

        Raises:
            TorTroubled: lost.
        """
        described = self.information(f"ns/id/{fingerprint}") or ""
        line = next((line for line in described.splitlines() if line.startswith("r ")), "")
        address = next((word for word in line.split()[4:] if _is_ipv4(word)), None)
        country = self.information(f"ip-to-country/{address}") if address else None
        return country.upper() if country and country.isalpha() else None

    def circuits(self) -> Iterator[CircuitChanged]:
        """The circuits that stand, as their last event would tell them."""
        for line in (self.information("circuit-status") or "").splitlines():
            if circuit := circuit_of(line, self._wire.ours):
                yield circuit

    def listening(self) -> Control:
        """Asks for events. A filter may refuse some; circuits are seen only with both of theirs."""
        if self._wire.ask(f"SETEVENTS {' '.join(_EVENTS)}").is_ok():
            self.sees_circuits = self.hears_of_the_way = True
            return self
        accepted: list[str] = []
        for name in _EVENTS:
            if self._wire.ask(f"SETEVENTS {' '.join([*accepted, name])}").is_ok():
                accepted.append(name)
        self.sees_circuits = {"CIRC", "STREAM"} <= set(accepted)
        self.hears_of_the_way = "STATUS_CLIENT" in accepted
        return self

    def hear_of_relays(self) -> None:
        """Asks for `RelayAnswered`, too: only of a tor of our own, before it uses the network.

        Raises:
            TorTroubled: lost.
        """
        self._wire.ask(f"SETEVENTS {' '.join(_EVENTS)} ORCONN")


@contextlib.contextmanager
def _closed_on_failure(close: Callable[[], None], cancel: Cancel) -> Iterator[None]:
    """Closes what the block takes over, where that fails; what came of a cancelling is told as that."""
    try:
        yield
    except BaseException as error:
        close()
        if cancel.cancelled and isinstance(error, TorTroubled):
            raise StreamCancelled from error
        raise


def _drop(connected: socket.socket, cancel: Cancel) -> None:
    cancel.unwatch(connected)
    connected.close()


def _version(info: protocolinfo.ProtocolInfoResponse) -> str:
    return str(info.tor_version) if info.tor_version else ""


def _in_quotes(value: str) -> str:
    """As a QuotedString (control-spec, section 2.1.1)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_ipv4(word: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(word).version == 4
    return False
