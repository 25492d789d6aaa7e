"""The demo's scene: a private Tor network, a submission server behind it, two identities, and the program in memory."""

from __future__ import annotations

import logging
import secrets
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from torsend import signals
from torsend.app import App, Start
from torsend.demo.certificates import make_certificates
from torsend.demo.network import PrivateNetwork
from torsend.demo.server import Received, SubmissionServer
from torsend.identity.identity import Colour, Identity, Kind, OnlyOverTor, Server, Tls, new_identity_id
from torsend.paths import Profile
from torsend.tor.choice import Launch
from torsend.tor.isolation import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.tor.circuits import Circuit

log = logging.getLogger("torsend.demo")

SMTP_HOST = "smtp.rowanmail.example"
RECIPIENT = "Marta Lindqvist <marta@nordpost.example>"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that the demo's server took, and the circuit that carried it.

    Attributes:
        circuit: as Tor's control port told it when the message arrived; None if it did not say.
    """

    identity: Identity
    message: Received = field(repr=False)
    circuit: Circuit | None


class Scene:
    """Everything the demo needs. ``start`` takes some ten seconds; ``stop`` leaves nothing behind.

    Attributes:
        app: the program, with its vault in memory.
        network: the private Tor network.
        client_torrc: what makes a further tor a client of it.
        identities: two, at one provider; the second by its onion server where one was asked for.
    """

    app: App
    network: PrivateNetwork
    client_torrc: Path
    identities: tuple[Identity, Identity]

    def __init__(self, *, onion: bool = False) -> None:
        self._onion = onion
        self._stack = ExitStack()
        self._arrived: list[Arrived] = []
        self._subscribers: list[Callable[[Arrived], None]] = []
        self._lock = threading.Lock()

    def start(self) -> None:
        """Starts all of it; returns when Tor is ready.

        Raises:
            DemoFailed, TorUnavailable, StorageError: everything is stopped again.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops everything and removes what it wrote. A second call does nothing."""
        with signals.shielded():
            self._stack.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def arrived(self) -> tuple[Arrived, ...]:
        """All that arrived so far, in order."""
        with self._lock:
            return tuple(self._arrived)

    def subscribe(self, callback: Callable[[Arrived], None]) -> None:
        """Calls back at each arrival, on a thread of the server's."""
        with self._lock:
            self._subscribers.append(callback)

    def _start(self) -> None:
        folder = self._stack.enter_context(signals.temporary_folder("torsend-demo-"))
        certificates = make_certificates(folder / "certificates", [SMTP_HOST])
        words = {name: secrets.token_urlsafe(12) for name in ("wren", "tarn.press")}
        server = SubmissionServer(certificates, words, hostname=SMTP_HOST)
        server.start()
        self._stack.callback(server.stop)
        onion = {587: (server.address, server.onion_port)} if self._onion else None
        network = self.network = PrivateNetwork(
            folder / "network", names={SMTP_HOST: server.address}, onion=onion
        )
        self._stack.callback(network.stop)
        network.start()
        client = self.client_torrc = folder / "client.torrc"
        client.write_text(network.client_torrc, encoding="utf-8")
        start = Start(Profile(folder / "profile"), tor=Launch(torrc_include=client), in_memory=True)
        trusted = certificates.for_client()
        self.app = self._stack.enter_context(App.open(start, tls_context=lambda: trusted))
        self.identities = self._people(server, network.onion_host if self._onion else None)
        for identity in self.identities:
            self.app.add_identity(identity, words[identity.username])
        self._stack.callback(server.subscribe(self._keep))
        self.app.connection.start()
        self.app.connection.wait_ready(self.app.limits.tor)
        log.info("the demo stands")

    def _people(self, server: SubmissionServer, onion_host: str | None) -> tuple[Identity, Identity]:
        def person(name: str, word: str, kind: Kind, colour: Colour, where: Server) -> Identity:
            return Identity(
                new_identity_id(),
                name,
                f"{word}@rowanmail.example",
                kind,
                colour,
                where,
                word,
                OnlyOverTor.YES,
            )

        direct = Server(SMTP_HOST, server.implicit_port, Tls.IMPLICIT)
        starttls = Server(SMTP_HOST, server.starttls_port, Tls.STARTTLS)
        inside = Server(onion_host, 587, Tls.ONION_PLAIN) if onion_host else starttls
        return (
            person("Wren", "wren", Kind.ADDRESS, Colour.TEAL, direct),
            person("Tarn Collective", "tarn.press", Kind.ALIAS, Colour.WINE, inside),
        )

    def _keep(self, message: Received) -> None:
        identity = next(each for each in self.identities if each.address == message.mail_from)
        token = self.app.connection.isolation.token(identity.id, Purpose.SENDING)
        arrived = Arrived(identity, message, self.app.connection.circuits.for_token(token))
        with self._lock:
            self._arrived.append(arrived)
            subscribers = tuple(self._subscribers)
        for callback in subscribers:
            callback(arrived)


def circuits_differ(first: Arrived, second: Arrived) -> bool:
    """Whether Tor said, of both, which circuit carried them, and they are two."""
    return first.circuit is not None and second.circuit is not None and first.circuit.id != second.circuit.id


__all__ = ["RECIPIENT", "Arrived", "Scene", "circuits_differ"]
