"""Gathers the licence texts of all that the payload carries into its folder ``licences``, with a list of what is there
and why.

A program or library without a licence or without a text fails the build.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pins import PACKAGING, here, licences, pins
from product import product
from sbom import COMPONENTS

from payload import origins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payload.origins import Carried, Component

#: Texts that a wheel should have brought and didn't; by the package's name.
OURS = PACKAGING / "licences"
COMMON = Path("/usr/share/common-licenses")
_TEXT = re.compile(r"(licen[cs]e|copying|notice|authors|copyright)", re.IGNORECASE)


def gather(folder: Path, work: Path) -> None:
    """Writes ``folder/licences``.

    Raises:
        SystemExit: something is carried whose licence, text or purpose is not known.
    """
    there = origins.carried(folder, work / "analysis")
    into = folder / "licences"
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    components = {each.component for each in there} | _pure() | _linked()
    lacking = [each.name for each in sorted(components) if not _copy(each, into / _folder(each), work)]
    if lacking:
        raise SystemExit(f"No licence text was found of {', '.join(lacking)}")
    shutil.copyfile(PACKAGING.parent / "LICENSE", into / "Torsend-GPL-3.txt")
    _copy_common(into)
    (into / "README.txt").write_text(_readme(), encoding="utf-8")
    (into / "CONTENTS.txt").write_text(contents(there, components), encoding="utf-8")
    (work / COMPONENTS).write_text(
        json.dumps([asdict(each) for each in sorted(components)]), encoding="utf-8"
    )


def _folder(component: Component) -> str:
    return component.name


def _pure() -> set[Component]:
    """Python's packages of which only modules are carried, and Python's library."""
    found = set()
    for name in licences("python"):
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # of another system
        if (component := origins.wheel(name)) is not None:
            found.add(component)
    return found


def _linked() -> set[Component]:
    """What is within tor, and within what an AppImage begins with; elsewhere Python, too."""
    found = set()
    if here() != "linux":
        found |= {origins.python(), *(origins.of_pin(pin) for pin in pins().values() if pin.kind == "source")}
    for pin in pins().values():
        if pin.kind == "linked" and (component := origins.package_of_distribution(pin.package, pin.licence)):
            found.add(component)
    return found


def _copy(component: Component, into: Path, work: Path) -> bool:
    """Copies its texts; whether there was any."""
    texts: dict[str, Path] = {}
    if component.kind == "deb":
        texts["copyright.txt"] = Path("/usr/share/doc") / component.name / "copyright"
    elif component == origins.python():
        texts["copyright.txt"] = _of_python()
    elif component.kind == "generic":
        texts["copyright.txt"] = work / "programs" / f"{component.name}.copyright"
    else:
        base = metadata.distribution(component.name)
        for file in base.files or ():
            inner = file.as_posix().partition(".dist-info/")[2]
            if inner.startswith(("licenses/", "sboms/")) or ("/" not in inner and _TEXT.match(inner)):
                texts[inner.removeprefix("licenses/")] = Path(str(file.locate()))
    ours = OURS / component.name
    texts |= {path.relative_to(ours).as_posix(): path for path in ours.rglob("*") if path.is_file()}
    for name, source in texts.items():
        if not source.is_file():
            return False
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, into / name)
    return any(not name.startswith("sboms/") for name in texts)


def _of_python() -> Path:
    """The text that its installer brings: beside the program, or within its library."""
    base = Path(sys.base_prefix)
    return next(
        (each for each in (base / "LICENSE.txt", *base.glob("lib/python3*/LICENSE.txt")) if each.is_file()),
        base,
    )


def _copy_common(into: Path) -> None:
    """The texts that Debian's copyright files only name, and those of the licences that stand in ours."""
    if here() != "linux":
        shutil.copytree(OURS / "common", into / "common")
        shutil.copyfile(PACKAGING.parent / "LICENSE", into / "common" / "GPL-3")
        return
    names = {"GPL-3", "LGPL-3", "LGPL-2.1", "Apache-2.0", "MPL-2.0"}
    for path in into.rglob("*"):
        if path.is_file():
            found = re.findall(rb"/usr/share/common-licenses/([A-Za-z0-9.-]*[A-Za-z0-9])", path.read_bytes())
            names |= {each.decode() for each in found}
    (into / "common").mkdir()
    for name in sorted(names):
        source = (COMMON / name).resolve()
        if source.is_file():
            shutil.copyfile(source, into / "common" / name)
        elif not any(name.startswith(each) for each in ("GPL", "LGPL", "GFDL", "BSD", "Artistic")):
            raise SystemExit(f"The text of {name} is not in {COMMON}")


def contents(there: Iterable[Carried], components: Iterable[Component]) -> str:
    """The list: each program and library with its size, origin and purpose, then each component with its licence."""
    rows = sorted(there, key=lambda each: -each.size)
    lines = ["What is carried, by size in bytes; what it is of; what it is for.", ""]
    lines += [
        f"{each.size:>9}  {each.path.removeprefix('lib/'):<68} {each.component.name:<20} {each.why}"
        for each in rows
    ]
    lines += ["", "Under which licences. The texts lie in the folders of these names.", ""]
    lines += [
        f"{each.name:<24} {each.version:<24} {each.licence}"
        for each in sorted(components, key=lambda c: c.name)
    ]
    return "\n".join(lines) + "\n"


def _readme() -> str:
    """What the licences ask to be told."""
    tor = pins()["tor"]
    return (PACKAGING / "licences" / "README.txt").read_text(encoding="utf-8").format(
        sources=product().sources, tor=tor.version, tor_file=tor.file, tor_hash=tor.sha256
    )  # fmt: skip
