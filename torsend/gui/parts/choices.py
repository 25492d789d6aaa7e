"""Yes or no, and one of several that need more words than a segment holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.gui import icons
from torsend.gui.parts import tab_order
from torsend.gui.parts.labels import Label, Separator, elided
from torsend.gui.theme import MEDIUM, RADIUS_CARD, RADIUS_CONTROL, RADIUS_TAG, font, look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

BOX = 16
TITLE_MOST = 160
"""Of a row's title so many pixels are always shown; names of providers are shorter."""


class CheckBox(QAbstractButton):
    """A box and the words that it is about."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setText(label)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(math.ceil(QFontMetricsF(font(13)).horizontalAdvance(self.text())) + BOX + 9, 20)

    def focus_shape(self) -> tuple[QRect, int]:
        return self.rect(), RADIUS_TAG

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = tokens.text if self.isEnabled() else tokens.text3
        box = QRectF(1.5, (self.height() - 13) / 2, 13, 13)
        painter.setPen(QPen(tokens.text2 if self.isEnabled() else tokens.edge, 1.4))
        if self.isChecked():
            painter.setPen(QPen(words, 1.4))
            painter.setBrush(words)
        painter.drawRoundedRect(box, 3.5, 3.5)
        if self.isChecked():
            icons.paint(painter, "tick", box.adjusted(1, 1, -1, -1), tokens.on_primary, stroke=2.6)
        painter.setPen(words)
        painter.setFont(font(13))
        shown = elided(self.text(), font(13), self.width() - BOX - 8)
        metrics = QFontMetricsF(font(13))
        base = round(self.height() / 2 + (metrics.ascent() - metrics.descent()) / 2)
        painter.drawText(QPointF(BOX + 8, base), shown)


class RadioRow(QAbstractButton):
    """One of the rows of a ``RadioList``: a title, a note under or beside it, and what stands at its end."""

    def __init__(self, title: str, note: str, *, beside: bool, ends: Sequence[QWidget], group: str) -> None:
        super().__init__()
        self._beside = beside
        self.accent: QColor | None = None
        self.tint: QColor | None = None
        self.corners = (False, False)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setText(title)
        words = [title, note, *(end.accessibleName() for end in ends)]
        self.setAccessibleName(f"{group}: {', '.join(word for word in words if word)}")
        row = QHBoxLayout(self)
        row.setContentsMargins(38 if beside else 44, 0, 12, 0)
        row.setSpacing(10)
        self._title = Label(title, 13, MEDIUM)
        self._note = Label(note, 13 if beside else 12, colour="text2")
        self._note.setVisible(bool(note))
        for one in (self._title, self._note, *ends):
            one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if beside:
            # What it is goes before what is said of it.
            self._title.setMinimumWidth(
                min(TITLE_MOST, max(self._title.sizeHint().width(), 88 if note else 0))
            )
            row.addWidget(self._title)
            row.addWidget(self._note)
        else:
            words_column = QVBoxLayout()
            words_column.setContentsMargins(0, 11, 0, 11)
            words_column.setSpacing(0)
            words_column.addWidget(self._title)
            words_column.addWidget(self._note)
            row.addLayout(words_column)
        row.addStretch(1)
        for one in ends:
            row.addWidget(one)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_note(self, note: str) -> None:
        """Another note."""
        self._note.setText(note)
        self._note.setVisible(bool(note))

    def sizeHint(self) -> QSize:
        return QSize(240, 36 if self._beside else 59)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def focus_shape(self) -> tuple[QRect, int]:
        return self.rect().adjusted(4, 4, -4, -4), RADIUS_CONTROL

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self.isChecked() and self.tint is not None:
            painter.fillPath(_rounded(box, *self.corners), self.tint)
        elif self.underMouse() and not self.isChecked():
            painter.fillPath(_rounded(box, *self.corners), tokens.win)
        centre = QPointF(20 if self._beside else 24, box.height() / 2)
        colour = (self.accent or tokens.text) if self.isChecked() else tokens.text3
        painter.setPen(QPen(colour, 1.5))
        painter.drawEllipse(centre, 6.25, 6.25)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(centre, 3.6, 3.6)


class RadioList(QWidget):
    """Rows in a card, of which one is chosen; a row may have more to fill in, shown while it is chosen.

    Signals:
        chosen: the key that the person chose.
    """

    chosen = Signal(str)

    def __init__(self, *, name: str, edge: str = "line", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._edge = name, edge
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._rows: dict[str, RadioRow] = {}
        self._more: dict[str, QWidget] = {}
        self._rules: dict[str, QWidget] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._accent: QColor | None = None
        self._tint: QColor | None = None

    def add(
        self,
        key: str,
        title: str,
        note: str = "",
        *,
        beside: bool = False,
        ends: Sequence[QWidget] = (),
        more: QWidget | None = None,
    ) -> RadioRow:
        """A row at the end; ``more`` stands under it while it is chosen."""
        row = RadioRow(title, note, beside=beside, ends=ends, group=self._name)
        if self._rows:
            rule = Separator(colour="line")
            self._rules[key] = rule
            self._column.addWidget(rule)
        self._rows[key] = row
        self._group.addButton(row)
        self._column.addWidget(row)
        if more is not None:
            self._more[key] = more
            more.setVisible(False)
            self._column.addWidget(more)
        row.accent, row.tint = self._accent, self._tint
        row.clicked.connect(lambda _=False: self._choose(key))
        self._round()
        inside: list[QWidget] = []
        for each, made in self._rows.items():
            inside += [made, *(tab_order.reached_by_tab(self._more[each]) if each in self._more else ())]
        tab_order.chain(self, inside)
        return row

    def clear(self) -> None:
        """Takes all rows away."""
        for one in (*self._rows.values(), *self._more.values(), *self._rules.values()):
            self._column.removeWidget(one)
            one.hide()
            one.deleteLater()
        for row in self._rows.values():
            self._group.removeButton(row)
        self._rows, self._more, self._rules = {}, {}, {}

    def keys(self) -> tuple[str, ...]:
        """All rows, from the top."""
        return tuple(self._rows)

    def row(self, key: str) -> RadioRow:
        """The row of that key."""
        return self._rows[key]

    def value(self) -> str:
        """The chosen one; empty while none is."""
        return next((key for key, row in self._rows.items() if row.isChecked()), "")

    def set_value(self, key: str) -> None:
        """Chooses without telling anyone."""
        self._rows[key].setChecked(True)
        self._show_more()

    def set_colours(self, accent: QColor | None, tint: QColor | None) -> None:
        """The chosen row's mark and ground."""
        self._accent, self._tint = accent, tint
        for row in self._rows.values():
            row.accent, row.tint = accent, tint
            row.update()

    def _choose(self, key: str) -> None:
        self._show_more()
        self.chosen.emit(key)

    def _show_more(self) -> None:
        tab_order.one_stop(self._rows.values())
        for key, more in self._more.items():
            more.setVisible(self._rows[key].isChecked())
        self._round()

    def _round(self) -> None:
        rows = list(self._rows.items())
        for at, (key, row) in enumerate(rows):
            last = at == len(rows) - 1
            open_below = key in self._more and row.isChecked()
            row.corners = (at == 0, last and not open_below)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(tokens.surf)
        painter.setPen(QPen(tokens.named(self._edge), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CARD, RADIUS_CARD)


def _rounded(box: QRectF, top: bool, bottom: bool) -> QPainterPath:
    """The box, round where it meets the card's corners."""
    radius = RADIUS_CARD - 1
    path = QPainterPath()
    path.addRoundedRect(box, radius, radius)
    square = QPainterPath()
    if not top:
        square.addRect(QRectF(box.left(), box.top(), box.width(), box.height() / 2))
    if not bottom:
        square.addRect(QRectF(box.left(), box.center().y(), box.width(), box.height() / 2))
    return path.united(square).simplified()
