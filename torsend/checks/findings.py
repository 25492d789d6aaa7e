"""Before you send: what to decide, what to look at, what is fine.

Only what was looked at is said to be fine. Nothing here cleans a file, knows a key or asks a server: attachments are
never called clean, and a mail is never called encrypted.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.errors import NotSendable
from torsend.identity.providers import Shown, owner_of, preset_at
from torsend.mail.address import complete_mailboxes, domain_of, readable
from torsend.mail.refusals import AttachmentProblem, NoRecipient, shown
from torsend.mail.wire import Message
from torsend.words import mark, t, tn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torsend.identity.identity import Identity
    from torsend.mail.draft import Draft

MANY_VISIBLE = 5
"""From so many recipients in To and Cc on, it is said that they see each other."""
OFTEN_TOO_LARGE = 25_000_000
"""Bytes. What several large providers take at most, counted as on the wire."""


class Severity(enum.StrEnum):
    """How much a finding asks of the person."""

    DECIDE = "decide"
    """Holds sending."""
    LOOK = "look"
    """Advice."""
    FINE = "fine"
    """Looked at, and as it should be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of "Before you send".

    Attributes:
        code: stable, for tests and for actions of the window.
        about: a file's name or an address, where the finding is about one.
    """

    code: str
    severity: Severity
    sentence: str
    about: str = ""


def before_sending(
    draft: Draft, identity: Identity, composed: Message | NotSendable | None = None
) -> tuple[Finding, ...]:
    """What is worth saying, the gravest first.

    Args:
        composed: what ``wire.compose`` gave or raised for this draft; None while that isn't known yet.
    """
    found = [finding for check in _CHECKS for finding in check(draft, identity, composed)]
    return tuple(sorted(found, key=lambda finding: _GRAVEST_FIRST.index(finding.severity)))


Composed = Message | NotSendable | None
_GRAVEST_FIRST = tuple(Severity)


def _not_sendable(_draft: Draft, _identity: Identity, composed: Composed) -> Iterator[Finding]:
    # Without a recipient Send is disabled: that needs no line of its own.
    if isinstance(composed, NotSendable) and not isinstance(composed, NoRecipient):
        about = composed.file if isinstance(composed, AttachmentProblem) else ""
        yield Finding("not-sendable", Severity.DECIDE, f"{composed.what} {composed.advice}".strip(), about)


def _files(draft: Draft, _identity: Identity, _composed: Composed) -> Iterator[Finding]:
    for attachment in draft.attachments:
        sentence = t(NOT_CLEANED, file=shown(attachment.name))
        yield Finding("not-cleaned", Severity.LOOK, sentence, attachment.name)


def _encryption(draft: Draft, _identity: Identity, _composed: Composed) -> Iterator[Finding]:
    if not draft.is_empty:
        yield Finding("not-encrypted", Severity.LOOK, t(NOT_ENCRYPTED))


def _sign_in(_draft: Draft, identity: Identity, _composed: Composed) -> Iterator[Finding]:
    local = identity.address.rpartition("@")[0]
    if identity.username not in {identity.address, local}:
        sentence = t(SIGNS_IN_AS, username=shown(identity.username), provider=identity.provider)
        yield Finding("sign-in-differs", Severity.LOOK, sentence, identity.username)


def _provider_shows(_draft: Draft, identity: Identity, _composed: Composed) -> Iterator[Finding]:
    if shows_exit(identity):
        yield Finding("exit-shown", Severity.LOOK, t(EXIT_SHOWN, provider=identity.provider))


def _recipients(draft: Draft, identity: Identity, _composed: Composed) -> Iterator[Finding]:
    visible = complete_mailboxes(draft.to) + complete_mailboxes(draft.cc)
    hidden = complete_mailboxes(draft.bcc)
    if len(visible) >= MANY_VISIBLE:
        yield Finding("recipients-visible", Severity.LOOK, t(RECIPIENTS_VISIBLE, n=len(visible)))
    for mailbox in visible + hidden:
        if "." not in domain_of(mailbox.address):
            sentence = t(NO_DOT, address=shown(readable(mailbox.address)))
            yield Finding("domain-without-dot", Severity.LOOK, sentence, mailbox.address)
    if hidden:
        theirs = dict.fromkeys(owner_of(domain_of(mailbox.address)) for mailbox in hidden)
        others = ", ".join(name for name in theirs if name != identity.provider)
        if others:
            sentence = tn(
                HIDDEN_ONE, HIDDEN_MANY, len(hidden), provider=identity.provider, others=shown(others)
            )
        else:
            sentence = tn(HIDDEN_ONE_THERE, HIDDEN_MANY_THERE, len(hidden), provider=identity.provider)
        yield Finding("recipients-hidden", Severity.FINE, sentence)


def _words(draft: Draft, _identity: Identity, _composed: Composed) -> Iterator[Finding]:
    if draft.is_empty:
        return
    if not draft.subject.strip():
        yield Finding("no-subject", Severity.LOOK, t(NO_SUBJECT))
    if not draft.text.strip() and not draft.attachments:
        yield Finding("no-text", Severity.LOOK, t(NO_TEXT))


def _size(_draft: Draft, _identity: Identity, composed: Composed) -> Iterator[Finding]:
    if isinstance(composed, Message) and composed.size > OFTEN_TOO_LARGE:
        size = -(-composed.size // 1_000_000)
        yield Finding("large", Severity.LOOK, t(LARGE, size=size, limit=OFTEN_TOO_LARGE // 1_000_000))


def _form(_draft: Draft, _identity: Identity, composed: Composed) -> Iterator[Finding]:
    if isinstance(composed, Message):
        yield Finding("no-trace", Severity.FINE, t(NO_TRACE))


def shows_exit(identity: Identity) -> bool:
    """Whether the provider is known to write the address that connected, an exit relay's, into the mail."""
    preset = preset_at(identity.server.host)
    return preset is not None and preset.shows_client is Shown.YES and not identity.server.is_onion


NOT_CLEANED = mark("{file} isn’t cleaned: it may hold its author’s name, place or dates.")
NOT_ENCRYPTED = mark("Not encrypted: the mail providers can read it.")
SIGNS_IN_AS = mark("You sign in as {username}. Some servers write that into the mail; {provider} may.")
EXIT_SHOWN = mark(
    "{provider} writes the exit relay’s address into the mail: readers can tell that you use Tor."
)
RECIPIENTS_VISIBLE = mark("All {n} recipients see each other’s addresses. Bcc hides them.")
HIDDEN_ONE = mark(
    "The hidden recipient is named to {provider} and to its own provider, {others}; not in the mail."
)
HIDDEN_MANY = mark(
    "The {n} hidden recipients are named to {provider}, and each to its own provider ({others}); not in the mail."
)
HIDDEN_ONE_THERE = mark("The hidden recipient is named to {provider} only, not in the mail.")
HIDDEN_MANY_THERE = mark("The {n} hidden recipients are named to {provider} only, not in the mail.")
NO_DOT = mark("{address} has no dot after the @. Is it complete?")
NO_SUBJECT = mark("The subject is empty. Some filters take such mail for spam.")
NO_TEXT = mark("The text is empty.")
LARGE = mark("The mail is {size} MB on the wire. Many servers take no more than {limit} MB.")
NO_TRACE = mark("No header line names this computer, its time zone, its language or a mail program.")

_CHECKS: tuple[Callable[[Draft, Identity, Composed], Iterator[Finding]], ...] = (
    _not_sendable,
    _files,
    _encryption,
    _sign_in,
    _provider_shows,
    _recipients,
    _words,
    _size,
    _form,
)
