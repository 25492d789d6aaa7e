"""What went wrong, in words: what happened, what left the machine, what to try. Never in anyone's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.card import Card
from torsend.gui.parts.labels import Paragraph
from torsend.gui.parts.marks import SEVERITY_ICONS, Mark
from torsend.gui.parts.verbatim import Verbatim
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from torsend.errors import TorsendError


class ProblemCard(Card):
    """A sign, a title, a paragraph, words of a machine, and what can be done about it.

    Signals:
        chosen: the key of the button that was pressed.

    Args:
        tone: ``"decide"`` or ``"look"``, or empty.
        icon: a sign before the title; without one, the words start at the card's edge.
        verbatim: a server's or Tor's own words.
        folded: whether those words are hidden behind *Show details*.
        actions: ``(key, label, filled)``, in order.
        note: small words after the buttons.
    """

    chosen = Signal(str)

    def __init__(
        self,
        *,
        tone: str = "decide",
        icon: str | None = None,
        title: str = "",
        body: str | Sequence[tuple[str, bool]] = "",
        verbatim: str = "",
        verbatim_name: str = "",
        folded: bool = False,
        actions: Sequence[tuple[str, str, bool]] = (),
        note: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tone, parent=parent)
        self.buttons: dict[str, Button] = {}
        outer = QHBoxLayout(self)
        sign = SEVERITY_ICONS.get(tone, "") if icon is None else icon
        if sign:
            outer.setContentsMargins(21, 15, 17, 15)
            outer.setSpacing(18)
            holder = QVBoxLayout()
            holder.setContentsMargins(0, 4, 0, 0)
            holder.addWidget(Mark(sign, tone or "text2", 18))
            holder.addStretch(1)
            outer.addLayout(holder)
        else:
            outer.setContentsMargins(17, 15, 17, 15)
        column = QVBoxLayout()
        column.setSpacing(0)
        outer.addLayout(column, 1)
        if title:
            # What happened is read whole, however long it is.
            column.addWidget(Paragraph(((title, True),), 14))
        runs = ((body, False),) if isinstance(body, str) else tuple(body)
        if any(text for text, _ in runs):
            if title:
                column.addSpacing(4)
            column.addWidget(Paragraph(runs, 13, "text"))
        self._verbatim = Verbatim(verbatim, name=verbatim_name or t("Details"))
        self._verbatim.setVisible(bool(verbatim) and not folded)
        if verbatim and not folded:
            column.addSpacing(6)
            column.addWidget(self._verbatim)
        if actions or (verbatim and folded):
            column.addSpacing(12)
            column.addLayout(self._button_row(actions, note, unfold=bool(verbatim) and folded))
        if verbatim and folded:
            column.addWidget(self._verbatim)
        self._verbatim.setParent(self)
        said = [title, "".join(text for text, _ in runs), verbatim if not folded else ""]
        self.setAccessibleName(" ".join(part for part in said if part))

    def _button_row(self, actions: Sequence[tuple[str, str, bool]], note: str, *, unfold: bool) -> QBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for key, label, filled in actions:
            button = Button(label, ButtonKind.FILLED if filled else ButtonKind.OUTLINED, small=True)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self.buttons[key] = button
            row.addWidget(button)
        if unfold:
            details = Button(t("Show details"), ButtonKind.QUIET, small=True)
            details.clicked.connect(lambda: self._unfold(details))
            self.buttons["details"] = details
            row.addWidget(details)
        if note:
            row.addSpacing(8)
            row.addWidget(Paragraph(note, 12), 1, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(0 if note else 1)
        return row

    def _unfold(self, button: Button) -> None:
        shown = self._verbatim.isHidden()
        self._verbatim.setVisible(shown)
        button.setText(t("Hide details") if shown else t("Show details"))

    def say(self) -> None:
        """Tells a screen reader at once."""
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))


def words_of(error: TorsendError) -> tuple[str, str]:
    """Title and body: what happened; what left and what to try."""
    return error.what, " ".join(part for part in (error.left_words, error.advice) if part)


class ProblemBanner(QWidget):
    """Failures over a page, newest first, until each is dismissed or dealt with. Takes no focus when one comes.

    Signals:
        chosen: the key given with the failure, and the action pressed.
        dismissed: the key given with the failure.
    """

    MOST = 3
    """Cards at once: what came before gives way to what came last."""

    chosen = Signal(str, str)
    dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: dict[str, ProblemCard] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(32, 16, 32, 0)
        self._column.setSpacing(8)
        self.setVisible(False)

    def show_problem(
        self, key: str, error: TorsendError, actions: Sequence[tuple[str, str, bool]] = ()
    ) -> None:
        """Shows it; a failure with the same key takes the place of the one before."""
        self.clear(key)
        title, body = words_of(error)
        card = ProblemCard(
            tone="decide", title=title, body=body, actions=(*actions, ("dismiss", t("Dismiss"), False))
        )
        card.chosen.connect(lambda action: self._pressed(key, action))
        self._cards[key] = card
        self._column.insertWidget(0, card)
        for old in list(self._cards)[: -self.MOST]:
            self.clear(old)
        self.setVisible(True)
        card.say()

    def clear(self, key: str) -> None:
        """It is over."""
        card = self._cards.pop(key, None)
        if card is not None:
            card.hide()
            self._column.removeWidget(card)
            card.deleteLater()
        self.setVisible(bool(self._cards))

    def clear_all(self) -> None:
        """All of it is over."""
        for key in self.keys():
            self.clear(key)

    def keys(self) -> tuple[str, ...]:
        """What is shown, newest last."""
        return tuple(self._cards)

    def card(self, key: str) -> ProblemCard:
        """The card of that failure."""
        return self._cards[key]

    def _pressed(self, key: str, action: str) -> None:
        if action == "dismiss":
            self.clear(key)
            self.dismissed.emit(key)
        else:
            self.chosen.emit(key, action)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._cards:
            self._pressed(next(reversed(self._cards)), "dismiss")
        else:
            super().keyPressEvent(event)
