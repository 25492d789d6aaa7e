"""The menu that opens under the sender's chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAction, QFontMetrics, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu

from torsend.gui.parts.avatar import paint_avatar
from torsend.gui.theme import font, look, menu_stylesheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from torsend.identity.identity import Identity

WIDEST = 480
AVATAR = 20


def sender_menu(
    parent: QWidget, identities: tuple[Identity, ...], chosen: str, choose: Callable[[str], None]
) -> QMenu:
    """A menu of all identities, the chosen one ticked; ``choose`` gets the id of another one."""
    menu = QMenu(parent)
    menu.setStyleSheet(menu_stylesheet(look().tokens))
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for one in identities:
        action = QAction(_words(one), menu)
        action.setIcon(avatar_icon(one, menu.devicePixelRatioF()))
        action.setIconVisibleInMenu(True)
        if one.id == chosen:
            menu.setActiveAction(action)
            action.setFont(font(13, 600))
        action.triggered.connect(lambda _=False, key=one.id: choose(key))
        menu.addAction(action)
    return menu


def _words(identity: Identity) -> str:
    words = f"{identity.name}   {identity.address}" if identity.name else identity.address
    shown = QFontMetrics(font(13)).elidedText(words, Qt.TextElideMode.ElideMiddle, WIDEST)
    # In a menu an ampersand would become an underline.
    return shown.replace("&", "&&")


def avatar_icon(identity: Identity, scale: float) -> QIcon:
    """The identity's shape as an icon."""
    picture = QPixmap(round(AVATAR * scale), round(AVATAR * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_avatar(painter, QRectF(0, 0, AVATAR, AVATAR), identity.kind, identity.colour, identity.initials)
    painter.end()
    return QIcon(picture)
