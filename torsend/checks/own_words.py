"""The person's word list held against a draft: text, subject, recipients' names, names of files and what stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.checks.finding import Finding, Place, Severity, Where
from torsend.checks.sentences import count, say
from torsend.mail.refusals import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from torsend.checks.words import WordList
    from torsend.mail.draft import Draft

MOST_TOLD = 6
"""Words that are told one by one; the rest is counted, so that other findings stay in sight."""


def own_words(draft: Draft, words: WordList, in_files: Sequence[Sequence[str]] = ()) -> Iterator[Finding]:
    """One finding a word, those in the text first; or that there is none, where there is a list and a mail.

    Args:
        in_files: of each file, in their order, the words that ``words_in`` found in what its reader will see.
    """
    if not words:
        return
    places: dict[str, list[Place]] = {}
    for where, text in (
        (Where.TEXT, draft.text),
        (Where.SUBJECT, draft.subject),
        (Where.TO, draft.to),
        (Where.CC, draft.cc),
        (Where.BCC, draft.bcc),
    ):
        for match in words.find(text):
            places.setdefault(match.word, []).append(Place(where, match.start, match.end))
    for at, file in enumerate(draft.attachments):
        for match in words.find(file.name):
            places.setdefault(match.word, []).append(Place(Where.FILE, match.start, match.end, at))
    named = frozenset(places)
    for at, found in enumerate(in_files):
        whole = Place(Where.FILE, 0, len(draft.attachments[at].name), at)
        for word in found:
            places.setdefault(word, []).append(whole)
    for word in list(places)[:MOST_TOLD]:
        code = _code(places[word], by_name=word in named)
        name = shown(draft.attachments[places[word][0].file].name) if code != "on-word-list" else ""
        sentence = say(code, word=shown(word), file=name)
        yield Finding(code, Severity.LOOK, sentence, word, tuple(places[word]))
    if len(places) > MOST_TOLD:
        rest = tuple(place for word in list(places)[MOST_TOLD:] for place in places[word])
        yield Finding("more-words", Severity.LOOK, count("more-words", len(places) - MOST_TOLD), "", rest)
    if not places and not draft.is_empty:
        yield Finding("no-word", Severity.FINE, say("no-word"))


def _code(places: list[Place], *, by_name: bool) -> str:
    if any(place.where is not Where.FILE for place in places):
        return "on-word-list"
    return "word-in-file-name" if by_name else "word-in-file"


def words_in(pieces: Iterable[str], words: WordList) -> tuple[str, ...]:
    """The words of the list that stand in a text, each once.

    Args:
        pieces: the text, cut anywhere.
    """
    search = words.search()
    matches = [match for piece in pieces for match in search.feed(piece)]
    return tuple(dict.fromkeys(match.word for match in (*matches, *search.finish())))
