"""Removing everything: what goes, what can't be removed, a yes that can't be given by accident, and what came of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from torsend.gui.help import line_of
from torsend.gui.parts import Button, ButtonKind, Label, Paragraph
from torsend.gui.parts.choices import CheckBox
from torsend.gui.problem import ProblemCard
from torsend.gui.sheet import Sheet
from torsend.gui.theme import STRONG
from torsend.words import mark, t, tn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torsend.app.wiping import Kept
    from torsend.errors import TorsendError

SIZE = (660, 620)

_STAYS = (
    mark("Mail that you sent, at whoever got it."),
    mark("What your providers keep: your mail, that you signed in, and when. What your network saw of Tor."),
    mark("Copies that others made, as a backup of this computer. Files that you attached, and mail that you saved."),
    mark(
        "Traces on the disk: flash memory and some file systems keep overwritten bytes for a while. What is left there of "
        "the vault opens only with its key or its passphrase; what Tor’s folder held could be read."
    ),
    mark("The program itself: uninstall it as any other."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Losses:
    """What goes with it.

    Attributes:
        kept: what lies where.
        waiting: mails in the outbox that no server took; None where that can't be read.
        drafts: mails that were begun; None as well.
    """

    kept: tuple[Kept, ...]
    waiting: int | None = None
    drafts: int | None = None


def losses_unread(there: tuple[Kept, ...]) -> Losses:
    """Where the vault isn't open: what it holds is not known. Without one there is nothing to be known."""
    return Losses(there) if any(each.name == "vault" for each in there) else Losses(there, 0, 0)


class WipeStage(enum.Enum):
    """How far it is."""

    ASK = enum.auto()
    REMOVING = enum.auto()
    OVER = enum.auto()


class WipeDialog(Sheet):
    """The window behind it rests meanwhile. Esc leaves everything as it is, as long as nothing was begun.

    Signals:
        agreed: remove it.
        over: it was told what came of it; the program is to end.
    """

    agreed = Signal()
    over = Signal()

    def __init__(self, losses: Losses, parent: QWidget | None = None) -> None:
        super().__init__(
            t("Remove all of torsend’s data"), t("Remove all data – torsend"), SIZE, modal=True, parent=parent
        )
        self._stage = WipeStage.ASK
        self._body = QWidget()
        self._inside = QVBoxLayout(self._body)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(6)
        self.column.addWidget(self._body)
        self.column.addStretch(1)
        self.understood = CheckBox(t("I know that it can’t be undone"))
        self.understood.toggled.connect(self._tell)
        self.cancel = Button(t("Keep everything"), ButtonKind.FILLED)
        self.cancel.clicked.connect(self.reject)
        self.remove = Button(t("Remove all of it"))
        self.remove.set_tone("decide")
        self.remove.clicked.connect(self._agree)
        self.end = Button(t("Close torsend"), ButtonKind.FILLED)
        self.end.clicked.connect(self.reject)
        self.end.hide()
        self.above_ends.addWidget(self.understood)
        self.above_ends.addSpacing(12)
        for button in (self.remove, self.cancel, self.end):
            self.ends.addWidget(button)
        self._ask(losses)
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def stage(self) -> WipeStage:
        """How far it is."""
        return self._stage

    def words(self) -> str:
        """All that is said."""
        said = [each.text() for each in self._body.findChildren(Paragraph)]
        return "\n".join((*said, *(each.accessibleName() for each in self._body.findChildren(ProblemCard))))

    def _ask(self, losses: Losses) -> None:
        mail = []
        if losses.waiting is None or losses.drafts is None:
            mail.append(
                t(
                    "Whether mail waits in the outbox, or drafts are kept, can’t be read. All of it will be lost."
                )
            )
        if losses.waiting:
            mail.append(
                tn(
                    "{n} mail in the outbox was not taken by any server yet. It will not be sent.",
                    "{n} mails in the outbox were not taken by any server yet. They will not be sent.",
                    losses.waiting,
                )
            )
        if losses.drafts:
            mail.append(tn("{n} draft will be lost.", "{n} drafts will be lost.", losses.drafts))
        for words in mail:
            self._say(words, "decide")
        self._title(t("What is removed from this computer, for good"))
        for each in losses.kept:
            self._say(line_of(each))
        if any(each.name == "key" for each in losses.kept):
            self._say(
                t("Passwords of a control port and of a proxy are shared by all your profiles; they go, too.")
            )
        self._title(t("What torsend can’t remove"))
        for stays in _STAYS:
            self._say(t(stays))
        self._tell()

    def _tell(self) -> None:
        self.remove.setEnabled(self.understood.isChecked() and self._stage is WipeStage.ASK)

    def _title(self, words: str) -> None:
        self._inside.addSpacing(6)
        self._inside.addWidget(Label(words, 13, STRONG))

    def _say(self, words: str, colour: str = "text") -> None:
        self._inside.addWidget(Paragraph(words, 13, colour))

    def _agree(self) -> None:
        if self._stage is not WipeStage.ASK or not self.understood.isChecked():
            return
        self._stage = WipeStage.REMOVING
        self._empty()
        self._say(
            t("Removing… What sends ends first, then Tor; then all of it goes. That can take a minute.")
        )
        self.setAccessibleDescription(self.words())
        self.cancel.setEnabled(False)
        self.understood.hide()
        self._tell()
        self.agreed.emit()

    def show_outcome(self, troubles: Sequence[TorsendError]) -> None:
        """It is over; what could not be done is said."""
        if troubles:
            self._tell_end(t("Not all of it could be removed. What isn’t named here is gone."), troubles)
            return
        self._tell_end(t("It is gone."))
        self._title(t("What torsend can’t remove"))
        self._say(t(_STAYS[-2]))
        self._say(t(_STAYS[-1]))

    def show_failure(self, error: TorsendError) -> None:
        """It was not done, or not to the end."""
        self._tell_end(t("It was not done to the end."), (error,))

    def _tell_end(self, words: str, troubles: Sequence[TorsendError] = ()) -> None:
        self._stage = WipeStage.OVER
        self._empty()
        self._say(words)
        for trouble in troubles:
            card = ProblemCard(body=trouble.sentences())
            self._inside.addWidget(card)
            card.say()
        self.setAccessibleDescription(self.words())
        for button in (self.cancel, self.remove):
            button.hide()
        self.end.show()
        self.end.setFocus(Qt.FocusReason.OtherFocusReason)

    def _empty(self) -> None:
        while (item := self._inside.takeAt(0)) is not None:
            widget: QWidget | None = item.widget()
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()

    def reject(self) -> None:
        """Leaves it, before or after; never in between."""
        if self._stage is WipeStage.REMOVING:
            return
        super().reject()
        if self._stage is WipeStage.OVER:
            self.over.emit()
