"""What the process inherits from where it is started: taken in hand before anything else runs.

The guard sees what Python code connects to. Qt's platform plugins and the libraries of the desktop connect in C, and
whom they connect to stands in the environment: ``DISPLAY=desk.office.example:0`` has Xlib ask this machine's resolver,
``DBUS_SESSION_BUS_ADDRESS=tcp:host=…`` libdbus. So here only what leads to a socket of this machine is left in it.

``ssh -X`` sets ``DISPLAY=localhost:10.0``: a screen elsewhere, reached through a port of this machine. That is the
person's own doing and works; ``localhost`` becomes 127.0.0.1, since even that name would be looked up.

Not seen from here: files of the desktop that hold addresses (``~/.config/ibus/bus``), and a bus on this machine that
hands out addresses elsewhere. Who can write there is this user already.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from torsend.errors import UsageError
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, MutableMapping

_PR_SET_DUMPABLE = 4
"""linux/prctl.h"""
NO_BUS = "unix:path=/dev/null"
"""In place of a bus that was taken out: an unset one would make libdbus look for another, or start one."""
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM")
"""Whoever sets one of them has a screen, or does without one knowingly (``QT_QPA_PLATFORM=offscreen``)."""
_PLATFORMS = frozenset(
    {
        "cocoa", "direct2d", "eglfs", "linuxfb", "minimal", "minimalegl", "offscreen", "vkkhrdisplay", "wayland",
        "wayland-brcm", "wayland-egl", "windows", "xcb",
    }
)  # fmt: skip
"""Qt's platform plugins that talk to this machine alone; ``vnc`` listens for whoever comes."""


class NotThisMachine(UsageError):
    """The environment has the window shown by another machine, past Tor."""


def close_off(environment: MutableMapping[str, str] | None = None) -> None:
    """No core dump, no debugger, no address of another machine for those who would connect past the guard, no TLS by
    the taste of this one.

    Nothing is refused here: what needs no window runs without regard to where a window would be (`check_screen`).

    Args:
        environment: this process's, if left out.
    """
    _keep_memory_private()
    around = os.environ if environment is None else environment
    # Python's TLS is not made to obey it here, but a library in C might be, in this process or in tor.
    around.pop("SSLKEYLOGFILE", None)
    # OpenSSL's configuration, the system's as well as one named here, changes the ClientHello: its ciphers, its groups,
    # its order. Read once, when the library is first used, so this must come before ``hashlib`` and ``ssl``.
    around["OPENSSL_CONF"] = os.devnull
    for name, keep in _KEEP.items():
        given = around.get(name)
        if given is None:
            continue
        kept = keep(given)
        if kept:
            around[name] = kept
        elif name in _BUSES:
            around[name] = NO_BUS
        else:
            del around[name]
    if sys.platform == "linux":
        around.setdefault("DBUS_SESSION_BUS_ADDRESS", _usual_bus(around))


def forget_arguments(words: Collection[str]) -> None:
    """Takes these out of this process's command line, which every user of the computer can read for as long as it runs: a
    link tells to whom somebody writes. On Linux; what it doesn't know for certain it leaves as it is.
    """
    if sys.platform == "linux" and words:
        _blank(words)


def _blank(words: Collection[str]) -> None:
    import ctypes

    try:
        # proc(5): fields 48 and 49, of which the first two (the second in brackets) are cut off here.
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        begin, end = int(fields[45]), int(fields[46])
        shown = Path("/proc/self/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return
    if not 0 < begin < end or len(shown) != end - begin or ctypes.string_at(begin, len(shown)) != shown:
        return
    at = begin
    for each in shown.split(b"\0"):
        if os.fsdecode(each) in words:
            ctypes.memset(at, 0, len(each))
        at += len(each) + 1


def _usual_bus(around: MutableMapping[str, str]) -> str:
    """Where the session bus mostly is; libdbus, not finding it, would start one, which stays behind."""
    runtime = around.get("XDG_RUNTIME_DIR", "")
    return f"unix:path={quote(runtime, safe='/')}/bus" if Path(runtime, "bus").is_socket() else NO_BUS


FLATPAK = Path("/.flatpak-info")
"""There within each Flatpak alone, whatever an environment that was handed on says (flatpak-run(1))."""


def flatpak_name() -> str | None:
    """As what the Flatpak is known that this runs in; None outside of any."""
    return os.environ.get("FLATPAK_ID") if FLATPAK.exists() else None


def check_screen(environment: MutableMapping[str, str] | None = None) -> None:
    """Sees that the window is shown on this machine's screen, and names it so that nothing must be looked up.

    Raises:
        NotThisMachine
    """
    around = os.environ if environment is None else environment
    platforms = [each for each in around.get("QT_QPA_PLATFORM", "").split(";") if each]
    for platform in platforms:
        name, _, options = platform.partition(":")
        # Of xcb an option is one more display to connect to.
        if name not in _PLATFORMS or (name == "xcb" and options not in ("", "nograb")):
            raise NotThisMachine(
                t("QT_QPA_PLATFORM asks for a screen that is not this computer’s."),
                advice=t("Unset it, or set it to xcb or wayland."),
            )
    display = around.get("DISPLAY")
    if display and sys.platform != "win32":
        local = local_display(display)
        if local is None:
            raise NotThisMachine(
                t("DISPLAY names a screen on another computer: the window would go there past Tor."),
                advice=t("Open torsend on a screen of this computer, or use its commands: torsend --help."),
            )
        around["DISPLAY"] = local


def local_display(display: str) -> str | None:
    """A display of this machine in a form for which nothing is looked up; None: it is another's (X(7), DISPLAY NAMES)."""
    if display.startswith("/"):
        return display  # a socket by its path, as launchd has it
    found = re.fullmatch(
        r"(?:(?P<protocol>\w+)/)?(?P<host>\[[^\]]*\]|[^/]*?)(?P<screen>:\d+(?:\.\d+)?)", display
    )
    if found is None:
        return display if display.startswith("unix:/") else None
    protocol, host, screen = (found["protocol"] or "").lower(), found["host"], found["screen"]
    if protocol in ("unix", "local") or host == "unix" or (not protocol and not host):
        # Plain ":0" tries TCP to "localhost" where the socket is missing; with the protocol it does not.
        return f"unix/{screen}"
    if protocol not in ("", "tcp", "inet", "inet6"):
        return None
    if host == "localhost":
        return f"127.0.0.1{screen}"
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host.strip("[]")).is_loopback:
            return display
    return None


def local_buses(addresses: str) -> str:
    """Of D-Bus addresses those that are sockets in this machine's file system (D-Bus specification, Server Addresses)."""
    return ";".join(each for each in addresses.split(";") if each.startswith("unix:"))


def _local_managers(addresses: str) -> str:
    """Of session managers' addresses (XSMP) those that libICE reaches without asking whose name that is."""
    here = {"", socket.gethostname()}
    kept = []
    for each in addresses.split(","):
        protocol, _, rest = each.partition("/")
        if protocol in ("local", "unix") and rest.partition(":")[0] in here:
            kept.append(each)
    return ",".join(kept)


_BUSES = frozenset({"DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS", "DBUS_STARTER_ADDRESS"})
_KEEP: dict[str, Callable[[str], str]] = {
    **dict.fromkeys((*_BUSES, "AT_SPI_BUS_ADDRESS", "IBUS_ADDRESS"), local_buses),
    "SESSION_MANAGER": _local_managers,
}


def _keep_memory_private() -> None:
    """Memory holds passwords and mail: it is not written to a core file, nor read by this user's other programs."""
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):
            # A handler for core dumps that is a program (core_pattern with a pipe) asks for no limit: hence the second.
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            # Not inherited through exec: tor keeps its own.
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
