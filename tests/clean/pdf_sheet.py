"""A PDF that is filled part by part, and the test that every part goes through."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pikepdf
from pikepdf import Dictionary

from tests.clean.papers import cleaned, everything_in, pages_drawn
from tests.clean.planted_pdf import PLANT

if TYPE_CHECKING:
    from pathlib import Path


class Sheet:
    """A document of one page that is filled part by part."""

    def __init__(self) -> None:
        self.pdf = pikepdf.new()
        self.page = self.pdf.add_blank_page(page_size=(300, 300)).obj
        self.page.Resources = Dictionary()
        self.content: list[str] = []

    def put(self, kind: str, value: Any) -> str:
        """A resource, and its name."""
        if f"/{kind}" not in self.page.Resources:
            self.page.Resources[f"/{kind}"] = Dictionary()
        entries = self.page.Resources[f"/{kind}"]
        name = f"/{PLANT}{kind}{len(entries)}"
        entries[name] = value
        return name

    def data(self) -> bytes:
        self.page.Contents = self.pdf.make_stream("\n".join(self.content).encode())
        out = io.BytesIO()
        self.pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return out.getvalue()


def looks_the_same(sheet: Sheet, folder: Path, most: int = 2) -> bytes:
    """Cleans it, compares what poppler draws, and gives the result."""
    before, after = folder / "before.pdf", folder / "after.pdf"
    before.write_bytes(sheet.data())
    result = cleaned(before.read_bytes())
    after.write_bytes(result.data)
    drawn = pages_drawn(before)
    assert drawn == pages_drawn(after)
    assert len(set(drawn[0][20:])) >= most, "there is something to be seen"
    assert PLANT.encode() not in everything_in(result.data)
    again = cleaned(result.data)
    assert again.data == result.data
    assert again.notes.removed == []
    return result.data
