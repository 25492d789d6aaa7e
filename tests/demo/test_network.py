"""The private network, on real tor processes."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from torsend.demo import plan
from torsend.demo.failures import DemoFailed
from torsend.demo.network import PrivateNetwork, check_version, find_tor
from torsend.demo.node import Node

if TYPE_CHECKING:
    from tests.demo.conftest import SocksClient


def test_name_is_found_by_the_exit_and_reached(
    network: PrivateNetwork, client: SocksClient, echo: int
) -> None:
    with client.connect("smtp.rowanmail.example", echo, "wren") as stream:
        assert stream.recv(100) == b"127.0.0.1\r\n"
    assert "smtp.rowanmail.example" in network.asked_names


def test_unknown_name_is_asked_for_and_not_found(network: PrivateNetwork, client: SocksClient) -> None:
    with pytest.raises(ConnectionError, match="0x04"):
        client.connect("smtp.nowhere.example", 465, "wren")
    assert "smtp.nowhere.example" in network.asked_names


def test_name_added_later_is_found(network: PrivateNetwork, client: SocksClient, echo: int) -> None:
    network.names["smtp.fennmail.example"] = "127.0.0.1"
    with client.connect("smtp.fennmail.example", echo, "finch") as stream:
        assert stream.recv(100)


def test_nothing_outside_loopback_is_reached(client: SocksClient) -> None:
    # 192.0.2.0/24 is for documentation (RFC 5737): nothing would answer, but the refusal has to be at once.
    began = time.monotonic()
    with pytest.raises(ConnectionError):
        client.connect("192.0.2.1", 465, "wren")
    assert time.monotonic() - began < 10


def test_onion_service_is_reached_without_a_name_question(
    network: PrivateNetwork, client: SocksClient
) -> None:
    asked = network.asked_names
    host = network.wait_for_onion()
    # Tor derived the same name from the key that was made for it.
    assert (network.folder / "onion" / "hostname").read_text().strip() == host
    with client.connect(host, 2525, "wren") as stream:
        assert stream.recv(100) == b"127.0.0.1\r\n"
    assert network.asked_names == asked


def test_onion_service_gets_a_port_while_it_runs(
    network: PrivateNetwork, client: SocksClient, echo: int
) -> None:
    host = network.wait_for_onion()
    network.lead_onion({2526: ("127.0.0.1", echo)})
    for port in (2525, 2526):
        with client.connect(host, port, "finch") as stream:
            assert stream.recv(100) == b"127.0.0.1\r\n"


def test_circuit_runs_over_a_guard_and_an_exit_in_three_networks(
    network: PrivateNetwork, client: SocksClient, echo: int
) -> None:
    deadline = time.monotonic() + 60
    with client.connect("smtp.rowanmail.example", echo, "linnet"):
        circuits = client.node.ask("GETINFO circuit-status", deadline)
    (ours,) = [line for line in circuits if 'SOCKS_USERNAME="linnet"' in line][:1]
    names = re.findall(r"~(\w+)", ours)
    assert len(set(names)) == 3
    assert names[0] in plan.AUTHORITIES
    assert names[2] in plan.EXITS
    assert set(names) <= set(network.relays)


def test_private_files_are_for_nobody_else(network: PrivateNetwork) -> None:
    folders = [path for path in network.folder.iterdir() if path.is_dir()]
    assert len(folders) >= 10
    assert all(path.stat().st_mode & 0o077 == 0 for path in folders)


def wait_gone(pids: list[int], seconds: float) -> list[int]:
    """Waits until these processes, which need not be ours, have ended; gives those that have not."""
    deadline = time.monotonic() + seconds
    watched = {}
    for pid in pids:
        try:
            watched[os.pidfd_open(pid)] = pid
        except ProcessLookupError:
            continue
    try:
        while watched:
            ready, _, _ = select.select(list(watched), [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                break
            for descriptor in ready:
                os.close(descriptor)
                del watched[descriptor]
        return list(watched.values())
    finally:
        for descriptor in watched:
            os.close(descriptor)


PARENT = """
import sys
from pathlib import Path
from tests.demo.conftest import SocksClient
from torsend.demo.network import PrivateNetwork
from torsend.tor import guard

guard.install()
folder, port = Path(sys.argv[1]), int(sys.argv[2])
network = PrivateNetwork(folder / "network", names={"smtp.rowanmail.example": "127.0.0.1"})
network.start()
client = SocksClient(folder / "client", network.client_torrc)
client.start()
guard.permit(("127.0.0.1", client.port))
with client.connect("smtp.rowanmail.example", port, "wren") as stream:
    print(*network.pids, client.node.pid, stream.recv(100).decode().strip(), flush=True)
sys.stdin.read()
"""


def test_network_behind_the_guard_dies_when_its_parent_is_killed(
    network: PrivateNetwork, client: SocksClient, echo: int, tmp_path: Path
) -> None:
    # ``network`` runs meanwhile: two at once do not disturb each other.
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path, str(echo)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        *pids, said = parent.stdout.readline().split()
        parent.send_signal(signal.SIGKILL)
    assert said == "127.0.0.1"
    assert len(pids) == 11
    assert wait_gone([int(pid) for pid in pids], 10) == []
    with client.connect("smtp.rowanmail.example", echo, "wren") as stream:
        assert stream.recv(100)


def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    made = PrivateNetwork(tmp_path)
    with pytest.raises(DemoFailed, match="took too long"):
        made.start(timeout_seconds=0.2)
    assert made.pids
    assert wait_gone(list(made.pids), 0) == []
    made.stop()


def test_missing_tor_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_named: None)
    with pytest.raises(DemoFailed, match="not installed") as failure:
        find_tor()
    assert "apt install tor" in failure.value.advice


def pretend(path: Path, version: str, modules: str = "relay: yes\ndirauth: yes") -> Path:
    path.write_text(f'#!/bin/sh\ncase "$1" in --version) echo "{version}";; *) echo "{modules}";; esac\n')
    path.chmod(0o700)
    return path


@pytest.mark.parametrize(
    ("version", "modules", "words"),
    [
        ("Tor version 0.4.6.10.", "relay: yes\ndirauth: yes", "too old: 0.4.6"),
        ("Tor version 0.4.9.11.", "relay: no\ndirauth: no", "only be a client"),
        ("curl 8", "", "is not tor"),
    ],
)
def test_unfit_tor_is_said(tmp_path: Path, version: str, modules: str, words: str) -> None:
    with pytest.raises(DemoFailed, match=words):
        check_version(pretend(tmp_path / "tor", version, modules))


def test_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    made = PrivateNetwork(tmp_path / "network", tor=tmp_path / "no-such-tor")
    with pytest.raises(DemoFailed, match="could not be run"):
        made.start()


def test_folder_that_holds_a_network_is_said(tmp_path: Path) -> None:
    (tmp_path / plan.AUTHORITIES[0]).mkdir()
    made = PrivateNetwork(tmp_path)
    with pytest.raises(DemoFailed, match="could not be written: File exists"):
        made.start()


def test_taken_port_is_said_with_tors_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        node = Node(
            find_tor(),
            "heron",
            tmp_path,
            f"SocksPort 127.0.0.1:{taken.getsockname()[1]}\nLog notice stdout\n",
        )
        node.launch()
        try:
            with pytest.raises(DemoFailed, match="A port that heron needs is taken: Could not bind"):
                node.ask("GETINFO version", time.monotonic() + 30)
        finally:
            node.stop()


def test_taken_ports_are_left_to_their_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(plan, "PORTS", [port])
        monkeypatch.setattr(plan, "MAX_TRIED", 1)
        with pytest.raises(DemoFailed, match="No free port"):
            plan.choose_sites()


def test_each_relay_stands_in_a_network_of_its_own() -> None:
    sites = plan.choose_sites()
    networks = {tuple(site.address.split(".")[:2]) for site in sites}
    assert len(networks) == len(sites) == 9
    assert all(first == "127" and second != "0" for first, second in networks)


def test_onion_that_nobody_asked_for_is_said(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="without an onion service"):
        PrivateNetwork(tmp_path).wait_for_onion()
