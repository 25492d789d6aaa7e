"""What arrived at the demo's server: each mail with its header lines as they came, and the circuit that carried it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.delivery.reply import safe_text
from torsend.gui import amounts, icons
from torsend.gui.parts.avatar import Avatar
from torsend.gui.parts.card import Card
from torsend.gui.parts.labels import Label, elided
from torsend.gui.parts.scroll import ScrollArea
from torsend.gui.parts.verbatim import Verbatim
from torsend.gui.theme import MEDIUM, STRONG, font, look
from torsend.tor.circuits import Role
from torsend.words import mark, t, tn

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from torsend.demo.scene import Arrived
    from torsend.tor.circuits import Circuit, Relay

MOST_HEADER = 16 * 1024
"""Bytes of a header that are shown; ours have less than 2 KiB."""
MOST_SHOWN = 50
"""Mails shown at once; the demo keeps all of them."""

ROLES = {
    Role.GUARD: mark("guard"),
    Role.BRIDGE: mark("bridge"),
    Role.MIDDLE: mark("middle"),
    Role.EXIT: mark("exit"),
    Role.MEETING: mark("meeting point"),
}
_SIGNS = {
    Role.GUARD: "shield",
    Role.BRIDGE: "bridge",
    Role.MIDDLE: "middle",
    Role.EXIT: "exit",
    Role.MEETING: "meeting",
}


def header_of(data: bytes) -> str:
    """The header lines of a mail as text that plays no tricks on who reads it."""
    header = data.partition(b"\r\n\r\n")[0][:MOST_HEADER]
    # A tab that continues a line is no trick.
    return "\n".join(safe_text(line.replace(b"\t", b"    ")) for line in header.split(b"\r\n"))


def circuit_words(circuit: Circuit | None) -> str:
    """The way it took, in one sentence."""
    if circuit is None:
        return t("Tor didn’t say which circuit carried it")
    # A bridge without its name: by that it could be found.
    way = ", ".join(
        t("your bridge") if relay.role is Role.BRIDGE else f"{relay.nickname} ({t(ROLES[relay.role])})"
        for relay in circuit.relays
    )
    if circuit.onion:
        return t("{way}, 3 relays of the onion server", way=way)
    return way


class CircuitLine(QWidget):
    """The relays of one circuit, from left to right."""

    def __init__(self, circuit: Circuit | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._circuit = circuit
        self.setAccessibleName(t("Circuit: {way}", way=circuit_words(circuit)))
        self.setToolTip(self.accessibleName())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(320, 24)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        x, used = 0.0, font(12, MEDIUM)
        metrics = QFontMetricsF(used)
        base = round(self.height() / 2 + (metrics.ascent() - metrics.descent()) / 2)
        if self._circuit is None:
            painter.setPen(tokens.text2)
            painter.setFont(font(12))
            painter.drawText(0, base, circuit_words(None))
            return
        parts = [(_SIGNS[relay.role], self._words(relay)) for relay in self._circuit.relays]
        if self._circuit.onion:
            parts.append(("onion", t("onion server")))
        room = self.width() / max(1, len(parts)) - 44
        for at, (sign, words) in enumerate(parts):
            if at:
                painter.fillRect(QRectF(x + 4, self.height() / 2 - 1, 16, 2), tokens.tor_line)
                x += 26
            icons.paint(painter, sign, QRectF(x, self.height() / 2 - 8, 16, 16), tokens.tor)
            x += 22
            shown = elided(words, used, max(24.0, room))
            painter.setPen(tokens.text)
            painter.setFont(used)
            painter.drawText(round(x), base, shown)
            x += metrics.horizontalAdvance(shown)

    @staticmethod
    def _words(relay: Relay) -> str:
        return f"{relay.nickname}, {relay.country}" if relay.country else relay.nickname


class ArrivedCard(Card):
    """One mail that arrived."""

    def __init__(self, arrived: Arrived, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        identity, mail = arrived.identity, arrived.message
        recipients = ", ".join(mail.rcpt_tos)
        title = t("{name} to {recipients}", name=identity.name, recipients=recipients)
        how = mail.tls_version or t("no TLS: Tor alone encrypted it")
        number = len(mail.data)
        note = t(
            "{time}, {size}, {how}, signed in as {user}",
            time=amounts.clock(mail.at),
            size=amounts.size(number),
            how=how,
            user=mail.username,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Avatar(identity.kind, identity.colour, identity.initials, 32))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(Label(title, 13, MEDIUM))
        words.addWidget(Label(note, 12, colour="text2"))
        head.addLayout(words, 1)
        column.addLayout(head)
        column.addWidget(CircuitLine(arrived.circuit))
        self.header = Verbatim(header_of(mail.data), name=t("Header lines as they arrived"), colour="text")
        column.addWidget(self.header)
        self.setAccessibleName(f"{title}. {note}. {circuit_words(arrived.circuit)}")


class DemoPage(QWidget):
    """What arrived, newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(t("What arrived"))
        self._circuits: set[str] = set()
        self._count = 0
        self.cards: list[ArrivedCard] = []
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 26, 0, 20)
        outer.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(32, 0, 32, 18)
        head.addWidget(Label(t("What arrived"), 20, STRONG))
        head.addStretch(1)
        self.summary = Label("", 13, colour="text2")
        head.addWidget(self.summary)
        outer.addLayout(head)
        self._inner = QWidget()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(32, 0, 32, 16)
        self._column.setSpacing(12)
        self._column.addStretch(1)
        self._scroll = ScrollArea(self._inner)
        outer.addWidget(self._scroll, 1)
        self.empty = Label(
            t("Nothing yet. Write a mail: it goes through a Tor network of this computer alone."), 13
        )
        self.empty.set_colour("text2")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer.addWidget(self.empty, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(32, 12, 32, 0)
        foot.addWidget(
            Label(
                t("This is a demo: its Tor network, its server and its identities end with it."),
                12,
                colour="text2",
            )
        )
        outer.addLayout(foot)
        self._settle()

    def add(self, arrived: Arrived) -> None:
        """One more arrived."""
        self._count += 1
        if arrived.circuit is not None:
            self._circuits.add(arrived.circuit.id)
        card = ArrivedCard(arrived)
        self.cards.insert(0, card)
        self._column.insertWidget(0, card)
        for old in self.cards[MOST_SHOWN:]:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        del self.cards[MOST_SHOWN:]
        self._settle()

    def count(self) -> int:
        """How many arrived."""
        return self._count

    def _settle(self) -> None:
        self._scroll.setVisible(bool(self.cards))
        self.empty.setVisible(not self.cards)
        if not self._count:
            self.summary.setText("")
            return
        mails = tn("{n} mail", "{n} mails", self._count)
        circuits = tn("{n} circuit", "{n} circuits", len(self._circuits))
        self.summary.setText(t("{mails} over {circuits}", mails=mails, circuits=circuits))
