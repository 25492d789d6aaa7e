"""What files add to what others learn of *you*: nothing where they are cleaned, perhaps a name where they are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.checks.files import FileState
from torsend.checks.finding import Severity
from torsend.checks.sentences import say
from torsend.mail.refusals import shown
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torsend.checks.files import FileStanding


@dataclass(frozen=True, slots=True)
class FileRisks:
    """The files that may name their author.

    Attributes:
        open: those that the mail waits for: not cleaned yet, or to be decided about.
        decided: those that go as they are.
        severity: the colour of the pip that they half fill; None where there are none.
    """

    open: tuple[str, ...]
    decided: tuple[str, ...]
    severity: Severity | None

    @classmethod
    def of(cls, files: Sequence[FileStanding]) -> FileRisks:
        """Those among them."""
        waits = tuple(shown(one.file.name) for one in files if one.holds_sending)
        decided = tuple(shown(one.file.name) for one in files if one.state is FileState.AS_IT_IS)
        if any(one.state in {FileState.DECIDE, FileState.FAILED} for one in files):
            return cls(waits, decided, Severity.DECIDE)
        return cls(waits, decided, Severity.LOOK if waits or decided else None)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.open, *self.decided)

    def added_to(self, sentence: str) -> str:
        """What a party learns, and what the files add to it."""
        match self.names:
            case ():
                return sentence
            case (name,):
                return say("file-may-name", sentence=sentence, file=name)
            case names:
                return say("files-may-name", sentence=sentence, n=len(names))

    def limit(self, parties: str) -> str:
        """For whom the sender is untraceable, as far as files matter."""
        settled, decided = _settled(self.open), _named(self.decided)
        if settled and decided:
            return say("untraceable-once-but-files", parties=parties, settled=settled, files=decided)
        if settled:
            return say("untraceable-once-files", parties=parties, settled=settled)
        if decided:
            return say("untraceable-but-files", parties=parties, files=decided)
        return say("untraceable", parties=parties)


def _settled(names: tuple[str, ...]) -> str:
    if len(names) > 1:
        return t("{n} files are settled", n=len(names))
    return t("{file} is settled", file=names[0]) if names else ""


def _named(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else t("one of {n} files", n=len(names)) if names else ""
