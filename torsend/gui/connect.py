"""The page on the way to Tor: how far it is, what stops it, and which Tor is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.gui.connect_choices import ConnectChoices, Way
from torsend.gui.connect_steps import Steps
from torsend.gui.logo import Logo
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.scroll import THICKNESS, ScrollArea
from torsend.gui.problem import ProblemCard
from torsend.gui.theme import STRONG, look
from torsend.tor.status import Phase, TorStatus, TorTrouble
from torsend.tor.troubles import cautions
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from torsend.tor.choice import TorChoice
    from torsend.tor.finder import Found
    from torsend.tor.way_chosen import WayChosen

COLUMN = 720

_ASKS_PASSWORD = {"password-needed", "wrong-password"}
_ASKS_BRIDGE = {
    "blocked",
    "stuck",
    "tampered",
    "no-relay-on-ports",
    "bridge-unreachable",
    "transport-not-here",
}
"""What their words advise is a bridge, or another one."""


class ConnectPage(QWidget):
    """Signals:
    choose_requested: a ``TorChoice`` and the control password typed, or empty.
    way_requested: start a Tor of our own: a ``Launch``, a ``WayChosen``, and the proxy's password typed, or empty.
    retry_requested: try the same way again.
    look_requested: look for a Tor that runs.
    leave_requested: go on without waiting for Tor.
    details_requested: put what may be shared into the clipboard.
    """

    choose_requested = Signal(object, str)
    way_requested = Signal(object, object, str)
    retry_requested = Signal()
    look_requested = Signal()
    leave_requested = Signal()
    details_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(t("Connect to Tor"))
        self.setMinimumWidth(COLUMN)
        self._shown: tuple[TorTrouble, Phase] | None = None
        self._phase = Phase.OFF
        self.card: ProblemCard | None = None

        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 20, 0, 34)
        outer.setSpacing(0)
        logo = Logo()
        logo.setContentsMargins(24, 0, 0, 0)
        outer.addWidget(logo)

        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 24, 0, 24)
        self._column.setSpacing(0)
        self._column.addWidget(Label(t("Connect to Tor"), 24, STRONG))
        self._column.addSpacing(3)
        self._column.addWidget(
            Paragraph(
                t(
                    "torsend sends mail through Tor and no other way. Without Tor, nothing leaves this computer."
                ),
                14,
            )
        )
        self._column.addSpacing(23)
        self.steps = Steps()
        self._column.addWidget(self.steps)
        self.cautions = Paragraph("", 12, "look")
        self.cautions.setVisible(False)
        self._column.addWidget(self.cautions)
        self._card_at = self._column.count()
        self._column.addSpacing(29)
        self._column.addWidget(Label(t("How torsend reaches Tor"), 13, STRONG))
        self._column.addSpacing(7)
        self.choices = ConnectChoices()
        self.choices.choose_requested.connect(self.choose_requested)
        self.choices.way_requested.connect(self.way_requested)
        self.choices.look_requested.connect(self.look_requested)
        self._column.addWidget(self.choices)
        self._column.addStretch(1)

        middle = QWidget()
        sides = QHBoxLayout(middle)
        # The bar's room is always kept, and balanced, so that the column never jumps aside.
        sides.setContentsMargins(24 + THICKNESS, 0, 24, 0)
        sides.addStretch(1)
        inner.setMaximumWidth(COLUMN)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        inner.setSizePolicy(policy)
        sides.addWidget(inner, 1000)
        sides.addStretch(1)
        self._scroll = scroll = ScrollArea(middle)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        outer.addWidget(scroll, 1)
        outer.addLayout(self._foot())
        look().changed.connect(self.update)

    def _foot(self) -> QHBoxLayout:
        foot = QWidget()
        foot.setMaximumWidth(COLUMN)
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        words = Paragraph(
            t(
                "Tor hides where your mail comes from. Your network still sees that you use Tor, unless a bridge hides it, "
                "and no bridge does so for certain."
            ),
            12,
        )
        words.setMaximumWidth(520)
        row.addWidget(words, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(0)
        self.leave = Button(t("Write offline"), ButtonKind.OUTLINED)
        self.leave.clicked.connect(self.leave_requested)
        self._first = False
        row.addWidget(self.leave)
        sides = QHBoxLayout()
        sides.setContentsMargins(24, 10, 24, 0)
        sides.addStretch(1)
        sides.addWidget(foot, 1000)
        sides.addStretch(1)
        return sides

    def set_status(self, status: TorStatus) -> None:
        """How Tor stands now."""
        self.steps.set_status(status)
        told = " ".join(cautions(status))
        self.cautions.set_runs(told)
        self.cautions.setVisible(bool(told))
        self.choices.launch.set_running(
            running=status.means == "launch" and status.phase not in {Phase.OFF, Phase.FAILED}
        )
        self._phase = status.phase
        self._name_leaving()
        shown = (
            None if status.trouble is None or status.phase is Phase.READY else (status.trouble, status.phase)
        )
        if shown == self._shown:
            return
        self._shown = shown
        if self.card is not None:
            self._column.removeWidget(self.card)
            self._column.takeAt(self._card_at)
            self.card.hide()
            self.card.deleteLater()
            self.card = None
        if shown is not None:
            self.card = self._make_card(shown[0], stopped=shown[1] is Phase.FAILED)
            self._column.insertSpacing(self._card_at, 26)
            self._column.insertWidget(self._card_at + 1, self.card)
            if shown[1] is Phase.FAILED:
                self.card.say()

    def set_first(self, first: bool) -> None:
        """Whether it is a step of the first run: then one doesn't leave it for writing."""
        self._first = first
        self._name_leaving()

    def _name_leaving(self) -> None:
        if self._phase is Phase.READY:
            self.leave.setText(t("Go on") if self._first else t("Write"))
        elif not self._first:
            self.leave.setText(t("Write offline"))
        else:
            self.leave.setText(t("Connect later") if self._phase is Phase.OFF else t("Go on meanwhile"))

    def _make_card(self, trouble: TorTrouble, *, stopped: bool) -> ProblemCard:
        actions = [("retry", t("Try again"), True)]
        if trouble.code in _ASKS_PASSWORD:
            actions = [("password", t("Type the password"), True), ("retry", t("Try again"), False)]
        if trouble.code in _ASKS_BRIDGE:
            actions.append(("bridge", t("Choose a bridge"), False))
        card = ProblemCard(
            tone="decide" if stopped else "look",
            icon="clock" if trouble.code == "clock-skew" else None,
            title=trouble.what.removesuffix("."),
            body=" ".join(
                part for part in (t("Mail waits in the outbox meanwhile."), trouble.advice) if part
            ),
            verbatim="\n".join(part for part in (trouble.code, trouble.detail) if part),
            folded=True,
            actions=[*actions, ("copy", t("Copy details"), False)],
        )
        card.chosen.connect(self._chosen)
        return card

    def _chosen(self, action: str) -> None:
        if action == "password":
            self.choices.set_value(Way.RUNNING)
            self.choices.running.password.setFocus()
        elif action == "bridge":
            self.choices.set_value(Way.BRIDGED)
            self.choices.bridged.take_focus()
            # Once it is as high as what stands in it.
            QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(self.choices.bridged))
        elif action == "retry":
            self.retry_requested.emit()
        elif action == "copy" and self.card is not None:
            self.details_requested.emit()
            self.card.buttons["copy"].setText(t("Copied"))

    def set_choice(self, choice: TorChoice) -> None:
        """Which Tor is used now."""
        self.choices.set_choice(choice)

    def set_way(self, way: WayChosen) -> None:
        """Which bridges and proxy a Tor of our own uses."""
        self.choices.set_way(way)

    def set_found(self, found: Sequence[Found]) -> None:
        """Which Tors run on this computer."""
        self.choices.set_found(found)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(self.rect(), look().tokens.win)
