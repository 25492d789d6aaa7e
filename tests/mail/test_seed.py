"""What is drawn for a mail: fixed for one draft and one sender, and nothing in common with any other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from torsend.mail.draft import Draft
from torsend.mail.seed import drawn_from, new_seed

IDS = st.text(max_size=20)


def numbers(seed: str, identity_id: str) -> list[bytes]:
    draw = drawn_from(seed, identity_id)
    return [draw(16) for _ in range(3)]


@given(IDS, IDS)
def test_the_same_numbers_come_at_every_look(seed: str, identity_id: str) -> None:
    drawn = numbers(seed, identity_id)
    assert drawn == numbers(seed, identity_id)
    assert len(set(drawn)) == 3
    assert all(len(each) == 16 for each in drawn)


@given(st.lists(st.tuples(IDS, IDS), min_size=2, max_size=8, unique=True))
def test_no_two_drafts_or_senders_share_a_number(pairs: list[tuple[str, str]]) -> None:
    """Also where what one has at its end the other has at its beginning."""
    drawn = [number for pair in pairs for number in numbers(*pair)]
    assert len(set(drawn)) == len(drawn)


def test_a_draft_keeps_its_seed_and_no_other_has_it() -> None:
    draft = Draft.new("identity")
    assert Draft.from_json(draft.to_json()).seed == draft.seed
    assert len({draft.seed, Draft.new().seed, Draft("d").seed, draft.reseeded().seed, new_seed()}) == 5
    # It is no part of what was written, and never shown by accident.
    assert draft.reseeded() == draft
    assert draft.seed not in repr(draft)


def test_a_draft_of_before_seeds_gets_one() -> None:
    old = Draft("d").to_json().replace('"seed"', '"unknown"')
    assert Draft.from_json(old) == Draft("d")
    assert len(Draft.from_json(old).seed) == 64
