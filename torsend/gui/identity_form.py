"""One identity to look at and change: saved as its fields are left, each wrong one said right beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.errors import TorsendError
from torsend.gui.form_row import Aside, FormRow
from torsend.gui.identity_foot import IdentityFoot, Saved
from torsend.gui.identity_head import IdentityHead
from torsend.gui.identity_list import KINDS
from torsend.gui.identity_onion import OnionRows
from torsend.gui.identity_password import PasswordPlace, PasswordRow
from torsend.gui.identity_server import ServerFields
from torsend.gui.identity_words import SignatureField, WordsRow
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.fields import TextField
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.marks import Mark
from torsend.gui.parts.scroll import ScrollArea
from torsend.gui.parts.segmented import Segmented
from torsend.gui.theme import look
from torsend.identity.identity import (
    BadIdentity,
    Colour,
    FileNames,
    Identity,
    Kind,
    OnlyOverTor,
    Server,
    Tls,
    new_identity_id,
)
from torsend.identity.secrets import KeyringLocked
from torsend.mail.address import check_address
from torsend.words import mark, t

_PLACEHOLDER = Server("smtp.placeholder.invalid", 465, Tls.IMPLICIT)


_KIND_NOTES = {
    Kind.ADDRESS: mark("The address of an account. Its provider knows what you told it about yourself."),
    Kind.ALIAS: mark(
        "A further address of an account. Its provider knows that both are one; others needn’t."
    ),
    Kind.DISPOSABLE: mark(
        "For a while only. Once it is gone, answers to it come back to whoever wrote them."
    ),
}


class IdentityForm(QWidget):
    """Signals:
    changed: the ``Identity`` as it shall be kept now.
    words_requested: the id of the one whose word list is asked for.
    add_requested: a new ``Identity`` and its password, or empty.
    add_cancelled: no new one after all.
    password_entered, onion_key_entered: an id and what was typed.
    password_forget_requested, onion_key_forget_requested, new_circuit_requested, write_requested,
        duplicate_requested, delete_requested: an id.
    """

    changed = Signal(Identity)
    words_requested = Signal(str)
    add_requested = Signal(Identity, str)
    add_cancelled = Signal()
    password_entered = Signal(str, str)
    password_forget_requested = Signal(str)
    onion_key_entered = Signal(str, str)
    onion_key_forget_requested = Signal(str)
    new_circuit_requested = Signal(str)
    write_requested = Signal(str)
    duplicate_requested = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept: Identity | None = None
        self._id = ""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        inner = QWidget()
        whole = QVBoxLayout(inner)
        # The swatches' rings stand out a little to the right of the fields.
        whole.setContentsMargins(32, 23, 28, 20)
        whole.setSpacing(19)
        whole.addWidget(self._head())
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(12)
        whole.addLayout(column, 1)

        rows = [*self._who(), *self._how(), *self._habits()]
        for row in rows:
            column.addWidget(row)
        column.addStretch(1)
        outer.addWidget(ScrollArea(inner), 1)
        self.foot = IdentityFoot()
        outer.addWidget(self.foot)
        self._connect()
        look().changed.connect(self._recolour)
        self.start_new()

    # Parts

    def _who(self) -> tuple[QWidget, ...]:
        self.name = TextField(name=t("Name others see"), placeholder=t("May stay empty"))
        self.address = TextField(name=t("Address"), placeholder=t("name@provider.example"))
        self.name_row = FormRow(t("Name others see"), self.name)
        self.address_row = FormRow(t("Address"), self.address)
        self.kind = Segmented(
            [(kind, t(KINDS[kind])) for kind in (Kind.ADDRESS, Kind.ALIAS, Kind.DISPOSABLE)],
            name=t("Kind"),
            shrinks=True,
        )
        self.kind_row = FormRow(t("Kind"), self.kind)
        self.kind_row.stretch()
        self._kind_note = Paragraph("", 12, "text2")
        self.kind_row.explain(self._kind_note)
        return self.name_row, self.address_row, self.kind_row

    def _how(self) -> tuple[QWidget, ...]:
        self.server = ServerFields()
        self.username = TextField(name=t("User name"), placeholder=t("The same as the address"))
        self.username_row = FormRow(t("User name"), self.username)
        self.password = PasswordRow()
        self.onion = OnionRows()
        self._learnt = Paragraph("", 13, "text2")
        self._learnt.setContentsMargins(0, 7, 0, 0)
        self._learnt_row = FormRow(t("Exit relays"), self._learnt)
        self._learnt_row.setVisible(False)
        self.circuit = self._circuit()
        password_row = FormRow(t("Password"), self.password)
        return self.server, self.username_row, password_row, self.onion, self.circuit, self._learnt_row

    def _habits(self) -> tuple[QWidget, ...]:
        self.only = Segmented(
            [(OnlyOverTor.YES, t("Yes")), (OnlyOverTor.NO, t("No")), (OnlyOverTor.UNSURE, t("Not sure"))],
            name=t("Only used over Tor"),
            shrinks=True,
        )
        only_note = Aside(t("One sign-in without Tor is enough to know you."))
        only_row = FormRow(t("Only used over Tor"), self.only, only_note)
        only_row.row.setSpacing(12)
        only_row.stretch()
        self.signature = SignatureField()
        self.words = WordsRow()
        self.words_row = FormRow(t("Word list"), self.words)
        self.names = Segmented(
            [(FileNames.NEUTRAL, t("Neutral")), (FileNames.KEPT, t("Kept"))],
            name=t("File names"),
            shrinks=True,
        )
        names_note = Aside(t("Neutral: document-1.pdf. A name can tell a lot."))
        names_row = FormRow(t("File names"), self.names, names_note)
        names_row.row.setSpacing(12)
        names_row.stretch()
        return only_row, FormRow(t("Signature"), self.signature), self.words_row, names_row

    def _head(self) -> IdentityHead:
        head = IdentityHead()
        self._avatar, self._title, self._subtitle, self.colour = (
            head.avatar, head.title, head.subtitle, head.colour,
        )  # fmt: skip
        return head

    def _circuit(self) -> FormRow:
        self.new_circuit = Button(t("New circuit"), ButtonKind.LINK)
        words = QWidget()
        inside = QHBoxLayout(words)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        words.setFixedHeight(32)
        inside.addWidget(Mark("link", "text2", 16))
        self._circuit_words = Label(t("One of its own"), 13)
        inside.addWidget(self._circuit_words)
        inside.addWidget(Aside(t("Tor is asked never to share it.")), 1)
        inside.addWidget(self.new_circuit)
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = FormRow(t("Circuit"), words)
        row.row.setStretchFactor(words, 1)
        return row

    def _connect(self) -> None:
        for field in (self.name, self.address, self.username):
            field.textEdited.connect(self._typed)
            field.editingFinished.connect(self.commit)
        self.address.textEdited.connect(self.server.set_address)
        for choice in (self.kind, self.only, self.names, self.colour):
            choice.chosen.connect(lambda _value: self._chosen())
        self.signature.edited.connect(self._typed)
        self.signature.finished.connect(self.commit)
        self.words.edit_requested.connect(lambda: self.words_requested.emit(self._id))
        self.server.edited.connect(self._typed)
        self.server.finished.connect(self.commit)
        self.password.entered.connect(lambda typed: self.password_entered.emit(self._id, typed))
        self.password.forget_requested.connect(lambda: self.password_forget_requested.emit(self._id))
        self.onion.key.entered.connect(lambda typed: self.onion_key_entered.emit(self._id, typed))
        self.onion.key.forget_requested.connect(lambda: self.onion_key_forget_requested.emit(self._id))
        self.onion.certificate_forgotten.connect(self._forget_certificate)
        self.new_circuit.clicked.connect(lambda: self.new_circuit_requested.emit(self._id))
        foot = self.foot
        foot.write_pressed.connect(self._write)
        foot.duplicate_pressed.connect(lambda: self.duplicate_requested.emit(self._id))
        foot.delete_confirmed.connect(lambda: self.delete_requested.emit(self._id))
        foot.add_pressed.connect(self._add)
        foot.cancel_pressed.connect(self.password.field.clear)
        foot.cancel_pressed.connect(self.add_cancelled)

    # What is shown

    def set_identity(self, identity: Identity) -> None:
        """Shows it. If it is the one shown already, what is being typed stays."""
        same = self._kept is not None and self._kept.id == identity.id
        self._kept, self._id = identity, identity.id
        if same and self._draft() != identity and self.foot.told() is Saved.TYPING:
            return
        self.name.setText(identity.name)
        self.address.setText(identity.address)
        for field in (self.name, self.address):
            field.setCursorPosition(0)
        if identity.kind in {Kind.ADDRESS, Kind.ALIAS, Kind.DISPOSABLE}:
            self.kind.set_value(identity.kind)
        self.kind_row.setVisible(identity.kind is not Kind.REMAILER)
        self.colour.set_value(identity.colour)
        if not same:
            self.server.set_server(identity.server, identity.address)
            self.password.set_always_open(False)  # a state, not an option
            for secret in (self.password, self.onion.key):
                secret.set_place(PasswordPlace.UNKNOWN)
                secret.say("")
            self.set_learnt(identity.id, "")
        self.server.set_accepted(identity.server)
        self._show_onion(identity.server)
        self.username.setText("" if identity.username == identity.address else identity.username)
        self.only.set_value(identity.only_over_tor)
        self.signature.set_text(identity.signature)
        self.words_row.setVisible(True)
        self.names.set_value(identity.file_names)
        self._complain()
        self.foot.begin(new=False)
        self.circuit.setVisible(True)
        self._recolour()

    def start_new(self, colour: Colour = Colour.TEAL) -> None:
        """An empty form for a new one."""
        self._kept, self._id = None, new_identity_id()
        for field in (self.name, self.address, self.username):
            field.clear()
        self.kind.set_value(Kind.ADDRESS)
        self.kind_row.setVisible(True)
        self.colour.set_value(colour)
        self.server.set_server(None, "")
        self.only.set_value(OnlyOverTor.UNSURE)
        self.signature.set_text("")
        self.words_row.setVisible(False)
        self.names.set_value(FileNames.NEUTRAL)
        self.password.set_always_open(True)  # a state, not an option
        self.password.say("")
        self._show_onion(None)
        self.set_learnt(self._id, "")
        self._complain()
        self.foot.begin(new=True)
        self.circuit.setVisible(False)
        self._recolour()

    def is_new(self) -> bool:
        """Whether it shows one that is not kept yet."""
        return self._kept is None

    def identity_id(self) -> str:
        """Whose form it is."""
        return self._id

    def set_password_place(self, identity_id: str, place: PasswordPlace) -> None:
        """Where the password of that identity lies."""
        if identity_id == self._id:
            self.password.set_place(place)

    def set_password_problem(self, identity_id: str, error: TorsendError) -> None:
        """It could not be saved, read or forgotten."""
        if identity_id == self._id:
            self.password.set_place(PasswordPlace.NONE)
            self.password.say(
                " ".join(part for part in (error.what, t("Nothing was changed."), error.advice) if part)
            )

    def set_onion_key_place(self, identity_id: str, place: PasswordPlace) -> None:
        """Where the client's key for its onion server lies."""
        if identity_id == self._id:
            self.onion.key.set_place(place)

    def set_onion_key_problem(self, identity_id: str, error: TorsendError) -> None:
        """It could not be saved, read or forgotten."""
        if identity_id == self._id:
            self.onion.key.set_place(PasswordPlace.NONE)
            self.onion.key.say(" ".join(part for part in (error.what, error.advice) if part))

    def set_learnt(self, identity_id: str, words: str) -> None:
        """How its server treats exit relays, as far as was learnt."""
        if identity_id == self._id:
            self._learnt.set_runs(words)
            self._learnt_row.setVisible(bool(words))

    def _show_onion(self, server: Server | None) -> None:
        self.onion.setVisible(server is not None and server.is_onion)
        self.onion.set_certificate(server.certificate if server is not None else "")

    def _forget_certificate(self) -> None:
        self.server.forget_certificate()
        self.commit()

    def set_circuit(self, identity_id: str, words: str) -> None:
        """What is known of its circuit, as in ``"2 min old"``; empty for nothing."""
        if identity_id == self._id:
            self._circuit_words.setText(words or t("One of its own"))

    def set_word_counts(self, identity_id: str, every: int, own: int) -> None:
        """How many words are looked for in mails of that identity."""
        if identity_id == self._id:
            self.words.set_counts(every, own)

    def saved(self, identity: Identity) -> None:
        """It is kept now, as this."""
        if identity.id == self._id:
            self.set_identity(identity)

    def save_failed(self, identity_id: str, error: TorsendError) -> None:
        """It could not be kept."""
        if identity_id != self._id:
            return
        if isinstance(error, BadIdentity):
            self._complain(error)
        self.foot.tell(Saved.FAILED, self._not_kept(error))

    def _not_kept(self, error: TorsendError) -> str:
        if not self.is_new():
            return error.sentences()
        advice = error.advice
        if isinstance(error, KeyringLocked):
            advice = t("Press Add again, and unlock it when your system asks for its password.")
        return " ".join(
            part
            for part in (error.what, t("Nothing was added; what you typed is still here."), advice)
            if part
        )

    # Changing

    def _typed(self) -> None:
        # What was wrong is being put right; whether it is, is seen when it is kept.
        typed: QWidget | None = self.focusWidget()
        for row in (self.name_row, self.address_row, self.username_row):
            if typed is not None and row.isAncestorOf(typed):
                row.complain("")
        self.foot.tell(Saved.TYPING)
        self._recolour()

    def _chosen(self) -> None:
        self._recolour()
        self.commit()

    def _draft(self) -> Identity | None:
        """What the fields say, or ``None`` while something in them cannot be."""
        return self._read(complain=False)

    def _read(self, *, complain: bool) -> Identity | None:
        wrong: list[BadIdentity] = []
        server = _PLACEHOLDER
        try:
            server = self.server.server()
        except BadIdentity as error:
            wrong.append(error)
        address = self.address.text().strip()
        try:
            address = check_address(address)
        except TorsendError as error:
            if address:
                wrong.append(BadIdentity("address", error.what, advice=error.advice))
        made: Identity | None = None
        try:
            made = Identity(
                self._id,
                self.name.text(),
                address,
                self._kept.kind
                if self.kind_row.isHidden() and self._kept is not None
                else Kind(self.kind.value()),
                Colour(self.colour.value()),
                server,
                self.username.text(),
                OnlyOverTor(self.only.value()),
                self.signature.text(),
                FileNames(self.names.value()),
            )
        except BadIdentity as error:
            if all(each.field != error.field for each in wrong):
                wrong.append(error)
        if complain:
            self._complain(*wrong)
        return None if wrong else made

    def _complain(self, *wrong: BadIdentity) -> None:
        words = {error.field: error.sentences() for error in wrong}
        self.name_row.complain(words.get("name", ""))
        self.address_row.complain(words.get("address", ""))
        self.username_row.complain(words.get("username", ""))
        self.signature.complain(words.get("signature", ""))
        of_server = (error for error in wrong if error.field in {"host", "port", "tls"})
        self.server.complain(next(of_server, None))

    def commit(self) -> None:
        """Keeps what the fields say now, where it can be kept; says what is wrong where not."""
        if self._kept is None:
            return
        identity = self._read(complain=True)
        if identity is None:
            self.foot.tell(Saved.WRONG)
        elif identity == self._kept:
            self.foot.tell(Saved.ALL)
        else:
            self.foot.tell(Saved.SAVING)
            self.changed.emit(identity)

    def _add(self) -> None:
        identity = self._read(complain=True)
        if identity is None:
            self.foot.tell(Saved.WRONG)
            self._focus_wrong()
            return
        self.foot.tell(Saved.SAVING)
        # What was typed stays until it is kept: the keyring may say no.
        self.add_requested.emit(identity, self.password.field.text())

    def _focus_wrong(self) -> None:
        for field, wrong in (
            (self.name, self.name_row.error()),
            (self.address, self.address_row.error()),
            (self.server.host, self.server.host_row.error()),
            (self.username, self.username_row.error()),
            (self.signature.box.field, self.signature.error()),
        ):
            if wrong:
                field.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def _write(self) -> None:
        self.commit()
        self.write_requested.emit(self._id)

    def ask_delete(self) -> None:
        """Asks whether it shall really go."""
        self.foot.ask()

    def saved_state(self) -> Saved:
        """How what is shown stands to what is kept."""
        return self.foot.told()

    # Looks

    def _recolour(self) -> None:
        tokens = look().tokens
        colour = self.colour.value()
        fill = tokens.identity[colour]
        tint = tokens.tint(fill)
        for segmented in (self.kind, self.only, self.names):
            segmented.set_tint(tint)
        self._kind_note.set_runs(t(_KIND_NOTES[Kind(self.kind.value())]))
        self.server.set_colours(fill, tint)
        shown = self._draft() or self._kept
        name = self.name.text().strip() or self.address.text().strip()
        title = name or t("New identity")
        self._title.setText(title)
        self.foot.name_it(title, fill)
        kind = (
            self._kept.kind
            if self.kind_row.isHidden() and self._kept is not None
            else Kind(self.kind.value())
        )
        if shown is not None:
            self._avatar.set_identity(kind, colour, shown.initials)
            self._subtitle.setText(
                t("{kind} at {provider}", kind=t(KINDS[kind]), provider=shown.domain_owner or shown.provider)
            )
        else:
            self._avatar.set_identity(kind, colour, title[:1].upper() if name else "")
            self._subtitle.setText(t("Not added yet"))
