"""The same file through mat2 and through ours, and what exiftool and mat2 find in each afterwards.

``python -m tests.clean.comparison`` prints it as a table.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pillow_heif

from tests.clean import films, office_documents, pictures, sounds
from tests.clean.cleaning import cleaned
from tests.clean.harmless import harmless_anywhere
from tests.clean.planted_pdf import planted_pdf
from tests.clean.yardstick import Mat2Refused, identifying, mat2_cleans, mat2_says
from torsend.clean.report import Report

WREN = sounds.WREN
"""A name that stands in each of the originals."""

SHARED = {
    "DOTX": "DOCX", "XLTX": "XLSX", "POTX": "PPTX", "PPSX": "PPTX", "OTT": "ODT", "OTS": "ODS", "OTP": "ODP",
}  # fmt: skip
"""Templates and shows: the same packages, cleaned by the same code, under another type. mat2 knows none of them."""


UNKNOWN_TO_EXIFTOOL = frozenset({"TAR", "TAR.BZ2", "TAR.XZ"})
"""Of these it only says that it doesn't know them; mat2 looks into them."""


@dataclass(frozen=True)
class Compared:
    """A file, and what both make of it.

    Attributes:
        report: ours.
        original, ours: the files.
    """

    report: Report
    original: Path
    ours: Path

    @cached_property
    def theirs(self) -> Path | None:
        """mat2's result; None: it doesn't know the format, or can't clean this file."""
        try:
            return mat2_cleans(self.original)
        except Mat2Refused:
            return None

    def mat2_in_ours(self) -> dict[str, str]:
        """What mat2 finds in ours, but for what it leaves itself and shows again."""
        found = mat2(self.ours) or {}
        if not found or self.theirs is None:
            return found
        own = (mat2(self.theirs) or {}).items()
        return {tag: value for tag, value in found.items() if (tag, value) not in own}


def _picture(kind: str, ending: str, **options: object) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        made = folder / f"picture{ending}"
        pictures.stamped(pictures.saved(pictures.drawing(), kind, **options), made)
        return made

    return make


def _heic(folder: Path) -> Path:
    pillow_heif.register_heif_opener()
    return _picture("HEIF", ".heic")(folder)


_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>{WREN}</dc:creator>'
    f"<cp:lastModifiedBy>{WREN}</cp:lastModifiedBy><cp:revision>7</cp:revision>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">2020-01-02T03:04:05Z</dcterms:created></cp:coreProperties>'
)
_APP = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    f"<Application>Rowan Writer</Application><Company>{WREN} Ltd</Company><TotalTime>99</TotalTime></Properties>"
)
_CORE_TYPE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"


_TYPES = {
    "docProps/core.xml": "package.core-properties",
    "docProps/app.xml": "officedocument.extended-properties",
    "word/settings.xml": "officedocument.wordprocessingml.settings",
    "word/styles.xml": "officedocument.wordprocessingml.styles",
    "word/numbering.xml": "officedocument.wordprocessingml.numbering",
    "xl/worksheets/sheet1.xml": "officedocument.spreadsheetml.worksheet",
    "xl/sharedStrings.xml": "officedocument.spreadsheetml.sharedStrings",
    "xl/styles.xml": "officedocument.spreadsheetml.styles",
    "ppt/slides/slide1.xml": "officedocument.presentationml.slide",
    "ppt/slideLayouts/slideLayout1.xml": "officedocument.presentationml.slideLayout",
    "ppt/slideMasters/slideMaster1.xml": "officedocument.presentationml.slideMaster",
}


def _office(kind: str, make: Callable[..., bytes]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        made = folder / f"document.{kind}"
        links = {
            "": [
                office_documents.Link("rIdC", _CORE_TYPE, "docProps/core.xml"),
                office_documents.Link("rIdA", "extended-properties", "docProps/app.xml"),
            ]
        }
        members = {"docProps/core.xml": _CORE, "docProps/app.xml": _APP}
        with zipfile.ZipFile(io.BytesIO(make(members=members, more_links=links))) as package:
            parts = {each: package.read(each) for each in package.namelist()}
        # mat2 goes by the type of each part, as Office names them all.
        types = "".join(
            f'<Override PartName="/{each}" ContentType="application/vnd.openxmlformats-{type_}+xml"/>'
            for each, type_ in _TYPES.items()
            if each in parts
        )
        named = parts["[Content_Types].xml"].replace(b"</Types>", f"{types}</Types>".encode())
        made.write_bytes(office_documents.pack({**parts, "[Content_Types].xml": named}))
        return made

    return write


def _open_document(kind: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        made = folder / f"document.{kind}"
        oasis = "urn:oasis:names:tc:opendocument:xmlns:"
        meta = (
            f'<office:document-meta xmlns:office="{oasis}office:1.0" xmlns:meta="{oasis}meta:1.0"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta><meta:generator>Rowan Writer</meta:generator>'
            f"<meta:initial-creator>{WREN}</meta:initial-creator><dc:creator>{WREN}</dc:creator>"
            "<dc:date>2020-01-02T03:04:05</dc:date></office:meta></office:document-meta>"
        )
        entry = '<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/>'
        made.write_bytes(office_documents.odf(kind, members={"meta.xml": meta}, manifest=entry))
        return made

    return write


def _pdf(folder: Path) -> Path:
    made = folder / "document.pdf"
    made.write_bytes(planted_pdf())
    return made


def _svg(folder: Path) -> Path:
    made = folder / "drawing.svg"
    made.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
        ' width="30" height="20" viewBox="0 0 30 20" inkscape:version="1.2">'
        f'<!-- {WREN} --><title>{WREN}</title><metadata>{WREN}</metadata><rect width="30" height="20"/></svg>'
    )
    return made


def _members(folder: Path) -> list[Path]:
    note = folder / "note.txt"
    note.write_text("Hello.")
    return [_picture("PNG", ".png")(folder), note]


def _zip(folder: Path) -> Path:
    made = folder / "archive.zip"
    with zipfile.ZipFile(made, "w") as archive:
        archive.comment = WREN.encode()
        for each in _members(folder):
            archive.write(each, each.name)
    return made


def _tar(ending: str, pack: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        made = folder / f"archive{ending}"
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            for each in _members(folder):
                info = archive.gettarinfo(each, each.name)
                info.uname = info.gname = WREN
                archive.addfile(info, io.BytesIO(each.read_bytes()))
        made.write_bytes(pack(out.getvalue()))
        return made

    return write


def _text(folder: Path) -> Path:
    made = folder / "text.txt"
    made.write_text("Hello.\n")
    return made


MAKERS: dict[str, Callable[[Path], Path]] = {
    "JPEG": _picture("JPEG", ".jpg"),
    "PNG": _picture("PNG", ".png"),
    "GIF": _picture("GIF", ".gif"),
    "WebP": _picture("WEBP", ".webp"),
    "TIFF": _picture("TIFF", ".tif"),
    "HEIC": _heic,
    "MOV": films.FILMS["MOV of a phone"],
    "M4A": films.FILMS["M4A"],
    "MP4": films.FILMS["MP4 of a phone"],
    "FLAC": sounds.SOUNDS["FLAC"],
    "Ogg Vorbis": sounds.SOUNDS["Vorbis"],
    "Opus": sounds.SOUNDS["Opus"],
    "WAV": sounds.SOUNDS["WAV with everything"],
    "MP3": sounds.SOUNDS["MP3 even"],
    "PDF": _pdf,
    "DOCX": _office("docx", office_documents.docx),
    "XLSX": _office("xlsx", office_documents.xlsx),
    "PPTX": _office("pptx", office_documents.pptx),
    "ODT": _open_document("odt"),
    "ODS": _open_document("ods"),
    "ODP": _open_document("odp"),
    "ZIP": _zip,
    "TAR": _tar(".tar", bytes),
    "TAR.GZ": _tar(".tar.gz", gzip.compress),
    "TAR.BZ2": _tar(".tar.bz2", bz2.compress),
    "TAR.XZ": _tar(".tar.xz", lzma.compress),
    "SVG": _svg,
    "TEXT": _text,
}


def compare(kind: str, folder: Path) -> Compared:
    """Makes a file of this format and cleans it."""
    original = MAKERS[kind](folder)
    report, result = cleaned(original.read_bytes())
    ours = original.with_name(f"ours{''.join(original.suffixes)}")
    ours.write_bytes(result)
    return Compared(report, original, ours)


def exiftool(kind: str, path: Path) -> dict[str, str]:
    """What exiftool finds in a file of this format beyond the allowlist."""
    found = identifying(path)
    if kind in UNKNOWN_TO_EXIFTOOL:
        assert set(found.values()) <= {"Unsupported file type", "Unknown file type"}
        return {}
    return found


def mat2(path: Path) -> dict[str, str] | None:
    """What mat2 finds beyond the allowlist, in the members of an archive too; None: it doesn't know the format."""
    try:
        said = list(_flat(mat2_says(path)))
    except Mat2Refused:
        return None
    return {tag: value for tag, value in said if not harmless_anywhere(tag.rpartition(" ")[2], value)}


def _flat(said: dict[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    """What mat2 says of the members of an archive, too."""
    for tag, value in said.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{tag} ")
        else:
            yield before + tag, str(value)


def _cell(found: dict[str, str] | None) -> str:
    if found is None:
        return "–"
    names = sorted({tag.rpartition(":")[2] for tag in found})
    return f"{len(found)}: {', '.join(names[:4])}{' …' if len(names) > 4 else ''}" if found else "nothing"


def main() -> None:
    """Prints the table."""
    columns = (
        "exiftool before",
        "after ours",
        "after mat2",
        "mat2 before",
        "after ours",
        "after mat2",
        "verdict",
    )
    print("| format |", " | ".join(columns), "|")
    print("|" + " --- |" * (len(columns) + 1))
    for kind in MAKERS:
        with tempfile.TemporaryDirectory() as folder:
            found = compare(kind, Path(folder))
            files = (found.original, found.ours, found.theirs)
            cells = [_cell(exiftool(kind, each) if each is not None else None) for each in files]
            cells += [_cell(mat2(each) if each is not None else None) for each in files]
        print("|", " | ".join((kind, *cells, found.report.verdict)), "|", flush=True)


if __name__ == "__main__":
    main()
