"""The third wall: the whole program in a network namespace, every connect and every packet counted."""

from __future__ import annotations

import argparse
import compileall
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.app.troubles import namespace
from tests.support.traced import ROOT, tally, written
from torsend.cli.parser import build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCREEN = re.compile(r"@?/tmp/\.X11-unix/X\d+")
BUS = re.compile(r"FOLDER/bus/dbus-\w+")
USERS = re.compile(r"/var/run/nscd/socket")
"""glibc asks it, where it runs, who the user is: Xlib wants the home folder."""
CONTROL = re.compile(r"FOLDER/running/control")
SYSTEM_TOR = re.compile(r"/run/tor/control")
SYSTEM_SOCKS = re.compile(r"/run/tor/socks")


def in_a_namespace(scenario: str, folder: Path) -> dict[str, Any]:
    report = folder / "report.json"
    # Of a fresh tree a program would write what Python compiles, which is none of its own doings.
    compileall.compile_dir(ROOT / "torsend", quiet=2)
    done = subprocess.run(
        [*namespace(), "--net", sys.executable, "-m", "tests.support.namespace", str(report), scenario],
        capture_output=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return json.loads(report.read_text()) | {"told": done.stderr.decode()[-3000:]}  # type: ignore[no-any-return]


@pytest.mark.long
@pytest.mark.timeout(420)
def test_the_whole_program_reaches_for_nothing_but_tor(tmp_path: Path) -> None:
    report = in_a_namespace("whole", tmp_path)
    runs = report["runs"]
    assert {name: run["violations"] for name, run in runs.items() if run["violations"]} == {}
    assert report["asked"] == 0
    statuses = {name: run["status"] for name, run in runs.items()}
    assert statuses.pop("send nowhere") in (75, 77)
    assert {name: status for name, status in statuses.items() if status} == {}, report["told"][-3000:]
    assert report["received"] == 9
    assert report["received_by_window"] == 3
    # The witness saw something: the runs that send spoke to Tor, and those that don't spoke to nobody.
    the_cleaner_writes_nothing_and_others_into_the_profile(runs)
    speak = (
        "send", "send onion", "send STARTTLS", "send files", "outbox", "status", "send keyring", "window", "tour", "demo",
        "selftest",
    )  # fmt: skip
    for name in speak:
        assert runs[name]["allowed"] > 0
        assert runs[name]["tor"] > 0
    attached = [name for name in runs if name.startswith("attach")]
    assert len(attached) == 3
    for name in (*attached, "finder"):
        assert runs[name]["allowed"] > 0
        assert runs[name]["tor"] == 0
    # All that is done on this computer alone.
    for name in set(runs) - {*speak, *attached, "finder", "send nowhere"}:
        assert (runs[name]["allowed"], runs[name]["tor"]) == (0, 0), name
    said = [f" {' '.join(run['arguments'])} " for run in runs.values()]
    assert [command for command in every_command() if not any(f" {command} " in each for each in said)] == []
    assert [name for name, run in runs.items() if run["serves"]] == ["demo", "selftest"]
    unix_sockets_are_those_of_the_desktop(runs)
    packets_go_where_tor_and_the_stage_listen(report)


def every_command() -> list[str]:
    """Of the command line, as its parser has them: a new one is not to be forgotten here."""

    def below(parser: argparse.ArgumentParser) -> Iterator[str]:
        groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        for group in groups:
            for name, each in group.choices.items():
                yield from (f"{name} {rest}".strip() for rest in below(each))
        if not groups:
            yield ""

    return [command for command in below(build()) if command != "version"]


def the_cleaner_writes_nothing_and_others_into_the_profile(runs: dict[str, Any]) -> None:
    """What came of a file went through a pipe into the vault: nobody opened another file to write into."""
    for name in ("wire files", "send files"):
        wrote = runs[name]["written"]
        assert "cleaner" in wrote, wrote
        assert [path for path in wrote["cleaner"] if path != "/dev/null"] == []
        ours = [path for who, paths in wrote.items() if who not in ("tor", "cleaner") for path in paths]
        assert any("/vault.db" in path for path in ours)
        asked_for = ("/dev/null", "/dev/tty", "/debug.log")
        # What measures coverage writes where the tests were started.
        odd = [path for path in ours if "/profile/" not in path and "/.coverage" not in path]
        assert [path for path in odd if not path.endswith(asked_for)] == []


def unix_sockets_are_those_of_the_desktop(runs: dict[str, Any]) -> None:
    """Screen and bus for the window, the bus for the keyring, a control socket where one was asked for; no other."""
    expected: dict[str, tuple[re.Pattern[str], ...]] = {
        "window": (SCREEN, BUS, USERS),
        "tour": (SCREEN, BUS, USERS, SYSTEM_TOR, SYSTEM_SOCKS),
        "add Sorrel": (BUS,),
        "send keyring": (BUS,),
        "attach control: running control": (CONTROL,),
        "finder": (SYSTEM_TOR, SYSTEM_SOCKS),
        "selftest": (BUS,),
    }
    strange = {
        (name, path)
        for name, run in runs.items()
        for path in run["unix"]
        if not any(each.fullmatch(path) for each in expected.get(name, ()))
    }
    assert strange == set()
    for name, patterns in expected.items():
        for pattern in set(patterns) - {USERS}:
            assert any(pattern.fullmatch(path) for path in runs[name]["unix"]), (name, pattern)


def packets_go_where_tor_and_the_stage_listen(report: dict[str, Any]) -> None:
    listens = {tuple(each) for each in report["listens"]}
    tors = {port for name, run in report["runs"].items() for port in run["tor_listens"]}
    demo = {port for name in ("demo", "selftest") for port in report["runs"][name]["serves"]}
    looked_at = {9052, 9150, 9151}
    strange = [
        packet
        for packet in report["packets"]
        if not (
            packet[0] in ("tcp", "udp")
            and ((packet[1], packet[2]) in listens or packet[2] in tors | demo | looked_at)
        )
        # An answer of a private network's name server, to whichever relay asked.
        and not (packet[0] == "udp" and (("127.0.0.1", packet[3]) in listens or packet[3] in demo))
    ]
    assert strange == []


def test_a_program_that_leaks_is_caught(tmp_path: Path) -> None:
    report = in_a_namespace("leaky", tmp_path)
    reached = {address for _, _, address in report["runs"]["leaky"]["violations"]}
    assert {"127.0.0.1:53", "198.51.100.7:465", "127.0.0.1:9"} <= reached
    assert report["asked"] > 0
    assert any(packet[:3] == ["tcp", "127.0.0.1", 9] for packet in report["packets"])


def test_sockets_of_a_strange_kind_and_of_this_computer_s_services_are_seen(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trace.write_text(
        """\
7 execve("/usr/bin/python3", ["python3"], 0x1 /* 9 vars */) = 0
7 connect(3, {sa_family=AF_VSOCK, svm_cid=0x2, svm_port=0x9}, 16) = 0
7 sendto(4, "x", 1, 0, {sa_family=AF_NETLINK, nl_pid=0}, 12) = 1
7 connect(5, {sa_family=AF_UNIX, sun_path=@"io.systemd.Resolve"}, 20) = 0
8 connect(6, {sa_family=AF_INET6, sin6_port=htons(465), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::7", \
&sin6_addr)}, 28) = 0
7 bind(7, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = 0
9 execve("/usr/bin/tor", ["tor"], 0x1) = 0
9 bind(8, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
9 getsockname(8, {sa_family=AF_INET, sin_port=htons(9999), sin_addr=inet_addr("127.0.0.1")}, [16]) = 0
9 connect(9, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("198.51.100.7")}, 16) = 0
9 getsockname(9, {sa_family=AF_INET, sin_port=htons(5555), sin_addr=inet_addr("127.0.0.1")}, [16]) = 0
7 connect(10, {sa_family=AF_INET, sin_port=htons(9999), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
7 connect(11, {sa_family=AF_INET, sin_port=htons(5555), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
""".replace("\\\n", "")
    )
    seen = tally(trace)
    assert [each[2] for each in seen["violations"] if each[1] != "bind"] == [
        "AF_VSOCK", "AF_NETLINK", "2001:db8::7:465", "127.0.0.1:5555",
    ]  # fmt: skip
    assert [each[1] for each in seen["violations"]].count("bind") == 1
    assert seen["unix"] == ["@io.systemd.Resolve"]
    assert (seen["allowed"], seen["tor"], seen["tor_listens"]) == (1, 1, [9999])


def test_a_call_whose_line_is_broken_in_two_is_one_call(tmp_path: Path) -> None:
    """Lines of a send under load: all that told of tor's port had been broken in two, so its listener was a stranger's."""
    trace = tmp_path / "trace"
    trace.write_text(
        r"""
16605 execve("/usr/bin/python", ["/usr/bin/python", "-m", "torsend", "send"], 0x7ffe97 /* 38 vars */) = 0
16673 execve("/usr/sbin/tor", ["/usr/sbin/tor", "-f", "torrc"], 0x7f1983d3a830 /* 38 vars */ <unfinished ...>
16672 openat(AT_FDCWD, "authentication.cpython-311.pyc", O_RDONLY|O_CLOEXEC <unfinished ...>
16673 <... execve resumed>)             = 0
16672 <... openat resumed>)             = 11
16673 bind(6, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16 <unfinished ...>
16672 openat(AT_FDCWD, "process.cpython-311.pyc", O_RDONLY|O_CLOEXEC) = 11
16673 <... bind resumed>)               = 0
16673 getsockname(6,  <unfinished ...>
16672 openat(AT_FDCWD, "reduction.cpython-311.pyc", O_RDONLY|O_CLOEXEC <unfinished ...>
16673 <... getsockname resumed>{sa_family=AF_INET, sin_port=htons(46041), sin_addr=inet_addr("127.0.0.1")}, [128 => 16]) = 0
16672 <... openat resumed>)             = 11
16672 sendto(10, "GETINFO net/listeners/socks\r\n", 29, 0, NULL, 0 <unfinished ...>
16673 getsockname(6,  <unfinished ...>
16672 <... sendto resumed>)             = 29
16673 <... getsockname resumed>{sa_family=AF_INET, sin_port=htons(46041), sin_addr=inet_addr("127.0.0.1")}, [128 => 16]) = 0
16673 sendto(11, "250-net/listeners/socks=\"127.0.0.1:46041\"\r\n250 OK\r\n", 51, 0, NULL, 0) = 51
16672 connect(11, {sa_family=AF_INET, sin_port=htons(46041), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EINPROGRESS (Now)
16672 sendto(11, "\5\1\2", 3, 0, NULL, 0 <unfinished ...>
16672 <... sendto resumed>)             = 3
16672 getsockname(11,  <unfinished ...>
16672 <... getsockname resumed>{sa_family=AF_INET, sin_port=htons(39012), sin_addr=inet_addr("127.0.0.1")}, [128 => 16]) = 0
"""
    )
    seen = tally(trace)
    assert (seen["violations"], seen["allowed"]) == ([], 1)
    assert (seen["tor_listens"], seen["serves"]) == ([46041], [])


def test_what_a_broken_line_tells_excuses_nothing(tmp_path: Path) -> None:
    """A connect that was broken in two or never ended, one to a port that only another call's rest has, and a program
    that wanted to become tor and could not.
    """
    trace = tmp_path / "trace"
    trace.write_text(
        r"""
9 execve("/usr/bin/tor", ["tor"], 0x1 /* 9 vars */ <unfinished ...>
9 <... execve resumed>)             = -1 EACCES (Permission denied)
9 connect(3, {sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr("127.0.0.1")}, 16 <unfinished ...>
8 execve("/usr/bin/tor", ["tor"], 0x1 /* 9 vars */) = 0
8 bind(6, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
9 <... connect resumed>)             = 0
8 getsockname(6,  <unfinished ...>
9 <... getsockname resumed>{sa_family=AF_INET, sin_port=htons(2), sin_addr=inet_addr("127.0.0.1")}, [128 => 16]) = 0
8 <... getpeername resumed>{sa_family=AF_INET, sin_port=htons(3), sin_addr=inet_addr("127.0.0.1")}, [128 => 16]) = 0
7 connect(4, {sa_family=AF_INET, sin_port=htons(2), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
7 connect(5, {sa_family=AF_INET, sin_port=htons(3), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
7 sendto(6, "x", 1, 0, {sa_family=AF_NETLINK, nl_pid=0}, 12 <unfinished ...>
7 +++ killed by SIGKILL +++
"""
    )
    seen = tally(trace)
    assert [each[2] for each in seen["violations"]] == [
        "127.0.0.1:1",
        "127.0.0.1:2",
        "127.0.0.1:3",
        "AF_NETLINK",
    ]
    assert (seen["allowed"], seen["tor_listens"]) == (0, [])


def test_a_file_whose_opening_is_broken_in_two_is_written_if_it_came_to_be(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trace.write_text(
        r"""
7 execve("/usr/bin/python3", ["python3"], 0x1 /* 9 vars */) = 0
7 openat(AT_FDCWD, "opened", O_WRONLY|O_CREAT, 0600 <unfinished ...>
8 openat(AT_FDCWD, "refused", O_WRONLY|O_CREAT, 0600 <unfinished ...>
7 <... openat resumed>)             = 4
8 <... openat resumed>)             = -1 EROFS (Read-only file system)
8 openat(AT_FDCWD, "cut short", O_WRONLY|O_CREAT, 0600 <unfinished ...>
"""
    )
    assert written(trace) == {"python3": ["opened"], "the program": ["cut short"]}
