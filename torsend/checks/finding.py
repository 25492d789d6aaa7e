"""What a check gives: how grave it is, what it says, and where in the draft it was found."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """How much a finding asks of the person."""

    DECIDE = "decide"
    """Holds sending."""
    LOOK = "look"
    """Advice."""
    FINE = "fine"
    """Looked at, and as it should be."""


class Where(enum.StrEnum):
    """A part of the draft."""

    TO = "to"
    CC = "cc"
    BCC = "bcc"
    SUBJECT = "subject"
    TEXT = "text"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Place:
    """Characters ``start`` to ``end`` (not included) of a part of the draft, counted in code points.

    Attributes:
        file: which of the attachments, counted from 0; only with ``Where.FILE``, whose characters are its name's.
    """

    where: Where
    start: int
    end: int
    file: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of "Before you send".

    Attributes:
        code: stable, for tests and for actions of the window.
        about: a file's name, an address or a word, where the finding is about one.
        places: where it was found, if that can be shown.
    """

    code: str
    severity: Severity
    sentence: str
    about: str = ""
    places: tuple[Place, ...] = ()
