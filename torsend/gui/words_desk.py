"""What stands behind the word list: reads it from the vault for the dialog, and keeps what is written there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from torsend.checks.wordbook import EVERYONE
from torsend.gui.word_list import OWN, WordListDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from torsend.app import App
    from torsend.gui.workers import Workers
    from torsend.identity.identity import Identity


class WordsDesk(QObject):
    """Signals:
    changed: the words are other ones now.
    counted: an identity's id, and how many words hold for it: the person's, its own.
    failed: a ``TorsendError``.
    """

    changed = Signal()
    counted = Signal(str, int, int)
    failed = Signal(object)

    def __init__(self, app: App, workers: Workers) -> None:
        super().__init__()
        self._app = app
        self._workers = workers
        self.dialog: WordListDialog | None = None

    def open(self, identity: Identity | None, parent: QWidget, *, own: bool = False) -> None:
        """Opens the dialog, or brings it to the front.

        Args:
            identity: whose own list is shown beside the person's.
            own: with that list in front.
        """
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        book, window = self._app.words, parent.window()

        def read() -> tuple[tuple[str, ...], tuple[str, ...]]:
            return book.list(), book.list(identity.id) if identity is not None else ()

        def done(lists: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
            if self.dialog is not None or not isValid(window):
                return
            dialog = WordListDialog(
                lists[0], identity, lists[1], memory=self._app.start.in_memory, parent=window
            )
            dialog.saved.connect(lambda every, its: self._save(every, its, identity))
            dialog.finished.connect(lambda _: self._closed(dialog))
            # With its window, when the mail in that is done.
            dialog.destroyed.connect(lambda: self._closed(dialog))
            self.dialog = dialog
            if own:
                dialog.show_scope(OWN)
            dialog.show()
            dialog.raise_()
            dialog.activateWindow()

        self._workers.disk.run(read, done, self.failed.emit)

    def count(self, identity_id: str) -> None:
        """Asks how many words hold for that identity; ``counted`` tells."""
        book = self._app.words
        self._workers.disk.run(
            lambda: (len(book.list()), len(book.list(identity_id))),
            lambda counts: self.counted.emit(identity_id, *counts),
            self.failed.emit,
        )

    def _save(self, every: list[str], own: list[str], identity: Identity | None) -> None:
        book = self._app.words

        def save() -> None:
            book.set(every, EVERYONE)
            if identity is not None:
                book.set(own, identity.id)

        self._workers.disk.run(save, lambda _: self.changed.emit(), self.failed.emit)

    def _closed(self, dialog: WordListDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
