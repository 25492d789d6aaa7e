from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stem.response
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tor.parts import (
    PATIENCE,
    RunningTor,
    Seen,
    Server,
    echo,
    free_port,
    hashed_password,
    running_tor,
    silent,
)
from torsend.tor.cancel import Cancel
from torsend.tor.control import Control, commands, wire
from torsend.tor.control.authentication import protocol_info
from torsend.tor.control.parsing import circuit_of, event_of
from torsend.tor.events import Bootstrapped, ControlClosed, Event
from torsend.tor.guard import Address
from torsend.tor.stream_failures import StreamCancelled
from torsend.tor.troubles import TorTroubled

PASSWORD = 'p" \\ä\r\nQUIT'


def _nobody() -> str | None:
    raise AssertionError("no password was to be asked for")


def _attach(
    address: Address,
    password: Callable[[], str | None] = _nobody,
    tell: Callable[[Event], None] = lambda _: None,
    cancel: Cancel | None = None,
) -> Control:
    return Control.attach(address, password, tell, lambda _: False, cancel or Cancel())


def _code(address: Address, password: Callable[[], str | None] = _nobody) -> str:
    with pytest.raises(TorTroubled) as raised:
        _attach(address, password).close()
    return raised.value.trouble.code


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines of a test's length."""
    monkeypatch.setattr(commands, "PROBE_SECONDS", 0.3)
    monkeypatch.setattr(wire, "ASK_SECONDS", 0.3)


@pytest.fixture(scope="module")
def open_tor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTor]:
    with running_tor(tmp_path_factory.mktemp("open")) as started:
        yield started


@pytest.fixture(scope="module")
def cookie_tor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTor]:
    with running_tor(tmp_path_factory.mktemp("cookie"), "CookieAuthentication 1") as started:
        yield started


@pytest.fixture(scope="module")
def password_tor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTor]:
    with running_tor(tmp_path_factory.mktemp("password"), hashed_password(PASSWORD)) as started:
        yield started


def test_an_open_port_lets_in_and_tells_what_it_is(open_tor: RunningTor) -> None:
    control = _attach(open_tor.control_port)
    try:
        assert control.version.startswith("0.4.")
        assert control.sees_circuits
        assert control.socks_listeners() == (open_tor.socks,)
        assert control.bootstrap() == Bootstrapped(0, "Starting", tag="starting")
        assert control.circuits_work() is False
        assert not control.uses_bridges()
        assert list(control.circuits()) == []
        assert control.country("A" * 40) is None
        assert control.information("no/such/key") is None
    finally:
        control.close()


def test_a_cookie_lets_in_by_port_and_by_socket(cookie_tor: RunningTor) -> None:
    for address in (cookie_tor.control_port, str(cookie_tor.control_socket)):
        control = _attach(address)
        assert control.version
        control.close()


def test_an_unreadable_cookie_is_named(cookie_tor: RunningTor) -> None:
    cookie = cookie_tor.process._folder / "control_auth_cookie"
    moved = cookie.rename(cookie.with_name("elsewhere"))
    try:
        assert _code(cookie_tor.control_port) == "cookie-unreadable"
    finally:
        moved.rename(cookie)


def test_a_cookie_of_another_tor_is_refused(cookie_tor: RunningTor) -> None:
    cookie = cookie_tor.process._folder / "control_auth_cookie"
    right = cookie.read_bytes()
    cookie.write_bytes(bytes(32))
    try:
        assert _code(cookie_tor.control_port) == "refused"
    finally:
        cookie.write_bytes(right)


@pytest.mark.parametrize("methods", ["COOKIE", "COOKIE,SAFECOOKIE", "SAFECOOKIE"])
def test_whoever_only_claims_to_be_tor_is_told_no_cookie(tmp_path: Path, methods: str) -> None:
    cookie = tmp_path / "of another Tor"
    cookie.write_bytes(bytes(range(32)))
    heard: list[bytes] = []

    def claim(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(
            b'250-PROTOCOLINFO 1\r\n250-AUTH METHODS=%b COOKIEFILE="%b"\r\n250-VERSION Tor="0.4.8.1"\r\n250 OK\r\n'
            % (methods.encode(), os.fsencode(cookie))
        )
        while said := connection.recv(1000):
            heard.append(said)
            nonsense = b"A" * 64
            connection.sendall(
                b"250 AUTHCHALLENGE SERVERHASH=%b SERVERNONCE=%b\r\n" % (nonsense, nonsense)
                if said.startswith(b"AUTHCHALLENGE")
                else b"250 OK\r\n"
            )

    with Server(claim) as server:
        assert _code(server.address) == "refused"
    assert cookie.read_bytes().hex().encode() not in b"".join(heard).lower()


def test_a_password_lets_in_whatever_characters_it_has(password_tor: RunningTor) -> None:
    control = _attach(password_tor.control_port, lambda: PASSWORD)
    assert control.version
    control.close()


@pytest.mark.parametrize(
    ("password", "code"),
    [("wrong", "wrong-password"), ("", "wrong-password"), (PASSWORD.split("\r")[0], "wrong-password"),
     (None, "password-needed")],
)  # fmt: skip
def test_a_wrong_or_missing_password_is_named(
    password_tor: RunningTor, password: str | None, code: str
) -> None:
    assert _code(password_tor.control_port, lambda: password) == code


def test_nobody_there() -> None:
    assert _code(("127.0.0.1", free_port())) == "nothing-there"
    assert _code("/nonexistent/control") == "nothing-there"


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Root may open everything: for as long as this lasts, root is somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_socket_of_others_is_named(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with Server(silent, path):
        path.chmod(0)
        with as_nobody():
            assert _code(str(path)) == "no-access"


def test_the_socks_port_is_told_from_the_control_port(open_tor: RunningTor) -> None:
    assert _code(open_tor.socks) == "socks-not-control"


def test_a_silent_port_is_named(hurried: None) -> None:
    with Server(silent) as server:
        assert _code(server.address) == "silent"


def test_a_frozen_tor_is_silent_before_and_after_it_let_us_in(
    open_tor: RunningTor, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = _attach(open_tor.control_port)
    monkeypatch.setattr(commands, "PROBE_SECONDS", 0.3)
    control._wire._seconds = 0.3
    with open_tor.frozen():
        assert _code(open_tor.control_port) == "silent"
        with pytest.raises(TorTroubled) as raised:
            control.circuits_work()
        assert raised.value.trouble.code == "lost"
    with pytest.raises(TorTroubled):
        control.circuits_work()
    control.close()


@pytest.mark.parametrize(
    "says",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"220 mail.example ESMTP\r\n",
        b"514 Authentication required.\r\n",
        b"250 OK\r\n",
        b"250-PROTOCOLINFO x\r\n250 OK\r\n",
        b"250-PROTOCOLINFO 1\r\n250-AUTH\r\n250 OK\r\n",
        b"\x05\xff",
        b"\0" * 20000,
        b"250-" + b"x" * 20000,
        b"",
    ],
)
def test_what_is_not_tor_is_named(says: bytes) -> None:
    def say(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(says)

    with Server(say) as server:
        assert _code(server.address) == "not-tor"


def test_an_echo_is_not_tor() -> None:
    with Server(echo) as server:
        assert _code(server.address) == "not-tor"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_whatever_a_port_says_is_tor_or_a_trouble(said: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(said)
        theirs.shutdown(socket.SHUT_WR)
        with contextlib.suppress(TorTroubled):
            protocol_info(ours, time.monotonic() + 5)


def test_a_circuit_that_is_not_told_as_specified_is_passed_over() -> None:
    told = [
        circuit_of(line, lambda _: True) for line in ("", "7 BUILT nonsense!", "7 LAUNCHED PURPOSE=GENERAL")
    ]
    assert [each and (each.id, each.status) for each in told] == [None, None, ("7", "LAUNCHED")]


@pytest.mark.parametrize(
    "line",
    [
        "650 ORCONN ID=5",
        "650 CIRC 5 BUILT ,$AAAA~x TIME_CREATED=2",
        "650 STREAM",
        "650 CIRC",
        "650 NO_SUCH_THING x",
    ],
)
def test_an_event_that_is_not_as_specified_is_passed_over(line: str) -> None:
    message = stem.response.ControlMessage.from_str(f"{line}\r\n")
    assert event_of(message, lambda _: True) is None


def test_cancelling_ends_an_attachment_that_waits() -> None:
    asked = threading.Event()

    def hold(connection: socket.socket) -> None:
        connection.recv(100)
        asked.set()
        silent(connection)

    with Server(hold) as server:
        cancel = Cancel()

        def when_asked() -> None:
            assert asked.wait(PATIENCE)
            cancel.cancel()

        thread = threading.Thread(target=when_asked)
        thread.start()
        with pytest.raises(StreamCancelled):
            _attach(server.address, cancel=cancel)
        thread.join()


def test_the_end_of_tor_is_told_at_once(tmp_path: Path) -> None:
    told: Seen[Event] = Seen()
    with running_tor(tmp_path) as tor:
        control = _attach(tor.control_port, tell=told)
        os.kill(tor.pid, signal.SIGKILL)
        told.wait(lambda event: isinstance(event, ControlClosed))
        with pytest.raises(TorTroubled):
            control.circuits_work()
        control.close()


def test_closing_leaves_no_thread(open_tor: RunningTor) -> None:
    before = set(threading.enumerate())
    control = _attach(open_tor.control_port)
    (reader,) = set(threading.enumerate()) - before
    control.close()
    assert not reader.is_alive()
    assert set(threading.enumerate()) <= before


class Filtered:
    """A control port behind a filter, as on Whonix: knows a few questions and refuses the others."""

    ANSWERS = {  # noqa: RUF012
        "PROTOCOLINFO 1": '250-PROTOCOLINFO 1\r\n250-AUTH METHODS=NULL\r\n250-VERSION Tor="0.4.8.12"\r\n250 OK',
        "AUTHENTICATE": "250 OK",
        "GETINFO net/listeners/socks": '250-net/listeners/socks="unix:/run/tor/a \\"b\\"" "127.0.0.1:9050" "[::1]:9052"'
        "\r\n250 OK",
        "GETINFO status/circuit-established": "250-status/circuit-established=1\r\n250 OK",
        "SETEVENTS STATUS_CLIENT": "250 OK",
        "SETEVENTS STATUS_CLIENT CIRC": "250 OK",
    }

    def __init__(self, **more: str) -> None:
        self.answers = self.ANSWERS | {key.replace("_", " ", 1): value for key, value in more.items()}

    def __call__(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as heard:
            for line in heard:
                answer = self.answers.get(line.decode().strip(), "510 Command filtered")
                connection.sendall(answer.encode() + b"\r\n")


def test_behind_a_filter_it_makes_do_with_what_it_may_ask() -> None:
    with Server(Filtered()) as server:
        control = _attach(server.address)
        try:
            assert not control.sees_circuits
            assert control.bootstrap() == Bootstrapped(100, "")
            assert control.circuits_work() is True
            assert not control.uses_bridges()
            assert list(control.circuits()) == []
            assert control.socks_listeners() == (("127.0.0.1", 9050), ("::1", 9052), '/run/tor/a "b"')
        finally:
            control.close()


@pytest.mark.parametrize(
    ("described", "told", "country"),
    [
        ("r larkspur AAAA BBBB 2026-11-23 18:00:00 203.0.113.7 9001 0", "de", "DE"),
        ("r larkspur AAAA 2026-11-23 18:00:00 203.0.113.7 9001 0", "de", "DE"),
        ("r larkspur AAAA BBBB 2026-11-23 18:00:00 203.0.113.7 9001 0", "??", None),
        ("r larkspur", "de", None),
        ("", "de", None),
    ],
)
def test_a_relays_country_comes_from_tors_own_table(described: str, told: str, country: str | None) -> None:
    answers = Filtered()
    answers.answers["GETINFO ns/id/" + "A" * 40] = (
        f"250+ns/id/{'A' * 40}=\r\n{described}\r\ns Fast Running\r\n.\r\n250 OK"
    )
    answers.answers["GETINFO ip-to-country/203.0.113.7"] = f"250-ip-to-country/203.0.113.7={told}\r\n250 OK"
    with Server(answers) as server:
        control = _attach(server.address)
        assert control.country("A" * 40) == country
        control.close()


def _with_socks_port(listed: str, line: str) -> Filtered:
    answers = Filtered()
    answers.answers["GETINFO net/listeners/socks"] = f"250-net/listeners/socks={listed}\r\n250 OK"
    answers.answers["GETCONF SocksPort"] = f"250 SocksPort={line}"
    return answers


@pytest.mark.parametrize(
    ("listed", "line", "code"),
    [
        ("", "0", "no-socks-port"),
        ('"127.0.0.1:9050"', "9050 NoIsolateSOCKSAuth", "no-isolation"),
        ('"127.0.0.1:9050"', "127.0.0.1:9050 IPv6Traffic noisolatesocksauth", "no-isolation"),
        ('"127.0.0.1:41001"', "auto NoIsolateSOCKSAuth", "no-isolation"),
    ],
)
def test_a_port_that_would_mix_identities_is_not_used(listed: str, line: str, code: str) -> None:
    with Server(_with_socks_port(listed, line)) as server:
        control = _attach(server.address)
        try:
            with pytest.raises(TorTroubled) as raised:
                control.socks_listeners()
            assert raised.value.trouble.code == code
        finally:
            control.close()


def test_of_two_ports_the_one_that_isolates_is_used() -> None:
    with Server(_with_socks_port('"127.0.0.1:9050" "127.0.0.1:9060"', "9050 NoIsolateSOCKSAuth")) as server:
        control = _attach(server.address)
        try:
            assert control.socks_listeners() == (("127.0.0.1", 9060),)
        finally:
            control.close()


@pytest.mark.parametrize(
    ("listed", "line", "kept"),
    [
        (r'"unix:/run/tor/a" "unix:/run/tor/b"', "unix:/run/tor/a NoIsolateSOCKSAuth", "/run/tor/b"),
        (r'"unix:/run/tor/a b" "unix:/run/c"', 'unix:"/run/tor/a b" NoIsolateSOCKSAuth', "/run/c"),
        (r'"unix:\"/run/tor/a b\"" "unix:/run/c"', 'unix:"/run/tor/a b" NoIsolateSOCKSAuth', "/run/c"),
        (r'"unix:/run/NoIsolateSOCKSAuth"', "unix:/run/NoIsolateSOCKSAuth", "/run/NoIsolateSOCKSAuth"),
        (r'"unix:/run/a:1" "127.0.0.1:1"', "unix:/run/a:1 NoIsolateSOCKSAuth", ("127.0.0.1", 1)),
    ],
)
def test_a_socket_that_would_mix_identities_is_known_by_its_path(
    listed: str, line: str, kept: str | tuple[str, int]
) -> None:
    answers = _with_socks_port(listed, line)
    answers.answers["GETCONF __SocksPort"] = "250 __SocksPort"
    with Server(answers) as server:
        control = _attach(server.address)
        try:
            assert control.socks_listeners() == (kept,)
            assert control.isolates is True
        finally:
            control.close()


def test_isolation_that_may_not_be_asked_about_is_not_claimed() -> None:
    """Whonix's filter answers where Tor listens, and not how."""
    answers = Filtered()
    answers.answers["GETINFO net/listeners/socks"] = '250-net/listeners/socks="127.0.0.1:9050"\r\n250 OK'
    with Server(answers) as server:
        control = _attach(server.address)
        try:
            assert control.socks_listeners() == (("127.0.0.1", 9050),)
            assert control.isolates is None
        finally:
            control.close()
