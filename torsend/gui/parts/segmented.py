"""A choice of a few, side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from torsend.gui.parts import tab_order
from torsend.gui.parts.labels import elided, plain_tip
from torsend.gui.theme import MEDIUM, RADIUS_CONTROL, REGULAR, font, look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent, QResizeEvent

_LEAST_SIDE = 7
"""Pixels beside words that must be cut; otherwise there are twice as many."""


class Segmented(QWidget):
    """A row of segments of which one is chosen. Tab comes to the chosen one, arrows choose another.

    Signals:
        chosen: the value that the person chose.
    """

    chosen = Signal(str)

    def __init__(
        self,
        choices: Sequence[tuple[str, str]],
        *,
        name: str,
        value: str = "",
        shrinks: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            shrinks: where there is no room for all words, they are cut, and said in full by a tooltip.
        """
        super().__init__(parent)
        self.setAccessibleName(name)
        width = QSizePolicy.Policy.Maximum if shrinks else QSizePolicy.Policy.Fixed
        self.setSizePolicy(width, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._segments: dict[str, _Segment] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for at, (key, label) in enumerate(choices):
            segment = _Segment(label, first=at == 0, last=at == len(choices) - 1, group_name=name)
            segment.setSizePolicy(width, QSizePolicy.Policy.Fixed)
            self._segments[key] = segment
            self._group.addButton(segment)
            row.addWidget(segment)
            segment.clicked.connect(lambda _=False, key=key: self._choose(key))
        self.set_value(value or next(iter(self._segments)))

    def _choose(self, key: str) -> None:
        tab_order.one_stop(self._segments.values())
        self.chosen.emit(key)

    def value(self) -> str:
        """Which one is chosen."""
        return next(key for key, segment in self._segments.items() if segment.isChecked())

    def set_value(self, value: str) -> None:
        """Chooses without telling anyone."""
        self._segments[value].setChecked(True)
        tab_order.one_stop(self._segments.values())

    def take_focus(self) -> None:
        """Puts the keyboard on the chosen one."""
        self._segments[self.value()].setFocus(Qt.FocusReason.TabFocusReason)

    def set_tint(self, colour: QColor | None) -> None:
        """The chosen one's ground: an identity's tint, or the neutral one."""
        for segment in self._segments.values():
            segment.tint = colour
            segment.update()


class _Segment(QAbstractButton):
    def __init__(self, label: str, *, first: bool, last: bool, group_name: str) -> None:
        super().__init__()
        self.tint: QColor | None = None
        self._first, self._last = first, last
        self.setText(label)
        self.setAccessibleName(f"{group_name}: {label}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        width = QFontMetricsF(font(13, MEDIUM)).horizontalAdvance(self.text())
        return QSize(math.ceil(width) + 28 + (1 if self._last else 0), 32)

    def minimumSizeHint(self) -> QSize:
        few = QFontMetricsF(font(13, MEDIUM)).horizontalAdvance(self.text()[:4] + "…")
        return QSize(min(math.ceil(few) + 2 * _LEAST_SIDE, self.sizeHint().width()), 32)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setToolTip(plain_tip(self.text()) if self._shown() != self.text() else "")

    def _shown(self) -> str:
        return elided(self.text(), font(13, MEDIUM), self.width() - 2 * _LEAST_SIDE)

    def focus_shape(self) -> tuple[QRect, int]:
        return self.rect(), RADIUS_CONTROL

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = look().tokens
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5 if self._last else 0.5, -0.5)
        shape = _rounded(box, left=self._first, right=self._last)
        chosen = self.isChecked()
        if chosen:
            painter.fillPath(shape, self.tint or tokens.sel)
        elif self.underMouse() and self.isEnabled():
            painter.fillPath(shape, tokens.sunk)
        else:
            painter.fillPath(shape, tokens.surf)
        painter.setPen(QPen(tokens.input_edge, 1))
        painter.drawPath(shape)
        painter.setPen(tokens.text if self.isEnabled() else tokens.text3)
        painter.setFont(font(13, MEDIUM if chosen else REGULAR))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._shown())


def _rounded(box: QRectF, *, left: bool, right: bool) -> QPainterPath:
    """The box, round only at the ends of the row."""
    r = RADIUS_CONTROL
    whole = QPainterPath()
    whole.addRoundedRect(box, r, r)
    flat = QPainterPath()
    if not left:
        flat.addRect(box.adjusted(0, 0, -box.width() / 2, 0))
    if not right:
        flat.addRect(box.adjusted(box.width() / 2, 0, 0, 0))
    return whole.united(flat).simplified()
