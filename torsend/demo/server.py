"""A submission server (RFC 6409) on loopback that keeps what it is sent: for the demo, and for tests.

aiosmtpd does the talking. Its own ``Controller`` isn't used: it connects to itself to see whether it listens, and
that the guard forbids. Instead one thread runs one event loop with three listeners:

- implicit TLS (RFC 8314), sign-in required;
- STARTTLS required before anything else (RFC 3207), sign-in required;
- plain, sign-in required, for an onion service in front of it: there the onion is the encryption.
"""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import contextlib
import enum
import functools
import hmac
import logging
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from torsend.demo.failures import DemoFailed
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from torsend.demo.certificates import Certificates

_log = logging.getLogger("torsend.demo")

MAX_MESSAGE = 64 * 1024 * 1024
"""Bytes; more than the largest provider takes."""
MAX_AUTH_LINE = 12_288
"""Bytes; RFC 4954 section 4."""
MAX_COMMAND_LINE = 512
"""Bytes; RFC 5321 section 4.5.3.1.4."""
IDLE_SECONDS = 300.0
"""RFC 5321 section 4.5.3.2.7."""
WAIT_SECONDS = 30.0
STOP_SECONDS = 5.0

_AUTH_PARAMETER = re.compile(r" AUTH=\S+", re.IGNORECASE)


class Listener(enum.StrEnum):
    """Which of the three ports."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    ONION_PLAIN = "onion-plain"


@dataclass(frozen=True, slots=True)
class Received:
    """One message, as it came.

    Attributes:
        mail_from, rcpt_tos: the envelope.
        data: the message without dot-stuffing, lines ended by CRLF.
        listener: the port it came in by.
        tls_version: such as ``TLSv1.3``; empty on the plain port.
        username: who had signed in.
        ehlo: the name that the client gave itself.
        peer: where the connection came from: address and port.
        at: when it was complete, UTC.
    """

    mail_from: str
    rcpt_tos: tuple[str, ...]
    data: bytes = field(repr=False)
    listener: Listener
    tls_version: str
    username: str
    ehlo: str
    peer: tuple[str, int]
    at: datetime


class SubmissionServer:
    """The server. ``start`` it, read ``received``, ``stop`` it.

    Args:
        certificates: for TLS.
        users: user name → password.
        hostname: what it greets with.
        refuse: addresses that it refuses as recipients (550 5.1.1); may be changed while it runs.
        address: where it listens.
        max_message: bytes.
        utf8: whether it takes addresses that are not ASCII (RFC 6531).
    """

    def __init__(
        self,
        certificates: Certificates,
        users: Mapping[str, str],
        *,
        hostname: str = "smtp.rowanmail.example",
        refuse: Iterable[str] = (),
        address: str = "127.0.0.1",
        max_message: int = MAX_MESSAGE,
        utf8: bool = True,
    ) -> None:
        self.refuse = set(refuse)
        self._certificates = certificates
        self._users = dict(users)
        self._hostname = hostname
        self._address = address
        self._max_message = max_message
        self._utf8 = utf8
        self._ports: dict[Listener, int] = {}
        self._inbox: list[Received] = []
        self._arrived = threading.Condition()
        self._subscribers: list[Callable[[Received], None]] = []
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._talking: set[_Dialogue] = set()

    def start(self) -> None:
        """Returns when all three ports listen.

        Raises:
            DemoFailed: no port was to be had, or the certificate is unusable.
        """
        # aiosmtpd logs addresses, and a deprecation of its own making at each sign-in.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        ready: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = threading.Thread(
            target=self._run, args=(ready,), name="torsend-demo-server", daemon=True
        )
        self._thread.start()
        try:
            ready.result()
        except (OSError, ssl.SSLError) as cause:
            self._thread.join()
            raise DemoFailed(
                t("The local mail server could not start: {reason}.", reason=cause.strerror or cause)
            ) from cause

    def stop(self) -> None:
        """Hangs up on everybody and ends the thread; harmless when called twice."""
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # the loop may have ended already
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None:
            self._thread.join()

    @property
    def implicit_port(self) -> int:
        """TLS from the first byte."""
        return self._ports[Listener.IMPLICIT]

    @property
    def starttls_port(self) -> int:
        """STARTTLS first."""
        return self._ports[Listener.STARTTLS]

    @property
    def onion_port(self) -> int:
        """No TLS: only for the onion service in front of it."""
        return self._ports[Listener.ONION_PLAIN]

    @property
    def address(self) -> str:
        """The loopback address of all three."""
        return self._address

    @property
    def received(self) -> tuple[Received, ...]:
        """All messages so far, in order."""
        with self._arrived:
            return tuple(self._inbox)

    def wait_for(self, count: int, timeout_seconds: float = WAIT_SECONDS) -> tuple[Received, ...]:
        """Returns all messages once there are at least ``count``.

        Raises:
            DemoFailed: there were fewer when the time was up.
        """
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self._inbox) >= count, timeout_seconds):
                raise DemoFailed(
                    t("Of {count} messages {arrived} arrived.", count=count, arrived=len(self._inbox))
                )
            return tuple(self._inbox)

    def clear(self) -> None:
        """Forgets what was received."""
        with self._arrived:
            self._inbox.clear()

    def hang_up(self) -> None:
        """Drops every connection and returns when they are gone: nothing arrives of what was begun. It listens on."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result()

    def subscribe(self, told: Callable[[Received], None]) -> Callable[[], None]:
        """Calls ``told`` on the server's thread, before the client is told that its message was accepted.

        Returns:
            What ends it.
        """
        with self._arrived:
            self._subscribers.append(told)

        def unsubscribe() -> None:
            with self._arrived:
                if told in self._subscribers:
                    self._subscribers.remove(told)

        return unsubscribe

    def keep(self, message: Received) -> None:
        """Puts a message into the inbox and tells the subscribers."""
        with self._arrived:
            self._inbox.append(message)
            subscribers = tuple(self._subscribers)
            self._arrived.notify_all()
        for told in subscribers:
            told(message)

    def knows(self, username: bytes, password: bytes) -> bool:
        """Whether these belong together."""
        wanted = self._users.get(username.decode("utf-8", "replace"))
        return wanted is not None and hmac.compare_digest(wanted.encode(), password)

    def _run(self, ready: concurrent.futures.Future[None]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except Exception as cause:  # noqa: BLE001  # a thread's edge: whoever waits is told
            if ready.done():
                _log.exception("the local mail server ended")
            else:
                ready.set_exception(cause)

    async def _serve(self, ready: concurrent.futures.Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        servers = []
        try:
            for listener in Listener:
                context = None if listener is Listener.ONION_PLAIN else self._certificates.for_server()
                listening = socket.create_server((self._address, 0))
                self._ports[listener] = listening.getsockname()[1]
                server = await self._loop.create_server(
                    functools.partial(self._dialogue, listener, context),
                    sock=listening,
                    ssl=context if listener is Listener.IMPLICIT else None,
                )
                servers.append(server)
            ready.set_result(None)
            await self._stopping.wait()
        finally:
            for server in servers:
                server.close()
            await self._drop()

    async def _drop(self) -> None:
        gone = [dialogue.hang_up() for dialogue in tuple(self._talking)]
        if gone:
            await asyncio.wait(gone, timeout=STOP_SECONDS)

    def _dialogue(self, listener: Listener, context: ssl.SSLContext | None) -> _Dialogue:
        return _Dialogue(
            _Rules(self, listener),
            self._talking,
            hostname=self._hostname,
            ident="ESMTP",
            data_size_limit=self._max_message,
            enable_SMTPUTF8=self._utf8,
            timeout=IDLE_SECONDS,
            tls_context=context if listener is Listener.STARTTLS else None,
            require_starttls=listener is Listener.STARTTLS,
            # On the implicit port aiosmtpd doesn't know of the TLS below it; on the plain one the onion is it.
            auth_require_tls=listener is Listener.STARTTLS,
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        if isinstance(data, LoginPassword) and self.knows(data.login, data.password):
            return AuthResult(success=True, auth_data=data.login.decode("utf-8", "replace"))
        return AuthResult(success=False, handled=False)


class _Dialogue(SMTP):
    """One connection; keeps itself in ``talking`` as long as it lasts."""

    def __init__(self, rules: _Rules, talking: set[_Dialogue], **options: Any) -> None:
        super().__init__(rules, **options)
        # The original's limits belong to the class and grow with each EHLO of anybody.
        self.command_size_limits = collections.defaultdict(
            lambda: MAX_COMMAND_LINE, AUTH=MAX_AUTH_LINE, MAIL=MAX_COMMAND_LINE
        )
        self._talking = talking
        self._gone: asyncio.Future[None] = self.loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        host, port, *_ = transport.get_extra_info("peername") or ("", 0)
        self.peer: tuple[str, int] = (host, port)
        super().connection_made(transport)
        self._talking.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._talking.discard(self)
        if not self._gone.done():
            self._gone.set_result(None)

    def eof_received(self) -> bool | None:
        # "Keep it half open" is no answer that a TLS transport accepts, and nobody needs it on the others.
        super().eof_received()
        return False

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802  # aiosmtpd's name for the command
        # RFC 4954 section 5: who offers AUTH takes this parameter (relays send it); aiosmtpd doesn't know it.
        await super().smtp_MAIL(_AUTH_PARAMETER.sub("", arg) if arg else arg)

    def hang_up(self) -> asyncio.Future[None]:
        """Drops the connection; the future is done when it is gone."""
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.Transport):
            transport.abort()
        return self._gone


class _Rules:
    """What aiosmtpd asks at each command (its "handler")."""

    def __init__(self, server: SubmissionServer, listener: Listener) -> None:
        self._server = server
        self._listener = listener

    async def handle_EHLO(  # noqa: N802  # aiosmtpd looks for hooks by these names
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, offered: list[str]
    ) -> list[str]:
        session.host_name = hostname
        # Commands are read line by line, so several at once are as good as one by one (RFC 2920).
        return [*offered[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", offered[-1]]

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self._server.refuse:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(self, server: _Dialogue, session: Session, envelope: Envelope) -> str:  # noqa: N802
        transport = server.transport
        tls = transport.get_extra_info("ssl_object") if transport else None
        host, port = server.peer
        # Its annotation says None only, its documentation "anything": it is what ``_authenticate`` gave.
        username = cast("str", session.auth_data)
        message = Received(
            mail_from=envelope.mail_from or "",
            rcpt_tos=tuple(envelope.rcpt_tos),
            data=envelope.original_content or b"",
            listener=self._listener,
            tls_version=(tls.version() or "") if tls else "",
            username=username,
            ehlo=session.host_name or "",
            peer=(host, port),
            at=datetime.now(UTC),
        )
        self._server.keep(message)
        return "250 2.0.0 Accepted"

    async def handle_exception(self, error: Exception) -> str:
        """Without this, aiosmtpd logs a traceback with addresses in it."""
        _log.info("the local mail server met %s", type(error).__name__)
        return "451 4.3.0 Local error"
