"""Which words of the person's list stand in attached files: looked for once in each, not with every letter typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.checks.own_words import words_in
from torsend.mail.refusals import AttachmentProblem

if TYPE_CHECKING:
    from torsend.app.cleaned import CleanedFiles
    from torsend.checks.words import WordList
    from torsend.mail.draft import Attachment, Draft

MOST_KEPT = 64
"""Files of which it is remembered; a mail has fewer."""


class FileWords:
    """Remembers what was found while files and words stay as they are. From any thread: the worst is to look twice."""

    def __init__(self, files: CleanedFiles) -> None:
        self._files = files
        self._found: dict[tuple[int, tuple[str, ...]], tuple[str, ...]] = {}

    def found(self, draft: Draft, words: WordList) -> tuple[tuple[str, ...], ...]:
        """Of each file the words in what its reader will see; none in one that was not cleaned, or can't be."""
        return tuple(self._in(draft.id, file, words) if words else () for file in draft.attachments)

    def _in(self, draft_id: str, file: Attachment, words: WordList) -> tuple[str, ...]:
        try:
            cleaned = self._files.find(draft_id, file)
        except AttachmentProblem:
            return ()
        if cleaned is None:
            return ()
        key = (cleaned.id, words.words)
        found = self._found.get(key)
        if found is None:
            found = words_in(self._files.words(cleaned.id), words)
            if len(self._found) >= MOST_KEPT:
                self._found = {}
            self._found[key] = found
        return found
