"""WebP (RFC 9649): chunks by allowlist, the packed pixels as they are; animations frame by frame.

Where a colour profile or an orientation has to be worked into the pixels of a single picture, it is packed anew.

What is not seen here: octets behind the last code of a picture but within its chunk, since where it ends is known only to a
decoder.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import colours, exif, picture
from torsend.clean.formats.format import Format, NotCleanable, Notes, Writer
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDS = (*colours.NEEDS, "PIL.ExifTags", "PIL.WebPImagePlugin")

_ALPHA, _ANIMATION = 0x10, 0x02
_PIXELS = (b"VP8 ", b"VP8L")
_MOST_FRAMES = 20_000
_QUALITY = 92
"""Of a lossy picture that has to be packed anew."""


@dataclass(slots=True)
class _Frame:
    """One picture: its pixels, and those of its transparency where they are apart.

    Attributes:
        place: the head of an animation's frame; empty for a picture that stands alone.
    """

    place: bytes = b""
    alpha: bytes = b""
    kind: bytes = b""
    pixels: bytes = b""

    def size(self) -> tuple[int, int]:
        """As the packed pixels say.

        Raises:
            NotCleanable: they say none.
        """
        if self.kind == b"VP8 " and self.pixels[3:6] == b"\x9d\x01\x2a" and not self.pixels[0] & 1:
            width, height = struct.unpack_from("<HH", self.pixels, 6)
            return width & 0x3FFF, height & 0x3FFF
        if self.kind == b"VP8L" and self.pixels[:1] == b"\x2f":
            (bits,) = struct.unpack_from("<I", self.pixels, 1)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        raise NotCleanable(Why.DAMAGED)

    @property
    def transparent(self) -> bool:
        return bool(self.alpha) or (self.kind == b"VP8L" and bool(self.pixels[4] & 0x10))

    def chunks(self) -> bytes:
        alpha = _chunk(b"ALPH", self.alpha) if self.alpha else b""
        return alpha + _chunk(self.kind, self.pixels)


@dataclass(slots=True)
class _Parts:
    canvas: tuple[int, int] | None = None
    animation: bytes = b""
    frames: list[_Frame] = field(default_factory=list)
    still: _Frame = field(default_factory=_Frame)
    profile: bytes | None = None
    orientation: int = 1


def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """See `Format.clean`."""
    data = picture.read_all(source)
    (length,) = struct.unpack_from("<I", data, 4)
    end = 8 + length + length % 2
    if end > len(data) + 1:
        raise NotCleanable(Why.DAMAGED)
    if len(data) > end:
        notes.remove(Trace.EMBEDDED, "data behind the picture", f"{len(data) - end} bytes")
    parts = _take_apart(data[12 : 8 + length], notes)
    notes.keep(Left.PIXELS)
    notes.keep(Left.STREAMS)
    if parts.frames:
        out.write(_moving(parts))
        return
    result = _still(parts.still, parts.canvas)
    unpacked = picture.opened(result, "WEBP")
    if parts.profile is not None and colours.is_srgb(parts.profile):
        parts.profile = None
    if parts.profile is not None or parts.orientation != 1:
        lossless = parts.still.kind == b"VP8L"
        turned = colours.upright(colours.to_srgb(unpacked, parts.profile), parts.orientation)
        turned.info.clear()
        file = io.BytesIO()
        turned.save(file, "WEBP", lossless=lossless, quality=80 if lossless else _QUALITY, method=4)
        fresh = _take_apart(file.getvalue()[12:], Notes())
        result = _still(fresh.still, None)
    out.write(result)


def _take_apart(chunks: bytes, notes: Notes) -> _Parts:
    parts = _Parts()
    pixels = 0
    for kind, content in _chunks(chunks):
        match kind:
            case b"VP8X" if len(content) >= 10 and parts.canvas is None:
                parts.canvas = (_three(content, 4) + 1, _three(content, 7) + 1)
                picture.check_size(*parts.canvas)
            case b"ANIM" if len(content) == 6 and not parts.animation:
                parts.animation = content
            case b"ANMF" if parts.animation and len(content) >= 16 and len(parts.frames) < _MOST_FRAMES:
                frame = _frame(content, parts.canvas, notes)
                width, height = frame.size()
                pixels += width * height
                if pixels > picture.MOST_ANIMATED:
                    raise NotCleanable(Why.TOO_LARGE)
                parts.frames.append(frame)
            case b"ALPH" if not parts.still.alpha and not parts.still.kind:
                parts.still.alpha = content
            case b"VP8 " | b"VP8L" if not parts.still.kind:
                parts.still.kind, parts.still.pixels = kind, content
            case b"ICCP":
                colours.note_profile(content, notes)
                parts.profile = content
            case b"EXIF":
                parts.orientation = exif.tell_exif(content.removeprefix(b"Exif\0\0"), notes)
            case b"XMP ":
                exif.tell_xmp(content, notes)
            case b"C2PA":
                notes.remove(Trace.PROVENANCE, "C2PA", f"{len(content)} bytes")
            case b"ANMF" | b"VP8 " | b"VP8L" | b"VP8X":
                raise NotCleanable(Why.DAMAGED)
            case _:
                notes.remove(Trace.OTHER, kind.decode("latin-1"), f"{len(content)} bytes")
    if not parts.frames:
        picture.check_size(*parts.still.size())
    return parts


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each.

    Raises:
        NotCleanable: the last is cut off.
    """
    at = 0
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        content = data[at + 8 : at + 8 + length]
        if len(content) < length:
            raise NotCleanable(Why.DAMAGED)
        yield kind, content
        at += 8 + length + length % 2


def _frame(content: bytes, canvas: tuple[int, int] | None, notes: Notes) -> _Frame:
    # Where on the canvas, how large, how long; of the flags, blending and disposal.
    frame = _Frame(content[:15] + bytes((content[15] & 3,)))
    for kind, inner in _chunks(content[16:]):
        if kind == b"ALPH" and not frame.alpha and not frame.kind:
            frame.alpha = inner
        elif kind in _PIXELS and not frame.kind:
            frame.kind, frame.pixels = kind, inner
        else:
            notes.remove(Trace.OTHER, f"{kind.decode('latin-1')} in a frame", f"{len(inner)} bytes")
    width, height = _three(content, 6) + 1, _three(content, 9) + 1
    left, top = 2 * _three(content, 0), 2 * _three(content, 3)
    if (
        canvas is None
        or frame.size() != (width, height)
        or left + width > canvas[0]
        or top + height > canvas[1]
    ):
        raise NotCleanable(Why.DAMAGED)
    return frame


def _still(frame: _Frame, canvas: tuple[int, int] | None) -> bytes:
    size = frame.size()
    if canvas is not None and canvas != size:
        raise NotCleanable(Why.DAMAGED)
    if frame.kind == b"VP8L":
        frame.alpha = b""
    head = _canvas(size, _ALPHA) if frame.alpha else b""
    return _file(head + frame.chunks())


def _moving(parts: _Parts) -> bytes:
    if parts.canvas is None:  # pragma: no cover  # no frame was taken without one
        raise NotCleanable(Why.DAMAGED)
    transparent = any(frame.transparent for frame in parts.frames)
    frames = b"".join(_chunk(b"ANMF", frame.place + frame.chunks()) for frame in parts.frames)
    head = _canvas(parts.canvas, _ANIMATION | (_ALPHA if transparent else 0))
    return _file(head + _chunk(b"ANIM", parts.animation) + frames)


def _canvas(size: tuple[int, int], flags: int) -> bytes:
    width, height = size
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _chunk(b"VP8X", bytes((flags, 0, 0, 0)) + sizes)


def _file(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _three(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 3], "little")


WEBP = Format(
    "WebP", "image/webp", lambda beginning: beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP", clean,
    ("picture", ".webp"), NEEDS,
)  # fmt: skip
