"""What the outbox says of an entry, and what can be done with it: words and values, no widget."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from torsend.delivery.lane import SendPhase
from torsend.delivery.reasons import Reason
from torsend.delivery.sentences import Explanation, delivered, explain
from torsend.delivery.states import RecipientState, State
from torsend.gui import amounts
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from torsend.delivery.lane import Progress
    from torsend.delivery.outbox import OutboxEntry
    from torsend.identity.identity import Identity


class Action(enum.StrEnum):
    """What a person can ask of an entry."""

    SEND_NOW = "send-now"
    CANCEL = "cancel"
    RETRY = "retry"
    NEW_CIRCUIT = "new-circuit"
    SEND_AGAIN = "send-again"
    COUNT_AS_SENT = "count-as-sent"
    LEAVE = "leave"
    EDIT = "edit"
    REMOVE = "remove"
    SHOW_ROUTE = "show-route"
    SEND_TO_OTHERS = "send-to-others"
    CHOOSE_TIME = "choose-time"
    ACCEPT_CERTIFICATE = "accept-certificate"
    SENDER = "sender"
    CONNECT = "connect"

    def words(self) -> str:
        """What stands on its button."""
        match self:
            case Action.SEND_NOW:
                return t("Send now")
            case Action.CANCEL:
                return t("Cancel")
            case Action.RETRY:
                return t("Try again")
            case Action.NEW_CIRCUIT:
                return t("Try a new circuit")
            case Action.SEND_AGAIN:
                return t("Send again")
            case Action.COUNT_AS_SENT:
                return t("Count it as sent")
            case Action.LEAVE:
                return t("Leave it here")
            case Action.EDIT:
                return t("Edit")
            case Action.REMOVE:
                return t("Delete")
            case Action.SHOW_ROUTE:
                return t("Show route")
            case Action.SEND_TO_OTHERS:
                return t("Send to the others")
            case Action.CHOOSE_TIME:
                return t("Choose another time…")
            case Action.ACCEPT_CERTIFICATE:
                return t("Accept this certificate")
            case Action.SENDER:
                return t("Sender’s settings")
            case Action.CONNECT:
                return t("How to connect")


class Tone(enum.StrEnum):
    """The colours of a state: those of look.md's severities, and none."""

    PLAIN = "plain"
    FINE = "fine"
    LOOK = "look"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class CardWords:
    """What stands open under a row.

    Attributes:
        body: runs, the second of each whether it is strong.
        verbatim: the server's own words.
        actions: from the left.
        main: the one of them that is filled.
        note: small words after the buttons.
    """

    tone: str
    body: tuple[tuple[str, bool], ...]
    verbatim: str = ""
    actions: tuple[Action, ...] = ()
    main: Action | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RowWords:
    """What a row says.

    Attributes:
        sign: its shape; ``progress`` is a ring that fills.
        actions: at the row's end; the last one has an edge.
        off: those that cannot be pressed now.
        card: shown under the row, or what can be unfolded there.
        card_open: whether it stands open until someone folds it.
    """

    headline: str
    note: str
    tone: Tone = Tone.PLAIN
    sign: str = "clock"
    actions: tuple[Action, ...] = ()
    off: frozenset[Action] = frozenset()
    card: CardWords | None = None
    card_open: bool = False

    def label(self, action: Action) -> str:
        """What stands on that action's button here: what was accepted is only taken off the list."""
        if action is Action.REMOVE and self.tone in {Tone.FINE, Tone.PLAIN}:
            return t("Remove")
        return action.words()


def strong_runs(sentence: str, /, **values: object) -> tuple[tuple[str, bool], ...]:
    """The translated sentence as runs; what stands between asterisks is strong. Values may hold asterisks."""
    parts = t(sentence).split("*")
    return tuple((part.format(**values), at % 2 == 1) for at, part in enumerate(parts) if part)


def row_words(
    entry: OutboxEntry,
    identity: Identity | None,
    progress: Progress | None,
    now: datetime,
    learnt: str = "",
    *,
    offline: bool = False,
) -> RowWords:
    """The words of an entry.

    Args:
        learnt: what is known of how its server treats exit relays; said where that has to do with the entry.
        identity: whose it is; ``None`` where that identity is gone.
        progress: the last word of a sending under way.
        now: aware.
        offline: nothing connects to Tor until the person says so.
    """
    provider = identity.provider if identity is not None else t("the server")
    told = explain(entry, provider)
    if learnt and entry.reason is Reason.EXIT_BLOCKED:
        told = replace(told, advice=f"{told.advice} {learnt}".strip())
    match entry.state:
        case State.QUEUED:
            return _queued(entry, now, offline=offline)
        case State.SENDING:
            return _sending(entry, identity, provider, progress)
        case State.RETRY:
            return _retry(entry, told, now)
        case State.HELD:
            return _held(entry, told, identity)
        case State.ACCEPTED:
            return _accepted(entry, provider, now)
        case State.REFUSED:
            return _refused(entry, told, identity, provider)
        case State.UNKNOWN:
            return _unknown(entry, provider)
        case _:
            assert_never(entry.state)


def _retry(entry: OutboxEntry, told: Explanation, now: datetime) -> RowWords:
    return RowWords(
        t("Will try again at {time}", time=amounts.shortly(entry.next_attempt, now))
        if entry.next_attempt is not None and entry.next_attempt > now
        else t("Will try again soon"),
        f"{told.what} {delivered(entry)}" if entry.has_it or entry.may_have_it else told.what,
        sign="refresh",
        actions=(Action.CANCEL, Action.SEND_NOW),
        card=_told(entry, told, "", (Action.NEW_CIRCUIT, *_edit(entry))),
    )


def _held(entry: OutboxEntry, told: Explanation, identity: Identity | None) -> RowWords:
    match entry.reason:
        case Reason.CANCELLED:
            actions = (Action.REMOVE, *_edit(entry), Action.RETRY)
            return RowWords(t("Cancelled"), delivered(entry), actions=actions, sign="minus")
        case Reason.MISSED:
            actions = (Action.SEND_NOW, Action.CHOOSE_TIME, *_edit(entry), Action.REMOVE)
            return _asks(entry, told, t("Missed its time"), actions, main=Action.SEND_NOW)
        case _:
            first = _OWN_ANSWER.get(entry.reason)
            helps = where_it_is_put_right(entry, identity)
            actions = (*((first,) if first else ()), *helps, Action.RETRY, *_edit(entry), Action.REMOVE)
            main = first if first is Action.SEND_TO_OTHERS else next(iter(helps), Action.RETRY)
            return _asks(entry, told, t("Waits for you"), actions, main=main)


def _accepted(entry: OutboxEntry, provider: str, now: datetime) -> RowWords:
    counted = entry.reason is Reason.COUNTED_AS_SENT
    when = amounts.day_and_clock(entry.finished or entry.created, now)
    return RowWords(
        t("Counted as sent") if counted else t("Accepted by {provider}", provider=provider),
        when if counted else t("{when}. Delivery from there isn’t visible", when=when),
        sign="tick-ring",
        tone=Tone.PLAIN if counted else Tone.FINE,
        actions=(Action.REMOVE,),
    )


def _refused(entry: OutboxEntry, told: Explanation, identity: Identity | None, provider: str) -> RowWords:
    helps = where_it_is_put_right(entry, identity)
    again = Action.NEW_CIRCUIT if another_exit_may_help(entry) else Action.RETRY
    return _asks(
        entry,
        told,
        t("Refused by {provider}", provider=provider) if entry.reply is not None else t("Not sent"),
        (again, *helps, *_edit(entry), Action.REMOVE)
        if again is Action.NEW_CIRCUIT
        else (*helps, again, *_edit(entry), Action.REMOVE),
        main=again if again is Action.NEW_CIRCUIT else next(iter(helps), None),
    )


def _unknown(entry: OutboxEntry, provider: str) -> RowWords:
    return RowWords(
        t("May have been sent"),
        t("The connection broke before {provider} answered", provider=provider),
        Tone.LOOK,
        "question-ring",
        card=CardWords(
            "look",
            _unknown_body(entry, provider),
            _replies(entry),
            (Action.SEND_AGAIN, Action.COUNT_AS_SENT, Action.LEAVE),
            note=t(
                "Sent again, it may arrive twice. Both copies carry the same ID, so many programs show one."
            ),
        ),
        card_open=True,
    )


def _asks(
    entry: OutboxEntry, told: Explanation, title: str, actions: tuple[Action, ...], *, main: Action | None
) -> RowWords:
    """The person has to decide: the card is open at once."""
    return RowWords(
        title,
        delivered(entry),
        Tone.DECIDE,
        "diamond",
        card=_told(entry, told, "decide", actions, main=main),
        card_open=True,
    )


def _queued(entry: OutboxEntry, now: datetime, *, offline: bool) -> RowWords:
    actions = (Action.CANCEL, Action.SEND_NOW)
    waits, at = t("Waiting to go out"), entry.next_attempt
    if at is None or at <= now:
        note = t("Once you connect to Tor") if offline else t("As soon as Tor and its turn allow")
        return RowWords(waits, note, actions=actions)
    if entry.random_before is None:
        return RowWords(waits, t("Not before {time}", time=amounts.shortly(at, now)), actions=actions)
    # The moment itself was drawn and is nobody's to know: what cannot be seen here cannot be told.
    end = amounts.shortly(entry.random_before, now)
    return RowWords(waits, t("Some time before {time}, at random", time=end), sign="dice", actions=actions)


def _sending(
    entry: OutboxEntry, identity: Identity | None, provider: str, progress: Progress | None
) -> RowWords:
    onion = identity is not None and identity.server.is_onion
    waiting = progress is not None and progress.phase is SendPhase.WAITING
    return RowWords(
        phase_words(progress, provider, entry.size),
        t("Every byte left; only the answer is missing")
        if waiting
        else t("Inside Tor all the way, onion server")
        if onion
        else t("Through Tor to {provider}", provider=provider),
        sign="progress",
        actions=(Action.CANCEL, Action.SHOW_ROUTE),
        # After the last byte there is nothing left to call back.
        off=frozenset({Action.CANCEL}) if waiting else frozenset(),
    )


def phase_words(progress: Progress | None, provider: str, size: int) -> str:
    """How far a sending is."""
    if progress is None:
        return t("Building a circuit")
    match progress.phase:
        case SendPhase.BUILDING:
            return t("Building a circuit")
        case SendPhase.BUILT:
            return t("Circuit built")
        case SendPhase.SIGNING_IN:
            return t("Signing in")
        case SendPhase.SIGNED_IN:
            return t("Signed in")
        case SendPhase.SENDING:
            return t("Sending {amount}", amount=amounts.size_of(progress.sent, progress.total or size))
        case SendPhase.WAITING:
            return t("Waiting for {provider}’s answer", provider=provider)
        case SendPhase.ACCEPTED:
            return t("Accepted by {provider}", provider=provider)
        case SendPhase.FAILED:
            return t("Not accepted")
        case _:
            assert_never(progress.phase)


def _edit(entry: OutboxEntry) -> tuple[Action, ...]:
    """Not where somebody has it, or may have it: what was changed would reach them as a second mail."""
    return () if entry.has_it or entry.may_have_it else (Action.EDIT,)


def _told(
    entry: OutboxEntry, told: Explanation, tone: str, actions: tuple[Action, ...], main: Action | None = None
) -> CardWords:
    return CardWords(tone, ((told.sentences, False),), _replies(entry), actions, main)


def _unknown_body(entry: OutboxEntry, provider: str) -> tuple[tuple[str, bool], ...]:
    if entry.finished is None:
        return strong_runs(
            "Every byte left, then the circuit closed before {provider} could say yes or no. "
            "*Only {provider} knows* whether it took the mail; torsend won’t guess.",
            provider=provider,
        )
    return strong_runs(
        "Every byte left at {time}, then the circuit closed before {provider} could say yes or no. "
        "*Only {provider} knows* whether it took the mail; torsend won’t guess.",
        provider=provider,
        time=amounts.clock(entry.finished),
    )


def _replies(entry: OutboxEntry) -> str:
    """The server's own words: its answer to the mail, then what it said against single recipients, each by name."""
    against = [
        (one.address, one.reply)
        for one in entry.recipients
        if one.reply is not None and one.reply.code >= 400 and one.state is not RecipientState.ACCEPTED
    ]
    said = [f"{address}: {reply.words}" for address, reply in against]
    if entry.reply is not None and entry.reply not in [reply for _, reply in against]:
        said.insert(0, entry.reply.words)
    return "\n".join(said)


_OWN_ANSWER = {
    Reason.SOME_RECIPIENTS_REFUSED: Action.SEND_TO_OTHERS,
    Reason.ONION_CERTIFICATE: Action.ACCEPT_CERTIFICATE,
    Reason.CERTIFICATE_CHANGED: Action.ACCEPT_CERTIFICATE,
}
"""What only these can be answered with. A certificate is never accepted by the button that lies nearest."""

_OTHER_EXIT = frozenset(
    {
        Reason.EXIT_BLOCKED,
        Reason.STREAM_FAILED,
        Reason.EXIT_POLICY,
        Reason.BAD_CERTIFICATE,
        Reason.TLS_FAILED,
        Reason.STARTTLS_MISSING,
        Reason.STARTTLS_INJECTED,
    }
)


PASSWORDS = frozenset({Reason.PASSWORD_MISSING, Reason.SIGN_IN_REFUSED})
"""What another password may put right."""

_SENDERS = PASSWORDS | {
    Reason.EXIT_POLICY,
    Reason.HOST_UNREACHABLE,
    Reason.ONION_KEY,
    Reason.ONION_ADDRESS,
    Reason.PROTOCOL,
    Reason.EXIT_BLOCKED,
    Reason.STARTTLS_MISSING,
    Reason.STARTTLS_INJECTED,
    Reason.BAD_CERTIFICATE,
    Reason.TLS_FAILED,
    Reason.PLAIN_OUTSIDE_ONION,
    Reason.PLAIN_BEFORE_TOR,
    Reason.SIGN_IN_UNUSUAL,
    Reason.SIGN_IN_NOT_OFFERED,
    Reason.SIGN_IN_WAITS,
    Reason.SENDER_REFUSED,
}
_WAYS = frozenset({Reason.NOT_TOR, Reason.ISOLATION_LOST, Reason.TOR_PROTOCOL})


def where_it_is_put_right(entry: OutboxEntry, identity: Identity | None) -> tuple[Action, ...]:
    """What leads to where the advice can be followed, for who doesn’t know the way there."""
    if entry.reason in _SENDERS and identity is not None:
        return (Action.SENDER,)
    return (Action.CONNECT,) if entry.reason in _WAYS else ()


def another_exit_may_help(entry: OutboxEntry) -> bool:
    """Whether another exit may do better."""
    return entry.reason in _OTHER_EXIT


def title(entry: OutboxEntry) -> str:
    """The subject, or words for none."""
    return entry.subject or t("No subject")


def parties(entry: OutboxEntry, identity: Identity | None) -> str:
    """From whom to whom."""
    to = ", ".join(one.address for one in entry.recipients)
    return t(
        "{name} to {recipients}",
        name=identity.name if identity is not None else entry.mail_from,
        recipients=to,
    )


def summary(entries: Iterable[OutboxEntry]) -> str:
    """What in the outbox waits for the person."""
    decide = refused = 0
    for entry in entries:
        decide += entry.state in {State.UNKNOWN, State.HELD}
        refused += entry.state is State.REFUSED
    parts = []
    if decide:
        parts.append(t("{n} to decide", n=decide))
    if refused:
        parts.append(t("{n} refused", n=refused))
    return ", ".join(parts)
