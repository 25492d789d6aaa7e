"""What can be wrong with Tor, in words, and as exceptions.

    TorUnavailable
    └── TorTroubled                 carries a `TorTrouble`
        ├── NoTorBinary             no tor to start, or it cannot be started
        ├── TorRefusedToStart       tor ended before it could be spoken to: mostly a setting it does not know
        ├── TorStopped              it ran, and ended or went silent
        ├── NotTor                  something listens there, but it is not Tor
        ├── NothingThere            nothing listens there, or it does not answer
        ├── ControlRefused          Tor is there and does not let us in
        ├── TooFar                  Tor is where the way to it could be read
        ├── NotIsolating            Tor is there and would mix identities
        └── TorNotReady             it is on its way, or its way is blocked

The sentences stand in one table: `torsend.tor.trouble_rows`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from torsend.errors import TorUnavailable
from torsend.tor.status import Phase, TorStatus, TorTrouble
from torsend.tor.trouble_rows import ROWS
from torsend.words import t, tn


def trouble(code: str, detail: str = "", **values: object) -> TorTrouble:
    """The row's words with the values filled in."""
    row = ROWS[code]
    return TorTrouble(code, t(row.what, **values), t(row.advice, **values) if row.advice else "", detail)


def persistent(found: TorTrouble) -> bool:
    """Whether it is useless to try again unasked."""
    return ROWS[found.code].persistent


def clock_words(skew: int) -> str:
    """How much the clock is off.

    Args:
        skew: seconds, as Tor tells it (control-spec, CLOCK_SKEW): above zero, this computer's clock is ahead.
    """
    hours, minutes = divmod(round(abs(skew) / 60), 60)
    if hours >= 48:
        much = tn("{n} day", "{n} days", round(hours / 24))
    elif hours:
        much = tn("{n} hour", "{n} hours", round(hours + minutes / 60))
    else:
        much = tn("{n} minute", "{n} minutes", max(1, minutes))
    return (
        t("Your clock is {much} fast.", much=much) if skew > 0 else t("Your clock is {much} slow.", much=much)
    )


def clock_trouble(skew: int, now: datetime | None = None) -> TorTrouble:
    """The clock is off.

    Args:
        skew: as `clock_words`.
        now: what this computer's clock says; asked where left out.
    """
    clock = clock_words(skew)
    now = now or datetime.now(UTC)
    day = abs(skew) >= 12 * 3600
    return trouble(
        "clock-skew",
        f"{skew} s",
        clock=clock,
        ours=utc(now, day=day),
        theirs=utc(now - timedelta(seconds=skew), day=day),
    )


def utc(when: datetime, *, day: bool) -> str:
    """``08:14 UTC``, with the date before it where the day may be in question."""
    return when.strftime("%Y-%m-%d %H:%M UTC" if day else "%H:%M UTC")


def cautions(status: TorStatus) -> tuple[str, ...]:
    """What a person should know of a Tor that is used, a sentence each."""
    told = []
    if status.skew and status.usable:
        told.append(clock_words(status.skew) + " " + t("Tor works for now; set the clock before it doesn’t."))
    if status.elsewhere:
        told.append(t("This Tor is on another computer: use it only in a network that you trust."))
    if status.usable and status.isolates is None:
        told.append(t("This Tor doesn’t tell whether it keeps identities on circuits of their own."))
    return tuple(told)


class TorTroubled(TorUnavailable):
    """No Tor to send through, for the reason in ``trouble``."""

    codes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, found: TorTrouble) -> None:
        super().__init__(found.what, advice=found.advice)
        self.trouble = found

    @property
    def log_safe(self) -> str:
        return f"{type(self).__name__} {self.trouble.code} {self.trouble.detail}".rstrip()


class NoTorBinary(TorTroubled):
    """No tor to start, or it cannot be started."""

    codes = frozenset(
        {
            "no-binary", "binary-unusable", "torrc-unreadable", "folder-unwritable", "disk-full",
            "transport-not-here", "too-old", "few-files",
        }
    )  # fmt: skip


class TorRefusedToStart(TorTroubled):
    """Tor ended, stayed silent or let nobody in, before it could be spoken to."""

    codes = frozenset(
        {
            "wont-start", "start-slow", "shut-out", "way-refused", "way-unknown", "proxy-password-missing", "folder-locked",
            "port-taken",
        }
    )  # fmt: skip


class TorStopped(TorTroubled):
    """It ran, and ended or went silent."""

    codes = frozenset({"died", "lost", "fault"})


class NotTor(TorTroubled):
    """Something listens there, but it is not Tor."""

    codes = frozenset({"not-tor", "socks-not-control"})


class NothingThere(TorTroubled):
    """Nothing listens there, or it does not answer."""

    codes = frozenset({"nothing-there", "silent"})


class ControlRefused(TorTroubled):
    """Tor is there and does not let us in."""

    codes = frozenset({"no-access", "wrong-password", "password-needed", "cookie-unreadable", "refused"})


class TooFar(TorTroubled):
    """Tor is where what is told to it could be read on the way."""

    codes = frozenset({"too-far", "password-in-clear"})


class NotIsolating(TorTroubled):
    """Tor is there, and through it identities would share circuits, or there is no way through it."""

    codes = frozenset({"no-isolation", "no-socks-port", "no-socks-known"})


class TorNotReady(TorTroubled):
    """Tor is on its way, or its way is blocked."""

    codes = frozenset(
        {
            "starting", "connecting", "stuck", "blocked", "no-network", "tampered", "transport-missing",
            "exhausted", "clock-skew", "clock-ahead", "unproven",
            "no-circuit", "slow", "offline", "off", "proxy-unreachable", "proxy-refused",
            "bridge-unreachable", "bridge-mismatch", "no-relay-on-ports",
        }
    )  # fmt: skip


def failure(found: TorTrouble) -> TorTroubled:
    """The exception for this trouble."""
    leaves = (
        NoTorBinary, TorRefusedToStart, TorStopped, NotTor, NothingThere, ControlRefused, TooFar, NotIsolating,
    )  # fmt: skip
    return next((leaf for leaf in leaves if found.code in leaf.codes), TorNotReady)(found)


def failed(code: str, detail: str = "", **values: object) -> TorTroubled:
    """The exception for the row with that code."""
    return failure(trouble(code, detail, **values))


def unready(status: TorStatus) -> TorTroubled:
    """Why nothing can be sent through a Tor that stands so."""
    if status.trouble is not None:
        return failure(status.trouble)
    match status.phase:
        case Phase.OFF:
            return failed("off")
        case Phase.BOOTSTRAPPING:
            return failed("connecting", progress=status.progress, doing=status.doing)
        case _:
            return failed("starting")
