"""Drafts in the vault."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.mail.draft import Attachment, Decision, Draft
from torsend.mail.drafts import DraftBook, NoSuchDraft
from torsend.vault import RawKey, Vault

if TYPE_CHECKING:
    from collections.abc import Iterator

anything = st.text(max_size=50)  # lone surrogates and NUL too: what is typed is kept as it is
paths = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=20).map(Path)
drafts = st.builds(
    Draft,
    id=st.uuids().map(lambda value: value.hex),
    identity_id=anything,
    to=anything,
    cc=anything,
    bcc=anything,
    subject=anything,
    text=anything,
    attachments=st.lists(
        st.builds(Attachment, paths, anything, anything, st.sampled_from(Decision)), max_size=3
    ).map(tuple),
)


@pytest.fixture
def vault() -> Iterator[Vault]:
    with Vault.in_memory() as opened:
        yield opened


@given(drafts)
def test_json_keeps_every_character(draft: Draft) -> None:
    text = draft.to_json()
    assert text.isascii()
    assert Draft.from_json(text) == draft


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"id": 1}', '{"attachments": "x"}'])
def test_what_is_no_draft_is_refused_without_its_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a draft \(\w+\)$"):
        Draft.from_json(text)


def test_a_later_version_may_know_more_fields() -> None:
    assert Draft.from_json(Draft("1").to_json().replace("{", '{"later": [1], ', 1)) == Draft("1")


@pytest.mark.parametrize("said", ["", '"cleaned"', '"later-word"', "null", "[]"])
def test_only_the_one_word_decides_that_a_file_goes_as_it_is(said: str) -> None:
    file = Attachment(Path("/nowhere/a.doc"), "a.doc", "application/msword")
    decided = Draft("1", attachments=(file.as_it_is(),))
    assert Draft.from_json(decided.to_json()) == decided
    # As an earlier program left it out, a later one may write it, or something else is there.
    kept = '"decision": "as-it-is"'
    assert kept in decided.to_json()
    other = decided.to_json().replace(f", {kept}", f', "decision": {said}' if said else "")
    assert Draft.from_json(other) == Draft("1", attachments=(file,))


def test_drafts_are_kept_under_their_id(vault: Vault) -> None:
    book = DraftBook(vault)
    first, second = Draft.new("identity"), Draft.new()
    assert first.id != second.id
    assert first.is_empty
    book.save(first)
    book.save(second)
    changed = Draft(first.id, "another", text="odd \ud800 and \0")
    assert not changed.is_empty
    book.save(changed)
    assert book.load(first.id) == changed
    assert {saved.draft for saved in book.list()} == {changed, second}
    book.remove(first.id)
    book.remove(first.id)
    with pytest.raises(NoSuchDraft):
        book.load(first.id)


def test_the_last_saved_draft_comes_first(vault: Vault) -> None:
    start = datetime(2026, 4, 21, tzinfo=UTC)
    times = iter([start, start + timedelta(seconds=1), start + timedelta(seconds=2)])
    book = DraftBook(vault, clock=lambda: next(times))
    for draft_id in ("a", "b", "a"):
        book.save(Draft(draft_id))
    listed = book.list()
    assert [saved.draft.id for saved in listed] == ["a", "b"]
    assert listed[0].saved == start + timedelta(seconds=2)


def test_a_draft_that_cannot_be_read_hides_no_other_and_stays(
    vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    book = DraftBook(vault)
    book.save(Draft("good"))
    with vault.writing() as db:
        db.execute("INSERT INTO draft VALUES ('bad', '', 0, '{\"secret words\"')")
    with caplog.at_level(logging.WARNING, "torsend.mail"):
        assert [saved.draft.id for saved in book.list()] == ["good"]
    assert "secret" not in caplog.text
    with vault.reading() as db:
        row = db.row("SELECT count(*) FROM draft")
    assert row is not None
    assert row[0] == 2


def test_a_draft_survives_the_program(tmp_path: Path) -> None:
    path, key = tmp_path / ".vault", RawKey(bytes(32))
    with Vault.create(path, key) as vault:
        DraftBook(vault).save(Draft("a", subject="kept"))
    with Vault.open(path, key) as vault:
        assert DraftBook(vault).load("a").subject == "kept"
