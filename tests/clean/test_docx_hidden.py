"""What the styles of a DOCX hide: a table's as a whole or in parts, the one of what names none, the document's defaults."""

from __future__ import annotations

import pytest

from tests.clean.office_documents import KEPT, PLANTED, assert_gone, clean, docx, everything, paragraph, run
from tests.clean.test_unseen import VANISHES, hiding

SHOWS = '<w:rPr><w:vanish w:val="0"/></w:rPr>'
DEFAULTS = f"<w:docDefaults><w:rPrDefault>{VANISHES}</w:rPrDefault></w:docDefaults>"
NAMES = [[f"cell{row}{column}" for column in range(4)] for row in range(4)]


def default(kind: str, more: str) -> str:
    return hiding(kind, "Usual", more).replace("<w:style ", '<w:style w:default="1" ')


def part_of(type_: str, more: str = VANISHES) -> str:
    return f'<w:tblStylePr w:type="{type_}">{more}</w:tblStylePr>'


def table(cells: list[list[str]], look: str = "", style: str = "Veil", row: str = "") -> str:
    named = f'<w:tblStyle w:val="{style}"/>' if style else ""
    look = f"<w:tblLook {look}/>" if look else ""
    rows = "".join(
        f"<w:tr>{row}{''.join(f'<w:tc>{each}</w:tc>' for each in texts)}</w:tr>" for texts in cells
    )
    return f"<w:tbl><w:tblPr>{named}{look}</w:tblPr><w:tblGrid/>{rows}</w:tbl>"


def square(look: str, row: str = "") -> str:
    return table([[paragraph(run(name)) for name in names] for names in NAMES], look, row=row)


def gone(styles: str, body: str) -> set[str]:
    """Which cells of the square."""
    cleaned, notes, said = clean(docx(body, styles=styles))
    found = everything(cleaned)
    missing = {name for names in NAMES for name in names if name not in found}
    # What is taken out is told of, and what is told to the word check is what is left.
    assert bool(missing) == any(each.name == "hidden text" for each in notes.removed)
    assert not missing & set(said)
    return missing


def cells(*places: str) -> set[str]:
    return {f"cell{place}" for place in places}


@pytest.mark.parametrize(
    ("styles", "body"),
    [
        (default("paragraph", VANISHES), paragraph(run(PLANTED))),
        (default("character", VANISHES), paragraph(run(PLANTED))),
        (default("paragraph", VANISHES), paragraph(f'<w:pPr><w:pStyle w:val="Nowhere"/></w:pPr>{run(PLANTED)}')),
        (DEFAULTS, paragraph(run(PLANTED))),
        (default("table", VANISHES), table([[paragraph(run(PLANTED))]], style="")),
        (hiding("table", "Veil", VANISHES), table([[paragraph(run(PLANTED))]])),
        (
            hiding("table", "Veil", '<w:basedOn w:val="Below"/>') + hiding("table", "Below", part_of("wholeTable")),
            table([[paragraph(run(PLANTED))]]),
        ),
        (
            hiding("table", "Veil", VANISHES),
            table([[f"<w:sdt><w:sdtContent>{paragraph(run(PLANTED))}</w:sdtContent></w:sdt>"]]),
        ),
    ],
    ids=["paragraph", "character", "of no style", "document", "table of no style", "table", "based on", "control"],
)  # fmt: skip
def test_text_that_nothing_in_its_own_run_hides_goes(styles: str, body: str) -> None:
    shown = paragraph(run(KEPT, SHOWS))
    assert_gone(docx(shown + body, styles=styles))


@pytest.mark.parametrize(
    ("more", "look", "hidden"),
    [
        (part_of("firstRow"), 'w:firstRow="1"', cells("00", "01", "02", "03")),
        (part_of("firstRow"), 'w:val="0020"', cells("00", "01", "02", "03")),
        (part_of("firstRow"), 'w:val="0020" w:firstRow="0"', set()),
        (part_of("firstRow"), "", set()),
        (part_of("lastRow"), 'w:lastRow="true"', cells("30", "31", "32", "33")),
        (part_of("firstCol"), 'w:firstColumn="on"', cells("00", "10", "20", "30")),
        (part_of("lastCol"), 'w:val="0100"', cells("03", "13", "23", "33")),
        (part_of("nwCell"), 'w:firstRow="1" w:firstColumn="1"', cells("00")),
        (part_of("neCell"), 'w:firstRow="1" w:lastColumn="1"', cells("03")),
        (part_of("seCell"), 'w:lastRow="1" w:lastColumn="1"', cells("33")),
        (part_of("swCell"), 'w:lastRow="1" w:firstColumn="1"', cells("30")),
        (part_of("swCell"), 'w:lastRow="1"', set()),
        (part_of("band1Horz"), "", {name for names in NAMES[::2] for name in names}),
        (part_of("band1Horz"), 'w:firstRow="1"', {name for names in NAMES[1::2] for name in names}),
        (part_of("band1Horz"), 'w:noHBand="1"', set()),
        (part_of("band2Vert"), "", {name for names in NAMES for name in names[1::2]}),
        (part_of("band2Vert"), 'w:val="0400"', set()),
        (
            '<w:tblPr><w:tblStyleRowBandSize w:val="2"/></w:tblPr>' + part_of("band2Horz"), "",
            {name for names in NAMES[2:] for name in names},
        ),
        (
            VANISHES + part_of("firstRow", SHOWS) + part_of("nwCell"), 'w:firstRow="1" w:firstColumn="1"',
            {name for names in NAMES for name in names} - cells("01", "02", "03"),
        ),
        (part_of("wholeTable", "<w:rPr><w:b/></w:rPr>"), "", set()),
        (VANISHES, 'w:val="none"', {name for names in NAMES for name in names}),
    ],
)  # fmt: skip
def test_a_part_of_a_table_that_its_style_hides_goes(more: str, look: str, hidden: set[str]) -> None:
    assert gone(hiding("table", "Veil", more), square(look)) == hidden


def test_a_row_may_say_otherwise_which_parts_count() -> None:
    exception = '<w:tblPrEx><w:tblLook w:val="0000"/></w:tblPrEx>'
    body = square('w:firstRow="1"', row=exception)
    assert gone(hiding("table", "Veil", part_of("firstRow")), body) == set()


def test_a_wide_cell_counts_for_all_its_columns() -> None:
    wide = f'<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{paragraph(run("cell00"))}'
    rows = [[wide, paragraph(run("cell01")), paragraph(run("cell02"))]]
    body = (
        table(rows)
        + "".join(paragraph(run(name)) for names in NAMES for name in names[3:])
        + "".join(paragraph(run(name)) for names in NAMES[1:] for name in names[:3])
    )
    assert gone(hiding("table", "Veil", part_of("band2Vert")), body) == cells("02")


def test_a_table_within_another_has_its_own_style() -> None:
    shown = hiding("table", "Plain", "")
    inner = table([[paragraph(run("cell00"))]], style="Plain")
    body = table([[inner + paragraph(run("cell01"))]]) + "".join(
        paragraph(run(name)) for names in NAMES for name in names if name not in cells("00", "01")
    )
    assert gone(hiding("table", "Veil", VANISHES) + shown, body) == cells("01")


def test_what_a_run_says_by_itself_counts_most() -> None:
    body = table([[paragraph(run("shown", SHOWS))]]) + paragraph(run("shown as well", SHOWS))
    cleaned, notes, said = clean(docx(body, styles=DEFAULTS + hiding("table", "Veil", VANISHES)))
    assert {"shown", "shown as well"} <= set(said)
    assert "shown as well" in everything(cleaned)
    assert [each.value for each in notes.removed if each.name == "hidden text"] == [KEPT]


def test_a_long_chain_of_styles_is_gone_along_once() -> None:
    chain = "".join(
        hiding("paragraph", f"S{at}", f'<w:basedOn w:val="S{at + 1}"/>{VANISHES if at == 1999 else ""}')
        for at in range(2000)
    )
    assert_gone(docx(paragraph(f'<w:pPr><w:pStyle w:val="S0"/></w:pPr>{run(PLANTED)}'), styles=chain))
