"""The word list held against every part of a draft that has words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks import cases
from torsend.checks.finding import Place, Severity, Where
from torsend.checks.findings import Known, before_sending
from torsend.checks.own_words import MOST_TOLD, own_words, words_in
from torsend.checks.words import WordList

if TYPE_CHECKING:
    from torsend.checks.finding import Finding
    from torsend.mail.draft import Draft

KASPAR = WordList(["Kaspar"])


def text_of(draft: Draft, place: Place) -> str:
    whole = {
        Where.TEXT: draft.text,
        Where.SUBJECT: draft.subject,
        Where.TO: draft.to,
        Where.CC: draft.cc,
        Where.BCC: draft.bcc,
        Where.FILE: draft.attachments[place.file].name if draft.attachments else "",
    }[place.where]
    return whole[place.start : place.end]


def found(draft: Draft, words: WordList = KASPAR) -> list[Finding]:
    return list(own_words(draft, words))


@pytest.mark.parametrize("field", ["text", "subject"])
def test_each_place_that_is_shown_holds_the_word(field: str) -> None:
    draft = cases.draft(**{field: "From Kaspar, to KASPAR"})
    (finding,) = found(draft)
    assert (finding.code, finding.severity) == ("on-word-list", Severity.LOOK)
    assert finding.sentence == "“Kaspar” is on your word list"
    assert [text_of(draft, place) for place in finding.places] == ["Kaspar", "KASPAR"]
    assert {place.where for place in finding.places} == {Where(field)}


def test_names_of_recipients_and_of_files_are_looked_at() -> None:
    draft = cases.draft(
        to="Kaspar Lind <k@nordpost.example>",
        cc="K2 <kaspar@nordpost.example>",
        bcc="kaspar@else.example",
        attachments=(cases.file("a.txt"), cases.file("notes-Kaspar.doc")),
    )
    (finding,) = found(draft)
    assert [place.where for place in finding.places] == [Where.TO, Where.CC, Where.BCC, Where.FILE]
    assert [text_of(draft, place) for place in finding.places] == ["Kaspar", "kaspar", "kaspar", "Kaspar"]


def test_a_word_in_a_file_s_name_alone_is_said_to_stand_there() -> None:
    draft = cases.draft(attachments=(cases.file("Kaspar.jpg"),))
    (finding,) = found(draft)
    assert finding.sentence == "“Kaspar” is on your word list, and in a file’s name"


def test_no_word_is_said_only_where_none_is_found_anywhere() -> None:
    (fine,) = found(cases.draft())
    assert (fine.code, fine.severity) == ("no-word", Severity.FINE)
    assert found(cases.draft(), WordList()) == []
    assert found(cases.draft(to="", subject="", text="")) == []
    for field in ("to", "cc", "bcc", "subject", "text"):
        assert [each.code for each in found(cases.draft(**{field: "Kaspar"}))] == ["on-word-list"]


def test_many_words_are_counted() -> None:
    words = [f"secret{n}" for n in range(MOST_TOLD + 3)]
    told = found(cases.draft(text=" ".join(words)), WordList(words))
    assert [each.code for each in told] == ["on-word-list"] * MOST_TOLD + ["more-words"]
    assert told[-1].sentence == "3 more words of your list are in it"
    assert len(told[-1].places) == 3


def test_it_is_among_what_is_said_before_sending() -> None:
    codes = [
        each.code
        for each in before_sending(cases.draft(text="Kaspar"), cases.identity(), known=Known(KASPAR))
    ]
    assert "on-word-list" in codes
    assert "on-word-list" not in [
        each.code for each in before_sending(cases.draft(text="Kaspar"), cases.identity())
    ]


def test_a_word_in_what_a_file_s_reader_sees_is_said_to_stand_there() -> None:
    draft = cases.draft(text="Hall 4", attachments=(cases.file("a.pdf"), cases.file("b.docx")))
    words = WordList(["Kaspar", "Hall 4"])
    within = words_in(["night sh", "ift with Kas", "par, in Ha", "ll 4, and Kaspar"], words)
    assert within == ("Kaspar", "Hall 4")
    hall, kaspar = own_words(draft, words, ((), within))
    assert hall.code == "on-word-list"
    assert [place.where for place in hall.places] == [Where.TEXT, Where.FILE]
    assert kaspar.sentence == "“Kaspar” is on your word list, and in b.docx"
    (place,) = kaspar.places
    assert (place.where, place.file) == (Where.FILE, 1)
    assert text_of(draft, place) == "b.docx"
    (fine,) = own_words(
        cases.draft(attachments=(cases.file("a.pdf"),)), words, (words_in(["nothing"], words),)
    )
    assert fine.code == "no-word"
