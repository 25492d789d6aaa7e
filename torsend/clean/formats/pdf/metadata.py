"""What a PDF says of itself, beside its pages. None of it comes along; it is read to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torsend.clean.formats.exif import tell_xmp
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.pdf.read import is_fields, is_stream, is_string, items, shown
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes
    from torsend.clean.formats.pdf.read import Reading

INFO = {
    "Author": Trace.AUTHOR, "Title": Trace.COMMENT, "Subject": Trace.COMMENT, "Keywords": Trace.COMMENT,
    "Creator": Trace.SOFTWARE, "Producer": Trace.SOFTWARE, "CreationDate": Trace.DATE, "ModDate": Trace.DATE,
    "Company": Trace.AUTHOR, "Manager": Trace.AUTHOR, "SourceModified": Trace.DATE, "PTEX.Fullbanner": Trace.SOFTWARE,
}  # fmt: skip
CATALOG = {
    "OpenAction": Trace.ACTIVE, "AA": Trace.ACTIVE, "StructTreeRoot": Trace.HISTORY, "PieceInfo": Trace.SOFTWARE,
    "OutputIntents": Trace.DEVICE, "AF": Trace.EMBEDDED, "Lang": Trace.OTHER, "URI": Trace.PATH, "Threads": Trace.OTHER,
    "SpiderInfo": Trace.PATH, "Legal": Trace.OTHER, "DSS": Trace.OTHER, "AcroForm": Trace.OTHER,
}  # fmt: skip
MOST_VALUES = 500


def note_info(trailer: Any, notes: Notes) -> None:
    """The document's information and its identifiers."""
    info = trailer.get("/Info")
    if is_fields(info):
        for key in info.keys():  # noqa: SIM118  # no mapping
            value = info.get(key)
            notes.remove(INFO.get(key[1:], Trace.OTHER), key[1:], shown(value))
    identifiers = list(items(trailer.get("/ID")))
    if identifiers:
        value = bytes(identifiers[0]).hex() if is_string(identifiers[0]) else ""
        notes.remove(Trace.IDENTIFIER, "ID", value)


def note_catalog(catalog: Any, reading: Reading) -> None:
    """What hangs on the document as a whole."""
    notes = reading.notes
    note_xmp(catalog.get("/Metadata"), reading)
    for key, trace in CATALOG.items():
        value = catalog.get(f"/{key}")
        if value is not None:
            notes.remove(trace, key, shown(value))
    names = catalog.get("/Names")
    if not is_fields(names):
        return
    for value in _leaves(names.get("/EmbeddedFiles")):
        called = value.get("/UF") if value.get("/UF") is not None else value.get("/F")
        notes.remove(Trace.EMBEDDED, "embedded file", shown(called))
    for value in _leaves(names.get("/JavaScript")):
        notes.remove(Trace.ACTIVE, "JavaScript", shown(value.get("/JS")))


def note_xmp(stream: Any, reading: Reading) -> None:
    """The values of an XMP packet, by their own names."""
    if not is_stream(stream):
        return
    try:
        tell_xmp(reading.data(stream), reading.notes)
    except NotCleanable:
        reading.notes.remove(Trace.COMMENT, "XMP")


def _leaves(tree: Any) -> list[Any]:
    """The values of a tree of names, as far as they are dictionaries."""
    out: list[Any] = []
    pending, seen = [tree], 0
    while pending and seen < MOST_VALUES:
        node = pending.pop()
        seen += 1
        if is_fields(node):
            out.extend(each for each in list(items(node.get("/Names")))[1::2] if is_fields(each))
            pending.extend(items(node.get("/Kids")))
    return out
