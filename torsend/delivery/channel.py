"""Bytes to and from one peer over a stream, in the clear or in TLS, under deadlines.

TLS runs over memory (``ssl.MemoryBIO``), so that this file alone decides what is read and written when: a peer that
speaks while we write is heard, a write that fails says whether all of it was handed over, and a handshake's last
flight leaves together with the first command behind it.
"""

from __future__ import annotations

import contextlib
import selectors
import ssl
import time
from typing import TYPE_CHECKING, Protocol

from torsend.delivery.actions import PeerGone, PeerSilent
from torsend.delivery.tls import check_accepted, handshake_failure

if TYPE_CHECKING:
    import socket

_BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE

READ_SIZE = 16 * 1024
"""Bytes a read: a TLS record's length. Together with ``ReplyReader``'s bounds, all that a peer can make us hold."""


class Stream(Protocol):
    """What ``tor.stream.Stream`` is to us."""

    @property
    def socket(self) -> socket.socket:
        """The connected socket; ended from another thread by shutting it down."""

    def settle(self, deadline: float) -> None:
        """Waits for Tor's answer, if that was not done yet. Raises ``TorUnavailable``."""

    def close(self) -> None:
        """Closes it."""


class Channel:
    """Belongs to one thread. Deadlines are values of ``time.monotonic()``."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._socket = stream.socket
        self._socket.settimeout(0)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._tls: ssl.SSLObject | None = None
        self._encrypted_in = ssl.MemoryBIO()
        self._encrypted_out = ssl.MemoryBIO()
        self._offered: ssl.SSLObject | None = None
        self._rest = memoryview(b"")

    def offer_tls(self, context: ssl.SSLContext, host: str, deadline: float) -> None:
        """Says ClientHello, and waits for nothing: ``start_tls`` goes on from there.

        Raises:
            PeerGone, PeerSilent.
        """
        self._offered = context.wrap_bio(self._encrypted_in, self._encrypted_out, server_hostname=host)
        with contextlib.suppress(ssl.SSLWantReadError):
            self._offered.do_handshake()
        self._flush(deadline)

    def start_tls(self, context: ssl.SSLContext, host: str, deadline: float, accepted: str = "") -> None:
        """Wraps the connection; its last flight may leave with the first write or read behind it.

        Args:
            accepted: the fingerprint of the only certificate that will do, where the context verifies none.

        Raises:
            BadCertificate, OtherCertificate, TlsFailed, PeerGone, PeerSilent.
        """
        if self._offered is None:
            self.offer_tls(context, host, deadline)
        tls = self._offered
        assert tls is not None  # noqa: S101  # for the type checker
        # Whoever waited for Tor's answer may have set a time-out of its own.
        self._socket.settimeout(0)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush(deadline)
                self._encrypted_in.write(self._receive(deadline))
            except ssl.SSLError as error:
                failure = handshake_failure(tls, error)
                self._say_why()
                raise failure from error
            else:
                if accepted:
                    check_accepted(tls, accepted)
                self._tls, self._offered = tls, None
                return

    def read(self, deadline: float) -> bytes:
        """One byte or more, as soon as there are any.

        Raises:
            PeerGone, PeerSilent.
        """
        if self._tls is None:
            return self._receive(deadline)
        self._flush(deadline)
        while (data := self._decrypted()) == b"":
            self._encrypted_in.write(self._receive(deadline))
            self._flush(deadline)
        return data

    def poll(self) -> bytes:
        """What has come already, perhaps nothing.

        Raises:
            PeerGone: it has ended, and nothing is left to read.
        """
        try:
            data = self._socket.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return b"" if self._tls is None else self._decrypted()
        except OSError as error:
            raise PeerGone from error
        if self._tls is None:
            if not data:
                raise PeerGone
            return data
        if data:
            self._encrypted_in.write(data)
        read = self._decrypted()
        if not data and not read:
            raise PeerGone
        return read

    def write(self, data: bytes, deadline: float, *, listening: bool = False) -> bytes:
        """Hands all of it over to Tor, with what an earlier write left.

        Args:
            listening: give back what the peer says as soon as it says it, if that is before all was handed over; the
                rest goes with the next write.

        Returns:
            what it said; ``b""`` once all was handed over.

        Raises:
            PeerGone, PeerSilent: some of it, the last byte at least, was not handed over.
        """
        if self._tls is not None:
            self._encrypt(data)
            data = self._encrypted_out.read()
        # Copied only where an earlier write was interrupted.
        self._rest = memoryview(bytes(self._rest) + data if self._rest else data)
        while self._rest:
            try:
                self._rest = self._rest[self._socket.send(self._rest) :]
            except (BlockingIOError, InterruptedError):
                if self._wait(_BOTH if listening else selectors.EVENT_WRITE, deadline) & selectors.EVENT_READ:
                    heard = self.poll()
                    if heard:
                        return heard
            except OSError as error:
                raise PeerGone from error
        return b""

    def farewell(self, data: bytes) -> None:
        """Hands over what can be without waiting; nobody waits for an answer. Nothing, if a write broke off."""
        if self._rest:
            return
        try:
            if self._tls is not None:
                self._encrypt(data)
                data = self._encrypted_out.read()
            self._socket.send(data)
        except (OSError, ssl.SSLError, PeerGone):
            return

    def close(self) -> None:
        """Ends it. Again does nothing."""
        self._selector.close()
        self._stream.close()

    def _decrypted(self) -> bytes:
        assert self._tls is not None  # noqa: S101  # for the type checker
        try:
            return self._tls.read(READ_SIZE)
        except ssl.SSLWantReadError:
            return b""
        except ssl.SSLError as error:
            # Also SSLZeroReturnError: it said goodbye.
            raise PeerGone from error

    def _encrypt(self, data: bytes) -> None:
        assert self._tls is not None  # noqa: S101  # for the type checker
        try:
            written = 0
            while written < len(data):
                written += self._tls.write(memoryview(data)[written:])
        except ssl.SSLError as error:
            raise PeerGone from error

    def _flush(self, deadline: float) -> None:
        # Records leave in the order in which they were encrypted; behind a write that broke off they wait for the next.
        if self._encrypted_out.pending and not self._rest:
            self._send(self._encrypted_out.read(), deadline)

    def _say_why(self) -> None:
        """The alert that ends a handshake, if it can leave without waiting."""
        try:
            self._socket.send(self._encrypted_out.read())
        except OSError:
            return

    def _receive(self, deadline: float) -> bytes:
        # Looked at even where bytes are there: a peer that never stops talking must not hold us.
        if time.monotonic() >= deadline:
            raise PeerSilent
        while True:
            try:
                data = self._socket.recv(READ_SIZE)
            except (BlockingIOError, InterruptedError):
                self._wait(selectors.EVENT_READ, deadline)
                continue
            except OSError as error:
                raise PeerGone from error
            if not data:
                raise PeerGone
            return data

    def _send(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except (BlockingIOError, InterruptedError):
                self._wait(selectors.EVENT_WRITE, deadline)
            except OSError as error:
                raise PeerGone from error

    def _wait(self, events: int, deadline: float) -> int:
        """Which of them came to be."""
        self._selector.modify(self._socket, events)
        left = deadline - time.monotonic()
        ready = self._selector.select(left) if left > 0 else ()
        if not ready:
            raise PeerSilent
        return ready[0][1]
