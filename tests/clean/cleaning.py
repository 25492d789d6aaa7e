"""Cleaning in this process, as the cleaner's child does it: for looking at one format closely."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tests.clean.imports import as_in_the_child
from torsend.clean.child import work
from torsend.clean.formats import registry
from torsend.clean.formats.format import SNIFF

if TYPE_CHECKING:
    from pathlib import Path

    from torsend.clean.report import Report


def cleaned(data: bytes) -> tuple[Report, bytes]:
    """What the child reports of these bytes, and what it writes."""
    out = io.BytesIO()
    with as_in_the_child(registry.needs(data[:SNIFF])):
        report = work(registry.recognise, io.BytesIO(data), out, lambda _words: None, lambda: True)
    return report, out.getvalue()


def cleaned_file(path: Path) -> tuple[Report, Path]:
    """The same for a file; the result lies beside it, under a name with the same ending."""
    report, result = cleaned(path.read_bytes())
    beside = path.with_name(f"cleaned{path.suffix}")
    beside.write_bytes(result)
    return report, beside
