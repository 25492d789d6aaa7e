"""Layers, links, fields and outlines in PDF are as before, without their traces."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from tests.clean.papers import cleaned, everything_in, pages_drawn
from tests.clean.pdf_sheet import Sheet
from tests.clean.planted_pdf import PLANT
from torsend.clean.formats.pdf.read import numbers
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("rule", "is_seen"),
    [
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=Array([off, on])), True),
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=Array([off, on]), P=Name.AllOn), False),
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=Array([off, on]), P=Name.AnyOff), True),
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=Array([off, on]), P=Name.AllOff), False),
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=Array([])), True),
        (lambda off, on: Dictionary(Type=Name.OCMD, VE=Array([Name.And, on, Array([Name.Not, off])])), True),
        (lambda off, on: Dictionary(Type=Name.OCMD, VE=Array([Name.Or, off, Array([Name.Not, on])])), False),
        (lambda off, on: Dictionary(Type=Name.OCMD, VE=Array([Name.Unknown, off])), True),
        (lambda off, on: Dictionary(Type=Name.OCMD, VE=Array([])), True),
        (lambda off, on: Dictionary(Type=Name.Unknown), True),
        (lambda off, on: off, False),
        (lambda off, on: on, True),
    ],
)
def test_layers_are_seen_or_gone(rule: Any, is_seen: bool) -> None:
    sheet = Sheet()
    off = sheet.pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("off")))
    on = sheet.pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("on")))
    usual = Dictionary(BaseState=Name.OFF, ON=Array([on]), OFF=Array([off]))
    sheet.pdf.Root.OCProperties = Dictionary(OCGs=Array([off, on]), D=usual)
    font = sheet.put("Font", Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier))
    name = sheet.put("Properties", rule(off, on))
    sheet.content.append(
        f"/OC {name} BDC /Tag BMC BT {font} 12 Tf (Words) Tj T* (more) ' 1 2 (again) \" ET EMC 0 0 9 9 re f"
    )
    result = cleaned(sheet.data())
    assert ("Words" in result.text) is is_seen
    assert result.notes.counts[Trace.OTHER] == (0 if is_seen else 1)


def test_links_of_every_kind(tmp_path: Path) -> None:
    sheet = Sheet()
    other = sheet.pdf.add_blank_page(page_size=(100, 100)).obj
    place = Array([other, Name.FitH, 50])
    sheet.pdf.Root.Dests = Dictionary(PLANTEDold=Dictionary(D=place))
    leaf = sheet.pdf.make_indirect(Dictionary(Names=Array([String(PLANT), place])))
    node = sheet.pdf.make_indirect(Dictionary(Kids=Array([leaf])))
    leaf.Kids = Array([node])
    sheet.pdf.Root.Names = Dictionary(Dests=node)
    looks = sheet.pdf.make_stream(
        b"0 0 9 9 re S", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9])
    )

    def link(**more: Any) -> Any:
        return sheet.pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([9, 9, 90, 90]), **more)
        )

    style = Dictionary(W=2, S=Name.D, D=Array([3, 2]), PLANTED=PLANT)
    sheet.page.Annots = Array(
        [
            link(Dest=Name("/PLANTEDold"), BS=style, C=Array([1, 0, 0]), H=Name.I,
                 QuadPoints=Array([9, 9, 90, 9, 9, 90, 90, 90])),
            link(A=Dictionary(S=Name.GoTo, D=String(PLANT), Next=Dictionary(S=Name.JavaScript)), AP=Dictionary(N=looks)),
            link(A=Dictionary(S=Name.GoToR, F=Dictionary(F=String(f"/home/{PLANT}")))),
            link(A=Dictionary(S=Name.URI, URI=String("mailto:kept@rowanmail.example"))),
            link(Dest=Array([other, Name.Unknown])),
            link(Dest=String("nowhere")),
            Dictionary(Type=Name.Annot, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://no.box.example"))),
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9])),
            Dictionary(Type=Name.Annot, Subtype=Name.Highlight, Rect=Array([0, 0, 9, 9]), Contents=String(PLANT)),
            Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([0, 0, 9, 9]), F=2, AP=Dictionary(N=looks)),
        ]
    )  # fmt: skip
    result = cleaned(sheet.data())
    with pikepdf.open(io.BytesIO(result.data)) as pdf:
        links = list(pdf.pages[0].obj.Annots)
        assert len(links) == 3
        assert [each.Dest[1] for each in links if "/Dest" in each] == [Name.FitH, Name.FitH]
        assert links[0].BS.S == Name.D
    assert "mailto:kept@rowanmail.example" in result.text
    assert result.notes.counts[Trace.PATH] == 1
    assert result.notes.counts[Trace.ACTIVE] == 1
    assert result.notes.counts[Trace.COMMENT] == 2
    assert PLANT.encode() not in everything_in(result.data)
    assert cleaned(result.data).notes.removed == []


def test_fields_without_looks_keep_their_frame(tmp_path: Path) -> None:
    sheet = Sheet()
    fields = [
        sheet.pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String(f"{PLANT}{at}"),
                       Rect=Array([9, 9 + at, 90, 30 + at]),
                       MK=Dictionary(BC=Array(colour), CA=String(PLANT)))
        )
        for at, colour in ((0, [1, 0, 0]), (30, [0.5]), (60, [0, 1, 0, 0]), (90, []))
    ]  # fmt: skip
    sheet.page.Annots = Array(fields)
    sheet.pdf.Root.AcroForm = Dictionary(Fields=Array([*fields, 3]), NeedAppearances=True)
    after = tmp_path / "after.pdf"
    result = cleaned(sheet.data())
    after.write_bytes(result.data)
    assert len(set(pages_drawn(after)[0][20:])) > 3
    assert result.data.count(b"PLANTED") == 0


def test_outlines_in_levels_and_pages_turned() -> None:
    sheet = Sheet()
    sheet.page.Rotate = 90
    sheet.page.CropBox = Array([10, 10, 290, 290])
    sheet.page.UserUnit = 2
    sheet.page.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB)
    make = sheet.pdf.make_indirect
    top = make(Dictionary(Title=String("Top"), Count=-1, C=Array([1, 0, 0]), F=2))
    below = make(
        Dictionary(
            Title=String("Below"), A=Dictionary(S=Name.GoTo, D=Array([sheet.page, Name.Fit])), Parent=top
        )
    )
    after = make(Dictionary(Title=String("After"), A=Dictionary(S=Name.URI, URI=String(PLANT)), Prev=top))
    top.First = top.Last = below
    top.Next = after
    after.Next = top
    sheet.pdf.Root.Outlines = make(Dictionary(First=top, Last=after))
    labels = make(Dictionary(Nums=Array([0, Dictionary(S=Name.A, St=3)])))
    sheet.pdf.Root.PageLabels = Dictionary(Kids=Array([labels]))
    result = cleaned(sheet.data())
    with pikepdf.open(io.BytesIO(result.data)) as pdf:
        page = pdf.pages[0].obj
        assert page.Rotate == 90
        assert page.UserUnit == 2
        assert numbers(page.CropBox) == [10, 10, 290, 290]
        assert Name.DeviceRGB == page.Group.CS
        outlines = pdf.Root.Outlines
        assert [str(outlines.First.Title), str(outlines.First.First.Title), str(outlines.Last.Title)] == [
            "Top",
            "Below",
            "After",
        ]
        assert outlines.First.Count == -1
        assert pdf.pages[0].label == "C"
    assert cleaned(result.data).data == result.data
