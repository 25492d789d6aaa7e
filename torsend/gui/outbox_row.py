"""One mail in the outbox: whose, what, to whom, how it stands, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.gui import outbox_words
from torsend.gui.outbox_words import Action, RowWords, Tone
from torsend.gui.parts.avatar import Avatar
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.parts.marks import Mark
from torsend.gui.problem import ProblemCard
from torsend.gui.theme import MEDIUM, RADIUS_CONTROL, look
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from torsend.delivery.outbox import OutboxEntry
    from torsend.identity.identity import Identity

HEIGHT = 65
AVATAR = 32
SPLIT = 0.44
"""Where the state's column starts, as a share of the row."""

_TONES = {Tone.PLAIN: "text", Tone.FINE: "text", Tone.LOOK: "look", Tone.DECIDE: "decide"}
_SIGNS = {Tone.PLAIN: "text2", Tone.FINE: "fine", Tone.LOOK: "look", Tone.DECIDE: "decide"}


class _ProgressRing(QWidget):
    """A ring that fills in the identity's colour."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour
        self._share = 0.0
        self.setFixedSize(16, 16)

    def set_share(self, share: float) -> None:
        self._share = min(1.0, max(0.0, share))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(2, 2, 12, 12)
        painter.setPen(QPen(tokens.edge, 2))
        painter.drawEllipse(ring)
        painter.setPen(QPen(tokens.identity[self._colour], 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if self._share > 0:
            painter.drawArc(ring, 90 * 16, round(-360 * 16 * self._share))


class _Line(QWidget):
    """Lays out a row's two columns and its buttons: the state starts at the same place in every row."""

    def __init__(self, left: QWidget, state: QWidget, buttons: QWidget, inset: int) -> None:
        super().__init__()
        self._inset = inset
        self._room = 0 if buttons.findChild(Button) is None else buttons.sizeHint().width()
        self._left, self._state, self._buttons = left, state, buttons
        for one in (left, state, buttons):
            one.setParent(self)
        self.setFixedHeight(HEIGHT - 1)

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002
        width, height = self.width(), self.height()
        split = round(width * SPLIT)
        buttons = self._room
        self._left.setGeometry(self._inset, 0, split - self._inset - 16, height)
        self._state.setGeometry(split, 0, max(0, width - split - buttons - (16 if buttons else 0)), height)
        self._buttons.setGeometry(width - buttons, 0, buttons, height)


class OutboxRow(QWidget):
    """Signals:
    asked: an ``Action``.
    fold_requested: open its card, or close it.
    """

    asked = Signal(Action)
    fold_requested = Signal()

    def __init__(
        self,
        entry: OutboxEntry,
        identity: Identity | None,
        words: RowWords,
        *,
        card_open: bool,
        share: float = 0.0,
    ) -> None:
        super().__init__()
        self._of = (entry, identity)
        self._has_card = words.card is not None
        self._open = card_open and self._has_card
        self.buttons: dict[Action, Button] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 1, 0, 0)
        column.setSpacing(0)
        line = _Line(self._who(entry, identity), self._state(words, identity, share), self._ends(words), 44)
        if identity is not None:
            avatar = Avatar(identity.kind, identity.colour, identity.initials, AVATAR, parent=line)
        else:
            avatar = Avatar("address", "slate", "?", AVATAR, parent=line)
        avatar.move(0, 16)
        column.addWidget(line)
        self.card: ProblemCard | None = None
        if self._open and words.card is not None:
            self.card = self._card(words)
            holder = QVBoxLayout()
            holder.setContentsMargins(44, 0, 0, 16)
            holder.addWidget(self.card)
            column.addLayout(holder)
        self._say(entry, identity, words)

    def _say(self, entry: OutboxEntry, identity: Identity | None, words: RowWords) -> None:
        self.setAccessibleName(
            t(
                "{subject}, {parties}: {state}",
                subject=outbox_words.title(entry),
                parties=outbox_words.parties(entry, identity),
                state=words.headline,
            )
        )
        card = words.card
        told = f" {''.join(text for text, _ in card.body)} {card.verbatim}" if card is not None else ""
        self.setAccessibleDescription((words.note + told).strip())

    def _who(self, entry: OutboxEntry, identity: Identity | None) -> QWidget:
        subject = Label(outbox_words.title(entry), 14, MEDIUM)
        whole = _stack(subject, Label(outbox_words.parties(entry, identity), 12, colour="text2"))
        whole.setContentsMargins(0, 0, 0, 2)
        return whole

    def _state(self, words: RowWords, identity: Identity | None, share: float) -> QWidget:
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._ring: _ProgressRing | None = None
        if words.sign == "progress":
            self._ring = _ProgressRing(identity.colour if identity is not None else "slate")
            self._ring.set_share(share)
            row.addWidget(self._ring)
        else:
            row.addWidget(Mark(words.sign, _SIGNS[words.tone], 16))
        self._headline = Label(words.headline, 13, MEDIUM, _TONES[words.tone])
        self._note = Paragraph(words.note, 12, "text2", most=2)
        row.addWidget(_stack(self._headline, self._note), 1)
        return whole

    def _ends(self, words: RowWords) -> QWidget:
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for action in words.actions:
            last = action is words.actions[-1] and len(words.actions) > 1
            kind = ButtonKind.OUTLINED if last else ButtonKind.QUIET
            self._add_button(row, words, action, kind)
        if self._has_card and not self._open:
            unfold = Button(
                t("Show more") if not words.actions else "", ButtonKind.QUIET, icon="chevron-down", small=True
            )
            unfold.set_name(t("Show more"))
            unfold.setToolTip(t("Show more"))
            unfold.clicked.connect(self.fold_requested)
            row.addWidget(unfold)
        return whole

    def _add_button(self, row: QHBoxLayout, words: RowWords, action: Action, kind: ButtonKind) -> None:
        button = Button(words.label(action), kind, small=True)
        button.setEnabled(action not in words.off)
        button.clicked.connect(lambda: self.asked.emit(action))
        self.buttons[action] = button
        row.addWidget(button)

    def _card(self, words: RowWords) -> ProblemCard:
        told = words.card
        assert told is not None  # noqa: S101  # only called where there is one
        card = ProblemCard(
            tone=told.tone,
            icon="",
            body=told.body,
            verbatim=told.verbatim,
            verbatim_name=t("The server’s own words"),
            actions=[(action, words.label(action), action is told.main) for action in told.actions],
            note=told.note,
        )
        card.chosen.connect(lambda key: self.asked.emit(Action(key)))
        self.buttons |= {Action(key): button for key, button in card.buttons.items()}
        return card

    def set_progress(self, words: RowWords, share: float) -> None:
        """The sending went on; nothing else of the row changed."""
        self._say(*self._of, words)
        self._headline.setText(words.headline)
        self._note.set_runs(words.note)
        if self._ring is not None:
            self._ring.set_share(share)
        for action, button in self.buttons.items():
            button.setEnabled(action not in words.off)

    # As a widget

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(640, HEIGHT))

    def focus_shape(self) -> tuple[QRect, int]:
        return QRect(-4, 5, self.width() + 8, HEIGHT - 9), RADIUS_CONTROL

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}
        if (event.key() in keys and self._has_card) or (event.key() == Qt.Key.Key_Escape and self._open):
            self.fold_requested.emit()
        elif event.key() == Qt.Key.Key_Delete and Action.REMOVE in self.buttons:
            self.asked.emit(Action.REMOVE)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._has_card and event.button() == Qt.MouseButton.LeftButton and event.position().y() < HEIGHT:
            self.fold_requested.emit()
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(0, 0, self.width(), 1, look().tokens.line)


def _stack(upper: Label, lower: QWidget) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addStretch(1)
    column.addWidget(upper)
    column.addSpacing(1)
    column.addWidget(lower)
    column.addStretch(1)
    return whole
