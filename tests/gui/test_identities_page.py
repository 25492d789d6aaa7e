"""The identities: chosen, changed, added, moved, deleted; errors beside the field; the password never shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from tests.gui import page_screens as sample
from torsend.gui.identities import IdentitiesPage
from torsend.gui.identity_foot import Saved
from torsend.gui.identity_list import IdentityList
from torsend.gui.identity_password import PasswordPlace
from torsend.gui.identity_server import OTHER, about, tags
from torsend.gui.parts.labels import Label, Paragraph
from torsend.identity.identity import BadIdentity, Colour, FileNames, Identity, Kind, OnlyOverTor, Server, Tls
from torsend.identity.onion_key import BadOnionKey
from torsend.identity.providers import PRESETS, Preset, preset_for
from torsend.identity.secrets import KeyringLocked

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def page(qtbot: QtBot) -> IdentitiesPage:
    made = sample.identities()
    qtbot.addWidget(made)
    made.resize(992, 800)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def typed(field: QLineEdit, text: str) -> None:
    """As a person does it: selects all, types, leaves the field."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text) if text else QTest.keyClick(field, Qt.Key.Key_Delete)
    field.editingFinished.emit()


# Changing


def test_a_field_that_is_left_is_kept(page: IdentitiesPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.changed) as caught:
        typed(page.form.name, "Wren Ash")
    assert caught.args == [replace(sample.WREN, name="Wren Ash")]
    assert page.form.saved_state() is Saved.SAVING
    page.saved(caught.args[0])
    assert page.form.foot.state.text() == "All changes saved"


def test_nothing_is_kept_while_one_still_types(page: IdentitiesPage, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(page.changed):
        page.form.name.setFocus()
        QTest.keyClicks(page.form.name, "xyz")
    assert page.form.saved_state() is Saved.TYPING


def test_what_is_being_typed_survives_news_of_the_same_identity(page: IdentitiesPage) -> None:
    page.form.name.end(False)
    QTest.keyClicks(page.form.name, "xyz")
    page.set_identities(tuple(replace(one, only_over_tor=OnlyOverTor.NO) for one in sample.PEOPLE))
    assert page.form.name.text() == "Wrenxyz"


@pytest.mark.parametrize(
    "address", ["", "wren", "wren@", "@rowanmail.example", "wren@rowan mail.example", "a@b@c"]
)
def test_a_wrong_address_is_said_beside_the_field_and_not_kept(
    page: IdentitiesPage, qtbot: QtBot, address: str
) -> None:
    with qtbot.assertNotEmitted(page.changed):
        typed(page.form.address, address)
    assert page.form.address_row.error()
    assert page.form.address.accessibleDescription() == page.form.address_row.error()
    assert page.form.saved_state() is Saved.WRONG


def test_the_complaint_goes_once_it_is_right(page: IdentitiesPage, qtbot: QtBot) -> None:
    typed(page.form.address, "wren")
    with qtbot.waitSignal(page.changed):
        typed(page.form.address, "wren@osprey.example")
    assert page.form.address_row.error() == ""


def test_colour_kind_and_only_over_tor_are_kept_at_once(page: IdentitiesPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.changed) as caught:
        QTest.mouseClick(page.form.colour.swatch("violet"), Qt.MouseButton.LeftButton)
    page.saved(caught.args[0])
    with qtbot.waitSignal(page.changed) as caught:
        page.form.kind.set_value(Kind.ALIAS)
        page.form.kind.chosen.emit(Kind.ALIAS)
    page.saved(caught.args[0])
    with qtbot.waitSignal(page.changed) as caught:
        page.form.only.set_value(OnlyOverTor.UNSURE)
        page.form.only.chosen.emit(OnlyOverTor.UNSURE)
    kept = caught.args[0]
    assert (kept.colour, kept.kind, kept.only_over_tor) == (Colour.VIOLET, Kind.ALIAS, OnlyOverTor.UNSURE)


def test_file_names_are_neutral_until_they_shall_be_kept(page: IdentitiesPage, qtbot: QtBot) -> None:
    assert page.form.names.value() == FileNames.NEUTRAL
    with qtbot.waitSignal(page.changed) as caught:
        page.form.names.set_value(FileNames.KEPT)
        page.form.names.chosen.emit(FileNames.KEPT)
    assert caught.args == [replace(sample.WREN, file_names=FileNames.KEPT)]


def test_going_to_another_keeps_what_was_typed_first(page: IdentitiesPage, qtbot: QtBot) -> None:
    page.form.name.selectAll()
    QTest.keyClicks(page.form.name, "Ash")
    with qtbot.waitSignals([page.changed, page.chosen], order="strict"):
        page.show_identity(sample.IDA.id)
    assert page.current_id() == sample.IDA.id


def test_a_save_that_failed_says_why(page: IdentitiesPage) -> None:
    typed(page.form.name, "Ash")
    page.save_failed(sample.WREN.id, sample.DISK_FULL)
    assert page.form.foot.problem.text().startswith("The disk is full.")
    assert page.form.foot.state.text() == ""
    page.save_failed(sample.WREN.id, BadIdentity("username", "The user name is longer than 255 characters."))
    assert page.form.username_row.error() == "The user name is longer than 255 characters."


# The server


def test_a_server_of_ones_own_is_read_from_its_fields(page: IdentitiesPage, qtbot: QtBot) -> None:
    server = page.form.server
    assert server.list.value() == OTHER
    with qtbot.waitSignal(page.changed):
        typed(server.host, "smtp.osprey.example")
    with qtbot.waitSignal(page.changed) as caught:
        server.tls.set_value(Tls.STARTTLS)
        server.tls.chosen.emit(Tls.STARTTLS)
    assert caught.args[0].server == Server("smtp.osprey.example", 587, Tls.STARTTLS)


@pytest.mark.parametrize("port", ["", "0", "65536", "99999999999", "imap", "４６５", "-1"])
def test_a_port_that_cannot_be_is_said_beside_it(page: IdentitiesPage, qtbot: QtBot, port: str) -> None:
    server = page.form.server
    with qtbot.assertNotEmitted(page.changed):
        server.port.setText(port)
        server.edited.emit()
        server.finished.emit()
    assert server.host_row.error().startswith("The port is a number from 1 to 65535.")


def test_without_tls_only_an_onion_server_is_taken(page: IdentitiesPage) -> None:
    server = page.form.server
    server.tls.set_value(Tls.ONION_PLAIN)
    server.tls.chosen.emit(Tls.ONION_PLAIN)
    assert "only an onion server" in server.tls_row.error()


def test_an_onion_address_with_a_typing_error_is_told(page: IdentitiesPage) -> None:
    typed(page.form.server.host, sample.ONION.replace("5gdv", "5gdw"))
    assert "check digits" in page.form.server.host_row.error()


def test_a_known_provider_fills_the_server_in_and_its_onion_on_request(
    page: IdentitiesPage, qtbot: QtBot
) -> None:
    page.start_new()
    form = page.form
    typed(form.address, "wren@riseup.net")
    assert form.server.list.value() == "riseup"
    riseup = preset_for("wren@riseup.net")
    assert riseup is not None
    assert form.server.server() == riseup.server
    QTest.mouseClick(form.server.onion, Qt.MouseButton.LeftButton, pos=QPoint(4, 8))
    assert form.server.server() == riseup.onion


def test_a_server_that_was_chosen_by_hand_stays_when_the_address_changes(page: IdentitiesPage) -> None:
    page.start_new()
    page.form.server.host.setFocus()
    QTest.keyClicks(page.form.server.host, "smtp.osprey.example")
    typed(page.form.address, "wren@riseup.net")
    assert page.form.server.list.value() == OTHER


def test_all_providers_can_be_seen_and_those_without_a_server_not_chosen(
    page: IdentitiesPage, qtbot: QtBot
) -> None:
    server = page.form.server
    QTest.mouseClick(server.more, Qt.MouseButton.LeftButton)
    assert len(server.list.keys()) == len(PRESETS) + 1
    for preset in PRESETS:
        assert server.list.row(preset.name).isEnabled() is (preset.server is not None)


# Adding


def test_a_new_identity_is_added_with_its_password(page: IdentitiesPage, qtbot: QtBot) -> None:
    QTest.mouseClick(page.plus, Qt.MouseButton.LeftButton)
    form = page.form
    assert form.is_new()
    assert form.colour.value() == Colour.UMBER, "the first colour that nobody has"
    typed(form.name, "Ash")
    typed(form.address, "ash@osprey.example")
    typed(form.server.host, "smtp.osprey.example")
    QTest.keyClicks(form.password.field, "correct horse")
    with qtbot.waitSignal(page.add_requested) as caught:
        QTest.mouseClick(form.foot.add, Qt.MouseButton.LeftButton)
    made, password = caught.args
    assert (made.name, made.address, password) == ("Ash", "ash@osprey.example", "correct horse")
    # Until it is known what came of it, nothing is lost and nothing is asked twice.
    assert form.password.field.text() == "correct horse"
    assert not form.foot.add.isEnabled()
    page.set_identities((*sample.PEOPLE, made))
    assert form.password.field.text() == ""
    assert page.current_id() == made.id
    assert not form.is_new()


def test_a_new_identity_with_errors_is_not_added_and_the_first_wrong_field_has_the_keyboard(
    page: IdentitiesPage, qtbot: QtBot
) -> None:
    page.start_new()
    with qtbot.assertNotEmitted(page.add_requested):
        QTest.mouseClick(page.form.foot.add, Qt.MouseButton.LeftButton)
    assert page.form.address_row.error() == "The address is missing. Type it."
    assert page.form.server.host_row.error()
    assert page.window().focusWidget() is page.form.address


def test_a_new_one_can_be_given_up(page: IdentitiesPage, qtbot: QtBot) -> None:
    page.start_new()
    page.form.password.field.setText("correct horse")
    QTest.mouseClick(page.form.foot.cancel, Qt.MouseButton.LeftButton)
    assert page.current_id() == sample.WREN.id
    assert page.form.password.field.text() == ""


def test_the_first_one_that_is_given_up_leaves_no_password(qtbot: QtBot) -> None:
    page = sample.identities(())
    qtbot.addWidget(page)
    page.start_new()
    page.form.password.field.setText("correct horse")
    page.form.foot.cancel.click()
    assert page.form.password.field.text() == ""


def test_without_identities_it_says_what_to_do(qtbot: QtBot) -> None:
    page = sample.identities(())
    qtbot.addWidget(page)
    page.show()
    said = [one.text() for one in page.empty.findChildren(Label)]
    assert said == ["Add an address to write from."]
    QTest.mouseClick(page.first, Qt.MouseButton.LeftButton)
    assert page.form.isVisible()


# The password


def test_the_row_says_where_the_password_lies(page: IdentitiesPage) -> None:
    for place in PasswordPlace:
        page.set_password_place(sample.WREN.id, place)
        assert page.form.password.place_label.text() == place.words()
    assert PasswordPlace.KEYRING.words() == "In your system keyring"
    assert PasswordPlace.VAULT.words() == "In the encrypted vault"


def test_a_password_is_typed_unseen_told_once_and_gone(page: IdentitiesPage, qtbot: QtBot) -> None:
    row = page.form.password
    QTest.mouseClick(row.change, Qt.MouseButton.LeftButton)
    assert row.field.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClicks(row.field, "correct horse")
    with qtbot.waitSignal(page.password_entered) as caught:
        QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert caught.args == [sample.WREN.id, "correct horse"]
    assert row.field.text() == ""
    row.field.undo()
    assert row.field.text() == ""
    assert row.field.isHidden() or not row.field.isVisible()


def test_escape_throws_away_what_was_typed(page: IdentitiesPage, qtbot: QtBot) -> None:
    row = page.form.password
    row.open_field()
    QTest.keyClicks(row.field, "correct")
    with qtbot.assertNotEmitted(page.password_entered):
        QTest.keyClick(row.field, Qt.Key.Key_Escape)
    assert row.field.text() == ""
    assert row.change.isVisible()


def test_a_password_goes_with_the_form_when_another_is_shown(page: IdentitiesPage) -> None:
    page.form.password.open_field()
    QTest.keyClicks(page.form.password.field, "correct")
    page.show_identity(sample.IDA.id)
    assert page.form.password.field.text() == ""


def test_a_keyring_that_is_locked_is_said_in_words(page: IdentitiesPage) -> None:
    page.set_password_problem(sample.WREN.id, KeyringLocked("The keyring is locked.", advice="Unlock it."))
    assert page.form.password.problem() == "The keyring is locked. Nothing was changed. Unlock it."


def test_forgetting_asks_for_that_identity(page: IdentitiesPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.password_forget_requested) as caught:
        QTest.mouseClick(page.form.password.forget, Qt.MouseButton.LeftButton)
    assert caught.args == [sample.WREN.id]


# The rest of the buttons


def test_buttons_name_the_identity_they_are_about(page: IdentitiesPage, qtbot: QtBot) -> None:
    form = page.form
    for button, signal in (
        (form.foot.write, page.write_requested),
        (form.foot.duplicate, page.duplicate_requested),
        (form.new_circuit, page.new_circuit_requested),
    ):
        with qtbot.waitSignal(signal) as caught:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert caught.args == [sample.WREN.id]


def test_deleting_asks_first_and_keeping_is_the_easy_way(page: IdentitiesPage, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(page.delete_requested):
        QTest.mouseClick(page.form.foot.delete, Qt.MouseButton.LeftButton)
    assert page.form.foot.sure.text() == "Delete Wren? Its password goes, too."
    assert page.window().focusWidget() is page.form.foot.sure_keep
    QTest.mouseClick(page.form.foot.sure_keep, Qt.MouseButton.LeftButton)
    QTest.mouseClick(page.form.foot.delete, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(page.delete_requested) as caught:
        QTest.mouseClick(page.form.foot.sure_delete, Qt.MouseButton.LeftButton)
    assert caught.args == [sample.WREN.id]
    page.set_identities(sample.PEOPLE[1:])
    assert page.current_id() == sample.IDA.id


# The list


def test_the_list_groups_by_kind_and_headings_cannot_be_chosen(page: IdentitiesPage) -> None:
    model = page.list.model()
    rows = [str(model.index(at, 0).data()) for at in range(model.rowCount())]
    assert rows == [
        "Addresses",
        "Wren",
        "Ida Holm",
        "Aliases",
        "Tarn Collective",
        "Newsletters",
        "Disposable",
        "k7-marsh",
        "p2-stone",
        "Remailers",
        "No sender at all",
    ]
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsSelectable


def test_arrows_pass_over_headings(page: IdentitiesPage, qtbot: QtBot) -> None:
    page.show_identity(sample.IDA.id)
    with qtbot.waitSignal(page.chosen) as caught:
        QTest.keyClick(page.list, Qt.Key.Key_Down)
    assert caught.args == [sample.TARN.id]


def test_alt_and_an_arrow_move_one_among_its_kind(page: IdentitiesPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.move_requested) as caught:
        QTest.keyClick(page.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert caught.args == [sample.WREN.id, 1]
    with qtbot.assertNotEmitted(page.move_requested):
        QTest.keyClick(page.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)


def row_centre(view: IdentityList, identity: Identity) -> QPoint:
    """The middle of its row in the viewport."""
    model = view.model()
    at = next(n for n in range(model.rowCount()) if model.index(n, 0).data() == identity.name)
    return view.visualRect(model.index(at, 0)).center()


def test_dragging_one_below_another_of_its_kind_moves_it(page: IdentitiesPage, qtbot: QtBot) -> None:
    view, port = page.list, page.list.viewport()
    start, end = row_centre(view, sample.TARN), row_centre(view, sample.NEWS) + QPoint(0, 12)
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(port, start + QPoint(0, 20))
    QTest.mouseMove(port, end)
    with qtbot.waitSignal(page.move_requested) as caught:
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=end)
    # Counted without itself: after Newsletters, which is then the third.
    assert caught.args == [sample.TARN.id, 3]


def test_the_menu_of_a_row_offers_what_can_be_done(page: IdentitiesPage, qtbot: QtBot) -> None:
    menu = page.list.menu(sample.IDA.id)
    actions = {action.text(): action for action in menu.actions() if action.text()}
    assert set(actions) == {"Move up", "Move down", "Duplicate", "Delete…"}
    with qtbot.waitSignal(page.move_requested) as caught:
        actions["Move up"].trigger()
    assert caught.args == [sample.IDA.id, 0]
    with qtbot.waitSignal(page.duplicate_requested):
        actions["Duplicate"].trigger()
    actions["Delete…"].trigger()
    assert page.form.foot.sure.isVisible()
    assert page.current_id() == sample.IDA.id


# For all


def test_everything_that_takes_the_keyboard_has_a_name(page: IdentitiesPage) -> None:
    for widget in page.findChildren(QWidget):
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if takes and isinstance(widget, QAbstractButton | QLineEdit | IdentityList):
            assert widget.accessibleName(), widget


def test_no_sentence_is_left_unfilled(page: IdentitiesPage) -> None:
    said = [one.text() for one in page.findChildren(Label)] + [
        one.text() for one in page.findChildren(Paragraph)
    ]
    assert not any("{" in one for one in said)


# Onion servers and exit relays


def test_an_onion_server_has_a_row_for_a_key_and_one_for_an_accepted_certificate(
    page: IdentitiesPage, qtbot: QtBot
) -> None:
    form = page.form
    assert form.onion.isHidden()
    accepted = replace(sample.TARN.server, certificate=":".join(["AB"] * 32))
    with_one = replace(sample.TARN, server=accepted)
    page.set_identities((sample.WREN, with_one))
    page.show_identity(with_one.id)
    assert not form.onion.isHidden()
    assert "AB:AB:AB:AB: AB:AB" in form.onion.fingerprint.text()

    # What else is changed takes nothing of it away.
    with qtbot.waitSignal(page.changed) as caught:
        typed(form.name, "Tarn")
    assert caught.args == [replace(with_one, name="Tarn")]
    page.saved(caught.args[0])
    with qtbot.waitSignal(page.changed) as caught:
        form.onion.forget.click()
    assert caught.args[0].server == sample.TARN.server

    form.set_onion_key_place(with_one.id, PasswordPlace.NONE)
    form.onion.key.open_field()
    QTest.keyClicks(form.onion.key.field, "abc")
    with qtbot.waitSignal(page.onion_key_entered) as caught:
        QTest.keyClick(form.onion.key.field, Qt.Key.Key_Return)
    assert caught.args == [with_one.id, "abc"]
    assert form.onion.key.field.text() == ""
    form.set_onion_key_problem(with_one.id, BadOnionKey("It is none.", advice="Copy it again."))
    assert form.onion.key.problem() == "It is none. Copy it again."
    form.set_onion_key_place(with_one.id, PasswordPlace.VAULT)
    with qtbot.waitSignal(page.onion_key_forget_requested) as caught:
        form.onion.key.forget.click()
    assert caught.args == [with_one.id]


def test_a_certificate_that_is_accepted_elsewhere_is_not_lost_to_the_form(
    page: IdentitiesPage, qtbot: QtBot
) -> None:
    page.show_identity(sample.TARN.id)
    accepted = replace(sample.TARN, server=replace(sample.TARN.server, certificate=":".join(["CD"] * 32)))
    page.set_identities((sample.WREN, accepted))
    with qtbot.waitSignal(page.changed) as caught:
        typed(page.form.name, "Tarn")
    assert caught.args[0].server == accepted.server


def test_what_was_learnt_of_a_server_is_shown_with_its_identity_only(page: IdentitiesPage) -> None:
    page.show_identity(sample.WREN.id)
    page.form.set_learnt(sample.TARN.id, "It turned an exit relay away.")
    assert page.form._learnt_row.isHidden()
    page.form.set_learnt(sample.WREN.id, "It turned an exit relay away.")
    assert not page.form._learnt_row.isHidden()
    page.show_identity(sample.TARN.id)
    assert page.form._learnt_row.isHidden()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_each_tag_of_a_provider_is_explained(qtbot: QtBot, preset: Preset) -> None:
    made = tags(preset)
    for tag in made:
        qtbot.addWidget(tag)
    words = {tag.word() for tag in made}
    assert ("without leaving Tor" in about(preset)) == ("inside Tor" in words)
    assert ("through Tor" in about(preset)) == ("hides Tor" in words)
    assert about(preset) or not words


def test_each_kind_of_address_is_explained(page: IdentitiesPage) -> None:
    said = set()
    for kind in (Kind.ADDRESS, Kind.ALIAS, Kind.DISPOSABLE):
        page.form.kind.set_value(kind)
        page.form.kind.chosen.emit(kind)
        said.add(page.form._kind_note.text())
    assert len(said) == 3
    assert all(said)


def test_what_was_wrong_is_not_said_any_more_while_it_is_put_right(page: IdentitiesPage) -> None:
    page.start_new()
    page.form.foot.add.click()
    assert page.form.address_row.error()
    page.form.address.setFocus()
    QTest.keyClicks(page.form.address, "w")
    assert not page.form.address_row.error()
