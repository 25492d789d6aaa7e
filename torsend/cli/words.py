"""``torsend words …``: words that must not slip into a mail. They come by standard input, one a line, never by an argument:
every user of a computer can see those.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from torsend.checks.wordbook import EVERYONE
from torsend.checks.words import LONGEST_WORD, MOST_WORDS
from torsend.cli.opening import opened
from torsend.cli.output import as_json
from torsend.cli.streams import line, say
from torsend.errors import ExitStatus, UsageError
from torsend.words import t, tn

if TYPE_CHECKING:
    import argparse

    from torsend.app import Start

_LONGEST_INPUT = MOST_WORDS * (LONGEST_WORD + 1) * 4
"""Bytes; more are no list of words."""


def run(given: argparse.Namespace, start: Start) -> int:
    """Runs one of them."""
    # Read before anything is opened: a terminal that waits should not hold the profile's lock.
    words = [] if given.action == "list" else read_words()
    with opened(start) as app:
        owner = EVERYONE if given.identity is None else app.find_identity(given.identity).id
        match given.action:
            case "add":
                added = app.words.add(words, owner)
                say(tn("{n} word added.", "{n} words added.", added))
            case "remove":
                removed = app.words.remove(words, owner)
                say(tn("{n} word removed.", "{n} words removed.", removed))
            case _:
                kept = app.words.list(owner)
                if given.json:
                    as_json(list(kept))
                else:
                    for word in kept:
                        line(word)
    return ExitStatus.OK


def read_words() -> list[str]:
    """The lines of standard input.

    Raises:
        UsageError: they cannot be words.
    """
    if sys.stdin.isatty():
        say(t("One word on each line; end with Ctrl+D."))
    data = sys.stdin.buffer.read(_LONGEST_INPUT + 1)
    if len(data) > _LONGEST_INPUT:
        raise UsageError(
            t("A word list holds up to {n} words. Nothing was changed.", n=MOST_WORDS),
            advice=t("Leave some out."),
        )
    try:
        words = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        # `from None`: the decoder's error quotes the words.
        raise UsageError(
            t("The words are not UTF-8. Nothing was changed."), advice=t("Save them anew.")
        ) from None
    if not any(word.strip() for word in words):
        raise UsageError(t("No word was given."), advice=t("Pass them on standard input, one on each line."))
    return words
