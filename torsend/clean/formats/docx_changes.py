"""Tracked changes of Word, accepted: what was put in stays, what was struck out goes, and nobody is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.clean.formats.ooxml_names import W
from torsend.clean.formats.xml_part import Element, local, remove, tag_of, text_of, unwrap
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from torsend.clean.formats.xml_part import Findings


def _w(names: str) -> tuple[str, ...]:
    return tuple(f"{{{W}}}{name}" for name in names.split())


_INSERTED = _w("ins moveTo")
_DELETED = _w("del moveFrom")
_FORMER = _w(
    "rPrChange pPrChange sectPrChange tblPrChange tblGridChange trPrChange tcPrChange tblPrExChange numberingChange cellIns"
    " cellMerge"
)
_RANGES = _w(
    "moveFromRangeStart moveFromRangeEnd moveToRangeStart moveToRangeEnd customXmlInsRangeStart customXmlInsRangeEnd"
    " customXmlDelRangeStart customXmlDelRangeEnd customXmlMoveFromRangeStart customXmlMoveFromRangeEnd"
    " customXmlMoveToRangeStart customXmlMoveToRangeEnd commentRangeStart commentRangeEnd permStart permEnd proofErr"
    " lastRenderedPageBreak"
)
_P, _PPR, _TC, _TR, _TBL = (f"{{{W}}}{name}" for name in ("p", "pPr", "tc", "tr", "tbl"))


def accept(root: Element, findings: Findings) -> None:
    """Changes the tree into what is shown once all changes are accepted."""
    if root.find(".//{*}commentReference") is not None:
        for each in list(root.iter(f"{{{W}}}commentReference", f"{{{W}}}annotationRef")):
            findings.add(Trace.COMMENT, local(tag_of(each)))
            remove(each)
    for each in list(root.iter(*_FORMER, *_RANGES)):
        _note(each, findings)
        remove(each)
    _accept_rows_and_cells(root, findings)
    struck = [each for each in root.iter(_P) if each.find(f"{_PPR}/{{{W}}}rPr/{{{W}}}del") is not None]
    struck += [each for each in root.iter(_P) if each.find(f"{_PPR}/{{{W}}}rPr/{{{W}}}moveFrom") is not None]
    for each in list(root.iter(*_DELETED)):
        _note(each, findings)
        remove(each)
    for each in list(root.iter(f"{{{W}}}delText", f"{{{W}}}delInstrText")):
        findings.add(Trace.HISTORY, local(tag_of(each)), each.text or "")
        remove(each)
    for each in list(root.iter(*_INSERTED)):
        _note(each, findings)
        unwrap(each)
    # From the end: else the text of a long run of them would be carried along from each to the next.
    for each in reversed(struck):
        _join_to_next(each)
    for cell in root.iter(_TC):
        # A cell ends with a paragraph, else Word calls the document broken.
        if not len(cell) or cell[-1].tag != _P:
            cell.append(cell.makeelement(_P, {}))


def _accept_rows_and_cells(root: Element, findings: Findings) -> None:
    for row in list(root.iter(_TR)):
        if row.find(f"{{{W}}}trPr/{{{W}}}del") is not None:
            findings.add(Trace.HISTORY, "deleted row", text_of([row]))
            _note(row.find(f"{{{W}}}trPr/{{{W}}}del"), findings)
            remove(row)
    for cell in list(root.iter(_TC)):
        if cell.find(f"{{{W}}}tcPr/{{{W}}}cellDel") is not None:
            findings.add(Trace.HISTORY, "deleted cell", text_of([cell]))
            _note(cell.find(f"{{{W}}}tcPr/{{{W}}}cellDel"), findings)
            remove(cell)


def drop_hollow_tables(root: Element) -> None:
    """A row whose last cell went is none, nor is a table whose last row went, and Word calls a document with one broken."""
    for row in list(root.iter(_TR)):
        if row.find(f".//{_TC}") is None:
            remove(row)
    for table in list(root.iter(_TBL)):
        if table.find(f".//{_TR}") is None:
            remove(table)


def _join_to_next(paragraph: Element) -> None:
    """The mark that ends this paragraph was struck out: what is left of it opens the next one."""
    following = paragraph.getnext()
    rest = [each for each in paragraph if each.tag != _PPR]
    if following is None or following.tag != _P:
        parent = paragraph.getparent()
        if (
            not rest
            and parent is not None
            and sum(1 for each in parent if each.tag == _P) > 1
            and not _ends_section(paragraph)
        ):
            remove(paragraph)
        return
    if _ends_section(paragraph):
        return
    at = 1 if len(following) and following[0].tag == _PPR else 0
    for offset, each in enumerate(rest):
        following.insert(at + offset, each)
    remove(paragraph)


def _ends_section(paragraph: Element) -> bool:
    return paragraph.find(f"{_PPR}/{{{W}}}sectPr") is not None


def forget_revisions(root: Element, findings: Findings) -> None:
    """The numbers of all sessions in which the document was edited."""
    for each in list(root.iter(f"{{{W}}}rsids")):
        findings.add(Trace.HISTORY, "rsids", str(len(each)))
        remove(each)


def _note(element: Element | None, findings: Findings) -> None:
    if element is None:
        return
    name = local(tag_of(element))
    if name in ("proofErr", "lastRenderedPageBreak"):
        findings.add(Trace.HISTORY, name)
        return
    for key, trace in (("author", Trace.AUTHOR), ("ed", Trace.AUTHOR), ("date", Trace.DATE)):
        if value := element.get(f"{{{W}}}{key}"):
            findings.add(trace, f"{name} {key}", value)
    findings.add(Trace.COMMENT if name.startswith("comment") else Trace.HISTORY, name, text_of([element]))
