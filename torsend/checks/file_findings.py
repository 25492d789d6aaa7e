"""What is worth saying of the files before sending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.checks.file_words import listed
from torsend.checks.files import FileState
from torsend.checks.finding import Finding, Place, Severity, Where
from torsend.checks.sentences import count, say
from torsend.mail.refusals import AttachmentNotCleaned, AttachmentProblem, AttachmentUndecided, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torsend.checks.files import FileStanding

MOST_NAMED = 2
"""Files that are named in one line; more are counted."""


def file_findings(files: Sequence[FileStanding]) -> Iterator[Finding]:
    """One line for each file that wants something, one for all that want nothing."""
    for at, one in enumerate(files):
        name = one.file.name
        place = (Place(Where.FILE, 0, len(name), at),)
        match one.state:
            case FileState.DECIDE:
                sentence = say("not-cleanable", file=shown(name))
                yield Finding("not-cleanable", Severity.DECIDE, sentence, name, place)
            case FileState.FAILED:
                yield Finding("file-failed", Severity.DECIDE, one.problem, name, place)
            case FileState.CLEANING:
                yield Finding("cleaning", Severity.LOOK, say("cleaning", file=shown(name)), name)
            case FileState.AS_IT_IS:
                yield Finding("as-it-is", Severity.LOOK, say("as-it-is", file=shown(name)), name)
            case FileState.CLEANED | FileState.NOTHING:
                pass
    for state, code in ((FileState.CLEANED, "cleaned"), (FileState.NOTHING, "nothing-to-clean")):
        names = [shown(one.file.name) for one in files if one.state is state]
        if names:
            named = listed(names) if len(names) <= MOST_NAMED else ""
            sentence = say(code, files=named) if len(names) == 1 else _several(code, names, named)
            yield Finding(code, Severity.FINE, sentence, names[0] if len(names) == 1 else "")


def is_said(refusal: AttachmentProblem, files: Sequence[FileStanding]) -> bool:
    """Whether a file's own line says already why the mail can't be made."""
    if isinstance(refusal, AttachmentNotCleaned | AttachmentUndecided):
        return any(one.holds_sending for one in files)
    return any(one.state is FileState.FAILED and one.file.name == refusal.file for one in files)


def _several(code: str, names: Sequence[str], named: str) -> str:
    return say(f"{code}-several", files=named) if named else count(f"{code}-many", len(names))
