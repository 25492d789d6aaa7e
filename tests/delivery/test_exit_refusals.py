"""Servers that turn exit relays away: tried over others within bounds, and remembered for the person."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import onion_host
from tests.support import misbehaving as mis
from torsend.delivery.exit_refusals import ExitRefusals
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply
from torsend.delivery.states import State
from torsend.identity.book import IdentityBook
from torsend.identity.identity import Identity, Server, Tls
from torsend.vault import Vault

NOW = datetime(2026, 4, 21, 8, 15, tzinfo=UTC)
BLOCKED = {"greeting": mis.answers("554 5.7.1 Tor exits are not welcome")}


@pytest.fixture
def exits(vault: Vault, office: PostOffice) -> ExitRefusals:
    office.exits = ExitRefusals(vault, clock=lambda: NOW)
    return office.exits


def kept(vault: Vault, who: Identity) -> Identity:
    return IdentityBook(vault, lambda address: address).add(who)


def test_each_exit_that_is_turned_away_is_counted_and_the_words_are_kept(
    vault: Vault, office: PostOffice, exits: ExitRefusals
) -> None:
    who = kept(vault, office.serve(BLOCKED))
    assert exits.of(who) is None
    entry = office.send(who)
    assert (entry.state, entry.reason, entry.attempts) == (State.REFUSED, Reason.EXIT_BLOCKED, 3)
    assert office.way.renewed == [who.id] * 2
    known = exits.of(who)
    assert known
    assert known.sentences == (
        "It turned exit relays away 3 times, last on 2026-04-21 08:15 UTC. None was let in since. "
        "It said: “554 5.7.1 Tor exits are not welcome”."
    )


def test_an_exit_that_is_let_in_later_is_told_too(
    vault: Vault, office: PostOffice, exits: ExitRefusals
) -> None:
    who = kept(vault, office.serve([BLOCKED, {}]))
    entry = office.send(who)
    assert entry.state is State.ACCEPTED
    known = exits.of(who)
    assert known
    assert "away once, on 2026-04-21 08:15 UTC. Since then one was let in." in known.sentences


def test_a_server_that_never_turned_one_away_leaves_nothing(
    vault: Vault, office: PostOffice, exits: ExitRefusals
) -> None:
    who = kept(vault, office.serve())
    assert office.send(who).state is State.ACCEPTED
    assert exits.of(who) is None


def test_what_was_learnt_is_of_one_identity_and_one_server_and_goes_with_it(
    vault: Vault, office: PostOffice, exits: ExitRefusals
) -> None:
    who, other = kept(vault, office.person()), kept(vault, office.person())
    exits.refused(who, Reply(554, "5.7.1", ("no",)))
    exits.refused(who, None)
    known = exits.of(who)
    assert known
    assert (known.times, known.their_words) == (2, "")
    assert exits.of(other) is None
    assert exits.of(dataclasses.replace(who, server=Server("elsewhere.example", 465, Tls.IMPLICIT))) is None
    IdentityBook(vault, lambda address: address).remove(who.id)
    assert exits.of(who) is None
    exits.refused(who, None)
    assert exits.of(who) is None


def test_an_onion_server_has_no_exit_to_turn_away(
    vault: Vault, office: PostOffice, exits: ExitRefusals
) -> None:
    who = kept(vault, office.serve(BLOCKED, tls=Tls.ONION_PLAIN, host=onion_host()))
    office.send(who)
    assert exits.of(who) is None
