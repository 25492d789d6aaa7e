"""Layers (optional content, ISO 32000 section 8.11): which are switched off when the document is opened.

Layers don't come along: what is shown is drawn as if it had always been there, what is not shown goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torsend.clean.formats.pdf.read import is_array, is_fields, is_string, items, plain_name
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes

DEEPEST = 8


class Layers:
    """What the catalog says of them."""

    def __init__(self, catalog: Any) -> None:
        self._off: set[tuple[int, int]] = set()
        self._names: list[str] = []
        self._exist = False
        properties = catalog.get("/OCProperties")
        if not is_fields(properties):
            return
        self._exist = True
        groups = [each for each in items(properties.get("/OCGs")) if is_fields(each)]
        self._names = [str(each.get("/Name")) for each in groups if is_string(each.get("/Name"))]
        usual = properties.get("/D")
        if not is_fields(usual):
            return
        if plain_name(usual.get("/BaseState")) == "OFF":
            self._off |= {each.objgen for each in groups}
        self._off -= {each.objgen for each in items(usual.get("/ON")) if is_fields(each)}
        self._off |= {each.objgen for each in items(usual.get("/OFF")) if is_fields(each)}

    @property
    def names(self) -> list[str]:
        """What they were called."""
        return self._names

    def is_off(self, group: Any, depth: int = 0) -> bool:
        """Whether a group, or a rule over several groups, hides what belongs to it."""
        # A document that doesn't speak of layers has none, whatever its pages say: a page out of another document.
        if not self._exist or not is_fields(group) or depth > DEEPEST:
            return False
        kind = plain_name(group.get("/Type"))
        if kind == "OCG":
            return group.objgen in self._off
        if kind != "OCMD":
            return False
        if is_array(group.get("/VE")):
            return not self._holds(group.get("/VE"), depth)
        below = group.get("/OCGs")
        off = [
            self.is_off(each, depth + 1)
            for each in (items(below) if is_array(below) else [below])
            if is_fields(each)
        ]
        if not off:
            return False
        match plain_name(group.get("/P")):
            case "AllOn":
                return any(off)
            case "AnyOff":
                return not any(off)
            case "AllOff":
                return not all(off)
            case _:
                return all(off)

    def _holds(self, rule: Any, depth: int) -> bool:
        """A visibility expression."""
        row = list(items(rule))
        if depth > DEEPEST or not row:
            return True
        each = [
            self._holds(one, depth + 1) if is_array(one) else not self.is_off(one, depth + 1)
            for one in row[1:]
        ]
        match plain_name(row[0]):
            case "And":
                return all(each)
            case "Or":
                return any(each)
            case "Not":
                return not (each and each[0])
            case _:
                return True

    def note(self, notes: Notes) -> None:
        """Something of a page was on a layer that is switched off, and went."""
        notes.remove(Trace.OTHER, "hidden layer", ", ".join(self._names))
