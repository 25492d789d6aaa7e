"""When a message may go: now, at a random moment within a span, or at a time. The person's choice as a value."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from torsend.errors import UsageError
from torsend.words import t

GRACE = timedelta(minutes=15)
"""How late a message may still go by itself. Later than this the person is asked: the time was chosen for a reason (an
alibi, office hours, a crowd to hide in), and sending as soon as the computer wakes would tell when it woke. So long,
since Tor needs a minute or two, a message before it may take a while, and timers that run the command line often
come every ten minutes."""

LONGEST = timedelta(days=366)
"""The farthest that a message can be put off; beyond, a slip of the keyboard is likelier than a wish."""

_RANDOM = random.SystemRandom()


class BadTime(UsageError):
    """Not a moment that a message can wait for."""


@dataclass(frozen=True, slots=True)
class Now:
    """As soon as may be."""

    def moment(
        self,
        now: datetime,  # noqa: ARG002  # one shape for all three
        uniform: Callable[[float, float], float] = _RANDOM.uniform,  # noqa: ARG002
    ) -> datetime | None:
        """None: there is nothing to wait for."""
        return None

    def end(self, now: datetime) -> datetime | None:  # noqa: ARG002
        """None: there is no span."""
        return None


@dataclass(frozen=True, slots=True)
class Within:
    """At a moment drawn once, when it is queued, any one in the span as likely as any other: so that nobody who sees
    the mail can tell when it was written more closely than the span.
    """

    span: timedelta

    def __post_init__(self) -> None:
        if self.span <= timedelta(0):
            raise BadTime(t("That span is empty."), advice=t("Name a longer one."))
        if self.span > LONGEST:
            raise _too_far()

    def moment(self, now: datetime, uniform: Callable[[float, float], float] = _RANDOM.uniform) -> datetime:
        """The moment, UTC."""
        return now.astimezone(UTC) + timedelta(seconds=uniform(0.0, self.span.total_seconds()))

    def end(self, now: datetime) -> datetime:
        """When the span ends, UTC."""
        return now.astimezone(UTC) + self.span


@dataclass(frozen=True, slots=True)
class At:
    """At a time; aware."""

    time: datetime

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError("a time without a time zone")

    def moment(
        self,
        now: datetime,
        uniform: Callable[[float, float], float] = _RANDOM.uniform,  # noqa: ARG002
    ) -> datetime:
        """The moment, UTC.

        Raises:
            BadTime: it has passed, or is too far off.
        """
        if self.time <= now:
            raise BadTime(t("That time has passed."), advice=t("Name a later one; times are in UTC."))
        if self.time > now + LONGEST:
            raise _too_far()
        return self.time.astimezone(UTC)

    def end(self, now: datetime) -> datetime | None:  # noqa: ARG002
        """None: there is no span."""
        return None


When = Now | Within | At
"""What the person chose."""

NOW = Now()


def _too_far() -> BadTime:
    return BadTime(t("That is more than a year from now."), advice=t("Name a time within a year."))
