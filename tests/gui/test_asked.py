"""What a start asks for, and what a link can't bring along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.gui.asked import draft_asked_for

if TYPE_CHECKING:
    from pathlib import Path

LINK = "mailto:marta@nordpost.example?subject=Hall%204"


def test_files_are_attached(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Columns 2 and 3.\n")
    draft, problem = draft_asked_for((str(notes),))
    assert [each.name for each in draft.attachments] == ["notes.txt"]
    assert problem is None


def test_a_link_that_came_apart_attaches_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not to be sent\n")
    draft, problem = draft_asked_for((LINK, str(secret)))
    assert (draft.to, draft.subject, draft.attachments) == ("marta@nordpost.example", "Hall 4", ())
    assert problem is not None
    assert "left out" in problem.what


def test_a_link_that_makes_no_sense_is_told_and_brings_no_file_either(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not to be sent\n")
    draft, problem = draft_asked_for(("mailto:marta%", str(secret)))
    assert draft.attachments == ()
    assert problem is not None


def test_of_two_links_the_last_counts() -> None:
    draft, problem = draft_asked_for(("mailto:tarn@rowanmail.example", LINK))
    assert (draft.to, problem) == ("marta@nordpost.example", None)
