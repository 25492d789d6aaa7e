"""PySide6 6.12 loses a reference to None with each call on Python 3.11."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import torsend.gui
from PySide6.QtGui import QGuiApplication, QPainter, QPixmap
app = QGuiApplication([])
picture = QPixmap(4, 4)
painter = QPainter(picture)
for _ in range(30_000):
    painter.save()
    painter.restore()
painter.end()
print("alive")
"""


def test_the_interpreter_outlives_many_thousand_calls_that_return_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={"QT_QPA_PLATFORM": "offscreen", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "alive\n", done.stderr[-400:]
    assert done.returncode == 0
