"""Times and spans as they are typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from torsend.delivery.later import NOW, At, BadTime, When, Within
from torsend.words import t

_SPAN = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.ASCII)


def read(at: str | None, within: str | None) -> When:
    """What ``--at`` and ``--within`` mean; neither of them is now.

    Raises:
        BadTime: it cannot be read, or makes no sense.
    """
    if at is not None:
        return At(time(at))
    if within is not None:
        return Within(span(within))
    return NOW


def time(text: str) -> datetime:
    """ISO 8601, in UTC unless it says otherwise."""
    try:
        read = datetime.fromisoformat(text.strip())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadTime(
            t("That is no time."), advice=t("Write it so: 2026-03-01T14:30 (UTC), or 2026-03-01T14:30+01:00.")
        ) from None


def span(text: str) -> timedelta:
    """Days, hours, minutes, seconds: 1d12h, 90m."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        raise BadTime(t("That is no span of time."), advice=t("Write it so: 90m, 6h or 1d12h."))
    days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
