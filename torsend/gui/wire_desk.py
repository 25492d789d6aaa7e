"""What stands behind "Exactly what leaves" and "Not in there": made on a worker's thread, of the draft as it stands."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, qVersion

from torsend.app.exactly import Exactly, exactly_what_leaves
from torsend.checks.not_in_there import FilesSearched, NotInThere, look_for, parts_of_draft
from torsend.checks.this_machine import facts_of_this_machine
from torsend.delivery.later import At
from torsend.errors import StorageError, TorsendError
from torsend.mail.draft import Decision
from torsend.paths import ProfileUnwritable, replace_file
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.app import App
    from torsend.checks.this_machine import Fact
    from torsend.gui.compose import ComposePage
    from torsend.gui.workers import Workers
    from torsend.identity.identity import Identity
    from torsend.mail.draft import Draft


class WireDesk(QObject):
    """Answers what one compose page asks for.

    Signals:
        failed: a ``TorsendError``: there is nothing that could leave, or no file.
    """

    failed = Signal(object)

    def __init__(
        self, app: App, workers: Workers, page: ComposePage, identity_of: Callable[[str], Identity | None]
    ) -> None:
        super().__init__()
        self._app = app
        self._workers = workers
        self._page = page
        self._identity_of = identity_of
        self._number = 0
        self._ended = False
        self._exactly: Exactly | None = None
        self._known: tuple[Fact, ...] = ()
        self._files: FilesSearched | None = None
        page.wire_requested.connect(self.show)
        page.wire_save_requested.connect(self.save)

    def end(self) -> None:
        """The page is gone: what still comes is for nobody."""
        self._ended = True
        self._exactly = None

    # Exactly what leaves

    def show(self, draft: Draft) -> None:
        """Has it made, and shown once it is there. The newest alone is; where nothing can leave, nothing is."""
        self._number += 1
        number, at = self._number, self._date()
        if self._identity_of(draft.identity_id) is None:
            self._show_nothing()
            return

        def done(exactly: Exactly) -> None:
            if number == self._number and not self._ended:
                self._exactly = exactly
                self._page.show_wire(exactly)

        def failed(error: TorsendError) -> None:
            if number == self._number and not self._ended:
                self._show_nothing()
            self._fail(error)

        self._workers.checks.run(lambda: exactly_what_leaves(self._app, draft, _facts(), at), done, failed)

    def save(self, path: object) -> None:
        """Writes what is shown: the same bytes, whatever minute it is meanwhile."""
        exactly, where = self._exactly, Path(str(path))
        if exactly is None:
            return

        def write() -> None:
            try:
                replace_file(where, exactly.message.chunks())
            except ProfileUnwritable as error:
                raise StorageError(
                    t("The file could not be written."), advice=t("Choose another place for it.")
                ) from error

        def done(_: None) -> None:
            if not self._ended:
                self._page.wire.show_saved(where)

        self._workers.checks.run(write, done, self._fail)

    def _show_nothing(self) -> None:
        # What was shown before, of another sender maybe, is not what leaves any more.
        self._exactly = None
        self._page.leave_wire()

    def _date(self) -> datetime | None:
        """What the mail will say as its Date, where that is known before it is queued."""
        when = self._page.when.chosen()
        return when.time if isinstance(when, At) else None

    def _fail(self, error: TorsendError) -> None:
        self.failed.emit(error)

    # What tells of this machine, while the person writes

    def told(self, draft: Draft, identity: Identity, sent: Draft | None = None) -> NotInThere:
        """What stands in the draft so far. On the checks' thread, and no other.

        Args:
            sent: the same with its files called as they are sent, where that differs; they are told by their own names.
        """
        if self._files is None:
            self._known = _facts()
            self._files = FilesSearched(self._known)
        names = tuple(file.name for file in draft.attachments)
        found = look_for(self._known, parts_of_draft(sent or draft, identity.name, identity.address), names)
        bare = (
            (n, file.path)
            for n, file in enumerate(draft.attachments, 1)
            if file.decision is Decision.AS_IT_IS
        )
        return NotInThere((*found.hits, *self._files.hits(bare)), found.unknown, names)


def _facts() -> tuple[Fact, ...]:
    return facts_of_this_machine(versions={"Qt": qVersion()})
