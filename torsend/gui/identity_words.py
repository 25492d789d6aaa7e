"""What an identity writes: the signature of its mails, and the words that must not slip into them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.gui.form_row import Aside
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.text_box import TextBox
from torsend.words import t, tn


class SignatureField(QWidget):
    """Some lines, and what is wrong with them.

    Signals:
        edited: other letters than before.
        finished: the keyboard went elsewhere.
    """

    edited = Signal()
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.box = TextBox(
            t("Signature"), lines=2, placeholder=t("May stay empty: lines under each new mail")
        )
        self.box.setFixedHeight(self.box.minimumHeight())
        self._error = Paragraph("", 12, "decide")
        self._error.setVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.box)
        column.addWidget(self._error)
        self.box.edited.connect(self.edited)
        self.box.left.connect(self.finished)

    def text(self) -> str:
        """As typed."""
        return self.box.text()

    def set_text(self, text: str) -> None:
        """Another one, telling nobody."""
        self.box.set_text(text)

    def complain(self, words: str) -> None:
        """Says what is wrong, or nothing."""
        self._error.set_runs(words)
        self._error.setVisible(bool(words))
        self.box.set_wrong(bool(words))
        self.box.field.setAccessibleDescription(words)

    def error(self) -> str:
        """What is said to be wrong."""
        return "" if self._error.isHidden() else self._error.text()


class WordsRow(QWidget):
    """How many words are looked for, and the way to them.

    Signals:
        edit_requested: the person wants to see or change them.
    """

    edit_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._count = Label("", 13)
        self.edit = Button(t("Edit"), ButtonKind.LINK, name=t("Edit the word list"))
        row.addWidget(self._count)
        row.addWidget(Aside(t("Looked for before each mail leaves.")), 1)
        row.addWidget(self.edit)
        self.edit.clicked.connect(self.edit_requested)
        self.set_counts(0, 0)

    def set_counts(self, every: int, own: int) -> None:
        """How many words hold for every mail, and how many for this identity alone."""
        if not every and not own:
            self._count.setText(t("No words yet"))
        elif not own:
            self._count.setText(tn("{n} word", "{n} words", every))
        else:
            self._count.setText(t("{every} for every mail, {own} of its own", every=every, own=own))
        self._count.setAccessibleName(self._count.text())
