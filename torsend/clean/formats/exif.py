"""What Exif, XMP, IPTC and Photoshop's blocks tell. All of it goes; here it is read to be shown, and for the one thing
in it that the eye sees: which way up the picture is.

Nothing that is read here gets into a result, so reading is lenient: what can't be read is removed as well.
"""

from __future__ import annotations

import re
import struct
from fractions import Fraction
from typing import TYPE_CHECKING

from torsend.clean.formats import ifd
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torsend.clean.formats.format import Notes

_ORIENTATION, _EXIF, _GPS, _INTEROPERABILITY, _SUB = 0x0112, 0x8769, 0x8825, 0xA005, 0x014A
_MAKER_NOTE, _USER_COMMENT = 0x927C, 0x9286
_XP = range(0x9C9B, 0x9CA0)
"""Windows' own: title, comment, author, keywords, subject, in UTF-16."""
_STRUCTURE = frozenset(
    {
        "ImageWidth", "ImageLength", "BitsPerSample", "Compression", "PhotometricInterpretation", "Orientation",
        "SamplesPerPixel", "PlanarConfiguration", "YCbCrSubSampling", "YCbCrPositioning", "YCbCrCoefficients",
        "XResolution", "YResolution", "ResolutionUnit", "ReferenceBlackWhite", "WhitePoint", "PrimaryChromaticities",
        "ExifOffset", "ExifVersion", "ComponentsConfiguration", "FlashPixVersion", "ColorSpace", "ExifImageWidth",
        "ExifImageHeight", "ExifInteroperabilityOffset", "GPSInfo", "InteropIndex", "InteropVersion", "Padding",
        "JpegIFOffset", "JpegIFByteCount", "StripOffsets", "StripByteCounts", "RowsPerStrip",
    }
)  # fmt: skip
"""What says how the picture is laid out. It goes too, but is no finding of its own."""
_MOST_DIRECTORIES = 16
_MOST_XMP = 1 << 20
"""Octets of XMP that are read; all of it is removed."""


def tell_exif(data: bytes, notes: Notes, *, where: str = "Exif") -> int:
    """Notes all that Exif tells. ``data`` begins with its TIFF head.

    Returns:
        The orientation, 1 to 8 (TIFF 6.0): 1 if it says none.
    """
    before = notes.counts.total()
    orientation = 1
    try:
        order = ifd.byte_order(data)
        entries, following = ifd.read(data, ifd.first_offset(data, order), order)
        tell_entries(entries, notes, data)
        for entry in entries:
            if entry.tag == _ORIENTATION:
                said = (*entry.integers(), 1)[0]
                orientation = said if 1 <= said <= 8 else 1
        if following:
            small, _ = ifd.read(data, following, order)
            if small:
                notes.remove(Trace.THUMBNAIL, f"{where} thumbnail", _sizes(small))
    except (ValueError, struct.error, OverflowError):
        notes.remove(Trace.OTHER, where, f"{len(data)} bytes")
    if notes.counts.total() == before:
        notes.remove(Trace.OTHER, where, f"{len(data)} bytes")
    return orientation


def tell_entries(entries: list[ifd.Entry], notes: Notes, data: bytes) -> None:
    """Notes all that a directory and those below it tell."""
    from PIL import ExifTags

    waiting = [(entries, ExifTags.TAGS)]
    done = 0
    while waiting and done < _MOST_DIRECTORIES:
        directory, names = waiting.pop(0)
        done += 1
        if names is ExifTags.GPSTAGS:
            _tell_position(directory, notes)
        for entry in directory:
            if entry.tag in (_EXIF, _GPS, _INTEROPERABILITY, _SUB) and names is ExifTags.TAGS:
                below = {_GPS: ExifTags.GPSTAGS}.get(entry.tag, ExifTags.TAGS)
                for offset in entry.integers()[:4]:
                    try:
                        waiting.append((ifd.read(data, offset, entry.order)[0], below))
                    except (ValueError, struct.error):
                        notes.remove(Trace.OTHER, names.get(entry.tag, hex(entry.tag)))
                continue
            _tell(entry, names, notes)


def _tell(entry: ifd.Entry, names: Mapping[int, str], notes: Notes) -> None:
    name = names.get(entry.tag, f"tag {entry.tag:#06x}")
    if name in _STRUCTURE:
        return
    if entry.tag in _XP:
        value = entry.raw.decode("utf-16-le", "replace").rstrip("\0")
    elif entry.tag == _USER_COMMENT:
        value = _comment(entry)
    else:
        value = entry.text()
    if name.startswith("GPS"):
        notes.remove(Trace.LOCATION, name, value)
    elif value:
        notes.remove(sort(name), name, value)


def _comment(entry: ifd.Entry) -> str:
    """UserComment: eight octets say in which characters the rest is."""
    code, rest = entry.raw[:8], entry.raw[8:]
    if code == b"UNICODE\0":
        return rest.decode("utf-16-le" if entry.order == "<" else "utf-16-be", "replace").strip("\0 ")
    return ifd.printable(rest)


def _sizes(directory: list[ifd.Entry]) -> str:
    length = next((entry.integers() for entry in directory if entry.tag == 0x0202), ())
    return f"{length[0]} bytes" if length else ""


def _tell_position(directory: list[ifd.Entry], notes: Notes) -> None:
    """The place in degrees, as a map takes them."""
    values = {entry.tag: entry for entry in directory}
    place = []
    for reference, tag, negative in ((1, 2, "S"), (3, 4, "W")):
        if tag not in values:
            return
        parts = (*values[tag].numbers(), Fraction(0), Fraction(0), Fraction(0))[:3]
        degrees = sum(float(part) / 60**power for power, part in enumerate(parts))
        sign = -1 if reference in values and values[reference].text() == negative else 1
        place.append(f"{sign * degrees:.6f}")
    notes.remove(Trace.LOCATION, "position", ", ".join(place))


_SORTS = (
    (Trace.LOCATION, r"GPS|Location|City|Country|State|Province|Sublocation|Latitude|Longitude|Area"),
    (Trace.IDENTIFIER, r"UniqueID|DocumentID|InstanceID|GUID|UUID|Digest|ContentIdentifier|BurstID|[a-z]ID$"),
    (Trace.HISTORY, r"History|Derived|Ingredients|Pantry|Version(ID|s)"),
    (Trace.AUTHOR, r"Artist|Author|Creator(?!Tool)|Copyright|Owner|By-?line|Credit|Rights|Person|Writer|Contact|Email|Name"),
    (Trace.SOFTWARE, r"Software|CreatorTool|Agent|Program|Toolkit|xmptk|Processing"),
    (Trace.DATE, r"Date|OffsetTime|SubsecTime|SubSecTime|TimeZone|TimeStamp|(?<!re)Time$"),
    (Trace.PATH, r"HostComputer|Path|File"),
    (Trace.THUMBNAIL, r"Thumbnail|Preview"),
    (Trace.COMMENT, r"Comment|Description|Title|Subject|Keyword|Caption|Headline|Rating|Label|Instructions|Category"),
    (
        Trace.DEVICE,
        (r"Make|Model|Serial|Lens|Camera|Exposure|FNumber|ISO|Shutter|Aperture|Brightness|Metering|Flash|Focal|Sens"
        r"|WhiteBalance|Zoom|Scene|Gain|Contrast|Saturation|Sharpness|Device|LightSource|Distance|CFA|SubjectRange"
        r"|Scanner|Printer|InkNames|Rendered"),
    ),
)  # fmt: skip
_PATTERNS = tuple((trace, re.compile(pattern)) for trace, pattern in _SORTS)


def sort(name: str) -> Trace:
    """Which sort of trace something of this name is."""
    title = name[:1].upper() + name[1:]
    for trace, pattern in _PATTERNS:
        if pattern.search(title):
            return trace
    return Trace.OTHER


_ATTRIBUTE = re.compile(
    r"""\b[A-Za-z][\w.-]{0,40}:([A-Za-z][\w.-]{0,60})\s?=\s?(?:"([^"<]{1,400})"|'([^'<]{1,400})')"""
)
_ELEMENT = re.compile(r"<([A-Za-z][\w.-]{0,40}):([A-Za-z][\w.-]{0,60})(?:\s[^<>]{0,400})?>([^<]*)")
_INNER = frozenset({"Seq", "Bag", "Alt", "li", "Description", "RDF", "xmpmeta"})
_GRAMMAR = frozenset({"about", "parseType", "resource", "lang", "x", "rdf"})


def tell_xmp(data: bytes, notes: Notes) -> None:
    """Notes what an XMP packet tells (ISO 16684-1), as far as its names and values can be seen without parsing XML."""
    before = notes.counts.total()
    words = data[:_MOST_XMP].decode(
        "utf-16" if data[:2] in (b"\xfe\xff", b"\xff\xfe") else "utf-8", "replace"
    )
    for found in _ATTRIBUTE.finditer(words):
        name, value = found[1], found[2] or found[3]
        if name not in _GRAMMAR and not found[0].startswith("xmlns:"):
            notes.remove(sort(name), name, value)
    outer = ""
    for found in _ELEMENT.finditer(words):
        name, value = found[2], found[3].strip()
        if name not in _INNER:
            outer = name
        if value:
            notes.remove(sort(outer or name), outer or name, value)
    if notes.counts.total() == before:
        notes.remove(Trace.OTHER, "XMP", f"{len(data)} bytes")


_IPTC = {
    5: (Trace.COMMENT, "ObjectName"), 25: (Trace.COMMENT, "Keywords"), 55: (Trace.DATE, "DateCreated"),
    60: (Trace.DATE, "TimeCreated"), 65: (Trace.SOFTWARE, "OriginatingProgram"), 80: (Trace.AUTHOR, "By-line"),
    85: (Trace.AUTHOR, "By-lineTitle"), 90: (Trace.LOCATION, "City"), 92: (Trace.LOCATION, "Sub-location"),
    95: (Trace.LOCATION, "Province-State"), 101: (Trace.LOCATION, "Country"), 105: (Trace.COMMENT, "Headline"),
    110: (Trace.AUTHOR, "Credit"), 115: (Trace.AUTHOR, "Source"), 116: (Trace.AUTHOR, "CopyrightNotice"),
    118: (Trace.AUTHOR, "Contact"), 120: (Trace.COMMENT, "Caption"), 122: (Trace.AUTHOR, "Writer-Editor"),
}  # fmt: skip


def tell_iptc(data: bytes, notes: Notes) -> None:
    """Notes what IPTC's datasets tell (IIM 4.2)."""
    at = 0
    before = notes.counts.total()
    while at + 5 <= len(data) and data[at] == 0x1C:
        record, number, length = struct.unpack_from(">BBH", data, at + 1)
        if length & 0x8000:
            break  # longer than any text
        value = data[at + 5 : at + 5 + length]
        if record == 2 and number:
            trace, name = _IPTC.get(number, (Trace.OTHER, f"IPTC 2:{number}"))
            notes.remove(trace, name, ifd.printable(value))
        at += 5 + length
    if notes.counts.total() == before:
        notes.remove(Trace.OTHER, "IPTC", f"{len(data)} bytes")


def tell_photoshop(data: bytes, notes: Notes) -> None:
    """Notes what Photoshop's image resources tell (Adobe Photoshop File Formats)."""
    at = 0
    before = notes.counts.total()
    while at + 12 <= len(data) and data[at : at + 4] == b"8BIM":
        (number,) = struct.unpack_from(">H", data, at + 4)
        named = data[at + 6]
        head = at + 6 + (named + 2) // 2 * 2
        if head + 4 > len(data):
            break
        (length,) = struct.unpack_from(">I", data, head)
        content = data[head + 4 : head + 4 + length]
        if number == 0x0404:
            tell_iptc(content, notes)
        elif number in (0x0422, 0x0423):
            tell_exif(content, notes)
        elif number == 0x0424:
            tell_xmp(content, notes)
        elif number in (0x0409, 0x040C):
            notes.remove(Trace.THUMBNAIL, "Photoshop thumbnail", f"{length} bytes")
        else:
            notes.remove(Trace.SOFTWARE, f"Photoshop {number:#06x}", f"{length} bytes")
        at = head + 4 + length + length % 2
    if notes.counts.total() == before:
        notes.remove(Trace.SOFTWARE, "Photoshop", f"{len(data)} bytes")
