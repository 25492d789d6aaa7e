"""Fields to type in: a line, with an edge or without, and plain text. What is pasted loses its form."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QPainter,
    QPalette,
    QPen,
    QTextBlockFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QLineEdit, QSizePolicy, QTextEdit, QWidget

from torsend.gui.parts.scroll import ScrollBar
from torsend.gui.theme import RADIUS_CONTROL, REGULAR, font, look

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QPaintEvent, QTextBlock, QTextLine


UNDERLINE, UNDERLINE_BELOW = 2, 3
"""Thick, and so far under the letters' feet."""
_ENDLESS_WORD = re.compile(r"\S{4000}")


class TextField(QLineEdit):
    """A line to type in.

    Args:
        name: what a screen reader calls it.
        boxed: with an edge and 32 high; otherwise bare, for a row that has its own rules.
    """

    def __init__(
        self,
        text: str = "",
        *,
        name: str,
        boxed: bool = True,
        placeholder: str = "",
        px: int = 13,
        weight: int = REGULAR,
        mono: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._boxed = boxed
        self._wrong = False
        self._colour = "text"
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setFont(font(px, weight, mono=mono))
        self.setFrame(False)
        self.setProperty("focus_ring", boxed)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # Qt leaves two pixels of its own before the first letter.
        if boxed:
            self.setTextMargins(8, 0, 8, 0)
        else:
            self.setTextMargins(-2, 0, -2, 0)
        look().changed.connect(self._dress)
        self._dress()

    def set_wrong(self, wrong: bool) -> None:
        """Whether what stands in it cannot be: the edge says so."""
        self._wrong = wrong
        self.update()

    def set_colour(self, token: str) -> None:
        """The words in another token's colour."""
        self._colour = token
        self._dress()

    def _dress(self) -> None:
        tokens = look().tokens
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        palette.setColor(QPalette.ColorRole.Text, tokens.named(self._colour))
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text, tokens.text3)
        palette.setColor(QPalette.ColorRole.PlaceholderText, tokens.text3)
        palette.setColor(QPalette.ColorRole.Highlight, tokens.primary)
        palette.setColor(QPalette.ColorRole.HighlightedText, tokens.on_primary)
        self.setPalette(palette)

    def sizeHint(self) -> QSize:
        return QSize(240, 32 if self._boxed else 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def focus_shape(self) -> tuple[QRect, int]:
        return self.rect(), RADIUS_CONTROL

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._boxed:
            tokens = look().tokens
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            edge = tokens.decide if self._wrong else tokens.text if self.hasFocus() else tokens.input_edge
            painter.setPen(QPen(edge if self.isEnabled() else tokens.line, 1))
            painter.setBrush(tokens.win if self.isReadOnly() else tokens.surf)
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CONTROL, RADIUS_CONTROL
            )
            painter.end()
        super().paintEvent(event)


class PlainTextField(QTextEdit):
    """Lines of plain text with a fixed line height.

    Tab moves on to the next control: a mail needs no tabs, and who uses the keyboard needs a way out.

    Signals:
        files_offered: paths of files that were pasted or dropped, for whoever holds it.
    """

    files_offered = Signal(list)

    def __init__(
        self,
        *,
        name: str,
        px: int = 14,
        line_height: int = 22,
        mono: bool = False,
        placeholder: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._line_height = line_height
        self._colour = "text"
        self._underlined: list[QTextCursor] = []
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(QFont(font(px, mono=mono)))
        self.setVerticalScrollBar(ScrollBar(Qt.Orientation.Vertical))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._wrap_for("")
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self.setProperty("focus_ring", False)  # noqa: FBT003
        look().changed.connect(self._dress)
        self._dress()
        self._space_lines()

    def set_plain_text(self, text: str) -> None:
        """Puts the text in its place, as if nothing had been typed before."""
        # Wrapped for the empty document first: the old text is not laid out once more.
        self.clear()
        self._wrap_for(text)
        self.setPlainText(text)
        self._space_lines()

    def _wrap_for(self, text: str) -> None:
        """How lines break. Between words, but for words without end: with those, Qt's way of looking for the place
        takes the square of their length (a minute and more for a megabyte), and the window would stand still.
        """
        mode = QTextOption.WrapMode
        endless = _ENDLESS_WORD.search(text) is not None
        self.setWordWrapMode(mode.WrapAnywhere if endless else mode.WrapAtWordBoundaryOrAnywhere)

    def set_colour(self, token: str) -> None:
        """The words in another token's colour."""
        self._colour = token
        self._dress()

    def set_underlined(self, cursors: list[QTextCursor]) -> None:
        """Draws a line in the *look* colour under what the cursors select; they move with what is typed."""
        self._underlined = cursors
        self.viewport().update()

    def underlined(self) -> tuple[QTextCursor, ...]:
        """What is underlined."""
        return tuple(self._underlined)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._underlined:
            return
        painter = QPainter(self.viewport())
        down = self.verticalScrollBar().value()
        top, bottom = event.rect().top() + down, event.rect().bottom() + down
        layout = self.document().documentLayout()
        for cursor in self._underlined:
            block = self.document().findBlock(cursor.selectionStart())
            box = layout.blockBoundingRect(block)
            while block.isValid() and block.position() < cursor.selectionEnd() and box.top() <= bottom:
                if box.bottom() >= top:
                    self._draw_under(painter, block, cursor, box.topLeft() - QPointF(0, down))
                block = block.next()
                box = layout.blockBoundingRect(block)

    def _draw_under(self, painter: QPainter, block: QTextBlock, cursor: QTextCursor, corner: QPointF) -> None:
        """Under one paragraph's part of a selection, line by line."""
        for at in range(block.layout().lineCount()):
            line = block.layout().lineAt(at)
            begin = max(cursor.selectionStart() - block.position(), line.textStart())
            end = min(cursor.selectionEnd() - block.position(), line.textStart() + line.textLength())
            if begin < end:
                left, right = sorted((_x(line, begin), _x(line, end)))
                base = round(corner.y() + line.y() + line.ascent()) + UNDERLINE_BELOW
                painter.fillRect(QRectF(corner.x() + left, base, right - left, UNDERLINE), look().tokens.look)

    def _space_lines(self) -> None:
        form = QTextBlockFormat()
        form.setLineHeight(self._line_height, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        # Undo must not take the line height away, nor may the document look changed by it.
        self.document().setUndoRedoEnabled(False)
        cursor.setBlockFormat(form)
        self.document().setUndoRedoEnabled(True)

    def _dress(self) -> None:
        tokens = look().tokens
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        palette.setColor(QPalette.ColorRole.Text, tokens.named(self._colour))
        palette.setColor(QPalette.ColorRole.PlaceholderText, tokens.text3)
        palette.setColor(QPalette.ColorRole.Highlight, tokens.primary)
        palette.setColor(QPalette.ColorRole.HighlightedText, tokens.on_primary)
        self.setPalette(palette)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(local_files(source)) or source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Takes the words alone: no form, no picture, nothing that points elsewhere. Files are offered on."""
        files = local_files(source)
        if files:
            self.files_offered.emit(files)
        elif source.hasText():
            text = source.text()
            if _ENDLESS_WORD.search(text):
                self._wrap_for(text)
            self.textCursor().insertText(text)


def _x(line: QTextLine, at: int) -> float:
    found: Any = line.cursorToX(at)  # a pair in one of Qt's versions, a number in another
    return float(found[0] if isinstance(found, tuple) else found)


def local_files(source: QMimeData) -> list[Path]:
    """The files that are dragged or were copied; nothing of what lies elsewhere."""
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile() and url.toLocalFile()]
