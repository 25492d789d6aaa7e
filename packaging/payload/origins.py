"""Where each program and library of the payload comes from, and what it is there for."""

from __future__ import annotations

import ast
import platform
import re
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from pins import PACKAGING, Pin, here, licences, locked, normal, pins

REASONS = PACKAGING / "payload" / "libraries.toml"


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """One thing that somebody else made.

    Attributes:
        kind: ``pypi`` (a wheel), ``deb`` (a package of the distribution), ``generic``.
        licence: an SPDX expression.
    """

    kind: str
    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class Carried:
    """A program or library of the payload.

    Attributes:
        path: from the payload's folder.
        size: bytes.
        why: one sentence.
    """

    path: str
    size: int
    component: Component
    why: str


def carried(folder: Path, analysis: Path) -> list[Carried]:
    """All of them.

    Args:
        folder: the payload.
        analysis: PyInstaller's work folder, which knows whence it took each.

    Raises:
        SystemExit: one of them has no known origin, no licence or no reason.
    """
    sources = _sources(analysis)
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    found, faults = [], []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or not is_binary(path):
            continue
        inner = path.relative_to(folder).as_posix()
        name = general(inner)
        why = next((words[name] for words in reasons.values() if name in words), "")
        if not why and name.startswith("python/") and here() != "linux":
            why = "Of Python's library, which is one file a module there."
        component = _component(inner, sources.get(inner.removeprefix("lib/")))
        if component is None:
            faults.append(f"{inner}: nothing says under which licence it stands (packaging/pins.toml)")
        elif not why:
            faults.append(
                f"{inner}: nothing says what it is for: {name!r} in packaging/payload/libraries.toml"
            )
        else:
            found.append(Carried(inner, path.stat().st_size, component, why))
    if faults:
        raise SystemExit("\n".join(faults))
    return found


def is_binary(path: Path) -> bool:
    """Whether it is an ELF file, a Mach-O or a PE."""
    with path.open("rb") as file:
        head = file.read(4)
    return head in {b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"} or head[:2] == b"MZ"


def general(path: str) -> str:
    """A library's name without what changes with each version: ``libjpeg.so``, ``PIL/_imaging``, ``programs/tor``.

    On each system it is the name that Linux has: ``Qt6Core.dll`` and ``QtCore.framework/…/QtCore`` are ``libQt6Core.so``.
    """
    *folders, name = path.removeprefix("lib/").split("/")
    if framework := re.search(r"(?:^|/)(Qt)?(\w+)\.framework/", path):
        return f"libQt6{framework[2]}.so" if framework[1] else f"lib{framework[2].lower()}.so"
    if name.endswith((".dll", ".dylib")):
        name = _as_on_linux(name)
    elif name.endswith(".pyd") and not folders and name.count(".") == 1:
        return f"python/{name.removesuffix('.pyd')}"
    if name.startswith("lib") and "plugins" not in folders:
        return re.sub(r"(-[0-9a-f]{8})?(\.abi3)?\.so[.0-9]*$", ".so", name)
    name = re.sub(r"\.(cpython-[^.]+|abi3)\.so$|\.so$|(\.cp3[^.]+)?\.pyd$|\.exe$", "", name)
    if "lib-dynload" in folders:
        return f"python/{name}"
    if "plugins" in folders:
        return "/".join([*folders[folders.index("plugins") + 1 :], name])
    return "/".join([*folders, name])


def _as_on_linux(name: str) -> str:
    """Of a .dll or .dylib: ``qjpeg.dll`` becomes ``libqjpeg.so``, ``libz.1.3.1.dylib`` ``libz.so``."""
    stem = re.sub(r"\.(dll|dylib)$", "", name)
    if name.endswith(".dll"):
        # First delvewheel's hash, then the many ways to write a version: python311, libssl-3, msvcp140_1.
        stem = re.sub(r"-[0-9a-f]{32}$", "", stem)
        if not stem.startswith("Qt6") and not stem.endswith(".abi3"):
            stem = re.sub(r"-?\d+(_\d+)?$", "", stem.lower())
        stem = stem.removesuffix(".abi3")
    else:
        stem = stem.partition(".")[0]
    return f"{'' if stem.startswith('lib') else 'lib'}{stem}.so"


def _sources(analysis: Path) -> dict[str, Path]:
    """From which file each came, by its place in the bundle."""
    told = ast.literal_eval((analysis / "torsend" / "COLLECT-00.toc").read_text(encoding="utf-8"))
    found = {}

    def walk(entries: object) -> None:
        if not isinstance(entries, (list, tuple)):
            return
        if len(entries) == 3 and all(isinstance(each, str) for each in entries):
            inner, source, kind = entries
            if kind != "SYMLINK":
                found[inner.replace("\\", "/")] = Path(source)
            return
        for each in entries:
            walk(each)

    walk(told)
    return found


def _component(inner: str, source: Path | None) -> Component | None:
    if inner.startswith("lib/programs/"):
        pin = pins().get(Path(inner).stem)
        return None if pin is None else of_pin(pin)
    if inner in {"torsend", "torsend.exe", "torsend-gui.exe"}:
        return starter()
    if source is None:
        return None
    site = Path(sysconfig.get_path("purelib"))
    if source.is_relative_to(site):
        return wheel(_owners().get(source.relative_to(site).as_posix(), ""))
    if here() != "linux":
        # Python's own installer brings what it needs, with the licences of all of it in one text.
        return python() if source.resolve().is_relative_to(Path(sys.base_prefix).resolve()) else None
    return of_distribution(source)


def of_pin(pin: Pin) -> Component:
    """What stands in pins.toml with a version of its own."""
    return Component("generic", pin.name, pin.version, pin.licence)


def python() -> Component:
    """Python itself, where it is no package of a distribution."""
    return Component("generic", "python", platform.python_version(), "PSF-2.0")


def starter() -> Component:
    """What PyInstaller puts before the program."""
    name = "pyinstaller"
    return Component("pypi", name, locked()[name].version, licences("builders")[name])


def wheel(name: str) -> Component | None:
    """A package of Python's that is carried; None if it is none."""
    licence = licences("python").get(name)
    return Component("pypi", name, metadata.version(name), licence) if licence else None


@cache
def _owners() -> dict[str, str]:
    """Which package of Python's each file of the environment belongs to."""
    return {
        file.as_posix(): normal(each.metadata["Name"])
        for each in metadata.distributions()
        for file in each.files or ()
    }


@cache
def of_distribution(source: Path) -> Component | None:
    """The distribution's package that a file belongs to; None if it has none, or its licence is not in the pins."""
    # Where /lib is a link to /usr/lib, dpkg knows some files by the one name and some by the other.
    real = source.resolve()
    for path in (source, real, Path("/") / real.relative_to("/usr") if real.is_relative_to("/usr") else real):
        told = subprocess.run(["dpkg-query", "-S", str(path)], capture_output=True, text=True, check=False)
        if told.returncode == 0:
            package = told.stdout.split(":")[0]
            return package_of_distribution(package)
    return None


def package_of_distribution(package: str, licence: str | None = None) -> Component | None:
    """The same by the package's name.

    Args:
        licence: in place of the one in the pins.
    """
    licence = licence or licences("distribution").get(normal(package.removesuffix("t64")))
    if licence is None:
        return None
    version = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}\n", package], capture_output=True, text=True, check=True
    ).stdout.split("\n")[0]
    return Component("deb", package, version, licence)
