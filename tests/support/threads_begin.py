"""Lets threads begin one after the other where coverage traces them.

On Python 3.11 a trace function is refused while another is being installed, and with an audit hook (Torsend's guard, the
tests' own) a second thread may begin just then: it dies before it has run a line, and whoever waits for it waits in vain.
``conftest.py`` does so for the tests; ``packaging/dev.py`` lays a copy where each child that is to be traced does so, too.
"""

from __future__ import annotations

import sys
import threading
from typing import Any


def begin_one_by_one() -> None:
    """Takes the installing of trace functions out of ``threading``, and does it under a lock. Once is enough; again does
    nothing.
    """
    if getattr(threading, "torsend_begin_one_by_one", False):
        return
    threading.torsend_begin_one_by_one = True  # type: ignore[attr-defined]
    hook: Any = threading.gettrace()
    threading.settrace(None)
    installing = threading.RLock()
    set_trace, begin = sys.settrace, threading.Thread._bootstrap_inner  # type: ignore[attr-defined]

    def settrace(function: Any) -> None:
        with installing:
            set_trace(function)

    def settrace_of_threads(function: Any) -> None:
        nonlocal hook  # what `threading` keeps in a global of its own
        hook = function

    def _bootstrap_inner(thread: threading.Thread) -> None:
        if hook is not None:
            with installing:
                hook(sys._getframe(), "call", None)
        begin(thread)

    sys.settrace = settrace
    threading.settrace = settrace_of_threads  # type: ignore[assignment]
    threading.gettrace = lambda: hook
    threading.Thread._bootstrap_inner = _bootstrap_inner  # type: ignore[attr-defined]
