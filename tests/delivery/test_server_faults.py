"""Further rows of the failure contract: odd replies, floods, silence around TLS, certificates."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import HOST, hurried, message
from tests.support import misbehaving as mis
from tests.support.bad_certificates import careless_server, make_bad
from tests.support.misbehaving import Misdeed
from torsend.delivery.outcome import Recipient
from torsend.delivery.reasons import Reason
from torsend.delivery.states import RecipientState, State, Step
from torsend.demo.certificates import make_certificates
from torsend.identity.identity import Tls

BOTH = pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
CHUNKING = ("PIPELINING", "CHUNKING", "SIZE 10000000", "AUTH PLAIN")


def _takes_rcpt(line: str) -> Misdeed:
    def misdeed(talk: mis.Talk) -> None:
        talk.seen.recipients.append(talk.seen.commands[-1].partition("<")[2].partition(">")[0])
        talk.say(line)

    return misdeed


# ---- what is no failure


@BOTH
@pytest.mark.parametrize("line", ["251 2.1.5 will forward", "252 2.5.2 cannot check"])
def test_recipient_that_is_forwarded_or_not_checked_is_accepted(
    office: PostOffice, tls: Tls, line: str
) -> None:
    entry = office.send(office.serve({"rcpt": _takes_rcpt(line)}, tls=tls))
    assert entry.state is State.ACCEPTED
    assert entry.recipients[0].state is RecipientState.ACCEPTED


@BOTH
def test_slow_acceptance_is_waited_for(office: PostOffice, tls: Tls) -> None:
    def takes_its_time(talk: mis.Talk) -> None:
        talk.server.take(talk, talk.seen.body)
        talk.server.closing.wait(0.6)
        talk.say("250 2.0.0 at last")

    entry = office.send(
        office.serve({"dot": takes_its_time}, tls=tls),
        limits=hurried("block", seconds=0.4),
    )
    assert entry.state is State.ACCEPTED


@BOTH
@pytest.mark.parametrize("then", [mis.vanishes, mis.resets])
def test_acceptance_stands_whatever_becomes_of_the_connection(
    office: PostOffice, tls: Tls, then: Misdeed
) -> None:
    def accepts_and(talk: mis.Talk) -> None:
        talk.server.take(talk, talk.seen.body)
        talk.say("250 2.0.0 Ok")
        then(talk)

    assert office.send(office.serve({"dot": accepts_and}, tls=tls)).state is State.ACCEPTED


# ---- replies that are none, or not the ones that were asked for

FLOODS = [
    (stage, flood)
    for stage in ("greeting", "ehlo", "auth", "mail", "rcpt", "data", "dot")
    for flood in (mis.never_stops, mis.line_without_end)
]


@BOTH
@pytest.mark.parametrize(("stage", "flood"), FLOODS)
def test_reply_without_end_holds_no_lane_and_fills_no_memory(
    office: PostOffice, tls: Tls, stage: str, flood: Misdeed
) -> None:
    entry = office.send(office.serve({stage: flood}, tls=tls))
    if stage == "dot":
        assert (entry.state, entry.reason) == (State.UNKNOWN, Reason.NO_ANSWER)
    else:
        assert (entry.state, entry.reason) == (State.RETRY, Reason.PROTOCOL)
        assert office.server.mails == []


ODD = [
    ("letters", mis.answers("yes of course")),
    ("code below 200", mis.answers("199 hm")),
    ("code above 599", mis.answers("600 hm")),
    ("differing codes", mis.differing_codes),
]


@BOTH
@pytest.mark.parametrize("stage", ["greeting", "ehlo", "auth", "mail", "rcpt", "data"])
@pytest.mark.parametrize("odd", [each[1] for each in ODD], ids=[each[0] for each in ODD])
def test_reply_that_is_none_is_tried_again_and_never_counts_as_sent(
    office: PostOffice, tls: Tls, stage: str, odd: Misdeed
) -> None:
    entry = office.send(office.serve({stage: odd}, tls=tls))
    assert (entry.state, entry.reason) == (State.RETRY, Reason.PROTOCOL)
    assert office.server.mails == []


@BOTH
@pytest.mark.parametrize(
    ("stage", "lines", "reason"),
    [
        ("auth", ("235 2.7.0 Welcome", "421 4.4.2 idle for too long"), Reason.TEMPORARY),
        ("auth", ("235 2.7.0 Welcome", "250 2.1.0 Ok"), Reason.PROTOCOL),
        ("greeting", ("220 mail.test", "250 mail.test"), Reason.PROTOCOL),
    ],
)
def test_reply_nobody_asked_for_is_421_or_out_of_step(
    office: PostOffice, tls: Tls, stage: str, lines: tuple[str, ...], reason: Reason
) -> None:
    entry = office.send(office.serve({stage: mis.answers_and_closes(*lines)}, tls=tls))
    assert (entry.state, entry.reason) == (State.RETRY, reason)
    assert office.server.mails == []


@BOTH
def test_ehlo_put_off_is_tried_again(office: PostOffice, tls: Tls) -> None:
    entry = office.send(office.serve({"ehlo": mis.answers_and_closes("421 4.3.2 busy")}, tls=tls))
    assert (entry.state, entry.reason) == (State.RETRY, Reason.TEMPORARY)


@BOTH
def test_ehlo_refused_is_never_followed_by_helo(office: PostOffice, tls: Tls) -> None:
    entry = office.send(office.serve({"ehlo": mis.answers("502 5.5.1 what?")}, tls=tls))
    assert entry.state is State.REFUSED
    commands = [command for seen in office.server.seen for command in seen.commands]
    assert not any(command.startswith(("HELO", "AUTH", "MAIL")) for command in commands)


@BOTH
@pytest.mark.parametrize(
    ("dot", "state"),
    [
        ("554 5.7.1 no", State.REFUSED),
        ("451 4.3.0 later", State.RETRY),
        ("250 2.0.0 Ok: queued", State.UNKNOWN),
    ],
)
def test_recipient_refused_while_the_mail_was_on_its_way_is_never_counted_as_sent(
    office: PostOffice, tls: Tls, dot: str, state: State
) -> None:
    # RFC 3030: one recipient, so the mail goes along with the envelope.
    manners = {"rcpt": mis.answers("550 5.1.1 unknown"), "dot": mis.answers(dot)}
    entry = office.send(office.serve(manners, tls=tls, offers=CHUNKING))
    if dot.startswith("250"):
        # No to the recipient and yes to the mail: only the server knows.
        assert entry.state is State.UNKNOWN
    else:
        assert entry.state in {State.REFUSED, state}
        assert entry.recipients[0].state is not RecipientState.ACCEPTED


# ---- TLS


@pytest.mark.parametrize(
    ("manners", "reason"),
    [
        ({"starttls": mis.stalls}, Reason.STALLED),
        ({"starttls": mis.drips}, Reason.STALLED),
        ({"starttls": mis.vanishes}, Reason.DROPPED),
        ({"starttls": mis.never_stops}, Reason.PROTOCOL),
        ({"ehlo-clear": mis.stalls}, Reason.STALLED),
    ],
)
def test_silence_around_starttls_sends_nothing_in_the_clear(
    office: PostOffice, manners: dict[str, Misdeed], reason: Reason
) -> None:
    silent = [
        stage.partition("-")[0] for stage, misdeed in manners.items() if misdeed in {mis.stalls, mis.drips}
    ]
    entry = office.send(office.serve(manners, tls=Tls.STARTTLS), limits=hurried(*silent))
    assert (entry.state, entry.reason) == (State.RETRY, reason)
    for seen in office.server.seen:
        assert all(command.startswith(("EHLO", "STARTTLS", "QUIT")) for command in seen.commands)


def _answers_starttls_and_stalls(talk: mis.Talk) -> None:
    talk.say("220 go on")
    mis.stalls(talk)


@pytest.mark.parametrize(
    ("tls", "manners"),
    [(Tls.IMPLICIT, {"connect": mis.stalls}), (Tls.STARTTLS, {"starttls": _answers_starttls_and_stalls})],
)
def test_handshake_that_stalls_cannot_hold_a_lane(
    office: PostOffice, tls: Tls, manners: dict[str, Misdeed]
) -> None:
    entry = office.send(office.serve(manners, tls=tls), limits=hurried("tls"))
    assert (entry.state, entry.reason) == (State.RETRY, Reason.STALLED)


@BOTH
@pytest.mark.parametrize("fault", ["expired", "not yet valid", "wrong host", "weak key", "for clients"])
def test_certificate_with_a_fault_gets_no_password_and_is_refused_after_one_more_circuit(
    office: PostOffice, tls: Tls, fault: str, tmp_path: Path
) -> None:
    day, now = timedelta(days=1), datetime.now(UTC)
    match fault:
        case "expired":
            bad = make_certificates(tmp_path / "c", [HOST], not_before=now - 9 * day, not_after=now - day)
        case "not yet valid":
            bad = make_certificates(tmp_path / "c", [HOST], not_before=now + day, not_after=now + 9 * day)
        case "wrong host":
            bad = make_certificates(tmp_path / "c", ["elsewhere.test"])
        case _:
            bad = make_bad(tmp_path / "c", HOST, weak=fault == "weak key", for_clients=fault == "for clients")
    office.certificates = bad
    entry = office.send(office.serve(tls=tls, server_tls=careless_server(bad)))
    assert (entry.state, entry.reason) == (State.REFUSED, Reason.BAD_CERTIFICATE)
    assert "SHA-256" in entry.detail
    assert len(office.server.seen) == 2
    assert office.way.renewed == [entry.identity_id]
    assert not any(command.startswith("AUTH") for seen in office.server.seen for command in seen.commands)


# ---- addresses, recipients, cancelling


@BOTH
def test_each_recipient_has_an_outcome_of_its_own(office: PostOffice, tls: Tls) -> None:
    people = ("a@example.org", "b@example.org", "c@example.org")
    manners: dict[str, Misdeed] = {
        "rcpt b@example.org": mis.answers("550 5.1.1 unknown"),
        "rcpt c@example.org": mis.answers("450 4.2.1 mailbox busy"),
    }
    wren = office.serve([manners, {"rcpt c@example.org": mis.answers("450 4.2.1 still busy")}, {}], tls=tls)
    entry = office.send(wren, message(to=people))
    assert (entry.state, entry.reason) == (State.HELD, Reason.SOME_RECIPIENTS_REFUSED)
    assert [_told(each) for each in entry.recipients] == [
        "waiting 250 2.1.5 Ok",
        "refused 550 5.1.1 unknown",
        "waiting 450 4.2.1 mailbox busy",
    ]
    office.outbox.decide_partial(entry.id)
    office.dispatcher().run_once()
    entry = office.outbox.get(entry.id)
    assert (entry.state, entry.reason) == (State.RETRY, Reason.ACCEPTED_FOR_SOME)
    assert [each.state.value for each in entry.recipients] == ["accepted", "refused", "waiting"]
    office.dispatcher().run_once([entry.id])
    entry = office.outbox.get(entry.id)
    assert entry.state is State.ACCEPTED
    assert [each.state.value for each in entry.recipients] == ["accepted", "refused", "accepted"]
    assert [mail.recipients for mail in office.server.mails] == [("a@example.org",), ("c@example.org",)]


def _told(recipient: Recipient) -> str:
    return f"{recipient.state.value} {recipient.reply.words if recipient.reply else ''}".strip()


@BOTH
@pytest.mark.parametrize("offers", [("PIPELINING", "AUTH PLAIN"), CHUNKING, ("AUTH LOGIN",)])
def test_cancel_at_any_moment_is_honest(office: PostOffice, tls: Tls, offers: tuple[str, ...]) -> None:
    """Cancelled where it says so, delivered or in doubt where it does not: never cancelled and delivered."""
    wren = office.serve(tls=tls, offers=offers)
    dispatcher = office.dispatcher()
    for moment in range(24):
        entry = office.outbox.queue(message(), wren.id)
        before = len(office.server.mails)
        pause = Pause(moment)
        leave = (office.outbox.subscribe(pause), dispatcher.subscribe(pause))
        sending = threading.Thread(target=dispatcher.run_once, args=([entry.id],))
        sending.start()
        while not pause.reached.wait(0.05) and sending.is_alive():
            continue
        cancelled = _cancel_beside(dispatcher.cancel, entry.id, pause.go_on)
        sending.join(20)
        for each in leave:
            each()
        after = office.outbox.get(entry.id)
        delivered = len(office.server.mails) - before
        if cancelled:
            assert (after.state, after.reason, delivered) == (State.HELD, Reason.CANCELLED, 0)
            assert after.step < Step.DOT_WRITTEN
        else:
            assert (after.state, delivered) == (State.ACCEPTED, 1)


class Pause:
    """Holds the lane at the nth thing that it tells."""

    def __init__(self, nth: int) -> None:
        self._left = nth
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, _: object) -> None:
        self._left -= 1
        if self._left == -1:
            self.reached.set()
            self.go_on.wait(20)


def _cancel_beside(cancel: Callable[[str], bool], entry_id: str, go_on: threading.Event) -> bool:
    """Cancels while the lane stands still, and lets the lane go on only then: or at once, where cancel waits for it."""
    answers: list[bool] = []
    asking = threading.Thread(target=lambda: answers.append(cancel(entry_id)))
    asking.start()
    asking.join(0.05)
    go_on.set()
    asking.join(20)
    return answers[0]
