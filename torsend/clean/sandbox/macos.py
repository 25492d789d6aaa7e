"""Shuts a process off on macOS, by sandbox_init(3) with the profile that leaves computing alone, and by limits.

Written after the manual and not run here: no test of this project has seen it on a Mac. ``sandbox_init`` is marked as
deprecated since 10.8 and still what browsers use. If it fails, the process is not shut off, and nothing is parsed.
"""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torsend.clean.limits import Limits

assert sys.platform == "darwin"  # noqa: S101  # said to those who check types for other systems

_PURE_COMPUTATION = b"pure-computation"
"""kSBXProfilePureComputation (sandbox.h): no file, no socket, no program; open descriptors stay."""
_NAMED = 1
"""SANDBOX_NAMED"""


def shut_off(limits: Limits) -> bool:  # pragma: no cover  # another system's
    """See `torsend.clean.sandbox.shut_off`."""
    from torsend.clean.sandbox import resources

    error = ctypes.c_char_p()
    closed = ctypes.CDLL(None).sandbox_init(_PURE_COMPUTATION, ctypes.c_uint64(_NAMED), ctypes.byref(error))
    resources.limit(limits)
    return bool(closed == 0)
