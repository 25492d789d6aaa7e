"""What lies on the clipboard, when a bridge is to be pasted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from torsend.errors import UsageError
from torsend.gui.parts.fields import local_files
from torsend.tor.bridges import LONGEST_TEXT, MOST_LINES, read_bridges
from torsend.words import t

MOST_PASTED = 2 * MOST_LINES
"""Lines, remarks among them."""
PICTURES = (
    "image/png",
    'application/x-qt-windows-mime;value="PNG"',
    "image/jpeg",
    "image/webp",
    "image/bmp",
    "image/tiff",
    "image/gif",
)
"""As the program that they were copied from gives them. What Qt would make a picture of is not asked for: that would be
parsed in this process."""


def lines_or_picture(source: QMimeData | None) -> str | Path | bytes:
    """Text, a file that was copied, or a picture as the octets of its file.

    Raises:
        UsageError: none of them, or too much.
    """
    # Where the clipboard is empty some systems have none at all.
    source = source or QMimeData()
    text = source.text()
    if len(text) > LONGEST_TEXT or text.count("\n") > MOST_PASTED:
        raise UsageError(t("The text on the clipboard is too long to be bridge lines. It was left there."))
    if read_bridges(text).bridges:
        return text
    if files := local_files(source):
        return files[0]
    for kind in PICTURES:
        if source.hasFormat(kind) and (octets := bytes(source.data(kind).data())):
            return octets
    if text.strip():
        return text
    if source.hasImage():
        raise UsageError(
            t("The picture on the clipboard comes in no form that can be read here."),
            advice=t("Save it as a file, and choose that."),
        )
    raise UsageError(t("There is neither text nor a picture on the clipboard."))
