"""Sizes and times as people read them. Times are UTC: a local time on a screenshot would tell a time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from torsend.words import mark, t

KILO = 1000

_MONTHS = (
    mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun"),
    mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec"),
)  # fmt: skip


def size(count: int) -> str:
    """``"8.4 MB"``; decimal units, as providers state their limits."""
    number, unit = _scaled(count, count)
    return t("{number} {unit}", number=number, unit=unit)


def size_of(part: int, total: int) -> str:
    """``"3.1 of 8.4 MB"``: both in the unit of the whole."""
    number, unit = _scaled(total, total)
    done, _ = _scaled(min(part, total), total)
    return t("{part} of {total} {unit}", part=done, total=number, unit=unit)


def _scaled(count: int, like: int) -> tuple[str, str]:
    if like < KILO:
        return str(count), t("bytes")
    if like < KILO**2:
        return str(round(count / KILO)), t("KB")
    if like < KILO**3:
        return f"{count / KILO**2:.1f}", t("MB")
    return f"{count / KILO**3:.1f}", t("GB")


def clock(moment: datetime) -> str:
    """``"09:21 UTC"``."""
    return t("{clock} UTC", clock=moment.astimezone(UTC).strftime("%H:%M"))


def day_and_clock(moment: datetime, now: datetime) -> str:
    """``"Today 09:21 UTC"``, ``"Tomorrow 09:21 UTC"``, ``"2026-04-21 09:21 UTC"``."""
    then, today = moment.astimezone(UTC).date(), now.astimezone(UTC).date()
    if then == today:
        return t("Today {time}", time=clock(moment))
    if then == today + timedelta(days=1):
        return t("Tomorrow {time}", time=clock(moment))
    if then == today - timedelta(days=1):
        return t("Yesterday {time}", time=clock(moment))
    return t("{day} {time}", day=then.isoformat(), time=clock(moment))


def day(moment: datetime) -> str:
    """``"21 Apr"``, in the moment's own zone."""
    return t("{day} {month}", day=moment.day, month=t(_MONTHS[moment.month - 1]))


def short(moment: datetime) -> str:
    """``"21 Apr 10:20 UTC"``."""
    utc = moment.astimezone(UTC)
    return t("{day} {time}", day=day(utc), time=clock(utc))


def shortly(moment: datetime, now: datetime) -> str:
    """For within a sentence: the clock alone on the same day, else the day as well."""
    same = moment.astimezone(UTC).date() == now.astimezone(UTC).date()
    return clock(moment) if same else short(moment)
