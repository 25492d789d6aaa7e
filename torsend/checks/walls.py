"""Identities that must not meet: a thread, an address, a name or a signature of another one in this identity's mail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from torsend.checks.finding import Finding, Place, Severity, Where
from torsend.checks.sentences import say
from torsend.checks.words import fold
from torsend.mail.address import complete_mailboxes
from torsend.mail.refusals import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.identity.identity import Identity
    from torsend.mail.draft import Draft

LAST_LINES = 4
"""So many of the last lines that are not blank may be a name."""


def walls(draft: Draft, identity: Identity, others: tuple[Identity, ...]) -> Iterator[Finding]:
    """What links the sender to another identity of the same person.

    Args:
        others: all identities; the sender itself is left out here.
    """
    others = tuple(each for each in others if each.id != identity.id)
    yield from _thread(draft, identity, others)
    for other in others:
        if other.address.lower() != identity.address.lower():
            yield from _address(draft, identity, other)
        yield from _signature(draft, identity, other)
    yield from _name(draft, identity, others)


def called(identity: Identity) -> str:
    """What an identity is called where it has no name."""
    return shown(identity.name or identity.address)


def _thread(draft: Draft, identity: Identity, others: tuple[Identity, ...]) -> Iterator[Finding]:
    if draft.thread is None:
        return
    if draft.thread_of_sender is not None:
        yield Finding("names-thread", Severity.LOOK, say("names-thread"), draft.thread.in_reply_to)
        return
    begun = next((each for each in others if each.id == draft.begun_as), None)
    other = called(begun) if begun is not None else ""
    sentence = (
        say("other-thread", other=other, sender=called(identity))
        if other
        else say("thread-of-nobody", sender=called(identity))
    )
    yield Finding("other-thread", Severity.LOOK, sentence, begun.address if begun is not None else "")


def _address(draft: Draft, identity: Identity, other: Identity) -> Iterator[Finding]:
    whole = re.compile(rf"(?<![\w.+-]){re.escape(other.address)}(?![\w-]|\.\w)", re.IGNORECASE)
    places = tuple(
        Place(where, *match.span())
        for where, text in ((Where.TEXT, draft.text), (Where.SUBJECT, draft.subject))
        for match in whole.finditer(text)
    )
    names = {"address": shown(other.address), "other": called(other), "sender": called(identity)}
    if places:
        yield Finding("own-address", Severity.LOOK, say("own-address", **names), other.address, places)
    for where, text in ((Where.TO, draft.to), (Where.CC, draft.cc), (Where.BCC, draft.bcc)):
        if any(box.address.lower() == other.address.lower() for box in complete_mailboxes(text)):
            found = whole.search(text)
            place = (Place(where, *found.span()),) if found else ()
            yield Finding("own-recipient", Severity.LOOK, say("own-recipient", **names), other.address, place)


def _signature(draft: Draft, identity: Identity, other: Identity) -> Iterator[Finding]:
    if not other.signature or other.signature == identity.signature:
        return
    at = draft.text.find(other.signature)
    if at >= 0:
        place = Place(Where.TEXT, at, at + len(other.signature))
        sentence = say("other-signature", other=called(other))
        yield Finding("other-signature", Severity.LOOK, sentence, other.address, (place,))


def _name(draft: Draft, identity: Identity, others: tuple[Identity, ...]) -> Iterator[Finding]:
    """A name under the text as habit puts it there: a line of its own, or behind "Yours," and the like."""
    mine = fold(identity.name)
    lines = [match for match in re.finditer(r"[^\n]+", draft.text) if match.group().strip()][-LAST_LINES:]
    for line in reversed(lines):
        written = fold(line.group())
        for other in others:
            theirs = fold(other.name)
            if theirs not in ("", mine) and written == theirs:
                bare = line.group().strip()
                start = line.start() + line.group().index(bare)
                place = Place(Where.TEXT, start, start + len(bare))
                sentence = say("other-name", name=shown(other.name))
                yield Finding("other-name", Severity.LOOK, sentence, other.address, (place,))
                return
