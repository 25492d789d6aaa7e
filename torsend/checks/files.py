"""How an attached file stands: what is known of it, and what goes."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from torsend.mail.draft import Decision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torsend.clean.report import Report
    from torsend.mail.draft import Attachment, Draft


class FileState(enum.StrEnum):
    """What is to be said of a file."""

    CLEANING = "cleaning"
    """Nothing is known of it yet; the mail waits."""
    CLEANED = "cleaned"
    NOTHING = "nothing"
    """Looked through, and nothing had to go."""
    DECIDE = "decide"
    """It can't be cleaned: the person decides."""
    AS_IT_IS = "as-it-is"
    """The person decided."""
    FAILED = "failed"
    """It can't be read, or what was made of it can't be kept."""


@dataclass(frozen=True, slots=True)
class FileStanding:
    """One file.

    Attributes:
        file: as it is attached.
        sent_as: the name that goes.
        report: of the cleaner, where there is one.
        size: of what goes, bytes, where that is known and differs from the file's.
        problem: what failed, in words.
    """

    file: Attachment
    state: FileState
    sent_as: str
    report: Report | None = None
    size: int | None = None
    problem: str = ""

    @property
    def holds_sending(self) -> bool:
        """Whether the mail can't go yet."""
        return self.state in {FileState.CLEANING, FileState.DECIDE, FileState.FAILED}


def standings_of(draft: Draft) -> tuple[FileStanding, ...]:
    """What the draft alone says of its files: which go as they are, and of the others nothing."""
    return tuple(
        FileStanding(
            file, FileState.AS_IT_IS if file.decision is Decision.AS_IT_IS else FileState.CLEANING, file.name
        )
        for file in draft.attachments
    )


def as_named(draft: Draft, files: Sequence[FileStanding]) -> Draft:
    """The draft with its files called as they are sent: what nobody sees of a name is nothing to point at."""
    names = {one.file.path: one.sent_as for one in files}
    renamed = tuple(replace(file, name=names.get(file.path, file.name)) for file in draft.attachments)
    return replace(draft, attachments=renamed)
