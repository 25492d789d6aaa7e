"""Where words may stand in OpenDocument, and those that a reader sees only on pointing, choosing or in an index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from torsend.clean.formats.odf_names import DRAW, OFFICE, PRESENTATION, STYLE, TABLES, TEXT
from torsend.clean.formats.xml_part import tag_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.clean.formats.xml_part import Element


def _names(space: str, names: str) -> tuple[str, ...]:
    return tuple(f"{{{space}}}{name}" for name in names.split())


_HOLD_ELEMENTS = frozenset(
    _names(
        TEXT,
        """section list list-item list-header numbered-paragraph note note-body table-of-content illustration-index
        table-index object-index user-index alphabetical-index bibliography index-body index-title
        table-of-content-source illustration-index-source table-index-source object-index-source user-index-source
        alphabetical-index-source bibliography-source sequence-decls variable-decls""",
    )
)
_FORMULA = f"{{{TABLES}}}formula"
_IN_ATTRIBUTES = frozenset(
    (
        *_names(OFFICE, "string-value name title"),
        *_names(TABLES, "name value"),
        *_names(
            TEXT,
            """name string-value key1 key2 description author booktitle chapter edition editor howpublished institution
            journal note organizations publisher school series title url custom1 custom2 custom3 custom4 custom5""",
        ),
    )
)


def holds_words(tag: str) -> bool:
    """Whether words may stand directly in this element; in others programs pass over them."""
    if tag.startswith(tuple(f"{{{space}}}" for space in (OFFICE, DRAW, STYLE, TABLES))):
        return tag in (f"{{{TABLES}}}title", f"{{{TABLES}}}desc")
    return tag not in _HOLD_ELEMENTS


def out_of_sight(root: Element) -> Iterator[str]:
    """Names of bookmarks and ranges, entries of an index, words in formulas, footers of slides; each once."""
    said: set[str] = set()
    for each in root.iter():
        tag = tag_of(each)
        if tag.startswith((f"{{{TEXT}}}", f"{{{TABLES}}}")):
            # A cell that shows something says the same of itself.
            words = (
                str(value)
                for key, value in each.attrib.items()
                if key in _IN_ATTRIBUTES and not (len(each) and key == f"{{{OFFICE}}}string-value")
            )
            said.update(words)
            if '"' in (formula := each.get(_FORMULA, "")):
                said.update(re.findall(r'"([^"]+)"', formula))
        elif tag.startswith(f"{{{PRESENTATION}}}") and tag.endswith("-decl"):
            said.add(each.text or "")
    yield from sorted(said)
