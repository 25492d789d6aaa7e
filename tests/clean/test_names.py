"""Neutral names tell what a file is, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.clean.formats import registry
from torsend.clean.names import NEUTRAL, Attached, kept_name, neutral_names

FORMATS = [each.name for each in registry.formats()]


def test_the_names_known_are_those_of_the_formats() -> None:
    assert {each.name: each.neutral for each in registry.formats()} == NEUTRAL


def test_for_a_name_no_format_is_imported() -> None:
    """The window's thread asks for names; to import what cleans would stop it for half a second."""
    code = (
        "import sys\nimport torsend.app.attached\nfrom torsend.clean.names import Attached, neutral_names\n"
        "neutral_names([Attached('a.jpg', 'JPEG'), Attached('b')])\n"
        "slow = ('PIL', 'lxml', 'pikepdf')\n"
        "print([name for name in sys.modules if name.split('.')[0] in slow or name.endswith('.registry')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_files_are_numbered_by_what_they_are() -> None:
    files = [
        Attached("IMG_20240506_070809.JPEG", "JPEG"),
        Attached("Wren Tarn CV.pdf", "PDF"),
        Attached("screenshot of wren.png", "PNG"),
        Attached("mill.jpg", "JPEG"),
    ]
    assert neutral_names(files) == ["picture-1.jpg", "document-1.pdf", "picture-2.png", "picture-3.jpg"]


@pytest.mark.parametrize(
    ("name", "neutral"),
    [
        ("Letter of Wren.DOC", "file-1.doc"),
        ("wren", "file-1"),
        (".wren", "file-1"),
        ("wren.", "file-1"),
        ("letter.of wren", "file-1"),
        ("letter.wrens-own", "file-1"),
        ("letter.averylongending", "file-1"),
        ("letter.2024", "file-1"),
        ("letter.doc.bak", "file-1"),
        ("letter.Wrén", "file-1"),
        ("", "file-1"),
    ],
)
def test_a_file_of_no_known_format_keeps_its_ending_if_it_is_one(name: str, neutral: str) -> None:
    assert neutral_names([Attached(name)]) == [neutral]


def test_a_text_keeps_the_ending_that_says_what_it_is() -> None:
    files = [
        Attached("wrens addresses.csv", "TEXT"),
        Attached("wrens notes", "TEXT"),
        Attached("a.TXT", "TEXT"),
    ]
    assert neutral_names(files) == ["text-1.csv", "text-2.txt", "text-3.txt"]


def test_what_is_not_what_its_name_says_is_called_by_what_it_is() -> None:
    assert neutral_names([Attached("mill.jpg", "PNG")]) == ["picture-1.png"]


@given(st.lists(st.builds(Attached, st.text(max_size=30), st.sampled_from(["", "odd", *FORMATS]))))
def test_no_two_are_alike_and_all_are_plain(files: list[Attached]) -> None:
    names = neutral_names(files)
    assert len(names) == len(files) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+-[0-9]+(\.[a-z0-9]{1,8}){0,2}", name) for name in names)


@pytest.mark.parametrize(
    ("name", "format_", "kept"),
    [
        ("Report of May.DOCM", "DOCX", "Report of May.docx"),
        ("a.xltm", "XLTX", "a.xltx"),
        ("a.pptm", "PPTX", "a.pptx"),
        ("a.docm", "", "a.docm"),
        ("a.docx", "DOCX", "a.docx"),
        ("a.JPEG", "JPEG", "a.JPEG"),
        ("docm", "DOCX", "docm"),
    ],
)
def test_a_kept_name_fits_a_document_that_lost_its_macros(name: str, format_: str, kept: str) -> None:
    assert kept_name(Attached(name, format_)) == kept
