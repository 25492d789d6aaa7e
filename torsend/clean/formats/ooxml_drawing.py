"""Drawings in Office Open XML: shapes, pictures, charts, diagrams and VML, in whichever document they stand."""

from __future__ import annotations

import re

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.ooxml_names import DGM, DSP, A, C, R, V
from torsend.clean.formats.opc import Kind, Part
from torsend.clean.formats.xml_part import Element, attribute, local, names_in, remove, tag_of
from torsend.clean.report import Left, Trace, Why

_PATH = re.compile(
    r"\\|^\s*(?:[A-Za-z]:|/|~/|file:)|^\S+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|heic|svg|webp)\s*$",
    re.IGNORECASE,
)
_GUID = re.compile(r"\{[0-9A-Fa-f-]{36}\}")
_ACTIONS = ("ppaction://hlinksldjump", "ppaction://hlinkshowjump", "ppaction://noaction", "ppaction://media")
_POSITIVE = frozenset(".123456789")
"""How a number begins that crops; a negative one leaves a margin."""
_MODEL_IDS = names_in("modelId cxnId srcId destId parTransId sibTransId presId presAssocID")


def looks_like_a_path(text: str) -> bool:
    """Whether an alternative text is the path or the name of the file that was inserted, as programs fill it in."""
    return bool(_PATH.search(text))


def clean_drawings(root: Element, part: Part) -> None:
    """What any part may hold of drawings: names, alternative texts, languages, links, linked pictures."""
    findings = part.findings
    for each in list(root.iter()):
        name = local(tag_of(each))
        if name in ("cNvPr", "docPr"):
            # Names come in the language of the program ("Grafik 3"), and some are file names.
            each.set("name", f"Object {each.get('id', '')}")
            for key in ("descr", "title"):
                if text := each.get(key):
                    if looks_like_a_path(text):
                        findings.add(Trace.PATH, f"{name} {key}", text)
                        del each.attrib[key]
                    else:
                        part.package.notes.text(text)
        elif name in ("rPr", "defRPr", "endParaRPr") and tag_of(each).startswith(f"{{{A}}}"):
            for key in ("lang", "altLang"):
                if key in each.attrib:
                    findings.add(Trace.OTHER, f"{name} {key}", attribute(each, key))
        elif name in ("hlinkClick", "hlinkMouseOver", "hlinkHover"):
            action = each.get("action", "")
            if action and not action.startswith(_ACTIONS):
                findings.add(Trace.ACTIVE, f"{name} action", action)
                remove(each)
            elif looks_like_a_path(each.get("tooltip", "")):
                findings.add(Trace.PATH, f"{name} tooltip", attribute(each, "tooltip"))
        elif name == "srcRect" and any(each.get(side, "")[:1] in _POSITIVE for side in "ltrb"):
            part.package.notes.keep(Left.CROPPED)
        elif name == "blip" and f"{{{R}}}link" in each.attrib:
            findings.add(Trace.ACTIVE, "linked picture", _target(part, each.attrib.pop(f"{{{R}}}link")))
        elif name == "fld" and tag_of(each) == f"{{{A}}}fld":
            _slide_field(each, part)
        elif name in ("theme", "clrScheme", "fontScheme", "fmtScheme") and each.get("name"):
            # Names of an organisation's templates.
            if each.get("name") not in ("", "Office", "Office Theme"):
                findings.add(Trace.SOFTWARE, f"{name} name", each.get("name", ""))
            each.set("name", "Office Theme" if name == "theme" else "Office")
        elif tag_of(each).startswith(f"{{{V}}}"):
            if any(
                each.get(f"crop{side}", "0")[:1] in _POSITIVE for side in ("left", "top", "right", "bottom")
            ):
                part.package.notes.keep(Left.CROPPED)
            # A watermark.
            part.package.notes.text(each.get("string", ""))
            if name != "shapetype" and part.kind != "vmlDrawing" and not each.get("id", "_").startswith("_"):
                # "Grafik 3": the language of the program.
                attribute(each, "id")
            for key in ("alt", "title"):
                if key in each.attrib and looks_like_a_path(each.get(key) or ""):
                    findings.add(Trace.PATH, f"{name} {key}", attribute(each, key))
                part.package.notes.text(each.get(key, ""))
        elif name == "custClr" and (called := attribute(each, "name")):
            findings.add(Trace.SOFTWARE, "colour name", called)


def _target(part: Part, id_: object) -> str:
    relation = part.relations.get(str(id_))
    return relation.target if relation else ""


def _slide_field(element: Element, part: Part) -> None:
    """``a:fld``: numbers of slides stay fields; dates and others become the text that is shown."""
    kind = element.get("type", "")
    if kind == "slidenum":
        element.set("id", "{00000000-0000-0000-0000-000000000000}")
        return
    part.findings.add(Trace.DATE if kind.startswith("datetime") else Trace.PATH, "field", kind)
    element.tag = f"{{{A}}}r"
    for key in list(element.attrib):
        del element.attrib[key]
    for paragraph in element.findall(f"{{{A}}}pPr"):
        element.remove(paragraph)
    if kind.startswith("datetime") and part.kind in ("slideMaster", "slideLayout"):
        # No slide shows it: it is the day on which the template was saved.
        for text in element.iter(f"{{{A}}}t"):
            text.text = ""
    if kind in ("file", "file1"):
        for text in element.iter(f"{{{A}}}t"):
            text.text = re.split(r"[\\/]", text.text or "")[-1]


def clean_chart(root: Element, part: Part) -> None:
    """A chart keeps the values that it shows; the workbook behind it goes."""
    clean_drawings(root, part)
    for each in list(
        root.iter(f"{{{C}}}externalData", f"{{{C}}}pivotSource", f"{{{C}}}printSettings", f"{{{C}}}lang")
    ):
        if local(tag_of(each)) == "externalData":
            part.findings.add(Trace.EMBEDDED, "chart workbook", _target(part, each.get(f"{{{R}}}id")))
        remove(each)
    for each in root.iter(f"{{{C}}}f"):
        if "[" in (each.text or "") or looks_like_a_path(each.text or ""):
            part.findings.add(Trace.PATH, "chart formula", each.text or "")
            each.text = ""
    _say(root, part, f"{{{A}}}t", f"{{{C}}}v")


def clean_diagram(root: Element, part: Part) -> None:
    """Model ids are GUIDs of the machine that made them: numbered anew, alike in data and drawing."""
    clean_drawings(root, part)
    known = part.package.context.setdefault("model ids", {})
    if not isinstance(known, dict):
        raise NotCleanable(Why.FAILED)
    for each in root.iter():
        if not tag_of(each).startswith((f"{{{DGM}}}", f"{{{DSP}}}")):
            continue
        for key in list(each.attrib):
            value = str(each.attrib[key])
            if key in _MODEL_IDS and _GUID.fullmatch(value):
                number = known.setdefault(value, len(known) + 1)
                each.set(key, f"{{00000000-0000-0000-0000-{number:012X}}}")
    _say(root, part, f"{{{A}}}t")


def clean_theme(root: Element, part: Part) -> None:
    """Colours and fonts stay, names go."""
    clean_drawings(root, part)


def say_paragraphs(root: Element, part: Part) -> None:
    """The text of DrawingML's paragraphs, for the word list."""
    for paragraph in root.iter(f"{{{A}}}p"):
        if words := "".join(each.text or "" for each in paragraph.iter(f"{{{A}}}t")):
            part.package.notes.text(words)


def _say(root: Element, part: Part, *tags: str) -> None:
    for each in root.iter(*tags):
        if each.text:
            part.package.notes.text(each.text)


_DRAWING = "application/vnd.openxmlformats-officedocument."
_DIAGRAM = _DRAWING + "drawingml.diagram"


def kinds(folder: str) -> dict[str, Kind]:
    """The kinds of parts that drawings of all three sorts of documents use."""
    return {
        "theme": Kind(
            f"{folder}/theme/theme{{}}.xml", _DRAWING + "theme+xml", implied=True, clean=clean_theme
        ),
        "chart": Kind(f"{folder}/charts/chart{{}}.xml", _DRAWING + "drawingml.chart+xml", clean=clean_chart),
        "chartUserShapes": Kind(
            f"{folder}/drawings/chartshapes{{}}.xml",
            _DRAWING + "drawingml.chartshapes+xml",
            clean=_chart_shapes,
        ),
        "diagramData": Kind(f"{folder}/diagrams/data{{}}.xml", f"{_DIAGRAM}Data+xml", clean=clean_diagram),
        "diagramLayout": Kind(
            f"{folder}/diagrams/layout{{}}.xml", f"{_DIAGRAM}Layout+xml", clean=clean_diagram
        ),
        "diagramQuickStyle": Kind(
            f"{folder}/diagrams/quickStyle{{}}.xml", f"{_DIAGRAM}Style+xml", clean=clean_diagram
        ),
        "diagramColors": Kind(
            f"{folder}/diagrams/colors{{}}.xml", f"{_DIAGRAM}Colors+xml", clean=clean_diagram
        ),
        "diagramDrawing": Kind(
            f"{folder}/diagrams/drawing{{}}.xml",
            "application/vnd.ms-office.drawingml.diagramDrawing+xml",
            implied=True,
            clean=clean_diagram,
        ),
    }


def _chart_shapes(root: Element, part: Part) -> None:
    clean_drawings(root, part)
    say_paragraphs(root, part)
