"""One tor process and the line to it: what is said when it does not do as it should."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from torsend.demo import node as node_module
from torsend.demo.failures import DemoFailed
from torsend.demo.network import find_tor
from torsend.demo.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TORRC = "SocksPort 0\nDisableNetwork 1\nLog notice stdout\n"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(find_tor(), "heron", tmp_path, TORRC)
    yield made
    made.stop()
    made.stop()


def soon(seconds: float = 30.0) -> float:
    return time.monotonic() + seconds


def test_node_answers_and_ends(node: Node) -> None:
    node.launch()
    (answer, ok) = node.ask("GETINFO version", soon())
    assert answer.startswith("version=0.")
    assert ok == "OK"
    assert node.pid is not None
    node.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(node.pid, 0)


def test_event_that_comes_in_between_is_kept_for_whoever_waits(node: Node) -> None:
    node.launch()
    node.ask("SETEVENTS CONF_CHANGED", soon())
    node.ask("SETCONF ContactInfo=somebody", soon())
    node.ask("GETINFO version", soon())
    lines = node.wait_for(lambda lines: lines[0].startswith("CONF_CHANGED"), soon())
    assert "ContactInfo=somebody" in lines


def test_refused_command_is_said(node: Node) -> None:
    node.launch()
    with pytest.raises(DemoFailed, match=r"heron refused a command: .*Nonsense"):
        node.ask("SETCONF Nonsense=1", soon())


def test_settings_that_tor_refuses_are_said_in_its_words(tmp_path: Path) -> None:
    node = Node(find_tor(), "heron", tmp_path, "Nonsense 1\n")
    node.launch()
    try:
        with pytest.raises(DemoFailed, match=r"heron ended. Its last words: .*Nonsense"):
            node.ask("GETINFO version", soon())
    finally:
        node.stop()


def test_node_that_was_killed_is_said(node: Node) -> None:
    node.launch()
    node.ask("GETINFO version", soon())
    assert node.pid is not None
    os.kill(node.pid, signal.SIGKILL)
    with pytest.raises(DemoFailed, match="heron ended"):
        node.wait_for(lambda _lines: True, soon())
    with pytest.raises(DemoFailed, match="heron ended"):
        node.ask("GETINFO version", soon())


def test_node_that_hangs_is_said_and_still_ends(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_module, "STOP_SECONDS", 0.1)
    node.launch()
    node.ask("GETINFO version", soon())
    assert node.pid is not None
    os.kill(node.pid, signal.SIGSTOP)
    with pytest.raises(DemoFailed, match="heron took too long"):
        node.ask("GETINFO version", soon(0.2))
    node.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(node.pid, 0)


def test_node_that_was_never_launched_is_said(node: Node) -> None:
    with pytest.raises(DemoFailed, match="heron ended"):
        node.ask("GETINFO version", soon())


def test_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    node = Node(find_tor(), "heron", tmp_path / "gone", TORRC)
    with pytest.raises(DemoFailed, match="could not be started: No such file"):
        node.launch()
