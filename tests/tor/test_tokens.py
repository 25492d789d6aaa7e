from __future__ import annotations

import pytest

from torsend.tor.isolation import MAX_LENGTH, Isolation, Purpose, Token


def test_a_token_stays_the_same_until_renewed() -> None:
    isolation = Isolation()
    first = isolation.token("wren", Purpose.SENDING)
    assert isolation.token("wren", Purpose.SENDING) == first
    renewed = isolation.renew("wren", Purpose.SENDING)
    assert renewed != first
    assert isolation.token("wren", Purpose.SENDING) == renewed


def test_identities_and_purposes_never_share_a_token() -> None:
    isolation = Isolation()
    tokens = {isolation.token(who, why) for who in ("wren", "osprey", "heron") for why in Purpose}
    assert len(tokens) == 6
    assert len({token.password for token in tokens}) == 6


def test_the_next_start_has_other_tokens() -> None:
    assert Isolation().token("wren", Purpose.SENDING) != Isolation().token("wren", Purpose.SENDING)


def test_a_token_holds_nothing_of_the_identity() -> None:
    token = Isolation().token("wren@rowanmail.example", Purpose.SENDING)
    for part in (token.username, token.password):
        assert set(part) <= set("0123456789abcdef")
        assert len(part) <= MAX_LENGTH


def test_a_token_is_known_as_ours_and_whose_also_when_it_was_renewed() -> None:
    isolation = Isolation()
    old = isolation.token("wren", Purpose.SENDING)
    isolation.renew("wren", Purpose.SENDING)
    assert isolation.ours(old.username)
    assert isolation.owner(old) == ("wren", Purpose.SENDING)
    assert not isolation.ours(Isolation().token("wren", Purpose.SENDING).username)
    assert isolation.owner(Token("a", "b")) is None


def test_printing_a_token_shows_nothing() -> None:
    assert repr(Token("user", "word")) == "Token()"


@pytest.mark.parametrize("part", ["", "x" * 65, "é", "a\r\nb", "a\0"])
def test_what_would_break_the_handshake_is_no_token(part: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        Token(part, "fine")
    with pytest.raises(ValueError, match="printable"):
        Token("fine", part)
