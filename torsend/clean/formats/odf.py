"""OpenDocument packages (OASIS, part 3): text, spreadsheet, presentation. From the content on, nothing else."""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote

from lxml import etree

from torsend.clean.formats import leftovers, odf_content, odf_words, unseen
from torsend.clean.formats.format import Format, NotCleanable, Notes, Writer
from torsend.clean.formats.media import clean_media
from torsend.clean.formats.odf_names import HREF, MANIFEST, META, NAMES, OFFICE
from torsend.clean.formats.xml_part import Element, Findings, hold_to, local, parse, serialise, tag_of
from torsend.clean.formats.zip_package import ZipReader, ZipWriter
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from torsend.clean.formats.zip_package import Member

_PREFIX = "application/vnd.oasis.opendocument."
_MANIFEST = "META-INF/manifest.xml"
_PARTS = ("content.xml", "styles.xml", "settings.xml")
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")
"""LibreOffice takes a package for broken whose manifest and content are of different ones."""
_NAMED_IN_VALUES = ("of", "ooow", "oooc", "msoxl", "ooo")
"""Prefixes that stand in values (``of:=SUM(…)``, ``ooo:configuration-settings``): their declarations stay."""
DEEPEST = 3
"""Objects within objects."""


class Package:
    """Reads one OpenDocument package and writes the cleaned one."""

    def __init__(self, reader: ZipReader, media_type: str, notes: Notes) -> None:
        self._reader = reader
        self._media_type = media_type
        self._notes = notes
        self._findings = Findings(notes)
        self._members = {each.name: each for each in reader.members if not each.is_directory}
        self._reached: set[str] = set()
        self._new_names: dict[str, str] = {}
        self._done: dict[str, tuple[bytes, str]] = {}
        self._objects = 0
        self._version = "1.2"

    def clean(self, out: Writer) -> None:
        """Everything from ``content.xml`` on."""
        self._refuse_locked()
        self._document("", "", self._media_type, depth=0)
        self._write(out)
        left = [name for name in self._members if name not in self._reached | {"mimetype", _MANIFEST}]
        leftovers.tell(left, self._read, self._findings)

    def _refuse_locked(self) -> None:
        for name in self._members:
            if name.startswith("META-INF/") and "signatures" in name:
                raise NotCleanable(Why.SIGNED)
        if (manifest := self._members.get(_MANIFEST)) is None:
            return
        # Not parsed: those of old programs name a document type, and leave namespaces to it.
        if b"encryption-data" in self._reader.read(manifest):
            raise NotCleanable(Why.ENCRYPTED)

    def _read(self, name: str) -> bytes:
        member = self._members.get(name)
        if member is None:
            raise NotCleanable(Why.DAMAGED, name)
        return self._reader.read(member)

    def _document(self, old: str, new: str, media_type: str, *, depth: int) -> None:
        """The document or an object in it, that lies in the folder ``old`` (``""`` or with a slash at its end)."""
        if depth > DEEPEST:
            raise NotCleanable(Why.HOLDS_UNCLEANABLE, old)
        if old + "content.xml" not in self._members:
            raise NotCleanable(Why.DAMAGED, old + "content.xml")
        self._done[new or "/"] = (b"", media_type)
        trees = {
            part: parse(self._read(old + part), old + part) for part in _PARTS if old + part in self._members
        }
        odf_content.Cleaning(trees, self._findings, self._notes, self._generator()).run()
        if not old and (version := trees["content.xml"].get(f"{{{OFFICE}}}version")) in VERSIONS:
            self._version = version
        for part, root in trees.items():
            self._reached.add(old + part)
            if part == "settings.xml" and not len(root):
                continue
            hold_to(root, NAMES, self._gone)
            unseen.drop_words_between(root, odf_words.holds_words, self._findings)
            unseen.drop_places(root, self._findings)
            self._links(root, old, new, depth)
            etree.cleanup_namespaces(root, keep_ns_prefixes=list(_NAMED_IN_VALUES))
            self._done[new + part] = (serialise(root), "text/xml")

    def _generator(self) -> str:
        if "meta.xml" not in self._members:
            return ""
        try:
            root = parse(self._read("meta.xml"), "meta.xml")
        except NotCleanable:
            # It isn't in the result whatever it is.
            return ""
        return next((each.text or "" for each in root.iter(f"{{{META}}}generator")), "")

    def _gone(self, name: str, value: str) -> None:
        if trace := odf_content.trace_of(name):
            self._findings.add(trace, name, value)

    def _links(self, root: Element, old: str, new: str, depth: int) -> None:
        """Links within the package lead to cleaned media and objects, links of readers stay, others were taken out."""
        for each in list(root.iter()):
            link = each.get(HREF)
            if not link or odf_content.is_for_readers(link):
                continue
            # Objects call their pictures from where they lie; a link never leaves the package.
            path = posixpath.normpath(posixpath.join(old, unquote(link))).removeprefix("./")
            if path + "/content.xml" in self._members:
                each.set(HREF, "./" + posixpath.relpath(self._object(path, depth), new or "."))
            elif (member := self._members.get(path)) is not None:
                each.set(HREF, posixpath.relpath(self._media(member), new or "."))
            else:
                odf_content.drop_link(each)

    def _object(self, path: str, depth: int) -> str:
        if path not in self._new_names:
            self._objects += 1
            self._new_names[path] = f"Object {self._objects}"
            media_type = _object_type(parse(self._read(path + "/content.xml"), path))
            self._document(path + "/", self._new_names[path] + "/", media_type, depth=depth + 1)
        return self._new_names[path]

    def _media(self, member: Member) -> str:
        if member.name not in self._new_names:
            data, format_ = clean_media(self._reader.read(member), member.name, self._notes)
            folder = "Pictures" if format_.media_type.startswith("image/") else "Media"
            number = sum(1 for name in self._new_names.values() if "/" in name) + 1
            self._new_names[member.name] = f"{folder}/media{number}{format_.neutral[1]}"
            self._done[self._new_names[member.name]] = (data, format_.media_type)
            self._reached.add(member.name)
        return self._new_names[member.name]

    def _write(self, out: Writer) -> None:
        writer = ZipWriter(out)
        writer.add("mimetype", self._media_type.encode(), stored=True)
        manifest = etree.Element(f"{{{MANIFEST}}}manifest", nsmap={"manifest": MANIFEST})
        manifest.set(f"{{{MANIFEST}}}version", self._version)
        for name, (data, media_type) in self._done.items():
            one = etree.SubElement(manifest, f"{{{MANIFEST}}}file-entry")
            one.set(f"{{{MANIFEST}}}full-path", name)
            one.set(f"{{{MANIFEST}}}media-type", media_type)
            if name == "/":
                one.set(f"{{{MANIFEST}}}version", self._version)
            elif not name.endswith("/"):
                writer.add(name, data, stored=media_type != "text/xml")
        writer.add(_MANIFEST, serialise(manifest))
        writer.finish()


def _object_type(root: Element) -> str:
    if local(tag_of(root)) == "math":
        return _PREFIX + "formula"
    body = root.find("{*}body")
    kind = local(tag_of(body[0])) if body is not None and len(body) else ""
    names = {
        "chart": "chart",
        "text": "text",
        "spreadsheet": "spreadsheet",
        "presentation": "presentation",
        "drawing": "graphics",
    }
    if kind not in names:
        raise NotCleanable(Why.DAMAGED)
    return _PREFIX + names[kind]


def clean(media_type: str, source: BinaryIO, out: Writer, notes: Notes) -> None:
    """Cleans one OpenDocument package."""
    reader = ZipReader(source)
    Package(reader, media_type, notes).clean(out)
    if reader.comment:
        notes.remove(Trace.COMMENT, "ZIP comment", reader.comment.decode("utf-8", "replace"))
    notes.keep(Left.WORDS)
    notes.keep(Left.LAYOUT)


def _never(_beginning: bytes) -> bool:
    """These are known by what lies in the package: see ``recognise``."""
    return False


def _format(kind: str, name: str, stem: str) -> Format:
    return Format(name, _PREFIX + kind, _never, partial(clean, _PREFIX + kind), (stem, "." + name.lower()))


FORMATS = (
    _format("text", "ODT", "document"),
    _format("spreadsheet", "ODS", "table"),
    _format("presentation", "ODP", "slides"),
    _format("text-template", "OTT", "document"),
    _format("spreadsheet-template", "OTS", "table"),
    _format("presentation-template", "OTP", "slides"),
)


def recognise(reader: ZipReader) -> Format | None:
    """The format of a ZIP package, ``None`` if it is no OpenDocument.

    Raises:
        NotCleanable: an OpenDocument of a kind that isn't known here.
    """
    mark = next((each for each in reader.members if each.name == "mimetype"), None)
    if mark is None or mark.size > 200:
        return None
    media_type = reader.read(mark).decode("ascii", "replace").strip()
    if not media_type.startswith(_PREFIX):
        return None
    for each in FORMATS:
        if each.media_type == media_type:
            return each
    raise NotCleanable(Why.UNKNOWN_FORMAT)
