"""What to look for in the test that arrived, step by step; nothing in it needs to be known before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from torsend.gui.parts import Button, ButtonKind, Paragraph
from torsend.gui.rows_list import RowsList
from torsend.gui.sheet import Sheet
from torsend.words import mark, t

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent

    from torsend.gui.parts import ScrollArea

SIZE = (600, 560)

_STEPS = (
    (
        mark("Open it the way you always use this account"),
        mark(
            "If that is in Tor Browser alone, open it there and nowhere else: one sign-in without Tor is enough for your "
            "provider to know you. It can take some minutes to arrive."
        ),
    ),
    (
        mark("Let all of it be shown"),
        mark(
            "Most mail programs and websites call that “Show original”, “View source” or “All headers”. The many lines "
            "above your text are what others can see, too."
        ),
    ),
    (
        mark("Read the lines that begin with “Received”, the lowest first"),
        mark(
            "Each says where a computer got the mail from. An address of a Tor relay may stand there, or none. “127.0.0.1” "
            "may stand there: every Torsend says that of its computer."
        ),
    ),
    (
        mark("Nothing there may be yours"),
        mark(
            "Not your internet address, not the name of this computer, of your internet provider or of your town. If it is, "
            "don’t write as this identity to anyone who must not find you."
        ),
    ),
    (
        mark("Read “From” as a stranger would"),
        mark("The name and the address in it are what everybody sees whom you write to."),
    ),
    (
        mark("What a test can’t show"),
        mark("What your provider keeps for itself: that you signed in, when, and what you wrote."),
    ),
)  # fmt: skip


class ArrivedHelp(Sheet):
    """Stays beside the window while the person looks. The arrow keys go through its points."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(t("What to look for"), t("What to look for – torsend"), SIZE, parent=parent)
        self.points = RowsList(t("What to look for"))
        self.points.set_rows([_Point(t(title), t(words), self.area) for title, words in _STEPS])
        self.column.addWidget(self.points)
        self.column.addStretch(1)
        self.close_button = Button(t("Close"), ButtonKind.FILLED)
        self.close_button.clicked.connect(self.close)
        self.ends.addWidget(self.close_button)
        QWidget.setTabOrder(self.points, self.close_button)
        self.points.setFocus(Qt.FocusReason.OtherFocusReason)


class _Point(QWidget):
    """One of them, scrolled into sight when the keyboard comes to it."""

    def __init__(self, title: str, words: str, area: ScrollArea) -> None:
        super().__init__()
        self._area = area
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(2)
        column.addWidget(Paragraph(((title, True),), 13))
        column.addWidget(Paragraph(words, 13, "text"))
        self.setAccessibleName(f"{title}. {words}")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._area.ensureWidgetVisible(self)
