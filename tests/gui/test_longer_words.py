"""Words of a language that has longer ones: each sentence is two fifths longer, and the window as small as it gets."""

from __future__ import annotations

import gettext
import math
import re
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from tests.gui.page_screens import PAGE_SCREENS
from tests.gui.screens import SCREENS
from torsend import words
from torsend.gui.parts import Button, ScrollArea, TextField
from torsend.gui.parts.segmented import Segmented
from torsend.gui.parts.whole import Whole

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
NARROW = {**SCREENS, **PAGE_SCREENS}
OURS = [
    "compose-narrow", "compose-narrow-sending", "compose-narrow-later", "compose-narrow-wire", "connect-narrow",
    "first-address-narrow", "first-arrived", "help-narrow", "identities-narrow-long", "outbox-narrow-long",
    "unlock-keyring-locked",
]  # fmt: skip


class Longer(gettext.NullTranslations):
    """Each word said once and two fifths."""

    def gettext(self, message: str) -> str:
        parts = re.split(r"(\{[^}]*\})", message)
        return "".join(
            part if part.startswith("{") else re.sub(r"[A-Za-z’]{3,}", self._longer, part) for part in parts
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    @staticmethod
    def _longer(found: re.Match[str]) -> str:
        word = found.group()
        return word + word[: math.ceil(0.4 * len(word))].lower()


@pytest.fixture(autouse=True)
def longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_catalogue", Longer())


def sideways(page: QWidget) -> list[str]:
    """What only scrolls up and down, and is wider than it shows."""
    areas = [
        each for each in page.findChildren(ScrollArea) if each.isVisible() and not isinstance(each, Whole)
    ]
    pairs = [(each.widget(), each.viewport()) for each in areas]
    return [
        f"{inner.width()} in {view.width()}"
        for inner, view in pairs
        if inner is not None and inner.width() > view.width()
    ]


def outside(page: QWidget) -> list[str]:
    """Controls of which a part lies beyond what they stand in."""
    return [
        f"{type(one).__name__} {one.accessibleName()!r}"
        for one in page.findChildren(QWidget)
        if isinstance(one, Button | TextField | Segmented)
        and one.isVisible()
        and (parent := one.parentWidget()) is not None
        and not parent.rect()
        .adjusted(0, -parent.height(), 1, parent.height())
        .contains(QRect(one.mapTo(parent, QPoint()), one.size()))
    ]


@pytest.mark.parametrize("name", OURS)
def test_nothing_reaches_beyond_its_place(qtbot: QtBot, name: str) -> None:
    screen = NARROW[name]
    page = screen.make()
    qtbot.addWidget(page)
    page.resize(screen.width, screen.height)
    with qtbot.waitExposed(page):
        page.show()
    qtbot.waitUntil(lambda: not sideways(page) and not outside(page), timeout=1000)
    finish = getattr(page, "finish", None)
    if finish is not None:
        finish()


def test_words_are_longer_here() -> None:
    assert words.t("Show {n} more", n=2) == "Showsh 2 moremo"
