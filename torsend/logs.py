"""A log that is safe to share, and tracebacks that hold places instead of values.

Only Torsend's own loggers are written; libraries may put a host or an address into theirs. An exception is written as
its type and the lines it passed, never with its message: a message may hold what the person typed.
"""

from __future__ import annotations

import logging
import os
import stat
import sys
import threading
import time
from pathlib import Path

from torsend.errors import StorageError, TorsendError
from torsend.words import t


def places(error: BaseException) -> str:
    """The exception and what caused it, as types and places: ``ValueError at wire.py:12 < lane.py:80``."""
    parts = []
    seen: BaseException | None = error
    while seen is not None:
        steps = []
        step = seen.__traceback__
        while step is not None:
            steps.append(f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}")
            step = step.tb_next
        name = seen.log_safe if isinstance(seen, TorsendError) else type(seen).__name__
        parts.append(f"{name} at {' < '.join(reversed(steps)) or 'unknown place'}")
        seen = seen.__cause__
    return "; caused by ".join(parts)


class SafeFormatter(logging.Formatter):
    """UTC, to the second, and no exception's own words."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)sZ %(levelname)s %(name)s %(threadName)s: %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        self.converter = time.gmtime

    def formatException(self, ei: object) -> str:  # noqa: N802  # logging's own name
        error = ei[1] if isinstance(ei, tuple) else None
        return places(error) if isinstance(error, BaseException) else ""


def install(debug_log: Path | None) -> None:
    """Sets up logging and the hooks for what nobody foresaw.

    Raises:
        StorageError: the log file cannot be written.
    """
    # A log that can't be written (a full disk) must not become pages on standard error, with paths of this computer in them.
    logging.raiseExceptions = False
    ours = logging.getLogger("torsend")
    ours.propagate = False
    ours.handlers.clear()
    if debug_log is None:
        ours.addHandler(logging.NullHandler())
    else:
        try:
            # It tells when somebody sent mail: nobody else's to read, whatever it was before.
            with os.fdopen(os.open(debug_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    debug_log.chmod(0o600)
            handler = logging.FileHandler(debug_log, encoding="utf-8")
        except OSError as error:
            raise StorageError(
                t("The log file cannot be written."), advice=t("Choose another file.")
            ) from error
        handler.setFormatter(SafeFormatter())
        ours.addHandler(handler)
        ours.setLevel(logging.DEBUG)
    # What a library logs goes nowhere; without a handler Python would print its warnings.
    logging.getLogger().addHandler(logging.NullHandler())
    sys.excepthook = lambda _type, error, _trace: unforeseen(error)
    sys.unraisablehook = lambda args: unforeseen(args.exc_value)
    threading.excepthook = lambda args: unforeseen(args.exc_value)


def unforeseen(error: BaseException | None) -> None:
    """One line on standard error and in the log: where it happened, and nothing of what was in it."""
    if error is None or isinstance(error, SystemExit):
        return
    where = places(error)
    logging.getLogger("torsend").error("unforeseen: %s", where)
    if sys.stderr is not None:
        sys.stderr.write(t("Torsend failed in a way that nobody foresaw: {where}\n", where=where))
