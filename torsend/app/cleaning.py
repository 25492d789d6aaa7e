"""Cleaning attached files: two at once at most, each result durable before anybody is told."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Protocol

from torsend.app.cleaned import Cleaned, Vanished
from torsend.errors import StorageError, TorsendError, VaultError
from torsend.mail.files import measure
from torsend.mail.refusals import AttachmentChanged, AttachmentUnreadable
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torsend.app.cleaned import CleanedFiles
    from torsend.clean.report import Report
    from torsend.mail.draft import Attachment

AT_ONCE = 2
"""Files; each takes a process that may use a whole core and a gigabyte."""
TRIES = 3
"""For a file that changes while it is read, or a draft that is saved anew meanwhile."""


class CleaningStopped(TorsendError):
    """Nobody wants it any more."""

    def __init__(self) -> None:
        super().__init__(t("Cleaning was stopped."))


class FileCleaner(Protocol):
    """What ``torsend.clean.cleaner.Cleaner`` promises."""

    def clean(
        self,
        source: Path,
        output: Callable[[bytes], None],
        text: Callable[[str], None] | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> Report:
        """See there."""


class Cleaning:
    """Cleans files into the vault; blocks, from any thread.

    Who stops a cleaning by its event and removes the draft after that leaves nothing of it in the vault.
    """

    def __init__(self, files: CleanedFiles, cleaner: Callable[[], FileCleaner]) -> None:
        """
        Args:
            cleaner: makes the cleaner when the first file needs it: most runs clean nothing.
        """
        self._files = files
        self._make = cleaner
        self._cleaner: FileCleaner | None = None
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()

    def ensure(self, draft_id: str, file: Attachment, cancelled: threading.Event | None = None) -> Cleaned:
        """What was made of the file as it lies there; cleans it where nothing was.

        Raises:
            AttachmentProblem: it can't be read, or changes all the time.
            VaultError: it could not be kept; nothing of it was.
            CleaningStopped: ``cancelled`` was set.
        """
        cancelled = cancelled or threading.Event()
        for _ in range(TRIES):
            found = self._files.find(draft_id, file)
            if found is not None:
                return found
            with contextlib.suppress(Vanished):
                made = self._clean(draft_id, file, cancelled)
                if made is not None:
                    return made
        raise AttachmentChanged(file.name)

    def clean(
        self,
        source: Path,
        output: Callable[[bytes], None],
        text: Callable[[str], None] | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> Report:
        """Cleans any file, for whoever keeps the result elsewhere.

        Raises:
            OSError: it can't be read.
        """
        with self._lock:
            if self._cleaner is None:
                self._cleaner = self._make()
            cleaner = self._cleaner
        with self._slots:
            return cleaner.clean(source, output, text, cancelled=cancelled)

    def _clean(self, draft_id: str, file: Attachment, cancelled: threading.Event) -> Cleaned | None:
        """None if the file changed meanwhile."""
        if cancelled.is_set():
            raise CleaningStopped
        found = measure(file).found
        arriving = self._files.begin(draft_id, file, found)
        try:
            report = self.clean(file.path, arriving.write, arriving.say, cancelled=cancelled)
            if cancelled.is_set():
                raise CleaningStopped
            if measure(file).found != found:
                arriving.discard()
                return None
            made = arriving.finish(report)
            if cancelled.is_set():
                # Stopped before it was whole: a removal of the draft may have come in between.
                raise CleaningStopped
        except BaseException as error:
            # What stays, because the disk says no, is not found, and swept at the next start.
            with contextlib.suppress(VaultError):
                arriving.discard()
            if isinstance(error, OSError):
                raise AttachmentUnreadable(file.name) from error
            if cancelled.is_set() and not isinstance(error, StorageError):
                raise CleaningStopped from error
            raise
        return made


def system_cleaner() -> FileCleaner:
    """The one that works in a process of its own, which the guard lets be started."""
    # Not before a file is there: most runs clean nothing.
    from torsend.clean.cleaner import Cleaner
    from torsend.tor import guard

    return Cleaner(guard.starting)
