"""What stands in XML where no reader looks: words between elements, and places on the writer's machine in attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from torsend.clean.formats.xml_part import local, tag_of
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.clean.formats.xml_part import Element, Findings

PLACE = re.compile(
    r"file:/|(?<![A-Za-z0-9])[A-Za-z]:[\\/]|^\s*\\\\[\w.-]+\\|(?<![\w.:/-])/(?:home|Users|root)/",
    re.IGNORECASE,
)
"""A file or folder of some machine: its path names a user or a server more often than not."""
_SHOWN = frozenset(("formatCode", "prompt", "promptTitle", "error", "errorTitle", "string"))
"""Attributes whose words are shown to readers as they stand, or in which a colon before a stroke means something else."""


def drop_words_between(root: Element, holds_words: Callable[[str], bool], findings: Findings) -> None:
    """Takes out all words that stand directly in an element that holds none: programs pass over them.

    Args:
        holds_words: whether an element of this name does.
    """
    for each in root.iter():
        if holds_words(tag_of(each)):
            continue
        if each.text:
            _note(each, each.text, findings)
            each.text = None
        for child in each:
            if child.tail:
                _note(each, child.tail, findings)
                child.tail = None


def drop_places(root: Element, findings: Findings) -> None:
    """Takes out attributes that name a place on a machine, whatever they are for."""
    for each in root.iter():
        for key in each.attrib.keys():  # noqa: SIM118  # a list of its own: the attributes change below
            value = str(each.attrib[key])
            if len(value) > len("C:/") and PLACE.search(value) and local(str(key)) not in _SHOWN:
                findings.add(Trace.PATH, f"{local(tag_of(each))} {local(str(key))}", value)
                del each.attrib[key]


def _note(element: Element, words: str, findings: Findings) -> None:
    if not words.isspace():
        findings.add(Trace.OTHER, f"words in {local(tag_of(element))}", words.strip())
