"""The route of a mail as it is drawn: stops, what is wrapped round what, how far it has come.

A value made of what Tor and delivery report. What Tor does not tell stays unknown here: no stop is ever invented.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from torsend.delivery.lane import SendPhase
from torsend.identity.identity import Tls
from torsend.mail.address import provider_of
from torsend.tor.circuits import Role
from torsend.words import t, tn

if TYPE_CHECKING:
    from torsend.delivery.lane import Progress
    from torsend.identity.identity import Identity
    from torsend.mail.address import Mailbox
    from torsend.tor.circuits import Circuit, Relay
    from torsend.tor.status import TorStatus

USUAL_RELAYS = (Role.GUARD, Role.MIDDLE, Role.EXIT)
ONION_RELAYS = (Role.GUARD, Role.MIDDLE, Role.MEETING)


class StopKind(StrEnum):
    """What stands at a stop; it decides the sign that is drawn."""

    YOU = "you"
    GUARD = "guard"
    BRIDGE = "bridge"
    MIDDLE = "middle"
    EXIT = "exit"
    MEETING = "meeting"
    HIDDEN = "hidden"
    """The server's own three relays: it chose them and nobody here knows which."""
    PROVIDER = "provider"
    ONION = "onion"
    PERSON = "person"


RELAYS = frozenset(
    {StopKind.GUARD, StopKind.BRIDGE, StopKind.MIDDLE, StopKind.EXIT, StopKind.MEETING, StopKind.HIDDEN}
)


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop.

    Attributes:
        note: the words under the name.
        country: two letters, or None where it is not known.
        short: a shorter note, for where that one has no room.
        known: whether Tor has told that this stop exists; else it is drawn as an open place.
        reached: whether bytes of this mail can have come so far.
    """

    kind: StopKind
    name: str
    note: str
    country: str | None = None
    known: bool = True
    reached: bool = False
    short: str = ""


class Wrap(StrEnum):
    """What is drawn round the thread."""

    TOR = "tor"
    TLS = "tls"
    OPENPGP = "openpgp"
    NOTHING = "nothing"
    """No sheath: a label alone says so."""


@dataclass(frozen=True, slots=True)
class Sheath:
    """One wrapping, from one stop to another (places in ``stops``).

    Its label stands over the part where it is outermost, which begins at ``label_from``; ``short`` is one for where that has
    no room.
    """

    wrap: Wrap
    first: int
    last: int
    label: str
    label_from: int
    short: str = ""


@dataclass(frozen=True, slots=True)
class RouteView:
    """All that the ribbon draws.

    Attributes:
        headline: what is said beside *Route*.
        sheaths: outermost first.
        visible_until: the last stop before which the thread is solid; beyond, delivery isn't visible.
        fraction: how much of the bytes left, 0 to 1; None while nothing is being sent.
        can_renew: whether *New circuit* makes sense now.
    """

    stops: tuple[Stop, ...]
    headline: str
    sheaths: tuple[Sheath, ...]
    visible_until: int
    fraction: float | None = None
    can_renew: bool = False
    colour: str = ""

    @property
    def spoken(self) -> str:
        """The route in one sentence, for a screen reader."""
        count = tn("Route, {n} stop.", "Route, {n} stops.", len(self.stops))
        last = [_spoken_end(self, sheath) for sheath in self.sheaths if sheath.wrap is not Wrap.NOTHING]
        return f"{count} {', '.join(last)}" if last else count


def _spoken_end(route: RouteView, sheath: Sheath) -> str:
    to = route.stops[sheath.last].name
    match sheath.wrap:
        case Wrap.TOR:
            return t("Tor to {stop}", stop=to)
        case Wrap.TLS:
            return t("TLS to {stop}", stop=to)
        case _:
            return t("OpenPGP to {stop}", stop=to)


def route_view(
    identity: Identity | None,
    circuit: Circuit | None,
    recipients: tuple[Mailbox, ...],
    status: TorStatus,
    progress: Progress | None = None,
    *,
    now: datetime | None = None,
) -> RouteView:
    """The route that this identity's mail takes.

    Args:
        circuit: the one that carries it or last did; None where there is none yet or Tor does not show it.
        recipients: whom it goes to, as far as they can be read; may be empty.
        progress: of the mail that is being sent now, else None.
        now: to tell the circuit's age; the clock where left out.
    """
    onion = circuit.onion if circuit else bool(identity and identity.server.is_onion)
    relays = _relays(circuit, status, onion=onion)
    provider = identity.provider if identity else t("your provider")
    server = Stop(
        StopKind.ONION if onion else StopKind.PROVIDER,
        identity.provider if identity else t("Your provider"),
        t("onion server") if onion else t("your provider") if identity else "",
        known=identity is not None,
    )
    chosen = t("chosen by {provider}", provider=provider)
    hidden = (Stop(StopKind.HIDDEN, t("3 relays"), chosen, short=t("of the server")),) if onion else ()
    you = Stop(StopKind.YOU, t("You"), t("this computer"))
    stops = (you, *relays, *hidden, server, _person(recipients))
    at_server = len(stops) - 2
    stops = tuple(
        replace(stop, reached=_is_reached(i, at_server, progress, sees=circuit is not None))
        for i, stop in enumerate(stops)
    )
    return RouteView(
        stops=stops,
        headline=_headline(identity, circuit, status, now or datetime.now(UTC)),
        sheaths=_sheaths(identity, provider, at_server, onion=onion),
        visible_until=at_server,
        fraction=_fraction(progress),
        can_renew=identity is not None and status.usable and progress is None,
        colour=identity.colour if identity else "",
    )


def _relays(circuit: Circuit | None, status: TorStatus, *, onion: bool) -> tuple[Stop, ...]:
    words = {
        Role.GUARD: (StopKind.GUARD, t("guard")),
        Role.BRIDGE: (StopKind.BRIDGE, t("bridge")),
        Role.MIDDLE: (StopKind.MIDDLE, t("middle")),
        Role.EXIT: (StopKind.EXIT, t("exit")),
        Role.MEETING: (StopKind.MEETING, t("meeting point")),
    }
    if circuit is not None and circuit.relays:
        return tuple(_relay(relay, *words[relay.role]) for relay in circuit.relays)
    # Which relays it will be is Tor's choice, made when the circuit is built.
    unknown = t("not chosen yet") if status.sees_circuits or not status.usable else t("not visible")
    first, *others = ONION_RELAYS if onion else USUAL_RELAYS
    if status.first == "bridge":
        first = Role.BRIDGE
    return tuple(
        Stop(words[role][0], words[role][1].capitalize(), unknown, known=False) for role in (first, *others)
    )


def _relay(relay: Relay, kind: StopKind, note: str) -> Stop:
    if kind is StopKind.BRIDGE:
        # By its name or fingerprint a bridge can be found, and a picture of this window is soon shared.
        return Stop(kind, t("Your bridge"), t("in place of a guard"), short=t("bridge"))
    short = t("meeting") if kind is StopKind.MEETING else ""
    return Stop(kind, relay.nickname or relay.fingerprint[:8], note, relay.country, short=short)


def _person(recipients: tuple[Mailbox, ...]) -> Stop:
    if not recipients:
        return Stop(StopKind.PERSON, t("Recipient"), t("nobody yet"), known=False)
    first = recipients[0]
    name = first.name or f"{first.address.rpartition('@')[0]}@{provider_of(first.address)}"
    if len(recipients) > 1:
        name = t("{name} and {n} more", name=name, n=len(recipients) - 1)
    providers = sorted({provider_of(one.address) for one in recipients})
    via = providers[0] if len(providers) == 1 else t("{n} providers", n=len(providers))
    return Stop(StopKind.PERSON, name, t("via {provider}", provider=via))


def _sheaths(identity: Identity | None, provider: str, at_server: int, *, onion: bool) -> tuple[Sheath, ...]:
    said_beyond = t("provider to provider, encrypted if both offer it")
    in_short = t("encrypted if both offer it")
    beyond = Sheath(Wrap.NOTHING, at_server, at_server + 1, said_beyond, at_server, in_short)
    if onion:
        plain = identity is not None and identity.server.tls is Tls.ONION_PLAIN
        said = (
            t("inside Tor all the way to {provider}", provider=provider)
            if plain
            else t("inside Tor all the way to {provider}, TLS within", provider=provider)
        )
        tor = Sheath(Wrap.TOR, 0, at_server, said, 0, t("inside Tor all the way"))
        return (tor, beyond) if plain else (tor, Sheath(Wrap.TLS, 0, at_server, "", 0), beyond)
    return (
        Sheath(Wrap.TOR, 0, at_server - 1, t("inside Tor"), 0),
        Sheath(Wrap.TLS, 0, at_server, t("TLS to {provider}", provider=provider), at_server - 1, t("TLS")),
        beyond,
    )


def _headline(identity: Identity | None, circuit: Circuit | None, status: TorStatus, now: datetime) -> str:
    if identity is None:
        return t("Choose a sender to see its circuit")
    name = identity.name or identity.address
    if circuit is not None:
        if circuit.built_at is None:
            return t("A circuit only {name} uses", name=name)
        old = age((now - circuit.built_at).total_seconds())
        return t("A circuit only {name} uses, {age} old", name=name, age=old)
    if not status.usable:
        return t("Torsend asks Tor for a circuit only {name} uses, when Tor is there", name=name)
    if not status.sees_circuits:
        return t(
            "Torsend asks this Tor for a circuit only {name} uses; it can’t see whether it gets one",
            name=name,
        )
    return t("A circuit only {name} uses, built when you send", name=name)


def age(seconds: float) -> str:
    """How long ago, in the unit that people would use."""
    minutes = max(0, int(seconds // 60))
    if minutes < 1:
        return t("less than 1 min")
    if minutes < 60:
        return t("{n} min", n=minutes)
    return t("{n} h", n=minutes // 60)


_UP_TO_RELAYS = {SendPhase.BUILT, SendPhase.SIGNING_IN}
_UP_TO_SERVER = {SendPhase.SIGNED_IN, SendPhase.SENDING, SendPhase.WAITING, SendPhase.ACCEPTED}


def _is_reached(at: int, at_server: int, progress: Progress | None, *, sees: bool) -> bool:
    """Rings light when reached; what lies beyond the provider never does, since nobody here can see it."""
    if progress is None or at > at_server:
        return False
    if progress.phase in _UP_TO_SERVER:
        return True
    return progress.phase in _UP_TO_RELAYS and at < at_server and (sees or at == 0)


def _fraction(progress: Progress | None) -> float | None:
    if progress is None:
        return None
    if progress.phase in {SendPhase.WAITING, SendPhase.ACCEPTED}:
        return 1.0
    if progress.phase is SendPhase.SENDING and progress.total > 0:
        return min(1.0, progress.sent / progress.total)
    return 0.0
