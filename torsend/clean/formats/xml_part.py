"""XML inside office documents: parsed without trust, held to lists of names, written in one form (Canonical XML)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.report import Trace, Why

Element = etree._Element  # noqa: SLF001  # lxml has no other name for what it hands out

LARGEST_PART = 40 * 1024 * 1024
"""Octets of one XML part: as a tree it takes up to ten times as much."""
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MOST_NOTED = 20_000


def parse(data: bytes, name: str) -> Element:
    """The root; comments and processing instructions are gone.

    Raises:
        NotCleanable: not well-formed, nested too deep, or with a document type: no office document has one.
    """
    if len(data) > LARGEST_PART:
        raise NotCleanable(Why.TOO_LARGE, name)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise NotCleanable(Why.DAMAGED, name) from None
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.doctype:
        raise NotCleanable(Why.DAMAGED, name)
    return root


def serialise(root: Element) -> bytes:
    """The tree as Canonical XML 1.0: every version of every library writes it the same way.

    Raises:
        NotCleanable: a namespace that is no absolute address.
    """
    try:
        return _DECLARATION + etree.tostring(root, method="c14n", with_comments=False)
    except (etree.C14NError, ValueError):
        raise NotCleanable(Why.DAMAGED) from None


def names_in(text: str) -> frozenset[str]:
    """A set of names, written as a text."""
    return frozenset(text.split())


def attribute(element: Element, name: str) -> str:
    """Takes an attribute away; its value, empty if there was none."""
    value = str(element.get(name) or "")
    if name in element.attrib:
        del element.attrib[name]
    return value


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def namespace(name: str) -> str:
    """The namespace alone."""
    return name[1:].partition("}")[0] if name.startswith("{") else ""


def tag_of(element: Element) -> str:
    """The name; empty for what is no element (entity references)."""
    # The stubs know of texts alone.
    name: object = element.tag
    return name if isinstance(name, str) else ""


def remove(element: Element) -> None:
    """Takes an element out with all in it. What follows it stays."""
    parent = element.getparent()
    if parent is None:
        return
    _keep_tail(parent, element, element.tail)
    parent.remove(element)


def unwrap(element: Element) -> None:
    """Puts the content of an element in its place."""
    parent = element.getparent()
    if parent is None:
        return
    _keep_tail(parent, element, element.text)
    for child in list(element):
        # Not by its number among its siblings: counting them each time makes many of them slow.
        element.addprevious(child)
    _keep_tail(parent, element, element.tail)
    parent.remove(element)


def _keep_tail(parent: Element, element: Element, text: str | None) -> None:
    if not text:
        return
    before = element.getprevious()
    if before is None:
        parent.text = (parent.text or "") + text
    else:
        before.tail = (before.tail or "") + text


@dataclass(frozen=True, slots=True)
class Names:
    """Elements and attributes that may stand in a document, as full names.

    An attribute without a namespace belongs to its element's: it stands here as ``{namespace of element}@name``.
    """

    elements: frozenset[str]
    attributes: frozenset[str]
    namespaces: frozenset[str]

    @classmethod
    def of(cls, table: Mapping[str, tuple[str, str, str]]) -> Names:
        """From namespace to names of elements, of plain attributes and of attributes with that namespace."""
        return cls(
            frozenset(
                f"{{{space}}}{name}" if space else name
                for space, (names, _p, _q) in table.items()
                for name in names.split()
            ),
            frozenset(
                f"{{{space}}}@{name}" for space, (_n, names, _q) in table.items() for name in names.split()
            )
            | frozenset(
                f"{{{space}}}{name}" for space, (_n, _p, names) in table.items() for name in names.split()
            ),
            frozenset(table),
        )


@dataclass(slots=True)
class Findings:
    """Notes what goes, each thing once: a document says the same of every paragraph."""

    notes: Notes
    _noted: set[tuple[Trace, str, str]] = field(default_factory=set)

    def add(self, trace: Trace, name: str, value: str = "") -> None:
        """Notes it unless it was noted already."""
        entry = (trace, name, value[:200])
        if entry not in self._noted and len(self._noted) < _MOST_NOTED:
            self._noted.add(entry)
            self.notes.remove(*entry)


def hold_to(root: Element, names: Names, gone: Callable[[str, str], None]) -> None:
    """Removes every element and attribute that is not in ``names``; tells the name and the value of each.

    Raises:
        NotCleanable: the root itself is not among them.
    """
    elements, attributes = names.elements, names.attributes
    if tag_of(root) not in elements:
        raise NotCleanable(Why.DAMAGED)
    unknown: list[Element] = []
    for each in root.iter():
        tag = tag_of(each)
        if tag not in elements:
            unknown.append(each)
            continue
        if not each.attrib:
            continue
        prefix = tag[: tag.index("}") + 1] + "@" if tag.startswith("{") else "@"
        for key in each.attrib.keys():  # noqa: SIM118  # a list of its own: the attributes change below
            full = str(key)
            if (full if full.startswith("{") else prefix + full) not in attributes:
                gone(f"{local(tag)} {local(full)}", str(each.attrib.pop(key)))
    for each in unknown:
        gone(local(tag_of(each)) or "entity", text_of([each]))
        remove(each)


def text_of(elements: Iterable[Element], most: int = 200) -> str:
    """What they say, for the report, cut to ``most``."""
    said: list[str] = []
    length = 0
    for element in elements:
        for text in element.itertext():
            if text and not text.isspace():
                said.append(str(text).strip())
                length += len(said[-1])
                if length > most:
                    return " ".join(said)[:most]
    return " ".join(said)
