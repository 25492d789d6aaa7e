"""Tracked changes of a DOCX are accepted: what was struck out goes, with the notes, rows and cells that hung on it."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.clean.office_documents import (
    KEPT,
    PLANTED,
    Link,
    assert_gone,
    clean,
    docx,
    paragraph,
    part,
    root,
    run,
)
from tests.clean.test_docx import WHO, deleted


def test_accepting_changes_keeps_what_was_put_in() -> None:
    body = (
        paragraph(run("one ") + deleted("not ") + f"<w:ins {WHO}>{run('two ')}</w:ins>" + run("three"))
        + paragraph(f"<w:pPr><w:rPr><w:del {WHO}/></w:rPr></w:pPr>{run('joined ')}")
        + paragraph(run("to this"))
        + paragraph(f"<w:pPr><w:rPr><w:del {WHO}/></w:rPr></w:pPr>{deleted('a whole paragraph')}")
        + paragraph(run("last"))
        + paragraph(f"<w:pPr><w:rPr><w:del {WHO}/></w:rPr></w:pPr>{deleted('the end')}")
        + "<w:sectPr/>"
    )
    cleaned, _notes, said = assert_gone(docx(body))
    assert said[:5] == [KEPT, "one two three", "joined to this", "last"]
    document = etree.fromstring(part(cleaned, "word/document.xml").encode())
    assert len(list(document.iter("{*}p"))) == 4


@pytest.mark.parametrize("kind", ["footnote", "endnote"])
@pytest.mark.parametrize(
    "around",
    ["", "<w:r><w:rPr><w:vanish/></w:rPr>{}</w:r>", f"<w:del {WHO}><w:r>{{}}</w:r></w:del>"],
    ids=["no mark", "hidden mark", "struck out mark"],
)
def test_notes_that_no_reader_finds_go(kind: str, around: str) -> None:
    mark = f'<w:{kind}Reference w:id="{{}}"/>'
    notes = "".join(
        f"<w:{kind} {about}>{paragraph(run(text))}</w:{kind}>"
        for about, text in (
            ('w:type="separator" w:id="-1"', ""),
            ('w:id="2"', PLANTED),
            ('w:id="3"', "shown"),
        )
    )
    cleaned, _notes, _said = assert_gone(
        docx(
            paragraph(f"<w:r>{mark.format(3)}</w:r>{around.format(mark.format(2))}"),
            members={f"word/{kind}s.xml": root(f"w:{kind}s", notes)},
            links=[Link("rIdF", f"{kind}s", f"{kind}s.xml")],
        )
    )
    left = part(cleaned, f"word/{kind}s.xml")
    assert "shown" in left
    assert "separator" in left


def test_a_row_whose_cells_were_struck_out_goes() -> None:
    cell = f"<w:tc><w:tcPr><w:cellDel {WHO}/></w:tcPr>{paragraph(run('gone'))}</w:tc>"
    rows = f"<w:tr>{cell}</w:tr><w:tr><w:tc>{paragraph(run('stays'))}</w:tc></w:tr>"
    cleaned, _notes, _said = clean(docx(f"<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>"))
    document = part(cleaned, "word/document.xml")
    assert document.count("</w:tr>") == 1
    assert "stays" in document


def test_every_cell_still_ends_with_a_paragraph() -> None:
    struck = f"<w:p><w:pPr><w:rPr><w:del {WHO}/></w:rPr></w:pPr>{deleted('x')}</w:p>"
    body = f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc>{struck}{struck}</w:tc></w:tr></w:tbl>"
    cleaned, _notes, _said = assert_gone(docx(body))
    document = etree.fromstring(part(cleaned, "word/document.xml").encode())
    for cell in document.iter("{*}tc"):
        assert cell[-1].tag.endswith("}p")
