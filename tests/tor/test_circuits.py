from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.tor.parts import Seen
from torsend.tor.circuits import _MOST_CLOSED, Circuit, Circuits, CircuitState, Role
from torsend.tor.events import CircuitChanged, StreamChanged
from torsend.tor.isolation import Token

WREN, HERON = Token("run", "wren"), Token("run", "heron")
PATH = (("A" * 40, "larkspur"), ("B" * 40, "osprey"), ("C" * 40, "brindle"))


def _event(
    circuit_id: str,
    status: str = "BUILT",
    token: Token | None = None,
    *,
    hops: int = 3,
    purpose: str = "GENERAL",
    conflux: str = "",
) -> CircuitChanged:
    return CircuitChanged(circuit_id, status, PATH[:hops], purpose, token, conflux, datetime.now(UTC))


def _stream(circuit_id: str, token: Token, status: str = "SENTCONNECT") -> StreamChanged:
    return StreamChanged("1", status, circuit_id, token)


@pytest.fixture
def circuits() -> Circuits:
    made = Circuits()
    made.begin(lambda fingerprint: {"A": "DE", "B": "SE"}.get(fingerprint[0]), bridges=False)
    return made


def test_a_circuit_grows_hop_by_hop_and_is_built(circuits: Circuits) -> None:
    circuits.take_circuit(_event("7", "LAUNCHED", WREN, hops=0))
    circuits.take_circuit(_event("7", "EXTENDED", WREN, hops=1))
    circuits.take_circuit(_event("7", "EXTENDED", WREN, hops=3))
    growing = circuits.for_token(WREN)
    assert growing
    assert growing.state is CircuitState.BUILDING
    assert [relay.role for relay in growing.relays] == [Role.GUARD, Role.MIDDLE, Role.MIDDLE]
    assert growing.built_at is None
    circuits.take_circuit(_event("7", "BUILT", WREN))
    built = circuits.for_token(WREN)
    assert built
    assert built.state is CircuitState.BUILT
    assert built.built_at
    assert built.built_at.tzinfo is UTC
    assert [(relay.nickname, relay.country, relay.role) for relay in built.relays] == [
        ("larkspur", "DE", Role.GUARD),
        ("osprey", "SE", Role.MIDDLE),
        ("brindle", None, Role.EXIT),
    ]
    assert circuits.for_token(HERON) is None


def test_a_circuit_built_before_is_matched_when_a_stream_takes_it(circuits: Circuits) -> None:
    circuits.take_circuit(_event("3"))
    assert circuits.for_token(WREN) is None
    circuits.take_stream(_stream("", WREN, "NEW"))
    assert circuits.for_token(WREN) is None
    circuits.take_stream(_stream("3", WREN))
    found = circuits.for_token(WREN)
    assert found
    assert found.id == "3"
    assert circuits.carried(WREN) == ("3",)
    assert circuits.carried(HERON) == ()


def test_the_circuit_that_carried_last_is_the_identitys(circuits: Circuits) -> None:
    circuits.take_circuit(_event("3", "BUILT", WREN))
    circuits.take_stream(_stream("3", WREN))
    circuits.take_circuit(_event("4", "BUILT", WREN))
    found = circuits.for_token(WREN)
    assert found
    assert found.id == "3", "that one is built says nothing of where the stream runs"
    circuits.take_stream(_stream("4", WREN))
    found = circuits.for_token(WREN)
    assert found
    assert found.id == "4"
    assert circuits.carried(WREN) == ("3", "4")


def test_a_closed_circuit_is_known_until_another_takes_its_place(circuits: Circuits) -> None:
    circuits.take_circuit(_event("3", "BUILT", WREN))
    circuits.take_circuit(_event("3", "CLOSED", WREN))
    closed = circuits.for_token(WREN)
    assert closed
    assert closed.state is CircuitState.CLOSED
    assert len(closed.relays) == 3
    circuits.take_circuit(_event("4", "LAUNCHED", WREN, hops=0))
    found = circuits.for_token(WREN)
    assert found
    assert found.id == "4"


def test_both_legs_of_a_conflux_set_carried_it(circuits: Circuits) -> None:
    for leg in ("5", "6"):
        circuits.take_circuit(_event(leg, purpose="CONFLUX_LINKED", conflux="F00"))
    circuits.take_circuit(_event("7", purpose="CONFLUX_LINKED", conflux="BAA"))
    circuits.take_stream(_stream("5", WREN))
    assert circuits.carried(WREN) == ("5", "6")
    found = circuits.for_token(WREN)
    assert found
    assert found.conflux == "F00"


def test_to_an_onion_service_the_last_relay_is_where_both_meet(circuits: Circuits) -> None:
    circuits.take_circuit(_event("8", purpose="HS_CLIENT_INTRO", token=WREN))
    assert circuits.for_token(WREN) is None, "a circuit that only calls the service carries no mail"
    circuits.take_circuit(_event("9", purpose="HS_CLIENT_REND", token=WREN))
    found = circuits.for_token(WREN)
    assert found
    assert found.onion
    assert found.relays[-1].role is Role.MEETING


def test_a_bridge_takes_the_guards_place() -> None:
    circuits = Circuits()
    circuits.begin(lambda _: None, bridges=True)
    circuits.take_circuit(_event("3", "BUILT", WREN))
    found = circuits.for_token(WREN)
    assert found
    assert found.relays[0].role is Role.BRIDGE


def test_watchers_hear_of_each_change_once(circuits: Circuits) -> None:
    heard: Seen[tuple[Token, Circuit]] = Seen()
    unsubscribe = circuits.subscribe(lambda token, circuit: heard((token, circuit)))
    circuits.take_circuit(_event("3"))
    assert heard.all == []
    circuits.take_circuit(_event("4", "BUILT", WREN))
    circuits.take_circuit(_event("4", "BUILT", WREN))
    assert [(token, circuit.id) for token, circuit in heard.all] == [(WREN, "4")]
    unsubscribe()
    unsubscribe()
    circuits.take_circuit(_event("4", "CLOSED", WREN))
    assert len(heard.all) == 1


def test_with_another_tor_all_that_was_is_closed(circuits: Circuits) -> None:
    heard: Seen[tuple[Token, Circuit]] = Seen()
    circuits.take_circuit(_event("3", "BUILT", WREN))
    circuits.take_stream(_stream("3", WREN))
    circuits.subscribe(lambda token, circuit: heard((token, circuit)))
    circuits.begin(lambda _: None, bridges=False)
    assert [circuit.state for _, circuit in heard.all] == [CircuitState.CLOSED]
    assert circuits.for_token(WREN) is None
    assert circuits.carried(WREN) == ()


def test_what_is_closed_is_forgotten_one_day(circuits: Circuits) -> None:
    for number in range(_MOST_CLOSED + 10):
        circuits.take_circuit(_event(str(number), "BUILT", WREN))
        circuits.take_circuit(_event(str(number), "CLOSED", WREN))
    assert circuits.circuit("0") is None
    assert circuits.circuit(str(_MOST_CLOSED))
    assert not circuits._paths
