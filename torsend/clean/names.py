"""Names that tell nothing: ``picture-1.jpg``, ``document-1.pdf``, in the order in which files are attached."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

UNKNOWN = "file"
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")
_NO_KIND = frozenset({".bak", ".old", ".orig", ".tmp", ".copy"})
_OWN_ENDING = frozenset({"TEXT"})
"""Formats with many endings, each of which says what the text is (``.csv``, ``.py``)."""


#: ``Format.neutral`` of each, said again here, so that the window's thread needs none of the formats for a name: to import
#: them takes half a second. A test holds the two equal.
NEUTRAL = {
    **{name: ("picture", f".{name.lower()}") for name in ("PNG", "GIF", "WebP", "HEIC")},
    "JPEG": ("picture", ".jpg"),
    "TIFF": ("picture", ".tif"),
    "SVG": ("drawing", ".svg"),
    **{name: ("video", f".{name.lower()}") for name in ("MOV", "MP4")},
    **{name: ("sound", f".{name.lower()}") for name in ("M4A", "FLAC", "Opus", "WAV", "MP3")},
    "Ogg Vorbis": ("sound", ".ogg"),
    **{name: ("document", f".{name.lower()}") for name in ("PDF", "DOCX", "DOTX", "ODT", "OTT")},
    **{name: ("table", f".{name.lower()}") for name in ("XLSX", "XLTX", "ODS", "OTS")},
    **{name: ("slides", f".{name.lower()}") for name in ("PPTX", "POTX", "PPSX", "ODP", "OTP")},
    **{name: ("archive", f".{name.lower()}") for name in ("ZIP", "TAR", "TAR.GZ", "TAR.BZ2", "TAR.XZ")},
    "TEXT": ("text", ".txt"),
}


_WITH_MACROS = frozenset({".docm", ".dotm", ".xlsm", ".xltm", ".pptm", ".potm", ".ppsm"})
"""Endings of documents that have no macros once they are cleaned. Office opens none whose ending says otherwise."""


@dataclass(frozen=True, slots=True)
class Attached:
    """What a neutral name is made of.

    Attributes:
        name: the file's own.
        format: as in ``Report.format``; empty if it isn't known.
    """

    name: str
    format: str = ""


def neutral_names(files: Iterable[Attached]) -> list[str]:
    """A name for each, no two alike, from what the files are and their order alone.

    The ending is the format's. Of a file whose format isn't known, or has many endings, it is the file's own if it looks
    like one, since without it the recipient couldn't open the file.
    """
    counts: Counter[str] = Counter()
    names = []
    for file in files:
        stem, ending = NEUTRAL.get(file.format, (UNKNOWN, ""))
        if file.format not in NEUTRAL or file.format in _OWN_ENDING:
            ending = _own_ending(file.name) or ending
        counts[stem] += 1
        names.append(f"{stem}-{counts[stem]}{ending}")
    return names


def kept_name(file: Attached) -> str:
    """The file's own name; with the ending that it needs now, if it was a document with macros."""
    ending = _own_ending(file.name)
    if ending not in _WITH_MACROS or file.format not in NEUTRAL:
        return file.name
    return file.name[: -len(ending)] + NEUTRAL[file.format][1]


def _own_ending(name: str) -> str:
    """What follows the last dot, in small letters, if it is short and plain; else nothing."""
    ending = "." + name.rpartition(".")[2].lower() if "." in name.strip(".") else ""
    return ending if _ENDING.fullmatch(ending) and ending not in _NO_KIND and not ending[1:].isdigit() else ""
