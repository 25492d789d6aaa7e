"""The line of phases."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from torsend.delivery.lane import Progress, SendPhase
from torsend.gui.phases import PhasesLine, steps

BEFORE = ("done:Circuit built", "done:Signed in")


def progress(phase: SendPhase) -> Progress:
    return Progress("e", "i", phase, 3_100_000, 8_400_000)


@pytest.mark.parametrize(
    ("phase", "stands"),
    [
        (SendPhase.BUILDING, ["now:Building a circuit", "ahead:Signed in"]),
        (SendPhase.BUILT, ["done:Circuit built", "ahead:Signed in"]),
        (SendPhase.SIGNING_IN, ["done:Circuit built", "now:Signing in"]),
        (SendPhase.SIGNED_IN, ["done:Circuit built", "done:Signed in"]),
        (SendPhase.SENDING, [*BEFORE, "now:Sending 3.1 of 8.4 MB", "ahead:Accepted by rowanmail"]),
        (SendPhase.WAITING, [*BEFORE, "done:Sent 8.4 MB", "now:Waiting for rowanmail’s answer"]),
        (SendPhase.ACCEPTED, [*BEFORE, "done:Sent 8.4 MB", "done:Accepted by rowanmail"]),
        (SendPhase.FAILED, ["failed:Not sent"]),
    ],
)  # fmt: skip
def test_each_phase_has_its_words(phase: SendPhase, stands: list[str]) -> None:
    said = [f"{one.stand.value}:{one.words}" for one in steps(progress(phase), "rowanmail")]
    assert said[: len(stands)] == stands


def test_every_phase_can_be_shown(qtbot: QtBot) -> None:
    line = PhasesLine()
    qtbot.addWidget(line)
    line.resize(900, 20)
    for phase in SendPhase:
        line.set_progress(progress(phase), "rowanmail", "wine")
        line.grab()
        assert line.accessibleName()


def test_nothing_is_called_accepted_before_the_answer(qtbot: QtBot) -> None:
    line = PhasesLine()
    qtbot.addWidget(line)
    line.set_progress(progress(SendPhase.WAITING), "rowanmail", "wine")
    assert line.accessibleName() == "Waiting for rowanmail’s answer"
    assert "Accepted by rowanmail" not in line.words()


def test_a_step_to_come_without_room_is_left_out_and_never_cut(qtbot: QtBot) -> None:
    line = PhasesLine()
    qtbot.addWidget(line)
    line.set_progress(progress(SendPhase.SENDING), "a-provider-with-a-name-of-some-length", "wine")
    wide = line.sizeHint().width() + 4
    line.resize(wide, 20)

    def inked(beyond: int) -> bool:
        picture = line.grab().toImage()
        ground = picture.pixelColor(picture.width() - 1, 0)
        pixels = ((x, y) for x in range(beyond, picture.width()) for y in range(picture.height()))
        return any(picture.pixelColor(x, y) != ground for x, y in pixels)

    last = wide - 120
    assert inked(last)
    line.resize(wide - 40, 20)
    assert not inked(last)


def test_what_happens_now_is_said_however_little_room_there_is(qtbot: QtBot) -> None:
    line = PhasesLine()
    qtbot.addWidget(line)
    line.set_progress(progress(SendPhase.SENDING), "rowanmail", "wine")
    least = line.minimumSizeHint().width()
    said = [[one.stand.value for one in line._fitting(width)] for width in (900, least + 90, least)]
    assert said == [["done", "done", "now", "ahead"], ["done", "now"], ["now"]]
    line.set_progress(progress(SendPhase.ACCEPTED), "rowanmail", "wine")
    assert [one.words for one in line._fitting(0)] == ["Accepted by rowanmail"]
