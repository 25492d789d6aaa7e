"""What can be wrong with a tor of our own and with the way to one that runs, each produced for real."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.tor.parts import NOWHERE, Seen, free_port, pid_of, running_tor
from torsend.tor import link
from torsend.tor.choice import Control, Launch, Socks, TorChoice
from torsend.tor.connection import Connection
from torsend.tor.control import commands
from torsend.tor.course import Course
from torsend.tor.events import Bootstrapped, ClockSkewed, RelayExpired
from torsend.tor.finder import tor_binary
from torsend.tor.pace import Pace
from torsend.tor.status import Phase, TorStatus
from torsend.tor.troubles import cautions, clock_trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from torsend.demo.network import PrivateNetwork

STUCK = 3.0


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Callable[[TorChoice, str], TorStatus]]:
    """Tries that way until the trouble with that code is told."""
    made: list[Connection] = []

    def tried(choice: TorChoice, code: str) -> TorStatus:
        connection = Connection(choice, tmp_path / "data", pace=Pace(stuck=STUCK, pauses=(0.1,)))
        seen: Seen[TorStatus] = Seen()
        connection.subscribe(seen)
        made.append(connection)
        connection.start()
        return seen.wait(lambda status: status.trouble is not None and status.trouble.code == code)

    yield tried
    for each in made:
        each.stop()


@pytest.fixture
def include(private_network: PrivateNetwork, tmp_path: Path) -> Path:
    path = tmp_path / "include"
    path.write_text(private_network.client_torrc)
    return path


def words(status: TorStatus) -> str:
    assert status.trouble
    return f"{status.trouble.what} {status.trouble.advice}"


def program(folder: Path, *lines: str) -> Path:
    """A shell script in tor's place."""
    path = folder / "tor-stand-in"
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


def at_another_time(folder: Path, shift: str) -> Path:
    """The tor of this computer, on a clock that is off."""
    faketime = shutil.which("faketime")
    assert faketime, "faketime is one of the packages that tests need"
    return program(folder, f"exec {faketime} -f '{shift}' {tor_binary()} \"$@\"")


# ---- the clock


@pytest.mark.parametrize(
    ("shift", "much"), [("-2h", "2 hours slow"), ("+2h", "2 hours fast"), ("-3d", "3 days slow")]
)
def test_a_clock_that_is_off(
    shift: str, much: str, include: Path, tmp_path: Path, told: Callable[[TorChoice, str], TorStatus]
) -> None:
    status = told(Launch(at_another_time(tmp_path, shift), include), "clock-skew")
    assert f"Your clock is {much}." in words(status)
    assert "This computer says " in words(status)
    assert status.phase is Phase.BOOTSTRAPPING


def test_a_clock_that_is_days_ahead(
    include: Path, tmp_path: Path, told: Callable[[TorChoice, str], TorStatus]
) -> None:
    """Then every relay's certificate has expired, and tor tells of no skew."""
    status = told(Launch(at_another_time(tmp_path, "+3d"), include), "clock-ahead")
    assert "every relay’s certificate looks expired" in words(status)
    assert datetime.now(UTC).strftime("%Y-%m-%d") in words(status) or datetime.now(UTC).hour == 0


def test_the_clocks_trouble_says_both_times() -> None:
    now = datetime(2026, 3, 1, 8, 14, tzinfo=UTC)
    found = clock_trouble(-7200, now)
    assert found.what == "Your clock is 2 hours slow."
    assert found.advice == (
        "This computer says 08:14 UTC, the Tor network says 10:14 UTC. Tor needs the right time to tell fresh relay lists "
        "from stale ones. Set the clock, then try again."
    )
    assert (
        "2026-03-01 08:14 UTC, the Tor network says 2026-02-27 08:14 UTC"
        in clock_trouble(2 * 86400, now).advice
    )
    # What may be shared has no time of day in it.
    assert found.detail == "-7200 s"


def test_a_clock_that_is_off_is_told_until_it_is_ready_and_a_word_of_it_stays() -> None:
    course = Course(0.0)
    course.take(Bootstrapped(14, "Handshaking", tag="handshake"), 0.0)
    course.take(ClockSkewed(-7200), 1.0)
    first = course.trouble(1.0)
    for seconds, progress in ((-7197, 30), (-7203, 45)):
        course.take(ClockSkewed(seconds), 1.0)
        course.take(Bootstrapped(progress, "Loading"), 1.0)
        found = course.trouble(1.0)
        assert found
        assert first
        assert (found.code, found.what, found.detail) == ("clock-skew", first.what, first.detail)
    course.take(Bootstrapped(100, "Done"), 2.0)
    assert course.trouble(2.0) is None
    [caution] = cautions(TorStatus(Phase.READY, 100, isolates=True, skew=course.skew))
    assert caution.startswith("Your clock is 2 hours slow. Tor works for now")
    course.clock_was_set()
    assert course.skew == 0


def test_one_relay_that_has_expired_is_not_this_computers_fault() -> None:
    course = Course(0.0)
    course.take(Bootstrapped(14, "Handshaking", "DONE", tag="handshake"), 0.0)
    course.take(RelayExpired(), 0.0)
    assert course.trouble(1.0) is None
    course.take(RelayExpired(), 0.0)
    found = course.trouble(1.0)
    assert found
    assert found.code == "clock-ahead"
    # One that has got past the first relay has a clock that will do.
    course.take(Bootstrapped(30, "Loading"), 1.0)
    assert course.trouble(1.0) is None


# ---- the program, its folder, its ports


@pytest.mark.parametrize("version", ["0.2.9.16", "0.4.6.10"])
def test_a_tor_that_is_too_old(
    version: str, tmp_path: Path, told: Callable[[TorChoice, str], TorStatus]
) -> None:
    """A stand-in that says what such a tor says, and refuses an option that it can't know."""
    stand_in = program(
        tmp_path,
        f"echo 'Nov 26 00:00:00.000 [notice] Tor {version} (git-9) running on Linux with Libevent 2.0, OpenSSL 1.0.'",
        "echo \"Nov 26 00:00:00.000 [warn] Failed to parse/validate config: Unknown option '__OwningControllerFD'.\"",
        "exit 1",
    )
    status = told(Launch(stand_in), "too-old")
    assert f"version {version.rpartition('.')[0]}: too old" in words(status)
    assert "needs 0.4.7 or later" in words(status)
    assert status.phase is Phase.FAILED


def test_an_old_tor_that_starts_all_the_same_is_not_used(
    include: Path, monkeypatch: pytest.MonkeyPatch, told: Callable[[TorChoice, str], TorStatus]
) -> None:
    monkeypatch.setattr(link, "OLDEST", (9, 0, 0))
    assert "needs 9.0.0" in words(told(Launch(torrc_include=include), "too-old"))


def test_another_tor_in_the_same_folder(tmp_path: Path, told: Callable[[TorChoice, str], TorStatus]) -> None:
    with running_tor(tmp_path) as other:
        status = told(Launch(), "folder-locked")
        assert "Another Tor uses Tor’s folder" in words(status)
        assert other.process.alive


def test_a_folder_that_belongs_to_somebody_else(
    tmp_path: Path, told: Callable[[TorChoice, str], TorStatus]
) -> None:
    stand_in = program(
        tmp_path,
        "echo '[warn] /x is not owned by this user (a, 1) but by b (2). Perhaps …'",
        "echo '[warn] Failed to parse/validate config: Could not create private data directory \"/x\"'",
        "exit 1",
    )
    assert "can’t be written" in words(told(Launch(stand_in), "folder-unwritable"))


def test_a_limit_on_files_that_is_too_low(
    include: Path, tmp_path: Path, told: Callable[[TorChoice, str], TorStatus]
) -> None:
    limited = program(tmp_path, "ulimit -n 200", f'exec {tor_binary()} "$@"')
    assert "too few files" in words(told(Launch(limited, include), "few-files"))


def test_a_port_of_the_extra_settings_that_is_taken(
    include: Path, told: Callable[[TorChoice, str], TorStatus]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        include.write_text(f"{include.read_text()}SocksPort 127.0.0.1:{taken.getsockname()[1]}\n")
        status = told(Launch(torrc_include=include), "port-taken")
    assert "Another program has the port" in words(status)


def test_the_usual_ports_being_taken_is_nothing_to_a_tor_of_our_own(include: Path, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        for port in (9050, 9051, 9150):
            with contextlib.suppress(OSError):  # taken already: as well
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
        connection = Connection(Launch(torrc_include=include), tmp_path / "data")
        connection.start()
        try:
            assert connection.wait_ready(60).phase is Phase.READY
        finally:
            connection.stop()


# ---- no network


def test_no_network(tmp_path: Path) -> None:
    """Where there is no route at all, tor neither begins nor says so; after five seconds we do."""
    (tmp_path / "include").write_text(NOWHERE.replace("127.0.0.1", "198.51.100.1"))
    told = subprocess.run(
        [
            "unshare", "--net", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), sys.executable, "-c",
            IN_A_NAMESPACE, tmp_path,
        ],
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    assert told.splitlines()[0] == "no-network"
    assert "This computer has no way to the internet. Check the network." in told


IN_A_NAMESPACE = """
import sys
from pathlib import Path
from tests.tor.parts import Seen
from torsend.tor.choice import Launch
from torsend.tor.connection import Connection

folder = Path(sys.argv[1])
connection = Connection(Launch(torrc_include=folder / "include"), folder / "data")
seen = Seen()
connection.subscribe(seen)
connection.start()
try:
    found = seen.wait(lambda status: status.trouble is not None).trouble
finally:
    connection.stop()
print(found.code)
print(found.what, found.advice)
"""


# ---- packets that vanish


@contextlib.contextmanager
def a_port_whose_packets_vanish() -> Iterator[int]:
    """As behind a firewall that drops: the kernel answers no SYN to a full backlog."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port: int = listening.getsockname()[1]
        for _ in range(8):
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(("127.0.0.1", port))
        yield port


@pytest.mark.parametrize("choose", [Control, Socks])
def test_a_port_behind_a_filter_that_drops(
    choose: Callable[[str, int], TorChoice],
    monkeypatch: pytest.MonkeyPatch,
    told: Callable[[TorChoice, str], TorStatus],
) -> None:
    monkeypatch.setattr(commands, "PROBE_SECONDS", 0.5)
    monkeypatch.setattr(link, "PROBE_SECONDS", 0.5)
    with a_port_whose_packets_vanish() as port:
        status = told(choose("127.0.0.1", port), "silent")
    assert "no firewall is in between" in words(status)


@pytest.mark.parametrize("vanish", [True, False])
def test_a_network_that_blocks_tor(
    vanish: bool, tmp_path: Path, told: Callable[[TorChoice, str], TorStatus]
) -> None:
    """Packets to every relay vanish, or are refused."""
    with a_port_whose_packets_vanish() as port:
        include = tmp_path / "include"
        at = port if vanish else free_port()
        nobody = NOWHERE.replace("orport=1", f"orport={at}").replace(":1 ", f":{at} ")
        include.write_text(f"{nobody}ExtendAllowPrivateAddresses 1\n")
        status = told(Launch(torrc_include=include), "blocked")
    assert "Tor can’t be reached. Your network may block it." in words(status)


def test_nothing_is_left_of_the_tors_of_these_tests(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not enough values"):
        pid_of(tmp_path / "data")


def test_both_times_are_a_skew_apart() -> None:
    now = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    advice = clock_trouble(-3600, now).advice
    assert (now + timedelta(hours=1)).strftime("%H:%M") in advice
