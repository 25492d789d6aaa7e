"""Every format, measured by exiftool and mat2: nothing that they find stays behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clean.comparison import MAKERS, SHARED, WREN, compare, exiftool
from torsend.clean.formats import registry
from torsend.clean.report import Verdict


def test_every_format_is_measured() -> None:
    registered = {each.name for each in registry.formats()}

    assert registered == MAKERS.keys() | SHARED.keys()
    assert MAKERS.keys() >= set(SHARED.values())


@pytest.mark.parametrize("kind", MAKERS)
def test_exiftool_and_mat2_find_nothing_in_ours(kind: str, tmp_path: Path) -> None:
    found = compare(kind, tmp_path)

    assert found.report.format == kind
    assert found.report.verdict is (Verdict.NOTHING if kind == "TEXT" else Verdict.CLEANED)
    assert exiftool(kind, found.ours) == {}
    assert found.mat2_in_ours() == {}
    assert WREN.encode() not in found.ours.read_bytes()
