"""The list of what a product carries, as CycloneDX 1.5 JSON: from the pins and the lock."""

from __future__ import annotations

import json
import platform
import subprocess
import uuid
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

from pins import epoch, licences, locked, pins

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pins import Locked, Pin

COMPONENTS = "components.json"
"""In the work folder, written by payload/licences.py."""
_NAMES = uuid.UUID("6f1d3a52-6f0e-4a55-9c0a-6d3f6b2f9a41")


def write(into: Path, version: str, work: Path) -> Path:
    """Writes it beside the products.

    Args:
        work: where the payload was built: there lies what it took from the distribution.
    """
    product = into / f"torsend-{version}.cdx.json"
    taken = [
        each for each in json.loads((work / COMPONENTS).read_text(encoding="utf-8")) if each["kind"] == "deb"
    ]
    product.write_text(json.dumps(bill(version, taken), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return product


def bill(version: str, taken: Sequence[dict[str, str]] = ()) -> dict[str, Any]:
    """All of it, in the same order each time.

    Args:
        taken: packages of the distribution, with ``name``, ``version`` and ``licence``.
    """
    of_python = licences("python")
    components = [_pinned(pin) for pin in pins().values()]
    # The environment that it is built from is the lock, less what other systems and other Pythons need.
    components += [
        _package(locked()[name], licence) for name, licence in sorted(of_python.items()) if _is_here(name)
    ]
    components.append(
        _component(
            "python", platform.python_version(), "PSF-2.0", f"pkg:generic/python@{platform.python_version()}"
        )
    )
    components.append(
        _component("pyinstaller-bootloader", locked()["pyinstaller"].version, licences("builders")["pyinstaller"],
                   f"pkg:pypi/pyinstaller@{locked()['pyinstaller'].version}")
    )  # fmt: skip
    linked = {pin.package for pin in pins().values()}
    components += [
        _component(each["name"], each["version"], each["licence"], f"pkg:deb/debian/{each['name']}@{each['version']}")
        for each in taken if each["name"] not in linked
    ]  # fmt: skip
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMES, json.dumps(components, sort_keys=True))}",
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": "torsend",
                "name": "torsend",
                "version": version,
                "licenses": [{"expression": "GPL-3.0-or-later"}],
            },
        },
        "components": components,
    }


def _pinned(pin: Pin) -> dict[str, Any]:
    version = pin.version or _installed(pin.package)
    found = _component(pin.name, version, pin.licence, f"pkg:generic/{pin.name}@{version}")
    if pin.sha256:
        found["hashes"] = [{"alg": "SHA-256", "content": pin.sha256}]
    found["description"] = pin.why
    return found


def _package(package: Locked, licence: str) -> dict[str, Any]:
    # Which of a package's files was taken depends on the machine; the lock names them all.
    return _component(package.name, package.version, licence, f"pkg:pypi/{package.name}@{package.version}")


def _component(name: str, version: str, licence: str, url: str) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": url,
        "name": name,
        "version": version,
        "licenses": [{"expression": licence}],
        "purl": url,
    }


def _is_here(package: str) -> bool:
    try:
        return bool(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False


def _installed(package: str) -> str:
    return subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=True
    ).stdout.strip()
