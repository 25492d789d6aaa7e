"""The programs that go along: tor, its transports, and under which licences they stand."""

from __future__ import annotations

import shutil
from pathlib import Path

from pins import here, pins

from payload import from_source, targets
from payload.tor import build_tor, unpack_transport

HERE = Path(__file__).resolve().parent
STAMP = "stamp"


def made(system: str, work: Path, ready: Path | None = None) -> Path:
    """The folder of them; what was built before from the same pins is used again.

    Args:
        system: ``linux``, ``windows`` or ``macos``.
        ready: such a folder, made elsewhere.

    Raises:
        SystemExit: they can't be built on this machine, or ``ready`` was made from other pins.
    """
    folder = work / ("programs" if system == here() else f"programs-{system}")
    if ready is not None:
        if _read(ready.parent / f"{ready.name}-{STAMP}") != _stamp(system):
            raise SystemExit(f"{ready} was made from other pins: make it again from this tree.")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ready, folder)
        return folder
    noted = folder.parent / f"{folder.name}-{STAMP}"
    if _read(noted) == _stamp(system):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    half = folder.with_name(f"{folder.name}-half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    if system == "linux":
        _of_linux(half, work)
    else:
        _of_source(system, half, work)
    half.rename(folder)
    noted.write_text(_stamp(system), encoding="utf-8")
    return folder


def _of_linux(folder: Path, work: Path) -> None:
    """tor from source, with the distribution's libraries; the transports as the distribution built them."""
    downloads = work / "downloads"
    shutil.copy(build_tor(work / "tor", downloads), folder / "tor")
    for name in (pin.name for pin in pins("linux").values() if pin.kind == "binary"):
        transport, terms = unpack_transport(name, work / name, downloads)
        shutil.copy(transport, folder / name)
        shutil.copy(terms, folder / f"{name}.copyright")
    (source,) = (path for path in (work / "tor").iterdir() if path.is_dir())
    shutil.copy(source / "LICENSE", folder / "tor.copyright")


def _of_source(system: str, folder: Path, work: Path) -> None:
    """tor and the libraries within it from source. There are no transports: those that Debian has are programs of Linux."""
    target = {"windows": targets.WINDOWS, "macos": targets.MACOS}[system]
    if not targets.can_compile(target):
        how = (
            "On Debian: python3 packaging/dev.py build --programs-for windows; then here: --programs FOLDER"
            if system == "windows"
            else "Xcode's command line tools are missing: xcode-select --install"
        )
        raise SystemExit(f"tor for {system} can't be built on this machine. {how}")
    place = work / f"tor-{system}"
    program = from_source.build_tor(target, place, work / "downloads")
    shutil.copy(program, folder / program.name)
    for terms in (place / "licences").iterdir():
        shutil.copy(terms, folder / f"{terms.name}.copyright")


def _stamp(system: str) -> str:
    """Changes with each pin and with how it is built. Line by line: a checkout may have other ends."""
    told = [f"{pin.name} {pin.version} {pin.sha256}" for pin in pins(system).values()]
    scripts = ("tor.py",) if system == "linux" else ("tor.py", "from_source.py", "targets.py")
    for script in scripts:
        told += (HERE / script).read_text(encoding="utf-8").splitlines()
    return "\n".join(told)


def _read(noted: Path) -> str:
    return noted.read_text(encoding="utf-8") if noted.exists() else ""
