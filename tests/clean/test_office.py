"""Which office document it is, which can't be cleaned and why, and what stands in all of them alike."""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys
import wave
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.clean.office_documents import (
    KEPT,
    MAIN,
    PLANTED,
    Link,
    assert_gone,
    clean,
    docx,
    names,
    odf,
    pack,
    package,
    paragraph,
    part,
    pptx,
    root,
    run,
    xlsx,
)
from torsend.clean.formats import packages
from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.formats.registry import recognise
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Format

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)

DOCUMENTS = {
    "DOCX": docx(paragraph(run("a"))),
    "XLSX": xlsx(),
    "PPTX": pptx(),
    "ODT": odf("odt"),
    "ODS": odf("ods"),
    "ODP": odf("odp"),
}


def format_of(data: bytes) -> Format:
    return recognise(io.BytesIO(data))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_are_known_by_what_lies_in_them(name: str) -> None:
    format_ = format_of(DOCUMENTS[name])
    assert format_.name == name
    assert format_.neutral[1] == "." + name.lower()
    # Their first bytes alone say nothing.
    assert not format_.recognises(DOCUMENTS[name][:4096])


VARIANTS = {
    "DOTX": docx(main_type=MAIN["docx"].replace("document.main", "template.main")),
    "XLTX": xlsx(main_type=MAIN["xlsx"].replace("sheet.main", "template.main")),
    "POTX": pptx(main_type=MAIN["pptx"].replace("presentation.main", "template.main")),
    "PPSX": pptx(main_type=MAIN["pptx"].replace("presentation.main", "slideshow.main")),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_templates_and_shows_stay_what_they_are(name: str) -> None:
    cleaned, _notes, _said = clean(VARIANTS[name])
    assert format_of(VARIANTS[name]).name == format_of(cleaned).name == name


MACROS = {
    "DOCX": docx(main_type="application/vnd.ms-word.document.macroEnabled.main+xml"),
    "XLSX": xlsx(main_type="application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
    "PPTX": pptx(main_type="application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml"),
}


@pytest.mark.parametrize("name", MACROS)
def test_documents_with_macros_become_plain_ones(name: str) -> None:
    cleaned, _notes, _said = clean(MACROS[name])
    assert "macro" not in part(cleaned, "[Content_Types].xml")


def refusal(data: bytes) -> Why:
    with pytest.raises(NotCleanable) as refused:
        format_of(data).clean(io.BytesIO(data), io.BytesIO(), Notes())
    return refused.value.why


def utf16(name: str) -> bytes:
    return name.encode("utf-16-le")


REFUSED: dict[str, tuple[bytes, Why]] = {
    ".doc": (OLE + utf16("WordDocument"), Why.OLD_OFFICE),
    ".xls": (OLE + utf16("Workbook"), Why.OLD_OFFICE),
    ".ppt": (OLE + utf16("PowerPoint Document"), Why.OLD_OFFICE),
    "encrypted": (OLE + bytes(3_000_000) + utf16("EncryptionInfo") + utf16("EncryptedPackage"), Why.ENCRYPTED),
    "another compound file": (OLE + utf16("__nameid_version1.0"), Why.UNKNOWN_FORMAT),
    "strict": (
        package("word/document.xml", MAIN["docx"], {"word/document.xml": root("w:document", "")}, {
            "word/document.xml": [Link("rId1", "http://purl.oclc.org/ooxml/officeDocument/relationships/styles", "s.xml")]
        }),
        Why.UNKNOWN_FORMAT,
    ),
    "signed": (
        package("word/document.xml", MAIN["docx"], {"word/document.xml": root("w:document", "")}, {
            "": [Link("rId2", "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin", "o")]
        }),
        Why.SIGNED,
    ),
    "Visio": (package("visio/document.xml", "application/vnd.ms-visio.drawing.main+xml", {}, {}), Why.UNKNOWN_FORMAT),
    "binary workbook": (
        package("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main", {}, {}), Why.UNKNOWN_FORMAT,
    ),
    "drawing": (pack({"mimetype": "application/vnd.oasis.opendocument.graphics"}), Why.UNKNOWN_FORMAT),
    "no main part": (package("word/document.xml", MAIN["docx"], {}, {}), Why.DAMAGED),
    "no relations": (
        pack({
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/a.xml" ContentType="{MAIN["docx"]}"/></Types>'
        }),
        Why.DAMAGED,
    ),
    "not XML": (docx(members={"word/document.xml": "<w:document"}), Why.DAMAGED),
    "another root": (docx(members={"word/document.xml": "<html/>"}), Why.DAMAGED),
    "no content": (pack({"mimetype": "application/vnd.oasis.opendocument.text"}), Why.DAMAGED),
}  # fmt: skip


@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_can_not_be_cleaned_and_why(data: bytes, why: Why) -> None:
    assert refusal(data) is why


def test_other_zip_files_are_no_documents() -> None:
    assert packages.recognise(io.BytesIO(pack({"a.txt": "b"}))) is None
    assert packages.recognise(io.BytesIO(pack({"mimetype": "application/epub+zip"}))) is None
    assert packages.recognise(io.BytesIO(b"%PDF-1.7")) is None


def test_the_same_document_gives_the_same_bytes_wherever_it_is_cleaned() -> None:
    """Another process, hash seed, language, time zone: dictionaries and sets must not show."""
    digests = {name: hashlib.sha256(clean(data)[0]).hexdigest() for name, data in DOCUMENTS.items()}
    program = (
        "import hashlib\nfrom tests.clean.office_documents import *\nfrom tests.clean.test_office import DOCUMENTS\n"
        "for data in DOCUMENTS.values(): print(hashlib.sha256(clean(data)[0]).hexdigest())"
    )
    for seed in ("1", "77"):
        said = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Asia/Kathmandu", "HOME": "/nonexistent"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert said.stdout.split() == list(digests.values())


def test_one_golden_form() -> None:
    """A later version must not write documents otherwise without anyone noticing: it could be told from this one."""
    assert hashlib.sha256(clean(docx(paragraph(run("a"))))[0]).hexdigest() == GOLDEN


GOLDEN = "8091968e4967c4059cba2e4b2e3611db24cb7b75cf70bf115d58eaf1ad600e64"


def picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (16, 12), (200, 40, 90)).save(held, "JPEG", comment=PLANTED.encode())
    return held.getvalue()


WITH_PICTURES = {
    "docx": docx(
        paragraph(
            '<w:r><w:drawing><wp:inline><wp:extent cx="9" cy="9"/><wp:docPr id="1" name=""/><a:graphic>'
            '<a:graphicData uri="p">'
            '<pic:pic><pic:blipFill><a:blip r:embed="rId9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>'
            "</wp:inline>"
            "</w:drawing></w:r>"
        ),
        members={"word/media/image1.jpg": picture()},
        links=[Link("rId9", "image", "media/image1.jpg")],
    ),
    "pptx": pptx(
        '<p:pic><p:nvPicPr><p:cNvPr id="5" name=""/><p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill>'
        '<a:blip r:embed="rId9"/>'
        "</p:blipFill><p:spPr/></p:pic>",
        members={"ppt/media/image1.jpg": picture()},
        slide_links=[Link("rId9", "image", "../media/image1.jpg")],
    ),
    "object": docx(
        paragraph(
            f'<w:r><w:object w:dxaOrig="9"><v:shape id="s"><v:imagedata r:id="rId9" o:title="{PLANTED}"/></v:shape>'
            f'<o:OLEObject ProgID="{PLANTED}" r:id="rId8"/></w:object></w:r>'
        ),
        members={"word/media/image1.jpg": picture(), "word/embeddings/o.bin": PLANTED},
        links=[Link("rId9", "image", "media/image1.jpg"), Link("rId8", "oleObject", "embeddings/o.bin")],
    ),
    "odt": odf(
        "odt",
        '<text:p><draw:frame><draw:image xlink:href="Pictures/a.jpg"/></draw:frame></text:p>',
        members={"Pictures/a.jpg": picture()},
    ),
}


@pytest.mark.parametrize("data", WITH_PICTURES.values(), ids=WITH_PICTURES.keys())
def test_pictures_within_are_cleaned_as_pictures_are(data: bytes) -> None:
    cleaned, notes, _said = assert_gone(data)
    (media,) = (each for each in names(cleaned) if each.endswith(".jpg"))
    assert media.rpartition("/")[2] == "media1.jpg"
    assert (Trace.COMMENT, PLANTED) in {(each.trace, each.value) for each in notes.removed}
    assert Left.PIXELS in notes.kept


def test_a_document_is_no_picture() -> None:
    with pytest.raises(NotCleanable) as refused:
        clean(
            odf(
                "odt",
                '<draw:frame><draw:image xlink:href="Pictures/a.png"/></draw:frame>',
                members={"Pictures/a.png": docx(), "x": KEPT},
            )
        )
    assert (refused.value.why, refused.value.inside) == (Why.HOLDS_UNCLEANABLE, "Pictures/a.png")


def sound() -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as recording:
        recording.setparams((1, 2, 8000, 0, "NONE", ""))
        recording.writeframes(bytes(8000))
    # A remark, as recorders leave it.
    info = b"LIST" + struct.pack("<L", 26) + b"INFOICMT" + struct.pack("<L", 14) + PLANTED.encode() + b"\0"
    data = held.getvalue() + info
    return data[:4] + struct.pack("<L", len(data) - 8) + data[8:]


def test_sounds_within_are_cleaned_as_sounds_are() -> None:
    audio = (
        '<p:pic><p:nvPicPr><p:cNvPr id="5" name=""/><p:cNvPicPr/><p:nvPr><a:wavAudioFile r:embed="rId9"/></p:nvPr>'
        "</p:nvPicPr><p:blipFill/><p:spPr/></p:pic>"
    )
    cleaned, notes, _said = assert_gone(
        pptx(
            audio, members={"ppt/media/a.wav": sound()}, slide_links=[Link("rId9", "audio", "../media/a.wav")]
        )
    )
    assert "ppt/media/media1.wav" in names(cleaned)
    assert Left.VOICES in notes.kept


def test_a_broken_picture_is_named() -> None:
    data = odf(
        "odt",
        '<draw:frame><draw:image xlink:href="Pictures/a.jpg"/></draw:frame>',
        members={"Pictures/a.jpg": picture()[:90]},
    )
    with pytest.raises(NotCleanable) as refused:
        clean(data)
    assert (refused.value.why, refused.value.inside) == (Why.HOLDS_UNCLEANABLE, "Pictures/a.jpg")
