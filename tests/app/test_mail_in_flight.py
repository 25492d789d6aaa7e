"""What happens to Tor while a mail is on its way: it waits, goes on by itself, and arrives once."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.troubles import LARGE, children
from tests.support.misbehaving import PASSWORD, USER, SmtpServer, Talk
from tests.tor.parts import PATIENCE, Seen, free_port, pid_of, wait_gone
from torsend.app import App, Start
from torsend.delivery.states import State
from torsend.demo.network import find_tor
from torsend.identity.identity import Colour, Identity, Kind, Server, Tls, new_identity_id
from torsend.mail.draft import Attachment, Draft
from torsend.paths import Profile
from torsend.tor import link, process, tending
from torsend.tor.choice import Control, Launch, TorChoice
from torsend.tor.control import wire
from torsend.tor.isolation import Purpose
from torsend.tor.pace import Pace
from torsend.tor.status import Phase, TorStatus
from torsend.tor.stream_failures import StreamTimedOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Stage
    from torsend.delivery.outbox import Changed


class Flight:
    """A mail of some megabytes that is half at its server when the fault comes."""

    def __init__(
        self, app: App, server: SmtpServer, identity: Identity, large: Path, go_on: threading.Event
    ) -> None:
        self.app, self.server, self.identity, self.large, self.go_on = app, server, identity, large, go_on
        self.tor: Seen[TorStatus] = Seen()
        app.connection.subscribe(self.tor)
        self._changes: Seen[Changed] = Seen()
        app.outbox.subscribe(self._changes)

    def takes_off(self) -> None:
        self.app.connection.start()
        self.tor.wait(lambda status: status.phase is Phase.READY, 60)
        self.app.dispatcher.start()
        draft = replace(
            Draft.new(),
            identity_id=self.identity.id,
            to="marta@nordpost.example",
            subject="s",
            attachments=(Attachment.of(self.large).as_it_is(),),
        )
        self.entry = self.app.queue(draft)
        self.server.wait_for(lambda: any(seen.body for seen in self.server.seen), 60)
        self.tor.forget()

    def lands(self) -> None:
        """Exactly once, whole."""
        self._changes.wait(
            lambda changed: changed.entry is not None and changed.entry.state is State.ACCEPTED, 90
        )
        self.app.dispatcher.stop()
        assert [mail.recipients for mail in self.server.mails] == [("marta@nordpost.example",)]
        # 76 characters of base64 a line: one for each six bits that are set.
        assert self.server.mails[0].body.count(b"/" * 76) == LARGE // 57
        assert sum(seen.body_ended for seen in self.server.seen) == 1


@pytest.fixture
def flight(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[TorChoice], Flight]]:
    """On a Tor that is reached so. The first connection is read no further until it is told to go on."""
    monkeypatch.setattr(wire, "SLOW_SECONDS", 0.3)
    monkeypatch.setattr(process, "STOP_SECONDS", 0.2)
    monkeypatch.setattr(link, "PROBE_SECONDS", 1.0)
    monkeypatch.setattr(tending, "_GOING_SECONDS", 0.2)
    go_on = threading.Event()

    def waits(talk: Talk) -> None:
        talk.more()
        talk.seen.body = b"some"
        talk.server.note()
        go_on.wait(PATIENCE)

    trusted = stage.certificates.for_client()
    apps: list[App] = []
    with SmtpServer(stage.certificates.for_server(), [{"body": waits}, {}], offers=("AUTH PLAIN",)) as server:

        def started(choice: TorChoice) -> Flight:
            app = App.open(
                Start(Profile(tmp_path / "profile"), tor=choice, in_memory=True), tls_context=lambda: trusted
            )
            apps.append(app)
            app.connection._pace = Pace(look=0.2, pauses=(0.1,), stable=0.0)
            where = Server(stage.host, server.port, Tls.IMPLICIT)
            wren = Identity(new_identity_id(), "Wren", USER, Kind.ADDRESS, Colour.TEAL, where, USER)
            app.add_identity(wren, PASSWORD)
            large = tmp_path / "large.bin"
            large.write_bytes(b"\xff" * LARGE)
            return Flight(app, server, wren, large, go_on)

        yield started
        go_on.set()
        for app in apps:
            app.close()


def test_tor_is_killed(flight: Callable[[TorChoice], Flight], stage: Stage) -> None:
    mail = flight(Launch(torrc_include=stage.torrc))
    mail.takes_off()
    os.kill(pid_of(mail.app.connection._folder), signal.SIGKILL)
    mail.tor.wait(lambda status: status.phase is Phase.STARTING, 5)
    mail.lands()


def test_tor_is_stopped_for_good(
    flight: Callable[[TorChoice], Flight], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = flight(Launch(torrc_include=stage.torrc))
    mail.takes_off()
    frozen = pid_of(mail.app.connection._folder)
    monkeypatch.setattr(wire.Wire, "_reply", lambda speaking: speaking._replies.get(timeout=0.7))
    os.kill(frozen, signal.SIGSTOP)
    mail.tor.wait(lambda status: status.phase is Phase.STARTING, 10)
    monkeypatch.undo()
    mail.lands()
    assert wait_gone(frozen)


def test_tor_is_stopped_for_a_moment(flight: Callable[[TorChoice], Flight], stage: Stage) -> None:
    """The same stream goes on: there is no second connection."""
    mail = flight(Launch(torrc_include=stage.torrc))
    mail.takes_off()
    pid = pid_of(mail.app.connection._folder)
    os.kill(pid, signal.SIGSTOP)
    try:
        slow = mail.tor.wait(lambda status: status.phase is Phase.DEGRADED)
        assert slow.trouble
        assert slow.trouble.code == "slow"
    finally:
        os.kill(pid, signal.SIGCONT)
    mail.go_on.set()
    mail.lands()
    assert len(mail.server.seen) == 1


def test_tor_runs_out_of_sockets(flight: Callable[[TorChoice], Flight], stage: Stage) -> None:
    """What it has still carries; there is no second connection either."""
    mail = flight(Launch(torrc_include=stage.torrc))
    mail.takes_off()
    resource.prlimit(pid_of(mail.app.connection._folder), resource.RLIMIT_NOFILE, (3, 3))
    mail.go_on.set()
    mail.lands()
    assert len(mail.server.seen) == 1


def test_the_network_is_silent_for_a_while(flight: Callable[[TorChoice], Flight], stage: Stage) -> None:
    """No relay answers; then all do, and the same stream goes on."""
    mail = flight(Launch(torrc_include=stage.torrc))
    mail.takes_off()
    for relay in stage.network.pids:
        os.kill(relay, signal.SIGSTOP)
    try:
        mail.go_on.set()
        connection = mail.app.connection
        another = connection.isolation.token("another", Purpose.SENDING)
        with pytest.raises(StreamTimedOut):
            connection.open_stream(stage.host, mail.server.port, another, time.monotonic() + 2)
        assert mail.app.outbox.get(mail.entry.id).state is State.SENDING
    finally:
        for relay in stage.network.pids:
            os.kill(relay, signal.SIGCONT)
    mail.lands()
    assert len([seen for seen in mail.server.seen if seen.commands]) == 1


def test_the_tor_of_another_program_is_closed_and_opened_again(
    flight: Callable[[TorChoice], Flight], stage: Stage, tmp_path: Path
) -> None:
    """As the Tor Browser is."""
    control_port = free_port()
    torrc = tmp_path / "browser.torrc"
    torrc.write_text(
        f"{stage.network.client_torrc}SocksPort 127.0.0.1:auto\nControlPort 127.0.0.1:{control_port}\n"
        f"CookieAuthentication 1\nDataDirectory {tmp_path / 'browser'}\nLog notice file /dev/null\n"
    )

    @contextlib.contextmanager
    def browser() -> Iterator[None]:
        running = subprocess.Popen([find_tor(), "--hush", "-f", torrc], stdout=subprocess.DEVNULL)
        try:
            yield
        finally:
            running.kill()
            running.wait()

    mail = flight(Control("127.0.0.1", control_port))
    with browser():
        mail.takes_off()
    gone = mail.tor.wait(lambda status: status.phase is Phase.FAILED, 10)
    assert gone.trouble
    assert gone.trouble.code == "nothing-there"
    assert mail.app.outbox.get(mail.entry.id).state in {State.QUEUED, State.RETRY, State.SENDING}
    with browser():
        mail.lands()


ALL_OF_IT = """
import sys
from pathlib import Path
from torsend.tor.bridges import read_bridges
from torsend.tor.choice import Launch
from torsend.tor.connection import Connection
from torsend.tor.way_out import WayOut

folder, bridge = Path(sys.argv[1]), sys.argv[2]
way = WayOut(read_bridges(bridge).bridges)
connection = Connection(Launch(torrc_include=folder / "include", way_out=way), folder / "data")
connection.start()
connection.wait_ready(60)
print("ready", flush=True)
sys.stdin.read()
connection.stop()
"""


@pytest.fixture(scope="module")
def bridge(session_stage: Stage) -> str:
    return session_stage.network.start_bridge(Path(shutil.which("obfs4proxy") or "/usr/bin/lyrebird"))


@pytest.mark.parametrize("manner", ["killed", "tor killed"])
def test_no_transport_outlives_it(manner: str, bridge: str, stage: Stage, tmp_path: Path) -> None:
    """obfs4proxy is tor's child, not ours: it ends when tor does, whoever ended that."""
    (tmp_path / "include").write_text(stage.network.client_torrc)
    owner = subprocess.Popen(
        [sys.executable, "-c", ALL_OF_IT, tmp_path, bridge],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout
        assert owner.stdout.readline() == "ready\n"
        [tor] = children(owner.pid)
        [transport] = children(tor)
        match manner:
            case "killed":
                owner.kill()
            case _:
                os.kill(tor, signal.SIGKILL)
        assert wait_gone(tor)
        assert wait_gone(transport)
        owner.kill()
