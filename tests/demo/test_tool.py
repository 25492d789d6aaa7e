"""The private network for others: what is told is true, latency and loss are real, nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tor.parts import wait_gone
from torsend.demo import links, tool

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUND_TRIP = 0.4

# Runs beside the network: a server, then round trips to it through the client's SOCKS port.
VISIT = """
import os, socket, struct, sys, threading, time

def serve(listener):
    while True:
        connection, _ = listener.accept()
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data)

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
host, port = os.environ["TOR_NETWORK_SOCKS"].rsplit(":", 1)
for name, to in (("server.example", listener.getsockname()[1]), (os.environ.get("TOR_NETWORK_ONION"), 80)):
    if name is None:
        continue
    with socket.create_connection((host, int(port)), timeout=60) as tor:
        tor.sendall(b"\\5\\1\\0")
        assert tor.recv(2) == b"\\5\\0"
        tor.sendall(b"\\5\\1\\0\\3" + bytes([len(name)]) + name.encode() + struct.pack("!H", to))
        answer = tor.recv(10)
        assert answer[1] == 0, answer
        took = []
        for _ in range(3):
            began = time.monotonic()
            tor.sendall(b"ping")
            assert tor.recv(4) == b"ping"
            took.append(time.monotonic() - began)
        print(name, *took, flush=True)
""".replace("\\\\", "\\")


def start(*arguments: str, command: Sequence[str] = ()) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "torsend.demo", *arguments, *(["--", *command] if command else [])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.long
def test_a_slow_and_lossy_network_carries_what_a_command_sends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with start(
        "--name", "server.example=127.0.0.1", "--onion", f"80:{port}", "--latency", str(ROUND_TRIP * 1000), "--loss", "0.5",
        command=(sys.executable, "-c", VISIT, str(port)),
    ) as running:  # fmt: skip
        out, err = running.communicate(timeout=170)
    assert (running.returncode, err) == (0, "")
    said = {name: list(map(float, took)) for name, *took in map(str.split, out.splitlines())}
    (onion,) = said.keys() - {"server.example"}
    assert onion.endswith(".onion")
    assert min(said["server.example"]) >= ROUND_TRIP * 0.9
    # Six relays; the last stretch lies within this computer.
    assert min(said[onion]) > ROUND_TRIP


def test_what_is_told_is_true_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with start("--json", "--bridge", "plain") as running:
        assert running.stdout is not None
        told = json.loads(running.stdout.readline())
        assert Path(told["torrc"]).read_text().count("DirAuthority") == 3
        assert len(told["relays"]) == 9
        assert told["bridge"].split()[1] not in told["relays"].values()
        host, port = told["control"].rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=20) as control:
            cookie = Path(told["cookie"]).read_bytes().hex()
            control.sendall(f"AUTHENTICATE {cookie}\r\nGETINFO status/circuit-established\r\n".encode())
            answer = b""
            while answer.count(b"250 OK") < 2:
                answer += control.recv(1000)
        assert b"circuit-established=1" in answer
        pids = _children(running.pid)
        assert len(pids) == 12
        # Told once more, and of something else, it goes on ending in order.
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            running.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(0.02)
        _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    for pid in pids:
        assert wait_gone(pid)
    assert list(tmp_path.iterdir()) == []


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--latency", "100"),
        ("--loss", "100", "--", "true"),
        ("--latency", "-1", "--", "true"),
        ("--name", "nonsense"),
        ("--onion", "80"),
        ("--onion", "eighty:80"),
    ],
)
def test_what_cannot_be_is_said_at_once(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        tool.main(list(arguments))
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_where_nobody_gets_a_namespace_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(links.ENVIRONMENT, "the system lets nobody have one")
    assert tool.main(["--latency", "100", "--", "true"]) == 64
    assert "the system lets nobody have one. Nothing was started." in capsys.readouterr().err


def test_without_tor_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("torsend.demo.network.shutil.which", lambda *_, **__: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert tool.main([]) == 69
    assert "apt install tor" in capsys.readouterr().err


def test_only_rules_of_its_own_are_removed() -> None:
    script = (
        "import subprocess; from torsend.demo import links\n"
        "rule = 'OUTPUT -p udp -m udp --dport 9 -j DROP'\n"
        "subprocess.run(['iptables', '-A', *rule.split()], check=True)\n"
        "def rules(): return subprocess.run(['iptables', '-S'], capture_output=True, text=True, check=True).stdout\n"
        "with links.links(): assert 'NFQUEUE' in rules()\n"
        "assert 'NFQUEUE' not in rules() and rule in rules(), rules()\n"
    )
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    environment = {
        **os.environ,
        links.ENVIRONMENT: "ready",
        "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin",
    }
    done = subprocess.run(
        ["unshare", "--net", *user, sys.executable, "-c", script],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("does", "status"),
    [
        ("sys.exit(7)", 7),
        ("os.kill(os.getpid(), signal.SIGKILL)", 128 + signal.SIGKILL),
        ("os.kill(os.getppid(), signal.SIGTERM); signal.pause()", 130),
    ],
)
def test_what_did_not_end_well_is_no_success(does: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a CI job that is cancelled, too."""
    monkeypatch.setattr(tool, "_network", lambda _: contextlib.nullcontext({}))
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        assert tool.main(["--", sys.executable, "-c", f"import os, signal, sys; {does}"]) == status
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
