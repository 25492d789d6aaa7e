"""What the payload needs on Windows and macOS, and Linux has no use for."""

from __future__ import annotations

import os
from pathlib import Path

import program_icon
from pins import here

BROUGHT = ("msvcp", "vcruntime", "concrt", "python", "libcrypto", "libssl", "libffi", "qt6")
"""What a builder's Windows may have and another's has not: it must come along."""


def prepare(work: Path) -> None:
    """Makes what PyInstaller is handed: the icon, and on Windows what a program says of itself in its properties."""
    if here() == "windows":
        from windows import version_resource

        program_icon.ico(work / "torsend.ico")
        for name in ("torsend", "torsend-gui"):
            (work / f"{name}.version").write_text(version_resource.text(name), encoding="utf-8")
    elif here() == "macos":
        program_icon.icns(work / "torsend.icns")


def check_whole(folder: Path) -> None:
    """Sees that each library that another names is there, or belongs to the system.

    Raises:
        SystemExit
    """
    from PyInstaller.depend.bindepend import get_imports  # type: ignore[import-untyped]

    from payload.origins import is_binary

    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    there = {path.name.lower() for path in folder.rglob("*")}
    missing: dict[str, list[str]] = {}
    for path in files:
        if is_binary(path):
            for name, _ in get_imports(str(path)):
                if not belongs(name) and Path(name).name.lower() not in there:
                    missing.setdefault(name, []).append(path.name)
    if missing:
        raise SystemExit(f"The payload isn't whole: {missing}")


def belongs(name: str) -> bool:
    """Whether every machine of this system has that library."""
    if here() == "macos":
        return name.startswith(("/usr/lib/", "/System/Library/"))
    name = name.lower()
    if name.startswith(BROUGHT):
        return False
    return name.startswith(("api-ms-win-", "ext-ms-win-")) or _in_windows(name)


def _in_windows(name: str) -> bool:
    return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", name).is_file()
