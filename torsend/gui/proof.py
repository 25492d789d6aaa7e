"""The window of ``torsend selftest``: opens as always, says what was seen of it, and closes."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from torsend.errors import ExitStatus, UsageError
from torsend.gui.main import Opener, application
from torsend.gui.shell import Shell
from torsend.tor import guard
from torsend.tor.choice import Launch
from torsend.tor.status import Phase
from torsend.words import t

if TYPE_CHECKING:
    from torsend.app import Start

PATIENCE_SECONDS = 60.0
"""A window takes one second, its Tor some two more; a busy machine is no reason to give up."""
LOOK_MILLISECONDS = 50
FEW_COLOURS = 8
"""A window that draws nothing has one or two."""


def run_proof(start: Start) -> int:
    """Opens the window in memory, on the Tor that ``start`` names; prints one line of JSON when it has ended.

    0 only if it was drawn and told that Tor is connected.

    Raises:
        UsageError: ``start`` names no private network.
    """
    if not isinstance(start.tor, Launch) or start.tor.torrc_include is None:
        # Started by hand it would connect to the public network, which a test of this computer must not.
        raise UsageError(t("This is for torsend selftest."), advice=t("Run torsend selftest."))
    qt = application()
    shell = Shell()
    opener = Opener(dataclasses.replace(start, in_memory=True), shell)
    watch = _Watch(opener, shell, start.patience or PATIENCE_SECONDS)
    shell.show()
    opener.begin()
    watch.begin()
    qt.exec()
    opener.close()
    seen = {
        "colours": watch.colours,
        "connected": watch.connected,
        "platform": QGuiApplication.platformName(),
        "refused": guard.refused(),
    }
    print(json.dumps(seen), flush=True)  # the answer to who started us
    return ExitStatus.OK if watch.colours > FEW_COLOURS and watch.connected else ExitStatus.SOFTWARE


class _Watch(QObject):
    """Looks at the window until it is all there, or time is up; then ends Qt's loop."""

    def __init__(self, opener: Opener, shell: Shell, patience: float) -> None:
        super().__init__()
        self._opener = opener
        self._shell = shell
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MILLISECONDS)
        self._look.timeout.connect(self._looked)
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.setInterval(int(patience * 1000))
        self._end.timeout.connect(QApplication.quit)
        self.colours = 0
        self.connected = False

    def begin(self) -> None:
        self._look.start()
        self._end.start()

    def _looked(self) -> None:
        app = self._opener.app
        if self._opener.window is None or app is None:
            return
        self.connected = app.connection.status.phase is Phase.READY
        if not self.connected:
            return
        image = self._shell.grab().toImage()
        # Every eighth point is enough to tell a drawn window from an empty one.
        points = ((x, y) for x in range(0, image.width(), 8) for y in range(0, image.height(), 8))
        self.colours = len({image.pixel(x, y) for x, y in points})
        self._look.stop()
        QApplication.quit()


__all__ = ["run_proof"]
