"""Builds tor, and the libraries within it, for a system that has no packages of them: from the pinned sources alone.

For Windows on Debian, with its mingw-w64: what comes of it is the same wherever it is built. For macOS on macOS, with
Xcode's compiler. The same sources and options of tor as on Linux; nothing of the machine goes in but its compiler.
That for Windows was built here and starts under Wine; that for macOS was never built.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from pins import epoch, pins

from payload.sources import fetched
from payload.tor import OPTIONS, unpacked

if TYPE_CHECKING:
    from payload.targets import Target

NO_OPENSSL = ("shared", "tests", "module", "engine", "dso", "autoload-config", "legacy", "ui-console")
"""What tor doesn't use; a configuration of OpenSSL's isn't read, whoever puts one there."""
ZLIB = (
    "adler32",
    "compress",
    "crc32",
    "deflate",
    "infback",
    "inffast",
    "inflate",
    "inftrees",
    "trees",
    "uncompr",
    "zutil",
)
OF_TOR = {"openssl": "LICENSE.txt", "libevent": "LICENSE", "zlib": "LICENSE", "zstd": "LICENSE"}
"""The libraries within, each with its licence's file."""


class _Build:
    """One folder, one log, one set of flags."""

    def __init__(self, target: Target, work: Path, downloads: Path) -> None:
        self.target, self.work, self.downloads = target, work, downloads
        self.prefix = work / "prefix"
        self.log = work / "log"
        self.licences = work / "licences"
        shutil.rmtree(work, ignore_errors=True)
        for folder in (self.licences, self.prefix / "lib", self.prefix / "include"):
            folder.mkdir(parents=True)

    def source(self, name: str) -> Path:
        """Its tree, unpacked."""
        place = self.work / name
        place.mkdir()
        return unpacked(fetched(pins(self.target.system)[name], self.downloads), place)

    def run(self, command: list[str], source: Path, **more: str) -> None:
        """Runs it there; ends the program with the place of the log where it fails."""
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.work), "LC_ALL": "C", "TZ": "UTC",
            "SOURCE_DATE_EPOCH": str(epoch()), "CFLAGS": self.flags(source), **self.target.environment(),
            # Nothing of this machine's own libraries.
            "PKG_CONFIG": "false", **more,
        }  # fmt: skip
        with self.log.open("ab") as out:
            if subprocess.run(
                command, cwd=source, env=environment, stdout=out, stderr=out, check=False
            ).returncode:
                raise SystemExit(f"{source.name}: {command[0]} {command[1:2]} failed, see {self.log}")

    def flags(self, source: Path) -> str:
        """No path of this machine in what is compiled."""
        return f"-O2 -g0 -ffile-prefix-map={source}=. -ffile-prefix-map={self.prefix}=/"

    def host(self) -> list[str]:
        return [f"--host={self.target.host}"] if self.target.host else []


def build_tor(target: Target, work: Path, downloads: Path) -> Path:
    """Builds it in ``work``, which is emptied; gives the stripped program; beside it lies ``licences``. Five minutes."""
    build = _Build(target, work, downloads)
    for make in (_zlib, _zstd, _openssl, _libevent):
        make(build)
    source = build.source("tor")
    shutil.copy(source / "LICENSE", build.licences / "tor")
    prefix = str(build.prefix)
    libraries = " ".join(target.libraries)
    build.run(
        ["./configure", *build.host(), *OPTIONS, "--disable-systemd", "--disable-seccomp",
         *(f"--with-{each}-dir={prefix}" for each in ("libevent", "openssl", "zlib")),
         *(f"--enable-static-{each}" for each in ("libevent", "openssl", "zlib"))],
        source, LIBS=libraries, LDFLAGS=" ".join([*target.flags, f"-L{prefix}/lib"]), CPPFLAGS=f"-I{prefix}/include",
        ZSTD_CFLAGS=f"-I{prefix}/include", ZSTD_LIBS=f"{prefix}/lib/libzstd.a",
    )  # fmt: skip
    name = f"src/app/tor{target.suffix}"
    build.run(["make", f"-j{os.cpu_count() or 1}", name], source)
    program = work / f"tor{target.suffix}"
    shutil.copy(source / name, program)
    build.run([target.tool("strip"), str(program)], source)
    check_alone(target, program)
    return program


def _zlib(build: _Build) -> None:
    source = build.source("zlib")
    # Debian's archive has no makefile for Windows; what works on memory needs none. What reads files, tor doesn't call.
    compiler = build.target.environment()["CC"]
    build.run([compiler, *build.flags(source).split(), "-c", *(f"{each}.c" for each in ZLIB)], source)
    build.run([build.target.tool("ar"), "rcs", "libz.a", *(f"{each}.o" for each in ZLIB)], source)
    shutil.copy(source / "libz.a", build.prefix / "lib")
    for header in ("zlib.h", "zconf.h"):
        shutil.copy(source / header, build.prefix / "include")
    _licence(build, source, "zlib")


def _zstd(build: _Build) -> None:
    source = build.source("zstd")
    lib = source / "lib"
    # tor packs nothing in several threads, and reads no old formats.
    build.run(
        [
            "make",
            "-C",
            "lib",
            f"-j{os.cpu_count() or 1}",
            "libzstd.a",
            "ZSTD_LEGACY_SUPPORT=0",
            "ZSTD_NO_ASM=1",
        ],
        source,
    )
    shutil.copy(lib / "libzstd.a", build.prefix / "lib")
    for header in ("zstd.h", "zstd_errors.h"):
        shutil.copy(lib / header, build.prefix / "include")
    _licence(build, source, "zstd")


def _openssl(build: _Build) -> None:
    source = build.source("openssl")
    nowhere = "/nonexistent"
    build.run(
        ["perl", "./Configure", build.target.openssl, *(f"no-{each}" for each in NO_OPENSSL), f"--prefix={nowhere}",
         f"--openssldir={nowhere}", "--libdir=lib"],
        # It writes its flags into itself, so no path may stand in them; it names its files from its own folder anyhow.
        source, CFLAGS="-O2 -g0",
    )  # fmt: skip
    build.run(["make", f"-j{os.cpu_count() or 1}", "build_generated", "libcrypto.a", "libssl.a"], source)
    for library in ("libcrypto.a", "libssl.a"):
        shutil.copy(source / library, build.prefix / "lib")
    shutil.copytree(source / "include" / "openssl", build.prefix / "include" / "openssl")
    _licence(build, source, "openssl")


def _libevent(build: _Build) -> None:
    source = build.source("libevent")
    build.run(
        ["./configure", *build.host(), f"--prefix={build.prefix}", "--enable-static", "--disable-shared",
         *(f"--disable-{each}" for each in ("openssl", "samples", "libevent-regress", "debug-mode"))], source,
    )  # fmt: skip
    build.run(["make", f"-j{os.cpu_count() or 1}", "install"], source)
    _licence(build, source, "libevent")


def _licence(build: _Build, source: Path, name: str) -> None:
    shutil.copy(source / OF_TOR[name], build.licences / name)


def check_alone(target: Target, program: Path) -> None:
    """Sees that it needs nothing but what every such system has.

    Raises:
        SystemExit
    """
    if target.system == "windows":
        told = subprocess.run(
            [target.tool("objdump"), "-p", str(program)], capture_output=True, text=True, check=True
        ).stdout
        needed = re.findall(r"DLL Name: (\S+)", told)
    else:
        told = subprocess.run(
            ["otool", "-L", str(program)], capture_output=True, text=True, check=True
        ).stdout
        needed = [line.split()[0] for line in told.splitlines()[1:]]
    own = tuple(each.lower() for each in target.own)
    if further := [each for each in needed if not each.lower().startswith(own)]:
        raise SystemExit(f"{program.name} would need what doesn't go along: {further}")
