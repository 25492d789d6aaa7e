from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.errors import ExitStatus
from torsend.tor.choice import (
    BadChoice,
    Control,
    ControlSocket,
    Launch,
    Socks,
    SocksSocket,
    TorChoice,
    parse_choice,
)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("launch", Launch()),
        ("control:127.0.0.1:9051", Control("127.0.0.1", 9051)),
        ("control:localhost:9151", Control("127.0.0.1", 9151)),
        ("control:[::1]:9051", Control("::1", 9051)),
        ("control:/run/tor/control", ControlSocket(Path("/run/tor/control"))),
        ("control:unix:/run/tor/control", ControlSocket(Path("/run/tor/control"))),
        ("socks:/run/tor/socks", SocksSocket(Path("/run/tor/socks"))),
        ("socks:unix:/run/tor/a b", SocksSocket(Path("/run/tor/a b"))),
        ("socks:10.152.152.10:9050", Socks("10.152.152.10", 9050)),
        ("socks:[fd00::10]:9050", Socks("fd00::10", 9050)),
        ("socks:[::ffff:127.0.0.1]:9050", Socks("127.0.0.1", 9050)),
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
    ["socks:203.0.113.5:9050", "control:203.0.113.5:9051", "socks:8.8.8.8:9050", "socks:[2001:db8::1]:9050",
     "socks:100.64.0.1:9050", "socks:0.0.0.0:9050", "socks:[::]:9050", "socks:[::ffff:8.8.8.8]:9050",
     "control:224.0.0.1:9051"],
)  # fmt: skip
def test_a_tor_beyond_the_local_network_is_refused_since_the_way_to_it_is_in_the_clear(text: str) -> None:
    with pytest.raises(BadChoice, match="is not encrypted"):
        parse_choice(text)


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


@given(
    st.one_of(
        *(
            st.ip_addresses(network=network)
            for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
        )
    ),
    st.integers(1, 65535),
)
def test_every_address_is_read_as_it_is_written(address: object, port: int) -> None:
    choice = Socks(str(address), port)
    assert parse_choice(str(choice)) == choice
