"""A private network for the demo's own tests."""

from __future__ import annotations

import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

import pytest

from torsend.demo.network import find_tor
from torsend.demo.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from torsend.demo.network import PrivateNetwork


class SocksClient:
    """A tor client of the network, and the bare SOCKS5 (RFC 1928, 1929) to use it."""

    def __init__(self, folder: Path, torrc: str) -> None:
        folder.mkdir(mode=0o700)
        settings = torrc + "SocksPort 127.0.0.1:auto ExtendedErrors\nLog notice stdout\n"
        self.node = Node(find_tor(), "client", folder, settings)

    def start(self) -> None:
        deadline = time.monotonic() + 60
        self.node.launch()
        self.node.ask("SETEVENTS STATUS_CLIENT", deadline)
        self.node.wait_for(lambda lines: "CIRCUIT_ESTABLISHED" in lines[0], deadline)
        (listener,) = self.node.ask("GETINFO net/listeners/socks", deadline)[:1]
        self.port = int(listener.split('"')[1].rpartition(":")[2])

    def connect(self, host: str, port: int, token: str) -> socket.socket:
        """A stream, or ``ConnectionError`` with the reply's code."""
        name, user = host.encode("ascii"), token.encode("ascii")
        # Not ``create_connection``: it asks the resolver even for an address, which the guard forbids.
        stream = socket.socket()
        stream.settimeout(120)
        try:
            stream.connect(("127.0.0.1", self.port))
            stream.sendall(b"\x05\x01\x02")
            assert stream.recv(2) == b"\x05\x02"
            stream.sendall(b"\x01" + bytes([len(user)]) + user + b"\x01x")
            assert stream.recv(2) == b"\x01\x00"
            stream.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + struct.pack("!H", port))
            reply = stream.recv(10)
            if reply[1]:
                raise ConnectionError(f"{reply[1]:#04x}")
        except BaseException:
            stream.close()
            raise
        return stream


@pytest.fixture(scope="session")
def echo() -> Iterator[int]:
    """The port of a loopback server that says where it was called from, as a line, and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                stream, peer = listening.accept()
            except OSError:
                return
            with stream:
                stream.sendall(f"{peer[0]}\r\n".encode())

    thread = threading.Thread(target=serve)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    thread.join()
    listening.close()


@pytest.fixture(scope="session")
def network(private_network: PrivateNetwork, echo: int) -> PrivateNetwork:
    """The run's network; a port of its onion service leads to the echo."""
    private_network.names["smtp.rowanmail.example"] = "127.0.0.1"
    private_network.lead_onion({2525: ("127.0.0.1", echo)})
    return private_network


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory, network: PrivateNetwork) -> Iterator[SocksClient]:
    made = SocksClient(tmp_path_factory.mktemp("client") / "data", network.client_torrc)
    try:
        made.start()
        yield made
    finally:
        made.node.stop()
