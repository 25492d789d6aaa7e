"""Onion services that ask for a client's key, on a real network: what Tor answers, and what becomes of the key."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.tor.parts import PATIENCE, Server, echo
from torsend.demo.network import PrivateNetwork
from torsend.demo.onion import OnionKey
from torsend.tor.choice import Launch
from torsend.tor.connection import Connection
from torsend.tor.isolation import Purpose
from torsend.tor.stream_failures import StreamRefused

if TYPE_CHECKING:
    from pathlib import Path

PORT = 25


def new_key() -> tuple[str, str]:
    """A private key as Tor takes it (base64), and the public one as the service takes it (base32)."""
    key = X25519PrivateKey.generate()
    public = base64.b32encode(key.public_key().public_bytes_raw()).decode().rstrip("=")
    return base64.b64encode(key.private_bytes_raw()).decode(), public


@dataclass
class Onions:
    connection: Connection
    open: str
    shut: str
    key: str
    folder: Path
    echo: tuple[str, int]

    def tried(self, host: str) -> int:
        """Tor's code, 0 for a stream that stood."""
        token = self.connection.new_circuit("wren", Purpose.SENDING)
        try:
            with self.connection.open_stream(host, PORT, token, time.monotonic() + PATIENCE) as stream:
                stream.send(b"hello", time.monotonic() + PATIENCE)
                assert stream.receive(5, time.monotonic() + PATIENCE) == b"hello"
        except StreamRefused as refused:
            return refused.code or 1
        return 0


@pytest.fixture(scope="module")
def onions(private_network: PrivateNetwork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Onions]:
    folder = tmp_path_factory.mktemp("onions")
    include = folder / "include"
    include.write_text(private_network.client_torrc)
    private, public = new_key()
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server(echo))
        connection = Connection(Launch(torrc_include=include), folder / "data")
        stack.callback(connection.stop)
        connection.start()
        everyone = private_network.add_onion({PORT: server.address})
        shut = private_network.add_onion({PORT: server.address}, [public])
        connection.wait_ready(60)
        yield Onions(connection, everyone, shut, private, folder, server.address)


def test_each_way_in_which_an_onion_service_is_not_reached_is_told_apart(onions: Onions) -> None:
    nobody = OnionKey.new().host
    mistyped = nobody[:50] + ("b" if nobody[50] == "a" else "a") + nobody[51:]
    assert [onions.tried(host) for host in (onions.open, nobody, mistyped, onions.shut)] == [
        0, 0xF0, 0xF6, 0xF4
    ]  # fmt: skip


def test_a_service_that_may_ask_for_a_proof_of_work_is_reached_like_any_other(
    onions: Onions, private_network: PrivateNetwork
) -> None:
    assert onions.tried(private_network.add_onion({PORT: onions.echo}, puzzles=True)) == 0


def test_the_key_is_given_to_tor_taken_back_and_never_written(onions: Onions) -> None:
    wrong, _ = new_key()
    give = onions.connection.give_onion_key
    assert give(onions.shut, wrong)
    assert onions.tried(onions.shut) == 0xF5
    assert give(onions.shut, onions.key)
    assert give(onions.shut, onions.key)
    assert onions.tried(onions.shut) == 0
    held = base64.b64decode(onions.key)
    forms = (held, onions.key.encode(), base64.b32encode(held).rstrip(b"="), held.hex().encode())
    for path in (onions.folder / "data").rglob("*"):
        if path.is_file():
            kept = path.read_bytes()
            assert not any(each.lower() in kept.lower() for each in forms), path
    assert give(onions.shut, None)
    assert not give(onions.shut, "no key")
