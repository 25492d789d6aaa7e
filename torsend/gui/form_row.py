"""A row of a form: what it is called, what is typed or chosen, and what is wrong with it, right beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.gui.parts.fields import TextField
from torsend.gui.parts.labels import Label, Paragraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

LABEL = 128
GAP = 2
"""Between a label and what it names, at least."""


class Aside(Label):
    """Words beside a choice that help but are not needed: where half of them would not fit, none are shown."""

    ENOUGH = 0.8

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, 13, colour="text2", parent=parent)
        # It takes what the choice leaves, and nothing of the choice's own.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.width() >= self.ENOUGH * self.sizeHint().width():
            super().paintEvent(event)


class FormRow(QWidget):
    """Args:
    widgets: from the left; a field takes the room that is left.
    """

    def __init__(self, label: str, *widgets: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Not Fixed: then it would be as high as its words were in the width that they had before.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._widgets: Sequence[QWidget] = widgets
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(0)
        self.label: QWidget = Label(label, 13, colour="text2")
        if self.label.sizeHint().width() > LABEL - GAP:
            self.label = Paragraph(label, 12, most=2)
            self.label.setContentsMargins(0, 0, GAP, 0)
        self.label.setFixedSize(LABEL, 32)
        row.addWidget(self.label, 0, Qt.AlignmentFlag.AlignTop)
        self.row = QHBoxLayout()
        self.row.setSpacing(8)
        for widget in widgets:
            grows = isinstance(widget, TextField) or widget.sizePolicy().hasHeightForWidth()
            self.row.addWidget(widget, 1 if grows and widget.minimumWidth() != widget.maximumWidth() else 0)
        row.addLayout(self.row, 1)
        column.addLayout(row)
        self._error = Paragraph("", 12, "decide")
        self._error.setContentsMargins(0, 0, 0, 0)
        below = QHBoxLayout()
        below.setContentsMargins(LABEL, 0, 0, 0)
        below.addWidget(self._error, 1)
        column.addLayout(below)
        self._error.setVisible(False)

    def stretch(self) -> None:
        """What was added keeps its width; the rest stays empty."""
        if isinstance(self._widgets[-1], Aside):
            self.row.setStretchFactor(self._widgets[-1], 1)
        else:
            self.row.addStretch(1)

    def explain(self, words: QWidget) -> None:
        """Stands below, and is there whatever is wrong."""
        below = QHBoxLayout()
        below.setContentsMargins(LABEL, 4, 0, 0)
        below.addWidget(words, 1)
        self._column.addLayout(below)

    def complain(self, words: str) -> None:
        """Says what is wrong, or nothing. The field says it to a screen reader, too."""
        self._error.set_runs(words)
        self._error.setVisible(bool(words))
        for widget in self._widgets:
            if isinstance(widget, TextField):
                widget.set_wrong(bool(words))
                widget.setAccessibleDescription(words)

    def error(self) -> str:
        """What is said to be wrong."""
        return "" if self._error.isHidden() else self._error.text()
