"""What no reader of an office document sees: words between elements, places on a machine, names of looks, hidden styles."""

from __future__ import annotations

import pytest

from tests.clean.office_documents import (
    KEPT,
    PLANTED,
    Link,
    assert_gone,
    clean,
    docx,
    everything,
    odf,
    paragraph,
    pptx,
    root,
    run,
    shape,
    xlsx,
)
from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Left, Trace, Why

HOME = f"C:\\Users\\{PLANTED}\\x.pdf"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def field(instruction: str) -> str:
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return paragraph(
        f"{marks[0]}<w:r><w:instrText>{instruction}</w:instrText></w:r>{marks[1]}{run('shown')}{marks[2]}"
    )


@pytest.mark.parametrize(
    "instruction",
    [
        f"HYPERLINK file:///C:/Users/{PLANTED}/x.docx",
        f"HYPERLINK {HOME}",
        f"HYPERLINK {PLANTED}.docx",
        f'HYPERLINK \\l "top" "file:///C:/Users/{PLANTED}/x.docx"',
        f'HYPERLINK "https://a.example" \\o "file:///home/{PLANTED}/x.docx"',
        f'XE "{HOME}"',
    ],
)
def test_a_field_that_names_a_place_on_a_machine_becomes_what_it_shows(instruction: str) -> None:
    cleaned, notes, _said = assert_gone(docx(field(instruction)))
    assert "shown" in everything(cleaned)
    assert "instrText" not in everything(cleaned)
    assert Trace.PATH in notes.counts or Trace.OTHER in notes.counts


@pytest.mark.parametrize(
    "instruction",
    [
        'HYPERLINK "https://a.example/b"',
        "HYPERLINK https://a.example/b",
        'HYPERLINK \\l "top"',
        'HYPERLINK "https://a.example" \\l "top" \\o "a tip" \\t "_blank" \\n',
    ],
)
def test_a_link_for_readers_stays_a_link_and_is_told(instruction: str) -> None:
    cleaned, notes, said = clean(docx(field(instruction)))
    assert instruction in everything(cleaned)
    assert not notes.counts
    assert "a.example" not in instruction or any("a.example" in each for each in said)


def hiding(kind: str, id_: str, more: str) -> str:
    return f'<w:style w:type="{kind}" w:styleId="{id_}" w:customStyle="1"><w:name w:val="{id_}"/>{more}</w:style>'


VANISHES = "<w:rPr><w:vanish/></w:rPr>"


@pytest.mark.parametrize(
    "body",
    [
        paragraph(f'<w:r><w:rPr><w:rStyle w:val="Gone"/></w:rPr><w:t>{PLANTED}</w:t></w:r>'),
        paragraph(f'<w:r><w:rPr><w:rStyle w:val="AsGone"/></w:rPr><w:t>{PLANTED}</w:t></w:r>'),
        paragraph(f'<w:pPr><w:pStyle w:val="AllGone"/></w:pPr>{run(PLANTED)}'),
    ],
)
def test_text_that_a_style_hides_goes(body: str) -> None:
    styles = (
        hiding("character", "Gone", VANISHES)
        + hiding("character", "AsGone", '<w:basedOn w:val="Gone"/>')
        + hiding("paragraph", "AllGone", VANISHES)
    )
    assert_gone(docx(body, styles=styles))


def test_a_style_that_not_every_word_knows_gets_another_name() -> None:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="S{at}"><w:name w:val="{name}"/></w:style>'
        for at, name in enumerate((PLANTED, "heading 1", "List Bullet 2", "Grid Table 5 Dark Accent 3"))
    )
    body = "".join(paragraph(f'<w:pPr><w:pStyle w:val="S{at}"/></w:pPr>') for at in range(4))
    cleaned, _notes, _said = assert_gone(docx(body, styles=styles))
    found = everything(cleaned)
    for kept in ("heading 1", "List Bullet 2", "Grid Table 5 Dark Accent 3"):
        assert f'w:name w:val="{kept}"' in found
    assert found.count('"Style1"') == 3  # its id, its name, and where it is used


def test_text_that_its_style_does_not_hide_stays() -> None:
    shown = '<w:rPr><w:rStyle w:val="Back"/></w:rPr>'
    anyway = '<w:rPr><w:rStyle w:val="Gone"/><w:vanish w:val="0"/></w:rPr>'
    styles = (
        hiding("character", "Gone", VANISHES)
        + hiding("character", "Back", '<w:basedOn w:val="Gone"/><w:rPr><w:vanish w:val="0"/></w:rPr>')
        + hiding("character", "One", '<w:basedOn w:val="Other"/>')
        + hiding("character", "Other", '<w:basedOn w:val="One"/>')
    )
    circle = '<w:rPr><w:rStyle w:val="One"/></w:rPr>'
    body = paragraph(run("first", shown) + run("second", anyway) + run("third", circle))
    cleaned, _notes, _said = clean(docx(body, styles=styles))
    assert all(each in everything(cleaned) for each in ("first", "second", "third"))


@pytest.mark.parametrize(
    "data",
    [
        docx(f"{PLANTED}{paragraph(f'<w:pPr>{PLANTED}</w:pPr>{PLANTED}')}{PLANTED}"),
        xlsx(f'<row r="2">{PLANTED}<c r="A2"/>{PLANTED}</row>', after=PLANTED),
        pptx(PLANTED + shape("x", 3, PLANTED), slide=PLANTED),
    ],
    ids=["docx", "xlsx", "pptx"],
)
def test_words_between_elements_go(data: bytes) -> None:
    _cleaned, notes, _said = assert_gone(data)
    assert notes.counts[Trace.OTHER]


@pytest.mark.parametrize(
    "data",
    [
        docx(f'<w:tbl><w:tblPr><w:tblCaption w:val="{HOME}"/></w:tblPr><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>'),
        docx(
            paragraph(f'<w:hyperlink r:id="rIdH" w:tooltip="see file:///home/{PLANTED}">{run("x")}</w:hyperlink>'),
            links=[Link("rIdH", "hyperlink", "https://a.example", external=True)],
        ),
        xlsx(after=f'<hyperlinks><hyperlink ref="A1" location="{HOME}" display="x"/></hyperlinks>'),
        xlsx(f'<row r="2"><c r="A2" t="str"><f>HYPERLINK("{HOME}","x")</f><v>x</v></c></row>'),
        xlsx(f'<row r="2"><c r="A2" t="str"><f>HYPERLINK("file:///home/{PLANTED}/x","x")</f><v>x</v></c></row>'),
        xlsx(f'<row r="2"><c r="A2" t="str"><f>_xlfn.IMAGE("https://{PLANTED}.example")</f><v>x</v></c></row>'),
        xlsx(workbook=f'<definedNames><definedName name="x">"{HOME}"</definedName></definedNames>'),
        pptx(shape("x", 3, f'<a:hlinkClick r:id="" invalidUrl="{HOME}" action="ppaction://noaction"/>')),
        pptx(shape("x", 3, f'<a:hlinkClick r:id="" tgtFrame="{PLANTED}" action="ppaction://noaction"/>')),
    ],
)  # fmt: skip
def test_places_on_a_machine_go(data: bytes) -> None:
    _cleaned, notes, _said = assert_gone(data)
    assert notes.counts


def test_names_of_a_houses_own_table_styles_go_and_the_looks_stay() -> None:
    table = (
        f'<tableColumns count="1"><tableColumn id="1" name="a" dataCellStyle="{PLANTED}"/></tableColumns>'
        f'<tableStyleInfo name="{PLANTED}"/>'
    )
    data = xlsx(
        after='<tableParts count="1"><tablePart r:id="rIdT"/></tableParts>',
        styles=f'<tableStyles count="2"><tableStyle name="{PLANTED}" count="0"/>'
        '<tableStyle name="TableStyleMedium2" count="0"/></tableStyles>',
        sheet_links=[Link("rIdT", "table", "../tables/t.xml")],
        members={
            "xl/tables/t.xml": root("table", table, _SHEET, 'id="1" name="t" displayName="t" ref="A1:A2"')
        },
    )
    cleaned, _notes, _said = assert_gone(data)
    found = everything(cleaned)
    assert found.count('name="Table Style 1"') == 2
    assert 'name="TableStyleMedium2"' in found


@pytest.mark.parametrize(
    "data",
    [
        docx(paragraph('<w:bookmarkStart w:id="0" w:name="Birch"/><w:bookmarkEnd w:id="0"/>' + run("x"))),
        docx('<w:tbl><w:tblPr><w:tblDescription w:val="Birch"/></w:tblPr><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>'),
        docx(
            '<w:p><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>Birch</m:t></m:r>'
            "</m:oMath></w:p>"
        ),
        docx(paragraph('<w:r><w:pict><v:rect alt="Birch" style="width:5pt"/></w:pict></w:r>')),
        xlsx('<row r="2"><c r="A2" t="str"><f>IF(1=1,"x","Birch")</f><v>x</v></c></row>'),
        xlsx(styles='<numFmts count="1"><numFmt numFmtId="165" formatCode="&quot;Birch&quot;0"/></numFmts>'),
        xlsx(
            after='<autoFilter ref="A1:A2"><filterColumn colId="0"><filters><filter val="Birch"/></filters></filterColumn>'
            "</autoFilter>"
        ),
    ],
)  # fmt: skip
def test_words_that_stay_out_of_sight_are_told(data: bytes) -> None:
    cleaned, _notes, said = clean(data)
    assert "Birch" in everything(cleaned)
    assert any("Birch" in each for each in said)
    assert KEPT in everything(cleaned)


BLIP = '<p:pic><p:nvPicPr><p:cNvPr id="7" name="x"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill>{}</p:blipFill></p:pic>'
STYLED = '<style:style style:name="a" style:family="graphic"><style:graphic-properties fo:clip="rect({})"/></style:style>'


@pytest.mark.parametrize(
    ("data", "is_cropped"),
    [
        (pptx(BLIP.format('<a:srcRect l="12000"/>')), True),
        (pptx(BLIP.format('<a:srcRect l="0" b="-500"/>')), False),
        (pptx(BLIP.format("<a:srcRect/>")), False),
        (
            docx(paragraph('<w:r><w:pict><v:shape><v:imagedata cropright=".25"/></v:shape></w:pict></w:r>')),
            True,
        ),
        (
            docx(paragraph('<w:r><w:pict><v:shape><v:imagedata cropright="0"/></v:shape></w:pict></w:r>')),
            False,
        ),
        (odf("odt", automatic=STYLED.format("0cm, 0.5cm, 0cm, 0cm")), True),
        (odf("odt", automatic=STYLED.format("0cm, 0cm, 0.00cm, -0.5cm")), False),
    ],
)
def test_it_is_said_that_cropped_pictures_are_whole_in_the_file(data: bytes, *, is_cropped: bool) -> None:
    _cleaned, notes, _said = clean(data)
    assert (Left.CROPPED in notes.kept) is is_cropped


def placed(x: int, y: int) -> str:
    at = f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="100" cy="50"/></a:xfrm>'
    return shape("aside", 3).replace("<p:spPr/>", f"<p:spPr>{at}</p:spPr>")


@pytest.mark.parametrize(
    ("shapes", "is_unseen"),
    [
        (placed(0, 0), False),
        (placed(-99, 6857999), False),
        (placed(-100, 0), True),
        (placed(0, -50), True),
        (placed(9144000, 0), True),
        (placed(0, 6858000), True),
        (shape("aside", 3, properties='hidden="1"'), True),
    ],
)
def test_shapes_beside_the_slide_and_hidden_ones_are_pointed_out(shapes: str, *, is_unseen: bool) -> None:
    _cleaned, notes, said = clean(pptx(shapes))
    assert (Left.NOT_SHOWN in notes.kept) is is_unseen
    assert any("aside" in each for each in said)


def test_a_place_that_is_no_number_is_damage() -> None:
    with pytest.raises(NotCleanable) as refused:
        clean(pptx(placed(0, 0).replace('x="0"', 'x="left"')))
    assert refused.value.why is Why.DAMAGED


# --- OpenDocument ----------------------------------------------------------------------------------------------------


def cell(formula: str) -> str:
    return (
        f'<table:table-row><table:table-cell office:value-type="string" table:formula="{formula}"><text:p>x</text:p>'
        "</table:table-cell></table:table-row>"
    )


@pytest.mark.parametrize(
    "data",
    [
        odf(
            "odt", f'{PLANTED}<text:section text:name="a">{PLANTED}<text:p>x</text:p>{PLANTED}</text:section>'
        ),
        odf("ods", f"{PLANTED}<table:table-row>{PLANTED}<table:table-cell/>{PLANTED}</table:table-row>"),
        odf("odp", f"{PLANTED}<draw:g>{PLANTED}</draw:g>"),
        odf("odt", automatic=PLANTED, styles=f"<office:styles>{PLANTED}</office:styles>"),
    ],
    ids=["odt", "ods", "odp", "styles"],
)
def test_words_between_elements_of_opendocument_go(data: bytes) -> None:
    _cleaned, notes, _said = assert_gone(data)
    assert notes.counts[Trace.OTHER]


def test_words_with_pictures_and_links_between_them_stay() -> None:
    body = '<text:p>one<draw:frame svg:width="1cm"><draw:text-box><text:p>two</text:p></draw:text-box></draw:frame>three'
    cleaned, notes, _said = clean(odf("odt", f'{body}<text:a xlink:href="#x">four</text:a>five</text:p>'))
    assert all(each in everything(cleaned) for each in ("one", "two", "three", "four", "five"))
    assert not notes.counts


@pytest.mark.parametrize(
    "data",
    [
        odf("ods", cell(f"of:=HYPERLINK(&quot;/home/{PLANTED}/x&quot;;&quot;x&quot;)")),
        odf("ods", cell(f"of:=['../{PLANTED}/x.ods'#$Sheet1.A1]")),
        odf("ods", cell(f"of:=['C:\\Users\\{PLANTED}\\x.ods'#$Sheet1.A1]")),
        odf(
            "ods",
            '</table:table><table:named-expressions><table:named-expression table:name="x" '
            f'table:expression="&quot;/home/{PLANTED}&quot;"/></table:named-expressions><table:table table:name="Two">',
        ),
        odf("odt", f'<text:p><text:bibliography-mark text:url="file:///home/{PLANTED}">x</text:bibliography-mark></text:p>'),
    ],
)  # fmt: skip
def test_places_on_a_machine_go_from_opendocument(data: bytes) -> None:
    _cleaned, notes, _said = assert_gone(data)
    assert notes.counts[Trace.PATH]


def test_a_paragraph_that_its_style_hides_goes() -> None:
    style = '<style:style style:name="H" style:family="paragraph"><style:text-properties text:display="none"/></style:style>'
    assert_gone(odf("odt", f'<text:p text:style-name="H">{PLANTED}</text:p>', automatic=style))


@pytest.mark.parametrize(
    "data",
    [
        odf("odt", '<text:p><text:bookmark text:name="Birch"/>x</text:p>'),
        odf("odt", '<text:p><text:alphabetical-index-mark text:string-value="Birch"/>x</text:p>'),
        odf("ods", cell("of:=IF(1;&quot;x&quot;;&quot;Birch&quot;)")),
        odf("ods", '<table:table-row><table:table-cell office:string-value="Birch"/></table:table-row>'),
        odf("odp", '</draw:page><presentation:footer-decl>Birch</presentation:footer-decl><draw:page>'),
    ],
)  # fmt: skip
def test_words_of_opendocument_that_stay_out_of_sight_are_told(data: bytes) -> None:
    cleaned, _notes, said = clean(data)
    assert "Birch" in everything(cleaned)
    assert any("Birch" in each for each in said)
