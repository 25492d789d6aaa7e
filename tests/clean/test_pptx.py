"""PPTX: each trace that PowerPoint leaves, planted and looked for in every octet of what comes out."""

from __future__ import annotations

import pytest

from tests.clean.office_documents import (
    KEPT,
    PLANTED,
    Link,
    assert_gone,
    everything,
    names,
    part,
    pptx,
    root,
    shape,
)
from torsend.clean.report import Left, Trace

SLIDES: dict[str, dict[str, str]] = {
    "name of a shape": {
        "shapes": shape("a", properties=f'descr="C:\\{PLANTED}\\a.png"').replace('"Shape"', f'"{PLANTED}"')
    },
    "language": {
        "shapes": shape("a").replace("<a:t>", f'<a:rPr lang="{PLANTED}" altLang="{PLANTED}"/><a:t>')
    },
    "creation id": {
        "shapes": shape(
            "a", more=f'<a:extLst><a:ext uri="{{1}}"><a16:creationId id="{PLANTED}"/></a:ext></a:extLst>'
        )
    },
    "tags of a shape": {"shapes": f'<p:custDataLst><p:tags r:id="rId9" name="{PLANTED}"/></p:custDataLst>'},
    "controls": {"slide": f'<p:controls><p:control name="{PLANTED}" r:id="rId9"/></p:controls>'},
    "link to a file": {"shapes": shape("a", more='<a:hlinkClick r:id="rId8"/>')},
    "a program that is started": {
        "shapes": shape("a", more=f'<a:hlinkClick r:id="" action="ppaction://program?{PLANTED}"/>')
    },
    "password": {"presentation": f'<p:modifyVerifier hashData="{PLANTED}"/>'},
    "photo album": {"presentation": f'<p:photoAlbum vnd:x="{PLANTED}"/>'},
    "path in a tip": {"shapes": shape("a", more=f'<a:hlinkClick r:id="rId7" tooltip="C:\\{PLANTED}"/>')},
    "sections": {
        "presentation": f'<p:extLst><p:ext uri="{{5}}"><p14:sectionLst><p14:section name="{PLANTED}"/>'
        f"</p14:sectionLst></p:ext>"
        "</p:extLst>"
    },
    "path in a field": {
        "shapes": shape("a").replace(
            "<a:r>", f'<a:fld id="{{1}}" type="file"><a:t>C:\\{PLANTED}\\b.pptx</a:t></a:fld><a:r>'
        )
    },
}


@pytest.mark.parametrize("pieces", SLIDES.values(), ids=SLIDES.keys())
def test_what_a_slide_tells_is_gone(pieces: dict[str, str]) -> None:
    links = [
        Link("rId7", "hyperlink", "https://a.example", external=True),
        Link("rId8", "hyperlink", f"file:///C:/{PLANTED}", external=True),
        Link("rId9", "tags", f"../{PLANTED}.xml"),
    ]
    assert_gone(pptx(**pieces, slide_links=links, members={f"ppt/{PLANTED}.xml": "<x/>"}))  # type: ignore[arg-type]


LOOSE = {
    "comments": ("comments", "p:cmLst"),
    "modern comments": ("http://schemas.microsoft.com/office/2018/10/relationships/comments", "p:cmLst"),
    "tags": ("tags", "p:tagLst"),
}


@pytest.mark.parametrize(("type_", "tag"), LOOSE.values(), ids=LOOSE.keys())
def test_parts_of_a_slide_that_are_not_shown_are_gone(type_: str, tag: str) -> None:
    content = root(tag, f'<p:cm authorId="0" name="{PLANTED}"><p:text>{PLANTED}</p:text></p:cm>')
    cleaned, notes, _said = assert_gone(
        pptx(
            members={"ppt/comments/comments1.xml": content},
            slide_links=[Link("rId9", type_, "../comments/comments1.xml")],
        )
    )
    assert len(names(cleaned)) == 10
    assert notes.removed


@pytest.mark.parametrize(
    "kind", ["commentAuthors", "presProps", "viewProps", "handoutMaster", "notesMaster", "vbaProject"]
)
def test_parts_of_a_presentation_that_are_not_slides_are_gone(kind: str) -> None:
    content = root("p:x", f'<p:y name="{PLANTED}" initials="{PLANTED}"/>')
    cleaned, _notes, _said = assert_gone(
        pptx(
            presentation='<p:notesMasterIdLst><p:notesMasterId r:id="rId9"/></p:notesMasterIdLst>',
            members={f"ppt/{kind}.xml": content},
            links=[Link("rId9", kind, f"{kind}.xml")],
        )
    )
    assert len(names(cleaned)) == 10


def test_speakers_notes_go_and_are_told() -> None:
    notes_slide = root("p:notes", f"<p:cSld><p:spTree>{shape(PLANTED)}</p:spTree></p:cSld>")
    _cleaned, notes, _said = assert_gone(
        pptx(
            members={"ppt/notesSlides/n.xml": notes_slide},
            slide_links=[Link("rId9", "notesSlide", "../notesSlides/n.xml")],
            more_links={"ppt/notesSlides/n.xml": [Link("rId1", "slide", "../slides/slide1.xml")]},
        )
    )
    assert (Trace.COMMENT, "speaker's notes", PLANTED) in {
        (each.trace, each.name, each.value) for each in notes.removed
    }


def test_hidden_slide_stays_and_its_words_are_told() -> None:
    cleaned, notes, said = assert_gone(pptx(slide_attributes=f'show="0" vnd:a="{PLANTED}"'))
    assert Left.NOT_SHOWN in notes.kept
    assert 'show="0"' in part(cleaned, "ppt/slides/slide1.xml")
    assert KEPT in said


def test_embedded_object_becomes_its_picture() -> None:
    frame = (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name=""/><p:cNvGraphicFramePr/><p:nvPr/>'
        "</p:nvGraphicFramePr>"
        f'<p:xfrm/><a:graphic><a:graphicData uri="ole"><p:oleObj name="{PLANTED}" progId="{PLANTED}.1" r:id="rId9">'
        f"<p:embed/>"
        '<p:pic><p:nvPicPr><p:cNvPr id="10" name=""/><p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill/><p:spPr/>'
        "</p:pic></p:oleObj>"
        "</a:graphicData></a:graphic></p:graphicFrame>"
    )
    timing = '<p:timing><p:tnLst><p:par><p:cTn id="1"><p:childTnLst/></p:cTn></p:par></p:tnLst><p:bldLst/></p:timing>'
    cleaned, notes, _said = assert_gone(
        pptx(
            frame,
            slide=timing.replace(
                "<p:childTnLst/>",
                '<p:stCondLst><p:cond><p:tgtEl><p:spTgt spid="9"/></p:tgtEl></p:cond></p:stCondLst>',
            ),
            members={"ppt/embeddings/o.bin": PLANTED},
            slide_links=[Link("rId9", "oleObject", "../embeddings/o.bin")],
        )
    )
    slide = part(cleaned, "ppt/slides/slide1.xml")
    assert "<p:pic>" in slide
    assert "graphicFrame" not in slide
    # It was an animation of the frame.
    assert "timing" not in slide
    assert (Trace.EMBEDDED, f"{PLANTED}.1") in {(each.trace, each.value) for each in notes.removed}


def test_object_without_a_picture_goes() -> None:
    object_ = f'<p:oleObj name="{PLANTED}"/>'
    frame = (
        f"<p:graphicFrame><a:graphic><a:graphicData>{object_}</a:graphicData></a:graphic></p:graphicFrame>"
    )
    cleaned, _notes, _said = assert_gone(pptx(frame))
    assert "graphicFrame" not in part(cleaned, "ppt/slides/slide1.xml")


def test_jumps_between_slides_stay() -> None:
    more = '<a:hlinkClick r:id="" action="ppaction://hlinkshowjump?jump=nextslide"/>'
    jump = shape("b", 3, '<a:hlinkClick r:id="rId9" action="ppaction://hlinksldjump"/>')
    cleaned, _notes, _said = assert_gone(
        pptx(
            shape(f"a<vnd:x>{PLANTED}</vnd:x>", more=more) + jump,
            slide_links=[Link("rId9", "slide", "slide1.xml")],
        )
    )
    slide = part(cleaned, "ppt/slides/slide1.xml")
    assert "hlinkshowjump" in slide
    assert "hlinksldjump" in slide


def test_names_of_layouts_and_themes_go() -> None:
    theme = root(
        "a:theme",
        f'<a:themeElements><a:clrScheme name="{PLANTED}"><a:dk1><a:srgbClr val="000000"/></a:dk1></a:clrScheme>'
        f'<a:fontScheme name="{PLANTED}"/><a:fmtScheme name="{PLANTED}"/></a:themeElements>',
        attributes=f'name="{PLANTED}"',
    )
    layout = root(
        "p:sldLayout",
        f'<p:cSld name="{PLANTED}"><p:spTree><p:sp><p:txBody><a:bodyPr/><a:p><a:fld id="{{2}}" type="datetimeFigureOut">'
        f"<a:t>{PLANTED}</a:t></a:fld></a:p></p:txBody></p:sp></p:spTree></p:cSld>",
        attributes=f'matchingName="{PLANTED}"',
    )
    cleaned, notes, _said = assert_gone(
        pptx(
            members={"ppt/theme/theme7.xml": theme, "ppt/slideLayouts/slideLayout1.xml": layout},
            links=[Link("rId9", "theme", "theme/theme7.xml")],
        )
    )
    assert 'name="Office Theme"' in part(cleaned, "ppt/theme/theme1.xml")
    assert notes.counts[Trace.SOFTWARE] >= 4


def test_date_on_a_slide_becomes_text_and_its_number_stays_a_field() -> None:
    fields = (
        '<a:fld id="{3}" type="datetime1"><a:rPr/><a:pPr/><a:t>1 May</a:t></a:fld>'
        f'<a:fld id="{{{PLANTED}}}" type="slidenum"><a:t>4</a:t></a:fld><a:r>'
    )
    cleaned, _notes, said = assert_gone(pptx(shape("a").replace("<a:r>", fields)))
    slide = part(cleaned, "ppt/slides/slide1.xml")
    assert "1 May" in slide
    assert slide.count("<a:fld") == 1
    assert any("1 May" in each for each in said)


def test_diagram_ids_are_numbered_alike_in_all_of_its_parts() -> None:
    guid = "{12345678-9ABC-DEF0-1234-56789ABCDEF0}"
    data = root(
        "dgm:dataModel",
        f'<dgm:ptLst><dgm:pt modelId="{guid}"><dgm:t><a:bodyPr/><a:p><a:r><a:t>box of kelp</a:t></a:r></a:p>'
        f"</dgm:t></dgm:pt>"
        f'</dgm:ptLst><dgm:extLst><a:ext uri="x"><dsp:dataModelExt relId="rId9"/></a:ext><a:ext uri="y">'
        f'<vnd:x a="{PLANTED}"/></a:ext></dgm:extLst>',
    )
    drawing = root("dsp:drawing", f'<dsp:spTree><dsp:sp modelId="{guid}"><dsp:style/></dsp:sp></dsp:spTree>')
    frame = (
        '<p:graphicFrame><a:graphic><a:graphicData uri="d"><dgm:relIds r:dm="rId5" r:lo="rId6" r:qs="rId7" r:cs="rId8"/>'
        "</a:graphicData></a:graphic></p:graphicFrame>"
    )
    plain = {
        "ppt/diagrams/l.xml": root("dgm:layoutDef", ""),
        "ppt/diagrams/q.xml": root("dgm:styleDef", ""),
        "ppt/diagrams/c.xml": root("dgm:colorsDef", ""),
    }
    cleaned, _notes, said = assert_gone(
        pptx(
            frame,
            members={"ppt/diagrams/d.xml": data, "ppt/diagrams/w.xml": drawing, **plain},
            slide_links=[
                Link("rId5", "diagramData", "../diagrams/d.xml"),
                Link("rId6", "diagramLayout", "../diagrams/l.xml"),
                Link("rId7", "diagramQuickStyle", "../diagrams/q.xml"),
                Link("rId8", "diagramColors", "../diagrams/c.xml"),
                Link(
                    "rId9",
                    "http://schemas.microsoft.com/office/2007/relationships/diagramDrawing",
                    "../diagrams/w.xml",
                ),
            ],
        )
    )
    assert "9ABC" not in everything(cleaned)
    assert "000000000001" in part(cleaned, "ppt/diagrams/data1.xml")
    assert "000000000001" in part(cleaned, "ppt/diagrams/drawing1.xml")
    assert "box of kelp" in said


def test_table_styles_lose_their_names() -> None:
    styles = root(
        "a:tblStyleLst", f'<a:tblStyle styleId="{{1}}" styleName="{PLANTED}"/>', attributes='def="{1}"'
    )
    cleaned, _notes, _said = assert_gone(
        pptx(members={"ppt/tableStyles.xml": styles}, links=[Link("rId9", "tableStyles", "tableStyles.xml")])
    )
    assert "tblStyle " in part(cleaned, "ppt/tableStyles.xml")
