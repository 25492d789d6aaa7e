"""Cleaning from a terminal: ``torsend clean …``, and the files of ``send`` and ``wire``."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

from torsend.app.cleaning import system_cleaner
from torsend.checks.file_words import heading, left_words, removed_words, why_words
from torsend.clean.report import Verdict
from torsend.cli.output import as_json
from torsend.cli.streams import line, say
from torsend.errors import ExitStatus, StorageError, VaultError
from torsend.mail.draft import Attachment, Decision
from torsend.mail.refusals import AttachmentProblem, AttachmentUnreadable, shown
from torsend.words import t, tn

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from torsend.app import App
    from torsend.clean.report import Report
    from torsend.mail.draft import Draft


class Refused(AttachmentProblem):
    """It can't be cleaned, and nobody said that it shall go as it is.

    Args:
        sends: whether it was to be sent.
    """

    def __init__(self, file: str, report: Report, *, sends: bool = True) -> None:
        super().__init__(
            file,
            t("{file} can’t be cleaned: {reason}", file=shown(file), reason=why_words(report)),
            t("To send it as it is: --attach-as-is {file}", file=shown(file)) if sends else "",
        )


@contextlib.contextmanager
def cleaned(app: App, draft: Draft, *, keep: bool) -> Iterator[None]:
    """The draft's files are cleaned for the block.

    Args:
        keep: what was made of them stays with the draft, which is in the outbox when the block has ended. Otherwise, and
            where the block raises, nothing of it stays.

    Raises:
        Refused, AttachmentProblem, VaultError: as ``clean_files``.
    """
    whole = False
    try:
        clean_files(app, draft)
        yield
        whole = keep
    finally:
        if not whole:
            # What a full disk lets stay is swept at the next start.
            with contextlib.suppress(VaultError):
                app.drafts.remove(draft.id)


def clean_files(app: App, draft: Draft) -> None:
    """Has the draft's files cleaned, and says of each what was removed.

    Raises:
        Refused: one can't be.
        AttachmentProblem: one can't be read.
        VaultError: what was made of one could not be kept.
    """
    for file in draft.attachments:
        if file.decision is Decision.AS_IT_IS:
            say(t("{file}: as it is.", file=shown(file.name)))
            continue
        cleaned = app.cleaning.ensure(draft.id, file)
        if not cleaned.is_sendable:
            raise Refused(file.name, cleaned.report)
        say(_told(file.name, cleaned.report))


def run(given: argparse.Namespace) -> int:
    """Writes the cleaned copy, and says what was removed.

    Raises:
        Refused: there is no copy.
        AttachmentUnreadable, StorageError: nothing was written.
    """
    name = Attachment.of(given.file).name
    report = _write(given.file, name, given.output)
    if given.json:
        as_json(json.loads(report.to_json()))
    else:
        for text in _lines(report):
            line(text)
    if report.verdict is Verdict.NOT_CLEANABLE:
        raise Refused(name, report, sends=False)
    say(_told(name, report))
    return ExitStatus.OK


def _write(source: Path, name: str, target: Path) -> Report:
    """The copy is whole, or not there. What lies there already is never written over, the original above all."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError as error:
        raise StorageError(
            t("There is something already at that place. Nothing was written."),
            advice=t("Choose another one for the copy."),
        ) from error
    except OSError as error:
        raise _unwritable() from error
    whole = False
    try:
        with open(descriptor, "wb") as copy:  # noqa: PTH123  # a descriptor, not a path

            def write(data: bytes) -> None:
                try:
                    copy.write(data)
                except OSError as error:
                    raise _unwritable() from error

            try:
                report = system_cleaner().clean(source, write)
            except OSError as error:
                raise AttachmentUnreadable(name) from error
            try:
                copy.flush()
                os.fsync(copy.fileno())
            except OSError as error:
                raise _unwritable() from error
        whole = report.verdict is not Verdict.NOT_CLEANABLE
    finally:
        if not whole:
            target.unlink()
    return report


def _unwritable() -> StorageError:
    return StorageError(t("The copy could not be written."), advice=t("Choose another place for it."))


def _told(name: str, report: Report) -> str:
    if report.verdict is Verdict.CLEANED:
        return t("{file}: {things} removed.", file=shown(name), things=removed_words(report))
    return t("{file}: looked through, nothing to clean was found.", file=shown(name))


def _lines(report: Report) -> list[str]:
    counts = dict(report.counts)
    lines = []
    for trace, count in counts.items():
        lines.append(t("{heading}: {n}", heading=heading(trace), n=count))
        listed = [one for one in report.removed if one.trace is trace]
        lines += [f"    {shown(one.name)}{': ' if one.value else ''}{shown(one.value)}" for one in listed]
        if count > len(listed):
            lines.append("    " + tn("one more", "{n} more", count - len(listed)))
    stays = left_words(report)
    if stays:
        lines += [t("What stays"), *(f"    {sentence}" for sentence in stays)]
    return lines
