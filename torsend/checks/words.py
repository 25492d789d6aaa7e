"""A person's word list, and where its words stand in a text.

What counts as the same word. Case and accents don't count ("Kaspár" is "kaspar"), nor do invisible characters within
it, letters of another script that look alike, or how its parts are parted: "Hall 4" is found as "Hall-4", "Hall4", and
over the end of a quoted line; "Kas-" at a line's end goes on in the next. An ending of up to three letters is taken for
an inflection ("Kaspars", "Kasparem"), of short words only one, or none but an s. ä may be written ae, å aa, ø oe.
Numbers of seven digits and more are compared by their digits, with and without a country's code. Words in scripts that
put no spaces between words are found anywhere. In names of files and users words are run together: what a capital letter or
a figure parts counts as parted there ("AnnaKaspar_CV.pdf", "kaspar1985").

How it is found. The text is cut into tokens, each is folded once and looked up among the beginnings of all words; so
the time goes with the length of the text, not with that of the list. No step is long: the window's thread gets its turn
(a regular expression over a megabyte would hold Python's lock).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_WORD = 100
"""Characters of a word of the list; longer ones are sentences, which nobody writes twice the same."""
MOST_WORDS = 2_000
SHORTEST_WORD = 2
"""Characters. One letter stands everywhere; in scripts such as Chinese one character can be a name."""
LONGEST_INFLECTION = 3
SHORT = 4
"""Letters up to which a word is short and has an ending of one at most: "Mark" must not be found in "Market"."""
FEWEST_DIGITS = 7
"""From so many on, a number is compared like a telephone number."""

_LONGEST_TOKEN = 4 * LONGEST_WORD
_LONGEST_GAP = 16
"""Characters between two parts of one word: a line's end, the marks of quoted lines, some spaces."""
_MOST_PARTS = 12
_SHORTEST_WITHIN = 3
"""Letters of a word that is looked for within a token."""
_KEPT = (LONGEST_WORD + _LONGEST_GAP) * 4
"""Characters of a piece that are looked at again with the next one."""
_PIECE = 64 * 1024

_SEPARATORS = r"\s\-_.,;:!?'’‘`´\"“”„«»‹›()\[\]{}<>/\\|@#&*+=~…–—‐‑‒·•^%$§°。、，：；！？（）「」『』"
_TOKEN = re.compile(rf"[^{_SEPARATORS}]+")
_HYPHEN = re.compile(r"[-‐‑\u00ad][ \t]*(?:\r?\n[ \t>|]*)?")
_NUMBER = re.compile(r"(?<![\w])[+(]{0,2}\d(?:[\s\-./()]{0,3}\d){6,19}(?!\w)")
_SMALL, _CAPITAL = "a-z\u00df-\u00f6\u00f8-\u00ff\u0430-\u045f", "A-Z\u00c0-\u00d6\u00d8-\u00de\u0400-\u042f"
_RUN_TOGETHER = re.compile(rf"[^\W\d_]\d|\d[^\W\d_]|[{_SMALL}][{_CAPITAL}]|[{_CAPITAL}]{{2}}[{_SMALL}]")
"""Something of a token that may part it; which characters are capitals is looked at then."""
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
"""Thai, Lao, Burmese, Khmer, kana, Chinese characters."""

_SYLLABLE = re.compile("[\uac00-\ud7a3]")

_NOT_DECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n"}
)
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
#: Letters that look like Latin ones, Cyrillic first; brought to Latin in a token that has both.
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһӏвкмнтαοιυνκρτ", "aeopcyxijsdhlbkmhtaoivvkpt")
_LATIN = re.compile("[a-z]")
_NEITHER_ASCII = re.compile("[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Match:
    """One word of the list in a text.

    Attributes:
        word: as it stands in the list.
        start, end: of the characters that are it, its ending included, in code points.
    """

    word: str
    start: int
    end: int


def fold(token: str) -> str:
    """What counts of a token: its letters and digits, without case and accents."""
    lower = token.casefold()
    if lower.isascii():
        return lower if lower.isalnum() else "".join(filter(str.isalnum, lower))
    plain = unicodedata.normalize("NFKD", lower).casefold().translate(_NOT_DECOMPOSED)
    if _LATIN.search(plain):
        plain = plain.translate(_LOOKALIKES)
    # Composed again, so that a Korean syllable counts as one letter.
    return unicodedata.normalize("NFC", "".join(filter(str.isalnum, plain)))


@dataclass(frozen=True, slots=True)
class _Key:
    """One way of writing a word.

    Attributes:
        joints: where in the folded word one of its parts ends.
    """

    word: str
    folded: str
    joints: frozenset[int]


@dataclass(frozen=True, slots=True, init=False)
class WordList:
    """The words, ready to be looked for. Never changed once made; from any thread.

    Args:
        words: as the person typed them; what is empty, too long or too short after folding is left out.
    """

    words: tuple[str, ...]
    _keys: dict[str, _Key] = field(repr=False)
    _beginnings: frozenset[str] = field(repr=False)
    _numbers: tuple[tuple[str, str], ...] = field(repr=False)
    _unspaced: tuple[tuple[str, str], ...] = field(repr=False)

    def __init__(self, words: Iterable[str] = ()) -> None:
        keys: dict[str, _Key] = {}
        numbers: list[tuple[str, str]] = []
        unspaced: list[tuple[str, str]] = []
        taken: list[str] = []
        for typed in words:
            word = " ".join(typed.split())
            digits = _digits(word)
            if not word or len(word) > LONGEST_WORD or len(taken) == MOST_WORDS:
                continue
            if _UNSPACED.search(word):
                unspaced.append((word, unicodedata.normalize("NFC", word.casefold())))
            elif len(digits) >= FEWEST_DIGITS and _NUMBER.fullmatch(word):
                numbers.append((word, digits.lstrip("0") or digits))
            else:
                ways = [_key(word, way) for way in (word, word.casefold().translate(_WRITTEN_OUT))]
                ways = [way for way in ways if len(way.folded) >= SHORTEST_WORD]
                if not ways:
                    continue
                for way in ways:
                    keys.setdefault(way.folded, way)
            taken.append(word)
        beginnings = {folded[:end] for folded in keys for end in range(1, len(folded) + 1)}
        for name, value in (
            ("words", tuple(taken)),
            ("_keys", keys),
            ("_beginnings", frozenset(beginnings)),
            ("_numbers", tuple(numbers)),
            ("_unspaced", tuple(unspaced)),
        ):
            object.__setattr__(self, name, value)

    def __bool__(self) -> bool:
        return bool(self.words)

    def find(self, text: str) -> tuple[Match, ...]:
        """Every word of the list in the text, in the order of the text; the longest where several begin at one place."""
        search = self.search()
        return (*search.feed(text), *search.finish())

    def search(self) -> Search:
        """For a text that comes in pieces."""
        return Search(self)


class Search:
    """Looks through one text that comes in pieces. Positions are counted over all of them."""

    def __init__(self, words: WordList) -> None:
        self._words = words
        self._held = ""
        self._offset = 0
        """Where ``_held`` begins in the whole."""
        self._told = 0
        """Up to here all is told."""
        self._known: dict[str, str] = {}
        """Tokens that were folded already; empty for those with which no word begins."""
        self._within: dict[str, tuple[Match, ...]] = {}
        """Tokens in which words are run together with others, and where."""

    def feed(self, text: str) -> tuple[Match, ...]:
        """What is certain by now; a word at the end of the piece may go on in the next."""
        if not self._words:
            return ()
        found: list[Match] = []
        for begin in range(0, len(text), _PIECE):
            self._held += text[begin : begin + _PIECE]
            if len(self._held) > _PIECE:
                found += self._look(last=False)
        return tuple(found)

    def finish(self) -> tuple[Match, ...]:
        """The rest."""
        if not self._words:
            return ()
        found = self._look(last=True)
        self._held = ""
        return tuple(found)

    def _look(self, *, last: bool) -> list[Match]:
        held, offset = self._held, self._offset
        # What begins behind this is left for the next piece, which is looked at with what came before it.
        certain = len(held) if last else len(held) - _KEPT
        found = []
        for match in _longest(_matches(self._words, held, self._known, self._within)):
            start, end = match.start + offset, match.end + offset
            if match.start < certain and start >= self._told:
                found.append(Match(match.word, start, end))
                self._told = end
        if not last:
            self._told = max(self._told, offset + certain)
            # Some of what came before is kept, so that no token is cut at its beginning.
            cut = max(0, certain - _KEPT)
            self._held, self._offset = held[cut:], offset + cut
        return found


def _matches(
    words: WordList, text: str, known: dict[str, str], within: dict[str, tuple[Match, ...]]
) -> Iterator[Match]:
    if words._keys:  # noqa: SLF001  # of this module
        yield from _by_tokens(words, text, known, within)
    if words._numbers:  # noqa: SLF001
        yield from _by_digits(words, text)
    for word, folded in words._unspaced:  # noqa: SLF001
        at = text.find(folded)
        while at >= 0:
            yield Match(word, at, at + len(folded))
            at = text.find(folded, at + len(folded))


def _by_tokens(
    words: WordList, text: str, known: dict[str, str], within: dict[str, tuple[Match, ...]]
) -> Iterator[Match]:
    keys, beginnings = words._keys, words._beginnings  # noqa: SLF001
    longest = max(map(len, keys))
    written = set(_TOKEN.findall(text))
    for token in written - known.keys():
        folded = fold(token) if len(token) <= _LONGEST_TOKEN else ""
        fits = folded and (folded in beginnings or _stem(folded, keys, longest) is not None)
        known[token] = folded if fits else ""
        if len(token) <= _LONGEST_TOKEN and _RUN_TOGETHER.search(token) and (inner := _in_token(token, keys)):
            within[token] = inner
    if within and not written.isdisjoint(within):
        for place in _TOKEN.finditer(text):
            for inside in within.get(place.group(), ()):
                yield Match(inside.word, place.start() + inside.start, place.start() + inside.end)
    if not any(map(known.__getitem__, written)):
        return  # mostly: no token of the piece is a word, or the beginning of one
    tokens = [(*token.span(), folded) for token in _TOKEN.finditer(text) if (folded := known[token.group()])]
    for start, end, folded in tokens:
        best = _stem(folded, keys, longest)
        match = Match(best.word, start, end) if best is not None else None
        if folded in beginnings:
            match = _go_on(words, text, start, end, folded, longest) or match
        if match is not None:
            yield match


def _in_token(token: str, keys: dict[str, _Key]) -> tuple[Match, ...]:
    """Words that are run together in a token, one after the other or with something between them."""
    cuts = [0, *(at for at in range(1, len(token)) if _is_parted(token, at)), len(token)]
    if len(cuts) > _MOST_PARTS + 1:
        return ()  # no name, but something that was encoded
    spans = ((start, end) for at, start in enumerate(cuts) for end in cuts[at + 1 :])
    found = ((keys.get(fold(token[start:end])), start, end) for start, end in spans)
    return tuple(
        Match(key.word, start, end)
        for key, start, end in found
        if key is not None and len(key.folded) >= _SHORTEST_WITHIN
    )


def _is_parted(token: str, at: int) -> bool:
    before, here = token[at - 1], token[at]
    if before.isdigit() != here.isdigit():
        return True
    return here.isupper() and (before.islower() or token[at + 1 : at + 2].islower())


def _stem(folded: str, keys: dict[str, _Key], longest: int) -> _Key | None:
    """The word that the token is, alone or with an ending."""
    if len(folded) > longest + LONGEST_INFLECTION:
        return None
    exact = keys.get(folded)
    if exact is not None:
        return exact
    for ending in range(1, LONGEST_INFLECTION + 1):
        stem = folded[:-ending]
        key = keys.get(stem)
        if key is None or not folded[-ending:].isalpha() or not stem[-1].isalpha():
            continue
        if _is_ending(stem, folded[-ending:]):
            return key
    return None


def _is_ending(stem: str, ending: str) -> bool:
    """Whether a word may be inflected so; the shorter it is, the less."""
    # A Korean syllable is worth several letters.
    if len(stem) > SHORT or _SYLLABLE.match(stem[-1]):
        return len(ending) <= LONGEST_INFLECTION
    return len(ending) == 1 and (len(stem) == SHORT or (len(stem) > SHORTEST_WORD and ending == "s"))


def _go_on(words: WordList, text: str, start: int, end: int, folded: str, longest: int) -> Match | None:
    """The longest word that begins with this token and goes on in those behind it."""
    keys, beginnings = words._keys, words._beginnings  # noqa: SLF001
    best: Match | None = None
    joined, joints, hyphens = folded, [], set()
    for _ in range(_MOST_PARTS):
        token = _TOKEN.search(text, end, end + _LONGEST_GAP + 1)
        if token is None:
            break
        gap = text[end : token.start()]
        # The search was cut off above: the token may be longer.
        whole = _TOKEN.match(text, token.start())
        if whole is None or whole.end() - whole.start() > _LONGEST_TOKEN:
            break
        joints.append(len(joined))
        if _HYPHEN.fullmatch(gap):
            hyphens.add(len(joined))
        joined += fold(whole.group())
        end = whole.end()
        key = _stem(joined, keys, longest)
        if key is not None and all(at in key.joints or at in hyphens for at in joints):
            best = Match(key.word, start, end)
        if joined not in beginnings:
            break
    return best


def _by_digits(words: WordList, text: str) -> Iterator[Match]:
    for number in _NUMBER.finditer(text):
        digits = _digits(number.group()).lstrip("0")
        if len(digits) < FEWEST_DIGITS - 1:
            continue
        for word, core in words._numbers:  # noqa: SLF001
            if digits.endswith(core) or (core.endswith(digits) and len(digits) >= FEWEST_DIGITS):
                yield Match(word, number.start(), number.end())
                break


def _longest(matches: Iterable[Match]) -> list[Match]:
    """In the order of the text; of those that begin at one place the longest, of those within another none."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda each: (each.start, -each.end)):
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
    return kept


def _key(word: str, way: str) -> _Key:
    folded, joints = "", set()
    for token in _TOKEN.findall(way):
        joints.add(len(folded))
        folded += fold(token)
    return _Key(word, folded, frozenset(joints))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())
