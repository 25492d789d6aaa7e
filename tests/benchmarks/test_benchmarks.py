"""The suite's own parts: a number is only worth something if what counts it counts right."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import sys
import time
from collections.abc import Iterator

import pytest
import socks

from tests.benchmarks import packaged
from tests.benchmarks.mail_server import MailServer, Taken
from tests.benchmarks.relay import Relay
from tests.benchmarks.table import Column, Table
from tests.support.socks_proxy import SocksProxy
from tests.support.whole_program import screen
from torsend.demo.certificates import Certificates

HOST = "smtp.rowanmail.example"
MESSAGE = "Subject: hi\r\n\r\n.a dot\r\n" + "x" * 70 + "\r\n"


@pytest.fixture
def server(certificates: Certificates) -> Iterator[MailServer]:
    with MailServer(certificates.for_server(), {"wren": "word"}) as server:
        yield server


@pytest.fixture
def relay(server: MailServer) -> Iterator[Relay]:
    with SocksProxy() as proxy, Relay(proxy.address) as relay:
        proxy.names[HOST, 465] = server.implicit_port
        proxy.names[HOST, 587] = server.starttls_port
        # Without any latency the server's session tickets seem to be waited for; over Tor they never are.
        relay.one_way = 0.02
        yield relay


def through(relay: Relay, port: int) -> socket.socket:
    connected = socks.socksocket()
    connected.set_proxy(socks.SOCKS5, "127.0.0.1", relay.port, rdns=True, username="a", password="b")
    connected.settimeout(20)
    connected.connect((HOST, port))
    # Otherwise EHLO behind the handshake waits for the system to acknowledge that, longer than the round trip here.
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


class Implicit(smtplib.SMTP_SSL):
    relay: Relay

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.context.wrap_socket(through(self.relay, port), server_hostname=host)


class Starttls(smtplib.SMTP):
    relay: Relay

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return through(self.relay, port)


def test_the_relay_counts_each_round_trip_of_smtplib(
    server: MailServer, relay: Relay, certificates: Certificates
) -> None:
    taken: list[Taken] = []
    server.subscribe(taken.append)
    server.subscribe(lambda _: relay.accepted())

    class Smtp(Implicit):
        pass

    Smtp.relay = relay
    with Smtp(HOST, 465, "localhost", context=certificates.for_client()) as client:
        client.login("wren", "word")
        client.sendmail("wren@rowanmail.example", ["marta@nordpost.example"], MESSAGE)
    # Connecting, the handshake, its end and the greeting, EHLO, AUTH, MAIL, RCPT, DATA, the mail; QUIT comes after.
    assert relay.round_trips() == 9
    assert taken[0].username == "wren"
    assert taken[0].size == len(MESSAGE) + 1  # with the doubled dot


def test_starttls_costs_a_round_trip_more(
    server: MailServer, relay: Relay, certificates: Certificates
) -> None:
    server.subscribe(lambda _: relay.accepted())

    class Smtp(Starttls):
        pass

    Smtp.relay = relay
    with Smtp(HOST, 587, "localhost") as client:
        client.starttls(context=certificates.for_client())
        client.login("wren", "word")
        client.sendmail("wren@rowanmail.example", ["marta@nordpost.example"], MESSAGE)
    # Connecting and the greeting, EHLO, STARTTLS, the handshake, EHLO, and the rest as above.
    assert relay.round_trips() == 10


def test_a_delay_lengthens_each_round_trip(server: MailServer, relay: Relay) -> None:
    began = time.monotonic()
    with through(relay, 587) as connected:
        assert connected.recv(100).startswith(b"220 ")
        connected.sendall(b"EHLO x\r\n")
        assert connected.recv(100).startswith(b"250-")
    # Connecting, and the greeting with it; EHLO and its answer.
    assert time.monotonic() - began >= 4 * relay.one_way


def test_the_server_takes_the_body_in_chunks_too(server: MailServer, certificates: Certificates) -> None:
    taken: list[Taken] = []
    server.subscribe(taken.append)
    context: ssl.SSLContext = certificates.for_client()
    with (
        socket.create_connection(("127.0.0.1", server.implicit_port), 20) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as connected,
    ):
        replies = connected.makefile("rb")
        connected.sendall(
            b"EHLO x\r\nAUTH PLAIN AHdyZW4Ad29yZA==\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
            b"BDAT 5\r\nab\r\n.BDAT 3 LAST\r\n\r\n.QUIT\r\n"
        )
        assert replies.readlines()[-3:] == [
            b"250 2.0.0 Ok\r\n",
            b"250 2.0.0 Accepted\r\n",
            b"221 2.0.0 bye\r\n",
        ]
    assert [each.size for each in taken] == [8]


def test_a_table_compares_medians_with_its_first_row() -> None:
    table = Table("Title", Column("s", "seconds", 1, ratio=True, spread=True), note="A note.")
    for value in (1.0, 9.0, 2.0):
        table.row("ours").add("s", value)
    table.row("theirs").add("s", 5.0)
    table.row("unmeasured")
    assert table.ratio("s", "ours", "theirs") == pytest.approx(0.4)
    best = table.best("s", "ours")
    assert best is not None
    assert best.name == "theirs"
    assert [line.split() for line in str(table).splitlines()[-5:]] == [
        ["seconds", "×", "from–to"],
        ["ours", "2.0", "1.00", "1.00–9.00"],
        ["theirs", "5.0", "2.50"],
        ["unmeasured"],
        ["A", "note."],
    ]


WINDOW = """
from PySide6.QtWidgets import QApplication, QWidget
qt = QApplication([])
window = QWidget()
window.resize(500, 400)
window.show()
qt.exec()
"""


def test_a_start_is_measured_until_its_window_is_there_and_then_ended() -> None:
    with screen() as found:
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "DISPLAY": found["DISPLAY"]}
        measured = list(packaged.measure([], 1, environment, [sys.executable, "-c", WINDOW]))
    ((name, seconds, processor),) = measured  # the first of two is not told
    assert name == packaged.SOURCE
    assert seconds > 0
    assert processor > 0
