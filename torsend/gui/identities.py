"""The identities: who is there, and one of them to look at and change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from torsend.gui.identity_form import IdentityForm
from torsend.gui.identity_list import IdentityList
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.whole import Pages
from torsend.gui.theme import STRONG, look
from torsend.identity.identity import Colour, Identity
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from torsend.errors import TorsendError
    from torsend.gui.identity_password import PasswordPlace

LIST = 272


class _ListPane(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(LIST)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 1, 20)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(20, 0, 14, 0)
        head.addWidget(Label(t("Identities"), 20, STRONG))
        head.addStretch(1)
        self.plus = Button("", ButtonKind.QUIET, icon="plus", name=t("Add an identity"))
        self.plus.setToolTip(t("Add an identity"))
        head.addWidget(self.plus)
        column.addLayout(head)
        self.list = IdentityList()
        column.addWidget(self.list, 1)
        words = QHBoxLayout()
        words.setContentsMargins(20, 12, 20, 0)
        self.words = Button(t("Your word list"), ButtonKind.LINK, name=t("Your word list, for every mail"))
        words.addWidget(self.words)
        words.addStretch(1)
        column.addLayout(words)
        note = Paragraph(
            t("Each identity has its own colour and asks Tor for its own circuits. A shape shows its kind."),
            12,
        )
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 12, 20, 0)
        foot.addWidget(note)
        column.addLayout(foot)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().tokens.win)
        painter.fillRect(QRect(self.width() - 1, 0, 1, self.height()), look().tokens.line)


class IdentitiesPage(QWidget):
    """Signals:
    chosen: the id of the identity shown; where its password lies is to be told then.
    changed: an ``Identity`` to keep.
    add_requested: an ``Identity`` and its password, or empty.
    move_requested: an id, and its place in the book counted without itself.
    password_entered, onion_key_entered: an id and what was typed.
    words_requested: an id whose word list is asked for; empty for the person's own.
    password_forget_requested, onion_key_forget_requested, new_circuit_requested, write_requested,
        duplicate_requested, delete_requested: an id.
    """

    chosen = Signal(str)
    changed = Signal(Identity)
    add_requested = Signal(Identity, str)
    move_requested = Signal(str, int)
    password_entered = Signal(str, str)
    words_requested = Signal(str)
    password_forget_requested = Signal(str)
    onion_key_entered = Signal(str, str)
    onion_key_forget_requested = Signal(str)
    new_circuit_requested = Signal(str)
    write_requested = Signal(str)
    duplicate_requested = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(t("Identities"))
        self._identities: dict[str, Identity] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        pane = _ListPane()
        self.list, self.plus, self.words = pane.list, pane.plus, pane.words
        row.addWidget(pane)
        self._stack = Pages()
        self.empty = self._empty()
        self.form = IdentityForm()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.form)
        row.addWidget(self._stack, 1)
        self._connect()

    def _empty(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        words = Label(t("Add an address to write from."), 13, colour="text2")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(words)
        column.addSpacing(12)
        self.first = Button(t("Add an identity"), ButtonKind.FILLED, icon="plus")
        self.first.clicked.connect(self.start_new)
        column.addWidget(self.first, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def _connect(self) -> None:
        self.plus.clicked.connect(self.start_new)
        self.list.chosen.connect(self.show_identity)
        self.list.move_requested.connect(self.move_requested)
        self.list.duplicate_requested.connect(self.duplicate_requested)
        self.list.delete_requested.connect(self._ask_delete)
        form = self.form
        form.changed.connect(self.changed)
        form.words_requested.connect(self.words_requested)
        self.words.clicked.connect(lambda: self.words_requested.emit(""))
        form.add_requested.connect(self.add_requested)
        form.add_cancelled.connect(self._cancel_new)
        form.password_entered.connect(self.password_entered)
        form.password_forget_requested.connect(self.password_forget_requested)
        form.onion_key_entered.connect(self.onion_key_entered)
        form.onion_key_forget_requested.connect(self.onion_key_forget_requested)
        form.new_circuit_requested.connect(self.new_circuit_requested)
        form.write_requested.connect(self.write_requested)
        form.duplicate_requested.connect(self.duplicate_requested)
        form.delete_requested.connect(self.delete_requested)

    # What is shown

    def set_identities(self, identities: Sequence[Identity]) -> None:
        """All of them, in the book's order. The one shown stays shown; if it is gone, its neighbour is."""
        order = list(self._identities)
        self._identities = {one.id: one for one in identities}
        self.list.set_identities(identities)
        shown = self.form.identity_id()
        if shown in self._identities:
            was_new = self.form.is_new()
            self.form.set_identity(self._identities[shown])
            self._stack.setCurrentWidget(self.form)
            self.list.choose(shown)
            if was_new:
                self.chosen.emit(shown)
        elif self.form.is_new() and self._stack.currentWidget() is self.form:
            self.list.choose("")
        elif self._identities:
            self.show_identity(self._neighbour(order, shown))
        else:
            self._stack.setCurrentWidget(self.empty)

    def _neighbour(self, order: list[str], gone: str) -> str:
        at = order.index(gone) if gone in order else 0
        near = [*order[at:], *reversed(order[:at])]
        return next((one for one in near if one in self._identities), next(iter(self._identities)))

    def show_identity(self, identity_id: str) -> None:
        """Shows that one; what was typed in another's form is kept first."""
        if identity_id not in self._identities:
            return
        if not self.form.is_new() and self.form.identity_id() != identity_id:
            self.form.commit()
        self.form.set_identity(self._identities[identity_id])
        self._stack.setCurrentWidget(self.form)
        self.list.choose(identity_id)
        self.chosen.emit(identity_id)

    def current_id(self) -> str:
        """The one shown; empty while there is none."""
        shown = self._stack.currentWidget() is self.form and not self.form.is_new()
        return self.form.identity_id() if shown else ""

    def start_new(self) -> None:
        """An empty form, in a colour that is still free; one that is being filled in stays as it is."""
        if self._stack.currentWidget() is self.form and self.form.is_new():
            self.form.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        if not self.form.is_new():
            self.form.commit()
        used = {one.colour for one in self._identities.values()}
        self.form.start_new(next((colour for colour in Colour if colour not in used), Colour.TEAL))
        self._stack.setCurrentWidget(self.form)
        self.list.choose("")
        self.form.name.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _cancel_new(self) -> None:
        if self._identities:
            self.show_identity(next(iter(self._identities)))
        else:
            self._stack.setCurrentWidget(self.empty)

    def _ask_delete(self, identity_id: str) -> None:
        self.show_identity(identity_id)
        self.form.ask_delete()

    # What came of it

    def saved(self, identity: Identity) -> None:
        """That one is kept now, as this."""
        self._identities[identity.id] = identity
        self.list.set_identities(tuple(self._identities.values()))
        self.form.saved(identity)

    def save_failed(self, identity_id: str, error: TorsendError) -> None:
        """That one could not be kept."""
        self.form.save_failed(identity_id, error)

    def set_password_place(self, identity_id: str, place: PasswordPlace) -> None:
        """Where its password lies."""
        self.form.set_password_place(identity_id, place)

    def set_password_problem(self, identity_id: str, error: TorsendError) -> None:
        """Its password could not be saved, read or forgotten."""
        self.form.set_password_problem(identity_id, error)

    def set_word_counts(self, identity_id: str, every: int, own: int) -> None:
        """How many words are looked for in mails of that identity."""
        self.form.set_word_counts(identity_id, every, own)

    def set_circuit(self, identity_id: str, words: str) -> None:
        """What is known of its circuit; empty for nothing."""
        self.form.set_circuit(identity_id, words)
