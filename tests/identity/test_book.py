"""Identities in the vault: added, changed, copied, moved, removed with their password."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.identity.fakes import MemoryStore
from torsend.errors import NotSendable
from torsend.identity.book import IdentityBook, NoSuchIdentity, forget, free_colour
from torsend.identity.identity import BadIdentity, Colour, Identity, Kind, Server, Tls, new_identity_id
from torsend.identity.secrets import KeyringLocked, KeyringMissing, password_name
from torsend.vault import Vault, VaultDamaged

SERVER = Server("smtp.rowanmail.example", 465, Tls.IMPLICIT)


def check_address(text: str) -> str:
    if "bad" in text:
        raise NotSendable("This address can’t be.", advice="Type another.")
    return text.lower()


@pytest.fixture
def book(vault: Vault) -> IdentityBook:
    return IdentityBook(vault, check_address)


def someone(name: str, address: str | None = None) -> Identity:
    return Identity(
        new_identity_id(), name, address or f"{name}@rowanmail.example", Kind.ADDRESS, Colour.TEAL, SERVER
    )


def names(book: IdentityBook) -> list[str]:
    return [identity.name for identity in book.list()]


def test_what_was_added_is_there_in_order(book: IdentityBook, vault: Vault) -> None:
    assert book.list() == ()
    added = [book.add(someone(name)) for name in ("wren", "ida", "tarn")]
    assert book.list() == tuple(added)
    assert IdentityBook(vault, check_address).get(added[1].id) == added[1]


def test_address_is_saved_in_its_normal_form_and_a_user_name_that_followed_it_still_does(
    book: IdentityBook,
) -> None:
    wren = book.add(someone("wren", "Wren@Rowanmail.Example"))
    assert (wren.address, wren.username) == ("wren@rowanmail.example", "wren@rowanmail.example")
    own = book.add(replace(someone("ida", "Ida@Rowanmail.Example"), username="Ida"))
    assert own.username == "Ida"


def test_address_that_cannot_be_is_refused_as_a_field_of_the_identity(book: IdentityBook) -> None:
    with pytest.raises(BadIdentity, match="This address can’t be") as refusal:
        book.add(someone("wren", "bad@rowanmail.example"))
    assert (refusal.value.field, refusal.value.advice) == ("address", "Type another.")
    assert book.list() == ()


def test_same_identity_is_not_added_twice(book: IdentityBook) -> None:
    wren = book.add(someone("wren"))
    with pytest.raises(BadIdentity):
        book.add(wren)
    assert names(book) == ["wren"]


def test_change_is_saved_in_its_place(book: IdentityBook) -> None:
    wren, _ida = book.add(someone("wren")), book.add(someone("ida"))
    saved = book.save(replace(wren, name="Jenny", colour=Colour.WINE))
    assert names(book) == ["Jenny", "ida"]
    assert book.get(wren.id) == saved


def test_copy_stands_after_its_original_with_an_id_and_a_colour_of_its_own(book: IdentityBook) -> None:
    wren, _ida = book.add(someone("wren")), book.add(someone("ida"))
    copy = book.duplicate(wren.id)
    assert names(book) == ["wren", "wren", "ida"]
    assert book.list()[1] == copy
    assert copy.id != wren.id
    assert copy.colour is Colour.BLUE
    assert replace(copy, id=wren.id, colour=wren.colour) == wren


@pytest.mark.parametrize(
    ("who", "to", "order"),
    [(0, 2, "bca"), (2, 0, "cab"), (1, 1, "abc"), (0, 99, "bca"), (2, -5, "cab"), (0, 1, "bac")],
)
def test_identity_moves_to_its_place(book: IdentityBook, who: int, to: int, order: str) -> None:
    added = [book.add(someone(name)) for name in "abc"]
    book.move(added[who].id, to)
    assert "".join(names(book)) == order
    assert names(book)[-1:] == [order[-1]]
    book.add(someone("d"))
    assert "".join(names(book)) == order + "d"


def test_order_has_no_gap_after_a_removal(book: IdentityBook) -> None:
    added = [book.add(someone(name)) for name in "abc"]
    book.remove(added[0].id)
    book.add(someone("d"))
    book.move(added[2].id, 0)
    assert "".join(names(book)) == "cbd"


def test_nobody_is_not_found_in_words(book: IdentityBook) -> None:
    nobody = someone("nobody")
    for ask in (
        lambda: book.get(nobody.id),
        lambda: book.save(nobody),
        lambda: book.duplicate(nobody.id),
        lambda: book.remove(nobody.id),
        lambda: book.move(nobody.id, 0),
        lambda: forget(nobody.id, book, MemoryStore()),
    ):
        with pytest.raises(NoSuchIdentity, match="no such identity"):
            ask()


def test_forgotten_identity_takes_its_password_along_and_no_other(book: IdentityBook) -> None:
    wren, ida = book.add(someone("wren")), book.add(someone("ida"))
    passwords = MemoryStore()
    passwords.kept = {password_name(wren.id): "1", password_name(ida.id): "2"}
    forget(wren.id, book, passwords)
    assert passwords.kept == {password_name(ida.id): "2"}
    assert names(book) == ["ida"]


def test_identity_whose_password_cannot_be_removed_stays(book: IdentityBook) -> None:
    wren = book.add(someone("wren"))
    passwords = MemoryStore()
    passwords.failure = KeyringLocked("The keyring is locked.")
    with pytest.raises(KeyringLocked):
        forget(wren.id, book, passwords)
    assert names(book) == ["wren"]
    passwords.failure = KeyringMissing("There is none.")
    forget(wren.id, book, passwords, leave_password=True)
    assert names(book) == []


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"id": 1}', "nonsense", '"text"'])
def test_identity_that_cannot_be_read_is_damage_and_stays(
    book: IdentityBook, vault: Vault, body: str
) -> None:
    with vault.writing() as db:
        db.execute("INSERT INTO identity VALUES ('x', 0, ?)", (body,))
    with pytest.raises(VaultDamaged, match="can’t be read"):
        book.list()
    with vault.reading() as db:
        assert db.rows("SELECT body FROM identity")[0]["body"] == body


def test_free_colour_is_the_one_that_the_fewest_have() -> None:
    one_of_each = tuple(replace(someone("a"), colour=colour) for colour in Colour)
    assert free_colour(()) is Colour.TEAL
    assert free_colour(one_of_each) is Colour.TEAL
    assert free_colour(one_of_each[:3]) is Colour.OCHRE
    assert free_colour(one_of_each[1:]) is Colour.TEAL
