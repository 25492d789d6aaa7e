"""Help: the first steps once more, what is kept on this computer and how all of it goes, and which Torsend this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

import torsend
from torsend.gui import amounts
from torsend.gui.parts import Button, Label, Paragraph, ScrollArea
from torsend.gui.theme import STRONG, look
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from torsend.app.wiping import Kept

COLUMN = 720


class HelpPage(QWidget):
    """Signals:
    steps_requested: show the first steps.
    remove_requested: ask whether all data shall be removed.
    """

    steps_requested = Signal()
    remove_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(t("Help and data"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 26, 0, 20)
        outer.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(32, 0, 32, 18)
        head.addWidget(Label(t("Help and data"), 20, STRONG))
        outer.addLayout(head)
        inner = QWidget()
        inner.setMaximumWidth(COLUMN + 32)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(32, 0, 32, 0)
        self._column.setSpacing(0)
        self._head(t("First steps"))
        self._column.addWidget(
            Paragraph(
                t(
                    "Connect to Tor, add an address, send yourself a test and look at what arrives. They stand above the "
                    "pages until you skip them."
                ),
                13,
                "text",
            )
        )
        self.steps = Button(t("Show the first steps"))
        self.steps.clicked.connect(self.steps_requested)
        self._button(self.steps)
        self._column.addSpacing(28)
        self._head(t("What torsend keeps on this computer"))
        self._lines: list[Paragraph] = []
        self._kept = QVBoxLayout()
        self._kept.setSpacing(4)
        self._column.addLayout(self._kept)
        self.remove = Button(t("Remove all of torsend’s data…"))
        self.remove.set_tone("decide")
        self.remove.clicked.connect(self.remove_requested)
        self._button(self.remove)
        self._column.addSpacing(28)
        self._head(t("This program"))
        self._column.addWidget(
            Paragraph(
                t(
                    "torsend {version}, free software under the GNU General Public License, version 3 or later. It looks "
                    "for no updates by itself.",
                    version=torsend.__version__,
                ),
                13,
                "text",
            )
        )
        self._column.addStretch(1)
        outer.addWidget(ScrollArea(inner), 1)
        look().changed.connect(self.update)

    def _head(self, words: str) -> None:
        self._column.addWidget(Label(words, 14, STRONG))
        self._column.addSpacing(4)

    def _button(self, button: Button) -> None:
        self._column.addSpacing(12)
        row = QHBoxLayout()
        row.addWidget(button)
        row.addStretch(1)
        self._column.addLayout(row)

    def set_steps_shown(self, shown: bool) -> None:
        """Whether they stand above the pages now."""
        self.steps.setEnabled(not shown)
        self.steps.setText(t("The first steps are shown above") if shown else t("Show the first steps"))

    def set_kept(self, kept: Sequence[Kept]) -> None:
        """What lies where."""
        lines = [line_of(each) for each in kept]
        folders = {each.path.parent for each in kept if each.path is not None}
        lines += [t("All of it lies in {folder}.", folder=folder) for folder in sorted(folders)]
        lines.append(t("Uninstalling leaves it there, for a later installation."))
        for before in self._lines:
            self._kept.removeWidget(before)
            before.deleteLater()
        self._lines = [Paragraph(words, 13, "text") for words in lines]
        for line in self._lines:
            self._kept.addWidget(line)

    def kept_words(self) -> str:
        """What is said of it now."""
        return "\n".join(each.text() for each in self._lines)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(self.rect(), look().tokens.surf)


def line_of(each: Kept) -> str:
    """One thing that is kept, and how much it is."""
    what = each.what[:1].upper() + each.what[1:]
    return what if each.path is None else t("{what} ({size})", what=what, size=amounts.size(each.size))
