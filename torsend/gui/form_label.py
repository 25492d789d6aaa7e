"""A label and what belongs to it, side by side."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from torsend.gui.parts.labels import Label

LABEL = 112


class LabelledRow(QWidget):
    """The label has the same width in every row, so that what it names stands below each other."""

    def __init__(self, label: str, *widgets: QWidget, stretch: bool = False) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        name = Label(label, 13, colour="text2")
        name.setFixedWidth(LABEL - 8)
        row.addWidget(name)
        for widget in widgets:
            row.addWidget(widget)
        if not stretch:
            row.addStretch(1)
