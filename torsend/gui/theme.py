"""Colours and type of the window: two sets of tokens, and the one that holds now.

Widgets ask ``look().tokens`` when they paint, so that a change of the system's colour scheme is a repaint and
nothing more. The palette carries the same colours into what Qt paints itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QToolTip

if TYPE_CHECKING:
    from collections.abc import Mapping

REGULAR = 400
MEDIUM = 500
STRONG = 600

RADIUS_TAG = 4
RADIUS_CONTROL = 6
RADIUS_CARD = 8
RADIUS_CHIP = 18

ANIMATION_MS = 150


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme, by what they are for. ``identity`` is keyed by an identity's colour."""

    dark: bool
    win: QColor
    surf: QColor
    sunk: QColor
    sel: QColor
    line: QColor
    edge: QColor
    input_edge: QColor
    text: QColor
    text2: QColor
    text3: QColor
    fine: QColor
    look: QColor
    decide: QColor
    look_fill: QColor
    look_line: QColor
    decide_fill: QColor
    decide_line: QColor
    tor: QColor
    tor_fill: QColor
    tor_line: QColor
    tls: QColor
    tls_fill: QColor
    tls_line: QColor
    pgp: QColor
    pgp_fill: QColor
    pgp_line: QColor
    primary: QColor
    on_primary: QColor
    on_identity: QColor
    thread: QColor
    identity: Mapping[str, QColor]

    def tint(self, colour: QColor) -> QColor:
        """A breath of the colour over the surface (7 %, 12 % in the dark): text on it stays text colour."""
        return mix(self.surf, colour, 0.12 if self.dark else 0.07)

    def tint_line(self, colour: QColor) -> QColor:
        """The edge of what is filled with ``tint``."""
        return mix(self.surf, colour, 0.38 if self.dark else 0.32)

    def named(self, name: str) -> QColor:
        """The colour of that name, as in ``"text2"``."""
        colour = getattr(self, name)
        if not isinstance(colour, QColor):
            raise KeyError(name)
        return colour


def mix(under: QColor, over: QColor, share: float) -> QColor:
    """The two colours laid over each other, ``share`` of the upper one; always opaque."""
    return QColor.fromRgbF(
        under.redF() + (over.redF() - under.redF()) * share,
        under.greenF() + (over.greenF() - under.greenF()) * share,
        under.blueF() + (over.blueF() - under.blueF()) * share,
    )


LIGHT = Tokens(
    dark=False,
    win=QColor("#F6F6F4"),
    surf=QColor("#FFFFFF"),
    sunk=QColor("#EEEEEB"),
    sel=QColor("#E6E6E2"),
    line=QColor("#E2E2DD"),
    edge=QColor("#C6C6C0"),
    input_edge=QColor("#8B8C86"),
    text=QColor("#1C1E20"),
    text2=QColor("#53575C"),
    text3=QColor("#62666B"),
    fine=QColor("#17693A"),
    look=QColor("#855400"),
    decide=QColor("#B3231B"),
    look_fill=QColor("#FCF3E1"),
    look_line=QColor("#EBD3A2"),
    decide_fill=QColor("#FCECEA"),
    decide_line=QColor("#EFC4BF"),
    tor=QColor("#6B4796"),
    tor_fill=QColor("#F0EAF7"),
    tor_line=QColor("#D6C8E8"),
    tls=QColor("#3D5A80"),
    tls_fill=QColor("#DDE6F0"),
    tls_line=QColor("#BCCBDD"),
    pgp=QColor("#2F6B5B"),
    pgp_fill=QColor("#CBE1D9"),
    pgp_line=QColor("#A5C9BD"),
    primary=QColor("#1C1E20"),
    on_primary=QColor("#FFFFFF"),
    on_identity=QColor("#FFFFFF"),
    thread=QColor("#8B9490"),
    identity=MappingProxyType(
        {
            "teal": QColor("#005B56"),
            "blue": QColor("#2B65D5"),
            "green": QColor("#487C50"),
            "ochre": QColor("#785800"),
            "umber": QColor("#592907"),
            "wine": QColor("#8A0043"),
            "violet": QColor("#59317D"),
            "slate": QColor("#677186"),
        }
    ),
)

DARK = Tokens(
    dark=True,
    win=QColor("#1C1D20"),
    surf=QColor("#26282C"),
    sunk=QColor("#17181A"),
    sel=QColor("#35383E"),
    line=QColor("#36393E"),
    edge=QColor("#4E5259"),
    input_edge=QColor("#767B83"),
    text=QColor("#E9EAEC"),
    text2=QColor("#B2B6BC"),
    text3=QColor("#9CA1A8"),
    fine=QColor("#74CB94"),
    look=QColor("#E3B455"),
    decide=QColor("#FF9088"),
    look_fill=QColor("#332A18"),
    look_line=QColor("#5A4823"),
    decide_fill=QColor("#3A2423"),
    decide_line=QColor("#6B3936"),
    tor=QColor("#BFA2EC"),
    tor_fill=QColor("#302B3B"),
    tor_line=QColor("#544670"),
    tls=QColor("#A6C0E0"),
    tls_fill=QColor("#2A3440"),
    tls_line=QColor("#465A72"),
    pgp=QColor("#8FCFBC"),
    pgp_fill=QColor("#2B4640"),
    pgp_line=QColor("#4A7A6C"),
    primary=QColor("#E9EAEC"),
    on_primary=QColor("#17181A"),
    on_identity=QColor("#17181A"),
    thread=QColor("#7B8088"),
    identity=MappingProxyType(
        {
            "teal": QColor("#8CECE1"),
            "blue": QColor("#A1C6FE"),
            "green": QColor("#AECFA3"),
            "ochre": QColor("#FECF6E"),
            "umber": QColor("#ED8A5D"),
            "wine": QColor("#C1848F"),
            "violet": QColor("#A485DE"),
            "slate": QColor("#A1AABE"),
        }
    ),
)


class Look(QObject):
    """Which tokens hold now: the system's scheme, unless the person chose one."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._forced: bool | None = None
        self._dark = self._system_is_dark()
        self.reduced_motion = self._system_wants_less_motion()
        """Set where the desktop asks for less motion: then nothing moves."""
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._settle)

    @property
    def dark(self) -> bool:
        return self._dark

    @property
    def tokens(self) -> Tokens:
        return DARK if self._dark else LIGHT

    @property
    def animation_ms(self) -> int:
        """How long a change may take to show; 0 where motion is unwanted."""
        return 0 if self.reduced_motion else ANIMATION_MS

    def choose(self, dark: bool | None) -> None:
        """Forces light or dark; ``None`` follows the system again."""
        self._forced = dark
        self._settle()

    def _settle(self) -> None:
        dark = self._system_is_dark() if self._forced is None else self._forced
        if dark != self._dark:
            self._dark = dark
            self.changed.emit()

    @staticmethod
    def _system_wants_less_motion() -> bool:
        hints = QGuiApplication.styleHints()
        # Qt tells it since 6.12; before, only a theme without any effects says as much.
        preference = (
            getattr(hints.accessibility(), "motionPreference", None)
            if hasattr(hints, "accessibility")
            else None
        )
        if callable(preference) and "Reduced" in str(preference()):
            return True
        app = QApplication.instance()
        return isinstance(app, QApplication) and not app.style().styleHint(
            QStyle.StyleHint.SH_Widget_Animation_Duration
        )

    @staticmethod
    def _system_is_dark() -> bool:
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


@lru_cache(maxsize=1)
def look() -> Look:
    """The look of this process. Needs a ``QGuiApplication``."""
    return Look()


@lru_cache(maxsize=64)
def font(px: int, weight: int = REGULAR, *, mono: bool = False) -> QFont:
    """The system's font, or its fixed one, at a size in device-independent pixels, with tabular figures."""
    if mono:
        base = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        base.setStyleHint(QFont.StyleHint.Monospace)
    else:
        base = QFont(QApplication.font())
        base.setFeature(QFont.Tag("tnum"), 1)
    base.setPixelSize(px)
    base.setWeight(QFont.Weight(weight))
    # Fractional advances: text keeps its width at every scale, so that nothing jumps between screens.
    base.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return base


def install(app: QApplication) -> None:
    """Dresses the application: style, font and palette, the last again whenever the look changes.

    No stylesheet for all: with one, Qt paints every field through it and takes no colour from the palette.
    """
    app.setStyle("Fusion")
    font.cache_clear()
    app.setFont(font(13))
    font.cache_clear()

    def dress() -> None:
        tokens = look().tokens
        app.setPalette(palette(tokens))
        QToolTip.setPalette(palette(tokens))

    dress()
    look().changed.connect(dress)


def palette(tokens: Tokens) -> QPalette:
    """What Qt's own painting takes its colours from."""
    made = QPalette()
    role = QPalette.ColorRole
    for one, colour in (
        (role.Window, tokens.surf),
        (role.WindowText, tokens.text),
        (role.Base, tokens.surf),
        (role.AlternateBase, tokens.win),
        (role.Text, tokens.text),
        (role.PlaceholderText, tokens.text3),
        (role.Button, tokens.surf),
        (role.ButtonText, tokens.text),
        (role.BrightText, tokens.decide),
        (role.Highlight, tokens.primary),
        (role.HighlightedText, tokens.on_primary),
        (role.Link, tokens.text),
        (role.LinkVisited, tokens.text),
        (role.ToolTipBase, tokens.primary),
        (role.ToolTipText, tokens.on_primary),
        (role.Light, tokens.line),
        (role.Midlight, tokens.line),
        (role.Mid, tokens.edge),
        (role.Dark, tokens.edge),
        (role.Shadow, tokens.input_edge),
        (role.Accent, tokens.primary),
    ):
        made.setColor(one, colour)
    for one in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, one, tokens.text3)
    return made


def menu_stylesheet(tokens: Tokens) -> str:
    """For a menu: its corners, its rows, its rules."""
    return f"""
        QMenu {{ background: {tokens.surf.name()}; color: {tokens.text.name()};
            border: 1px solid {tokens.edge.name()}; padding: 4px; }}
        QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; background: transparent; }}
        QMenu::item:selected {{ background: {tokens.sel.name()}; }}
        QMenu::item:disabled {{ color: {tokens.text3.name()}; }}
        QMenu::separator {{ height: 1px; background: {tokens.line.name()}; margin: 4px 8px; }}
    """
