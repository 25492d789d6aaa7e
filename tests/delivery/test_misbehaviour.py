"""Rows of the failure contract that a server can act out, over implicit TLS and STARTTLS."""

from __future__ import annotations

import ssl
import warnings
from datetime import UTC, datetime, timedelta

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import HOST, IMPATIENT, hurried, large_body, message
from tests.support import misbehaving as mis
from tests.support.misbehaving import Misdeed
from torsend.delivery.dispatcher import status_of
from torsend.delivery.reasons import Reason
from torsend.delivery.sentences import explain
from torsend.delivery.states import RecipientState, State, Step
from torsend.demo.certificates import make_certificates
from torsend.errors import ExitStatus
from torsend.identity.identity import Tls

BOTH = pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])

BEFORE_THE_DOT: list[tuple[str, Misdeed, State, Reason]] = [
    ("greeting", mis.vanishes, State.RETRY, Reason.DROPPED),
    ("greeting", mis.resets, State.RETRY, Reason.DROPPED),
    ("greeting", mis.line_without_end, State.RETRY, Reason.PROTOCOL),
    ("greeting", mis.never_stops, State.RETRY, Reason.PROTOCOL),
    ("greeting", mis.speaks_http, State.RETRY, Reason.PROTOCOL),
    ("greeting", mis.answers("421 4.3.2 busy"), State.RETRY, Reason.TEMPORARY),
    ("greeting", mis.answers("554 5.7.1 go away"), State.REFUSED, Reason.EXIT_BLOCKED),
    ("greeting", mis.answers("421 4.7.0 blocked, see spamhaus"), State.REFUSED, Reason.EXIT_BLOCKED),
    ("ehlo", mis.vanishes, State.RETRY, Reason.DROPPED),
    ("ehlo", mis.half_a_reply, State.RETRY, Reason.DROPPED),
    ("ehlo", mis.never_stops, State.RETRY, Reason.PROTOCOL),
    ("ehlo", mis.differing_codes, State.RETRY, Reason.PROTOCOL),
    ("ehlo", mis.answers("550 5.7.1 client host blocked"), State.REFUSED, Reason.EXIT_BLOCKED),
    ("ehlo-private", mis.answers("250 mail.test"), State.REFUSED, Reason.SIGN_IN_NOT_OFFERED),
    (
        "ehlo-private",
        mis.answers("250-mail.test", "250 AUTH XOAUTH2 NTLM"),
        State.REFUSED,
        Reason.SIGN_IN_NOT_OFFERED,
    ),
    (
        "ehlo-private",
        mis.answers("250-mail.test", "250-AUTH PLAIN", "250 SIZE 10"),
        State.REFUSED,
        Reason.TOO_LARGE,
    ),
    ("auth", mis.answers("535 5.7.8 wrong"), State.REFUSED, Reason.SIGN_IN_REFUSED),
    ("auth", mis.answers("534 5.7.14 log in via your web browser"), State.REFUSED, Reason.SIGN_IN_UNUSUAL),
    ("auth", mis.answers("535 5.7.8 unusual sign-in"), State.REFUSED, Reason.SIGN_IN_UNUSUAL),
    ("auth", mis.answers("454 4.7.0 later"), State.RETRY, Reason.TEMPORARY),
    ("auth", mis.vanishes, State.RETRY, Reason.DROPPED),
    ("auth", mis.asks_without_end, State.REFUSED, Reason.SIGN_IN_BROKEN),
    ("auth", mis.answers("334 not base64!"), State.REFUSED, Reason.SIGN_IN_BROKEN),
    ("auth", mis.answers("250 fine"), State.RETRY, Reason.PROTOCOL),
    ("mail", mis.answers("451 4.3.0 later"), State.RETRY, Reason.TEMPORARY),
    ("mail", mis.answers("421 4.3.0 bye"), State.RETRY, Reason.TEMPORARY),
    ("mail", mis.answers("550 5.1.8 not you"), State.REFUSED, Reason.SENDER_REFUSED),
    ("mail", mis.answers("553 5.1.7 not you"), State.REFUSED, Reason.SENDER_REFUSED),
    ("mail", mis.answers("530 5.7.0 sign in first"), State.REFUSED, Reason.SENDER_REFUSED),
    ("mail", mis.answers("552 5.3.4 too big"), State.REFUSED, Reason.TOO_LARGE),
    ("mail", mis.vanishes, State.RETRY, Reason.DROPPED),
    ("mail", mis.answers("ok then"), State.RETRY, Reason.PROTOCOL),
    ("mail", mis.answers("150 hm"), State.RETRY, Reason.PROTOCOL),
    ("mail", mis.answers("650 hm"), State.RETRY, Reason.PROTOCOL),
    ("rcpt", mis.answers("550 5.1.1 no such user"), State.REFUSED, Reason.RECIPIENTS_REFUSED),
    ("rcpt", mis.answers("451 4.7.1 greylisted"), State.RETRY, Reason.RECIPIENTS_LATER),
    ("rcpt", mis.answers("450 4.2.0 greylisted"), State.RETRY, Reason.RECIPIENTS_LATER),
    ("rcpt", mis.answers("554 5.7.1 client host [1.2.3.4] blocked"), State.REFUSED, Reason.EXIT_BLOCKED),
    ("rcpt", mis.answers("554 5.7.1 relaying denied"), State.REFUSED, Reason.RECIPIENTS_REFUSED),
    ("rcpt", mis.vanishes, State.RETRY, Reason.DROPPED),
    ("data", mis.answers("451 4.3.0 later"), State.RETRY, Reason.TEMPORARY),
    ("data", mis.answers("554 5.5.1 no"), State.REFUSED, Reason.REFUSED),
    ("data", mis.answers("250 2.0.0 sure"), State.RETRY, Reason.PROTOCOL),
    ("data", mis.vanishes, State.RETRY, Reason.DROPPED),
    ("body", mis.hangs_up_in_the_body, State.RETRY, Reason.DROPPED),
    ("body", mis.refuses_in_the_body("552 5.3.4 that is enough"), State.REFUSED, Reason.TOO_LARGE),
    ("body", mis.refuses_in_the_body("421 4.3.0 bye"), State.RETRY, Reason.TEMPORARY),
]


def _name(case: object) -> str | None:
    return getattr(case, "__qualname__", None) or None


@BOTH
@pytest.mark.parametrize(("stage", "misdeed", "state", "reason"), BEFORE_THE_DOT, ids=_name)
def test_before_the_dot_nothing_is_lost_and_nothing_delivered(
    office: PostOffice, tls: Tls, stage: str, misdeed: Misdeed, state: State, reason: Reason
) -> None:
    wren = office.serve({stage: misdeed}, tls=tls)
    entry = office.send(wren, message(large_body(3_000_000), pieces=100_000) if stage == "body" else None)
    assert (entry.state, entry.reason) == (state, reason)
    assert office.server.mails == []
    assert not any(seen.body_ended for seen in office.server.seen)
    assert entry.step < Step.DOT_WRITTEN
    explained = explain(entry, "rowanmail")
    assert explained.what
    assert explained.left
    assert explained.advice


@BOTH
@pytest.mark.parametrize("stage", ["greeting", "ehlo", "auth", "mail", "rcpt", "data"])
@pytest.mark.parametrize("misdeed", [mis.stalls, mis.drips])
def test_server_that_stalls_or_drips_cannot_hold_a_lane(
    office: PostOffice, tls: Tls, stage: str, misdeed: Misdeed
) -> None:
    wren = office.serve({stage: misdeed}, tls=tls)
    entry = office.send(wren, limits=hurried(stage))
    assert (entry.state, entry.reason) == (State.RETRY, Reason.STALLED)
    assert len(office.server.seen) == 1


@BOTH
def test_server_that_stops_reading_cannot_hold_a_lane(office: PostOffice, tls: Tls) -> None:
    def reads_no_more(talk: mis.Talk) -> None:
        talk.server.closing.wait(30)
        raise mis.Over

    wren = office.serve({"body": reads_no_more}, tls=tls, offers=("AUTH PLAIN",))
    # More than all the buffers on the way take.
    entry = office.send(wren, message(large_body(25_000_000), pieces=100_000), limits=hurried("block"))
    assert (entry.state, entry.reason, entry.step) == (State.RETRY, Reason.STALLED, Step.DATA_STARTED)


AFTER_THE_DOT: list[tuple[Misdeed, State, Reason]] = [
    (mis.vanishes, State.UNKNOWN, Reason.NO_ANSWER),
    (mis.resets, State.UNKNOWN, Reason.NO_ANSWER),
    (mis.half_a_reply, State.UNKNOWN, Reason.NO_ANSWER),
    (mis.stalls, State.UNKNOWN, Reason.NO_ANSWER),
    (mis.drips, State.UNKNOWN, Reason.NO_ANSWER),
    (mis.answers("garbage"), State.UNKNOWN, Reason.NO_ANSWER),
    (mis.answers("354 go on"), State.UNKNOWN, Reason.NO_ANSWER),
    (mis.line_without_end, State.UNKNOWN, Reason.NO_ANSWER),
    (mis.answers("451 4.3.0 later"), State.RETRY, Reason.TEMPORARY),
    (mis.answers("421 4.3.0 later"), State.RETRY, Reason.TEMPORARY),
    (mis.answers("554 5.7.1 spam"), State.REFUSED, Reason.CONTENT_REFUSED),
    (mis.answers("552 5.3.4 too big"), State.REFUSED, Reason.TOO_LARGE),
]


@BOTH
@pytest.mark.parametrize(("misdeed", "state", "reason"), AFTER_THE_DOT, ids=_name)
def test_after_the_dot_the_answer_decides_and_no_answer_is_unknown(
    office: PostOffice, tls: Tls, misdeed: Misdeed, state: State, reason: Reason
) -> None:
    wren = office.serve({"dot": misdeed}, tls=tls)
    silent = misdeed in {mis.stalls, mis.drips}
    entry = office.send(wren, limits=hurried("dot") if silent else IMPATIENT)
    assert (entry.state, entry.reason) == (state, reason)
    assert entry.step is (Step.DOT_WRITTEN if state is State.UNKNOWN else Step.REPLIED)
    assert len(office.server.seen) == 1


@BOTH
@pytest.mark.parametrize("then", [mis.vanishes, mis.resets])
def test_server_vanishes_after_last_byte_leaves_message_unknown_and_it_is_never_sent_again_by_itself(
    office: PostOffice, tls: Tls, then: Misdeed
) -> None:
    wren = office.serve({"dot": mis.takes_it_and(then)}, tls=tls)
    entry = office.send(wren)
    assert entry.state is State.UNKNOWN
    assert [each.state for each in entry.recipients] == [RecipientState.UNKNOWN]
    assert status_of([entry]) is ExitStatus.UNKNOWN
    dispatcher = office.dispatcher()
    assert dispatcher.run_once() == ()
    assert dispatcher.run_once([entry.id]) == (entry,)
    office.outbox.recover()
    dispatcher.run_once()
    assert len(office.server.mails) == 1
    assert "won’t guess" in explain(entry, "rowanmail").sentences


@BOTH
@pytest.mark.parametrize("then", [mis.resets, mis.vanishes, mis.stalls, mis.drips])
def test_message_is_accepted_whatever_becomes_of_quit(office: PostOffice, tls: Tls, then: Misdeed) -> None:
    wren = office.serve({"quit": then}, tls=tls)
    assert office.send(wren).state is State.ACCEPTED


@BOTH
def test_acceptance_before_the_mail_is_out_of_step_and_no_acceptance(office: PostOffice, tls: Tls) -> None:
    wren = office.serve({"body": mis.accepts_too_early, "dot": mis.answers("554 no")}, tls=tls)
    entry = office.send(wren, message(large_body(3_000_000), pieces=100_000))
    assert (entry.state, entry.reason) == (State.RETRY, Reason.PROTOCOL)


# ---- TLS


@BOTH
def test_certificate_of_a_stranger_gets_no_password_and_is_refused_after_one_more_circuit(
    office: PostOffice, tls: Tls, stranger: ssl.SSLContext
) -> None:
    wren = office.serve(tls=tls, server_tls=stranger)
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (State.REFUSED, Reason.BAD_CERTIFICATE)
    assert office.way.renewed == [wren.id]
    assert len(office.server.seen) == 2
    first, second = office.proxy.requests
    assert first.password != second.password
    assert not any(command.startswith("AUTH") for seen in office.server.seen for command in seen.commands)
    words = explain(entry, "rowanmail")
    assert words.what == (
        "This may not be rowanmail: nobody whom this computer trusts vouches for its certificate."
    )
    assert "SHA-256" in words.advice
    assert words.left == "No mail, no password was sent."


@pytest.mark.parametrize(
    ("fault", "what", "advice"),
    [
        ("expired", "rowanmail’s certificate has expired.", "computer’s clock is right"),
        ("not-yet", "rowanmail’s certificate isn’t valid yet.", "computer’s clock is right"),
        (
            "wrong-host",
            "This isn’t rowanmail: its certificate is for another name.",
            "Check the server’s name.",
        ),
    ],
)
def test_certificate_that_does_not_hold_is_no_certificate_and_its_fault_is_told(
    office: PostOffice, fault: str, what: str, advice: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    day = timedelta(days=1)
    now = datetime.now(UTC)
    folder = tmp_path_factory.mktemp("bad")
    match fault:
        case "expired":
            office.certificates = make_certificates(
                folder, [HOST], not_before=now - 9 * day, not_after=now - day
            )
        case "not-yet":
            office.certificates = make_certificates(
                folder, [HOST], not_before=now + day, not_after=now + 9 * day
            )
        case _:
            office.certificates = make_certificates(folder, ["elsewhere.test"])
    entry = office.send(office.serve())
    assert (entry.state, entry.reason) == (State.REFUSED, Reason.BAD_CERTIFICATE)
    assert "SHA-256" in entry.detail
    told = explain(entry, "rowanmail")
    assert told.what == what
    assert advice in told.advice
    assert told.left == "No mail, no password was sent."


def test_second_circuit_with_the_right_certificate_delivers(
    office: PostOffice, stranger: ssl.SSLContext
) -> None:
    wren = office.serve(server_tls=stranger)
    hostile = office.server
    entry = office.outbox.queue(message(), wren.id)

    def renew(identity_id: str) -> None:
        office.serve()

    office.way.new_circuit = renew  # type: ignore[method-assign]
    office.dispatcher().run_once()
    assert office.outbox.get(entry.id).state is State.ACCEPTED
    assert hostile.mails == []


def test_old_tls_is_refused_without_a_password(office: PostOffice) -> None:
    old = office.certificates.for_server()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    entry = office.send(office.serve(server_tls=old))
    assert (entry.state, entry.reason) == (State.REFUSED, Reason.TLS_FAILED)


def test_clear_text_on_a_tls_port_is_refused_without_a_password(office: PostOffice) -> None:
    def speaks_in_clear(talk: mis.Talk) -> None:
        talk.say("220 mail.test ESMTP")
        talk.more()
        raise mis.Over

    entry = office.send(office.serve({"connect": speaks_in_clear}))
    assert (entry.state, entry.reason) == (State.REFUSED, Reason.TLS_FAILED)


@pytest.mark.parametrize(
    ("manners", "reason"),
    [
        ({"ehlo-clear": mis.answers("250-mail.test", "250 AUTH PLAIN")}, Reason.STARTTLS_MISSING),
        ({"starttls": mis.answers("454 4.7.0 not now")}, Reason.STARTTLS_MISSING),
        ({"starttls": mis.answers("502 5.5.1 no")}, Reason.STARTTLS_MISSING),
        ({"starttls": mis.injects_behind_starttls}, Reason.STARTTLS_INJECTED),
        ({"starttls": mis.speaks_plainly_behind_starttls}, Reason.TLS_FAILED),
    ],
    ids=["not-offered", "4yz", "5yz", "injected", "plain-after"],
)
def test_stripped_or_tampered_starttls_gets_nothing_in_clear(
    office: PostOffice, manners: dict[str, Misdeed], reason: Reason
) -> None:
    entry = office.send(office.serve(manners, tls=Tls.STARTTLS))
    assert (entry.state, entry.reason) == (State.REFUSED, reason)
    for seen in office.server.seen:
        assert all(command.startswith(("EHLO", "STARTTLS", "QUIT")) for command in seen.commands)
    assert len(office.server.seen) > 1


# ---- signing in


def test_wrong_password_is_tried_once_and_the_other_messages_wait(office: PostOffice) -> None:
    wren = office.serve()
    office.passwords[wren.id] = "wrong"
    first, second = (office.outbox.queue(message(), wren.id) for _ in range(2))
    entries = office.dispatcher().run_once()
    assert [entry.state for entry in entries] == [State.REFUSED, State.HELD]
    assert office.outbox.get(second.id).reason is Reason.SIGN_IN_WAITS
    assert len(office.server.seen) == 1
    assert explain(office.outbox.get(first.id), "rowanmail").sentences.startswith(
        "rowanmail refused the password. No mail was sent."
    )
    assert status_of(entries) is ExitStatus.REFUSED


def test_after_the_password_is_put_right_the_person_retries(office: PostOffice) -> None:
    wren = office.serve()
    office.passwords[wren.id] = "wrong"
    entry = office.send(wren)
    office.passwords[wren.id] = mis.PASSWORD
    office.outbox.retry(entry.id)
    office.dispatcher().run_once()
    assert office.outbox.get(entry.id).state is State.ACCEPTED


# ---- recipients

PARTS = ("a@example.org", "b@example.org", "c@example.org")


@BOTH
@pytest.mark.parametrize("pipelining", [True, False])
def test_some_recipients_refused_stops_before_the_mail_until_the_person_decides(
    office: PostOffice, tls: Tls, *, pipelining: bool
) -> None:
    offers = ("AUTH PLAIN", *(["PIPELINING"] if pipelining else []))
    wren = office.serve({"rcpt b@example.org": mis.answers("550 5.1.1 unknown")}, tls=tls, offers=offers)
    entry = office.send(wren, message(to=PARTS))
    assert (entry.state, entry.reason) == (State.HELD, Reason.SOME_RECIPIENTS_REFUSED)
    office.server.wait_for(office.server.seen[0].ended.is_set)
    assert office.server.seen[0].body == b""
    assert [each.state.value for each in entry.recipients] == ["waiting", "refused", "waiting"]
    assert entry.recipients[1].reply is not None
    assert entry.recipients[1].reply.words == "550 5.1.1 unknown"

    office.outbox.decide_partial(entry.id)
    office.dispatcher().run_once()
    entry = office.outbox.get(entry.id)
    assert entry.state is State.ACCEPTED
    assert [each.state.value for each in entry.recipients] == ["accepted", "refused", "accepted"]
    assert [mail.recipients for mail in office.server.mails] == [("a@example.org", "c@example.org")]


def test_recipients_put_off_are_tried_again_alone_and_the_others_never_twice(office: PostOffice) -> None:
    wren = office.serve([{"rcpt b@example.org": mis.answers("452 4.5.3 too many")}, {}])
    entry = office.send(wren, message(to=PARTS))
    assert (entry.state, entry.reason) == (State.RETRY, Reason.ACCEPTED_FOR_SOME)
    office.dispatcher().run_once([entry.id])
    assert office.outbox.get(entry.id).state is State.ACCEPTED
    assert [mail.recipients for mail in office.server.mails] == [
        ("a@example.org", "c@example.org"),
        ("b@example.org",),
    ]


def test_refused_single_recipient_whose_data_was_answered_anyway_gets_no_body(office: PostOffice) -> None:
    wren = office.serve({"rcpt": mis.answers("550 5.1.1 unknown"), "data": mis.answers("354 go on anyway")})
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (State.REFUSED, Reason.RECIPIENTS_REFUSED)
    office.server.wait_for(lambda: office.server.seen[0].ended.is_set())
    assert "QUIT" not in office.server.seen[0].commands
    assert office.server.mails == []


def test_in_doubt_with_others_put_off_counts_as_sent_and_goes_on_to_the_others(office: PostOffice) -> None:
    manners = {"rcpt b@example.org": mis.answers("451 4.7.1 later"), "dot": mis.takes_it_and(mis.vanishes)}
    wren = office.serve([manners, {}])
    entry = office.send(wren, message(to=PARTS))
    assert [each.state.value for each in entry.recipients] == ["unknown", "waiting", "unknown"]
    office.outbox.count_as_sent(entry.id)
    office.dispatcher().run_once()
    assert [mail.recipients for mail in office.server.mails][1] == ("b@example.org",)
    assert office.outbox.get(entry.id).state is State.ACCEPTED


def test_server_text_is_shown_safely(office: PostOffice) -> None:
    def spoofs(talk: mis.Talk) -> None:
        talk.send("554 5.7.1 evil \u202egnorw\x1b[31m \xff".encode() + b"\xff" + b"y" * 5000 + b"\r\n")

    entry = office.send(office.serve({"dot": spoofs}))
    words = explain(entry, "rowanmail").their_words
    assert words.startswith("554 5.7.1 evil \\u{202e}gnorw\\u{1b}[31m ")
    assert len(words) < 1100
    assert words.endswith("…")
