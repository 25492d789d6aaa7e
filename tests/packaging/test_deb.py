"""The .deb around a small payload: what it brings, and what its scripts do."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
LINUX = PACKAGING / "linux"
PROFILE = LINUX / "apparmor-profile"
LONG = 60
"""Seconds in which anything here ends, on the slowest machine."""
BUILD = """
import sys
from pathlib import Path
from linux import products
products.deb(*map(Path, sys.argv[1:]))
"""
ICONS = re.compile(r"usr/share/icons/hicolor/(\d+)x(\d+)/apps/torsend\.png")


def build(place: Path) -> Path:
    """The package, with a shell script in the place of Torsend."""
    payload, work, into = (place / name for name in ("payload", "work", "dist"))
    for each in (payload, work, into):
        each.mkdir(parents=True)
    (payload / "torsend").write_text("#!/bin/sh\n")
    (payload / "torsend").chmod(0o755)
    (work / "components.json").write_text("[]")
    subprocess.run(
        [sys.executable, "-c", BUILD, str(payload), str(work), str(into)], cwd=PACKAGING, check=True,
        capture_output=True, timeout=LONG,
    )  # fmt: skip
    (package,) = into.iterdir()
    return package


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("deb"))


@pytest.fixture
def system(package: Path, tmp_path: Path) -> Path:
    """A folder that stands for a machine on which it was just unpacked, scripts in ``DEBIAN``."""
    for part, place in (("-x", tmp_path), ("-e", tmp_path / "DEBIAN")):
        subprocess.run(["dpkg-deb", part, str(package), str(place)], check=True, timeout=LONG)
    (tmp_path / "etc" / "apparmor.d" / "local").mkdir(parents=True)
    return tmp_path


def configured(system: Path, script: str, what: str) -> None:
    """Runs one of its scripts as dpkg does with ``--root`` (dpkg(1), DPKG_ROOT); only the removal has something to say."""
    done = subprocess.run(
        [str(system / "DEBIAN" / script), what], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DPKG_ROOT": str(system)},
        capture_output=True, text=True, timeout=LONG, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) is ((script, what) == ("postrm", "remove"))


def parses(profile: Path) -> bool:
    """Whether this machine's AppArmor understands it; nothing is loaded."""
    command = ["/usr/sbin/apparmor_parser", "--skip-kernel-load", "--skip-cache", str(profile)]
    return subprocess.run(command, capture_output=True, timeout=LONG, check=False).returncode == 0


def test_its_icons_are_of_the_sizes_that_their_folders_say(system: Path) -> None:
    sizes = []
    for icon in (system / "usr" / "share" / "icons").rglob("*.png"):
        match = ICONS.fullmatch(icon.relative_to(system).as_posix())
        assert match
        # PNG specification, section 11.2.2: width and height are IHDR's first words.
        assert struct.unpack(">II", icon.read_bytes()[16:24]) == (int(match[1]), int(match[2]))
        sizes.append(int(match[1]))
    assert sorted(sizes) == [16, 22, 24, 32, 48, 64, 128, 256, 512]


def test_damaged_files_are_found_by_their_sums(system: Path) -> None:
    sums = (system / "DEBIAN" / "md5sums").read_text(encoding="utf-8")
    check = ["md5sum", "--check", "--quiet", "DEBIAN/md5sums"]
    assert subprocess.run(check, cwd=system, capture_output=True, timeout=LONG, check=False).returncode == 0
    files = {each for each in system.rglob("*") if each.is_file() and not each.is_symlink()}
    named = {system / line.partition("  ")[2] for line in sums.splitlines()}
    assert named == {each for each in files if "DEBIAN" not in each.parts}


def test_the_profile_is_one_that_apparmor_understands(tmp_path: Path) -> None:
    """An older AppArmor lacks one word of it: with that taken out, it must understand the rest."""
    text = PROFILE.read_text(encoding="utf-8")
    older = tmp_path / "older"
    older.write_text(text.replace("abi <abi/4.0>,\n", "").replace("  userns,\n", ""))
    assert parses(older)
    older.write_text(older.read_text().replace("{", "{\n  nonsense,"))
    assert not parses(older)
    if Path("/etc/apparmor.d/abi/4.0").exists():
        assert parses(PROFILE)


def test_the_profile_comes_where_it_is_understood_and_goes_with_the_package(system: Path) -> None:
    installed = system / "etc" / "apparmor.d" / "torsend"
    configured(system, "postinst", "configure")
    assert installed.exists() == parses(PROFILE)
    if installed.exists():
        assert installed.read_bytes() == PROFILE.read_bytes()
    installed.write_bytes(PROFILE.read_bytes())
    local = system / "etc" / "apparmor.d" / "local" / "torsend"
    local.write_text("# of the administrator\n")
    configured(system, "prerm", "upgrade")
    assert installed.exists()
    configured(system, "prerm", "remove")
    configured(system, "postrm", "remove")
    assert not installed.exists()
    assert local.exists()
    configured(system, "postrm", "purge")
    assert not local.exists()


@pytest.mark.parametrize("what", ["abort-remove", "abort-upgrade", "abort-deconfigure", "triggered"])
def test_the_profile_is_back_when_a_removal_is_broken_off_or_apparmor_comes_later(
    system: Path, what: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """deb-postinst(5): after a prerm that ran, dpkg has the package put in order again."""
    # Where AppArmor is of version 4, its parser takes the profile; here one stands for it that takes everything.
    bin_ = tmp_path_factory.mktemp("bin")
    (bin_ / "apparmor_parser").symlink_to("/usr/bin/true")
    around = {"PATH": f"{bin_}:/usr/sbin:/usr/bin:/sbin:/bin", "DPKG_ROOT": str(system)}
    installed = system / "etc" / "apparmor.d" / "torsend"
    for script, argument, there in (("prerm", "remove", False), ("postinst", what, True)):
        subprocess.run([str(system / "DEBIAN" / script), argument], env=around, timeout=LONG, check=True)
        assert installed.exists() is there


def test_dpkg_runs_it_again_when_apparmor_learns_the_word(system: Path) -> None:
    triggers = (system / "DEBIAN" / "triggers").read_text(encoding="utf-8").splitlines()
    (interest,) = (line for line in triggers if not line.startswith("#"))
    assert interest == "interest-noawait /etc/apparmor.d/abi/4.0"
    assert "abi <abi/4.0>," in PROFILE.read_text(encoding="utf-8")


def test_without_apparmor_it_is_configured_all_the_same(system: Path) -> None:
    (system / "etc" / "apparmor.d" / "local").rmdir()
    (system / "etc" / "apparmor.d").rmdir()
    for script, what in (("postinst", "configure"), ("prerm", "remove"), ("postrm", "purge")):
        configured(system, script, what)
    assert not (system / "etc" / "apparmor.d").exists()
