"""What all tests share: no socket but loopback, and one private Tor network with one submission server a run."""

from __future__ import annotations

import ipaddress
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.support.held_widgets import pytest_runtest_teardown, qtbot
from tests.support.private_network import private_network
from tests.support.threads_begin import begin_one_by_one
from torsend.demo.certificates import Certificates, make_certificates
from torsend.demo.network import PrivateNetwork
from torsend.demo.server import SubmissionServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["private_network", "pytest_runtest_teardown", "qtbot"]

# No test is judged by how long this machine took for it.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

SMTP_HOST = "smtp.rowanmail.example"
USERS = {
    "wren": "wren’s password",
    "tarn": "tarn’s password",
    **{f"user{n}": f"password {n}" for n in range(8)},
}

# Screens are tested without a screen unless the run has one.
if sys.platform == "linux" and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def _only_loopback(event: str, arguments: tuple[object, ...]) -> None:
    """Fails whatever would leave this machine, in any test."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg") and len(arguments) > 1:
        address = arguments[1]
        if (
            isinstance(address, tuple)
            and not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback
        ):
            raise AssertionError(f"a test reached for {address[0]}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
        name = host.decode() if isinstance(host, bytes) else host
        if name in (None, "", "localhost"):
            return
        try:
            ipaddress.ip_address(str(name))
        except ValueError:
            raise AssertionError("a test asked this machine for a name") from None


def pytest_configure() -> None:
    """The hook stays for the whole run: audit hooks cannot be taken away."""
    begin_one_by_one()
    sys.addaudithook(_only_loopback)
    # Started in the background, a run has these ignored, and every program that it starts with it.
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the long ones: whichever of the workers has such a test at the end lets the others wait for it."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@dataclass(frozen=True, slots=True)
class Stage:
    """A private network with a submission server behind its exits and behind its onion service.

    Attributes:
        torrc: a file for ``--torrc-include``.
        host: the server's name, resolved by the network's exits only.
        onion_port: of ``network.onion_host``; no TLS there.
    """

    network: PrivateNetwork
    server: SubmissionServer
    certificates: Certificates
    torrc: Path
    host: str = SMTP_HOST
    onion_port: int = 587

    @property
    def environment(self) -> dict[str, str]:
        """For a child process: it trusts the stage's authority."""
        return {**os.environ, "SSL_CERT_FILE": str(self.certificates.authority)}


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"), [SMTP_HOST])


@pytest.fixture(scope="session")
def session_stage(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates, private_network: PrivateNetwork
) -> Iterator[Stage]:
    server = SubmissionServer(certificates, USERS, hostname=SMTP_HOST)
    server.start()
    try:
        private_network.names[SMTP_HOST] = server.address
        torrc = tmp_path_factory.mktemp("stage") / "client.torrc"
        torrc.write_text(private_network.client_torrc, encoding="utf-8")
        yield Stage(private_network, server, certificates, torrc)
    finally:
        server.stop()


@pytest.fixture
def stage(session_stage: Stage) -> Iterator[Stage]:
    """The stage, its server's inbox empty."""
    # What an earlier test sent may be on its way yet, though its Tor is gone.
    session_stage.server.hang_up()
    session_stage.server.clear()
    session_stage.server.refuse.clear()
    yield session_stage
    session_stage.server.refuse.clear()
