"""Builds the tor that goes along, from the distribution's source package: as a client, and as relay and authority of the
private network. It needs nothing of the machine that it runs on but libc.

Its hash is the same whoever builds it, wherever, from the same packages: ``packaging/reproducible.py`` compares.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

from pins import Pin, epoch, pins


def fetched(pin: Pin, folder: Path) -> Path:
    """The pinned file of the distribution, in that folder."""
    file = folder / pin.file
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        apt = _private_apt(folder, source=pin.kind == "source", suite=pin.suite)
        wanted = f"{pin.name}={pin.version}"
        how = ["source", "--download-only", pin.name] if pin.kind == "source" else ["download", wanted]
        _run([*apt, *how], cwd=folder)
        if not file.exists():
            raise SystemExit(
                f"The distribution no longer has {pin.file}: renew its pin in packaging/pins.toml."
            )
    pin.check(file)
    return file


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
    _run([*apt, "update"], cwd=folder)
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


def build_tor(work: Path, downloads: Path) -> Path:
    """Builds it in ``work``, which is emptied; gives the stripped program. One to two minutes."""
    pin = pins()["tor"]
    archive = fetched(pin, downloads)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    # By tar: the tarfile of Debian 12's Python has no filter yet.
    _run(["tar", "--extract", "--no-same-owner", "--file", str(archive)], cwd=work)
    (source,) = work.iterdir()
    libraries = Path("/usr/lib") / str(sysconfig.get_config_var("MULTIARCH") or "x86_64-linux-gnu")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(work), "LC_ALL": "C", "TZ": "UTC", "SOURCE_DATE_EPOCH": str(epoch()),
        # No path of this machine in the program.
        "CFLAGS": f"-O2 -g0 -ffile-prefix-map={source}=.",
        # pkg-config would name the shared one.
        "ZSTD_CFLAGS": " ", "ZSTD_LIBS": str(libraries / "libzstd.a"),
        # Only for keeping the right to low ports while changing users, which ours never does.
        "ac_cv_lib_cap_cap_init": "no",
    }  # fmt: skip
    log = work / "log"
    configure = [
        "./configure", "--prefix=/usr", "--sysconfdir=/nonexistent", "--localstatedir=/nonexistent", "--enable-gpl",
        *(f"--disable-{each}" for each in ("systemd", "seccomp", "lzma", "asciidoc", "manpage", "html-manual", "unittests",
                                           "dependency-tracking", "silent-rules")),
        *(f"--{how}={libraries}" if how.startswith("with") else f"--{how}" for how in (
            "enable-static-libevent", "with-libevent-dir", "enable-static-openssl", "with-openssl-dir",
            "enable-static-zlib", "with-zlib-dir")),
    ]  # fmt: skip
    for command in (configure, ["make", f"-j{os.cpu_count() or 1}", "src/app/tor"]):
        with log.open("ab") as out:
            if subprocess.run(
                command, cwd=source, env=environment, stdout=out, stderr=out, check=False
            ).returncode:
                raise SystemExit(f"tor could not be built: {command[0]} failed, see {log}")
    program = work / "tor"
    shutil.copy(source / "src" / "app" / "tor", program)
    _run(["strip", "--strip-all", str(program)], cwd=work)
    needed = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    further = [line.split("[")[1][:-1] for line in needed.splitlines() if "(NEEDED)" in line]
    if unexpected := [each for each in further if not each.startswith(("libc.", "libm.", "ld-linux"))]:
        raise SystemExit(f"tor would need libraries that don't go along: {unexpected}")
    return program


def unpack_transport(name: str, work: Path, downloads: Path) -> tuple[Path, Path]:
    """A transport as the distribution built it, and its copyright file."""
    file = fetched(pins()[name], downloads)
    shutil.rmtree(work, ignore_errors=True)
    _run(["dpkg-deb", "-x", str(file), str(work)], cwd=downloads)
    return work / "usr/bin" / name, work / "usr/share/doc" / name / "copyright"


def _run(command: list[str], cwd: Path) -> None:
    if subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit(f"This failed: {' '.join(command)}")
