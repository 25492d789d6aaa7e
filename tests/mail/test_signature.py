"""A signature is put under a new mail, swapped while it is untouched, and otherwise left to the person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.mail.signature import ending, is_only, swap

WREN, FINCH = "Wren\nHall 4", "-- \nFinch"


def swapped(text: str, old: str, new: str) -> str:
    change = swap(text, old, new)
    return text if change is None else text[: len(text) - change[0]] + change[1]


@pytest.mark.parametrize(
    ("text", "old", "new", "then"),
    [
        ("", "", WREN, f"\n\n{WREN}"),
        ("Dear Marta", "", WREN, f"Dear Marta\n\n{WREN}"),
        ("Dear Marta\n\n\n", "", WREN, f"Dear Marta\n\n{WREN}"),
        (f"\n\n{WREN}", WREN, FINCH, f"\n\n{FINCH}"),
        (f"Dear Marta\n\n{WREN}\n", WREN, FINCH, f"Dear Marta\n\n{FINCH}"),
        (f"Dear Marta\n\n{WREN}", WREN, "", "Dear Marta"),
        (f"Dear Marta\n\n{FINCH}", "", FINCH, f"Dear Marta\n\n{FINCH}"),
        (f"{WREN} Street", WREN, FINCH, f"{WREN} Street"),
        ("Dear Marta\n\nWren, changed", WREN, FINCH, "Dear Marta\n\nWren, changed"),
        (f"Dear\n\n{WREN}\n\nP.S. more", WREN, FINCH, f"Dear\n\n{WREN}\n\nP.S. more"),
        (f"x{WREN}", WREN, FINCH, f"x{WREN}"),
    ],
)
def test_what_becomes_of_the_end(text: str, old: str, new: str, then: str) -> None:
    assert swapped(text, old, new) == then


@given(st.text(max_size=50), st.sampled_from(["", WREN, FINCH]), st.sampled_from(["", WREN, FINCH]))
def test_there_and_back_keeps_what_was_written(text: str, old: str, new: str) -> None:
    begun = text.rstrip() + ending(old)
    there = swapped(begun, old, new)
    assert there.startswith(text.rstrip())
    assert swapped(there, new, old).rstrip() == begun.rstrip()


def test_a_signature_alone_is_nothing_written() -> None:
    assert is_only(ending(WREN), WREN)
    assert is_only("", WREN)
    assert is_only(" \n", "")
    assert not is_only(f"Dear{ending(WREN)}", WREN)
    assert not is_only(ending(WREN), FINCH)
