"""The source archive, and the wheel that is built of it: for pipx and pip, on every system.

Both come out bit-identical wherever they are built: in a copy of the tree without what the tree collects while one works
in it, with one time stamp, one owner and rights that no umask changes.
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from payload import traces
from pins import epoch

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "shots", "__pycache__", ".*_cache", "*.egg-info", ".hypothesis", ".coverage*",
    # What setuptools puts into a source archive.
    "PKG-INFO", "setup.cfg",
)  # fmt: skip
"""What lies in a tree that is worked in and is no part of it."""


def sdist(work: Path, into: Path) -> Path:
    """The whole tree as an archive: ``torsend-VERSION.tar.gz``."""
    place = _emptied(work / "sdist")
    tree = place / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    made = _by_setuptools("build_sdist", tree, place)
    product = into / made.name
    with tarfile.open(made) as rough:
        product.write_bytes(_settled(rough))
    return product


def wheel(archive: Path, work: Path, into: Path) -> Path:
    """The wheel: built of the source archive alone, so whoever has that builds the same.

    Args:
        archive: what `sdist` made.
    """
    place = _emptied(work / "wheel")
    # By tar: the tarfile of Debian 12's Python has no filter yet.
    subprocess.run(["tar", "--extract", "--no-same-owner", "--file", str(archive)], cwd=place, check=True)
    (tree,) = place.iterdir()
    traces.check(tree, [ROOT, work])
    return _by_setuptools("build_wheel", tree, into)


def _by_setuptools(hook: str, tree: Path, into: Path) -> Path:
    """Calls one of its hooks (PEP 517) within the tree; gives what it made."""
    script = f"import sys; from setuptools import build_meta; print(build_meta.{hook}(sys.argv[1]))"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch()), "PYTHONHASHSEED": "0", "LC_ALL": "C"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-c", script, str(into)], cwd=tree, env=environment, umask=0o022, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"setuptools failed:\n{done.stdout}{done.stderr}")
    return into / done.stdout.splitlines()[-1]


def _settled(rough: tarfile.TarFile) -> bytes:
    """The same archive in one order, of one moment, by nobody."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in sorted(rough.getmembers(), key=lambda entry: entry.name):
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = "root"
            entry.mtime = epoch()
            entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
            entry.pax_headers = {}
            archive.addfile(entry, rough.extractfile(entry) if entry.isfile() else None)
    return gzip.compress(plain.getvalue(), 9, mtime=epoch())


def _emptied(place: Path) -> Path:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place
