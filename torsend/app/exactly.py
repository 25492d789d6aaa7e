"""Exactly what leaves for a draft: its conversation and its bytes as they are shown, and what was looked for in them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.checks.not_in_there import NotInThere, look_for, parts_of_commands, parts_of_mail
from torsend.delivery.actions import Login
from torsend.delivery.reasons import Reason
from torsend.delivery.rehearsal import Command, Event, rehearse
from torsend.delivery.sentences import would_end
from torsend.delivery.wire_text import Files, WireText, mail_alone, wire_text
from torsend.identity.identity import FileNames, Tls
from torsend.mail.draft import Decision
from torsend.words import mark, t

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from torsend.app.parts import App
    from torsend.checks.this_machine import Fact
    from torsend.mail.draft import Draft
    from torsend.mail.wire import Message


@dataclass(frozen=True, slots=True)
class Exactly:
    """What leaves.

    Attributes:
        message: the bytes themselves.
        conversation: all that is said, as it would be said now.
        mail: the message alone.
        told: what of this machine stands in it.
        as_it_is: names of files that go as they are, so that nobody can vouch for them.
        seen: whether the server's answers are its own, or only what most servers say.
    """

    message: Message
    conversation: WireText
    mail: WireText
    told: NotInThere
    as_it_is: tuple[str, ...]
    provider: str
    tls: Tls
    seen: bool

    @property
    def sentence(self) -> str:
        """How much leaves, in what, and whose the grey lines are; or why it would not leave."""
        talk = self.conversation
        if talk.ends is not Reason.ACCEPTED:
            why = would_end(talk.ends, talk.detail, self.provider, self.message.size)
            return t("With these answers the mail doesn’t leave. {why}", why=why)
        leaves = t(_LEAVES[self.tls], size=f"{talk.size:,}")
        answers = t(_SEEN if self.seen else _ASSUMED, provider=self.provider)
        return f"{leaves} {answers}"

    @property
    def sentence_of_mail(self) -> str:
        """The same of the mail alone."""
        return t("The mail alone: {size} bytes, as they are saved.", size=f"{self.mail.size:,}")


_LEAVES = {
    Tls.IMPLICIT: mark("{size} bytes and the password leave, wrapped in TLS and Tor."),
    Tls.STARTTLS: mark("{size} bytes and the password leave, wrapped in Tor, and from STARTTLS on in TLS."),
    Tls.ONION_PLAIN: mark(
        "{size} bytes and the password leave, wrapped in Tor all the way to the onion server."
    ),
}
_SEEN = mark("Grey lines are {provider}’s answers, as last seen.")
_ASSUMED = mark("Grey lines are what most servers answer: {provider} was not spoken to yet.")


def exactly_what_leaves(app: App, draft: Draft, facts: Sequence[Fact], at: datetime | None = None) -> Exactly:
    """Reads all of it; for a worker's thread. No password is needed, and none is shown.

    Args:
        at: the moment that its Date says; now if not given.

    Raises:
        NotSendable, NoSuchIdentity, VaultError
    """
    message = app.compose(draft, at)
    identity = app.book.get(draft.identity_id)
    answers = app.answers.of(identity)
    said: list[bytes] = []
    events = rehearse(message, identity.server, Login(identity.username, ""), answers)
    files = Files(
        frozenset(n for n, file in enumerate(draft.attachments, 1) if file.decision is not Decision.AS_IT_IS),
        neutral=identity.file_names is FileNames.NEUTRAL,
    )
    talk = wire_text(_noted(events, said), identity.provider, files)
    mail = (
        talk.mail(message.size)
        if talk.ends is Reason.ACCEPTED
        else wire_text(mail_alone(message.chunks()), identity.provider, files)
    )
    names = tuple(file.name for file in draft.attachments)
    told = look_for(facts, itertools.chain(parts_of_commands(said), parts_of_mail(message.chunks())), names)
    return Exactly(
        message, talk, mail, told, as_they_are(draft), identity.provider, identity.server.tls, answers.seen
    )


def as_they_are(draft: Draft) -> tuple[str, ...]:
    """The names of the files that nobody cleaned."""
    return tuple(file.name for file in draft.as_they_are)


def _noted(events: Iterator[Event], said: list[bytes]) -> Iterator[Event]:
    for event in events:
        if isinstance(event, Command) and not event.secret:
            said.append(event.line)
        yield event
