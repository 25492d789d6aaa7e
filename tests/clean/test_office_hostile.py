"""Documents that mean harm, and documents that were dropped: a refusal or a clean document, soon, and nothing else."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.clean.office_documents import Link, clean, docx, odf, pack, paragraph, part, pptx, root, run, xlsx
from torsend.clean.formats import opc, xml_part, zip_package
from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Why

LAUGHS = (
    '<!DOCTYPE w:document [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {name} "{("&" + before + ";") * 10}">'
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )
    + "]>"
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

HOSTILE = {
    "billion laughs": f"{LAUGHS}<w:document {W}><w:body><w:p><w:r><w:t>&h;</w:t></w:r></w:p></w:body></w:document>",
    "laughs in an attribute": f'{LAUGHS}<w:document {W} w:x="&h;"/>',
    "a file of this machine": f'<!DOCTYPE w:document [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    f"<w:document {W}>&a;</w:document>",
    "a file of the network": f'<!DOCTYPE w:document SYSTEM "http://127.0.0.1:9/x.dtd"><w:document {W}/>',
    "parameter entity": f'<!DOCTYPE w:document [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]><w:document {W}/>',
    "no more than a type": f"<!DOCTYPE w:document><w:document {W}/>",
    "too deep": f"<w:document {W}>" + "<w:p>" * 5000 + "</w:p>" * 5000 + "</w:document>",
    "not an encoding": f'<?xml version="1.0" encoding="klingon"?><w:document {W}/>',
    "NUL": f"<w:document {W}>\0</w:document>",
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_xml_is_refused(document: str) -> None:
    with pytest.raises(NotCleanable) as refused:
        clean(docx(members={"word/document.xml": document}))
    assert refused.value.why is Why.DAMAGED


def test_other_encodings_are_read_and_written_as_utf_8() -> None:
    body = f"<w:body>{paragraph(run('Grüße'))}</w:body>"
    text = f'<?xml version="1.0" encoding="UTF-16"?><w:document {W}>{body}</w:document>'
    cleaned, _notes, said = clean(docx(members={"word/document.xml": text.encode("utf-16")}))
    assert "Grüße" in part(cleaned, "word/document.xml")
    assert said == ["Grüße"]


def test_a_part_too_large_for_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_part, "LARGEST_PART", 3000)
    with pytest.raises(NotCleanable) as refused:
        clean(docx(paragraph(run("a" * 3000))))
    assert (refused.value.why, refused.value.inside) == (Why.TOO_LARGE, "word/document.xml")


def test_a_part_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_package, "LARGEST_MEMBER", 1 << 20)
    with pytest.raises(NotCleanable) as refused:
        clean(docx(members={"word/styles.xml": "<a>" + " " * (1 << 20)}))
    assert refused.value.why is Why.TOO_LARGE


def test_too_many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opc, "MOST_PARTS", 2)
    with pytest.raises(NotCleanable) as refused:
        clean(docx())
    assert refused.value.why is Why.TOO_LARGE


def test_relations_that_leave_the_package_lead_nowhere() -> None:
    cleaned, _notes, _said = clean(
        docx(
            '<w:sectPr><w:headerReference w:type="default" r:id="rId9"/></w:sectPr>',
            links=[Link("rId9", "header", "../../../../etc/passwd")],
        )
    )
    assert "headerReference" not in part(cleaned, "word/document.xml")


def test_parts_that_name_each_other_have_an_end() -> None:
    clean(
        pptx(
            slide_links=[
                Link("rId7", "slide", "slide1.xml"),
                Link("rId8", "slideLayout", "../slides/slide1.xml"),
            ]
        )
    )


def test_two_parts_where_one_may_be() -> None:
    with pytest.raises(NotCleanable) as refused:
        clean(
            docx(links=[Link("rId8", "styles", "more.xml")], members={"word/more.xml": root("w:styles", "")})
        )
    assert refused.value.why is Why.DAMAGED


def test_fields_nested_without_end() -> None:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    with pytest.raises(NotCleanable) as refused:
        clean(docx(paragraph(begin * 100)))
    assert refused.value.why is Why.DAMAGED


def test_stray_field_marks_and_changes_at_the_root_do_not_stop_it() -> None:
    body = paragraph(
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:instrText>AUTHOR</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    cleaned, _notes, _said = clean(
        docx(body + '<w:tbl><w:tr><w:tc/></w:tr></w:tbl><w:del/><w:ins/><w:bookmarkEnd w:id="4"/>')
    )
    assert "AUTHOR" not in part(cleaned, "word/document.xml")


def test_names_in_another_case_are_the_same_part() -> None:
    data = docx()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members: dict[str, bytes | str] = {
            each.replace("word/", "Word/"): archive.read(each) for each in archive.namelist()
        }
    cleaned, _notes, _said = clean(pack(members))
    assert cleaned == clean(data)[0]


ORIGINALS = (
    docx(paragraph(run("a"))),
    xlsx(),
    pptx(),
    odf("odt", "<text:p>a</text:p>"),
    odf("ods"),
    odf("odp"),
)


@settings(max_examples=60)
@given(st.sampled_from(ORIGINALS), st.data())
def test_broken_packages_end_in_a_refusal_or_a_document(original: bytes, data: st.DataObject) -> None:
    octets = bytearray(original)
    for _each in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(octets) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "splice"])):
            case "flip":
                octets[at] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del octets[at : at + data.draw(st.integers(1, 200))]
            case _:
                octets[at:at] = octets[: data.draw(st.integers(1, 200))]
        if not octets:
            return
    with suppress(NotCleanable, AssertionError):
        clean(bytes(octets))


PIECES = st.sampled_from(
    [
        "<w:p>",
        "</w:p>",
        "<w:r>",
        "</w:r>",
        "<w:t>",
        "</w:t>",
        "<w:del>",
        "</w:del>",
        "<w:ins>",
        "</w:ins>",
        "<w:tbl>",
        "</w:tbl>",
        "<w:tr>",
        "</w:tr>",
        "<w:tc>",
        "</w:tc>",
        "<w:fldSimple_w:instr='AUTHOR'>",
        "</w:fldSimple>",
        "<w:sdt>",
        "</w:sdt>",
        "words",
        "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>",
        "<w:trPr><w:del/></w:trPr>",
        "<w:fldChar_w:fldCharType='begin'/>",
        "<w:instrText>PAGE</w:instrText>",
        "<w:fldChar_w:fldCharType='end'/>",
        "<w:smartTag>",
        "</w:smartTag>",
        "<mc:AlternateContent>",
        "<mc:Choice_Requires='wps'>",
        "</mc:Choice>",
        "<mc:Fallback>",
        "</mc:Fallback>",
        "</mc:AlternateContent>",
        "<w:hyperlink_r:id='x'>",
        "</w:hyperlink>",
        "<w:object>",
        "</w:object>",
        "<w:drawing>",
        "</w:drawing>",
    ]
)


@settings(max_examples=60)
@given(st.lists(PIECES, max_size=30))
@example(["<w:tbl>", "<mc:Fallback>", "<w:tr>"])
@example(["<w:tbl>", "<w:object>", "<w:tr>"])
def test_odd_trees_end_in_a_refusal_or_in_a_document_that_is_clean(pieces: list[str]) -> None:
    """Ends are put where they are missing, so that most of them are XML, if no Word's."""
    open_: list[str] = []
    text: list[str] = []
    for each in (piece.replace("_", " ") for piece in pieces):
        if each.startswith("</"):
            if open_ and open_[-1] == each[2:-1]:
                text.append(each)
                open_.pop()
            continue
        text.append(each)
        if each.startswith("<") and not each.endswith("/>") and "</" not in each:
            open_.append(each[1:-1].split()[0])
    text.extend(f"</{each}>" for each in reversed(open_))
    cleaned, _notes, _said = clean(docx("".join(text)))
    again, notes, _said = clean(cleaned)
    assert again == cleaned
    assert not notes.removed
