"""What goes along of a draft's files: under which name, as which bytes; or why nothing can."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from torsend.app.cleaned import Cleaned
from torsend.checks.file_words import why_words
from torsend.checks.files import FileStanding, FileState
from torsend.clean.names import Attached, kept_name, neutral_names
from torsend.clean.report import Verdict
from torsend.errors import TorsendError
from torsend.identity.identity import FileNames
from torsend.mail.content import KeptContent
from torsend.mail.draft import Decision
from torsend.mail.files import measure
from torsend.mail.refusals import (
    AttachmentDecidedBefore,
    AttachmentNotCleaned,
    AttachmentProblem,
    AttachmentUndecided,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torsend.app.cleaned import CleanedFiles
    from torsend.clean.report import Report
    from torsend.mail.content import Content
    from torsend.mail.draft import Attachment, Draft


_STATES = {
    Verdict.CLEANED: FileState.CLEANED,
    Verdict.NOTHING: FileState.NOTHING,
    Verdict.NOT_CLEANABLE: FileState.DECIDE,
}


def going_along(draft: Draft, names: FileNames, files: CleanedFiles) -> tuple[Draft, dict[Path, Content]]:
    """The draft with its files called and typed as they are sent, and what goes in place of those that were cleaned.

    Raises:
        AttachmentNotCleaned: nothing is known of a file yet, or it changed since.
        AttachmentUndecided: a file can't be cleaned, and nobody decided to send it as it is.
        AttachmentDecidedBefore: somebody did, but of what it was before.
        AttachmentProblem: a file can't be looked at.
    """
    found = [_found(draft.id, file, files) for file in draft.attachments]
    reports = [None if each is None else each.report for each in found]
    sent = as_sent(draft.attachments, names, reports)
    contents: dict[Path, Content] = {
        file.path: KeptContent(file.name, each.size, partial(files.pieces, each.id))
        for file, each in zip(sent, found, strict=True)
        if each is not None
    }
    return replace(draft, attachments=sent), contents


def as_sent(
    files: Sequence[Attachment], names: FileNames, reports: Sequence[Report | None]
) -> tuple[Attachment, ...]:
    """The files as the recipient sees them called and typed.

    Args:
        reports: of each, where it is known and it goes cleaned.
    """
    formats = [report.format if report else "" for report in reports]
    known = [Attached(file.name, found) for file, found in zip(files, formats, strict=True)]
    called = neutral_names(known) if names is FileNames.NEUTRAL else [kept_name(each) for each in known]
    return tuple(
        replace(file, name=name, media_type=(report.media_type if report else "") or file.media_type)
        for file, name, report in zip(files, called, reports, strict=True)
    )


def standings(
    draft: Draft, names: FileNames, known: Sequence[Cleaned | TorsendError | None]
) -> tuple[FileStanding, ...]:
    """How each file stands, in their order.

    Args:
        known: what became of each, or what went wrong; None while it is being cleaned.
    """
    reports = [
        one.report
        if isinstance(one, Cleaned) and one.is_sendable and file.decision is Decision.CLEANED
        else None
        for file, one in zip(draft.attachments, known, strict=True)
    ]
    sent = as_sent(draft.attachments, names, reports)
    return tuple(
        _standing(file, one, called.name)
        for file, one, called in zip(draft.attachments, known, sent, strict=True)
    )


def kept_standings(draft: Draft, names: FileNames, files: CleanedFiles) -> tuple[FileStanding, ...]:
    """The same, as far as the vault and the disk tell."""
    return standings(draft, names, [_looked_at(draft.id, file, files) for file in draft.attachments])


def _looked_at(draft_id: str, file: Attachment, files: CleanedFiles) -> Cleaned | TorsendError | None:
    try:
        return files.find(draft_id, file)
    except AttachmentProblem as problem:
        return problem


def _standing(file: Attachment, known: Cleaned | TorsendError | None, sent_as: str) -> FileStanding:
    if file.decision is Decision.AS_IT_IS:
        report = known.report if isinstance(known, Cleaned) else None
        return FileStanding(file, FileState.AS_IT_IS, sent_as, report)
    match known:
        case None:
            return FileStanding(file, FileState.CLEANING, sent_as)
        case Cleaned():
            size = known.size if known.is_sendable else None
            return FileStanding(file, _STATES[known.report.verdict], sent_as, known.report, size)
        case TorsendError():
            words = " ".join(part for part in (known.what, known.advice) if part)
            return FileStanding(file, FileState.FAILED, sent_as, problem=words)


def _found(draft_id: str, file: Attachment, files: CleanedFiles) -> Cleaned | None:
    """What was made of the file; None where it goes as it is."""
    if file.decision is Decision.AS_IT_IS:
        now = measure(file).found  # what is wrong with it is said under its own name
        if not files.was_looked_at(draft_id, file, now):
            raise AttachmentDecidedBefore(file.name)
        return None
    found = files.find(draft_id, file)
    if found is None:
        raise AttachmentNotCleaned(file.name)
    if not found.is_sendable:
        raise AttachmentUndecided(file.name, why_words(found.report))
    return found
