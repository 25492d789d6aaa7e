"""What a cleaner of one format is, and what it tells while it works.

Cleaners run in the cleaner's process (``child``), under limits of memory and time and without a network. They read
``source`` (seekable, never written to), write the result to ``out`` front to back, and note what they removed and which
text a reader will see. They work by allowlist: what isn't known to be harmless goes, or the file is not cleanable.
The same input gives the same output on every system; nothing of this machine, its clock or its random numbers goes in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from torsend.clean.report import LONGEST_VALUE, MOST_VALUES, Left, Removed, Trace, Why


class Writer(Protocol):
    """Where the result goes: front to back, no seeking."""

    def write(self, data: bytes, /) -> object: ...


class NotCleanable(Exception):
    """This file is for the person to decide about.

    Args:
        inside: the member of the file that is the reason, where there is one.
    """

    def __init__(self, why: Why, inside: str = "") -> None:
        super().__init__(why.value)
        self.why = why
        self.inside = inside


@dataclass(slots=True)
class Notes:
    """What a cleaner tells. ``text`` is what a reader will see or hear as words, for the person's word list."""

    text: Callable[[str], None] = lambda _words: None
    removed: list[Removed] = field(default_factory=list)
    counts: Counter[Trace] = field(default_factory=Counter)
    kept: set[Left] = field(default_factory=set)

    def remove(self, trace: Trace, name: str, value: object = "") -> None:
        """Notes one thing that is not in the result."""
        self.counts[trace] += 1
        if len(self.removed) < MOST_VALUES:
            self.removed.append(Removed(trace, name[:LONGEST_VALUE], str(value)[:LONGEST_VALUE]))

    def keep(self, left: Left) -> None:
        """Notes what stays and may tell something."""
        self.kept.add(left)


@dataclass(frozen=True, slots=True)
class Format:
    """One format that can be cleaned.

    Attributes:
        name: as in ``Report.format``.
        media_type: of the result.
        recognises: whether these bytes (the first ``SNIFF`` of the file) are of it; the name of a file counts for nothing,
            but where formats share their beginning ``clean`` looks further.
        clean: raises ``NotCleanable``; any other exception means ``Why.DAMAGED``.
        neutral: ``(stem, ending)`` of a neutral name, such as ``("picture", ".jpg")`` for ``picture-1.jpg``.
        needs: modules that ``clean`` imports. They are imported before the process is shut off; afterwards there is no
            file system to import from. None: all that any cleaner needs, as an archive's does for its members; that
            takes 0.1 s.
    """

    name: str
    media_type: str
    recognises: Callable[[bytes], bool]
    clean: Callable[[BinaryIO, Writer, Notes], None]
    neutral: tuple[str, str]
    needs: tuple[str, ...] | None = None


SNIFF = 4096
"""Bytes of a file's beginning that ``Format.recognises`` sees."""
