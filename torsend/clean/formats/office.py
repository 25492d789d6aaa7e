"""Office Open XML and the older binary formats: which one some bytes are, and the cleaners of those that can be cleaned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import docx, leftovers, pptx, xlsx
from torsend.clean.formats.format import Format, NotCleanable, Notes, Writer
from torsend.clean.formats.opc import CONTENT_TYPES, Kind, Package
from torsend.clean.formats.xml_part import parse
from torsend.clean.formats.zip_package import ZipReader
from torsend.clean.report import Left, Why

if TYPE_CHECKING:
    from collections.abc import Mapping

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PIECE = 1 << 20


def clean(kinds: Mapping[str, Kind], folder: str, source: BinaryIO, out: Writer, notes: Notes) -> None:
    """Cleans one document of Office Open XML."""
    reader = ZipReader(source)
    package = Package(reader, notes, kinds, folder)
    roots = package.relations_of("")
    if any("digital-signature" in each.type for each in roots.values()):
        raise NotCleanable(Why.SIGNED)
    main = next(
        (each.target for each in roots.values() if each.kind == "officeDocument" and not each.external), None
    )
    if main is None:
        raise NotCleanable(Why.DAMAGED)
    package.clean(main, "officeDocument", out)
    leftovers.tell(package.left_behind(), package.read, package.findings)
    if reader.comment:
        leftovers.comment(reader.comment, package.findings)
    notes.keep(Left.WORDS)
    notes.keep(Left.LAYOUT)


def _never(_beginning: bytes) -> bool:
    """These are known by what lies in the package, not by their first bytes: see ``recognise``."""
    return False


_OFFICE = "application/vnd.openxmlformats-officedocument."

DOCX, DOTX = (
    Format(
        name,
        f"{_OFFICE}wordprocessingml.{kind}",
        _never,
        partial(clean, docx.kinds(main), "word"),
        ("document", ending),
    )
    for name, kind, main, ending in (
        ("DOCX", "document", docx.MAIN, ".docx"),
        ("DOTX", "template", docx.TEMPLATE, ".dotx"),
    )
)
XLSX, XLTX = (
    Format(
        name,
        f"{_OFFICE}spreadsheetml.{kind}",
        _never,
        partial(clean, xlsx.kinds(main), "xl"),
        ("table", ending),
    )
    for name, kind, main, ending in (
        ("XLSX", "sheet", xlsx.MAIN, ".xlsx"),
        ("XLTX", "template", xlsx.TEMPLATE, ".xltx"),
    )
)
PPTX, POTX, PPSX = (
    Format(
        name,
        f"{_OFFICE}presentationml.{kind}",
        _never,
        partial(clean, pptx.kinds(main), "ppt"),
        ("slides", ending),
    )
    for name, kind, main, ending in (
        ("PPTX", "presentation", pptx.MAIN, ".pptx"),
        ("POTX", "template", pptx.TEMPLATE, ".potx"),
        ("PPSX", "slideshow", pptx.SHOW, ".ppsx"),
    )
)

# Documents with macros become documents without: all that is lost are the macros, and the result needs another ending.
_MAIN_TYPES = {
    docx.MAIN: DOCX,
    docx.TEMPLATE: DOTX,
    "application/vnd.ms-word.document.macroEnabled.main+xml": DOCX,
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml": DOTX,
    xlsx.MAIN: XLSX,
    xlsx.TEMPLATE: XLTX,
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml": XLSX,
    "application/vnd.ms-excel.template.macroEnabled.main+xml": XLTX,
    pptx.MAIN: PPTX,
    pptx.TEMPLATE: POTX,
    pptx.SHOW: PPSX,
    "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml": PPTX,
    "application/vnd.ms-powerpoint.template.macroEnabled.main+xml": POTX,
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml": PPSX,
}


def formats() -> tuple[Format, ...]:
    """All that can be cleaned."""
    return (DOCX, DOTX, XLSX, XLTX, PPTX, POTX, PPSX)


def recognise(reader: ZipReader) -> Format | None:
    """The format of a ZIP package, ``None`` if it is no office document.

    Raises:
        NotCleanable: an office document of a kind that isn't known here.
    """
    types = next((each for each in reader.members if each.name == CONTENT_TYPES), None)
    if types is None:
        return None
    for each in parse(reader.read(types), CONTENT_TYPES):
        format_ = _MAIN_TYPES.get(each.get("ContentType", ""))
        if format_ is not None:
            return format_
    raise NotCleanable(Why.UNKNOWN_FORMAT)


def refuse_ole(source: BinaryIO) -> None:
    """Says of a compound file (MS-CFB) what it is: its streams' names stand in it as UTF-16.

    Raises:
        NotCleanable: always.
    """
    source.seek(0)
    seen = b""
    why = Why.UNKNOWN_FORMAT
    while piece := source.read(_PIECE):
        seen = seen[-64:] + piece
        if "EncryptedPackage".encode("utf-16-le") in seen:
            raise NotCleanable(Why.ENCRYPTED)
        if any(
            name.encode("utf-16-le") in seen
            for name in ("WordDocument", "Workbook", "Book", "PowerPoint Document")
        ):
            why = Why.OLD_OFFICE
    raise NotCleanable(why)
