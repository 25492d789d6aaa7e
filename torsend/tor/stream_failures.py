"""How a stream through Tor can fail, in words.

StreamFailed
├── ProxyGone         the SOCKS port is not there any more, or hung up
├── ProxySilent       it took the connection and says nothing
├── NotASocksProxy    what answers is not SOCKS5
├── IsolationLost     it would take the stream without this identity's credentials: nothing was sent
├── BadTarget         no such host or port can be asked for
├── StreamRefused     Tor's answer, by its code
├── StreamTimedOut    the deadline passed
├── StreamBroken      it stood, and broke
└── StreamCancelled   the person cancelled
"""

from __future__ import annotations

from dataclasses import dataclass

from torsend.errors import Left, StreamFailed
from torsend.words import mark, t

_NOTHING_CAME_BACK = frozenset({0x01, 0x03, 0x06})
"""Tor's answers after it gave up by itself (socks-extensions.txt)."""


class TorStreamFailed(StreamFailed):
    """What all below have in common.

    Attributes:
        code: the SOCKS reply, where there was one.
        new_circuit_may_help: another exit may do better.
        permanent: trying again changes nothing.
    """

    code: int | None = None
    new_circuit_may_help = False
    permanent = False


class ProxyGone(TorStreamFailed):
    """The SOCKS port is not there any more, or hung up."""

    def __init__(self) -> None:
        super().__init__(t("Tor is not running."), advice=t("Wait until it is connected again."))


class ProxySilent(TorStreamFailed):
    """It took the connection and says nothing."""

    def __init__(self) -> None:
        super().__init__(t("Tor’s port doesn’t answer."), advice=t("Check the address, or restart Tor."))


class NotASocksProxy(TorStreamFailed):
    """What answers is not SOCKS5."""

    permanent = True

    def __init__(self) -> None:
        super().__init__(t("That port is not Tor."), advice=t("A SOCKS port of Tor is mostly 9050 or 9150."))


class IsolationLost(TorStreamFailed):
    """It would take the stream without this identity's credentials, and so mix it with others."""

    permanent = True

    def __init__(self) -> None:
        super().__init__(
            t("That port doesn’t keep identities apart, so nothing was sent."),
            advice=t("Choose another SOCKS port of Tor, without special isolation settings."),
        )


class BadTarget(TorStreamFailed):
    """No such host or port can be asked for."""

    permanent = True

    def __init__(self) -> None:
        super().__init__(
            t("The server’s name or port can’t be right."), advice=t("Check the server’s settings.")
        )


class StreamTimedOut(TorStreamFailed):
    """The deadline passed."""

    new_circuit_may_help = True

    def __init__(self) -> None:
        super().__init__(t("Tor got no answer in time."), advice=t("Try again over another circuit."))


class StreamBroken(TorStreamFailed):
    """It stood, and broke. What had left by then is known to whoever wrote to it."""

    new_circuit_may_help = True

    def __init__(self) -> None:
        super().__init__(
            t("The circuit broke."), left=Left.CONNECTION, advice=t("Try again over another circuit.")
        )


class StreamCancelled(TorStreamFailed):
    """The person cancelled."""

    def __init__(self) -> None:
        super().__init__(t("Cancelled."))


@dataclass(frozen=True, slots=True)
class _Refusal:
    what: str
    advice: str
    new_circuit_may_help: bool = False
    permanent: bool = False
    left: Left = Left.NOTHING


_AGAIN = mark("Try again over another circuit.")
_LATER = mark("Try again later.")
_CHECK_ONION = mark("Check the onion address.")

REFUSALS: dict[int, _Refusal] = {
    # RFC 1928 section 6, as Tor uses them (socks-extensions.txt section 1.4)
    0x01: _Refusal(mark("Tor could not open the connection."), _AGAIN, new_circuit_may_help=True),
    0x02: _Refusal(
        mark("The exit relays refuse this port."),
        mark("Use port 465 or 587, or the server’s onion address."),
        new_circuit_may_help=True,
    ),
    0x03: _Refusal(mark("Tor has no network."), mark("Check the network.")),
    0x04: _Refusal(
        mark("The server can’t be reached from the exit relay."),
        mark("Check the server’s name, or try again over another circuit."),
        new_circuit_may_help=True,
    ),
    0x05: _Refusal(
        mark("The server refused the connection."),
        mark("Check the port; some providers refuse Tor’s exit relays."),
        new_circuit_may_help=True,
        left=Left.CONNECTION,
    ),
    0x06: _Refusal(mark("Tor got no answer from the server."), _AGAIN, new_circuit_may_help=True),
    0x07: _Refusal(mark("That port doesn’t understand what Tor would."), _LATER, permanent=True),
    0x08: _Refusal(mark("That port doesn’t take this kind of address."), _LATER, permanent=True),
    # proposal 304, only with ExtendedErrors on the SocksPort
    0xF0: _Refusal(
        mark("The onion service can’t be found; it may be down."), _LATER, new_circuit_may_help=True
    ),
    0xF1: _Refusal(
        mark("What Tor found of the onion service is invalid."), _LATER, new_circuit_may_help=True
    ),
    0xF2: _Refusal(
        mark("The onion service didn’t answer; it may be down."), _LATER, new_circuit_may_help=True
    ),
    0xF3: _Refusal(mark("The meeting with the onion service failed."), _AGAIN, new_circuit_may_help=True),
    0xF4: _Refusal(
        mark("The onion service wants a client key, and Tor has none."),
        mark("Set the key with the identity, or in that Tor’s own settings."),
        permanent=True,
    ),
    0xF5: _Refusal(
        mark("The onion service refused Tor’s client key."),
        mark("Set the right key with the identity, or in that Tor’s own settings."),
        permanent=True,
    ),
    0xF6: _Refusal(mark("That is not a valid onion address."), _CHECK_ONION, permanent=True),
    0xF7: _Refusal(mark("The onion service didn’t answer in time."), _LATER, new_circuit_may_help=True),
}


class StreamRefused(TorStreamFailed):
    """Tor's answer, by its code; a code that isn't known counts as 0x01."""

    def __init__(self, code: int) -> None:
        row = REFUSALS.get(code, REFUSALS[0x01])
        super().__init__(t(row.what), left=row.left, advice=t(row.advice))
        self.code = code
        self.new_circuit_may_help = row.new_circuit_may_help
        self.permanent = row.permanent

    @property
    def log_safe(self) -> str:
        return f"{type(self).__name__} {self.code:#04x}"


def nothing_came_back(error: TorStreamFailed) -> bool:
    """Whether no exit said so: Tor was silent, or gave up by itself."""
    return isinstance(error, StreamTimedOut) or (
        isinstance(error, StreamRefused) and error.code in _NOTHING_CAME_BACK
    )
