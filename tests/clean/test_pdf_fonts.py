"""Fonts in PDF: glyphs look as before, without who made them, when, and for whom."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest
from pikepdf import Array, Dictionary, Name, String

from tests.clean.papers import everything_in
from tests.clean.pdf_sheet import Sheet, looks_the_same
from tests.clean.planted_fonts import cff, decrypted, type1
from tests.clean.planted_pdf import PLANT, truetype
from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.formats.pdf import cmap
from torsend.clean.formats.pdf.fontfile import clean_cff, clean_sfnt, clean_type1
from torsend.clean.formats.pdf.text import letter
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from pathlib import Path


def descriptor(**file: Any) -> Dictionary:
    return Dictionary(
        Type=Name.FontDescriptor, FontName=Name("/QWERTY+Box"), Flags=4, FontBBox=Array([0, 0, 600, 700]), ItalicAngle=0,
        Ascent=700, Descent=0, StemV=80, CapHeight=700, CharSet=String(PLANT), Lang=Name("/" + PLANT), **file,
    )  # fmt: skip


def simple_font(sheet: Sheet, **file: Any) -> Any:
    return sheet.pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/QWERTY+Box"), FirstChar=65, LastChar=65, Widths=Array([600]),
            FontDescriptor=sheet.pdf.make_indirect(descriptor(**file)),
        )
    )  # fmt: skip


def wide_font(sheet: Sheet, kind: Name, encoding: Any, **file: Any) -> Any:
    below = Dictionary(
        Type=Name.Font, Subtype=kind, BaseFont=Name("/QWERTY+Box"), DW=600, W=Array([1, Array([600]), 5, 9, 700]),
        DW2=Array([880, -1000]), W2=Array([1, Array([-900, 250, 700])]),
        CIDSystemInfo=Dictionary(Registry=String(PLANT), Ordering=String(PLANT), Supplement=3),
        FontDescriptor=sheet.pdf.make_indirect(descriptor(**file)),
    )  # fmt: skip
    if kind == Name.CIDFontType2:
        below.CIDToGIDMap = sheet.pdf.make_stream(b"\0\0\0\1")
    return sheet.pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/QWERTY+Box"), Encoding=encoding,
                   DescendantFonts=Array([below]))
    )  # fmt: skip


CMAP = f"""%%Title: {PLANT}
/CIDInit /ProcSet findresource begin 9 dict begin begincmap /CMapName /{PLANT} def /CMapType 1 def
/CIDSystemInfo 3 dict dup begin /Registry ({PLANT}) def /Ordering ({PLANT}) def /Supplement 0 def end def
1 begincodespacerange <0000> <ffff> endcodespacerange
1 begincidchar <0041> 1 endcidchar 1 begincidrange <0042> <0050> 2 endcidrange
endcmap CMapName currentdict /CMap defineresource pop end end"""


def test_fonts_draw_the_same_without_their_makers(tmp_path: Path) -> None:
    sheet = Sheet()
    make = sheet.pdf.make_stream
    program, clear = type1()
    digits, digits_clear = type1(as_digits=True)
    encoding = make(
        CMAP.encode(), Type=Name.CMap, CMapName=Name("/" + PLANT), UseCMap=Name("/Identity-H"), WMode=0
    )
    fonts: list[tuple[Any, str]] = [
        (simple_font(sheet, FontFile=make(program, Length1=clear, Length2=9, Length3=532)), "(A)"),
        (simple_font(sheet, FontFile=make(digits, Length1=digits_clear)), "(A)"),
        (simple_font(sheet, FontFile3=make(cff(), Subtype=Name.Type1C)), "(A)"),
        (wide_font(sheet, Name.CIDFontType0, Name("/Identity-H"),
                   FontFile3=make(cff(cid=True), Subtype=Name.CIDFontType0C)), "<0001>"),
        (wide_font(sheet, Name.CIDFontType2, Name("/Identity-H"), FontFile2=make(truetype())), "<0001>"),
        (wide_font(sheet, Name.CIDFontType2, encoding, FontFile2=make(truetype())), "<0041>"),
        (Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier, Encoding=Dictionary(
            BaseEncoding=Name.WinAnsiEncoding, Differences=Array([65, Name.eacute, Name.germandbls]))), "(AB)"),
    ]  # fmt: skip
    for number, (font, text) in enumerate(fonts):
        sheet.content.append(f"BT {sheet.put('Font', font)} 30 Tf 10 {10 + 40 * number} Td {text} Tj ET")
    result = looks_the_same(sheet, tmp_path)
    assert b"5000123" not in everything_in(result)
    assert b"QWERTY" not in everything_in(result)


def test_type1_keeps_its_glyphs_and_loses_its_numbers() -> None:
    program, clear_size = type1()
    notes = Notes()
    clear, hidden, tail = clean_type1(program, clear_size, notes)
    assert PLANT.encode() not in clear
    assert b"/FontName /AAAAAA+Box def" in clear
    assert len(clear) == clear_size
    plain = decrypted(hidden)
    assert plain[:4] == bytes(4)
    assert b"UniqueID" not in plain
    assert b"/CharStrings 2 dict" in plain
    assert tail.endswith(b"cleartomark\n")
    assert notes.counts[Trace.IDENTIFIER] == 3
    assert clean_type1(program[: -len(tail)] + b"no end", None, Notes())[2] == b""
    for broken in (b"no font", b"%!\n eexec" + bytes(40)):
        with pytest.raises(NotCleanable):
            clean_type1(broken, None, Notes())


def test_cff_keeps_its_length() -> None:
    for cid in (False, True):
        notes = Notes()
        data = clean_cff(cff(cid=cid), notes)
        assert len(data) == len(cff(cid=cid))
        assert PLANT.encode() not in data
        assert notes.counts[Trace.IDENTIFIER] == 2
        assert (b"Adobe" in data) is True
        assert clean_cff(data, Notes()) == data


@pytest.mark.parametrize(
    "broken", [b"", b"\1\0\4\2", b"\2\0\4\2" + bytes(40), b"\1\0\4\2\0\2\1\\9", cff()[:40], cff()[:60]]
)
def test_broken_cff_is_damaged(broken: bytes) -> None:
    with pytest.raises((NotCleanable, struct.error)):
        clean_cff(broken, Notes())


def test_opentype_with_cff_inside_is_cleaned_within() -> None:
    tables = {b"CFF ": cff(), b"head": bytes(54), b"DSIG": b"PLNT"}
    at = 12 + 16 * len(tables)
    table, bodies = b"", b""
    for tag, body in tables.items():
        table += struct.pack(">4s3L", tag, 0, at + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    notes = Notes()
    data = clean_sfnt(struct.pack(">4s4H", b"OTTO", 3, 0, 0, 0) + table + bodies, notes)
    assert PLANT.encode() not in data
    assert b"DSIG" not in data
    for broken in (
        b"",
        b"OTTO" + b"\xff" * 20,
        struct.pack(">4s4H4s3L", b"OTTO", 1, 0, 0, 0, b"head", 0, 9999, 54),
    ):
        with pytest.raises(NotCleanable):
            clean_sfnt(broken, Notes())


def test_character_maps_are_read_with_their_faults() -> None:
    data = b"""1 begincodespacerange <00> <FF> endcodespacerange
    3 beginbfrange <01> <03> <0041> <04> <05> [<0058> <0059>] <0000> <ffff> <0001> endbfrange
    2 beginbfchar <06> <D83DDE00> <07> <4> <08> endbfchar
    1 beginbfrange <09> <0a> [<0041> endbfrange 1 beginbfchar <0b>"""
    found = cmap.blocks(data)
    letters = cmap.unicode_map(found)
    assert [letters[bytes([code])] for code in (1, 2, 3, 4, 5, 6)] == ["A", "B", "C", "X", "Y", "\U0001f600"]
    assert letters[b"\7"] == "@"
    assert cmap.code_lengths(found) == {1}
    assert cmap.is_vertical(b"/WMode 1 def")
    again = cmap.written(found, 2, vertical=True)
    assert cmap.blocks(again) == found
    assert b"/WMode 1" in again


@pytest.mark.parametrize(
    ("glyph", "meaning"),
    [
        ("A", "A"),
        ("eacute", "é"),
        ("uni00e9", "é"),
        ("u1F600", "\U0001f600"),
        ("a.alt", "a"),
        ("fi", "fi"),
        ("g12", ""),
        ("uniD800", ""),
    ],
)
def test_glyph_names_mean_letters(glyph: str, meaning: str) -> None:
    assert letter(glyph) == meaning
