"""Colours that can be read, and a look that follows the system."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from torsend.gui.theme import DARK, LIGHT, Tokens, font, look
from torsend.identity.identity import Colour

SURFACES = ("win", "surf", "sunk", "sel")
WORDS = ("text", "text2")


def luminance(colour: QColor) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_pairs(tokens: Tokens) -> list[tuple[str, QColor, QColor]]:
    """Every pair of words and ground that a page uses."""
    pairs = [
        (f"{word} on {ground}", tokens.named(word), tokens.named(ground))
        for word, ground in itertools.product(WORDS, SURFACES)
    ]
    # Faint words and severities stand on the quiet grounds only.
    pairs += [
        (f"{word} on {ground}", tokens.named(word), tokens.named(ground))
        for word, ground in itertools.product(("text3", "fine", "look", "decide"), ("win", "surf"))
    ]
    pairs += [
        (f"{word} on {ground}", tokens.named(word), tokens.named(ground))
        for word, ground in (
            ("text", "look_fill"),
            ("look", "look_fill"),
            ("text", "decide_fill"),
            ("decide", "decide_fill"),
            ("text2", "look_fill"),
            ("text2", "decide_fill"),
            ("tor", "surf"),
            ("tls", "surf"),
            ("pgp", "surf"),
            ("on_primary", "primary"),
        )
    ]
    for name, colour in tokens.identity.items():
        pairs.append((f"label on {name}", tokens.on_identity, colour))
        pairs += [(f"{word} on tint of {name}", tokens.named(word), tokens.tint(colour)) for word in WORDS]
    return pairs


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_all_words_can_be_read_on_their_ground(tokens: Tokens) -> None:
    poor = [f"{what}: {contrast(a, b):.2f}" for what, a, b in readable_pairs(tokens) if contrast(a, b) < 4.5]
    assert not poor


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_fields_can_be_seen(tokens: Tokens) -> None:
    for ground in ("win", "surf"):
        assert contrast(tokens.input_edge, tokens.named(ground)) >= 3


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_of_identities_is_there(tokens: Tokens) -> None:
    assert set(tokens.identity) == {colour.value for colour in Colour}


def test_another_look_is_told_and_reaches_the_palette(qapp: QApplication, qtbot: QtBot) -> None:
    with qtbot.waitSignal(look().changed):
        look().choose(dark=True)
    assert look().tokens is DARK
    assert qapp.palette().color(QPalette.ColorRole.Text) == DARK.text


def test_choosing_what_holds_already_tells_nobody(qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(look().changed):
        look().choose(dark=False)


def test_a_name_that_is_no_colour_is_refused() -> None:
    with pytest.raises((KeyError, AttributeError)):
        LIGHT.named("tint")


def test_font_has_the_size_and_weight_asked_for(qapp: QApplication) -> None:
    assert font(13, 600).pixelSize() == 13
    assert font(13, 600).weight() == 600
    assert font(12, mono=True).family() != font(12).family()
