"""The foot of "Exactly what leaves": what was looked for in every byte, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.checks.this_machine import LABELS, Kind
from torsend.gui.parts import Label, Mark
from torsend.gui.parts.labels import plain_tip
from torsend.gui.theme import STRONG, look
from torsend.mail.refusals import shown
from torsend.words import t, tn

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from torsend.checks.not_in_there import NotInThere

HEIGHT = 48
SIDE = 24


class _Item(QWidget):
    """One of them: a tick, or where it stands."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self._called = t(LABELS[kind])
        self.mark = Mark("tick", "fine", 16)
        self.label = Label(self._called)
        self.label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.mark)
        row.addWidget(self.label)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def tell(self, sentences: tuple[str, ...], *, unknown: bool) -> str:
        """What was found of it; gives how it is said."""
        self.mark.set("triangle" if sentences else "tick", "look" if sentences else "fine")
        self.label.set_colour("look" if sentences else "text")
        if sentences:
            told = " ".join(sentences)
        elif unknown:
            told = t("{what}: not in what torsend writes; your own isn’t known here.", what=self._called)
        else:
            told = t("{what}: looked for, not in there.", what=self._called)
        self.setToolTip(plain_tip(told))
        self.setAccessibleName(told)
        return told


class WireFoot(QWidget):
    """A stop for Tab: a screen reader hears all of it there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(t("Not in there"))
        self.items = {kind: _Item(kind) for kind in Kind}
        self._title = Label(t("Not in there"), weight=STRONG)
        self._title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self._title)
        row.addSpacing(4)
        for item in self.items.values():
            row.addWidget(item)
        row.addStretch(1)
        self.note = Label(colour="look")
        self._mark = Mark("triangle", "look", 16)
        self._noted = QWidget()
        noted = QHBoxLayout(self._noted)
        noted.setContentsMargins(0, 0, 0, 0)
        noted.setSpacing(6)
        noted.addWidget(self._mark)
        noted.addWidget(self.note, 1)
        self._row = row
        whole = QVBoxLayout(self)
        whole.setContentsMargins(SIDE, 1, SIDE, 0)
        whole.setSpacing(0)
        whole.addLayout(row)
        self._whole = whole
        self._note_in: QBoxLayout | None = None
        self._place()

    def set_told(self, told: NotInThere, as_it_is: tuple[str, ...]) -> None:
        """What was found, and the files that nobody looked into."""
        said = [
            item.tell(tuple(map(told.sentence, told.of(kind))), unknown=kind in told.unknown)
            for kind, item in self.items.items()
        ]
        notes = [told.sentence(hit) for hit in told.hits]
        if as_it_is:
            notes.append(
                tn(
                    "{file} isn’t cleaned, so torsend can’t vouch for it",
                    "{n} files aren’t cleaned, so torsend can’t vouch for them",
                    len(as_it_is),
                    file=shown(as_it_is[0]),
                )
            )
        more = t(" (and {n} more)", n=len(notes) - 1) if len(notes) > 1 else ""
        self.note.setText(notes[0] + more if notes else "")
        self._noted.setToolTip(plain_tip("\n".join(notes)))
        self._noted.setVisible(bool(notes))
        self.setAccessibleName(" ".join((t("Not in there"), *said, *notes)))
        self._place()

    def _place(self) -> None:
        """The note stands beside the ticks where there is room, else below."""
        items = sum(one.sizeHint().width() + 16 for one in (self._title, *self.items.values())) + 2 * SIDE
        below = bool(self.note.text()) and items + 22 + self.note.sizeHint().width() > self.width()
        target: QBoxLayout = self._whole if below else self._row
        if target is not self._note_in:
            if self._note_in is not None:
                self._note_in.removeWidget(self._noted)
            target.addWidget(self._noted)
            self._note_in = target
        self.setFixedHeight(HEIGHT + (24 if below else 0))
        self._whole.setContentsMargins(SIDE, 10 if below else 1, SIDE, 10 if below else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(0, 0, self.width(), 1, look().tokens.line)
