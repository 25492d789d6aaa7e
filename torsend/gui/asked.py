"""What a start asks for: a mailto: link, files to attach."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from torsend.errors import UsageError
from torsend.mail.draft import Attachment, Draft
from torsend.mail.mailto import draft_from
from torsend.words import t


def is_link(argument: str) -> bool:
    """Whether it is a mailto: link and no file's name."""
    return argument.lower().startswith("mailto:")


def draft_asked_for(what: tuple[str, ...]) -> tuple[Draft, UsageError | None]:
    """A draft of the last link, or with the files attached, and what of it could not be.

    A link is what a stranger wrote. Where a program passes one on with its quotation marks, it comes apart into a link and
    names of files; so files beside a link are left out.
    """
    links = [each for each in what if is_link(each)]
    files = [each for each in what if not is_link(each)]
    if not links:
        return dataclasses.replace(
            Draft.new(), attachments=tuple(Attachment.of(Path(each).absolute()) for each in files)
        ), None
    try:
        draft = draft_from(links[-1])
    except UsageError as error:
        return Draft.new(), error
    if files:
        return draft, UsageError(
            t("A link came with files. They were left out: a link must not attach anything."),
            advice=t("If you want them in this mail, attach them yourself."),
        )
    return draft, None
