"""How torsend reaches Tor: start one, or use one that runs."""

from __future__ import annotations

import enum
import ipaddress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from torsend.errors import UsageError
from torsend.gui.connect_way import WayForm
from torsend.gui.form_label import LabelledRow
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.choices import RadioList
from torsend.gui.parts.fields import TextField
from torsend.gui.parts.file_dialog import file_dialog
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.segmented import Segmented
from torsend.tor.choice import Control, ControlSocket, Launch, Socks, SocksSocket, TorChoice, parse_choice
from torsend.tor.way_chosen import WayChosen
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torsend.tor.finder import Found


class Way(enum.StrEnum):
    """The rows of the choice."""

    LAUNCH = "launch"
    RUNNING = "running"
    BRIDGED = "bridged"


class Door(enum.StrEnum):
    """How a running Tor is spoken to."""

    CONTROL = "control"
    SOCKET = "socket"
    SOCKS = "socks"
    SOCKS_SOCKET = "socks-socket"


PATHS = {Door.SOCKET: "/run/tor/control", Door.SOCKS_SOCKET: "/run/tor/socks"}
PORTS = {Door.CONTROL: "9051", Door.SOCKS: "9050"}


class LaunchForm(QWidget):
    """Signals:
    submitted: start a Tor of our own.
    """

    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file: Path | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(44, 0, 16, 14)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.go = Button(t("Start Tor"), ButtonKind.FILLED, small=True)
        self.go.clicked.connect(self.submitted)
        self._name = Label("", 12, colour="text2")
        self.choose = Button(t("For experts: add a torrc file…"), ButtonKind.LINK)
        self.choose.setToolTip(t("The lines of this file come after torsend’s own settings for Tor."))
        self.choose.clicked.connect(self._ask)
        self.clear = Button(t("Leave it out"), ButtonKind.LINK)
        self.clear.clicked.connect(lambda: self.set_file(None))
        row.addWidget(self.go)
        row.addWidget(self._name)
        row.addWidget(self.choose)
        row.addWidget(self.clear)
        row.addStretch(1)
        column.addLayout(row)
        self.set_file(None)

    def set_file(self, file: Path | None) -> None:
        """The file with extra lines."""
        self._file = file
        self._name.setText(t("With the lines of {file}", file=file) if file else "")
        self._name.setVisible(file is not None)
        self.choose.setText(t("Choose another…") if file else t("For experts: add a torrc file…"))
        self.clear.setVisible(file is not None)

    def set_running(self, *, running: bool) -> None:
        """Whether a Tor of our own runs, so that pressing starts it anew."""
        self.go.setText(t("Restart Tor") if running else t("Start Tor"))

    def choice(self) -> TorChoice:
        """What is chosen."""
        return Launch(torrc_include=self._file)

    def _ask(self) -> None:
        dialog = file_dialog(self, t("A file with extra lines for torrc"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.set_file(Path(name)))
        dialog.open()


class RunningForm(QWidget):
    """Signals:
    submitted: use the Tor that is chosen here.
    look_requested: look once more for one that runs.
    """

    submitted = Signal()
    look_requested = Signal()

    OTHER = "other"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: dict[str, TorChoice] = {}
        self._by_hand = False
        column = QVBoxLayout(self)
        column.setContentsMargins(44, 0, 16, 14)
        column.setSpacing(8)
        self.list = RadioList(name=t("Tor that runs"))
        self.list.chosen.connect(lambda _key: self._chosen())
        column.addWidget(self.list)
        self.door = Segmented(
            [
                (Door.CONTROL, t("Control port")),
                (Door.SOCKET, t("Control socket")),
                (Door.SOCKS, t("SOCKS port")),
                (Door.SOCKS_SOCKET, t("SOCKS socket")),
            ],
            name=t("How to speak to it"),
        )
        self.door.chosen.connect(self._door_chosen)
        self.host = TextField("127.0.0.1", name=t("Address"))
        self.port = TextField(PORTS[Door.CONTROL], name=t("Port"))
        self.port.setFixedWidth(80)
        self.path = TextField(PATHS[Door.SOCKET], name=t("Path of the socket"))
        self.password = TextField(
            "", name=t("Control password"), placeholder=t("Only if this Tor asks for one")
        )
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._other = QWidget()
        other = QVBoxLayout(self._other)
        other.setContentsMargins(0, 0, 0, 0)
        other.setSpacing(8)
        self._host_row = LabelledRow(t("Address"), self.host, self.port, stretch=True)
        self._path_row = LabelledRow(t("Socket"), self.path, stretch=True)
        self._socks_note = Paragraph(
            t("Without a control port, torsend can’t show the circuits it uses."), 12
        )
        other.addWidget(LabelledRow(t("Speak to its"), self.door))
        other.addWidget(self._host_row)
        other.addWidget(self._path_row)
        other.addWidget(self._socks_note)
        column.addWidget(self._other)
        self._password_row = LabelledRow(t("Password"), self.password, stretch=True)
        column.addWidget(self._password_row)
        self.wrong = Paragraph("", 12, "decide")
        column.addWidget(self.wrong)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self.go = Button(t("Use this Tor"), ButtonKind.FILLED, small=True)
        self.go.clicked.connect(self._submit)
        self.look = Button(t("Look again"), ButtonKind.QUIET, small=True)
        self.look.clicked.connect(self.look_requested)
        buttons.addWidget(self.go)
        buttons.addWidget(self.look)
        buttons.addStretch(1)
        column.addLayout(buttons)
        for field in (self.host, self.port, self.path, self.password):
            field.returnPressed.connect(self._submit)
            field.textEdited.connect(lambda _text: self._complain(""))
        self.set_found(())

    def set_found(self, found: Sequence[Found]) -> None:
        """What was found; what the person had chosen stays chosen where it is still there."""
        before = self.list.value()
        self._found = {str(one.choice): one.choice for one in found}
        self.list.clear()
        for one in found:
            note = t("{where}: {abilities}", where=where(one.choice), abilities=one.abilities)
            self.list.add(str(one.choice), one.what[:1].upper() + one.what[1:], note, beside=True)
        self.list.add(self.OTHER, t("Another"), t("Enter where it listens"), beside=True)
        stays = self._by_hand and before in self.list.keys()  # noqa: SIM118  # no dict
        self.list.set_value(before if stays else self.list.keys()[0])
        self._settle()

    def set_choice(self, choice: TorChoice) -> None:
        """Shows what is used now."""
        self._by_hand = True
        if str(choice) in self._found:
            self.list.set_value(str(choice))
        else:
            self.list.set_value(self.OTHER)
            match choice:
                case Control(host, port):
                    self._fill(Door.CONTROL, host, str(port))
                case Socks(host, port):
                    self._fill(Door.SOCKS, host, str(port))
                case ControlSocket(path) | SocksSocket(path):
                    door = Door.SOCKET if isinstance(choice, ControlSocket) else Door.SOCKS_SOCKET
                    self.door.set_value(door)
                    self.path.setText(str(path))
                case _:
                    self.list.set_value(self.list.keys()[0])
        self._settle()

    def _fill(self, door: Door, host: str, port: str) -> None:
        self.door.set_value(door)
        self.host.setText(host)
        self.port.setText(port)

    def choice(self) -> TorChoice:
        """What is chosen.

        Raises:
            UsageError: what was entered is no address.
        """
        key = self.list.value()
        if key in self._found:
            return self._found[key]
        if (door := Door(self.door.value())) in PATHS:
            means = "control" if door is Door.SOCKET else "socks"
            return parse_choice(f"{means}:{self.path.text().strip() or '-'}")
        host = self.host.text().strip().strip("[]")
        try:
            bracketed = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
        except ValueError:
            bracketed = host
        return parse_choice(f"{self.door.value()}:{bracketed}:{self.port.text().strip()}")

    def _chosen(self) -> None:
        self._by_hand = True
        self._settle()

    def _door_chosen(self, door: str) -> None:
        if self.port.text() in {*PORTS.values(), ""} and Door(door) in PORTS:
            self.port.setText(PORTS[Door(door)])
        if self.path.text() in {*PATHS.values(), ""} and Door(door) in PATHS:
            self.path.setText(PATHS[Door(door)])
        self._settle()

    def _settle(self) -> None:
        other = self.list.value() == self.OTHER
        door = self.door.value()
        self._other.setVisible(other)
        self._host_row.setVisible(Door(door) not in PATHS)
        self._path_row.setVisible(Door(door) in PATHS)
        bare = door in {Door.SOCKS, Door.SOCKS_SOCKET}
        self._socks_note.setVisible(bare)
        chosen = self._found.get(self.list.value())
        socks = isinstance(chosen, Socks | SocksSocket) if chosen is not None else bare
        self._password_row.setVisible(not socks)
        self._complain("")

    def _complain(self, words: str) -> None:
        self.wrong.set_runs(words)
        self.wrong.setVisible(bool(words))

    def _submit(self) -> None:
        try:
            self.choice()
        except UsageError as error:
            self._complain(error.sentences())
        else:
            self.submitted.emit()


def where(choice: TorChoice) -> str:
    """Where a running Tor listens, in a few words."""
    match choice:
        case Control("127.0.0.1", port):
            return t("control port {port}", port=port)
        case Socks("127.0.0.1", port):
            return t("SOCKS port {port}", port=port)
        case Control(host, port):
            return t("control port {port} of {host}", port=port, host=host)
        case Socks(host, port):
            return t("SOCKS port {port} of {host}", port=port, host=host)
        case ControlSocket(path) | SocksSocket(path):
            return str(path)
        case _:
            return ""


class ConnectChoices(RadioList):
    """Signals:
    choose_requested: a ``TorChoice`` and the control password typed, or empty.
    way_requested: start a Tor of our own: a ``Launch``, a ``WayChosen``, and the proxy's password typed, or empty.
    look_requested: look for a Tor that runs.
    """

    choose_requested = Signal(object, str)
    way_requested = Signal(object, object, str)
    look_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(name=t("How torsend reaches Tor"), parent=parent)
        self._way = WayChosen()
        self.launch = LaunchForm()
        self.running = RunningForm()
        self.add(
            Way.LAUNCH,
            t("Start Tor for me"),
            t("Best for most people. Tor runs only while torsend does."),
            more=self.launch,
        )
        self.add(Way.RUNNING, t("Use the Tor already running"), "", more=self.running)
        self.bridged = WayForm()
        self.add(
            Way.BRIDGED,
            t("Start Tor, with a bridge or proxy"),
            t("When Tor is blocked, or when your network shouldn’t see that you use it."),
            more=self.bridged,
        )
        self.launch.submitted.connect(self._launch_straight)
        self.bridged.submitted.connect(self._launch_bridged)
        self.running.submitted.connect(self._use_running)
        self.running.look_requested.connect(self.look_requested)
        self.set_found(())
        self.set_value(Way.LAUNCH)

    def _use_running(self) -> None:
        password = self.running.password.text()
        self.running.password.clear()
        self.choose_requested.emit(self.running.choice(), password)

    def _launch_straight(self) -> None:
        # Lines of one's own are kept for another day.
        straight = WayChosen(own=self._way.own)
        self.way_requested.emit(self.launch.choice(), straight, "")

    def _launch_bridged(self) -> None:
        self.way_requested.emit(self.launch.choice(), self.bridged.way(), self.bridged.take_password())

    def set_way(self, way: WayChosen) -> None:
        """Which bridges and proxy a Tor of our own uses."""
        self._way = way
        self.bridged.set_way(way)
        if self.value() in {Way.LAUNCH, Way.BRIDGED}:
            self.set_value(self._launching())

    def _launching(self) -> Way:
        straight = replace(self._way, own="") == WayChosen()
        return Way.LAUNCH if straight else Way.BRIDGED

    def set_found(self, found: Sequence[Found]) -> None:
        """Which Tors run on this computer."""
        self.running.set_found(found)
        note = (
            t(
                "Found on this computer: {what}. Close that program and torsend is offline.",
                what=found[0].what,
            )
            if found
            else t(
                "Tor Browser, a service of the system, or a Tor elsewhere. None was found on this computer."
            )
        )
        self.row(Way.RUNNING).set_note(note)

    def set_choice(self, choice: TorChoice) -> None:
        """Shows what is used now."""
        if isinstance(choice, Launch):
            self.launch.set_file(choice.torrc_include)
            self.set_value(self._launching())
        else:
            self.running.set_choice(choice)
            self.set_value(Way.RUNNING)
