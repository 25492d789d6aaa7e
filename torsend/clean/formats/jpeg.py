"""JPEG (ITU-T T.81): unpacked to pixels and packed anew.

Copying the packed data would keep every pixel as it is, but also the encoder's tables, by which a camera's model and
firmware or a program's version can be told, and whatever lies between and behind the data that decoders read. So a
picture is unpacked, turned upright, brought to sRGB and packed with the tables of the standard's annex, at the quality
that is closest to what it had: with noisy pictures of 12 million pixels, the second packing moves pixels by less than the
first did (45 to 53 dB), and the file stays as large as it was.

What already is in the form that comes of this is passed through, so that cleaning twice changes nothing.

Nothing but the skeleton (tables, frame, scans) is given to the decoder; the rest is only read to be told.
"""

from __future__ import annotations

import functools
import io
import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import colours, exif, picture
from torsend.clean.formats.format import Format, NotCleanable, Notes, Writer
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from PIL import Image

NEEDS = (
    *colours.NEEDS, "PIL.ExifTags", "PIL.MpoImagePlugin", "PIL.TiffImagePlugin",
)  # fmt: skip

_SOI, _EOI, _SOS, _DQT, _DHT, _DRI, _COM = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD, 0xFE
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended, progressive; with Huffman codes. Others are found in laboratories."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD8), _SOI})
_APP0, _APP1, _APP2, _APP11, _APP13, _APP14 = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE
_JFIF = b"JFIF\0\1\1\0\0\1\0\1\0\0"
"""Version 1.01, no density, no thumbnail: as ours are written."""
_AFTER_SCAN = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
_MOST_SEGMENTS = 20_000
_MOST_SCANS = 200
"""A progressive picture has about ten; each costs the decoder as much as the whole picture."""
LEAST_QUALITY, MOST_QUALITY = 60, 98


@dataclass(slots=True)
class _Parts:
    """A file taken apart.

    Attributes:
        skeleton: all that the decoder needs.
        tables: the quantisation tables, in the order of the file.
        trailing: what lies behind the end.
        profile: pieces of the colour profile, by their numbers.
    """

    skeleton: bytearray = field(default_factory=lambda: bytearray(b"\xff\xd8"))
    tables: list[bytes] = field(default_factory=list)
    others: list[tuple[int, bytes]] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    scans: int = 0
    trailing: bytes = b""
    profile: dict[int, bytes] = field(default_factory=dict)

    def keep(self, marker: int, content: bytes) -> None:
        self.skeleton += struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """See `Format.clean`."""
    data = picture.read_all(source)
    parts = _take_apart(data)
    if parts.scans == 0:
        raise NotCleanable(Why.DAMAGED)
    picture.check_size(*parts.size)
    orientation = _tell(parts, notes)
    unpacked = picture.opened(bytes(parts.skeleton), "JPEG")
    notes.keep(Left.PIXELS)
    quality = _quality(parts.tables)
    ours = parts.scans == 1 and quality.exact and unpacked.mode in ("L", "RGB")
    if ours and bytes(parts.skeleton) == data:
        notes.keep(Left.STREAMS)
        out.write(data)
        return
    if not quality.exact:
        notes.remove(Trace.SOFTWARE, "quantization tables")
    profile = b"".join(parts.profile[each] for each in sorted(parts.profile)) or None
    _pack(unpacked, orientation, profile, quality.nearest, out)


def bare(data: bytes, notes: Notes) -> bytes:
    """A JPEG within another format: its packed pixels as they are, with nothing around them.

    For formats that say by themselves how the picture is turned and what its colours mean. The encoder's tables stay.
    """
    if not data.startswith(b"\xff\xd8"):
        raise NotCleanable(Why.DAMAGED)
    parts = _take_apart(data)
    if parts.scans == 0:
        raise NotCleanable(Why.DAMAGED)
    _tell(parts, notes)
    notes.keep(Left.STREAMS)
    return bytes(parts.skeleton)


def _pack(unpacked: Image.Image, orientation: int, profile: bytes | None, quality: int, out: Writer) -> None:
    from PIL import JpegImagePlugin

    sampling = JpegImagePlugin.get_sampling(unpacked) if unpacked.mode == "RGB" else 0
    if orientation > 4 and sampling == 1:
        sampling = 0  # halved across, it would have to be halved down
    if profile is not None and unpacked.mode == "RGB" and colours.is_srgb(profile):
        profile = None
    unpacked = colours.upright(colours.to_srgb(unpacked, profile), orientation)
    unpacked.info.clear()
    packed = io.BytesIO()
    try:
        unpacked.save(packed, "JPEG", quality=quality, subsampling=max(sampling, 0), optimize=True)
    except OSError:
        # All that an encoder can miss is memory.
        raise NotCleanable(Why.TOO_LARGE) from None
    out.write(packed.getvalue())


def _take_apart(data: bytes) -> _Parts:
    parts = _Parts()
    at = 2
    jfif = adobe = False
    while at + 2 <= len(data):
        if len(parts.others) > _MOST_SEGMENTS:
            raise NotCleanable(Why.DAMAGED)
        if data[at] != 0xFF:
            following = data.find(b"\xff", at)
            following = len(data) if following < 0 else following
            parts.others.append((0, data[at:following]))
            at = following
            continue
        while at < len(data) and data[at] == 0xFF:
            at += 1
        marker = data[at] if at < len(data) else _EOI
        at += 1
        if marker == _EOI:
            parts.trailing = data[at:]
            break
        if marker in _ALONE:
            continue
        if marker == 0:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        content = data[at + 2 : at + length]
        if length < 2 or len(content) != length - 2:
            raise NotCleanable(Why.DAMAGED)
        at += length
        if marker == _APP0 and content.startswith(b"JFIF\0") and not jfif:
            # Without it three components might be taken for red, green and blue.
            jfif = True
            parts.keep(_APP0, _JFIF)
            if len(content) > len(_JFIF):
                parts.others.append((marker, content))
        elif marker == _APP14 and content.startswith(b"Adobe") and len(content) >= 12 and not adobe:
            adobe = True
            parts.keep(_APP14, b"Adobe\0\x64\0\0\0\0" + content[11:12])
        elif marker in (_DQT, _DHT, _DRI) or marker in _FRAMES:
            if marker == _DQT:
                parts.tables += _tables_in(content)
            elif marker in _FRAMES:
                if parts.size != (0, 0):
                    raise NotCleanable(Why.DAMAGED)
                height, width = struct.unpack_from(">HH", content, 1)
                parts.size = (width, height)
            parts.keep(marker, content)
        elif marker == _SOS:
            parts.scans += 1
            if parts.scans > _MOST_SCANS:
                raise NotCleanable(Why.DAMAGED)
            parts.keep(marker, content)
            found = _AFTER_SCAN.search(data, at)
            end = found.start() if found else len(data)
            parts.skeleton += data[at:end]
            at = end
        elif 0xC0 <= marker <= 0xCF or marker in (0xDC, 0xDE, 0xDF):
            # Arithmetic coding, lossless, hierarchical, or a height that comes later.
            raise NotCleanable(Why.DAMAGED)
        else:
            parts.others.append((marker, content))
    parts.skeleton += b"\xff\xd9"
    return parts


def skeleton(data: bytes, notes: Notes) -> bytes:
    """Of JPEG within another format, or of the tables that several such share, what a decoder needs."""
    parts = _take_apart(data)
    if parts.others or parts.profile or parts.trailing.strip(b"\0"):
        notes.remove(Trace.OTHER, "segments within JPEG", f"{len(data) - len(parts.skeleton)} bytes")
    return bytes(parts.skeleton)


def _tables_in(content: bytes) -> list[bytes]:
    """Each with its octet of precision and number before it."""
    tables = []
    at = 0
    while at < len(content):
        size = 129 if content[at] >> 4 else 65
        tables.append(content[at : at + size])
        at += size
    return tables


def _tell(parts: _Parts, notes: Notes) -> int:
    """Notes what is not in the skeleton; returns the orientation."""
    orientation = 1
    extended: list[bytes] = []
    provenance = 0
    for marker, content in parts.others:
        kind = (marker, content.partition(b"\0")[0])
        match kind:
            case (0xE1, b"Exif"):
                said = exif.tell_exif(content[6:], notes)
                orientation = said if orientation == 1 else orientation
            case (0xE1, b"http://ns.adobe.com/xap/1.0/"):
                exif.tell_xmp(content.partition(b"\0")[2], notes)
            case (0xE1, b"http://ns.adobe.com/xmp/extension/"):
                extended.append(content.partition(b"\0")[2][40:])
            case (0xE2, b"ICC_PROFILE") if len(content) > 14:
                parts.profile[content[12]] = content[14:]
            case (0xE2, b"MPF"):
                notes.remove(Trace.EMBEDDED, "MPF (further pictures)")
            case (0xE2, b"urn:iso:std:iso:ts:21496:-1"):
                notes.remove(Trace.OTHER, "gain map")
            case (0xED, b"Photoshop 3.0"):
                exif.tell_photoshop(content.partition(b"\0")[2], notes)
            case (0xEB, _) if content.startswith(b"JP"):
                provenance += len(content)
            case (0xFE, _):
                notes.remove(Trace.COMMENT, "comment", content.decode("utf-8", "replace"))
            case (0xE0, _):
                notes.remove(Trace.THUMBNAIL, "JFIF thumbnail", f"{len(content)} bytes")
            case (0, _):
                notes.remove(Trace.OTHER, "bytes between segments", f"{len(content)} bytes")
            case _:
                name = f"APP{marker - 0xE0}" if 0xE0 <= marker <= 0xEF else f"segment {marker:#04x}"
                notes.remove(Trace.OTHER, name, kind[1][:40].decode("latin-1"))
    if extended:
        exif.tell_xmp(b"".join(extended), notes)
    if provenance:
        notes.remove(Trace.PROVENANCE, "C2PA (JUMBF)", f"{provenance} bytes")
    if parts.profile:
        colours.note_profile(b"".join(parts.profile[each] for each in sorted(parts.profile)), notes)
    _tell_trailing(parts.trailing, notes)
    return orientation


def _tell_trailing(trailing: bytes, notes: Notes) -> None:
    if not trailing.strip(b"\0"):
        if trailing:
            notes.remove(Trace.OTHER, "bytes behind the picture", f"{len(trailing)} bytes")
        return
    if b"ftyp" in trailing[:1024] or b"MotionPhoto" in trailing or b"mpvd" in trailing:
        name = "video behind the picture"
    elif b"\xff\xd8\xff" in trailing:
        name = "pictures behind the picture"
    else:
        name = "data behind the picture"
    notes.remove(Trace.EMBEDDED, name, f"{len(trailing)} bytes")


@dataclass(frozen=True, slots=True)
class _Quality:
    """As libjpeg counts it, 1 to 100.

    Attributes:
        nearest: the lowest that loses no more than these tables do, within our bounds.
        exact: whether the tables are the standard's, so scaled.
    """

    nearest: int
    exact: bool


def _quality(tables: list[bytes]) -> _Quality:
    """From the tables of a file."""
    if not tables:
        raise NotCleanable(Why.DAMAGED)
    coarse = sum(_steps(tables[0]))
    for quality in range(1, 101):
        standard = _standard(quality)
        if all(table in standard for table in tables):
            return _Quality(min(max(quality, LEAST_QUALITY), MOST_QUALITY), exact=True)
    nearest = next((each for each in range(1, 101) if sum(_standard(each)[0][1:]) <= coarse), 100)
    return _Quality(min(max(nearest, LEAST_QUALITY), MOST_QUALITY), exact=False)


def _steps(table: bytes) -> tuple[int, ...]:
    if table[0] >> 4:
        return struct.unpack(">64H", table[1:129])
    return tuple(table[1:65])


@functools.cache
def _standard(quality: int) -> tuple[bytes, ...]:
    """The tables with which we write at this quality."""
    from PIL import Image

    packed = io.BytesIO()
    Image.new("RGB", (8, 8)).save(packed, "JPEG", quality=quality)
    return tuple(_take_apart(packed.getvalue()).tables)


JPEG = Format(
    "JPEG",
    "image/jpeg",
    lambda beginning: beginning.startswith(b"\xff\xd8\xff"),
    clean,
    ("picture", ".jpg"),
    NEEDS,
)
