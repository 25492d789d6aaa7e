"""The failure contract: every fault that submission through Tor can meet, what is right then, and what proves it.

Where a row says *new circuit*, the identity's isolation token changes. *Asks* is what the outbox calls held: nothing
happens by itself. A row without a proof, or with one that is not there, fails.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import pytest

from tests.delivery import (
    test_crash,
    test_dispatcher,
    test_heavy,
    test_kills,
    test_later,
    test_misbehaviour,
    test_onion_certificates,
    test_outbox,
    test_proxy_faults,
    test_reply,
    test_retries,
    test_sending,
    test_server_faults,
    test_smtp,
    test_smtputf8,
    test_storage_faults,
)
from tests.vault import test_vault_on_disk
from torsend.delivery.reasons import Reason

Proof = Callable[..., object]


@dataclass(frozen=True)
class Row:
    """One fault."""

    stage: str
    fault: str
    right: str
    proofs: tuple[Proof, ...]
    reasons: tuple[Reason, ...] = ()


before = test_misbehaviour.test_before_the_dot_nothing_is_lost_and_nothing_delivered
after = test_misbehaviour.test_after_the_dot_the_answer_decides_and_no_answer_is_unknown
stalling = test_misbehaviour.test_server_that_stalls_or_drips_cannot_hold_a_lane
tors_answers = test_dispatcher.test_tors_answers_decide_what_follows
not_tors = test_proxy_faults.test_port_that_is_not_tors_gets_nothing_and_the_message_stays
broken_circuit = (
    test_proxy_faults.test_circuit_that_breaks_before_the_last_byte_is_replaced_and_the_mail_arrives_once
)
flood = test_server_faults.test_reply_without_end_holds_no_lane_and_fills_no_memory
odd = test_server_faults.test_reply_that_is_none_is_tried_again_and_never_counts_as_sent
stripped = test_misbehaviour.test_stripped_or_tampered_starttls_gets_nothing_in_clear
silent_starttls = test_server_faults.test_silence_around_starttls_sends_nothing_in_the_clear
bad_certificate = (
    test_server_faults.test_certificate_with_a_fault_gets_no_password_and_is_refused_after_one_more_circuit
)

ROWS = [
    Row(
        "Tor", "the SOCKS port refuses, Tor dies", "retry; Tor is not running; never a direct connection",
        (test_dispatcher.test_proxy_that_is_gone_means_no_tor, not_tors), (Reason.NO_TOR,),
    ),
    Row(
        "Tor", "01 general, 04 host unreachable, 05 refused, 06 TTL", "retry, new circuit; 04 tells of the name",
        (tors_answers, test_retries.test_row), (Reason.STREAM_FAILED, Reason.HOST_UNREACHABLE),
    ),
    Row(
        "Tor", "02 not allowed", "twice more on new circuits, then failed: use 465, 587 or the onion address",
        (tors_answers, test_retries.test_row), (Reason.EXIT_POLICY,),
    ),
    Row("Tor", "03, 07, 08", "03 retry; 07 and 08 failed", (tors_answers,), (Reason.NO_TOR, Reason.TOR_PROTOCOL)),
    Row(
        "Tor", "F0, F1, F2, F3, F7: the onion service", "retry, new circuit, with long waits",
        (tors_answers, test_retries.test_row), (Reason.ONION_UNREACHABLE,),
    ),
    Row(
        "TLS", "an onion server's certificate doesn't name it, or is not the one that was accepted",
        "no AUTH; asks whether to accept it, a changed one again",
        (test_onion_certificates.test_certificate_that_does_not_name_the_onion_is_accepted_by_the_person_or_not_at_all,),
        (Reason.ONION_CERTIFICATE, Reason.CERTIFICATE_CHANGED),
    ),
    Row("Tor", "F4, F5, F6", "failed; tell exactly which", (tors_answers,), (Reason.ONION_KEY, Reason.ONION_ADDRESS)),
    Row(
        "Tor", "picks no authentication, though credentials were offered", "send nothing, ask",
        (not_tors,), (Reason.ISOLATION_LOST,),
    ),
    Row("Tor", "not a SOCKS server", "send nothing, ask: that port is not Tor", (not_tors,), (Reason.NOT_TOR,)),
    Row(
        "Tor", "cut mid-session, mid-body, before the reply", "before the dot retry, new circuit; after it unknown",
        (
            broken_circuit,
            test_dispatcher.test_circuit_that_breaks_in_the_body_is_replaced_by_another,
            test_proxy_faults.test_circuit_that_breaks_before_the_answer_leaves_the_message_unknown,
        ),
        (Reason.DROPPED, Reason.NO_ANSWER),
    ),
    Row(
        "connect", "no greeting, close, RST, drip, endless", "retry within bounds; drip by the overall deadline",
        (before, stalling, flood, test_proxy_faults.test_proxy_that_floods_the_stream_cannot_hold_a_lane_or_fill_memory),
        (Reason.STALLED, Reason.PROTOCOL, Reason.DROPPED),
    ),
    Row(
        "greeting", "421, 554 blocked", "retry; new circuits, then failed",
        (before,), (Reason.TEMPORARY, Reason.EXIT_BLOCKED),
    ),
    Row(
        "EHLO", "421, 550 blocked, drop, stall", "retry, new circuit; never HELO",
        (
            before,
            stalling,
            test_server_faults.test_ehlo_put_off_is_tried_again,
            test_server_faults.test_ehlo_refused_is_never_followed_by_helo,
        ),
    ),
    Row(
        "STARTTLS", "not offered, 4yz, 5yz, stall, plain text after", "nothing in clear; once more, then failed",
        (stripped, silent_starttls), (Reason.STARTTLS_MISSING,),
    ),
    Row("STARTTLS", "a reply injected before TLS", "drop, new circuit, warn", (stripped,), (Reason.STARTTLS_INJECTED,)),
    Row(
        "TLS", "expired, not yet valid, wrong host, self-signed, weak, wrong EKU, TLS 1.0, 1.1",
        "no AUTH; new circuit once, then failed with the fingerprint",
        (
            bad_certificate,
            test_misbehaviour.test_certificate_of_a_stranger_gets_no_password_and_is_refused_after_one_more_circuit,
            test_misbehaviour.test_second_circuit_with_the_right_certificate_delivers,
            test_misbehaviour.test_old_tls_is_refused_without_a_password,
            test_misbehaviour.test_clear_text_on_a_tls_port_is_refused_without_a_password,
            test_server_faults.test_handshake_that_stalls_cannot_hold_a_lane,
        ),
        (Reason.BAD_CERTIFICATE, Reason.TLS_FAILED),
    ),
    Row("AUTH", "not offered, only unknown mechanisms", "failed", (before,), (Reason.SIGN_IN_NOT_OFFERED,)),
    Row(
        "AUTH", "only LOGIN", "sent, over TLS or onion only",
        (
            test_sending.test_server_without_pipelining_and_with_login_only_gets_it_too,
            test_dispatcher.test_plain_goes_to_an_onion_service_only,
        ),
    ),
    Row(
        "AUTH", "535, 534", "failed, no loop, the others wait; unusual sign-ins name Tor",
        (before, test_misbehaviour.test_wrong_password_is_tried_once_and_the_other_messages_wait),
        (Reason.SIGN_IN_REFUSED, Reason.SIGN_IN_UNUSUAL),
    ),
    Row("AUTH", "454, drop, stall", "retry", (before, stalling, broken_circuit), (Reason.TEMPORARY,)),
    Row("AUTH", "endless 334, bad base64", "three challenges at most, then failed", (before,), (Reason.SIGN_IN_BROKEN,)),
    Row("MAIL", "451, 421, drop, stall", "retry", (before, stalling, broken_circuit)),
    Row("MAIL", "550, 553, 530", "failed", (before,), (Reason.SENDER_REFUSED,)),
    Row("MAIL", "SIZE smaller than the message, 552", "failed before DATA; tell the limit", (before,), (Reason.TOO_LARGE,)),
    Row(
        "MAIL", "8BITMIME, SMTPUTF8 absent", "7-bit bodies; other letters in a local part: failed before MAIL",
        (test_smtputf8.test_server_that_does_not_offer_it_is_told_neither_password_nor_sender,),
        (Reason.ADDRESS_NOT_ASCII,),
    ),
    Row(
        "RCPT", "all 5yz", "failed",
        (
            before,
            test_misbehaviour.test_refused_single_recipient_whose_data_was_answered_anyway_gets_no_body,
            test_server_faults.test_recipient_refused_while_the_mail_was_on_its_way_is_never_counted_as_sent,
        ),
        (Reason.RECIPIENTS_REFUSED,),
    ),
    Row(
        "RCPT", "450, 451 greylisted", "retry on the same circuit, five minutes or more, for days",
        (before, test_retries.test_row, test_retries.test_greylisting_waits_five_minutes_at_least_however_often),
        (Reason.RECIPIENTS_LATER,),
    ),
    Row(
        "RCPT", "some 5yz", "stop before the mail, and ask",
        (
            test_misbehaviour.test_some_recipients_refused_stops_before_the_mail_until_the_person_decides,
            test_server_faults.test_each_recipient_has_an_outcome_of_its_own,
        ),
        (Reason.SOME_RECIPIENTS_REFUSED,),
    ),
    Row(
        "RCPT", "some 4yz, 452 too many", "send to those accepted, retry the rest alone",
        (
            test_misbehaviour.test_recipients_put_off_are_tried_again_alone_and_the_others_never_twice,
            test_misbehaviour.test_in_doubt_with_others_put_off_counts_as_sent_and_goes_on_to_the_others,
        ),
        (Reason.ACCEPTED_FOR_SOME,),
    ),
    Row(
        "RCPT", "251, 252", "accepted",
        (test_server_faults.test_recipient_that_is_forwarded_or_not_checked_is_accepted,), (Reason.ACCEPTED,),
    ),
    Row(
        "any", "a code outside 200 to 599, letters, lines that differ in their code", "retry, never sent",
        (odd, flood, test_reply.test_what_is_no_reply_is_said_to_be_none, test_reply.test_reply_has_an_end),
        (Reason.PROTOCOL,),
    ),
    Row("DATA", "451, 554, 250 instead of 354", "retry, failed, retry; never the body", (before,), (Reason.REFUSED,)),
    Row(
        "body", "drop, close, window shut, early 552", "retry; the early reply is read first: 552 fails",
        (before, test_misbehaviour.test_server_that_stops_reading_cannot_hold_a_lane),
    ),
    Row(
        "dot", "drop, stall, truncated or garbage reply", "unknown",
        (
            after,
            flood,
            test_misbehaviour.test_server_vanishes_after_last_byte_leaves_message_unknown_and_it_is_never_sent_again_by_itself,
        ),
        (Reason.NO_ANSWER,),
    ),
    Row("dot", "4yz, 421", "retry", (after,), (Reason.TEMPORARY,)),
    Row("dot", "5yz", "failed", (after,), (Reason.CONTENT_REFUSED,)),
    Row("dot", "slow 250", "wait, sent", (test_server_faults.test_slow_acceptance_is_waited_for,), (Reason.ACCEPTED,)),
    Row(
        "dot", "250 then RST, QUIT stalls or fails", "sent at once; QUIT is not waited for",
        (
            test_server_faults.test_acceptance_stands_whatever_becomes_of_the_connection,
            test_misbehaviour.test_message_is_accepted_whatever_becomes_of_quit,
        ),
    ),
    Row(
        "dot", "250 before the body, then 554", "protocol error, retry",
        (
            test_misbehaviour.test_acceptance_before_the_mail_is_out_of_step_and_no_acceptance,
            test_smtp.test_whatever_a_peer_says_only_its_positive_answer_to_the_dot_is_acceptance,
        ),
    ),
    Row("idle", "unsolicited 421", "retry", (test_server_faults.test_reply_nobody_asked_for_is_421_or_out_of_step,)),
    Row(
        "process", "kill -9, power cut, disk full at any point",
        "nothing lost, nothing half-written sent, nothing sent again unasked",
        (
            test_kills.test_hundreds_of_kills_lose_nothing_and_double_nothing,
            test_kills.test_every_named_moment_is_one_to_die_at,
            test_crash.test_kill_9_at_a_step_loses_nothing_and_doubles_nothing,
            test_storage_faults.test_vault_that_fails_at_any_write_of_a_send_loses_nothing_and_doubles_nothing,
            test_storage_faults.test_vault_that_fails_while_a_message_is_queued_says_so_and_holds_no_half,
            test_vault_on_disk.test_process_killed_while_it_commits_leaves_every_commit_and_no_half_one,
            test_outbox.test_file_that_changes_while_it_is_read_leaves_nothing_behind,
        ),
        (Reason.INTERRUPTED, Reason.STORAGE),
    ),
    Row(
        "size", "one attachment of 25 MB", "streamed; memory grows by less than 16 MiB",
        (
            test_heavy.test_memory_hardly_grows_for_25_mb,
            test_sending.test_large_message_is_streamed_whole,
            test_vault_on_disk.test_large_message_goes_in_and_out_by_pieces,
        ),
    ),
    # Beyond the list of faults: what the person chose, and what this computer does meanwhile.
    Row(
        "later", "the time came while the program was not running, or asleep", "ask, do not fire",
        (
            test_later.test_missed_time_asks_at_the_next_start_and_does_not_fire,
            test_later.test_computer_that_slept_through_the_time_asks_when_it_wakes,
        ),
        (Reason.MISSED,),
    ),
    Row(
        "clock", "set back", "what waits goes on waiting, a retry goes at once; nothing is lost",
        (
            test_later.test_clock_set_back_keeps_a_message_waiting_and_loses_nothing,
            test_outbox.test_clock_put_back_does_not_put_a_retry_off_for_a_year,
        ),
    ),
    Row(
        "person", "cancels", "works until the last byte, and says truly whether it did",
        (
            test_dispatcher.test_cancel_works_until_the_last_byte,
            test_dispatcher.test_cancel_after_the_last_byte_is_refused_honestly,
            test_server_faults.test_cancel_at_any_moment_is_honest,
        ),
        (Reason.CANCELLED,),
    ),
    Row(
        "Tor", "no TLS beyond an onion service, or before Tor", "send nothing, ask",
        (
            test_dispatcher.test_plain_goes_to_an_onion_service_only,
            test_dispatcher.test_plain_does_not_cross_a_network_on_its_way_to_tor,
        ),
        (Reason.PLAIN_OUTSIDE_ONION, Reason.PLAIN_BEFORE_TOR),
    ),
    Row(
        "sender", "password missing, keyring locked, identity gone, a fault of ours", "ask; nothing is connected to",
        (
            test_dispatcher.test_missing_password_holds_the_message_and_connects_to_nobody,
            test_dispatcher.test_password_that_cannot_be_had_keeps_the_message,
            test_dispatcher.test_sender_that_is_gone_holds_the_message,
            test_dispatcher.test_fault_of_ours_leaves_no_message_stuck,
        ),
        (Reason.PASSWORD_MISSING, Reason.SECRETS_LOCKED, Reason.IDENTITY_GONE, Reason.FAULT),
    ),
]  # fmt: skip

BOTH_WAYS = [before, after, stalling, broken_circuit, flood, odd, bad_certificate, not_tors]
"""What a server or a proxy can act out runs over implicit TLS and over STARTTLS."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.stage}: {row.fault}")
def test_row_is_proven(row: Row) -> None:
    assert row.proofs
    for proof in row.proofs:
        home = inspect.getmodule(proof)
        assert isinstance(home, ModuleType)
        assert proof.__name__.startswith("test_")
        assert getattr(home, proof.__name__) is proof
        marks = {mark.name for mark in getattr(proof, "pytestmark", [])}
        assert not marks & {"skip", "xfail"}


def test_every_reason_stands_in_a_row_or_follows_from_one() -> None:
    told = {reason for row in ROWS for reason in row.reasons}
    follow = {Reason.NONE, Reason.SIGN_IN_WAITS, Reason.COUNTED_AS_SENT}
    assert set(Reason) == told | follow


@pytest.mark.parametrize("proof", BOTH_WAYS, ids=lambda proof: proof.__name__)
def test_both_kinds_of_tls_are_tried(proof: Proof) -> None:
    tried = {
        str(value)
        for mark in getattr(proof, "pytestmark", [])
        if mark.name == "parametrize" and mark.args[0] == "tls"
        for value in mark.args[1]
    }
    assert tried == {"implicit", "starttls"}
