"""A bridge's lines from a picture of its QR code and from the clipboard, as a person gets them into the form."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from tests.app.parts_in_memory import app_in_memory
from tests.gui.page_screens import BRIDGE
from tests.support.qr_codes import LINES, LISTED, encoded, photographed, qr_code
from torsend.gui.connect_desk import ConnectDesk
from torsend.gui.workers import Workers
from torsend.tor import finder
from torsend.tor.bridges import KINDS, LONGEST_TEXT
from torsend.tor.choice import Launch
from torsend.tor.way_chosen import Bridges, WayChosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from torsend.gui.connect_way import WayForm
    from torsend.gui.parts.buttons import Button

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
WAIT_MS = 20_000


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[ConnectDesk]:
    """The page with what stands behind it."""
    workers = Workers()
    with app_in_memory(tmp_path / "profile") as app:
        made = ConnectDesk(app, workers)
        qtbot.addWidget(made.page)
        made.page.set_way(WayChosen(Bridges.OWN, BRIDGE))
        made.page.set_choice(Launch())
        made.page.resize(1200, 1000)
        with qtbot.waitActive(made.page):
            made.page.show()
            made.page.activateWindow()
        yield made
        made.end()
        workers.stop()
        QGuiApplication.clipboard().clear()


@pytest.fixture
def form(desk: ConnectDesk) -> WayForm:
    return desk.page.choices.bridged


def press(button: Button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def copied(form: WayForm, **data: bytes | str) -> None:
    source = QMimeData()
    for kind, content in data.items():
        source.setData(kind.replace("_", "/"), content if isinstance(content, bytes) else content.encode())
    QGuiApplication.clipboard().setMimeData(source)
    press(form.paste)


def test_a_file_is_chosen_and_its_bridges_are_added(form: WayForm, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(encoded(photographed(qr_code(LISTED)), "JPEG"))
    form.from_code.setFocus()
    QTest.keyClick(form.from_code, Qt.Key.Key_Space)
    dialog = form.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(os.fspath(file))
    dialog.close()
    assert form.told.text() == "Looking for a QR code…"
    qtbot.waitUntil(lambda: form.told.text() == "3 bridges.", timeout=WAIT_MS)
    assert form.lines.text().splitlines() == [BRIDGE, *LINES]
    assert form.way().own == "\n".join([BRIDGE, *LINES])


def test_a_picture_is_pasted(form: WayForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.picture_given) as given:
        copied(form, image_png=encoded(qr_code(LINES[0])))
        press(form.paste)  # while it is read
    assert isinstance(given.args[0], bytes)
    qtbot.waitUntil(lambda: form.told.text() == "2 bridges.", timeout=WAIT_MS)
    assert form.lines.text().splitlines() == [BRIDGE, LINES[0]]


def test_text_is_pasted_and_checked_line_by_line(form: WayForm) -> None:
    copied(form, text_plain=f"{LISTED}\n", image_png=b"a picture of the same")
    assert form.told.text() == "3 bridges."
    copied(form, text_plain=f"{LINES[0]}\nobfs4 192.0.2.9\nobfs4 192.0.2.9:0\n")
    assert form.lines.text().splitlines() == [BRIDGE, *LINES, "obfs4 192.0.2.9", "obfs4 192.0.2.9:0"]
    told = form.told.text().splitlines()
    assert [line.partition(":")[0] for line in told] == ["Line 4", "Line 5"]


def test_other_text_is_pasted_too_and_told_to_be_no_bridge(form: WayForm) -> None:
    copied(form, text_plain="Dear Marta,")
    assert form.lines.text().splitlines() == [BRIDGE, "Dear Marta,"]
    assert form.told.text().startswith("Line 2: ")


@pytest.mark.parametrize("text", ["x\n" * 5_000, "x" * (LONGEST_TEXT + 1)])
def test_a_long_text_is_left_where_it_is(form: WayForm, text: str) -> None:
    copied(form, text_plain=text)
    assert form.lines.text() == BRIDGE
    assert "too long to be bridge lines" in form.wrong.text()


def test_a_list_that_was_typed_is_not_lost(form: WayForm) -> None:
    form.lines.field.setPlainText(LISTED)
    copied(form, text_plain=BRIDGE)
    assert form.lines.text().splitlines() == [*LINES, BRIDGE]


def test_a_file_that_was_copied_is_read(form: WayForm, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "code.png"
    file.write_bytes(encoded(qr_code(LINES[1])))
    source = QMimeData()
    source.setUrls([QUrl.fromLocalFile(os.fspath(file))])
    source.setText(file.as_uri())
    QGuiApplication.clipboard().setMimeData(source)
    press(form.paste)
    qtbot.waitUntil(lambda: form.lines.text().splitlines() == [BRIDGE, LINES[1]], timeout=WAIT_MS)


def test_nothing_is_taken_unasked(form: WayForm) -> None:
    QGuiApplication.clipboard().setText(LINES[0])
    assert form.lines.text() == BRIDGE


def test_a_picture_without_a_code_changes_nothing(form: WayForm, qtbot: QtBot) -> None:
    copied(form, image_png=encoded(Image.new("L", (80, 80), 255)))
    qtbot.waitUntil(form.wrong.isVisible, timeout=WAIT_MS)
    assert form.wrong.text().startswith("No QR code was found")
    assert form.lines.text() == BRIDGE
    assert form.told.text() == "1 bridge."


def test_an_empty_clipboard_and_one_with_a_picture_in_no_file(form: WayForm) -> None:
    QGuiApplication.clipboard().clear()
    press(form.paste)
    assert "neither text nor a picture" in form.wrong.text()
    QGuiApplication.clipboard().setImage(QImage(8, 8, QImage.Format.Format_RGB32))
    press(form.paste)
    assert "Save it as a file" in form.wrong.text()


def test_closing_lets_go_of_a_picture_that_is_read(desk: ConnectDesk, form: WayForm, qtbot: QtBot) -> None:
    desk.end()
    copied(form, image_png=encoded(qr_code(LINES[0])))
    qtbot.waitUntil(form.wrong.isVisible, timeout=WAIT_MS)
    assert form.wrong.text() == "Cleaning was stopped."
    assert form.lines.text() == BRIDGE


def test_a_program_that_is_missing_is_told_before_it_is_pressed(
    desk: ConnectDesk, form: WayForm, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: not form.lacks.isVisible())
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    monkeypatch.setattr(finder, "_ELSEWHERE", ())
    press_kind(form, Bridges.OBFS4)
    qtbot.waitUntil(form.lacks.isVisible, timeout=WAIT_MS)
    assert "need the program lyrebird / obfs4proxy" in form.lacks.text()
    assert "the package obfs4proxy" in form.lacks.text()
    with qtbot.waitSignal(form.submitted):
        press(form.go)
    press_kind(form, Bridges.SNOWFLAKE)
    assert "the package snowflake-client" in form.lacks.text()
    press_kind(form, Bridges.OWN)
    form.lines.field.setPlainText("webtunnel 192.0.2.9:443 url=https://example.net/w\n192.0.2.1:443")
    assert "the package" not in form.lacks.text()
    assert "webtunnel" in form.lacks.text()
    press_kind(form, Bridges.NONE)
    assert not form.lacks.isVisible()
    # Installed meanwhile.
    press_kind(form, Bridges.OBFS4)
    program = tmp_path / "obfs4proxy"
    program.touch(0o755)
    press_kind(form, Bridges.OBFS4)
    qtbot.waitUntil(lambda: not form.lacks.isVisible(), timeout=WAIT_MS)


def press_kind(form: WayForm, which: Bridges) -> None:
    form.bridges.set_value(which)
    form.bridges.chosen.emit(which)


def test_every_program_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(finder, "_ELSEWHERE", ())
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert finder.lacking() == {kind.name for kind in KINDS}
    for name in ("tor", "lyrebird"):
        (tmp_path / name).touch(0o755)
    assert finder.lacking() == set()


def test_the_buttons_have_names_and_the_keyboard_reaches_them(form: WayForm) -> None:
    for button in (form.from_code, form.paste):
        assert button.accessibleName()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert button.height() >= 24
