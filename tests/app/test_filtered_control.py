"""Behind the filters that Tails and Whonix have before Tor's control port: Torsend makes do with what they let through."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.parts import Program
from tests.app.test_bad_tor import SEND
from tests.support.control_filter import (
    EVERYTHING,
    NOTHING,
    ControlFilter,
    Profile,
    read_profile,
    used,
    whonix,
)
from tests.tor.test_onion_on_a_network import new_key
from torsend.demo.onion import OnionKey
from torsend.tor.choice import Control
from torsend.tor.connection import Connection

if TYPE_CHECKING:
    from tests.app.conftest import RunningTor
    from tests.conftest import Stage

SHIPPED = Path(__file__).parents[2] / "packaging/onion-grater/torsend.yml"
LET_IN = {"PROTOCOLINFO 1", "AUTHENTICATE"}
"""The filter answers these itself."""


def behind(program: Program, filtered: ControlFilter) -> Program:
    host, port = filtered.address
    return replace(program, options=("--patience", "30", "--tor", f"control:{host}:{port}"))


def sent(stage: Stage, program: Program, filtered: ControlFilter, *, sees: bool) -> None:
    """It comes to ready, says truly whether circuits are seen, and sends."""
    program = behind(program, filtered)
    told = program.run("tor", "status", "--json")
    assert (told.status, told.json["phase"], told.json["sees_circuits"]) == (0, "ready", sees), told.err
    ran = program.run(*SEND)
    assert ran.status == 0, ran.err
    assert len(stage.server.wait_for(1)) == 1


def test_what_is_really_asked_is_what_the_shipped_profile_allows_and_no_more(
    stage: Stage, on_stage: Program, running_tor: RunningTor, tmp_path: Path
) -> None:
    shipped = read_profile(SHIPPED)
    with ControlFilter(("127.0.0.1", running_tor.control_port), EVERYTHING) as filtered:
        sent(stage, on_stage, filtered, sees=True)
        connection = Connection(Control(*filtered.address), tmp_path)
        connection.start()
        try:
            connection.wait_ready(60)
            key, _ = new_key()
            host = OnionKey.new().host
            assert connection.give_onion_key(host, key)
            assert connection.give_onion_key(host, None)
        finally:
            connection.stop()
        asked = [line for line in filtered.asked if line not in LET_IN]
    assert [line for line in asked if not shipped.allows(line)] == []
    needed = used(shipped, asked)
    assert needed == {
        "SETEVENTS": shipped.events,
        **{command: set(patterns) for command, patterns in shipped.commands.items()},
    }


def test_behind_the_shipped_profile_nothing_is_missing(
    stage: Stage, on_stage: Program, running_tor: RunningTor
) -> None:
    with ControlFilter(("127.0.0.1", running_tor.control_port), read_profile(SHIPPED)) as filtered:
        sent(stage, on_stage, filtered, sees=True)


def test_behind_whonixs_own_filter(stage: Stage, on_stage: Program, running_tor: RunningTor) -> None:
    profile = whonix(f"127.0.0.1:{running_tor.socks_port}")
    with ControlFilter(("127.0.0.1", running_tor.control_port), profile) as filtered:
        sent(stage, on_stage, filtered, sees=False)


def test_behind_a_filter_that_lets_nobody_ask_anything(
    stage: Stage, on_stage: Program, running_tor: RunningTor
) -> None:
    # An address of loopback that nobody else has, so that the usual ports are free on it.
    host = f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(256)}.{secrets.randbelow(253) + 1}"
    with ControlFilter(("127.0.0.1", running_tor.control_port), NOTHING, host) as filtered:
        program = behind(on_stage, filtered)
        told = program.run("tor", "status")
        assert told.status == 69
        assert "none was found at the usual places" in told.err + told.out.decode()
        before = [f'SocksPort="{each}"' for each in running_tor.socks_places]
        running_tor.ask(f'SETCONF {" ".join(before)} SocksPort="{host}:9050"')
        try:
            sent(stage, on_stage, filtered, sees=False)
        finally:
            running_tor.ask(f"SETCONF {' '.join(before)}")


@pytest.mark.parametrize("refused", ["GETCONF", "SETEVENTS", "GETINFO"])
def test_one_kind_of_question_that_is_refused_spoils_nothing_else(
    stage: Stage, on_stage: Program, running_tor: RunningTor, refused: str
) -> None:
    """Whatever one of them is needed for: it comes to ready."""
    shipped = read_profile(SHIPPED)
    commands = {name: patterns for name, patterns in shipped.commands.items() if name != refused}
    if refused == "GETINFO":
        commands["GETINFO"] = ["net/listeners/socks"]
    profile = Profile(commands, set() if refused == "SETEVENTS" else shipped.events, shipped.answers)
    with ControlFilter(("127.0.0.1", running_tor.control_port), profile) as filtered:
        sent(stage, on_stage, filtered, sees=refused != "SETEVENTS")
