"""Keeps ``None``, ``True``, ``False`` and ``NotImplemented`` alive on Python 3.11.

PySide6 6.12 says that it runs on Python 3.10 and later, but it is built as if these four could not die, which is so
since Python 3.12 only (PEP 683): every method that returns nothing takes one reference to ``None`` too many. After some
thousand calls the interpreter ends with "none_dealloc: deallocating None". Measured: one lost by each of
``QWidget.update``, ``QPainter.setPen`` and the like on 3.11.7, none on 3.12 and 3.13.

What PEP 683 does is done here by hand: the four get so many references that none of this matters.
"""

from __future__ import annotations

import ctypes
import sys

ENOUGH = 1 << 40
"""References: at a million lost a second, twelve days. Far from overflow, as others add and take theirs as ever."""

_CONSTANTS = (None, True, False, NotImplemented)


def hold_constants() -> None:
    """Does it, where it is needed. A second call does nothing."""
    if sys.version_info >= (3, 12):
        return
    for constant in _CONSTANTS:
        before = sys.getrefcount(constant)
        if before >= ENOUGH // 2:
            continue
        count = ctypes.c_ssize_t.from_address(id(constant))
        # A build whose objects begin with something else is left as it is.
        if abs(count.value - before) < 8:
            count.value += ENOUGH
