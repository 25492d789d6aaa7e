"""Every sentence has a test of the fact that it states, and that test exists."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

from torsend.checks.sentences import PASTED as PASTED_ROWS
from torsend.checks.sentences import SENTENCES

ROOT = Path(__file__).resolve().parents[2]

ON_A_NETWORK = "tests/checks/test_facts_on_a_network.py::"
WIRE = "tests/mail/test_wire.py::"
FINDINGS = "tests/checks/test_findings.py::"
PARTIES = "tests/checks/test_parties.py::"
ISOLATION = "tests/tor/test_isolation_on_a_network.py::"
OWN_WORDS = "tests/checks/test_own_words.py::"
PASTED = "tests/checks/test_pasted.py::"
WALLS = "tests/checks/test_walls.py::"
THREADS = "tests/mail/test_threads.py::"
ATTACHED = "tests/app/test_attached.py::"
IDENTITY = "tests/identity/test_identity.py::"

_BYTES_AS_THEY_ARE = (f"{WIRE}test_parsers_read_back_files",)
_HELD = (f"{ATTACHED}test_no_way_to_send_lets_a_file_go_that_nobody_decided_about",)
_CLEANED_LEAVES = (f"{ATTACHED}test_what_was_made_of_a_file_leaves_and_not_the_file",)
_NOTHING_FOUND = (
    f"{ATTACHED}test_a_file_with_nothing_in_it_is_read_through_and_leaves_as_the_cleaner_wrote_it",
)
_ADDRESS_IN_FROM = (f"{WIRE}test_header_has_the_fixed_lines_in_the_fixed_order",)
_NOT_WHENCE = (
    "tests/golden/test_golden.py::test_the_golden_bytes_name_nothing_of_where_they_were_written",
    "tests/delivery/test_sending.py::test_what_is_said_is_one_dialect_without_a_trace_of_this_machine",
    f"{ON_A_NETWORK}test_the_server_is_spoken_to_by_the_exit_and_never_from_here",
)
_SHOWS_EXIT = (f"{IDENTITY}test_presets_say_who_shows_the_exit_and_who_has_an_onion",)
_OWNER = (f"{IDENTITY}test_the_provider_is_who_runs_the_server_and_not_who_owns_the_domain",)
_SAYS_SO = (f"{PARTIES}test_an_account_is_said_to_be_known_exactly_where_its_person_says_so",)

_WORD = (
    f"{OWN_WORDS}test_each_place_that_is_shown_holds_the_word",
    f"{WIRE}test_two_parsers_read_back_what_was_written",
)
_PASTED = (
    f"{PASTED}test_what_is_pointed_at_stands_there",
    f"{WIRE}test_two_parsers_read_back_what_was_written",
)

FACTS: dict[str, tuple[str, ...]] = {
    "not-cleanable": _HELD,
    "cleaning": _HELD,
    "as-it-is": _BYTES_AS_THEY_ARE,
    **dict.fromkeys(("cleaned", "cleaned-several", "cleaned-many"), _CLEANED_LEAVES),
    **dict.fromkeys(
        ("nothing-to-clean", "nothing-to-clean-several", "nothing-to-clean-many"), _NOTHING_FOUND
    ),
    "not-encrypted": ("tests/delivery/test_sending.py::test_message_arrives_byte_for_byte",),
    "sign-in-differs": (
        f"{FINDINGS}test_a_sign_in_under_another_name_is_told",
        "tests/delivery/test_sending.py::test_message_arrives_byte_for_byte",
    ),
    "exit-shown": _SHOWS_EXIT,
    "recipients-visible": (f"{FINDINGS}test_visible_recipients_stand_in_the_bytes",),
    "recipients-hidden": (f"{WIRE}test_hidden_recipients_stand_in_the_envelope_and_nowhere_else",),
    "recipients-hidden-there": (f"{WIRE}test_hidden_recipients_stand_in_the_envelope_and_nowhere_else",),
    "name-is-address": (f"{FINDINGS}test_a_name_that_is_another_address_is_told",),
    "domain-without-dot": (f"{FINDINGS}test_a_domain_without_a_dot_is_asked_about",),
    "no-subject": (f"{FINDINGS}test_an_empty_subject_leaves_an_empty_line",),
    "no-text": (f"{FINDINGS}test_empty_subject_and_empty_text",),
    "large": (f"{FINDINGS}test_a_large_mail_is_told_by_its_size_on_the_wire",),
    "no-trace": (
        "tests/golden/test_golden.py::test_every_environment_gives_the_golden_bytes",
        "tests/golden/test_golden.py::test_the_golden_bytes_name_nothing_of_where_they_were_written",
    ),
    "from-matches": (f"{FINDINGS}test_from_matches_where_envelope_and_operator_fit", *_OWNER),
    "from-elsewhere": (f"{FINDINGS}test_from_matches_where_envelope_and_operator_fit", *_OWNER),
    "on-word-list": _WORD,
    "word-in-file-name": (*_WORD, f"{WIRE}test_parsers_read_back_files"),
    "word-in-file": (f"{OWN_WORDS}test_a_word_in_what_a_file_s_reader_sees_is_said_to_stand_there",),
    "more-words": _WORD,
    "no-word": (f"{OWN_WORDS}test_no_word_is_said_only_where_none_is_found_anywhere",),
    "subject-prefix": (f"{PASTED}test_a_prefix_of_another_program_is_pointed_at",),
    **dict.fromkeys((row for row in PASTED_ROWS if row != "subject-prefix"), _PASTED),
    "other-thread": (
        f"{WALLS}test_another_sender_for_an_answer_is_warned_of",
        f"{THREADS}test_the_thread_leaves_only_as_the_identity_that_began",
    ),
    "thread-of-nobody": (
        f"{WALLS}test_another_sender_for_an_answer_is_warned_of",
        f"{THREADS}test_the_thread_leaves_only_as_the_identity_that_began",
    ),
    "names-thread": (f"{THREADS}test_the_thread_leaves_only_as_the_identity_that_began",),
    "own-address": (f"{WALLS}test_the_address_of_another_identity_is_found_where_it_stands",),
    "own-recipient": (f"{WALLS}test_a_mail_to_oneself_links_both",),
    "other-name": (f"{WALLS}test_another_identity_s_name_under_the_text_is_found",),
    "other-signature": (f"{WALLS}test_another_identity_s_signature_is_found",),
    **dict.fromkeys(
        (
            "tells-in-sender",
            "tells-in-recipients",
            "tells-in-subject",
            "tells-in-text",
            "tells-in-file-name",
            "tells-in-file",
        ),
        (
            "tests/checks/test_not_in_there.py::test_this_machine_is_found_wherever_a_person_puts_it",
            "tests/checks/test_not_in_there.py::test_of_this_machine_nothing_stands_in_an_ordinary_mail",
        ),
    ),
    "tells-in-form": (
        "tests/checks/test_not_in_there.py::test_in_what_torsend_writes_nothing_of_it_may_stand",
    ),
    "network": (
        f"{ON_A_NETWORK}test_this_computer_speaks_to_first_relays_alone",
        "tests/app/test_no_leak.py::test_the_whole_program_reaches_for_nothing_but_tor",
    ),
    "network-elsewhere": (
        "tests/tor/test_stream.py::test_hosts_go_to_tor_as_they_are",
        "tests/tor/test_whereabouts.py::test_a_link_knows_that_its_port_is_elsewhere",
    ),
    "tor-computer": (
        "tests/tor/test_stream.py::test_hosts_go_to_tor_as_they_are",
        "tests/delivery/test_dispatcher.py::test_plain_does_not_cross_a_network_on_its_way_to_tor",
    ),
    "first-relay": (
        f"{ON_A_NETWORK}test_this_computer_speaks_to_first_relays_alone",
        f"{ON_A_NETWORK}test_the_first_relay_does_not_see_where_it_leads",
    ),
    "exit": (f"{ON_A_NETWORK}test_the_server_is_spoken_to_by_the_exit_and_never_from_here",),
    "exit-starttls": (
        f"{ON_A_NETWORK}test_the_server_is_spoken_to_by_the_exit_and_never_from_here",
        "tests/delivery/test_sending.py::test_what_is_said_is_one_dialect_without_a_trace_of_this_machine",
    ),
    "service-relays": (
        "tests/demo/test_network.py::test_onion_service_is_reached_without_a_name_question",
        f"{ISOLATION}test_an_onion_service_is_met_halfway_on_a_circuit_of_the_identitys_own",
    ),
    "whole": ("tests/delivery/test_sending.py::test_message_arrives_byte_for_byte", *_NOT_WHENCE),
    "whole-may-know": _SAYS_SO,
    "whole-knows": _SAYS_SO,
    "whole-not-whence": _NOT_WHENCE,
    "whole-uses-tor": _SHOWS_EXIT,
    "reads": _ADDRESS_IN_FROM,
    "reads-uses-tor": (*_ADDRESS_IN_FROM, *_SHOWS_EXIT),
    "passed-on": _ADDRESS_IN_FROM,
    "passed-on-by-many": _ADDRESS_IN_FROM,
    "domain": _OWNER,
    "file-may-name": (*_BYTES_AS_THEY_ARE, *_HELD),
    "files-may-name": (*_BYTES_AS_THEY_ARE, *_HELD),
    "untraceable": (f"{PARTIES}test_no_row_and_no_limit_promises_what_the_panel_must_not", *_NOT_WHENCE),
    "untraceable-but-files": (*_BYTES_AS_THEY_ARE, *_NOT_WHENCE),
    "untraceable-once-files": (*_HELD, *_NOT_WHENCE),
    "untraceable-once-but-files": (*_HELD, *_BYTES_AS_THEY_ARE, *_NOT_WHENCE),
    "not-both-ends": (
        f"{ON_A_NETWORK}test_this_computer_speaks_to_first_relays_alone",
        f"{ON_A_NETWORK}test_the_server_is_spoken_to_by_the_exit_and_never_from_here",
        f"{WIRE}test_two_parsers_read_back_what_was_written",
    ),
    "not-unsure": _SAYS_SO,
    "not-known": _SAYS_SO,
    "nor-registrar": _OWNER,
}


def test_every_sentence_names_the_tests_of_its_fact() -> None:
    assert set(FACTS) == set(SENTENCES)
    assert all(FACTS.values())


@functools.cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("code", sorted(FACTS))
def test_those_tests_exist(code: str) -> None:
    for each in FACTS[code]:
        file, _, name = each.partition("::")
        assert name in functions_of(file), f"gone: {each}. Which test shows now that: {SENTENCES[code].fact}"


def test_every_sentence_says_what_it_states_and_never_too_much() -> None:
    for code, sentence in SENTENCES.items():
        assert sentence.fact.endswith("."), code
        for words in (sentence.words, sentence.many):
            for never in ("nonymous", "secure", "uaranteed"):
                assert never not in words, code
