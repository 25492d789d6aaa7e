"""XLSX: each trace that Excel leaves, planted and looked for in every octet of what comes out."""

from __future__ import annotations

import pytest

from tests.clean.office_documents import (
    PLANTED,
    Link,
    assert_gone,
    clean,
    everything,
    names,
    part,
    root,
    xlsx,
)
from torsend.clean.report import Left, Trace

S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def cell(name: str, content: str, attributes: str = "") -> str:
    return f'<row r="{name[1:]}"><c r="{name}" {attributes}>{content}</c></row>'


BOOKS: dict[str, dict[str, str]] = {
    "who shares it": {"workbook_before": f'<fileSharing userName="{PLANTED}"/>'},
    "program": {"workbook_before": f'<fileVersion appName="{PLANTED}" lastEdited="7" rupBuild="1"/>'},
    "path": {
        "workbook_before": '<mc:AlternateContent><mc:Choice Requires="x15">'
        f'<x15ac:absPath url="C:\\{PLANTED}\\"/></mc:Choice></mc:AlternateContent>'
    },
    "revision": {"workbook_before": f'<xr:revisionPtr documentId="{PLANTED}" revIDLastSave="0"/>'},
    "code name": {"workbook_before": f'<workbookPr codeName="{PLANTED}"/>'},
    "views of persons": {
        "workbook": f'<customWorkbookViews><customWorkbookView name="{PLANTED}"/></customWorkbookViews>'
    },
    "name that leads to a path": {
        "workbook": f"<definedNames><definedName name='n'>'C:\\{PLANTED}\\[B.xlsx]S'!A1</definedName></definedNames>"
    },
    "name in another workbook": {
        "workbook": f'<definedNames><definedName name="{PLANTED}">[1]S!A1</definedName></definedNames>'
    },
    "remark on a name": {
        "workbook": f'<definedNames><definedName name="n" comment="{PLANTED}">One!A1</definedName></definedNames>'
    },
    "macro's name": {
        "workbook": f'<definedNames><definedName name="n" vbProcedure="1">{PLANTED}</definedName>'
        f"</definedNames>"
    },
}


@pytest.mark.parametrize("pieces", BOOKS.values(), ids=BOOKS.keys())
def test_what_the_workbook_tells_is_gone(pieces: dict[str, str]) -> None:
    _cleaned, notes, _said = assert_gone(xlsx(**pieces))  # type: ignore[arg-type]  # texts alone
    assert notes.removed


ROWS = {
    "formula to another workbook": cell("A2", f"<f>[1]{PLANTED}!A1</f><v>3</v>"),
    "formula with a path": cell("A2", f"<f>'C:\\{PLANTED}\\[B.xlsx]S'!A1+1</f><v>3</v>"),
    "formula that asks the machine": cell("A2", f'<f>INFO("{PLANTED}")</f><v>3</v>', 't="str"'),
    "formula that asks the network": cell(
        "A2", f'<f>WEBSERVICE("https://{PLANTED}.example")</f><v>3</v>', 't="str"'
    ),
    "DDE": cell("A2", f"<f>cmd|'/c {PLANTED}'!A1</f><v>3</v>"),
    "path of the workbook": cell(
        "A2", f'<f>CELL("filename")</f><v>C:\\{PLANTED}\\[B.xlsx]One</v>', 't="str"'
    ),
    "shared formula": cell("A2", f'<f t="shared" ref="A2:A3" si="0">[1]{PLANTED}!A1</f><v>3</v>')
    + cell("A3", '<f t="shared" si="0"/><v>4</v>'),
    "vendor's attribute": f'<row r="2" x14ac:dyDescent="{PLANTED}"/>',
    "revision id": f'<row r="2" xr:uid="{PLANTED}"/>',
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS.keys())
def test_what_cells_tell_is_gone(rows: str) -> None:
    cleaned, _notes, _said = assert_gone(xlsx(rows))
    sheet = part(cleaned, "xl/worksheets/sheet1.xml")
    assert "<f" not in sheet
    if "<v>3</v>" in rows:
        assert "<v>3</v>" in sheet


def test_the_path_of_the_workbook_becomes_its_name() -> None:
    cleaned, _notes, said = assert_gone(xlsx(ROWS["path of the workbook"]))
    assert "[B.xlsx]One" in part(cleaned, "xl/worksheets/sheet1.xml")
    assert not any(PLANTED in each for each in said if "C:" not in each)


SHEETS: dict[str, dict[str, str]] = {
    "views of persons": {
        "after": f'<customSheetViews><customSheetView guid="{PLANTED}"/></customSheetViews>'
    },
    "scenario": {
        "after": f'<scenarios><scenario name="a" user="{PLANTED}" comment="{PLANTED}"/></scenarios>'
    },
    "controls": {"after": f'<controls><control name="{PLANTED}" shapeId="1" r:id="rId9"/></controls>'},
    "custom properties": {
        "after": f'<customProperties><customPr name="{PLANTED}" r:id="rId9"/></customProperties>'
    },
    "protected ranges": {
        "after": f'<protectedRanges><protectedRange name="{PLANTED}" sqref="A1"/></protectedRanges>'
    },
    "protection": {"after": f'<sheetProtection hashValue="{PLANTED}"/>'},
    "header with the path": {
        "after": f"<headerFooter><oddHeader>&amp;L&amp;Z{'&amp;D'}</oddHeader></headerFooter><vnd:{PLANTED}/>"
    },
    "uid": {"before": f'<sheetPr xr:uid="{PLANTED}"/>'},
    "code name": {"before": f'<sheetPr codeName="{PLANTED}"/>'},
    "validation by another workbook": {
        "after": f'<dataValidations><dataValidation sqref="A1"><formula1>[1]{PLANTED}!A1</formula1></dataValidation>'
        "</dataValidations>"
    },
    "extension": {
        "after": f'<extLst><ext uri="{{1}}"><x14:slicerList>{PLANTED}</x14:slicerList></ext></extLst>'
    },
}


@pytest.mark.parametrize("pieces", SHEETS.values(), ids=SHEETS.keys())
def test_what_a_sheet_tells_is_gone(pieces: dict[str, str]) -> None:
    cleaned, _notes, _said = assert_gone(xlsx(**pieces))  # type: ignore[arg-type]  # texts alone
    assert "&amp;Z" not in everything(cleaned)


def test_cursor_and_scroll_position_go_and_frozen_panes_stay() -> None:
    view = (
        '<sheetViews><sheetView workbookViewId="0" topLeftCell="B99"><pane ySplit="1" topLeftCell="A2" state="frozen"/>'
        f'<selection activeCell="C77" sqref="C77"/><vnd:a b="{PLANTED}"/></sheetView></sheetViews>'
    )
    cleaned, _notes, _said = assert_gone(xlsx(before=view))
    sheet = part(cleaned, "xl/worksheets/sheet1.xml")
    assert "C77" not in sheet
    assert "B99" not in sheet
    assert 'topLeftCell="A2"' in sheet


LOOSE = {
    "comments": ("comments", "comments1.xml"),
    "threaded comments": (
        "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment", "threadedComments1.xml",
    ),
    "printer": ("printerSettings", "printerSettings1.bin"),
    "query": ("queryTable", "queryTable1.xml"),
    "pivot table": ("pivotTable", "pivotTable1.xml"),
    "drawing of comments": ("vmlDrawing", "vmlDrawing1.vml"),
}  # fmt: skip


@pytest.mark.parametrize(("type_", "name"), LOOSE.values(), ids=LOOSE.keys())
def test_parts_of_a_sheet_that_are_not_cells_are_gone(type_: str, name: str) -> None:
    content = root("comments", f"<authors><author>{PLANTED}</author></authors><t>{PLANTED}</t>", S)
    data = xlsx(
        after='<legacyDrawing r:id="rId9"/>',
        members={f"xl/{name}": content},
        sheet_links=[Link("rId9", type_, f"../{name}")],
    )
    cleaned, notes, _said = assert_gone(data)
    assert len(names(cleaned)) == 7
    assert notes.removed


@pytest.mark.parametrize(
    "kind", ["connections", "externalLink", "pivotCacheDefinition", "calcChain", "revisionHeaders"]
)
def test_parts_of_a_workbook_that_are_not_sheets_are_gone(kind: str) -> None:
    content = root("x", f'<y refreshedBy="{PLANTED}">{PLANTED}</y>', S)
    data = xlsx(
        workbook=f'<externalReferences><externalReference r:id="rId9"/></externalReferences><vnd:x a="{PLANTED}"/>',
        members={f"xl/{kind}.xml": content},
        links=[Link("rId9", kind, f"{kind}.xml")],
    )
    cleaned, _notes, _said = assert_gone(data)
    assert len(names(cleaned)) == 7


def test_strings_that_no_cell_uses_any_more_go_and_others_keep_their_number() -> None:
    cleaned, notes, said = assert_gone(
        xlsx(cell("A2", "<v>2</v>", 't="s"'), strings=f"<si><t>{PLANTED}</t></si><si><t>third</t></si>")
    )
    strings = part(cleaned, "xl/sharedStrings.xml")
    assert strings.count("<si>") == 3
    assert strings.index("third") > strings.rindex("<si>")
    assert "third" in said
    assert (Trace.HISTORY, PLANTED) in {(each.trace, each.value) for each in notes.removed}


def test_styles_lose_their_names() -> None:
    styles = (
        f'<cellStyles><cellStyle name="Standard" xfId="0" builtinId="0"/><cellStyle name="{PLANTED}" xfId="1"/>'
        f"</cellStyles>"
        "<colors><mruColors><color rgb='FF010203'/></mruColors></colors>"
    )
    cleaned, _notes, _said = assert_gone(xlsx(styles=styles))
    text = part(cleaned, "xl/styles.xml")
    assert 'name="Normal"' in text
    assert "FF010203" not in text


def test_table_keeps_its_columns_and_not_its_query() -> None:
    table = root(
        "table",
        '<tableColumns count="1"><tableColumn id="1" name="Cost" queryTableFieldId="1"><calculatedColumnFormula>'
        f"[1]{PLANTED}!A1</calculatedColumnFormula></tableColumn></tableColumns>",
        S,
        f'id="1" name="T" displayName="T" ref="A1:A2" tableType="queryTable" comment="{PLANTED}" connectionId="3"',
    )
    cleaned, _notes, said = assert_gone(
        xlsx(
            after='<tableParts count="1"><tablePart r:id="rId9"/></tableParts>',
            members={"xl/tables/t.xml": table},
            sheet_links=[Link("rId9", "table", "../tables/t.xml")],
        )
    )
    text = part(cleaned, "xl/tables/table1.xml")
    assert 'name="Cost"' in text
    assert "queryTable" not in text
    assert "Cost" in said


def test_links_in_cells() -> None:
    links = (
        f'<hyperlinks><hyperlink ref="A1" r:id="rId8" tooltip="C:\\{PLANTED}"/><hyperlink ref="A2" r:id="rId9"/>'
        f'<hyperlink ref="A3" location="One!A1" display="a place"/><hyperlink ref="A4" r:id="rId10"/></hyperlinks>'
    )
    cleaned, _notes, said = assert_gone(
        xlsx(
            after=links,
            sheet_links=[
                Link("rId8", "hyperlink", "https://a.example/b", external=True),
                Link("rId9", "hyperlink", f"file:///{PLANTED}", external=True),
                Link("rId10", "hyperlink", "#One!A1", external=True),
            ],
        )
    )
    sheet = part(cleaned, "xl/worksheets/sheet1.xml")
    assert sheet.count("<hyperlink ") == 3
    assert {"https://a.example/b", "a place"} <= set(said)


def test_hidden_sheet_stays_and_its_words_are_told() -> None:
    dark = cell("A1", "<is><t>in the dark</t></is>", 't="inlineStr"')
    hidden = root("worksheet", f"<sheetData>{dark}</sheetData>", S)
    book = xlsx(
        workbook=f'<vnd:x a="{PLANTED}"/>',
        members={
            "xl/worksheets/two.xml": hidden,
            "xl/workbook.xml": root(
                "workbook",
                '<sheets><sheet name="One" sheetId="1" r:id="rId1"/>'
                f'<sheet name="Two" sheetId="2" state="veryHidden" r:id="rId9"/>'
                f'<sheet name="{PLANTED}" sheetId="3" r:id="r"/>'
                "</sheets>",
                S,
            ),
        },
        links=[
            Link("rId9", "worksheet", "worksheets/two.xml"),
            Link("r", "dialogsheet", "worksheets/two.xml"),
        ],
    )
    cleaned, notes, said = assert_gone(book)
    assert Left.NOT_SHOWN in notes.kept
    assert "in the dark" in said
    assert "Two" in said
    assert 'state="veryHidden"' in part(cleaned, "xl/workbook.xml")


def test_drawing_on_a_sheet() -> None:
    drawing = root(
        "xdr:wsDr",
        "<xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row>"
        "<xdr:rowOff>0</xdr:rowOff></xdr:from>"
        f'<xdr:sp macro="{PLANTED}" textlink="[1]{PLANTED}!A1"><xdr:nvSpPr><xdr:cNvPr id="2" name="{PLANTED}"/>'
        f"<xdr:cNvSpPr/>"
        "</xdr:nvSpPr><xdr:spPr/><xdr:txBody><a:bodyPr/><a:p><a:r><a:rPr lang='de-AT'/><a:t>in a box</a:t></a:r></a:p>"
        "</xdr:txBody></xdr:sp><xdr:clientData/></xdr:twoCellAnchor>",
    )
    cleaned, notes, said = assert_gone(
        xlsx(
            after='<drawing r:id="rId9"/>',
            members={"xl/drawings/d.xml": drawing},
            sheet_links=[Link("rId9", "drawing", "../drawings/d.xml")],
        )
    )
    assert "in a box" in said
    assert "de-AT" not in everything(cleaned)
    assert notes.counts[Trace.ACTIVE] == 1


def test_chart_keeps_its_values_and_loses_its_workbook() -> None:
    chart = root(
        "c:chartSpace",
        '<c:lang val="de-AT"/><c:chart><c:title><c:tx><c:rich><a:bodyPr/><a:p><a:r><a:t>Cost of kelp</a:t></a:r>'
        "</a:p></c:rich>"
        "</c:tx></c:title><c:plotArea><c:layout/><c:barChart><c:ser><c:val><c:numRef>"
        f"<c:f>'C:\\{PLANTED}\\[B.xlsx]S'!A1</c:f><c:numCache><c:ptCount val='1'/><c:pt idx='0'><c:v>42</c:v>"
        f"</c:pt></c:numCache>"
        '</c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart><c:externalData r:id="rId1"/>',
    )
    drawing = root(
        "xdr:wsDr",
        '<xdr:oneCellAnchor><xdr:graphicFrame><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name=""/><xdr:cNvGraphicFramePr/>'
        '</xdr:nvGraphicFramePr><xdr:xfrm/><a:graphic><a:graphicData uri="chart"><c:chart r:id="rId1"/></a:graphicData>'
        "</a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:oneCellAnchor>",
    )
    cleaned, notes, said = assert_gone(
        xlsx(
            after='<drawing r:id="rId9"/>',
            members={"xl/drawings/d.xml": drawing, "xl/charts/c.xml": chart, "xl/embeddings/b.xlsx": PLANTED},
            sheet_links=[Link("rId9", "drawing", "../drawings/d.xml")],
            more_links={
                "xl/drawings/d.xml": [Link("rId1", "chart", "../charts/c.xml")],
                "xl/charts/c.xml": [Link("rId1", "package", "../embeddings/b.xlsx")],
            },
        )
    )
    assert "<c:v>42</c:v>" in part(cleaned, "xl/charts/chart1.xml")
    assert {"Cost of kelp", "42"} <= set(said)
    assert "de-AT" not in everything(cleaned)
    assert notes.counts[Trace.EMBEDDED] >= 1


def test_sparklines_and_lists_of_2010_stay() -> None:
    after = (
        '<extLst><ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}"><x14:sparklineGroups><x14:sparklineGroup '
        f'xr:uid="{PLANTED}"><x14:colorSeries rgb="FF376092"/><x14:sparklines><x14:sparkline><xm:f>One!A1:B1</xm:f>'
        "<xm:sqref>C1</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext>"
        "</extLst>"
    )
    cleaned, _notes, _said = assert_gone(xlsx(after=after))
    assert "<xm:f>One!A1:B1</xm:f>" in part(cleaned, "xl/worksheets/sheet1.xml")


def test_macros_go_and_the_workbook_stays() -> None:
    cleaned, _notes, _said = assert_gone(
        xlsx(
            main_type="application/vnd.ms-excel.sheet.macroEnabled.main+xml",
            members={"xl/vbaProject.bin": PLANTED},
            links=[
                Link(
                    "rId9",
                    "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
                    "vbaProject.bin",
                )
            ],
        )
    )
    assert "macroEnabled" not in everything(cleaned)


def test_picture_in_a_printed_header() -> None:
    vml = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        f'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape id="LH">'
        f'<v:imagedata o:relid="rId1" o:title="{PLANTED}"/>'
        f"<x:ClientData>{PLANTED}</x:ClientData></v:shape></xml>"
    )
    cleaned, _notes, _said = assert_gone(
        xlsx(
            after='<legacyDrawingHF r:id="rId9"/>',
            members={"xl/drawings/v.vml": vml},
            sheet_links=[Link("rId9", "vmlDrawing", "../drawings/v.vml")],
        )
    )
    assert "LH" in part(cleaned, "xl/drawings/vmlDrawing1.vml")


def test_formulas_within_the_workbook_stay() -> None:
    rows = cell("A2", "<f>SUM(One!A1:A9)+T[Cost]</f><v>3</v>") + cell(
        "A3", f"<f>A2</f><v>3</v><vnd:x>{PLANTED}</vnd:x>"
    )
    cleaned, _notes, _said = assert_gone(xlsx(rows))
    assert "<f>SUM(One!A1:A9)+T[Cost]</f>" in part(cleaned, "xl/worksheets/sheet1.xml")


def test_numbers_are_told_by_row() -> None:
    _cleaned, _notes, said = clean(
        xlsx('<row r="2"><c r="A2"><v>5</v></c><c r="B2" t="b"><v>1</v></c><c r="C2"><v>7</v></c></row>')
    )
    assert "5 7" in said


def test_hidden_rows_and_columns_are_told() -> None:
    _cleaned, notes, _said = clean(xlsx('<row r="9" hidden="1"/>'))
    assert Left.NOT_SHOWN in notes.kept
    _cleaned, notes, _said = clean(xlsx(before='<cols><col min="1" max="2" hidden="true"/></cols>'))
    assert Left.NOT_SHOWN in notes.kept
