"""What a failure says of itself: what happened, what left, what to try; nothing about what left where that isn't known."""

from __future__ import annotations

import pytest

from torsend.errors import (
    Left,
    NotSendable,
    StorageError,
    StreamFailed,
    TorsendError,
    TorUnavailable,
    UsageError,
)


@pytest.mark.parametrize("kind", [TorsendError, UsageError, StorageError])
def test_a_failure_that_does_not_know_what_left_does_not_say_that_nothing_did(
    kind: type[TorsendError],
) -> None:
    error = kind("It was accepted already.", advice="Write it anew.")
    assert error.sentences() == "It was accepted already. Write it anew."
    assert "unsaid" in error.log_safe


@pytest.mark.parametrize("kind", [NotSendable, TorUnavailable, StreamFailed])
def test_before_a_stream_stands_nothing_left(kind: type[TorsendError]) -> None:
    assert kind("No.", advice="Do.").sentences() == "No. Nothing left this computer. Do."
    assert kind("No.", left=Left.CONNECTION).left is Left.CONNECTION
