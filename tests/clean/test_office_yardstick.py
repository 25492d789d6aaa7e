"""What exiftool and mat2 find in office documents before and after, and what mat2 leaves that we do not."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.clean.office_documents import (
    KEPT,
    PLANTED,
    Link,
    clean,
    docx,
    everything,
    odf,
    paragraph,
    pptx,
    run,
    shape,
    xlsx,
)
from tests.clean.yardstick import exiftool, identifying, mat2_cleans, mat2_says

if TYPE_CHECKING:
    from pathlib import Path

CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
    f"<dc:creator>{PLANTED}</dc:creator><dc:title>{PLANTED}</dc:title>"
    f"<cp:lastModifiedBy>{PLANTED}</cp:lastModifiedBy><dcterms:created>2024-01-02T03:04:05Z</dcterms:created></cp:coreProperties>"
)
META = (
    '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
    f"<meta:initial-creator>{PLANTED}</meta:initial-creator><dc:creator>{PLANTED}</dc:creator>"
    f"<meta:generator>{PLANTED}</meta:generator><dc:date>2024-01-02T03:04:05</dc:date></office:meta></office:document-meta>"
)
PROPERTIES = {"docProps/core.xml": CORE}
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
TO_CORE = [
    Link(
        "rId7",
        "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
        "docProps/core.xml",
    )
]

DOCUMENTS = {
    "docx": docx(paragraph(run("a")), members=dict(PROPERTIES), more_links={"": TO_CORE}),
    "xlsx": xlsx(members=dict(PROPERTIES), more_links={"": TO_CORE}),
    "pptx": pptx(shape("a"), members=dict(PROPERTIES), more_links={"": TO_CORE}),
    "odt": odf("odt", members={"meta.xml": META}),
    "ods": odf("ods", members={"meta.xml": META}),
    "odp": odf("odp", members={"meta.xml": META}),
}


@pytest.mark.parametrize("ending", DOCUMENTS)
def test_exiftool_and_mat2_find_nothing_afterwards(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(DOCUMENTS[ending])
    assert PLANTED in json.dumps(exiftool(path))
    assert PLANTED in json.dumps(mat2_says(path))
    path.write_bytes(clean(DOCUMENTS[ending])[0])
    assert identifying(path) == {}
    assert mat2_says(path) == {}


WHO = f'w:id="7" w:author="{PLANTED}" w:date="2024-01-02T03:04:05Z"'

LEFT_BY_MAT2 = {
    "former format": paragraph(run("a", f"<w:rPr><w:rPrChange {WHO}><w:rPr/></w:rPrChange></w:rPr>")),
    "path of a picture": paragraph(
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="" descr="C:\\{PLANTED}\\a"/></wp:inline></w:drawing></w:r>'
    ),
    "hidden text": paragraph(run(PLANTED, "<w:rPr><w:vanish/></w:rPr>")),
    "author field": paragraph(f'<w:fldSimple w:instr="AUTHOR">{run(PLANTED)}</w:fldSimple>'),
    "custom control": f'<w:sdt><w:sdtPr><w:tag w:val="{PLANTED}"/></w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>',
}


@pytest.mark.parametrize("body", LEFT_BY_MAT2.values(), ids=LEFT_BY_MAT2.keys())
def test_what_mat2_leaves_goes_here(body: str, tmp_path: Path) -> None:
    """Should mat2 learn to take it out, this fails, and the row moves to where both agree."""
    path = tmp_path / "a.docx"
    path.write_bytes(docx(body, members=dict(PROPERTIES), more_links={"": TO_CORE}))
    theirs = mat2_cleans(path).read_bytes()
    assert PLANTED in everything(theirs)
    ours = everything(clean(path.read_bytes())[0])
    assert PLANTED not in ours
    assert KEPT in ours


def test_dates_of_members_are_all_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(clean(DOCUMENTS["docx"])[0])
    with zipfile.ZipFile(path) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
