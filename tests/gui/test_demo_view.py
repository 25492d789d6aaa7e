"""What arrived in the demo, with its header lines and the circuit that carried it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.gui import page_screens as sample
from torsend.demo.scene import Arrived
from torsend.gui.demo_view import MOST_SHOWN, DemoPage, circuit_words, header_of
from torsend.gui.parts.labels import Label

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def page(qtbot: QtBot) -> DemoPage:
    made = sample.demo()
    qtbot.addWidget(made)
    made.resize(992, 800)
    made.show()
    return made


def test_the_newest_stands_first_with_its_header_as_it_came(page: DemoPage) -> None:
    newest = page.cards[0]
    assert (
        newest.header.toPlainText().splitlines()[0] == "From: Tarn Collective <tarn.press@rowanmail.example>"
    )
    assert newest.header.toPlainText().endswith("Content-Transfer-Encoding: quoted-printable")
    assert "Dear Marta" not in newest.header.toPlainText()
    assert page.summary.text() == "2 mails over 2 circuits"


def test_the_circuit_is_told_relay_by_relay(page: DemoPage) -> None:
    assert "larkspur (guard), tinmill (middle), osprey (exit)" in page.cards[1].accessibleName()
    assert "heron (meeting point), 3 relays of the onion server" in page.cards[0].accessibleName()
    assert circuit_words(None) == "Tor didn’t say which circuit carried it"


def test_a_header_that_would_play_tricks_is_shown_harmless() -> None:
    shown = header_of(b"Subject: \x1b[2Ja\xe2\x80\xaeb\r\n\tcontinued\r\nX: \xff\r\n\r\nbody")
    assert shown == "Subject: \\u{1b}[2Ja\\u{202e}b\n    continued\nX: \ufffd"


def test_a_mail_of_an_unknown_circuit_is_shown(page: DemoPage, qtbot: QtBot) -> None:
    mail = replace(
        sample.demo_mail(sample.WREN, "TLSv1.3"), rcpt_tos=("a@nordpost.example", "b@nordpost.example")
    )
    page.add(Arrived(sample.WREN, mail, None))
    said = [one.text() for one in page.cards[0].findChildren(Label)]
    assert "Wren to a@nordpost.example, b@nordpost.example" in said
    page.grab()


def test_many_mails_leave_the_newest_shown(page: DemoPage) -> None:
    for _ in range(MOST_SHOWN + 5):
        page.add(Arrived(sample.WREN, sample.demo_mail(sample.WREN, "TLSv1.3"), sample.CIRCUIT))
    assert len(page.cards) == MOST_SHOWN
    assert page.count() == MOST_SHOWN + 7


def test_before_anything_arrived_it_says_what_to_do(qtbot: QtBot) -> None:
    page = DemoPage()
    qtbot.addWidget(page)
    page.show()
    assert page.empty.text().startswith("Nothing yet. Write a mail")
    assert page.empty.isVisible()
