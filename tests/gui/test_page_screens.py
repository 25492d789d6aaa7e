"""Every screen can be painted, in both looks, and at the least size of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gui.page_screens import PAGE_SCREENS
from tests.gui.word_screens import WORD_SCREENS
from torsend.gui import theme
from torsend.gui.parts.labels import Label, Paragraph

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

ALL = {**PAGE_SCREENS, **WORD_SCREENS}

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", list(ALL))
def test_a_screen_can_be_painted(qtbot: QtBot, name: str, dark: bool) -> None:
    theme.look().choose(dark)
    screen = ALL[name]
    widget = screen.make()
    qtbot.addWidget(widget)
    widget.resize(screen.width, screen.height)
    widget.show()
    picture = widget.grab().toImage()
    colours = {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 9)
        for y in range(0, picture.height(), 9)
    }
    assert len(colours) > 3
    theme.look().choose(not dark)
    assert widget.grab().toImage() != picture


@pytest.mark.parametrize("name", list(ALL))
def test_no_sentence_is_left_unfilled(qtbot: QtBot, name: str) -> None:
    widget = ALL[name].make()
    qtbot.addWidget(widget)
    said = [one.text() for one in widget.findChildren(Label)] + [
        one.text() for one in widget.findChildren(Paragraph)
    ]
    assert not [one for one in said if "{" in one and "\\u{" not in one]
