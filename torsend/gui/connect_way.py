"""Starting Tor with a bridge or through a proxy: what is typed, and what of it can't be."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from torsend.errors import TorsendError, UsageError
from torsend.gui.clipboard import lines_or_picture
from torsend.gui.form_label import LabelledRow
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.fields import TextField
from torsend.gui.parts.file_dialog import file_dialog
from torsend.gui.parts.labels import Paragraph
from torsend.gui.parts.segmented import Segmented
from torsend.gui.parts.spoken import say
from torsend.gui.parts.text_box import TextBox
from torsend.tor.bridges import KINDS, Kind, bridge_lines, read_bridges
from torsend.tor.built_in_bridges import AS_OF, LINES
from torsend.tor.way_chosen import Bridges, WayChosen
from torsend.tor.way_out import BadProxy, Proxy, ProxyKind
from torsend.words import t, tn

NO_PROXY = "none"
MOST_TOLD = 3
"""So many wrong lines are told at once."""


class WayForm(QWidget):
    """Signals:
    submitted: start Tor this way.
    picture_given: read the QR code of a picture: its ``Path``, or its octets. Answered by ``add_lines`` or ``set_problem``.
    programs_asked: which kinds of bridges lack their program now? Answered by ``set_lacking``.
    """

    submitted = Signal()
    picture_given = Signal(object)
    programs_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lacking: frozenset[str] = frozenset()
        self._reading = False
        self.bridges = Segmented(
            [
                (Bridges.NONE, t("None")),
                (Bridges.OBFS4, t("Built-in obfs4")),
                (Bridges.SNOWFLAKE, t("Snowflake")),
                (Bridges.MEEK, t("Meek")),
                (Bridges.OWN, t("My own lines…")),
            ],
            name=t("Bridge"),
        )
        self.lines = TextBox(
            t("Bridge lines"), lines=4, placeholder=t("Paste the lines here, one below the other.")
        )
        # What is told of them, and how to start, stays in sight below: the rest of many lines scrolls.
        self.lines.setMaximumHeight(self.lines.minimumHeight())
        self.from_code = Button(
            t("From a QR code…"), small=True, name=t("Bridge lines from a picture of a QR code")
        )
        self.paste = Button(t("Paste"), small=True, name=t("Paste bridge lines, or a picture of a QR code"))
        self.told = Paragraph("", 12)
        self.lacks = Paragraph("", 12, "look")
        self.proxy = Segmented(
            [
                (NO_PROXY, t("None")),
                (ProxyKind.SOCKS5, t("SOCKS5")),
                (ProxyKind.SOCKS4, t("SOCKS4")),
                (ProxyKind.HTTPS, t("HTTPS")),
            ],
            name=t("Proxy"),
        )
        self.host = TextField("", name=t("Proxy’s address"), placeholder=t("IP address"))
        self.port = TextField("", name=t("Proxy’s port"), placeholder=t("Port"))
        self.port.setFixedWidth(80)
        self.username = TextField("", name=t("Proxy’s user name"), placeholder=t("Only if it asks for one"))
        self.password = TextField("", name=t("Proxy’s password"), placeholder=t("Kept with your passwords"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.ports = TextField(
            "", name=t("Ports that the firewall lets out"), placeholder=t("All. Or: 80, 443")
        )
        self.wrong = Paragraph("", 12, "decide")
        self.go = Button(t("Start Tor this way"), ButtonKind.FILLED, small=True)
        self._build()
        self.bridges.chosen.connect(self._chosen)
        self.from_code.clicked.connect(self._ask)
        self.paste.clicked.connect(self._paste)
        self.proxy.chosen.connect(lambda _key: self._settle())
        self.lines.edited.connect(self._settle)
        self.go.clicked.connect(self._submit)
        for field in (self.host, self.port, self.username, self.password, self.ports):
            field.returnPressed.connect(self._submit)
            field.textEdited.connect(lambda _text: self._complain(""))
        self._settle()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(44, 0, 16, 14)
        column.setSpacing(8)
        self._lines_row = LabelledRow("", self.lines, stretch=True)
        self._code_row = LabelledRow("", self.from_code, self.paste)
        self._told_row = LabelledRow("", self.told, stretch=True)
        self._lacks_row = LabelledRow("", self.lacks, stretch=True)
        self._proxy_rows = (
            LabelledRow(t("Address"), self.host, self.port, stretch=True),
            LabelledRow(t("User name"), self.username, stretch=True),
            LabelledRow(t("Password"), self.password, stretch=True),
        )
        buttons = QHBoxLayout()
        buttons.addWidget(self.go)
        buttons.addStretch(1)
        for row in (
            LabelledRow(t("Bridge"), self.bridges),
            self._lines_row,
            self._code_row,
            self._told_row,
            self._lacks_row,
            LabelledRow(t("Proxy"), self.proxy),
            *self._proxy_rows,
            LabelledRow(t("Only ports"), self.ports, stretch=True),
            self.wrong,
        ):
            column.addWidget(row)
        column.addLayout(buttons)

    def set_way(self, way: WayChosen) -> None:
        """Shows what is chosen now; a password is never shown."""
        self.bridges.set_value(way.bridges)
        self.lines.set_text(way.own)
        self.proxy.set_value(way.proxy.kind if way.proxy else NO_PROXY)
        self.host.setText(way.proxy.host if way.proxy else "")
        self.port.setText(str(way.proxy.port) if way.proxy else "")
        self.username.setText(way.proxy.username if way.proxy else "")
        self.password.clear()
        self.ports.setText(", ".join(map(str, way.ports)))
        self._settle()

    def take_focus(self) -> None:
        """Puts the keyboard where a bridge is chosen."""
        self.bridges.take_focus()

    def way(self) -> WayChosen:
        """What is chosen.

        Raises:
            UsageError: it can't be; says why.
        """
        chosen = WayChosen(Bridges(self.bridges.value()), self.lines.text(), self._proxy(), self._ports())
        chosen.way_out()
        return chosen

    def take_password(self) -> str:
        """The proxy's password as typed, once: it doesn't stay in the field."""
        password = self.password.text() if self.username.text() else ""
        self.password.clear()
        return password

    def _proxy(self) -> Proxy | None:
        if self.proxy.value() == NO_PROXY:
            return None
        kind = ProxyKind(self.proxy.value())
        port = self.port.text().strip()
        if not (port.isascii() and port.isdecimal()):
            raise BadProxy(t("The proxy’s port is a number from 1 to 65535."))
        username = "" if kind is ProxyKind.SOCKS4 else self.username.text()
        return Proxy(kind, self.host.text(), int(port[:6]), username)

    def _ports(self) -> tuple[int, ...]:
        words = self.ports.text().replace(",", " ").split()
        if not all(word.isascii() and word.isdecimal() and 0 < int(word[:6]) < 65536 for word in words):
            raise UsageError(
                t("A port is a number from 1 to 65535."), advice=t("Put commas between several.")
            )
        return tuple(dict.fromkeys(int(word) for word in words))

    def set_lacking(self, transports: frozenset[str]) -> None:
        """The kinds of bridges whose program isn't on this computer."""
        if transports != self._lacking:
            self._lacking = transports
            self._settle()

    def add_lines(self, text: str) -> None:
        """Bridge lines, or a list of them, behind those that are there."""
        self._reading = False
        there = bridge_lines(self.lines.text())
        fresh = [line for line in bridge_lines(text) if line.strip() and line not in there]
        self.lines.set_text("\n".join([*there, *fresh]))
        self._settle()
        say(self.told, self.told.text())

    def set_problem(self, problem: TorsendError) -> None:
        """Why no line came of the picture."""
        self._reading = False
        self._settle()
        self._complain(problem.sentences())
        say(self.wrong, self.wrong.text())

    def event(self, event: QEvent) -> bool:
        # Shown, or come back to from where a program was installed perhaps.
        if event.type() in (QEvent.Type.Show, QEvent.Type.WindowActivate) and self.isVisible():
            self.programs_asked.emit()
        return super().event(event)

    def _chosen(self, _which: str) -> None:
        self._settle()
        self.programs_asked.emit()

    def _ask(self) -> None:
        dialog = file_dialog(self, t("A picture of a bridge’s QR code"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self._read(Path(name)))
        dialog.open()

    def _paste(self) -> None:
        try:
            pasted = lines_or_picture(QGuiApplication.clipboard().mimeData())
        except UsageError as error:
            self.set_problem(error)
            return
        if isinstance(pasted, str):
            self.add_lines(pasted)
        else:
            self._read(pasted)

    def _read(self, picture: Path | bytes) -> None:
        # A second press would be another reader of the same.
        if not self._reading:
            self._reading = True
            self._settle()
            self.picture_given.emit(picture)

    def _settle(self) -> None:
        which = Bridges(self.bridges.value())
        self._lines_row.setVisible(which is Bridges.OWN)
        self._code_row.setVisible(which is Bridges.OWN)
        told, grave = self._about(which)
        self.told.set_runs(told)
        self.told.set_colour("decide" if grave else "text2")
        self._told_row.setVisible(bool(told))
        lacks = self._lacks(which)
        self.lacks.set_runs(lacks)
        self._lacks_row.setVisible(bool(lacks))
        kind = self.proxy.value()
        for at, row in enumerate(self._proxy_rows):
            row.setVisible(kind != NO_PROXY and (at == 0 or kind != ProxyKind.SOCKS4))
        self._complain("")

    def _about(self, which: Bridges) -> tuple[str, bool]:
        match which:
            case Bridges.NONE:
                return t(
                    "A bridge is a way into Tor that is on no public list: harder to block, and harder to see."
                ), False
            case Bridges.OWN if self._reading:
                return t("Looking for a QR code…"), False
            case Bridges.OWN:
                pasted = read_bridges(self.lines.text())
                wrong = [t("Line {n}: {why}", n=one.number, why=one.why) for one in pasted.wrong[:MOST_TOLD]]
                if len(pasted.wrong) > MOST_TOLD:
                    wrong.append(t("And {n} more lines.", n=len(pasted.wrong) - MOST_TOLD))
                if wrong:
                    return "\N{LINE SEPARATOR}".join(wrong), True
                count = len(pasted.bridges)
                if not count:
                    return t("They come from somebody whom you trust, or from the Tor Project."), False
                return tn("{n} bridge.", "{n} bridges.", count), False
            case Bridges.OBFS4:
                return t(
                    "Public bridges as of {date}: who blocks Tor often blocks them too.", date=AS_OF
                ), False
            case _:
                return (
                    t(
                        "Public, as of {date}. Its program looks up names of ordinary services on this computer: "
                        "your network sees those.",
                        date=AS_OF,
                    ),
                    False,
                )

    def _lacks(self, which: Bridges) -> str:
        lines = self.lines.text() if which is Bridges.OWN else "\n".join(LINES.get(which.value, ()))
        used = {bridge.transport for bridge in read_bridges(lines).bridges} & self._lacking
        return " ".join(_missing(kind) for kind in KINDS if kind.name in used)

    def _complain(self, words: str) -> None:
        self.wrong.set_runs(words)
        self.wrong.setVisible(bool(words))

    def _submit(self) -> None:
        try:
            self.way()
        except UsageError as error:
            self._complain(error.sentences())
        else:
            self.submitted.emit()


def _missing(kind: Kind) -> str:
    said = t(
        "Bridges of the kind {transport} need the program {program}, which isn’t on this computer.",
        transport=kind.name,
        program=" / ".join(kind.programs),
    )
    if not kind.package:
        return said
    package = t("On Debian, the package {package} has it.", package=kind.package)
    return f"{said} {package}"
