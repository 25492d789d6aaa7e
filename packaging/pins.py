"""Reads pins.toml: what an installer carries, by which hash, under which licence."""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGING = Path(__file__).resolve().parent
LOCK = PACKAGING / "requirements-bundle.txt"


@dataclass(frozen=True, slots=True)
class Pin:
    """One thing that is carried and no package of Python's.

    Attributes:
        kind: ``source`` (built here), ``binary`` (as it comes), ``linked`` (within another, from the build machine).
        systems: for which it is carried.
        package: of a linked one, the distribution's package that holds it; of a source, its name there, if it is another.
        suite: the distribution's release that it is taken from, if not from the build machine's.
        sha1: by which the distribution's archive keeps it: for other systems, and when the distribution has a newer one.
    """

    name: str
    kind: str
    licence: str
    why: str
    version: str = ""
    file: str = ""
    sha256: str = ""
    package: str = ""
    suite: str = ""
    sha1: str = ""
    systems: tuple[str, ...] = ("linux",)

    def check(self, file: Path) -> None:
        """Ends the program if the file is another than the pinned one."""
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found != self.sha256:
            raise SystemExit(f"{file.name} is not the one that pins.toml names: {found}")


@cache
def _read() -> dict[str, object]:
    return tomllib.loads((PACKAGING / "pins.toml").read_text(encoding="utf-8"))


def pins(system: str = "") -> dict[str, Pin]:
    """Those of a system, by name.

    Args:
        system: ``linux``, ``windows`` or ``macos``; this machine's, if empty.
    """
    entries = _read()["pin"]
    assert isinstance(entries, list)
    every = (Pin(**{**entry, "systems": tuple(entry.get("systems", ("linux",)))}) for entry in entries)
    return {pin.name: pin for pin in every if (system or here()) in pin.systems}


def here() -> str:
    """The system that this runs on, as the pins and the products call it."""
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)


def epoch() -> int:
    """The moment that every time stamp in a product says."""
    build = _read()["build"]
    assert isinstance(build, dict)
    return int(build["epoch"])


def licences(section: str) -> dict[str, str]:
    """Of Python's packages: ``python`` (carried) or ``builders``; names as pip normalises them."""
    found = _read()[section]
    assert isinstance(found, dict)
    return {normal(name): licence for name, licence in found.items()}


def normal(name: str) -> str:
    """A package's name as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of the lock."""

    name: str
    version: str
    marker: str
    sha256: tuple[str, ...]


def locked() -> dict[str, Locked]:
    """What the lock holds, by normal name."""
    found = {}
    text = LOCK.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)\s*(?:;\s*(.*?))?\s*--hash", line):
            name = normal(match[1])
            hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
            found[name] = Locked(name, match[2], match[3] or "", hashes)
    return found
