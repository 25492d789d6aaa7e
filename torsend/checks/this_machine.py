"""What is known of this computer and its person without asking anybody: what a mail must not hold unless they wrote it.

Read from the environment and from files of the system alone. No resolver, no socket, and not the C library's user database
either: that one may ask a directory server. What cannot be read so is not known here, and ``NotInThere`` says so.
"""

from __future__ import annotations

import contextlib
import enum
import ipaddress
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from torsend.words import mark


class Kind(enum.StrEnum):
    """What is looked for, as it is listed."""

    ADDRESS = "address"
    HOST = "host"
    USER = "user"
    ZONE = "zone"
    LANGUAGE = "language"
    PROGRAM = "program"


LABELS: dict[Kind, str] = {
    Kind.ADDRESS: mark("Internet address"),
    Kind.HOST: mark("Computer name"),
    Kind.USER: mark("User name"),
    Kind.ZONE: mark("Time zone"),
    Kind.LANGUAGE: mark("Language"),
    Kind.PROGRAM: mark("Mail program"),
}
"""How each is called."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that would tell.

    Attributes:
        called: what it is, a phrase with ``{value}``, marked for translation.
        anywhere: whether it is looked for in what the person writes, too. A word that is short, or that many computers have,
            is not: there it says nothing. In what torsend writes it would.
    """

    kind: Kind
    called: str
    value: str = field(repr=False)
    anywhere: bool = True


HOST_NAME = mark("This computer’s name ‘{value}’")
DOMAIN = mark("This computer’s domain ‘{value}’")
USER_NAME = mark("Your user name ‘{value}’")
REAL_NAME = mark("Your name on this computer, ‘{value}’,")
HOME = mark("Your home folder ‘{value}’")
ADDRESS = mark("This computer’s address {value}")
HARDWARE = mark("This computer’s hardware address {value}")
ZONE = mark("Your time zone {value}")
LANGUAGE = mark("Your language ‘{value}’")
SYSTEM = mark("This computer’s system ‘{value}’")
PROGRAM = mark("The program ‘{value}’")

LEAST = 4
"""Letters that a name must have to be looked for in what the person writes: ``me`` stands in every text."""

_EVERYBODYS = frozenset(
    {
        "admin", "administrator", "amnesia", "arch", "computer", "debian", "default", "desktop", "fedora", "guest", "home",
        "host", "kali", "laptop", "linux", "live", "local", "localdomain", "localhost", "macbook", "mail", "mint", "owner",
        "qubes", "root", "server", "system", "tails", "test", "ubuntu", "user", "username", "whonix", "windows",
    }
)  # fmt: skip
"""Names that so many computers and users have that they tell of none."""

_EVERYBODYS_ZONES = frozenset(
    {"UTC", "UCT", "GMT", "Zulu", "Universal", "Greenwich", "Etc/UTC", "Etc/UCT", "Etc/GMT"}
)
_EVERYBODYS_LANGUAGES = frozenset({"", "C", "POSIX"})
_LANGUAGE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LC_TIME", "LANG", "LANGUAGE")
_LOCAL = re.compile(r"\|-- (\S+)\s+/32 host LOCAL")
_MOST_READ = 1_000_000
"""Bytes of a file of the system: none of those read here is longer."""


def facts_of_this_machine(
    root: Path = Path("/"),
    environment: Mapping[str, str] | None = None,
    versions: Mapping[str, str] | None = None,
) -> tuple[Fact, ...]:
    """All that can be known, each once.

    Args:
        root: where the system's files lie.
        environment: this process's, if left out.
        versions: of libraries, by name, that only the caller knows.
    """
    around = os.environ if environment is None else environment
    found = (
        *_addresses(root),
        *_host(root, around),
        *_person(root, around),
        *_zone(root, around),
        *_language(around),
        *_program(root, versions or {}),
    )
    kept: dict[tuple[Kind, str], Fact] = {}
    for fact in found:
        before = kept.get((fact.kind, fact.value.casefold()))
        if fact.value and (before is None or (fact.anywhere and not before.anywhere)):
            kept[fact.kind, fact.value.casefold()] = fact
    return tuple(kept.values())


def _name(kind: Kind, called: str, value: str) -> Fact:
    """A name that is looked for everywhere only if it is somebody's."""
    return Fact(kind, called, value, len(value) >= LEAST and value.casefold() not in _EVERYBODYS)


def _addresses(root: Path) -> Iterator[Fact]:
    found = [*_LOCAL.findall(_read(root / "proc/net/fib_trie"))]
    for line in _read(root / "proc/net/if_inet6").splitlines():
        digits = line.split(" ")[0]
        found.append(":".join(digits[at : at + 4] for at in range(0, 32, 4)))
    for text in dict.fromkeys(found):
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(text)
            if not address.is_loopback:
                yield Fact(Kind.ADDRESS, ADDRESS, str(address))
                if address.version == 6:
                    yield Fact(Kind.ADDRESS, ADDRESS, address.exploded)
    with contextlib.suppress(OSError):
        for card in sorted((root / "sys/class/net").iterdir()):
            hardware = _read(card / "address").strip()
            if hardware.strip("0:"):
                yield Fact(Kind.ADDRESS, HARDWARE, hardware)


def _host(root: Path, around: Mapping[str, str]) -> Iterator[Fact]:
    names = [_read(root / "etc/hostname").strip(), around.get("COMPUTERNAME", ""), around.get("HOSTNAME", "")]
    if root == Path("/") and hasattr(os, "uname"):
        names.append(os.uname().nodename)
    domains = [
        word
        for line in _read(root / "etc/resolv.conf").splitlines()
        if (words := line.split()) and words[0] in ("search", "domain")
        for word in words[1:]
    ]
    for name in filter(None, names):
        label, _, domain = name.partition(".")
        yield _name(Kind.HOST, HOST_NAME, label)
        domains.append(domain)
    for domain in dict.fromkeys(domains):
        clean = domain.strip(".")
        if "." in clean:
            yield Fact(Kind.HOST, DOMAIN, clean)


def _person(root: Path, around: Mapping[str, str]) -> Iterator[Fact]:
    names = [around.get(variable, "") for variable in ("USER", "LOGNAME", "USERNAME")]
    homes = [around.get(variable, "") for variable in ("HOME", "USERPROFILE")]
    real: list[str] = []
    number = str(os.getuid()) if hasattr(os, "getuid") else ""
    for line in _read(root / "etc/passwd").splitlines():
        fields = line.split(":")
        if len(fields) >= 6 and fields[2] == number:
            names.append(fields[0])
            homes.append(fields[5])
            # "Kaspar Lindt,Room 3,555": of the rest nobody fills in anything any more.
            real.append(fields[4].split(",")[0].strip())
    for name in filter(None, names):
        yield _name(Kind.USER, USER_NAME, name)
    for name in real:
        yield from _real_name(name)
    for home in filter(None, homes):
        last = re.split(r"[/\\]", home.rstrip("/\\"))[-1]
        if len(home) >= LEAST:
            yield Fact(Kind.USER, HOME, home, last.casefold() not in _EVERYBODYS)


def _real_name(name: str) -> Iterator[Fact]:
    words = [word for word in re.split(r"[\s.]+", name) if word]
    if len(words) > 1:
        yield _name(Kind.USER, REAL_NAME, name)
    for word in words:
        yield _name(Kind.USER, REAL_NAME, word)


def _zone(root: Path, around: Mapping[str, str]) -> Iterator[Fact]:
    names = [around.get("TZ", "").lstrip(":"), _read(root / "etc/timezone").strip()]
    with contextlib.suppress(OSError):
        _, found, name = (root / "etc/localtime").readlink().as_posix().partition("zoneinfo/")
        names.append(name if found else "")
    for name in names:
        if name not in _EVERYBODYS_ZONES:
            yield Fact(Kind.ZONE, ZONE, name, "/" in name)
    for short in time.tzname:
        if short not in _EVERYBODYS_ZONES:
            # CEST and EST are words, too; Windows has whole names here.
            yield Fact(Kind.ZONE, ZONE, short, " " in short)
    for west in (time.timezone, time.altzone):
        minutes = abs(west) // 60
        if minutes:
            yield Fact(
                Kind.ZONE,
                ZONE,
                f"{'-' if west > 0 else '+'}{minutes // 60:02d}{minutes % 60:02d}",
                anywhere=False,
            )


def _language(around: Mapping[str, str]) -> Iterator[Fact]:
    for variable in _LANGUAGE_VARIABLES:
        for each in around.get(variable, "").split(":"):
            tag = re.split(r"[.@]", each)[0]
            if tag not in _EVERYBODYS_LANGUAGES:
                for written in (tag, tag.replace("_", "-")):
                    yield Fact(Kind.LANGUAGE, LANGUAGE, written, "_" in tag or "-" in tag)


def _program(root: Path, versions: Mapping[str, str]) -> Iterator[Fact]:
    """Names and numbers that a text may hold by chance or for good reason: looked for in what torsend writes alone."""
    values = [
        "torsend",
        "Python",
        "Qt",
        "PySide6",
        "OpenSSL",
        "Tor",
        ".".join(map(str, sys.version_info[:3])),
        sys.platform,
    ]
    values += [word for name, version in versions.items() for word in (name, version)]
    for line in _read(root / "etc/os-release").splitlines():
        key, _, value = line.partition("=")
        if key in ("PRETTY_NAME", "NAME", "ID", "VERSION", "VERSION_CODENAME"):
            values.append(value.strip().strip('"'))
    for value in values:
        yield Fact(Kind.PROGRAM, PROGRAM, value, anywhere=False)
    if root == Path("/") and hasattr(os, "uname"):
        told = os.uname()
        yield Fact(Kind.PROGRAM, SYSTEM, told.sysname, anywhere=False)
        yield Fact(Kind.PROGRAM, SYSTEM, told.machine, anywhere=False)
        # Of a kernel's release there are many, and few have the same.
        yield Fact(Kind.PROGRAM, SYSTEM, told.release, len(told.release) >= 8)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_READ).decode("utf-8", "replace")
    except OSError:
        return ""
