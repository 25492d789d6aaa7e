"""Who sends when, what Tor's answers mean, cancelling, and the end of the program."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import IMPATIENT, PORT, large_body, message, onion_host
from tests.support import misbehaving as mis
from torsend.delivery.dispatcher import Dispatcher, status_of
from torsend.delivery.lane import Progress, SendPhase
from torsend.delivery.limits import Limits
from torsend.delivery.no_stream import verdict_without_stream
from torsend.delivery.outbox import Changed, NoSuchEntry, Outbox
from torsend.delivery.outcome import Outcome
from torsend.delivery.reasons import Reason
from torsend.delivery.sentences import explain
from torsend.delivery.states import State, Step
from torsend.errors import ExitStatus, SecretsError, UsageError
from torsend.identity.identity import Identity, Tls
from torsend.tor.status import Phase, TorStatus
from torsend.tor.stream_failures import StreamTimedOut
from torsend.vault import DiskFull, Vault

if TYPE_CHECKING:
    from torsend.delivery.dispatcher import TorWay
    from torsend.tor.connection import Connection

    def connection_fits(connection: Connection) -> TorWay:
        """Only the type checker reads this."""
        return connection


class Watch:
    """Waits for an entry to be in a state."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._changed = threading.Condition()
        outbox.subscribe(self._tell)

    def _tell(self, _: Changed) -> None:
        with self._changed:
            self._changed.notify_all()

    def until(self, entry_id: str, state: State) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._outbox.get(entry_id).state is state, 20)


def test_running_dispatcher_sends_what_is_queued_while_it_runs(office: PostOffice) -> None:
    wren, watch = office.serve(), Watch(office.outbox)
    office.dispatcher().start()
    for _ in range(3):
        entry = office.outbox.queue(message(), wren.id)
        watch.until(entry.id, State.ACCEPTED)
    assert len(office.server.mails) == 3


def test_without_tor_the_message_waits_and_goes_when_tor_is_there(office: PostOffice) -> None:
    wren, watch = office.serve(), Watch(office.outbox)
    office.way.become(Phase.BOOTSTRAPPING)
    entry = office.outbox.queue(message(), wren.id)
    office.dispatcher().start()
    assert office.outbox.get(entry.id).state is State.QUEUED
    assert office.proxy.requests == []
    office.way.become(Phase.READY)
    watch.until(entry.id, State.ACCEPTED)


def test_one_sender_that_hangs_holds_nobody_else_up(office: PostOffice) -> None:
    slow = office.serve({"greeting": mis.stalls})
    hanging = office.server
    stuck = office.outbox.queue(message(), slow.id)
    watch = Watch(office.outbox)
    dispatcher = office.dispatcher()
    dispatcher.start()
    hanging.wait_for(lambda: len(hanging.seen) == 1)
    quick = office.serve()
    entry = office.outbox.queue(message(), quick.id)
    watch.until(entry.id, State.ACCEPTED)
    assert office.outbox.get(stuck.id).state is State.SENDING
    dispatcher.stop()
    assert office.outbox.get(stuck.id).reason is Reason.INTERRUPTED


def test_messages_of_one_sender_go_in_their_order_one_at_a_time(office: PostOffice) -> None:
    wren = office.serve()
    ids = [office.outbox.queue(message(b"Subject: %d\r\n\r\n" % n), wren.id).id for n in range(4)]
    entries = office.dispatcher().run_once()
    assert [entry.id for entry in entries] == ids
    assert [mail.body for mail in office.server.mails] == [b"Subject: %d\r\n\r\n" % n for n in range(4)]


def test_nothing_due_needs_no_tor(office: PostOffice) -> None:
    assert office.dispatcher().run_once() == ()
    assert status_of(()) is ExitStatus.OK


@pytest.mark.parametrize(
    ("codes", "state", "reason"),
    [
        ([0x01], State.ACCEPTED, Reason.ACCEPTED),
        ([0x05], State.ACCEPTED, Reason.ACCEPTED),
        ([0x06] * 9, State.RETRY, Reason.STREAM_FAILED),
        ([0x02, 0x02], State.ACCEPTED, Reason.ACCEPTED),
        ([0x02] * 3, State.REFUSED, Reason.EXIT_POLICY),
        ([0x03], State.RETRY, Reason.NO_TOR),
        ([0x04] * 9, State.RETRY, Reason.HOST_UNREACHABLE),
        ([0x07], State.REFUSED, Reason.TOR_PROTOCOL),
        ([0x08], State.REFUSED, Reason.TOR_PROTOCOL),
        ([0xF0], State.RETRY, Reason.ONION_UNREACHABLE),
        ([0xF1], State.RETRY, Reason.ONION_UNREACHABLE),
        ([0xF3], State.RETRY, Reason.ONION_UNREACHABLE),
        ([0xF2], State.RETRY, Reason.ONION_UNREACHABLE),
        ([0xF7], State.RETRY, Reason.ONION_UNREACHABLE),
        ([0xF4], State.REFUSED, Reason.ONION_KEY),
        ([0xF5], State.REFUSED, Reason.ONION_KEY),
        ([0xF6], State.REFUSED, Reason.ONION_ADDRESS),
    ],
)
def test_tors_answers_decide_what_follows(
    office: PostOffice, codes: list[int], state: State, reason: Reason
) -> None:
    wren = office.serve()
    office.proxy.refusals = codes
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (state, reason)
    if state is not State.ACCEPTED:
        assert entry.step is Step.CONNECTING
        assert "Nothing left this computer." in explain(entry, "rowanmail").sentences


@pytest.mark.parametrize("code", [0x01, 0x04, 0x06])
def test_a_tor_without_extended_errors_says_little_of_an_onion_service_and_so_is_told(
    office: PostOffice, code: int
) -> None:
    wren = office.serve(tls=Tls.ONION_PLAIN, host=onion_host())
    office.proxy.refusals = [code] * 9
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (State.RETRY, Reason.ONION_UNREACHABLE)
    assert "The onion service can’t be reached" in explain(entry, "rowanmail").what


def test_an_onion_service_that_gives_no_answer_is_not_the_circuits_fault() -> None:
    """Other circuits are not tried at once: the service is down, and each try would take as long."""
    assert verdict_without_stream(StreamTimedOut(), onion=True).reason is Reason.ONION_UNREACHABLE
    assert verdict_without_stream(StreamTimedOut()).reason is Reason.STREAM_FAILED


def test_proxy_that_is_gone_means_no_tor(office: PostOffice) -> None:
    wren = office.serve()
    office.proxy.__exit__()
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (State.RETRY, Reason.NO_TOR)
    assert office.server.seen == []


def test_what_waits_for_tor_is_due_as_soon_as_tor_is_back(office: PostOffice) -> None:
    wren = office.serve()
    good = office.way._proxy
    office.way._proxy = ("127.0.0.1", 9)
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (State.RETRY, Reason.NO_TOR)
    assert entry.next_attempt
    seen = threading.Event()
    office.outbox.subscribe(
        lambda changed: seen.set() if changed.entry and changed.entry.state is State.ACCEPTED else None
    )
    office.way._proxy = good
    office.way.become(Phase.STARTING)
    dispatcher = office.dispatcher()
    dispatcher.start()
    try:
        office.way.become(Phase.READY)
        assert seen.wait(20), "half a minute was to be waited for"
    finally:
        dispatcher.stop()
    assert len(office.server.mails) == 1


def test_circuit_that_breaks_in_the_body_is_replaced_by_another(office: PostOffice) -> None:
    def breaks(talk: mis.Talk) -> None:
        talk.more()
        office.proxy.cut()

    wren = office.serve([{"body": breaks}, {}])
    entry = office.send(wren, message(large_body(5_000_000), pieces=100_000))
    assert entry.state is State.ACCEPTED
    assert len(office.server.mails) == 1
    first, second = office.proxy.requests
    assert first.password != second.password


def test_plain_does_not_cross_a_network_on_its_way_to_tor(office: PostOffice) -> None:
    wren = office.serve(tls=Tls.ONION_PLAIN, host=onion_host())
    office.way.status = TorStatus(phase=Phase.READY, progress=100, means="socks", elsewhere=True)
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (State.HELD, Reason.PLAIN_BEFORE_TOR)
    assert office.proxy.requests == []


def test_plain_goes_to_an_onion_service_only(office: PostOffice) -> None:
    wren = office.serve(tls=Tls.ONION_PLAIN, host=onion_host())
    # An identity can't be made so; this is the second lock on that door.
    object.__setattr__(wren.server, "host", "mail.test")
    office.proxy.names["mail.test", PORT] = office.server.port
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (State.HELD, Reason.PLAIN_OUTSIDE_ONION)
    assert office.proxy.requests == []


# ---- passwords


def test_missing_password_holds_the_message_and_connects_to_nobody(office: PostOffice) -> None:
    wren = office.serve()
    office.passwords[wren.id] = None
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (State.HELD, Reason.PASSWORD_MISSING)
    assert office.proxy.requests == []
    assert status_of([entry]) is ExitStatus.STILL_QUEUED


@pytest.mark.parametrize(
    ("failure", "state", "reason"),
    [
        (SecretsError("locked"), State.HELD, Reason.SECRETS_LOCKED),
        (DiskFull("full"), State.RETRY, Reason.STORAGE),
    ],
)
def test_password_that_cannot_be_had_keeps_the_message(
    office: PostOffice, failure: Exception, state: State, reason: Reason
) -> None:
    def password_of(_: Identity) -> str | None:
        raise failure

    wren = office.serve()
    entry = office.outbox.queue(message(), wren.id)
    Dispatcher(office.outbox, office.way, office.identities.__getitem__, password_of, IMPATIENT).run_once()
    entry = office.outbox.get(entry.id)
    assert (entry.state, entry.reason) == (state, reason)


def test_sender_that_is_gone_holds_the_message(office: PostOffice) -> None:
    def identity_of(_: str) -> Identity:
        raise UsageError("no such identity")

    entry = office.outbox.queue(message(), "gone")
    Dispatcher(office.outbox, office.way, identity_of, lambda _: "", IMPATIENT).run_once()
    assert office.outbox.get(entry.id).reason is Reason.IDENTITY_GONE


def test_fault_of_ours_leaves_no_message_stuck(office: PostOffice, caplog: pytest.LogCaptureFixture) -> None:
    def identity_of(_: str) -> Identity:
        raise RuntimeError("marta@example.org")

    entry = office.outbox.queue(message(), "wren")
    Dispatcher(office.outbox, office.way, identity_of, lambda _: "", IMPATIENT).run_once()
    entry = office.outbox.get(entry.id)
    assert (entry.state, entry.reason) == (State.HELD, Reason.FAULT)


# ---- storage


def test_dot_that_cannot_be_written_down_is_not_written(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    wren = office.serve()
    advance = Outbox.advance

    def full(self: Outbox, entry_id: str, step: Step, recipients: tuple[str, ...] = ()) -> None:
        if step is Step.DOT_WRITTEN:
            raise DiskFull("full")
        advance(self, entry_id, step, recipients)

    monkeypatch.setattr(Outbox, "advance", full)
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (State.RETRY, Reason.STORAGE)
    office.server.wait_for(lambda: office.server.seen[0].ended.is_set())
    assert not office.server.seen[0].body_ended
    assert office.server.mails == []


def test_outcome_that_cannot_be_written_down_is_kept_until_it_can_and_nothing_is_sent_twice(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    wren, watch = office.serve(), Watch(office.outbox)
    settle = Outbox.settle
    failed = threading.Event()

    def full(self: Outbox, entry_id: str, outcome: Outcome) -> object:
        if not failed.is_set():
            failed.set()
            raise DiskFull("full")
        return settle(self, entry_id, outcome)

    monkeypatch.setattr(Outbox, "settle", full)
    entry = office.outbox.queue(message(), wren.id)
    dispatcher = office.dispatcher()
    dispatcher.start()
    assert failed.wait(20)
    dispatcher.poke()
    watch.until(entry.id, State.ACCEPTED)
    assert len(office.server.mails) == 1


def test_half_a_message_in_the_vault_is_never_sent_as_a_whole(office: PostOffice, vault: Vault) -> None:
    wren = office.serve()
    entry = office.outbox.queue(message(large_body(300_000), pieces=50_000), wren.id)
    with vault.writing() as db:
        db.execute("DELETE FROM outbox_chunk WHERE entry_id = ? AND ordinal >= 3", (entry.id,))
    office.dispatcher().run_once()
    assert office.outbox.get(entry.id).reason is Reason.STORAGE
    assert office.server.mails == []


# ---- cancelling and the end


def test_cancel_before_it_begins_keeps_it_back(office: PostOffice) -> None:
    entry = office.outbox.queue(message(), office.serve().id)
    dispatcher = office.dispatcher()
    assert dispatcher.cancel(entry.id)
    dispatcher.run_once()
    assert office.outbox.get(entry.id).reason is Reason.CANCELLED
    assert office.server.seen == []
    with pytest.raises(NoSuchEntry):
        dispatcher.cancel("nothing")


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "auth", "mail", "rcpt", "data", "body"])
def test_cancel_works_until_the_last_byte(office: PostOffice, stage: str) -> None:
    wren, watch = office.serve({stage: mis.stalls}), Watch(office.outbox)
    body = large_body(25_000_000) if stage == "body" else b"a: b\r\n\r\n"
    if stage == "body":

        def reads_no_more(talk: mis.Talk) -> None:
            talk.server.note()
            talk.server.closing.wait(30)
            raise mis.Over

        wren = office.serve({"body": reads_no_more}, offers=("AUTH PLAIN",))
    entry = office.outbox.queue(message(body, pieces=100_000), wren.id)
    dispatcher = office.dispatcher()
    reached = threading.Event()

    def tell(progress: Progress) -> None:
        wanted = SendPhase.SENDING if stage == "body" else SendPhase.BUILT
        if progress.phase is wanted:
            reached.set()

    dispatcher.subscribe(tell)
    dispatcher.start()
    assert reached.wait(20)
    assert dispatcher.cancel(entry.id)
    watch.until(entry.id, State.HELD)
    assert office.outbox.get(entry.id).reason is Reason.CANCELLED
    assert office.server.mails == []


def test_cancel_after_the_last_byte_is_refused_honestly(office: PostOffice) -> None:
    answer = threading.Event()

    def answers_late(talk: mis.Talk) -> None:
        answer.wait(20)
        talk.server.take(talk, talk.seen.body)
        talk.say("250 2.0.0 at last")

    wren, watch = office.serve({"dot": answers_late}), Watch(office.outbox)
    entry = office.outbox.queue(message(), wren.id)
    dispatcher = office.dispatcher()
    dispatcher.start()
    office.server.wait_for(lambda: bool(office.server.seen) and office.server.seen[0].body_ended)
    assert not dispatcher.cancel(entry.id)
    answer.set()
    watch.until(entry.id, State.ACCEPTED)
    assert not dispatcher.cancel(entry.id)


def test_end_of_the_program_before_the_dot_puts_the_message_back(office: PostOffice) -> None:
    wren = office.serve({"rcpt": mis.stalls})
    entry = office.outbox.queue(message(), wren.id)
    dispatcher = office.dispatcher()
    dispatcher.start()
    office.server.wait_for(lambda: bool(office.server.seen) and len(office.server.seen[0].commands) > 3)
    dispatcher.stop()
    stopped = office.outbox.get(entry.id)
    assert (stopped.state, stopped.reason, stopped.next_attempt) == (State.RETRY, Reason.INTERRUPTED, None)
    assert not [thread for thread in threading.enumerate() if thread.name in {"lane", "dispatcher"}]


def test_end_of_the_program_after_the_dot_waits_a_little_then_the_message_is_unknown(
    office: PostOffice,
) -> None:
    wren = office.serve({"dot": mis.stalls})
    entry = office.outbox.queue(message(), wren.id)
    dispatcher = office.dispatcher(Limits(farewell=0.1))
    dispatcher.start()
    office.server.wait_for(lambda: bool(office.server.seen) and office.server.seen[0].body_ended)
    dispatcher.stop()
    dispatcher.stop()
    assert office.outbox.get(entry.id).state is State.UNKNOWN


def test_window_that_fails_breaks_no_message_off(
    office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: object) -> None:
        raise RuntimeError

    office.outbox.subscribe(fails)
    wren = office.serve()
    entry = office.outbox.queue(message(), wren.id)
    dispatcher = office.dispatcher()
    dispatcher.subscribe(fails)
    dispatcher.run_once()
    assert office.outbox.get(entry.id).state is State.ACCEPTED
    assert "a subscriber failed" in caplog.text


def test_no_log_line_holds_an_address_a_host_or_a_password(
    office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    wren = office.serve({"rcpt": mis.answers("550 5.1.1 marta@example.org unknown")})
    office.send(wren)
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("torsend"))
    assert "ended" in logged
    for secret in ("marta", "rowanmail", "mail.test", mis.PASSWORD):
        assert secret not in logged
