"""PDF (ISO 32000): the document is written anew, by tables of what is known to be harmless. Text stays text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import jpeg
from torsend.clean.formats.format import Format

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes, Writer

_HEADER = re.compile(rb"%PDF-[12]\.\d")


def _is_pdf(beginning: bytes) -> bool:
    """Readers look for the header in the first 1024 octets."""
    return _HEADER.search(beginning[:1024]) is not None


def _clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    # pikepdf takes its time to import; cleaning a picture must not wait for it.
    from torsend.clean.formats.pdf.document import clean_pdf

    clean_pdf(source, out, notes)


PDF = Format(
    "PDF",
    "application/pdf",
    _is_pdf,
    _clean,
    ("document", ".pdf"),
    ("pikepdf", "torsend.clean.formats.pdf.document", *jpeg.NEEDS),
)
