"""What all benchmarks of one run share: a private Tor network, one tor that every sender uses, a server, a message."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.app.parts import Program
from tests.benchmarks.mail_server import MailServer, Taken
from tests.benchmarks.relay import Relay
from torsend.demo.certificates import Certificates, make_certificates
from torsend.demo.failures import DemoFailed
from torsend.demo.links import Links, links, trouble
from torsend.demo.network import PrivateNetwork, find_tor
from torsend.demo.node import Node
from torsend.mail import wire
from torsend.mail.address import Mailbox
from torsend.mail.draft import Attachment, Draft

HOST = "smtp.rowanmail.example"
FROM, TO = "wren@rowanmail.example", "marta@nordpost.example"
USER, PASSWORD = "wren", "correct horse"
TOR_SECONDS = 60.0
ACCEPT_SECONDS = 120.0
SOCKS_PORTS = 9
_OF_DEVELOPERS = {
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONDEVMODE",
    "PYTHONWARNINGS",
    "PYTHONTRACEMALLOC",
    "PYTHONFAULTHANDLER",
}


@dataclass(frozen=True)
class Mail:
    """One message, as a draft and as the bytes that everybody sends."""

    draft: Draft
    bytes_file: Path
    size: int


@dataclass
class Stage:
    """Attributes:
    socks: the SOCKS port of the one tor; credentials keep streams apart, conflux is off, as in a tor of Torsend's own.
    more_socks: further ports of it; each has circuits of its own, for who knows no credentials.
    relay: stands before it; counts round trips.
    """

    folder: Path
    network: PrivateNetwork
    certificates: Certificates
    server: MailServer
    socks: int
    more_socks: tuple[int, ...]
    relay: Relay
    torrc: Path
    links: Links
    _taken: list[Taken] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _mails: dict[str, Mail] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """For every child: it trusts the stage's authority, needs no screen, and runs as compiled as a person's does."""
        return {
            **{name: value for name, value in os.environ.items() if name not in _OF_DEVELOPERS},
            "SSL_CERT_FILE": str(self.certificates.authority),
            "QT_QPA_PLATFORM": os.environ.get("TORSEND_BENCH_QPA", "offscreen"),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    def port(self, *, starttls: bool) -> int:
        return self.server.starttls_port if starttls else self.server.implicit_port

    def slow(self, round_trip: float) -> None:
        """Makes each round trip to the server so many seconds longer: link by link, or at once where links can't be."""
        if trouble():
            self.relay.one_way = round_trip / 2
        else:
            self.links.set(round_trip)

    def mail(self, size: int) -> Mail:
        """A message of about that many bytes; from 64 KB up, most of it is a file."""
        name = str(size)
        if name not in self._mails:
            self._mails[name] = self._made(size)
        return self._mails[name]

    def program(self, name: str, *options: str) -> Program:
        """Torsend with a profile of its own, one identity in it."""
        program = Program(self.folder / name, self.environment, options)
        program.folder.mkdir(exist_ok=True)
        if not program.profile.exists():
            program.add("Wren", FROM, (HOST, str(self.port(starttls=False)), "implicit"), USER, PASSWORD)
        return program

    def expect(self) -> None:
        """A message is going to be sent."""
        with self._changed:
            self._taken.clear()
        self.relay.begin()

    def accepted(self) -> Taken:
        """Waits until the server took it."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._taken, ACCEPT_SECONDS):
                raise DemoFailed("The server got no message.")
            return self._taken[0]

    def took(self, taken: Taken) -> None:
        self.relay.accepted()
        with self._changed:
            self._taken.append(taken)
            self._changed.notify_all()

    def _made(self, size: int) -> Mail:
        folder = self.folder / f"mail-{size}"
        folder.mkdir()
        files: tuple[Attachment, ...] = ()
        text = "A line of text, not short and not long.\n" * 12
        if size >= 64 * 1024:
            sheet = folder / "sheets.bin"
            sheet.write_bytes(secrets.token_bytes(size * 57 // 78))
            files = (Attachment.of(sheet).as_it_is(),)
        draft = Draft(Draft.new().id, "", to=TO, subject="Test sheets", text=text, attachments=files)
        message = wire.compose(
            draft, Mailbox("Wren", FROM), now=datetime.now(UTC), random=secrets.token_bytes
        )
        bytes_file = folder / "message.eml"
        with bytes_file.open("wb") as file:
            file.writelines(message.chunks())
        return Mail(draft, bytes_file, message.size)


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """Ten seconds; everything is gone again afterwards."""
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="torsend-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        certificates = make_certificates(folder / "certificates", [HOST])
        server = stack.enter_context(MailServer(certificates.for_server(), {USER: PASSWORD}))
        network = PrivateNetwork(folder / "network", names={HOST: "127.0.0.1"})
        stack.callback(network.stop)
        network.start()
        torrc = folder / "client.torrc"
        torrc.write_text(network.client_torrc, encoding="utf-8")
        socks, *more = stack.enter_context(_tor(network, folder / "tor"))
        relay = stack.enter_context(Relay(("127.0.0.1", socks)))
        slow = stack.enter_context(links((server.implicit_port, server.starttls_port, server.bare_port)))
        made = Stage(folder, network, certificates, server, socks, tuple(more), relay, torrc, slow)
        server.subscribe(made.took)
        yield made


@contextlib.contextmanager
def _tor(network: PrivateNetwork, folder: Path) -> Iterator[list[int]]:
    """SOCKS ports of a tor that is ready, and lets circuits live for the whole run."""
    folder.mkdir(mode=0o700)
    torrc = (
        network.client_torrc
        + "SocksPort 127.0.0.1:auto IsolateSOCKSAuth ExtendedErrors\n" * SOCKS_PORTS
        + "ClientOnly 1\nDisableNetwork 1\nMaxCircuitDirtiness 1 day\nLog notice stdout\n"
    )
    node = Node(find_tor(), "bench", folder, torrc)
    until = time.monotonic() + TOR_SECONDS
    try:
        node.launch()
        with contextlib.suppress(DemoFailed):  # a tor older than conflux
            node.ask("SETCONF ConfluxEnabled=0", until)
        node.ask("SETEVENTS STATUS_CLIENT", until)
        node.ask("SETCONF DisableNetwork=0", until)
        node.wait_for(lambda lines: "CIRCUIT_ESTABLISHED" in lines[0], until)
        node.ask("SETEVENTS", until)
        listeners = node.ask("GETINFO net/listeners/socks", until)
        yield [int(each) for each in re.findall(r':(\d+)"', listeners[0])]
    finally:
        node.stop()
