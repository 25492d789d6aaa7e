"""Two identities of one person must not meet in a mail unnoticed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from tests.checks import cases
from tests.checks.test_facts import functions_of
from torsend.checks.finding import Where
from torsend.checks.walls import walls
from torsend.mail.draft import Thread

if TYPE_CHECKING:
    from torsend.checks.finding import Finding
    from torsend.mail.draft import Draft

WREN = dataclasses.replace(cases.identity(), id="1" * 32, signature="Wren\n+49 151 2345678")
FINCH = dataclasses.replace(
    cases.identity(address="finch@nordpost.example"), id="2" * 32, name="Finch", signature="F."
)
BOTH = (WREN, FINCH)
THREAD = Thread("<1@nordpost.example>")


def found(draft: Draft, identity: object = FINCH, others: object = BOTH) -> list[Finding]:
    return list(walls(draft, identity, others))  # type: ignore[arg-type]


def test_another_sender_for_an_answer_is_warned_of() -> None:
    begun = cases.draft(identity_id=WREN.id, begun_as=WREN.id, thread=THREAD)
    (named,) = found(begun, WREN)
    assert named.code == "names-thread"
    (warned,) = found(begun.sent_by(FINCH.id))
    assert warned.code == "other-thread"
    assert warned.sentence == (
        "This answers a mail to Wren. As Finch, both addresses are linked for whoever reads it."
    )
    (gone,) = found(begun.sent_by(FINCH.id), others=(FINCH,))
    assert "an identity that is gone" in gone.sentence
    # Back again, it is an answer as any other.
    assert [each.code for each in found(begun.sent_by(FINCH.id).sent_by(WREN.id), WREN)] == ["names-thread"]
    assert found(dataclasses.replace(begun, thread=None).sent_by(FINCH.id)) == []


@pytest.mark.parametrize(
    "text", ["wren@rowanmail.example", "<WREN@rowanmail.example>", "to wren@rowanmail.example."]
)
def test_the_address_of_another_identity_is_found_where_it_stands(text: str) -> None:
    draft = cases.draft(text=f"Ask {text}", subject="wren@rowanmail.example")
    (finding,) = found(draft)
    assert finding.code == "own-address"
    assert finding.sentence == (
        "wren@rowanmail.example is your address as Wren. Whoever reads this links it to Finch."
    )
    assert [place.where for place in finding.places] == [Where.TEXT, Where.SUBJECT]
    place = finding.places[0]
    assert draft.text[place.start : place.end].lower() == WREN.address
    assert found(draft, WREN) == []


@pytest.mark.parametrize(
    "text", ["xwren@rowanmail.example", "wren@rowanmail.example.org", "wren@rowanmail.examples"]
)
def test_an_address_that_only_holds_it_is_another(text: str) -> None:
    assert found(cases.draft(text=text)) == []


@pytest.mark.parametrize("field", ["to", "cc", "bcc"])
def test_a_mail_to_oneself_links_both(field: str) -> None:
    (finding,) = found(cases.draft(**{"to": "", field: "Me <Wren@rowanmail.example>"}))
    assert finding.code == "own-recipient"
    assert finding.places[0].where is Where(field)


@pytest.mark.parametrize("ending", ["Wren", "Yours,\nWren\n", "wren  \n\n", "— Wren —"])
def test_another_identity_s_name_under_the_text_is_found(ending: str) -> None:
    draft = cases.draft(text=f"Dear Marta,\n\nall is well.\n\n{ending}")
    (finding,) = found(draft)
    assert finding.code == "other-name"
    place = finding.places[0]
    assert draft.text[place.start : place.end].lower().strip("— ") == "wren"
    assert found(draft, WREN) == []


def test_a_name_within_the_text_is_a_word_like_any_other() -> None:
    assert found(cases.draft(text="The wren is a bird.\n\nA finch, too.\n1\n2\n3\n4\n5")) == []


def test_another_identity_s_signature_is_found() -> None:
    draft = cases.draft(text=f"Dear Marta\n\n{WREN.signature}\nFinch")
    assert "other-signature" in [each.code for each in found(draft)]
    assert found(draft, WREN, (WREN,)) == []


ISOLATION = "tests/tor/test_isolation_on_a_network.py::"

#: What never passes from one identity to another, and the tests that hold it.
HELD: dict[str, tuple[str, ...]] = {
    "threads": (
        "tests/mail/test_threads.py::test_the_thread_leaves_only_as_the_identity_that_began",
        "tests/app/test_window_words.py::test_another_sender_for_an_answer_is_warned_of_and_its_thread_stays_here",
    ),
    "drafts": ("tests/mail/test_threads.py::test_the_first_that_is_chosen_began_it",),
    "random numbers": ("tests/mail/test_seed.py::test_no_two_drafts_or_senders_share_a_number",),
    "signature": (
        "tests/mail/test_signature.py::test_what_becomes_of_the_end",
        "tests/gui/test_places.py::test_another_sender_brings_its_own_signature_and_undo_takes_it_back",
    ),
    "word list": (
        "tests/checks/test_wordbook.py::test_one_identity_s_words_are_never_looked_for_in_another_s_mail",
        "tests/app/test_window_words.py::test_words_saved_in_the_dialog_are_found_in_a_mail_that_is_open",
    ),
    "copies": ("tests/checks/test_wordbook.py::test_words_go_with_their_identity",),
    "circuits": (
        f"{ISOLATION}test_two_identities_never_share_a_circuit_and_a_renewed_one_gets_another",
        "tests/app/test_window.py::test_two_senders_never_share_a_circuit_and_a_new_one_is_new",
        "tests/tor/test_tokens.py::test_identities_and_purposes_never_share_a_token",
    ),
    "passwords": ("tests/identity/test_secrets.py::test_secrets_do_not_mix",),
}


@pytest.mark.parametrize("wall", sorted(HELD))
def test_every_wall_is_held_by_tests_that_exist(wall: str) -> None:
    for each in HELD[wall]:
        file, _, name = each.partition("::")
        assert name in functions_of(file), each


def test_a_name_without_letters_is_nobody_s() -> None:
    other = dataclasses.replace(WREN, name="—", signature="")
    assert found(cases.draft(text="Dear Marta\n\n---\n—\n"), FINCH, (other, FINCH)) == []
