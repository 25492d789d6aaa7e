"""Limits of a process by setrlimit(2): Linux and macOS."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torsend.clean.limits import Limits

if sys.platform != "win32":
    import resource

    def limit(
        limits: Limits,
    ) -> None:  # pragma: no cover  # in a process that can't write down what it covered
        """Sets them, soft and hard, so that they can't be raised again.

        No descriptor can be opened any more, hence no file and no socket; those that are open stay. No file can be
        written to (pipes are not files here). What a system doesn't know of is left out: these are the second wall.
        """
        wanted = [
            ("RLIMIT_CORE", 0),
            ("RLIMIT_FSIZE", 0),
            ("RLIMIT_NOFILE", 0),
            ("RLIMIT_MSGQUEUE", 0),
            ("RLIMIT_MEMLOCK", 0),
            ("RLIMIT_AS", limits.memory),
        ]
        for name, value in wanted:
            with contextlib.suppress(OSError, ValueError, AttributeError):
                resource.setrlimit(getattr(resource, name), (value, value))
        # At the soft limit SIGXCPU, by which we know what happened; it could be caught, so one second later SIGKILL.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu, limits.cpu + 1))

    def forbid_processes() -> None:  # pragma: no cover  # in a process that can't write down what it covered
        """No further process and no thread."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
