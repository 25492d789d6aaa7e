"""Runs of text that differ in nothing any more, made one: where they meet shows when somebody stopped or corrected."""

from __future__ import annotations

from lxml import etree

from torsend.clean.formats.ooxml_names import A, W
from torsend.clean.formats.xml_part import XML_NAMESPACE, Element

_SPACE = f"{{{XML_NAMESPACE}}}space"


def close(root: Element) -> None:
    """Joins neighbours that look alike, in Word's paragraphs and in DrawingML's."""
    for space in (W, A):
        run, properties, text = (f"{{{space}}}{name}" for name in ("r", "rPr", "t"))
        before: Element | None = None
        look = b""
        for each in list(root.iter(run)):
            following = _look(each, properties, text)
            joined = (
                before is not None
                and following is not None
                and following == look
                and before.getnext() is each
                and not (before.tail or "").strip()
            )
            if joined and before is not None:
                _append(before[-1], each[-1])
                parent = each.getparent()
                if parent is not None:
                    parent.remove(each)
            else:
                before, look = (each, following) if following is not None else (None, b"")


def _look(run: Element, properties: str, text: str) -> bytes | None:
    """The properties in one form; ``None`` if the run holds anything but one text."""
    if run.attrib or not len(run) or run[-1].tag != text or len(run) > 2:
        return None
    if len(run) == 1:
        return b""
    if run[0].tag != properties:
        return None
    if not len(run[0]) and not run[0].attrib:
        return b""
    return etree.tostring(run[0], method="c14n", exclusive=True)


def _append(one: Element, other: Element) -> None:
    one.text = _words(one) + _words(other)
    if one.tag == f"{{{W}}}t":
        one.set(_SPACE, "preserve")


def _words(text: Element) -> str:
    words = text.text or ""
    # Without this mark Word leaves spaces at both ends away.
    return words if text.tag != f"{{{W}}}t" or text.get(_SPACE) == "preserve" else words.strip(" \t\r\n")
