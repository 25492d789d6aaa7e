"""DOCX: each trace that Word leaves, planted and looked for in every octet of what comes out."""

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
    names,
    paragraph,
    part,
    root,
    run,
)
from torsend.clean.report import Left, Trace

WHO = f'w:id="7" w:author="{PLANTED}" w:date="2024-01-02T03:04:05Z"'


def deleted(text: str) -> str:
    return f"<w:del {WHO}><w:r><w:delText>{text}</w:delText></w:r></w:del>"


def field(instruction: str, shown: str) -> str:
    char = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return (
        char.format("begin")
        + f'<w:r><w:instrText xml:space="preserve">{instruction}</w:instrText></w:r>'
        + char.format("separate")
        + run(shown)
        + char.format("end")
    )


CHAR = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
HIDDEN = "<w:rPr><w:vanish/></w:rPr>"


def within(instruction: str, inner: str) -> str:
    """A field whose instruction holds more than its words."""
    return (
        f'{CHAR.format("begin")}<w:r><w:instrText xml:space="preserve">{instruction} </w:instrText></w:r>{inner}'
        f"{CHAR.format('separate')}{run('shown')}{CHAR.format('end')}"
    )


BODIES = {
    "value of a field within a condition": paragraph(within("IF", field("DOCPROPERTY Secret", PLANTED))),
    "value of a field within a sum": paragraph(within("=", field("DOCPROPERTY Secret", PLANTED))),
    "text before what a field shows": paragraph(within("PAGE", run(PLANTED))),
    "hidden text box": paragraph(
        f"<w:r>{HIDDEN}<w:pict><v:shape><v:textbox><w:txbxContent>{paragraph(run(PLANTED))}</w:txbxContent>"
        "</v:textbox></v:shape></w:pict></w:r>"
    ),
    "hidden ruby": paragraph(
        f"<w:r>{HIDDEN}<w:ruby><w:rt>{run(PLANTED)}</w:rt><w:rubyBase>{run('x')}</w:rubyBase></w:ruby></w:r>"
    ),
    "deleted text": paragraph(deleted(PLANTED)),
    "author of an insertion": paragraph(f"<w:ins {WHO}>{run('put in')}</w:ins>"),
    "moved text": paragraph(
        f"<w:moveFrom {WHO}>{run(PLANTED)}</w:moveFrom><w:moveTo {WHO}>{run('moved')}</w:moveTo>"
    ),
    "names of moves": paragraph(
        f'<w:moveFromRangeStart {WHO} w:name="{PLANTED}"/><w:moveFromRangeEnd w:id="7"/>'
    ),
    "former run format": paragraph(
        run(
            "a",
            f'<w:rPr><w:b/><w:rPrChange {WHO}><w:rPr><w:rFonts w:ascii="{PLANTED}"/></w:rPr></w:rPrChange></w:rPr>',
        )
    ),
    "former paragraph format": paragraph(
        f"<w:pPr><w:pPrChange {WHO}><w:pPr/></w:pPrChange></w:pPr>{run('a')}"
    ),
    "inserted paragraph mark": paragraph(f"<w:pPr><w:rPr><w:ins {WHO}/></w:rPr></w:pPr>{run('a')}"),
    "former section": f"<w:sectPr><w:pgSz w:w='1' w:h='2'/><w:sectPrChange {WHO}><w:sectPr/></w:sectPrChange></w:sectPr>",
    "deleted row": f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:trPr><w:del {WHO}/></w:trPr>"
    f"<w:tc>{paragraph(run(PLANTED))}</w:tc>"
    f"</w:tr><w:tr><w:trPr><w:ins {WHO}/></w:trPr><w:tc>{paragraph(run('cell'))}</w:tc></w:tr></w:tbl>",
    "deleted cell": f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:tcPr><w:cellDel {WHO}/>"
    f"</w:tcPr>{paragraph(run(PLANTED))}"
    f"</w:tc><w:tc>{paragraph(run('b'))}</w:tc></w:tr></w:tbl>",
    "deleted table": f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:trPr><w:del {WHO}/></w:trPr>"
    f"<w:tc>{paragraph(run(PLANTED))}</w:tc>"
    "</w:tr></w:tbl>",
    "deleted maths": paragraph(
        '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:rPr/>'
        f"<w:del {WHO}><w:r><w:delText>{PLANTED}</w:delText></w:r></w:del><m:t>x</m:t></m:r></m:oMath>"
    ),
    "who may edit": paragraph(
        f'<w:permStart w:id="1" w:ed="{PLANTED}@x.example"/>{run("a")}<w:permEnd w:id="1"/>'
    ),
    "revision ids": f'<w:p w:rsidR="{PLANTED}" w:rsidRDefault="00AB"><w:r w:rsidRPr="{PLANTED}"><w:t>a</w:t></w:r></w:p>',
    "paragraph ids": f'<w:p w14:paraId="{PLANTED}" w14:textId="{PLANTED}">{run("a")}</w:p>',
    "language": paragraph(run("a", f'<w:rPr><w:lang w:val="{PLANTED}" w:eastAsia="ja-JP"/></w:rPr>')),
    "place of the last edit": paragraph(
        f'<w:bookmarkStart w:id="1" w:name="_{PLANTED}"/><w:bookmarkEnd w:id="1"/>{run("a")}'
    ),
    "smart tag": paragraph(
        f'<w:smartTag w:uri="urn:x" w:element="{PLANTED}"><w:smartTagPr><w:attr w:name="n" w:val="{PLANTED}"/>'
        f"</w:smartTagPr>"
        f"{run('in a smart tag')}</w:smartTag>"
    ),
    "custom XML": f'<w:customXml w:element="{PLANTED}"><w:customXmlPr><w:attr w:name="n" w:val="v"/></w:customXmlPr>'
    f"{paragraph(run('in custom XML'))}</w:customXml>",
    "content control": f'<w:sdt><w:sdtPr><w:alias w:val="{PLANTED}"/><w:tag w:val="{PLANTED}"/><w:id w:val="1"/>'
    f'<w:dataBinding w:xpath="/{PLANTED}" w:storeItemID="{{1}}"/><w:placeholder><w:docPart w:val="{PLANTED}"/>'
    f"</w:placeholder>"
    f'<w:date w:fullDate="{PLANTED}"/></w:sdtPr><w:sdtContent>{paragraph(run("in a control"))}</w:sdtContent></w:sdt>',
    "hidden text": paragraph(run(PLANTED, "<w:rPr><w:vanish/></w:rPr>")),
    "author field": paragraph(field("AUTHOR", PLANTED)),
    "simple author field": paragraph(f'<w:fldSimple w:instr=" LASTSAVEDBY  ">{run(PLANTED)}</w:fldSimple>'),
    "user's address": paragraph(field(f'USERADDRESS "{PLANTED}"', PLANTED)),
    "property of the author": paragraph(field('DOCPROPERTY "Author"', PLANTED)),
    "path of the file": paragraph(field("FILENAME \\p", f"C:\\Users\\{PLANTED}\\a.docx")),
    "linked picture's path": paragraph(field(f'INCLUDEPICTURE "C:\\\\{PLANTED}\\\\a.png" \\d', "shown")),
    "date field": paragraph(field(f'SAVEDATE \\@ "{PLANTED}"', "yesterday")),
    "citation manager": paragraph(field(f'ADDIN ZOTERO_ITEM {{"uris":["{PLANTED}"]}}', "(1)")),
    "field within a field": paragraph(field(field(f"MERGEFIELD {PLANTED}", "x") + "REF a", "shown")),
    "link to a file": paragraph(field(f'HYPERLINK "file:///home/{PLANTED}/a"', "a link")),
    "field data": paragraph(
        f'<w:fldSimple w:instr="PAGE"><w:fldData>{PLANTED}</w:fldData>{run("1")}</w:fldSimple>'
    ),
    "field that never ends": paragraph(
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>AUTHOR {PLANTED}</w:instrText></w:r>'
    ),
    "macro of a form": paragraph(
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="x"/><w:entryMacro w:val="{PLANTED}"/></w:ffData>'
        '</w:fldChar></w:r><w:r><w:instrText>FORMTEXT</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    ),
    "name and path of a picture": paragraph(
        f'<w:r><w:drawing><wp:inline><wp:extent cx="1" cy="1"/><wp:docPr id="1" name="{PLANTED}.jpg" '
        f'descr="C:\\{PLANTED}\\a.jpg" title="{PLANTED}.png"/></wp:inline></w:drawing></w:r>'
    ),
    "edit id of a drawing": paragraph(
        f'<w:r><w:drawing><wp:inline wp14:anchorId="{PLANTED}" wp14:editId="{PLANTED}"><wp:extent cx="1" cy="1"/>'
        '<wp:docPr id="1" name=""/></wp:inline></w:drawing></w:r>'
    ),
    "fallback beside a choice": paragraph(
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing/></mc:Choice><mc:Fallback>'
        f"<w:pict><v:shape><v:textbox><w:txbxContent>{paragraph(run(PLANTED))}</w:txbxContent></v:textbox>"
        f"</v:shape></w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    ),
    "choice that is not known": paragraph(
        f'<w:r><mc:AlternateContent><mc:Choice Requires="vnd"><w:t>{PLANTED}</w:t></mc:Choice><mc:Fallback>'
        f"<w:t>plain</w:t>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    ),
    "extension": paragraph(
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name=""><a:extLst><a:ext uri="{{1}}">'
        f'<a16:creationId id="{PLANTED}"/>'
        "</a:ext></a:extLst></wp:docPr></wp:inline></w:drawing></w:r>"
    ),
    "vendor's element": paragraph(f'<vnd:x y="{PLANTED}">{PLANTED}</vnd:x>{run("a")}'),
    "vendor's attribute": f'<w:p vnd:x="{PLANTED}">{run("a")}</w:p>',
    "element that no schema has": paragraph(f"<w:secret>{PLANTED}</w:secret>{run('a')}"),
    "VML": paragraph(
        f"<w:r><w:pict>"
        f'<v:shape id="a" alt="C:\\{PLANTED}\\a.jpg" href="http://x.example/{PLANTED}" o:gfxdata="{PLANTED}">'
        f'<v:imagedata o:title="{PLANTED}" src="C:\\{PLANTED}"/></v:shape></w:pict></w:r>'
    ),
    "signature line": paragraph(
        f'<w:r><w:pict><v:shape><o:signatureline o:suggestedsigner="{PLANTED}"/></v:shape></w:pict></w:r>'
    ),
    "comment marks": paragraph(
        f'<w:commentRangeStart w:id="0"/>{run("a")}<w:commentRangeEnd w:id="0"/><w:r>'
        f'<w:commentReference w:id="{PLANTED}"/></w:r>'
    ),
    "path in a tip": paragraph(
        f'<w:hyperlink w:anchor="a" w:tooltip="C:\\{PLANTED}\\a.docx">{run("a")}</w:hyperlink>'
    ),
    "name of a VML shape": paragraph(f'<w:r><w:pict><v:shape id="{PLANTED}"/></w:pict></w:r>'),
    "document in another file": f'<w:subDoc r:id="{PLANTED}"/>',
    "comments and instructions of XML": f"<!-- {PLANTED} --><?x {PLANTED}?>",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_what_the_body_tells_is_gone(body: str) -> None:
    assert_gone(docx(body))


SETTINGS = {
    "revision ids": f'<w:rsids><w:rsidRoot w:val="{PLANTED}"/><w:rsid w:val="{PLANTED}"/></w:rsids>',
    "document variables": f'<w:docVars><w:docVar w:name="{PLANTED}" w:val="{PLANTED}"/></w:docVars>',
    "mail merge": f'<w:mailMerge><w:query w:val="SELECT {PLANTED}"/></w:mailMerge>',
    "document id": f'<w15:docId w15:val="{PLANTED}"/>',
    "protection": f'<w:documentProtection w:edit="readOnly" w:hash="{PLANTED}"/>',
    "language": f'<w:themeFontLang w:val="{PLANTED}"/>',
    "style view": f'<w:stylePaneFormatFilter w:val="{PLANTED}"/>',
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_what_the_settings_tell_is_gone(settings: str) -> None:
    cleaned, _notes, _said = assert_gone(docx(settings=settings))
    assert "defaultTabStop" in part(cleaned, "word/settings.xml")


OTHER_PARTS: dict[str, tuple[str, str]] = {
    "comments": ("comments", "w:comments"),
    "people": ("http://schemas.microsoft.com/office/2011/relationships/people", "w15:people"),
    "extended comments": (
        "http://schemas.microsoft.com/office/2011/relationships/commentsExtended",
        "w15:commentsEx",
    ),
    "glossary": ("glossaryDocument", "w:glossaryDocument"),
    "web settings": ("webSettings", "w:webSettings"),
    "custom XML": ("customXml", "x"),
    "macros": ("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "x"),
    "something of next year": ("http://schemas.microsoft.com/office/2031/relationships/memories", "x"),
}


@pytest.mark.parametrize(("type_", "tag"), OTHER_PARTS.values(), ids=OTHER_PARTS.keys())
def test_parts_that_are_not_the_document_are_gone(type_: str, tag: str) -> None:
    cleaned, notes, _said = assert_gone(
        docx(
            members={
                f"word/{PLANTED}.xml": root(tag, f'<w:comment w:author="{PLANTED}">{PLANTED}</w:comment>')
            },
            links=[Link("rId90", type_, f"{PLANTED}.xml")],
        )
    )
    assert notes.removed
    assert len(names(cleaned)) == 7


def test_properties_of_the_document_are_gone_and_told() -> None:
    core = (
        '<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="urn:t">'
        f"<dc:creator>{PLANTED}</dc:creator><cp:lastModifiedBy>{PLANTED} 2</cp:lastModifiedBy>"
        "<dcterms:created>2024-01-02T03:04:05Z</dcterms:created></cp:coreProperties>"
    )
    custom = f'<Properties xmlns="urn:x"><property name="Matter"><v>{PLANTED}</v></property></Properties>'
    app = f"<Properties xmlns='urn:x'><Company>{PLANTED}</Company><Application>W</Application><Pages>3</Pages></Properties>"
    data = docx(
        members={
            "docProps/core.xml": core,
            "docProps/custom.xml": custom,
            "docProps/app.xml": app,
            "docProps/thumbnail.jpeg": PLANTED,
        },
        comment=PLANTED.encode(),
    )
    _cleaned, notes, _said = assert_gone(data)
    told = {(each.trace, each.name, each.value) for each in notes.removed}
    assert (Trace.AUTHOR, "docProps/core.xml creator", PLANTED) in told
    assert (Trace.AUTHOR, "docProps/core.xml lastModifiedBy", f"{PLANTED} 2") in told
    assert (Trace.DATE, "docProps/core.xml created", "2024-01-02T03:04:05Z") in told
    assert (Trace.AUTHOR, "docProps/app.xml Company", PLANTED) in told
    assert (Trace.OTHER, "docProps/custom.xml Matter", PLANTED) in told
    assert notes.counts[Trace.THUMBNAIL] == 1
    assert (Trace.COMMENT, "ZIP comment", PLANTED) in told
    assert notes.kept == {Left.WORDS, Left.LAYOUT}


@pytest.mark.parametrize("content", ["not XML", "<a><!DOCTYPE a></a>"])
def test_broken_parts_that_go_anyway_do_not_matter(content: str) -> None:
    cleaned, _notes, _said = clean(docx(members={"docProps/core.xml": content, "word/comments.xml": content}))
    assert KEPT in everything(cleaned)


def test_template_and_data_source_are_told_by_their_path() -> None:
    data = docx(
        settings='<w:attachedTemplate r:id="rId1"/>',
        more_links={
            "word/settings.xml": [
                Link("rId1", "attachedTemplate", f"file:///C:/{PLANTED}.dotm", external=True)
            ]
        },
    )
    _cleaned, notes, _said = assert_gone(data)
    assert (Trace.PATH, f"file:///C:/{PLANTED}.dotm") in {(each.trace, each.value) for each in notes.removed}


@pytest.mark.parametrize(
    "target", [f"file:///home/{PLANTED}", f"\\\\{PLANTED}\\share", f"javascript:{PLANTED}", f"{PLANTED}.docx"]
)
def test_links_to_files_go_and_their_words_stay(target: str) -> None:
    body = paragraph(f'<w:hyperlink r:id="rId9">{run("the words of a link")}</w:hyperlink>')
    cleaned, _notes, said = assert_gone(docx(body, links=[Link("rId9", "hyperlink", target, external=True)]))
    assert "the words of a link" in part(cleaned, "word/document.xml")
    assert "the words of a link" in said


@pytest.mark.parametrize("target", ["https://a.example/b", "mailto:wren@a.example", "HTTP://a.example"])
def test_links_that_a_reader_clicks_stay_and_are_told(target: str) -> None:
    body = paragraph(
        f'<w:hyperlink r:id="rId9">{run("a link")}</w:hyperlink>{run(PLANTED, "<w:rPr><w:vanish/></w:rPr>")}'
    )
    cleaned, _notes, said = assert_gone(docx(body, links=[Link("rId9", "hyperlink", target, external=True)]))
    assert target in part(cleaned, "word/_rels/document.xml.rels")
    assert target in said


def test_fields_that_count_stay_fields() -> None:
    body = paragraph(
        field("PAGE", "3") + field('HYPERLINK "https://a.example"', "link") + field("AUTHOR", PLANTED)
    )
    cleaned, _notes, said = assert_gone(docx(body))
    document = part(cleaned, "word/document.xml")
    assert "PAGE" in document
    assert document.count('w:fldCharType="begin"') == 2
    assert "https://a.example" in said
    assert "3link" in said


def test_a_file_name_field_keeps_the_name_without_its_path() -> None:
    cleaned, _notes, said = assert_gone(
        docx(paragraph(field("FILENAME \\p", f"/home/{PLANTED}/report.docx")))
    )
    assert "report.docx" in said
    assert "instrText" not in part(cleaned, "word/document.xml")


def test_styles_get_new_ids_everywhere() -> None:
    styles = (
        f'<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/><w:rsid w:val="00{PLANTED}"/>'
        "<w:rPr><w:lang w:val='de-AT'/></w:rPr></w:style>"
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{PLANTED}1"><w:name w:val="{PLANTED} Body"/>'
        '<w:basedOn w:val="berschrift1"/></w:style>'
    )
    body = paragraph('<w:pPr><w:pStyle w:val="berschrift1"/></w:pPr>' + run("Heading")) + paragraph(
        f'<w:pPr><w:pStyle w:val="{PLANTED}1"/></w:pPr>'
        + run("Text")
        + field(f'STYLEREF "{PLANTED} Body"', "x")
    )
    header = root("w:hdr", paragraph(f'<w:pPr><w:pStyle w:val="{PLANTED}1"/></w:pPr>{run("head")}'))
    cleaned, notes, said = assert_gone(
        docx(
            body + '<w:sectPr><w:headerReference w:type="default" r:id="rId5"/></w:sectPr>',
            styles=styles,
            members={"word/header1.xml": header},
            links=[Link("rId5", "header", "header1.xml")],
        )
    )
    document, style_part = part(cleaned, "word/document.xml"), part(cleaned, "word/styles.xml")
    assert 'w:val="Heading1"' in document
    assert 'w:styleId="Heading1"' in style_part
    assert 'w:val="Style2"' in document
    assert 'w:val="Style2"' in part(cleaned, "word/header1.xml")
    assert 'STYLEREF "Style2"' in document
    assert 'w:basedOn w:val="Heading1"' in style_part
    assert "berschrift1" not in everything(cleaned)
    assert "head" in said
    assert (Trace.SOFTWARE, f"{PLANTED} Body") in {(each.trace, each.value) for each in notes.removed}


def test_lists_lose_their_random_numbers_and_keep_their_shape() -> None:
    numbering = (
        f'<w:abstractNum w:abstractNumId="0"><w:nsid w:val="{PLANTED}"/><w:multiLevelType w:val="multilevel"/>'
        f'<w:tmpl w:val="{PLANTED}"/><w:name w:val="{PLANTED}"/><w:lvl w:ilvl="0" w:tplc="{PLANTED}"><w:start w:val="1"/>'
        '<w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    cleaned, _notes, _said = assert_gone(docx(numbering=numbering))
    assert 'w:lvlText w:val="%1."' in part(cleaned, "word/numbering.xml")


def test_seams_of_editing_go() -> None:
    bold = "<w:rPr><w:b/></w:rPr>"
    body = (
        f'<w:p><w:r w:rsidR="00{PLANTED}"><w:t xml:space="preserve">one </w:t></w:r><w:r w:rsidR="2"><w:t>two </w:t></w:r>'
        f'<w:proofErr w:type="spellStart"/>{run("three")}{run(" bold", bold)}{run("er", bold)}{run(" end")}'
        f"<w:r><w:br/><w:t>last</w:t></w:r>{run(' one')}</w:p>"
    )
    cleaned, _notes, _said = assert_gone(docx(body))
    document = part(cleaned, "word/document.xml")
    assert ">one twothree<" in document
    assert "> bolder<" in document
    assert document.count("<w:r>") == 6


def test_words_that_show_on_choosing_or_in_an_index_are_told() -> None:
    body = paragraph(
        '<w:sdt><w:sdtPr><w:dropDownList><w:listItem w:displayText="herring" w:value="1"/></w:dropDownList></w:sdtPr>'
        f"<w:sdtContent>{run('a')}</w:sdtContent></w:sdt>"
    )
    watermark = '<w:r><w:pict><v:shape><v:textpath string="Only for Wren"/></v:shape></w:pict></w:r>'
    tip = f'<w:hyperlink w:anchor="a" w:tooltip="a tip">{run("b")}</w:hyperlink>'
    _cleaned, _notes, said = clean(
        docx(body + paragraph(field('XE "Zander"', "")) + paragraph(watermark + tip))
    )
    assert {"herring", 'XE "Zander"', "Only for Wren", "a tip"} <= set(said)
