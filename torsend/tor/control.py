"""Tor's control connection; the only user of stem.

Of stem it takes the lower half: the wire's format, the ways to authenticate, the parsing of events. Its
Controller stays
out: its ``msg`` has no time-out and hangs on a stopped tor, it answers from a cache when tor is dead, wakes
up twenty times a second, and runs its listeners where they delay each other. Here one thread reads; what is
an event is told at once to a function that only puts it in a queue, what is a reply is waited for with a
deadline, and a reply that doesn't come ends the connection, since from then on question and answer would be
out of step.

Before stem sees a connection, a PROTOCOLINFO with a deadline has proven that Tor is behind it (control-spec
section
3.21: the one question that may be asked unauthenticated).
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from typing import TYPE_CHECKING, cast

import stem
import stem.connection
import stem.response
import stem.socket

from torsend.tor.cancel import Cancel
from torsend.tor.events import (
    Bootstrapped,
    CircuitChanged,
    CircuitsWork,
    ClockSkewed,
    ControlClosed,
    Event,
    NetworkAlive,
    NoneReachable,
    RelayAnswered,
    StreamChanged,
)
from torsend.tor.guard import UNIX, Address
from torsend.tor.isolation import Token
from torsend.tor.stream_failures import StreamCancelled
from torsend.tor.troubles import TorTroubled, failed

if TYPE_CHECKING:
    from stem.response import ControlMessage, events, protocolinfo

# What stem logs holds passwords, and hosts and credentials of every program on that Tor.
logging.getLogger("stem").disabled = True

_LONGEST_SAID = 300
"""Characters of tor's own words that are shown."""
PROBE_SECONDS = 3.0
"""A Tor answers PROTOCOLINFO in a millisecond; one that is starting, within a second."""
SLOW_SECONDS = 2.0
"""A reply that takes longer is told to whoever wants to know."""
ASK_SECONDS = 10.0
"""For one question: tor is one thread, and may be busy with a consensus for seconds on a slow machine."""
_MAX_PROTOCOLINFO = 8192
_SOCKS_PORT = re.compile(r'(?:unix:(?P<path>"(?:[^"\\]|\\.)*"|\S+)|(?:\S*:)?(?P<port>\d+|auto))(?=\s|$)')
"""Where a SocksPort line says that it listens (tor(1), SocksPort)."""
_EVENTS = ("STATUS_CLIENT", "STATUS_GENERAL", "NETWORK_LIVENESS", "CIRC", "STREAM")

Tell = Callable[[Event], None]
Ours = Callable[[str], bool]


class Control:
    """One authenticated control connection. `ask` and what builds on it belong to one thread; `close` to
    any.
    """

    def __init__(self, wire: _Wire, version: str) -> None:
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
        """Connects to a Tor that runs and authenticates: by safe cookie, cookie, or password, as it offers.

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
        wire, info = _proven(connected, tell, ours, time.monotonic() + seconds, cancel)
        try:
            _authenticate(wire, info, password)
            return cls(wire, _version(info)).listening()
        except BaseException as error:
            wire.close()
            if cancel.cancelled and isinstance(error, TorTroubled):
                raise StreamCancelled from error
            raise

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
        wire, info = _proven(connected, tell, ours, deadline, cancel)
        try:
            return cls(wire, _version(info)).listening()
        except BaseException as error:
            wire.close()
            if cancel.cancelled and isinstance(error, TorTroubled):
                raise StreamCancelled from error
            raise

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
        # stem's own parser drops the unix ones.
        found = [_listener(text) for text in re.findall(r'"((?:[^"\\]|\\.)*)"', listed)]
        addresses = sorted((each for each in found if each), key=lambda each: isinstance(each, str))
        if not addresses:
            raise failed("no-socks-port")
        options = [self._configured(option) for option in ("SocksPort", "__SocksPort")]
        # A filter that refuses the question leaves it open, and so does a setting that cannot be read.
        self.isolates = None if None in options else True
        mixing = set()
        for line in (line for lines in options for line in lines or ()):
            place = _SOCKS_PORT.match(line)
            if place is None:
                self.isolates = None
            elif "noisolatesocksauth" in line[place.end() :].lower():
                mixing.add(_unquoted(place["path"] or "") or place["port"])
        kept = tuple(each for each in addresses if _port_name(each) not in mixing and "auto" not in mixing)
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
            return _bootstrapped(_pairs(told))
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
            with contextlib.suppress(stem.ProtocolError, ValueError):
                message = stem.response.ControlMessage.from_str(f"650 CIRC {line}\r\n")
                event = self._wire.event(message)
                if isinstance(event, CircuitChanged):
                    yield event

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


class _Wire(stem.socket.ControlSocket):
    """stem's socket over a connection of ours, read by one thread that parts events from replies."""

    def __init__(self, connected: socket.socket, tell: Tell, ours: Ours, cancel: Cancel) -> None:
        super().__init__()
        self._connected: socket.socket | None = connected
        self._watched, self._cancel = connected, cancel
        self._tell, self._ours = tell, ours
        self._replies: queue.SimpleQueue[ControlMessage | None] = queue.SimpleQueue()
        self._seconds = ASK_SECONDS
        self.on_slow: Callable[[], None] = lambda: None
        self.connect()
        self._reader = threading.Thread(target=self._read, name="torsend-tor-control", daemon=True)
        self._reader.start()

    def _make_socket(self) -> socket.socket:
        # Once: stem reconnects by itself after a refused authentication, which would go past the guard's
        # permission.
        if self._connected is None:
            raise stem.SocketError("connected once")
        connected, self._connected = self._connected, None
        connected.settimeout(None)
        return connected

    def ask(self, command: str) -> ControlMessage:
        """Sends a line and waits for its reply.

        Raises:
            TorTroubled: lost.
        """
        try:
            self.send(command)
            return self.recv()
        except stem.ControllerError as error:
            raise failed("lost", str(command.split()[0])) from error

    def recv(self) -> ControlMessage:
        """The reply that is due; what stem's authentication calls as well."""
        try:
            reply = self._reply()
        except queue.Empty:
            super().close()
            raise stem.SocketClosed("no reply in time") from None
        if reply is None:
            self._replies.put(None)  # for whoever asks next
            raise stem.SocketClosed("closed")
        return reply

    def _reply(self) -> ControlMessage | None:
        patience = min(SLOW_SECONDS, self._seconds)
        try:
            return self._replies.get(timeout=patience)
        except queue.Empty:
            self.on_slow()
        return self._replies.get(timeout=self._seconds - patience)

    def close(self) -> None:
        super().close()
        self._cancel.unwatch(self._watched)
        if threading.current_thread() is not self._reader:
            self._reader.join()

    def event(self, message: ControlMessage) -> Event | None:
        """The event as one of ours, or None if it is of no interest."""
        stem.response.convert("EVENT", message)
        known = cast("events.Event", message)
        match known.type:
            case "CIRC":
                return _circuit(cast("events.CircuitEvent", known), self._ours)
            case "STREAM":
                return _stream(cast("events.StreamEvent", known), self._ours)
            case "ORCONN":
                return _relay(cast("events.ORConnEvent", known))
            case "NETWORK_LIVENESS":
                return NetworkAlive(cast("events.NetworkLivenessEvent", known).status == "UP")
            case "STATUS_CLIENT" | "STATUS_GENERAL":
                return _status(cast("events.StatusEvent", known))
            case _:
                return None

    def _read(self) -> None:
        while True:
            try:
                message = super().recv()
            except stem.ControllerError:
                break
            if message.content()[-1][0] != "650":
                self._replies.put(message)
                continue
            with contextlib.suppress(stem.ProtocolError, ValueError):
                if event := self.event(message):
                    self._tell(event)
        self._replies.put(None)
        self._tell(ControlClosed())


def connect(address: Address, cancel: Cancel, seconds: float = PROBE_SECONDS) -> socket.socket:
    """A connection to a control port or socket, watched by ``cancel``.

    Raises:
        TorTroubled: nothing-there, no-access, silent.
    """
    if isinstance(address, str):
        connecting = socket.socket(UNIX, socket.SOCK_STREAM)
    else:
        connecting = socket.socket(
            socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_STREAM
        )
    try:
        cancel.watch(connecting)
        connecting.settimeout(seconds)
        connecting.connect(address)
    except BaseException as error:
        cancel.unwatch(connecting)
        connecting.close()
        match error:
            case StreamCancelled():
                raise
            case _ if cancel.cancelled:
                raise StreamCancelled from error
            case TimeoutError():
                raise failed("silent") from error
            case PermissionError():
                raise failed("no-access") from error
            case OSError():
                raise failed("nothing-there", f"errno {error.errno}") from error
            case _:
                raise
    return connecting


def _proven(
    connected: socket.socket, tell: Tell, ours: Ours, deadline: float, cancel: Cancel
) -> tuple[_Wire, protocolinfo.ProtocolInfoResponse]:
    """A wire to what has shown that it is Tor; takes the connection over, and closes it if it is not."""
    try:
        info = protocol_info(connected, deadline)
        return _Wire(connected, tell, ours, cancel), info
    except BaseException as error:
        cancel.unwatch(connected)
        connected.close()
        if cancel.cancelled and isinstance(error, TorTroubled):
            raise StreamCancelled from error
        raise


def protocol_info(connected: socket.socket, deadline: float) -> protocolinfo.ProtocolInfoResponse:
    """Proves that Tor's control protocol is spoken here, and learns how to authenticate.

    May be asked once on a connection before authentication: Tor hangs up at the second time.

    Raises:
        TorTroubled: silent, not-tor, socks-not-control.
    """
    received = b""
    try:
        connected.settimeout(max(0.001, deadline - time.monotonic()))
        connected.sendall(b"PROTOCOLINFO 1\r\n")
        while not re.search(rb"^(250 OK|[345]\d\d .*)\r\n", received, re.MULTILINE):
            if len(received) > _MAX_PROTOCOLINFO or not b"250".startswith(received[:3]):
                break
            connected.settimeout(max(0.001, deadline - time.monotonic()))
            if not (more := connected.recv(_MAX_PROTOCOLINFO)):
                break
            received += more
    except TimeoutError as error:
        raise failed("silent") from error
    except OSError as error:
        raise failed("not-tor", f"errno {error.errno}") from error
    if b"Tor is not an HTTP Proxy" in received:
        raise failed("socks-not-control")
    try:
        message = stem.response.ControlMessage.from_str(received, "PROTOCOLINFO")
    except (stem.ControllerError, ValueError, IndexError) as error:
        raise failed("not-tor") from error
    return cast("protocolinfo.ProtocolInfoResponse", message)


def _authenticate(
    wire: _Wire, info: protocolinfo.ProtocolInfoResponse, password: Callable[[], str | None]
) -> None:
    """Control-spec section 3.5 and 3.24; what proves the other side as well comes first.

    Raises:
        TorTroubled: wrong-password, password-needed, cookie-unreadable, refused, lost.
    """
    method = stem.connection.AuthMethod
    cookie_unreadable = False
    try:
        if method.NONE in info.auth_methods:
            return stem.connection.authenticate_none(wire, suppress_ctl_errors=False)
        for offered, authenticate in (
            (method.SAFECOOKIE, stem.connection.authenticate_safecookie),
            (method.COOKIE, stem.connection.authenticate_cookie),
        ):
            if offered in info.auth_methods and info.cookie_path:
                try:
                    return authenticate(wire, info.cookie_path, suppress_ctl_errors=False)
                except (stem.connection.UnreadableCookieFile, stem.connection.IncorrectCookieSize):
                    cookie_unreadable = True  # nothing was sent yet; a password may do
    except stem.connection.AuthenticationFailure as error:
        raise failed("refused", type(error).__name__) from error
    except stem.ControllerError as error:
        raise failed("lost", "AUTHENTICATE") from error
    if method.PASSWORD in info.auth_methods:
        given = password()
        if given is None:
            raise failed("password-needed")
        # In hexadecimal: no quoting, so no character of it can end the line.
        word = given.encode().hex() or '""'
        if not wire.ask(f"AUTHENTICATE {word}").is_ok():
            raise failed("wrong-password")
        return None
    raise failed("cookie-unreadable" if cookie_unreadable else "refused")


def _version(info: protocolinfo.ProtocolInfoResponse) -> str:
    return str(info.tor_version) if info.tor_version else ""


def _circuit(event: events.CircuitEvent, ours: Ours) -> CircuitChanged:
    name, word = event.socks_username, event.socks_password
    return CircuitChanged(
        id=event.id,
        status=event.status,
        path=tuple((fingerprint or "", nickname or "") for fingerprint, nickname in event.path),
        purpose=event.purpose or "",
        token=Token(name, word) if name and word and ours(name) else None,
        conflux=event.keyword_args.get("CONFLUX_ID", ""),
        created=event.created.replace(tzinfo=UTC) if event.created else None,
    )


def _stream(event: events.StreamEvent, ours: Ours) -> StreamChanged | None:
    name, word = event.keyword_args.get("SOCKS_USERNAME"), event.keyword_args.get("SOCKS_PASSWORD")
    if not (name and word and ours(name)):
        return None
    return StreamChanged(event.id, event.status, event.circ_id or "", Token(name, word))


def _relay(event: events.ORConnEvent) -> RelayAnswered | None:
    if event.status != "CONNECTED" or not event.endpoint_fingerprint:
        return None
    return RelayAnswered(event.endpoint_fingerprint.upper())


def _status(event: events.StatusEvent) -> Event | None:
    match event.action:
        case "BOOTSTRAP":
            return _bootstrapped(event.arguments)
        case "CIRCUIT_ESTABLISHED":
            return CircuitsWork(work=True)
        case "CIRCUIT_NOT_ESTABLISHED":
            return CircuitsWork(work=False)
        case "DIR_ALL_UNREACHABLE":
            return NoneReachable()
        case "CLOCK_SKEW":
            return ClockSkewed(int(event.arguments.get("SKEW", "0")))
        case _:
            return None


def _bootstrapped(pairs: dict[str, str]) -> Bootstrapped:
    progress = pairs.get("PROGRESS", "0")
    return Bootstrapped(
        progress=min(100, int(progress)) if progress.isdecimal() else 0,
        summary=pairs.get("SUMMARY", "")[:200],
        reason=pairs.get("REASON", ""),
        insists=pairs.get("RECOMMENDATION", "") == "warn",
        tag=pairs.get("TAG", ""),
        count=int(count) if (count := pairs.get("COUNT", "")).isdecimal() else 0,
    )


def _pairs(line: str) -> dict[str, str]:
    """``KEY=value KEY="quoted value"`` (control-spec section 2.1.1)."""
    found = re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))', line)
    return {key: quoted or bare for key, quoted, bare in found}


def _listener(text: str) -> Address | None:
    text = re.sub(r"\\(.)", r"\1", text)
    if text.startswith("unix:"):
        return _unquoted(text.removeprefix("unix:"))
    host, _, port = text.rpartition(":")
    return (host.strip("[]"), int(port)) if host and port.isdecimal() else None


def _in_quotes(value: str) -> str:
    """As a QuotedString (control-spec, section 2.1.1)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unquoted(path: str) -> str:
    """A path as tor(1) takes and tells it: in quotes where there is a space in it."""
    quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', path)
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else path


def _port_name(address: Address) -> str:
    """The last part of the address as a SocksPort line would name it."""
    return address if isinstance(address, str) else str(address[1])


def _is_ipv4(word: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(word).version == 4
    return False
