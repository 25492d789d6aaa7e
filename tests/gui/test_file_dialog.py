"""What the dialogs for files leave behind: nothing. In a process of its own, with a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from torsend import surroundings
from torsend.gui import main
from torsend.gui.parts.file_dialog import file_dialog

SOURCES = Path(__file__).resolve().parents[2] / "torsend"

CHOOSES = """
import sys
from pathlib import Path
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit
from torsend.gui import main as gui

where, file = sys.argv[1], Path(sys.argv[2])
qt = gui.application()
if where == "attach":
    from torsend.gui.compose import ComposePage

    page = ComposePage()
    ask, chosen = page.ask_for_files, lambda: [each.path for each in page.fields.files.files()]
elif where == "save":
    from torsend.gui.wire_view import WireView

    page, saved = WireView(), []
    page.save_requested.connect(saved.append)
    ask, chosen = page.ask_where, lambda: saved
else:
    from torsend.gui.connect_choices import LaunchForm

    page = LaunchForm()
    ask, chosen = page._ask, lambda: [page.choice().torrc_include]
page.show()
ask()
(dialog,) = page.findChildren(QFileDialog)
assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
name = dialog.findChild(QLineEdit)
name.setText(str(file))
dialog.destroyed.connect(qt.quit)
QTimer.singleShot(0, lambda: QTest.keyClick(name, Qt.Key.Key_Return))
QTimer.singleShot(30_000, lambda: qt.exit(1))
assert qt.exec() == 0
assert chosen() == [file], chosen()
"""


@pytest.mark.parametrize("where", ["attach", "save", "torrc"])
def test_the_dialog_leaves_no_trace_of_what_was_chosen(where: str, tmp_path: Path) -> None:
    home, secret = tmp_path / "home", tmp_path / "secret-leak"
    home.mkdir()
    secret.mkdir()
    file = secret / ("mail.eml" if where == "save" else "whistle.pdf")
    if where != "save":
        file.write_text("x")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment |= {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHOOSES, where, str(file)],
        env=environment, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    left = [path for path in home.rglob("*") if path.is_file()]
    telling = [
        path for path in left if b"secret-leak" in path.read_bytes() or path.suffix in (".conf", ".xbel")
    ]
    assert telling == []


def test_within_a_flatpak_the_desktop_hands_files_in(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Qt's own dialog would show the sandbox's files, none of the person's. Its window goes by its name, too."""
    inside = tmp_path / ".flatpak-info"
    monkeypatch.setattr(surroundings, "FLATPAK", inside)
    monkeypatch.setenv("FLATPAK_ID", "org.torsend.torsend")
    parent = QWidget()
    qtbot.addWidget(parent)
    for there, name in ((True, "org.torsend.torsend"), (False, "torsend")):
        # Left in an environment that somebody handed on, the variable alone says nothing.
        inside.touch() if there else inside.unlink()
        dialog = file_dialog(parent, "Choose")
        assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog) is not there
        main.application()
        assert QGuiApplication.desktopFileName() == name


def test_there_is_no_other_dialog_for_files() -> None:
    made = {
        source.name
        for source in SOURCES.rglob("*.py")
        if "QFileDialog(" in (text := source.read_text(encoding="utf-8")) or "QFileDialog.get" in text
    }
    assert made == {"file_dialog.py"}
