from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tor.parts import (
    NOWHERE,
    PATIENCE,
    RunningTor,
    Seen,
    Server,
    free_port,
    hashed_password,
    pid_of,
    running_tor,
    silent,
    threads,
)
from tests.tor.test_control import Filtered
from torsend.errors import ExitStatus
from torsend.tor import connection as connection_module
from torsend.tor import guard, link, tending
from torsend.tor.choice import Control, ControlSocket, Launch, Socks, TorChoice
from torsend.tor.connection import Connection
from torsend.tor.isolation import Purpose
from torsend.tor.pace import Pace
from torsend.tor.status import Phase, TorStatus
from torsend.tor.stream_failures import ProxyGone, StreamCancelled
from torsend.tor.troubles import (
    ControlRefused,
    NothingThere,
    NotTor,
    TorNotReady,
    TorRefusedToStart,
    TorTroubled,
)

QUICK = Pace(pauses=(0.01,), look=30.0, stuck=0.2)

Make = Callable[..., tuple[Connection, "Seen[TorStatus]"]]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Connection] = []
    permitted, running = guard.permissions(), threads()

    def connection(
        choice: TorChoice, *, pace: Pace = QUICK, password: str | None = None, start: bool = True
    ) -> tuple[Connection, Seen[TorStatus]]:
        new = Connection(choice, tmp_path / "data", control_password=lambda: password, pace=pace)
        seen: Seen[TorStatus] = Seen()
        new.subscribe(seen)
        made.append(new)
        if start:
            new.start()
        return new, seen

    yield connection
    for each in made:
        each.stop()
    assert threads() <= running
    assert guard.permissions() <= permitted


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    include = tmp_path / "include"
    include.write_text(NOWHERE)
    return Launch(torrc_include=include)


def _is(phase: Phase, code: str | None = None) -> Callable[[TorStatus], bool]:
    return lambda status: (
        status.phase is phase
        and (code is None or (status.trouble is not None and status.trouble.code == code))
    )


def _socks_only(connection: socket.socket) -> None:
    """Tor's answer to the probe, and an exit's to the proof, from nothing."""
    connection.recv(3)
    connection.sendall(b"\x05\x02")
    connection.recv(200)
    connection.sendall(b"\x01\x00")
    asked = connection.recv(200)
    probed = asked[1:2] == b"\xf0"
    answer = b"\x00\x00\x01\xc0\x00\x02\x01\x00\x00" if probed else b"\x04\x00\x01" + bytes(6)
    connection.sendall(b"\x05" + answer)


def test_it_is_off_until_started_and_after_it_was_stopped(make: Make, launch: Launch) -> None:
    connection, seen = make(launch, start=False)
    assert connection.status == TorStatus()
    with pytest.raises(TorNotReady, match="off"):
        connection.wait_ready(1)
    connection.start()
    connection.start()
    assert connection.status.phase is not Phase.OFF
    seen.wait(_is(Phase.BOOTSTRAPPING))
    connection.stop()
    connection.stop()
    assert seen.all[-1] == TorStatus()
    assert not threads()
    seen.forget()
    connection.start()
    seen.wait(_is(Phase.BOOTSTRAPPING))


def test_it_says_how_far_it_is_and_why_it_sticks(make: Make, launch: Launch) -> None:
    connection, seen = make(launch)
    status = seen.wait(_is(Phase.BOOTSTRAPPING, "no-network"))
    assert status.means == "launch"
    assert status.version.startswith("0.4.")
    assert status.sees_circuits
    assert status.doing == "Starting"
    with pytest.raises(TorNotReady, match="no way to the internet") as raised:
        connection.wait_ready(0.05)
    assert raised.value.status is ExitStatus.NO_TOR
    token = connection.isolation.token("wren", Purpose.SENDING)
    with pytest.raises(TorNotReady):
        connection.open_stream("smtp.example", 465, token, time.monotonic() + 5)


def test_a_setting_that_tor_does_not_know_is_shown_in_tors_words_and_not_tried_again(
    make: Make, launch: Launch
) -> None:
    assert launch.torrc_include
    launch.torrc_include.write_text("Colour green\n")
    connection, seen = make(launch)
    with pytest.raises(TorRefusedToStart, match="Unknown option 'Colour'"):
        connection.wait_ready(PATIENCE)
    seen.wait(_is(Phase.FAILED, "wont-start"))
    launch.torrc_include.write_text(NOWHERE)
    connection.retry()
    seen.wait(_is(Phase.BOOTSTRAPPING))


@pytest.mark.parametrize("missing", [True, False])
def test_no_tor_program(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: bool) -> None:
    if missing:
        monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    connection, _ = make(Launch(binary=None if missing else tmp_path / "tor"))
    with pytest.raises(TorTroubled) as raised:
        connection.wait_ready(PATIENCE)
    assert raised.value.trouble.code == ("no-binary" if missing else "binary-unusable")


def test_a_tor_that_does_not_answer_in_time_is_given_up(make: Make, tmp_path: Path) -> None:
    sleeper = tmp_path / "tor"
    sleeper.write_text("#!/bin/sh\nexec sleep 600\n")
    sleeper.chmod(0o755)
    connection, seen = make(
        Launch(binary=sleeper), pace=dataclasses.replace(QUICK, start=0.2, pauses=(60.0,))
    )
    with pytest.raises(TorRefusedToStart):
        connection.wait_ready(PATIENCE)
    seen.wait(_is(Phase.FAILED, "start-slow"))


def test_stop_does_not_wait_for_a_tor_that_does_not_answer(make: Make, tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    sleeper = tmp_path / "tor"
    sleeper.write_text(f"#!/bin/sh\necho > {started}\nexec sleep 600\n")
    sleeper.chmod(0o755)
    connection, _ = make(Launch(binary=sleeper))
    started.read_text()
    began = time.monotonic()
    connection.stop()
    assert time.monotonic() - began < 5


def test_who_stops_it_just_as_it_begins_anew_is_heard(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[object] = []

    def opening(*given: object) -> None:
        opened.append(given)
        raise StreamCancelled

    class JustBefore(threading.Condition):
        """When the supervisor asks for it, somebody has just stopped it."""

        def __enter__(self) -> bool:
            if threading.current_thread().name == "torsend-tor" and not connection._stopping:
                stopping.start()
                assert stopped.wait(PATIENCE)
            return super().__enter__()

        def __exit__(self, *given: object) -> None:
            super().__exit__(*given)  # type: ignore[arg-type]
            if threading.current_thread() is stopping:
                stopped.set()

    monkeypatch.setattr(connection_module, "open_link", opening)
    connection, _ = make(Control("127.0.0.1", 1), start=False)
    stopped, stopping = threading.Event(), threading.Thread(target=connection.stop)
    connection._changed = JustBefore()
    connection.start()
    assert stopped.wait(PATIENCE)
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
    assert opened == []


def test_a_tor_that_dies_is_started_again_and_again_until_it_is_called_a_failure(
    make: Make, launch: Launch
) -> None:
    connection, seen = make(launch)
    for _ in range(2):
        seen.wait(_is(Phase.BOOTSTRAPPING))
        pid = pid_of(connection._folder)
        seen.forget()
        os.kill(pid, signal.SIGKILL)
        seen.wait(_is(Phase.STARTING, "died"))
        assert _is(Phase.BOOTSTRAPPING)(seen.wait(_is(Phase.BOOTSTRAPPING)))
        assert pid_of(connection._folder) != pid
    seen.forget()
    os.kill(pid_of(connection._folder), signal.SIGKILL)
    failed = seen.wait(_is(Phase.FAILED, "died"))
    assert failed.trouble
    assert "3 times" in failed.trouble.what
    seen.wait(_is(Phase.BOOTSTRAPPING))


def test_a_tor_whose_death_is_noticed_by_a_question_died_all_the_same(make: Make, launch: Launch) -> None:
    _, seen = make(launch, pace=dataclasses.replace(QUICK, look=0.0, pauses=(60.0,)))  # asks without a pause
    seen.wait(_is(Phase.BOOTSTRAPPING))
    os.kill(pid_of(launch.torrc_include.parent / "data"), signal.SIGKILL)  # type: ignore[union-attr]
    seen.wait(_is(Phase.STARTING, "died"))


def test_a_frozen_tor_of_our_own_is_replaced(
    make: Make, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torsend.tor import process
    from torsend.tor.control import wire

    monkeypatch.setattr(wire, "ASK_SECONDS", 0.5)
    monkeypatch.setattr(process, "STOP_SECONDS", 0.1)
    monkeypatch.setattr(tending, "_GOING_SECONDS", 0.1)
    connection, seen = make(launch, pace=dataclasses.replace(QUICK, look=0.1))
    seen.wait(_is(Phase.BOOTSTRAPPING))
    frozen = pid_of(connection._folder)
    seen.forget()
    os.kill(frozen, signal.SIGSTOP)
    seen.wait(_is(Phase.STARTING, "lost"))
    seen.wait(_is(Phase.BOOTSTRAPPING))
    assert pid_of(connection._folder) != frozen


def test_a_tor_that_ran_for_long_is_pardoned(make: Make, launch: Launch) -> None:
    connection, seen = make(launch, pace=dataclasses.replace(QUICK, stable=0.0))
    for _ in range(4):
        seen.wait(_is(Phase.BOOTSTRAPPING))
        seen.forget()
        os.kill(pid_of(connection._folder), signal.SIGKILL)
        seen.wait(_is(Phase.STARTING, "died"))


def test_the_pause_grows_with_each_failure(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    real = Connection._next
    port = free_port()
    clock = time.monotonic

    class Clock:
        """Every wait that was asked for has passed."""

        skipped = 0.0

        @classmethod
        def monotonic(cls) -> float:
            return clock() + cls.skipped

    def skipping(self: Connection, until: float) -> object:
        pause = until - Clock.monotonic()
        waited.append(round(pause, 1))
        if len(waited) == 4:
            enough.set()
            return real(self, until)
        Clock.skipped += pause
        return None

    enough = threading.Event()
    monkeypatch.setattr(connection_module, "time", Clock)
    monkeypatch.setattr(Connection, "_next", skipping)
    make(Socks("127.0.0.1", port), pace=Pace(pauses=(1.0, 2.0, 5.0)))
    assert enough.wait(PATIENCE)
    assert waited == [1.0, 2.0, 5.0, 5.0]


def test_attached_by_port_and_by_socket_it_follows_that_tor(make: Make, tor: RunningTor) -> None:
    for choice in (Control(*tor.control_port), ControlSocket(tor.control_socket)):
        connection, seen = make(choice)
        status = seen.wait(_is(Phase.BOOTSTRAPPING))
        assert status.means == "control"
        assert status.sees_circuits
        connection.stop()
    assert tor.process.alive, "a tor that is not ours goes on"


def test_a_wrong_password_waits_for_the_person(make: Make, tmp_path: Path) -> None:
    with running_tor(tmp_path / "theirs", hashed_password("foo")) as tor:
        connection, _ = make(Control(*tor.control_port), password="bar")
        with pytest.raises(ControlRefused) as raised:
            connection.wait_ready(PATIENCE)
        assert raised.value.trouble.code == "wrong-password"
        connection, seen = make(Control(*tor.control_port), password="foo")
        seen.wait(_is(Phase.BOOTSTRAPPING))
        connection.stop()


@pytest.mark.parametrize("choose", [Control, Socks])
def test_nobody_silent_or_not_tor(
    make: Make, monkeypatch: pytest.MonkeyPatch, choose: Callable[[str, int], TorChoice]
) -> None:
    from torsend.tor.control import commands

    connection, _ = make(choose("127.0.0.1", free_port()))
    with pytest.raises(NothingThere, match="Nothing listens"):
        connection.wait_ready(PATIENCE)

    with Server(silent) as server, monkeypatch.context() as hurried:
        hurried.setattr(link, "PROBE_SECONDS", 0.2)
        hurried.setattr(commands, "PROBE_SECONDS", 0.2)
        connection, _ = make(choose(*server.address))
        with pytest.raises(NothingThere, match="doesn’t answer"):
            connection.wait_ready(PATIENCE)
        connection.stop()

    with Server(lambda each: each.sendall(b"220 mail.example ESMTP\r\n")) as server:
        connection, _ = make(choose(*server.address))
        with pytest.raises(NotTor):
            connection.wait_ready(PATIENCE)


def test_a_tor_that_comes_later_is_found(make: Make) -> None:
    port = free_port()
    _, seen = make(Socks("127.0.0.1", port))
    seen.wait(_is(Phase.FAILED, "nothing-there"))
    with running_socks(port):
        status = seen.wait(_is(Phase.READY))
    assert (status.means, status.sees_circuits, status.isolates) == ("socks", False, None)


class running_socks(Server):  # noqa: N801  # reads as the context that it is
    """What passes the proof, at a given port."""

    def __init__(self, port: int) -> None:
        super().__init__(_socks_only)
        self._listening.close()
        self._listening = socket.create_server(("127.0.0.1", port))


def test_bare_socks_is_ready_once_proven_and_noticed_when_gone(make: Make) -> None:
    with Server(_socks_only) as server:
        connection, seen = make(Socks(*server.address))
        assert connection.wait_ready(PATIENCE).phase is Phase.READY
        assert server.address in guard.permissions()
    token = connection.isolation.token("wren", Purpose.SENDING)
    with pytest.raises(ProxyGone):
        connection.open_stream("smtp.example", 465, token, time.monotonic() + 5)
    seen.wait(_is(Phase.FAILED, "nothing-there"))


def test_a_tor_that_goes_silent_is_noticed_without_a_stream(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "PROBE_SECONDS", 0.2)
    quiet = threading.Event()

    def speak(connection: socket.socket) -> None:
        (silent if quiet.is_set() else _socks_only)(connection)

    with Server(speak) as server:
        _, seen = make(Socks(*server.address), pace=dataclasses.replace(QUICK, look=0.1))
        seen.wait(_is(Phase.READY))
        quiet.set()
        seen.wait(_is(Phase.FAILED, "silent"))


def test_behind_a_filter_it_is_ready_by_what_may_be_asked(make: Make) -> None:
    with Server(_socks_only) as socks:
        answers = Filtered()
        host, port = socks.address
        answers.answers["GETINFO net/listeners/socks"] = (
            f'250-net/listeners/socks="0.0.0.0:{port}"\r\n250 OK'  # reached where the control port is
        )
        with Server(answers) as server:
            connection, _ = make(Control(*server.address))
            status = connection.wait_ready(PATIENCE)
            assert (status.means, status.sees_circuits, status.version) == ("control", False, "0.4.8.12")
            assert (host, port) in guard.permissions()
            answers.answers["GETINFO status/circuit-established"] = (
                "250-status/circuit-established=0\r\n250 OK"
            )


def test_where_nothing_tells_of_the_way_it_is_asked_until_circuits_work(make: Make) -> None:
    with Server(_socks_only) as socks:
        answers = Filtered()
        del answers.answers["SETEVENTS STATUS_CLIENT"]
        answers.answers["GETINFO net/listeners/socks"] = (
            f'250-net/listeners/socks="127.0.0.1:{socks.address[1]}"\r\n250 OK'
        )
        answers.answers["GETINFO status/circuit-established"] = "250-status/circuit-established=0\r\n250 OK"
        with Server(answers) as server:
            _, seen = make(Control(*server.address), pace=dataclasses.replace(QUICK, ask=0.05))
            seen.wait(_is(Phase.BOOTSTRAPPING))
            answers.answers["GETINFO status/circuit-established"] = (
                "250-status/circuit-established=1\r\n250 OK"
            )
            seen.wait(_is(Phase.READY))


def test_a_control_connection_that_breaks_is_made_again(make: Make) -> None:
    connections: list[socket.socket] = []
    with Server(_socks_only) as socks:
        answers = Filtered()
        answers.answers["GETINFO net/listeners/socks"] = (
            f'250-net/listeners/socks="127.0.0.1:{socks.address[1]}"\r\n250 OK'
        )

        def speak(connection: socket.socket) -> None:
            connections.append(connection)
            answers(connection)

        with Server(speak) as server:
            _, seen = make(Control(*server.address))
            seen.wait(_is(Phase.READY))
            seen.forget()
            connections[0].shutdown(socket.SHUT_RDWR)
            seen.wait(_is(Phase.STARTING, "lost"))
            seen.wait(_is(Phase.READY))
            assert len(connections) == 2


def test_one_may_choose_another_tor_at_any_time(make: Make, launch: Launch) -> None:
    with Server(silent) as mute, Server(_socks_only) as server:
        connection, seen = make(Control(*mute.address))
        connection.choose(Socks(*server.address))
        assert connection.choice == Socks(*server.address)
        assert connection.wait_ready(PATIENCE).means == "socks"
        connection.choose(launch)
        assert not connection.status.usable
        seen.wait(lambda status: status.means == "launch" and status.phase is Phase.BOOTSTRAPPING)
        assert server.address not in guard.permissions()


def test_to_try_again_does_not_disturb_what_works(make: Make) -> None:
    with Server(_socks_only) as server:
        connection, seen = make(Socks(*server.address))
        connection.wait_ready(PATIENCE)
        seen.forget()
        connection.retry()
        assert connection.status.phase is Phase.READY
        assert connection.wait_ready(0).phase is Phase.READY
        assert seen.all == []


def test_a_subscriber_may_leave(make: Make) -> None:
    connection, _ = make(Socks("127.0.0.1", free_port()), start=False)
    heard: Seen[TorStatus] = Seen()
    leave = connection.subscribe(heard)
    leave()
    leave()
    connection.start()
    with pytest.raises(NothingThere):
        connection.wait_ready(PATIENCE)
    assert heard.all == []


def test_what_nobody_foresaw_is_a_failure_and_not_the_end(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("wren@rowanmail.example")

    monkeypatch.setattr(connection_module, "open_link", broken)
    connection, seen = make(Socks("127.0.0.1", 9))
    failed = seen.wait(_is(Phase.FAILED, "fault"))
    assert failed.trouble
    assert "wren" not in repr(failed)
    monkeypatch.undo()
    connection.retry()
    seen.wait(_is(Phase.FAILED, "nothing-there"))


def test_nothing_of_the_person_gets_into_the_log(
    make: Make, launch: Launch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    _, seen = make(launch)
    seen.wait(_is(Phase.BOOTSTRAPPING, "no-network"))
    assert "torsend.tor" in {record.name for record in caplog.records}
    assert {record.name for record in caplog.records} <= {"torsend.tor"}
    assert str(tmp_path) not in caplog.text
