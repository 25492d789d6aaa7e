"""One attached file: what it is, what became of it, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from torsend.checks.file_words import removed_words, why_words
from torsend.checks.files import FileState
from torsend.gui import amounts
from torsend.gui.file_sizes import MISSING
from torsend.gui.parts import Button, ButtonKind, Label, Mark, Paragraph
from torsend.gui.theme import MEDIUM, RADIUS_CARD, look
from torsend.mail.draft import Decision
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from torsend.checks.files import FileStanding
    from torsend.clean.report import Report
    from torsend.mail.draft import Attachment

ROW = 56
"""Its height with one line of note."""
NOTE_LINE = 16
MOST_NOTE_LINES = 3

_COLOURS = {
    FileState.CLEANING: "text2",
    FileState.CLEANED: "fine",
    FileState.NOTHING: "fine",
    FileState.DECIDE: "decide",
    FileState.AS_IT_IS: "look",
    FileState.FAILED: "decide",
}


class AttachmentRow(QWidget):
    """One file.

    Signals:
        removed: it shall not go along.
        decided: the ``Decision`` that the person took.
        asked_again: it shall be tried once more.
        details_asked: what was removed, and what stays.
        height_changed: its note needs more lines, or fewer.
    """

    removed = Signal()
    decided = Signal(object)
    asked_again = Signal()
    details_asked = Signal()
    height_changed = Signal()

    def __init__(self, file: Attachment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.file = file
        self.size_in_bytes: int | None = None
        self.standing: FileStanding | None = None
        self._known: FileStanding | None = None
        self._locked = False
        self._told = ""
        self.setFixedHeight(ROW)
        self._mark = Mark("file", "text2", 20)
        self._name = Label(file.name, weight=MEDIUM)
        self._size = Label(colour="text2")
        self._sent_as = Label(colour="text2")
        self._note = Paragraph(px=12, colour="text2")
        # Drawn in this order, and come to by Tab in it.
        self._details = Button("", ButtonKind.LINK)
        self._undo = Button(t("Undo"), ButtonKind.LINK, name=t("Don’t send {name} as it is", name=file.name))
        self._remove = Button(t("Remove"), small=True, name=t("Remove {name}", name=file.name))
        self._as_it_is = Button(
            t("Send as it is"), small=True, name=t("Send {name} as it is", name=file.name)
        )
        self._again = Button(t("Try again"), small=True, name=t("Clean {name} again", name=file.name))
        self._close = Button(
            "", ButtonKind.QUIET, icon="close", small=True, name=t("Remove {name}", name=file.name)
        )
        self._close.clicked.connect(self.removed)
        self._remove.clicked.connect(self.removed)
        self._details.clicked.connect(self.details_asked)
        self._again.clicked.connect(self.asked_again)
        self._as_it_is.clicked.connect(lambda: self._decide(Decision.AS_IT_IS))
        self._undo.clicked.connect(lambda: self._decide(Decision.CLEANED))
        self._build()
        self._say()

    def _build(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(4)
        first.addWidget(self._name)
        first.addWidget(self._size)
        first.addSpacing(4)
        first.addWidget(self._sent_as)
        first.addStretch(1)
        words = self._words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addStretch(1)
        words.addLayout(first)
        words.addWidget(self._note)
        words.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(8)
        self._row.addWidget(self._mark)
        self._row.addSpacing(4)
        self._row.addLayout(words, 1)
        self._row.addSpacing(4)
        for control in self.controls():
            self._row.addWidget(control)

    # What is shown

    def set_size(self, size: int) -> None:
        """What the disk says of it."""
        self.size_in_bytes = size
        self._say()

    def set_standing(self, standing: FileStanding) -> None:
        """What is known of it; another state is announced."""
        self.standing = standing
        if standing.state is not FileState.AS_IT_IS:
            self._known = standing
        self._say()
        self._announce()

    def set_locked(self, locked: bool) -> None:
        """While a mail is on its way its files stay."""
        self._locked = locked
        self._name.set_colour("text2" if locked else "text")
        self._say()

    def controls(self) -> tuple[Button, ...]:
        """What Tab comes to in it, as far as it is shown."""
        return self._details, self._undo, self._remove, self._as_it_is, self._again, self._close

    def first_control(self) -> QWidget:
        """Where the keyboard goes when it comes here."""
        return next((control for control in self.controls() if not control.isHidden()), self)

    @property
    def state(self) -> FileState:
        """What is said of it."""
        if self.file.decision is Decision.AS_IT_IS:
            return FileState.AS_IT_IS
        return self._known.state if self._known is not None else FileState.CLEANING

    @property
    def is_gone(self) -> bool:
        """Whether the file itself is needed, and isn't there or isn't a file."""
        kept = {FileState.CLEANED, FileState.NOTHING}
        return self.size_in_bytes is not None and self.size_in_bytes < 0 and self.state not in kept

    @property
    def is_problem(self) -> bool:
        """Whether it can't be sent as it stands, until the person does something."""
        return self.is_gone or self.state in {FileState.DECIDE, FileState.FAILED}

    @property
    def holds_sending(self) -> bool:
        """Whether the mail can't go yet."""
        return self.is_problem or self.state is FileState.CLEANING

    @property
    def sent_size(self) -> int | None:
        """Bytes that go along, as far as that is known; below 0 where there are none to be had."""
        if self.standing is not None and self.standing.size is not None:
            return self.standing.size
        return self.size_in_bytes

    def note(self) -> str:
        """What is said of it, in words."""
        if self.is_gone:
            if self.size_in_bytes == MISSING:
                return t("Can’t be read: it was moved, renamed or deleted.")
            return t("Isn’t a file, so it can’t be sent.")
        report = self._report
        match self.state:
            case FileState.CLEANING:
                return t("Being cleaned…")
            case FileState.CLEANED if report is not None:
                return t("Cleaned: {things} removed", things=removed_words(report))
            case FileState.CLEANED | FileState.NOTHING:
                return t("Looked through: nothing to clean was found")
            case FileState.DECIDE:
                return t("Can’t be cleaned: {reason}", reason=why_words(report) if report else "")
            case FileState.AS_IT_IS:
                return t("Sent as it is: it may hold its author’s name, place or dates.")
            case FileState.FAILED:
                return self._known.problem if self._known is not None else ""

    # Within

    @property
    def _report(self) -> Report | None:
        return self._known.report if self._known is not None else None

    def _decide(self, decision: Decision) -> None:
        held = any(control.hasFocus() for control in self.controls())
        self.decided.emit(decision)
        if held:
            self.first_control().setFocus(Qt.FocusReason.OtherFocusReason)

    def set_file(self, file: Attachment) -> None:
        """The same file, decided about."""
        self.file = file
        self._say()

    def _say(self) -> None:
        state, problem = self.state, self.is_problem
        note = self.note()
        colour = "decide" if problem else _COLOURS[state]
        self._note.set_runs(note)
        self._note.set_colour(colour)
        self._mark.set(*self._sign(problem))
        size = self.sent_size
        self._size.setText(amounts.size(size) if size is not None and size >= 0 else "")
        # A name can be cut; half a size would be another size.
        self._size.setMinimumWidth(self._size.sizeHint().width())
        sent_as = self.standing.sent_as if self.standing is not None else ""
        self._sent_as.setText(
            t("sent as {name}", name=sent_as) if sent_as and sent_as != self.file.name else ""
        )
        open_ = not self._locked
        known = state in {FileState.CLEANED, FileState.NOTHING} and self._report is not None
        removed = known and state is FileState.CLEANED
        self._details.setText(t("What was removed") if removed else t("What stays"))
        self._details.set_name(
            t("What was removed from {name}", name=self.file.name)
            if removed
            else t("What stays in {name}", name=self.file.name)
        )
        self._details.setVisible(known)
        self._undo.setVisible(open_ and state is FileState.AS_IT_IS)
        self._remove.setVisible(open_ and problem)
        self._as_it_is.setVisible(open_ and state is FileState.DECIDE and not self.is_gone)
        self._again.setVisible(open_ and state is FileState.FAILED)
        self._close.setVisible(open_ and not problem)
        self._row.setContentsMargins(13, 0, 13 if problem or self._locked else 6, 0)
        self.setAccessibleName(
            t("{name}, {severity}: {note}", name=self.file.name, severity=self._severity(problem), note=note)
        )
        self.update()

    def _sign(self, problem: bool) -> tuple[str, str]:
        if problem:
            return "diamond", "decide"
        if self.state is FileState.AS_IT_IS:
            return "triangle", "look"
        report = self._report
        kind = report.media_type if report is not None and report.media_type else self.file.media_type
        return "image" if kind.startswith("image/") else "file", "text2"

    def _severity(self, problem: bool) -> str:
        if problem:
            return t("decide")
        match self.state:
            case FileState.CLEANING:
                return t("wait")
            case FileState.AS_IT_IS:
                return t("look")
            case _:
                return t("fine")

    def _announce(self) -> None:
        """What became of it, once; what is to be decided at once, the rest when there is a pause."""
        name = self.accessibleName()
        if self.state is FileState.CLEANING or name == self._told:
            return
        self._told = name
        said = QAccessibleAnnouncementEvent(self, name)
        said.setPoliteness(
            QAccessible.AnnouncementPoliteness.Assertive
            if self.is_problem
            else QAccessible.AnnouncementPoliteness.Polite
        )
        QAccessible.updateAccessibility(said)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            self._fit()
        return done

    def _fit(self) -> None:
        """As high as its note needs: what is to be decided must be there to be read, in a narrow window too."""
        lines = min(MOST_NOTE_LINES, self._note.heightForWidth(self._note.width()) // NOTE_LINE)
        height = ROW + (lines - 1) * NOTE_LINE
        if height != self.height():
            self.setFixedHeight(height)
            # Otherwise the words stay where they stood in the other height.
            self._words.invalidate()
            self.height_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = look().tokens
        problem = self.is_problem
        painter.setPen(QPen(tokens.decide_line if problem else tokens.line, 1))
        painter.setBrush(tokens.decide_fill if problem else tokens.surf)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, RADIUS_CARD - 0.5, RADIUS_CARD - 0.5)
