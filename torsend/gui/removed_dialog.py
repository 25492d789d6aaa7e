"""What was removed from a file, thing by thing, and what stays in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.checks.file_words import heading, left_words
from torsend.clean.report import Trace
from torsend.gui.geometry import fit
from torsend.gui.parts import Button, ButtonKind, Label, Paragraph, ScrollArea, Separator
from torsend.gui.rows_list import RowsList
from torsend.gui.theme import MEDIUM, STRONG, look
from torsend.mail.refusals import shown
from torsend.words import t, tn

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QPaintEvent

    from torsend.clean.report import Removed, Report

SIZE = (560, 520)
SIDE = 24


class RemovedDialog(QDialog):
    """Stands beside the window, which stays usable. The arrow keys go through its lines; Esc closes it."""

    def __init__(self, name: str, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Without the file's name: other programs can read a window's title.
        self.setWindowTitle(t("What was removed – torsend"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        fit(self, QSize(*SIZE))
        self.lines = RowsList(t("What was removed and what stays"))
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(SIDE, 12, SIDE, 12)
        column.addWidget(self.lines)
        column.addStretch(1)
        self._area = ScrollArea(inner)
        self.lines.set_rows([_Line(line, self._area) for line in _lines(report)])
        self.close_button = Button(t("Close"), ButtonKind.FILLED)
        self.close_button.clicked.connect(self.close)
        title = Label(t("What was removed") if report.counts else t("What stays"), 20, STRONG)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 20, 0, 20)
        whole.setSpacing(0)
        for words in (title, Label(name, colour="text2")):
            line = QHBoxLayout()
            line.setContentsMargins(SIDE, 0, SIDE, 0)
            line.addWidget(words)
            whole.addLayout(line)
        whole.addSpacing(12)
        whole.addWidget(Separator())
        whole.addWidget(self._area, 1)
        whole.addWidget(Separator())
        whole.addSpacing(16)
        ends = QHBoxLayout()
        ends.setContentsMargins(SIDE, 0, SIDE, 0)
        ends.addStretch(1)
        ends.addWidget(self.close_button)
        whole.addLayout(ends)
        QWidget.setTabOrder(self.lines, self.close_button)
        look().changed.connect(self.update)
        self.lines.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(self.rect(), look().tokens.surf)


def _lines(report: Report) -> list[tuple[str, str, bool]]:
    """Each line: a name, what stood there, and whether it is a heading."""
    lines: list[tuple[str, str, bool]] = []
    counts = dict(report.counts)
    for trace in Trace:
        listed = [one for one in report.removed if one.trace is trace]
        if not counts.get(trace):
            continue
        lines.append((heading(trace), "", True))
        lines += [_line(one) for one in listed]
        more = counts[trace] - len(listed)
        if more > 0 and listed:
            lines.append((tn("one more", "{n} more", more), "", False))
        elif more > 0:
            lines.append((tn("one, not kept for this list", "{n}, not kept for this list", more), "", False))
    stays = left_words(report)
    if stays:
        lines.append((t("What stays"), "", True))
        lines += [(sentence, "", False) for sentence in stays]
    return lines


def _line(one: Removed) -> tuple[str, str, bool]:
    return shown(one.name), shown(one.value) if one.value else "", False


class _Line(QWidget):
    """One line of the list, scrolled into sight when the keyboard comes to it."""

    def __init__(self, line: tuple[str, str, bool], area: ScrollArea) -> None:
        super().__init__()
        name, value, is_heading = line
        self._area = area
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 12 if is_heading else 2, 0, 4 if is_heading else 2)
        row.setSpacing(16)
        if is_heading:
            row.addWidget(Label(name, weight=MEDIUM))
        elif value:
            row.addWidget(Paragraph(name, 12, "text2"), 2)
            row.addWidget(Paragraph(value, 12, "text"), 3)
        else:
            row.addWidget(Paragraph(name, 12, "text2"), 1)
        self.setAccessibleName(f"{name}: {value}" if value else name)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._area.ensureWidgetVisible(self)
