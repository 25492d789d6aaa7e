"""Recipients as one types them: nothing is lost, what is no address says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from torsend.gui.recipients import MOST_CHIPS, RecipientsField, split


@pytest.fixture
def field(qtbot: QtBot) -> RecipientsField:
    window = QWidget()
    made = RecipientsField("To", window)
    window.resize(500, 200)
    made.resize(500, 60)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    made.line.setFocus()
    made.keep = window  # type: ignore[attr-defined]  # the window must live as long as the field
    return made


def typed(field: RecipientsField) -> list[str]:
    return [chip.typed for chip in field.chips()]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", ()),
        (" , ;; ", ()),
        ("a@b.example", ("a@b.example",)),
        ("a@b.example, c@d.example;e@f.example", ("a@b.example", "c@d.example", "e@f.example")),
        ('"Holm, Ida" <ida@b.example>, x@y.example', ('"Holm, Ida" <ida@b.example>', "x@y.example")),
        ('"a \\" , b" <a@b.example>', ('"a \\" , b" <a@b.example>',)),
        ("one@b.example\ntwo@b.example\r\n", ("one@b.example", "two@b.example")),
    ],
)
def test_items_are_parted_where_people_part_them(text: str, items: tuple[str, ...]) -> None:
    assert split(text) == items


@given(st.text(alphabet='ab@.,; "\\<>()', max_size=60))
def test_parting_again_what_was_joined_changes_nothing(text: str) -> None:
    items = split(text)
    if (
        text.count('"') % 2 == 0
        and "\\" not in text
        and text.count("<") == text.count(">")
        and "<" not in text
    ):
        assert split(", ".join(items)) == items
    assert all(item.strip() == item and item for item in items)


def test_a_comma_makes_a_chip(field: RecipientsField, qtbot: QtBot) -> None:
    with qtbot.waitSignal(field.changed):
        QTest.keyClicks(field.line, "marta@nordpost.example,")
    assert typed(field) == ["marta@nordpost.example"]
    assert field.line.text() == ""


def test_a_comma_inside_quotes_makes_none(field: RecipientsField, qtbot: QtBot) -> None:
    QTest.keyClicks(field.line, '"Holm, Ida" <ida@b.example>')
    assert typed(field) == []
    QTest.keyClick(field.line, Qt.Key.Key_Return)
    assert typed(field) == ['"Holm, Ida" <ida@b.example>']
    assert field.mailboxes()[0].name == "Holm, Ida"


def test_what_is_no_address_stays_and_says_so(field: RecipientsField, qtbot: QtBot) -> None:
    QTest.keyClicks(field.line, "nobody at all;")
    chip = field.chips()[0]
    assert chip.is_wrong
    assert "not an address" in chip.accessibleName()
    assert chip.accessibleDescription()
    assert field.text() == "nobody at all"
    assert field.mailboxes() == ()


def test_backspace_at_the_start_gives_the_last_chip_back_as_text(
    field: RecipientsField, qtbot: QtBot
) -> None:
    field.set_text("a@b.example, c@d.example")
    QTest.keyClick(field.line, Qt.Key.Key_Backspace)
    assert typed(field) == ["a@b.example"]
    assert field.line.text() == "c@d.example"
    assert field.text() == "a@b.example, c@d.example"


def test_arrows_go_among_chips_and_delete_takes_one_out(field: RecipientsField, qtbot: QtBot) -> None:
    field.set_text("a@b.example, c@d.example")
    QTest.keyClick(field.line, Qt.Key.Key_Left)
    assert field.chips()[1].hasFocus()
    QTest.keyClick(field.chips()[1], Qt.Key.Key_Left)
    assert field.chips()[0].hasFocus()
    with qtbot.waitSignal(field.changed):
        QTest.keyClick(field.chips()[0], Qt.Key.Key_Delete)
    assert typed(field) == ["c@d.example"]
    QTest.keyClick(field.chips()[0], Qt.Key.Key_Right)
    assert field.line.hasFocus()


def test_enter_on_a_chip_makes_it_text_again(field: RecipientsField, qtbot: QtBot) -> None:
    field.set_text("a@b.example, c@d.example")
    QTest.keyClick(field.chips()[0], Qt.Key.Key_Return)
    assert field.line.text() == "a@b.example"
    assert typed(field) == ["c@d.example"]


def test_a_pasted_list_becomes_chips(field: RecipientsField, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("a@b.example\nIda <c@d.example>\n")
    QTest.keyClick(field.line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert typed(field) == ["a@b.example", "Ida <c@d.example>"]


def test_leaving_the_field_finishes_what_was_typed(field: RecipientsField, qtbot: QtBot) -> None:
    QTest.keyClicks(field.line, "a@b.example")
    other = QWidget(field.parentWidget())
    other.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    other.show()
    other.setFocus(Qt.FocusReason.TabFocusReason)
    assert typed(field) == ["a@b.example"]


def test_locked_it_can_only_be_read(field: RecipientsField, qtbot: QtBot) -> None:
    field.set_text("a@b.example")
    field.set_locked(True)
    assert field.line.isReadOnly()
    QTest.mouseDClick(field.chips()[0], Qt.MouseButton.LeftButton)
    assert typed(field) == ["a@b.example"]
    field.commit()
    assert field.text() == "a@b.example"


def test_setting_the_same_text_keeps_the_chips(field: RecipientsField) -> None:
    field.set_text("a@b.example")
    chip = field.chips()[0]
    field.set_text("a@b.example")
    assert field.chips()[0] is chip
    assert not field.is_empty()


def test_a_link_that_names_thousands_makes_few_chips_and_loses_nobody(field: RecipientsField) -> None:
    addresses = [f"a{number}@b.example" for number in range(6000)]
    field.set_text(",".join(addresses))
    assert len(field.chips()) == MOST_CHIPS + 1
    assert field.text() == ", ".join(addresses)
    assert [box.address for box in field.mailboxes()] == addresses
    rest = field.chips()[-1]
    assert rest.accessibleName() == "5900 more"
    assert not rest.is_wrong
    rest.edited.emit()
    assert len(field.mailboxes()) == 6000
    field.commit()
    assert field.text() == ", ".join(addresses)
    assert len(field.chips()) == MOST_CHIPS + 1


def test_one_of_thousands_that_is_no_address_is_told(field: RecipientsField) -> None:
    field.set_text(
        ", ".join([*(f"a{number}@b.example" for number in range(MOST_CHIPS)), "Marta", "c@d.example"])
    )
    rest = field.chips()[-1]
    assert rest.is_wrong
    assert rest.accessibleName() == "2 more, not all of them addresses"
    assert "Marta" in rest.accessibleDescription()
    assert len(field.mailboxes()) == MOST_CHIPS
    rest.removed.emit()
    assert len(field.chips()) == MOST_CHIPS
