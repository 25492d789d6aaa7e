"""A screen that is smaller than a window would be, or has twice as large letters: all of it can be reached there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tests.gui import page_screens as sample
from tests.gui.screens import compose
from tests.gui.test_reachable import walked
from torsend.gui.geometry import fit, hold, least_of
from torsend.gui.parts import PlainTextField
from torsend.gui.parts.whole import Whole
from torsend.gui.shell import LEAST_HEIGHT, LEAST_WIDTH
from torsend.gui.sidebar import Page
from torsend.gui.unlock import Lock
from torsend.gui.writer_window import ENOUGH

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

NETBOOK = QRect(0, 0, 1024, 600)
DOUBLED = QRect(0, 0, 512, 300)
"""The same one, with letters twice as large."""
LARGE = QRect(0, 0, 1920, 1080)


def test_a_window_fits_the_smallest_screen_and_is_never_smaller_than_it_must_be() -> None:
    assert least_of(ENOUGH, [LARGE]) == ENOUGH
    assert least_of(ENOUGH, []) == ENOUGH
    assert least_of(ENOUGH, [LARGE, NETBOOK]) == QSize(960, 544)
    least = least_of(ENOUGH, [DOUBLED])
    assert (least.width(), least.height()) < (512, 300)
    assert least_of(ENOUGH, [QRect(0, 0, 10, 10)]) == QSize(1, 1)


def shown(qtbot: QtBot, window: QWidget, size: QSize) -> Whole:
    window.setMinimumSize(1, 1)
    window.resize(size)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    (whole,) = window.findChildren(Whole)
    return whole


def framed_compose(qtbot: QtBot) -> tuple[QWidget, QWidget]:
    page = compose()
    window = QWidget()
    hold(window, page, ENOUGH)
    qtbot.addWidget(window, before_close_func=lambda _: page.finish())
    return window, page


def in_sight(whole: Whole, widget: QWidget) -> bool:
    """Whether all of it, or as much as the window can show at once, is."""
    view = whole.viewport()
    place = QRect(widget.mapTo(view, QPoint()), widget.size().boundedTo(view.size() - QSize(32, 32)))
    return view.rect().contains(place)


@pytest.mark.parametrize("size", [ENOUGH, QSize(1300, 900)])
def test_where_there_is_room_nothing_scrolls(qtbot: QtBot, size: QSize) -> None:
    window, page = framed_compose(qtbot)
    whole = shown(qtbot, window, size)
    assert page.size() == window.size()
    assert not whole.horizontalScrollBar().isVisible()
    assert not whole.verticalScrollBar().isVisible()


def test_a_writers_window_on_a_netbook_shows_all_of_it(qtbot: QtBot) -> None:
    window, page = framed_compose(qtbot)
    whole = shown(qtbot, window, QSize(960, 544))
    assert page.size() == window.size()
    assert not whole.verticalScrollBar().isVisible()


def test_with_letters_twice_as_large_tab_brings_each_control_into_sight(qtbot: QtBot) -> None:
    window, page = framed_compose(qtbot)
    whole = shown(qtbot, window, QSize(496, 244))
    assert page.width() > window.width()
    for _ in walked(page, qtbot):
        held = QApplication.focusWidget()
        assert held is not None
        QTest.keyClick(held, Qt.Key.Key_Tab)
        control = QApplication.focusWidget()
        # Lists scroll by themselves.
        if isinstance(control, QAbstractButton | QLineEdit):
            try:
                qtbot.waitUntil(lambda control=control: in_sight(whole, control))  # type: ignore[misc]
            except qtbot.TimeoutError:
                held_by = QApplication.focusWidget(), QApplication.activeWindow()
                pytest.fail(f"{control.accessibleName()!r} is out of sight; the keyboard is with {held_by}")


def test_a_page_beside_the_sidebar_scrolls_no_more_than_it_needs(qtbot: QtBot) -> None:
    page = sample.identities()
    shell = sample.framed(page, Page.IDENTITIES)
    qtbot.addWidget(shell)
    whole = shown(qtbot, shell, QSize(LEAST_WIDTH, LEAST_HEIGHT))
    shell.setMinimumSize(1, 1)
    shell.resize(496, 244)
    form = page.form
    qtbot.waitUntil(lambda: whole.verticalScrollBar().maximum() > 0)
    form.foot.write.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: in_sight(whole, form.foot.write))
    # Shown alone, the help needs less.
    shell.add_page(Page.HELP, QWidget())
    shell.show_page(Page.HELP)
    shell.resize(900, 500)
    qtbot.waitUntil(lambda: whole.horizontalScrollBar().maximum() == 0)


def test_over_the_whole_window_a_page_needs_no_more_than_its_own(qtbot: QtBot) -> None:
    shell = sample.framed(sample.identities(), Page.IDENTITIES)
    qtbot.addWidget(shell)
    whole = shown(qtbot, shell, QSize(496, 244))
    assert whole.horizontalScrollBar().maximum() > 0
    page = sample.unlock(Lock.CREATE)
    shell.add_full(page)
    shell.show_full(page)
    qtbot.waitUntil(lambda: whole.horizontalScrollBar().maximum() == 0)
    shell.leave_full()
    qtbot.waitUntil(lambda: whole.horizontalScrollBar().maximum() > 0)


def test_what_is_typed_stays_in_sight(qtbot: QtBot) -> None:
    window, inner = QWidget(), QWidget()
    qtbot.addWidget(window)
    field = PlainTextField(name="Text")
    QVBoxLayout(inner).addWidget(field)
    hold(window, inner, ENOUGH, QSize(900, 500))
    whole = shown(qtbot, window, QSize(400, 200))
    field.setFocus()
    field.insertPlainText("w" * 70)
    QTest.keyClick(field, Qt.Key.Key_End)

    def cursor() -> QPoint:
        return field.viewport().mapTo(whole.viewport(), field.cursorRect().center())

    qtbot.waitUntil(lambda: whole.viewport().rect().contains(cursor()))
    assert whole.horizontalScrollBar().value() > 0


def test_what_opens_first_is_no_larger_than_its_screen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    fit(window, QSize(5000, 5000))
    room = QApplication.primaryScreen().availableGeometry()
    assert window.width() < room.width()
    assert window.height() < room.height()
    fit(window, QSize(300, 200))
    assert window.size() == QSize(300, 200)


def test_what_has_the_keyboard_stays_in_sight_when_the_page_grows_until_somebody_scrolls(
    qtbot: QtBot,
) -> None:
    window, inner, above = QWidget(), QWidget(), QWidget()
    qtbot.addWidget(window)
    pressed = QPushButton("Send")
    rows = QVBoxLayout(inner)
    rows.addWidget(above)
    row = QWidget()  # the button stays where it is in its row
    QVBoxLayout(row).addWidget(pressed)
    rows.addWidget(row)
    above.setMinimumHeight(150)
    hold(window, inner, ENOUGH, QSize(300, 100))
    whole = shown(qtbot, window, QSize(400, 120))
    bar = whole.verticalScrollBar()
    pressed.setFocus()
    qtbot.waitUntil(lambda: bar.value() > 0 and in_sight(whole, pressed))
    before = bar.maximum()
    above.setMinimumHeight(250)
    qtbot.waitUntil(lambda: bar.maximum() > before)
    qtbot.waitUntil(lambda: in_sight(whole, pressed))
    bar.triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)
    before = bar.maximum()
    above.setMinimumHeight(350)
    qtbot.waitUntil(lambda: bar.maximum() > before)
    QApplication.processEvents()
    assert bar.value() == 0
