"""What a colour profile does to the eye is done to the pixels, and the profile goes.

Profiles name the device or the screen they were made for; one that a person's screen was measured with is the only one
of its kind. So all pictures leave as sRGB, which is what is assumed where there is no profile (IEC 61966-2-1).
"""

from __future__ import annotations

import functools
import struct
from typing import TYPE_CHECKING

from torsend.clean.report import Trace

if TYPE_CHECKING:
    from PIL import Image

    from torsend.clean.formats.format import Notes

NEEDS = (
    "PIL.Image", "PIL.ImageChops", "PIL.ImageCms",
    # Pillow looks for these when it first opens or saves a picture, of whatever kind.
    "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PpmImagePlugin", "PIL.PngImagePlugin",
)  # fmt: skip
_ALIKE = 2
"""Steps of 255 that a colour may move by without a profile counting as another than sRGB."""
_BRADFORD = (1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00925, 0.01508, 0.75168)
"""From D65 to D50, row by row."""
MOST_PROFILE = 8 << 20
"""Octets; printers' profiles have up to three million."""


def note_profile(profile: bytes, notes: Notes) -> None:
    """Notes a profile that goes, by the name that it gives itself."""
    import io

    from PIL import ImageCms

    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError, ValueError):
        name = f"{len(profile)} bytes"
    notes.remove(Trace.DEVICE, "ICC profile", name.strip())


def is_srgb(profile: bytes) -> bool:
    """Whether pixels look the same with this profile and with none; also if it can't be read, as viewers do."""
    grid = _grid()
    changed = _converted(grid, profile, "RGB")
    return changed is None or _near(grid, changed)


def alike(one: bytes, other: bytes) -> bool:
    """Whether two profiles for RGB mean the same colours."""
    first, second = (_converted(_grid(), profile, "RGB") for profile in (one, other))
    return first is not None and second is not None and _near(first, second)


def _grid() -> Image.Image:
    """4096 colours from all over."""
    from PIL import Image

    levels = bytes(range(0, 256, 17))
    colours = bytes(
        each for red in levels for green in levels for blue in levels for each in (red, green, blue)
    )
    return Image.frombytes("RGB", (256, 16), colours)


def _near(one: Image.Image, other: Image.Image) -> bool:
    from PIL import ImageChops

    highest = [most for _, most in ImageChops.difference(one, other).getextrema()]  # type: ignore[misc]
    return max(highest) <= _ALIKE


@functools.cache
def display_p3() -> bytes:
    """A profile of Display P3 by its definition (SMPTE RP 431-2's primaries, D65, sRGB's curve), and no more than that.

    ICC.1:2010: a head of 128 octets, a table of tags, the tags.
    """

    def fixed(*numbers: float) -> bytes:
        return struct.pack(f">{len(numbers)}i", *(round(each * 65536) for each in numbers))

    def text(words: str) -> bytes:
        encoded = words.encode("utf-16-be")
        return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded

    def place(*numbers: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(*numbers)

    curve = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    # Primaries and white, brought from D65 to D50 as profiles want them (Bradford).
    parts = [
        (b"desc", text("P3")),
        (b"cprt", text("CC0")),
        (b"wtpt", place(0.96420, 1.0, 0.82491)),
        (b"chad", b"sf32\0\0\0\0" + fixed(*_BRADFORD)),
        (b"rXYZ", place(0.51512, 0.24120, -0.00105)),
        (b"gXYZ", place(0.29198, 0.69225, 0.04189)),
        (b"bXYZ", place(0.15710, 0.06657, 0.78407)),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]  # fmt: skip
    table = struct.pack(">I", len(parts))
    at = 128 + 4 + 12 * len(parts)
    body = b""
    for name, content in parts:
        padded = content + b"\0" * (-len(content) % 4)
        table += struct.pack(">4sII", name, at + len(body), len(content))
        body += padded
    size = at + len(body)
    head = struct.pack(
        ">I4xI4s4s4s6H4s", size, 0x04300000, b"mntr", b"RGB ", b"XYZ ", 2000, 1, 1, 0, 0, 0, b"acsp"
    )
    return head.ljust(68, b"\0") + fixed(0.96420, 1.0, 0.82491).ljust(60, b"\0") + table + body


def to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in grey, RGB or RGBA, its colours as ``profile`` means them.

    Memory for a second picture is taken only where something has to be changed.
    """
    wanted = {"1": "L", "L": "L", "LA": "RGBA", "RGBA": "RGBA", "PA": "RGBA"}.get(picture.mode, "RGB")
    if profile is not None:
        grey = picture.mode in ("1", "L", "LA")
        changed = _converted(picture, profile, "RGBA" if wanted == "RGBA" else "RGB")
        if changed is not None:
            return changed.convert("L") if grey and wanted == "L" else changed
    return picture if picture.mode == wanted else picture.convert(wanted)


def _converted(picture: Image.Image, profile: bytes, mode: str) -> Image.Image | None:
    """None: the profile is broken, or is for pictures of another kind."""
    import io

    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(
            picture,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode=mode,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture turned as its orientation says (TIFF 6.0, tag 274)."""
    from PIL.Image import Transpose

    turned = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return picture if turned is None else picture.transpose(turned)
