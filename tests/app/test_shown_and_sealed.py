"""What is shown of a mail is what is sealed for sending, and what one mail has is in no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.parts_in_memory import app_in_memory
from torsend.app import App
from torsend.delivery.later import At
from torsend.mail.draft import Attachment, Draft
from torsend.mail.wire import Message

LATER = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with app_in_memory(tmp_path) as opened:
        yield opened


@pytest.fixture
def draft(app: App, tmp_path: Path) -> Draft:
    (tmp_path / "notes.txt").write_text("notes\n")
    return Draft(
        Draft.new().id, app.book.list()[0].id, to="Marta <marta@nordpost.example>", subject="Sheets", text="Hello\n",
        attachments=(Attachment.of(tmp_path / "notes.txt").as_it_is(),),
    )  # fmt: skip


def whole(message: Message) -> bytes:
    return b"".join(message.chunks())


def drawn(written: bytes) -> set[bytes]:
    """Message-ID without its domain, and boundary."""
    found = re.search(rb"Message-ID: <(\w+)@.*boundary=\"(=_\w+)\"", written, re.DOTALL)
    assert found is not None
    return {found[1], found[2]}


def test_shown_then_sealed_the_bytes_are_equal(app: App, draft: Draft) -> None:
    shown = whole(app.compose(draft, LATER))
    assert whole(app.compose(Draft.from_json(draft.to_json()), LATER)) == shown
    entry = app.queue(draft, At(LATER))
    assert b"".join(app.outbox.chunks(entry.id)) == shown


def test_in_another_minute_only_the_date_is_another(app: App, draft: Draft) -> None:
    one, other = (whole(app.compose(draft, LATER + timedelta(minutes=n))).splitlines() for n in range(2))
    differing = [line for line, then in zip(one, other, strict=True) if line != then]
    assert len(differing) == 1
    assert differing[0].startswith(b"Date: ")


def test_two_drafts_of_the_same_words_share_nothing(app: App, draft: Draft) -> None:
    other = replace(
        Draft.new(draft.identity_id), **{name: getattr(draft, name) for name in ("to", "attachments")}
    )
    assert drawn(whole(app.compose(draft))).isdisjoint(drawn(whole(app.compose(other))))


def test_two_senders_of_one_draft_share_nothing(app: App, draft: Draft) -> None:
    """Whoever sees two mails with one number would know that one person has both addresses."""
    other = replace(draft, identity_id=app.book.list()[1].id)
    assert drawn(whole(app.compose(draft))).isdisjoint(drawn(whole(app.compose(other))))


def test_taken_back_and_sealed_again_it_is_another_mail(app: App, draft: Draft) -> None:
    entry = app.queue(draft, At(LATER))
    before = b"".join(app.outbox.chunks(entry.id))
    again = app.take_back(entry.id)
    assert again == draft
    assert drawn(before).isdisjoint(drawn(whole(app.compose(again))))
