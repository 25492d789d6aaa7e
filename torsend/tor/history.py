"""How the connection to Tor went, in lines that are safe to share.

Nothing that is told here names a place: no address, host, bridge, file or user, and no time of the clock, which could be
laid beside what a network's owner has recorded. Words come from this program's own lists, or have to look as if they did.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter, deque
from typing import TYPE_CHECKING

import torsend
from torsend.tor.choice import Control, ControlSocket, Launch, Socks, SocksSocket, TorChoice

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.tor.status import TorStatus
    from torsend.tor.way_out import WayOut

KEPT = 200
"""Moments; a day with a bad network."""
_TAG = re.compile(r"[a-z_]{1,40}")
_DETAIL = re.compile(
    r"-?[0-9]{1,9}|%|s|[A-Z_]{2,30}|errno|exit|[A-Z][A-Za-z]{2,30}Error|AUTHENTICATE|GETINFO|GETCONF"
)
"""A number that is no address, a unit, one of Tor's reasons, an error's name."""
_VERSION = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}(-[a-z0-9.-]{1,20})?")


class History:
    """The last moments. Its methods are safe from any thread.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        self._moments: deque[tuple[float, str]] = deque(maxlen=KEPT)
        self._version = ""
        self._dropped = 0

    def note(self, status: TorStatus) -> None:
        """Another moment."""
        words = [status.means or "-", status.phase.value, f"{status.progress} %"]
        if _TAG.fullmatch(status.tag):
            words.append(status.tag)
        if status.trouble is not None:
            words.append(f"[{status.trouble.code}]")
            words += [word for word in status.trouble.detail.split() if _DETAIL.fullmatch(word)]
        line = " ".join(words)
        with self._lock:
            if version := _VERSION.match(status.version):
                self._version = version[0]
            if len(self._moments) == KEPT:
                self._dropped += 1
            self._moments.append((self._clock() - self._began, line))

    def text(self, choice: TorChoice) -> str:
        """All of it.

        Args:
            choice: how Tor is reached now.
        """
        with self._lock:
            moments, version, dropped = tuple(self._moments), self._version, self._dropped
        lines = [
            f"Torsend {torsend.__version__}, Tor {version or 'of unknown version'}",
            f"Way: {_way(choice)}",
        ]
        if dropped:
            lines.append(f"({dropped} earlier)")
        lines += [f"{seconds:9.2f} s  {line}" for seconds, line in moments]
        return "\n".join(lines) + "\n"


def _way(choice: TorChoice) -> str:
    match choice:
        case Launch(torrc_include=include, way_out=way):
            extra = ", with extra settings" if include is not None else ""
            return f"a Tor of its own{extra}{_out(way)}"
        case Control():
            return "a Tor that runs, by its control port"
        case ControlSocket():
            return "a Tor that runs, by its control socket"
        case Socks():
            return "a Tor that runs, by its SOCKS port"
        case SocksSocket():
            return "a Tor that runs, by its SOCKS socket"


def _out(way: WayOut) -> str:
    parts = []
    if way.unknown:
        parts.append("a way that can't be read")
    kinds = Counter(bridge.transport or "plain" for bridge in way.bridges)
    # A transport's name is free text of the line.
    parts += [
        f"{count} × {kind if _TAG.fullmatch(kind.strip('0123456789')) else 'other'} bridge"
        for kind, count in kinds.items()
    ]
    if way.proxy is not None:
        log_in = " with log-in" if way.proxy.username else ""
        parts.append(f"a {way.proxy.kind.value} proxy{log_in}")
    if way.ports:
        parts.append(f"{len(way.ports)} ports")
    return "".join(f", {part}" for part in parts)
