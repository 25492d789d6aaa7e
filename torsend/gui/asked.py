"""What a start asks for: a mailto: link, files to attach."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from torsend.mail.draft import Attachment, Draft
from torsend.mail.mailto import draft_from


def is_link(argument: str) -> bool:
    """Whether it is a mailto: link and no file's name."""
    return argument.lower().startswith("mailto:")


def draft_asked_for(what: tuple[str, ...]) -> Draft:
    """A draft of the last link, with the files attached.

    Raises:
        UsageError: a link makes no sense.
    """
    draft = Draft.new()
    for each in filter(is_link, what):
        draft = draft_from(each)
    files = tuple(Attachment.of(Path(each).absolute()) for each in what if not is_link(each))
    return dataclasses.replace(draft, attachments=files)
