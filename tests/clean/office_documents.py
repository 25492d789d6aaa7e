"""Office documents written piece by piece, so that each trace can be planted where programs leave it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from tests.clean.imports import as_in_the_child
from torsend.clean.formats import packages
from torsend.clean.formats.format import Notes

PLANTED = "Zwiebelmuster"
"""Stands wherever a trace would; must be nowhere in what comes out."""
KEPT = "Kettle and kelp"
"""Stands in the visible text; must be there still."""

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": W,
        "r": R,
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "dsp": "http://schemas.microsoft.com/office/drawing/2008/diagram",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "xdr": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wp14": "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "w15": "http://schemas.microsoft.com/office/word/2012/wordml",
        "p14": "http://schemas.microsoft.com/office/powerpoint/2010/main",
        "a16": "http://schemas.microsoft.com/office/drawing/2014/main",
        "x14": "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main",
        "x14ac": "http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac",
        "x15": "http://schemas.microsoft.com/office/spreadsheetml/2010/11/main",
        "x15ac": "http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac",
        "xm": "http://schemas.microsoft.com/office/excel/2006/main",
        "xr": "http://schemas.microsoft.com/office/spreadsheetml/2014/revision",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "x": "urn:schemas-microsoft-com:office:excel",
        "vnd": "urn:a-vendor",
    }.items()
)
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": f"{_OFFICE}wordprocessingml.document.main+xml",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet.main+xml",
    "pptx": f"{_OFFICE}presentationml.presentation.main+xml",
}


_TYPES = {
    "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    **{
        f"word/{name}.xml": f"{_OFFICE}wordprocessingml.{name}+xml"
        for name in ("settings", "styles", "numbering")
    },
}


@dataclass(frozen=True, slots=True)
class Link:
    """One relation: of an office type by its last word, or of a whole type."""

    id: str
    type: str
    target: str
    external: bool = False

    def xml(self) -> str:
        type_ = self.type if ":" in self.type else f"{R}/{self.type}"
        mode = ' TargetMode="External"' if self.external else ""
        return f'<Relationship Id="{self.id}" Type="{type_}" Target="{self.target}"{mode}/>'


def pack(members: dict[str, bytes | str], comment: bytes = b"") -> bytes:
    """A ZIP file as programs write it: with dates, packed by zlib."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (2024, 3, 5, 7, 9, 11))
            archive.writestr(info, data, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED)
        archive.comment = comment
    return out.getvalue()


def root(tag: str, content: str, default: str = "", attributes: str = "") -> str:
    """A part: every namespace of Office is declared, as Office does."""
    own = f' xmlns="{default}"' if default else ""
    return f'<?xml version="1.0"?>\n<{tag} {_NAMESPACES}{own} {attributes}>{content}</{tag}>'


def relations(links: list[Link]) -> str:
    lines = "".join(each.xml() for each in links)
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'


def package(
    main: str,
    main_type: str,
    members: dict[str, bytes | str],
    links: dict[str, list[Link]],
    comment: bytes = b"",
) -> bytes:
    """An OPC package. ``links`` are by the part that they start from; those of the package itself by ``""``."""
    members = dict(members)
    everything = {"": [Link("rId1", "officeDocument", main), *links.get("", [])]}
    everything |= {part: each for part, each in links.items() if part}
    for part, each in everything.items():
        folder, _slash, base = part.rpartition("/")
        members[f"{folder}/_rels/{base}.rels" if folder else f"_rels/{base}.rels"] = relations(each)
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="jpg" ContentType="image/jpeg"/>'
        f'<Override PartName="/{main}" ContentType="{main_type}"/>'
        + "".join(
            f'<Override PartName="/{name}" ContentType="{type_}"/>'
            for name, type_ in _TYPES.items()
            if name in members
        )
        + "</Types>"
    )
    return pack({"[Content_Types].xml": types, **members}, comment)


def paragraph(content: str) -> str:
    return f"<w:p>{content}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def docx(
    body: str = "",
    *,
    settings: str = "",
    styles: str = "",
    numbering: str = "",
    links: list[Link] | None = None,
    members: dict[str, bytes | str] | None = None,
    more_links: dict[str, list[Link]] | None = None,
    main_type: str = MAIN["docx"],
    comment: bytes = b"",
) -> bytes:
    """A document that says ``KEPT`` and has this body besides."""
    parts: dict[str, bytes | str] = {
        "word/document.xml": root("w:document", f"<w:body>{paragraph(run(KEPT))}{body}</w:body>"),
        "word/settings.xml": root("w:settings", f'{settings}<w:defaultTabStop w:val="720"/>'),
        "word/styles.xml": root("w:styles", styles),
        "word/numbering.xml": root("w:numbering", numbering),
        **(members or {}),
    }
    main_links = [
        Link("rIdS", "settings", "settings.xml"),
        Link("rIdT", "styles", "styles.xml"),
        Link("rIdN", "numbering", "numbering.xml"),
        *(links or []),
    ]
    return package(
        "word/document.xml",
        main_type,
        parts,
        {"word/document.xml": main_links, **(more_links or {})},
        comment,
    )


def xlsx(
    rows: str = "",
    *,
    before: str = "",
    after: str = "",
    workbook: str = "",
    workbook_before: str = "",
    strings: str = "",
    styles: str = "",
    sheet_links: list[Link] | None = None,
    links: list[Link] | None = None,
    members: dict[str, bytes | str] | None = None,
    more_links: dict[str, list[Link]] | None = None,
    main_type: str = MAIN["xlsx"],
) -> bytes:
    """A workbook with ``KEPT`` in A1."""
    first = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    sheets = '<sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets>'
    parts: dict[str, bytes | str] = {
        "xl/workbook.xml": root("workbook", f"{workbook_before}{sheets}{workbook}", _S),
        "xl/worksheets/sheet1.xml": root(
            "worksheet", f"{before}<sheetData>{first}{rows}</sheetData>{after}", _S
        ),
        "xl/sharedStrings.xml": root("sst", f"<si><t>{KEPT}</t></si>{strings}", _S),
        "xl/styles.xml": root("styleSheet", styles, _S),
        **(members or {}),
    }
    all_links = {
        "xl/workbook.xml": [
            Link("rId1", "worksheet", "worksheets/sheet1.xml"),
            Link("rId2", "sharedStrings", "sharedStrings.xml"),
            Link("rId3", "styles", "styles.xml"),
            *(links or []),
        ],
        "xl/worksheets/sheet1.xml": sheet_links or [],
        **(more_links or {}),
    }
    return package("xl/workbook.xml", main_type, parts, all_links)


def pptx(
    shapes: str = "",
    *,
    slide: str = "",
    slide_attributes: str = "",
    presentation: str = "",
    slide_links: list[Link] | None = None,
    links: list[Link] | None = None,
    members: dict[str, bytes | str] | None = None,
    more_links: dict[str, list[Link]] | None = None,
    main_type: str = MAIN["pptx"],
) -> bytes:
    """A presentation with one slide that says ``KEPT``."""
    tree = "<p:nvGrpSpPr><p:cNvPr id='1' name=''/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>"
    parts: dict[str, bytes | str] = {
        "ppt/presentation.xml": root(
            "p:presentation",
            '<p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>'
            f'<p:sldIdLst><p:sldId id="256" r:id="rId2"/></p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/>'
            f'<p:notesSz cx="6858000" cy="9144000"/>{presentation}',
        ),
        "ppt/slides/slide1.xml": root(
            "p:sld",
            f"<p:cSld><p:spTree>{tree}{shape(KEPT)}{shapes}</p:spTree></p:cSld>{slide}",
            attributes=slide_attributes,
        ),
        "ppt/slideLayouts/slideLayout1.xml": root(
            "p:sldLayout", f"<p:cSld><p:spTree>{tree}</p:spTree></p:cSld>"
        ),
        "ppt/slideMasters/slideMaster1.xml": root(
            "p:sldMaster",
            f"<p:cSld><p:spTree>{tree}</p:spTree></p:cSld>"
            '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" '
            'accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>'
            '<p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst>',
        ),
        **(members or {}),
    }
    all_links = {
        "ppt/presentation.xml": [
            Link("rId1", "slideMaster", "slideMasters/slideMaster1.xml"),
            Link("rId2", "slide", "slides/slide1.xml"),
            *(links or []),
        ],
        "ppt/slides/slide1.xml": [
            Link("rIdL", "slideLayout", "../slideLayouts/slideLayout1.xml"),
            *(slide_links or []),
        ],
        "ppt/slideLayouts/slideLayout1.xml": [
            Link("rId1", "slideMaster", "../slideMasters/slideMaster1.xml")
        ],
        "ppt/slideMasters/slideMaster1.xml": [
            Link("rId1", "slideLayout", "../slideLayouts/slideLayout1.xml")
        ],
        **(more_links or {}),
    }
    return package("ppt/presentation.xml", main_type, parts, all_links)


def shape(text: str, id_: int = 2, more: str = "", properties: str = "") -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{id_}" name="Shape" {properties}>{more}</p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
        f"<p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        **{
            short: f"{_OASIS}{name}:1.0"
            for short, name in {
                "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style",
                "fo": "xsl-fo-compatible", "svg": "svg-compatible", "presentation": "presentation", "config": "config",
                "meta": "meta", "script": "script", "form": "form", "number": "datastyle", "smil": "smil-compatible",
                "anim": "animation",
            }.items()
        },
        "xlink": "http://www.w3.org/1999/xlink",
        "dc": "http://purl.org/dc/elements/1.1/",
        "officeooo": "http://openoffice.org/2009/office",
        "ooo": "http://openoffice.org/2004/office",
        "of": f"{_OASIS}of:1.2",
        "xhtml": "http://www.w3.org/1999/xhtml",
        "vnd": "urn:a-vendor",
    }.items()
)  # fmt: skip
ODF_KINDS = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def odf(
    kind: str,
    content: str = "",
    *,
    styles: str = "",
    automatic: str = "",
    before: str = "",
    settings: str = "",
    members: dict[str, bytes | str] | None = None,
    manifest: str = "",
) -> bytes:
    """An OpenDocument package that says ``KEPT`` and has this content besides."""
    word = ODF_KINDS[kind]
    visible = f"<text:p>{KEPT}</text:p>"
    body = {
        "odt": f"{visible}{content}",
        "ods": f'<table:table table:name="One"><table:table-row><table:table-cell office:value-type="string">{visible}'
        f"</table:table-cell></table:table-row>{content}</table:table>",
        "odp": '<draw:page draw:name="page1" draw:master-page-name="M"><draw:frame svg:width="9cm" svg:height="3cm">'
        f"<draw:text-box>{visible}</draw:text-box></draw:frame>{content}</draw:page>",
    }[kind]
    media_type = f"application/vnd.oasis.opendocument.{word}"
    return pack(
        {
            "mimetype": media_type,
            "content.xml": f"<office:document-content {_ODF} "
            f'office:version="1.3">{before}<office:automatic-styles>{automatic}'
            f"</office:automatic-styles><office:body><office:{word}>{body}</office:{word}></office:body>"
            "</office:document-content>",
            "styles.xml": f'<office:document-styles {_ODF} office:version="1.3">{styles}</office:document-styles>',
            "settings.xml": f'<office:document-settings {_ODF} office:version="1.3"><office:settings>'
            f"<config:config-item-set "
            f'config:name="ooo:configuration-settings">'
            f'<config:config-item config:name="TabOverflow" config:type="boolean">'
            f"true</config:config-item>{settings}</config:config-item-set></office:settings></office:document-settings>",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_OASIS}manifest:1.0" manifest:version="1.3">'
            f'<manifest:file-entry manifest:full-path="/" '
            f'manifest:media-type="{media_type}"/>{manifest}</manifest:manifest>',
            **(members or {}),
        }
    )


def clean(data: bytes) -> tuple[bytes, Notes, list[str]]:
    """The cleaned package, what was noted, and the text that was told."""
    said: list[str] = []
    notes = Notes(text=said.append)
    out = io.BytesIO()
    with as_in_the_child(None):
        format_ = packages.recognise(io.BytesIO(data))
        assert format_ is not None
        format_.clean(io.BytesIO(data), out, notes)
    return out.getvalue(), notes, said


def everything(data: bytes) -> str:
    """All names and all octets of a package, unpacked, in one text."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [f"{each}\n{archive.read(each).decode('utf-8', 'replace')}" for each in archive.namelist()]
        return "\n".join(parts) + archive.comment.decode()


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def names(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()


def assert_gone(data: bytes) -> tuple[bytes, Notes, list[str]]:
    """Cleans; what was planted is nowhere, what is to stay is there, cleaning again changes nothing."""
    assert PLANTED.lower() in everything(data).lower(), "nothing was planted"
    cleaned, notes, said = clean(data)
    found = everything(cleaned)
    assert PLANTED.lower() not in found.lower()
    assert KEPT in found
    assert any(KEPT in each for each in said)
    again, second, _said = clean(cleaned)
    assert again == cleaned
    assert not second.removed
    return cleaned, notes, said
