"""Every sign draws something, inside its grid."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from torsend.gui import icons


def drawn(name: str, size: int = 64) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    try:
        icons.paint(painter, name, QRectF(size / 4, size / 4, size / 2, size / 2), QColor("black"))
    finally:
        painter.end()
    return image


@pytest.mark.parametrize("name", sorted(icons.NAMES))
def test_a_sign_stays_inside_its_square(name: str) -> None:
    image = drawn(name)
    inked = [(x, y) for x in range(64) for y in range(64) if image.pixelColor(x, y).alpha() > 40]
    assert inked
    assert all(14 <= x <= 49 and 14 <= y <= 49 for x, y in inked)


def test_an_unknown_sign_is_an_error() -> None:
    with pytest.raises(KeyError):
        drawn("no such sign")


def test_an_icon_has_the_size_asked_for(qapp: object) -> None:
    assert icons.icon("key", QColor("red"), 20).availableSizes()[0].width() == 20
