"""PPTX: PresentationML. Slides, layouts, masters and what plays; speaker's notes, comments, tags and controls go."""

from __future__ import annotations

from typing import cast

from torsend.clean.formats import ooxml_drawing
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.ooxml_names import A, P, R
from torsend.clean.formats.opc import Kind, Part
from torsend.clean.formats.xml_part import Element, attribute, local, parse, remove, tag_of, text_of
from torsend.clean.report import Left, Trace, Why

_ID = f"{{{R}}}id"


def presentation(root: Element, part: Part) -> None:
    """Order of slides, sizes, default texts."""
    for each in list(root):
        name = local(tag_of(each))
        if name in ("photoAlbum", "custDataLst", "modifyVerifier", "embeddedFontLst", "smartTags", "custShowLst",
                    "handoutMasterIdLst", "notesMasterIdLst"):  # fmt: skip
            trace = Trace.EMBEDDED if name == "embeddedFontLst" else Trace.OTHER
            part.findings.add(trace, name, " ".join(str(value) for value in each.attrib.values()))
            remove(each)
    if (size := root.find(f"{{{P}}}sldSz")) is not None:
        part.package.context["slide size"] = _numbers(size, "cx", "cy")
    ooxml_drawing.clean_drawings(root, part)


def slide(root: Element, part: Part) -> None:
    """One slide, hidden or not."""
    for relation in part.relations.values():
        if relation.kind == "notesSlide":
            _note_speaker(relation.target, part)
    if root.get("show", "1") in ("0", "false"):
        part.package.notes.keep(Left.NOT_SHOWN)
    _shapes(root, part)
    _look_beyond_the_edge(root, part)
    _drop_dead_targets(root)


def _look_beyond_the_edge(root: Element, part: Part) -> None:
    """Shapes beside the slide, where people put what they don't need now, and hidden ones."""
    wide, high = cast("tuple[int, int]", part.package.context.get("slide size") or (0, 0))
    for each in root.iterfind(f"{{{P}}}cSld/{{{P}}}spTree/*"):
        named = each.find(f"*/{{{P}}}cNvPr")
        hidden = named is not None and named.get("hidden", "0") in ("1", "true")
        place = next(each.iter(f"{{{A}}}xfrm", f"{{{P}}}xfrm"), None)
        offset, extent = (
            (place.find(f"{{{A}}}off"), place.find(f"{{{A}}}ext")) if place is not None else (None, None)
        )
        if offset is not None and extent is not None and wide and high:
            (x, y), (across, down) = _numbers(offset, "x", "y"), _numbers(extent, "cx", "cy")
            hidden = hidden or x >= wide or y >= high or x + across <= 0 or y + down <= 0
        if hidden:
            part.package.notes.keep(Left.NOT_SHOWN)
            return


def _numbers(element: Element, *names: str) -> tuple[int, int]:
    try:
        one, two = (int(element.get(name, "0")) for name in names)
    except ValueError:
        raise NotCleanable(Why.DAMAGED) from None
    return one, two


def _note_speaker(target: str, part: Part) -> None:
    """What the speaker meant to say is for the speaker: a reader of slides does not look there, a searcher does."""
    notes = parse(part.package.read(target), target)
    if words := text_of(notes.iter(f"{{{A}}}t")):
        part.findings.add(Trace.COMMENT, "speaker's notes", words)


def layout(root: Element, part: Part) -> None:
    """Masters and layouts: their names are a template's."""
    attribute(root, "matchingName")
    _shapes(root, part)


def _shapes(root: Element, part: Part) -> None:
    for each in root.iter(f"{{{P}}}cSld"):
        if name := attribute(each, "name"):
            part.findings.add(Trace.SOFTWARE, "slide name", name)
    for each in list(root.iter(f"{{{P}}}controls", f"{{{P}}}custDataLst", f"{{{P}}}contentPart")):
        name = local(tag_of(each))
        part.findings.add(Trace.ACTIVE if name == "controls" else Trace.OTHER, name)
        remove(each)
    for frame in list(root.iter(f"{{{P}}}graphicFrame")):
        _object(frame, part)
    ooxml_drawing.clean_drawings(root, part)
    ooxml_drawing.say_paragraphs(root, part)


def _object(frame: Element, part: Part) -> None:
    """An embedded object becomes the picture that stands for it."""
    object_ = frame.find(f".//{{{P}}}oleObj")
    if object_ is None:
        return
    part.findings.add(Trace.EMBEDDED, "oleObj", object_.get("progId") or object_.get("name") or "")
    picture = object_.find(f".//{{{P}}}pic")
    parent = frame.getparent()
    if picture is not None and parent is not None:
        parent.insert(parent.index(frame), picture)
    remove(frame)


def _drop_dead_targets(root: Element) -> None:
    """Animations of shapes that are gone would make the slide broken."""
    ids = {each.get("id") for each in root.iter(f"{{{P}}}cNvPr")}
    dead = [each for each in root.iter(f"{{{P}}}spTgt", f"{{{P}}}inkTgt") if each.get("spid") not in ids]
    if dead:
        for each in root.findall(f"{{{P}}}timing"):
            root.remove(each)


def table_styles(root: Element, part: Part) -> None:
    """Looks of tables; those made by hand have names."""
    for number, each in enumerate(root.iter(f"{{{A}}}tblStyle"), 1):
        if each.get("styleName"):
            each.set("styleName", f"Style {number}")
    ooxml_drawing.clean_drawings(root, part)


_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml."
MAIN = f"{_SLIDES}presentation.main+xml"
TEMPLATE = f"{_SLIDES}template.main+xml"
SHOW = f"{_SLIDES}slideshow.main+xml"


def kinds(main: str = MAIN) -> dict[str, Kind]:
    """Relations that a presentation may have."""
    return {
        **ooxml_drawing.kinds("ppt"),
        "officeDocument": Kind("ppt/presentation.xml", main, clean=presentation),
        "slideMaster": Kind(
            "ppt/slideMasters/slideMaster{}.xml", f"{_SLIDES}slideMaster+xml", implied=True, clean=layout
        ),
        "slideLayout": Kind(
            "ppt/slideLayouts/slideLayout{}.xml", f"{_SLIDES}slideLayout+xml", implied=True, clean=layout
        ),
        "slide": Kind("ppt/slides/slide{}.xml", f"{_SLIDES}slide+xml", clean=slide),
        "tableStyles": Kind(
            "ppt/tableStyles.xml", f"{_SLIDES}tableStyles+xml", implied=True, clean=table_styles
        ),
    }
