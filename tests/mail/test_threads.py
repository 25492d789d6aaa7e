"""An answer names the mail that it answers only as the identity to which that mail came."""

from __future__ import annotations

import dataclasses
import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mail import parts
from torsend.mail.draft import MOST_REFERENCES, Draft, Thread
from torsend.mail.mailto import draft_from

ANSWERED = Thread("<3@nordpost.example>", ("<1@nordpost.example>", "<2@rowanmail.example>"))


def header(draft: Draft) -> bytes:
    return parts.wire(draft).partition(b"\r\n\r\n")[0] + b"\r\n"


def test_the_thread_leaves_only_as_the_identity_that_began() -> None:
    draft = dataclasses.replace(parts.draft(), identity_id="wren", begun_as="wren", thread=ANSWERED)
    lines = header(draft)
    assert (
        b"In-Reply-To: <3@nordpost.example>\r\n"
        b"References: <1@nordpost.example>\r\n <2@rowanmail.example>\r\n <3@nordpost.example>\r\nMIME-Version:"
    ) in lines
    plain = header(dataclasses.replace(draft, thread=None))
    # But for those lines it is the same header.
    kept = lines.replace(lines[lines.index(b"In-Reply-To") : lines.index(b"MIME-Version")], b"")
    assert kept == plain
    assert header(draft.sent_by("finch")) == plain
    assert header(draft.sent_by("finch").sent_by("wren")) == lines


def test_the_first_that_is_chosen_began_it() -> None:
    draft = dataclasses.replace(Draft.new(), thread=ANSWERED)
    assert draft.thread_of_sender == ANSWERED
    assert draft.sent_by("wren").thread_of_sender == ANSWERED
    assert draft.sent_by("wren").sent_by("finch").thread_of_sender is None
    # One of an earlier version does not say who began it: whoever sends it then.
    assert Draft("1", "wren", thread=ANSWERED).sent_by("finch").begun_as == "wren"


def test_a_draft_remembers_its_thread() -> None:
    draft = dataclasses.replace(Draft.new("wren"), thread=ANSWERED)
    assert Draft.from_json(draft.to_json()) == draft
    old = Draft("1").to_json().replace('"thread": null, "begun_as": ""', '"later": 1')
    assert Draft.from_json(old) == Draft("1")


def test_a_link_may_name_what_is_answered() -> None:
    draft = draft_from(
        "mailto:list@lists.example?In-Reply-To=%3C3469A91.D10AF4C@list.example%3E&references=%3C1@list.example%3E",
        "wren",
    )
    assert draft.thread == Thread("<3469A91.D10AF4C@list.example>", ("<1@list.example>",))
    assert draft.begun_as == "wren"


@pytest.mark.parametrize(
    "named", ["", "<x>", "x@y", "<a b@c.example>", "<a@b.example\r\nBcc: c@d.example>", "<é@b.de>"]
)
def test_what_is_no_message_id_names_nothing(named: str) -> None:
    assert Thread.read(named) is None
    with pytest.raises(ValueError, match="not a thread"):
        Thread(named)


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_a_link_names_breaks_no_line(answered: str, references: str) -> None:
    thread = Thread.read(f"<a@b.example> {answered}", f"{references} <c@d.example>")
    assert thread is not None
    lines = header(dataclasses.replace(parts.draft(), thread=thread))
    assert all(len(line) <= 998 for line in lines.split(b"\r\n"))
    read = email.message_from_bytes(lines + b"\r\n", policy=email.policy.default)
    assert str(read["In-Reply-To"]).split() == [thread.in_reply_to]
    assert str(read["References"]).split() == list(thread.line_of_references)


def test_a_long_thread_keeps_its_ends() -> None:
    named = " ".join(f"<{n}@list.example>" for n in range(100))
    thread = Thread.read("<100@list.example>", named)
    assert thread is not None
    assert len(thread.references) == MOST_REFERENCES
    assert (thread.references[0], thread.references[-1]) == ("<0@list.example>", "<99@list.example>")
