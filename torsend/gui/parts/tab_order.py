"""Tab order for what is made late: Qt puts it last in the window, wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterable


def chain(holder: QWidget, widgets: Iterable[QWidget]) -> None:
    """Lets Tab come to these, one after the other, where it would come to their holder."""
    # Qt takes no notice of a widget that cannot have the focus, so for a moment the holder can.
    policy = holder.focusPolicy()
    holder.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    before = holder
    for widget in widgets:
        QWidget.setTabOrder(before, widget)
        before = widget
    holder.setFocusPolicy(policy)


def reached_by_tab(widget: QWidget) -> list[QWidget]:
    """It and what is in it, as far as Tab may come to it, in the order of its making."""
    inside = [widget, *widget.findChildren(QWidget)]
    return [one for one in inside if one.focusPolicy() & Qt.FocusPolicy.TabFocus]


def one_stop(buttons: Iterable[QAbstractButton]) -> None:
    """Lets Tab come to the chosen one of an exclusive group, or to the first while none is; arrows reach the others.

    Qt does so by itself only after one of them had the focus once.
    """
    group = list(buttons)
    stop = next((one for one in group if one.isChecked()), group[0] if group else None)
    for one in group:
        one.setFocusPolicy(Qt.FocusPolicy.TabFocus if one is stop else Qt.FocusPolicy.NoFocus)
