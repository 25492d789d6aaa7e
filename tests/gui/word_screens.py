"""Word list, signature, and what is found in a mail, for pictures and for the tests that walk through screens."""

from __future__ import annotations

import dataclasses

from tests.gui import samples
from tests.gui.page_screens import PEOPLE, RISEUP, framed, identities
from tests.gui.screens import Screen, compose
from torsend.checks.findings import Known, before_sending
from torsend.checks.words import WordList
from torsend.gui.compose import ComposePage
from torsend.gui.identities import IdentitiesPage
from torsend.gui.sidebar import Page
from torsend.gui.word_list import OWN, WordListDialog
from torsend.mail.draft import Draft

WORDS = ("Kaspar Lind", "Kaspar", "Rosenweg 12", "Hafenwerk", "0151 2345678", "kaspar.lind@home.example")

PASTED = Draft(
    id="pasted",
    identity_id=samples.WREN.id,
    to=samples.MARTA,
    subject="AW: Test sheets from Hall 4",
    text=(
        "Kaspars sheets are at C:\\Users\\kaspar\\sheets.xlsx, and at\nhttps://nordpost.example/a?utm_source=letter until "
        "10:20 CEST.\n\nOn Tue, 21 Apr 2026 at 09:58, Marta Lindqvist\n<marta@nordpost.example> wrote:\n> Can you ask "
        "ida.holm@bigmail.example?\n\nSent from my iPhone\n\nIda Holm"
    ),
)


def dialog(*, own: bool = False, name: str = "", wrong: bool = False) -> WordListDialog:
    """The dialog, opened for Wren."""
    identity = dataclasses.replace(samples.WREN, name=name or samples.WREN.name)
    made = WordListDialog(WORDS, identity, ("Hall 4", "night shift"))
    if own:
        made.show_scope(OWN)
    if wrong:
        made.field.field.selectAll()
        made.field.field.insertPlainText("Kaspar\n-\nHafenwerk")
        made.accept()
    return made


def pasted() -> ComposePage:
    """Real findings of a mail that gives a lot away."""
    known = Known(WordList(WORDS), samples.IDENTITIES)
    findings = before_sending(PASTED, samples.WREN, known=known)
    return compose(PASTED, findings=findings)


def signed() -> IdentitiesPage:
    """An identity with a signature and words, scrolled to them."""
    wren = dataclasses.replace(RISEUP, signature="Wren\nHall 4, night shift")
    page = identities((wren, *PEOPLE[1:]))
    page.set_word_counts(page.current_id(), 6, 2)
    return page


WORD_SCREENS: dict[str, Screen] = {
    "words": Screen(dialog, 480, 520),
    "words-own": Screen(lambda: dialog(own=True), 480, 520),
    "words-wrong": Screen(lambda: dialog(wrong=True), 480, 520),
    "words-long": Screen(lambda: dialog(name=samples.LONG.name, own=True), 480, 520),
    "compose-pasted": Screen(pasted),
    "compose-narrow-pasted": Screen(pasted, 960, 640),
    "identities-words": Screen(lambda: framed(signed(), Page.IDENTITIES), 1200, 900),
}
