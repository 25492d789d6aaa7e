"""The program's window, driven by a script instead of a person: opens, writes, sends, waits for the answer, closes.

    python -m tests.support.window_run [OPTIONS] compose

The options are the program's own. Ends with 0 if the mail was accepted.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from torsend import cli, surroundings
from torsend.delivery.outbox import Changed
from torsend.delivery.states import State
from torsend.gui import main as gui
from torsend.gui.shell import Shell
from torsend.mail.draft import Draft
from torsend.tor import guard
from torsend.tor.status import TorStatus

LONGEST_MS = 60_000


class Person(QObject):
    """Presses Send as soon as Tor is there."""

    def __init__(self, opener: gui.Opener) -> None:
        super().__init__()
        self._opener = opener
        self._sent = False
        self.state: State | None = None
        self._wait = QTimer(self, interval=20)
        self._wait.timeout.connect(self._look)
        self._wait.start()

    def _look(self) -> None:
        window = self._opener.window
        if window is None or not window.writers:
            return
        self._wait.stop()
        window.feed.outbox_changed.connect(self._changed)
        window.feed.tor_changed.connect(self._tor)
        if self._opener.app is not None:
            self._tor(self._opener.app.connection.status)

    def _tor(self, status: TorStatus) -> None:
        window, app = self._opener.window, self._opener.app
        if self._sent or not status.usable or window is None or app is None:
            return
        self._sent = True
        writer = window.writers[0]
        page = writer.page
        page.set_draft(
            Draft(
                writer.draft_id,
                app.book.list()[0].id,
                to="marta@nordpost.example",
                subject="From the window",
                text="text\n",
            )
        )
        page.header.send.click()

    def _changed(self, change: Changed) -> None:
        if change.entry is not None and change.entry.state in (
            State.ACCEPTED,
            State.REFUSED,
            State.UNKNOWN,
            State.HELD,
        ):
            self.state = change.entry.state
            QApplication.quit()


def run(arguments: list[str]) -> int:
    """The program as ``torsend`` starts it, with a person before it."""
    surroundings.close_off()
    surroundings.check_screen()
    guard.install()
    from torsend.cli.parser import parse

    start = cli.start_of(parse(arguments))
    qt = gui.application()
    shell = Shell()
    opener = gui.Opener(start, shell)
    person = Person(opener)
    QTimer.singleShot(LONGEST_MS, QApplication.quit)
    shell.show()
    opener.begin()
    qt.exec()
    if opener.window is not None:
        opener.window.end()
    opener.close()
    return 0 if person.state is State.ACCEPTED else 1


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
