"""Opening a profile from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.app import App
from torsend.cli.streams import say

if TYPE_CHECKING:
    from torsend.app import Start


def opened(start: Start) -> App:
    """The program's parts, for a ``with``; what in the settings made no sense is said, and is no reason to stop.

    Raises:
        AlreadyRunning, StorageError: as ``App.open``.
    """
    app = App.open(start)
    if app.settings_problem is not None:
        say(app.settings_problem.sentences())
    return app
