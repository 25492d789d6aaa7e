"""The person's word list held against a draft: text, subject, recipients' names, names of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.checks.finding import Finding, Place, Severity, Where
from torsend.checks.sentences import count, say
from torsend.mail.refusals import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.checks.words import WordList
    from torsend.mail.draft import Draft

MOST_TOLD = 6
"""Words that are told one by one; the rest is counted, so that other findings stay in sight."""


def own_words(draft: Draft, words: WordList) -> Iterator[Finding]:
    """One finding a word, those in the text first; or that there is none, where there is a list and a mail."""
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
    for word in list(places)[:MOST_TOLD]:
        only_files = all(place.where is Where.FILE for place in places[word])
        code = "word-in-file-name" if only_files else "on-word-list"
        sentence = say(code, word=shown(word))
        yield Finding(code, Severity.LOOK, sentence, word, tuple(places[word]))
    if len(places) > MOST_TOLD:
        rest = tuple(place for word in list(places)[MOST_TOLD:] for place in places[word])
        yield Finding("more-words", Severity.LOOK, count("more-words", len(places) - MOST_TOLD), "", rest)
    if not places and not draft.is_empty:
        yield Finding("no-word", Severity.FINE, say("no-word"))
