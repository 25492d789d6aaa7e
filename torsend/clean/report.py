"""What became of a file: values that the cleaner's process hands to ours, and ours to the vault and the window."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Self

MOST_VALUES = 50
"""Removed values that are kept for "What was removed"; the rest is only counted."""
LONGEST_VALUE = 200
"""Characters of one such value."""
LONGEST_REPORT = 64 * 1024
"""Octets of a report's JSON: a hostile file must not fill memory through it."""

_MOST_COUNTED = 1 << 31


class Verdict(enum.StrEnum):
    """What can be said of a file after an attempt to clean it."""

    CLEANED = "cleaned"
    """Something was found and removed."""
    NOTHING = "nothing"
    """The format is known, all of it was read, and nothing had to go. The bytes may still have been written anew."""
    NOT_CLEANABLE = "not-cleanable"
    """The person decides: remove it, or send it as it is."""


class Trace(enum.StrEnum):
    """What sort of thing was removed. The window has a word for each."""

    AUTHOR = "author"
    """A person's or an organisation's name: creator, last editor, copyright holder, annotation author, owner."""
    LOCATION = "location"
    DEVICE = "device"
    """Camera, lens, scanner, serial number, printer."""
    SOFTWARE = "software"
    """The program or encoder that wrote it, and templates and settings of it."""
    DATE = "date"
    THUMBNAIL = "thumbnail"
    """A second, smaller picture, which may show what was cropped away."""
    HISTORY = "history"
    """Tracked changes, revision ids, earlier versions, undo data, editing time."""
    COMMENT = "comment"
    """Remarks that are not the document: comments, descriptions, keywords, titles in metadata."""
    IDENTIFIER = "identifier"
    """Document, instance and session ids."""
    EMBEDDED = "embedded"
    """A file within the file."""
    ACTIVE = "active"
    """Macros, scripts, links that are fetched on opening, actions."""
    PATH = "path"
    """A path, user or computer name of the machine that wrote it."""
    PROVENANCE = "provenance"
    """C2PA and other signed claims of origin."""
    OTHER = "other"
    """Not known to be harmless, so it went."""


class Why(enum.StrEnum):
    """Why a file can't be cleaned. The window has a sentence for each."""

    UNKNOWN_FORMAT = "unknown-format"
    """Nothing here knows how to clean it, or what it is."""
    OLD_OFFICE = "old-office"
    """.doc, .xls, .ppt: binary formats that keep earlier edits. Safer: a PDF of it."""
    ENCRYPTED = "encrypted"
    """A password is needed to look into it."""
    SIGNED = "signed"
    """Digitally signed: cleaning would break the signature, which names the signer."""
    DAMAGED = "damaged"
    """Not what it says it is, or broken."""
    TOO_LARGE = "too-large"
    """Larger, or unpacking to more, than may be held."""
    HOLDS_UNCLEANABLE = "holds-uncleanable"
    """Something inside it can't be cleaned; ``Report.inside`` names it."""
    TOOK_TOO_LONG = "took-too-long"
    FAILED = "failed"
    """The cleaner's process died or broke its rules. What came of it was thrown away."""
    NO_SANDBOX = "no-sandbox"
    """This system has no way to shut the cleaner's process off."""


@dataclass(frozen=True, slots=True)
class Removed:
    """One thing that was removed.

    Attributes:
        trace: the sort.
        name: what the format calls it, such as ``GPSLatitude`` or ``docProps/core.xml creator``. No sentence.
        value: what stood there, cut to ``LONGEST_VALUE``; empty where it is not text.
    """

    trace: Trace
    name: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one file.

    Attributes:
        format: of what was found in the bytes, not of the name: ``JPEG``, ``PDF``, ``DOCX`` …; empty if unknown.
        media_type: of the result; empty where there is none.
        removed: at most ``MOST_VALUES`` of what went.
        counts: of everything that went, by sort.
        kept: what may still tell something and can't be taken out, in the terms of ``Left``.
        why: set if and only if the verdict is ``NOT_CLEANABLE``.
        inside: the name of the member that is the reason, in an archive or a document.
    """

    verdict: Verdict
    format: str = ""
    media_type: str = ""
    removed: tuple[Removed, ...] = ()
    counts: tuple[tuple[Trace, int], ...] = ()
    kept: tuple[Left, ...] = ()
    why: Why | None = None
    inside: str = ""

    def to_json(self) -> str:
        """ASCII JSON; ``from_json`` gives an equal report back."""
        return json.dumps(
            {
                "verdict": self.verdict,
                "format": self.format,
                "media_type": self.media_type,
                "removed": [[each.trace, each.name, each.value] for each in self.removed],
                "counts": [list(each) for each in self.counts],
                "kept": list(self.kept),
                "why": self.why,
                "inside": self.inside,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Reads what ``to_json`` wrote; trusts nothing in it, since a hostile file may have taken the cleaner over.

        Raises:
            ValueError: it is no report. Says nothing of the content.
        """
        try:
            fields = json.loads(text)
            why = fields["why"]
            report = cls(
                verdict=Verdict(fields["verdict"]),
                format=_cut(fields["format"]),
                media_type=_cut(fields["media_type"]),
                removed=tuple(
                    Removed(Trace(trace), _cut(name), _cut(value))
                    for trace, name, value in fields["removed"][:MOST_VALUES]
                ),
                counts=tuple((Trace(trace), _count(count)) for trace, count in fields["counts"]),
                kept=tuple(Left(each) for each in fields["kept"]),
                why=None if why is None else Why(why),
                inside=_cut(fields["inside"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as broken:
            raise ValueError(f"not a report ({type(broken).__name__})") from None
        if (report.why is not None) != (report.verdict is Verdict.NOT_CLEANABLE):
            raise ValueError("not a report (verdict)")
        return report


class Left(enum.StrEnum):
    """What stays in a cleaned file and may still tell something. The window has a sentence for each."""

    PIXELS = "pixels"
    """What the picture shows, and the noise of its camera's sensor."""
    VOICES = "voices"
    """What is heard, its background and mains hum; what is seen."""
    WORDS = "words"
    """What the text says."""
    NAMES = "names"
    """How the files and folders in an archive are called, whatever the archive itself is called."""
    HIDDEN = "hidden"
    """Words that are not seen and can be copied out: under boxes that were drawn over them, beyond the edge of the
    page, or invisible."""
    LAYOUT = "layout"
    """Fonts, styles and the way in which the document is built."""
    NOT_SHOWN = "not-shown"
    """Sheets, rows, columns, slides or shapes that are there and not shown: what is shown may depend on them."""
    CROPPED = "cropped"
    """What was cropped away of a picture in a document: only its edges are moved, the whole of it is in the file."""
    STREAMS = "streams"
    """How the encoder compressed picture or sound, which differs between devices."""


def _cut(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError("text")
    # Surrogates can't be written as UTF-8; control characters, and those that turn the direction, mislead who reads.
    return "".join(
        each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text[:LONGEST_VALUE]
    )


def _count(number: object) -> int:
    if type(number) is not int or not 0 < number < _MOST_COUNTED:
        raise TypeError("count")
    return number
