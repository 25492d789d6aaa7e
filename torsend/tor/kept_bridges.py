"""What tor writes of bridges into its folder, and how it goes again.

Tor keeps its guards in its state file, those that are bridges with their addresses, and what it fetched of bridges beside it
(entrynodes.c and routerlist.c of tor; there is no option against it). Bridges stand in the vault and nowhere else, so what
tor keeps of them goes when tor has ended, or before the next start if this program did not live to see the end. Guards that
are no bridges stay: to change them often would help who watches.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from torsend.errors import StorageError
from torsend.paths import replace_file

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("torsend.tor")

_BRIDGE = b"Guard in=bridges "
_DESCRIPTORS = ("cached-descriptors", "cached-descriptors.new")
"""Whole descriptors: a client fetches its bridges' alone. Of all others it has microdescriptors."""


def forget_bridges(folder: Path) -> None:
    """Takes them out of tor's folder. No tor may run there. What can't be changed stays, and the next start tries again."""
    try:
        for name in _DESCRIPTORS:
            (folder / name).unlink(missing_ok=True)
        state = folder / "state"
        lines: list[bytes] = []
        with contextlib.suppress(FileNotFoundError):
            lines = state.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(_BRIDGE)]
        if len(kept) < len(lines):
            replace_file(state, kept)
    except OSError as error:
        log.warning("what tor kept of bridges could not be removed: errno %s", error.errno)
    except StorageError as error:
        log.warning("what tor kept of bridges could not be removed: %s", error.log_safe)
