"""What the window remembers from one run to the next, and that it is nothing that tells of anybody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.app.conftest import quick
from tests.app.test_window import WAIT_MS, person, start_in
from torsend.app import App
from torsend.gui.shell import Shell
from torsend.gui.sidebar import Page
from torsend.gui.window import Window
from torsend.mail.draft import Draft
from torsend.settings import FirstRun, Geometry, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with App.open(quick(start_in(tmp_path))) as opened:
        opened.add_identity(person("Wren", "wren", 465, "smtp.rowanmail.example"), "secret")
        opened.change_settings(first_run=FirstRun.OVER)
        yield opened


@pytest.fixture
def window(qtbot: QtBot, app: App) -> Iterator[Callable[[], Window]]:
    made: list[Window] = []

    def make() -> Window:
        shell = Shell()
        qtbot.addWidget(shell)
        made.append(Window(app, shell))
        shell.show()
        made[-1].start()
        qtbot.waitUntil(lambda: made[-1]._read, timeout=WAIT_MS)
        return made[-1]

    yield make
    for each in made:
        each.stop()


def test_page_and_sizes_come_again(
    qtbot: QtBot, app: App, tmp_path: Path, window: Callable[[], Window]
) -> None:
    first = window()
    assert first.shell.page() is Page.OUTBOX
    first.shell.show_page(Page.IDENTITIES)
    first.shell.resize(1010, 700)
    first.write(Draft.new())
    first.writers[0].window.resize(970, 660)
    first.writers[0].end()
    qtbot.waitUntil(lambda: app.settings.writer is not None, timeout=WAIT_MS)
    first.write(Draft.new())
    # As wide as this screen allows, and as high as it was.
    assert first.writers[0].window.height() == 660
    first.shell.close()
    first.stop()
    again = window()
    assert again.shell.page() is Page.IDENTITIES

    path = app.start.profile.settings
    kept = load_settings(path).settings
    assert isinstance(kept.window, Geometry)
    assert (kept.page, kept.window.width, kept.window.height) == ("identities", 1010, 700)
    text = path.read_text()
    assert not [word for word in ("wren", "rowanmail", "secret", str(tmp_path)) if word in text.lower()]
    assert set(json.loads(text)) == {
        "version", "theme", "tor", "torrc_include", "panel_shown", "route_folded", "window", "writer", "page",
        "may_connect", "first_run",
    }  # fmt: skip


def test_a_page_that_there_is_not_is_the_outbox(app: App, window: Callable[[], Window]) -> None:
    app.change_settings(page="arrived")
    assert window().shell.page() is Page.OUTBOX
    app.change_settings(page="trace")
    assert window().shell.page() is Page.OUTBOX
