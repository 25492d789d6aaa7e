"""The small parts that every page is made of: each takes values and paints with ``look().tokens``."""

from torsend.gui.parts.avatar import Avatar
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.fields import PlainTextField, TextField, local_files
from torsend.gui.parts.file_dialog import file_dialog
from torsend.gui.parts.focus import FocusRing
from torsend.gui.parts.labels import Label, Paragraph, Separator
from torsend.gui.parts.marks import Mark, PipView, SeverityMark
from torsend.gui.parts.scroll import ScrollArea, ScrollBar
from torsend.gui.parts.segmented import Segmented
from torsend.gui.parts.sender_chip import SenderChip

__all__ = [
    "Avatar",
    "Button",
    "ButtonKind",
    "FocusRing",
    "Label",
    "Mark",
    "Paragraph",
    "PipView",
    "PlainTextField",
    "ScrollArea",
    "ScrollBar",
    "Segmented",
    "SenderChip",
    "Separator",
    "SeverityMark",
    "TextField",
    "file_dialog",
    "local_files",
]
