"""What the tests of documents, drawings and archives share."""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pikepdf

from tests.clean.imports import as_in_the_child
from tests.clean.yardstick import PLAIN
from torsend.clean.formats import registry
from torsend.clean.formats.format import SNIFF, Notes

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a cleaner made of some bytes."""

    data: bytes
    notes: Notes
    text: str
    format: str


def cleaned(data: bytes) -> Cleaned:
    """Cleans by the registry, in this process."""
    said: list[str] = []
    notes = Notes(said.append)
    out = io.BytesIO()
    source = io.BytesIO(data)
    with as_in_the_child(registry.needs(data[:SNIFF])):
        found = registry.recognise(source)
        found.clean(source, out, notes)
    return Cleaned(out.getvalue(), notes, "\n".join(said), found.name)


def everything_in(pdf: bytes) -> bytes:
    """A PDF's octets, all its objects and all its streams unpacked."""
    parts = [pdf]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for each in opened.objects:
            parts.append(each.unparse(resolved=True))
            if isinstance(each, pikepdf.Stream):
                parts.append(each.read_raw_bytes())
                try:
                    parts.append(each.read_bytes())
                except pikepdf.PdfError:
                    continue  # a picture's own codec
            parts += [bytes(one) for one in _strings(each, 0)]
    return b"\n".join(parts)


def _strings(value: object, depth: int) -> list[pikepdf.Object]:
    if isinstance(value, pikepdf.String):
        return [value]
    if depth > 20:
        return []
    if isinstance(value, pikepdf.Array):
        return [one for each in value for one in _strings(each, depth + 1)]
    if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        return [
            one
            for key, each in value.items()
            if key not in ("/Parent", "/P", "/Prev")
            for one in ([] if getattr(each, "is_indirect", False) else _strings(each, depth + 1))
        ]
    return []


def pages_drawn(path: Path, resolution: int = 72) -> list[bytes]:
    """Each page as poppler draws it, as a PPM."""
    stem = path.with_suffix("")
    subprocess.run(
        ["pdftoppm", "-r", str(resolution), path, stem], check=True, env=PLAIN, capture_output=True
    )
    return [each.read_bytes() for each in sorted(path.parent.glob(f"{stem.name}-*.ppm"))]


def text_of(path: Path) -> str:
    """The text that poppler finds."""
    return subprocess.run(
        ["pdftotext", "-layout", path, "-"], check=True, env=PLAIN, capture_output=True, text=True
    ).stdout
