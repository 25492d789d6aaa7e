"""``python -m torsend.demo``: the private Tor network for whoever tests a program that uses Tor.

README.md beside this file tells how to use it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from torsend import signals
from torsend.demo import links
from torsend.demo.network import PrivateNetwork, find_tor
from torsend.demo.node import Node
from torsend.errors import ExitStatus, TorsendError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Spoken to developers, in English alone, as its documentation.

_CLIENT = "visitor"
_PATIENCE_SECONDS = 60.0
_FAREWELL_SECONDS = 5.0
"""For a command to end after it was asked to."""
_MOST_LATENCY = 60_000.0
_TRANSPORTS = ("obfs4proxy", "lyrebird")


def main(arguments: list[str] | None = None) -> int:
    """Starts the network and tells how to use it, until it is ended or its command has."""
    given = _parse(sys.argv[1:] if arguments is None else arguments)
    if given.latency or given.loss:
        links.enter(["-m", "torsend.demo", *(sys.argv[1:] if arguments is None else arguments)])
        if trouble := links.trouble():
            return _say(
                f"Latency and loss need a network namespace: {trouble}. Nothing was started.",
                ExitStatus.USAGE,
            )
    signals.heed()
    try:
        with _network(given) as told:
            return _use(given, told)
    except TorsendError as error:
        return _say(error.sentences(), error.status)
    except KeyboardInterrupt:
        # What was to be run in it did not end by itself: that must not look like success.
        return 130 if given.command else ExitStatus.OK


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m torsend.demo",
        description="A private Tor network on this computer's loopback, with a client that is connected to it.",
        epilog="Behind -- stands a command to run in it: it finds what it needs in its environment "
        "(TOR_NETWORK_SOCKS and so on), and its exit status is this one's.",
    )
    parser.add_argument(
        "--json", action="store_true", help="tells everything in one line of JSON as soon as it can be used"
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST=ADDRESS",
        help="what the exits resolve a name to; more than once for more",
    )
    parser.add_argument(
        "--onion",
        action="append",
        default=[],
        metavar="PORT:TO",
        help="an onion service whose PORT leads to the local port TO",
    )
    parser.add_argument(
        "--bridge", choices=("plain", "obfs4"), help="a bridge, too; the client doesn't use it"
    )
    parser.add_argument(
        "--latency",
        type=float,
        default=0.0,
        metavar="MS",
        help="what a round trip through three relays takes at least (needs a command)",
    )
    parser.add_argument(
        "--loss",
        type=float,
        default=0.0,
        metavar="PERCENT",
        help="of the packets on each link (needs a command)",
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    given = parser.parse_args(arguments)
    if given.command[:1] == ["--"]:
        del given.command[0]
    if not 0 <= given.latency <= _MOST_LATENCY or not 0 <= given.loss < 100:
        parser.error("a latency lies between 0 and 60000 ms, a loss between 0 and 99 %")
    if (given.latency or given.loss) and not given.command:
        parser.error(
            "a slow network stands in a network namespace of its own: give the command that shall run in it"
        )
    try:
        given.names = dict(each.split("=", 1) for each in given.name)
        given.onions = {
            int(here): ("127.0.0.1", int(to)) for here, to in (each.split(":") for each in given.onion)
        }
    except ValueError:
        parser.error("names are HOST=ADDRESS, onion ports PORT:TO")
    return given


@contextlib.contextmanager
def _network(given: argparse.Namespace) -> Iterator[dict[str, object]]:
    """The network and its client; gives what is told."""
    began = time.monotonic()
    with signals.temporary_folder("torsend-network-") as folder, _shielded_stack() as stack:
        network = PrivateNetwork(folder / "network", names=given.names, onion=given.onions or None)
        network.start()
        stack.callback(network.stop)
        torrc = folder / "client.torrc"
        torrc.write_text(network.client_torrc, encoding="ascii")
        cookie = folder / _CLIENT / "control_auth_cookie"
        client = _client(folder, network)
        stack.callback(client.stop)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        told: dict[str, object] = {
            "torrc": str(torrc),
            "socks": client.ask("GETINFO net/listeners/socks", deadline)[0].partition("=")[2].strip('"'),
            "control": client.ask("GETINFO net/listeners/control", deadline)[0].partition("=")[2].strip('"'),
            "cookie": str(cookie),
            "relays": network.relays,
        }
        if given.bridge:
            told["bridge"] = network.start_bridge(_transport() if given.bridge == "obfs4" else None)
        if given.onions:
            told["onion"] = network.wait_for_onion()
        if given.latency or given.loss:
            slow = stack.enter_context(links.links())
            slow.set(given.latency / 1000, given.loss / 100)
        told["seconds"] = round(time.monotonic() - began, 1)
        yield told


@contextlib.contextmanager
def _shielded_stack() -> Iterator[contextlib.ExitStack]:
    stack = contextlib.ExitStack()
    try:
        yield stack
    finally:
        with signals.shielded():
            stack.close()


def _client(folder: Path, network: PrivateNetwork) -> Node:
    """A client that is connected."""
    own = folder / _CLIENT
    own.mkdir(mode=0o700)
    lines = (
        "SocksPort 127.0.0.1:auto\nControlPort 127.0.0.1:auto\nCookieAuthentication 1\nLog notice stdout\n"
    )
    client = Node(find_tor(), _CLIENT, own, network.client_torrc + lines)
    client.launch()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    try:
        client.ask("SETEVENTS STATUS_CLIENT", deadline)
        if not client.ask("GETINFO status/circuit-established", deadline)[0].endswith("=1"):
            client.wait_for(lambda lines: "CIRCUIT_ESTABLISHED" in lines[0], deadline)
        client.ask("SETEVENTS", deadline)
    except BaseException:
        client.stop()
        raise
    return client


def _transport() -> Path:
    for name in _TRANSPORTS:
        if found := shutil.which(name):
            return Path(found)
    raise TorsendError("No program on this computer speaks obfs4.", advice="Install obfs4proxy or lyrebird.")


def _use(given: argparse.Namespace, told: dict[str, object]) -> int:
    if given.json:
        print(json.dumps(told), flush=True)
    elif not given.command:
        for name, value in told.items():
            print(f"{name}: {' '.join(value) if isinstance(value, dict) else value}", flush=True)
        print("Ctrl+C ends it.", flush=True)
    if not given.command:
        threading.Event().wait()
    environment = {
        f"TOR_NETWORK_{name.upper()}": str(value) for name, value in told.items() if isinstance(value, str)
    }
    try:
        running = subprocess.Popen(given.command, env={**os.environ, **environment})
    except OSError as error:
        return _say(f"{given.command[0]} could not be started: {error.strerror}.", ExitStatus.USAGE)
    try:
        status = running.wait()
    except KeyboardInterrupt:
        running.terminate()  # it may have something of its own to put away
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(_FAREWELL_SECONDS)
        raise
    finally:
        running.kill()
        running.wait()
    return status if status >= 0 else 128 - status  # as a shell tells of a signal


def _say(text: str, status: ExitStatus) -> int:
    print(text, file=sys.stderr, flush=True)
    return status
