"""The route as a value: what is known is shown, what isn't is never invented."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QFontMetricsF

from tests.gui import samples
from torsend.delivery.lane import Progress, SendPhase
from torsend.gui.parts.labels import elided
from torsend.gui.ribbon import Ribbon, fitting
from torsend.gui.route_view import StopKind, Wrap, age
from torsend.gui.theme import font
from torsend.identity.identity import Server, Tls
from torsend.tor.circuits import Circuit, Relay, Role
from torsend.tor.status import Phase, TorStatus

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def at(phase: SendPhase, sent: int = 0) -> Progress:
    return Progress("e", samples.WREN.id, phase, sent, 1000)


def test_a_circuit_is_drawn_relay_by_relay() -> None:
    route = samples.route()
    assert [stop.kind for stop in route.stops] == [
        StopKind.YOU,
        StopKind.GUARD,
        StopKind.MIDDLE,
        StopKind.EXIT,
        StopKind.PROVIDER,
        StopKind.PERSON,
    ]
    assert [stop.name for stop in route.stops[1:4]] == ["larkspur", "tinmill", "osprey"]
    assert route.stops[1].country == "DE"
    assert route.headline == "A circuit only Wren uses, 2 min old"
    assert all(stop.known for stop in route.stops)


def test_tor_ends_at_the_exit_and_tls_at_the_provider() -> None:
    route = samples.route()
    assert [(one.wrap, one.last) for one in route.sheaths] == [
        (Wrap.TOR, 3),
        (Wrap.TLS, 4),
        (Wrap.NOTHING, 5),
    ]
    assert route.spoken == "Route, 6 stops. Tor to osprey, TLS to rowanmail"


def test_an_onion_server_is_reached_inside_tor_all_the_way() -> None:
    route = samples.route(samples.TARN, samples.ONION_CIRCUIT)
    kinds = [stop.kind for stop in route.stops]
    assert kinds[3:6] == [StopKind.MEETING, StopKind.HIDDEN, StopKind.ONION]
    assert StopKind.EXIT not in kinds
    assert (route.sheaths[0].wrap, route.sheaths[0].last) == (Wrap.TOR, 5)
    assert "TLS within" in route.sheaths[0].label


def test_an_onion_server_without_tls_is_not_said_to_have_it() -> None:
    plain = replace(samples.TARN, server=Server(samples.ONION_HOST, 587, Tls.ONION_PLAIN))
    route = samples.route(plain, samples.ONION_CIRCUIT)
    assert "TLS" not in route.sheaths[0].label
    assert Wrap.TLS not in {one.wrap for one in route.sheaths}


def test_a_bridge_takes_the_place_of_the_guard() -> None:
    relays = (Relay("A" * 40, "hidden", "DE", Role.BRIDGE), *samples.CIRCUIT.relays[1:])
    route = samples.route(circuit=replace(samples.CIRCUIT, relays=relays))
    stop = route.stops[1]
    # Nothing by which it could be found, in a picture of the window either.
    assert (stop.kind, stop.name, stop.note, stop.country) == (
        StopKind.BRIDGE, "Your bridge", "in place of a guard", None,
    )  # fmt: skip
    waiting = samples.route(circuit=None, status=replace(samples.READY, first="bridge"))
    assert [stop.kind for stop in waiting.stops[1:4]] == [StopKind.BRIDGE, StopKind.MIDDLE, StopKind.EXIT]
    assert waiting.stops[1].name == "Bridge"


@pytest.mark.parametrize(
    ("status", "note", "headline"),
    [
        (samples.READY, "not chosen yet", "A circuit only Wren uses, built when you send"),
        (
            samples.SOCKS_ONLY,
            "not visible",
            "Torsend asks this Tor for a circuit only Wren uses; it can’t see whether it gets one",
        ),
        (
            TorStatus(phase=Phase.OFF),
            "not chosen yet",
            "Torsend asks Tor for a circuit only Wren uses, when Tor is there",
        ),
    ],
)
def test_unknown_relays_are_said_to_be_unknown(status: TorStatus, note: str, headline: str) -> None:
    route = samples.route(circuit=None, status=status)
    assert {stop.note for stop in route.stops[1:4]} == {note}
    assert not any(stop.known for stop in route.stops[1:4])
    assert route.headline == headline


def test_a_circuit_without_relays_yet_is_unknown_too() -> None:
    assert not samples.route(circuit=replace(samples.CIRCUIT, relays=())).stops[1].known


def test_without_sender_or_recipient_nothing_is_claimed() -> None:
    route = samples.route(None, None, to="")
    assert not route.stops[-1].known
    assert not route.stops[-2].known
    assert not route.can_renew
    assert route.colour == ""


def test_several_recipients_are_counted() -> None:
    route = samples.route(to="Marta Lindqvist <m@nordpost.example>, a@fjordby.example, b@nordpost.example")
    assert route.stops[-1].name == "Marta Lindqvist and 2 more"
    assert route.stops[-1].note == "via 2 providers"


def reached(progress: Progress | None, circuit: Circuit | None = samples.CIRCUIT) -> list[bool]:
    return [stop.reached for stop in samples.route(circuit=circuit, progress=progress).stops]


def test_rings_light_as_far_as_bytes_can_have_come() -> None:
    assert reached(None) == [False] * 6
    assert reached(at(SendPhase.BUILDING)) == [False] * 6
    assert reached(at(SendPhase.BUILT)) == [True] * 4 + [False] * 2
    assert reached(at(SendPhase.SENDING, 1)) == [True] * 5 + [False]
    assert reached(at(SendPhase.ACCEPTED)) == [True] * 5 + [False]


def test_relays_that_are_not_visible_light_only_once_the_server_answered() -> None:
    assert reached(at(SendPhase.BUILT), None) == [True] + [False] * 5
    assert reached(at(SendPhase.SIGNED_IN), None) == [True] * 5 + [False]


def test_the_thread_fills_with_the_bytes() -> None:
    assert samples.route(progress=at(SendPhase.SENDING, 250)).fraction == 0.25
    assert samples.route(progress=at(SendPhase.WAITING)).fraction == 1.0
    assert samples.route(progress=at(SendPhase.SIGNING_IN)).fraction == 0.0
    assert samples.route().fraction is None


def test_no_new_circuit_while_one_is_used() -> None:
    assert samples.route().can_renew
    assert not samples.route(progress=at(SendPhase.SENDING)).can_renew
    assert not samples.route(status=samples.STARTING).can_renew


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "less than 1 min"), (59, "less than 1 min"), (60, "1 min"), (3599, "59 min"), (7200, "2 h")],
)
def test_an_age_is_said_in_the_unit_that_people_use(seconds: float, words: str) -> None:
    assert age(seconds) == words


def test_where_there_is_no_room_fewer_words_say_it(qtbot: QtBot) -> None:
    used = font(12)
    route = samples.route(samples.TARN, samples.ONION_CIRCUIT)
    said = [(one.label, one.short) for one in route.sheaths if one.label]
    said += [(stop.note, stop.short) for stop in route.stops if stop.short]
    assert len(said) == 4
    for words, short in said:
        width = QFontMetricsF(used).horizontalAdvance
        assert fitting(words, short, used, width(words)) == words
        assert fitting(words, short, used, width(words) - 1) == short
        assert width(short) < width(words)
    # Nothing shorter is known: it will be cut.
    assert fitting("guard", "", used, 3) == "guard"


def test_what_lies_beyond_the_provider_is_said_whole_in_the_smallest_window(qtbot: QtBot) -> None:
    ribbon = Ribbon()
    qtbot.addWidget(ribbon)
    ribbon.resize(960, ribbon.height())
    route = samples.route()
    ribbon.set_route(route)
    ribbon.grab()
    beyond, centres = route.sheaths[-1], ribbon.centres()
    room = centres[-1] - centres[-2] + 24
    shown = fitting(beyond.label, beyond.short, font(12), room)
    assert elided(shown, font(12), room) == shown
