"""PDF: what must not come along is nowhere in the result, and the pages look and read as before."""

from __future__ import annotations

import io
import re
import struct
import subprocess
from typing import TYPE_CHECKING

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from tests.clean.papers import cleaned, everything_in, pages_drawn, text_of
from tests.clean.planted_pdf import PLANT, planted_pdf
from tests.clean.yardstick import PLAIN, identifying, mat2_says
from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.formats.pdf.codestream import clean_jbig2
from torsend.clean.formats.pdf.write import Name as PdfName
from torsend.clean.formats.pdf.write import PdfWriter
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def original() -> bytes:
    return planted_pdf()


def saved(pdf: pikepdf.Pdf, **how: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **how)  # type: ignore[arg-type]
    return out.getvalue()


def told_by_mat2(path: Path) -> dict[str, object]:
    """What mat2 finds, but for a version that all have and dates that are not there."""
    told = mat2_says(path)
    assert told.pop("format") == "PDF-1.7"
    return {key: value for key, value in told.items() if value != -1}


def small(content: bytes = b"BT /F1 20 Tf 20 100 Td (Words) Tj ET") -> pikepdf.Pdf:
    """One page with a line of text."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(200, 200))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
    page.obj.Contents = pdf.make_stream(content)
    return pdf


def test_nothing_that_was_planted_is_in_the_result(original: bytes) -> None:
    found = everything_in(cleaned(original).data)
    for form in (
        PLANT.encode(),
        PLANT.encode("utf-16-be"),
        PLANT.encode("utf-16-le"),
        PLANT.encode().hex().encode(),
        b"PLNT",
    ):
        assert form not in found
        assert form in everything_in(original) or form != PLANT.encode()


def test_pages_look_the_same_but_for_remarks(original: bytes, tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(original)) as pdf:
        # A reviewer's note is drawn by readers with an icon of theirs. It goes, so it is left out here, too.
        page = pdf.pages[0].obj
        page.Annots = Array(
            [each for each in page.Annots if each.Subtype not in (Name.Text, Name.FileAttachment)]
        )
        # The profile of the press for which it was made: poppler shows colours as that press would, others don't.
        del pdf.Root.OutputIntents
        (tmp_path / "before.pdf").write_bytes(saved(pdf))
    (tmp_path / "after.pdf").write_bytes(cleaned(original).data)
    before, after = pages_drawn(tmp_path / "before.pdf"), pages_drawn(tmp_path / "after.pdf")
    assert len(before) == 2
    assert before == after
    assert len(set(before[0])) > 50, "there is something to be seen"
    assert text_of(tmp_path / "before.pdf") == text_of(tmp_path / "after.pdf")


def test_what_went_is_told(original: bytes) -> None:
    result = cleaned(original)
    told = dict(result.notes.counts)
    for trace in (Trace.AUTHOR, Trace.DATE, Trace.SOFTWARE, Trace.IDENTIFIER, Trace.EMBEDDED, Trace.ACTIVE, Trace.COMMENT,
                  Trace.PATH, Trace.HISTORY, Trace.THUMBNAIL):  # fmt: skip
        assert told[trace] > 0, trace
    values = {each.name: each.value for each in result.notes.removed}
    assert values["Author"] == f"{PLANT} author"
    assert values["creator"] == f"{PLANT} xmp creator"
    assert values["embedded file"] == f"{PLANT} name"
    assert {Left.WORDS, Left.LAYOUT, Left.PIXELS} == result.notes.kept


def test_text_goes_to_the_word_list(original: bytes) -> None:
    said = cleaned(original).text
    for words in ("Visiblewords", "next line", "On a shown layer", "Second page", "Kept title", "Said aloud",
                  "https://kept.example/page", "part-", "Babcxyy"):  # fmt: skip
        assert words in said
    assert PLANT not in said


def test_cleaned_again_nothing_is_found_and_no_octet_changes(original: bytes) -> None:
    once = cleaned(original)
    twice = cleaned(once.data)
    assert twice.notes.removed == []
    assert twice.data == once.data
    assert cleaned(original).data == once.data


def test_exiftool_and_mat2_find_nothing(original: bytes, tmp_path: Path) -> None:
    after = tmp_path / "after.pdf"
    after.write_bytes(cleaned(original).data)
    assert identifying(after) == {}
    assert told_by_mat2(after) == {}


def test_qpdf_finds_no_fault(original: bytes, tmp_path: Path) -> None:
    after = tmp_path / "after.pdf"
    after.write_bytes(cleaned(original).data)
    said = subprocess.run(["qpdf", "--check", after], capture_output=True, text=True, env=PLAIN, check=False)
    assert said.returncode == 0, said.stdout


def test_links_and_outlines_still_lead_where_they_led(original: bytes) -> None:
    with pikepdf.open(io.BytesIO(cleaned(original).data)) as pdf:
        links = list(pdf.pages[0].obj.Annots)
        assert [str(each.A.URI) for each in links if "/A" in each] == ["https://kept.example/page"]
        assert [each.Dest[0].objgen for each in links if "/Dest" in each] == [pdf.pages[1].obj.objgen]
        first = pdf.Root.Outlines.First
        assert (str(first.Title), first.Dest[0].objgen) == ("Kept title", pdf.pages[1].obj.objgen)
        assert [page.label for page in pdf.pages] == ["i", "part-"]


def test_what_real_programs_write_comes_through(tmp_path: Path) -> None:
    drawing = tmp_path / "drawing.svg"
    drawing.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="200">'
        '<linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="blue" stop-opacity=".3"/>'
        '</linearGradient><rect width="200" height="100" fill="url(#g)" opacity=".7"/>'
        '<a xlink:href="https://kept.example/"><text x="20" y="50" font-size="20">Efficient éü office</text></a></svg>'
    )
    cairo, script = tmp_path / "cairo.pdf", tmp_path / "script.pdf"
    subprocess.run(["rsvg-convert", "-f", "pdf", "-o", cairo, drawing], check=True, env=PLAIN)
    program = (
        "<< /NeverEmbed [] >> setdistillerparams /Times-Roman findfont 20 scalefont setfont 100 700 moveto"
        " (Printed) show [/Author (Wren) /DOCINFO pdfmark showpage"
    )
    # Ghostscript embeds Type 1 fonts as CFF, and writes Info and XMP of its own.
    subprocess.run(
        ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", f"-sOutputFile={script}", "-c", program, "-f"],
        check=True, env=PLAIN,
    )  # fmt: skip
    for before in (cairo, script):
        result = cleaned(before.read_bytes())
        after = tmp_path / f"{before.stem}-after.pdf"
        after.write_bytes(result.data)
        assert result.notes.counts[Trace.SOFTWARE] > 0
        assert pages_drawn(before) == pages_drawn(after)
        assert text_of(before) == text_of(after)
        assert " ".join(text_of(before).split()) in result.text
        assert identifying(after) == {}
        assert told_by_mat2(after) == {}
        assert cleaned(result.data).notes.removed == []
        assert b"URW" not in everything_in(result.data)


def test_typed_in_values_are_drawn_into_the_page(tmp_path: Path) -> None:
    pdf = small()
    field = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("Typed in"),
                   Rect=Array([20, 20, 180, 50]), DA=String("/F1 12 Tf 0 g"))
    )  # fmt: skip
    fonts = pdf.pages[0].obj.Resources
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), DR=fonts, DA=String("/F1 12 Tf 0 g"))
    pdf.pages[0].obj.Annots = Array([field])
    result = cleaned(saved(pdf))
    after = tmp_path / "after.pdf"
    after.write_bytes(result.data)
    assert "Typed in" in text_of(after)
    assert "Typed in" in result.text
    with pikepdf.open(after) as opened:
        assert "/AcroForm" not in opened.Root
        assert "/Annots" not in opened.pages[0].obj


def photographed(pdf: pikepdf.Pdf) -> bytes:
    """A page with a photo that holds what a camera writes, and one that is greater than it says."""
    exif = Image.Exif()
    exif[0x0110] = f"{PLANT} camera"
    exif[0x0112] = 6
    photo = io.BytesIO()
    Image.effect_noise((40, 30), 90).convert("RGB").save(photo, "JPEG", exif=exif, comment=f"{PLANT} comment")
    resources = Dictionary()
    for number, (filters, data) in enumerate(
        [
            ([Name.DCTDecode], photo.getvalue()),
            ([Name.ASCIIHexDecode, Name.DCTDecode], photo.getvalue().hex().encode() + b">"),
        ]
    ):
        resources[f"/X{number}"] = pdf.make_stream(
            data, Type=Name.XObject, Subtype=Name.Image, Width=40, Height=30, ColorSpace=Name.DeviceRGB, BitsPerComponent=8,
            Filter=Array(filters),
        )  # fmt: skip
    pdf.pages[0].obj.Resources = Dictionary(XObject=resources)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"q 80 0 0 60 0 0 cm /X0 Do Q q 80 0 0 60 90 0 cm /X1 Do Q")
    return saved(pdf)


def test_photos_lose_their_camera_and_no_pixel(tmp_path: Path) -> None:
    before, after = tmp_path / "before.pdf", tmp_path / "after.pdf"
    before.write_bytes(photographed(small()))
    result = cleaned(before.read_bytes())
    after.write_bytes(result.data)
    assert PLANT.encode() not in everything_in(result.data)
    assert pages_drawn(before) == pages_drawn(after)
    assert result.notes.counts[Trace.DEVICE] == 2
    assert Left.STREAMS in result.notes.kept
    assert cleaned(result.data).notes.removed == []


def test_jpeg2000_loses_its_boxes_and_comments(tmp_path: Path) -> None:
    packed = io.BytesIO()
    Image.effect_noise((40, 30), 90).convert("RGB").save(packed, "JPEG2000", comment=f"{PLANT} comment")
    data = packed.getvalue() + struct.pack(">L4s", 8 + 7, b"xml ") + PLANT.encode()
    pdf = small()
    image = pdf.make_stream(
        data, Type=Name.XObject, Subtype=Name.Image, Width=40, Height=30, Filter=Name.JPXDecode
    )
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=image))
    pdf.pages[0].obj.Contents = pdf.make_stream(b"q 80 0 0 60 0 0 cm /X Do Q")
    before, after = tmp_path / "before.pdf", tmp_path / "after.pdf"
    before.write_bytes(saved(pdf))
    result = cleaned(before.read_bytes())
    after.write_bytes(result.data)
    assert PLANT.encode() in everything_in(before.read_bytes())
    assert PLANT.encode() not in everything_in(result.data)
    assert pages_drawn(before) == pages_drawn(after)
    assert cleaned(result.data).notes.removed == []


def test_jbig2_loses_its_remarks() -> None:
    page = struct.pack(">LBBBL", 0, 48, 0, 1, 19) + struct.pack(">4LBH", 8, 8, 0, 0, 0, 0)
    words = PLANT.encode()
    remark = struct.pack(">LBBBL", 1, 62, 0, 1, 4 + len(words)) + struct.pack(">L", 0x20000000) + words
    notes = Notes()
    assert clean_jbig2(page + remark, notes) == page
    assert notes.removed[0].value == PLANT
    with pytest.raises(NotCleanable):
        clean_jbig2(page[:-3], notes)


def signed(pdf: pikepdf.Pdf) -> bytes:
    field = pdf.make_indirect(
        Dictionary(FT=Name.Sig, T=String("s"), V=Dictionary(Type=Name.Sig, Contents=String("x")))
    )
    pdf.Root.AcroForm = Dictionary(Fields=Array([Dictionary(Kids=Array([field]))]))
    return saved(pdf)


def certified(pdf: pikepdf.Pdf) -> bytes:
    pdf.Root.Perms = Dictionary(DocMDP=Dictionary())
    return saved(pdf)


def locked(pdf: pikepdf.Pdf) -> bytes:
    return saved(pdf, encryption=pikepdf.Encryption(user="word", owner="word"))


def dynamic_form(pdf: pikepdf.Pdf) -> bytes:
    pdf.Root.NeedsRendering = True
    return saved(pdf)


def bomb(pdf: pikepdf.Pdf) -> bytes:
    pdf.pages[0].obj.Contents = pdf.make_stream(b"q Q " * (17 << 20))
    return saved(pdf)


def bomb_in_runs(pdf: pikepdf.Pdf) -> bytes:
    """LZW whose codes stand for ever longer strings of one letter."""
    bits = "".join(f"{code:09b}" for code in (256, 65, *range(258, 511)))
    for _ in range(160_000):
        bits += f"{511:010b}"
    raw = int(bits.ljust(len(bits) + -len(bits) % 8, "0"), 2).to_bytes((len(bits) + 7) // 8)
    pdf.pages[0].obj.Contents = pdf.make_stream(raw * 3, Filter=Name.LZWDecode)
    return saved(pdf, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def deep_forms(pdf: pikepdf.Pdf) -> bytes:
    resources = Dictionary()
    for _ in range(60):
        form = pdf.make_stream(
            b"/X Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1]), Resources=resources
        )
        resources = Dictionary(XObject=Dictionary(X=form))
    pdf.pages[0].obj.Resources = resources
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/X Do")
    return saved(pdf)


def deep_states(pdf: pikepdf.Pdf) -> bytes:
    pdf.pages[0].obj.Contents = pdf.make_stream(b"q " * 5000)
    return saved(pdf)


def wide_picture(pdf: pikepdf.Pdf) -> bytes:
    image = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=60000, Height=60000, BitsPerComponent=8,
                            ColorSpace=Name.DeviceRGB)  # fmt: skip
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=image))
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/X Do")
    return saved(pdf)


def strange_filter(pdf: pikepdf.Pdf) -> bytes:
    pdf.pages[0].obj.Contents = pdf.make_stream(b"q Q", Filter=Name.Strange)
    return saved(pdf)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (signed, Why.SIGNED),
        (certified, Why.SIGNED),
        (locked, Why.ENCRYPTED),
        (dynamic_form, Why.UNKNOWN_FORMAT),
        (bomb, Why.TOO_LARGE),
        (bomb_in_runs, Why.TOO_LARGE),
        (deep_forms, Why.DAMAGED),
        (deep_states, Why.DAMAGED),
        (wide_picture, Why.TOO_LARGE),
        (strange_filter, Why.DAMAGED),
    ],
)
def test_what_cannot_be_cleaned_says_why(make: object, why: Why) -> None:
    with pytest.raises(NotCleanable) as refused:
        cleaned(make(small()))  # type: ignore[operator]
    assert refused.value.why is why


def test_a_file_that_is_only_locked_for_changes_is_opened() -> None:
    result = cleaned(saved(small(), encryption=pikepdf.Encryption(user="", owner="word")))
    assert "Encrypt" in [each.name for each in result.notes.removed]
    assert "Words" in result.text
    assert b"/Encrypt" not in result.data


def test_a_form_that_draws_itself_ends() -> None:
    pdf = small(b"/X Do")
    form = pdf.make_stream(
        b"0 0 1 1 re f /X Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1])
    )
    form.Resources = Dictionary(XObject=Dictionary(X=form))
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=form))
    assert cleaned(saved(pdf)).data.endswith(b"%%EOF\n")


def test_hidden_layer_goes_and_its_mark_is_told() -> None:
    pdf = small(b"/OC /M BDC BT /F1 9 Tf (Draft) Tj ET EMC BT /F1 9 Tf (Seen) Tj ET")
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Notes")))
    rule = Dictionary(Type=Name.OCMD, OCGs=group, P=Name.AllOn)
    pdf.pages[0].obj.Resources.Properties = Dictionary(M=rule)
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(BaseState=Name.OFF))
    result = cleaned(saved(pdf))
    assert b"Draft".hex().encode() not in everything_in(result.data)
    assert b"Seen".hex().encode() in everything_in(result.data)
    assert ("hidden layer", "Notes") in [(each.name, each.value) for each in result.notes.removed]


@pytest.mark.parametrize(
    ("content", "hides"),
    [
        (b"BT /F1 20 Tf 20 100 Td (Secret name) Tj ET 0 g 15 95 150 30 re f", True),
        (
            b"q 2 0 0 2 0 0 cm BT /F1 10 Tf 10 50 Td (Secret) Tj ET Q 15 95 m 150 95 l 150 130 l 15 130 l h f",
            True,
        ),
        (b"BT /F1 20 Tf 3 Tr 20 100 Td (Scanned) Tj ET", True),
        (b"0.9 g 15 95 150 30 re f 0 g BT /F1 20 Tf 20 100 Td (On a ground) Tj ET", False),
        (b"BT /F1 20 Tf 20 100 Td (Framed) Tj ET 15 95 150 30 re S", False),
        (b"BT /F1 20 Tf 20 100 Td (Marked) Tj ET q /G1 gs 1 1 0 rg 15 95 150 30 re f Q", False),
        (b"BT /F1 20 Tf 20 100 Td (Elsewhere) Tj ET 15 15 150 30 re f", False),
        (b"BT /F1 20 Tf 20 100 Td (Round) Tj ET 15 95 m 30 0 150 0 150 300 c f", False),
    ],
)
def test_words_under_a_box_are_pointed_out(content: bytes, hides: bool) -> None:
    pdf = small(content)
    pdf.pages[0].obj.Resources.ExtGState = Dictionary(G1=Dictionary(BM=Name.Multiply))
    assert (Left.HIDDEN in cleaned(saved(pdf)).notes.kept) is hides


def test_earlier_version_is_told_and_gone() -> None:
    first = saved(small(b"BT /F1 9 Tf (Before) Tj ET"), object_stream_mode=pikepdf.ObjectStreamMode.disable)
    number = re.search(rb"/Contents (\d+) 0 R", first)
    start = re.search(rb"startxref\s+(\d+)", first)
    assert number
    assert start
    at = len(first)
    new = b"%s 0 obj\n<</Length 23>>\nstream\nBT /F1 9 Tf (Now) Tj ET\nendstream\nendobj\n" % number[1]
    xref = at + len(new)
    root = re.search(rb"/Root (\d+ 0 R)", first)
    assert root
    new += b"xref\n%s 1\n%010d 00000 n \ntrailer\n<</Root %s /Size 9 /Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        number[1], at, root[1], start[1], xref,
    )  # fmt: skip
    result = cleaned(first + new)
    assert "Now" in result.text
    assert "Before" not in result.text
    assert result.notes.counts[Trace.HISTORY] == 1


def test_too_many_objects_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torsend.clean.formats.pdf.write.MOST_OBJECTS", 3)
    with pytest.raises(NotCleanable) as refused:
        cleaned(saved(small()))
    assert refused.value.why is Why.TOO_LARGE


def test_writer_counts_what_was_promised_as_free() -> None:
    out = io.BytesIO()
    writer = PdfWriter(out)
    page = writer.add({"Type": PdfName(b"/Page"), "MediaBox": [0, 0, 9, 9]})
    pages = writer.add({"Count": 1, "Kids": [page]})
    root = writer.add({"Pages": pages})
    promised = writer.allocate()
    writer.finish(root)
    with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
        assert pdf.Root.objgen == (root.number, 0)
        assert pdf.get_object(promised.number, 0) is None


SCRAPS = [
    b"0",
    b"-1",
    b"99999999999",
    b"null",
    b"[]",
    b"<<>>",
    b"/X",
    b"1 0 R",
    b"(x)",
    b"true",
    b"endobj",
    b"9 0 R",
]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_broken_documents_end_in_a_reason_or_a_clean_one(data: st.DataObject) -> None:
    broken = bytearray(planted_pdf())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(broken) - 1))
        scrap = data.draw(st.sampled_from(SCRAPS) | st.binary(max_size=4))
        broken[at : at + data.draw(st.integers(0, 40))] = scrap
    try:
        once = cleaned(bytes(broken))
    except Exception:  # noqa: BLE001  # the cleaner's process says that it is damaged, whatever a parser raises
        return
    twice = cleaned(once.data)
    assert twice.data == once.data


@pytest.mark.parametrize(
    ("at", "boxes", "hides"),
    [
        ("20 100", {}, False),
        ("1000 1000", {}, True),
        ("20 100", {"CropBox": [0, 0, 200, 60]}, True),
        ("20 40", {"CropBox": [0, 0, 200, 60]}, False),
        ("20 40", {"CropBox": [200, 60, 0, 0]}, False),
        ("20 40", {"CropBox": [0, 0]}, False),
        ("20 40", {"CropBox": [-500, -500, 5000, 5000]}, False),
        ("20 -300", {"CropBox": [-500, -500, 5000, 5000]}, True),
    ],
)
def test_words_beyond_the_edge_of_the_page_are_pointed_out(
    at: str, boxes: dict[str, list[int]], *, hides: bool
) -> None:
    pdf = small(f"BT /F1 10 Tf {at} Td (Words) Tj ET".encode())
    for key, box in boxes.items():
        pdf.pages[0].obj[f"/{key}"] = Array(box)
    assert (Left.HIDDEN in cleaned(saved(pdf)).notes.kept) is hides
