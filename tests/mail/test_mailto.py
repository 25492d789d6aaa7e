"""mailto: links, friendly and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.mail.mailto import LONGEST_LINK, BadLink, draft_from


def test_all_that_a_link_may_ask_for() -> None:
    draft = draft_from(
        "mailto:marta@nordpost.example,tips%2Bnew@nordpost.example?subject=Pr%C3%BCfb%C3%B6gen&cc=c@example.org"
        "&bcc=b@example.org&to=third@example.org&body=one%0D%0Atwo+2",
        "me",
    )
    assert draft.to == "marta@nordpost.example,tips+new@nordpost.example, third@example.org"
    assert (draft.cc, draft.bcc) == ("c@example.org", "b@example.org")
    assert draft.subject == "Prüfbögen"
    assert draft.text == "one\ntwo+2"
    assert draft.identity_id == "me"


def test_a_link_attaches_nothing_and_sets_no_other_header() -> None:
    draft = draft_from(
        "mailto:a@b.example?attach=/etc/passwd&attachment=x&from=evil@x.example&In-Reply-To=%3Cx%3E"
    )
    assert draft.attachments == ()
    assert draft.to == "a@b.example"


def test_line_breaks_stay_out_of_header_fields() -> None:
    draft = draft_from("mailto:a@b.example%0D%0ABcc:x@y.example?subject=one%0D%0AX-Evil:%20two")
    assert "\n" not in draft.to + draft.subject
    assert "\r" not in draft.to + draft.subject


@pytest.mark.parametrize("link", ["http://a@b.example", "mailto:%ff", "mailto:" + "a" * LONGEST_LINK, ""])
def test_what_is_no_link_is_said_so(link: str) -> None:
    with pytest.raises(BadLink):
        draft_from(link)


@given(st.text(max_size=200))
def test_any_text_gives_a_draft_or_a_refusal(text: str) -> None:
    try:
        draft = draft_from("mailto:" + text)
    except (BadLink, UnicodeEncodeError):
        return
    assert not set("\r\n\0") & set(draft.to + draft.cc + draft.bcc + draft.subject)
