"""The person's words, however they are written; and plain words that only look like them."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.checks.words import MOST_WORDS, Match, WordList, fold


def found(words: list[str], text: str) -> list[tuple[str, str]]:
    return [(match.word, text[match.start : match.end]) for match in WordList(words).find(text)]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("Kaspar", "KASPAR"),
        ("Kaspar", "Káspàr"),
        ("Kaspar", "Ka\u0301spar"),
        ("Kaspar", "Kas\u200bp\u00adar"),
        ("Kaspar", "Kаspаr"),  # two Cyrillic letters
        ("Kaspar", "Kaspars"),
        ("Kaspar", "Kasparem"),
        ("Kaspar", "Kas-\npar"),
        ("Kaspar", "Kas-\n> par"),
        ("Kaspar", "kas-par"),
        ("Kaspar", "🙂Kaspar🙂"),
        ("Jérôme", "jerome"),
        ("Jérôme", "Je\u0301ro\u0302me"),
        ("Straße", "STRASSE"),
        ("Strasse", "Straße"),
        ("Müller", "Mueller"),
        ("Müller", "Muller"),
        ("Søren", "Soeren"),
        ("Łukasz", "Lukasz"),
        ("Åberg", "Aaberg"),
        ("Каспар", "Каспара"),
        ("Αγγελος", "Άγγελος"),
        ("김철수", "김철수는"),
        ("Hall 4", "hall 4"),
        ("Hall 4", "Hall-4"),
        ("Hall 4", "Hall4"),
        ("Hall 4", "Hall\n4"),
        ("Hall 4", "Hall\r\n> > 4"),
        ("Hall4", "Hall4"),
        ("van der Meer", "Van der\nMeer"),
        ("van der Meer", "vandermeer"),
        ("O’Neill", "O'Neill"),
        ("Marie-Luise", "Marie Luise"),
        ("Rosenweg 12", "Rosenweg  12"),
        ("kaspar@home.example", "Kaspar@home.example"),
        ("AB-12/7", "ab 12 7"),
        ("0151 2345678", "0151-234 56 78"),
        ("0151 2345678", "+49 151 2345678"),
        ("+49 (151) 2345678", "0151/2345678"),
        ("王小明", "我叫王小明的"),
        ("สมชาย", "นายสมชายครับ"),
    ],
)
def test_one_word_however_it_is_written(word: str, text: str) -> None:
    told = found([word], f"Before it, {text} and behind.")
    assert [each[0] for each in told] == [word]
    if word not in ("王小明", "สมชาย"):
        assert told[0][1] in (text, text.strip("🙂")) or text.startswith(told[0][1]) or "🙂" in text


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("Kaspar", "Kasparhaus"),
        ("Kaspar", "kas par"),
        ("Kaspar", "Kasp ar"),
        ("Ann", "and a new one"),
        ("Ann", "anno"),
        ("Mark", "Market"),
        ("Hall 4", "Hall 45"),
        ("Hall 4", "Ha ll 4"),
        ("Hall 4", "Hall of 4"),
        ("Hall 4", "Hall\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n4"),
        ("Rose", "Rosenweg"),
        ("12", "123"),
        ("0151 2345678", "0151 2345679"),
        ("0151 2345678", "x0151234567890123"),
    ],
)
def test_what_only_looks_like_it(word: str, text: str) -> None:
    assert found([word], text) == []


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("Kaspar", "kaspar1985", "kaspar"),
        ("Kaspar", "1985kaspar", "kaspar"),
        ("Kaspar", "AnnaKaspar_CV.pdf", "Kaspar"),
        ("Kaspar", "CVKaspar", "Kaspar"),
        ("Müller", "AnnaMüllerCV", "Müller"),
        ("Müller", "AnnaMuellerCV", "Mueller"),
        ("Anna Kaspar", "AnnaKaspar2024CV", "AnnaKaspar"),
        ("Влад", "ВладПетров", "Влад"),
        ("Kaspar", "https://a.example/~kaspar85/x", "kaspar"),
    ],
)
def test_words_that_are_run_together_are_parted_by_capitals_and_figures(
    word: str, text: str, found: str
) -> None:
    [match] = WordList([word]).find(text)
    assert text[match.start : match.end] == found
    pieces = WordList([word]).search()
    assert (*pieces.feed(text[:3]), *pieces.feed(text[3:]), *pieces.finish()) == (match,)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("Mark", "Marketing2024"),
        ("Al", "AlGore"),
        ("Kaspar", "kasparow1985"),
        ("Kaspar", "a1" * 20 + "Kaspar1"),
    ],
)
def test_what_only_looks_like_words_run_together(word: str, text: str) -> None:
    assert WordList([word]).find(text) == ()


def test_the_longest_of_several_that_begin_at_one_place() -> None:
    words = ["Ida", "Ida Holm", "Holm"]
    assert found(words, "Ida Holm and Ida and Holm") == [
        ("Ida Holm", "Ida Holm"),
        ("Ida", "Ida"),
        ("Holm", "Holm"),
    ]


def test_what_is_no_word_is_left_out() -> None:
    assert WordList(["", " ", "x", "-", "y" * 101, "…"]).words == ()
    assert not WordList()
    assert WordList([f"word{n}" for n in range(MOST_WORDS + 5)]).words[-1] == f"word{MOST_WORDS - 1}"
    assert found([], "anything") == []


NAMES = st.text(st.sampled_from(string.ascii_letters + "äöüßéñçøłКаспрαβγ"), min_size=3, max_size=12)


@given(st.lists(NAMES, min_size=1, max_size=5), st.text(max_size=40), st.text(max_size=40))
def test_a_word_between_spaces_is_always_found(names: list[str], before: str, behind: str) -> None:
    words = WordList(names)
    for name in words.words:
        text = f"{before} | {name} | {behind}"
        at = len(before) + 3
        assert any(match.start <= at < match.end for match in words.find(text)), text


@given(
    st.text(st.sampled_from("Kasparé -\n4Hal>x "), max_size=300), st.lists(st.integers(1, 50), max_size=20)
)
def test_a_text_in_pieces_is_the_same_text(text: str, cuts: list[int]) -> None:
    words = WordList(["Kaspar", "Hall 4", "Ha", "aa l"])
    search = words.search()
    told: list[Match] = []
    at = 0
    for cut in cuts:
        told += search.feed(text[at : at + cut])
        at += cut
    told += [*search.feed(text[at:]), *search.finish()]
    assert tuple(told) == words.find(text)


@pytest.mark.parametrize("size", [1, 7, 1_000, 65_535, 65_536, 65_537, 70_000])
def test_a_long_text_in_pieces_of_any_size_has_every_word_once(size: int) -> None:
    words = WordList(["Kaspar", "Hall 4"])
    text = ("filler and more of it " * 37 + "Kas-\npar in Hall\n> 4. ") * 200
    whole = [(match.word, text[match.start : match.end]) for match in words.find(text)]
    assert len(whole) == 400
    assert set(whole) == {("Kaspar", "Kas-\npar"), ("Hall 4", "Hall\n> 4")}
    if size > 1:
        search = words.search()
        pieces = [match for at in range(0, len(text), size) for match in search.feed(text[at : at + size])]
        assert (*pieces, *search.finish()) == words.find(text)


@given(st.text(max_size=30))
def test_folding_is_done_once_and_blind_to_form(token: str) -> None:
    assert fold(fold(token)) == fold(token)
    assert fold(unicodedata.normalize("NFD", token)) == fold(unicodedata.normalize("NFC", token))


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=5))
def test_any_text_and_any_words_are_looked_through(text: str, words: list[str]) -> None:
    for match in WordList(words).find(text):
        assert 0 <= match.start < match.end <= len(text)


def test_no_text_is_hard() -> None:
    """Counted in looks, not in time: the worst texts look up no more tokens than they have."""
    words = WordList([f"name{n} of the house" for n in range(1_000)])
    for text in (
        "name1 of the " * 20_000,
        "name1-" * 40_000,
        "a" * 300_000,
        "1 " * 100_000,
        "\u200b" * 100_000,
    ):
        assert words.find(text) == ()
