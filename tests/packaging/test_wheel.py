"""The wheel and the source archive: what they hold, and that the program runs from there, far from this tree."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import torsend

ROOT = Path(__file__).resolve().parents[2]
LONG = 120
"""Seconds in which anything here ends, on the slowest machine."""
BUILD = """
import sys
from pathlib import Path
import wheels
work, into = map(Path, sys.argv[1:])
wheels.wheel(wheels.sdist(work, into), work, into)
"""


def built(tree: Path, place: Path, umask: int) -> tuple[Path, Path]:
    """The source archive and the wheel, as the tree's own build makes them below the place."""
    work, into = place / "work", place / "dist"
    into.mkdir(parents=True)
    subprocess.run(
        [sys.executable, "-c", BUILD, str(work), str(into)], cwd=tree / "packaging", umask=umask, check=True,
        capture_output=True, timeout=LONG,
    )  # fmt: skip
    (archive,), (wheel,) = into.glob("*.tar.gz"), into.glob("*.whl")
    return archive, wheel


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return built(ROOT, tmp_path_factory.mktemp("built"), 0o022)


@pytest.fixture(scope="module")
def installed(both: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel, as pipx makes one. What Torsend needs is this environment's own."""
    place = tmp_path_factory.mktemp("pipx") / "venv"
    venv.EnvBuilder(symlinks=True).create(place)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", "--quiet", "--no-index",
         "--no-deps", "--no-compile", str(both[1])],
        cwd=place, check=True, capture_output=True, timeout=LONG,
    )  # fmt: skip
    (libraries,) = (place / "lib").glob("python3*/site-packages")
    ours = next(
        each for each in sys.path if each.endswith("site-packages") and (Path(each) / "PySide6").is_dir()
    )
    # Below its own, and without what that has for this tree's sake: only folders, no editable install.
    (libraries / "needs.pth").write_text(f"{ours}\n")
    return place


def run(place: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Starts the installed ``torsend`` as a person does, from nowhere near this tree."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "QT_QPA_PLATFORM": "offscreen",
    }
    return subprocess.run(
        [str(place / "bin" / "torsend"), *arguments], cwd=home, env=environment, capture_output=True, text=True,
        timeout=LONG, check=False,
    )  # fmt: skip


def test_the_wheel_holds_the_program_with_its_resources_and_nothing_else(both: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(both[1]) as wheel:
        names = set(wheel.namelist())
    information = f"torsend-{torsend.__version__}"
    tracked = {
        str(path.relative_to(ROOT)) for path in (ROOT / "torsend").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }  # fmt: skip
    resources = {
        f"torsend/{path.relative_to(ROOT)}" for path in (ROOT / "resources").rglob("*") if path.is_file()
    }
    assert "torsend/resources/icons/torsend.svg" in resources
    assert {each for each in names if each.startswith("torsend/")} == tracked | resources
    further = {each.removeprefix(f"{information}.data/data/share/") for each in names if ".data/" in each}
    assert further == {
        "applications/torsend.desktop", "icons/hicolor/scalable/apps/torsend.svg", "man/man1/torsend.1",
        "metainfo/org.torsend.torsend.metainfo.xml",
    }  # fmt: skip
    assert all(each.startswith(("torsend/", f"{information}.")) for each in names)


def test_the_source_archive_is_this_tree_and_nobody_s(both: tuple[Path, Path]) -> None:
    begin = f"torsend-{torsend.__version__}/"
    with tarfile.open(both[0]) as archive:
        entries = archive.getmembers()
    names = {each.name.removeprefix(begin) for each in entries if each.isfile()}
    # All that is under version control, where that is known; an archive's own tree is built anew by another test.
    known = []
    if (ROOT / ".git").exists():
        known = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z"],
            capture_output=True,
            text=True,
            timeout=LONG,
            check=True,
        ).stdout.split("\0")
    parts = {"pyproject.toml", "packaging/dev.py", ".ci/run", ".ci/build-installers.yml", "tests/conftest.py"}
    assert parts | {each for each in known if each and (ROOT / each).exists()} <= names
    assert not [
        each
        for each in names
        if each.endswith(".pyc") or each.startswith((".venv", "build", "dist", ".git/"))
    ]
    assert {(each.uid, each.gid, each.uname, each.gname) for each in entries} == {(0, 0, "root", "root")}
    assert {each.mode for each in entries} == {0o644, 0o755}
    assert len({each.mtime for each in entries}) == 1


def test_who_has_the_source_archive_builds_both_the_same_elsewhere(
    both: tuple[Path, Path], tmp_path: Path
) -> None:
    subprocess.run(["tar", "-xf", str(both[0]), "-C", str(tmp_path)], check=True, timeout=LONG)
    again = built(tmp_path / f"torsend-{torsend.__version__}", tmp_path / "again", 0o077)
    for first, second in zip(both, again, strict=True):
        assert first.name == second.name
        assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()


def test_installed_it_runs_far_from_this_tree_and_finds_what_came_with_it(
    installed: Path, tmp_path: Path
) -> None:
    assert run(installed, tmp_path, "--version").stdout == f"torsend {torsend.__version__}\n"
    script = "import torsend; from torsend.paths import resources; print(torsend.__file__, resources())"
    told = subprocess.run(
        [str(installed / "bin" / "python"), "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=LONG,
        check=True,
    )  # fmt: skip
    assert all(Path(each).is_relative_to(installed) for each in told.stdout.split())
    assert (installed / "share" / "man" / "man1" / "torsend.1").is_file()
    assert (installed / "bin" / "torsend-gui").is_file()


def test_installed_it_cleans_a_file_in_a_process_of_its_own(installed: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.svg"
    letter.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><title>by Wren</title><rect width="4" height="4"/></svg>'
    )
    done = run(installed, tmp_path, "clean", str(letter), "--output", str(tmp_path / "cleaned.svg"))
    assert done.returncode == 0, done.stderr
    assert "Wren" not in (tmp_path / "cleaned.svg").read_text()
