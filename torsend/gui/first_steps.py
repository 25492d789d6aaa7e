"""The strip of the first run: three steps, one sentence on the one at hand, and what to press for it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.marks import Mark
from torsend.gui.theme import MEDIUM, STRONG, look
from torsend.words import mark, t

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


class FirstStep(enum.IntEnum):
    """In their order."""

    CONNECT = 0
    ADDRESS = 1
    TEST = 2
    ARRIVED = 3
    """The test was accepted: nothing is left but to read it."""


_TITLES = (mark("Connect to Tor"), mark("Add an address"), mark("Send yourself a test"))
_SENTENCES = {
    FirstStep.CONNECT: mark(
        "Nothing connects before you say so. Your network will see that you use Tor. Where that is blocked or dangerous, "
        "choose a bridge first."
    ),
    FirstStep.ADDRESS: mark(
        "An address that an account of yours may send from. If you ever used that account without Tor, its provider can "
        "know who you are."
    ),
    FirstStep.TEST: mark(
        "A mail to yourself shows what others get. It goes the whole way, and your provider sees it as any other mail."
    ),
    FirstStep.ARRIVED: mark(
        "Accepted. Look at its full headers where it arrives: the oldest “Received” line must not show your own internet "
        "address."
    ),
}
_ACTIONS = {
    FirstStep.CONNECT: mark("How to connect"),
    FirstStep.ADDRESS: mark("Add an address"),
    FirstStep.TEST: mark("Write the test"),
}


class FirstSteps(QWidget):
    """Signals:
    go_requested: the ``FirstStep`` at hand.
    leave_requested: not shown any more.
    """

    go_requested = Signal(FirstStep)
    leave_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = FirstStep.CONNECT
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 12, 24, 13)
        row.setSpacing(16)
        column = QVBoxLayout()
        column.setSpacing(4)
        titles = QHBoxLayout()
        titles.setSpacing(6)
        self._marks: list[Mark] = []
        self._titles: list[Label] = []
        for number, title in enumerate(_TITLES, 1):
            sign = Mark("tick-ring", "fine", 16)
            sign.hide()
            label = Label(t("{number}. {title}", number=number, title=t(title)), 13, MEDIUM)
            self._marks.append(sign)
            self._titles.append(label)
            titles.addWidget(sign, 0, Qt.AlignmentFlag.AlignVCenter)
            titles.addWidget(label)
            titles.addSpacing(18)
        titles.addStretch(1)
        column.addLayout(titles)
        self._sentence = Paragraph("", 12)
        column.addWidget(self._sentence)
        row.addLayout(column, 1)
        self.go = Button("", ButtonKind.OUTLINED, small=True)
        self.go.clicked.connect(lambda: self.go_requested.emit(self._step))
        self.leave = Button(t("Leave these out"), ButtonKind.QUIET, small=True)
        self.leave.clicked.connect(self.leave_requested)
        for button in (self.go, self.leave):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        look().changed.connect(self.update)
        self.set_step(FirstStep.CONNECT)

    def step(self) -> FirstStep:
        """The one at hand."""
        return self._step

    def set_step(self, step: FirstStep) -> None:
        """The one at hand; those before it are done."""
        self._step = step
        for number, (sign, label) in enumerate(zip(self._marks, self._titles, strict=True)):
            sign.setVisible(number < step)
            label.set_colour("text" if number <= step else "text2")
            label.set_weight(STRONG if number == step else MEDIUM)
        sentence = t(_SENTENCES[step])
        self._sentence.set_runs(sentence)
        self.go.setVisible(step in _ACTIONS)
        self.go.setText(t(_ACTIONS[step]) if step in _ACTIONS else "")
        self.leave.setText(t("Done") if step is FirstStep.ARRIVED else t("Leave these out"))
        at = min(step + 1, len(_TITLES))
        self.setAccessibleName(
            t("First steps, {number} of {all}: {title}. {sentence}", number=at, all=len(_TITLES),
              title=t(_TITLES[at - 1]), sentence=sentence)
        )  # fmt: skip
        if self.isVisible():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.surf)
        painter.fillRect(0, self.height() - 1, self.width(), 1, tokens.line)
