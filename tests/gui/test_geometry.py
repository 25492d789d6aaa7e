"""A window comes again where it was and as large as it was, and never where nobody sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize

from torsend.gui.geometry import geometry_of, placed
from torsend.gui.shell import LEAST_HEIGHT, LEAST_WIDTH, Shell
from torsend.settings import Geometry

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEAST = QSize(LEAST_WIDTH, LEAST_HEIGHT)
LAPTOP = QRect(0, 0, 1366, 728)
SECOND = QRect(1366, 0, 1920, 1080)


@pytest.mark.parametrize(
    ("was", "areas", "corner", "size"),
    [
        (Geometry(100, 20, 1200, 700), [LAPTOP], (100, 20), (1200, 700)),
        (Geometry(1500, 30, 1700, 1000), [LAPTOP, SECOND], (1500, 30), (1700, 1000)),
        # The second screen is gone.
        (Geometry(1500, 30, 1700, 1000), [LAPTOP], None, (1366, 728)),
        # It reaches over both: it comes to where most of its title was, all of it.
        (Geometry(1200, 30, 1000, 700), [LAPTOP, SECOND], (1366, 30), (1000, 700)),
        (Geometry(1000, 300, 1200, 700), [LAPTOP], (166, 28), (1200, 700)),
        (Geometry(-500, -10, 1000, 700), [LAPTOP], None, (1000, 700)),
        (Geometry(-500, -2, 1000, 700), [LAPTOP], None, (1000, 700)),
        (Geometry(-500, 0, 1000, 700), [LAPTOP], (0, 0), (1000, 700)),
        (Geometry(90_000, 90_000, 1100, 700), [LAPTOP], None, (1100, 700)),
        (Geometry(0, 0, 10, 10), [LAPTOP], (0, 0), (LEAST_WIDTH, LEAST_HEIGHT)),
        # No screen at all, for the moment of changing it.
        (Geometry(0, 0, 10, 10), [], None, (LEAST_WIDTH, LEAST_HEIGHT)),
    ],
)
def test_where_it_comes(
    was: Geometry, areas: list[QRect], corner: tuple[int, int] | None, size: tuple[int, int]
) -> None:
    found, large = placed(was, areas, LEAST)
    assert (None if found is None else (found.x(), found.y())) == corner
    assert (large.width(), large.height()) == size


PIXELS = st.integers(-100_000, 100_000)
SIDES = st.integers(1, 100_000)
AREAS = st.builds(
    QRect, st.integers(-5000, 5000), st.integers(-5000, 5000), st.integers(320, 8000), st.integers(240, 5000)
)


@given(x=PIXELS, y=PIXELS, width=SIDES, height=SIDES, areas=st.lists(AREAS, min_size=1, max_size=3))
def test_its_title_is_always_on_a_screen(x: int, y: int, width: int, height: int, areas: list[QRect]) -> None:
    corner, size = placed(Geometry(x, y, width, height), areas, LEAST)
    assert size.width() >= LEAST_WIDTH
    assert any(size.width() <= max(area.width(), LEAST_WIDTH) for area in areas)
    if corner is not None:
        (area,) = [each for each in areas if each.contains(corner)][:1] or [QRect()]
        assert area.contains(corner)


@pytest.mark.parametrize("maximised", [False, True])
def test_it_does_not_wander(qtbot: QtBot, maximised: bool) -> None:
    first = Shell()
    qtbot.addWidget(first)
    first.set_geometry_of(Geometry(40, 30, LEAST_WIDTH, LEAST_HEIGHT, maximised))
    first.show()
    qtbot.waitUntil(lambda: first.isMaximized() == maximised)
    was = first.geometry_now()
    second = Shell()
    qtbot.addWidget(second)
    second.set_geometry_of(was)
    second.show()
    qtbot.waitUntil(lambda: second.isMaximized() == maximised)
    assert second.geometry_now() == was
    if not maximised:
        assert second.pos() == first.pos()


def test_a_screen_that_is_smaller_holds_it(qtbot: QtBot) -> None:
    shell = Shell()
    qtbot.addWidget(shell)
    shell.set_geometry_of(Geometry(90_000, 90_000, 100_000, 100_000))
    area = shell.screen().availableGeometry()
    assert shell.size() == area.size()
    assert shell.pos() == QPoint(0, 0)


def test_one_that_was_never_seen_otherwise_knows_its_size(qtbot: QtBot) -> None:
    shell = Shell()
    qtbot.addWidget(shell)
    shell.resize(1000, 700)
    shell.showMaximized()
    qtbot.waitUntil(shell.isMaximized)
    found = geometry_of(shell)
    assert found.maximised
    assert (found.width, found.height) == (1000, 700)
