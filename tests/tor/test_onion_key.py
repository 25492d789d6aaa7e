"""Whoever gives Tor an onion service's key is answered in any case, and at once where there is no Tor to be given one."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

import pytest

from tests.tor.parts import PATIENCE, Seen, Server, silent
from torsend.tor import connection as connection_module
from torsend.tor.cancel import Cancel
from torsend.tor.choice import Control
from torsend.tor.circuits import Circuits
from torsend.tor.clocks import Clocks
from torsend.tor.connection import Connection
from torsend.tor.inbox import OnionKey
from torsend.tor.link import Link
from torsend.tor.pace import Pace
from torsend.tor.stream_failures import StreamCancelled
from torsend.tor.tending import Tending
from torsend.tor.troubles import TorTroubled, failed

if TYPE_CHECKING:
    from pathlib import Path

HOST = "a" * 56 + ".onion"


@pytest.fixture(autouse=True)
def _for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_KEY_SECONDS", 10 * PATIENCE)


def given(connection: Connection, answers: Seen[bool]) -> threading.Thread:
    thread = threading.Thread(target=lambda: answers(connection.give_onion_key(HOST, "key")), daemon=True)
    thread.start()
    return thread


def test_a_link_that_is_found_lost_by_the_look_before_the_key_answers_that_it_was_not_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = Link("launch", Cancel())
    tending = Tending(link, Circuits(), Clocks(), Pace(look=0.0), lambda _: None, lambda: None)

    def lost(*_: object, **__: object) -> None:
        raise failed("lost")

    monkeypatch.setattr(link, "look", lost)
    asked = OnionKey("a" * 56, "key")
    with pytest.raises(TorTroubled):
        tending.take(asked)
    assert asked.done.get_nowait() is False
    with pytest.raises(queue.Empty):
        asked.done.get_nowait()


def test_without_a_connection_that_runs_no_key_is_waited_for(tmp_path: Path) -> None:
    connection = Connection(Control("127.0.0.1", 1), tmp_path)
    answers: Seen[bool] = Seen()
    given(connection, answers)
    answers.wait(lambda has: not has)


def test_the_end_of_the_connection_answers_who_waits(tmp_path: Path) -> None:
    with Server(silent) as server:
        connection = Connection(Control(*server.address), tmp_path, pace=Pace(look=0.0))
        connection.start()
        try:
            answers: Seen[bool] = Seen()
            given(connection, answers)
            # It is answered whether it was asked before or after.
            connection.stop()
            answers.wait(lambda has: not has)
        finally:
            connection.stop()


def test_who_asked_can_stop_waiting_before_and_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opening(*given: object) -> None:
        cancel, cancelled = given[5], threading.Event()
        assert isinstance(cancel, Cancel)
        with cancel.calling(cancelled.set):
            cancelled.wait()
        raise StreamCancelled

    monkeypatch.setattr(connection_module, "open_link", opening)
    connection, cancel, asked = Connection(Control("127.0.0.1", 1), tmp_path), Cancel(), threading.Event()
    ended: Seen[bool] = Seen()

    def ask() -> None:
        asked.set()
        with pytest.raises(StreamCancelled):
            connection.give_onion_key(HOST, "key", cancel)
        ended(True)

    connection.start()
    try:
        threading.Thread(target=ask, daemon=True).start()
        assert asked.wait(PATIENCE)
        cancel.cancel()
        ended.wait(bool)
        with pytest.raises(StreamCancelled):
            connection.give_onion_key(HOST, "key", cancel)
        # Who has no one to say so stops by the clock.
        monkeypatch.setattr(connection_module, "_KEY_SECONDS", 0.01)
        assert not connection.give_onion_key(HOST, "key")
    finally:
        connection.stop()


def test_while_a_failure_waits_for_the_next_try_a_key_is_refused_also_as_the_computer_wakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = threading.Event()

    class Woken:
        clock_set = False

        @property
        def slept(self) -> bool:
            return slept.is_set()

    monkeypatch.setattr(Clocks, "look", lambda _: Woken())
    connection = Connection(
        Control("127.0.0.1", 1), tmp_path, pace=Pace(pauses=(10 * PATIENCE,), look=10 * PATIENCE)
    )
    phases: Seen[object] = Seen()
    connection.subscribe(lambda status: phases(status.trouble is not None))
    connection.start()
    try:
        phases.wait(bool)
        slept.set()
        answers: Seen[bool] = Seen()
        given(connection, answers)
        answers.wait(lambda has: not has)
    finally:
        connection.stop()
