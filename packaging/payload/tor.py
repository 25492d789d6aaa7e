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

from pins import epoch, pins

from payload.sources import fetched, run

OPTIONS = (
    "--prefix=/usr", "--sysconfdir=/nonexistent", "--localstatedir=/nonexistent", "--enable-gpl",
    *(f"--disable-{each}" for each in ("lzma", "asciidoc", "manpage", "html-manual", "unittests", "dependency-tracking",
                                       "silent-rules")),
)  # fmt: skip
"""tor's own, alike on every system."""


def build_tor(work: Path, downloads: Path) -> Path:
    """Builds it in ``work``, which is emptied; gives the stripped program. One to two minutes."""
    pin = pins()["tor"]
    archive = fetched(pin, downloads)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    source = unpacked(archive, work)
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
        "./configure", *OPTIONS, "--disable-systemd", "--disable-seccomp",
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
    run(["strip", "--strip-all", str(program)], cwd=work)
    needed = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    further = [line.split("[")[1][:-1] for line in needed.splitlines() if "(NEEDED)" in line]
    if unexpected := [each for each in further if not each.startswith(("libc.", "libm.", "ld-linux"))]:
        raise SystemExit(f"tor would need libraries that don't go along: {unexpected}")
    return program


def unpacked(archive: Path, into: Path) -> Path:
    """The one folder that the archive holds, below an empty one."""
    # By tar: the tarfile of Debian 12's Python has no filter yet.
    run(["tar", "--extract", "--no-same-owner", "--file", str(archive)], cwd=into)
    (source,) = into.iterdir()
    return source


def unpack_transport(name: str, work: Path, downloads: Path) -> tuple[Path, Path]:
    """A transport as the distribution built it, and its copyright file."""
    file = fetched(pins()[name], downloads)
    shutil.rmtree(work, ignore_errors=True)
    run(["dpkg-deb", "-x", str(file), str(work)], cwd=downloads)
    return work / "usr/bin" / name, work / "usr/share/doc" / name / "copyright"
