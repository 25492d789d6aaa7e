"""The systems that the payload is made for, and what differs between them when C is compiled."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass

from pins import here

OLDEST_MACOS = "13.0"
"""For what is compiled here; Qt's wheels want it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A system for which tor and its libraries are built from source.

    Attributes:
        host: as configure wants it; empty where the compiler is this machine's own.
        openssl: OpenSSL's name of it.
        libraries: of the system, that static libraries want beside them.
        own: what the program may need of the system: beginnings of names.
    """

    system: str
    host: str
    openssl: str
    suffix: str = ""
    libraries: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def tool(self, name: str) -> str:
        """A compiler or one of binutils, for it."""
        return f"{self.host}-{name}" if self.host else name

    def environment(self) -> dict[str, str]:
        """What its compiler needs to know beside what every build does."""
        around = {
            "CC": self.tool("gcc") if self.host else "cc",
            "AR": self.tool("ar"),
            "RANLIB": self.tool("ranlib"),
        }
        if self.system == "macos":
            around["MACOSX_DEPLOYMENT_TARGET"] = OLDEST_MACOS
            # Else ar writes the time, and the builder's number.
            around["ZERO_AR_DATE"] = "1"
        return around


WINDOWS = Target(
    system="windows",
    host="x86_64-w64-mingw32",
    openssl="mingw64",
    suffix=".exe",
    libraries=("-lcrypt32", "-lws2_32", "-lgdi32", "-liphlpapi", "-lbcrypt"),
    flags=("-static",),
    own=("ADVAPI32", "bcrypt", "CRYPT32", "GDI32", "IPHLPAPI", "KERNEL32", "msvcrt", "SHELL32", "SHLWAPI", "USER32",
         "USERENV", "WS2_32"),
)  # fmt: skip
"""By Debian's mingw-w64: it is built where the sources are, and the same by whoever builds it."""
MACOS = Target(
    system="macos",
    host="",
    openssl=f"darwin64-{platform.machine() or 'arm64'}-cc",
    own=("/usr/lib/", "/System/Library/"),
)
"""By Xcode's compiler, for the processor that it runs on."""


def can_compile(target: Target) -> bool:
    """Whether this machine has its compiler."""
    if target.system == "macos":
        return here() == "macos"
    return shutil.which(target.tool("gcc")) is not None
