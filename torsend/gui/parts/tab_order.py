"""Tab order for what is made late: Qt puts it last in the window, wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

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
