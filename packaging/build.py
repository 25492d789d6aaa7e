"""Builds what is installed on this platform into dist/: ``python3 packaging/dev.py build``."""

from __future__ import annotations

import argparse
import hashlib
import importlib
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import sbom
import wheels
from payload import bundle, programs
from pins import here
from product import product, version

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Builds the payload, then each product around it; says how large each is and how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "payload", help="where it is built")
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="where the products go")
    # The wheel is the same for every system.
    names = [*(["wheel"] if here() == "linux" else []), *(make.__name__ for make in _products())]
    parser.add_argument("--only", choices=names, help="this product alone")
    parser.add_argument("--payload-only", action="store_true", help="the folder alone, no product")
    parser.add_argument(
        "--programs-for",
        choices=("windows", "macos"),
        help="builds tor for that system, and nothing else; for Windows on Debian",
    )
    parser.add_argument("--programs", type=Path, help="a folder of programs that --programs-for has made")
    parser.add_argument(
        "--release", action="store_true", help="refuses while product.toml holds placeholders"
    )
    given = parser.parse_args()
    if given.release:
        product().check_release()
    work, into = given.work.resolve(), given.into.resolve()
    for each in (work, into):
        each.mkdir(parents=True, exist_ok=True)
    if given.programs_for:
        print(programs.made(given.programs_for, work))
        return 0
    built = []
    if here() == "linux" and given.only in {None, "wheel"} and not given.payload_only:
        built.append(wheels.sdist(work, into))
        built.append(wheels.wheel(built[0], work, into))
        print(*(f"{made.name}: {_megabytes(made)}" for made in built), sep="\n", flush=True)
    if given.only == "wheel":
        return 0
    began = time.monotonic()
    folder = bundle.make(work, given.programs and given.programs.resolve())
    print(f"payload: {_megabytes(folder)}, {time.monotonic() - began:.0f} s: {folder}", flush=True)
    if given.payload_only:
        return 0
    for make in (make for make in _products() if given.only in {None, make.__name__}):
        began = time.monotonic()
        made = make(folder, work, into)
        built.append(made)
        print(f"{made.name}: {_megabytes(made)}, {time.monotonic() - began:.0f} s", flush=True)
    bill = sbom.write(into, version(), work)
    print(f"{bill.name}: what they carry", flush=True)
    contents = into / f"torsend-{version()}.contents.txt"
    shutil.copyfile(folder / "licences" / "CONTENTS.txt", contents)
    sums = _sums(into, [*built, bill, contents])
    print(f"{sums.name}: to be signed, see packaging/README.md", flush=True)
    return 0


def _products() -> tuple[Callable[[Path, Path, Path], Path], ...]:
    """What is built on this system: each is given the payload, a folder to work in, and one for the product."""
    if here() not in {"linux", "windows", "macos"}:
        raise SystemExit(f"Nothing is built on {here()}.")
    made: tuple[Callable[[Path, Path, Path], Path], ...] = importlib.import_module(f"{here()}.products").ALL
    return made


def _sums(into: Path, built: list[Path]) -> Path:
    """Writes the checksums of what was just built, as ``sha256sum --check`` reads them."""
    sums = into / "SHA256SUMS"
    with sums.open("w", encoding="utf-8") as out:
        for path in sorted(built):
            with path.open("rb") as file:
                out.write(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    return sums


def _megabytes(path: Path) -> str:
    files = (
        [path]
        if path.is_file()
        else [each for each in path.rglob("*") if each.is_file() and not each.is_symlink()]
    )
    return f"{sum(each.stat().st_size for each in files) / 1e6:.1f} MB"


if __name__ == "__main__":
    raise SystemExit(main())
