"""All formats of pictures."""

from __future__ import annotations

from torsend.clean.formats.jpeg import JPEG
from torsend.clean.formats.png import PNG

FORMATS = (JPEG, PNG)
