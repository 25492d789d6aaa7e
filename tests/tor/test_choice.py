from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.errors import ExitStatus
from torsend.tor.choice import BadChoice, Control, ControlSocket, Launch, Socks, TorChoice, parse_choice


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("launch", Launch()),
        ("control:127.0.0.1:9051", Control("127.0.0.1", 9051)),
        ("control:localhost:9151", Control("127.0.0.1", 9151)),
        ("control:[::1]:9051", Control("::1", 9051)),
        ("control:/run/tor/control", ControlSocket(Path("/run/tor/control"))),
        ("socks:10.152.152.10:9050", Socks("10.152.152.10", 9050)),
        (" socks:localhost:9050 ", Socks("127.0.0.1", 9050)),
    ],
)
def test_each_way_to_tor_is_read_and_written(text: str, choice: TorChoice) -> None:
    assert parse_choice(text) == choice
    assert parse_choice(str(choice)) == choice


def test_extra_lines_are_for_a_tor_of_our_own(tmp_path: Path) -> None:
    assert parse_choice("launch", tmp_path / "torrc") == Launch(torrc_include=tmp_path / "torrc")
    assert parse_choice("socks:127.0.0.1:9050", tmp_path / "torrc") == Socks("127.0.0.1", 9050)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lunch",
        "launch:now",
        "socks",
        "socks:9050",
        "socks:127.0.0.1",
        "socks:127.0.0.1:0",
        "socks:127.0.0.1:65536",
        "socks:127.0.0.1:９０５０",
        "socks:127.0.0.1:99999999999999999999",
        "socks:::1:9050",
        "socks:[127.0.0.1]:9050",
        "control:",
        "http:127.0.0.1:80",
    ],
)
def test_anything_else_is_refused_with_what_would_do(text: str) -> None:
    with pytest.raises(BadChoice) as raised:
        parse_choice(text)
    assert raised.value.status is ExitStatus.USAGE
    assert "socks:HOST:PORT" in raised.value.advice


def test_a_name_is_refused_since_this_machine_would_have_to_look_it_up() -> None:
    with pytest.raises(BadChoice, match="never looks up"):
        parse_choice("socks:tor.example:9050")


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_choice_or_a_refusal(text: str) -> None:
    try:
        choice = parse_choice(text)
    except BadChoice:
        return
    assert parse_choice(str(choice)) == choice


@given(st.ip_addresses(), st.integers(1, 65535))
def test_every_address_is_read_as_it_is_written(address: object, port: int) -> None:
    choice = Socks(str(address), port)
    assert parse_choice(str(choice)) == choice
