"""Shuts the cleaner's own process off: no network, no files, no programs, so much memory and time, for the rest of its life.

Done by the process itself, after its imports and before the first byte of the file is parsed. What it has then is the
original, open for reading, and a pipe to us. Each system has its own ways (``linux``, ``macos``, ``windows``).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torsend.clean.limits import Limits


def shut_off(
    limits: Limits,
) -> bool:  # pragma: no cover  # in a process that can't write down what it covered
    """Shuts this process off. False: this system has no way to do it, and nothing must be parsed."""
    if sys.platform == "linux":
        from torsend.clean.sandbox import linux

        return linux.shut_off(limits)
    elif sys.platform == "darwin":  # noqa: RET505  # so that a check for another system sees which lines are its own
        from torsend.clean.sandbox import macos

        return macos.shut_off(limits)
    elif sys.platform == "win32":
        from torsend.clean.sandbox import windows

        return windows.shut_off(limits)
    else:
        return False


def tie_to_parent(
    pipe: int,
) -> None:  # pragma: no cover  # in a process that can't write down what it covered
    """Has the system end this process when the one that started it ends; first thing, where there is a way.

    Elsewhere it ends when it next writes.

    Args:
        pipe: its reading end is the parent's.
    """
    if sys.platform == "linux":
        from torsend.clean.sandbox import linux

        linux.tie_to_parent(pipe)
