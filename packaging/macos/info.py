"""What macOS is told of the application: its Info.plist."""

from __future__ import annotations

import re
from importlib import metadata
from typing import Any

from payload.targets import OLDEST_MACOS
from product import product, version


def info() -> dict[str, Any]:
    """All that PyInstaller doesn't write by itself.

    https://developer.apple.com/documentation/bundleresources/information-property-list
    """
    return {
        "CFBundleIdentifier": product().id,
        "CFBundleName": product().name,
        "CFBundleDisplayName": product().name,
        "CFBundleShortVersionString": version(),
        "CFBundleVersion": ".".join(re.findall(r"\d+", version())),
        "CFBundleDevelopmentRegion": "en",
        "CFBundleURLTypes": [
            # It can open mailto: links; which program does, the person chooses in Mail's settings.
            {
                "CFBundleURLName": f"{product().id}.mailto",
                "CFBundleURLSchemes": ["mailto"],
                "CFBundleTypeRole": "Editor",
            }
        ],
        "LSApplicationCategoryType": "public.app-category.productivity",
        "LSMinimumSystemVersion": oldest_system(),
        "NSHighResolutionCapable": True,
        # Both of its looks are its own, and it follows the system's.
        "NSRequiresAquaSystemAppearance": False,
        # Windows are not reopened by macOS, which would keep pictures and states of them on the disk.
        "NSQuitAlwaysKeepsWindows": False,
        "NSHumanReadableCopyright": "GPL-3.0-or-later",
    }


def oldest_system() -> str:
    """The oldest macOS that every wheel within was built for; what is compiled here is built for its least."""
    found = [_numbers(OLDEST_MACOS)]
    for each in metadata.distributions():
        tags = re.findall(r"^Tag: .*-macosx_(\d+)_(\d+)_", each.read_text("WHEEL") or "", re.MULTILINE)
        # One that names several runs on the oldest of them.
        found += [min((int(major), int(minor)) for major, minor in tags)] if tags else []
    return ".".join(map(str, max(found)))


def _numbers(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)
