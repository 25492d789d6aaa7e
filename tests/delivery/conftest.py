"""A vault in memory, certificates, a proxy, and a post office that puts them together."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.delivery.parts import HOST, IMPATIENT, PORT, LoopbackWay, Recorder, identity, message
from tests.support.misbehaving import PASSWORD, Misdeed, SmtpServer
from tests.support.socks_proxy import SocksProxy
from torsend.delivery.answers import AnswerBook
from torsend.delivery.dispatcher import Dispatcher
from torsend.delivery.exit_refusals import ExitRefusals
from torsend.delivery.lane import Prepare, nothing
from torsend.delivery.limits import Limits
from torsend.delivery.outbox import Outbox, OutboxEntry
from torsend.demo.certificates import Certificates, make_certificates
from torsend.identity.identity import Identity, Tls
from torsend.mail.wire import Message
from torsend.vault import Vault


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"), [HOST])


@pytest.fixture
def vault() -> Iterator[Vault]:
    with Vault.in_memory() as made:
        yield made


@pytest.fixture
def outbox(vault: Vault) -> Outbox:
    return Outbox(vault)


class PostOffice:
    """An outbox, a server that may misbehave, a way to it, and a dispatcher between them."""

    def __init__(
        self, outbox: Outbox, certificates: Certificates, proxy: SocksProxy, stack: contextlib.ExitStack
    ) -> None:
        self.outbox, self.certificates, self.proxy, self._stack = outbox, certificates, proxy, stack
        self.way = LoopbackWay(proxy.address)
        self.identities: dict[str, Identity] = {}
        self.passwords: dict[str, str | None] = {}
        self.exits: ExitRefusals | None = None
        self.prepare: Prepare = lambda _identity, _cancel: nothing
        self.server: SmtpServer
        self.recorder: Recorder

    def serve(
        self,
        manners: Mapping[str, Misdeed] | Sequence[Mapping[str, Misdeed]] = (),
        *,
        tls: Tls = Tls.IMPLICIT,
        host: str = HOST,
        server_tls: ssl.SSLContext | None = None,
        offers: Sequence[str] = ("PIPELINING", "SIZE 10000000", "AUTH PLAIN LOGIN"),
    ) -> Identity:
        """A server that keeps these manners, and an identity that sends through it."""
        self.server = self._stack.enter_context(
            SmtpServer(
                server_tls or self.certificates.for_server(),
                manners,
                implicit=tls is Tls.IMPLICIT,
                plain=tls is Tls.ONION_PLAIN,
                offers=offers,
            )
        )
        self.proxy.names[host, PORT] = self.server.port
        return self.person(tls, host)

    def person(self, tls: Tls = Tls.IMPLICIT, host: str = HOST) -> Identity:
        made = identity(tls, host)
        self.identities[made.id] = made
        self.passwords[made.id] = PASSWORD
        return made

    def dispatcher(self, limits: Limits = IMPATIENT, answers: AnswerBook | None = None) -> Dispatcher:
        def identity_of(identity_id: str) -> Identity:
            return self.identities[identity_id]

        made = Dispatcher(
            self.outbox,
            self.way,
            identity_of,
            lambda each: self.passwords[each.id],
            limits,
            context=self.certificates.for_client,
            uniform=lambda low, _: low,
            answers=answers,
            prepare=self.prepare,
            exits=self.exits,
        )
        self._stack.callback(made.stop)
        self.recorder = Recorder(made)
        return made

    def send(
        self,
        who: Identity,
        mail: Message | None = None,
        limits: Limits = IMPATIENT,
        answers: AnswerBook | None = None,
    ) -> OutboxEntry:
        """Queues a message, works the outbox off once, and gives the entry as it is then."""
        queued = self.outbox.queue(mail or message(), who.id)
        self.dispatcher(limits, answers).run_once([queued.id])
        return self.outbox.get(queued.id)


@pytest.fixture
def office(outbox: Outbox, certificates: Certificates) -> Iterator[PostOffice]:
    with contextlib.ExitStack() as stack:
        proxy = stack.enter_context(SocksProxy())
        yield PostOffice(outbox, certificates, proxy, stack)


@pytest.fixture
def stranger(tmp_path: Path) -> ssl.SSLContext:
    """A server whose certificate nobody trusts."""
    return make_certificates(tmp_path / "stranger", [HOST]).for_server()
