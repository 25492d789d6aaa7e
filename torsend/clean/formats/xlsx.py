"""XLSX: SpreadsheetML. Cells keep what they show; pivot caches, links to other workbooks, comments and connections go."""

from __future__ import annotations

import re
from typing import cast

from torsend.clean.formats import ooxml_drawing
from torsend.clean.formats.ooxml_names import R, S, V
from torsend.clean.formats.opc import SAFE_SCHEMES, Kind, Part
from torsend.clean.formats.unseen import PLACE
from torsend.clean.formats.xml_part import Element, attribute, local, names_in, remove, tag_of
from torsend.clean.report import Left, Trace

_ID = f"{{{R}}}id"
_F, _V, _C, _T, _IS = (f"{{{S}}}{name}" for name in ("f", "v", "c", "t", "is"))
_ELSEWHERE = re.compile(r"\[[^\]]*\][^,;()]*!|'[^']*[\\/:][^']*'!|\[\d+\]!")
"""A reference to another workbook: ``[1]Sheet1!A1``, ``'C:\\dir\\[Book.xlsx]Sheet'!A1``, ``[1]!Name``."""
_TELLS = re.compile(
    r"\b(?:INFO|RTD|CALL|REGISTER\.ID|WEBSERVICE|IMAGE|DDE|SQL\.REQUEST|EUROCONVERT|CUBE[A-Z]+)\s*\(|[^|]\|[^|!]+!",
    re.IGNORECASE,
)
"""Functions that ask the machine, the network or another program; ``app|topic!item`` is a DDE link."""
_CELL = re.compile(r"\bCELL\s*\(", re.IGNORECASE)
_EXCELS_OWN = re.compile(r"(?:Table|Pivot)Style(?:Light|Medium|Dark)\d+")
_PATHLIKE = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\|/|file:)")


_NOT_CELLS = names_in(
    """controls oleObjects customProperties customSheetViews legacyDrawing cellWatches smartTags webPublishItems scenarios
    dataConsolidate protectedRanges AlternateContent"""
)


def workbook(root: Element, part: Part) -> None:
    """Sheets, names and nothing of who opened it where."""
    for each in list(root):
        name = local(tag_of(each))
        if name in (
            "fileSharing",
            "fileVersion",
            "fileRecoveryPr",
            "AlternateContent",
            "revisionPtr",
            "absPath",
        ):
            _note_all(each, part)
            remove(each)
        elif name in (
            "externalReferences",
            "pivotCaches",
            "customWorkbookViews",
            "oleSize",
            "webPublishing",
            "smartTagPr",
        ):
            part.findings.add(Trace.HISTORY if name == "customWorkbookViews" else Trace.EMBEDDED, name)
            remove(each)
    for each in root.iter(f"{{{S}}}workbookPr"):
        if code := each.get("codeName"):
            part.findings.add(Trace.ACTIVE, "codeName", code)
    for each in list(root.iter(f"{{{S}}}definedName")):
        text = each.text or ""
        if (
            _elsewhere(text)
            or _TELLS.search(text)
            or each.get("function") in ("1", "true")
            or each.get("vbProcedure")
        ):
            part.findings.add(Trace.PATH, "definedName", f"{each.get('name', '')} {text}")
            remove(each)
            continue
        if comment := each.get("comment"):
            part.findings.add(Trace.COMMENT, "definedName comment", comment)
        part.package.notes.text(each.get("name", ""))
        if text.startswith('"'):
            part.package.notes.text(text)
    for names in list(root.iter(f"{{{S}}}definedNames")):
        if not len(names):
            remove(names)
    for each in list(root.iter(f"{{{S}}}sheet")):
        if not part.follows(each.get(_ID)):
            part.findings.add(Trace.ACTIVE, "sheet", each.get("name", ""))
            remove(each)
            continue
        part.package.notes.text(each.get("name", ""))
        if each.get("state", "visible") != "visible":
            # It stays, since cells that are seen may be computed from it; its words are read for the word list.
            part.package.notes.keep(Left.NOT_SHOWN)


def _note_all(element: Element, part: Part) -> None:
    for each in element.iter():
        for key, value in each.attrib.items():
            name = local(str(key))
            trace = {
                "userName": Trace.AUTHOR,
                "url": Trace.PATH,
                "appName": Trace.SOFTWARE,
                "lastEdited": Trace.SOFTWARE,
                "lowestEdited": Trace.SOFTWARE,
                "rupBuild": Trace.SOFTWARE,
                "documentId": Trace.IDENTIFIER,
                "coauthVersionLast": Trace.HISTORY,
            }.get(name)
            if trace and not (trace is Trace.PATH and "absPath" not in tag_of(each)):
                part.findings.add(trace, f"{local(tag_of(each))} {name}", str(value))


def sheet(root: Element, part: Part) -> None:
    """A sheet's cells, widths, formats and drawings."""
    for each in list(root):
        name = local(tag_of(each))
        if name in _NOT_CELLS:
            trace = {
                "customSheetViews": Trace.HISTORY,
                "legacyDrawing": Trace.COMMENT,
                "scenarios": Trace.COMMENT,
            }.get(name, Trace.EMBEDDED)
            user = " ".join(each.get("user") or "" for each in each.iter() if each.get("user"))
            part.findings.add(trace, name, user)
            remove(each)
    _cells(root, part)
    if any(each.get("hidden", "0") in ("1", "true") for each in root.iter(f"{{{S}}}row", f"{{{S}}}col")):
        part.package.notes.keep(Left.NOT_SHOWN)
    for each in list(root.iter(f"{{{S}}}formula", f"{{{S}}}formula1", f"{{{S}}}formula2", "{*}f")):
        if each.tag != _F and _elsewhere(each.text or ""):
            part.findings.add(Trace.PATH, local(tag_of(each)), each.text or "")
            parent = each.getparent()
            remove(each if parent is None else parent)
    for each in root.iter(f"{{{S}}}dataValidation"):
        for key in ("promptTitle", "prompt", "errorTitle", "error"):
            part.package.notes.text(each.get(key, ""))
    for each in root.iter(f"{{{S}}}formula", f"{{{S}}}formula1", f"{{{S}}}formula2"):
        _say_literals(each.text or "", part)
    for each in root.iter(
        f"{{{S}}}cfRule", f"{{{S}}}filter", f"{{{S}}}customFilter", f"{{{S}}}sortCondition"
    ):
        for key in ("text", "val", "customList"):
            part.package.notes.text(each.get(key, ""))
    for view in root.iter(f"{{{S}}}sheetView"):
        for selection in view.findall(f"{{{S}}}selection"):
            # Where the writer's cursor stood.
            view.remove(selection)
        attribute(view, "topLeftCell")
    _links(root, part)
    _headers(root, part)


def _cells(root: Element, part: Part) -> None:
    used = part.package.context.setdefault("strings", set())
    shared: set[str] = set()
    for row in root.iter(f"{{{S}}}row"):
        words: list[str] = []
        for cell in row:
            kind = cell.get("t", "n")
            for each in list(cell):
                if each.tag == _V:
                    if kind == "s":
                        cast("set[str]", used).add((each.text or "").strip())
                    elif kind not in ("b", "e"):
                        words.append(each.text or "")
                elif each.tag == _F:
                    _formula(cell, each, shared, part)
                elif each.tag == _IS:
                    words.append("".join(text.text or "" for text in each.iter(_T)))
        if words:
            part.package.notes.text(" ".join(words))
    if shared:
        # The cells that took their formula from one that is gone.
        for each in list(root.iter(_F)):
            if each.get("t") == "shared" and each.get("si") in shared:
                remove(each)


def _formula(cell: Element, formula: Element, shared: set[str], part: Part) -> None:
    """A formula that reaches out of the workbook goes; the value that it had stays."""
    text = formula.text or ""
    asks_cell = _CELL.search(text) is not None
    if not (asks_cell or _elsewhere(text) or _TELLS.search(text)):
        _say_literals(text, part)
        return
    part.findings.add(Trace.PATH, "formula", text)
    if formula.get("t") == "shared":
        shared.add(formula.get("si", ""))
    cell.remove(formula)
    if asks_cell:
        _shorten(cell, part)


def _say_literals(formula: str, part: Part) -> None:
    """Words within a formula, which show when a cell is chosen; each once, since a column repeats them."""
    if '"' not in formula:
        return
    said = cast("set[str]", part.package.context.setdefault("literals", set()))
    for words in re.findall(r'"([^"]+)"', formula):
        if words not in said:
            said.add(words)
            part.package.notes.text(words)


def _shorten(cell: Element, part: Part) -> None:
    """``CELL("filename")`` shows the path of the workbook: what stays is the file's and the sheet's name."""
    for value in cell.iter(_V):
        text = value.text or ""
        if _PATHLIKE.match(text):
            part.findings.add(Trace.PATH, "cell", text)
            value.text = text[text.rfind("[") :] if "[" in text else re.split(r"[\\/]", text)[-1]


def _elsewhere(formula: str) -> bool:
    # Structured references ([Column]) have brackets too: only one before an exclamation mark is another workbook.
    return PLACE.search(formula) is not None or (
        "!" in formula
        and ("[" in formula or "\\" in formula or "file:" in formula)
        and bool(_ELSEWHERE.search(formula))
    )


def _links(root: Element, part: Part) -> None:
    for link in list(root.iter(f"{{{S}}}hyperlink")):
        id_ = link.get(_ID)
        relation = part.relations.get(id_ or "")
        if id_ and (relation is None or not relation.target.lower().startswith(SAFE_SCHEMES)):
            part.findings.add(Trace.PATH, "hyperlink", relation.target if relation else "")
            remove(link)
            continue
        part.package.notes.text(link.get("location", ""))
        for key in ("tooltip", "display"):
            if text := link.get(key):
                if ooxml_drawing.looks_like_a_path(text):
                    part.findings.add(Trace.PATH, f"hyperlink {key}", text)
                    del link.attrib[key]
                else:
                    part.package.notes.text(text)
    for links in list(root.iter(f"{{{S}}}hyperlinks")):
        if not len(links):
            remove(links)


_HEADER_CODES = re.compile(r"&[ZDTF]")


def _headers(root: Element, part: Part) -> None:
    """Headers may show the path, the file's name, the date of printing: ``&Z``, ``&F``, ``&D``, ``&T``."""
    for each in root.iter(f"{{{S}}}headerFooter"):
        for text in each:
            words = text.text or ""
            if "&Z" in words or "&D" in words or "&T" in words:
                part.findings.add(Trace.PATH, "header code", words)
                text.text = re.sub(r"&[ZDT]", "", words)
            part.package.notes.text(re.sub(r'&"[^"]*"|&[A-Za-z0-9]', " ", words))


def strings(root: Element, part: Part) -> None:
    """The texts of all cells. Those that no cell uses any more are the history of the sheet."""
    used = cast("set[str]", part.package.context.get("strings", set()))
    for number, each in enumerate(root.iter(f"{{{S}}}si")):
        words = "".join(text.text or "" for text in each.iter(_T))
        if str(number) not in used and words:
            part.findings.add(Trace.HISTORY, "unused string", words)
            for child in list(each):
                each.remove(child)
            each.append(each.makeelement(_T, {}))
        elif words:
            part.package.notes.text(words)


def styles(root: Element, part: Part) -> None:
    """Names of styles come in the language of the program, or are an organisation's own."""
    taken: set[str] = set()
    for number, each in enumerate(root.iter(f"{{{S}}}cellStyle"), 1):
        builtin = each.get("builtinId")
        new = "Normal" if builtin == "0" and "Normal" not in taken else f"Style {number}"
        taken.add(new)
        if each.get("name") != new:
            if builtin is None:
                part.findings.add(Trace.SOFTWARE, "style name", each.get("name", ""))
            each.set("name", new)
    for each in root.iter(f"{{{S}}}numFmt"):
        _say_literals(each.get("formatCode", ""), part)
    for each in root.iter(f"{{{S}}}tableStyle"):
        _rename_table_style(each, part)
    for each in list(root.iter(f"{{{S}}}mruColors")):
        part.findings.add(Trace.HISTORY, "mruColors")
        remove(each)


def _rename_table_style(element: Element, part: Part) -> None:
    """As ``styles``: the table's look that this element is, or names."""
    name = element.get("name", "")
    if not name or _EXCELS_OWN.fullmatch(name):
        return
    known = cast("dict[str, str]", part.package.context.setdefault("table styles", {}))
    element.set("name", known.setdefault(name, f"Table Style {len(known) + 1}"))
    if name != known[name]:
        part.findings.add(Trace.SOFTWARE, "table style name", name)


def table(root: Element, part: Part) -> None:
    """A table over cells; its source, if it came from a query, goes."""
    for key in ("comment", "connectionId"):
        if value := root.get(key):
            part.findings.add(Trace.COMMENT if key == "comment" else Trace.PATH, f"table {key}", value)
    for each in list(root.iter(f"{{{S}}}calculatedColumnFormula", f"{{{S}}}totalsRowFormula")):
        if _elsewhere(each.text or "") or _TELLS.search(each.text or "") or _CELL.search(each.text or ""):
            part.findings.add(Trace.PATH, local(tag_of(each)), each.text or "")
            remove(each)
    for each in root.iter(f"{{{S}}}tableStyleInfo"):
        _rename_table_style(each, part)
    if root.get("tableType") in ("queryTable", "xml"):
        del root.attrib["tableType"]
    for each in root.iter():
        for key in ("name", "displayName", "totalsRowLabel"):
            if text := each.get(key):
                part.package.notes.text(text)


def drawing(root: Element, part: Part) -> None:
    """Pictures, shapes and charts that lie on a sheet."""
    for each in root.iter():
        if (link := each.get("textlink")) and _elsewhere(link):
            part.findings.add(Trace.PATH, "textlink", attribute(each, "textlink"))
    ooxml_drawing.clean_drawings(root, part)
    ooxml_drawing.say_paragraphs(root, part)


def header_pictures(root: Element, part: Part) -> None:
    """VML with the pictures of printed headers."""
    for each in list(root.iter("{urn:schemas-microsoft-com:office:excel}ClientData")):
        remove(each)
    for each in root.iter(f"{{{V}}}imagedata"):
        for key in list(each.attrib):
            if local(str(key)) in ("title", "href", "src"):
                part.findings.add(Trace.PATH, f"imagedata {local(str(key))}", str(each.attrib.pop(key)))
    ooxml_drawing.clean_drawings(root, part)


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
MAIN = f"{_SHEET}sheet.main+xml"
TEMPLATE = f"{_SHEET}template.main+xml"


def kinds(main: str = MAIN) -> dict[str, Kind]:
    """Relations that a workbook may have."""
    return {
        **ooxml_drawing.kinds("xl"),
        "officeDocument": Kind("xl/workbook.xml", main, clean=workbook),
        "worksheet": Kind("xl/worksheets/sheet{}.xml", f"{_SHEET}worksheet+xml", clean=sheet),
        "chartsheet": Kind("xl/chartsheets/sheet{}.xml", f"{_SHEET}chartsheet+xml", clean=sheet),
        "sharedStrings": Kind(
            "xl/sharedStrings.xml", f"{_SHEET}sharedStrings+xml", implied=True, clean=strings
        ),
        "styles": Kind("xl/styles.xml", f"{_SHEET}styles+xml", implied=True, clean=styles),
        "table": Kind("xl/tables/table{}.xml", f"{_SHEET}table+xml", clean=table),
        "drawing": Kind(
            "xl/drawings/drawing{}.xml",
            "application/vnd.openxmlformats-officedocument.drawing+xml",
            clean=drawing,
        ),
        "vmlDrawing": Kind(
            "xl/drawings/vmlDrawing{}.vml",
            "application/vnd.openxmlformats-officedocument.vmlDrawing",
            clean=header_pictures,
        ),
    }
