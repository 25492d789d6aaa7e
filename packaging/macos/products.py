"""What goes around the application on macOS: a disk image, from which it is drawn into the Applications folder."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

from pins import epoch
from product import product as made
from product import version


def dmg(payload: Path, work: Path, into: Path) -> Path:
    """The image: Torsend.app beside a link to /Applications. Signed and notarised only with a real identity in product.toml.

    Args:
        payload: PyInstaller's folder; the application lies beside it.
    """
    product = into / f"torsend-{version()}-macos-{platform.machine()}.dmg"
    stage = work / "dmg"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    application = stage / f"{made().name}.app"
    shutil.copytree(payload.parent / application.name, application, symlinks=True)
    # Beside it: the application was signed before they were gathered.
    shutil.copytree(payload / "licences", stage / "Licences")
    (stage / "Applications").symlink_to("/Applications")
    for path in [*stage.rglob("*"), stage]:
        os.utime(path, (epoch(), epoch()), follow_symlinks=False)
    for command in commands(stage, product):
        subprocess.run(command, check=True)
    return product


def commands(stage: Path, product: Path) -> list[list[str]]:
    """What is called, in this order. Of an image that nobody signed macOS says that it can't be checked."""
    identity, profile = made().macos_identity, made().macos_notary_profile
    application = stage / f"{made().name}.app"
    found = [
        # PyInstaller has signed each program and library, if only for this machine (ad hoc); a broken one would not start.
        ["codesign", "--verify", "--deep", "--strict", str(application)],
        [
            "hdiutil",
            "create",
            "-volname",
            made().name,
            "-srcfolder",
            str(stage),
            "-fs",
            "HFS+",
            "-format",
            "UDZO",
            "-ov",
            str(product),
        ],
    ]
    if identity:
        found.append(["codesign", "--sign", identity, "--timestamp", str(product)])
    if identity and profile:
        found += [
            ["xcrun", "notarytool", "submit", str(product), "--keychain-profile", profile, "--wait"],
            ["xcrun", "stapler", "staple", str(product)],
        ]
    return found


ALL = (dmg,)
