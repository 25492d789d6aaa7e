"""The Flatpak manifest: the .tar.xz, by its sha256, in a sandbox. It carries what the other products carry, so that one
payload is tried and not two. On a machine with flatpak-builder, in dist/:

    flatpak-builder --user --install --force-clean build-flatpak torsend-VERSION.flatpak.json

Tried is its form alone: no Flatpak runtime can be had where it was written.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from product import product

if TYPE_CHECKING:
    from pathlib import Path

RUNTIME = ("org.freedesktop.Platform", "org.freedesktop.Sdk", "25.08")
"""For its libc, its graphics and its letters; Python and Qt come along."""
PERMISSIONS = (
    "--share=network",  # Tor
    "--share=ipc",  # shared memory with X11
    "--socket=wayland",
    "--socket=fallback-x11",
    "--device=dri",
    "--talk-name=org.freedesktop.secrets",  # the keyring
)
"""No ``--filesystem``: what is attached comes by the desktop's own dialog, which hands over that file alone;
torsend/gui/parts/file_dialog.py asks for it here, and nowhere else."""


def manifest(archive: Path, desktop: str, metainfo: str, icon: str) -> dict[str, Any]:
    """All of it, as flatpak-manifest(5) has it.

    Args:
        archive: the .tar.xz, beside which the manifest will lie.
        desktop: the desktop file's text; so the others.
    """
    name = product().id
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # Flatpak lets out only what is called as the application.
    files = {
        f"{name}.desktop": (desktop.replace("Icon=torsend\n", f"Icon={name}\n"), "applications"),
        f"{name}.metainfo.xml": (metainfo.replace(">torsend.desktop<", f">{name}.desktop<"), "metainfo"),
        f"{name}.svg": (icon, "icons/hicolor/scalable/apps"),
    }
    return {
        "id": name,
        "runtime": RUNTIME[0],
        "sdk": RUNTIME[1],
        "runtime-version": RUNTIME[2],
        "command": "torsend",
        "finish-args": list(PERMISSIONS),
        # What is built is what was built before: nothing strips or rewrites it.
        "build-options": {"strip": False, "no-debuginfo": True},
        "modules": [
            {
                "name": "torsend",
                "buildsystem": "simple",
                "build-commands": [
                    "mkdir -p /app/lib /app/bin",
                    "cp -a payload /app/lib/torsend",
                    "ln -s ../lib/torsend/torsend /app/bin/torsend",
                    *(
                        f"install -Dm644 {file} /app/share/{place}/{file}"
                        for file, (_, place) in files.items()
                    ),
                ],
                "sources": [
                    {"type": "archive", "path": archive.name, "sha256": digest, "dest": "payload"},
                    *(
                        {"type": "inline", "contents": text, "dest-filename": file}
                        for file, (text, _) in files.items()
                    ),
                ],
            }
        ],
    }


def write(archive: Path, texts: tuple[str, str, str], into: Path) -> Path:
    """Writes it into the file ``into``."""
    into.write_text(
        json.dumps(manifest(archive, *texts), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return into
