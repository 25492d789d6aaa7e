"""Office Open XML packages (ISO/IEC 29500-2): walked from the document on, along relations that are known, and nothing else.

A part that no known relation reaches is not in the result: comments, people, thumbnails, printers, macros, embedded
files, custom XML, previews, whatever some program adds next year. Parts get names by their kind and number, relations
by their order, so that neither tells which program wrote them. Content types are written anew.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import unquote

from lxml import etree

from torsend.clean.formats import seams, unseen
from torsend.clean.formats.format import NotCleanable, Notes, Writer
from torsend.clean.formats.media import clean_media
from torsend.clean.formats.ooxml_names import CHOICES, DSP, EXTENSIONS, MC, NAMES, WITH_WORDS, R, W
from torsend.clean.formats.xml_part import (
    Element,
    Findings,
    attribute,
    hold_to,
    local,
    names_in,
    parse,
    remove,
    serialise,
    tag_of,
    unwrap,
)
from torsend.clean.formats.zip_package import Member, ZipReader, ZipWriter
from torsend.clean.report import Trace, Why

CONTENT_TYPES = "[Content_Types].xml"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELATIONSHIPS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_STRICT = "http://purl.oclc.org/ooxml/"
_MICROSOFT = (
    "http://schemas.microsoft.com/office/2007/relationships/",
    "http://schemas.microsoft.com/office/2006/relationships/",
)
SAFE_SCHEMES = ("http:", "https:", "mailto:", "tel:", "#")
"""Of links that a reader clicks; others name files of the writer's machine or start something."""
MOST_PARTS = 5000


@dataclass(frozen=True, slots=True)
class Relation:
    """One line of a ``.rels`` part. ``kind`` is the last word of its type, empty if the type is none of the office's."""

    kind: str
    type: str
    target: str
    external: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of relation leads to.

    Attributes:
        path: of the part in the result; ``{}`` stands for its number.
        content_type: written for it.
        implied: the relation counts without being named in the part's XML.
        clean: what this kind needs beyond what all parts get.
        settle: what is put in order once all that has to go is gone.
    """

    path: str
    content_type: str
    implied: bool = False
    clean: Callable[[Element, Part], None] | None = None
    settle: Callable[[Element], None] | None = None


@dataclass(slots=True)
class Part:
    """One part while it is cleaned."""

    name: str
    new_name: str
    kind: str
    package: Package
    relations: dict[str, Relation] = field(default_factory=dict)

    @property
    def findings(self) -> Findings:
        """Where to note what goes."""
        return self.package.findings

    def follows(self, id_: str | None) -> bool:
        """Whether the relation of this id leads somewhere that stays in the result."""
        relation = self.relations.get(id_ or "")
        return relation is not None and self.package.allows(relation)


class Package:
    """Reads one package and writes the cleaned one.

    Args:
        kinds: relations that are followed, by their kind; ``image``, ``audio``, ``video``, ``media`` and ``hyperlink`` are
            known to all.
        folder: for media in the result: ``word``, ``xl``, ``ppt``.
    """

    def __init__(self, reader: ZipReader, notes: Notes, kinds: Mapping[str, Kind], folder: str) -> None:
        self.reader = reader
        self.notes = notes
        self.findings = Findings(notes)
        self._kinds = kinds
        self._folder = folder
        self._members = {each.name.lower(): each for each in reader.members if not each.is_directory}
        self._new_names: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._queue: list[tuple[str, str]] = []
        self._done: dict[str, bytes] = {}
        self._relations: dict[str, bytes] = {}
        self._types: dict[str, str] = {}
        self._endings: dict[str, str] = {}
        self._owners: dict[str, dict[str, str]] = {}
        self.context: dict[str, object] = {}
        """What one part found out that another needs, such as new names of styles."""

    def clean(self, main: str, kind: str, out: Writer) -> None:
        """Everything from the main part on."""
        self._name(main, kind)
        at = 0
        while at < len(self._queue):
            if at > MOST_PARTS:
                raise NotCleanable(Why.TOO_LARGE)
            self._part(*self._queue[at])
            at += 1
        self._write(out)

    def read(self, name: str) -> bytes:
        """A part's octets."""
        member = self.member(name)
        if member is None:
            raise NotCleanable(Why.DAMAGED, name)
        return self.reader.read(member)

    def member(self, name: str) -> Member | None:
        """By its name, in which case counts for nothing."""
        return self._members.get(name.lstrip("/").lower())

    def left_behind(self) -> list[str]:
        """Names of the members that are not in the result, once ``clean`` ran."""
        reached = {each.lower() for each in self._new_names}
        return [
            each.name
            for low, each in self._members.items()
            if low not in reached and low != CONTENT_TYPES.lower() and not low.endswith(".rels")
        ]

    def relations_of(self, name: str) -> dict[str, Relation]:
        """By id; empty where there are none."""
        folder, _slash, base = name.rpartition("/")
        path = f"{folder}/_rels/{base}.rels" if folder else f"_rels/{base}.rels"
        if self.member(path) is None:
            return {}
        relations: dict[str, Relation] = {}
        for each in parse(self.read(path), path):
            type_, target = each.get("Type", ""), each.get("Target", "")
            if type_.startswith(_STRICT):
                # ISO's strict variety: other namespaces throughout. Hardly any program writes it.
                raise NotCleanable(Why.UNKNOWN_FORMAT)
            known = type_.startswith((OFFICE, *_MICROSOFT))
            external = each.get("TargetMode") == "External"
            if not external:
                target = unquote(target.partition("#")[0])
                target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            relations[each.get("Id", "")] = Relation(
                type_.rpartition("/")[2] if known else "", type_, target, external
            )
        return relations

    def allows(self, relation: Relation) -> bool:
        """Whether it is kept and followed."""
        if relation.external:
            return relation.kind == "hyperlink" and relation.target.lower().strip().startswith(SAFE_SCHEMES)
        return (relation.kind in self._kinds or relation.kind in MEDIA) and self.member(
            relation.target
        ) is not None

    def _name(self, name: str, kind: str, ending: str = "") -> str:
        """The name of a part in the result; a new one is put in line."""
        member = self.member(name)
        if member is None:
            raise NotCleanable(Why.DAMAGED, name)
        if member.name in self._new_names:
            return self._new_names[member.name]
        path = f"{self._folder}/media/media{{}}.{ending}" if kind in MEDIA else self._kinds[kind].path
        if "{}" in path:
            self._numbers[path] = self._numbers.get(path, 0) + 1
            path = path.format(self._numbers[path])
        elif path in self._new_names.values():
            raise NotCleanable(Why.DAMAGED, name)
        self._new_names[member.name] = path
        if kind not in MEDIA:
            self._queue.append((member.name, kind))
        return path

    def _part(self, name: str, kind: str) -> None:
        rules = self._kinds[kind]
        part = Part(name, self._new_names[name], kind, self, self.relations_of(name))
        root = parse(self.read(name), name)
        for each in root.iter("{*}absPath"):
            self.findings.add(Trace.PATH, "absPath url", each.get("url", ""))
        choose(root)
        if rules.clean is not None:
            rules.clean(root, part)
        _drop_extensions(root, self.findings)
        hold_to(root, NAMES, self.gone)
        if rules.settle is not None:
            rules.settle(root)
        unseen.drop_words_between(root, WITH_WORDS.__contains__, self.findings)
        unseen.drop_places(root, self.findings)
        seams.close(root)
        self._relate(root, part)
        _keep_prefixes(root)
        self._done[part.new_name] = serialise(root)
        self._types[part.new_name] = rules.content_type

    def gone(self, name: str, value: str) -> None:
        """Notes an element or attribute that is in no list."""
        # An attribute without a value says nothing.
        if (value or " " not in name) and (trace := trace_of(name)):
            self.findings.add(trace, name, value)

    def _relate(self, root: Element, part: Part) -> None:
        """New ids for the relations that are used; what names others goes, with the element where it means nothing then."""
        lines: list[tuple[str, str, str, bool]] = []
        ids: dict[str, str] = {}

        def line(relation: Relation) -> str:
            if relation.external:
                self.notes.text(relation.target)
                lines.append((f"rId{len(lines) + 1}", relation.type, relation.target, True))
            else:
                target = (
                    self._media(relation)
                    if relation.kind in MEDIA
                    else self._name(relation.target, relation.kind)
                )
                lines.append((f"rId{len(lines) + 1}", relation.type, _relative(part.new_name, target), False))
            return lines[-1][0]

        lost: list[Element] = []
        for each in root.iter():
            if each.tag == _DATA_MODEL:
                # It names the diagram's drawing by a relation of the slide that holds the diagram.
                if (drawn := self._owners.get(part.name.lower(), {}).get(each.get("relId", ""))) is None:
                    lost.append(each)
                else:
                    each.set("relId", drawn)
                continue
            # In the order in which they are written, so that a second cleaning numbers them alike.
            for key in sorted(str(key) for key in each.attrib if _leads(str(key))):
                old = each.get(key) or ""
                if not old and each.get("action"):
                    # A jump to the next slide and the like names no part.
                    continue
                relation = part.relations.get(old)
                if old not in ids and relation is not None and self.allows(relation):
                    ids[old] = line(relation)
                if old in ids:
                    each.set(key, ids[old])
                    continue
                if relation is not None:
                    trace = Trace.PATH if relation.external else Trace.EMBEDDED
                    self.findings.add(trace, f"{local(tag_of(each))} {local(key)}", relation.target)
                del each.attrib[key]
                lost.append(each)
        for each in lost:
            if tag_of(each) == f"{{{W}}}hyperlink":
                # What was a link stays as words.
                if not _names_a_part(each):
                    unwrap(each)
            elif local(tag_of(each)) in MEANS_NOTHING_WITHOUT_ITS_PART and not _names_a_part(each):
                remove(each)
        for id_, relation in part.relations.items():
            implied = (
                not relation.external and relation.kind in self._kinds and self._kinds[relation.kind].implied
            )
            if implied and id_ not in ids and self.allows(relation):
                ids[id_] = line(relation)
        for id_ in list(ids):
            if part.relations[id_].kind == "diagramData":
                self._owners.setdefault(part.relations[id_].target.lower(), ids)
        if lines:
            self._relations[part.new_name] = _relations_xml(lines)

    def _media(self, relation: Relation) -> str:
        member = self.member(relation.target)
        if member is None:
            raise NotCleanable(Why.DAMAGED, relation.target)
        if member.name in self._new_names:
            return self._new_names[member.name]
        data, format_ = clean_media(self.reader.read(member), member.name, self.notes)
        ending = format_.neutral[1].lstrip(".")
        new_name = self._name(member.name, relation.kind, ending)
        self._done[new_name] = data
        self._endings[ending] = format_.media_type
        return new_name

    def _write(self, out: Writer) -> None:
        writer = ZipWriter(out)
        types = etree.Element(f"{{{_TYPES}}}Types", nsmap=_default(_TYPES))
        for ending, type_ in sorted(
            {**self._endings, "rels": _RELATIONSHIPS_TYPE, "xml": "application/xml"}.items()
        ):
            etree.SubElement(types, f"{{{_TYPES}}}Default", Extension=ending, ContentType=type_)
        for name, type_ in self._types.items():
            etree.SubElement(types, f"{{{_TYPES}}}Override", PartName="/" + name, ContentType=type_)
        writer.add(CONTENT_TYPES, serialise(types))
        main = next(iter(self._types))
        writer.add("_rels/.rels", _relations_xml([("rId1", OFFICE + "officeDocument", main, False)]))
        for name, data in self._done.items():
            writer.add(name, data, stored=name not in self._types)
            if name in self._relations:
                folder, _slash, base = name.rpartition("/")
                writer.add(f"{folder}/_rels/{base}.rels", self._relations[name])
        writer.finish()


_DATA_MODEL = f"{{{DSP}}}dataModelExt"
_IN_RELATIONS = f"{{{R}}}"
MEDIA = frozenset({"image", "audio", "video", "media"})

MEANS_NOTHING_WITHOUT_ITS_PART = names_in(
    """
    headerReference footerReference hlinkClick hlinkMouseOver hlinkHover sldId sldMasterId sldLayoutId notesMasterId
    tablePart drawing legacyDrawingHF picture hyperlink audioFile videoFile wavAudioFile snd media dataModelExt
    userShapes relIds chart imagedata buBlip sheet wAudio
    """
)


def _leads(key: str) -> bool:
    """Whether the attribute of this name holds the id of a relation."""
    return key.startswith(_IN_RELATIONS) or key.endswith("}relid")


def _names_a_part(element: Element) -> bool:
    return any(
        str(key).startswith(f"{{{R}}}") or str(key) in ("location", f"{{{W}}}anchor")
        for key in element.attrib
    )


def _relative(source: str, target: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(source))


def _default(space: str) -> dict[str, str]:
    """One namespace without a prefix; the stubs know none but texts as keys."""
    return cast("dict[str, str]", {None: space})


def _relations_xml(lines: list[tuple[str, str, str, bool]]) -> bytes:
    root = etree.Element(f"{{{_RELATIONSHIPS}}}Relationships", nsmap=_default(_RELATIONSHIPS))
    for id_, type_, target, external in lines:
        one = etree.SubElement(root, f"{{{_RELATIONSHIPS}}}Relationship", Id=id_, Type=type_, Target=target)
        if external:
            one.set("TargetMode", "External")
    return serialise(root)


def choose(root: Element) -> None:
    """Settles alternate content (29500-3): the first choice whose namespaces are all known here, else the fallback.

    A choice stays marked as one, since older readers must not meet it; the fallback beside it, a second copy, goes.
    """
    for block in list(root.iter(f"{{{MC}}}AlternateContent")):
        kept = None
        for choice in block.findall(f"{{{MC}}}Choice"):
            needed = [choice.nsmap.get(prefix) for prefix in choice.get("Requires", "").split()]
            if needed and all(each in CHOICES for each in needed):
                kept = choice
                break
        fallback = block.find(f"{{{MC}}}Fallback")
        for child in list(block):
            if child is not kept and not (kept is None and child is fallback):
                block.remove(child)
        if kept is None:
            if fallback is not None:
                unwrap(fallback)
            unwrap(block)


def _drop_extensions(root: Element, findings: Findings) -> None:
    for block in list(root.iter("{*}extLst")):
        for each in list(block):
            if not any(tag_of(child) in EXTENSIONS for child in each):
                for child in each:
                    if trace := trace_of(local(tag_of(child))):
                        findings.add(
                            trace,
                            f"extension {local(tag_of(child))}",
                            " ".join(map(str, child.attrib.values())),
                        )
                block.remove(each)
        if not len(block):
            remove(block)


def _keep_prefixes(root: Element) -> None:
    """Only the namespaces that are used stay declared: the long lists of them tell the program's version."""
    required = {
        prefix for each in root.iter(f"{{{MC}}}Choice") for prefix in each.get("Requires", "").split()
    }
    ignorable = f"{{{MC}}}Ignorable"
    listed = attribute(root, ignorable).split()
    used = {uri for each in root.iter() for uri in _namespaces_of(each)} if listed else set()
    kept = [
        prefix
        for prefix in listed
        if root.nsmap.get(prefix) in used and root.nsmap.get(prefix) in NAMES.namespaces
    ]
    if kept:
        root.set(ignorable, " ".join(kept))
    for each in root.iterfind(f".//*[@{ignorable}]"):
        attribute(each, ignorable)
    etree.cleanup_namespaces(root, keep_ns_prefixes=sorted(required | set(kept)))


def _namespaces_of(element: Element) -> set[str]:
    names = [tag_of(element), *map(str, element.attrib)]
    return {each[1:].partition("}")[0] for each in names if each.startswith("{")}


_TRACES: tuple[tuple[Trace, frozenset[str]], ...] = (
    (
        Trace.AUTHOR,
        names_in("author initials userid username providerid ed edgrp lasteditedby refreshedby creator user"),
    ),
    (Trace.DATE, names_in("date dateutc fulldate created modified refresheddate dt")),
    (
        Trace.HISTORY,
        names_in("ins del moveto movefrom prooferr lastrenderedpagebreak rsids rsid trackrevisions"),
    ),
    (
        Trace.IDENTIFIER,
        names_in("paraid textid durableid uid creationid docid nsid tmpl tplc guid modid randomid editid"),
    ),
    (
        Trace.COMMENT,
        names_in("commentrangestart commentrangeend commentreference comment annotationref"),
    ),
    (Trace.PATH, names_in("abspath src href url attachedtemplate title invalidurl")),
    (Trace.SOFTWARE, names_in("fileversion appname lastedited lowestedited rupbuild")),
    (Trace.DEVICE, names_in("papersrc printersettings horizontaldpi verticaldpi")),
    (Trace.ACTIVE, names_in("macro entrymacro exitmacro control controls oleobj oleobject ole")),
)


#: Settings of views and defaults that every program writes: gone, and nothing to tell of.
_PLAIN = names_in(
    """
    latentstyles lsdexception zoom view proofstate defaulttabtable alwaysshowplaceholdertext saveinvalidxml
    ignoremixedcontent noproof locked hidden captions decimalsymbol listseparator divid targetscreensz tag alias id
    placeholder storemappeddataas doccategory docpartcategory aliases selection hidespellingerrors
    hidegrammaticalerrors compatsetting cm vm ignorederrors ignorederror extlst conformance formatpalette clrmru
    dgmlayout relid filtermode published backupfile showobjects datecompatibility bwmode copies autofilterdategrouping
    calcid xwindow ywindow windowwidth windowheight showleaderlines dirty smtclean err
    """
)


def trace_of(name: str) -> Trace | None:
    """The sort of trace of something in no list, by the last word of its name; ``None`` says that it isn't worth a word."""
    word = local(name).rpartition(" ")[2].lower()
    if word in _PLAIN:
        return None
    if word.startswith("rsid") or word.endswith("prchange"):
        return Trace.HISTORY
    for trace, names in _TRACES:
        if word in names:
            return trace
    return Trace.OTHER
