"""The window found by a port on loopback, which everybody on this machine can call or take: what strangers get of it."""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.app.test_door import LINK, Answering, opened
from torsend.app import door_by_port, threshold
from torsend.app.door import Door, NoAnswer, _hand_over, open_door
from torsend.app.door_by_port import ByPort
from torsend.app.handed import Handed
from torsend.app.way_in import DOOR
from torsend.paths import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile")


@pytest.fixture
def behind() -> Answering:
    return Answering()


@pytest.fixture
def mine(profile: Profile, behind: Answering) -> Iterator[Door]:
    door = opened(profile, ByPort)
    door.answer(behind)
    yield door
    door.close()


def file_of(profile: Profile) -> bytes:
    return (profile.folder / DOOR).read_bytes()


def port_of(profile: Profile) -> int:
    found = re.match(rb"port (\d+) ", file_of(profile))
    assert found
    return int(found[1])


def say_all(stream: socket.socket, said: bytes) -> None:
    with contextlib.suppress(OSError):  # who hears a stranger may hang up in the middle
        stream.sendall(said)
        stream.shutdown(socket.SHUT_WR)


def everything_from(stream: socket.socket) -> bytes:
    said = b""
    try:
        while more := stream.recv(65536):
            said += more
    except ConnectionResetError:
        pass  # closed with something of ours unread
    return said


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + b"x" * 1000,
        b'{"compose": ["mailto:eve@x.example"], "token": ""}',
        bytes(32) + Handed(None).to_bytes(),
        bytes(32),
    ],
)
def test_a_stranger_is_not_heard_and_hears_nothing(
    profile: Profile, mine: Door, behind: Answering, said: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", port_of(profile))) as stranger:
        say_all(stranger, said)
        assert everything_from(stranger) == b""
    assert open_door(profile, (LINK,), way_in=ByPort) is None
    assert behind.heard == [Handed((LINK,))]


def test_a_stranger_that_says_nothing_is_not_waited_for(
    profile: Profile, mine: Door, behind: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "HELLO_SECONDS", 0.05)
    with socket.create_connection(("127.0.0.1", port_of(profile))) as stranger:
        assert everything_from(stranger) == b""
    monkeypatch.undo()
    assert open_door(profile, (LINK,), way_in=ByPort) is None


def test_strangers_that_stay_hold_nobody_up_and_the_first_of_too_many_go(
    profile: Profile, mine: Door, behind: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "HELLO_SECONDS", 3600.0)
    port = port_of(profile)
    with contextlib.ExitStack() as stack:
        first, *_, last = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            for _ in range(threshold.MOST + 1)
        ]
        last.sendall(b"G")
        assert open_door(profile, (LINK,), way_in=ByPort) is None
        assert behind.heard == [Handed((LINK,))]
        assert everything_from(first) == b""
        # The door is closed over those that are left.
        mine.close()
        assert everything_from(last) == b""


def test_one_that_was_turned_away_is_not_heard_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threshold, "MOST", 1)
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        first, second = (tuple(stack.enter_context(each) for each in socket.socketpair()) for _ in range(2))
        standing = stack.enter_context(contextlib.closing(threshold.Threshold(2, selector)))
        assert standing.enter(first[0]) is None
        first[1].sendall(b"hi")
        assert standing.enter(second[0]) is None
        # The selector had told of both before the second came.
        assert standing.hear(first[0]) is None
        second[1].sendall(b"hi")
        assert standing.hear(second[0]) == b"hi"
        assert standing.patience() is None


def test_a_hello_may_come_in_pieces_and_one_that_breaks_off_is_none(
    profile: Profile, mine: Door, behind: Answering
) -> None:
    key = bytes.fromhex(file_of(profile).split()[3].decode())
    drawn = bytes(range(32))
    hello = drawn + door_by_port._proof(key, drawn)
    with socket.create_connection(("127.0.0.1", port_of(profile))) as half:
        say_all(half, hello[:40])
        assert everything_from(half) == b""
    with socket.create_connection(("127.0.0.1", port_of(profile))) as slow:
        slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        slow.sendall(hello[:40])
        with socket.create_connection(("127.0.0.1", port_of(profile))) as reset:
            # Ends with a reset and not with the end of its words (socket(7), SO_LINGER).
            reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        slow.sendall(hello[40:])
        sealed = door_by_port.Sealed(
            key, door_by_port._exactly(slow, 32, time.monotonic() + 30), drawn, calls=True
        )
        slow.sendall(sealed.seal(Handed((LINK,)).to_bytes()))
        slow.shutdown(socket.SHUT_WR)
        assert everything_from(slow)
    assert behind.heard == [Handed((LINK,))]


class Between:
    """Passes on between a caller and the window, and writes down what the caller said."""

    def __init__(self, port: int | None = None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.said = b""
        self._window = port
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        caller, _ = self.listener.accept()
        with caller:
            if self._window is None:
                caller.recv(64)
                caller.sendall(bytes(32))
                self.said = everything_from(caller)
                return
            with socket.create_connection(("127.0.0.1", self._window)) as window:
                self.said = door_by_port._exactly(caller, 64, time.monotonic() + 30)
                window.sendall(self.said)
                caller.sendall(window.recv(32))
                said = everything_from(caller)
                window.sendall(said)
                self.said += said
                window.shutdown(socket.SHUT_WR)
                caller.sendall(everything_from(window))

    def close(self) -> None:
        self._thread.join(10)
        self.listener.close()


def test_who_listens_in_its_stead_learns_nothing(profile: Profile) -> None:
    mine = opened(profile, ByPort)
    squatter = Between()
    file = profile.folder / DOOR
    file.write_bytes(file.read_bytes().replace(b"port %d " % port_of(profile), b"port %d " % squatter.port))
    with pytest.raises(NoAnswer):
        # Long enough for the caller to say what it would.
        open_door(profile, (LINK,), patience=1.0, way_in=ByPort)
    squatter.close()
    mine.close()
    assert squatter.said
    assert b"mailto" not in squatter.said
    assert b"marta" not in squatter.said


def test_what_was_said_once_cannot_be_said_again(profile: Profile, mine: Door, behind: Answering) -> None:
    port = port_of(profile)
    between = Between(port)
    file = profile.folder / DOOR
    file.write_bytes(file.read_bytes().replace(b"port %d " % port, b"port %d " % between.port))
    assert open_door(profile, (LINK,), way_in=ByPort) is None
    between.close()
    with socket.create_connection(("127.0.0.1", port)) as again:
        say_all(again, between.said)
        everything_from(again)
    assert behind.heard == [Handed((LINK,))]
    assert b"marta" not in between.said


def test_an_answer_that_was_tampered_with_is_none(
    profile: Profile, mine: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = door_by_port.Sealed.seal

    def tampered(self: door_by_port.Sealed, said: bytes) -> bytes:
        sealed = seal(self, said)
        return sealed if len(said) > 8 else bytes([sealed[0] ^ 1]) + sealed[1:]

    monkeypatch.setattr(door_by_port.Sealed, "seal", tampered)
    caller = ByPort(profile.folder / DOOR)
    assert not _hand_over(caller, Handed(None).to_bytes(), time.monotonic() + 5)
    caller.release()


def test_the_key_is_its_owners_alone_and_of_one_start(profile: Profile) -> None:
    mine = opened(profile, ByPort)
    first = file_of(profile)
    assert stat.S_IMODE((profile.folder / DOOR).stat().st_mode) == 0o600
    mine.close()
    assert b"key" not in file_of(profile)
    mine = opened(profile, ByPort)
    key = re.compile(rb"key ([0-9a-f]{64})")
    then, now = key.search(first), key.search(file_of(profile))
    assert then
    assert now
    assert then[1] != now[1]
    mine.close()


@pytest.mark.parametrize(
    "left", [b"", b"port 9 key", b"port 0 key " + b"0" * 64 + b"\n", b"port 70000 key " + b"0" * 64 + b"\n"]
)
def test_a_file_without_sense_is_nobody(profile: Profile, mine: Door, left: bytes) -> None:
    (profile.folder / DOOR).write_bytes(left)
    with pytest.raises(NoAnswer):
        open_door(profile, (LINK,), patience=0.05, way_in=ByPort)


def test_what_a_crash_left_deceives_nobody(profile: Profile) -> None:
    profile.prepare()
    (profile.folder / DOOR).write_bytes(b"port 9 key " + b"0" * 64 + b"\n")
    mine = opened(profile, ByPort)
    assert port_of(profile) != 9
    mine.close()


def test_a_lock_on_a_removed_file_is_none(profile: Profile) -> None:
    profile.prepare()
    path = profile.folder / DOOR
    late = ByPort(path)
    path.unlink()
    assert late.take()
    another = ByPort(path)
    assert not another.take()
    another.release()
    late.release()


def test_strangers_are_not_taken_for_ones_own_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        strangers = [socket.create_connection(listener.getsockname()) for _ in range(2)]
        one, other = door_by_port._pair(listener)
        with one, other:
            one.sendall(b"ours")
            assert other.recv(10) == b"ours"
        monkeypatch.setattr(door_by_port, "_STRANGERS", 1)
        strangers.append(socket.create_connection(listener.getsockname()))
        with pytest.raises(ConnectionError):
            door_by_port._pair(listener)
        for each in strangers:
            each.close()


SECOND = """
import sys
from pathlib import Path
from torsend.tor import guard
guard.install()
from torsend.app.door import open_door
from torsend.app.door_by_port import ByPort
from torsend.paths import Profile
door = open_door(Profile(Path(sys.argv[1])), (sys.argv[2],), way_in=ByPort)
if door is None:
    print("handed", guard.refused(), guard.permissions())
else:
    print("mine", guard.refused(), guard.permissions(), flush=True)
    door.answer(lambda handed: print(*handed.compose, flush=True) or True)
    sys.stdin.read()
    door.close()
"""


def started(profile: Profile, link: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SECOND, str(profile.folder), link],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_two_processes_behind_the_guard(profile: Profile) -> None:
    with started(profile, "mailto:first@x.example") as first:
        assert first.stdout
        assert first.stdout.readline() == "mine 0 frozenset()\n"
        with started(profile, LINK) as second:
            out, _ = second.communicate()
        assert out == "handed 0 frozenset()\n"
        assert first.stdout.readline() == LINK + "\n"
        first.kill()
    # The system lets go of the lock with the process.
    with started(profile, LINK) as third:
        out, _ = third.communicate("")
        assert out == "mine 0 frozenset()\n"
