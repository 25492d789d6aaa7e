"""Internationalized domain names, by IDNA 2008."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.mail.domain import DomainError, domain_to_ascii, domain_to_unicode


@pytest.mark.parametrize(
    ("typed", "ascii_form"),
    [
        ("Example.COM", "example.com"),
        ("faß.de", "xn--fa-hia.de"),  # IDNA 2003 would have made fass.de of it
        ("Faß.De", "xn--fa-hia.de"),
        ("βόλος.com", "xn--nxasmm1c.com"),
        ("ΒΌΛΟΣ.com", "xn--nxasmq6b.com"),
        ("الأردن.example", "xn--igbhzh7gpa.example"),
        ("בדיקה.example", "xn--5dbedt4e.example"),
        ("l·l.example", "xn--ll-0ea.example"),
        ("e\u0301té.example", "xn--t-9fab.example"),
        ("テスト。example", "xn--zckzah.example"),
        ("ශ්\u200dරී.com", "xn--10cl1a0b660p.com"),  # the joiner behind a virama is a part of the name
        ("ශ්රී.com", "xn--10cl1a0b.com"),
        ("न्\u200dक.example", "xn--11b1b1gu62h.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("ΒΌΛΟς.example", "xn--nxasmm1c.example"),
        ("xn--nxasmm1c.example", "xn--nxasmm1c.example"),
        ("XN--FA-HIA.de", "xn--fa-hia.de"),
        ("ü" * 57 + ".example", "xn--" + ("ü" * 57).encode("punycode").decode() + ".example"),
        ("a\uff0eb\uff61c", "a.b.c"),
    ],
)
def test_names_become_a_labels(typed: str, ascii_form: str) -> None:
    written = domain_to_ascii(typed)
    assert written == ascii_form
    assert domain_to_ascii(written) == written
    assert domain_to_ascii(domain_to_unicode(written)) == written


@pytest.mark.parametrize(
    "typed",
    [
        "\uff41.example",  # full-width
        "ﬁ.example",
        "a\u00ad.example",
        "a\u200b.example",
        "नी\u200dक.example",
        "a\u200cb.example",
        "نامه\u200cای.example",
        "\u200dක.example",
        "I♥NY.example",
        "👩🏽.example",
        "xn--ü.example",
        "Ⅳ.example",
        "a\u2044b.example",
        "ǆ\u0301\u20dd.example",
        "ü" * 58 + ".example",
        "a·b.example",
        "\u0301a.example",
        "ab--ü.example",
        "-ü.example",
        "ü-.example",
        "١۱.example",
        "abcא.example",  # left to right with a letter from right to left
        "אa.example",
        "א1٠.example",
        "a・b.example",
        "a׳.example",
        "☕.example",
        "\u1100.example",
        "ü" * 60 + ".example",
    ],
)
def test_what_idna_2008_does_not_allow_is_refused(typed: str) -> None:
    with pytest.raises(DomainError):
        domain_to_ascii(typed)


@given(st.text(min_size=1, max_size=30))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        written = domain_to_ascii(text)
    except DomainError:
        return
    assert written.isascii()
    assert domain_to_ascii(written) == written
    assert domain_to_ascii(domain_to_unicode(written)) == written


@pytest.mark.parametrize(
    "label",
    [
        "xn--a",
        "xn--a-",
        "xn--a-ecp",
        "xn--ü",
        "xn--fa-hia-",
        "xn--strasse-",
        "xn--iñvalid",
        "xn--0",
        "xn--99999999",
    ],
)
def test_what_only_looks_like_an_a_label_is_never_shown_as_another_name(label: str) -> None:
    assert domain_to_unicode(f"{label}.example") == f"{label}.example"


@given(st.from_regex(r"xn--[a-z0-9-]{0,20}[a-z0-9]", fullmatch=True))
def test_a_label_that_is_shown_in_its_script_is_the_one_that_is_asked_for(label: str) -> None:
    shown = domain_to_unicode(label)
    assert domain_to_ascii(shown) == label
