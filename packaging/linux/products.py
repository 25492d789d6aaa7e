"""What goes around the payload on Linux: a .deb, an AppImage, a .tar.xz and the manifest of a Flatpak."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import program_icon
from pins import epoch
from product import product as made
from product import version
from sbom import COMPONENTS

from linux import appimage as image
from linux import flatpak as sandbox

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

NAME = "torsend"
DESKTOP_FILES = {
    HERE / "torsend.desktop": "applications/torsend.desktop",
    HERE / f"{made().id}.metainfo.xml": f"metainfo/{made().id}.metainfo.xml",
    ROOT / "resources" / "icons" / "torsend.svg": "icons/hicolor/scalable/apps/torsend.svg",
}
"""What a desktop wants to find, and where below ``/usr/share``; the icon in fixed sizes stands beside (`desktop_files`)."""
ICON_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
"""Pixels: those that hicolor, the theme that every other falls back to, has folders for."""
SCRIPTS = ("postinst", "prerm", "postrm")
"""What the package manager runs: the AppArmor profile comes and goes, and a removal tells what stays."""
DEPENDS = (
    "libc6 (>= 2.36)", "libegl1", "libgl1", "libx11-6", "libxcb1", "libwayland-client0", "libwayland-cursor0", "xkb-data",
    "fonts-dejavu-core | fonts-freefont-ttf | ttf-bitstream-vera",
)  # fmt: skip
"""What the payload takes from the machine: its libc, its screen's libraries, and letters to draw."""
DESCRIPTION = """Send email through Tor, with nothing in it that tells its origin
 You compose in a window, choose who you are, press Send. Torsend writes the
 message without anything that tells where or on what it was written, seals it
 in an encrypted outbox, and hands it to your own provider through Tor, on a
 circuit that none of your other identities uses.
 .
 It brings its own Tor, which ends with it. "torsend selftest" tries the whole
 path on this computer.
 .
 Removing the package leaves what you keep, encrypted. Before that, "Help and
 data" in the window, or "torsend wipe", removes it for good."""


def machine() -> str:
    """As Debian calls it."""
    return subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()


def desktop_files(work: Path) -> dict[Path, str]:
    """All that a desktop wants to find; what has to be drawn for it is drawn in ``work``."""
    found = dict(DESKTOP_FILES)
    for size in ICON_SIZES:
        drawn = work / "icons" / f"{size}.png"
        drawn.parent.mkdir(parents=True, exist_ok=True)
        drawn.write_bytes(program_icon.png(size))
        found[drawn] = f"icons/hicolor/{size}x{size}/apps/{NAME}.png"
    return found


def deb(payload: Path, work: Path, into: Path) -> Path:
    """The package: the payload in /opt, and what a desktop wants to find."""
    stage = work / "deb"
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(payload, stage / "opt" / NAME, symlinks=True)
    share = stage / "usr" / "share"
    doc = share / "doc" / NAME
    places = {
        **{source: share / target for source, target in desktop_files(work).items()},
        HERE / "apparmor-profile": share / NAME / "apparmor-profile",
        HERE / "lintian-overrides": share / "lintian" / "overrides" / NAME,
    }
    for source, target in places.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    (share / "man" / "man1").mkdir(parents=True)
    _packed(HERE / "torsend.1", share / "man" / "man1" / "torsend.1.gz")
    doc.mkdir(parents=True)
    (doc / "copyright").write_text(licences(work), encoding="utf-8")
    (doc / "licences").symlink_to(f"/opt/{NAME}/licences")
    _packed(ROOT / "CHANGELOG.md", doc / "changelog.gz")
    links = stage / "usr" / "bin"
    links.mkdir(parents=True)
    (links / NAME).symlink_to(f"/opt/{NAME}/{NAME}")
    control = stage / "DEBIAN"
    control.mkdir()
    for each in (*SCRIPTS, "triggers"):
        shutil.copy(HERE / each, control / each)
    size = (
        sum(each.stat().st_size for each in stage.rglob("*") if each.is_file() and not each.is_symlink())
        // 1024
    )
    (control / "control").write_text(
        f"Package: {NAME}\nVersion: {version()}\nArchitecture: {machine()}\nMaintainer: {made().maintainer}\n"
        f"Installed-Size: {size}\nDepends: {', '.join(DEPENDS)}\nSection: mail\nPriority: optional\n"
        f"Homepage: {made().homepage}\nDescription: {DESCRIPTION}\n",
        encoding="utf-8",
    )
    (control / "md5sums").write_text(_sums(stage), encoding="utf-8")
    _settle(stage)
    product = into / f"{NAME}_{version()}_{machine()}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", str(stage), str(product)],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch())}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return product


def tar(payload: Path, work: Path, into: Path) -> Path:
    """The payload as it is: unpack it anywhere and start ``torsend/torsend``."""
    product = into / f"{NAME}-{version()}-linux-{machine()}.tar.xz"
    plain = work / "payload.tar"
    with tarfile.open(plain, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted([payload, *payload.rglob("*")]):
            entry = archive.gettarinfo(str(path), f"{NAME}/{path.relative_to(payload)}".removesuffix("/."))
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = "root"
            entry.mtime = epoch()
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    archive.addfile(entry, file)
            else:
                archive.addfile(entry)
    with product.open("wb") as out:
        # One thread: with several, how the blocks fall depends on the machine.
        subprocess.run(["xz", "-6", "-T1", "-c", str(plain)], stdout=out, check=True)
    plain.unlink()
    return product


def appimage(payload: Path, work: Path, into: Path) -> Path:
    """One file that is not installed: make it executable and start it."""
    product = into / f"{NAME}-{version()}-{image.machine()}.AppImage"
    return image.appimage(payload, desktop_files(work), work, product)


def flatpak(_payload: Path, _work: Path, into: Path) -> Path:
    """The manifest that makes a Flatpak of the .tar.xz."""
    archive = into / f"{NAME}-{version()}-linux-{machine()}.tar.xz"
    if not archive.exists():
        raise SystemExit(f"The Flatpak carries {archive.name}, which isn't built yet.")
    desktop, metainfo, icon = (source.read_text(encoding="utf-8") for source in DESKTOP_FILES)
    return sandbox.write(archive, (desktop, metainfo, icon), into / f"{NAME}-{version()}.flatpak.json")


ALL = (deb, appimage, tar, flatpak)


def licences(work: Path) -> str:
    """The package's copyright file (DEP-5): ours, and that of each thing within, as the payload's own list has it."""
    components = json.loads((work / COMPONENTS).read_text(encoding="utf-8"))
    lines = [
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
        f"Upstream-Name: {NAME}",
        f"Source: {made().sources}",
        "",
        "Files: *",
        f"Copyright: 2025-2026 {made().publisher}",
        "License: GPL-3.0-or-later",
        " On Debian systems the text stands in /usr/share/common-licenses/GPL-3.",
        "",
        "Comment: What is carried within opt/torsend, and under which licence. The texts, the offer of the source",
        " and how to use other versions of the libraries lie in /opt/torsend/licences.",
        *(f" {each['name']} {each['version']}: {each['licence']}" for each in components),
        "",
    ]
    return "\n".join(lines)


def _sums(stage: Path) -> str:
    """deb-md5sums(5): by it ``dpkg --verify`` finds a file that is damaged; it proves nothing."""
    files = sorted(
        each for each in stage.rglob("*")
        if each.is_file() and not each.is_symlink() and "DEBIAN" not in each.relative_to(stage).parts[:1]
    )  # fmt: skip
    lines = (
        f"{hashlib.md5(each.read_bytes(), usedforsecurity=False).hexdigest()}  {each.relative_to(stage)}\n"
        for each in files
    )
    return "".join(lines)


def _packed(source: Path, target: Path) -> None:
    target.write_bytes(gzip.compress(source.read_bytes(), 9, mtime=0))


def _settle(stage: Path) -> None:
    """Rights as they belong, and one time stamp."""
    for path in sorted(stage.rglob("*"), reverse=True):
        if not path.is_symlink() and "opt" not in path.relative_to(stage).parts:
            path.chmod(0o755 if path.is_dir() or path.name in SCRIPTS else 0o644)
        os.utime(path, (epoch(), epoch()), follow_symlinks=False)
    for folder in (stage, stage / "opt"):
        folder.chmod(0o755)
        os.utime(folder, (epoch(), epoch()))
