"""SVG: elements and attributes that draw stay, by lists; the rest goes.

Nothing is fetched, runs or moves: no scripts, events, animations, foreign objects, external references. Ids and classes get
new names, and those that nothing refers to go. Titles and descriptions go, too: they are not drawn, and hardly anyone knows
that they are there. So do elements that are switched off, and what drawing programs note in namespaces of their own.
"""

from __future__ import annotations

import base64
import io
import re
from html import escape
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote_to_bytes

from torsend.clean.formats import svg_style
from torsend.clean.formats.format import Format, NotCleanable, Notes
from torsend.clean.formats.svg_names import (
    DRAWN,
    ELEMENTS,
    LABELS,
    NUMBERS,
    PROPERTIES,
    QUIET,
    STEPS,
    WITH_PICTURE,
    WITH_WORDS,
    WORDS,
)
from torsend.clean.formats.svg_style import Names
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Writer

Element = Any
"""lxml's; its stubs don't say that a tag may be something else than a name."""

SVG_SPACE = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
LARGEST = 32 * 1024 * 1024
"""Bytes of a drawing; as a tree it takes ten times as much."""
MOST_ELEMENTS = 300_000
LARGEST_PICTURES = 128 * 1024 * 1024
"""Bytes of all pictures within, cleaned."""
MOST_TOLD = 100
OWNERS = frozenset(("creator", "rights", "publisher", "contributor"))
"""Elements of Dublin Core that name people, deep within."""

_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?svg[\s>/]")
_NUMBERS = re.compile(r"[-+\d.eE,;\s%a-zA-Z]*")
_LETTERED = re.compile(r"[A-Za-z]{6,}")
_PATH = re.compile(r"[MmZzLlHhVvCcSsQqTtAaBbRrEe\d+\-.,\s]*")
_WORDS = re.compile(r"[-\w\s.,()+]*")
_WEB = re.compile(r"(?:https?://|mailto:)[^\s\"'<>\\^`{|}\x00-\x20]{1,2000}", re.IGNORECASE)
_DATA = re.compile(r"\s*data:[^,]{0,200},", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")


def _is_svg(beginning: bytes) -> bool:
    return (
        beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
        and _ROOT.search(beginning) is not None
    )


def _clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    from lxml import etree

    data = source.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise NotCleanable(Why.TOO_LARGE)
    if b"<!ENTITY" in data:
        # Text that stands for other text: what a reader sees is not what stands there, and it may be a bomb.
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise NotCleanable(Why.DAMAGED) from None
    if root.tag != f"{{{SVG_SPACE}}}svg":
        raise NotCleanable(Why.UNKNOWN_FORMAT)
    notes.keep(Left.WORDS)
    notes.keep(Left.LAYOUT)
    drawing = _Drawing(notes)
    drawing.outside(root)
    out.write(drawing.written(root))


class _Drawing:
    """One drawing on its way."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._ids = Names("a")
        self._classes = Names("c")
        self._labels = Names("s")
        self._count = 0
        self._pictures = 0
        self._said: list[str] = []
        self._sheets: dict[Element, str] = {}
        self._rehearses = False

    def outside(self, root: Element) -> None:
        """What lies before and behind the drawing."""
        for node in (*root.itersiblings(preceding=True), *root.itersiblings()):
            self._tell_node(node)
        if (
            root.getroottree().docinfo.internalDTD is not None
            and root.getroottree().docinfo.system_url is None
        ):
            self._notes.remove(Trace.OTHER, "document type")

    def written(self, root: Element) -> bytes:
        """The drawing's new text. References are gathered first, so that an id stays only if something needs it."""
        for element in root.iter():
            self._count += 1
            if self._count > MOST_ELEMENTS:
                raise NotCleanable(Why.TOO_LARGE)
            if _local(element) == "style":
                sheet = "".join(element.itertext())
                self._sheets[element] = svg_style.sheet(sheet, self._ids, self._classes, self._notes)
        # Written twice, since an id stays if something later refers to it. What was removed is told once.
        self._rehearses, notes, self._notes = True, self._notes, Notes()
        self._element(root, root=True)
        self._rehearses, self._notes, self._said = False, notes, []
        body = self._element(root, root=True)
        self._notes.text(_BLANKS.sub(" ", "".join(self._said)).strip() + "\n")
        return ('<?xml version="1.0" encoding="UTF-8"?>\n' + body + "\n").encode()

    def _element(self, element: Element, *, root: bool = False) -> str:
        tag = _local(element)
        if tag not in ELEMENTS or self._is_off(element, tag):
            self._tell_node(element)
            return ""
        attributes = self._attributes(element, tag)
        if tag in WITH_PICTURE and attributes is None:
            return ""
        opening = tag
        if root:
            opening += f' xmlns="{SVG_SPACE}" xmlns:xlink="{XLINK}"'
        opening += "".join(f' {key}="{escape(given)}"' for key, given in sorted((attributes or {}).items()))
        if tag == "style":
            sheet = self._sheets[element]
            return f"<{opening}>{escape(sheet, quote=False)}</{tag}>" if sheet else ""
        inner = self._inner(element, tag)
        return f"<{opening}>{inner}</{tag}>" if inner else f"<{opening}/>"

    def _inner(self, element: Element, tag: str) -> str:
        words = tag in WITH_WORDS and (
            tag != "a" or any(_local(above) in WITH_WORDS - {"a"} for above in element.iterancestors())
        )
        parts = [self._words(element.text)] if words else []
        for child in element:
            if isinstance(child.tag, str):
                parts.append(self._element(child))
            else:
                self._tell_node(child)
            if words:
                parts.append(self._words(child.tail))
        if tag == "text":
            self._said.append("\n")
        return "".join(parts)

    def _words(self, text: str | None) -> str:
        self._said.append(text or "")
        return escape(text or "", quote=False)

    def _is_off(self, element: Element, tag: str) -> bool:
        """Whether it is not drawn: programs' hidden layers. A sheet could switch an attribute on again, a style not."""
        if tag not in DRAWN or tag == "svg":
            return False
        style = dict(svg_style.declarations(str(element.get("style") or ""), Names("x"), Notes(), ""))
        off = style.get("display") == "none"
        return off or (
            not any(self._sheets.values())
            and "display" not in style
            and str(element.get("display")).strip() == "none"
        )

    def _attributes(self, element: Element, tag: str) -> dict[str, str] | None:
        """Those that stay; None if it is a picture that can't."""
        out: dict[str, str] = {}
        for key, given in element.attrib.items():
            kept = self._attribute(str(key), str(given), element)
            if kept is not None:
                out[kept[0]] = kept[1]
        target = _href(element)
        if target:
            kept_target = self._target(tag, target)
            if kept_target is not None:
                out["xlink:href"] = kept_target
            elif tag in WITH_PICTURE:
                return None
        if (space := element.get(f"{{{XML}}}space")) in ("preserve", "default"):
            out["xml:space"] = str(space)
        return out

    def _attribute(self, key: str, given: str, element: Element) -> tuple[str, str] | None:
        """Its name and its value, if they are known."""
        kept: str | None = None
        if key in ("href", f"{{{XLINK}}}href", f"{{{XML}}}space"):
            return None
        match key:
            case "id":
                kept = self._ids.known(given)
                return None if kept is None else (key, kept)
            case "class":
                known = [self._classes.known(each) for each in given.split()]
                kept = " ".join(each for each in known if each)
                return (key, kept) if kept else None
            case "style":
                kept = svg_style.written(svg_style.declarations(given, self._ids, self._notes, "style"))
                return (key, kept) if kept else None
            case "d":
                kept = given if _PATH.fullmatch(given) else None
            case _ if key in NUMBERS:
                kept = given if _NUMBERS.fullmatch(given) and not _LETTERED.search(given) else None
            case _ if key in LABELS:
                kept = given if given in STEPS else self._labels.of(given)
            case _ if key in WORDS:
                kept = given if _WORDS.fullmatch(given) and len(given) < 2000 else None
            case _ if key in PROPERTIES:
                kept = svg_style.value(given, self._ids)
            case _:
                pass
        if kept is None:
            self._tell_attribute(key, given, element)
            return None
        return key, " ".join(kept.split())

    def _target(self, tag: str, target: str) -> str | None:
        """Where a reference leads, if it may lead there."""
        if target.startswith("#"):
            return "#" + self._ids.of(target[1:])
        if tag == "a" and _WEB.fullmatch(target):
            self._said.append(f" {target} ")
            return target
        if tag in WITH_PICTURE and (found := _DATA.match(target)) is not None:
            return self._picture(found[0], target[found.end() :])
        trace = Trace.ACTIVE if target.lower().startswith(("http", "javascript", "//")) else Trace.PATH
        self._notes.remove(trace, f"{tag} href", target)
        return None

    def _picture(self, head: str, body: str) -> str:
        """A picture within the drawing, cleaned by the cleaner of its format."""
        # The registry knows the formats that this one is part of.
        from torsend.clean.formats.registry import recognise

        if self._rehearses:
            return ""
        kind = head.strip()[5:-1].partition(";")[0].lower() or "data"
        try:
            octets = unquote_to_bytes(body)
            data = (
                base64.b64decode(b"".join(octets.split()))
                if head.lower().rstrip(",").endswith("base64")
                else octets
            )
            found = recognise(io.BytesIO(data))
            if not found.media_type.startswith("image/") or found.media_type == MEDIA_TYPE:
                raise NotCleanable(Why.UNKNOWN_FORMAT)
            out = io.BytesIO()
            found.clean(io.BytesIO(data), out, self._notes)
        except (MemoryError, ImportError):
            raise
        except Exception as refused:  # noqa: BLE001  # parsers raise what they like; the drawing itself is not damaged
            if not isinstance(refused, NotCleanable):
                raise NotCleanable(Why.HOLDS_UNCLEANABLE, kind) from None
            why = Why.TOO_LARGE if refused.why is Why.TOO_LARGE else Why.HOLDS_UNCLEANABLE
            raise NotCleanable(why, kind) from None
        cleaned = out.getvalue()
        self._pictures += len(cleaned)
        if self._pictures > LARGEST_PICTURES:
            raise NotCleanable(Why.TOO_LARGE)
        return f"data:{found.media_type};base64,{base64.b64encode(cleaned).decode()}"

    def _tell_attribute(self, key: str, given: str, element: Element) -> None:
        local = key.rpartition("}")[2]
        if local in QUIET or (key == "type" and _local(element) == "style"):
            return
        if local.startswith("on"):
            trace = Trace.ACTIVE
        elif local in ("docname", "export-filename", "absref", "base"):
            trace = Trace.PATH
        elif "}" in key and not key.startswith(f"{{{XML}}}"):
            trace = Trace.SOFTWARE
        else:
            trace = Trace.OTHER
        self._notes.remove(trace, f"{_local(element) or 'element'} {local}", given)

    def _tell_node(self, node: Element) -> None:
        """An element that goes, with what it says; or a comment, or an instruction."""
        from lxml import etree

        if not isinstance(node.tag, str):
            is_comment = node.tag is etree.Comment
            self._notes.remove(
                Trace.COMMENT if is_comment else Trace.ACTIVE,
                "comment" if is_comment else "instruction",
                node.text,
            )
            return
        name = etree.QName(node).localname
        told = 0
        for each in node.iter(etree.Element):
            texts = (
                [str(value) for value in each.attrib.values()] if name in ("metadata", "namedview") else []
            )
            texts.append((each.text or "").strip())
            local = etree.QName(each).localname
            if any(etree.QName(above).localname in OWNERS for above in each.iterancestors()):
                local = "creator"
            for text in filter(None, texts):
                told += 1
                if told < MOST_TOLD:
                    self._notes.remove(
                        _trace(name, local), f"{name} {local}" if local != name else name, text
                    )
        if not told:
            self._notes.remove(_trace(name, name), name)


def _local(element: Element) -> str:
    """The name of an element of SVG; empty for all others."""
    tag = element.tag
    return tag[len(SVG_SPACE) + 2 :] if isinstance(tag, str) and tag.startswith(f"{{{SVG_SPACE}}}") else ""


def _href(element: Element) -> str:
    return str(element.get("href") or element.get(f"{{{XLINK}}}href") or "").strip()


def _trace(outer: str, inner: str) -> Trace:
    """The sort of what stood in an element."""
    if outer in ("script", "animate", "animateTransform", "animateMotion", "set", "handler"):
        return Trace.ACTIVE
    if outer == "namedview":
        return Trace.SOFTWARE
    match inner.lower():
        case "creator" | "rights" | "publisher" | "contributor":
            return Trace.AUTHOR
        case "date" | "createdate" | "modifydate" | "metadatadate":
            return Trace.DATE
        case "title" | "desc" | "description" | "subject" | "keywords":
            return Trace.COMMENT
        case _:
            return Trace.OTHER


MEDIA_TYPE = "image/svg+xml"
SVG = Format("SVG", MEDIA_TYPE, _is_svg, _clean, ("drawing", ".svg"))
