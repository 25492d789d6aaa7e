"""Where the keyboard goes on the compose page: by Tab from control to control, by F6 from region to region."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torsend.gui.compose_fields import ComposeFields
    from torsend.gui.compose_header import ComposeHeader
    from torsend.gui.panel import Panel
    from torsend.gui.route_strip import RouteStrip
    from torsend.gui.wire_view import WireView


def order_tabs(
    header: ComposeHeader, fields: ComposeFields, panel: Panel, wire: WireView, route: RouteStrip
) -> None:
    """From, To, Cc, Subject, text, files, the head's buttons, panel, route."""
    order: list[QWidget] = [
        header.chip,
        fields.to.line,
        *fields.more_buttons(),
        fields.cc.line,
        fields.bcc.line,
        fields.subject,
        fields.text,
        *(control for row in fields.files.rows() for control in row.controls()),
        header.attach,
        header.wire,
        header.panel,
        header.when,
        header.send,
        header.cancel,
        header.close_button,
        panel.findings,
        panel.parties,
    ]
    # What leaves stands where the text stood, before the route; its rows come and go, and keep their own order.
    for chain in (order, (wire.foot, *route.stops_for_tab())):
        for before, after in itertools.pairwise(chain):
            QWidget.setTabOrder(before, after)


def next_region(regions: Sequence[tuple[QWidget, QWidget]]) -> QWidget:
    """Where the keyboard goes next: of each region that is shown its own widget, in turn."""
    open_ones = [(region, target) for region, target in regions if target.isVisible()]
    at = next((i for i, (region, _) in enumerate(open_ones) if holds_keyboard(region)), -1)
    return open_ones[(at + 1) % len(open_ones)][1]


def holds_keyboard(region: QWidget) -> bool:
    """Whether it, or something in it, has the keyboard in its window."""
    held: QWidget | None = region.window().focusWidget()
    return region is held or (held is not None and region.isAncestorOf(held))
