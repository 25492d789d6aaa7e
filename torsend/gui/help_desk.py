"""What stands behind the page of help: what is kept on this computer, and how all of it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from torsend.app.wiping import kept, wipe_opened
from torsend.delivery.states import State
from torsend.errors import TorsendError
from torsend.gui.help import HelpPage
from torsend.gui.wipe_desk import WipeDesk
from torsend.gui.wipe_dialog import Losses

if TYPE_CHECKING:
    from torsend.app import App
    from torsend.gui.workers import Workers


class HelpDesk(QObject):
    """Signals:
    failed: a ``TorsendError``.

    Attributes:
        wiping: how all of it goes.
    """

    failed = Signal(object)

    def __init__(self, app: App, workers: Workers) -> None:
        super().__init__()
        self._app = app
        self._workers = workers
        self.page = HelpPage()
        self.wiping = WipeDesk(self._losses, self._wipe)
        self.page.remove_requested.connect(lambda: self.wiping.ask(self.page))

    def look(self) -> None:
        """Looks anew at what is kept."""
        self._workers.disk.run(lambda: kept(self._app.start.profile), self.page.set_kept, self.failed.emit)

    def _losses(self) -> Losses:
        app = self._app
        there = kept(app.start.profile)
        try:
            waiting = sum(each.state is not State.ACCEPTED for each in app.outbox.list())
            return Losses(there, waiting, len(app.open_drafts()))
        except TorsendError:
            return Losses(there)  # what can't be read can still be removed

    def _wipe(self) -> tuple[TorsendError, ...]:
        self._workers.stop()
        return wipe_opened(self._app)
