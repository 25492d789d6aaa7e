"""A widget that nothing but a cycle holds lives until its test is torn down."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING
from weakref import ref

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


class _Cycle(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.self = self


def test_the_collector_ends_no_widget_of_a_test(qtbot: QtBot) -> None:
    widget = _Cycle()
    qtbot.addWidget(widget)
    alive = ref(widget)
    del widget
    gc.collect()
    assert alive() is not None
