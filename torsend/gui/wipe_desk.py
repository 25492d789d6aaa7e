"""What stands behind the question whether everything shall go: counts what would be lost, and removes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from torsend.gui.background import Background
from torsend.gui.wipe_dialog import Losses, WipeDialog, WipeStage

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from torsend.errors import TorsendError


class WipeDesk(QObject):
    """Signals:
    removing: everything is to be removed now; nothing may use the program's parts any more.
    removed: it is over and was told; the program is to end.
    """

    removing = Signal()
    removed = Signal()

    def __init__(self, count: Callable[[], Losses], wipe: Callable[[], tuple[TorsendError, ...]]) -> None:
        """
        Args:
            count: what would be lost. It and ``wipe`` run on a thread of their own.
            wipe: removes it; gives what could not be done.
        """
        super().__init__()
        self._count = count
        self._wipe = wipe
        self._work = Background("torsend-removing", drains=True)
        self.dialog: WipeDialog | None = None

    def ask(self, parent: QWidget) -> None:
        """Asks, over the window of that widget."""
        self._work.run(
            self._count, lambda losses: self._show(losses, parent), lambda _: self._show(Losses(()), parent)
        )

    @property
    def is_removing(self) -> bool:
        """Whether it was begun and is not over."""
        return self.dialog is not None and self.dialog.stage() is WipeStage.REMOVING

    def leave(self) -> None:
        """The window is to be closed: what came of it need not be shown any longer. Does nothing before it is over."""
        if self.dialog is not None:
            self.dialog.reject()

    def stop(self) -> None:
        """Ends its thread; what was begun is done first."""
        self._work.stop()

    def _show(self, losses: Losses, parent: QWidget) -> None:
        if self.dialog is not None:
            return
        self.dialog = WipeDialog(losses, parent)
        self.dialog.agreed.connect(self._remove)
        self.dialog.over.connect(self.removed)
        self.dialog.rejected.connect(self._forget)
        self.dialog.open()

    def _forget(self) -> None:
        self.dialog = None

    def _remove(self) -> None:
        self.removing.emit()
        self._work.run(self._wipe, self._over, self._failed)

    def _over(self, troubles: tuple[TorsendError, ...]) -> None:
        if self.dialog is not None:
            self.dialog.show_outcome(troubles)

    def _failed(self, error: TorsendError) -> None:
        if self.dialog is not None:
            self.dialog.show_failure(error)
