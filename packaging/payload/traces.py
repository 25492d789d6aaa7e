"""Nothing that is built tells where, or by whom: no path of the build, no home folder, no name of user and machine in it.

What comes in wheels names the places of those who built them, alike for everybody who uses them; that is no trace of ours.
"""

from __future__ import annotations

import getpass
import io
import socket
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SYSTEM = {
    Path(each) for each in ("/", "/usr", "/tmp", "/var/tmp", "/opt", "/home", "/root", "/build", "/usr/local")
}
"""Too general to tell anything, and named by libraries for reasons of their own."""

ALIKE = tuple(
    Path(each) for each in ("/Library/Frameworks", "/Users/runner/hostedtoolcache", "C:/hostedtoolcache")
)
"""Where Python lies for everybody: by its own installer for macOS, and on the machines that CI lends."""


class TracesFound(SystemExit):
    """A product would tell something of the machine that it was built on."""


def forbidden(places: Iterable[Path]) -> dict[bytes, str]:
    """What must not stand in a product, and what it would tell.

    Args:
        places: folders of the build: of the tree, of the work.
    """
    told = {}
    for place in {*places, *(each.resolve() for each in places), Path(sys.prefix), Path(sys.base_prefix)}:
        if place not in SYSTEM and not any(place.is_relative_to(each) for each in ALIKE):
            told[str(place).encode()] = "a folder of the build"
    home = Path.home()
    # A home folder's name alone, as of root, stands in much; with something of what lies in it, it is this one's.
    if home not in SYSTEM and not any(each.is_relative_to(home) for each in ALIKE):
        told[f"{home}/".encode()] = "the builder's home folder"
    elif home.is_dir():
        told |= {
            f"{home}/{each.name}/".encode(): "the builder's home folder"
            for each in home.iterdir()
            if each not in ALIKE
        }
    user, host = getpass.getuser(), socket.gethostname()
    told[f"{user}@{host}".encode()] = "who built it"
    told[f"/home/{user}/".encode()] = "the builder's home folder"
    if len(host) >= 8 and host not in {"localhost", "localhost.localdomain"}:
        told[host.encode()] = "the builder's machine"
    # Programs of Windows hold much of their text so.
    return told | {
        word.decode("utf-8", "surrogateescape").encode("utf-16-le", "surrogatepass"): what
        for word, what in told.items()
    }


def check(folder: Path, places: Iterable[Path]) -> int:
    """Reads every file below, packed Python modules too; gives how many.

    Raises:
        TracesFound
    """
    words = forbidden(list(places))
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            _refuse(str(path.readlink()).encode(), words, path)
        elif path.is_file():
            data = path.read_bytes()
            _refuse(data, words, path)
            for name, inner in _packed(path, data):
                _refuse(inner, words, f"{path} ({name})")
                count += 1
        count += 1
    return count


def check_file(path: Path, places: Iterable[Path]) -> None:
    """The same for one file.

    Raises:
        TracesFound
    """
    _refuse(path.read_bytes(), forbidden(list(places)), path)


def _refuse(data: bytes, words: dict[bytes, str], where: Path | str) -> None:
    for word, what in words.items():
        if word in data:
            shown = word.replace(bytes(1), b"").decode(errors="replace")
            raise TracesFound(f"{where} names {what}: {shown}")


def _packed(path: Path, data: bytes) -> Iterator[tuple[str, bytes]]:
    """What a search of the file itself would not see, since it is compressed."""
    if data[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
    elif b"MEI\014\013\012\013\016" in data[-4096:]:  # the end of a program that PyInstaller made
        from PyInstaller.archive.readers import CArchiveReader  # type: ignore[import-untyped]

        program = CArchiveReader(str(path))
        for name in program.toc:
            if name.endswith(".pyz"):
                modules = program.open_embedded_archive(name)
                yield from ((each, modules.extract(each, raw=True) or b"") for each in modules.toc)
            else:
                yield name, program.extract(name)
