from __future__ import annotations

from dataclasses import replace

import pytest

from torsend.tor.bridges import Bridge
from torsend.tor.course import STUCK_SECONDS, Course
from torsend.tor.events import Bootstrapped, CircuitsWork, ClockSkewed, NetworkAlive, RelayAnswered
from torsend.tor.status import Phase
from torsend.tor.way_out import WayOut


def _code(course: Course, now: float) -> str | None:
    found = course.trouble(now)
    return found.code if found else None


def test_it_bootstraps_until_a_hundred_and_then_is_ready() -> None:
    course = Course(0.0)
    for progress in (0, 14, 50, 95):
        course.take(Bootstrapped(progress, "Loading"), 1.0)
        assert course.phase() is Phase.BOOTSTRAPPING
        assert course.progress == progress
    course.take(Bootstrapped(100, "Done"), 2.0)
    assert course.phase() is Phase.READY
    assert course.trouble(1000.0) is None


def test_attached_to_a_tor_without_circuits_it_is_degraded_until_one_works() -> None:
    course = Course(0.0)
    course.take(Bootstrapped(100, "Done"), 0.0)
    course.take(CircuitsWork(False), 0.0)
    assert course.phase() is Phase.DEGRADED
    assert _code(course, 0.0) == "no-circuit"
    course.take(CircuitsWork(True), 1.0)
    assert course.phase() is Phase.READY


def test_a_lost_network_is_named_and_mends_itself() -> None:
    course = Course(0.0)
    course.take(Bootstrapped(100, "Done"), 0.0)
    course.take(NetworkAlive(False), 1.0)
    assert course.phase() is Phase.DEGRADED
    assert _code(course, 1.0) == "offline"
    course.take(NetworkAlive(True), 2.0)
    assert course.phase() is Phase.READY


def test_without_progress_for_long_it_is_stuck() -> None:
    course = Course(0.0)
    course.take(Bootstrapped(45, "Asking for relay descriptors"), 10.0)
    assert _code(course, 10.0 + STUCK_SECONDS - 0.1) is None
    assert course.stuck_at() == 10.0 + STUCK_SECONDS
    assert _code(course, 10.0 + STUCK_SECONDS) == "stuck"
    found = course.trouble(100.0)
    assert found
    assert "45 % (Asking for relay descriptors)" in found.what
    course.take(Bootstrapped(50, "Loading"), 101.0)
    assert _code(course, 101.0) is None


@pytest.mark.parametrize(
    ("progress", "reason", "code"),
    [
        (10, "CONNECTREFUSED", "blocked"),
        (10, "TIMEOUT", "blocked"),
        (14, "DONE", "blocked"),
        (14, "MISC", "blocked"),
        (10, "NOROUTE", "no-network"),
        (14, "IDENTITY", "tampered"),
        (5, "PT_MISSING", "transport-missing"),
        (50, "RESOURCELIMIT", "exhausted"),
        (50, "MISC", "stuck"),
    ],
)
def test_tors_reason_is_told_at_once_when_tor_insists(progress: int, reason: str, code: str) -> None:
    course = Course(0.0)
    course.take(Bootstrapped(progress, "Connecting", reason, insists=False), 0.0)
    assert _code(course, 1.0) is None, "the first failures are everyday"
    course.take(Bootstrapped(progress, "Connecting", reason, insists=True), 2.0)
    assert _code(course, 2.0) == code


def test_failures_that_repeat_do_not_count_as_progress() -> None:
    course = Course(0.0)
    for second in range(0, int(STUCK_SECONDS), 5):
        course.take(Bootstrapped(10, "Connecting", "CONNECTREFUSED"), float(second))
    assert _code(course, STUCK_SECONDS) == "blocked"


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (-7200, "Your clock is 2 hours slow."),
        (7300, "Your clock is 2 hours fast."),
        (-5400, "Your clock is 2 hours slow."),
        (3600, "Your clock is 1 hour fast."),
        (-1200, "Your clock is 20 minutes slow."),
        (86400 * 30, "Your clock is 30 days fast."),
    ],
)
def test_a_wrong_clock_comes_before_what_follows_from_it(skew: int, words: str) -> None:
    course = Course(0.0)
    course.take(ClockSkewed(skew), 0.0)
    course.take(Bootstrapped(14, "Handshaking", "DONE", insists=True), 1.0)
    found = course.trouble(1.0)
    assert found
    assert (found.code, found.what) == ("clock-skew", words)


def test_a_clock_that_is_a_little_off_is_not_blamed() -> None:
    course = Course(0.0)
    course.take(ClockSkewed(-60), 0.0)
    course.take(Bootstrapped(14, "Handshaking", "IDENTITY", insists=True), 1.0)
    assert _code(course, 1.0) == "tampered"


def test_bridges_are_counted_where_tor_can_tell_them_apart() -> None:
    one, other = (Bridge("", f"192.0.2.{number}", 443, f"{number}" * 40) for number in (1, 2))
    course = Course(0.0, way=WayOut((one, other)))
    assert course.bridges == (0, 2)
    for fingerprint in ("1" * 40, "1" * 40, "3" * 40):
        course.take(RelayAnswered(fingerprint), 1.0)
    assert course.bridges == (1, 2)
    same_place = replace(one, fingerprint="3" * 40)
    for way in ((), (one, replace(other, fingerprint="")), (one, replace(one, port=80)), (one, same_place)):
        assert Course(0.0, way=WayOut(way)).bridges is None
