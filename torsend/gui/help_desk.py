"""What stands behind the page of help: what is kept on this computer, and how all of it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from torsend.app.wiping import kept, wipe_opened
from torsend.delivery.states import State
from torsend.gui.background import Background
from torsend.gui.help import HelpPage
from torsend.gui.wipe_dialog import Losses, WipeDialog

if TYPE_CHECKING:
    from torsend.app import App
    from torsend.errors import TorsendError
    from torsend.gui.workers import Workers


class HelpDesk(QObject):
    """Signals:
    removing: everything is to be removed now; nothing of the window may use the program's parts any more.
    removed: it is over and was told; the program is to end.
    failed: a ``TorsendError``.
    """

    removing = Signal()
    removed = Signal()
    failed = Signal(object)

    def __init__(self, app: App, workers: Workers) -> None:
        super().__init__()
        self._app = app
        self._workers = workers
        # Not one of the workers: those end first.
        self._wiping = Background("torsend-removing", drains=True)
        self.dialog: WipeDialog | None = None
        self.page = HelpPage()
        self.page.remove_requested.connect(self._ask)

    def look(self) -> None:
        """Looks anew at what is kept."""
        self._workers.disk.run(lambda: kept(self._app.start.profile), self.page.set_kept, self.failed.emit)

    def stop(self) -> None:
        """Ends its thread; what is being removed is removed first."""
        self._wiping.stop()

    def leave(self) -> None:
        """The window is to be closed: what came of it need not be shown any longer. Does nothing before it is over."""
        if self.dialog is not None:
            self.dialog.reject()

    def _ask(self) -> None:
        app = self._app

        def count() -> Losses:
            waiting = sum(each.state is not State.ACCEPTED for each in app.outbox.list())
            return Losses(kept(app.start.profile), waiting, len(app.open_drafts()))

        self._workers.disk.run(count, self._show, self._show_uncounted)

    def _show_uncounted(self, error: TorsendError) -> None:
        """A vault that can't be read can still be removed."""
        self.failed.emit(error)
        self._workers.disk.run(lambda: Losses(kept(self._app.start.profile)), self._show, self.failed.emit)

    def _show(self, losses: Losses) -> None:
        if self.dialog is not None:
            return
        self.dialog = WipeDialog(losses, self.page)
        self.dialog.agreed.connect(self._remove)
        self.dialog.over.connect(self.removed)
        self.dialog.rejected.connect(self._forget)
        self.dialog.open()

    def _forget(self) -> None:
        self.dialog = None

    def _remove(self) -> None:
        self.removing.emit()

        def remove() -> tuple[TorsendError, ...]:
            self._workers.stop()
            return wipe_opened(self._app)

        def over(troubles: tuple[TorsendError, ...]) -> None:
            if self.dialog is not None:
                self.dialog.show_outcome(troubles)

        self._wiping.run(remove, over, lambda error: over((error,)))
