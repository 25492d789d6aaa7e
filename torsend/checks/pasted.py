"""What comes along with text that was pasted, quoted or answered: one table of what to point out.

Each row has a pattern that is looked for line by line, so that no step is long (a regular expression over a megabyte
would hold Python's lock while the window waits), and every pattern is bounded: its time goes with the length of the line.
A row is advice and must be rare in a mail that was typed: each wants something more than a word, such as a date.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.checks.finding import Finding, Place, Severity, Where
from torsend.checks.mail_programs import BEGINS, DEVICES, HEADER_NAMES, ORIGINAL, WROTE, WROTE_WITHOUT_SPACE
from torsend.checks.sentences import say
from torsend.mail.refusals import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torsend.mail.draft import Draft

MOST_PLACES = 50
"""Of one row; a longer list helps nobody."""
LONGEST_LINE = 4_000
"""Characters of a line that are looked at in one step; longer ones are cut into such pieces."""
LONGEST_EXAMPLE = 40

Found = tuple[int, int]
"""Start and end of something within what was looked at."""


@dataclass(frozen=True, slots=True)
class Row:
    """Something to point out.

    Attributes:
        code: of the finding and of its sentence, which may hold ``{example}``.
        find: where it stands in one line.
    """

    code: str
    find: Callable[[str], Iterator[Found]]


def in_subject(draft: Draft) -> Iterator[Finding]:
    """What a mail program put before the subject of the mail that is answered."""
    prefix = _PREFIX.match(draft.subject)
    if prefix is not None:
        place = Place(Where.SUBJECT, prefix.start(1), prefix.end(1))
        sentence = say("subject-prefix", prefix=shown(prefix[1]))
        yield Finding("subject-prefix", Severity.LOOK, sentence, prefix[1], (place,))


def in_text(draft: Draft, *, signature: str = "", known: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """What stands in the text, each sort once.

    Args:
        signature: the sender's own; where it begins with the usual mark, that mark is no news.
        known: addresses in lower case that readers see anyway; quoted, they are no news.
    """
    text = draft.text
    hits: dict[str, list[Found]] = {}
    for start, line in _lines(text):
        if not line or line.isspace():
            continue
        for row in ROWS:
            places = hits.setdefault(row.code, [])
            if len(places) < MOST_PLACES:
                places += [(start + begin, start + end) for begin, end in row.find(line)]
    broken = _over_two_lines(text)
    whole = [each for each in hits.get("reply-line", ()) if not any(b <= each[0] < e for b, e in broken)]
    hits["reply-line"] = sorted((*whole, *broken))
    hits["quoted-header"] = _headers(text)
    hits["trailing-spaces"] = _trailing(text)
    for code in ("local-path", "tracking-link"):
        hits[code] = [(begin, _without_full_stop(text, begin, end)) for begin, end in hits.get(code, [])]
    hits["quoted-address"] = [
        (begin, end) for begin, end in hits.get("quoted-address", []) if text[begin:end].lower() not in known
    ]
    hits["signature-mark"] = [] if signature.startswith("-- \n") else hits.get("signature-mark", [])
    for code in _ORDER:
        if places := hits.get(code, [])[:MOST_PLACES]:
            begin, end = places[0]
            example = shown(_short(" ".join(text[begin:end].split())))
            where = tuple(Place(Where.TEXT, *place) for place in places)
            yield Finding(code, Severity.LOOK, say(code, example=example), example, where)


# What is looked for

_PREFIX = re.compile(
    r"\s*((?:AW|WG|SV|VS|VB|VL|Antw|Doorst|TR|RV|RIF|ENC|RES|Odp|PD|YNT|İLT|BLS|TRS|Vá|ATB|REF|Απ|Πρθ|Σχετ|Отв|На|"
    r"回复|回覆|转发|轉寄|返信|転送|답장|전달|RE|FW|Re\[\d+\]|Re\(\d+\))\s?[:：])(?!\S*/)"
)
"""Not ``Re:`` and ``Fwd:``, which RFC 5322 names and every program writes; ``RE:`` is how few write it."""

_REPLY = re.compile(
    rf"^[>\s]{{0,20}}(?P<whole>\S.{{1,300}}?(?:\s(?:{'|'.join(map(re.escape, WROTE))})|(?:{'|'.join(WROTE_WITHOUT_SPACE)}))"
    r"(?:\s(?:[^:：\n]|[:：](?=\s?\d)){0,120})?\s?[:：])\s*$"
)
"""Verb before the colon, as in English; ``El lun, … escribió:``, ``Am … schrieb Marta <m@…>:`` with the name behind it."""
_DATE = re.compile(r"\d{1,4}\D{1,12}\d{1,4}")
_HAS_DATE_OR_ADDRESS = re.compile(r"\d{1,4}\D{1,12}\d{1,4}|\S@\S")

_ORIGINAL = re.compile(
    rf"^[>\s]{{0,20}}(?:(?P<whole>(?:-{{2,}}|_{{5,}}|={{3,}})\s?(?:{'|'.join(ORIGINAL)})\s?(?:-{{2,}}|_{{5,}}|={{3,}})?)"
    rf"|(?P<begin>{'|'.join(BEGINS)}):\s*$)",
    re.IGNORECASE,
)
_HEADER = re.compile(
    rf"^[>\s]{{0,20}}\*?(?:{'|'.join(map(re.escape, HEADER_NAMES))})\*?\s?[:：]\*?\s*\S", re.IGNORECASE
)
_QUOTED = re.compile(r"^\s{0,3}>.*\S")
_BRACKETED_ADDRESS = re.compile(r"<(?:mailto:)?([^\s<>@]{1,64}@[^\s<>@]{1,255})>")
_QUOTED_ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")

_DEVICE = re.compile(rf"^[>\s\W]{{0,20}}(?P<whole>(?:{'|'.join(DEVICES)}).{{0,80}})", re.IGNORECASE)

_TRACKED = re.compile(
    r"[?&#;](?P<whole>(?:utm_\w{1,20}|fbclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_eid|"
    r"mc_cid|_hsenc|_hsmi|hsctatracking|mkt_tok|vero_id|vero_conv|oly_enc_id|oly_anon_id|wickedid|s_cid|ml_subscriber\w{0,10}|"
    r"ref_src|ref_url|share_id|shareid|shared_by|sharedby|invite_token|li_fat_id|trk|trackingid|spm|si|usp|rlkey|"
    r"email|e-?mail_hash|recipient|subscriber_?id|uid|user_?id)=[^\s&#<>\"']{1,400})",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://[^\s<>\"']{4,2000}", re.IGNORECASE)
#: Parameters that are a mark of their own only at these; elsewhere they are ordinary.
_ONLY_AT = {
    "si": re.compile(r"//(?:[\w-]+\.)*(?:youtu\.be|youtube\.com|spotify\.com)/", re.IGNORECASE),
    "usp": re.compile(r"//(?:docs|drive|forms)\.google\.com/", re.IGNORECASE),
    "rlkey": re.compile(r"//(?:[\w-]+\.)*dropbox\.com/", re.IGNORECASE),
    "trk": re.compile(r"//(?:[\w-]+\.)*linkedin\.com/", re.IGNORECASE),
    "spm": re.compile(r"//(?:[\w-]+\.)*(?:taobao|tmall|aliexpress|alibaba)\.\w+/", re.IGNORECASE),
}

_ZONED_TIME = re.compile(
    r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?\s?\(?(?P<zone>[+-](?!0000)(?:0\d|1[0-4]):?[0-5]\d\b|"
    r"(?:GMT|UTC)\s?[+-]\s?\d{1,2}\b|(?:CEST|CET|MESZ|MEZ|EEST|EET|WEST|WET|BST|IST|MSK|EDT|EST|CDT|CST|MDT|MST|PDT|PST|AKDT|AKST|"
    r"HST|BRT|ART|JST|KST|HKT|SGT|AEST|AEDT|ACST|AWST|NZST|NZDT|SAST|TRT|PKT)\b)"
)
_PATH = re.compile(
    r"(?<![\w/])(?:[A-Za-z]:\\(?:[^\\\s:*?\"<>|]{1,80}\\)*[^\\\s:*?\"<>|]{1,80}|\\\\[\w.$-]{1,60}\\[\w.$ -]{1,60}|"
    r"(?:file://)?/(?:home|Users|root|mnt|media|Volumes|run/media)/[\w.@ -]{1,60}?(?=[/\s,;:)'\"]|$)|file:///\S{1,200}|"
    r"~/[\w.-]{1,60}/\S{1,60})"
)

#: Variants of a Chinese character are spelled with a selector behind it, and with nothing else.
_ALWAYS_HIDDEN = re.compile(
    "[\u2060-\u2064\ufeff\u00ad\u034f\u115f\u1160\u3164\uffa0]+|(?<![\u3400-\u9fff\uf900-\ufaff])[\U000e0100-\U000e01ef]+"
)
#: Joiners and marks of direction mean something in Persian, Hindi, Hebrew and in emoji, spaces of no width in Thai and
#: Khmer; between Latin letters they mean nothing.
_HIDDEN_IN_LATIN = re.compile(
    "\u200b+|(?<=[\x20-\x7e\u00c0-\u024f])[\u180e\u200c-\u200f\u202a-\u202e\u2066-\u2069]+(?=[\x20-\x7e\u00c0-\u024f]|$)"
)
_NEEDS_THEM = re.compile("[\u0590-\u109f\u1780-\u18af\ufb1d-\ufdff\ufe70-\ufefc]")
_TAGS = re.compile("(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0001\U000e0020-\U000e007f]+")
_ODD_SPACE = re.compile(
    "(?<=[\x21-\x7e\u00c0-\u024f])[\u2000-\u2008\u200a\u205f\u3000](?=[\x21-\x7e\u00c0-\u024f])"
)
"""Spaces of other widths between Latin letters. Not the narrow ones of French and of numbers (U+00A0, U+202F, U+2009)."""

_LATIN_LETTERS = "A-Za-z\u00c0-\u024f"
_LATIN_TWINS = "ABCEHIJKMOPSTXYaceijopsxy"
_OTHER_TWINS = "АВЕЅІЈКМНОРСТХУҮаеорсухѕіјһԁԛԝӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧον"
_MIXED = re.compile(
    # A Latin word with letters of another alphabet that look like it, or a Cyrillic one with Latin letters.
    rf"(?<!\w)(?:(?=[{_LATIN_LETTERS}]{{0,60}}[{_OTHER_TWINS}])(?=[{_OTHER_TWINS}]{{0,60}}[{_LATIN_LETTERS}])"
    rf"[{_LATIN_LETTERS}{_OTHER_TWINS}]{{3,60}}"
    rf"|(?=[\u0400-\u04ff]{{0,60}}[{_LATIN_TWINS}])(?=[{_LATIN_TWINS}]{{0,60}}[\u0400-\u04ff])"
    rf"[\u0400-\u04ff{_LATIN_TWINS}]{{4,60}})(?!\w)"
)
_TRAILING = re.compile(r"(?<![ \t\u00a0])[ \t\u00a0]+$")


def _pattern(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Found]]:
    """Finds the pattern; its named groups are what is pointed at, if it has any."""

    def find(line: str) -> Iterator[Found]:
        for match in pattern.finditer(line):
            named = next((name for name, value in match.groupdict().items() if value is not None), None)
            begin, end = match.span(named) if named else match.span()
            yield begin, end

    return find


def _reply_lines(line: str) -> Iterator[Found]:
    match = _REPLY.match(line) if line.rstrip().endswith((":", "：")) else None
    if match is not None and _HAS_DATE_OR_ADDRESS.search(match["whole"]):
        yield match.span("whole")


def _addresses(line: str) -> Iterator[Found]:
    """Of others, as programs quote them: in angle brackets, or in a quoted line."""
    pattern = _QUOTED_ADDRESS if _QUOTED.match(line) else _BRACKETED_ADDRESS
    for match in pattern.finditer(line):
        yield match.span(match.lastindex or 0)


def _links(line: str) -> Iterator[Found]:
    for url in _URL.finditer(line):
        for mark in _TRACKED.finditer(url.group()):
            name = mark["whole"].partition("=")[0].lower()
            if name not in _ONLY_AT or _ONLY_AT[name].search(url.group()):
                yield url.start() + mark.start("whole"), url.start() + mark.end("whole")


def _hidden(line: str) -> Iterator[Found]:
    if line.isascii():
        return
    for pattern in (_ALWAYS_HIDDEN, _TAGS, *(() if _NEEDS_THEM.search(line) else (_HIDDEN_IN_LATIN,))):
        for match in pattern.finditer(line):
            yield match.span()


def _mixed(line: str) -> Iterator[Found]:
    if line.isascii():
        return
    for match in _MIXED.finditer(line):
        yield match.span()


def _signature(line: str) -> Iterator[Found]:
    if line in {"-- ", "--"}:
        yield 0, len(line)


ROWS: tuple[Row, ...] = (
    Row("reply-line", _reply_lines),
    Row("original-message", _pattern(_ORIGINAL)),
    Row("quoted-lines", _pattern(_QUOTED)),
    Row("quoted-address", _addresses),
    Row("device-line", _pattern(_DEVICE)),
    Row("signature-mark", _signature),
    Row("tracking-link", _links),
    Row("zoned-time", _pattern(_ZONED_TIME)),
    Row("local-path", _pattern(_PATH)),
    Row("hidden-characters", _hidden),
    Row("mixed-alphabets", _mixed),
    Row("odd-spaces", _pattern(_ODD_SPACE)),
)
_ORDER = (
    "reply-line", "original-message", "quoted-header", "quoted-lines", "quoted-address", "device-line", "signature-mark",
    "tracking-link", "zoned-time", "local-path", "hidden-characters", "mixed-alphabets", "odd-spaces", "trailing-spaces",
)  # fmt: skip


def _short(example: str) -> str:
    return example if len(example) <= LONGEST_EXAMPLE else f"{example[: LONGEST_EXAMPLE - 1].rstrip()}…"


def _without_full_stop(text: str, begin: int, end: int) -> int:
    """Where a place or a link ends: what the sentence around it adds is not part of it."""
    return begin + (len(text[begin:end].rstrip(".,;:!?)]}'\"’”»")) or end - begin)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Every line with its place; a very long one in pieces."""
    at = 0
    for line in text.split("\n"):
        for begin in range(0, len(line) or 1, LONGEST_LINE):
            yield at + begin, line[begin : begin + LONGEST_LINE].removesuffix("\r")
        at += len(line) + 1


def _over_two_lines(text: str) -> list[Found]:
    """Reply lines that their program broke in two."""
    found = []
    lines = list(_lines(text))
    for (start, line), (after, following) in itertools.pairwise(lines):
        bare = following.lstrip("> \t")
        if (
            not (5 < len(line) < 300)
            or not bare
            or len(bare) > 200
            or not bare.rstrip().endswith((":", "："))
        ):
            continue
        begins = _DATE.search(line) is not None and not line.rstrip().endswith((".", "!", "?", ":"))
        if not begins and next(_reply_lines(following), None) is not None:
            continue
        joined = f"{line.rstrip()} {bare}"
        if next(_reply_lines(joined), None) is not None:
            found.append((start, after + len(following.rstrip())))
    return found


def _headers(text: str) -> list[Found]:
    """Header lines one under the other: two with an address, or three with a date."""
    found: list[Found] = []
    run: list[Found] = []
    for start, line in (*_lines(text), (len(text), "")):
        if _HEADER.match(line[:200]):
            run.append((start, start + len(line)))
            continue
        told = text[run[0][0] : run[-1][1]] if len(run) >= 2 else ""
        if "@" in told or (len(run) >= 3 and _HAS_DATE_OR_ADDRESS.search(told)):
            found.append((run[0][0], run[-1][1]))
        run = []
    return found


def _trailing(text: str) -> list[Found]:
    """Spaces at the ends of lines, where they are too many or too odd to come from typing.

    Three and more in a row, or a tab or a hard space, at the ends of at least two lines. One space at a line's end is
    flowed text (RFC 3676) or a hand's habit, two are Markdown.
    """
    found = []
    for start, line in _lines(text):
        match = _TRAILING.search(line)
        if match is not None and line.strip() and line != "-- " and match.group() not in {" ", "  "}:
            found.append((start + match.start(), start + match.end()))
    return found if len(found) > 1 else []
