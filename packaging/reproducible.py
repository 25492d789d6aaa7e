"""Builds everything a second time, from a copy of the tree at another path, and names each file that differs.

``python3 packaging/reproducible.py [--only wheel|deb|appimage|tar] [--keep]`` after ``python3 packaging/dev.py build``. It
takes as long as the first build: tor is compiled again, too. Ends with 0 only if every product is bit-identical.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ending import heed_signals
from wheels import LEFT_OUT

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Builds, compares, says what differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    # The Flatpak's manifest names the .tar.xz by its hash, so it is compared where everything is.
    parser.add_argument("--only", choices=("wheel", "deb", "appimage", "tar"), help="this product alone")
    parser.add_argument("--keep", action="store_true", help="leaves the second build, and says where")
    given = parser.parse_args()
    first = {path.name: path for path in sorted((ROOT / "dist").glob("torsend*"))}
    if not first:
        raise SystemExit("There is nothing to compare with: python3 packaging/dev.py build")
    heed_signals()
    place = Path(tempfile.mkdtemp(prefix="torsend-again-"))
    try:
        # Neither as deep as this tree nor called like it.
        tree = place / "elsewhere" / "and-deeper" / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        only = ["--only", given.only] if given.only else []
        done = subprocess.run(
            [sys.executable, str(tree / "packaging" / "dev.py"), "build", *only], cwd=tree, check=False,
            # Another moment's hash seed, language and zone must make no difference either.
            env={**os.environ, "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "random"},
        )  # fmt: skip
        if done.returncode:
            return done.returncode
        return 1 if _differences(first, tree) else 0
    finally:
        if given.keep:
            print(f"The second build lies in {place}")
        else:
            shutil.rmtree(place)


def _differences(first: dict[str, Path], tree: Path) -> int:
    differing = 0
    for folder in ("programs", "bundle/torsend"):
        if not (tree / "build" / "payload" / folder).exists():
            continue  # the wheel alone was asked for
        ours, theirs = (_hashes(root / "build" / "payload" / folder) for root in (ROOT, tree))
        for name in sorted(ours.keys() | theirs.keys()):
            if ours.get(name) != theirs.get(name):
                how = "differs" if name in ours and name in theirs else "is in one of them only"
                print(f"{folder}/{name} {how}")
                differing += 1
        print(f"{folder}: {len(ours)} files compared")
    for path in sorted((tree / "dist").glob("torsend*")):
        same = path.name in first and _hash(path) == _hash(first[path.name])
        print(f"{path.name}: {'bit-identical' if same else 'DIFFERS'}")
        differing += not same
    return differing


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else _hash(path)
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
