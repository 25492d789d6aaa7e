"""Lines of text with an edge, as a field of one line has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from torsend.gui.parts.fields import PlainTextField
from torsend.gui.theme import RADIUS_CONTROL, look

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

LINE = 22
SIDES = 14
"""Above and below the lines, together."""


class TextBox(QWidget):
    """Signals:
    edited: other letters than before.
    left: the keyboard went elsewhere.

    Args:
        name: what a screen reader calls it.
        lines: how many it shows; it grows only where it is let.
    """

    edited = Signal()
    left = Signal()

    def __init__(
        self, name: str, *, lines: int = 3, placeholder: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._wrong = False
        self._filling = False
        self.field = PlainTextField(name=name, px=13, line_height=LINE, placeholder=placeholder)
        self.field.setProperty("focus_ring", False)  # noqa: FBT003  # the edge shows it
        self.field.setMinimumHeight(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(11, SIDES // 2, 3, SIDES // 2)
        column.addWidget(self.field)
        self.setMinimumHeight(lines * LINE + SIDES)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.field.textChanged.connect(self._changed)
        self.field.installEventFilter(self)
        self.setFocusProxy(self.field)
        look().changed.connect(self.update)

    def text(self) -> str:
        """All lines."""
        return self.field.toPlainText()

    def set_text(self, text: str) -> None:
        """Other lines, telling nobody."""
        if text == self.text():
            return
        self._filling = True
        self.field.set_plain_text(text)
        self._filling = False

    def set_wrong(self, wrong: bool) -> None:
        """Whether what stands in it cannot be: the edge says so."""
        self._wrong = wrong
        self.update()

    def focus_shape(self) -> tuple[QRect, int]:
        """Where the ring of the keyboard goes."""
        return self.rect(), RADIUS_CONTROL

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
            if event.type() == QEvent.Type.FocusOut:
                self.left.emit()
        return super().eventFilter(watched, event)

    def _changed(self) -> None:
        if not self._filling:
            self.edited.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = look().tokens
        held = self.field.hasFocus()
        edge = tokens.decide if self._wrong else tokens.text if held else tokens.input_edge
        painter.setPen(QPen(edge if self.isEnabled() else tokens.line, 2 if held else 1))
        painter.setBrush(tokens.surf)
        inset = 1.0 if held else 0.5
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, RADIUS_CONTROL, RADIUS_CONTROL)
