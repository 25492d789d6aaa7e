"""Parts of an office document that are not in the cleaned one: what they said, for "What was removed"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.xml_part import Element, Findings, local, names_in, parse, tag_of, text_of
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_LISTED = 500
_SORTS: tuple[tuple[Trace, re.Pattern[str]], ...] = tuple(
    (trace, re.compile(pattern, re.IGNORECASE))
    for trace, pattern in (
        (Trace.THUMBNAIL, r"thumbnail"),
        (Trace.ACTIVE, r"vba|macro|activex|ctrlprop|^basic/|^scripts/|^dialogs/|webextension"),
        (Trace.DEVICE, r"printersettings"),
        (Trace.COMMENT, r"comments|notesslide|commentauthors"),
        (Trace.AUTHOR, r"people|persons?/|person\.xml|revisions/usernames"),
        (Trace.HISTORY, r"revision|calcchain|versions"),
        (
            Trace.SOFTWARE,
            r"theme|glossary|stylesWithEffects|websettings|layout-cache|notesmaster|handoutmaster|props\.xml",
        ),
        (Trace.PATH, r"externallink|connections|querytable"),
        (Trace.EMBEDDED, r"embeddings|fonts?/|pivotcache|object|media|pictures"),
    )
)
_PROPERTIES: tuple[tuple[Trace, re.Pattern[str]], ...] = tuple(
    (trace, re.compile(pattern, re.IGNORECASE))
    for trace, pattern in (
        (Trace.AUTHOR, r"creator|author|lastmodifiedby|manager|company|printed-by|user"),
        (Trace.DATE, r"created|modified|date|lastprinted"),
        (Trace.SOFTWARE, r"application|appversion|template|generator|docsecurity"),
        (Trace.HISTORY, r"revision|totaltime|editing|version"),
        (Trace.PATH, r"hyperlinkbase|hlinks|links"),
        (Trace.COMMENT, r"title|subject|description|keyword|category|contentstatus|comment|language"),
    )
)
_COUNTS = names_in(
    "Pages Words Characters Lines Paragraphs CharactersWithSpaces Slides Notes HiddenSlides MMClips ScaleCrop"
    " PresentationFormat LinksUpToDate SharedDoc HyperlinksChanged document-statistic i4 lpstr"
)


def tell(names: Iterable[str], read: Callable[[str], bytes], findings: Findings) -> None:
    """Notes each part that stays behind; of properties and comments what they say."""
    for at, name in enumerate(names):
        if at >= MOST_LISTED:
            return
        low = name.lower()
        if re.search(r"docprops/(core|app|custom)|^meta\.xml$", low):
            _properties(name, read, findings)
            continue
        sort = next((trace for trace, pattern in _SORTS if pattern.search(low)), Trace.OTHER)
        said = ""
        if sort in (Trace.COMMENT, Trace.AUTHOR, Trace.PATH) and low.endswith(".xml"):
            said = _words(name, read, findings)
        findings.add(sort, name, said)


def _tree(name: str, read: Callable[[str], bytes]) -> Element | None:
    try:
        return parse(read(name), name)
    except NotCleanable:
        # It isn't in the result whatever it is.
        return None


def _words(name: str, read: Callable[[str], bytes], findings: Findings) -> str:
    root = _tree(name, read)
    if root is None:
        return ""
    short = name.rpartition("/")[2]
    for each in root.iter():
        for key, value in each.attrib.items():
            word = local(str(key))
            if word in ("author", "name", "displayName", "userId", "initials") and value:
                findings.add(Trace.AUTHOR, f"{short} {word}", str(value))
            elif word in ("date", "dt", "dT") and value:
                findings.add(Trace.DATE, f"{short} {word}", str(value))
        if local(tag_of(each)) == "author" and each.text:
            findings.add(Trace.AUTHOR, f"{short} author", each.text)
    return text_of([root])


def _properties(name: str, read: Callable[[str], bytes], findings: Findings) -> None:
    root = _tree(name, read)
    if root is None:
        findings.add(Trace.OTHER, name)
        return
    for each in root.iter():
        text = (each.text or "").strip()
        word = (
            each.get("name")
            or each.get("{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}name")
            or local(tag_of(each))
        )
        if local(tag_of(each)) == "property":
            continue
        parent = each.getparent()
        if parent is not None and local(tag_of(parent)) == "property":
            word = parent.get("name", word)
        if not text or word in _COUNTS:
            continue
        trace = next((trace for trace, pattern in _PROPERTIES if pattern.search(word)), Trace.OTHER)
        findings.add(trace, f"{name} {word}", text)


def comment(words: bytes, findings: Findings) -> None:
    """The comment of the ZIP file itself."""
    findings.add(Trace.COMMENT, "ZIP comment", words.decode("utf-8", "replace"))
