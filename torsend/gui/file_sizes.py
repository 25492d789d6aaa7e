"""How large files are, asked in the background: a file may lie on a drive that takes its time."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

if TYPE_CHECKING:
    from pathlib import Path

MISSING = -1
"""Not there any more, or not to be read."""
NOT_A_FILE = -2
"""A directory, a device, a socket."""


class FileSizes(QObject):
    """Asks once a path and tells by ``known``.

    Signals:
        known: a path as text, and its size in bytes, or ``MISSING`` or ``NOT_A_FILE``.
    """

    known = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # One thread: whoever attaches forty files wants their sizes, not forty threads.
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def ask(self, path: Path) -> None:
        """Answers later, by the signal, in the window's thread."""
        self._pool.start(_Ask(path, self))

    def finish(self) -> None:
        """Waits until nothing is asked any more; before what it tells is thrown away."""
        self._pool.clear()
        self._pool.waitForDone()


class _Ask(QRunnable):
    def __init__(self, path: Path, to: FileSizes) -> None:
        super().__init__()
        self._path = path
        self._to = to

    def run(self) -> None:
        try:
            told = self._path.stat()
        except (OSError, ValueError):
            size = MISSING
        else:
            size = told.st_size if stat.S_ISREG(told.st_mode) else NOT_A_FILE
        self._to.known.emit(str(self._path), size)
