"""Colours and pictures in PDF look as before, without their traces."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from tests.clean.papers import cleaned
from tests.clean.pdf_sheet import Sheet, looks_the_same
from tests.clean.planted_pdf import PLANT, profile
from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.formats.pdf.codestream import clean_jbig2, clean_jpeg2000
from torsend.clean.formats.pdf.profile import clean_profile
from torsend.clean.formats.pdf.read import lzw_size

if TYPE_CHECKING:
    from pathlib import Path


def image(sheet: Sheet, data: bytes, **more: Any) -> Any:
    fields = {"Width": 8, "Height": 8, "ColorSpace": Name.DeviceGray, "BitsPerComponent": 8, **more}
    return sheet.pdf.make_stream(data, Type=Name.XObject, Subtype=Name.Image, **fields)


def predicted(rows: int, row: bytes) -> bytes:
    return zlib.compress(b"".join(b"\2" + row for _ in range(rows)))


def runs(data: bytes) -> bytes:
    return (
        b"".join(bytes([len(data[at : at + 64]) - 1]) + data[at : at + 64] for at in range(0, len(data), 64))
        + b"\x80"
    )


def test_colours_and_shadings_look_the_same(tmp_path: Path) -> None:
    sheet = Sheet()
    make = sheet.pdf.make_stream
    white: dict[str, Any] = {"WhitePoint": Array([0.95, 1, 1.09])}
    linear = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 0, 0]), C1=Array([0, 0, 1]), N=1)
    sampled = make(bytes([255, 0, 0, 0, 255, 0, 0, 0, 255]) + PLANT.encode(), FunctionType=0, Domain=Array([0, 1]),
                   Range=Array([0, 1] * 3), Size=Array([3]), BitsPerSample=8, PLANTED=PLANT)  # fmt: skip
    stitched = Dictionary(FunctionType=3, Domain=Array([0, 1]), Functions=Array([linear, linear]), Bounds=Array([0.3]),
                          Encode=Array([0, 1, 1, 0]))  # fmt: skip
    computed = make(f"{{ % {PLANT}\n dup 0.5 mul exch 1 exch sub dup }}".encode(), FunctionType=4, Domain=Array([0, 1]),
                    Range=Array([0, 1] * 3))  # fmt: skip
    ink = Array([Name.Separation, Name("/PLANTEDink"), Name.DeviceRGB, linear])
    inks = Array([Name.DeviceN, Array([Name("/PLANTEDink"), Name.Cyan]), Name.DeviceRGB,
                  make(b"{ 1 index 1 }", FunctionType=4, Domain=Array([0, 1, 0, 1]), Range=Array([0, 1] * 3)),
                  Dictionary(Subtype=Name.NChannel, Colorants=Dictionary(PLANTEDink=ink))])  # fmt: skip
    spaces: list[tuple[Any, str]] = [
        (Array([Name.CalRGB, Dictionary(**white, Gamma=Array([1.8, 1.8, 1.8]), Note=PLANT)]), "0.2 0.6 0.4"),
        (Array([Name.CalGray, Dictionary(**white, Gamma=1.8)]), "0.4"),
        (Array([Name.Lab, Dictionary(**white, Range=Array([-100, 100, -100, 100]))]), "60 40 -20"),
        (inks, "0.5 0.8"),
        (Array([Name.Separation, Name.Black, Name.DeviceRGB, sampled]), "0.6"),
        (Array([Name.Indexed, Array([Name.ICCBased, make(profile(), N=3)]), 1,
                make(b"\xff\0\0\0\0\xff" + PLANT.encode())]), "1"),
        (Array([Name.DeviceCMYK]), "0 1 0.5 0"),
    ]  # fmt: skip
    for number, (space, amounts) in enumerate(spaces):
        sheet.content.append(
            f"{sheet.put('ColorSpace', space)} cs {amounts} scn {10 + 40 * number} 10 30 30 re f"
        )
    for number, function in enumerate(
        (
            sampled,
            stitched,
            computed,
            Array([Dictionary(FunctionType=2, Domain=Array([0, 1]), N=n) for n in (1, 2, 3)]),
        )
    ):
        shading = Dictionary(
            ShadingType=2 if number % 2 else 3, ColorSpace=Name.DeviceRGB, Function=function, Background=Array([1, 1, 0]),
            Coords=Array([0, 0, 60, 0] if number % 2 else [30, 30, 5, 30, 30, 30]), Extend=Array([False, True]),
            AntiAlias=True,
        )  # fmt: skip
        name = sheet.put("Shading", shading)
        sheet.content.append(f"q 1 0 0 1 {10 + 70 * number} 60 cm 0 0 60 60 re W n {name} sh Q")
    mesh = make(
        b"".join(struct.pack(">BHHBBB", 0, x, y, *colour) for x, y, colour in
                 [(0, 0, (255, 0, 0)), (65535, 0, (0, 255, 0)), (0, 65535, (0, 0, 255))]),
        ShadingType=4, ColorSpace=Name.DeviceRGB, BitsPerCoordinate=16, BitsPerComponent=8, BitsPerFlag=8,
        Decode=Array([0, 60, 0, 60, 0, 1, 0, 1, 0, 1]), PLANTED=PLANT,
    )  # fmt: skip
    sheet.content.append(f"q 1 0 0 1 10 140 cm {sheet.put('Shading', mesh)} sh Q")
    across = Dictionary(
        ShadingType=2, ColorSpace=Name.DeviceRGB, Function=linear, Coords=Array([100, 0, 200, 0])
    )
    pattern = Dictionary(
        PatternType=2, Shading=across, ExtGState=Dictionary(ca=1), Matrix=Array([1, 0, 0, 1, 0, 0])
    )
    uncoloured = make(
        b"0 0 3 3 re f", PatternType=1, PaintType=2, TilingType=1, BBox=Array([0, 0, 6, 6]), XStep=6, YStep=6
    )
    under = sheet.put("ColorSpace", Array([Name.Pattern, Name.DeviceRGB]))
    sheet.content.append(f"/Pattern cs {sheet.put('Pattern', pattern)} scn 100 140 100 50 re f")
    sheet.content.append(f"{under} cs 0 0.5 0 {sheet.put('Pattern', uncoloured)} scn 210 140 60 50 re f")
    courier = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier)
    state = Dictionary(
        LW=4, D=Array([Array([6, 3]), 0]), BM=Array([Name.Unknown, Name.Darken]), CA=0.7, SMask=Name("/None"), OP=True,
        RI=Name.Perceptual, Font=Array([courier, 12]), HT=String(PLANT),
    )  # fmt: skip
    mask = make(
        b"0 0 1 1 re f",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 300, 300]),
        Group=Dictionary(S=Name.Transparency, K=False),
    )
    masked = Dictionary(
        SMask=Dictionary(
            S=Name.Alpha, G=mask, BC=Array([0]), TR=Dictionary(FunctionType=2, Domain=Array([0, 1]), N=1)
        )
    )
    sheet.content.append(
        f"q {sheet.put('ExtGState', state)} gs [4 2] 1 d /Perceptual ri 10 210 m 200 250 l S Q"
    )
    sheet.content.append(f"q {sheet.put('ExtGState', masked)} gs 1 0 0 rg 210 210 50 50 re f Q")
    sheet.page.Resources.ColorSpace.DefaultRGB = Array([Name.CalRGB, Dictionary(**white)])
    looks_the_same(sheet, tmp_path, most=50)


def test_pictures_look_the_same_whatever_packed_them(tmp_path: Path) -> None:
    sheet = Sheet()
    grey = bytes(range(0, 256, 4))
    soft = image(sheet, bytes(range(255, -1, -4)), Matte=Array([0]))
    stencil = image(sheet, b"\xaa\x55" * 4, ImageMask=True, BitsPerComponent=1)
    del stencil["/ColorSpace"]
    photo = io.BytesIO()
    Image.linear_gradient("L").resize((8, 8)).save(photo, "JPEG", comment=PLANT)
    fax = io.BytesIO()
    Image.linear_gradient("L").resize((8, 8)).convert("1").save(fax, "TIFF", compression="group4")
    with Image.open(fax) as opened:
        offset, size = opened.tag_v2[273][0], opened.tag_v2[279][0]  # type: ignore[attr-defined]
    pictures = [
        image(sheet, grey, SMask=soft, Interpolate=True, Decode=Array([1, 0]), Intent=Name.Perceptual),
        image(sheet, grey, Mask=Array([0, 100]), Intent=Name("/" + PLANT)),
        image(sheet, grey, Mask=stencil),
        image(sheet, predicted(8, bytes([4] * 8)), Filter=Name.FlateDecode,
              DecodeParms=Dictionary(Predictor=15, Columns=8, PLANTED=PLANT)),
        image(sheet, runs(grey) + PLANT.encode(), Filter=Array([Name.RunLengthDecode])),
        image(sheet, zlib.compress(grey).hex().encode() + b">", Filter=Array([Name.ASCIIHexDecode, Name.FlateDecode]),
              DecodeParms=Array([None, Dictionary()])),
        image(sheet, photo.getvalue(), Filter=Name.DCTDecode, DecodeParms=Dictionary(ColorTransform=0)),
        image(sheet, fax.getvalue()[offset : offset + size], Filter=Name.CCITTFaxDecode, BitsPerComponent=1,
              DecodeParms=Dictionary(K=-1, Columns=8, Rows=8, BlackIs1=False, PLANTED=PLANT)),
        image(sheet, zlib.compress(grey + PLANT.encode() * 9), Filter=Name.FlateDecode),
    ]  # fmt: skip
    for number, each in enumerate(pictures):
        name = sheet.put("XObject", each)
        sheet.content.append(f"q 40 0 0 40 {10 + 50 * (number % 5)} {10 + 60 * (number // 5)} cm {name} Do Q")
    sheet.content.append(f"q 1 0 0 rg 40 0 0 40 10 150 cm {sheet.put('XObject', stencil)} Do Q")
    sheet.content.append("q 40 0 0 40 60 150 cm BI /W 8 /H 8 /IM true /F /Fl /DP <</Columns 8>> ID ")
    data = sheet.data
    flat = zlib.compress(b"\xf0\x0f" * 4)

    def with_inline() -> bytes:
        sheet.page.Contents = sheet.pdf.make_stream("\n".join(sheet.content).encode() + flat + b"\nEI Q")
        out = io.BytesIO()
        sheet.pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return out.getvalue()

    sheet.data = with_inline  # type: ignore[method-assign]
    assert data is not with_inline
    looks_the_same(sheet, tmp_path, most=20)


@pytest.mark.parametrize(
    "more",
    [
        {"Width": 0},
        {"Width": 100_000},
        {"Width": Name.Wide},
        {"BitsPerComponent": 7},
        {"ColorSpace": Name.Unknown},
        {"ColorSpace": Array([])},
        {"Filter": Name.FlateDecode},
        {"Filter": Name.DCTDecode},
        {"Filter": Name.JPXDecode},
        {"Filter": Array([Name.DCTDecode, Name.FlateDecode])},
        {"Filter": Array([1])},
    ],
)
def test_pictures_that_are_none_are_refused(more: dict[str, Any]) -> None:
    sheet = Sheet()
    sheet.content.append(f"{sheet.put('XObject', image(sheet, b'nothing', **more))} Do")
    with pytest.raises((NotCleanable, ValueError)):
        cleaned(sheet.data())


def test_lzw_codes_are_counted_as_they_grow() -> None:
    data = bytes(range(256)) * 40
    bits, table, width, word = f"{256:09b}", {bytes([n]): n for n in range(256)}, 9, b""
    for octet in data:
        if word + bytes([octet]) in table:
            word += bytes([octet])
            continue
        bits += f"{table[word]:0{width}b}"
        if len(table) < 4096 - 4:
            table[word + bytes([octet])] = len(table) + 2
        width = min(max((len(table) + 2).bit_length(), 9), 12)
        word = bytes([octet])
    bits += f"{table[word]:0{width}b}" + f"{257:0{width}b}"
    raw = int(bits.ljust(len(bits) + -len(bits) % 8, "0"), 2).to_bytes((len(bits) + 7) // 8)
    assert abs(lzw_size(raw) - len(data)) < len(data) / 10


def test_newer_profiles_get_newer_descriptions() -> None:
    data = bytearray(profile())
    data[8] = 4
    notes = Notes()
    once = clean_profile(bytes(data), notes)
    assert b"mluc" in once
    assert clean_profile(once, Notes()) == once
    for broken in (b"short", bytes(200), once[:128] + b"\xff" * 60, once[:-600]):
        with pytest.raises(NotCleanable):
            clean_profile(broken, Notes())


def test_codestreams_that_break_off_are_damaged() -> None:
    packed = io.BytesIO()
    Image.linear_gradient("L").resize((16, 16)).save(packed, "JPEG2000", comment=PLANT, no_jp2=True)
    bare = packed.getvalue()
    notes = Notes()
    once = clean_jpeg2000(bare, notes)
    assert PLANT.encode() not in once
    assert clean_jpeg2000(once, Notes()) == once
    start = once.index(b"\xff\x90")
    part = once[start:-2]
    remark = b"\xff\x64\0\x08\0\1PLNT"
    longer = part[:6] + struct.pack(">L", len(part) + len(remark)) + part[10:12] + remark + part[12:]
    assert b"PLNT" not in clean_jpeg2000(once[:start] + longer + b"\xff\xd9", notes)
    for broken in (b"", once[:20], once[: start + 8], b"\xff\x4f\xff\x51\0\4\0\0\xff\x00\0\4\0\0",
                   b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\4abcd",
                   b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x0cjp2cabcd"):  # fmt: skip
        with pytest.raises(NotCleanable):
            clean_jpeg2000(broken, Notes())
    many = (
        struct.pack(">LBBL", 300, 0x40 | 6, 0xE0, 0)[:5]
        + struct.pack(">L", 0xE0000000 | 9)
        + bytes(2)
        + bytes(9 * 2)
        + bytes(4)
        + bytes(4)
    )
    assert clean_jbig2(many, Notes()) == many
