"""No Tor, a Tor that does not start or dies, ports that are not Tor, and every way to one that runs."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.app.troubles import (
    LARGE,
    TO_MARTA,
    UNPRIVILEGED,
    Stopwatch,
    check,
    ended,
    namespace,
    sending,
    stopped,
    takes_some_and_waits,
    tor_of,
    tors_in,
    unharmed,
)
from tests.tor.parts import Server, free_port, hashed_password, silent, wait_gone
from torsend.demo.network import find_tor
from torsend.errors import Left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.app.conftest import RunningTor
    from tests.app.parts import Program, Ran
    from tests.conftest import Stage

SEND = ("send", *TO_MARTA)


def stays_queued(program: Program, ran: Ran, status: int = 69) -> None:
    """Nothing is lost: the mail waits, and the person is told so."""
    assert "torsend outbox send" in ran.err
    (entry,) = program.run("outbox", "list", "--json").json
    assert (entry["state"], entry["left"]) == ("queued", "nothing")


# ---- a Tor of our own


def without_tor(program: Program) -> Program:
    """The same on a machine without tor: wherever it lies, something else that cannot be run lies over it."""
    hide = 'mount --bind /dev/null "$0" && exec "$@"'
    return replace(program, prefix=(*namespace(), "sh", "-c", hide, str(find_tor().resolve())))


def test_no_tor_on_this_computer(program: Program) -> None:
    without = without_tor(program)
    ran = without.run(*SEND)
    check(ran, 69, "No Tor was found on this computer.", "Install the package “tor”")
    stays_queued(program, ran)
    told = without.run("tor", "status", "--json")
    assert (told.status, told.json["phase"], told.json["trouble"]["code"]) == (69, "failed", "no-binary")
    # What needs no Tor works.
    assert without.run("wire", *TO_MARTA).status == 0


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("NoSuchSetting 1\n", "NoSuchSetting"),
        ("SocksPort nonsense\n", "SocksPort"),
        (None, "The file with extra Tor settings can’t be read."),
        ("\0", "The file with extra Tor settings can’t be read."),
    ],
)
def test_tor_will_not_start(lines: str | None, said: str, program: Program) -> None:
    extra = program.folder / "extra"
    if lines is not None:
        extra.write_text(lines)
    ran = program.with_options("--torrc-include", str(extra)).run(*SEND)
    check(ran, 69, said)
    stays_queued(program, ran)


def test_tor_cannot_write_its_folder(program: Program) -> None:
    (program.profile / "tor").write_text("a file")
    ran = program.run(*SEND)
    check(ran, 69, "Tor’s folder in the profile can’t be written.")
    stays_queued(program, ran)


def test_the_disk_is_full(program: Program) -> None:
    """Tor's folder is a file system of its own without any room."""
    folder = program.profile / "tor"
    folder.mkdir(mode=0o700)
    full = 'mount -t tmpfs -o size=4k,mode=700 none "$0" && head -c 4096 /dev/zero > "$0/full" && exec "$@"'
    without_room = replace(program, prefix=(*namespace(), "sh", "-c", full, str(folder)))
    ran = without_room.run(*SEND)
    check(ran, 69, "The disk is full: Tor can’t write its folder.", "Make room")
    stays_queued(program, ran)


def test_details_that_may_be_shared(program: Program) -> None:
    extra = program.folder / "extra"
    extra.write_text("NoSuchSetting marta@nordpost.example\n")
    told = program.with_options("--torrc-include", str(extra)).run("tor", "status", "--details", "--json")
    assert told.status == 69
    details = told.json["details"]
    assert details.splitlines()[1] == "Way: a Tor of its own, with extra settings"
    assert "launch failed 0 % [wont-start]" in details
    for word in ("NoSuchSetting", "marta", str(program.folder), "extra\n"):
        assert word not in details
    plain = program.with_options("--patience", "1").run("tor", "status", "--details")
    assert b"launch bootstrapping 0 % starting" in plain.out


def test_patience_caps_the_wait_for_a_tor_that_finds_no_network(program: Program) -> None:
    with Stopwatch() as watch:
        ran = program.with_options("--patience", "2").run(*SEND)
    check(ran, 69, "Tor is still connecting (0 %")
    # Far from the thirty seconds that it had before; how far, a busy machine decides.
    assert 2 < watch.seconds < 25
    stays_queued(program, ran)
    assert tors_in(program.profile) == []


# ---- what is not Tor


def speaks_http(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def speaks_smtp(connection: socket.socket) -> None:
    connection.sendall(b"220 smtp.rowanmail.example ESMTP\r\n")
    while connection.recv(4096):
        connection.sendall(b"500 5.5.2 what?\r\n")


def without_authentication(connection: socket.socket) -> None:
    """A SOCKS proxy that picks "no authentication", as one does that mixes identities."""
    connection.recv(4096)
    connection.sendall(b"\x05\x00")
    connection.recv(4096)


@pytest.mark.parametrize("means", ["control", "socks"])
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (speaks_http, "is not Tor"),
        (speaks_smtp, "is not Tor"),
        (silent, "doesn’t answer"),
    ],
)
def test_a_port_that_is_not_tor(
    means: str, answer: Callable[[socket.socket], None], said: str, program: Program
) -> None:
    with Server(answer) as server:
        program = replace(
            program, options=("--patience", "12", "--tor", f"{means}:127.0.0.1:{server.address[1]}")
        )
        ran = program.run(*SEND)
    check(ran, 69, said)
    stays_queued(program, ran)


def test_a_port_at_which_nobody_listens(program: Program, tmp_path: Path) -> None:
    for place in (
        f"control:127.0.0.1:{free_port()}",
        f"socks:127.0.0.1:{free_port()}",
        f"control:{tmp_path}/none",
    ):
        check(replace(program, options=("--tor", place)).run("tor", "status"), 69, "Nothing listens")
    for place in (f"control:{tmp_path}/{'x' * 200}", f"control:{tmp_path}"):
        check(replace(program, options=("--tor", place)).run("tor", "status"), 69)


def test_a_proxy_that_does_not_keep_identities_apart(program: Program) -> None:
    with Server(without_authentication) as server:
        ran = replace(program, options=("--tor", f"socks:127.0.0.1:{server.address[1]}")).run(*SEND)
    check(ran, 69, "would let identities share a circuit")
    stays_queued(program, ran)


# ---- a Tor that somebody else started


def at(program: Program, place: str) -> Program:
    return replace(program, options=("--patience", "30", "--tor", place))


def test_each_way_to_a_tor_that_runs(on_stage: Program, running_tor: RunningTor) -> None:
    for place, circuits in (
        (f"control:127.0.0.1:{running_tor.control_port}", True),
        (f"control:{running_tor.control_socket}", True),
        (f"socks:127.0.0.1:{running_tor.socks_port}", False),
        (f"socks:{running_tor.socks_socket}", False),
    ):
        attached = at(on_stage, place)
        told = attached.run("tor", "status", "--json")
        assert (told.status, told.json["phase"], told.json["sees_circuits"]) == (0, "ready", circuits), (
            told.err
        )
        assert b"Connected to Tor" in attached.run("tor", "status").out


@pytest.mark.parametrize("by", ["port", "socket"])
def test_a_message_leaves_by_a_bare_socks_address(
    stage: Stage, on_stage: Program, running_tor: RunningTor, by: str
) -> None:
    place = running_tor.socks_socket if by == "socket" else f"127.0.0.1:{running_tor.socks_port}"
    ran = at(on_stage, f"socks:{place}").run(*SEND)
    assert ran.status == 0, ran.err
    unharmed(ran)
    assert len(stage.server.wait_for(1)) == 1


def test_a_wrong_place_of_the_right_tor(program: Program, running_tor: RunningTor) -> None:
    ran = at(program, f"control:127.0.0.1:{running_tor.socks_port}").run("tor", "status")
    check(ran, 69, "SOCKS port, not its control port")


@contextlib.contextmanager
def asking_for_a_password(tor: RunningTor, password: str) -> Iterator[None]:
    hashed = hashed_password(password).partition(" ")[2]
    tor.ask(f'SETCONF CookieAuthentication=0 HashedControlPassword="{hashed}"')
    try:
        yield
    finally:
        tor.ask("SETCONF CookieAuthentication=1 HashedControlPassword")


def test_the_control_password(program: Program, running_tor: RunningTor) -> None:
    attached = at(program, f"control:127.0.0.1:{running_tor.control_port}")
    with asking_for_a_password(running_tor, "open, sesame"):
        ran = attached.run(*SEND)
        check(ran, 69, "This Tor asks for its control password.")
        stays_queued(program, ran)
        assert attached.run("tor", "password", stdin=b"open, barley\n").status == 0
        ran = attached.run("tor", "status")
        check(ran, 69, "Tor refused the control password.")
        assert "barley" not in ran.err + ran.out.decode()
        assert attached.run("tor", "password", stdin=b"open, sesame\n").status == 0
        assert attached.run("tor", "status").status == 0
        check(attached.run("tor", "password"), 64, "No password was given.")
        assert attached.run("tor", "status").status == 0


def test_a_cookie_that_this_user_may_not_read(
    program: Program, running_tor: RunningTor, tmp_path: Path
) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    running_tor.ask(f'SETCONF CookieAuthFile="{hidden}/cookie"')
    try:
        hidden.chmod(0)
        powerless = replace(program, prefix=UNPRIVILEGED)
        ran = at(powerless, f"control:127.0.0.1:{running_tor.control_port}").run("tor", "status")
        check(ran, 69, "may not read Tor’s control cookie", "SOCKS address")
    finally:
        hidden.chmod(0o700)
        running_tor.ask("SETCONF CookieAuthFile")


# ---- a Tor that dies


def test_tor_dies_in_the_middle_of_a_mail(stage: Stage, on_stage: Program) -> None:
    large = on_stage.folder / "large.bin"
    large.write_bytes(os.urandom(LARGE))
    with sending(stage, on_stage, {"body": takes_some_and_waits}, "--attach-as-is", str(large), "--json") as (
        server,
        running,
    ):
        server.wait_for(lambda: any(seen.body for seen in server.seen), 60)
        with stopped(running):
            tor = tor_of(running.pid)
            os.kill(tor, signal.SIGKILL)
            assert wait_gone(tor)
        # It is started anew; whether that comes in time for this run or not, nothing is lost.
        ran = ended(running)
        assert not any(seen.body_ended for seen in server.seen)
    assert ran.status == 75, ran.err
    assert ran.json["state"] in ("queued", "retry")
    assert ran.json["left"] in (Left.NOTHING.value, Left.PART.value)
    assert ran.json["what"]
    assert "torsend outbox send" in ran.err
    (entry,) = on_stage.run("outbox", "list", "--json").json
    assert entry["state"] == "retry"
    assert tors_in(on_stage.profile) == []
