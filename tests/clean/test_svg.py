"""SVG: what must not come along is nowhere in the result, and the drawing looks as before."""

from __future__ import annotations

import base64
import io
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from tests.clean.papers import cleaned
from tests.clean.yardstick import PLAIN, identifying, mat2_says
from torsend.clean.formats import svg
from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from pathlib import Path

PLANT = "PLANTED"


def photo(**how: object) -> str:
    exif = Image.Exif()
    exif[0x0110] = f"{PLANT} camera"
    out = io.BytesIO()
    Image.linear_gradient("L").resize((20, 10)).convert("RGB").save(out, "PNG", exif=exif)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def planted() -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<?xml-stylesheet href="http://{PLANT}.example/style.css"?>
<!-- Made by {PLANT} -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:svg="http://www.w3.org/2000/svg"
  xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
  xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"
  xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#"
  width="300" height="200" viewBox="0 0 300 200" version="1.1" id="{PLANT}1" sodipodi:docname="{PLANT}.svg"
  inkscape:version="1.2 {PLANT}" inkscape:export-filename="/home/{PLANT}/out.png"
  onload="alert('{PLANT}')" xml:lang="{PLANT}">
<title>{PLANT} title</title><desc>{PLANT} description</desc>
<metadata><rdf:RDF><cc:Work rdf:about="{PLANT}">
<dc:creator><cc:Agent><dc:title>{PLANT} author</dc:title></cc:Agent></dc:creator>
<dc:date>2021-02-03</dc:date></cc:Work></rdf:RDF></metadata>
<sodipodi:namedview inkscape:window-width="{PLANT}" id="view"><inkscape:grid id="{PLANT}"/></sodipodi:namedview>
<script>var x = "{PLANT}"</script>
<style type="text/css"><![CDATA[
  @import url("http://{PLANT}.example/x.css");
  @font-face {{ font-family: "{PLANT}"; src: url(http://{PLANT}.example/f.woff) }}
  @media print {{ .{PLANT}class {{ fill: red }} }}
  /* {PLANT} comment */
  .{PLANT}class, #{PLANT}box > text {{ fill: blue; stroke: url('#{PLANT}grad'); cursor: url(http://{PLANT}.example) }}
  .{PLANT}class:hover {{ fill: red }}
  rect {{ stroke-width: 2px; background: url(http://{PLANT}.example/) }}
]]></style>
<defs><linearGradient id="{PLANT}grad"><stop offset="0" stop-color="#f00"/><stop offset="100%" style="stop-color:lime"/>
</linearGradient><path id="{PLANT}unused" d="M0 0"/><filter id="{PLANT}f">
<feGaussianBlur in="SourceGraphic" stdDeviation="2" result="{PLANT}r"/>
<feMerge><feMergeNode in="{PLANT}r"/><feMergeNode in="SourceGraphic"/></feMerge></filter>
<clipPath id="{PLANT}clip"><circle cx="250" cy="50" r="40"/></clipPath></defs>
<g id="{PLANT}box" inkscape:label="{PLANT} layer" inkscape:groupmode="layer" data-name="{PLANT}">
  <rect class="{PLANT}class {PLANT}other" x="10" y="10" width="80" height="50" onclick="{PLANT}()"/>
  <text x="20" y="100" style="font-size:20px;-inkscape-font-specification:'{PLANT}'" aria-label="{PLANT}"
  >Kept <tspan fill="#080">words</tspan></text>
  <rect x="150" y="10" width="60" height="60" fill="url(#{PLANT}grad)" filter="url(#{PLANT}f)" opacity=".8"/>
  <use xlink:href="#{PLANT}box2" x="20" y="30" transform="translate(10,10)"/>
</g>
<path id="{PLANT}box2" d="M100,100 l50,0 0,40z" fill="orange" sodipodi:nodetypes="{PLANT}"/>
<image xlink:href="{photo()}" x="200" y="120" width="80" height="40" clip-path="url(#{PLANT}clip)"
  sodipodi:absref="/home/{PLANT}"/>
<image xlink:href="file:///home/{PLANT}/a.png" width="10" height="10"/>
<image xlink:href="http://{PLANT}.example/a.png" width="10" height="10"/>
<image href="{photo()}" x="10" y="120" width="60" height="60"/>
<use href="http://{PLANT}.example/x.svg#a"/>
<a xlink:href="https://kept.example/"><text x="150" y="190" fill="url(http://{PLANT}.example)">Link</text></a>
<a href="javascript:alert({PLANT})"><circle r="5" cx="290" cy="190"/></a>
<g style="display:none"><text>{PLANT} hidden layer</text></g>
<rect display="inline" width="5" height="5" fill="red"/>
<foreignObject width="10" height="10"><p xmlns="http://www.w3.org/1999/xhtml">{PLANT}</p></foreignObject>
<animate attributeName="x" values="{PLANT}"/><svg:rect x="120" y="150" width="20" height="20" fill="teal">
<animate attributeName="x" to="{PLANT}"/><title>{PLANT} tip</title></svg:rect>
{PLANT} words between
</svg><!-- {PLANT} behind -->""".encode()


def drawn(data: bytes, path: Path) -> bytes:
    path.write_bytes(data)
    picture = subprocess.run(["rsvg-convert", path], check=True, capture_output=True, env=PLAIN).stdout
    return Image.open(io.BytesIO(picture)).convert("RGBA").tobytes()


def test_nothing_that_was_planted_is_in_the_result() -> None:
    result = cleaned(planted())
    assert result.format == "SVG"
    assert PLANT.encode() not in result.data
    pictures = [part.split(b'"')[0] for part in result.data.split(b"base64,")[1:]]
    assert len(pictures) == 2
    assert all(PLANT.encode() not in base64.b64decode(each) for each in pictures)
    assert result.data.isascii()


def test_it_looks_the_same(tmp_path: Path) -> None:
    before = drawn(planted(), tmp_path / "before.svg")
    after = drawn(cleaned(planted()).data, tmp_path / "after.svg")
    assert len(set(before)) > 20
    assert before == after


def test_what_went_is_told_and_words_are_given() -> None:
    result = cleaned(planted())
    counts = result.notes.counts
    for trace in (
        Trace.AUTHOR,
        Trace.DATE,
        Trace.SOFTWARE,
        Trace.COMMENT,
        Trace.PATH,
        Trace.ACTIVE,
        Trace.DEVICE,
    ):
        assert counts[trace] > 0, trace
    removed = {(each.trace, each.name): each.value for each in result.notes.removed}
    assert removed[Trace.PATH, "svg docname"] == f"{PLANT}.svg"
    assert removed[Trace.COMMENT, "title"] == f"{PLANT} tip"
    assert {Left.WORDS, Left.LAYOUT} <= result.notes.kept
    assert result.text.split() == ["Kept", "words", "https://kept.example/", "Link"]


def test_cleaned_again_nothing_is_found_and_no_octet_changes() -> None:
    once = cleaned(planted())
    twice = cleaned(once.data)
    assert twice.notes.removed == []
    assert twice.data == once.data


def test_exiftool_and_mat2_find_nothing(tmp_path: Path) -> None:
    path = tmp_path / "after.svg"
    path.write_bytes(cleaned(planted()).data)
    assert identifying(path) == {}
    assert mat2_says(path).keys() <= {"ImageSize", "Megapixels"}


def test_link_stays_and_scripts_do_not() -> None:
    root = etree.fromstring(cleaned(planted()).data)
    links = [
        each.get("{http://www.w3.org/1999/xlink}href") for each in root.iter("{http://www.w3.org/2000/svg}a")
    ]
    assert links == ["https://kept.example/", None]


def wrapped(inner: str, attributes: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inner}</svg>'.encode()


@pytest.mark.parametrize(
    "inner",
    [
        '<rect style="fill:u\\72l(http://x)"/>',
        '<rect fill="url(&quot;http://x&quot;)"/>',
        '<rect fill="URL(http://x)"/>',
        "<rect style=\"fill:image-set('http://x')\"/>",
        '<rect style="filter:url(#a) url(http://x)"/>',
        "<style>rect{fill:url(//x)}</style><rect/>",
        "<style>@import 'http://x';</style>",
        "<style>@namespace x url(http://x); @supports (a) { @import url(http://x) } rect { fill: red</style>",
        '<style>rect{fill:red}</style><rect data-x="http://x"/>',
        '<use href="data:image/svg+xml,http://x"/>',
        '<set attributeName="href" to="http://x"/>',
        '<path d="M0 0 http://x"/>',
        '<rect width="http://x"/>',
        '<text lengthAdjust="http://x"/>',
    ],
)
def test_nothing_is_fetched(inner: str) -> None:
    result = cleaned(wrapped(inner))
    assert b"http://x" not in result.data
    assert b"//x" not in result.data
    assert cleaned(result.data).data == result.data


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>', Why.UNKNOWN_FORMAT),
        (b"<html><svg xmlns='http://www.w3.org/2000/svg'/></html>", Why.UNKNOWN_FORMAT),
        (b"<svg><rect/></svg>", Why.UNKNOWN_FORMAT),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><rect></svg>", Why.DAMAGED),
        (wrapped("<g>" * 500 + "</g>" * 500), Why.DAMAGED),
        (wrapped(f'<image href="data:image/svg+xml,{quote(wrapped(""))}"/>'), Why.HOLDS_UNCLEANABLE),
        (wrapped('<image href="data:image/png,abc"/>'), Why.HOLDS_UNCLEANABLE),
        (wrapped('<image href="data:image/png;base64,iVBORw0KGgo="/>'), Why.HOLDS_UNCLEANABLE),
    ],
)  # fmt: skip
def test_what_cannot_be_cleaned_says_why(data: bytes, why: Why) -> None:
    with pytest.raises(NotCleanable) as refused:
        cleaned(data)
    assert refused.value.why is why


@pytest.mark.parametrize(("name", "most"), [("LARGEST", 100), ("MOST_ELEMENTS", 5), ("LARGEST_PICTURES", 10)])
def test_larger_than_may_be_held_is_refused(name: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, name, most)
    with pytest.raises(NotCleanable) as refused:
        cleaned(planted())
    assert refused.value.why is Why.TOO_LARGE


def test_blanks_between_elements_do_not_stay() -> None:
    once = cleaned(wrapped("\n  <a>\n    <rect/>\n <text>a <a>b</a> c</text></a>\n")).data
    assert b"<a><rect/><text>a <a>b</a> c</text></a>" in once


def test_hidden_by_an_attribute_stays_if_a_sheet_may_show_it() -> None:
    hidden = '<g display="none"><text>Words</text></g>'
    assert b"Words" not in cleaned(wrapped(hidden)).data
    assert b"Words" in cleaned(wrapped("<style>g{display:inline}</style>" + hidden)).data


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("<>/=\"'&;:#{}()@ \nagsvrectfilurl*\\0é") | st.characters(codec="utf-8"),
        max_size=60,
    )
)
def test_any_style_ends_the_same_when_cleaned_twice(style: str) -> None:
    made = etree.Element("{http://www.w3.org/2000/svg}svg")
    sheet = etree.SubElement(made, "{http://www.w3.org/2000/svg}style")
    rect = etree.SubElement(made, "{http://www.w3.org/2000/svg}rect")
    try:
        sheet.text = style
        rect.set("style", style)
        rect.set("fill", style)
    except ValueError:
        return
    once = cleaned(etree.tostring(made))
    assert cleaned(once.data).data == once.data
    assert cleaned(once.data).notes.removed == []
