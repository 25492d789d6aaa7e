"""The frame in which a mail is written, and what it asks before it closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from torsend.gui.geometry import fit, hold, put_back
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QCloseEvent, QKeyEvent

    from torsend.gui.compose import ComposePage
    from torsend.gui.writer import Writer
    from torsend.settings import Geometry

ENOUGH, SIZE = QSize(960, 640), QSize(1200, 800)


class WriterWindow(QWidget):
    """The frame around the page. Esc and the window's own button close it; it says so before."""

    def __init__(self, writer: Writer, page: ComposePage, geometry: Geometry | None = None) -> None:
        """
        Args:
            geometry: of the one that was closed last; the size alone counts.
        """
        super().__init__()
        self._writer = writer
        # Not the subject: other programs can read a window's title.
        self.setWindowTitle(t("Write – torsend"))
        hold(self, page, ENOUGH)
        if geometry is None:
            fit(self, SIZE)
        else:
            put_back(self, geometry, where=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._writer.may_close():
            self._writer.end()
        else:
            event.ignore()


def ask_to_keep(window: QWidget, keep: Callable[[], None], throw: Callable[[], None]) -> None:
    """Asks what to do with a mail that was begun; does nothing where the person goes on writing."""
    box = QMessageBox(window)
    box.setWindowTitle(t("Write – torsend"))
    box.setText(t("Keep this mail as a draft?"))
    box.setInformativeText(t("A draft is stored encrypted. Find it again under Write."))
    keeps = box.addButton(t("Keep the draft"), QMessageBox.ButtonRole.AcceptRole)
    throws = box.addButton(t("Throw it away"), QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(t("Go on writing"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keeps)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def answered(button: object) -> None:
        if button is keeps:
            keep()
        elif button is throws:
            throw()

    box.buttonClicked.connect(answered)
    box.open()
