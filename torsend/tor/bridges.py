"""Bridge lines: read as a person pastes them, checked one by one, given to tor one by one.

A line is ``[transport] ADDRESS:PORT [FINGERPRINT] [key=value ...]`` (tor(1), ``Bridge``), mostly with the word ``Bridge``
before it, as in a torrc. What comes out of a bridge's QR code is a list of such lines in brackets and quotation marks, which
is read, too.

Nothing of a line is ever logged: whoever knows the bridge knows how this person reaches Tor.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from torsend.words import mark, t

MOST_LINES = 200
"""Nobody has so many bridges; tor tries all of them at once."""
LONGEST_LINE = 4096
"""Characters. The longest in use, snowflake's, have some 600."""
LONGEST_TEXT = MOST_LINES * LONGEST_LINE
"""Characters of all lines together."""

_FINGERPRINT = re.compile(r"\$?[0-9A-Fa-f]{40}")
_TRANSPORT = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_LISTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_VANILLA = frozenset({"vanilla", "plain"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A pluggable transport that is known.

    Attributes:
        name: as it stands in a bridge line.
        programs: names of programs that speak it, the usual one first.
        needs: arguments without which such a bridge can't work.
        package: Debian's, with one of the programs, or empty.
    """

    name: str
    programs: tuple[str, ...]
    needs: tuple[str, ...]
    package: str = ""


KINDS: tuple[Kind, ...] = (
    Kind("obfs4", ("lyrebird", "obfs4proxy"), ("cert",), "obfs4proxy"),
    Kind("webtunnel", ("lyrebird", "webtunnel-client"), ("url",)),
    Kind("snowflake", ("lyrebird", "snowflake-client"), (), "snowflake-client"),
    Kind("meek_lite", ("lyrebird", "obfs4proxy"), ("url",), "obfs4proxy"),
)
"""Lyrebird speaks all four in its newer versions; an older one says which it doesn't, and tor says so."""

_BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Bridge:
    """One bridge.

    Attributes:
        transport: empty for a plain one.
        address: IPv4 or IPv6. Some transports go elsewhere, as their arguments say; then it only tells bridges apart.
        fingerprint: 40 hexadecimal digits in upper case, or empty: then nothing shows that the bridge is the right one.
        arguments: for the transport, ``key=value`` each.
    """

    transport: str = field(repr=False)
    address: str = field(repr=False)
    port: int = field(repr=False)
    fingerprint: str = field(default="", repr=False)
    arguments: tuple[str, ...] = field(default=(), repr=False)

    @property
    def line(self) -> str:
        """As tor takes it, without the word ``Bridge``."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        words = (self.transport, f"{host}:{self.port}", self.fingerprint, *self.arguments)
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that is no bridge.

    Attributes:
        number: of the line, the first being 1.
        why: a sentence.
    """

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was in a text: the bridges, each once, in its order; and the lines that are none."""

    bridges: tuple[Bridge, ...]
    wrong: tuple[Wrong, ...]


class _Unfit(Exception):
    """Carries the sentence."""


def read_bridges(text: str) -> Pasted:
    """Reads lines as they were pasted, scanned or written by hand; never fails."""
    bridges: dict[Bridge, None] = {}
    wrong: list[Wrong] = []
    for number, line in enumerate(bridge_lines(text), start=1):
        plain = line.strip()
        if not plain or plain.startswith(("#", ";", "//")):
            continue
        if len(wrong) >= MOST_LINES:
            break
        if len(bridges) >= MOST_LINES:
            wrong.append(Wrong(number, t(TOO_MANY, n=MOST_LINES)))
            break
        try:
            bridges[_bridge(plain)] = None
        except _Unfit as unfit:
            wrong.append(Wrong(number, str(unfit)))
    return Pasted(tuple(bridges), tuple(wrong))


def program_names(transport: str) -> tuple[str, ...]:
    """Programs that speak this transport; none for a plain bridge or one that isn't known."""
    kind = _BY_NAME.get(transport)
    return kind.programs if kind else ()


def bridge_lines(text: str) -> list[str]:
    """The lines of a text, checked for nothing: each on a line of its own, or a list as a QR code holds it."""
    plain = text.strip().lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    if plain.startswith("["):
        # A QR code's list, unless it is a plain bridge with an IPv6 address.
        listed = [first or second for first, second in _LISTED.findall(plain)]
        if listed:
            return listed
    return text.splitlines()


def _bridge(line: str) -> Bridge:
    if len(line) > LONGEST_LINE:
        raise _Unfit(t(TOO_LONG))
    if not line.isascii() or not line.isprintable():
        raise _Unfit(t(ODD_CHARACTERS))
    words = line.split(" #")[0].split()
    if words and words[0].lower() in {"bridge", "usebridges", "clienttransportplugin"}:
        if words[0].lower() != "bridge":
            raise _Unfit(t(TORRC_LINE, word=words[0]))
        words.pop(0)
    if not words:
        raise _Unfit(t(NO_ADDRESS))
    transport = ""
    if not _has_port(words[0]):
        transport = words.pop(0)
        if not _TRANSPORT.fullmatch(transport):
            raise _Unfit(t(NO_ADDRESS))
        transport = "" if transport.lower() in _VANILLA else transport.lower()
        if transport == "meek":
            transport = "meek_lite"
        if transport and transport not in _BY_NAME:
            raise _Unfit(t(UNKNOWN_TRANSPORT, transport=transport))
    if not words:
        raise _Unfit(t(NO_ADDRESS))
    address, port = _address(words.pop(0))
    fingerprint = ""
    if words and "=" not in words[0]:
        fingerprint = words.pop(0)
        if not _FINGERPRINT.fullmatch(fingerprint):
            raise _Unfit(t(BAD_FINGERPRINT))
    _check_arguments(transport, words)
    return Bridge(transport, address, port, fingerprint.removeprefix("$").upper(), tuple(words))


def _has_port(word: str) -> bool:
    return ":" in word and not word.startswith("=")


def _address(word: str) -> tuple[str, int]:
    host, _, port = word.rpartition(":")
    if not port.isdecimal() or not 0 < int(port[:6]) < 65536:
        raise _Unfit(t(BAD_PORT))
    bracketed = host.startswith("[") and host.endswith("]")
    try:
        address = ipaddress.ip_address(host[1:-1] if bracketed else host)
    except ValueError:
        raise _Unfit(t(NOT_AN_ADDRESS)) from None
    if (address.version == 6) is not bracketed or getattr(address, "scope_id", None):
        raise _Unfit(t(NOT_AN_ADDRESS))
    return str(address), int(port)


def _check_arguments(transport: str, words: list[str]) -> None:
    keys = set()
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not value or not _KEY.fullmatch(key):
            raise _Unfit(t(BAD_ARGUMENT))
        if '"' in word or "\\" in word:
            raise _Unfit(t(ODD_CHARACTERS))
        keys.add(key)
    if words and not transport:
        raise _Unfit(t(ARGUMENTS_WITHOUT_TRANSPORT))
    for need in _BY_NAME[transport].needs if transport else ():
        if need not in keys:
            raise _Unfit(t(INCOMPLETE, transport=transport, what=need))


TOO_MANY = mark("More than {n} bridges: the rest is left out.")
TOO_LONG = mark("This line is too long for a bridge.")
ODD_CHARACTERS = mark("This line has characters that no bridge line has. Copy it once more.")
TORRC_LINE = mark("{word} isn’t needed here: paste the bridge lines alone.")
NO_ADDRESS = mark("This line has no address and port, such as 192.0.2.1:443.")
UNKNOWN_TRANSPORT = mark("Bridges of the kind “{transport}” aren’t known here.")
BAD_FINGERPRINT = mark(
    "What follows the address should be a fingerprint of 40 digits and letters from A to F."
)
BAD_PORT = mark("The port behind the address is a number from 1 to 65535.")
NOT_AN_ADDRESS = mark("The address is an IP address; an IPv6 one stands in brackets. Names aren’t looked up.")
BAD_ARGUMENT = mark("What follows the fingerprint should be key=value. Is the line broken in two?")
ARGUMENTS_WITHOUT_TRANSPORT = mark(
    "A plain bridge takes nothing behind its fingerprint. Is its first word missing?"
)
INCOMPLETE = mark("This {transport} line is incomplete: “{what}=” is missing. Is it broken in two?")
