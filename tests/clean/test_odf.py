"""OpenDocument: each trace that LibreOffice leaves, planted and looked for in every octet of what comes out."""

from __future__ import annotations

import pytest

from tests.clean.office_documents import KEPT, PLANTED, assert_gone, clean, everything, names, odf, part
from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Left, Trace, Why

WHO = f"<office:change-info><dc:creator>{PLANTED}</dc:creator><dc:date>2024-01-02T03:04:05</dc:date></office:change-info>"


def p(content: str) -> str:
    return f"<text:p>{content}</text:p>"


def field(name: str, shown: str, attributes: str = "") -> str:
    return p(f"<text:{name} {attributes}>{shown}</text:{name}>")


TEXTS = {
    "deleted text": f'<text:tracked-changes><text:changed-region text:id="c1">'
    f"<text:deletion>{WHO}{p(PLANTED)}</text:deletion>"
    f"</text:changed-region>"
    f"</text:tracked-changes>{p('a<text:change text:change-id=' + chr(34) + 'c1' + chr(34) + '/>b')}",
    "who put in": '<text:tracked-changes><text:changed-region xml:id="c1"><text:insertion>'
    f"{WHO}</text:insertion></text:changed-region></text:tracked-changes>"
    + p('<text:change-start text:change-id="c1"/>put in<text:change-end text:change-id="c1"/>'),
    "annotation": p(
        f'a<office:annotation office:name="1"><dc:creator>{PLANTED}</dc:creator><dc:date>2024</dc:date>{p(PLANTED)}'
        '</office:annotation>b<office:annotation-end office:name="1"/>'
    ),
    "author": field("author-name", PLANTED),
    "initials": field("author-initials", PLANTED),
    "creator": field("initial-creator", PLANTED, 'text:fixed="false"'),
    "sender": field("sender-street", PLANTED),
    "who printed": field("printed-by", PLANTED),
    "path": field("file-name", f"/home/{PLANTED}/a.odt", 'text:display="full"'),
    "template": field("template-name", f"C:\\{PLANTED}\\a.ott"),
    "hidden text": field("hidden-text", "", f'text:condition="ooow:x" text:string-value="{PLANTED}"'),
    "hidden paragraph": field("hidden-paragraph", PLANTED, 'text:condition="ooow:x"'),
    "hidden section": f'<text:section text:name="s" text:display="none">{p(PLANTED)}</text:section>',
    "linked section": f'<text:section text:name="s">'
    f'<text:section-source xlink:href="file:///{PLANTED}"/>{p("a")}</text:section>',
    "user's fields": f"<text:user-field-decls>"
    f'<text:user-field-decl text:name="{PLANTED}" office:string-value="{PLANTED}"/>'
    f"</text:user-field-decls>{field('user-field-get', 'shown', 'text:name=' + chr(34) + PLANTED + chr(34))}",
    "database": field("database-display", "shown", f'text:table-name="{PLANTED}"'),
    "script": field("script", "", f'xlink:href="{PLANTED}"'),
    "macro": field("execute-macro", "shown", f'text:name="{PLANTED}"'),
    "link to a file": p(f'<text:a xlink:href="file:///{PLANTED}">words</text:a>'),
    "link to a place beside": p(f'<text:a xlink:href="../{PLANTED}.odt">words</text:a>'),
    "picture from the web": p(
        f'<draw:frame><draw:image xlink:href="https://{PLANTED}.example/a.png"/></draw:frame>'
    ),
    "picture from the disk": p(f'<draw:frame><draw:image xlink:href="file:///{PLANTED}.png"/></draw:frame>'),
    "part that isn't there": p(f'<draw:frame><draw:image xlink:href="Pictures/{PLANTED}.png"/></draw:frame>'),
    "name of a picture": p(
        f'<draw:frame draw:name="{PLANTED}.jpg"><svg:title>{PLANTED}.jpg</svg:title></draw:frame>'
    ),
    "frame from elsewhere": p(
        f'<draw:frame><draw:floating-frame xlink:href="http://{PLANTED}.example"/></draw:frame>'
    ),
    "applet": p(f'<draw:frame><draw:applet draw:code="{PLANTED}"/></draw:frame>'),
    "form": f'<office:forms><form:form form:command="SELECT {PLANTED}"/></office:forms>',
    "listener": p(
        '<text:a xlink:href="https://a.example"><office:event-listeners><script:event-listener '
        f'xlink:href="vnd.sun.star.script:{PLANTED}"/></office:event-listeners>a</text:a>'
    ),
    "bookmark of the clipboard": p(f'<text:bookmark text:name="__DdeLink__{PLANTED}"/>a'),
    "ids": f'<text:list xml:id="list{PLANTED}"><text:list-item>{p("a")}</text:list-item></text:list>',
    "vendor's element": p(f'<vnd:x vnd:y="{PLANTED}">{PLANTED}</vnd:x>a'),
    "vendor's attribute": f'<text:p vnd:x="{PLANTED}">a</text:p>',
    "metadata in content": p(
        f'<text:meta xhtml:about="{PLANTED}" xhtml:content="{PLANTED}">shown</text:meta>'
    ),
    "comments of XML": f"<!-- {PLANTED} --><?x {PLANTED}?>",
}


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS.keys())
def test_what_a_text_tells_is_gone(content: str) -> None:
    cleaned, _notes, said = assert_gone(odf("odt", content))
    body = part(cleaned, "content.xml")
    for shown in ("shown", "words", "put in"):
        assert (shown in content) == (shown in body)
        assert (shown in content) == any(shown in each for each in said)


STYLES = {
    "language": f'<style:style style:name="A" style:family="text"><style:text-properties fo:language="{PLANTED}" '
    f'fo:country="{PLANTED}" style:language-asian="{PLANTED}" fo:color="#123456"/></style:style>',
    "revision id": '<style:style style:name="A" style:family="text"><style:text-properties fo:color="#123456" '
    f'officeooo:rsid="{PLANTED}"/></style:style>',
    "hidden text": '<style:style style:name="A" style:family="text"><style:text-properties text:display="none" '
    'fo:color="#123456"/></style:style>',
    "paper tray": '<style:page-layout style:name="A"><style:page-layout-properties fo:color="#123456" '
    f'style:paper-tray-name="{PLANTED}"/></style:page-layout>',
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
def test_what_styles_tell_is_gone(style: str) -> None:
    text = PLANTED if "display" in style else "in a style"
    cleaned, _notes, _said = assert_gone(
        odf(
            "odt",
            p(f'<text:span text:style-name="A">{text}</text:span>') + f"<vnd:{PLANTED}/>",
            automatic=style,
        )
    )
    assert "#123456" in part(cleaned, "content.xml")


def test_seams_of_editing_go() -> None:
    properties = '<style:text-properties officeooo:rsid="0012"/>'
    style = f'<style:style style:name="T1" style:family="text">{properties}</style:style>'
    cleaned, _notes, said = assert_gone(
        odf(
            "odt",
            p('one <text:span text:style-name="T1">two</text:span> three') + f"<vnd:{PLANTED}/>",
            automatic=style,
        )
    )
    assert "one two three" in part(cleaned, "content.xml")
    assert "one two three" in said


OTHER_PARTS = {
    "properties": "meta.xml",
    "thumbnail": "Thumbnails/thumbnail.png",
    "tool bars": "Configurations2/accelerator/current.xml",
    "macros": "Basic/Standard/Module1.xml",
    "layout cache": "layout-cache",
    "something of next year": "Memories/a.xml",
    "picture that is not shown": "Pictures/cropped.png",
    "RDF": "manifest.rdf",
}


@pytest.mark.parametrize("name", OTHER_PARTS.values(), ids=OTHER_PARTS.keys())
def test_parts_that_are_not_the_document_are_gone(name: str) -> None:
    cleaned, notes, _said = assert_gone(odf("odt", members={name: f"<a>{PLANTED}</a>"}))
    assert names(cleaned) == [
        "mimetype",
        "content.xml",
        "styles.xml",
        "settings.xml",
        "META-INF/manifest.xml",
    ]
    assert notes.removed


def test_properties_are_told() -> None:
    meta = (
        '<office:document-meta xmlns:office="urn:o" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta><meta:initial-creator>{PLANTED}</meta:initial-creator>'
        f"<meta:generator>LibreOffice</meta:generator>"
        f'<meta:user-defined meta:name="Matter">{PLANTED} 2</meta:user-defined>'
        "</office:meta></office:document-meta>"
    )
    _cleaned, notes, _said = assert_gone(odf("odt", members={"meta.xml": meta}))
    told = {(each.trace, each.name, each.value) for each in notes.removed}
    assert (Trace.AUTHOR, "meta.xml initial-creator", PLANTED) in told
    assert (Trace.SOFTWARE, "meta.xml generator", "LibreOffice") in told
    assert (Trace.OTHER, "meta.xml Matter", f"{PLANTED} 2") in told
    assert notes.kept == {Left.WORDS, Left.LAYOUT}


def test_settings_of_printers_go_and_those_of_the_layout_stay() -> None:
    item = '<config:config-item config:name="{}" config:type="string">{}</config:config-item>'
    settings = (
        item.format("PrinterName", PLANTED)
        + item.format("Rsid", "77")
        + item.format("AddFrameOffsets", PLANTED)
    )
    cleaned, notes, _said = assert_gone(odf("odt", settings=settings))
    kept = part(cleaned, "settings.xml")
    assert 'config:name="TabOverflow"' in kept
    # The prefix stands in a value: without its declaration LibreOffice ignores all settings.
    assert "xmlns:ooo=" in kept
    assert "AddFrameOffsets" not in kept
    assert (Trace.DEVICE, PLANTED) in {(each.trace, each.value) for each in notes.removed}


def test_ids_that_something_points_at_are_numbered_anew() -> None:
    content = (
        f'<text:list xml:id="list{PLANTED}"><text:list-item>{p("a")}</text:list-item></text:list>'
        f'<text:list text:continue-list="list{PLANTED}"><text:list-item>{p("b")}</text:list-item></text:list>'
    )
    cleaned, _notes, _said = assert_gone(odf("odt", content))
    body = part(cleaned, "content.xml")
    assert 'xml:id="id1"' in body
    assert 'text:continue-list="id1"' in body


SHEETS = {
    "formula to a file": f'<table:table-cell table:formula="of:=[\'file:///{PLANTED}.ods\'#$S.A1]" office:value="3"/>',
    "formula that asks": f'<table:table-cell table:formula="of:=INFO(&quot;{PLANTED}&quot;)" office:value="3"/>',
    "path of the workbook": '<table:table-cell table:formula="of:=CELL(&quot;FILENAME&quot;)" office:value-type="string" '
    f"office:string-value=\"'file:///home/{PLANTED}/a.ods'#$One\">{p(f'file:///home/{PLANTED}/a.ods')}</table:table-cell>",
    "annotation": f"<table:table-cell><office:annotation><dc:creator>{PLANTED}</dc:creator>{p('x')}</office:annotation>"
    "</table:table-cell>",
}


@pytest.mark.parametrize("cell", SHEETS.values(), ids=SHEETS.keys())
def test_what_cells_tell_is_gone(cell: str) -> None:
    cleaned, _notes, _said = assert_gone(odf("ods", f"<table:table-row>{cell}</table:table-row>"))
    assert "table:formula" not in part(cleaned, "content.xml")


def test_what_a_workbook_tells_is_gone() -> None:
    content = (
        f"</table:table><table:table table:name=\"'file:///{PLANTED}.ods'#S\"><table:table-row/></table:table>"
        f"<table:named-expressions>"
        f'<table:named-range table:name="n" table:cell-range-address="\'file:///{PLANTED}\'#$S.A1"/>'
        f'<table:named-range table:name="kept" table:cell-range-address="$One.A1"/></table:named-expressions>'
        f"<table:data-pilot-tables><table:data-pilot-table table:name='{PLANTED}'/></table:data-pilot-tables>"
        f'<table:table table:name="Two"><table:tracked-changes>{WHO}</table:tracked-changes>'
    )
    cleaned, notes, said = assert_gone(odf("ods", content))
    assert 'table:name="kept"' in part(cleaned, "content.xml")
    assert {"One", "Two"} <= set(said)
    assert notes.counts[Trace.PATH] >= 2


SLIDES = {
    "speaker's notes": f"<presentation:notes><draw:frame><draw:text-box>{p(PLANTED)}</draw:text-box></draw:frame>"
    "</presentation:notes>",
    "object of another program": f'<draw:frame><draw:object-ole xlink:href="./{PLANTED}"/></draw:frame>',
    "name of a slide's shape": f'<draw:rect draw:name="{PLANTED}"/>',
    "settings of the show": f'<presentation:settings presentation:start-page="{PLANTED}"/>',
}


@pytest.mark.parametrize("content", SLIDES.values(), ids=SLIDES.keys())
def test_what_slides_tell_is_gone(content: str) -> None:
    assert_gone(odf("odp", content))


def test_animations_still_find_their_shape() -> None:
    content = (
        f'<draw:rect xml:id="shape{PLANTED}" draw:id="shape{PLANTED}"/><anim:par><anim:set '
        f'smil:targetElement="shape{PLANTED}" smil:begin="shape{PLANTED}.click"/></anim:par>'
    )
    cleaned, _notes, _said = assert_gone(odf("odp", content))
    body = part(cleaned, "content.xml")
    assert 'smil:targetElement="id1"' in body
    assert 'smil:begin="id1.click"' in body
    assert 'xml:id="id1"' in body


def test_object_within_is_cleaned_as_the_document_is() -> None:
    chart = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:chart="urn:oasis:names:tc:opendocument:xmlns:chart:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:vnd="urn:v"><office:body><office:chart>'
        f'<chart:chart vnd:x="{PLANTED}"><chart:title>{p("Cost of kelp")}</chart:title></chart:chart>'
        f"</office:chart></office:body>"
        "</office:document-content>"
    )
    formula = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mi>x</mi>'
        f'<annotation encoding="StarMath 5.0">{PLANTED}</annotation></semantics></math>'
    )
    content = p(
        '<draw:frame><draw:object xlink:href="./Object 7"/><draw:image xlink:href="./ObjectReplacements/Object 7"/>'
        "</draw:frame>"
        '<draw:frame><draw:object xlink:href="./Object%208"/></draw:frame>'
    )
    cleaned, _notes, said = assert_gone(
        odf(
            "odt",
            content,
            members={
                "Object 7/content.xml": chart,
                "Object 7/meta.xml": PLANTED,
                "ObjectReplacements/Object 7": PLANTED,
                "Object 8/content.xml": formula,
            },
        )
    )
    assert "Object 1/content.xml" in names(cleaned)
    assert "<mi>x</mi>" in part(cleaned, "Object 2/content.xml")
    assert 'full-path="Object 1/"' in part(cleaned, "META-INF/manifest.xml")
    assert "Cost of kelp" in said


def test_objects_in_objects_have_an_end() -> None:
    inner = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<office:body><office:text><draw:object xlink:href="./o"/></office:text></office:body></office:document-content>'
    )
    members: dict[str, bytes | str] = {"o/" * depth + "content.xml": inner for depth in range(1, 9)}
    with pytest.raises(NotCleanable) as refused:
        clean(odf("odt", '<draw:object xlink:href="./o"/>', members=members))
    assert refused.value.why is Why.HOLDS_UNCLEANABLE


def test_manifest_has_the_version_of_the_content() -> None:
    cleaned, _notes, _said = clean(odf("odt"))
    assert part(cleaned, "META-INF/manifest.xml").count('manifest:version="1.3"') == 2


def test_links_that_a_reader_clicks_stay_and_are_told() -> None:
    content = p(
        '<text:a xlink:href="https://a.example/b" office:title="x">a</text:a>'
        '<text:a xlink:href="#place">b</text:a>'
    )
    cleaned, _notes, said = clean(odf("odt", content))
    assert "https://a.example/b" in part(cleaned, "content.xml")
    assert "#place" in part(cleaned, "content.xml")
    assert "https://a.example/b" in said


def test_alternative_text_stays_and_is_told() -> None:
    cleaned, _notes, said = clean(odf("odt", p("<draw:frame><svg:desc>A heron</svg:desc></draw:frame>")))
    assert "A heron" in everything(cleaned)
    assert "A heron" in said


@pytest.mark.parametrize("kind", ["odt", "ods", "odp"])
def test_a_plain_document_has_nothing_to_remove(kind: str) -> None:
    cleaned, notes, said = clean(odf(kind))
    assert notes.removed == []
    assert any(KEPT in each for each in said)
    assert names(cleaned)[0] == "mimetype"


def test_encrypted() -> None:
    data = odf(
        "odt",
        manifest='<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/>'
        "</manifest:file-entry>",
    )
    with pytest.raises(NotCleanable) as refused:
        clean(data)
    assert refused.value.why is Why.ENCRYPTED


def test_signed() -> None:
    with pytest.raises(NotCleanable) as refused:
        clean(odf("odt", members={"META-INF/documentsignatures.xml": "<a/>"}))
    assert refused.value.why is Why.SIGNED


HIDDEN = {
    "ods": '<style:style style:name="A" style:family="table"><style:table-properties table:display="false"/></style:style>',
    "odp": '<style:style style:name="A" style:family="drawing-page"><style:drawing-page-properties '
    'presentation:visibility="hidden"/></style:style>',
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_hidden_sheets_and_slides_are_told(kind: str) -> None:
    _cleaned, notes, _said = clean(odf(kind, automatic=HIDDEN[kind]))
    assert Left.NOT_SHOWN in notes.kept


GENERATORS = {
    "LibreOffice/5.4.2.2$Linux": "30deg",
    "LibreOffice/7.4": "300",
    "": "300",
    "AOO410/4.1": "30deg",
}


@pytest.mark.parametrize("generator", GENERATORS)
def test_angles_stay_what_the_writer_meant_without_its_name(generator: str) -> None:
    meta = (
        '<office:document-meta xmlns:office="urn:o" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0">'
        f"<meta:generator>{generator}</meta:generator></office:document-meta>"
    )
    styles = '<office:styles><draw:gradient draw:name="g" draw:angle="300"/></office:styles>'
    cleaned, _notes, _said = clean(odf("odp", styles=styles, members={"meta.xml": meta}))
    assert f'draw:angle="{GENERATORS[generator]}"' in part(cleaned, "styles.xml")
    assert 'draw:name="g"' in part(cleaned, "styles.xml")


def test_shapes_keep_the_names_of_their_equations() -> None:
    shape = (
        '<draw:custom-shape draw:name="My shape"><draw:enhanced-geometry draw:enhanced-path="M ?f0 0">'
        '<draw:equation draw:name="f0" draw:formula="1"/></draw:enhanced-geometry></draw:custom-shape>'
    )
    cleaned, _notes, _said = clean(odf("odp", shape))
    assert 'draw:name="f0"' in part(cleaned, "content.xml")
    assert "My shape" not in everything(cleaned)


def test_properties_that_are_broken_do_not_matter() -> None:
    cleaned, _notes, _said = clean(odf("odt", members={"meta.xml": "<office:document-meta"}))
    assert KEPT in everything(cleaned)


def test_a_background_that_is_fetched_is_not() -> None:
    style = (
        '<style:style style:name="A" style:family="paragraph"><style:paragraph-properties>'
        f'<style:background-image xlink:href="https://{PLANTED}.example/a.png"/></style:paragraph-properties></style:style>'
    )
    cleaned, notes, _said = assert_gone(odf("odt", automatic=style))
    assert "background-image" in part(cleaned, "content.xml")
    assert notes.counts[Trace.ACTIVE] == 1


def test_tables_in_texts_lose_the_language_of_the_program() -> None:
    style = f'<style:style style:name="{PLANTED}1.A" style:family="table-column"/>'
    table = (
        f'<table:table table:name="{PLANTED}1"><table:table-column table:style-name="{PLANTED}1.A"/><table:table-row>'
        f"<table:table-cell>{p('a')}</table:table-cell></table:table-row></table:table>"
    )
    cleaned, _notes, _said = assert_gone(odf("odt", table, automatic=style))
    body = part(cleaned, "content.xml")
    assert 'table:name="Table1"' in body
    assert 'style:name="Table.1"' in body
    assert 'table:style-name="Table.1"' in body


def test_tables_that_compute_keep_their_names() -> None:
    table = (
        '<table:table table:name="T"><table:table-row><table:table-cell table:formula="ooow:sum &lt;T.A1&gt;"/>'
        "</table:table-row></table:table>"
    )
    cleaned, _notes, _said = clean(odf("odt", table))
    assert 'table:name="T"' in part(cleaned, "content.xml")
