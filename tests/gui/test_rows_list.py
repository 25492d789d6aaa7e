"""Rows that only tell: many of them at once are no more work than a few."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from torsend.gui.parts import Paragraph
from torsend.gui.rows_list import MANY, RowsList


class Counted(Paragraph):
    """Knows how often somebody asked for its height."""

    asked = 0

    def heightForWidth(self, width: int) -> int:
        Counted.asked += 1
        return super().heightForWidth(width)


@pytest.mark.parametrize("held", [True, False])
def test_many_rows_are_laid_out_at_once_and_the_keyboard_stays(qtbot: QtBot, *, held: bool) -> None:
    window = QWidget()
    rows, other = RowsList("Rows"), RowsList("Others")
    column = QVBoxLayout(window)
    column.addWidget(rows)
    column.addWidget(other)
    qtbot.addWidget(window)
    rows.set_rows([Paragraph("one")])
    other.set_rows([Paragraph("another")])
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    (rows if held else other).setFocus()
    Counted.asked = 0
    rows.set_rows([Counted(f"row {number}") for number in range(10 * MANY)])
    assert rows.isVisible()
    assert rows.hasFocus() is held
    assert Counted.asked < 100 * MANY
