"""The files that go along: what each is, how large, and that nothing was taken out of it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.gui import amounts
from torsend.gui.file_sizes import MISSING, NOT_A_FILE, FileSizes
from torsend.gui.parts import Button, ButtonKind, Label, Mark, ScrollArea
from torsend.gui.theme import MEDIUM, RADIUS_CARD, REGULAR, STRONG, look
from torsend.mail.draft import Attachment
from torsend.words import t, tn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from PySide6.QtGui import QPaintEvent

ROW = 56
GAP = 8
MOST_ROWS_SEEN = 2
"""So many show without scrolling; half of the next peeps out, so that one sees that there are more."""
WIRE_GROWTH = 4 / 3 * 78 / 76
"""Base64 in lines of 76 with their two line-end bytes (RFC 2045 section 6.8)."""


class FileState(Enum):
    """What is to be said of a file."""

    NOT_CLEANED = "look"
    DECIDE = "decide"


class AttachmentRow(QWidget):
    """One file."""

    removed = Signal()

    def __init__(self, file: Attachment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.file = file
        self.size_in_bytes: int | None = None
        self._state = FileState.NOT_CLEANED
        self._locked = False
        self.setFixedHeight(ROW)
        self._mark = Mark("triangle", "look", 20)
        self._name = Label(file.name, weight=MEDIUM)
        self._size = Label(colour="text2")
        self._note = Label(px=12, colour="look")
        self._close = Button(
            "", ButtonKind.QUIET, icon="close", small=True, name=t("Remove {name}", name=file.name)
        )
        self._remove = Button(t("Remove"), small=True, name=t("Remove {name}", name=file.name))
        self._close.clicked.connect(self.removed)
        self._remove.clicked.connect(self.removed)
        self._build()
        self._say()

    def _build(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(4)
        first.addWidget(self._name)
        first.addWidget(self._size)
        first.addStretch(1)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addStretch(1)
        words.addLayout(first)
        words.addWidget(self._note)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 0, 6, 0)
        row.setSpacing(12)
        row.addWidget(self._mark)
        row.addLayout(words, 1)
        row.addWidget(self._remove)
        row.addWidget(self._close)

    def set_size(self, size: int) -> None:
        """What the disk says of it."""
        self.size_in_bytes = size
        self._state = FileState.DECIDE if size < 0 else FileState.NOT_CLEANED
        self._say()
        self.update()

    def controls(self) -> tuple[QWidget, ...]:
        """What Tab comes to in it."""
        return self._remove, self._close

    def set_locked(self, locked: bool) -> None:
        """While a mail is on its way its files stay."""
        self._locked = locked
        self._name.set_colour("text2" if locked else "text")
        self._say()

    @property
    def is_problem(self) -> bool:
        """Whether it can't be sent as it lies there."""
        return self._state is FileState.DECIDE

    def _say(self) -> None:
        problem = self.is_problem
        if problem:
            gone = self.size_in_bytes == MISSING
            note = (
                t("Can’t be read: it was moved, renamed or deleted.")
                if gone
                else t("Isn’t a file, so it can’t be sent.")
            )
        else:
            note = t("Not cleaned: it may hold its author’s name, place or dates.")
        self._note.setText(note)
        self._note.set_colour(self._state.value)
        self._mark.set("diamond" if problem else "triangle", self._state.value)
        known = self.size_in_bytes is not None and self.size_in_bytes >= 0
        self._size.setText(
            amounts.size(self.size_in_bytes) if known and self.size_in_bytes is not None else ""
        )
        self._remove.setVisible(problem and not self._locked)
        self._close.setVisible(not problem and not self._locked)
        severity = t("decide") if problem else t("look")
        self.setAccessibleName(
            t("{name}, {severity}: {note}", name=self.file.name, severity=severity, note=note)
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = look().tokens
        problem = self.is_problem
        painter.setPen(QPen(tokens.decide_line if problem else tokens.line, 1))
        painter.setBrush(tokens.decide_fill if problem else tokens.surf)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, RADIUS_CARD - 0.5, RADIUS_CARD - 0.5)


class AttachmentsList(QWidget):
    """All files with a heading of their number and size; away while there are none.

    Signals:
        changed: the person put other files in.
        rows_changed: other rows than before, for whatever reason.
    """

    changed = Signal()
    rows_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[AttachmentRow] = []
        self._locked = False
        self._sizes = FileSizes(self)
        self._sizes.known.connect(self._size_known)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._count = Label(weight=STRONG)
        self._total = Label(weight=REGULAR, colour="text2")
        heading = QHBoxLayout()
        heading.setSpacing(8)
        heading.addWidget(self._count)
        heading.addWidget(self._total)
        heading.addStretch(1)
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)
        self._area = _FilesArea(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 0, 24, 20)
        whole.setSpacing(8)
        whole.addLayout(heading)
        whole.addWidget(self._area)
        self.setAccessibleName(t("Files"))
        self._tell()

    def files(self) -> tuple[Attachment, ...]:
        """In their order."""
        return tuple(row.file for row in self._rows)

    def rows(self) -> tuple[AttachmentRow, ...]:
        """As they are shown."""
        return tuple(self._rows)

    def set_files(self, files: Iterable[Attachment]) -> None:
        """Other files, telling nobody."""
        files = tuple(files)
        if files == self.files():
            return
        for row in tuple(self._rows):
            self._drop(row)
        for file in files:
            self._append(file)
        self._tell()
        self.rows_changed.emit()

    def add(self, paths: Iterable[Path]) -> None:
        """More files; one that is there already is not added twice."""
        known = {row.file.path for row in self._rows}
        new = [path for path in dict.fromkeys(paths) if path not in known]
        for path in new:
            self._append(Attachment.of(path))
        if new:
            self._tell()
            self.rows_changed.emit()
            self.changed.emit()

    def set_locked(self, locked: bool) -> None:
        """Shows only."""
        self._locked = locked
        for row in self._rows:
            row.set_locked(locked)

    def first_problem(self) -> AttachmentRow | None:
        """The first that can't be sent."""
        return next((row for row in self._rows if row.is_problem), None)

    def total_words(self) -> str:
        """``"6.1 MB, 8.4 MB on the wire"``; empty while they are not all known."""
        sizes = [row.size_in_bytes for row in self._rows if row.size_in_bytes is not None]
        if len(sizes) < len(self._rows) or not any(size >= 0 for size in sizes):
            return ""
        total = sum(size for size in sizes if size >= 0)
        return t(
            "{size}, {wire} on the wire",
            size=amounts.size(total),
            wire=amounts.size(round(total * WIRE_GROWTH)),
        )

    def finish(self) -> None:
        """Before it is thrown away."""
        self._sizes.finish()

    def _append(self, file: Attachment) -> None:
        row = AttachmentRow(file)
        row.set_locked(self._locked)
        row.removed.connect(lambda: self._remove(row))
        self._rows.append(row)
        self._column.addWidget(row)
        self._sizes.ask(file.path)

    def _remove(self, row: AttachmentRow) -> None:
        at = self._rows.index(row)
        held = any(control.hasFocus() for control in row.controls())
        self._drop(row)
        if self._rows and held:
            self._rows[min(at, len(self._rows) - 1)].controls()[-1].setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell()
        self.rows_changed.emit()
        self.changed.emit()

    def _drop(self, row: AttachmentRow) -> None:
        self._rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _size_known(self, path: str, size: int) -> None:
        for row in self._rows:
            if str(row.file.path) == path:
                row.set_size(size)
        self._tell()

    def _tell(self) -> None:
        self._count.setText(tn("{n} file", "{n} files", len(self._rows)))
        self._total.setText(self.total_words())
        self._area.show_rows(len(self._rows))
        self.setVisible(bool(self._rows))


class _FilesArea(ScrollArea):
    """As high as its rows, up to some; lower where the window is low."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__(inner)
        self._wanted = ROW
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(ROW)

    def show_rows(self, count: int) -> None:
        seen = count if count <= MOST_ROWS_SEEN else MOST_ROWS_SEEN + 0.5
        self._wanted = max(ROW, round(seen * (ROW + GAP) - GAP))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(400, self._wanted)


__all__ = ["MISSING", "NOT_A_FILE", "AttachmentRow", "AttachmentsList"]
