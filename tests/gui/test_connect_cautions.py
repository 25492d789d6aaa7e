"""A Tor that works and yet has something to be known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.gui.connect import ConnectPage
from torsend.tor.status import Phase, TorStatus

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_a_tor_whose_isolation_nobody_can_see_is_said_so(qtbot: QtBot) -> None:
    page = ConnectPage()
    qtbot.addWidget(page)
    page.set_status(TorStatus(Phase.READY, 100, means="socks", isolates=None))
    assert not page.cautions.isHidden()
    page.set_status(TorStatus(Phase.READY, 100, means="launch", isolates=True, sees_circuits=True))
    assert page.cautions.isHidden()
