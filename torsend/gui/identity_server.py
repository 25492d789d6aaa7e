"""Which server an identity sends through: a known provider's, or one that is typed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from torsend.gui.form_row import Aside, FormRow
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.choices import CheckBox, RadioList
from torsend.gui.parts.fields import TextField
from torsend.gui.parts.labels import Paragraph
from torsend.gui.parts.segmented import Segmented
from torsend.gui.parts.tag import Tag
from torsend.identity.identity import BadIdentity, Server, Tls
from torsend.identity.providers import PRESETS, Preset, Shown, SignIn, preset_for
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

OTHER = "other"
SHOWN_FIRST = 3

PORTS = {Tls.IMPLICIT: "465", Tls.STARTTLS: "587"}
_BY_NAME = {preset.name: preset for preset in PRESETS}


def tags(preset: Preset) -> tuple[Tag, ...]:
    """What is worth knowing of a provider before choosing it; ``about`` says it in sentences."""
    made = []
    if preset.onion is not None:
        made.append(Tag(t("inside Tor"), "onion"))
    if preset.usable and preset.shows_client is Shown.NO:
        made.append(Tag(t("hides Tor"), "shield"))
    match preset.sign_in:
        case SignIn.APP_PASSWORD:
            made.append(Tag(t("app password"), "key"))
        case SignIn.OAUTH:
            made.append(Tag(t("browser only"), "key", "look"))
        case SignIn.BRIDGE:
            made.append(Tag(t("needs its own program"), "key", "look"))
        case SignIn.NONE:
            made.append(Tag(t("website only"), "key", "look"))
        case _:
            pass
    return tuple(made)


def about(preset: Preset) -> str:
    """What its tags mean, and what else there is to say of a provider. Through Tor, it is never the person's own address
    that a recipient could see: what a provider shows or not is the exit relay's, so that Tor was used.
    """
    said = [t(preset.note)] if preset.note else []
    if preset.usable and preset.shows_client is Shown.NO:
        said.append(t("Recipients don’t see that the mail came through Tor."))
    if preset.onion is not None:
        said.append(t("It has an onion server: mail can reach it without leaving Tor."))
    return " ".join(said)


class ServerFields(QWidget):
    """Signals:
    edited: something in here changed.
    finished: a choice was made, or a field was left.
    """

    edited = Signal()
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._address = ""
        self._all_shown = False
        self._chosen_by_hand = False
        self._accepted: Server | None = None
        self._colours: tuple[QColor | None, QColor | None] = (None, None)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)

        provider = QWidget()
        inside = QVBoxLayout(provider)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        self.list = RadioList(name=t("Provider"), edge="input_edge")
        self.list.chosen.connect(self._chosen)
        inside.addWidget(self.list)
        below = QHBoxLayout()
        self._note = Paragraph("", 12, "text2")
        below.addWidget(self._note, 1)
        below.addStretch(0)
        self.more = Button("", ButtonKind.LINK)
        self.more.clicked.connect(self._show_all)
        below.addWidget(self.more)
        inside.addLayout(below)
        policy = provider.sizePolicy()
        policy.setHeightForWidth(True)
        provider.setSizePolicy(policy)
        column.addWidget(FormRow(t("Provider"), provider))

        self.onion = CheckBox(t("Use its onion server"))
        self.onion.clicked.connect(self._changed)
        self._onion_row = FormRow(
            t("Server"),
            self.onion,
            Aside(t("No exit relay, inside Tor all the way. Often slower.")),
        )
        self._onion_row.stretch()
        column.addWidget(self._onion_row)

        self.host = TextField(name=t("Server"), placeholder=t("smtp.provider.example or an .onion address"))
        self.port = TextField(PORTS[Tls.IMPLICIT], name=t("Port"))
        self.port.setFixedWidth(72)
        self.host_row = FormRow(t("Server"), self.host, self.port)
        column.addWidget(self.host_row)
        self.tls = Segmented(
            [(Tls.IMPLICIT, t("TLS")), (Tls.STARTTLS, t("STARTTLS")), (Tls.ONION_PLAIN, t("Onion only"))],
            name=t("Encryption"),
            shrinks=True,
        )
        self.tls.chosen.connect(self._tls_chosen)
        self._tls_note = Aside()
        self.tls_row = FormRow(t("Encryption"), self.tls, self._tls_note)
        self.tls_row.stretch()
        column.addWidget(self.tls_row)
        for field in (self.host, self.port):
            field.textEdited.connect(self._typed)
            field.editingFinished.connect(self.finished)
        self._fill(OTHER)

    # Values

    def set_server(self, server: Server | None, address: str) -> None:
        """Shows an identity's server; without one, what the address suggests."""
        self._address = address
        self._all_shown = False
        self._chosen_by_hand = server is not None
        self.set_accepted(server)
        self.complain(None)
        if server is None:
            preset = preset_for(address)
            self.host.clear()
            self.port.setText(PORTS[Tls.IMPLICIT])
            self.tls.set_value(Tls.IMPLICIT)
            self.onion.setChecked(False)
            self._fill(preset.name if preset is not None and preset.server is not None else OTHER)
            return
        plain = replace(server, certificate="")
        preset = next((one for one in PRESETS if plain in (one.server, one.onion)), None)
        self.onion.setChecked(preset is not None and plain == preset.onion)
        self.host.setText(server.host)
        self.host.setCursorPosition(0)
        self.port.setText(str(server.port))
        self.tls.set_value(server.tls)
        self._fill(preset.name if preset is not None else OTHER)

    def set_address(self, address: str) -> None:
        """The address changed: suggests its provider as long as the person chose none."""
        self._address = address
        if not self._chosen_by_hand:
            preset = preset_for(address)
            name = preset.name if preset is not None and preset.server is not None else OTHER
            if name != self.list.value():
                self._fill(name)

    def set_accepted(self, server: Server | None) -> None:
        """The server whose certificate the person accepted, if this one is such."""
        self._accepted = server if server is not None and server.certificate else None

    def forget_certificate(self) -> None:
        """Its certificate is verified as usual from now on."""
        self._accepted = None

    def server(self) -> Server:
        """What is chosen or typed; a certificate that was accepted stays with the server that showed it.

        Raises:
            BadIdentity: with the field ``host``, ``port`` or ``tls``.
        """
        server = self._typed_server()
        accepted = self._accepted
        if accepted is not None and server == replace(accepted, certificate=""):
            return accepted
        return server

    def _typed_server(self) -> Server:
        """What is chosen or typed.

        Raises:
            BadIdentity: with the field ``host``, ``port`` or ``tls``.
        """
        preset = _BY_NAME.get(self.list.value())
        if preset is not None:
            server = preset.onion if self.onion.isChecked() and preset.onion is not None else preset.server
            if server is None:
                raise BadIdentity(
                    "host",
                    t("This provider has no server to send through."),
                    advice=t("Choose another provider, or type the name of a server."),
                )
            return server
        port = self.port.text().strip()
        number = int(port) if port.isascii() and port.isdecimal() and len(port) < 6 else 0
        return Server(self.host.text(), number, Tls(self.tls.value()))

    def complain(self, error: BadIdentity | None) -> None:
        """Says what is wrong beside the field that it is about."""
        words = error.sentences() if error is not None else ""
        wrong = error.field if error is not None else ""
        self.host_row.complain(words if wrong in {"host", "port"} else "")
        self.host.set_wrong(wrong == "host")
        self.port.set_wrong(wrong == "port")
        self.tls_row.complain(words if wrong == "tls" else "")

    def set_colours(self, accent: QColor | None, tint: QColor | None) -> None:
        """The identity's colour and its tint."""
        self._colours = (accent, tint)
        self.list.set_colours(accent, tint)
        self.tls.set_tint(tint)

    # Inside

    def _fill(self, chosen: str) -> None:
        """Builds the rows: the chosen provider, a few others, and *Other*."""
        usable = [preset.name for preset in PRESETS if preset.usable]
        rest = [preset.name for preset in PRESETS if not preset.usable]
        names = [*([chosen] if chosen != OTHER else []), *(one for one in (*usable, *rest) if one != chosen)]
        shown = names if self._all_shown else names[:SHOWN_FIRST]
        self.list.clear()
        for name in shown:
            preset = _BY_NAME[name]
            row = self.list.add(name, preset.name, beside=True, ends=tags(preset))
            row.setEnabled(preset.server is not None)
            row.setToolTip(about(preset))
            row.setAccessibleDescription(about(preset))
        self.list.add(OTHER, t("Other"), t("Type its server"), beside=True)
        self.list.set_value(chosen)
        self.list.set_colours(*self._colours)
        self.more.setText(t("Show {n} more", n=len(names) - len(shown)))
        self.more.setVisible(not self._all_shown)
        self._settle()

    def _show_all(self) -> None:
        self._all_shown = True
        self._fill(self.list.value())
        self.list.row(self.list.value()).setFocus(Qt.FocusReason.OtherFocusReason)

    def _chosen(self, _key: str) -> None:
        self._chosen_by_hand = True
        self.onion.setChecked(False)
        self._changed()

    def _changed(self) -> None:
        self._settle()
        self.complain(None)
        self.edited.emit()
        self.finished.emit()

    def _typed(self) -> None:
        self._chosen_by_hand = True
        self.complain(None)
        self.edited.emit()

    def _tls_chosen(self, value: str) -> None:
        if self.port.text() in {*PORTS.values(), ""} and Tls(value) in PORTS:
            self.port.setText(PORTS[Tls(value)])
        self._changed()

    def _settle(self) -> None:
        preset = _BY_NAME.get(self.list.value())
        other = preset is None
        self.host_row.setVisible(other)
        self.tls_row.setVisible(other)
        self._onion_row.setVisible(preset is not None and preset.onion is not None)
        self._note.set_runs(about(preset) if preset is not None else "")
        self._note.set_colour("look" if preset is not None and not preset.usable else "text2")
        notes = {
            Tls.IMPLICIT: t("Encrypted from the first byte."),
            Tls.STARTTLS: t("Encrypted after one line, or nothing is sent."),
            Tls.ONION_PLAIN: t("Tor alone encrypts, for .onion servers."),
        }
        self._tls_note.setText(notes[Tls(self.tls.value())])
