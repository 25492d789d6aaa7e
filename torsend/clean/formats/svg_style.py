"""Style within SVG: sheets and attributes, of which properties that draw stay, with values that fetch nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torsend.clean.formats.svg_names import PROPERTIES
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.clean.formats.format import Notes

LONGEST_VALUE = 20_000
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINK = re.compile(r"""url\(\s*(?:"\#([^"()\\]+)"|'\#([^'()\\]+)'|\#([^"'()\\\s]+))\s*\)""")
_VALUE = re.compile(r"[\w\s.,#%+\-*/'\"()!]*")
"""No escapes, no colons, no at-signs: enough for colours, numbers, fonts and functions."""
_CALLS = re.compile(r"([a-zA-Z-]+)\(")
FUNCTIONS = frozenset(
    """rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix calc matrix translate translatex translatey scale scalex
    scaley rotate skewx skewy blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia inset
    circle ellipse polygon rect path min max clamp icc-color""".split()  # noqa: SIM905  # a list would fill the page
)
_SELECTOR = re.compile(r"[\w\s.#>*+~-]+")
_IN_SELECTOR = re.compile(r"([.#])([\w-]+)")


@dataclass(slots=True)
class Names:
    """Ids and classes under new names, in the order in which they are met."""

    letter: str
    _new: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """The new name."""
        return self._new.setdefault(name, f"{self.letter}{len(self._new) + 1}")

    def known(self, name: str) -> str | None:
        """The new name, if it was asked for before."""
        return self._new.get(name)


def value(text: str, ids: Names) -> str | None:
    """A property's value with its references under new names; None if it holds anything that isn't known."""
    text = _COMMENT.sub("", text).strip()
    if len(text) > LONGEST_VALUE:
        return None
    rest = _LINK.sub("", text)
    calls = {call.lower() for call in _CALLS.findall(rest)}
    if not _VALUE.fullmatch(rest) or not calls <= FUNCTIONS:
        return None
    if "url" in rest.lower():
        return None
    return _LINK.sub(
        lambda found: f"url(#{ids.of(found[1] or found[2] or found[3])})", " ".join(text.split())
    )


def declarations(text: str, ids: Names, notes: Notes, where: str) -> list[tuple[str, str]]:
    """Properties and values, as far as they are known."""
    out = []
    for each in _split(_COMMENT.sub("", text), ";"):
        name, colon, given = each.partition(":")
        name = name.strip().lower()
        if not colon or not name:
            continue
        kept = value(given, ids) if name in PROPERTIES else None
        if kept is not None:
            out.append((name, kept))
        elif name in PROPERTIES or "(" in given:
            notes.remove(
                Trace.ACTIVE if "url" in given.lower() else Trace.OTHER, f"{where} {name}", given.strip()
            )
        elif not name.startswith("-inkscape"):
            # Properties for other things than drawings (cursors, transitions) tell nothing.
            continue
        else:
            notes.remove(Trace.SOFTWARE, f"{where} {name}", given.strip())
    return out


def written(pairs: list[tuple[str, str]]) -> str:
    """As they stand in a style."""
    return ";".join(f"{name}:{given}" for name, given in pairs)


def sheet(text: str, ids: Names, classes: Names, notes: Notes) -> str:
    """A style sheet: rules for elements, classes and ids; at-rules, which fetch and choose, don't come along."""
    if "/*" in text:
        notes.remove(Trace.COMMENT, "style comment", (_COMMENT.search(text) or [""])[0])
    text = _COMMENT.sub("", text).replace("<!--", "").replace("-->", "")
    rules = []
    for selector, body in _blocks(text, lambda name, rest: notes.remove(Trace.ACTIVE, f"style {name}", rest)):
        pairs = declarations(body, ids, notes, "style")
        kept = [each.strip() for each in selector.split(",") if _SELECTOR.fullmatch(each.strip())]
        if not pairs or not kept:
            continue
        names = ", ".join(
            _IN_SELECTOR.sub(lambda found: _renamed(found, ids, classes), " ".join(each.split()))
            for each in kept
        )
        rules.append(f"{names}{{{written(pairs)}}}")
    return "\n".join(rules)


def _renamed(found: re.Match[str], ids: Names, classes: Names) -> str:
    return found[1] + (ids if found[1] == "#" else classes).of(found[2])


def _blocks(text: str, at_rule: Callable[[str, str], None]) -> list[tuple[str, str]]:
    out = []
    at = 0
    while at < len(text):
        opening, semicolon = text.find("{", at), text.find(";", at)
        head = text[at:opening] if opening >= 0 else text[at:]
        if head.lstrip().startswith("@"):
            if semicolon >= 0 and (opening < 0 or semicolon < opening):
                at_rule(*_named(text[at:semicolon]))
                at = semicolon + 1
                continue
            at_rule(*_named(text[at : at + 500]))
            if opening < 0:
                break
            at = _closing(text, opening) + 1
            continue
        if opening < 0:
            break
        closing = text.find("}", opening)
        if closing < 0:
            break
        out.append((head.strip(), text[opening + 1 : closing]))
        at = closing + 1
    return out


def _named(rule: str) -> tuple[str, str]:
    name, _, rest = rule.strip().partition(" ")
    return name[:40], rest.strip()


def _closing(text: str, opening: int) -> int:
    depth = 0
    for found in re.compile("[{}]").finditer(text, opening):
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return found.start()
    return len(text)


def _split(text: str, sign: str) -> list[str]:
    """At the sign, but not within quotation marks or brackets."""
    out, begin, quote, depth = [], 0, "", 0
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == sign and depth <= 0:
            out.append(text[begin:at])
            begin = at + 1
    return [*out, text[begin:]]
