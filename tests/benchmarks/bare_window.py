"""The least that a PySide6 program can be: one window with one field to type in.

python -m tests.benchmarks.bare_window paint        prints when it was painted
python -m tests.benchmarks.bare_window beat         beats until standard input ends, then prints its longest gap
"""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QObject, QSocketNotifier, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from tests.benchmarks.heartbeat import Heartbeat


class Field(QLineEdit):
    """Ends the program when it has been painted once."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() or self.isEnabled():
            QTimer.singleShot(0, self.painted)

    def painted(self) -> None:
        print(json.dumps({"painted": time.monotonic()}), flush=True)
        QApplication.quit()


class Input(QObject):
    """Ends the program when standard input does."""

    def __init__(self) -> None:
        super().__init__()
        self._notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(QApplication.quit)


def main(what: str) -> None:
    qt = QApplication(sys.argv[:1])
    window = QWidget()
    field = Field() if what == "paint" else QLineEdit()
    QVBoxLayout(window).addWidget(field)
    window.resize(1200, 800)
    window.show()
    field.setFocus()
    if what == "paint":
        qt.exec()
        return
    ended = Input()
    heartbeat = Heartbeat()
    heartbeat.phase("beside")
    print(json.dumps({"ready": True}), flush=True)
    qt.exec()
    print(json.dumps(heartbeat.report()), flush=True)
    del ended


if __name__ == "__main__":
    main(*sys.argv[1:])
