"""What lies within a DOCX: fonts, macros, objects, pictures, drawings, other documents."""

from __future__ import annotations

import pytest

from tests.clean.office_documents import (
    PLANTED,
    Link,
    assert_gone,
    clean,
    docx,
    everything,
    paragraph,
    part,
    root,
    run,
)
from tests.clean.test_docx import deleted
from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Trace, Why


def test_embedded_fonts_go() -> None:
    fonts = root(
        "w:fonts", f'<w:font w:name="Sans"><w:embedRegular r:id="rId1" w:fontKey="{{{PLANTED}}}"/></w:font>'
    )
    cleaned, notes, _said = assert_gone(
        docx(
            members={"word/fontTable.xml": fonts, "word/fonts/font1.odttf": "x"},
            links=[Link("rId7", "fontTable", "fontTable.xml")],
            more_links={"word/fontTable.xml": [Link("rId1", "font", "fonts/font1.odttf")]},
        )
    )
    assert 'w:name="Sans"' in part(cleaned, "word/fontTable.xml")
    assert notes.counts[Trace.EMBEDDED] >= 1


def test_document_with_macros_becomes_one_without() -> None:
    data = docx(
        main_type="application/vnd.ms-word.document.macroEnabled.main+xml",
        members={"word/vbaProject.bin": PLANTED},
        links=[
            Link(
                "rId8", "http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin"
            )
        ],
    )
    cleaned, notes, _said = assert_gone(data)
    assert "macroEnabled" not in everything(cleaned)
    assert notes.counts[Trace.ACTIVE] == 1


def test_embedded_object_without_a_picture_goes() -> None:
    body = paragraph(f'<w:r><w:object><o:OLEObject ProgID="{PLANTED}" r:id="rId3"/></w:object></w:r>')
    _cleaned, notes, _said = assert_gone(
        docx(
            body,
            members={"word/embeddings/a.bin": "x"},
            links=[Link("rId3", "oleObject", "embeddings/a.bin")],
        )
    )
    assert (Trace.EMBEDDED, PLANTED) in {(each.trace, each.value) for each in notes.removed}


def test_a_picture_that_is_fetched_on_opening_is_not() -> None:
    blip = '<pic:pic><pic:blipFill><a:blip r:link="rId3"/></pic:blipFill></pic:pic>'
    body = paragraph(
        '<w:r><w:drawing><wp:inline><wp:docPr id="1" name=""/><a:graphic><a:graphicData uri="p">'
        f"{blip}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    _cleaned, notes, _said = assert_gone(
        docx(body, links=[Link("rId3", "image", f"https://{PLANTED}.example/a.png", external=True)])
    )
    assert notes.counts[Trace.ACTIVE] == 1


def test_another_document_within_is_for_the_person_to_decide() -> None:
    with pytest.raises(NotCleanable) as refused:
        clean(docx('<w:altChunk r:id="rId3"/>', links=[Link("rId3", "aFChunk", "a.html")]))
    assert refused.value.why is Why.HOLDS_UNCLEANABLE


def test_a_picture_that_can_not_be_cleaned_is_named() -> None:
    body = paragraph('<w:r><w:pict><v:shape><v:imagedata r:id="rId3"/></v:shape></w:pict></w:r>')
    with pytest.raises(NotCleanable) as refused:
        clean(
            docx(
                body,
                members={"word/media/image1.emf": b"\x01\0\0\0"},
                links=[Link("rId3", "image", "media/image1.emf")],
            )
        )
    assert refused.value.why is Why.HOLDS_UNCLEANABLE
    assert refused.value.inside == "word/media/image1.emf"


def test_alternative_text_stays_and_is_told() -> None:
    body = paragraph(
        '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="A heron and/or a stork"/></wp:inline>'
        "</w:drawing></w:r>" + run(PLANTED, "<w:rPr><w:vanish/></w:rPr>")
    )
    cleaned, _notes, said = assert_gone(docx(body))
    assert "A heron and/or a stork" in part(cleaned, "word/document.xml")
    assert "A heron and/or a stork" in said


def test_a_choice_that_is_known_stays_one() -> None:
    body = paragraph(
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><wp:docPr id="1" name=""/><a:graphic>'
        '<a:graphicData uri="u"><wps:wsp><wps:txbx><w:txbxContent>'
        + paragraph(run("in a box") + deleted(PLANTED))
        + "</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing>"
        "</mc:Choice>"
        "</mc:AlternateContent></w:r>"
    )
    cleaned, _notes, said = assert_gone(docx(body))
    document = part(cleaned, "word/document.xml")
    assert 'Requires="wps"' in document
    assert "xmlns:wps=" in document
    assert "xmlns:vnd=" not in document
    assert "in a box" in " ".join(said)
