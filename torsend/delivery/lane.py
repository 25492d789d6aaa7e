"""One attempt to submit one message: its stream, its dialogue, its journal.

The dialogue (``smtp``) says what to do next; this carries it out over a channel, under the deadline of each stage, and
makes each step durable in the outbox before the first byte of it leaves. Above all ``DOT_WRITTEN``: once that is
committed the message can't be cancelled any more, and if the program dies it is *unknown*.
"""

from __future__ import annotations

import enum
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, assert_never

from torsend.delivery.actions import (
    Heard,
    Login,
    NextBlock,
    PeerGone,
    PeerSilent,
    Poll,
    Reached,
    Read,
    Stage,
    StartTls,
    Verdict,
    Write,
)
from torsend.delivery.channel import Channel, Stream
from torsend.delivery.no_stream import verdict_without_stream
from torsend.delivery.reasons import Reason
from torsend.delivery.smtp import QUIT, Submission
from torsend.delivery.states import RecipientState, Step
from torsend.delivery.tls import BadCertificate, OtherCertificate, TlsFailed, unverified
from torsend.errors import SecretsError, StorageError, TorUnavailable
from torsend.identity.identity import Tls
from torsend.identity.providers import certificate_name
from torsend.tor.cancel import Cancel
from torsend.tor.isolation import Purpose
from torsend.words import t

if TYPE_CHECKING:
    import ssl

    from torsend.delivery.limits import Limits
    from torsend.delivery.outbox import Outbox, OutboxEntry
    from torsend.delivery.reply import Reply
    from torsend.identity.identity import Identity
    from torsend.tor.circuits import Circuit
    from torsend.tor.isolation import Isolation, Token
    from torsend.tor.status import TorStatus

log = logging.getLogger("torsend.delivery")


Prepare = Callable[["Identity", Cancel], Callable[[], None]]


def nothing() -> None:
    """Does nothing: there is nothing to say when a stream stands."""


class HalfMessage(StorageError):
    """The vault holds fewer bytes of a message than were put in."""


class SendPhase(enum.StrEnum):
    """What the person sees of an attempt."""

    BUILDING = "building"
    BUILT = "built"
    SIGNING_IN = "signing-in"
    SIGNED_IN = "signed-in"
    SENDING = "sending"
    WAITING = "waiting"
    """All of it left; the server's answer is due. Can't be cancelled any more."""
    ACCEPTED = "accepted"
    FAILED = "failed"
    """The attempt is over; the outbox says what follows."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of an attempt.

    Attributes:
        sent: bytes of the message that Tor has taken, of ``total``.
        circuit_id: Tor's, where it is known.
    """

    entry_id: str
    identity_id: str
    phase: SendPhase
    sent: int = 0
    total: int = 0
    circuit_id: str | None = None


class Circuits(Protocol):
    """What is known of circuits."""

    def for_token(self, token: Token) -> Circuit | None:
        """The circuit that last carried a stream of it."""


class Way(Protocol):
    """The way out: what ``tor.connection.Connection`` is to us."""

    @property
    def isolation(self) -> Isolation:
        """Each identity's credentials."""

    @property
    def circuits(self) -> Circuits:
        """What Tor tells of its circuits."""

    @property
    def status(self) -> TorStatus:
        """How it stands, and where that Tor is."""

    def open_stream(
        self, host: str, port: int, token: Token, deadline: float, cancel: Cancel, *, optimistic: bool
    ) -> Stream:
        """A stream over the circuit of ``token``. Raises ``TorUnavailable``; so does its ``settle``, if ``optimistic``."""

    def new_circuit(self, identity_id: str) -> object:
        """The identity's next stream runs over another circuit."""


class Attempt:
    """Runs once. ``cancel`` and ``cut`` from any thread; the rest on the lane's."""

    def __init__(
        self,
        entry: OutboxEntry,
        identity: Identity,
        password_of: Callable[[Identity], str | None],
        *,
        way: Way,
        outbox: Outbox,
        limits: Limits,
        context: Callable[[], ssl.SSLContext],
        report: Callable[[Progress], None],
        prepare: Prepare = lambda _identity, _cancel: nothing,
    ) -> None:
        """
        Args:
            prepare: has Tor know what the identity's onion server asks for, and gives what to call once the stream stands
                or has failed; raises as ``password_of``, and ``StreamCancelled``.
        """
        self._entry = entry
        self._identity = identity
        self._password_of = password_of
        self._login: Login | None = None
        self._way = way
        self._outbox = outbox
        self._limits = limits
        self._context = context
        self._report = report
        self._prepare = prepare
        self._prepared: Callable[[], None] = nothing
        self._recipients = tuple(
            each.address for each in entry.recipients if each.state is RecipientState.WAITING
        )
        self._cancel = Cancel()
        self._lock = threading.Lock()
        self._why: Reason | None = None
        self._beyond = False
        self._over = False
        self._sent = 0
        self._leaving = 0
        self._taken = 0
        self._circuit: str | None = None
        self.heard: Mapping[Heard, Reply] = {}
        """What the server said that let it go on; whole once ``run`` has returned."""
        self._timed = Stage.CONNECT
        self._deadline = 0.0
        self._body_deadline: float | None = None

    @property
    def beyond(self) -> bool:
        """Whether the last byte was given leave to go: nothing can be taken back any more."""
        with self._lock:
            return self._beyond

    def cancel(self, why: Reason = Reason.CANCELLED) -> bool:
        """Stops it, unless it is beyond its last byte or over; whether it did."""
        with self._lock:
            if self._beyond or self._over:
                return False
            self._why = self._why or why
        self._cancel.cancel()
        return True

    def cut(self) -> None:
        """Ends the connection wherever it is: past the last byte that leaves the message unknown."""
        self._cancel.cancel()

    def run(self) -> Verdict:
        """All of it. What can't be written down is not done: the attempt ends with ``Reason.STORAGE``."""
        try:
            verdict = self._before() or self._connected()
        except TorUnavailable as failure:
            log.info("no stream: %s", failure.log_safe)
            verdict = verdict_without_stream(failure, onion=self._identity.server.is_onion)
        finally:
            self._prepared()
        with self._lock:
            self._over = True
            why = self._why
        # Set only while it could still be stopped, so whatever was heard since changes nothing.
        return verdict if why is None else Verdict(why, verdict.stage, recipients=verdict.recipients)

    def _before(self) -> Verdict | None:
        """What needs no connection to be known."""
        server = self._identity.server
        # Said again here, where it would leak: without TLS nothing goes but to an onion service.
        if server.tls is Tls.ONION_PLAIN and not server.is_onion:
            return Verdict(Reason.PLAIN_OUTSIDE_ONION, Stage.CONNECT)
        if self._bare_before_tor():
            return Verdict(Reason.PLAIN_BEFORE_TOR, Stage.CONNECT)
        try:
            password = self._password_of(self._identity)
            if password is not None and server.is_onion:
                self._prepared = self._prepare(self._identity, self._cancel)
        except SecretsError as failure:
            log.info("no password: %s", failure.log_safe)
            return Verdict(Reason.SECRETS_LOCKED, Stage.CONNECT)
        except StorageError as failure:
            log.warning("the password could not be read: %s", failure.log_safe)
            return Verdict(Reason.STORAGE, Stage.CONNECT)
        if password is None:
            return Verdict(Reason.PASSWORD_MISSING, Stage.CONNECT)
        self._login = Login(self._identity.username, password)
        return None

    def _bare_before_tor(self) -> bool:
        """Whether password and mail would cross a network on their way to Tor, with nothing around them."""
        return self._identity.server.tls is Tls.ONION_PLAIN and self._way.status.elsewhere

    def _connected(self) -> Verdict:
        server = self._identity.server
        self._tell(SendPhase.BUILDING)
        token = self._way.isolation.token(self._identity.id, Purpose.SENDING)
        deadline = time.monotonic() + self._limits.connect
        # Where we speak first, ClientHello goes along with the request for the stream: a round trip less. Elsewhere
        # there is nothing to say before the server has.
        optimistic = server.tls is Tls.IMPLICIT
        stream = self._way.open_stream(
            server.host, server.port, token, deadline, self._cancel, optimistic=optimistic
        )
        if self._bare_before_tor():  # another Tor was chosen meanwhile
            stream.close()
            return Verdict(Reason.PLAIN_BEFORE_TOR, Stage.CONNECT)
        try:
            channel = Channel(stream)
        except BaseException:
            stream.close()
            raise
        try:
            return self._speak(channel, stream, token, deadline)
        finally:
            channel.close()

    def _speak(self, channel: Channel, stream: Stream, token: Token, deadline: float) -> Verdict:
        server = self._identity.server
        submission = Submission(
            self._entry.mail_from,
            self._recipients,
            self._entry.size,
            self._login,
            starttls=server.tls is Tls.STARTTLS,
            utf8=self._beyond_ascii(),
        )
        self.heard = submission.heard
        try:
            self._outbox.advance(self._entry.id, Step.TLS)
            if server.tls is Tls.IMPLICIT:
                self._offer_tls(channel, deadline)
            stream.settle(deadline)
            self._prepared()
            circuit = self._way.circuits.for_token(token)
            self._circuit = circuit.id if circuit else None
            self._tell(SendPhase.BUILT)
            if server.tls is Tls.IMPLICIT:
                self._start_tls(channel)
            verdict = self._drive(channel, submission)
        except OtherCertificate as other:
            return Verdict(Reason.CERTIFICATE_CHANGED, Stage.TLS, detail=other.detail)
        except BadCertificate as bad:
            reason = Reason.ONION_CERTIFICATE if server.is_onion else Reason.BAD_CERTIFICATE
            return Verdict(reason, Stage.TLS, detail=bad.detail)
        except TlsFailed:
            return Verdict(Reason.TLS_FAILED, Stage.TLS)
        except StorageError as failure:
            log.warning("an attempt could not be written down: %s", failure.log_safe)
            return Verdict(Reason.STORAGE, submission.stage)
        except PeerGone:
            return Verdict(Reason.DROPPED, Stage.TLS)
        except PeerSilent:
            return Verdict(Reason.STALLED, Stage.TLS)
        if verdict.polite:
            # Its answer changes nothing, so nobody waits for it.
            channel.farewell(QUIT)
        return verdict

    def _beyond_ascii(self) -> bool:
        """Whether an address is: also one that is not sent to any more still stands in the header."""
        addresses = (self._entry.mail_from, *(each.address for each in self._entry.recipients))
        return not all(map(str.isascii, addresses))

    def _drive(self, channel: Channel, submission: Submission) -> Verdict:
        """Carries out what the dialogue asks for, and hands it what came of it."""
        dialogue = submission.dialogue()
        blocks = self._outbox.chunks(self._entry.id)
        try:
            action = next(dialogue)
            while True:
                try:
                    answer = b""
                    match action:
                        case Write(data, stage):
                            answer = self._write(channel, data, stage)
                        case Read(stage):
                            answer = channel.read(self._until(stage))
                        case Poll():
                            answer = channel.poll()
                        case NextBlock():
                            answer = self._next_block(blocks)
                        case StartTls():
                            self._start_tls(channel)
                        case Reached(stage, recipients):
                            self._reached(stage, recipients)
                        case _:
                            assert_never(action)
                except (PeerGone, PeerSilent) as broken:
                    action = dialogue.throw(broken)
                else:
                    action = dialogue.send(answer)
        except StopIteration as end:
            verdict: Verdict = end.value
            return verdict
        finally:
            dialogue.close()

    def _write(self, channel: Channel, data: bytes, stage: Stage) -> bytes:
        if stage is not Stage.BODY:
            return channel.write(data, self._until(stage))
        # Only a further block moves the deadline, not the rest of one during which the server spoke.
        heard = channel.write(data, self._until(stage, fresh=bool(data)), listening=True)
        self._leaving += len(data)
        if not heard:
            self._sent = min(self._leaving, self._entry.size)
            self._tell(SendPhase.WAITING if self._beyond else SendPhase.SENDING)
        return heard

    def _offer_tls(self, channel: Channel, deadline: float) -> None:
        try:
            channel.offer_tls(self._tls(), certificate_name(self._identity.server.host), deadline)
        except (PeerGone, PeerSilent):
            # Why Tor hung up is in the answer that the stream still holds: read by ``settle``.
            return

    def _start_tls(self, channel: Channel) -> None:
        server = self._identity.server
        until = time.monotonic() + self._limits.tls
        channel.start_tls(self._tls(), certificate_name(server.host), until, server.certificate)

    def _tls(self) -> ssl.SSLContext:
        return unverified() if self._identity.server.certificate else self._context()

    def _next_block(self, blocks: Iterator[bytes]) -> bytes:
        block = next(blocks, b"")
        self._taken += len(block)
        if self._taken > self._entry.size or (not block and self._taken != self._entry.size):
            # Ending here would send half a message as if it were whole, and more would be read as commands (BDAT).
            raise HalfMessage(t("Part of this mail is missing from the vault."))
        return block

    def _reached(self, stage: Stage, recipients: tuple[str, ...]) -> None:
        match stage:
            case Stage.AUTH:
                self._tell(SendPhase.SIGNING_IN)
                self._outbox.advance(self._entry.id, Step.AUTH)
            case Stage.MAIL:
                self._tell(SendPhase.SIGNED_IN)
                self._outbox.advance(self._entry.id, Step.ENVELOPE)
            case Stage.BODY:
                self._tell(SendPhase.SENDING)
                self._outbox.advance(self._entry.id, Step.DATA_STARTED)
            case Stage.DOT:
                self._tell(SendPhase.SENDING)
                with self._lock:
                    if self._why is not None:
                        # Cancelled in time: the dot is never written.
                        raise PeerGone
                    self._beyond = True
                try:
                    self._outbox.advance(self._entry.id, Step.DOT_WRITTEN, recipients)
                except BaseException:
                    with self._lock:
                        self._beyond = False
                    raise
            case _:
                raise ValueError(stage)

    def _until(self, stage: Stage, *, fresh: bool = False) -> float:
        """The deadline of a stage: set when it begins, and not moved by what comes in between."""
        now = time.monotonic()
        if fresh or stage is not self._timed:
            self._timed = stage
            self._deadline = now + self._limits.of(stage, len(self._recipients))
        if stage is Stage.BODY:
            if self._body_deadline is None:
                self._body_deadline = now + self._limits.of_body(self._entry.size)
            return min(self._deadline, self._body_deadline)
        return self._deadline

    def _tell(self, phase: SendPhase) -> None:
        self._report(
            Progress(self._entry.id, self._identity.id, phase, self._sent, self._entry.size, self._circuit)
        )
