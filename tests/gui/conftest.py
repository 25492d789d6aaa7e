"""What the pages' tests share: the application dressed as in earnest, light, and nothing that moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from torsend.gui import theme
from torsend.gui.parts import FocusRing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication

_ring: list[FocusRing] = []


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """Light, without motion; what a test throws away is gone before the next begins."""
    if not _ring:
        theme.install(qapp)
        _ring.append(FocusRing(qapp))
    theme.look().reduced_motion = True
    theme.look().choose(dark=False)
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    # What Python made and the clipboard holds would be thrown away by both, at the very end.
    qapp.clipboard().clear()
    theme.look().choose(None)
