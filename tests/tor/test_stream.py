from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tor.parts import PATIENCE, RunningTor, Server, echo, free_port, silent
from torsend.errors import Left, StreamFailed
from torsend.tor.cancel import Cancel
from torsend.tor.isolation import Token
from torsend.tor.stream import PROBE_LITERAL, Stream, open_stream, probe, resolve
from torsend.tor.stream_failures import (
    BadTarget,
    IsolationLost,
    NotASocksProxy,
    ProxyGone,
    ProxySilent,
    StreamBroken,
    StreamCancelled,
    StreamRefused,
    StreamTimedOut,
)

TOKEN = Token("user", "word")
GRANTED = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"


def _soon(seconds: float = PATIENCE) -> float:
    return time.monotonic() + seconds


def _exactly(connection: socket.socket, count: int) -> bytes:
    heard = b""
    while len(heard) < count and (more := connection.recv(count - len(heard))):
        heard += more
    return heard


class Proxy(Server):
    """A SOCKS5 server that answers as told and notes what it heard."""

    def __init__(
        self,
        *,
        method: bytes = b"\x05\x02",
        status: bytes = b"\x01\x00",
        reply: bytes = GRANTED,
        after: Callable[[socket.socket], None] = echo,
        path: Path | None = None,
    ) -> None:
        super().__init__(self._speak, path)
        self.method, self.status, self.reply, self.after = method, status, reply, after
        self.credentials = b""
        self.request = b""
        self.rest = b""

    def _speak(self, connection: socket.socket) -> None:
        assert _exactly(connection, 3) == b"\x05\x01\x02", "only the isolating method is offered"
        connection.sendall(self.method)
        if len(self.method) < 2:
            return
        if self.method != b"\x05\x02":
            self.rest = connection.recv(65536)
            return
        head = _exactly(connection, 2)
        username = _exactly(connection, head[1])
        password = _exactly(connection, _exactly(connection, 1)[0])
        self.credentials = username + b":" + password
        connection.sendall(self.status)
        self.request = _exactly(connection, 4)
        match self.request[3:]:
            case b"\x01":
                self.request += _exactly(connection, 4)
            case b"\x04":
                self.request += _exactly(connection, 16)
            case b"\x03":
                length = _exactly(connection, 1)
                self.request += length + _exactly(connection, length[0])
            case _:
                self.rest = self.request
                return
        self.request += _exactly(connection, 2)
        connection.sendall(self.reply)
        if self.reply[1:2] == b"\x00":
            self.after(connection)


def test_a_stream_carries_both_ways_under_its_identitys_credentials() -> None:
    with Proxy() as proxy:
        with open_stream(proxy.address, "smtp.rowanmail.example", 465, TOKEN, _soon()) as stream:
            stream.send(b"hello", _soon())
            assert stream.receive(100, _soon()) == b"hello"
        assert proxy.credentials == b"user:word"
        assert proxy.request == b"\x05\x01\x00\x03\x16smtp.rowanmail.example\x01\xd1"


@pytest.mark.parametrize(
    ("host", "packed"),
    [
        ("192.0.2.7", b"\x01\xc0\x00\x02\x07"),
        ("2001:db8::1", b"\x04\x20\x01\x0d\xb8" + bytes(11) + b"\x01"),
        ("a" * 250 + ".de", b"\x03\xfd" + b"a" * 250 + b".de"),
        ("x" * 56 + ".onion", b"\x03\x3e" + b"x" * 56 + b".onion"),
    ],
)
def test_hosts_go_to_tor_as_they_are(host: str, packed: bytes) -> None:
    with Proxy() as proxy:
        open_stream(proxy.address, host, 465, TOKEN, _soon()).close()
        assert proxy.request == b"\x05\x01\x00" + packed + b"\x01\xd1"


def test_no_authentication_picked_means_that_nothing_is_sent() -> None:
    with Proxy(method=b"\x05\x00") as proxy:
        with pytest.raises(IsolationLost) as raised:
            open_stream(proxy.address, "smtp.rowanmail.example", 465, TOKEN, _soon())
        assert raised.value.permanent
        assert raised.value.left is Left.NOTHING
    assert proxy.rest == b""


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"method": b"\x05\xff"}, IsolationLost),
        ({"method": b"\x05\x01"}, IsolationLost),
        ({"method": b"HT"}, NotASocksProxy),
        ({"method": b""}, ProxyGone),
        ({"method": b"\x05"}, ProxyGone),
        ({"status": b"\x01\x01"}, IsolationLost),
        ({"status": b"\x05\x00"}, NotASocksProxy),
        ({"reply": b"\x04\x00\x00\x01"}, NotASocksProxy),
        ({"reply": b"\x05\x00\x00\x09"}, NotASocksProxy),
        ({"reply": b"\x05\x05"}, ProxyGone),
    ],
)
def test_what_is_not_tor_is_told_apart(answers: dict[str, bytes], error: type[StreamFailed]) -> None:
    def hang_up(connection: socket.socket) -> None:
        pass

    with Proxy(after=hang_up, **answers) as proxy, pytest.raises(error):  # type: ignore[arg-type]
        open_stream(proxy.address, "smtp.rowanmail.example", 465, TOKEN, _soon())


@pytest.mark.parametrize("code", [*range(1, 9), *range(0xF0, 0xF8), 0x55])
def test_tors_answer_is_told_by_its_code(code: int) -> None:
    with Proxy(reply=bytes((5, code, 0, 1)) + bytes(6)) as proxy:
        with pytest.raises(StreamRefused) as raised:
            open_stream(proxy.address, "smtp.rowanmail.example", 465, TOKEN, _soon())
        assert raised.value.code == code


def test_nobody_there() -> None:
    with pytest.raises(ProxyGone):
        open_stream(("127.0.0.1", free_port()), "smtp.rowanmail.example", 465, TOKEN, _soon())
    with pytest.raises(ProxyGone):
        open_stream("/nonexistent/socks", "smtp.rowanmail.example", 465, TOKEN, _soon())


def test_a_silent_port_and_a_silent_server_are_told_apart() -> None:
    with Server(silent) as server, pytest.raises(ProxySilent):
        open_stream(server.address, "smtp.rowanmail.example", 465, TOKEN, _soon(0.1))
    # Long enough for what comes before the answer that doesn't.
    with Proxy(reply=b"") as proxy, pytest.raises((StreamTimedOut, ProxyGone)):
        open_stream(proxy.address, "smtp.rowanmail.example", 465, TOKEN, _soon(1.0))


def test_the_deadline_is_for_all_of_it_however_slowly_bytes_drip() -> None:
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.recv(3)
        connection.sendall(b"\x05\x02")
        connection.recv(100)
        connection.sendall(b"\x01")
        while not ended.wait(0.05):
            connection.sendall(b"")  # the peer's time-out would start anew if it were per read

    with Server(drip) as server:
        began = time.monotonic()
        with pytest.raises(ProxySilent):
            open_stream(server.address, "smtp.rowanmail.example", 465, TOKEN, _soon(0.3))
        assert time.monotonic() - began < 5
        ended.set()


@pytest.mark.parametrize(
    ("host", "port"),
    [("", 465), ("x" * 256, 465), ("bücher.example", 465), ("a b", 465), ("a\r\nb", 465), ("a\0b", 465),
     ("smtp.example", 65536), ("smtp.example", -1)],
)  # fmt: skip
def test_no_such_target(host: str, port: int) -> None:
    with pytest.raises(BadTarget):
        open_stream(("127.0.0.1", 9), host, port, TOKEN, _soon())


def test_optimistic_data_goes_out_before_tors_answer() -> None:
    heard = threading.Event()
    go_on = threading.Event()

    def late(connection: socket.socket) -> None:
        connection.recv(3)
        connection.sendall(b"\x05\x02")
        connection.recv(100)
        connection.sendall(b"\x01\x00")
        _exactly(connection, 4 + 1 + 12 + 2)
        assert _exactly(connection, 5) == b"early"
        heard.set()
        assert go_on.wait(PATIENCE)
        connection.sendall(GRANTED + b"answer")
        silent(connection)

    with (
        Server(late) as server,
        open_stream(server.address, "smtp.example", 465, TOKEN, _soon(), optimistic=True) as stream,
    ):
        stream.send(b"early", _soon())
        assert heard.wait(PATIENCE)
        go_on.set()
        assert stream.receive(100, _soon()) == b"answer"


def test_a_refusal_of_an_optimistic_stream_comes_with_the_first_read() -> None:
    with (
        Proxy(reply=b"\x05\x02\x00\x01" + bytes(6)) as proxy,
        open_stream(proxy.address, "smtp.example", 465, TOKEN, _soon(), optimistic=True) as stream,
        pytest.raises(StreamRefused) as raised,
    ):
        stream.receive(100, _soon())
    assert raised.value.code == 2


def test_a_unix_socket_may_be_the_proxy(tmp_path: Path) -> None:
    path = tmp_path / "socks"
    with (
        Proxy(path=path) as proxy,
        open_stream(str(path), "smtp.example", 465, TOKEN, _soon()) as stream,
    ):
        stream.send(b"hello", _soon())
        assert stream.receive(100, _soon()) == b"hello"
        assert proxy.credentials == b"user:word"


def test_cancel_ends_a_wait_for_tor_at_once() -> None:
    waiting = threading.Event()

    def hold(connection: socket.socket) -> None:
        connection.recv(3)
        waiting.set()
        silent(connection)

    with Server(hold) as server:
        cancel = Cancel()

        def when_it_waits() -> None:
            assert waiting.wait(PATIENCE)
            cancel.cancel()

        thread = threading.Thread(target=when_it_waits)
        thread.start()
        with pytest.raises(StreamCancelled):
            open_stream(server.address, "smtp.example", 465, TOKEN, _soon(), cancel)
        thread.join()


def test_cancel_ends_a_wait_on_a_stream_and_every_later_one() -> None:
    with Proxy() as proxy:
        cancel = Cancel()
        with open_stream(proxy.address, "smtp.example", 465, TOKEN, _soon(), cancel) as stream:
            thread = threading.Thread(target=cancel.cancel)
            thread.start()
            with pytest.raises(StreamCancelled):
                stream.receive(100, _soon())
            thread.join()
            assert cancel.cancelled
            with pytest.raises(StreamCancelled):
                stream.send(b"more", _soon())
        with pytest.raises(StreamCancelled):
            open_stream(proxy.address, "smtp.example", 465, TOKEN, _soon(), cancel)


def test_a_stream_that_breaks_and_one_that_ends_are_told_apart() -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        connection.close()

    def end(connection: socket.socket) -> None:
        pass

    with (
        Proxy(after=end) as proxy,
        open_stream(proxy.address, "smtp.example", 465, TOKEN, _soon()) as stream,
    ):
        assert stream.receive(100, _soon()) == b""
    with (
        Proxy(after=reset) as proxy,
        open_stream(proxy.address, "smtp.example", 465, TOKEN, _soon()) as stream,
        pytest.raises(StreamBroken),
    ):
        stream.receive(100, _soon())


def test_a_read_and_a_write_each_have_a_deadline() -> None:
    def deaf(connection: socket.socket) -> None:
        hold.wait(PATIENCE)

    hold = threading.Event()
    with (
        Proxy(after=deaf) as proxy,
        open_stream(proxy.address, "smtp.example", 465, TOKEN, _soon()) as stream,
    ):
        with pytest.raises(StreamTimedOut):
            stream.receive(100, _soon(0.05))
        with pytest.raises(StreamTimedOut):
            stream.send(bytes(64 << 20), _soon(0.2))
        hold.set()


def test_resolve_returns_what_the_exit_found() -> None:
    with Proxy(reply=b"\x05\x00\x00\x01\xc0\x00\x02\x09\x00\x00") as proxy:
        assert resolve(proxy.address, "smtp.example", TOKEN, _soon()) == "192.0.2.9"
        assert proxy.request[:2] == b"\x05\xf0"
    with Proxy(reply=b"\x05\x00\x00\x04" + bytes(15) + b"\x01\x00\x00") as proxy:
        assert resolve(proxy.address, "smtp.example", TOKEN, _soon()) == "::1"


def test_a_real_tor_proves_itself_before_it_has_a_network(tor: RunningTor) -> None:
    probe(tor.socks, _soon())
    assert resolve(tor.socks, PROBE_LITERAL, TOKEN, _soon()) == PROBE_LITERAL


def test_other_socks_servers_are_not_taken_for_tor() -> None:
    with Proxy(reply=b"\x05\x07\x00\x01" + bytes(6)) as proxy, pytest.raises(NotASocksProxy):
        probe(proxy.address, _soon())
    with Proxy(reply=GRANTED) as proxy, pytest.raises(NotASocksProxy):
        probe(proxy.address, _soon())
    with Proxy(method=b"\x05\x00") as proxy, pytest.raises(IsolationLost):
        probe(proxy.address, _soon())
    with Server(silent) as server, pytest.raises(ProxySilent):
        probe(server.address, _soon(0.1))


@settings(max_examples=60, deadline=None)
@given(
    method=st.one_of(st.just(b"\x05\x02"), st.binary(max_size=4)),
    status=st.one_of(st.just(b"\x01\x00"), st.binary(max_size=4)),
    reply=st.binary(max_size=300),
)
def test_whatever_a_port_says_the_stream_opens_or_fails_in_our_words(
    method: bytes, status: bytes, reply: bytes
) -> None:
    def say_it_all(connection: socket.socket) -> None:
        connection.sendall(method + status + reply)

    with Server(say_it_all) as server:
        try:
            stream = open_stream(server.address, "smtp.example", 465, TOKEN, _soon(5))
        except StreamFailed:
            return
        assert isinstance(stream, Stream)
        stream.close()
