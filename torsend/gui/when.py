"""When a mail goes: the words for the choice, and the menu in which it is made."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget, QWidgetAction

from torsend.delivery.later import NOW, At, Now, Within
from torsend.gui import amounts
from torsend.gui.parts import Label, Paragraph
from torsend.gui.theme import MEDIUM, STRONG, font, look, menu_stylesheet
from torsend.words import t, tn

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.delivery.later import When

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SPANS = (HOUR, 4 * HOUR, DAY)
MENU_WIDTH = 320
MENU_INSET = 26
"""Where a menu's words start: after the sign of what is chosen."""


def label(when: When) -> str:
    """What stands on the button."""
    match when:
        case Now():
            return t("Now")
        case Within(span=span):
            hours = round(span / HOUR)
            return t("Within a day") if span == DAY else t("Within {n} h", n=hours)
        case At(time=time):
            return amounts.short(time)
        case _:
            assert_never(when)


def spoken(when: When) -> str:
    """What a screen reader says of the choice, with nothing cut short."""
    match when:
        case Now():
            return t("When: now")
        case Within(span=span):
            return t("When: {span}, at random", span=_span(span).lower())
        case At(time=time):
            return t("When: {time} UTC", time=time.astimezone(UTC).strftime("%Y-%m-%d %H:%M"))
        case _:
            assert_never(when)


def _span(span: timedelta) -> str:
    return t("Within a day") if span == DAY else tn("Within {n} hour", "Within {n} hours", round(span / HOUR))


def when_menu(
    parent: QWidget, chosen: When, choose: Callable[[When], None], ask_for_time: Callable[[], None]
) -> QMenu:
    """The menu, the chosen one ticked; ``choose`` gets what is picked, a time is asked for elsewhere."""
    menu = QMenu(parent)
    menu.setAccessibleName(t("When to send"))
    menu.setStyleSheet(menu_stylesheet(look().tokens))
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    group = QActionGroup(menu)

    def add(words: str, when: When | None, *, ticked: bool) -> None:
        action = QAction(words, menu)
        action.setCheckable(True)
        action.setChecked(ticked)
        action.setFont(font(13, STRONG if ticked else MEDIUM))
        action.triggered.connect(lambda: ask_for_time() if when is None else choose(when))
        group.addAction(action)
        menu.addAction(action)
        if ticked:
            menu.setActiveAction(action)

    add(t("Now"), NOW, ticked=chosen == NOW)
    menu.addSeparator()
    menu.addAction(_told(menu))
    for span in SPANS:
        add(_span(span), Within(span), ticked=chosen == Within(span))
    menu.addSeparator()
    add(t("At a time…"), None, ticked=isinstance(chosen, At))
    return menu


def _told(menu: QMenu) -> QWidgetAction:
    """Why at random, and what it does not do."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(MENU_INSET, 6, 16, 6)
    column.setSpacing(2)
    column.addWidget(Label(t("At random"), 12, STRONG))
    why = Paragraph(
        t(
            "Who watches your network and the provider can match times. A random moment hides when you wrote, not "
            "when it leaves. Torsend must be running then; if it misses the time, it asks."
        )
    )
    width = MENU_WIDTH - MENU_INSET - 16
    why.setFixedSize(width, why.heightForWidth(width))
    column.addWidget(why)
    action = QWidgetAction(menu)
    action.setDefaultWidget(whole)
    # Arrow keys pass it by: there is nothing to pick.
    action.setEnabled(False)
    return action
