"""Pictures for the tests, made here, and the yardsticks that all cleaners of pictures are held to."""

from __future__ import annotations

import io
import math
import subprocess
from functools import cache
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageFilter, ImageStat

from tests.clean import yardstick
from tests.clean.imports import as_in_the_child
from torsend.clean.formats.format import Format, Notes
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from pathlib import Path

PERSONAL = {
    "Make": "Rowan Optics",
    "Model": "RO-1 Mark II",
    "Artist": "Wren Tarn",
    "Copyright": "Wren Tarn 2024",
    "Software": "Darkroom 3.1",
    "DateTimeOriginal": "2024:05:06 07:08:09",
    "UserComment": "at the old mill",
    "SerialNumber": "RO1-000417",
    "LensModel": "RO 35mm",
    "GPSLatitude": "48.137154",
    "GPSLatitudeRef": "N",
    "GPSLongitude": "11.576124",
    "GPSLongitudeRef": "W",
    "XMP-dc:Creator": "Wren Tarn",
    "XMP-xmp:CreatorTool": "Darkroom 3.1",
    "XMP-xmpMM:DocumentID": "xmp.did:77aa",
    "XMP-photoshop:City": "Munich",
}
"""What exiftool writes into a file, by its names for it."""


SEEN = frozenset(
    {
        "Palette", "Transparency", "Orientation", "Rotation", "Mirroring", "CleanAperture", "ColorProfiles",
        "ColorPrimaries", "TransferCharacteristics", "MatrixCoefficients", "VideoFullRangeFlag",
    }
)  # fmt: skip
"""What mat2 shows because its lists don't hold it, and what its own results have too: the picture's turn and colours."""


@cache
def drawing(size: tuple[int, int] = (160, 120), mode: str = "RGB") -> Image.Image:
    """A picture with soft and hard edges, of which no side is like another. The same on every run."""
    width, height = size
    across = Image.linear_gradient("L").resize(size)
    down = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90).resize(size)
    picture = Image.merge("RGB", (across, down, Image.radial_gradient("L").resize(size)))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((1, 1, width // 3, height // 4), fill=(200, 30, 40))
    pen.ellipse((width // 2, height // 2, width - 2, height - 1), fill=(20, 90, 180), outline=(255, 255, 255))
    picture = picture.filter(ImageFilter.GaussianBlur(1))
    if mode in ("RGBA", "LA"):
        picture = picture.convert("RGB")
        picture.putalpha(across)
        return picture.convert(mode)
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The file that Pillow makes of it."""
    file = io.BytesIO()
    picture.copy().save(file, kind, **options)  # saving leaves its options in the picture
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    """The file's picture."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def stamped(data: bytes, path: Path, **more: str) -> bytes:
    """The file with all of `PERSONAL` in it."""
    path.write_bytes(data)
    tags = [f"-{name}={value}" for name, value in {**PERSONAL, **more}.items()]
    subprocess.run(
        ["exiftool", "-q", "-m", "-overwrite_original", *tags, str(path)],
        env=yardstick.PLAIN, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return path.read_bytes()


def cleaned(format_: Format, data: bytes) -> tuple[bytes, Notes]:
    """What a cleaner makes of a file, in this process."""
    out = io.BytesIO()
    notes = Notes()
    assert format_.recognises(data[:4096])
    with as_in_the_child(format_.needs):
        format_.clean(io.BytesIO(data), out, notes)
    return out.getvalue(), notes


def value(notes: Notes, name: str) -> str:
    """What was noted under a name."""
    return next(each.value for each in notes.removed if each.name == name)


def likeness(one: Image.Image, other: Image.Image) -> float:
    """How alike two pictures are, in dB: over 40 nobody sees a difference, infinite where there is none."""
    assert one.size == other.size
    mode = "RGBA" if "A" in one.mode + other.mode else "RGB"
    roots = ImageStat.Stat(ImageChops.difference(one.convert(mode), other.convert(mode))).rms
    square = sum(each * each for each in roots) / len(roots)
    return 10 * math.log10(255 * 255 / square) if square else math.inf


def tells_nobody(data: bytes, path: Path) -> None:
    """Asserts that neither exiftool nor mat2 find anything in a cleaned file."""
    path.write_bytes(data)
    assert yardstick.identifying(path) == {}
    try:
        told = yardstick.mat2_says(path)
    except yardstick.Mat2Refused as refused:
        # Debian's doesn't know them all.
        assert str(refused).startswith("mat2 knows no")  # noqa: PT017
    else:
        assert set(told) <= SEEN


def tells_the_person(notes: Notes) -> None:
    """Asserts that what `stamped` wrote was found, each as what it is."""
    found = {(each.trace, each.value) for each in notes.removed}
    assert {
        (Trace.DEVICE, "Rowan Optics"), (Trace.DEVICE, "RO-1 Mark II"), (Trace.AUTHOR, "Wren Tarn"),
        (Trace.SOFTWARE, "Darkroom 3.1"), (Trace.LOCATION, "48.137154, -11.576124"),
        (Trace.DATE, "2024:05:06 07:08:09"), (Trace.COMMENT, "at the old mill"), (Trace.DEVICE, "RO1-000417"),
    } <= found  # fmt: skip


@cache
def other_profile() -> bytes:
    """A colour profile that is plainly not sRGB's: its red and blue changed places."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {}
    for number in range(int.from_bytes(profile[128:132])):
        at = 132 + 12 * number
        places[bytes(profile[at : at + 4])] = at
    red, blue = places[b"rXYZ"], places[b"bXYZ"]
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


def as_seen(picture: Image.Image) -> Image.Image:
    """What a viewer that knows of profiles shows of a picture with `other_profile`."""
    seen = ImageCms.profileToProfile(
        picture, ImageCms.ImageCmsProfile(io.BytesIO(other_profile())), ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )  # fmt: skip
    assert seen is not None
    return seen
