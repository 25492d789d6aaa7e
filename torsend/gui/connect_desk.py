"""What stands behind the page on which Tor is reached: looks for those that run, and goes over to the one that is chosen."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from torsend.app.bridge_code import read_bridge_code
from torsend.gui.connect import ConnectPage
from torsend.tor import finder
from torsend.tor.way_chosen import WayChosen

if TYPE_CHECKING:
    from pathlib import Path

    from torsend.app import App
    from torsend.gui.workers import Workers
    from torsend.tor.choice import TorChoice
    from torsend.tor.status import TorStatus


class ConnectDesk(QObject):
    """Signals:
    failed: a ``TorsendError``.
    """

    failed = Signal(object)

    def __init__(self, app: App, workers: Workers) -> None:
        super().__init__()
        self._app = app
        self._workers = workers
        self._ending = threading.Event()
        self.page = page = ConnectPage()
        page.choose_requested.connect(self._choose)
        page.way_requested.connect(self._choose_way)
        page.retry_requested.connect(app.connection.retry)
        page.look_requested.connect(self._look)
        self._form = form = page.choices.bridged
        form.picture_given.connect(self._read_code)
        form.programs_asked.connect(self._look_for_programs)
        page.details_requested.connect(self._copy_details)

    def start(self) -> None:
        """Shows what is used."""
        self.page.set_choice(self._app.connection.choice)
        self._read_way()

    def end(self) -> None:
        """Lets go of a picture that is being read."""
        self._ending.set()

    def set_status(self, status: TorStatus) -> None:
        """How Tor stands now."""
        self.page.set_status(status)

    def _read_way(self) -> None:
        def read() -> WayChosen:
            try:
                return self._app.way_chosen
            except ValueError:  # the page says so: Tor isn't started then
                return WayChosen()

        self._workers.disk.run(read, self.page.set_way, self.failed.emit)

    def _choose(self, choice: TorChoice, password: str) -> None:
        def choose(_: object = None) -> None:
            self._workers.disk.run(lambda: self._app.choose_tor(choice), self._connect, self.failed.emit)

        if password:
            self._workers.keyring.run(
                lambda: self._app.keep_control_password(password), choose, self.failed.emit
            )
        else:
            choose()

    def _choose_way(self, choice: TorChoice, way: WayChosen, password: str) -> None:
        # The keyring's thread: it may have to be unlocked for the proxy's password.
        self._workers.keyring.run(
            lambda: self._app.choose_tor(choice, way, password or None),
            self._connect,
            self.failed.emit,
        )

    def _connect(self, _: object) -> None:
        """Chosen, so wanted: at the first run nothing has connected before."""
        self._app.connection.start()
        self._read_way()

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self._app.connection.details())

    def _look(self) -> None:
        self._workers.tor.run(finder.running, self.page.set_found, self.failed.emit)

    def _look_for_programs(self) -> None:
        self._workers.checks.run(finder.lacking, self._form.set_lacking, self.failed.emit)

    def _read_code(self, picture: Path | bytes) -> None:
        self._workers.cleaning.run(
            lambda: read_bridge_code(picture, self._ending), self._form.add_lines, self._form.set_problem
        )
