"""The menu that *Write* opens where there are drafts: a new mail, or one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from torsend.mail.draft import Draft
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QWidget

MOST = 12
LONGEST_SUBJECT = 40
"""Characters."""


def popup_drafts(
    drafts: Sequence[Draft], write: Callable[[Draft], None], parent: QWidget, where: QPoint
) -> None:
    """Offers them, the first ones at least; ``write`` gets the one that is chosen, or a new one."""
    menu = QMenu(parent)
    menu.setAccessibleName(t("What to write"))
    menu.addAction(t("New mail")).triggered.connect(lambda: write(Draft.new()))
    menu.addSeparator()
    for draft in drafts[:MOST]:
        subject = draft.subject or t("(no subject)")
        if len(subject) > LONGEST_SUBJECT:
            subject = subject[: LONGEST_SUBJECT - 1] + "…"
        action = menu.addAction(t("Go on with “{subject}”", subject=subject.replace("&", "&&")))
        action.triggered.connect(lambda _=False, draft=draft: write(draft))
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(where)
