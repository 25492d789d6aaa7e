"""The program itself, started as a person starts it, with one thing added: it tells when, and ends by itself.

python -m tests.benchmarks.window paint [OPTIONS] compose           until To can be typed in
python -m tests.benchmarks.window send [OPTIONS] compose [FILE]     until the mail was accepted; the window's longest gaps
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from typing import Any

BEGAN = time.monotonic()

from PySide6.QtCore import QEvent, QObject, QTimer  # noqa: E402  # after the clock
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

LONGEST_MS = 120_000
IDLE_MS = 2000


class Marks:
    """When what happened."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {"python": BEGAN}

    def mark(self, name: str) -> None:
        self.at.setdefault(name, time.monotonic())


class Painted(QObject):
    """Marks the first painting of a widget; then calls back."""

    def __init__(self, widget: QWidget, name: str, marks: Marks, then: Any = None) -> None:
        super().__init__(widget)
        self._name, self._marks, self._then = name, marks, then
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._widget.isEnabled():
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self._told)
        return False

    def _told(self) -> None:
        self._marks.mark(self._name)
        if self._then is not None:
            self._then()


def _after(owner: Any, method: str, then: Any) -> None:
    """Calls ``then`` with the object after each call of that method of the class."""
    original = getattr(owner, method)

    def wrapped(self: Any, *arguments: Any, **options: Any) -> Any:
        result = original(self, *arguments, **options)
        then(self)
        return result

    setattr(owner, method, wrapped)


def paint(arguments: list[str]) -> dict[str, Any]:
    """Marks from the start of Python to a field To that was painted, is enabled, and takes the keyboard."""
    marks = Marks()

    def shown(writer: Any) -> None:
        marks.mark("writer shown")
        line = writer.page.fields.to.line
        line.setFocus()
        writer.painted = Painted(line, "painted", marks, QApplication.quit)

    from torsend.gui import main, shell, writer

    marks.mark("imported")
    _after(
        shell.Shell, "__init__", lambda each: setattr(each, "painted", Painted(each, "shell painted", marks))
    )
    _after(main.Opener, "begin", lambda _: marks.mark("opening"))
    _after(main.Opener, "_opened", lambda _: marks.mark("window made"))
    _after(writer.Writer, "show", shown)
    _run(arguments)
    return marks.at


def send(arguments: list[str]) -> dict[str, Any]:
    """Beats through idling and sending."""
    from tests.benchmarks.heartbeat import Heartbeat
    from torsend.delivery.states import State
    from torsend.gui import main, writer
    from torsend.gui.feed import Feed

    beats: list[Heartbeat] = []
    states: list[str] = []

    def shown(it: Any) -> None:
        beats.append(Heartbeat())
        feed: Feed = it._feed
        feed.outbox_changed.connect(changed)
        waiting = QTimer(it)
        waiting.timeout.connect(lambda: ready(it, waiting))
        waiting.start(50)

    def ready(it: Any, waiting: QTimer) -> None:
        # Until Tor is there and the attachment has been looked at.
        if not it._app.connection.status.usable:
            return
        waiting.stop()
        draft = it.page.draft()
        it.page.set_draft(
            dataclasses.replace(
                draft,
                to="marta@nordpost.example",
                subject="From the window",
                text="text\n" * 20,
                attachments=tuple(file.as_it_is() for file in draft.attachments),
            )
        )
        it._check(it.page.draft())
        QTimer.singleShot(IDLE_MS, lambda: idle(it))

    def idle(it: Any) -> None:
        beats[0].phase("idle")
        QTimer.singleShot(IDLE_MS, lambda: press(it))

    def press(it: Any) -> None:
        beats[0].phase("sending")
        it.page.header.send.click()

    def changed(change: Any) -> None:
        if change.entry is not None and change.entry.state in {
            State.ACCEPTED, State.REFUSED, State.UNKNOWN, State.HELD, State.RETRY,
        }:  # fmt: skip
            states.append(change.entry.state.value)
            QTimer.singleShot(200, end)

    def end() -> None:
        beats[0].phase("")
        QApplication.quit()

    _after(writer.Writer, "show", shown)
    _after(main.Opener, "begin", lambda _: QTimer.singleShot(LONGEST_MS, lambda: QApplication.exit(1)))
    _run(arguments)
    return {"states": states, **(beats[0].report() if beats else {})}


def _run(arguments: list[str]) -> None:
    from torsend.__main__ import main

    status = main(arguments)
    if status:
        raise SystemExit(status)


if __name__ == "__main__":
    print(json.dumps({"paint": paint, "send": send}[sys.argv[1]](sys.argv[2:])), flush=True)
