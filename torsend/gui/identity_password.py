"""Where an identity's password lies, and how it is set, changed and forgotten. It is never shown."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.fields import TextField
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.marks import Mark
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent


class PasswordPlace(enum.StrEnum):
    """Where it lies."""

    UNKNOWN = "unknown"
    """Not asked yet, or the answer is on its way."""
    NONE = "none"
    KEYRING = "keyring"
    VAULT = "vault"
    MEMORY = "memory"
    """Only until the program ends."""

    def words(self) -> str:
        """What the row says."""
        match self:
            case PasswordPlace.UNKNOWN:
                return t("Looking for it…")
            case PasswordPlace.NONE:
                return t("None yet")
            case PasswordPlace.KEYRING:
                return t("In your system keyring")
            case PasswordPlace.VAULT:
                return t("In the encrypted vault")
            case PasswordPlace.MEMORY:
                return t("In memory, until torsend ends")


@dataclass(frozen=True, slots=True)
class SecretWords:
    """What a row for a secret says; made when it is shown, in the person's language."""

    name: str
    placeholder: str
    save: str
    change: str
    set: str
    forget: str
    missing: str


def password_words() -> SecretWords:
    """For a password."""
    return SecretWords(
        t("Password"),
        t("The password of this account’s server"),
        t("Save password"),
        t("Change the password"),
        t("Set the password"),
        t("Forget the password"),
        t("Type the password first."),
    )


class PasswordRow(QWidget):
    """Signals:
    entered: the password that was typed. It is nowhere in here any more.
    forget_requested: take it out of where it lies.
    """

    entered = Signal(str)
    forget_requested = Signal()

    def __init__(self, words: SecretWords | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words or password_words()
        self._place = PasswordPlace.UNKNOWN
        self._always_open = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)

        self._told = QWidget()
        told = QHBoxLayout(self._told)
        told.setContentsMargins(0, 0, 0, 0)
        told.setSpacing(8)
        self._told.setFixedHeight(32)
        told.addWidget(Mark("key", "text2", 16))
        self.place_label = Label("", 13)
        told.addWidget(self.place_label)
        told.addStretch(1)
        self.change = Button(t("Change"), ButtonKind.LINK)
        self.forget = Button(t("Forget"), ButtonKind.LINK, name=self._words.forget)
        self.change.clicked.connect(self.open_field)
        self.forget.clicked.connect(self.forget_requested)
        links = QHBoxLayout()
        links.setSpacing(16)
        links.addWidget(self.change)
        links.addWidget(self.forget)
        told.addLayout(links)
        column.addWidget(self._told)

        self._typing = QWidget()
        typing = QHBoxLayout(self._typing)
        typing.setContentsMargins(0, 0, 0, 0)
        typing.setSpacing(8)
        self.field = TextField(name=self._words.name, placeholder=self._words.placeholder)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        # No input method that learns words may see it.
        self.field.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.field.returnPressed.connect(self._enter)
        self.keep = Button(self._words.save, ButtonKind.OUTLINED)
        self.keep.clicked.connect(self._enter)
        self.cancel = Button(t("Cancel"), ButtonKind.QUIET)
        self.cancel.clicked.connect(self.close_field)
        typing.addWidget(self.field, 1)
        typing.addWidget(self.keep)
        typing.addWidget(self.cancel)
        column.addWidget(self._typing)
        self._problem = Paragraph("", 12, "decide")
        column.addWidget(self._problem)
        self.set_place(PasswordPlace.UNKNOWN)
        self.say("")
        self.close_field()

    def set_place(self, place: PasswordPlace) -> None:
        """Where it lies now."""
        self._place = place
        some = place not in {PasswordPlace.NONE, PasswordPlace.UNKNOWN}
        self.place_label.setText(place.words())
        self.place_label.set_colour("text" if some else "text2")
        self.change.setText(t("Change") if some else t("Set"))
        self.change.set_name(self._words.change if some else self._words.set)
        self.change.setEnabled(place is not PasswordPlace.UNKNOWN)
        self.forget.setVisible(some)

    def place(self) -> PasswordPlace:
        """Where it lies, as far as is known."""
        return self._place

    def say(self, words: str) -> None:
        """What went wrong with it, or nothing."""
        self._problem.set_runs(words)
        self._problem.setVisible(bool(words))

    def problem(self) -> str:
        """What is said to be wrong."""
        return "" if self._problem.isHidden() else self._problem.text()

    def set_always_open(self, always: bool) -> None:
        """For an identity that is not there yet: the field stands open and is read when it is added."""
        self._always_open = always
        self.keep.setVisible(not always)
        self.cancel.setVisible(not always)
        if always:
            self.field.clear()
            self._told.setVisible(False)
            self._typing.setVisible(True)
        else:
            self.close_field()

    def take(self) -> str:
        """What was typed; the field is empty after it."""
        typed = self.field.text()
        self.field.clear()
        return typed

    def open_field(self) -> None:
        """Lets the person type one."""
        self.say("")
        self._told.setVisible(False)
        self._typing.setVisible(True)
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_field(self) -> None:
        """Throws away what was typed."""
        self.field.clear()
        if self._always_open:
            return
        had = self.field.hasFocus() or self.keep.hasFocus() or self.cancel.hasFocus()
        self._typing.setVisible(False)
        self._told.setVisible(True)
        if had:
            self.change.setFocus(Qt.FocusReason.OtherFocusReason)

    def _enter(self) -> None:
        if self._always_open:
            return
        typed = self.take()
        if not typed:
            self.say(self._words.missing)
            return
        self.close_field()
        self.set_place(PasswordPlace.UNKNOWN)
        self.entered.emit(typed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self._typing.isHidden() and not self._always_open:
            self.close_field()
        else:
            super().keyPressEvent(event)
