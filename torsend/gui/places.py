"""Where in a draft a finding is: underlined in the text, and gone to when the person asks."""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QTextCursor

from torsend.checks.finding import Place, Where

if TYPE_CHECKING:
    from PySide6.QtWidgets import QTextEdit, QWidget

    from torsend.checks.finding import Finding
    from torsend.gui.compose_fields import ComposeFields
    from torsend.gui.recipients import RecipientsField

UNDERLINED = frozenset(
    {
        "on-word-list", "more-words", "own-address", "other-name", "device-line", "tracking-link", "zoned-time",
        "local-path", "mixed-alphabets",
    }
)  # fmt: skip
"""Findings about some letters; those about whole quotes would underline half of the mail."""
MOST_UNDERLINED = 300
_BEYOND = re.compile("[\U00010000-\U0010ffff]")


class Places(QObject):
    """Shows places in the fields of one mail."""

    def __init__(self, fields: ComposeFields) -> None:
        super().__init__(fields)
        self._fields = fields
        self._findings: tuple[Finding, ...] = ()
        self._next: dict[tuple[str, str], int] = {}

    def set_findings(self, findings: tuple[Finding, ...]) -> None:
        """Underlines what they are about."""
        if findings == self._findings:
            return
        known = {(one.code, one.about) for one in findings}
        self._findings = findings
        self._next = {key: at for key, at in self._next.items() if key in known}
        self._underline()

    def show(self, finding: Finding) -> bool:
        """Selects the finding's place and puts the keyboard there: each time the next of them. Whether there is one."""
        if not finding.places:
            return False
        key = (finding.code, finding.about)
        at = self._next.get(key, 0) % len(finding.places)
        self._next[key] = at + 1
        self._go_to(finding.places[at])
        return True

    def _go_to(self, place: Place) -> None:
        fields = self._fields
        target: QWidget | None
        match place.where:
            case Where.TEXT:
                text = fields.text
                text.setTextCursor(_cursor(text, _Utf16(text.toPlainText()), place))
                text.ensureCursorVisible()
                target = text
            case Where.SUBJECT:
                position = _Utf16(fields.subject.text())
                start = position(place.start)
                fields.subject.setSelection(start, position(place.end) - start)
                target = fields.subject
            case Where.FILE:
                fields.files.go_to_place(place.file)
                target = None
            case Where.TO | Where.CC | Where.BCC:
                target = _chip(
                    {Where.TO: fields.to, Where.CC: fields.cc, Where.BCC: fields.bcc}[place.where], place
                )
        if target is not None:
            # Not by Tab, which would select all of a line.
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _underline(self) -> None:
        edit = self._fields.text
        places = [
            place
            for finding in self._findings
            if finding.code in UNDERLINED
            for place in finding.places
            if place.where is Where.TEXT
        ]
        position = _Utf16(edit.toPlainText() if places else "")
        edit.set_underlined([_cursor(edit, position, place) for place in places[:MOST_UNDERLINED]])

    def underlined(self) -> tuple[str, ...]:
        """What is underlined now, for tests."""
        return tuple(each.selectedText() for each in self._fields.text.underlined())


class _Utf16:
    """Qt counts in UTF-16: one more for each character beyond the first 65,536. The text is looked through once."""

    def __init__(self, text: str) -> None:
        self._length = len(text)
        self._double = [] if text.isascii() else [match.start() for match in _BEYOND.finditer(text)]

    def __call__(self, at: int) -> int:
        """A position; one beyond the end, since less stands there by now, is the end."""
        at = min(at, self._length)
        return at + bisect.bisect_left(self._double, at)


def _cursor(edit: QTextEdit, position: _Utf16, place: Place) -> QTextCursor:
    cursor = QTextCursor(edit.document())
    cursor.setPosition(position(place.start))
    cursor.setPosition(position(place.end), QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _chip(field: RecipientsField, place: Place) -> QWidget:
    """The recipient that stands at that place of the field's text."""
    at = 0
    for chip in field.chips():
        at += len(chip.typed) + len(", ")
        if place.start < at:
            return chip
    return field.line
