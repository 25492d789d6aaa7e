"""The small parts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui import samples
from torsend.delivery.lane import Progress, SendPhase
from torsend.gui import theme
from torsend.gui.parts import (
    Avatar,
    Button,
    ButtonKind,
    Label,
    Paragraph,
    PipView,
    Segmented,
    SenderChip,
    SeverityMark,
    TextField,
    local_files,
)
from torsend.gui.ribbon import Ribbon, country_name
from torsend.identity.identity import Colour, Kind


def shown(widget: QWidget, qtbot: QtBot) -> None:
    qtbot.addWidget(widget)
    with qtbot.waitActive(widget):
        widget.show()
        widget.activateWindow()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
@pytest.mark.parametrize("kind", list(ButtonKind))
def test_a_button_is_pressed_by_key(kind: ButtonKind, key: Qt.Key, qtbot: QtBot) -> None:
    button = Button("Go", kind, icon="key", chevron=True)
    shown(button, qtbot)
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(button, key)
    assert button.accessibleName() == "Go"
    assert not button.grab().isNull()


def test_a_button_that_is_off_looks_off(qtbot: QtBot) -> None:
    button = Button("Go", ButtonKind.FILLED)
    qtbot.addWidget(button)
    on = button.grab().toImage()
    button.setEnabled(False)
    assert button.grab().toImage() != on


def test_a_button_of_a_sign_alone_needs_a_name(qtbot: QtBot) -> None:
    button = Button("", ButtonKind.QUIET, icon="panel", name="Panel")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Panel"
    button.set_name("Other")
    assert button.accessibleName() == "Other"


def test_a_label_too_long_elides_in_the_middle_and_tells_all(qtbot: QtBot) -> None:
    label = Label("start <b>of</b> something & its end")
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.grab()
    assert "&lt;b&gt;" in label.toolTip()
    label.resize(600, 20)
    label.grab()
    assert label.toolTip() == ""


def test_a_path_that_is_no_unicode_is_drawn(qtbot: QtBot) -> None:
    paragraph = Paragraph("All of it lies in /home/\udcff.")  # as os.fsdecode has it (PEP 383)
    qtbot.addWidget(paragraph)
    assert paragraph.heightForWidth(400) == 16
    assert not paragraph.grab().isNull()


def test_a_paragraph_grows_with_its_words(qtbot: QtBot) -> None:
    one = Paragraph("short")
    many = Paragraph((("Strong", True), (" and a good many words more than fit on one line", False)))
    qtbot.addWidget(one)
    qtbot.addWidget(many)
    assert one.heightForWidth(200) == 16
    assert many.heightForWidth(120) >= 48
    assert many.accessibleName().startswith("Strong and")
    many.resize(120, 64)
    assert not many.grab().isNull()


def test_segments_choose_by_click_and_arrow(qtbot: QtBot) -> None:
    segmented = Segmented((("a", "Yes"), ("b", "No"), ("c", "Not sure")), name="Only over Tor", value="b")
    window = QWidget()
    segmented.setParent(window)
    shown(window, qtbot)
    assert segmented.value() == "b"
    first, second, _ = segmented.findChildren(QAbstractButton)
    assert second.accessibleName() == "Only over Tor: No"
    with qtbot.waitSignal(segmented.chosen) as told:
        QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert told.args == ["a"]
    with qtbot.assertNotEmitted(segmented.chosen):
        segmented.set_value("c")
    assert segmented.value() == "c"
    segmented.set_tint(theme.LIGHT.sel)
    assert not segmented.grab().isNull()


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_and_colour_has_its_shape(kind: Kind, qtbot: QtBot) -> None:
    pictures = []
    for colour in Colour:
        avatar = Avatar(kind, colour, "TC", 40)
        qtbot.addWidget(avatar)
        pictures.append(avatar.grab().toImage())
    assert all(one != other for i, one in enumerate(pictures) for other in pictures[:i])
    avatar.set_identity(Kind.ADDRESS, Colour.TEAL, "W")
    assert avatar.grab().toImage() not in pictures[1:]


def test_shapes_differ_without_colour(qtbot: QtBot) -> None:
    pictures = []
    for kind in Kind:
        avatar = Avatar(kind, Colour.TEAL, "", 40)
        qtbot.addWidget(avatar)
        pictures.append(avatar.grab().toImage())
    assert all(one != other for i, one in enumerate(pictures) for other in pictures[:i])


@pytest.mark.parametrize(
    ("share", "said"), [("full", "You: all"), ("half", "You: part"), ("none", "You: nothing")]
)
def test_a_pip_says_how_much(share: str, said: str, qtbot: QtBot) -> None:
    pip = PipView("You", share, "look")
    qtbot.addWidget(pip)
    assert pip.accessibleName() == said
    assert not pip.grab().isNull()


def test_a_severity_has_a_shape_and_a_word(qtbot: QtBot) -> None:
    mark = SeverityMark("look")
    qtbot.addWidget(mark)
    assert mark.accessibleName() == "Worth a look"
    mark.set_severity("decide")
    assert mark.accessibleName() == "To decide"
    mark.set_identity_colour("teal")
    assert mark.colour() == theme.LIGHT.identity["teal"]


def test_a_field_shows_where_the_keyboard_is_and_what_is_wrong(qtbot: QtBot) -> None:
    field = TextField("Wren", name="Name", placeholder="as others see it")
    shown(field, qtbot)
    held = field.grab().toImage()
    field.set_wrong(True)
    wrong = field.grab().toImage()
    assert wrong != held
    field.setEnabled(False)
    assert field.grab().toImage() != wrong


def test_a_chip_elides_what_does_not_fit(qtbot: QtBot) -> None:
    chip = SenderChip()
    shown(chip, qtbot)
    chip.set_identity(
        "alias", "wine", "TC", "Tarn Collective", "tarn.press@rowanmail.example", "alias", "wine"
    )
    chip.resize(180, 36)
    chip.grab()
    assert chip.toolTip() == "<p>Tarn Collective<br>tarn.press@rowanmail.example</p>"
    with qtbot.waitSignal(chip.clicked):
        QTest.keyClick(chip, Qt.Key.Key_Return)


def test_only_files_of_this_computer_are_taken() -> None:
    data = QMimeData()
    data.setUrls([QUrl("file:///tmp/a%20b"), QUrl("https://x.example/c"), QUrl("smb://host/share")])
    assert local_files(data) == [Path("/tmp/a b")]


def test_the_thread_moves_to_where_the_bytes_are(qtbot: QtBot) -> None:
    theme.look().reduced_motion = False
    ribbon = Ribbon()
    ribbon.resize(1200, 116)
    shown(ribbon, qtbot)
    ribbon.set_route(samples.route())
    ribbon.set_route(samples.route(progress=Progress("e", "i", SendPhase.SENDING, 500, 1000)))
    qtbot.waitUntil(lambda: ribbon._shown == 0.5)
    theme.look().reduced_motion = True
    ribbon.set_route(samples.route(progress=Progress("e", "i", SendPhase.SENDING, 900, 1000)))
    assert ribbon._shown == 0.9


def test_a_country_is_said_by_name() -> None:
    assert country_name("DE") == "Germany"
    assert country_name("??") == "??"


def test_a_paragraph_of_so_many_lines_cuts_the_last_and_tells_all_of_it(qtbot: QtBot) -> None:
    words = "Some time before 11:32 UTC, at random, 🦉 and " * 6
    note = Paragraph(words, 12, most=2)
    shown(note, qtbot)
    note.resize(180, 32)
    note.grab()
    assert note.heightForWidth(180) == 32
    assert "🦉" in note.toolTip()
    note.set_runs("Some time before 11:32 UTC, at random")
    note.grab()
    assert note.toolTip() == ""
    assert note.heightForWidth(2000) == 16
    assert Paragraph(words, 12).heightForWidth(180) > 32
