"""Two identities of one onion server: Tor knows one client key a service, and neither's keeps the other's mail out."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.app.conftest import quick
from tests.app.test_window import person, start_in
from tests.conftest import USERS
from tests.tor.parts import PATIENCE
from tests.tor.test_onion_on_a_network import new_key
from torsend.app import App, onion_servers
from torsend.delivery.reasons import Reason
from torsend.delivery.states import State
from torsend.demo.onion import OnionKey
from torsend.identity.identity import Server, Tls
from torsend.mail.draft import Draft
from torsend.tor.cancel import Cancel
from torsend.tor.stream_failures import StreamCancelled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Stage
    from torsend.identity.identity import Identity


@pytest.fixture
def two(stage: Stage, tmp_path: Path) -> tuple[App, Identity, Identity]:
    app = App.open(quick(start_in(tmp_path, stage)), tls_context=stage.certificates.for_client)
    wren = app.add_identity(person("Wren", "wren", stage.server.implicit_port, stage.host), USERS["wren"])
    tarn = app.add_identity(person("Tarn", "tarn", stage.server.implicit_port, stage.host), USERS["tarn"])
    return app, wren, tarn


def test_a_wrong_key_of_one_keeps_nobody_elses_mail_out(
    stage: Stage, two: tuple[App, Identity, Identity]
) -> None:
    app, wren, tarn = two
    key, public = new_key()
    wrong, _ = new_key()
    host = stage.network.add_onion({587: (stage.server.address, stage.server.onion_port)}, [public])
    try:
        for identity in (wren, tarn):
            app.book.save(replace(identity, server=Server(host, 587, Tls.ONION_PLAIN)))
        app.onions.set_key(wren.id, key)
        app.onions.set_key(tarn.id, wrong)
        app.connection.start()
        app.connection.wait_ready(60)
        ids = [
            app.queue(Draft(Draft.new().id, each.id, to="marta@nordpost.example", subject="s", text="t")).id
            for each in (tarn, wren)
        ]
        entries = {each.identity_id: each for each in app.dispatcher.run_once(ids)}
        assert entries[wren.id].state is State.ACCEPTED, entries[wren.id]
        # Once Tor has read the service's descriptor by the right key, it needs none for a while.
        assert entries[tarn.id].reason in {Reason.ONION_KEY, Reason.ACCEPTED}
    finally:
        app.close()


def test_the_second_waits_for_the_firsts_stream_but_not_for_ever(
    two: tuple[App, Identity, Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, wren, tarn = two
    given: list[str] = []
    turned = threading.Event()

    def give(host: str, _key: str | None, _cancel: Cancel) -> bool:
        given.append(host)
        return True

    monkeypatch.setattr(app.connection, "give_onion_key", give)
    onion = Server(OnionKey.new().host, 587, Tls.ONION_PLAIN)
    try:
        over = app.onions.give_key(replace(wren, server=onion), Cancel())

        def second() -> None:
            # By whatever name: Tor knows one key for all of them.
            app.onions.give_key(replace(tarn, server=replace(onion, host=f"Mail.{onion.host}")), Cancel())()
            turned.set()

        other = threading.Thread(target=second)
        other.start()
        # Of another service nobody waits.
        app.onions.give_key(
            replace(tarn, server=Server(OnionKey.new().host, 587, Tls.ONION_PLAIN)), Cancel()
        )()
        assert not turned.is_set()
        over()
        over()
        assert turned.wait(PATIENCE)
        other.join()
        assert len(given) == 3

        app.onions.give_key(replace(wren, server=onion), Cancel())
        monkeypatch.setattr(onion_servers, "TURN_SECONDS", 0.01)
        app.onions.give_key(replace(tarn, server=onion), Cancel())()
        assert len(given) == 5
    finally:
        app.close()


def test_who_is_cancelled_while_tor_is_asked_leaves_the_turn_to_the_next(
    two: tuple[App, Identity, Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, wren, tarn = two
    onion = Server(OnionKey.new().host, 587, Tls.ONION_PLAIN)
    cancel = Cancel()

    def cancelled(_host: str, _key: str | None, mine: Cancel) -> bool:
        if mine is cancel:
            raise StreamCancelled
        return True

    monkeypatch.setattr(app.connection, "give_onion_key", cancelled)
    try:
        with pytest.raises(StreamCancelled):
            app.onions.give_key(replace(wren, server=onion), cancel)
        monkeypatch.setattr(onion_servers, "TURN_SECONDS", 3600.0)
        app.onions.give_key(replace(tarn, server=onion), Cancel())()
    finally:
        app.close()
