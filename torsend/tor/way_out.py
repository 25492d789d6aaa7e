"""How a tor of our own gets out of this network: straight, over bridges, through a proxy, past a firewall.

It is told to tor over its control connection before it may use the network, and Torsend never writes it to a file: bridge
lines tell how somebody reaches Tor, and a proxy may want a password. What tor writes of bridges by itself while it runs goes
when it has ended (``kept_bridges``).
"""

from __future__ import annotations

import enum
import functools
import ipaddress
import re
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from torsend.errors import UsageError
from torsend.tor.bridges import Bridge
from torsend.words import t

_HIDDEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""Line breaks and the like, and what is no text."""
MAX_CREDENTIAL = 255
"""Octets of a user name or a password (RFC 1929 section 2)."""


class ProxyKind(enum.StrEnum):
    """What the proxy speaks."""

    SOCKS4 = "socks4"
    SOCKS5 = "socks5"
    HTTPS = "https"
    """HTTP's CONNECT (RFC 9110 section 9.3.6); not encrypted itself."""


class BadProxy(UsageError):
    """That is no proxy that Tor could use."""

    def __init__(self, what: str) -> None:
        super().__init__(
            what, advice=t("Whoever runs this network knows the proxy’s address, port and log-in.")
        )


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy between this computer and Tor's first relay. It learns what the network learns: that Tor is used.

    Attributes:
        host: an IP address: a name would have to be looked up on this computer.
        username: empty where it wants no log-in; SOCKS4 has none.
        password: may come later, by ``with_password``.

    Raises:
        BadProxy: what of it can't be.
    """

    kind: ProxyKind
    host: str
    port: int
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", ProxyKind(self.kind))
        try:
            address = ipaddress.ip_address(self.host.strip().removeprefix("[").removesuffix("]"))
        except ValueError:
            raise BadProxy(
                t(
                    "The proxy’s address has to be an IP address: Torsend never looks up a name on this computer."
                )
            ) from None
        if address.is_unspecified or address.is_multicast or getattr(address, "scope_id", None):
            raise BadProxy(t("No proxy can be at this address."))
        object.__setattr__(self, "host", str(address))
        if type(self.port) is not int or not 0 < self.port < 65536:
            raise BadProxy(t("The proxy’s port is a number from 1 to 65535."))
        for word in (self.username, self.password):
            if _HIDDEN.search(word) or len(word.encode()) > MAX_CREDENTIAL:
                raise BadProxy(t("The proxy’s user name or password is too long or has a line break."))
        if self.kind is ProxyKind.SOCKS4 and (self.username or self.password):
            raise BadProxy(t("Tor can’t log in to a SOCKS4 proxy. Is it a SOCKS5 one?"))
        if self.password and not self.username:
            raise BadProxy(t("The proxy’s user name is missing."))
        if self.kind is ProxyKind.HTTPS and ":" in self.username:
            raise BadProxy(t("A user name for an HTTPS proxy can’t have a colon."))

    @property
    def lacks_password(self) -> bool:
        """Whether it has a user name alone: Tor logs in with both or not at all."""
        return bool(self.username) and not self.password

    def with_password(self, password: str) -> Proxy:
        """The same, complete.

        Raises:
            BadProxy: the password can't be.
        """
        return replace(self, password=password)

    @property
    def address(self) -> str:
        """``host:port``, IPv6 in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class WayOut:
    """All of it; as it stands, straight.

    Attributes:
        bridges: instead of a public first relay; tor uses whichever answer.
        ports: the only ones that the network's firewall lets out; all where there are none.
        unknown: what was chosen can't be read any more. Then tor is not started: going straight could show that Tor is used
            to the very people whom the bridge was to hide it from.
    """

    bridges: tuple[Bridge, ...] = ()
    proxy: Proxy | None = None
    ports: tuple[int, ...] = ()
    unknown: bool = False

    def __post_init__(self) -> None:
        if not all(type(port) is int and 0 < port < 65536 for port in self.ports):
            raise UsageError(t("A port is a number from 1 to 65535."))

    @property
    def straight(self) -> bool:
        """Whether there is nothing to tell tor."""
        return not (self.bridges or self.proxy or self.ports)

    @property
    def transports(self) -> tuple[str, ...]:
        """The pluggable transports that it needs, each once."""
        return tuple(dict.fromkeys(bridge.transport for bridge in self.bridges if bridge.transport))

    def options(self, programs: dict[str, str]) -> tuple[tuple[str, str], ...]:
        """As tor's options (tor(1)), in order.

        Args:
            programs: a program for each of ``transports``.
        """
        found: list[tuple[str, str]] = []
        if self.bridges:
            found.append(("UseBridges", "1"))
            found += [("Bridge", bridge.line) for bridge in self.bridges]
            by_program: dict[str, list[str]] = {}
            for transport in self.transports:
                by_program.setdefault(programs[transport], []).append(transport)
            found += [
                ("ClientTransportPlugin", f"{','.join(transports)} exec {program}")
                for program, transports in by_program.items()
            ]
        # Tor puts them as they are into the URL that a transport's program is told (pt-spec, TOR_PT_PROXY), where
        # they have to be encoded. Where there is no other connection than those programs', that can be done for it.
        only_programs = bool(self.bridges) and all(bridge.transport for bridge in self.bridges)
        told = functools.partial(quote, safe="") if only_programs else str
        match self.proxy:
            case Proxy(ProxyKind.SOCKS4):
                found.append(("Socks4Proxy", self.proxy.address))
            case Proxy(ProxyKind.SOCKS5, username=username, password=password):
                found.append(("Socks5Proxy", self.proxy.address))
                if username:
                    found += [
                        ("Socks5ProxyUsername", told(username)),
                        ("Socks5ProxyPassword", told(password)),
                    ]
            case Proxy(ProxyKind.HTTPS, username=username, password=password):
                found.append(("HTTPSProxy", self.proxy.address))
                if username:
                    found.append(("HTTPSProxyAuthenticator", f"{told(username)}:{told(password)}"))
        if self.ports:
            found.append(("ReachableAddresses", ",".join(f"*:{port}" for port in self.ports)))
        return tuple(found)


STRAIGHT = WayOut()
