"""Hidden text of a DOCX: what no reader sees, unless they know where to look.

Whether a run is hidden is said by itself or, where it says nothing, by what it inherits (ECMA-376 part 1, section 17.7.2):
the document's defaults, the style of its table with what that has for single rows, columns and corners, the style of its
paragraph, that of its own. One that hides is enough. (By section 17.7.3 two styles that hide show again; not every program
does so, and what was meant to be hidden is taken out.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from torsend.clean.formats.ooxml_names import W
from torsend.clean.formats.xml_part import parse, text_of
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torsend.clean.formats.opc import Part
    from torsend.clean.formats.xml_part import Element

VAL = f"{{{W}}}val"
STYLE_ID = f"{{{W}}}styleId"
_STAY = frozenset(f"{{{W}}}{name}" for name in ("rPr", "fldChar", "instrText"))
"""Fields stay: the marks of an index are all hidden."""

_Looks = dict[str, bool]
"""Which parts of what it is given to a style hides or shows: ``""`` is all of it, others as ``w:tblStylePr`` calls them."""

_FLAGS = {
    "firstRow": 0x20,
    "lastRow": 0x40,
    "firstColumn": 0x80,
    "lastColumn": 0x100,
    "noHBand": 0x200,
    "noVBand": 0x400,
}
"""Bits of ``w:tblLook`` (ECMA-376 part 1, section 17.4.56), where its attributes don't say."""


@dataclass(frozen=True, slots=True)
class _Hiding:
    """What the styles of a document hide.

    Attributes:
        all: its defaults hide everything.
        looks: of each style, by its id as the original has it.
        kinds: what each may be given to: ``paragraph``, ``character``, ``table``.
        defaults: the id of the style of what has none, by kind.
        bands: of how many rows and columns a band consists, by id; one where it isn't said.
    """

    all: bool
    looks: Mapping[str, _Looks]
    kinds: Mapping[str, str]
    defaults: Mapping[str, str]
    bands: Mapping[str, tuple[int, int]]

    def style_of(self, element: Element, path: str, kind: str) -> str:
        """The id of its style: the one it names, if there is one, or the default."""
        named = _value(element, path)
        return named if self.kinds.get(named) == kind else self.defaults.get(kind, "")

    def hides(self, element: Element, path: str, kind: str) -> bool:
        """Whether its style hides all of it."""
        return self.looks.get(self.style_of(element, path, kind), {}).get("", False)


def sheets(part: Part) -> Iterator[Element]:
    """The document's styles, as they were."""
    for relation in part.relations.values():
        if relation.kind == "styles" and part.package.allows(relation):
            yield parse(part.package.read(relation.target), relation.target)


def drop(root: Element, part: Part) -> None:
    """Takes hidden text out of a part that holds paragraphs."""
    hiding = _hiding(part)
    within = _runs_in_hidden(root, hiding) | _runs_in_hidden_cells(root, hiding)
    for run in list(root.iter(f"{{{W}}}r")):
        own = _hides(run.find(f"{{{W}}}rPr"))
        if own is False:
            continue
        if own or hiding.all or run in within or hiding.hides(run, "rPr/rStyle", "character"):
            for each in list(run):
                if each.tag not in _STAY:
                    part.findings.add(Trace.COMMENT, "hidden text", text_of([each]))
                    run.remove(each)


def _hides(properties: Element | None) -> bool | None:
    """Whether these properties of a run hide it; None if they don't say."""
    said = properties.find(f"{{{W}}}vanish") if properties is not None else None
    return None if said is None else _is_on(said.get(VAL, "1"))


def _is_on(value: str) -> bool:
    return value not in ("0", "false", "off")


def _value(element: Element, path: str) -> str:
    found = element.find("/".join(f"{{{W}}}{each}" for each in path.split("/")))
    return found.get(VAL, "") if found is not None else ""


def _number(value: str, base: int = 10) -> int:
    try:
        return int(value, base)
    except ValueError:
        return 0


def _runs_in_hidden(root: Element, hiding: _Hiding) -> set[Element]:
    """The runs of paragraphs of a hidden style."""
    if not any(hiding.looks.values()):
        return set()
    paragraphs = (each for each in root.iter(f"{{{W}}}p") if hiding.hides(each, "pPr/pStyle", "paragraph"))
    return {run for paragraph in paragraphs for run in paragraph.iter(f"{{{W}}}r")}


def _runs_in_hidden_cells(root: Element, hiding: _Hiding) -> set[Element]:
    """Those whose innermost table has a style that hides their cell."""
    if not any(looks and hiding.kinds[id_] == "table" for id_, looks in hiding.looks.items()):
        return set()
    hidden = {cell for table in root.iter(f"{{{W}}}tbl") for cell in _hidden_cells(table, hiding)}
    return {run for run in root.iter(f"{{{W}}}r") if next(run.iterancestors(f"{{{W}}}tc"), None) in hidden}


def _hidden_cells(table: Element, hiding: _Hiding) -> Iterator[Element]:
    id_ = hiding.style_of(table, "tblPr/tblStyle", "table")
    looks = hiding.looks.get(id_)
    if not looks:
        return
    rows = _of(table, "tr", "tbl")
    flags = _flags(table.find(f"{{{W}}}tblPr/{{{W}}}tblLook"))
    height, width = hiding.bands[id_]
    for at, row in enumerate(rows):
        own = row.find(f"{{{W}}}tblPrEx/{{{W}}}tblLook")
        on = flags if own is None else _flags(own)
        spans = [(cell, _number(_value(cell, "tcPr/gridSpan")) or 1) for cell in _of(row, "tc", "tr")]
        left = _number(_value(row, "trPr/gridBefore"))
        for number, (cell, span) in enumerate(spans):
            row_is = (on["firstRow"] and at == 0, on["lastRow"] and at == len(rows) - 1)
            column_is = (on["firstColumn"] and number == 0, on["lastColumn"] and number == len(spans) - 1)
            parts = ["", "wholeTable"]
            if not on["noVBand"] and not any(column_is):
                parts.append(_band(left - on["firstColumn"], width, "Vert"))
            if not on["noHBand"] and not any(row_is):
                parts.append(_band(at - on["firstRow"], height, "Horz"))
            parts += _edges(row_is, column_is)
            # Section 17.7.6: the later stand above the earlier.
            if [looks[each] for each in parts if each in looks][-1:] == [True]:
                yield cell
            left += span


def _edges(row_is: tuple[bool, bool], column_is: tuple[bool, bool]) -> Iterator[str]:
    """The names of the rows, columns and corners at the edge in which a cell lies."""
    rows = [name for name, lies in zip(("firstRow", "lastRow"), row_is, strict=True) if lies]
    columns = [name for name, lies in zip(("firstCol", "lastCol"), column_is, strict=True) if lies]
    yield from rows
    yield from columns
    for row in rows:
        for column in columns:
            yield ("n" if row == "firstRow" else "s") + ("w" if column == "firstCol" else "e") + "Cell"


def _band(at: int, size: int, which: str) -> str:
    return f"band{at // size % 2 + 1}{which}"


def _of(element: Element, name: str, within: str) -> list[Element]:
    """Its rows or cells, also within content controls; not those of tables within."""
    return [
        each
        for each in element.iter(f"{{{W}}}{name}")
        if next(each.iterancestors(f"{{{W}}}{within}")) is element
    ]


def _flags(look: Element | None) -> dict[str, bool]:
    if look is None:
        return dict.fromkeys(_FLAGS, False)
    bits = _number(look.get(VAL, "0"), 16)
    said = {name: look.get(f"{{{W}}}{name}") for name in _FLAGS}
    return {name: bool(bits & _FLAGS[name]) if on is None else _is_on(on) for name, on in said.items()}


def _hiding(part: Part) -> _Hiding:
    held = part.package.context.get("hiding")
    if held is not None:
        return cast("_Hiding", held)
    own: dict[str, _Looks] = {}
    above: dict[str, str] = {}
    kinds: dict[str, str] = {}
    defaults: dict[str, str] = {}
    bands: dict[str, tuple[int, int]] = {}
    everything = False
    for sheet in sheets(part):
        everything |= bool(_hides(sheet.find(f"{{{W}}}docDefaults/{{{W}}}rPrDefault/{{{W}}}rPr")))
        for style in sheet.iter(f"{{{W}}}style"):
            id_ = style.get(STYLE_ID, "")
            own[id_] = dict(_own_looks(style))
            above[id_] = _value(style, "basedOn")
            kinds[id_] = style.get(f"{{{W}}}type", "paragraph")
            bands[id_] = (
                _number(_value(style, "tblPr/tblStyleRowBandSize")) or 1,
                _number(_value(style, "tblPr/tblStyleColBandSize")) or 1,
            )
            if _is_on(style.get(f"{{{W}}}default", "0")):
                defaults[kinds[id_]] = id_
    hiding = _Hiding(everything, _inherited(own, above), kinds, defaults, bands)
    part.package.context["hiding"] = hiding
    return hiding


def _own_looks(style: Element) -> Iterator[tuple[str, bool]]:
    """What the style says by itself."""
    if (all_of_it := _hides(style.find(f"{{{W}}}rPr"))) is not None:
        yield "", all_of_it
    for conditional in style.findall(f"{{{W}}}tblStylePr"):
        if (hides := _hides(conditional.find(f"{{{W}}}rPr"))) is not None:
            yield conditional.get(f"{{{W}}}type", ""), hides


def _inherited(own: Mapping[str, _Looks], above: Mapping[str, str]) -> dict[str, _Looks]:
    """With what each has from the styles on which it is based. A long chain is gone along once."""
    whole: dict[str, _Looks] = {}
    for id_ in own:
        at, passed = id_, dict[str, None]()
        while at in own and at not in whole and at not in passed:
            passed[at] = None
            at = above[at]
        looks = whole.get(at, {})
        for each in reversed(passed):
            looks = whole[each] = {**looks, **own[each]}
    return whole
