"""One small file of every format that can be cleaned, with something in it that has to go."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pillow_heif
from PIL import Image

from tests.clean.films import FILMS
from tests.clean.office_documents import docx, odf, pptx, xlsx
from tests.clean.pictures import drawing, saved
from tests.clean.planted_pdf import planted_pdf
from tests.clean.sounds import SOUNDS

if TYPE_CHECKING:
    from collections.abc import Callable

_SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><metadata>by Wren</metadata>'
    b'<rect width="5" height="5"/><text>mill</text></svg>'
)


def _picture(kind: str, **options: object) -> Callable[[], bytes]:
    def make() -> bytes:
        exif = Image.Exif()
        exif[0x013B] = "Wren Tarn"
        return saved(drawing((96, 64)), kind, exif=exif, **options)

    return make


def _gif() -> bytes:
    return saved(
        drawing((96, 64)),
        "GIF",
        comment=b"by Wren",
        save_all=True,
        append_images=[drawing((96, 64)).rotate(9)],
    )


def _heic() -> bytes:
    exif = Image.Exif()
    exif[0x013B] = "Wren Tarn"
    file = io.BytesIO()
    pillow_heif.from_pillow(drawing((96, 64))).save(file, quality=60, exif=exif.tobytes())
    return file.getvalue()


def _made(maker: Callable[[Path], Path]) -> Callable[[], bytes]:
    def make() -> bytes:
        with TemporaryDirectory() as folder:
            return maker(Path(folder)).read_bytes()

    return make


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mill.jpg", sample("JPEG"))
        archive.writestr("letter.docx", sample("DOCX"))
        archive.writestr("letter.txt", b"Dear Tarn")
    return file.getvalue()


def _tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in (("mill.png", sample("PNG")), ("letter.txt", b"Dear Tarn")):
            member = tarfile.TarInfo(name)
            member.size, member.uname, member.mtime = len(content), "wren", 1_700_000_000
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def _odf(kind: str) -> Callable[[], bytes]:
    return lambda: odf(kind)


SAMPLES: dict[str, Callable[[], bytes]] = {
    "JPEG": _picture("JPEG"),
    "PNG": _picture("PNG"),
    "GIF": _gif,
    "WebP": _picture("WEBP"),
    "TIFF": _picture("TIFF", compression="tiff_adobe_deflate"),
    "HEIC": _heic,
    "MP4": _made(FILMS["MP4 of a phone"]),
    "MOV": _made(FILMS["MOV of a phone"]),
    "M4A": _made(FILMS["M4A"]),
    "MP3": _made(SOUNDS["MP3 by ffmpeg"]),
    "FLAC": _made(SOUNDS["FLAC"]),
    "Ogg Vorbis": _made(SOUNDS["Vorbis"]),
    "Opus": _made(SOUNDS["Opus"]),
    "WAV": _made(SOUNDS["WAV with everything"]),
    "PDF": planted_pdf,
    "DOCX": docx,
    "XLSX": xlsx,
    "PPTX": pptx,
    "ODT": _odf("odt"),
    "ODS": _odf("ods"),
    "ODP": _odf("odp"),
    "SVG": lambda: _SVG,
    "ZIP": _zip,
    "TAR": _tar,
    "TAR.GZ": lambda: gzip.compress(_tar()),
    "TAR.BZ2": lambda: bz2.compress(_tar()),
    "TAR.XZ": lambda: lzma.compress(_tar()),
    "TEXT": lambda: b"Dear Tarn, the mill grinds\n",
}
LIKE_ANOTHER = {
    "DOTX": "DOCX",
    "XLTX": "XLSX",
    "POTX": "PPTX",
    "PPSX": "PPTX",
    "OTT": "ODT",
    "OTS": "ODS",
    "OTP": "ODP",
}
"""Formats that differ from another in a word that says what they are."""


@cache
def sample(name: str) -> bytes:
    """The file of this format."""
    return SAMPLES[name]()
