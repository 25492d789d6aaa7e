"""The eight colours of identities, one to choose; each has its name, since colour alone tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from torsend.gui.parts import tab_order
from torsend.gui.theme import look
from torsend.words import mark, t

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

SIDE = 24

NAMES = {
    "teal": mark("Teal"),
    "blue": mark("Blue"),
    "green": mark("Green"),
    "ochre": mark("Ochre"),
    "umber": mark("Umber"),
    "wine": mark("Wine"),
    "violet": mark("Violet"),
    "slate": mark("Slate"),
}


class _Swatch(QAbstractButton):
    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour
        self.setCheckable(True)
        self.setAccessibleName(t("Colour: {name}", name=t(NAMES[colour])))
        self.setToolTip(t(NAMES[colour]))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(SIDE, SIDE)

    def focus_shape(self) -> tuple[QRect, int]:
        return self.rect().adjusted(2, 2, -2, -2), SIDE // 2 - 2

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = look().tokens.identity[self._colour]
        centre = QPointF(SIDE / 2, SIDE / 2)
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(centre, 8, 8)
        if self.isChecked() or self.underMouse():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour if self.isChecked() else look().tokens.edge, 1.5))
            painter.drawEllipse(centre, 10.75, 10.75)


class Swatches(QWidget):
    """Signals:
    chosen: the colour that the person chose.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(t("Colour"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._group = QButtonGroup(self)
        self._swatches: dict[str, _Swatch] = {}
        for colour in NAMES:
            swatch = _Swatch(colour)
            self._swatches[colour] = swatch
            self._group.addButton(swatch)
            row.addWidget(swatch)
            swatch.clicked.connect(lambda _=False, colour=colour: self._choose(colour))
        self.set_value("teal")

    def _choose(self, colour: str) -> None:
        tab_order.one_stop(self._swatches.values())
        self.chosen.emit(colour)

    def value(self) -> str:
        """Which one is chosen."""
        return next(colour for colour, swatch in self._swatches.items() if swatch.isChecked())

    def set_value(self, colour: str) -> None:
        """Chooses without telling anyone."""
        self._swatches[colour].setChecked(True)
        tab_order.one_stop(self._swatches.values())

    def swatch(self, colour: str) -> QAbstractButton:
        """The button of that colour."""
        return self._swatches[colour]
