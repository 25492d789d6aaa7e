"""The words that a page shows, for the person's word list: codes to letters by the font's tables, gaps to blanks by widths.

What is drawn is not changed by any of this. A font without tables gives no words, as in every reader.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from torsend.clean.formats.pdf import cmap
from torsend.clean.formats.pdf.cover import Cover
from torsend.clean.formats.pdf.read import (
    is_array,
    is_fields,
    is_name,
    is_number,
    is_stream,
    items,
    plain_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.clean.formats.pdf.read import Reading

LONGEST_PAGE = 1_000_000
"""Characters of one stream's text that are given on; nobody's page has more."""
BLANK = 0.2
"""A gap of this much of the letters' size parts words."""
UNSEEN = (3, 7)
"""Modes in which letters are neither filled nor drawn: as scanners lay words under a picture."""
SIGNS = {
    "space": " ", "exclam": "!", "quotedbl": '"', "numbersign": "#", "dollar": "$", "percent": "%", "ampersand": "&",
    "quotesingle": "'", "parenleft": "(", "parenright": ")", "asterisk": "*", "plus": "+", "comma": ",", "hyphen": "-",
    "minus": "-", "period": ".", "slash": "/", "colon": ":", "semicolon": ";", "less": "<", "equal": "=", "greater": ">",
    "question": "?", "at": "@", "bracketleft": "[", "backslash": "\\", "bracketright": "]", "underscore": "_",
    "braceleft": "{", "bar": "|", "braceright": "}", "quoteleft": "‘", "quoteright": "’", "quotedblleft": "“",
    "quotedblright": "”", "endash": "–", "emdash": "—", "bullet": "•", "fi": "fi", "fl": "fl", "ff": "ff", "ffi": "ffi",
    "ffl": "ffl", "germandbls": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "oslash": "ø", "Oslash": "Ø",
    "dotlessi": "ı", "lslash": "ł", "Lslash": "Ł", "eth": "ð", "thorn": "þ", "Euro": "€", "zero": "0", "one": "1",
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
MARKS = {
    "grave": "\u0300", "acute": "\u0301", "circumflex": "\u0302", "tilde": "\u0303", "dieresis": "\u0308",
    "ring": "\u030a", "caron": "\u030c", "cedilla": "\u0327", "ogonek": "\u0328", "macron": "\u0304", "breve": "\u0306",
    "dotaccent": "\u0307", "hungarumlaut": "\u030b", "commaaccent": "\u0326",
}  # fmt: skip


def letter(glyph: str) -> str:
    """What a glyph's name means (after Adobe's glyph list); empty if unknown."""
    base = glyph.split(".")[0]
    if len(base) == 1:
        return base
    if base in SIGNS:
        return SIGNS[base]
    if base[1:] in MARKS:
        return unicodedata.normalize("NFC", base[0] + MARKS[base[1:]])
    digits = base[3:7] if base.startswith("uni") else base[1:] if base.startswith("u") else ""
    try:
        code = int(digits, 16)
    except ValueError:
        return ""
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


@dataclass(slots=True)
class FontText:
    """How to read the strings of one font."""

    size: int = 1
    letters: dict[bytes, str] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    usual: float = 500.0

    def read(self, string: bytes) -> list[tuple[str, float]]:
        """Each code's text and its width in thousandths."""
        out = []
        for at in range(0, len(string), self.size):
            code = string[at : at + self.size]
            out.append((self.letters.get(code, ""), self.widths.get(int.from_bytes(code), self.usual)))
        return out


def font_text(font: Any, reading: Reading) -> FontText:
    """Reads the tables of a font."""
    out = FontText()
    found = []
    unicode = font.get("/ToUnicode")
    if is_stream(unicode):
        found = cmap.blocks(reading.data(unicode))
    if plain_name(font.get("/Subtype")) == "Type0":
        out.size = 2
        if cmap.code_lengths(found) == {1}:
            out.size = 1
        for below in items(font.get("/DescendantFonts")):
            if is_fields(below):
                out.usual = _amount(below.get("/DW"), 1000.0)
                _wide_widths(below.get("/W"), out.widths)
    else:
        out.letters.update(_simple(font.get("/Encoding")))
        first = font.get("/FirstChar")
        for at, width in enumerate(items(font.get("/Widths"))):
            out.widths[(first if type(first) is int else 0) + at] = _amount(width, 500.0)
        if plain_name(font.get("/Subtype")) == "Type3":
            matrix = list(items(font.get("/FontMatrix")))
            scale = _amount(matrix[0], 0.001) * 1000 if matrix else 1.0
            out.widths = {code: width * scale for code, width in out.widths.items()}
    out.letters.update(cmap.unicode_map(found))
    return out


def _amount(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | Decimal) else otherwise


def _simple(encoding: Any) -> dict[bytes, str]:
    base = plain_name(
        encoding if is_name(encoding) else encoding.get("/BaseEncoding") if is_fields(encoding) else None
    )
    codec = "mac_roman" if base == "MacRomanEncoding" else "cp1252"
    out = {bytes([code]): bytes([code]).decode(codec, "replace") for code in range(32, 256)}
    if is_fields(encoding):
        code = 0
        for each in items(encoding.get("/Differences")):
            if type(each) is int:
                code = each
            elif is_name(each):
                if 0 <= code < 256:
                    out[bytes([code])] = letter(plain_name(each))
                code += 1
    return out


def _wide_widths(array: Any, widths: dict[int, float]) -> None:
    row = list(items(array))
    at = 0
    while at + 1 < len(row) and len(widths) < cmap.MOST_ENTRIES:
        first, second = row[at], row[at + 1]
        if type(first) is not int:
            return
        if is_array(second):
            widths.update({first + n: _amount(width, 1000.0) for n, width in enumerate(items(second))})
            at += 2
        elif type(second) is int and at + 2 < len(row):
            # Codes have two octets: a range cannot be longer than that.
            for code in range(max(first, 0), min(second, 0xFFFF) + 1):
                widths[code] = _amount(row[at + 2], 1000.0)
            at += 3
        else:
            return


@dataclass(slots=True)
class Spoken:
    """Follows the text operators of one stream and gathers what they show."""

    say: Callable[[str], None]
    load: Callable[[Any], FontText]
    cover: Cover = field(default_factory=Cover)
    _font: FontText = field(default_factory=FontText)
    _mode: int = 0
    _size: float = 1.0
    _leading: float = 0.0
    _spacing: float = 0.0
    _matrix: tuple[float, ...] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    _line: tuple[float, float] = (0.0, 0.0)
    _page: tuple[float, ...] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    _saved: list[tuple[tuple[float, ...], FontText, float, float, float, int]] = field(default_factory=list)
    _pen: tuple[float, float] | None = None
    _parts: list[str] = field(default_factory=list)
    _length: int = 0

    @property
    def page(self) -> tuple[float, ...]:
        """The matrix of the page at this place."""
        return self._page

    def font(self, font: Any, size: float) -> None:
        """The font of what follows."""
        self._font, self._size = self.load(font), size

    def aside(self, words: str) -> None:
        """Text that is copied instead of the letters drawn."""
        self._add(f" {words} ")

    def move(self, operator: str, operands: list[Any]) -> None:
        """One of the operators of text state, position and objects."""
        amounts = [float(each) for each in operands if is_number(each)]
        a, b, c, d = self._matrix[:4]
        match operator, amounts:
            case "Tc", [spacing]:
                self._spacing = spacing
            case "Tr", [mode]:
                self._mode = int(mode)
            case "TL", [leading]:
                self._leading = leading
            case "Tm", [*six] if len(six) == 6:
                self._matrix, self._line = tuple(six), (six[4], six[5])
            case "Td" | "TD", [x, y]:
                if operator == "TD":
                    self._leading = -y
                self._line = (self._line[0] + x * a + y * c, self._line[1] + x * b + y * d)
                self._matrix = (a, b, c, d, *self._line)
            case "T*", []:
                down = -self._leading
                self._line = (self._line[0] + down * c, self._line[1] + down * d)
                self._matrix = (a, b, c, d, *self._line)
            case "cm", [*six] if len(six) == 6:
                self._page = _product(tuple(six), self._page)
            case "q", []:
                self._saved.append(
                    (self._page, self._font, self._size, self._leading, self._spacing, self._mode)
                )
            case "Q", [] if self._saved:
                (self._page, self._font, self._size, self._leading, self._spacing, self._mode) = (
                    self._saved.pop()
                )
            case "BT", []:
                self._matrix, self._line = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), (0.0, 0.0)
            case _:
                pass

    def show(self, parts: list[Any]) -> None:
        """Strings, and numbers between them that move the pen back by thousandths."""
        a, b, _c, _d, x, y = _product(self._matrix, self._page)
        scale = (a * a + b * b) ** 0.5 or 1.0
        high = abs(self._size) * scale or 1.0
        if self._pen is not None:
            right, up = x - self._pen[0], y - self._pen[1]
            along, across = (right * a + up * b) / scale, (up * a - right * b) / scale
            if abs(across) > high / 2 or along < -high:
                self._add("\n")
            elif along > high * BLANK:
                self._add(" ")
        gone = 0.0
        for part in parts:
            if isinstance(part, bytes):
                for text, width in self._font.read(part):
                    self._add(text)
                    gone += width / 1000 * self._size + self._spacing
            else:
                gone -= float(part) / 1000 * self._size
                if -float(part) / 1000 > BLANK:
                    self._add(" ")
        self._pen = (x + gone * a, y + gone * b)
        if self._mode in UNSEEN:
            self.cover.hides = True
        else:
            self.cover.words((x, y), self._pen, high)
        a, b, c, d, x, y = self._matrix
        self._matrix = (a, b, c, d, x + gone * a, y + gone * b)

    def end(self) -> None:
        """Gives on what was gathered."""
        if self._parts:
            words = "".join(self._parts)[:LONGEST_PAGE]
            self.say(f"{words}\n{_backwards(words)}")
            self._parts, self._length = [], 0

    def _add(self, text: str) -> None:
        if self._length < LONGEST_PAGE:
            self._parts.append(text)
            self._length += len(text)


def _product(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    """Both matrices, one after the other."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _backwards(words: str) -> str:
    """Lines of scripts that run from right to left: many programs draw them from left to right."""
    lines = [
        line[::-1]
        for line in words.splitlines()
        if any(unicodedata.bidirectional(each) in ("R", "AL") for each in line)
    ]
    return "".join(f"{line}\n" for line in lines)
