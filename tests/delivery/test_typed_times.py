"""Times and spans as they are typed on the command line."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.cli.times import read, span, time
from torsend.delivery.later import NOW, At, BadTime, Within


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-03-01T14:30", 14),
        ("2026-03-01 14:30Z", 14),
        ("2026-03-01T14:30:00+01:00", 13),
        (" 20260301T1430 ", 14),
    ],
)
def test_time_is_utc_unless_it_says_otherwise(text: str, hour: int) -> None:
    assert time(text) == datetime(2026, 3, 1, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90m", 5400), ("6h", 21600), ("1d12h", 129600), ("1H30M", 5400), ("45s", 45)]
)
def test_spans(text: str, seconds: int) -> None:
    assert span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "90", "m", "-6h", "6 h", "1h1d", "٣h", "1.5h", "tomorrow"])
def test_what_is_no_span_is_said_in_words(text: str) -> None:
    with pytest.raises(BadTime) as told:
        span(text)
    assert told.value.advice


@given(st.text(max_size=30), st.sampled_from([time, span]))
def test_anything_typed_is_understood_or_an_error_in_words(text: str, reads: Callable[[str], object]) -> None:
    with contextlib.suppress(BadTime):
        assert reads(text) is not None


def test_choice() -> None:
    assert read(None, None) is NOW
    assert read("2026-03-01T14:30Z", None) == At(datetime(2026, 3, 1, 14, 30, tzinfo=UTC))
    assert read(None, "2h") == Within(timedelta(hours=2))
    with pytest.raises(BadTime):
        read(None, "0s")
