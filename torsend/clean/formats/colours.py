"""What a colour profile does to the eye is done to the pixels, and the profile goes.

Profiles name the device or the screen they were made for; one that a person's screen was measured with is the only one
of its kind. So all pictures leave as sRGB, which is what is assumed where there is no profile (IEC 61966-2-1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.clean.report import Trace

if TYPE_CHECKING:
    from PIL import Image

    from torsend.clean.formats.format import Notes

NEEDS = ("PIL.Image", "PIL.ImageCms")
_ALIKE = 2
"""Steps of 255 that a colour may move by without a profile counting as another than sRGB."""
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
    from PIL import Image, ImageChops

    levels = bytes(range(0, 256, 17))
    grid = Image.frombytes(
        "RGB", (256, 16), bytes(each for red in levels for green in levels for blue in levels for each in (red, green, blue))
    )  # fmt: skip
    changed = _converted(grid, profile, "RGB")
    if changed is None:
        return True
    highest = [most for _, most in ImageChops.difference(grid, changed).getextrema()]  # type: ignore[misc]
    return max(highest) <= _ALIKE


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
