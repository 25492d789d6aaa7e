"""Word lists in the vault: the person's for all, an identity's for it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from torsend.checks.wordbook import BadWord, WordBook
from torsend.checks.words import LONGEST_WORD, MOST_WORDS
from torsend.identity.book import IdentityBook
from torsend.identity.identity import Colour, Identity, Kind, Server, Tls

if TYPE_CHECKING:
    from torsend.vault import Vault

WREN, FINCH = "1" * 32, "2" * 32


@pytest.fixture
def book(vault: Vault) -> WordBook:
    return WordBook(vault)


def test_words_are_kept_in_their_order_each_once(book: WordBook) -> None:
    assert book.list() == ()
    assert book.add(["Kaspar", " Hall  4 ", "", "kaspar"]) == 2
    assert book.add(["Rosenweg", "KASPAR"]) == 1
    assert book.list() == ("Kaspar", "Hall 4", "Rosenweg")
    assert book.remove(["hall 4", "nobody"]) == 1
    assert book.list() == ("Kaspar", "Rosenweg")
    assert book.set(["One more"]) == ("One more",)


def test_one_identity_s_words_are_never_looked_for_in_another_s_mail(book: WordBook) -> None:
    book.set(["Kaspar"])
    book.set(["Hall 4"], WREN)
    book.set(["Rosenweg"], FINCH)
    assert book.for_sender(WREN).words == ("Kaspar", "Hall 4")
    assert book.for_sender(FINCH).words == ("Kaspar", "Rosenweg")
    assert book.for_sender("").words == ("Kaspar",)
    assert book.list(WREN) == ("Hall 4",)
    book.add(["Lind"])
    assert book.for_sender(WREN).words == ("Kaspar", "Lind", "Hall 4")


def test_words_go_with_their_identity(vault: Vault, book: WordBook) -> None:
    identities = IdentityBook(vault, lambda address: address)
    server = Server("smtp.rowanmail.example", 465, Tls.IMPLICIT)
    for each in (WREN, FINCH):
        identities.add(Identity(each, "", "a@rowanmail.example", Kind.ADDRESS, Colour.TEAL, server))
        book.set(["Hall 4"], each)
    identities.remove(WREN)
    assert book.list(WREN) == ()
    assert book.list(FINCH) == ("Hall 4",)
    copy = identities.duplicate(FINCH)
    assert book.list(copy.id) == ()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["x" * (LONGEST_WORD + 1)], "longer than"),
        (["K"], "too short"),
        (["--"], "too short"),
        ([f"word{n}" for n in range(MOST_WORDS + 1)], "up to"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_and_nothing_is_changed(
    book: WordBook, words: list[str], says: str
) -> None:
    book.set(["Kaspar"])
    with pytest.raises(BadWord, match=says) as refused:
        book.add(words)
    assert words[0] not in refused.value.sentences()
    assert book.list() == ("Kaspar",)
