"""Accepted mail goes by itself, whatever the clock did meanwhile; nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.files import accept
from tests.app.parts_in_memory import app_in_memory
from torsend.mail.draft import Draft


@pytest.mark.parametrize(
    ("ahead", "stays"),
    [
        (timedelta(minutes=-50), True),
        (timedelta(minutes=-70), False),
        (timedelta(minutes=10), True),
        (timedelta(days=3650), False),
    ],
)
def test_what_was_accepted_goes_after_an_hour(tmp_path: Path, ahead: timedelta, stays: bool) -> None:
    with app_in_memory(tmp_path) as app:
        wren = app.find_identity("Wren")
        waiting, sent = (
            app.queue(Draft(Draft.new().id, wren.id, to="marta@nordpost.example", text=text))
            for text in ("still here", "gone")
        )
        app.outbox._now = lambda: datetime.now(UTC) + ahead
        app.outbox.begin(sent.id)
        accept(app, sent.id)
        app.sweep()
        assert [entry.id for entry in app.outbox.list()] == [waiting.id, *([sent.id] if stays else [])]
