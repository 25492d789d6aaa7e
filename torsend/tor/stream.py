"""A connected stream through Tor's SOCKS5 port: the only way out of this program.

Implements the client side of RFC 1928 and RFC 1929 with Tor's additions (socks-extensions.txt: RESOLVE,
extended errors). Names go to Tor as they are; nothing is resolved here. What can fail:
`torsend.tor.stream_failures`.
"""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from typing import Self

import socks

from torsend.tor.cancel import Cancel
from torsend.tor.guard import UNIX, Address
from torsend.tor.isolation import Token
from torsend.tor.stream_failures import (
    BadTarget,
    IsolationLost,
    NotASocksProxy,
    ProxyGone,
    ProxySilent,
    StreamBroken,
    StreamCancelled,
    StreamRefused,
    StreamTimedOut,
    TorStreamFailed,
)

_CONNECT = b"\x01"
_RESOLVE = b"\xf0"
_USERNAME_PASSWORD = 0x02
MAX_HOST = 255
"""RFC 1928: the length of a name is one byte."""
PROBE_LITERAL = "192.0.2.1"
"""Asked of a port to learn whether it is Tor: answered by Tor itself, without any circuit (RFC 5737:
nobody's).
"""


class Stream:
    """A stream to one host and port over one identity's circuit. Belongs to one thread, but for `Cancel`.

    Deadlines are values of ``time.monotonic()``.
    """

    def __init__(self, connected: socket.socket, cancel: Cancel, *, reply_due: bool = False) -> None:
        self.on_failure: Callable[[TorStreamFailed], None] | None = None
        """Told why Tor's answer, due of an optimistic stream, is none or no."""
        self._socket = connected
        self._cancel = cancel
        self._reply_due = reply_due
        cancel.watch(connected)

    @property
    def socket(self) -> socket.socket:
        """The connected socket. Do not wrap it for TLS (that takes it away from `Cancel`): put a memory BIO
        between.
        """
        return self._socket

    def settle(self, deadline: float) -> None:
        """Of an optimistic stream: waits for Tor's answer. Otherwise there is nothing to wait for.

        Raises:
            StreamFailed: Tor could not open it; what was written went nowhere.
        """
        if self._reply_due:
            try:
                _read_reply(self._socket, deadline, self._cancel)
            except TorStreamFailed as error:
                if self.on_failure is not None:
                    self.on_failure(error)
                raise
            self._reply_due = False

    def send(self, data: bytes | bytearray | memoryview, deadline: float) -> None:
        """Writes all of it.

        Raises:
            StreamFailed: StreamTimedOut, StreamBroken, StreamCancelled.
        """
        with _translated(self._cancel):
            self._socket.settimeout(_left(deadline))
            self._socket.sendall(data)  # the time-out is for the whole of it

    def receive(self, limit: int, deadline: float) -> bytes:
        """What is there, at most ``limit`` bytes, as soon as there is any; empty when the peer has ended.

        Raises:
            StreamFailed: StreamTimedOut, StreamBroken, StreamCancelled; of an optimistic stream, Tor's
                refusal.
        """
        self.settle(deadline)
        with _translated(self._cancel):
            self._socket.settimeout(_left(deadline))
            received = self._socket.recv(limit)
        if not received and self._cancel.cancelled:
            raise StreamCancelled
        return received

    def close(self) -> None:
        self._cancel.unwatch(self._socket)
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_stream(
    proxy: Address,
    host: str,
    port: int,
    token: Token,
    deadline: float,
    cancel: Cancel | None = None,
    *,
    optimistic: bool = False,
) -> Stream:
    """A stream to ``host`` and ``port`` over the circuit of ``token``.

    Args:
        proxy: Tor's SOCKS port or socket; proven before (`probe`).
        host: a name, an onion address or an IP address; ASCII (IDNA done before).
        deadline: for all of it, a value of ``time.monotonic()``.
        optimistic: do not wait for Tor's answer: what is written at once saves a round trip (proposal 174).
            The answer is read with the first `Stream.receive` or by `Stream.settle`, which then raise what
            this would have.

    Raises:
        StreamFailed: see `torsend.tor.stream_failures`. Nothing of what is to be sent has left.
    """
    cancel = cancel or Cancel()
    connected = _negotiated(proxy, _CONNECT, host, port, token, deadline, cancel)
    try:
        if not optimistic:
            _read_reply(connected, deadline, cancel)
        return Stream(connected, cancel, reply_due=optimistic)
    except BaseException:
        cancel.unwatch(connected)
        connected.close()
        raise


def resolve(proxy: Address, host: str, token: Token, deadline: float, cancel: Cancel | None = None) -> str:
    """Asks, over the circuit of ``token``, the exit relay there for the address of a host; an IP address.

    The exit learns the name, nobody else does; no connection is made.

    Raises:
        StreamFailed: as `open_stream`.
    """
    cancel = cancel or Cancel()
    connected = _negotiated(proxy, _RESOLVE, host, 0, token, deadline, cancel)
    try:
        return _read_reply(connected, deadline, cancel)
    finally:
        cancel.unwatch(connected)
        connected.close()


def probe(proxy: Address, deadline: float, cancel: Cancel | None = None) -> None:
    """Proves that this is a SOCKS port of Tor that keeps credentials apart, before anything of worth goes
    there.

    RESOLVE is Tor's own command: no other SOCKS server knows it. An address literal is answered by Tor itself
    even before it is connected, and goes nowhere.

    Raises:
        StreamFailed: ProxyGone, ProxySilent, NotASocksProxy, IsolationLost.
    """
    token = Token(secrets.token_hex(16), secrets.token_hex(16))
    try:
        answer = resolve(proxy, PROBE_LITERAL, token, deadline, cancel)
    except StreamRefused as error:
        raise NotASocksProxy from error
    except StreamTimedOut as error:
        raise ProxySilent from error
    if answer != PROBE_LITERAL:
        raise NotASocksProxy


class _TorSocket(socks.socksocket):
    """PySocks' socket with its SOCKS5 request done over.

    PySocks connects and keeps the proxy's settings. Its own request would offer "no authentication" and,
    where that is picked, send host and port on: two identities on one circuit, without a word. It also has no
    deadline for the whole, turns Tor's extended errors into "Unknown error", and miscounts names and user
    names of more than 127 bytes.
    """

    def __init__(self, proxy: Address, token: Token, deadline: float, cancel: Cancel) -> None:
        if isinstance(proxy, str):
            family, host, port = UNIX, proxy, 1  # PySocks wants a port; `_proxy_addr` drops it
        else:
            host, port = proxy
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__(family, socket.SOCK_STREAM)
        self.set_proxy(socks.SOCKS5, host, port, rdns=True, username=token.username, password=token.password)
        self._where, self._token, self._deadline, self._watcher = proxy, token, deadline, cancel

    def _proxy_addr(self) -> Address:
        return self._where

    def _SOCKS5_request(  # noqa: N802  # PySocks' name
        self, conn: socks.socksocket, cmd: bytes, dst: tuple[str, int]
    ) -> tuple[tuple[str, int], tuple[str, int]]:
        """Up to and with the request; its reply is left to `_read_reply`."""
        wire = _Exchange(conn, self._deadline, self._watcher)
        # Only the method that isolates is offered, so a port with PreferSOCKSNoAuth cannot pick another.
        wire.write(bytes((0x05, 1, _USERNAME_PASSWORD)))
        version, method = wire.read(2, silent=ProxySilent)
        if version != 0x05:
            raise NotASocksProxy
        if method != _USERNAME_PASSWORD:
            # None acceptable (0xFF), or one that was not offered: either way our credentials would not count.
            raise IsolationLost
        username, password = self._token.username.encode(), self._token.password.encode()
        wire.write(bytes((0x01, len(username))) + username + bytes((len(password),)) + password)
        version, status = wire.read(2, silent=ProxySilent)
        if version != 0x01:
            raise NotASocksProxy
        if status != 0x00:
            raise IsolationLost
        host, port = dst
        wire.write(
            b"\x05" + cmd + b"\x00" + _packed(host, literal_as_name=cmd == _RESOLVE) + port.to_bytes(2, "big")
        )
        return dst, dst  # PySocks keeps both; nobody asks

    def request(self, command: bytes, host: str, port: int) -> socket.socket:
        """Connects to the proxy and sends the request; then a plain socket, no longer PySocks', goes on."""
        with _translated(self._watcher, broken=ProxyGone):
            self._watcher.watch(self)
            try:
                self.settimeout(_left(self._deadline))
                if command == _CONNECT:
                    self.connect((host, port), catch_errors=True)
                else:
                    socket.socket.connect(self, self._where)
                    self._SOCKS5_request(self, command, (host, port))
                if not isinstance(self._where, str):
                    # Small writes wait some 50 ms for an acknowledgement otherwise.
                    self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            finally:
                self._watcher.unwatch(self)
            return socket.socket(fileno=self.detach())


class _Exchange:
    """Exact reads and writes under one deadline."""

    def __init__(self, connected: socket.socket, deadline: float, cancel: Cancel) -> None:
        self._socket, self._deadline, self._cancel = connected, deadline, cancel

    def write(self, data: bytes) -> None:
        # The name's own class: PySocks keeps a time-out of its own besides the socket's.
        socket.socket.settimeout(self._socket, _left(self._deadline))
        self._socket.sendall(data)

    def read(self, count: int, silent: type[TorStreamFailed] = StreamTimedOut) -> bytes:
        """Exactly so many bytes, all of RFC 1928's being short and counted."""
        received = b""
        while len(received) < count:
            try:
                socket.socket.settimeout(self._socket, _left(self._deadline))
                more = self._socket.recv(count - len(received))
            except TimeoutError as error:
                raise silent from error
            if not more:
                raise StreamCancelled if self._cancel.cancelled else ProxyGone
            received += more
        return received


def _negotiated(
    proxy: Address, command: bytes, host: str, port: int, token: Token, deadline: float, cancel: Cancel
) -> socket.socket:
    """A plain socket on which the request was sent and the reply is due, watched by ``cancel``."""
    _packed(host)
    if not 0 <= port < 65536:
        raise BadTarget
    with contextlib.closing(_TorSocket(proxy, token, deadline, cancel)) as negotiating:
        connected = negotiating.request(command, host, port)
    try:
        cancel.watch(connected)
    except StreamCancelled:
        connected.close()
        raise
    return connected


def _read_reply(connected: socket.socket, deadline: float, cancel: Cancel) -> str:
    """RFC 1928 section 6: the address in the reply; what follows it on the wire is not touched."""
    with _translated(cancel, broken=ProxyGone):
        wire = _Exchange(connected, deadline, cancel)
        version, code, _, kind = wire.read(4)
        if version != 0x05:
            raise NotASocksProxy
        if code != 0x00:
            raise StreamRefused(code)
        match kind:
            case 0x01:
                address = str(ipaddress.IPv4Address(wire.read(4)))
            case 0x04:
                address = str(ipaddress.IPv6Address(wire.read(16)))
            case 0x03:
                address = wire.read(wire.read(1)[0]).decode("ascii", "replace")
            case _:
                raise NotASocksProxy
        wire.read(2)
        return address


def _packed(host: str, *, literal_as_name: bool = False) -> bytes:
    """The host as RFC 1928 section 5 writes it.

    Args:
        literal_as_name: Tor warns in its log of IPv4 literals in a RESOLVE, unless they come as names.
    """
    if not literal_as_name:
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(host)
            return (b"\x01" if address.version == 4 else b"\x04") + address.packed
    if not (0 < len(host) <= MAX_HOST and host.isascii() and host.isprintable()) or " " in host:
        raise BadTarget
    return bytes((0x03, len(host))) + host.encode("ascii")


def _left(deadline: float) -> float:
    """Seconds until then."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@contextlib.contextmanager
def _translated(cancel: Cancel, broken: type[TorStreamFailed] = StreamBroken) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise (StreamCancelled if cancel.cancelled else StreamTimedOut) from error
    except OSError as error:
        raise (StreamCancelled if cancel.cancelled else broken) from error
