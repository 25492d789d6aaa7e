"""The panel beside the text: what to look at before sending, and who learns what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.checks.finding import Severity, Where
from torsend.checks.sentences import WORDS
from torsend.gui.parts import (
    Button,
    ButtonKind,
    Label,
    Paragraph,
    PipView,
    ScrollArea,
    Separator,
    SeverityMark,
)
from torsend.gui.parts.scroll import THICKNESS
from torsend.gui.rows_list import RowsList
from torsend.gui.theme import MEDIUM, STRONG, look
from torsend.words import t, tn

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent

    from torsend.checks.findings import Finding
    from torsend.checks.parties import Limit, Party

WIDTH = 352
SIDE = 20


def action_word(finding: Finding) -> str:
    """What can be done about it from its row; empty for nothing."""
    if finding.severity is Severity.DECIDE and any(place.where is Where.FILE for place in finding.places):
        return t("Decide")
    if finding.code == "no-word":
        return t("Edit")
    return t("Show") if finding.places else ""


class FindingRow(QWidget):
    """One finding: how grave, and its sentence, over as many lines as it needs.

    Signals:
        acted: the person wants to do what its word says: by a click, or by Return on the row.
    """

    acted = Signal()

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        mark = SeverityMark(finding.severity.value)
        words = Paragraph(finding.sentence, 13, "text")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(8)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        mark.setContentsMargins(0, 2, 0, 0)
        mark.setFixedHeight(20)
        row.addWidget(words, 1)
        self.setAccessibleName(f"{mark.accessibleName()}: {finding.sentence}")
        if finding.code in WORDS:
            self.setToolTip(t("Ctrl+Shift+W opens your word list"))
        self.word = action_word(finding)
        if self.word:
            action = Button(self.word, ButtonKind.LINK, name=f"{self.word}: {finding.sentence}")
            # The list is one stop for Tab: what the word says is done by Return on the row.
            action.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            action.clicked.connect(self.acted)
            row.addWidget(action, 0, Qt.AlignmentFlag.AlignTop)
            self.setAccessibleDescription(t("Return: {action}", action=self.word))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.word and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.acted.emit()
        else:
            super().keyPressEvent(event)


class PartyRow(QWidget):
    """One party: who it is, what it learns, and the two pips."""

    def __init__(self, party: Party, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.party = party
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        name = QHBoxLayout()
        name.setContentsMargins(0, 0, 0, 0)
        name.setSpacing(6)
        name.addWidget(Label(party.label, weight=MEDIUM))
        name.addWidget(Label(party.detail_name, colour="text2"))
        name.addStretch(1)
        tone = party.fixable.value if party.fixable else ""
        you = PipView(t("You"), party.you.value, tone if party.you.value == "half" else "")
        mail = PipView(t("Mail"), party.mail.value, tone if party.mail.value == "half" else "")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 8, 6)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(0)
        grid.addLayout(name, 0, 0)
        grid.addWidget(you, 0, 1)
        grid.addWidget(mail, 0, 2)
        grid.addWidget(Paragraph(party.sentence, 12, "text2"), 1, 0, 1, 3)
        grid.setColumnStretch(0, 1)
        who = f"{party.label} {party.detail_name}".strip()
        self.setAccessibleName(f"{who}. {party.sentence} {you.accessibleName()}. {mail.accessibleName()}.")


class Panel(QWidget):
    """Findings, parties, limits.

    Signals:
        action_requested: the ``Finding`` about which the person wants to do something.
    """

    action_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self._findings: tuple[Finding, ...] = ()
        self._parties: tuple[Party, ...] = ()
        self._sending = False
        self._heading = Label(weight=STRONG)
        self._count = Label(px=12, colour="decide")
        self.findings = RowsList(t("Before you send"))
        self.parties = RowsList(t("Who learns what"))
        self._you = Label(t("You"), px=12, colour="text3")
        self._mail = Label(t("Mail"), px=12, colour="text3")
        self._none = Paragraph(t("Choose a sender and add a recipient to see who learns what."), 12, "text2")
        self._limits = Paragraph(px=12)
        self._line = Separator()
        self._build()
        self._tell()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._heading)
        top.addStretch(1)
        top.addWidget(self._count)
        who = QHBoxLayout()
        who.setSpacing(0)
        who.addWidget(Label(t("Who learns what"), weight=STRONG), 1)
        for label, width in ((self._you, 36), (self._mail, 30)):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setMinimumWidth(width)
            who.addWidget(label)
        who.insertSpacing(2, 3)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(SIDE, 16, SIDE, 8)
        column.setSpacing(0)
        column.addLayout(top)
        column.addSpacing(4)
        column.addWidget(self.findings)
        column.addSpacing(12)
        column.addWidget(Separator())
        column.addSpacing(12)
        column.addLayout(who)
        column.addSpacing(4)
        column.addWidget(self._none)
        column.addWidget(self.parties)
        column.addStretch(1)
        self._area = ScrollArea(inner)
        # The bar takes its room from the margin, so that the pips stay where they are.
        self._area.verticalScrollBar().rangeChanged.connect(
            lambda _, most: column.setContentsMargins(SIDE, 16, SIDE - (THICKNESS if most > 0 else 0), 8)
        )
        foot = QVBoxLayout()
        foot.setContentsMargins(SIDE, 0, SIDE, 16)
        foot.setSpacing(10)
        foot.addWidget(self._line)
        foot.addWidget(self._limits)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._area, 1)
        whole.addLayout(foot)

    def set_findings(self, findings: tuple[Finding, ...]) -> None:
        """What the checks found, gravest first; a new one to decide is announced at once."""
        if findings == self._findings:
            return
        old = {one.code for one in self._findings if one.severity is Severity.DECIDE}
        self._findings = findings
        self.findings.set_rows([self._finding_row(one) for one in findings])
        self._tell()
        for one in findings:
            # Of a file its own row says so.
            if one.severity is Severity.DECIDE and one.code not in old and not action_word(one):
                said = QAccessibleAnnouncementEvent(self, one.sentence)
                said.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
                QAccessible.updateAccessibility(said)

    def _finding_row(self, finding: Finding) -> FindingRow:
        row = FindingRow(finding)
        row.acted.connect(lambda: self.action_requested.emit(finding))
        return row

    def set_parties(self, parties: tuple[Party, ...]) -> None:
        """Who learns what, nearest first."""
        if parties == self._parties:
            return
        self._parties = parties
        self.parties.set_rows([PartyRow(one) for one in parties])
        self._tell()

    def set_missing(self, *, sender: bool, recipient: bool) -> None:
        """What is still needed before it can be said who learns what."""
        if sender and not recipient:
            self._none.set_runs(t("Choose a sender to see who learns what."))
        elif recipient and not sender:
            self._none.set_runs(t("Add a recipient to see who learns what."))
        else:
            self._none.set_runs(t("Choose a sender and add a recipient to see who learns what."))

    def set_limits(self, limits: tuple[Limit, ...]) -> None:
        """For whom it is untraceable and for whom not."""
        runs: list[tuple[str, bool]] = []
        for one in limits:
            runs += [(" " if runs else "", False), (one.strong, True), (f" {one.rest}", False)]
        self._limits.set_runs(runs)
        self._tell()

    def set_sending(self, sending: bool) -> None:
        """Whether the mail is on its way: then the checks are past."""
        self._sending = sending
        self._tell()

    def go_to_decision(self) -> bool:
        """Puts the keyboard on the first finding that holds the sending; whether there is one."""
        for at, one in enumerate(self._findings):
            if one.severity is Severity.DECIDE:
                row = self.findings.rows()[at]
                self.findings.go_to(at)
                self._area.ensureWidgetVisible(row)
                return True
        return False

    def decisions(self) -> int:
        """How many findings hold the sending."""
        return sum(one.severity is Severity.DECIDE for one in self._findings)

    def _tell(self) -> None:
        self._heading.setText(t("Checked before sending") if self._sending else t("Before you send"))
        count = self.decisions()
        self._count.setText(
            tn("{n} to decide", "{n} to decide", count) if count and not self._sending else ""
        )
        self._none.setVisible(not self._parties)
        for one in (self.parties, self._you, self._mail):
            one.setVisible(bool(self._parties))
        shown = bool(self._limits.text()) and bool(self._parties)
        self._limits.setVisible(shown)
        self._line.setVisible(shown)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        tokens = look().tokens
        painter.fillRect(self.rect(), tokens.win)
        painter.fillRect(0, 0, 1, self.height(), tokens.line)
