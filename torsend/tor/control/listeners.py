"""Where Tor listens for SOCKS, and at which of those places it keeps identities apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

from torsend.tor.guard import Address

_SOCKS_PORT = re.compile(r'(?:unix:(?P<path>"(?:[^"\\]|\\.)*"|\S+)|(?:\S*:)?(?P<port>\d+|auto))(?=\s|$)')
"""Where a SocksPort line says that it listens (tor(1), SocksPort)."""


def listeners(told: str) -> tuple[Address, ...]:
    """The addresses that ``net/listeners/socks`` tells, TCP first. stem's own parser drops the unix ones."""
    found = [_listener(text) for text in re.findall(r'"((?:[^"\\]|\\.)*)"', told)]
    return tuple(sorted((each for each in found if each), key=lambda each: isinstance(each, str)))


def isolating(addresses: Iterable[Address], lines: Iterable[str]) -> tuple[tuple[Address, ...], bool]:
    """Those of the addresses that no SocksPort line lets mix identities; and whether every line could be read."""
    mixing, read = set(), True
    for line in lines:
        place = _SOCKS_PORT.match(line)
        if place is None:
            read = False
        elif "noisolatesocksauth" in line[place.end() :].lower():
            mixing.add(_unquoted(place["path"] or "") or place["port"])
    kept = tuple(each for each in addresses if _port_name(each) not in mixing and "auto" not in mixing)
    return kept, read


def _listener(text: str) -> Address | None:
    text = re.sub(r"\\(.)", r"\1", text)
    if text.startswith("unix:"):
        return _unquoted(text.removeprefix("unix:"))
    host, _, port = text.rpartition(":")
    return (host.strip("[]"), int(port)) if host and port.isdecimal() else None


def _unquoted(path: str) -> str:
    """A path as tor(1) takes and tells it: in quotes where there is a space in it."""
    quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', path)
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else path


def _port_name(address: Address) -> str:
    """The last part of the address as a SocksPort line would name it."""
    return address if isinstance(address, str) else str(address[1])
