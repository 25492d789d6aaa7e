"""Exactly what leaves: the message's lines, and beside them what they give away."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.gui.parts import Button, ButtonKind, Label, Mark, Paragraph, ScrollArea, file_dialog
from torsend.gui.rows_list import RowsList
from torsend.gui.theme import STRONG, font, look
from torsend.words import t, tn

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from torsend.gui.wire_text import WireSection, WireText

LINE = 18
PAD = 7
INDENT = 46
SHARE = 0.567
"""Of the width, for the lines themselves."""


class _Lines(QWidget):
    """Lines in fixed pitch, wrapped nowhere; what is too wide is cut at the edge and whole in the tooltip."""

    def __init__(self, section: WireSection) -> None:
        super().__init__()
        self._lines = list(section.lines)
        self._more = tn("{n} more line", "{n} more lines", section.more) if section.more else ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _wrapped(self, width: float) -> list[tuple[str, bool]]:
        """Each line in as many pieces as it needs; whether a piece begins a line."""
        advance = QFontMetricsF(font(12, mono=True)).horizontalAdvance("0")
        fit = max(16, math.floor(width / advance))
        pieces = []
        for line in self._lines:
            pieces += [(line[at : at + fit], at == 0) for at in range(0, max(1, len(line)), fit)]
        return pieces

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return (len(self._wrapped(width - INDENT - 8)) + bool(self._more)) * LINE

    def sizeHint(self) -> QSize:
        return QSize(400, self.heightForWidth(self.width() or 400))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        tokens = look().tokens
        used = font(12, mono=True)
        metrics = QFontMetricsF(used)
        painter.setFont(used)
        base = (LINE + metrics.ascent() - metrics.descent()) / 2
        for at, (piece, begins) in enumerate(self._wrapped(self.width() - INDENT - 8)):
            painter.setPen(tokens.text if begins else tokens.text2)
            painter.drawText(QPointF(INDENT, round(at * LINE + base)), piece)
            last = at
        if self._more:
            painter.setPen(tokens.text3)
            painter.drawText(QPointF(INDENT, round((last + 1) * LINE + base)), self._more)


class _SectionRow(QWidget):
    def __init__(self, section: WireSection) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        words = Paragraph(((section.title, True), (f" {section.sentence}", False)), 13, "text2")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 1)
        row.setSpacing(0)
        for widget, share, margins in (
            (_Lines(section), SHARE, (0, PAD, 0, PAD)),
            (words, 1 - SHARE, (20, 6, 24, 6)),
        ):
            holder = QVBoxLayout()
            holder.setContentsMargins(*margins)
            holder.addWidget(
                widget, 0, Qt.AlignmentFlag.AlignTop if widget is not words else Qt.AlignmentFlag(0)
            )
            holder.addStretch(1)
            row.addLayout(holder, round(share * 1000))
        first = section.lines[0] if section.lines else ""
        self.setAccessibleName(f"{first}. {section.title} {section.sentence}")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        tokens = look().tokens
        edge = round(self.width() * SHARE)
        painter.fillRect(0, 0, edge, self.height(), tokens.surf)
        painter.fillRect(edge, 0, self.width() - edge, self.height(), tokens.win)
        painter.fillRect(edge, 0, 1, self.height(), tokens.line)
        painter.fillRect(0, self.height() - 1, self.width(), 1, tokens.line)
        if self.hasFocus():
            painter.fillRect(0, 0, 3, self.height() - 1, tokens.text)


class WireView(QWidget):
    """Signals:
    save_requested: the person wants the bytes in a file at that path.
    """

    save_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sum = Label(colour="text2")
        self._save = Button(t("Save as .eml"), ButtonKind.QUIET, icon="download")
        self._save.clicked.connect(self._ask_where)
        self.sections = RowsList(t("Lines that leave"))
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sections)
        column.addStretch(1)
        self._area = ScrollArea(inner)
        top = QHBoxLayout()
        top.setContentsMargins(24, 8, 13, 8)
        top.addWidget(self._sum, 1)
        top.addWidget(self._save)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self._area, 1)
        self._not_in_there = _NotInThere()
        whole.addWidget(self._not_in_there)

    def set_text(self, text: WireText, *, tls: bool) -> None:
        """Another message's lines, and whether TLS is round them on their way to the server."""
        size = f"{text.size:,}"
        self._sum.setText(
            t("{size} bytes leave, wrapped in TLS and Tor", size=size)
            if tls
            else t("{size} bytes leave, wrapped in Tor all the way to the onion server", size=size)
        )
        self._not_in_there.set_files(text.files)
        self.sections.set_rows([_SectionRow(one) for one in text.sections])

    def focus_target(self) -> QWidget:
        """Where the keyboard goes when it comes here."""
        return self.sections

    def _ask_where(self) -> None:
        dialog = file_dialog(self, t("Save as .eml"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("eml")
        dialog.setNameFilter(t("Mail (*.eml)"))
        dialog.fileSelected.connect(lambda name: self.save_requested.emit(Path(name)))
        dialog.open()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self._area.geometry(), look().tokens.win)
        painter.fillRect(0, self._area.y() - 1, self.width(), 1, look().tokens.line)


class _NotInThere(QWidget):
    """What a message of ours never holds in its header, whoever writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(48)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 1, 24, 0)
        row.setSpacing(6)
        row.addWidget(Label(t("Not in there"), weight=STRONG))
        row.addSpacing(4)
        for words in (
            t("Internet address"),
            t("Computer name"),
            t("User name"),
            t("Time zone"),
            t("Language"),
            t("Mail program"),
        ):
            row.addSpacing(6)
            row.addWidget(Mark("tick", "fine", 16))
            row.addWidget(Label(words))
        row.addStretch(1)
        self._mark = Mark("triangle", "look", 16)
        self._files = Label(colour="look")
        row.addWidget(self._mark)
        row.addWidget(self._files)
        self.set_files(0)

    def set_files(self, count: int) -> None:
        """How many files go along: of what they hold nobody here knows anything."""
        self._mark.setVisible(count > 0)
        self._files.setVisible(count > 0)
        self._files.setText(
            tn(
                "The file isn’t cleaned, so torsend can’t vouch for it",
                "{n} files aren’t cleaned, so torsend can’t vouch for them",
                count,
            )
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(0, 0, self.width(), 1, look().tokens.line)
