"""The strip of the first run: three steps, one sentence on where the person is, and what to press for it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from torsend.gui.parts import spoken
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.marks import Mark
from torsend.gui.theme import MEDIUM, STRONG, look
from torsend.words import mark, t

if TYPE_CHECKING:
    from collections.abc import Collection

    from PySide6.QtGui import QPaintEvent


class FirstStep(enum.Enum):
    """Where somebody can be, in the order in which one comes by them."""

    CONNECT = enum.auto()
    CONNECTING = enum.auto()
    """Tor is on its way."""
    STUCK = enum.auto()
    """Tor can't be reached, or not at the moment."""
    ADDRESS = enum.auto()
    OFFLINE = enum.auto()
    """There is an address, and connecting was left for later: a test would wait."""
    TEST = enum.auto()
    ON_ITS_WAY = enum.auto()
    """The test was sent, and no server took it yet."""
    STOPPED = enum.auto()
    """Something keeps the test from going out; it lies in the outbox."""
    ARRIVED = enum.auto()
    """The test was accepted: nothing is left but to look at it."""


@dataclass(frozen=True, slots=True)
class _Words:
    """Which of the titles it belongs to, what is said, and what can be pressed; empty for nothing."""

    title: int
    sentence: str
    action: str = ""


TITLES = (mark("Connect to Tor"), mark("Add an address"), mark("Send yourself a test"))
_WORDS = {
    FirstStep.CONNECT: _Words(
        0,
        mark(
            "Nothing connects before you press a button. Your network will then see that you use Tor. Where that is "
            "blocked or dangerous, choose a bridge first."
        ),
        mark("How to connect"),
    ),
    FirstStep.CONNECTING: _Words(
        0, mark("Tor is on its way. The first time that can take a minute."), mark("How far it is")
    ),
    FirstStep.STUCK: _Words(
        0,
        mark("Tor doesn’t get through, and no mail left. The page “Connect to Tor” says why, and what to try."),
        mark("See why"),
    ),
    FirstStep.ADDRESS: _Words(
        1,
        mark(
            "An address that an account of yours may send from: whoever gets your mail sees it. If you ever used that "
            "account without Tor, its provider can know who you are."
        ),
        mark("Add an address"),
    ),
    FirstStep.OFFLINE: _Words(
        2,
        mark("You aren’t connected to Tor yet. A test would wait on this computer until you are."),
        mark("How to connect"),
    ),
    FirstStep.TEST: _Words(
        2,
        mark(
            "A mail to yourself shows what others get. You see it before it leaves; your provider sees it as any other "
            "mail."
        ),
        mark("Write the test"),
    ),
    FirstStep.ON_ITS_WAY: _Words(
        2, mark("The test is on its way. The outbox shows how far it is."), mark("Show the outbox")
    ),
    FirstStep.STOPPED: _Words(
        2, mark("Something stopped the test. The outbox says what, and what to try."), mark("Show the outbox")
    ),
    FirstStep.ARRIVED: _Words(
        2, mark("Your provider took the test. Now look at what arrives."), mark("What to look for")
    ),
}  # fmt: skip


class FirstSteps(QWidget):
    """Signals:
    go_requested: the ``FirstStep`` at hand.
    again_requested: another test, after one was accepted.
    leave_requested: not shown any more.
    """

    go_requested = Signal(FirstStep)
    again_requested = Signal()
    leave_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = FirstStep.CONNECT
        self._there = False
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 11, 24, 9)
        column.setSpacing(0)
        titles = QHBoxLayout()
        titles.setSpacing(6)
        self.marks: list[Mark] = []
        self._titles: list[Label] = []
        for number, title in enumerate(TITLES, 1):
            sign = Mark("tick-ring", "fine", 16)
            sign.hide()
            label = Label(t("{number}. {title}", number=number, title=t(title)), 13, MEDIUM)
            self.marks.append(sign)
            self._titles.append(label)
            titles.addWidget(sign, 0, Qt.AlignmentFlag.AlignVCenter)
            titles.addWidget(label)
            titles.addSpacing(18)
        titles.addStretch(1)
        column.addLayout(titles)
        column.addSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(16)
        column.addLayout(row)
        self._sentence = Paragraph("", 12, "text")
        row.addWidget(self._sentence, 1, Qt.AlignmentFlag.AlignVCenter)
        self.go = Button("", ButtonKind.OUTLINED, small=True)
        self.go.clicked.connect(lambda: self.go_requested.emit(self._step))
        self.again = Button(t("Send another test"), ButtonKind.QUIET, small=True)
        self.again.clicked.connect(self.again_requested)
        self.leave = Button("", ButtonKind.QUIET, small=True)
        self.leave.clicked.connect(self.leave_requested)
        for button in (self.go, self.again, self.leave):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        look().changed.connect(self.update)
        self.set_step(FirstStep.CONNECT)

    def step(self) -> FirstStep:
        """Where the person is."""
        return self._step

    def set_step(self, step: FirstStep, done: Collection[int] = ()) -> None:
        """Where the person is.

        Args:
            done: which of the three titles are behind them, counted from 0.
        """
        self._step = step
        words = _WORDS[step]
        for number, (sign, label) in enumerate(zip(self.marks, self._titles, strict=True)):
            sign.setVisible(number in done)
            label.set_colour("text" if number == words.title or number in done else "text2")
            label.set_weight(STRONG if number == words.title else MEDIUM)
        sentence = t(words.sentence)
        self._sentence.set_runs(sentence)
        self.go.setText(t(words.action))
        self._show_go()
        self.again.setVisible(step is FirstStep.ARRIVED)
        if step is FirstStep.ARRIVED:
            self.leave.setText(t("Done"))
            self.leave.setToolTip("")
        else:
            self.leave.setText(t("Skip these steps"))
            self.leave.setToolTip(t("They stay at hand under Help and data."))
        said = t(
            "First steps, {number} of {all}: {title}. {sentence}", number=words.title + 1, all=len(TITLES),
            title=t(TITLES[words.title]), sentence=sentence,
        )  # fmt: skip
        if said != self.accessibleName():
            self.setAccessibleName(said)
            if self.isVisible():
                spoken.say(self, said)

    def set_there(self, there: bool) -> None:
        """Whether what *go* leads to is shown already: then it isn't offered."""
        self._there = there
        self._show_go()

    def _show_go(self) -> None:
        self.go.setVisible(not self._there)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.surf)
        painter.fillRect(0, self.height() - 1, self.width(), 1, tokens.line)
