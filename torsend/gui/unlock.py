"""The page before the vault is open: a passphrase to type, one to choose, or a keyring that is locked."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from torsend.gui.logo import Logo
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.fields import TextField
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.scroll import ScrollArea
from torsend.gui.problem import ProblemCard, words_of
from torsend.gui.theme import STRONG, look
from torsend.identity.secrets import KeyringLocked
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QShowEvent

    from torsend.errors import TorsendError

COLUMN = 480
SHORTEST = 8
"""Characters of a new passphrase. What is shorter is guessed, however slow each guess is made."""
MARGIN = 64


class Lock(enum.StrEnum):
    """What stands between the person and the vault."""

    OPEN = "open"
    """A passphrase opens it."""
    CREATE = "create"
    """There is none yet, and no keyring: a passphrase is to be chosen."""
    CHOOSE = "choose"
    """There is none yet, and the person wants a passphrase instead of the keyring."""
    KEYRING = "keyring"
    """The keyring holds the key and gave nothing."""
    NEW_KEYRING = "new-keyring"
    """There is none yet, and the keyring that is to hold its key doesn’t take it."""
    BROKEN = "broken"
    """It cannot be opened at all."""
    RUNNING = "running"
    """Another torsend has it open."""

    def title(self) -> str:
        """The page's title."""
        match self:
            case Lock.OPEN:
                return t("Unlock torsend")
            case Lock.CREATE | Lock.CHOOSE:
                return t("Choose a passphrase")
            case Lock.KEYRING | Lock.NEW_KEYRING:
                return t("Unlock the keyring")
            case Lock.BROKEN:
                return t("torsend can’t open its file")
            case Lock.RUNNING:
                return t("torsend is open already")

    def words(self) -> str:
        """What holds the key, and what that means."""
        match self:
            case Lock.OPEN:
                return t(
                    "Identities, drafts and outbox lie in one encrypted file. On this computer your passphrase alone "
                    "opens it; no keyring holds it."
                )
            case Lock.CREATE:
                return t(
                    "Identities, drafts, outbox and passwords will lie in one encrypted file. This computer has no "
                    "keyring that could hold its key, so a passphrase opens it, each time torsend starts."
                )
            case Lock.KEYRING:
                return t(
                    "Identities, drafts and outbox lie in one encrypted file. Your system keyring holds its key. "
                    "Press Try again: your system then asks for the keyring’s password, mostly the one that you log in with."
                )
            case Lock.CHOOSE:
                return t(
                    "Identities, drafts, outbox and passwords will lie in one encrypted file. A passphrase opens it, each "
                    "time torsend starts; your keyring is left alone."
                )
            case Lock.NEW_KEYRING:
                return t(
                    "Identities, drafts and outbox will lie in one encrypted file, its key in your system keyring. "
                    "Press Try again: your system then asks for the keyring’s password, mostly the one that you log in "
                    "with. Or protect the file with a passphrase, and leave the keyring alone."
                )
            case Lock.BROKEN:
                return t(
                    "Identities, drafts and outbox lie in one encrypted file. Nothing in it was changed."
                )
            case Lock.RUNNING:
                return t(
                    "Two of them on one outbox could send a mail twice. Use the window that is open, or wait until the "
                    "command that is at work has ended."
                )


_TYPED = frozenset({Lock.OPEN, Lock.CREATE, Lock.CHOOSE})
_NEW = frozenset({Lock.CREATE, Lock.CHOOSE})
"""A passphrase is made up: typed twice, and not too short."""
_REMOVABLE = frozenset({Lock.OPEN, Lock.KEYRING, Lock.BROKEN})
"""There is something, and it is nobody else's at the moment."""


class UnlockPage(QWidget):
    """Signals:
    passphrase_entered: the passphrase that was typed or chosen. It is nowhere in here any more.
    retry_requested: ask the keyring, or open the file, once more.
    quit_requested: end the program.
    remove_requested: ask whether all data shall be removed: there is no other way out for who can't open it.
    """

    passphrase_entered = Signal(str)
    retry_requested = Signal()
    quit_requested = Signal()
    remove_requested = Signal()

    def __init__(self, lock: Lock = Lock.OPEN, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(COLUMN)
        self._lock = lock
        self.card: ProblemCard | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 20, 0, 0)
        outer.setSpacing(0)
        logo = Logo()
        logo.setContentsMargins(24, 0, 0, 0)
        outer.addWidget(logo)
        inner = QWidget()
        inner.setMaximumWidth(COLUMN)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, MARGIN, 0, 24)
        self._column.setSpacing(0)
        self._title = Label("", 24, STRONG)
        self._words = Paragraph("", 14)
        self._column.addWidget(self._title)
        self._column.addSpacing(4)
        self._column.addWidget(self._words)
        self._column.addSpacing(20)
        self._card_at = self._column.count()
        self._add_fields()
        self._column.addSpacing(16)
        self._column.addLayout(self._buttons())
        self._column.addSpacing(32)
        self._add_removal()
        self._column.addStretch(1)
        middle = QWidget()
        sides = QHBoxLayout(middle)
        sides.setContentsMargins(24, 0, 24, 0)
        sides.addStretch(1)
        sides.addWidget(inner, 1000)
        sides.addStretch(1)
        outer.addWidget(ScrollArea(middle), 1)
        look().changed.connect(self.update)
        self.set_lock(lock)

    def _add_fields(self) -> None:
        self.passphrase = self._field(t("Passphrase"))
        self.again = self._field(t("The same passphrase again"))
        self._column.addWidget(self.passphrase)
        self._column.addSpacing(8)
        self._column.addWidget(self.again)
        self.wrong = Paragraph("", 12, "decide")
        self._column.addWidget(self.wrong)
        self.note = Paragraph(
            t(
                "Nobody can recover it: not you, not torsend. Some random words are stronger, and easier to keep in "
                "mind, than one clever word."
            ),
            12,
        )
        self._column.addSpacing(8)
        self._column.addWidget(self.note)

    def _buttons(self) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self.go = Button("", ButtonKind.FILLED)
        self.go.clicked.connect(self._submit)
        self.quit = Button(t("Quit"), ButtonKind.QUIET)
        self.quit.clicked.connect(self.quit_requested)
        self.instead = Button(t("Use a passphrase instead"), ButtonKind.OUTLINED)
        self.instead.clicked.connect(self._choose)
        buttons.addWidget(self.go)
        buttons.addWidget(self.instead)
        buttons.addWidget(self.quit)
        buttons.addStretch(1)
        return buttons

    def _add_removal(self) -> None:
        self.lost = Paragraph(
            t(
                "If it can never be opened again, nobody can bring back what is in it. You can remove it and begin anew."
            ),
            12,
        )
        self._column.addWidget(self.lost)
        self._column.addSpacing(4)
        self.remove = Button(t("Remove all of torsend’s data…"), ButtonKind.LINK)
        self.remove.clicked.connect(self.remove_requested)
        self._column.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignLeft)

    def _field(self, name: str) -> TextField:
        field = TextField(name=name, placeholder=name)
        field.setEchoMode(QLineEdit.EchoMode.Password)
        # No input method that learns words may see it.
        field.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        field.returnPressed.connect(self._submit)
        field.textEdited.connect(lambda _text: self._complain(""))
        return field

    def set_lock(self, lock: Lock) -> None:
        """What stands between the person and the vault."""
        self._lock = lock
        self._title.setText(lock.title())
        self._words.set_runs(lock.words())
        self.setAccessibleName(lock.title())
        self._drop_card()
        self.passphrase.setVisible(lock in _TYPED)
        self.again.setVisible(lock in _NEW)
        self.note.setVisible(lock in _NEW)
        self.instead.setVisible(lock is Lock.NEW_KEYRING)
        for widget in (self.lost, self.remove):
            widget.setVisible(lock in _REMOVABLE)
        for field in (self.passphrase, self.again):
            field.clear()
        self._complain("")
        self.set_busy(busy=False)

    def lock(self) -> Lock:
        """What stands between the person and the vault now."""
        return self._lock

    def set_busy(self, *, busy: bool) -> None:
        """The vault is being opened: a key from a passphrase takes a second on purpose."""
        labels = {
            Lock.OPEN: t("Opening…") if busy else t("Open"),
            Lock.CREATE: t("Creating…") if busy else t("Create"),
            Lock.CHOOSE: t("Creating…") if busy else t("Create"),
            Lock.KEYRING: t("Asking the keyring…") if busy else t("Try again"),
            Lock.NEW_KEYRING: t("Asking the keyring…") if busy else t("Try again"),
            Lock.BROKEN: t("Opening…") if busy else t("Try again"),
            Lock.RUNNING: t("Opening…") if busy else t("Try again"),
        }
        self.go.setText(labels[self._lock])
        for widget in (self.go, self.passphrase, self.again, self.instead, self.remove):
            widget.setEnabled(not busy)

    def set_problem(self, error: TorsendError) -> None:
        """It did not open. Beside the field where one was typed, else in a card."""
        self.set_busy(busy=False)
        if self._lock in _TYPED:
            self._complain(error.sentences())
            self.passphrase.set_wrong(True)  # a state, not an option
            self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._drop_card()
        title, body = words_of(error)
        if isinstance(error, KeyringLocked):
            body = ""  # the page says what to do
        self.card = ProblemCard(tone="decide", title=title.removesuffix("."), body=body)
        self._column.insertWidget(self._card_at, self.card)
        self._column.insertSpacing(self._card_at + 1, 16)
        self.card.say()

    def _drop_card(self) -> None:
        if self.card is not None:
            self._column.removeWidget(self.card)
            self._column.takeAt(self._card_at)
            self.card.hide()
            self.card.deleteLater()
            self.card = None

    def _complain(self, words: str) -> None:
        self.wrong.set_runs(words)
        self.wrong.setVisible(bool(words))
        self.passphrase.setAccessibleDescription(words)
        self.passphrase.set_wrong(False)  # a state, not an option
        self.again.set_wrong(False)  # a state, not an option

    def _choose(self) -> None:
        self.set_lock(Lock.CHOOSE)
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)

    def _submit(self) -> None:
        if not self.go.isEnabled():
            return
        if self._lock not in _TYPED:
            self._drop_card()
            self.set_busy(busy=True)
            self.retry_requested.emit()
            return
        typed = self.passphrase.text()
        if not typed:
            self._complain(t("Type a passphrase."))
            self.passphrase.set_wrong(True)  # a state, not an option
            self.passphrase.setFocus()
            return
        if self._lock in _NEW and len(typed) < SHORTEST:
            self._complain(t("That is too short to protect anything: at least {n} characters.", n=SHORTEST))
            self.passphrase.set_wrong(True)  # a state, not an option
            self.passphrase.setFocus()
            return
        if self._lock in _NEW and typed != self.again.text():
            if self.again.text():
                self._complain(t("The two differ. Type the same passphrase twice."))
                self.again.set_wrong(True)  # a state, not an option
                self.again.clear()
            self.again.setFocus()
            return
        self.passphrase.clear()
        self.again.clear()
        self.set_busy(busy=True)
        self.passphrase_entered.emit(typed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        (self.passphrase if not self.passphrase.isHidden() else self.go).setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(self.rect(), look().tokens.win)
