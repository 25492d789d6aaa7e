"""Has the files of one draft cleaned while it is written, and knows how each of them stands."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from torsend.app.attached import standings
from torsend.app.cleaned import Cleaned
from torsend.app.cleaning import CleaningStopped
from torsend.mail.draft import Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from torsend.app import App
    from torsend.checks.files import FileStanding
    from torsend.errors import TorsendError
    from torsend.gui.workers import Workers
    from torsend.identity.identity import FileNames
    from torsend.mail.draft import Attachment, Draft

MOST_DOUBTS = 3
"""Times that a file is looked at again by itself."""


class CleaningDesk(QObject):
    """Signals:
    changed: something is known of a file that was not.
    failed: a ``TorsendError`` that concerns no file that is still there.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, app: App, workers: Workers) -> None:
        super().__init__()
        self._app = app
        self._workers = workers
        self._draft_id = ""
        self._known: dict[Path, Cleaned | TorsendError] = {}
        self._wanted: dict[Path, threading.Event] = {}
        self._doubts = 0
        self._ended = False

    def follow(self, draft: Draft) -> None:
        """The draft as it is now: new files are cleaned, what was made of others goes."""
        self._draft_id = draft.id
        there = {file.path for file in draft.attachments}
        for path in (self._known.keys() | self._wanted.keys()) - there:
            self._let_go(path)
        for file in draft.attachments:
            # What goes as it is waits for no cleaner; what is known of it is kept for a change of mind.
            if file.decision is Decision.CLEANED and file.path not in self._known:
                self._clean(file)

    def look_again(self, draft: Draft, path: Path) -> None:
        """One more try with a file that failed."""
        self._doubts = 0
        self._again(draft, {path})

    def doubt(self, draft: Draft, names: Iterable[str]) -> None:
        """Looks again at files that seemed to be cleaned, and yet the mail could not be made because of them: one changed
        on the disk, or what was made of it went with an earlier state of the draft. A file that changes all the time is
        let be.
        """
        if self._wanted or self._doubts == MOST_DOUBTS:
            return
        doubtful = frozenset(names)
        seemed = {
            file.path
            for file in draft.attachments
            if file.name in doubtful and isinstance(self._known.get(file.path), Cleaned)
        }
        if seemed:
            self._doubts += 1
            self._again(draft, seemed)

    def standings(self, draft: Draft, names: FileNames) -> tuple[FileStanding, ...]:
        """How each file stands, in their order."""
        return standings(draft, names, [self._known.get(file.path) for file in draft.attachments])

    def end(self) -> None:
        """Nobody writes here any more: what is being cleaned stops, what was cleaned stays with the draft."""
        self._ended = True
        for cancelled in self._wanted.values():
            cancelled.set()
        self._wanted.clear()

    def _again(self, draft: Draft, paths: set[Path]) -> None:
        for path in paths:
            self._known.pop(path, None)
        self.follow(draft)
        self.changed.emit()

    def _clean(self, file: Attachment) -> None:
        if self._ended or file.path in self._wanted:
            return
        cancelled = self._wanted[file.path] = threading.Event()
        draft_id = self._draft_id

        def work() -> Cleaned:
            return self._app.cleaning.ensure(draft_id, file, cancelled)

        def came(outcome: Cleaned | TorsendError) -> None:
            if self._wanted.get(file.path) is not cancelled:
                return  # let go of meanwhile
            del self._wanted[file.path]
            self._known[file.path] = outcome
            self.changed.emit()

        def went_wrong(error: TorsendError) -> None:
            if not isinstance(error, CleaningStopped):
                came(error)

        self._workers.cleaning.run(work, came, went_wrong)

    def _let_go(self, path: Path) -> None:
        self._doubts = 0
        self._known.pop(path, None)
        cancelled = self._wanted.pop(path, None)
        if cancelled is not None:
            cancelled.set()
        draft_id = self._draft_id
        forget: Callable[[], None] = lambda: self._app.cleaned.forget(draft_id, path)  # noqa: E731
        self._workers.disk.run(forget, None, self.failed.emit)
