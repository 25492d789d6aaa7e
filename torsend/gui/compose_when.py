"""When the mail that is written shall go: the choice, the menu in which it is made, the dialog for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

from torsend.delivery.later import NOW, At
from torsend.gui.time_dialog import TimeDialog
from torsend.gui.when import when_menu

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from torsend.delivery.later import When
    from torsend.gui.compose_header import ComposeHeader


class WhenChoice(QObject):
    """Belongs to the page, not to a draft.

    Args:
        header: shows the choice; the menu opens under its button.
        page: menu and dialog stand over it.
    """

    def __init__(self, header: ComposeHeader, page: QWidget) -> None:
        super().__init__(page)
        self._header, self._page = header, page
        self._when: When = NOW
        self._dialog: TimeDialog | None = None
        self._locked = False

    def chosen(self) -> When:
        """When it shall go."""
        return self._when

    def choose(self, when: When) -> None:
        """As if the person had chosen it; nothing while it is locked."""
        if not self._locked:
            self._when = when
            self._header.set_when(when)

    def set_locked(self, locked: bool) -> None:
        """While a mail is on its way nothing can be chosen, and the dialog goes."""
        self._locked = locked
        if locked and self._dialog is not None:
            self._dialog.reject()

    def open_menu(self) -> None:
        """Opens the menu of times."""
        if not self._locked:
            button = self._header.when
            menu = when_menu(self._page, self._when, self.choose, self.ask_for_time)
            at = button.mapToGlobal(button.rect().bottomRight())
            menu.popup(at - QPoint(menu.sizeHint().width() - 1, -4))

    def ask_for_time(self) -> None:
        """Opens the dialog for a time, or brings it to the front; the mail can be written on meanwhile."""
        if self._dialog is None:
            at = self._when.time if isinstance(self._when, At) else None
            self._dialog = TimeDialog(at, parent=self._page)
            self._dialog.picked.connect(self.choose)
            self._dialog.finished.connect(self._asked)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def _asked(self) -> None:
        self._dialog = None
