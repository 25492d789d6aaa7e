"""Before you send: what to decide, what to look at, what is fine. Here all checks are gathered.

Only what was looked at is said to be fine. Nothing here cleans a file, knows a key or asks a server: a file is called
clean where the cleaner said so, and a mail is never called encrypted.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torsend.checks import pasted
from torsend.checks.file_findings import file_findings, is_said
from torsend.checks.files import as_named, standings_of
from torsend.checks.finding import Finding, Place, Severity, Where
from torsend.checks.own_words import own_words
from torsend.checks.sentences import count, say
from torsend.checks.walls import walls
from torsend.checks.words import WordList
from torsend.errors import NotSendable
from torsend.identity.providers import Shown, owner_of, preset_at
from torsend.mail.address import complete_mailboxes, domain_of, readable
from torsend.mail.refusals import AttachmentProblem, NoRecipient, shown
from torsend.mail.signature import is_only
from torsend.mail.wire import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torsend.checks.files import FileStanding
    from torsend.identity.identity import Identity
    from torsend.mail.draft import Draft

__all__ = ["Finding", "Known", "Place", "Severity", "Where", "before_sending", "shows_exit"]

MOST_TOLD = 6
"""Recipients of which the same is said."""
_ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
MANY_VISIBLE = 5
"""From so many recipients in To and Cc on, it is said that they see each other."""
OFTEN_TOO_LARGE = 25_000_000
"""Bytes. What several large providers take at most, counted as on the wire."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the program knows of the person.

    Attributes:
        words: the person's own list and that of the identity that sends, and of no other.
        identities: all of them.
        in_files: of each attached file those of the words that its reader will see; none where that is not known.
    """

    words: WordList = field(default_factory=WordList)
    identities: tuple[Identity, ...] = ()
    in_files: Sequence[Sequence[str]] = ()


def before_sending(
    draft: Draft,
    identity: Identity,
    composed: Message | NotSendable | None = None,
    known: Known | None = None,
    files: Sequence[FileStanding] | None = None,
) -> tuple[Finding, ...]:
    """What is worth saying, the gravest first.

    Args:
        composed: what ``wire.compose`` gave or raised for this draft; None while that isn't known yet.
        known: what the program knows of the person besides.
        files: how its files stand; without it, nothing but what the draft says.
    """
    more = known or Known()
    files = standings_of(draft) if files is None else files
    if isinstance(composed, AttachmentProblem) and is_said(composed, files):
        composed = None
    # What this mail's own words give away comes before what is said of each mail.
    found = [
        *own_words(as_named(draft, files), more.words, more.in_files),
        *walls(draft, identity, more.identities),
        *pasted.in_subject(draft),
    ]
    seen_anyway = frozenset(
        {each.address.lower() for each in (identity, *more.identities)}
        | {box.address.lower() for text in (draft.to, draft.cc) for box in complete_mailboxes(text)}
    )
    found += pasted.in_text(draft, signature=identity.signature, known=seen_anyway)
    found += file_findings(files)
    found += [finding for check in _CHECKS for finding in check(draft, identity, composed)]
    return tuple(sorted(found, key=lambda finding: _GRAVEST_FIRST.index(finding.severity)))


Composed = Message | NotSendable | None
_GRAVEST_FIRST = tuple(Severity)


def _not_sendable(_draft: Draft, _identity: Identity, composed: Composed) -> Iterator[Finding]:
    # Without a recipient Send is disabled: that needs no line of its own.
    if isinstance(composed, NotSendable) and not isinstance(composed, NoRecipient):
        about = composed.file if isinstance(composed, AttachmentProblem) else ""
        yield Finding("not-sendable", Severity.DECIDE, f"{composed.what} {composed.advice}".strip(), about)


def _encryption(draft: Draft, _identity: Identity, _composed: Composed) -> Iterator[Finding]:
    if not draft.is_empty:
        yield Finding("not-encrypted", Severity.LOOK, say("not-encrypted"))


def _sign_in(_draft: Draft, identity: Identity, _composed: Composed) -> Iterator[Finding]:
    local = identity.address.rpartition("@")[0]
    if identity.username not in {identity.address, local}:
        sentence = say("sign-in-differs", username=shown(identity.username), provider=identity.provider)
        yield Finding("sign-in-differs", Severity.LOOK, sentence, identity.username)


def _provider_shows(_draft: Draft, identity: Identity, _composed: Composed) -> Iterator[Finding]:
    if shows_exit(identity):
        yield Finding("exit-shown", Severity.LOOK, say("exit-shown", provider=identity.provider))


def _recipients(draft: Draft, identity: Identity, _composed: Composed) -> Iterator[Finding]:
    visible = complete_mailboxes(draft.to) + complete_mailboxes(draft.cc)
    hidden = complete_mailboxes(draft.bcc)
    if len(visible) >= MANY_VISIBLE:
        yield Finding("recipients-visible", Severity.LOOK, say("recipients-visible", n=len(visible)))
    dotless = [mailbox for mailbox in visible + hidden if "." not in domain_of(mailbox.address)]
    # A link from a stranger may name thousands.
    for mailbox in dotless[:MOST_TOLD]:
        sentence = say("domain-without-dot", address=shown(readable(mailbox.address)))
        yield Finding("domain-without-dot", Severity.LOOK, sentence, mailbox.address)
    yield from itertools.islice(_misnamed(draft), MOST_TOLD)
    if hidden:
        theirs = dict.fromkeys(owner_of(domain_of(mailbox.address)) for mailbox in hidden)
        others = ", ".join(name for name in theirs if name != identity.provider)
        if others:
            sentence = count(
                "recipients-hidden", len(hidden), provider=identity.provider, others=shown(others)
            )
        else:
            sentence = count("recipients-hidden-there", len(hidden), provider=identity.provider)
        yield Finding("recipients-hidden", Severity.FINE, sentence)


def _misnamed(draft: Draft) -> Iterator[Finding]:
    """Recipients who are called by an address that is not theirs: a link may be made to be taken for another's."""
    for where, text in ((Where.TO, draft.to), (Where.CC, draft.cc), (Where.BCC, draft.bcc)):
        for mailbox in complete_mailboxes(text):
            own = {mailbox.address.lower(), readable(mailbox.address).lower()}
            named = next(
                (each for each in _ADDRESS.findall(mailbox.name) if each.lower().rstrip(".") not in own), None
            )
            if named is not None:
                at = text.find(named)
                sentence = say("name-is-address", name=shown(named), address=shown(readable(mailbox.address)))
                # It may be written otherwise than it reads: RFC 5322, section 3.2.1, quoted pairs.
                places = (Place(where, at, at + len(named)),) if at >= 0 else ()
                yield Finding("name-is-address", Severity.LOOK, sentence, mailbox.address, places)


def _words(draft: Draft, identity: Identity, _composed: Composed) -> Iterator[Finding]:
    if draft.is_empty:
        return
    if not draft.subject.strip():
        yield Finding("no-subject", Severity.LOOK, say("no-subject"))
    if is_only(draft.text, identity.signature) and not draft.attachments:
        yield Finding("no-text", Severity.LOOK, say("no-text"))


def _size(_draft: Draft, _identity: Identity, composed: Composed) -> Iterator[Finding]:
    if isinstance(composed, Message) and composed.size > OFTEN_TOO_LARGE:
        size = -(-composed.size // 1_000_000)
        yield Finding("large", Severity.LOOK, say("large", size=size, limit=OFTEN_TOO_LARGE // 1_000_000))


def _form(_draft: Draft, _identity: Identity, composed: Composed) -> Iterator[Finding]:
    if isinstance(composed, Message):
        yield Finding("no-trace", Severity.FINE, say("no-trace"))


def _alignment(_draft: Draft, identity: Identity, composed: Composed) -> Iterator[Finding]:
    """What can be known of DMARC (RFC 7489) without asking anybody: From and envelope are one address by construction,
    so it is the domain and the server's operator that fit, or may not.
    """
    if not isinstance(composed, Message):
        return
    if not identity.domain_owner:
        yield Finding("from-matches", Severity.FINE, say("from-matches"))
    else:
        sentence = say("from-elsewhere", domain=shown(identity.domain), provider=identity.provider)
        yield Finding("from-elsewhere", Severity.LOOK, sentence, identity.domain)


def shows_exit(identity: Identity) -> bool:
    """Whether the provider is known to write the address that connected, an exit relay's, into the mail."""
    preset = preset_at(identity.server.host)
    return preset is not None and preset.shows_client is Shown.YES and not identity.server.is_onion


_CHECKS: tuple[Callable[[Draft, Identity, Composed], Iterator[Finding]], ...] = (
    _not_sendable,
    _encryption,
    _sign_in,
    _provider_shows,
    _recipients,
    _words,
    _size,
    _alignment,
    _form,
)
