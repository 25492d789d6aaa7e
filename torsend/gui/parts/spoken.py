"""What a screen reader says by itself."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def say(about: QWidget, words: str) -> None:
    """Says it once what it says now has ended."""
    if words:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(about, words))
