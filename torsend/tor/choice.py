"""How the person wants to reach Tor: start one, or use one that runs."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from torsend.errors import UsageError
from torsend.paths import expanded
from torsend.tor.way_out import STRAIGHT, WayOut
from torsend.tor.whereabouts import is_near, plain_ip
from torsend.words import t


class BadChoice(UsageError):
    """That is no way to Tor."""

    def __init__(self, what: str) -> None:
        super().__init__(
            what,
            advice=t(
                "Use launch, control:HOST:PORT, control:PATH, socks:HOST:PORT or socks:PATH; HOST is an IP address."
            ),
        )


@dataclass(frozen=True, slots=True)
class Launch:
    """Start a tor of our own.

    Attributes:
        binary: the program; None: the first one found (`torsend.tor.finder.tor_binary`).
        torrc_include: lines of this file come after ours.
        way_out: how it gets out of this network.
    """

    binary: Path | None = None
    torrc_include: Path | None = None
    way_out: WayOut = STRAIGHT

    def __str__(self) -> str:
        return "launch"


@dataclass(frozen=True, slots=True)
class Control:
    """A running Tor by its control port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"control:{_bracketed(self.host)}:{self.port}"


@dataclass(frozen=True, slots=True)
class ControlSocket:
    """A running Tor by its control socket."""

    path: Path

    def __str__(self) -> str:
        return f"control:{self.path}"


@dataclass(frozen=True, slots=True)
class Socks:
    """A running Tor of which only the SOCKS port is known: circuits cannot be shown."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"socks:{_bracketed(self.host)}:{self.port}"


@dataclass(frozen=True, slots=True)
class SocksSocket:
    """The same by a unix socket (``SocksPort unix:PATH``)."""

    path: Path

    def __str__(self) -> str:
        return f"socks:{self.path}"


Running = Control | ControlSocket | Socks | SocksSocket
TorChoice = Launch | Running


def parse_choice(text: str, torrc_include: Path | None = None) -> TorChoice:
    """Reads ``launch``, ``control:HOST:PORT``, ``control:PATH``, ``socks:HOST:PORT``, ``socks:PATH``.

    Hosts are IP addresses (IPv6 in brackets): a name would have to be asked of this machine's resolver.
    ``localhost`` is taken as 127.0.0.1. They are on this computer or in its local network: what is told to these
    ports is not encrypted.

    Args:
        torrc_include: lines for a tor of our own; of no meaning for one that runs.

    Raises:
        BadChoice: anything else.
    """
    means, _, rest = text.strip().partition(":")
    match means:
        case "launch" if not rest:
            return Launch(torrc_include=torrc_include)
        case "control" if path := _path(rest):
            return ControlSocket(path)
        case "control":
            return Control(*_host_and_port(rest))
        case "socks" if path := _path(rest):
            return SocksSocket(path)
        case "socks":
            return Socks(*_host_and_port(rest))
        case _:
            raise BadChoice(t("“{text}” is no way to Tor.", text=text))


def means_of(choice: TorChoice) -> str:
    """The kind of way, as `TorStatus.means` names it."""
    match choice:
        case Launch():
            return "launch"
        case Socks() | SocksSocket():
            return "socks"
        case _:
            return "control"


def _path(text: str) -> Path | None:
    """The path of a unix socket, as it is or as torrc writes it (``unix:/run/tor/socks``)."""
    text = text.removeprefix("unix:")
    return expanded(text) if text.startswith(("/", "~", ".")) else None


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise BadChoice(t("“{text}” lacks a port from 1 to 65535.", text=text))
    bracketed = host.startswith("[") and host.endswith("]")
    plain = host[1:-1] if bracketed else host
    if plain == "localhost":
        return "127.0.0.1", int(port)
    try:
        written, address = ipaddress.ip_address(plain), plain_ip(plain)
    except ValueError as error:
        raise BadChoice(
            t("“{host}” is not an IP address, and Torsend never looks up a name on this computer.", host=host)
        ) from error
    if (written.version == 6) is not bracketed:
        raise BadChoice(t("An IPv6 address stands in brackets: [::1]:9050."))
    if not is_near((str(address), int(port))):
        raise BadChoice(
            t(
                "{host} is not on this computer or its local network: the way to that Tor is not encrypted.",
                host=host,
            )
        )
    return str(address), int(port)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
