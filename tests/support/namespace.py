"""Runs the program in a network namespace that has only loopback, and says of every connection and packet whose it was.

Started inside the namespace (``unshare --net --mount``, as an ordinary user with ``--user --map-root-user`` too):

    python -m tests.support.namespace REPORT SCENARIO

Three witnesses at once:

- ``strace -f`` of the program: each ``connect``, ``sendto`` and its kin, by process. What a tor process does is Tor's;
  anything else may reach only Tor's own listeners, and unix sockets.
- a packet socket on loopback that sees every packet, whoever sent it. UDP, ICMP, and TCP to a port that neither tor nor the
  stage listens on, is counted.
- a resolver on port 53, which ``/etc/resolv.conf`` of this mount namespace points to. A question there is a leak.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
TRACED = "execve,connect,sendto,sendmsg,sendmmsg,getsockname,bind"
LONGEST_SCENARIO = 120
_ETH_P_ALL = 0x0003
_OUTGOING = 4
_TCP, _UDP = 6, 17

_LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<rest>.*)$")
_INET = re.compile(r'sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)')
_INET6 = re.compile(r'sa_family=AF_INET6.*?sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"')
_UNIX = re.compile(r'sa_family=AF_UNIX, sun_path=(@?"[^"]*")')


class Resolver:
    """Answers nothing, remembers that it was asked."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        self.asked = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            self._socket.recvfrom(4096)
            self.asked += 1


class Sniffer:
    """Counts what goes over loopback, by protocol and destination port."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024 * 1024)
        self._socket.bind(("lo", 0))
        self.seen: collections.Counter[tuple[str, str, int]] = collections.Counter()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            packet, (_, ethertype, kind, *_rest) = self._socket.recvfrom(128)
            if kind != _OUTGOING:
                continue
            if ethertype != 0x0800:
                self.seen["not IPv4", "", ethertype] += 1
                continue
            start = (packet[0] & 15) * 4
            target = socket.inet_ntoa(packet[16:20])
            if packet[9] == _TCP:
                # Only who opens a connection: its SYN without ACK.
                if packet[start + 13] & 0x12 == 0x02:
                    self.seen["tcp", target, struct.unpack_from("!H", packet, start + 2)[0]] += 1
            elif packet[9] == _UDP:
                self.seen["udp", target, struct.unpack_from("!H", packet, start + 2)[0]] += 1
            else:
                self.seen["other", target, packet[9]] += 1


def tally(trace: Path) -> dict[str, Any]:
    """What the traced processes reached for.

    Returns:
        ``violations`` (process name, call, address), ``allowed`` connects of the program itself, ``unix`` paths of it,
        ``tor`` connects of tor processes, ``tor_listens``: ports that a tor process has.
    """
    program: dict[int, str] = {}
    calls: list[tuple[int, str, str]] = []
    parents = _lines(trace)
    for pid, call, rest in parents:
        if call == "execve" and "ENOENT" not in rest:
            program[pid] = Path(rest.split('"')[1]).name
        else:
            calls.append((pid, call, rest))
    listens = {
        int(port)
        for pid, call, rest in calls
        if program.get(pid) == "tor" and call == "getsockname"
        for port, _ in _INET.findall(rest)
    }
    report: dict[str, Any] = {
        "violations": [],
        "allowed": 0,
        "unix": [],
        "tor": 0,
        "tor_listens": sorted(listens),
    }
    unix: set[str] = set()
    for pid, call, rest in calls:
        if call in ("getsockname", "bind"):
            continue
        name = program.get(pid, "the program")
        inet = [(address, int(port)) for port, address in _INET.findall(rest) + _INET6.findall(rest)]
        if name == "tor":
            report["tor"] += len(inet)
            continue
        unix.update(_UNIX.findall(rest))
        for address, port in inet:
            if address == "127.0.0.1" and port in listens:
                report["allowed"] += 1
            else:
                report["violations"].append([name, call, f"{address}:{port}"])
    report["unix"] = sorted(unix)
    return report


def _lines(trace: Path) -> Iterator[tuple[int, str, str]]:
    """Each call; a thread counts as the process that it belongs to is not known from the trace, so by its own id."""
    for line in trace.read_text(errors="replace").splitlines():
        found = _LINE.match(line)
        if found:
            yield int(found["pid"]), found["call"], found["rest"]


@contextlib.contextmanager
def stage(folder: Path) -> Iterator[Any]:
    """The same stage as the tests', inside the namespace."""
    from tests.conftest import SMTP_HOST, USERS, Stage
    from torsend.demo.certificates import make_certificates
    from torsend.demo.network import PrivateNetwork
    from torsend.demo.server import SubmissionServer

    certificates = make_certificates(folder / "certificates", [SMTP_HOST])
    server = SubmissionServer(certificates, USERS, hostname=SMTP_HOST)
    server.start()
    network = PrivateNetwork(
        folder / "network",
        names={SMTP_HOST: server.address},
        onion={587: (server.address, server.onion_port)},
    )
    try:
        network.start()
        torrc = folder / "client.torrc"
        torrc.write_text(network.client_torrc)
        yield Stage(network, server, certificates, torrc)
    finally:
        network.stop()
        server.stop()


def traced(command: list[str], environment: dict[str, str], trace: Path, stdin: bytes = b"") -> int:
    """Runs it under strace; gives its status."""
    done = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "256", "-e", f"trace={TRACED}", "-o", str(trace), *command],
        env=environment, input=stdin, check=False, timeout=LONGEST_SCENARIO, cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode


def whole_program(folder: Path) -> dict[str, Any]:
    """The command line's commands one after the other, then the window, all on one stage."""
    from tests.app.parts import implicit, onion, program_on

    reports: dict[str, Any] = {}
    with stage(folder) as it:
        program = program_on(it, folder)
        server = implicit(it)

        def run(name: str, *arguments: str, stdin: bytes = b"") -> None:
            trace = folder / f"{name}.strace"
            status = traced(program.command(*arguments), program.environment, trace, stdin)
            reports[name] = tally(trace) | {"status": status}

        for name, address, (host, port, tls), user in (
            ("Wren", "wren@rowanmail.example", server, "wren"),
            ("Tarn", "tarn@rowanmail.example", onion(it), "tarn"),
        ):
            run(f"add {name}", "identity", "add", "--name", name, "--address", address, "--host", host, "--port", port,
                "--tls", tls, "--username", user, stdin=f"{user}’s password\n".encode())  # fmt: skip
        to = ("--to", "marta@nordpost.example", "--subject", "Test sheets", "--body", "-")
        run("wire", "wire", "--identity", "Wren", *to, stdin=b"text\n")
        run("send", "send", "--identity", "Wren", *to, stdin=b"text\n")
        run("send onion", "send", "--identity", "Tarn", *to, stdin=b"text\n")
        run("queue", "send", "--queue-only", "--identity", "Wren", *to, stdin=b"text\n")
        run("outbox", "outbox", "send")
        run("status", "tor", "status")
        # A host that only exits can resolve, and cannot: the error path must not ask this machine either.
        run("edit", "identity", "edit", "Wren", "--host", "nowhere.rowanmail.example")
        run("send nowhere", "send", "--identity", "Wren", *to, stdin=b"text\n")
        run("edit back", "identity", "edit", "Wren", "--host", it.host)
        received = len(it.server.received)
        environment = {**program.environment, "QT_QPA_PLATFORM": "offscreen"}
        trace = folder / "window.strace"
        status = traced(
            [
                sys.executable,
                "-W",
                "error",
                "-m",
                "tests.support.window_run",
                *program.command("compose")[5:],
            ],
            environment,
            trace,
        )
        reports["window"] = tally(trace) | {"status": status}
        return {
            "runs": reports,
            "received": received,
            "received_by_window": len(it.server.received) - received,
        }


def leaky(folder: Path) -> dict[str, Any]:
    """What must be caught: a program that asks for a name and connects past Tor."""
    trace = folder / "leaky.strace"
    code = (
        "import socket,contextlib\n"
        "with contextlib.suppress(OSError): socket.getaddrinfo('smtp.rowanmail.example', 465)\n"
        "with contextlib.suppress(OSError): socket.create_connection(('198.51.100.7', 465), timeout=1)\n"
        "with contextlib.suppress(OSError): socket.create_connection(('127.0.0.1', 9), timeout=1)\n"
    )
    status = traced([sys.executable, "-c", code], dict(os.environ), trace)
    return {"runs": {"leaky": tally(trace) | {"status": status}}}


def main(report: str, scenario: str) -> None:
    """Sets the namespace up, runs the scenario, writes the report as JSON."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        resolv = folder / "resolv.conf"
        resolv.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        target = Path("/etc/resolv.conf").resolve()
        subprocess.run(["mount", "--bind", str(resolv), str(target)], check=True)
        resolver, sniffer = Resolver(), Sniffer()
        result = {"whole": whole_program, "leaky": leaky}[scenario](folder)
        result["asked"] = resolver.asked
        result["packets"] = [[*key, count] for key, count in sorted(sniffer.seen.items())]
    Path(report).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
