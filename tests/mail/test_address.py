"""What people type into address fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mail import parts
from torsend.errors import ExitStatus, NotSendable
from torsend.mail.address import (
    Mailbox,
    check_address,
    complete_mailboxes,
    parse_mailboxes,
    provider_of,
    readable,
)
from torsend.mail.refusals import WORDS, BadAddress, BadField, Field, Why


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        (" wren@Rowanmail.EXAMPLE ", "wren@rowanmail.example"),
        ("Wren.K+tag@rowanmail.example", "Wren.K+tag@rowanmail.example"),
        ("!#$%&'*+/=?^_`{|}~-@x.example", "!#$%&'*+/=?^_`{|}~-@x.example"),
        ('"a b"@x.example', '"a b"@x.example'),
        ('"wren"@x.example', "wren@x.example"),
        ('"w\\ren"@x.example', "wren@x.example"),
        ('"a@b"@x.example', '"a@b"@x.example'),
        ('"q\\"\\\\"@x.example', '"q\\"\\\\"@x.example'),
        ('".."@x.example', '".."@x.example'),
        ("a@straße.example", "a@xn--strae-oqa.example"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("a@例え。テスト", "a@xn--r8jz45g.xn--zckzah"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a" * 64 + "@x.example", "a" * 64 + "@x.example"),
        ("wren@nordpost", "wren@nordpost"),
        ("märta@x.example", "märta@x.example"),
        ("Ma\u0308rta@x.example", "Märta@x.example"),
        ('"märta"@x.example', "märta@x.example"),
        ('"märta b"@x.example', '"märta b"@x.example'),
        ("用户@例子.example", "用户@xn--fsqu00a.example"),
        ("δοκιμή@παράδειγμα.example", "δοκιμή@xn--hxajbheg2az3al.example"),
        ("שלום@x.example", "שלום@x.example"),
        ("ශ්\u200dරී@x.example", "ශ්\u200dරී@x.example"),
        ("👩🏽.b@x.example", "👩🏽.b@x.example"),
        ("ä" * 32 + "@x.example", "ä" * 32 + "@x.example"),
    ],
)
def test_addresses_have_one_normal_form(typed: str, normal: str) -> None:
    assert check_address(typed) == normal
    assert check_address(normal) == normal


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", Why.EMPTY),
        ("wren", Why.NO_AT),
        ("wren rowan", Why.NO_AT),
        ("@x.example", Why.NO_LOCAL),
        ('""@x.example', Why.NO_LOCAL),
        ("wren@", Why.NO_DOMAIN),
        (".wren@x.example", Why.DOTS),
        ("wren.@x.example", Why.DOTS),
        ("w..r@x.example", Why.DOTS),
        ("w r@x.example", Why.SPACE),
        ("a@x.example b@y.example", Why.SPACE),
        ("w\\r@x.example", Why.CHARACTER),
        ("w(r)@x.example", Why.CHARACTER),
        ('w"r@x.example', Why.CHARACTER),
        ("w\x00r@x.example", Why.CHARACTER),
        ("w\r\nr@x.example", Why.CHARACTER),
        ("w\u202er@x.example", Why.CHARACTER),
        ("mär\u200dta@x.example", Why.LOCAL_HIDDEN),
        ("\u200dක@x.example", Why.LOCAL_HIDDEN),
        ("mär\u00adta@x.example", Why.LOCAL_HIDDEN),
        ('"mär\u00a0ta"@x.example', Why.LOCAL_HIDDEN),
        ("mär\ue000ta@x.example", Why.LOCAL_HIDDEN),
        ("mär\u00a0ta@x.example", Why.SPACE),
        ("mär\u3000ta@x.example", Why.SPACE),
        ("\u0301marta@x.example", Why.CHARACTER),
        ('"\u0301marta"@x.example', Why.CHARACTER),
        ('"m\\ärta"@x.example', Why.CHARACTER),
        ("märta..b@x.example", Why.DOTS),
        ("märta\u202e@x.example", Why.CHARACTER),
        ("märta\x85@x.example", Why.CHARACTER),
        ("ä" * 33 + "@x.example", Why.LOCAL_TOO_LONG),
        ("a" * 65 + "@x.example", Why.LOCAL_TOO_LONG),
        ("aaa@" + "b" * 62 + ("." + "c" * 62) * 3, Why.TOO_LONG),
        ("a@" + "b" * 63 + ("." + "c" * 63) * 3, Why.DOMAIN_TOO_LONG),
        ('"wren@x.example', Why.QUOTE_OPEN),
        ('"wren"x.example', Why.NO_AT),
        ("<wren@x.example>", Why.ANGLE),
        ("a@b@x.example", Why.SEVERAL),
        ("a@x.example,b@y.example", Why.SEVERAL),
        ('"a"@x.example@y.example', Why.SEVERAL),
        ("friends:a@x.example", Why.GROUP),
        ("a@[127.0.0.1]", Why.ADDRESS_LITERAL),
        ('"a"@[IPv6:::1]', Why.ADDRESS_LITERAL),
        ("a@127.0.0.1", Why.DOMAIN_IS_NUMBER),
        ("a@x..example", Why.DOMAIN_DOTS),
        ("a@x.example.", Why.DOMAIN_DOTS),
        ("a@.x.example", Why.DOMAIN_DOTS),
        ("a@-x.example", Why.DOMAIN_LABEL),
        ("a@x-.example", Why.DOMAIN_LABEL),
        ("a@" + "x" * 64 + ".example", Why.DOMAIN_LABEL),
        ("a@" + "ü" * 63 + ".example", Why.DOMAIN_LABEL),
        ("a@x_y.example", Why.DOMAIN_CHARACTER),
        ("a@fußball\u200d.example", Why.DOMAIN_CHARACTER),
        ("a@☃.example", Why.DOMAIN_CHARACTER),
        ("a@\u0301x.example", Why.DOMAIN_CHARACTER),
    ],
)
def test_what_is_no_address_is_refused_with_its_reason(typed: str, why: Why) -> None:
    with pytest.raises(BadAddress) as refused:
        check_address(typed)
    assert refused.value.why is why
    assert refused.value.status is ExitStatus.NOT_SENDABLE
    assert not any(character in refused.value.what for character in "\r\n\x00\u202e")


def test_every_reason_has_words() -> None:
    assert set(WORDS) == set(Why)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", []),
        (" , ; ", []),
        ("a@x.example;b@y.example,", [("", "a@x.example"), ("", "b@y.example")]),
        ("Marta <a@x.example>", [("Marta", "a@x.example")]),
        ("<a@x.example>", [("", "a@x.example")]),
        ('"Lindqvist, Marta" <a@x.example>', [("Lindqvist, Marta", "a@x.example")]),
        ('"Say \\"hi\\"; <b@c>" <a@x.example>', [('Say "hi"; <b@c>', "a@x.example")]),
        ('Marta "Mimi" L. <a@x.example>', [('Marta "Mimi" L.', "a@x.example")]),
        ("Marta (work) <a@x.example>", [("Marta (work)", "a@x.example")]),
        ("m@old.example <a@x.example>", [("m@old.example", "a@x.example")]),
        ("  Ida\u00a0 Holm  < a@x.example >", [("Ida Holm", "a@x.example")]),
        ("שלום <a@x.example>", [("שלום", "a@x.example")]),
        ('"a;b"@x.example, c@d.example', [("", '"a;b"@x.example'), ("", "c@d.example")]),
        ('Q <"a,b"@x.example>', [("Q", '"a,b"@x.example')]),
    ],
)
def test_fields_are_read_as_people_write_them(typed: str, read: list[tuple[str, str]]) -> None:
    assert parse_mailboxes(typed) == tuple(Mailbox(*pair) for pair in read)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("Friends: a@x.example, b@y.example;", Why.GROUP),
        ("Friends: Ann <a@x.example>;", Why.GROUP),
        ('"Marta <a@x.example>', Why.QUOTE_OPEN),
        ("Marta <a@x.example", Why.ANGLE),
        ("Marta a@x.example>", Why.ANGLE),
        ("Marta <a@x.example> Lindqvist", Why.ANGLE),
        ("Marta <<a@x.example>>", Why.ANGLE),
        ("Marta <a@x.example, b@y.example>", Why.SPACE),
        ("Marta <>", Why.EMPTY),
        ("Lindqvist, Marta <a@x.example>", Why.NO_AT),
    ],
)
def test_what_is_no_mailbox_is_refused(typed: str, why: Why) -> None:
    with pytest.raises(BadAddress) as refused:
        parse_mailboxes(typed)
    assert refused.value.why is why


def test_a_bad_address_is_told_with_its_place() -> None:
    typed = "Ann <a@x.example>,  bad one@ , c@y.example"
    with pytest.raises(BadAddress) as refused:
        parse_mailboxes(typed, Field.CC)
    error = refused.value
    assert (error.field, error.ordinal, error.item) == (Field.CC, 2, "bad one@")
    assert typed[error.start : error.end] == "bad one@"
    assert error.what.startswith("Cc, address 2: “bad one@” ")


def test_a_line_break_in_a_field_is_refused_not_cleaned() -> None:
    with pytest.raises(BadField) as refused:
        parse_mailboxes("a@x.example\r\nBcc: b@y.example", Field.TO)
    assert refused.value.position == 11
    assert refused.value.what == "To holds a line break."


def test_a_hidden_character_is_named_by_its_code() -> None:
    with pytest.raises(BadField, match=r"U\+202E"):
        parse_mailboxes("Ann \u202e<a@x.example>")


def test_while_typing_complete_addresses_count_already() -> None:
    assert complete_mailboxes("Ann <a@x.example>, mar, c@y\n.example, b@") == (Mailbox("Ann", "a@x.example"),)
    assert complete_mailboxes("\r\n") == ()


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("w@rowanmail.example", "rowanmail"),
        ("w@mail.rowanmail.example", "rowanmail"),
        ("w@post.co.uk", "post"),
        ("w@localhost", "localhost"),
        ("w@xn--bcher-kva.example", "bücher"),
        ("w@5gdvpfoh6kb2iqbizb37lzk2ddzrwa47m6rpdueg2m656fovmbhoptqd.onion", "5gdvpf….onion"),
    ],
)
def test_a_provider_has_a_short_word(address: str, provider: str) -> None:
    assert provider_of(address) == provider


def test_a_domain_is_shown_in_its_own_script() -> None:
    assert readable("w@xn--bcher-kva.example") == "w@bücher.example"
    # Not a valid one: shown as it is, so that it can't pass for another.
    assert readable("w@xn--a-ecp.example") == "w@xn--a-ecp.example"


@given(st.lists(parts.mailboxes, max_size=6), st.sampled_from([", ", ",", "; ", " ;,"]))
def test_what_was_typed_in_full_form_is_read_back(boxes: list[Mailbox], separator: str) -> None:
    assert parse_mailboxes(separator.join(map(parts.typed, boxes))) == tuple(boxes)


@given(parts.quoted_locals, parts.domains)
def test_quoted_local_parts_keep_their_meaning(local: str, domain: str) -> None:
    normal = check_address(f"{local}@{domain}")
    assert check_address(normal) == normal
    assert normal.endswith(f"@{domain}")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    complete_mailboxes(text)
    try:
        boxes = parse_mailboxes(text)
    except NotSendable as refused:
        assert refused.what.isprintable()  # noqa: PT017
    else:
        for box in boxes:
            assert box.address.isascii()
            assert check_address(box.address) == box.address
