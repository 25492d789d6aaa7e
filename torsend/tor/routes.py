"""Whether this computer has a way out of itself: read from the kernel's tables, so that nothing is sent to find out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from torsend.tor.events import WayOutGone

_UP = 0x1
"""RTF_UP (linux/route.h)."""
_LONGEST = 1 << 20


def has_way_out(folder: Path = Path("/proc/net")) -> bool | None:
    """Whether there is a default route over another interface than loopback; None where that can't be read."""
    found = [_default_route(folder / name, version) for name, version in (("route", 4), ("ipv6_route", 6))]
    if any(found):
        return True
    return None if all(each is None for each in found) else False


class WayOutWatch:
    """Tells when the way out is gone, and when it is there, again or at last. Only a change counts: on a network that is
    this computer alone there never is one, and Tor works.
    """

    def __init__(self, look: Callable[[], bool | None] = has_way_out) -> None:
        self._look = look
        self._had = bool(look())
        self._gone = not self._had

    def look(self) -> WayOutGone | None:
        """What changed since the last one."""
        there = self._look()
        if there is None or there is not self._gone or not (self._had or there):
            return None
        self._had = True
        self._gone = not there
        return WayOutGone(self._gone)


def _default_route(table: Path, version: int) -> bool | None:
    try:
        with table.open("r", encoding="ascii", errors="replace") as opened:
            lines = opened.read(_LONGEST).splitlines()
    except OSError:
        return None
    for line in lines:
        words = line.split()
        match version, words:
            case 4, [interface, "00000000", _, flags, _, _, _, "00000000", *_]:
                pass
            case 6, [destination, "00", _, _, _, _, _, _, flags, interface] if not destination.strip("0"):
                pass
            case _:
                continue
        if interface != "lo" and int(flags, 16) & _UP:
            return True
    return False
