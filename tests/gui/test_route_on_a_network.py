"""The ribbon shows what Tor reports: relays and countries of a real circuit, and nothing of it once it is closed."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

from tests.gui import samples
from tests.tor.parts import PATIENCE, Seen, free_port
from torsend.gui.route_view import StopKind
from torsend.tor.choice import Launch
from torsend.tor.circuits import Circuit, CircuitState
from torsend.tor.connection import Connection
from torsend.tor.isolation import Purpose

if TYPE_CHECKING:
    from pathlib import Path

    from torsend.demo.network import PrivateNetwork

HOST = "shown.rowanmail.example"
HALF = (127 << 24) + (128 << 16)
# As in tor's own tables: from, to, country. Half of loopback is one country, half another.
GEOIP = f"{127 << 24},{HALF - 1},DE\n{HALF},{(128 << 24) - 1},FR\n"


def test_the_circuit_as_tor_reports_it_until_it_is_closed(
    private_network: PrivateNetwork, tmp_path: Path
) -> None:
    private_network.names[HOST] = "127.0.0.1"
    (tmp_path / "geoip").write_text(GEOIP)
    port = free_port()
    include = tmp_path / "include"
    include.write_text(
        f"{private_network.client_torrc}GeoIPFile {tmp_path / 'geoip'}\nControlPort 127.0.0.1:{port}\n"
    )
    connection = Connection(Launch(torrc_include=include), tmp_path / "data")
    circuits: Seen[Circuit] = Seen()
    connection.circuits.subscribe(lambda _, circuit: circuits(circuit))
    connection.start()
    try:
        status = connection.wait_ready(60)
        token = connection.isolation.token(samples.WREN.id, Purpose.SENDING)
        connection.prepare(token, HOST, time.monotonic() + PATIENCE)
        # Tor's events come over the supervisor's thread, a moment after the answer itself.
        circuit = circuits.wait(
            lambda each: connection.circuits.for_token(token) == each and len(each.relays) == 3
        )
        route = samples.route(circuit=circuit, status=status)
        kinds = [stop.kind for stop in route.stops[1:4]]
        assert kinds == [StopKind.GUARD, StopKind.MIDDLE, StopKind.EXIT]
        names = {stop.name for stop in route.stops[1:4]}
        assert names <= set(private_network.relays)
        assert len(names) == 3
        assert all(stop.country in {"DE", "FR"} for stop in route.stops[1:4])
        assert "less than 1 min old" in route.headline or "min old" in route.headline

        with socket.create_connection(("127.0.0.1", port)) as asked:
            asked.sendall(f"AUTHENTICATE\r\nCLOSECIRCUIT {circuit.id}\r\nQUIT\r\n".encode())
            # Told at once: an event, no question.
            circuits.wait(lambda each: each.id == circuit.id and each.state is CircuitState.CLOSED)
        again = connection.circuits.for_token(token)
        assert again is None or again.id != circuit.id or again.state is CircuitState.CLOSED
    finally:
        connection.stop()
