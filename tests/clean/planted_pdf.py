"""A PDF with a trace in every place that we know of, written by ourselves. What must not come along holds ``PLANT``."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Array, Dictionary, Name, String

if TYPE_CHECKING:
    from collections.abc import Iterator

PLANT = "PLANTED"


def plant(where: str) -> str:
    """A word that must be nowhere in a cleaned file."""
    return f"{PLANT} {where}"


XMP = f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmp:CreatorTool="{plant("tool")}">
<dc:creator><rdf:Seq><rdf:li>{plant("xmp creator")}</rdf:li></rdf:Seq></dc:creator>
<xmp:CreateDate>2021-02-03T04:05:06Z</xmp:CreateDate><xmpMM:DocumentID>uuid:{plant("id")}</xmpMM:DocumentID>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""

UNICODE = f"""%!PS-Adobe-3.0 Resource-CMap
%%Creator {plant("cmap creator")}
/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo <</Registry ({PLANT}) /Ordering (x) /Supplement 0>> def /CMapName /{PLANT} def /CMapType 2 def
1 begincodespacerange <00> <ff> endcodespacerange
1 beginbfchar <41> <0042> endbfchar
2 beginbfrange <43> <45> <0061> <46> <47> [<0078> <00790079>] endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end""".encode()


def metadata(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """An XMP packet as a stream."""
    return pdf.make_stream(XMP.encode(), Type=Name.Metadata, Subtype=Name.XML)


def profile() -> bytes:
    """An ICC profile that makes red, green and blue of sRGB's, and says who made it."""

    def xyz(*amounts: float) -> bytes:
        return b"XYZ " + bytes(4) + b"".join(struct.pack(">l", round(each * 65536)) for each in amounts)

    curve = b"curv" + bytes(4) + struct.pack(">LH", 1, 0x233) + b"\0\0"
    words = plant("profile").encode()
    tags = {
        b"rXYZ": xyz(0.4361, 0.2225, 0.0139), b"gXYZ": xyz(0.3851, 0.7169, 0.0971), b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"rTRC": curve, b"gTRC": curve, b"bTRC": curve, b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"desc": b"desc" + bytes(4) + struct.pack(">L", len(words) + 1) + words + bytes(79),
        b"cprt": b"text" + bytes(4) + words + b"\0", b"dmnd": b"text" + bytes(4) + words + b"\0",
    }  # fmt: skip
    at = 132 + 12 * len(tags)
    table, bodies = b"", b""
    for tag, body in tags.items():
        table += struct.pack(">4s2L", tag, at + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    header = struct.pack(
        ">L4sL4s4s4s6H4s4sL4s4sQL3l4s", at + len(bodies), b"PLNT", 0x02200000, b"mntr", b"RGB ", b"XYZ ",
        2021, 2, 3, 4, 5, 6, b"acsp", b"APPL", 0, b"PLNT", b"PLNT", 0, 0, 63190, 65536, 54061, b"PLNT",
    )  # fmt: skip
    return header.ljust(128, b"\0") + struct.pack(">L", len(tags)) + table + bodies


def truetype() -> bytes:
    """A TrueType font with one box as glyph, a name table and dates."""
    glyph = struct.pack(">h4h", 1, 0, 0, 500, 700) + struct.pack(">HH", 3, 0) + bytes([1, 1, 1, 1])
    glyph += struct.pack(">4h4h", 0, 500, 0, -500, 0, 0, 700, 0)
    name = plant("font name").encode("utf-16-be")
    tables = {
        b"OS/2": b"\0\3" + bytes(56) + b"PLNT" + bytes(34),
        b"cmap": struct.pack(">4HL", 0, 1, 1, 0, 12) + struct.pack(">3H", 0, 262, 0) + bytes([1] * 256),
        b"glyf": glyph + bytes(-len(glyph) % 4),
        b"head": struct.pack(
            ">LLLLHHqqhhhhHHhhh", 0x10000, 0x12345, 0x99999999, 0x5F0F3CF5, 0, 1000, 3_700_000_000, 3_700_000_000, 0, 0, 500,
            700, 0, 8, 2, 1, 0,
        ),
        b"hhea": struct.pack(">L3hH11hH", 0x10000, 700, 0, 0, 600, *[0] * 11, 2),
        b"hmtx": struct.pack(">HhHh", 600, 0, 600, 0),
        b"loca": struct.pack(">3L", 0, 0, len(glyph) + -len(glyph) % 4),
        b"maxp": struct.pack(">LH", 0x10000, 2) + struct.pack(">13H", 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": struct.pack(">3H", 0, 1, 18) + struct.pack(">6H", 3, 1, 0x409, 1, len(name), 0) + name,
        b"post": struct.pack(">LLhhL", 0x30000, 0, 0, 0, 0) + bytes(16),
    }  # fmt: skip
    at = 12 + 16 * len(tables)
    table, bodies = b"", b""
    for tag, body in tables.items():
        table += struct.pack(">4s3L", tag, 0, at + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    return struct.pack(">4s4H", b"\0\1\0\0", len(tables), 128, 3, len(tables) * 16 - 128) + table + bodies


def planted_pdf() -> bytes:
    """The document: two pages, with everything on the first."""
    pdf = pikepdf.new()
    pdf.docinfo["/Author"] = plant("author")
    pdf.docinfo["/CreationDate"] = "D:20210203040506+01'00'"
    pdf.docinfo["/Custom"] = plant("custom")
    group = pdf.make_indirect(
        Dictionary(Type=Name.OCG, Name=String(plant("layer")), CreatorInfo=Dictionary(Creator=PLANT))
    )
    shown = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(plant("shown layer"))))
    file = pdf.make_stream(plant("file").encode(), Type=Name.EmbeddedFile)
    spec = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec, F=String(plant("name")), UF=String(plant("name")), EF=Dictionary(F=file)
        )
    )
    script = Dictionary(S=Name.JavaScript, JS=String(f"app.alert('{PLANT}')"))
    for _ in range(2):
        pdf.add_blank_page(page_size=(300, 300))
    page, second = pdf.pages[0], pdf.pages[1]
    pdf.Root.Metadata = metadata(pdf)
    pdf.Root.PieceInfo = Dictionary({"/" + PLANT: Dictionary(Private=String(plant("piece")))})
    pdf.Root.OpenAction = script
    pdf.Root.AA = Dictionary(WC=script)
    pdf.Root.Lang = String(PLANT)
    pdf.Root.AF = Array([spec])
    pdf.Root.ViewerPreferences = Dictionary({"/" + PLANT: True})
    pdf.Root.StructTreeRoot = pdf.make_indirect(
        Dictionary(
            Type=Name.StructTreeRoot, K=Dictionary(S=Name.Figure, Alt=String(plant("alt")), ID=String(PLANT))
        )
    )
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                S=Name.GTS_PDFX,
                OutputConditionIdentifier=String(PLANT),
                DestOutputProfile=pdf.make_stream(profile(), N=3),
            )
        ]
    )
    pdf.Root.OCProperties = Dictionary(
        OCGs=Array([group, shown]),
        D=Dictionary(OFF=Array([group]), Creator=String(PLANT), Order=Array([group, shown])),
    )
    pdf.Root.Names = Dictionary(
        EmbeddedFiles=Dictionary(Names=Array([String(PLANT), spec])),
        JavaScript=Dictionary(Names=Array([String(PLANT), script])),
        Dests=Dictionary(Names=Array([String(PLANT), Array([second.obj, Name.XYZ, 0, 300, 0])])),
    )
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r), 1, Dictionary(P=String("part-"))]))
    item = pdf.make_indirect(
        Dictionary(Title=String("Kept title"), Dest=String(PLANT), SE=Dictionary(T=String(PLANT)))
    )
    outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))
    item.Parent = outlines
    pdf.Root.Outlines = outlines
    _fill(pdf, page, group, shown, spec, script)
    second.obj.Contents = pdf.make_stream(b"BT /F1 20 Tf 20 100 Td (Second page) Tj ET")
    second.obj.Resources = page.obj.Resources
    # What nothing refers to stays in many programs' files; it is put under a key that nobody knows.
    pdf.Root[f"/{PLANT}"] = pdf.make_stream(plant("unreferenced").encode())
    out = io.BytesIO()
    pdf.save(out, compress_streams=False)
    # An earlier version is what lies in front of a later one.
    return out.getvalue() + f"% {plant('after the end')}\n%%EOF\n".encode()


def _fill(pdf: pikepdf.Pdf, page: pikepdf.Page, group: pikepdf.Object, shown: pikepdf.Object, spec: pikepdf.Object,
          script: pikepdf.Object) -> None:  # fmt: skip
    space = Array([Name.ICCBased, pdf.make_stream(profile(), N=3, Metadata=metadata(pdf))])
    image = pdf.make_stream(
        bytes(range(48)) + plant("behind the pixels").encode(), Type=Name.XObject, Subtype=Name.Image, Width=4, Height=4,
        ColorSpace=space, BitsPerComponent=8, Metadata=metadata(pdf), ID=String(PLANT), Name=Name("/" + PLANT),
        Alternates=Array([]), OPI=Dictionary({"/2.0": Dictionary(F=String(plant("opi")))}),
    )  # fmt: skip
    packed = pdf.make_stream(
        zlib.compress(bytes(range(48))) + plant("behind the stream").encode(), Type=Name.XObject, Subtype=Name.Image,
        Width=4, Height=4, ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.FlateDecode,
    )  # fmt: skip
    form = pdf.make_stream(
        b"% " + plant("comment in form").encode() + b"\n0 0 1 rg 0 0 20 20 re f", Type=Name.XObject, Subtype=Name.Form,
        BBox=Array([0, 0, 30, 30]), Matrix=Array([1, 0, 0, 1, 0, 0]), LastModified=String(PLANT), Metadata=metadata(pdf),
        PieceInfo=Dictionary({"/" + PLANT: Dictionary()}), Ref=Dictionary(F=String(plant("ref")), Page=0),
        Resources=Dictionary(Font=Dictionary({"/" + PLANT: Dictionary()})),
    )  # fmt: skip
    off = pdf.make_stream(
        b"(PLANTED hidden form) pop", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]), OC=group
    )
    descriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor, FontName=Name("/QWERTY+Box"), Flags=4, FontBBox=Array([0, 0, 500, 700]), ItalicAngle=0,
            Ascent=700, Descent=0, StemV=80, CapHeight=700, FontFamily=String(PLANT), XUID=Array([1, 2, 3]),
            FontFile2=pdf.make_stream(truetype(), Length1=len(truetype()), Metadata=metadata(pdf)),
        )
    )  # fmt: skip
    box_font = pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name("/QWERTY+Box"), FirstChar=65, LastChar=71,
            Widths=Array([600] * 7), FontDescriptor=descriptor, ToUnicode=pdf.make_stream(UNICODE), Name=Name("/" + PLANT),
            PLANTED=String(PLANT),
        )
    )  # fmt: skip
    drawn_font = pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 10, 10]), FontMatrix=Array([0.1, 0, 0, 0.1, 0, 0]),
            CharProcs=Dictionary(square=pdf.make_stream(f"10 0 0 0 10 10 d1 0 0 8 8 re f % {PLANT}".encode())),
            Encoding=Dictionary(Differences=Array([97, Name.square])), FirstChar=97, LastChar=97, Widths=Array([10]),
        )
    )  # fmt: skip
    tint = Dictionary(
        FunctionType=2, Domain=Array([0, 1]), C0=Array([0, 0, 0, 0]), C1=Array([0, 1, 1, 0]), N=1
    )
    tiling = pdf.make_stream(
        f"1 0 0 rg 0 0 2 2 re f % {PLANT}".encode(), PatternType=1, PaintType=1, TilingType=1, BBox=Array([0, 0, 4, 4]),
        XStep=4, YStep=4, Resources=Dictionary(), Metadata=metadata(pdf),
    )  # fmt: skip
    shading = Dictionary(
        ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=Array([0, 0, 300, 0]), Extend=Array([True, True]),
        Function=Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 0, 0]), C1=Array([0, 0, 1]), N=1, X=PLANT),
    )  # fmt: skip
    mask = pdf.make_stream(
        b"0.5 g 0 0 300 300 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 300, 300]),
        Group=Dictionary(S=Name.Transparency, CS=Name.DeviceGray, I=True, PLANTED=PLANT),
    )  # fmt: skip
    page.obj.Resources = Dictionary(
        Font=Dictionary(
            F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding),
            PLANTEDbox=box_font, F3=drawn_font, Unused=Dictionary(Type=Name.Font, BaseFont=Name("/" + PLANT)),
        ),
        XObject=Dictionary(Im1=image, Im2=packed, PLANTEDform=form, Off=off),
        Properties=Dictionary(MC0=group, MC1=shown, MC2=Dictionary(Metadata=metadata(pdf))),
        ExtGState=Dictionary(
            GS1=Dictionary(ca=0.5, BM=Name.Multiply, TR=Name.Identity, PLANTED=String(PLANT)),
            GS2=Dictionary(SMask=Dictionary(S=Name.Luminosity, G=mask)),
        ),
        ColorSpace=Dictionary(
            CS1=Array([Name.Separation, Name("/PLANTEDred"), Name.DeviceCMYK, tint]),
            CS2=space,
            CS3=Array([Name.Indexed, Name.DeviceRGB, 1, String(b"\xff\0\0\0\xff\0" + PLANT.encode())]),
        ),
        Pattern=Dictionary(P1=tiling),
        Shading=Dictionary(Sh1=shading),
    )  # fmt: skip
    content = f"""% {plant("comment")}
/Artifact <</Type /Pagination /Contents ({plant("artifact")})>> BDC q /GS1 gs /Sh1 sh Q EMC
/Span <</ActualText (Said aloud) /Lang ({PLANT}) /E ({PLANT})>> BDC
BT /F1 24 Tf 20 250 Td (Visible) Tj [(wo) -20 (rds)] TJ 0 -30 Td (next line) Tj ET EMC
/OC /MC0 BDC BT /F1 12 Tf 20 30 Td ({plant("on a hidden layer")}) Tj ET 0 0 300 300 re f /PLANTEDform Do EMC
/OC /MC1 BDC BT /F1 12 Tf 20 10 Td (On a shown layer) Tj ET EMC
/Point /MC2 DP /{PLANT} MP ({PLANT}) q
BT /PLANTEDbox 20 Tf 20 200 Td (ACDEFG) Tj /F3 20 Tf 100 0 Td (aa) Tj ET
/CS1 cs 0.8 scn 150 150 40 40 re f /CS2 CS 0.2 0.4 0.6 SC 3 w 200 150 m 250 190 l S
/Pattern cs /P1 scn 200 100 40 40 re f
q 60 0 0 60 20 100 cm /Im1 Do Q q 60 0 0 60 90 100 cm /Im2 Do Q
q 1 0 0 1 20 60 cm /PLANTEDform Do /Off Do /Nothing Do Q
q 30 0 0 30 60 60 cm BI /W 2 /H 2 /CS /G /BPC 8 /F /AHx /{PLANT} ({PLANT}) ID 00ff80c0> EI Q
q /GS2 gs 0 1 0 rg 240 20 50 50 re f Q
BX ({PLANT}) Unknown EX Q
""".encode()
    page.obj.Contents = Array([pdf.make_stream(content[:300]), pdf.make_stream(content[300:])])
    page.obj.Metadata = metadata(pdf)
    page.obj.PieceInfo = Dictionary({"/" + PLANT: Dictionary(Private=String(PLANT))})
    page.obj.LastModified = String(plant("date"))
    page.obj.Thumb = pdf.make_stream(PLANT.encode(), Width=1, Height=1)
    page.obj.AA = Dictionary(O=script)
    page.obj.B = Array([])
    page.obj.Annots = Array(list(_annotations(pdf, form, spec, script)))
    fields = [each for each in page.obj.Annots if each.Subtype == Name.Widget]
    pdf.Root.AcroForm = Dictionary(Fields=Array(fields), XFA=String(PLANT), DA=String(f"/{PLANT} 0 Tf"))


def _annotations(pdf: pikepdf.Pdf, form: pikepdf.Object, spec: pikepdf.Object,
                 script: pikepdf.Object) -> Iterator[pikepdf.Object]:  # fmt: skip
    def link(**more: object) -> pikepdf.Object:
        return pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([20, 240, 120, 270]), Border=Array([0, 0, 1]),
                       NM=PLANT, M=PLANT, Contents=PLANT, **more)  # type: ignore[arg-type]
        )  # fmt: skip

    yield link(A=Dictionary(S=Name.URI, URI=String("https://kept.example/page")))
    yield link(Dest=String(PLANT))
    yield link(A=Dictionary(S=Name.URI, URI=String(f"file:///home/{PLANT}")))
    yield link(A=Dictionary(S=Name.Launch, F=String(PLANT)))
    yield link(A=script)
    looks = Dictionary(N=form)
    for subtype in ("Stamp", "FreeText", "Widget"):
        yield pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=Array([250, 250, 280, 280]), AP=looks, T=PLANT,
                       V=PLANT, Contents=PLANT, CreationDate=PLANT, M=PLANT, NM=PLANT, RC=PLANT, AA=Dictionary(E=script))
        )  # fmt: skip
    yield pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 20, 20]), Contents=plant("remark"), T=PLANT
        )
    )
    yield pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Popup, Rect=Array([0, 0, 20, 20])))
    yield pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 20, 20]), FS=spec)
    )
