"""Getting in: a connection, the proof that Tor is behind it, and what Tor wants to be shown.

Before stem sees a connection, a PROTOCOLINFO with a deadline has proven that Tor is behind it (control-spec section 3.21:
the one question that may be asked unauthenticated).
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import stem
import stem.connection
import stem.response

from torsend.tor.cancel import Cancel
from torsend.tor.control.wire import Wire
from torsend.tor.guard import UNIX, Address
from torsend.tor.stream_failures import StreamCancelled
from torsend.tor.troubles import failed

if TYPE_CHECKING:
    from stem.response import protocolinfo

_MAX_PROTOCOLINFO = 8192


def connect(address: Address, cancel: Cancel, seconds: float) -> socket.socket:
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


def authenticate(
    wire: Wire, info: protocolinfo.ProtocolInfoResponse, password: Callable[[], str | None]
) -> None:
    """Control-spec section 3.5 and 3.24.

    Of the two ways by cookie only that one by which the other side proves first that it knows the cookie, too. By the other
    it would be sent to whoever listens there and names a file: another user of this computer, on a port that Tor isn't using
    just now, would get the cookie of a Tor that is this person's alone. Every tor since 0.2.3 has both.

    Raises:
        TorTroubled: wrong-password, password-needed, cookie-unreadable, refused, lost.
    """
    method = stem.connection.AuthMethod
    cookie_unreadable = False
    try:
        if method.NONE in info.auth_methods:
            return stem.connection.authenticate_none(wire, suppress_ctl_errors=False)
        if method.SAFECOOKIE in info.auth_methods and info.cookie_path:
            try:
                return stem.connection.authenticate_safecookie(
                    wire, info.cookie_path, suppress_ctl_errors=False
                )
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
