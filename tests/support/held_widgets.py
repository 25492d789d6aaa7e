"""Widgets of tests end where Qt lets them, never in the midst of an event.

pytest-qt keeps no widget. One that Python made, and that is part of a cycle, ends once the collector comes by; and that
comes in whatever Python code runs next, an event filter as well: Qt then goes on with an event whose receiver is gone,
and the process ends with a segmentation fault.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

import pytest
from pytestqt.qtbot import QtBot

if TYPE_CHECKING:
    from collections.abc import Generator

    from PySide6.QtWidgets import QWidget

_held: list[QWidget] = []


class HoldingBot(QtBot):
    """Keeps what it is given until the test is torn down."""

    def addWidget(self, widget: QWidget, **how: Any) -> None:
        _held.append(widget)
        super().addWidget(widget, **how)


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's own, but for what it keeps."""
    return HoldingBot(request)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """Nothing is collected while the last events are answered; what was thrown away is gone before the next test."""
    gc.disable()
    try:
        return (yield)
    finally:
        if "PySide6.QtCore" in sys.modules:
            from PySide6.QtCore import QCoreApplication, QEvent  # most tests need no Qt

            if QCoreApplication.instance() is not None:
                QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        _held.clear()
        gc.enable()
