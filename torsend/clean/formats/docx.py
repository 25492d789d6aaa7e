"""DOCX: WordprocessingML. Tracked changes are accepted, comments go, fields that tell become text, styles get new ids."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, cast

from torsend.clean.formats import docx_changes, docx_fields, docx_hidden, ooxml_drawing
from torsend.clean.formats.docx_hidden import STYLE_ID, VAL
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.names.word_styles import KNOWN
from torsend.clean.formats.ooxml_names import M, V, W
from torsend.clean.formats.opc import Kind, Part
from torsend.clean.formats.xml_part import (
    Element,
    attribute,
    local,
    names_in,
    remove,
    tag_of,
    text_of,
    unwrap,
)
from torsend.clean.report import Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

_NAME = f"{{{W}}}name"
_CHOSEN = tuple(
    f"{{{W}}}{name}" for name in ("listItem", "listEntry", "default", "tblCaption", "tblDescription")
)
_REFERENCES = tuple(
    sorted(
        f"{{{W}}}{name}"
        for name in names_in("pStyle rStyle tblStyle basedOn next link styleLink numStyleLink")
    )
)


def story(root: Element, part: Part) -> None:
    """Whatever holds paragraphs: the document, headers, footers, notes."""
    _drop_notes(root, part)
    _refuse(root, part)
    docx_changes.accept(root, part.findings)
    _unwrap_markup(root, part)
    _tips_and_choices(root, part)
    docx_hidden.drop(root, part)
    _drop_objects(root, part)
    docx_fields.settle(root, part)
    _drop_bookmarks(root, part)
    _rename_styles(root, part)
    ooxml_drawing.clean_drawings(root, part)
    _say(root, part)
    part.package.context.setdefault("notes", _notes_asked_for(root))


def _notes_asked_for(root: Element) -> Set[tuple[str, str]]:
    """Which notes the document, the first of all stories, still has a mark for."""
    return {
        (kind, each.get(f"{{{W}}}id", ""))
        for kind in ("footnote", "endnote")
        for each in root.iter(f"{{{W}}}{kind}Reference")
    }


def _drop_notes(root: Element, part: Part) -> None:
    """Notes that no mark leads to: struck out with it, hidden with it, or left by a program. No reader sees them."""
    asked_for = cast("Set[tuple[str, str]]", part.package.context.get("notes", frozenset()))
    for kind in ("footnote", "endnote"):
        for note in root.findall(f"{{{W}}}{kind}"):
            # Separators have no mark.
            own = note.get(f"{{{W}}}type", "normal") == "normal"
            if own and (kind, note.get(f"{{{W}}}id", "")) not in asked_for:
                part.findings.add(Trace.HISTORY, kind, text_of([note]))
                root.remove(note)


def _refuse(root: Element, part: Part) -> None:
    for each in root.iter(f"{{{W}}}altChunk"):
        # Another document, shown as if it were part of this one.
        raise NotCleanable(Why.HOLDS_UNCLEANABLE, local(tag_of(each)))
    for each in list(root.iter(f"{{{W}}}subDoc")):
        part.findings.add(Trace.PATH, "subDoc")
        remove(each)


def _unwrap_markup(root: Element, part: Part) -> None:
    """Smart tags and custom XML mark places in text with data of their own; the text stays."""
    for each in list(root.iter(f"{{{W}}}smartTag", f"{{{W}}}customXml")):
        part.findings.add(Trace.OTHER, local(tag_of(each)), each.get(f"{{{W}}}element", ""))
        for properties in each.findall(f"{{{W}}}smartTagPr") + each.findall(f"{{{W}}}customXmlPr"):
            each.remove(properties)
        unwrap(each)
    for date in root.iter(f"{{{W}}}date"):
        if value := attribute(date, f"{{{W}}}fullDate"):
            part.findings.add(Trace.DATE, "date fullDate", value)
    for each in list(root.iter(f"{{{W}}}lid", f"{{{W}}}lang")):
        part.findings.add(Trace.OTHER, local(tag_of(each)), " ".join(map(str, each.attrib.values())))
        remove(each)


def _tips_and_choices(root: Element, part: Part) -> None:
    """What a reader sees on pointing or choosing."""
    for link in root.iter(f"{{{W}}}hyperlink"):
        if ooxml_drawing.looks_like_a_path(link.get(f"{{{W}}}tooltip", "")):
            part.findings.add(Trace.PATH, "hyperlink tooltip", attribute(link, f"{{{W}}}tooltip"))
        part.package.notes.text(link.get(f"{{{W}}}tooltip", ""))
    for entry in root.iter(*_CHOSEN):
        part.package.notes.text(entry.get(f"{{{W}}}displayText") or entry.get(VAL) or "")
    for mark in root.iter(f"{{{W}}}bookmarkStart"):
        part.package.notes.text(mark.get(_NAME, ""))


def _styles(part: Part) -> Iterator[Element]:
    """All styles of the document, as they were."""
    for sheet in docx_hidden.sheets(part):
        yield from sheet.iter(f"{{{W}}}style")


def _drop_objects(root: Element, part: Part) -> None:
    """Embedded objects become the picture that stands for them."""
    office = "urn:schemas-microsoft-com:office:office"
    for each in list(
        root.iter(f"{{{office}}}OLEObject", f"{{{W}}}control", f"{{{W}}}objectEmbed", f"{{{W}}}objectLink")
    ):
        active = local(tag_of(each)) == "control"
        part.findings.add(
            Trace.ACTIVE if active else Trace.EMBEDDED,
            local(tag_of(each)),
            each.get("ProgID") or each.get(_NAME) or "",
        )
        remove(each)
    for each in list(root.iter(f"{{{W}}}object")):
        if each.find(f".//{{{V}}}imagedata") is None:
            remove(each)
        else:
            each.tag = f"{{{W}}}pict"
            for key in list(each.attrib):
                del each.attrib[key]
    for each in list(root.iter("{*}signatureline")):
        remove(each)


def _drop_bookmarks(root: Element, part: Part) -> None:
    """Hidden bookmarks that nothing points at: ``_GoBack`` is the place of the last edit."""
    if not any(each.get(_NAME, "").startswith("_") for each in root.iter(f"{{{W}}}bookmarkStart")):
        return
    anchors = {each.get(f"{{{W}}}anchor", "") for each in root.iter(f"{{{W}}}hyperlink")}
    instructions = frozenset(" ".join(docx_fields.instructions(root)).replace('"', " ").split())
    ends = {each.get(f"{{{W}}}id"): each for each in root.iter(f"{{{W}}}bookmarkEnd")}
    for each in list(root.iter(f"{{{W}}}bookmarkStart")):
        name = each.get(_NAME, "")
        if name.startswith("_") and (name == "_GoBack" or (name not in anchors and name not in instructions)):
            part.findings.add(Trace.HISTORY, "bookmark", name)
            if (end := ends.get(each.get(f"{{{W}}}id"))) is not None:
                remove(end)
            remove(each)


def _style_ids(part: Part) -> Mapping[str, str]:
    """From old to new: ids come in the language of the program (``berschrift1``), custom names are an organisation's own."""
    held = part.package.context.get("style ids")
    if held is not None:
        return cast("Mapping[str, str]", held)
    ids: dict[str, str] = {}
    names: dict[str, str] = {}
    taken: set[str] = set()
    for style in _styles(part):
        old = style.get(STYLE_ID, "")
        name_element = style.find(f"{{{W}}}name")
        name = name_element.get(VAL, "") if name_element is not None else ""
        custom = KNOWN.fullmatch(name) is None or style.get(f"{{{W}}}customStyle") in ("1", "true", "on")
        new = "" if custom else re.sub(r"[^A-Za-z0-9]", "", name.title())
        if not new or new in taken:
            number = len(ids) + 1
            while (new := f"Style{number}") in taken:
                number += 1
        taken.add(new)
        ids.setdefault(old, new)
        if custom and name != new:
            names[name] = new
            if not name.endswith(" Char"):
                part.findings.add(Trace.SOFTWARE, "style name", name)
    part.package.context["style ids"] = ids
    part.package.context["style names"] = names
    return ids


def _rename_styles(root: Element, part: Part) -> None:
    ids = cast("Mapping[str, str]", part.package.context.get("style ids") or _style_ids(part))
    names = cast("Mapping[str, str]", part.package.context.get("style names") or {})
    for each in list(root.iter(*_REFERENCES)):
        new = ids.get(each.get(VAL, ""))
        if new is None:
            remove(each)
        else:
            each.set(VAL, new)
    if not names:
        return
    for instruction in root.iter(f"{{{W}}}instrText"):
        if re.match(r"\s*(?:STYLEREF|TOC)\b", text := instruction.text or ""):
            # "Style,1,Other style,2"
            instruction.text = re.sub(
                r'(?<=[",;])[^",;]+(?=[",;])', lambda found: names.get(found[0], found[0]), text
            )


def styles(root: Element, part: Part) -> None:
    """Styles, with new ids; names only of those that all programs know."""
    docx_changes.accept(root, part.findings)
    names = cast("Mapping[str, str]", part.package.context.get("style names") or {})
    ids = cast("Mapping[str, str]", part.package.context.get("style ids") or {})
    for style in root.iter(f"{{{W}}}style"):
        style.set(STYLE_ID, ids.get(style.get(STYLE_ID, ""), "Style0"))
        name = style.find(f"{{{W}}}name")
        if name is not None and name.get(VAL, "") in names:
            name.set(VAL, names[name.get(VAL, "")])
    _rename_styles(root, part)
    _languages(root, part)
    ooxml_drawing.clean_drawings(root, part)


def numbering(root: Element, part: Part) -> None:
    """Lists. Their random numbers are the same in all documents of one template."""
    docx_changes.accept(root, part.findings)
    _rename_styles(root, part)
    _languages(root, part)
    ooxml_drawing.clean_drawings(root, part)
    _number_markers(root)


def _number_markers(root: Element) -> None:
    for each in list(root.iter(f"{{{W}}}name")):
        remove(each)


def settings(root: Element, part: Part) -> None:
    """Only what changes the layout."""
    docx_changes.forget_revisions(root, part.findings)
    for each in list(
        root.iter(f"{{{W}}}attachedTemplate", f"{{{W}}}mailMerge", f"{{{W}}}docVars", f"{{{W}}}docVar")
    ):
        for value in (str(value) for element in each.iter() for value in element.attrib.values()):
            relation = part.relations.get(value)
            trace = Trace.PATH if relation else Trace.OTHER
            part.findings.add(trace, local(tag_of(each)), relation.target if relation else value)
        remove(each)
    for each in list(root):
        if local(tag_of(each)) in (
            "themeFontLang",
            "hdrShapeDefaults",
            "shapeDefaults",
            "captions",
            "documentProtection",
        ):
            part.findings.add(Trace.OTHER, local(tag_of(each)), " ".join(map(str, each.attrib.values())))
            remove(each)


def fonts(root: Element, part: Part) -> None:
    """What is known of fonts; embedded ones go."""
    for each in list(root.iter("{*}embedRegular", "{*}embedBold", "{*}embedItalic", "{*}embedBoldItalic")):
        part.findings.add(Trace.EMBEDDED, "font", "")
        remove(each)


def _languages(root: Element, part: Part) -> None:
    for each in list(root.iter(f"{{{W}}}lang")):
        part.findings.add(Trace.OTHER, "lang", " ".join(map(str, each.attrib.values())))
        remove(each)


def _say(root: Element, part: Part) -> None:
    """Each paragraph's text, for the word list."""
    for paragraph in root.iter(f"{{{W}}}p"):
        words = "".join(
            (each.text or "") if local(tag_of(each)) == "t" else " "
            for each in paragraph.iter(f"{{{W}}}t", f"{{{W}}}tab", f"{{{W}}}br")
        )
        if words.strip():
            part.package.notes.text(words)
    for formula in root.iter(f"{{{M}}}t"):
        part.package.notes.text(formula.text or "")


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
MAIN = f"{_WORD}document.main+xml"
TEMPLATE = f"{_WORD}template.main+xml"


def kinds(main: str = MAIN) -> dict[str, Kind]:
    """Relations that a document may have."""
    told = partial(Kind, clean=story, settle=docx_changes.drop_hollow_tables)
    return {
        **ooxml_drawing.kinds("word"),
        "officeDocument": told("word/document.xml", main),
        "styles": Kind("word/styles.xml", f"{_WORD}styles+xml", implied=True, clean=styles),
        "numbering": Kind("word/numbering.xml", f"{_WORD}numbering+xml", implied=True, clean=numbering),
        "settings": Kind("word/settings.xml", f"{_WORD}settings+xml", implied=True, clean=settings),
        "fontTable": Kind("word/fontTable.xml", f"{_WORD}fontTable+xml", implied=True, clean=fonts),
        "footnotes": told("word/footnotes.xml", f"{_WORD}footnotes+xml", implied=True),
        "endnotes": told("word/endnotes.xml", f"{_WORD}endnotes+xml", implied=True),
        "header": told("word/header{}.xml", f"{_WORD}header+xml"),
        "footer": told("word/footer{}.xml", f"{_WORD}footer+xml"),
    }
