"""A window that is told to end by a signal ends, whenever that comes and whatever is open, and keeps what was typed."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from tests.app.conftest import quick
from tests.app.test_window import WAIT_MS, start_in
from torsend.app import App
from torsend.gui.main import Opener, _ending_on_signals
from torsend.gui.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_before_the_loop_runs_is_not_forgotten(qapp: QApplication, number: int) -> None:
    late = QTimer()
    late.setSingleShot(True)
    late.timeout.connect(lambda: QApplication.exit(1))
    late.start(WAIT_MS)
    with _ending_on_signals(qapp):
        os.kill(os.getpid(), number)
        assert qapp.exec() == 0
    late.stop()


def test_a_terminal_that_closes_is_ignored_where_nohup_says_so(qapp: QApplication) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with _ending_on_signals(qapp):
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_draft_is_kept_and_nobody_is_asked(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    start = replace(quick(start_in(tmp_path)), compose=("mailto:marta@nordpost.example?subject=Sheets",))
    shell = Shell()
    qtbot.addWidget(shell)
    opening = Opener(start, shell)
    try:
        opening.begin()
        qtbot.waitUntil(
            lambda: opening.window is not None and len(opening.window.writers) == 1, timeout=WAIT_MS
        )
        late = QTimer()
        late.setSingleShot(True)
        late.timeout.connect(lambda: QApplication.exit(1))
        late.start(WAIT_MS)
        with _ending_on_signals(qapp):
            os.kill(os.getpid(), signal.SIGTERM)
            assert qapp.exec() == 0
        late.stop()
    finally:
        opening.close()
    with App.open(start) as app:
        (draft,) = app.open_drafts()
    assert draft.subject == "Sheets"
