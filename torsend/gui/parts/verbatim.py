"""Words of a machine as they are: fixed pitch, wrapped anywhere, never read as markup; they can be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette, QTextBlockFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from torsend.gui.theme import font, look

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

LINE = 18


class Verbatim(QTextEdit):
    """As high as its text; takes the focus so that it can be read out and copied."""

    def __init__(
        self, text: str = "", *, name: str, colour: str = "text2", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._colour = colour
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(font(12, mono=True))
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        look().changed.connect(self._dress)
        self.set_text(text)
        self._dress()

    def set_text(self, text: str) -> None:
        """Other words."""
        self.setPlainText(text)
        form = QTextBlockFormat()
        form.setLineHeight(LINE, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.setBlockFormat(form)
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        copy = self.document().clone()
        copy.setTextWidth(max(40, width))
        height = round(copy.size().height())
        copy.deleteLater()
        return max(LINE, height)

    def sizeHint(self) -> QSize:
        width = self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else 320
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, LINE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Arrows with nothing to do here belong to whoever holds it: a list to move in, an area to scroll.
        before = self.textCursor().position()
        super().keyPressEvent(event)
        if event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down} and self.textCursor().position() == before:
            event.ignore()

    def _dress(self) -> None:
        tokens = look().tokens
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        palette.setColor(QPalette.ColorRole.Text, tokens.named(self._colour))
        palette.setColor(QPalette.ColorRole.Highlight, tokens.primary)
        palette.setColor(QPalette.ColorRole.HighlightedText, tokens.on_primary)
        self.setPalette(palette)
