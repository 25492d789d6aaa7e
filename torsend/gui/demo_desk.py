"""The window of ``torsend demo``: sets the scene on another thread, then shows the program on it, and what arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from torsend.demo.scene import RECIPIENT, Arrived, Scene
from torsend.gui.background import Background
from torsend.gui.demo_view import DemoPage
from torsend.gui.parts import Label, Paragraph
from torsend.gui.problem import ProblemCard, words_of
from torsend.gui.sidebar import Page
from torsend.gui.theme import STRONG
from torsend.gui.window import Window
from torsend.mail.draft import Draft
from torsend.words import t

if TYPE_CHECKING:
    from torsend.errors import TorsendError
    from torsend.gui.shell import Shell


class DemoDesk(QObject):
    """Begins with a page that says what is being built; ends with everything stopped and removed."""

    _came = Signal(object)

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._work = Background("torsend-demo")
        self.scene = Scene(onion=True)
        self.page = DemoPage()
        self.window: Window | None = None
        self._waiting = _Waiting()
        shell.add_full(self._waiting)
        shell.show_full(self._waiting)
        self._came.connect(self._arrived, Qt.ConnectionType.QueuedConnection)
        shell.close_requested.connect(self._give_up)

    def begin(self) -> None:
        """Sets the scene; some ten seconds."""
        self._work.run(self.scene.start, self._stands, self._failed)

    def close(self) -> None:
        """Stops everything. Waits for the scene where it is still being set."""
        self._shell.hide()
        self._work.stop()
        if self.window is not None:
            self.window.stop()
        self.scene.stop()

    def _stands(self, _: object) -> None:
        self.scene.subscribe(self._came.emit)
        self._shell.add_page(Page.ARRIVED, self.page)
        self.window = Window(self.scene.app, self._shell, demo=True)
        self.window.ended.connect(QApplication.quit)
        self.window.start()
        self._shell.leave_full()
        self._shell.show_page(Page.ARRIVED)
        wren = self.scene.identities[0]
        self.window.write(
            Draft(
                Draft.new().id,
                wren.id,
                to=RECIPIENT,
                subject=t("Test sheets from Hall 4"),
                text=t(
                    "Dear Marta,\n\nthis mail leaves through a Tor network of its own, on this computer alone.\n"
                    "Press Send and see what arrives.\n\nWren\n"
                ),
            )
        )

    def _failed(self, error: TorsendError) -> None:
        self._waiting.show_problem(error)

    @Slot(object)
    def _arrived(self, arrived: Arrived) -> None:
        self.page.add(arrived)
        self._shell.show_page(Page.ARRIVED)
        self._shell.raise_()
        self._shell.activateWindow()

    def _give_up(self) -> None:
        if self.window is None:
            self._shell.hide()
            QApplication.quit()


class _Waiting(QWidget):
    """What is being built, or why it could not be."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(240, 64, 240, 64)
        self._column.addStretch(1)
        self._column.addWidget(Label(t("Building a private Tor network"), 24, STRONG))
        self._column.addWidget(
            Paragraph(
                t(
                    "Nine relays, an onion server and a mail server start on this computer. Nothing leaves it. "
                    "It takes about ten seconds."
                ),
                14,
            )
        )
        self._column.addStretch(2)

    def show_problem(self, error: TorsendError) -> None:
        """It could not be built."""
        title, body = words_of(error)
        self._column.insertWidget(self._column.count() - 1, ProblemCard(title=title, body=body))
