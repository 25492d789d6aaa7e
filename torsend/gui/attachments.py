"""The files that go along, one under the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.gui import amounts
from torsend.gui.attachment_row import ROW, AttachmentRow
from torsend.gui.file_sizes import FileSizes
from torsend.gui.parts import Label, ScrollArea
from torsend.gui.removed_dialog import RemovedDialog
from torsend.gui.theme import REGULAR, STRONG
from torsend.mail.draft import Attachment, Decision
from torsend.words import t, tn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from torsend.checks.files import FileStanding

GAP = 8
MOST_ROWS_SEEN = 2
"""So many show without scrolling; half of the next peeps out, so that one sees that there are more."""
WIRE_GROWTH = 4 / 3 * 78 / 76
"""Base64 in lines of 76 with their two line-end bytes (RFC 2045 section 6.8)."""


class AttachmentsList(QWidget):
    """All files with a heading of their number and size; away while there are none.

    Signals:
        changed: the person put other files in, or decided about one.
        rows_changed: other rows than before, for whatever reason.
        asked_again: the path of a file that shall be cleaned once more.
    """

    changed = Signal()
    rows_changed = Signal()
    asked_again = Signal(object)

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

    def set_standings(self, standings: Iterable[FileStanding]) -> None:
        """What is known of the files."""
        known = {standing.file.path: standing for standing in standings}
        for row in self._rows:
            standing = known.get(row.file.path)
            if standing is not None and standing != row.standing:
                row.set_standing(standing)
        self._tell()

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

    def first_that_holds(self) -> AttachmentRow | None:
        """The first that can't be sent; before those that only need a moment."""
        holding = sorted((row for row in self._rows if row.holds_sending), key=lambda row: not row.is_problem)
        return holding[0] if holding else None

    def go_to(self, row: AttachmentRow) -> None:
        """Puts the keyboard on it, and it in sight."""
        self._area.ensureWidgetVisible(row)
        row.first_control().setFocus(Qt.FocusReason.TabFocusReason)

    def go_to_place(self, at: int) -> None:
        """The same, of the file at that place."""
        if at < len(self._rows):
            self.go_to(self._rows[at])

    def total_words(self) -> str:
        """``"6.1 MB, 8.4 MB on the wire"``; empty while they are not all known."""
        sizes = [row.sent_size for row in self._rows if row.sent_size is not None]
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
        row.height_changed.connect(self._fit)
        row.decided.connect(lambda decision: self._decide(row, decision))
        row.asked_again.connect(lambda: self.asked_again.emit(row.file.path))
        row.details_asked.connect(lambda: self._show_details(row))
        self._rows.append(row)
        self._column.addWidget(row)
        self._sizes.ask(file.path)

    def _remove(self, row: AttachmentRow) -> None:
        at = self._rows.index(row)
        held = any(control.hasFocus() for control in row.controls())
        self._drop(row)
        if self._rows and held:
            next_row = self._rows[min(at, len(self._rows) - 1)]
            next_row.first_control().setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell()
        self.rows_changed.emit()
        self.changed.emit()

    def _decide(self, row: AttachmentRow, decision: Decision) -> None:
        row.set_file(row.file.as_it_is() if decision is Decision.AS_IT_IS else row.file.cleaned())
        self.changed.emit()

    def _show_details(self, row: AttachmentRow) -> None:
        if row.standing is not None and row.standing.report is not None:
            dialog = RemovedDialog(row.file.name, row.standing.report, self.window())
            dialog.show()

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
        self._fit()
        self.setVisible(bool(self._rows))

    def _fit(self) -> None:
        self._area.show_rows([row.height() for row in self._rows])


class _FilesArea(ScrollArea):
    """As high as its rows, up to some; lower where the window is low."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__(inner)
        self._wanted = ROW
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(ROW)

    def show_rows(self, heights: list[int]) -> None:
        seen = sum(height + GAP for height in heights[:MOST_ROWS_SEEN]) - GAP
        if len(heights) > MOST_ROWS_SEEN:
            seen += GAP + heights[MOST_ROWS_SEEN] // 2 - GAP // 2
        self._wanted = max(ROW, seen)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(400, self._wanted)
