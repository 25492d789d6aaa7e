"""What is said of files: what was removed, what stays, why one can't be cleaned. Each sort has its words here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.clean.report import Left, Trace, Why
from torsend.mail.refusals import shown
from torsend.words import mark, t, tn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torsend.clean.report import Report

MOST_SORTS = 4
"""That a row names; a longer list would be cut in its middle. The rest is in "What was removed"."""

_ONE = {
    Trace.AUTHOR: mark("author"),
    Trace.LOCATION: mark("location"),
    Trace.DEVICE: mark("device"),
    Trace.SOFTWARE: mark("program"),
    Trace.DATE: mark("a date"),
    Trace.THUMBNAIL: mark("a thumbnail"),
    Trace.HISTORY: mark("earlier edits"),
    Trace.COMMENT: mark("a comment"),
    Trace.IDENTIFIER: mark("an id"),
    Trace.EMBEDDED: mark("an embedded file"),
    Trace.ACTIVE: mark("active content"),
    Trace.PATH: mark("a path"),
    Trace.PROVENANCE: mark("claims of origin"),
    Trace.OTHER: mark("other data"),
}
_SEVERAL = {
    Trace.DATE: mark("{n} dates"),
    Trace.THUMBNAIL: mark("{n} thumbnails"),
    Trace.COMMENT: mark("{n} comments"),
    Trace.IDENTIFIER: mark("{n} ids"),
    Trace.EMBEDDED: mark("{n} embedded files"),
    Trace.PATH: mark("{n} paths"),
}
"""Those that are worth counting: a place is one place, however many fields tell it."""

_HEADINGS = {
    Trace.AUTHOR: mark("Author"),
    Trace.LOCATION: mark("Location"),
    Trace.DEVICE: mark("Device"),
    Trace.SOFTWARE: mark("Program"),
    Trace.DATE: mark("Dates"),
    Trace.THUMBNAIL: mark("Thumbnails"),
    Trace.HISTORY: mark("Earlier edits"),
    Trace.COMMENT: mark("Comments"),
    Trace.IDENTIFIER: mark("Ids"),
    Trace.EMBEDDED: mark("Embedded files"),
    Trace.ACTIVE: mark("Active content"),
    Trace.PATH: mark("Paths and names of the computer"),
    Trace.PROVENANCE: mark("Claims of origin"),
    Trace.OTHER: mark("Other data, not known to be harmless"),
}

_WHY = {
    Why.UNKNOWN_FORMAT: mark(
        "it may hold its author’s name, place or dates. Torsend doesn’t know its format."
    ),
    Why.OLD_OFFICE: mark("it may hold its author’s name and earlier edits. Safer: attach a PDF of it."),
    Why.ENCRYPTED: mark("a password locks it. Safer: attach an unlocked copy."),
    Why.SIGNED: mark("its signature names who signed it. Safer: attach an unsigned copy."),
    Why.DAMAGED: mark("it is damaged, or not what it seems to be."),
    Why.TOO_LARGE: mark("it holds more than can be looked through. Safer: attach it in parts."),
    Why.HOLDS_UNCLEANABLE: mark("{inside} in it can’t be. Safer: attach it without that."),
    Why.TOOK_TOO_LONG: mark("looking through it took too long. Safer: attach it in parts."),
    Why.FAILED: mark("the cleaner failed on it. It may be made to do harm."),
    Why.NO_SANDBOX: mark("this system can’t lock the cleaner in, and without that no file is opened."),
}

_LEFT = {
    Left.PIXELS: mark("What the picture shows, and the noise of its camera’s sensor."),
    Left.VOICES: mark("What is seen and heard, voices and background noise included."),
    Left.WORDS: mark("What the text says."),
    Left.NAMES: mark("The names of the files and folders in it, which stay as they are."),
    Left.HIDDEN: mark(
        "Words that nobody sees, under a box, beyond the page’s edge or invisible, but that anyone can copy out."
    ),
    Left.LAYOUT: mark("Fonts, styles and the way in which the document is built."),
    Left.NOT_SHOWN: mark(
        "Sheets, rows, columns, slides or shapes that are not shown: they are in the file all the same."
    ),
    Left.CROPPED: mark(
        "What was cropped away of its pictures: they are whole in the file. Crop them before they go in."
    ),
    Left.STREAMS: mark("How picture or sound was compressed, which differs between devices."),
}


def removed_words(report: Report) -> str:
    """``"location, camera, 3 dates and a thumbnail"``; empty where nothing was removed."""
    counts = dict(report.counts)
    words = [_counted(trace, counts[trace], report) for trace in Trace if counts.get(trace)]
    more = len(words) - MOST_SORTS
    if more > 0:
        words = [*words[:MOST_SORTS], tn("one more sort of trace", "{n} more sorts of traces", more)]
    return listed(words)


def why_words(report: Report) -> str:
    """Why it can't be cleaned, and what would be safer: what follows a colon; empty where it can."""
    if report.why is None:
        return ""
    inside = shown(report.inside) if report.inside else t("a file")
    return t(_WHY[report.why], inside=inside)


def left_words(report: Report) -> tuple[str, ...]:
    """What stays in it and may tell something, a sentence each."""
    return tuple(t(_LEFT[left]) for left in Left if left in report.kept)


def heading(trace: Trace) -> str:
    """The sort, over a list of what was removed of it."""
    return t(_HEADINGS[trace])


def listed(words: Sequence[str]) -> str:
    """``"a, b and c"``."""
    if len(words) < 2:
        return "".join(words)
    return t("{most} and {last}", most=", ".join(words[:-1]), last=words[-1])


def _counted(trace: Trace, count: int, report: Report) -> str:
    if trace is Trace.DEVICE and report.media_type.startswith(("image/", "video/")):
        return t("camera")
    if count > 1 and trace in _SEVERAL:
        return t(_SEVERAL[trace], n=count)
    return t(_ONE[trace])
