"""All formats of pictures."""

from __future__ import annotations

from torsend.clean.formats.gif import GIF
from torsend.clean.formats.heic import HEIC
from torsend.clean.formats.jpeg import JPEG
from torsend.clean.formats.png import PNG
from torsend.clean.formats.tiff import TIFF
from torsend.clean.formats.webp import WEBP

FORMATS = (JPEG, PNG, GIF, WEBP, TIFF, HEIC)
