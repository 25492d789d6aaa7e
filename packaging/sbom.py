"""The list of what a product carries, as CycloneDX 1.5 JSON: from the pins, the lock and what wheels say of themselves."""

from __future__ import annotations

import json
import platform
import subprocess
import uuid
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pins import epoch, licences, locked, pins
from product import product
from wheels_within import within

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
    # On Linux it is among what is taken of the distribution.
    if not any(each["name"].startswith("libpython3") for each in taken):
        python = platform.python_version()
        components.append(_component("python", python, "PSF-2.0", _url("generic", "python", python)))
    starter = locked()["pyinstaller"].version
    components.append(
        _component("pyinstaller-bootloader", starter, licences("builders")["pyinstaller"],
                   _url("pypi", "pyinstaller", starter))
    )  # fmt: skip
    linked = {pin.package for pin in pins().values()}
    components += [
        _component(each["name"], each["version"], each["licence"], _debian(each["name"], each["version"]))
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
            "supplier": {"name": product().publisher, "url": [product().homepage]},
        },
        "components": components,
        "dependencies": [{"ref": "torsend", "dependsOn": [each["bom-ref"] for each in components]}],
    }


def _pinned(pin: Pin) -> dict[str, Any]:
    version = pin.version or _installed(pin.package)
    url = _url("generic", pin.name, version)
    if pin.kind == "linked":
        url = _debian(pin.package, version)
    elif pin.kind == "binary":
        url = _debian(pin.name, version, pin.suite)
    found = _component(pin.name, version, pin.licence, url)
    if pin.sha256:
        found["hashes"] = [{"alg": "SHA-256", "content": pin.sha256}]
    found["description"] = pin.why
    return found


def _package(package: Locked, licence: str) -> dict[str, Any]:
    # Which of a package's files was taken depends on the machine; the lock names them all.
    url = _url("pypi", package.name, package.version)
    found = _component(package.name, package.version, licence, url)
    if inner := [
        {**_component(each.name, each.version, each.licence, _url("generic", each.name, each.version)),
         "bom-ref": f"{url}#{each.name}"}
        for each in within(package.name)
    ]:  # fmt: skip
        found["components"] = inner
    return found


def _component(name: str, version: str, licence: str, url: str) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": url,
        "name": name,
        "version": version,
        "licenses": [{"expression": licence}],
        "purl": url,
    }


def _url(kind: str, name: str, version: str) -> str:
    """The address by which those who watch for faults know it (package-url specification)."""
    return f"pkg:{kind}/{quote(name, safe='/')}@{quote(version, safe=':')}"


def _debian(package: str, version: str, suite: str = "") -> str:
    """The same of a package of Debian's; of this machine's release, unless another is named."""
    release = suite or platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    return f"{_url('deb', f'debian/{package}', version)}{release and f'?distro={release}'}"


def _is_here(package: str) -> bool:
    try:
        return bool(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False


def _installed(package: str) -> str:
    return subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=True
    ).stdout.strip()
