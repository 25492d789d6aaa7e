"""The way to Tor in three or four steps, each with a shape that says how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from torsend.gui import icons
from torsend.gui.parts.labels import Label
from torsend.gui.theme import MEDIUM, look
from torsend.gui.tor_words import CIRCUIT_FROM, steps
from torsend.tor.status import Phase, TorStatus
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

MARK = 20
MOST = 4
LAST = 160
"""Room for the words of the last step."""

_STATES = {"done": "fine", "now": "text", "stopped": "decide", "later": "edge"}


class Steps(QWidget):
    """Shows a ``TorStatus`` as steps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._status = TorStatus()
        self._titles = [Label("", 13, MEDIUM, parent=self) for _ in range(MOST)]
        self._notes = [Label("", 12, colour="text2", parent=self) for _ in range(MOST)]
        self._count = MOST
        self.set_status(self._status)

    def set_status(self, status: TorStatus) -> None:
        """Another moment."""
        self._status = status
        said = {"done": t("done"), "now": t("now"), "stopped": t("stopped"), "later": t("later")}
        names = []
        shown = steps(status)
        for title, note in zip(self._titles[len(shown) :], self._notes[len(shown) :], strict=True):
            title.hide()
            note.hide()
        for title, note, step in zip(self._titles, self._notes, shown, strict=False):
            title.show()
            note.show()
            title.setText(step.title)
            title.set_colour("text2" if step.state == "later" else "text")
            note.setText(step.note)
            names.append(f"{step.title}: {said[step.state]}, {step.note}")
        self.setAccessibleName("; ".join(names))
        if len(shown) != self._count:
            self._count = len(shown)
            self._place()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, 62)

    def _left(self, step: int) -> float:
        return step * (self.width() - LAST) / (self._count - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        super().resizeEvent(event)

    def _place(self) -> None:
        for at in range(self._count):
            left = round(self._left(at))
            room = LAST if at == self._count - 1 else round(self._left(1)) - 16
            self._titles[at].setGeometry(left, 26, room, 20)
            self._notes[at].setGeometry(left, 46, room, 16)

    def _share(self) -> float:
        """How far the step at hand is, 0 to 1."""
        done = self._status.progress
        if self._status.phase is Phase.STARTING:
            return 0.3
        if done < CIRCUIT_FROM:
            return max(0.05, done / CIRCUIT_FROM)
        return (done - CIRCUIT_FROM + 5) / (105 - CIRCUIT_FROM)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for at, step in enumerate(steps(self._status)):
            left = self._left(at)
            box = QRectF(left, 0, MARK, MARK)
            colour = tokens.named(_STATES[step.state])
            match step.state:
                case "done":
                    icons.paint(painter, "tick-ring", box, colour)
                case "stopped":
                    icons.paint(painter, "diamond", box, colour)
                case _:
                    painter.setPen(QPen(tokens.edge, 1.6))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    ring = QRectF(left + 2, 2, MARK - 4, MARK - 4)
                    painter.drawEllipse(ring)
                    if step.state == "now":
                        painter.setPen(QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                        painter.drawArc(ring, 90 * 16, round(-360 * 16 * self._share()))
            if at < self._count - 1:
                line = tokens.fine if step.state == "done" else tokens.edge
                painter.fillRect(QRectF(left + 28, MARK / 2 - 1, self._left(at + 1) - left - 28, 2), line)
