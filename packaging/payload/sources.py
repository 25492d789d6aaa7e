"""Fetches what pins.toml names: on Debian by apt, which checks signatures; elsewhere, and where Debian has a newer one now,
from its archive of all that it ever had. What it must be, the pin's sha256 says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pins import Pin

ARCHIVE = "https://snapshot.debian.org/file/"
"""By a file's sha1, which is its address there and proves nothing."""
LARGEST = 64 * 1024 * 1024
"""Bytes; the largest source is 16 MB."""
PATIENCE_SECONDS = 120


def fetched(pin: Pin, folder: Path) -> Path:
    """The pinned file, in that folder.

    Raises:
        SystemExit: it can't be had, or is another.
    """
    file = folder / pin.file
    folder.mkdir(parents=True, exist_ok=True)
    if not file.exists() and shutil.which("apt-get") is not None:
        apt = _private_apt(folder, source=pin.kind == "source", suite=pin.suite)
        wanted = f"{pin.name}={pin.version}"
        how = (
            ["source", "--download-only", pin.package or pin.name]
            if pin.kind == "source"
            else ["download", wanted]
        )
        subprocess.run([*apt, *how], cwd=folder, stdout=subprocess.DEVNULL, check=False)
    if not file.exists():
        _download(pin, file)
    pin.check(file)
    return file


def _download(pin: Pin, file: Path) -> None:
    """From the archive; by TLS, though it is the hash that counts."""
    renew = "Renew its pin in packaging/pins.toml."
    if not pin.sha1:
        raise SystemExit(f"{pin.file} can be had by Debian's apt alone, and that no longer has it. {renew}")
    try:
        with urllib.request.urlopen(ARCHIVE + pin.sha1, timeout=PATIENCE_SECONDS) as answer:
            data = answer.read(LARGEST + 1)
    except OSError as error:
        raise SystemExit(
            f"{pin.file} is neither with the distribution nor at {ARCHIVE}: {error}. {renew}"
        ) from None
    half = file.with_name(f"{file.name}.half")
    half.write_bytes(data)
    pin.check(half)
    half.replace(file)


def _private_apt(folder: Path, *, source: bool, suite: str) -> list[str]:
    """apt, which checks signatures, with a list of sources of our own: the machine's stays as it is.

    Args:
        suite: the distribution's release; this machine's, if empty.
    """
    private = folder / f"apt-{'source' if source else 'binary'}-{suite or 'own'}"
    for part in ("lists/partial", "sources"):
        (private / part).mkdir(parents=True, exist_ok=True)
    places = _own_sources()
    if suite:
        # The release itself: where it is kept beside this machine's.
        places = sorted({(uri, suite) for uri, own in places if "-" not in own})
    (private / "sources" / "torsend.sources").write_text(
        "".join(
            f"Types: {'deb-src' if source else 'deb'}\nURIs: {uri}\nSuites: {each}\nComponents: main\n"
            "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
            for uri, each in places
        )
    )
    apt = [
        "apt-get", "-q", "-o", "Dir::Etc::sourcelist=/dev/null", "-o", f"Dir::Etc::sourceparts={private / 'sources'}",
        "-o", f"Dir::State::lists={private / 'lists'}",
        # Else it would read, and write, what it knows of the machine's own lists.
        "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=",
    ]  # fmt: skip
    if getattr(os, "geteuid", lambda: 1)() == 0:
        # Else it warns, of each file, that apt's own user can't reach a folder below root's.
        apt += ["-o", "APT::Sandbox::User=root"]
    run([*apt, "update"], cwd=folder)
    return apt


def _own_sources() -> list[tuple[str, str]]:
    """Where this machine's own packages of the distribution come from, each place with its suite."""
    told = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(RELEASE)", "Created-By: Packages"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    rows = {tuple(line.split("|")) for line in told.splitlines()}
    found = sorted((uri, suite) for origin, uri, suite in rows if origin == "Debian")
    if not found:
        raise SystemExit("This machine has no package lists of Debian's: run apt-get update.")
    return found


def run(command: list[str], cwd: Path) -> None:
    if subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit(f"This failed: {' '.join(command)}")
