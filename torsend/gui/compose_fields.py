"""What is written: recipients, subject, text, files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.gui.attachments import AttachmentsList
from torsend.gui.compose_header import LABEL_WIDTH, SIDE
from torsend.gui.growing_area import GrowingArea
from torsend.gui.parts import Button, ButtonKind, Label, PlainTextField, TextField
from torsend.gui.recipients import RecipientsField
from torsend.gui.theme import STRONG, look
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from torsend.mail.address import Mailbox
    from torsend.mail.draft import Draft

ROW = 44


class _Row(QWidget):
    """A label, a field, and a rule under them."""

    def __init__(self, label: str, field: QWidget, *, grows: bool = False) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(grows)
        self.setSizePolicy(policy)
        self.setMinimumHeight(ROW)
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(SIDE, 8 if grows else 0, SIDE, 8 if grows else 1)
        self.line.setSpacing(0)
        words = Label(label, colour="text3")
        words.setFixedWidth(LABEL_WIDTH)
        top = Qt.AlignmentFlag.AlignTop if grows else Qt.AlignmentFlag.AlignVCenter
        if grows:
            words.setFixedHeight(28)
        self.line.addWidget(words, 0, top)
        self.line.addWidget(GrowingArea(field) if grows else field, 1)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, look().tokens.line)


class ComposeFields(QWidget):
    """The fields of a draft.

    Signals:
        typed: a letter more or less.
        files_changed: other files.
        files_offered: paths that were pasted into the text.
    """

    typed = Signal()
    files_changed = Signal()
    files_offered = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.to = RecipientsField(t("To"))
        self.cc = RecipientsField(t("Cc"))
        self.bcc = RecipientsField(t("Bcc"))
        self.subject = TextField(name=t("Subject"), boxed=False, px=14, weight=STRONG)
        self.text = PlainTextField(name=t("Text"))
        self.text.setViewportMargins(SIDE, 18, SIDE - 10, 12)
        self.files = AttachmentsList()
        self._show_cc = Button(t("Cc"), ButtonKind.PLAIN, name=t("Add Cc"))
        self._show_bcc = Button(t("Bcc"), ButtonKind.PLAIN, name=t("Add Bcc"))
        self._build()
        for field in (self.to, self.cc, self.bcc):
            field.changed.connect(self.typed)
        self.subject.textEdited.connect(self.typed)
        self.text.textChanged.connect(self._text_changed)
        self.text.files_offered.connect(self.files_offered)
        self.files.changed.connect(self.files_changed)
        self._show_cc.clicked.connect(lambda: self._open(self._cc_row, self.cc))
        self._show_bcc.clicked.connect(lambda: self._open(self._bcc_row, self.bcc))
        self._filling = False
        self._locked = False

    def _build(self) -> None:
        to_row = _Row(t("To"), self.to, grows=True)
        for button in (self._show_cc, self._show_bcc):
            to_row.line.addSpacing(8)
            button.setFixedHeight(28)
            to_row.line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.text.setMinimumHeight(88)
        self._cc_row = _Row(t("Cc"), self.cc, grows=True)
        self._bcc_row = _Row(t("Bcc"), self.bcc, grows=True)
        self._cc_row.hide()
        self._bcc_row.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(to_row)
        column.addWidget(self._cc_row)
        column.addWidget(self._bcc_row)
        column.addWidget(_Row(t("Subject"), self.subject))
        column.addWidget(self.text, 1)
        column.addWidget(self.files)

    def more_buttons(self) -> tuple[Button, Button]:
        """*Cc* and *Bcc*, which open their rows."""
        return self._show_cc, self._show_bcc

    def set_draft(self, draft: Draft) -> None:
        """Another draft, telling nobody."""
        self._filling = True
        self.to.set_text(draft.to)
        self.cc.set_text(draft.cc)
        self.bcc.set_text(draft.bcc)
        self._show(self._cc_row, self._show_cc, not self.cc.is_empty())
        self._show(self._bcc_row, self._show_bcc, not self.bcc.is_empty())
        if self.subject.text() != draft.subject:
            self.subject.setText(draft.subject)
            self.subject.setCursorPosition(0)
        if self.text.toPlainText() != draft.text:
            self.text.set_plain_text(draft.text)
        self.files.set_files(draft.attachments)
        self._filling = False

    def draft(self, before: Draft) -> Draft:
        """A draft with what stands in the fields."""
        return replace(
            before,
            to=self.to.text(),
            cc=self.cc.text(),
            bcc=self.bcc.text(),
            subject=self.subject.text(),
            text=self.text.toPlainText(),
            attachments=self.files.files(),
        )

    def replace_end(self, length: int, text: str) -> None:
        """Puts other letters in the place of the text's last ones, so that it can be undone; what is selected stays."""
        last = self.text.toPlainText()[-length:] if length else ""
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        end = cursor.position()
        cursor.setPosition(end - len(last.encode("utf-16-le", "surrogatepass")) // 2)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """All that it goes to, as far as they can be read."""
        return (*self.to.mailboxes(), *self.cc.mailboxes(), *self.bcc.mailboxes())

    def has_recipient(self) -> bool:
        """Whether anything stands in a recipients' field, right or wrong."""
        return not (self.to.is_empty() and self.cc.is_empty() and self.bcc.is_empty())

    def go_to_undecided(self) -> bool:
        """Takes the keyboard to the first recipient that is no address, or file to be decided on; whether there is one."""
        chips = (chip for field in (self.to, self.cc, self.bcc) for chip in field.chips())
        if (wrong := next((chip for chip in chips if chip.is_wrong), None)) is not None:
            wrong.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        if (holding := self.files.first_that_holds()) is not None:
            self.files.go_to(holding)
            return True
        return False

    def commit(self) -> None:
        """Takes what is being typed for finished."""
        for field in (self.to, self.cc, self.bcc):
            field.commit()

    def set_locked(self, locked: bool) -> None:
        """Read-only while a mail is on its way."""
        self._locked = locked
        for field in (self.to, self.cc, self.bcc):
            field.set_locked(locked)
        self.subject.setReadOnly(locked)
        self.text.setReadOnly(locked)
        colour = "text2" if locked else "text"
        self.subject.set_colour(colour)
        self.text.set_colour(colour)
        self.files.set_locked(locked)
        self._show(self._cc_row, self._show_cc, not self._cc_row.isHidden())
        self._show(self._bcc_row, self._show_bcc, not self._bcc_row.isHidden())

    def _show(self, row: QWidget, button: QWidget, shown: bool) -> None:
        row.setVisible(shown)
        button.setVisible(not shown and not self._locked)

    def _open(self, row: QWidget, field: RecipientsField) -> None:
        button = self._show_cc if field is self.cc else self._show_bcc
        self._show(row, button, shown=True)
        field.line.setFocus(Qt.FocusReason.TabFocusReason)

    def _text_changed(self) -> None:
        if not self._filling:
            self.typed.emit()
