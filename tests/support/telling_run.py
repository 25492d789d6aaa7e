"""The window, with a person before it who writes a mail full of words that must not stay anywhere.

    python -m tests.support.telling_run SEND|DIE MAIL [OPTIONS] compose

MAIL is a JSON file: to, subject, text, file. SEND types, attaches through the dialog, looks at exactly what leaves, copies
a line and sends; DIE types, attaches, looks, and is killed by a signal that would leave a core dump.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from torsend import cli, surroundings
from torsend.delivery.outbox import Changed
from torsend.delivery.states import State
from torsend.gui import main as gui
from torsend.gui.shell import Shell
from torsend.gui.writer import Writer
from torsend.tor import guard

LONGEST_MS = 60_000


class Person(QObject):
    """Does one thing after the other, each when the one before has come about."""

    def __init__(self, opener: gui.Opener, mail: dict[str, Any], *, dies: bool) -> None:
        super().__init__()
        self._opener = opener
        self._mail = mail
        self._dies = dies
        self.state: State | None = None
        self._steps = [
            self._type,
            self._choose_file,
            self._file_is_there,
            self._look_at_it,
            self._seen,
            self._leave,
        ]
        self._wait = QTimer(self, interval=20)
        self._wait.timeout.connect(self._go_on)
        self._wait.start()

    def _go_on(self) -> None:
        window = self._opener.window
        if window is None or not window.writers or not self._steps:
            return
        if self._steps[0](window.writers[0]):
            self._steps.pop(0)

    def _type(self, writer: Writer) -> bool:
        page, app = writer.page, self._opener.app
        assert app is not None
        page.set_sender(app.book.list()[0].id)
        QTest.keyClicks(page.fields.to.line, f"{self._mail['to']},")
        page.fields.subject.setText(self._mail["subject"])
        page.fields.subject.textEdited.emit(self._mail["subject"])
        page.fields.text.insertPlainText(self._mail["text"])
        return True

    def _choose_file(self, writer: Writer) -> bool:
        writer.page.ask_for_files()
        (dialog,) = writer.page.findChildren(QFileDialog)
        name = dialog.findChild(QLineEdit)
        assert name is not None
        name.setText(self._mail["file"])
        QTimer.singleShot(0, lambda: QTest.keyClick(name, Qt.Key.Key_Return))
        return True

    def _file_is_there(self, writer: Writer) -> bool:
        cleaned = writer.page.fields.files.first_that_holds() is None
        return bool(writer.page.draft().attachments) and cleaned and bool(writer.page.panel.findings.rows())

    def _look_at_it(self, writer: Writer) -> bool:
        if not writer.page.wire.isVisible():
            writer.page.header.wire.click()
        return True

    def _seen(self, writer: Writer) -> bool:
        if not writer.page.wire.isVisible():
            return False
        QGuiApplication.clipboard().setText(self._mail["text"])
        writer.page.header.wire.click()
        return True

    def _leave(self, writer: Writer) -> bool:
        app = self._opener.app
        assert app is not None
        if not any(draft.attachments for draft in app.open_drafts()):
            return False
        if self._dies:
            os.kill(os.getpid(), signal.SIGABRT)
        if not app.connection.status.usable or writer.page.panel.decisions():
            return False
        window = self._opener.window
        assert window is not None
        window.feed.outbox_changed.connect(self._changed)
        writer.page.header.send.click()
        return True

    def _changed(self, change: Changed) -> None:
        if change.entry is not None and change.entry.state in (
            State.ACCEPTED,
            State.REFUSED,
            State.UNKNOWN,
            State.HELD,
        ):
            self.state = change.entry.state
            QApplication.quit()


def run(what: str, mail: Path, arguments: list[str]) -> int:
    """The program as ``torsend`` starts it, with that person before it."""
    surroundings.close_off()
    surroundings.check_screen()
    guard.install()
    from torsend import logs
    from torsend.cli.parser import parse

    given = parse(arguments)
    logs.install(given.debug_log)
    start = cli.start_of(given)
    qt = gui.application()
    shell = Shell()
    opener = gui.Opener(start, shell)
    person = Person(opener, json.loads(mail.read_text()), dies=what == "DIE")
    QTimer.singleShot(LONGEST_MS, QApplication.quit)
    shell.show()
    opener.begin()
    qt.exec()
    if opener.window is not None:
        opener.window.end()
    opener.close()
    return 0 if person.state is State.ACCEPTED else 1


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
