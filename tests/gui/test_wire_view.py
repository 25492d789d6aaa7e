"""Exactly what leaves, as a person reads it: with the eyes, the mouse, the keyboard, a screen reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from tests.gui import samples
from torsend.checks.not_in_there import NotInThere
from torsend.checks.this_machine import Kind
from torsend.delivery.actions import Heard
from torsend.delivery.answers import Answers, typical
from torsend.delivery.reply import Reply
from torsend.delivery.wire_text import Who
from torsend.gui.compose import ComposePage
from torsend.gui.theme import look
from torsend.gui.wire_row import WireRow, pieces
from torsend.gui.wire_view import CONVERSATION, MAIL, WireView

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Callable[..., WireView]]:
    made: list[WireView] = []

    def shown(width: int = 1200, **given: object) -> WireView:
        view = WireView()
        made.append(view)
        view.resize(width, 620)
        view.set_exactly(samples.exactly(**given), "teal")  # type: ignore[arg-type]
        with qtbot.waitActive(view):
            view.show()
            view.activateWindow()
        return view

    yield shown
    for view in made:
        view.hide()
        view.deleteLater()


def rows(view: WireView) -> list[WireRow]:
    found = [view.rows.row(str(n)) for n in range(40)]
    return [row for row in found if isinstance(row, WireRow)]


def test_the_whole_conversation_or_the_message_alone(show: Callable[..., WireView]) -> None:
    view = show()
    assert view.modes.value() == CONVERSATION
    assert rows(view)[0].accessibleName().startswith("Greeting.")
    assert view.sum.text() == (
        "5,210 bytes and the password leave, wrapped in TLS and Tor. Grey lines are rowanmail’s answers, as last seen."
    )
    QTest.mouseClick(view.modes.findChildren(QWidget)[1], Qt.MouseButton.LeftButton)
    assert view.modes.value() == MAIL
    assert rows(view)[0].accessibleName().startswith("Readable on the way.")
    assert view.sum.text() == f"The mail alone: {len(samples.WIRE):,} bytes, as they are saved."


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"identity": samples.IDA}, "wrapped in Tor, and from STARTTLS on in TLS"),
        (
            {"answers": typical(samples.WREN.server)},
            "Grey lines are what most servers answer: rowanmail was not spoken to yet.",
        ),
        (
            {"answers": Answers({**samples.ANSWERS.replies, Heard.HELLO: Reply(250)}, seen=True)},
            "With these answers the mail doesn’t leave. rowanmail offers no way to sign in that torsend knows.",
        ),
        (
            {"answers": Answers({**samples.ANSWERS.replies, Heard.HELLO: Reply(250, lines=("x", "SIZE 5", "AUTH PLAIN"))},
                                seen=True)},
            "With these answers the mail doesn’t leave. rowanmail takes up to 1 KB; this is 5 KB.",
        ),
    ],
)  # fmt: skip
def test_it_is_said_in_what_it_leaves_and_whose_answers_they_are(
    show: Callable[..., WireView], given: dict[str, object], words: str
) -> None:
    assert words in show(**given).sum.text()


def test_the_pair_under_the_mouse_is_lit(show: Callable[..., WireView]) -> None:
    row = rows(show())[2]
    tokens = look().tokens
    tint = tokens.tint(tokens.identity["teal"])

    def grounds() -> set[str]:
        picture = row.grab().toImage()
        return {picture.pixelColor(x, 3).name() for x in (5, row.width() - 5)}

    assert grounds() == {tokens.surf.name(), tokens.win.name()}
    at = QPointF(5, 5)
    QApplication.sendEvent(row, QEnterEvent(at, at, at))
    row.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)
    assert grounds() == {tint.name()}
    QApplication.sendEvent(row, QEvent(QEvent.Type.Leave))
    row.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    assert grounds() == {tokens.surf.name(), tokens.win.name()}


def test_tab_comes_to_one_row_and_arrows_to_the_others(show: Callable[..., WireView]) -> None:
    view = show()
    first = view.focus_target()
    assert first is rows(view)[0]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert rows(view)[1].hasFocus()
    assert [row.focusPolicy() for row in rows(view)].count(Qt.FocusPolicy.TabFocus) == 1
    QTest.keyClick(rows(view)[1], Qt.Key.Key_End)
    last = view.focus_target()
    assert last.hasFocus()
    assert last.accessibleName().startswith("The end.")
    assert last.focusPolicy() == Qt.FocusPolicy.TabFocus
    QTest.keyClick(last, Qt.Key.Key_Tab)
    assert view.foot.hasFocus()


def test_a_screen_reader_is_told_who_says_what_and_no_secret(show: Callable[..., WireView]) -> None:
    view = show()
    greeting, password = rows(view)[:2]
    assert greeting.accessibleDescription() == (
        "rowanmail answers: 220 smtp.rowanmail.example ESMTP\nyou say: EHLO [127.0.0.1]"
    )
    assert "you say: AUTH PLAIN\n" in password.accessibleDescription()
    view.modes.set_value(MAIL)
    view.modes.chosen.emit(MAIL)
    text = next(row for row in rows(view) if row.accessibleName().startswith("Your text."))
    assert "Dear Marta," in text.accessibleDescription()


def test_what_is_too_wide_is_wrapped_and_nothing_is_lost(show: Callable[..., WireView]) -> None:
    view = show(width=960)
    text = view.text()
    assert text is not None
    for section in text.sections:
        whole = "".join(piece.text for piece in pieces(section.lines, 100))
        assert whole == "".join(line.text for line in section.lines)
        begun = [piece for piece in pieces(section.lines, 100) if piece.begins]
        assert len(begun) == len(section.lines)
    # Each row has room for all of its lines and for all of its words.
    for row in rows(view):
        assert row.height() == row.heightForWidth(row.width())
        assert row.words.geometry().bottom() <= row.height()


def test_a_mail_of_many_parts_makes_only_the_rows_in_view(show: Callable[..., WireView]) -> None:
    head, _, rest = samples.WIRE.partition(b"--b1f07c2a94\r\nContent-Type: application/msword")
    part = b"--b1f07c2a94\r\nContent-Type: application/msword" + rest.removesuffix(b"--b1f07c2a94--\r\n")
    view = show(wire=head + part * 500 + b"--b1f07c2a94--\r\n")
    text = view.text()
    assert text is not None
    assert len(text.sections) > 2000
    assert view.rows.built() < 40


# ---- the foot


def test_everything_absent_is_ticked_and_files_nobody_cleaned_are_named(
    show: Callable[..., WireView],
) -> None:
    foot = show().foot
    assert foot.items[Kind.HOST].accessibleName() == "Computer name: looked for, not in there."
    assert foot.note.text() == "notes.doc isn’t cleaned, so torsend can’t vouch for it"
    assert (
        show(as_it_is=("a", "b")).foot.note.text()
        == "2 files aren’t cleaned, so torsend can’t vouch for them"
    )
    assert not show(as_it_is=()).foot.note.isVisible()


def test_a_files_name_is_no_markup(show: Callable[..., WireView]) -> None:
    foot = show(as_it_is=("<img src=/tmp/a>.doc",)).foot
    assert foot.note.text().startswith("<img src=/tmp/a>.doc isn’t cleaned")
    assert foot._noted.toolTip().startswith("<p>&lt;img src=/tmp/a&gt;.doc isn’t cleaned")


def test_what_stands_in_there_is_told_with_its_place(show: Callable[..., WireView]) -> None:
    foot = show(told=samples.TELLING).foot
    user = foot.items[Kind.USER]
    assert user.accessibleName() == "Your user name ‘kaspar’ stands in the text."
    assert user.mark.colour() == look().tokens.look
    assert foot.items[Kind.ZONE].mark.colour() == look().tokens.fine
    assert foot.note.text() == "Your user name ‘kaspar’ stands in the text. (and 2 more)"
    for said in ("stands in notes.doc.", "your own isn’t known here", "notes.doc isn’t cleaned"):
        assert said in foot.accessibleName()


@pytest.mark.parametrize(("width", "below"), [(960, True), (1800, False)])
def test_the_note_stands_where_there_is_room(
    show: Callable[..., WireView], width: int, below: bool, qtbot: QtBot
) -> None:
    foot = show(width=width).foot
    qtbot.waitUntil(
        lambda: (
            foot.height() == (72 if below else 48)
            and (foot.note.mapTo(foot, foot.note.rect().center()).y() > 40) is below
        )
    )
    for item in foot.items.values():
        assert item.label.width() >= item.label.sizeHint().width()


# ---- saving


def test_saving_says_before_and_after_what_such_a_file_is(
    show: Callable[..., WireView], qtbot: QtBot
) -> None:
    view = show()
    view.focus_target().setFocus()
    QTest.keyClick(view.focus_target(), Qt.Key.Key_S, CTRL)
    (dialog,) = view.findChildren(QFileDialog)
    assert "unencrypted" in dialog.windowTitle()
    assert "unencrypted" in view.save.accessibleDescription()
    dialog.reject()
    assert not view.saved.isVisible()
    view.show_saved(Path("/somewhere/mail.eml"))
    assert view.saved.isVisible()
    assert view.saved.text() == "Saved as mail.eml. It lies there unencrypted, outside the vault."
    view.set_exactly(samples.exactly(), "wine")
    assert not view.saved.isVisible()


def test_what_is_read_is_not_lost_when_something_else_is_shown(show: Callable[..., WireView]) -> None:
    view = show()
    for key in ("3", "0"):
        view.rows.go_to(key)
        view.set_exactly(samples.exactly(as_it_is=(key,)), "teal")
        assert view.focus_target().hasFocus()


def test_nothing_is_shown_or_made_before_there_is_anything(qtbot: QtBot) -> None:
    view = WireView()
    assert view.text() is None
    view.modes.chosen.emit(MAIL)
    assert view.rows.built() == 0
    assert view.focus_target() is view.save
    view.deleteLater()


# ---- on the page


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[ComposePage]:
    made = ComposePage()
    made.set_identities(samples.IDENTITIES)
    made.set_draft(replace(samples.DRAFT, attachments=()))
    made.set_panel_shown(False)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    yield made
    made.finish()
    made.hide()
    made.deleteLater()


def test_the_keyboard_asks_reads_and_closes(page: ComposePage, qtbot: QtBot) -> None:
    page.fields.text.setFocus()
    with qtbot.waitSignal(page.wire_requested):
        QTest.keyClick(page.fields.text, Qt.Key.Key_U, CTRL)
    page.show_wire(samples.exactly())
    assert page.wire.focus_target().hasFocus()
    QTest.keyClick(page.wire.focus_target(), Qt.Key.Key_Down)
    assert rows(page.wire)[1].hasFocus()
    QTest.keyClick(rows(page.wire)[1], Qt.Key.Key_U, CTRL)
    assert not page.wire.isVisible()


def test_tab_goes_from_the_head_over_what_leaves_to_the_route(page: ComposePage) -> None:
    page.show_wire(samples.exactly())
    page.header.send.setFocus()
    met: list[QWidget] = []
    while not met or met[-1] is not page.header.chip:
        QTest.keyClick(met[-1] if met else page.header.send, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert focused not in met
        met.append(focused)
    wire = [page.wire.save, rows(page.wire)[0], page.wire.foot]
    assert [widget for widget in met if widget in wire] == wire
    assert met.index(page.wire.foot) < min(
        met.index(stop) for stop in page.route.stops_for_tab() if stop in met
    )


def test_another_sender_has_what_leaves_made_anew(page: ComposePage, qtbot: QtBot) -> None:
    page.show_wire(samples.exactly())
    with qtbot.waitSignal(page.wire_requested) as told:
        page.set_sender(samples.IDA.id)
    assert told.args is not None
    assert told.args[0].identity_id == samples.IDA.id
    assert told.args[0].seed == samples.DRAFT.seed


def test_no_line_of_anybody_is_without_an_explanation_or_in_the_wrong_colour() -> None:
    for identity in (samples.WREN, samples.IDA, samples.TARN):
        for section in samples.exactly(identity, told=NotInThere((), frozenset())).conversation.sections:
            assert section.title
            assert section.sentence
            assert {line.who for line in section.lines} <= set(Who)
