"""What is taken out of OpenDocument's XML beyond the lists of names: changes, remarks, fields, links, ids, hidden text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from torsend.clean.formats import odf_tables, odf_words
from torsend.clean.formats.odf_names import (
    CONFIG,
    DRAW,
    FO,
    HREF,
    LAYOUT_SETTINGS,
    NAMES,
    OFFICE,
    PRESENTATION,
    SMIL,
    STYLE,
    SVG,
    TABLES,
    TEXT,
    XLINK,
)
from torsend.clean.formats.ooxml_drawing import looks_like_a_path
from torsend.clean.formats.opc import SAFE_SCHEMES
from torsend.clean.formats.unseen import PLACE
from torsend.clean.formats.xml_part import (
    XML_NAMESPACE,
    Element,
    attribute,
    local,
    names_in,
    remove,
    tag_of,
    text_of,
    unwrap,
)
from torsend.clean.report import Left, Trace

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes
    from torsend.clean.formats.xml_part import Findings


def _names(space: str, names: str) -> tuple[str, ...]:
    return tuple(f"{{{space}}}{name}" for name in names.split())


_PERSONS = _names(
    TEXT,
    """author-name author-initials creator initial-creator printed-by sender-city sender-company sender-country
    sender-email sender-fax sender-firstname sender-initials sender-lastname sender-phone-private sender-phone-work
    sender-position sender-postal-code sender-state-or-province sender-street sender-title""",
)
_SHOWN = _names(
    TEXT,
    """date time creation-date creation-time modification-date modification-time print-date print-time editing-cycles
    editing-duration template-name title subject keywords description user-defined database-display database-name
    user-field-get user-field-input text-input variable-input conditional-text execute-macro dde-connection
    meta meta-field file-name""",
)
"""Fields that become the text that they show."""
_HIDDEN = _names(
    TEXT, "hidden-text hidden-paragraph script database-next database-row-select database-row-number"
)
_CHANGES = _names(TEXT, "tracked-changes change change-start change-end") + _names(TABLES, "tracked-changes")
_REMARKS = _names(OFFICE, "annotation annotation-end")
_MACHINERY = (
    *_names(OFFICE, "scripts event-listeners forms dde-source"),
    *_names(PRESENTATION, "event-listener settings notes"),
    *_names(TEXT, "section-source dde-connection-decls user-field-decls alphabetical-index-auto-mark-file"),
    *_names(
        TABLES,
        """table-source cell-range-source dde-links consolidation scenario detective data-pilot-tables
        database-source-sql database-source-table database-source-query""",
    ),
    *_names(DRAW, "applet floating-frame control image-map object-ole"),
    *_names(SVG, "font-face-src definition-src"),
    *_names(STYLE, "handout-master"),
)
_MACHINERY_TRACES = {
    "scripts": Trace.ACTIVE, "event-listeners": Trace.ACTIVE, "event-listener": Trace.ACTIVE, "forms": Trace.ACTIVE,
    "applet": Trace.ACTIVE, "floating-frame": Trace.ACTIVE, "control": Trace.ACTIVE, "dde-source": Trace.ACTIVE,
    "section-source": Trace.PATH, "table-source": Trace.PATH, "cell-range-source": Trace.PATH, "dde-links": Trace.PATH,
    "notes": Trace.COMMENT, "object-ole": Trace.EMBEDDED, "data-pilot-tables": Trace.EMBEDDED,
    "font-face-src": Trace.EMBEDDED, "user-field-decls": Trace.OTHER,
}  # fmt: skip
_LANGUAGES = frozenset(
    f"{{{space}}}{name}"
    for space, names in (
        (FO, "language country script"),
        (
            STYLE,
            """language-asian country-asian language-complex country-complex rfc-language-tag rfc-language-tag-asian
            rfc-language-tag-complex script-asian script-complex""",
        ),
        (TABLES, "language country rfc-language-tag"),
    )
    for name in names.split()
)  # fmt: skip
DC = "http://purl.org/dc/elements/1.1/"
_NOT_SHOWN = (
    (f"{{{TABLES}}}display", "false"),
    (f"{{{TABLES}}}visibility", "collapse"),
    (f"{{{TABLES}}}visibility", "filter"),
    (f"{{{PRESENTATION}}}visibility", "hidden"),
)
"""Sheets, rows and columns, slides."""
_ANGLE = f"{{{DRAW}}}angle"
_TENTHS_OF_DEGREES = r"(?:OpenOffice|StarOffice|NeoOffice|AOO|(?:LibreOffice|LibreOfficeDev)[/_][3-6]\.)"
"""Generators that meant tenths where the standard says degrees. LibreOffice goes by the name and falls back to degrees."""
_CROPS = re.compile(r"(?<![-\d.])[0.]*[1-9]")
"""In ``rect(0cm, 1.2cm, 0cm, 0cm)``."""
_XML_ID = f"{{{XML_NAMESPACE}}}id"
_FORMULA = f"{{{TABLES}}}formula"
_OUTSIDE = re.compile(
    rf"file:|https?:|\\\\|\b(?:INFO|CELL|DDE|WEBSERVICE)\s*\(|'[^']*[/\\][^']*'#|{PLACE.pattern}",
    re.IGNORECASE,
)


def is_for_readers(link: str) -> bool:
    """A link that a reader clicks: a web or mail address, or a place in the document."""
    return link.startswith("#") or link.lower().startswith(SAFE_SCHEMES)


def drop_link(element: Element) -> None:
    """Takes out what leads nowhere any more; words that were a link stay as words."""
    if tag_of(element) in (f"{{{TEXT}}}a", f"{{{DRAW}}}a"):
        unwrap(element)
    elif tag_of(element) in (f"{{{DRAW}}}image", f"{{{DRAW}}}object", f"{{{DRAW}}}plugin"):
        parent = element.getparent()
        remove(element)
        if parent is not None and tag_of(parent) == f"{{{DRAW}}}frame" and not len(parent):
            remove(parent)
    else:
        del element.attrib[HREF]


class Cleaning:
    """One document, with its styles and settings.

    Args:
        generator: the program that wrote it, which does not stay: what programs read differently because of it is
            written so that it needs no name.
    """

    def __init__(
        self, trees: dict[str, Element], findings: Findings, notes: Notes, generator: str = ""
    ) -> None:
        self._trees = trees
        self._findings = findings
        self._notes = notes
        self._tenths = re.match(_TENTHS_OF_DEGREES, generator) is not None

    def run(self) -> None:
        """Changes the trees."""
        texts = [root for part, root in self._trees.items() if part != "settings.xml"]
        hidden = {name for root in texts for name in _hidden_styles(root)}
        for root in texts:
            self._drop(root)
            self._fields(root)
            self._hidden(root, hidden)
            self._links(root)
            self._formulas(root)
            self._attributes(root)
        self._ids(texts)
        _join_spans(texts)
        for root in texts:
            odf_tables.rename(root)
        for root in texts:
            self._say(root)
            if any(each.get(name) == value for each in root.iter() for name, value in _NOT_SHOWN):
                self._notes.keep(Left.NOT_SHOWN)
            if any(_CROPS.search(each.get(f"{{{FO}}}clip", "")) for each in root.iter()):
                self._notes.keep(Left.CROPPED)
        if (settings := self._trees.get("settings.xml")) is not None:
            self._settings(settings)

    def _drop(self, root: Element) -> None:
        for each in list(root.iter(*_CHANGES)):
            for who in each.iter(f"{{{DC}}}creator"):
                self._findings.add(Trace.AUTHOR, "change creator", who.text or "")
            for date in each.iter(f"{{{DC}}}date"):
                self._findings.add(Trace.DATE, "change date", date.text or "")
            self._findings.add(Trace.HISTORY, local(tag_of(each)), text_of([each]))
            remove(each)
        for each in list(root.iter(*_REMARKS)):
            for who in each.iter(f"{{{DC}}}creator"):
                self._findings.add(Trace.AUTHOR, "annotation creator", who.text or "")
            self._findings.add(Trace.COMMENT, local(tag_of(each)), text_of([each]))
            remove(each)
        for each in list(root.iter(*_MACHINERY)):
            name = local(tag_of(each))
            said = text_of([each]) if name == "notes" else each.get(HREF, "")
            if name not in ("settings", "handout-master") and (
                said or (name != "notes" and (len(each) or each.attrib))
            ):
                self._findings.add(_MACHINERY_TRACES.get(name, Trace.OTHER), name, said)
            remove(each)
        for each in list(root.iter(f"{{{TABLES}}}table")):
            # What other workbooks held when they were last read.
            if _OUTSIDE.search(each.get(f"{{{TABLES}}}name", "")):
                self._findings.add(Trace.PATH, "table name", each.get(f"{{{TABLES}}}name", ""))
                remove(each)

    def _fields(self, root: Element) -> None:
        for each in list(root.iter(*_PERSONS)):
            self._findings.add(Trace.AUTHOR, f"field {local(tag_of(each))}", text_of([each]))
            for child in list(each):
                each.remove(child)
            each.text = None
            remove(each)
        for each in list(root.iter(*_HIDDEN)):
            self._findings.add(
                Trace.OTHER, f"field {local(tag_of(each))}", " ".join(map(str, each.attrib.values()))
            )
            remove(each)
        for each in list(root.iter(*_SHOWN)):
            name = local(tag_of(each))
            trace = Trace.DATE if name.endswith(("date", "time")) else Trace.OTHER
            if name in ("file-name", "template-name"):
                trace = Trace.PATH
                words = each.text or ""
                if words != (short := re.split(r"[\\/]", words)[-1]):
                    self._findings.add(Trace.PATH, f"field {name}", words)
                    each.text = short
            self._findings.add(trace, f"field {name}", text_of([each]))
            unwrap(each)
        for each in list(root.iter(f"{{{PRESENTATION}}}date-time-decl")):
            if each.get(f"{{{PRESENTATION}}}source") != "fixed":
                each.set(f"{{{PRESENTATION}}}source", "fixed")

    def _hidden(self, root: Element, hidden: set[str]) -> None:
        """Text and sections that no reader sees, unless they know where to look."""
        for each in list(root.iter(*_names(TEXT, "span section p h"))):
            if each.get(f"{{{TEXT}}}style-name") in hidden or each.get(f"{{{TEXT}}}display") == "none":
                self._findings.add(Trace.COMMENT, f"hidden {local(tag_of(each))}", text_of([each]))
                remove(each)

    def _links(self, root: Element) -> None:
        for each in list(root.iter()):
            link = each.get(HREF)
            if link is None:
                continue
            if not is_for_readers(link) and (
                ":" in link.split("/")[0] or link.startswith(("/", "../", "\\"))
            ):
                fetched = tag_of(each) != f"{{{TEXT}}}a"
                self._findings.add(
                    Trace.ACTIVE if fetched else Trace.PATH, f"{local(tag_of(each))} href", link
                )
                drop_link(each)
            elif is_for_readers(link) and tag_of(each) not in (f"{{{TEXT}}}a", f"{{{DRAW}}}a"):
                # A picture from the web would be fetched on opening, and tell who opens it.
                if not link.startswith("#"):
                    self._findings.add(Trace.ACTIVE, f"{local(tag_of(each))} href", link)
                    drop_link(each)
            elif is_for_readers(link):
                self._notes.text(link)
            elif tag_of(each) == f"{{{DRAW}}}image" and _stands_for_object(each):
                # Programs draw the object anew.
                remove(each)

    def _formulas(self, root: Element) -> None:
        for each in root.iter(f"{{{TABLES}}}table-cell", f"{{{TABLES}}}covered-table-cell"):
            formula = each.get(_FORMULA)
            if formula and _OUTSIDE.search(formula):
                self._findings.add(Trace.PATH, "formula", formula)
                del each.attrib[_FORMULA]
                self._shorten(each)
        for each in list(root.iter(f"{{{TABLES}}}named-range", f"{{{TABLES}}}named-expression")):
            if any(_OUTSIDE.search(str(value)) for value in each.attrib.values()):
                self._findings.add(Trace.PATH, "named range", " ".join(map(str, each.attrib.values())))
                remove(each)

    def _shorten(self, cell: Element) -> None:
        """``CELL("FILENAME")`` shows where the workbook lies."""
        for each in cell.iter():
            text = each.text or ""
            if "file:" in text or looks_like_a_path(text):
                self._findings.add(Trace.PATH, "cell", text)
                each.text = re.split(r"[\\/]", text)[-1].strip("'")
        value = cell.get(f"{{{OFFICE}}}string-value", "")
        if value and ("file:" in value or looks_like_a_path(value)):
            cell.set(f"{{{OFFICE}}}string-value", re.split(r"[\\/]", value)[-1].strip("'"))

    def _attributes(self, root: Element) -> None:
        for each in root.iter():
            for key in each.attrib.keys():  # noqa: SIM118
                if key in _LANGUAGES:
                    self._findings.add(
                        Trace.OTHER, f"{local(tag_of(each))} {local(str(key))}", str(each.attrib.pop(key))
                    )
            if tag_of(each) in _SHAPES:
                # Frames and shapes: names come in the language of the program, and some are file names.
                attribute(each, f"{{{DRAW}}}name")
            angle = each.get(_ANGLE, "")
            if self._tenths and re.fullmatch(r"-?\d+", angle):
                each.set(_ANGLE, f"{int(angle) / 10:g}deg")
            if HREF in each.attrib and (title := each.get(f"{{{XLINK}}}title")):
                self._notes.text(title)
        for each in list(root.iter(f"{{{SVG}}}title", f"{{{SVG}}}desc")):
            if looks_like_a_path(each.text or ""):
                self._findings.add(Trace.PATH, f"alternative text {local(tag_of(each))}", each.text or "")
                remove(each)
            else:
                self._notes.text(each.text or "")
        bookmarks = list(root.iter(*_names(TEXT, "bookmark bookmark-start bookmark-end")))
        if any(each.get(f"{{{TEXT}}}name", "").startswith("__") for each in bookmarks):
            used = {each.get(HREF, "").lstrip("#") for each in root.iter(f"{{{TEXT}}}a")}
            used |= {each.get(f"{{{TEXT}}}ref-name", "") for each in root.iter(f"{{{TEXT}}}bookmark-ref")}
            for each in bookmarks:
                name = each.get(f"{{{TEXT}}}name", "")
                if name.startswith("__") and name not in used:
                    self._findings.add(Trace.HISTORY, "bookmark", name)
                    remove(each)

    def _ids(self, texts: list[Element]) -> None:
        """Ids are made of the clock or of random numbers: numbered anew where something points at them."""
        pointers = (
            *_names(TEXT, "continue-list"),
            *_names(DRAW, "start-shape end-shape shape-id"),
            *_names(SMIL, "targetElement begin end"),
        )
        wanted = {
            word.partition(".")[0]
            for root in texts
            for each in root.iter()
            for key in pointers
            if (word := each.get(key))
        }
        new: dict[str, str] = {}
        for root in texts:
            for each in root.iter():
                for key in (_XML_ID, f"{{{DRAW}}}id", f"{{{TEXT}}}id"):
                    old = each.get(key)
                    if old is None:
                        continue
                    if old in wanted or tag_of(each) == f"{{{TEXT}}}note":
                        each.set(key, new.setdefault(old, f"id{len(new) + 1}"))
                    else:
                        del each.attrib[key]
        for root in texts:
            for each in root.iter():
                for key in pointers:
                    if (old := each.get(key)) is not None:
                        head, dot, tail = old.partition(".")
                        if head in new:
                            each.set(key, new[head] + dot + tail)

    def _say(self, root: Element) -> None:
        for each in root.iter(f"{{{TEXT}}}p", f"{{{TEXT}}}h"):
            words = "".join(map(str, each.itertext()))
            if words.strip():
                self._notes.text(words)
        for each in root.iter(f"{{{TABLES}}}table", f"{{{STYLE}}}style", f"{{{TABLES}}}named-range"):
            for key in (f"{{{TABLES}}}name", f"{{{STYLE}}}display-name"):
                if name := each.get(key):
                    self._notes.text(name)

        for words in odf_words.out_of_sight(root):
            self._notes.text(words)

    def _settings(self, root: Element) -> None:
        for each in list(root.iter(f"{{{CONFIG}}}config-item")):
            name = each.get(f"{{{CONFIG}}}name", "")
            if name in LAYOUT_SETTINGS and re.fullmatch(
                r"true|false|-?\d{1,5}|(?:low|high)-resolution|disabled", (each.text or "").strip()
            ):
                continue
            if name in ("PrinterName", "PrinterSetup") and each.text:
                self._findings.add(Trace.DEVICE, f"settings.xml {name}", each.text)
            elif name == "Rsid" or name == "RsidRoot":
                self._findings.add(Trace.HISTORY, f"settings.xml {name}", each.text or "")
            remove(each)
        for each in reversed(list(root.iter())):
            if local(tag_of(each)) != "config-item" and not len(each) and each is not root:
                remove(each)


def _stands_for_object(image: Element) -> bool:
    parent = image.getparent()
    return parent is not None and any(
        parent.find(name) is not None for name in (f"{{{DRAW}}}object", f"{{{TABLES}}}table")
    )


_SHAPES = _names(
    DRAW,
    """frame rect line polyline polygon regular-polygon path circle ellipse connector caption measure custom-shape g page
    text-box image object""",
)


def _hidden_styles(root: Element) -> set[str]:
    return {
        style.get(f"{{{STYLE}}}name", "")
        for style in root.iter(f"{{{STYLE}}}style")
        if style.get(f"{{{STYLE}}}family") in ("text", "paragraph")
        for each in style.iterfind(f"{{{STYLE}}}text-properties")
        if each.get(f"{{{TEXT}}}display") == "none"
    }


def _join_spans(texts: list[Element]) -> None:
    """Spans whose style says nothing any more show where somebody went on writing another day."""
    for root in texts:
        styles = root.find(f"{{{OFFICE}}}automatic-styles")
        if styles is None:
            continue
        empty = set()
        for style in list(styles):
            plain = (
                style.get(f"{{{STYLE}}}family") == "text"
                and style.get(f"{{{STYLE}}}parent-style-name") is None
            )
            if plain and not any(_says_something(each) for each in style):
                empty.add(style.get(f"{{{STYLE}}}name"))
                styles.remove(style)
        for span in list(root.iter(f"{{{TEXT}}}span")):
            if span.get(f"{{{TEXT}}}style-name") in empty:
                unwrap(span)


def _says_something(properties: Element) -> bool:
    return len(properties) > 0 or any(str(key) in NAMES.attributes for key in properties.attrib)


#: Additions of one version of one program, gone, and nothing to tell of.
_PLAIN = names_in(
    """
    value-type soft-page-break name margin-gutter color class-names color-lum-mod color-lum-off linked-style-name
    contextual-spacing mime-type p h try-staggering-first version theme theme-colors list-item
    """
)
_AUTHORS = names_in("creator author initials sender-initials user-name")


def trace_of(name: str) -> Trace | None:
    """The sort of trace of something in no list; ``None`` says that it isn't worth a word."""
    word = local(name).rpartition(" ")[2].lower()
    if "rsid" in word:
        return Trace.HISTORY
    if word in _AUTHORS:
        return Trace.AUTHOR
    if word in ("date", "change-id"):
        return Trace.DATE
    if word == "paper-tray-name":
        return Trace.DEVICE
    if word in _PLAIN:
        return None
    return Trace.OTHER
