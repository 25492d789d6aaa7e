"""A row of recipients: each a chip once it is complete, the one being typed a plain line.

What was typed is kept letter for letter: what cannot be read as an address stays as a chip that says so.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from torsend.errors import NotSendable
from torsend.gui import icons
from torsend.gui.flow import FlowLayout
from torsend.gui.parts import TextField
from torsend.gui.parts.labels import elided, plain_tip
from torsend.gui.theme import MEDIUM, font, look
from torsend.mail.address import Mailbox, parse_mailboxes, readable
from torsend.words import t, tn

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QMouseEvent, QPaintEvent

HEIGHT = 28
PAD = 11
MOST_SHOWN = 440
MOST_CHIPS = 100
"""A link from a stranger can name thousands: each a widget, they would hold the window up for many seconds, and again at
each start while the draft is kept. What is more stands in one chip."""


def split(text: str) -> tuple[str, ...]:
    """The items of an address field, at commas, semicolons and line ends outside of quotes and angle brackets.

    Nothing is judged here: an item may be anything but empty.
    """
    items, start = [], 0
    quoted = bracket = escaped = False
    for at, character in enumerate(text):
        if escaped:
            escaped = False
        elif quoted:
            escaped = character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character in "<>":
            bracket = character == "<"
        elif character in "\n\r" or (character in ",;" and not bracket):
            items.append(text[start:at])
            start = at + 1
            bracket = False
    items.append(text[start:])
    return tuple(bare for item in items if (bare := item.strip()))


def read(text: str) -> tuple[Mailbox, ...] | NotSendable:
    """The mailboxes that the text is, or why it is none."""
    try:
        return parse_mailboxes(text)
    except NotSendable as refused:
        return refused


class RecipientChip(QWidget):
    """One recipient, or all that are more than `MOST_CHIPS`. Delete and Backspace take it out, Enter or a double click makes
    it text again.

    Args:
        several: how many recipients it stands for.
    """

    removed = Signal()
    edited = Signal()
    moved = Signal(int)

    def __init__(self, typed: str, parent: QWidget | None = None, *, several: int = 1) -> None:
        super().__init__(parent)
        self.typed = typed
        self._several = several
        self._read = read(typed)
        self._locked = False
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        wrong = self._read if isinstance(self._read, NotSendable) else None
        strong, faint = self._words()
        self._whole = f"{strong} {faint}".strip()
        self.setToolTip(plain_tip(wrong.what) if wrong else "")
        self.setAccessibleName(self._spoken())
        self.setAccessibleDescription(wrong.what if wrong else "")

    @property
    def is_wrong(self) -> bool:
        """Whether it cannot be sent to."""
        return isinstance(self._read, NotSendable) or not self._read

    @property
    def mailboxes(self) -> tuple[Mailbox, ...]:
        """What can be sent to of it."""
        return () if isinstance(self._read, NotSendable) else self._read

    def set_locked(self, locked: bool) -> None:
        """While a mail is on its way its recipients stay; then there is no line to reach them from, so Tab does."""
        self._locked = locked
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if locked else Qt.FocusPolicy.ClickFocus)
        self.update()

    def _spoken(self) -> str:
        if not self.is_wrong:
            return self._whole
        if self._several > 1:
            return t("{who}, not all of them addresses", who=self._whole)
        return t("{who}, not an address", who=self._whole)

    def _words(self) -> tuple[str, str]:
        if self._several > 1:
            return "", tn("{n} more", "{n} more", self._several)
        if isinstance(self._read, NotSendable) or not self._read:
            return "", self.typed
        (one, *_) = self._read
        return one.name, readable(one.address)

    def sizeHint(self) -> QSize:
        strong, faint = self._words()
        width = QFontMetricsF(font(13, MEDIUM)).horizontalAdvance(strong) + QFontMetricsF(
            font(13)
        ).horizontalAdvance(faint)
        gap = 6 if strong else 0
        sign = 22 if self.is_wrong else 0
        return QSize(min(MOST_SHOWN, math.ceil(width + gap + sign + 2 * PAD)), HEIGHT)

    def focus_shape(self) -> tuple[QRect, int]:
        return self.rect(), HEIGHT // 2

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = look().tokens
        wrong = self.is_wrong
        painter.setPen(QPen(tokens.decide_line if wrong else tokens.edge, 1))
        painter.setBrush(tokens.decide_fill if wrong else tokens.sel if self.hasFocus() else tokens.surf)
        radius = HEIGHT / 2 - 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        x = float(PAD)
        if wrong:
            icons.paint(painter, "diamond", QRectF(x, 6, 16, 16), tokens.decide)
            x += 22
        strong, faint = self._words()
        words = tokens.text2 if self._locked else tokens.text
        room = self.width() - PAD - x
        for text, weight, colour in (
            (strong, MEDIUM, words),
            (faint, 400, words if not strong else tokens.text2),
        ):
            if not text:
                continue
            used = font(13, weight)
            metrics = QFontMetricsF(used)
            least = room * 0.6 if text is strong and faint else room
            shown = elided(
                text, used, max(least, room - QFontMetricsF(font(13)).horizontalAdvance(faint) - 6)
            )
            painter.setFont(used)
            painter.setPen(tokens.decide if wrong else colour)
            painter.drawText(
                QPointF(x, round(HEIGHT / 2 + (metrics.ascent() - metrics.descent()) / 2)), shown
            )
            step = metrics.horizontalAdvance(shown) + 6
            x += step
            room -= step

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace if not self._locked:
                self.removed.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F2 if not self._locked:
                self.edited.emit()
            case Qt.Key.Key_Left:
                self.moved.emit(-1)
            case Qt.Key.Key_Right:
                self.moved.emit(1)
            case _:
                super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002
        if not self._locked:
            self.edited.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()


class _Line(TextField):
    """Where the next recipient is typed."""

    left = Signal()
    committed = Signal()
    backed = Signal()
    stepped_left = Signal()
    pasted_list = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at_start = self.cursorPosition() == 0 and not self.hasSelectedText()
        if event.matches(QKeySequence.StandardKey.Paste) and not self.isReadOnly():
            pasted = QGuiApplication.clipboard().text()
            # A line edit would turn line ends into spaces: two addresses would become one that is none.
            if len(split(pasted)) > 1 and not self.text():
                self.pasted_list.emit(pasted)
                return
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
            self.committed.emit()
        elif event.key() == Qt.Key.Key_Backspace and at_start:
            self.backed.emit()
        elif event.key() == Qt.Key.Key_Left and at_start and not event.modifiers():
            self.stepped_left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        # A menu or another window in front is no reason to take the typed for finished.
        if event.reason() not in {Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason}:
            self.left.emit()

    def sizeHint(self) -> QSize:
        return QSize(120, HEIGHT)


class RecipientsField(QWidget):
    """Chips and a line to type the next one.

    Signals:
        changed: what stands in it is another text now.
    """

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._locked = False
        self._chips: list[RecipientChip] = []
        self.line = _Line(name=name, boxed=False)
        self.line.setMaxLength(1 << 24)  # Qt's own 32,767 would cut off what a chip becomes again
        self.line.textEdited.connect(self._typed)
        self.line.left.connect(self.commit)
        self.line.committed.connect(self.commit)
        self.line.backed.connect(self._edit_last)
        self.line.pasted_list.connect(self._paste)
        self.line.stepped_left.connect(lambda: self._step(len(self._chips), -1))
        self._flow = FlowLayout(self)
        self._flow.addWidget(self.line)

    def text(self) -> str:
        """All of it as it was typed."""
        typed = [chip.typed for chip in self._chips]
        if self.line.text().strip():
            typed.append(self.line.text().strip())
        return ", ".join(typed)

    def set_text(self, text: str) -> None:
        """Puts other recipients in, telling nobody."""
        if text == self.text():
            return
        for chip in self._chips:
            self._drop(chip)
        self._chips = []
        self.line.setText("")
        self._add(split(text))

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Those that can be sent to, the one being typed included."""
        found = [mailbox for chip in self._chips for mailbox in chip.mailboxes]
        typed = read(self.line.text())
        return (*found, *(() if isinstance(typed, NotSendable) else typed))

    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not self._chips and not self.line.text().strip()

    def chips(self) -> tuple[RecipientChip, ...]:
        """In their order."""
        return tuple(self._chips)

    def set_locked(self, locked: bool) -> None:
        """Shows only."""
        self._locked = locked
        self.line.setReadOnly(locked)
        self.line.setVisible(not locked or not self._chips)
        for chip in self._chips:
            chip.set_locked(locked)

    def commit(self) -> None:
        """Makes chips of what stands in the line."""
        typed = split(self.line.text())
        if typed and not self._locked:
            self.line.setText("")
            self._add(typed)
            self.changed.emit()

    # Within

    def _typed(self, text: str) -> None:
        items = split(text)
        # A separator ends an item, unless it stands inside a quoted name.
        if text.rstrip()[-1:] in {",", ";"} and split(text + "x") != (text + "x",):
            self.line.setText("")
            self._add(items)
        self.changed.emit()

    def _add(self, items: tuple[str, ...]) -> None:
        room = max(0, MOST_CHIPS - len(self._chips))
        if len(items) > room + 1:
            rest = items[room:]
            new = [(item, 1) for item in items[:room]] + [(", ".join(rest), len(rest))]
        else:
            new = [(item, 1) for item in items]
        for typed, several in new:
            chip = RecipientChip(typed, self, several=several)
            chip.set_locked(self._locked)
            chip.removed.connect(lambda chip=chip: self._remove(chip))
            chip.edited.connect(lambda chip=chip: self._edit(chip))
            chip.moved.connect(lambda way, chip=chip: self._step(self._chips.index(chip), way))
            self._flow.insert(len(self._chips), chip)
            self._chips.append(chip)
            chip.show()
        self.updateGeometry()

    def _drop(self, chip: RecipientChip) -> None:
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()

    def _remove(self, chip: RecipientChip) -> None:
        at = self._chips.index(chip)
        self._chips.remove(chip)
        self._drop(chip)
        (self._chips[at] if at < len(self._chips) else self.line).setFocus(Qt.FocusReason.OtherFocusReason)
        self.updateGeometry()
        self.changed.emit()

    def _edit(self, chip: RecipientChip) -> None:
        if self._locked:
            return
        self.commit()
        self._chips.remove(chip)
        self._drop(chip)
        self.line.setText(chip.typed)
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.updateGeometry()
        self.changed.emit()

    def _edit_last(self) -> None:
        if self._chips and not self.line.text():
            self._edit(self._chips[-1])

    def _step(self, at: int, way: int) -> None:
        to = at + way
        if 0 <= to < len(self._chips):
            self._chips[to].setFocus(Qt.FocusReason.TabFocusReason)
        elif to >= len(self._chips):
            self.line.setFocus(Qt.FocusReason.TabFocusReason)

    def _paste(self, text: str) -> None:
        self._add(split(text))
        self.changed.emit()
