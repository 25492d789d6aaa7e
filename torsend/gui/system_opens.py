"""What macOS has an application open: it gives a link or a file to the one that runs, as an event, not as an argument."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from torsend.app.handed import Handed, wishes


class SystemOpens(QObject):
    """Tells what the system wants opened. What comes at once, as files that are dropped on the icon do, is one wish.

    A filter on the application sees each event of each widget, so it is for the system that needs it.
    """

    asked = Signal(Handed)

    def __init__(self, qt: QApplication) -> None:
        super().__init__(qt)
        self._files: list[str] = []
        qt.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes those events alone."""
        if not isinstance(event, QFileOpenEvent):
            return super().eventFilter(watched, event)
        url = event.url()
        if url.scheme().lower() == "mailto":
            # As it came: what is decoded too early is another link ("%26" in a subject).
            self.asked.emit(wishes((url.toString(QUrl.ComponentFormattingOption.FullyEncoded),)))
        elif event.file():
            if not self._files:
                QTimer.singleShot(0, self, self._all_files)
            self._files.append(event.file())
        return True

    def _all_files(self) -> None:
        files, self._files = tuple(self._files), []
        self.asked.emit(wishes(files))
