"""Runs the program in a network namespace that has only loopback, and says of every connection and packet whose it was.

Started inside the namespace (``unshare --net --mount``, as an ordinary user with ``--user --map-root-user`` too):

    python -m tests.support.namespace REPORT SCENARIO

Three witnesses at once:

- ``strace -f`` of the program: each ``connect``, ``sendto`` and its kin, by process. What a tor process does is Tor's;
  anything else may reach only Tor's own listeners, and unix sockets.
- a packet socket on loopback that sees every packet, whoever sent it; each TCP connection and UDP packet is counted by
  where it goes, to be compared with where tor and the stage listen.
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
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
TRACED = "execve,connect,sendto,sendmsg,sendmmsg,getsockname,bind"
WRITES = ",open,openat,openat2,creat"
LONGEST_SCENARIO = 120
USUAL = (9050, 9051)
"""Where a system's tor has its SOCKS and its control port; in a namespace of one's own they are free."""
LOOKED_AT = (9052, 9150, 9151)
"""Where the search for a tor that runs looks as well: the one behind a filter, and Tor Browser’s."""
FINDS = """
from torsend import surroundings
from torsend.tor import guard
surroundings.close_off()
guard.install()
from torsend.tor.finder import running
assert {str(found.choice) for found in running()} >= {"control:127.0.0.1:9051", "socks:127.0.0.1:9050"}
"""
_ETH_P_ALL = 0x0003
_OUTGOING = 4
_TCP, _UDP = 6, 17

_LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<rest>.*)$")
_INET = re.compile(r'sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)')
_INET6 = re.compile(r'sa_family=AF_INET6.*?sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"')
_UNIX = re.compile(r'sa_family=AF_UNIX, sun_path=(@?"[^"]*")')
_FAMILY = re.compile(r"sa_family=(\w+)")
_FD = re.compile(r"(\d+),")
_PATH = re.compile(r'"([^"]*)"')
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|creat")
_KNOWN_FAMILIES = {"AF_INET", "AF_INET6", "AF_UNIX"}


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
        self.seen: collections.Counter[tuple[str, str, int, int]] = collections.Counter()
        """Protocol, target, its port, and for UDP the port that it came from."""
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            packet, (_, ethertype, kind, *_rest) = self._socket.recvfrom(128)
            if kind != _OUTGOING:
                continue
            if ethertype != 0x0800:
                self.seen["not IPv4", "", ethertype, 0] += 1
                continue
            start = (packet[0] & 15) * 4
            target = socket.inet_ntoa(packet[16:20])
            if packet[9] == _TCP:
                # Only who opens a connection: its SYN without ACK.
                if packet[start + 13] & 0x12 == 0x02:
                    self.seen["tcp", target, struct.unpack_from("!H", packet, start + 2)[0], 0] += 1
            elif packet[9] == _UDP:
                source, port = struct.unpack_from("!HH", packet, start)
                self.seen["udp", target, port, source] += 1
            else:
                self.seen["other", target, packet[9], 0] += 1


def tally(trace: Path, tor: Iterable[int] = ()) -> dict[str, Any]:
    """What the traced processes reached for.

    Args:
        tor: ports of a tor that is not traced, which may be reached as well.

    Returns:
        ``violations`` (process name, call, address), ``allowed`` connects of the program itself, ``unix`` paths of it,
        ``tor`` connects of tor processes, ``tor_listens``: ports that a traced tor listens on, ``serves``: ports that the
        program itself does.
    """
    program: dict[int, str] = {}
    calls: list[tuple[int, str, str]] = []
    for pid, call, rest in _lines(trace):
        if call == "execve" and "ENOENT" not in rest:
            program[pid] = Path(rest.split('"')[1]).name
        else:
            calls.append((pid, call, rest))
    listens, serves = _listened(calls, {pid for pid, name in program.items() if name == "tor"})
    reachable = listens | set(tor)
    report: dict[str, Any] = {
        "violations": [],
        "allowed": 0,
        "unix": [],
        "tor": 0,
        "tor_listens": sorted(listens),
        "serves": sorted(serves),
    }
    unix: set[str] = set()
    answering: set[str] = set()
    for pid, call, rest in calls:
        name = program.get(pid, "the program")
        inet = [(address, int(port)) for port, address in _INET.findall(rest) + _INET6.findall(rest)]
        fd = _FD.match(rest)
        if call == "bind" and name != "tor" and fd:
            # A socket with an address of its own is one of the demo's servers, which answer those who ask them.
            if all(address.startswith("127.") for address, _ in inet):
                answering.add(fd[1])
            else:
                report["violations"].append([name, call, rest[:80]])
            continue
        if call not in ("connect", "sendto", "sendmsg", "sendmmsg"):
            continue
        if name == "tor":
            report["tor"] += len(inet)
            continue
        unix.update(each.replace('"', "") for each in _UNIX.findall(rest))
        for family in _FAMILY.findall(rest):
            if family not in _KNOWN_FAMILIES:
                report["violations"].append([name, call, family])
        for address, port in inet:
            if address == "127.0.0.1" and port in reachable:
                report["allowed"] += 1
            elif not (call != "connect" and fd and fd[1] in answering and address == "127.0.0.1"):
                report["violations"].append([name, call, f"{address}:{port}"])
    report["unix"] = sorted(unix)
    return report


def written(trace: Path) -> dict[str, list[str]]:
    """Paths that each program opened for writing, or made, by the program's name; the cleaner's is ``cleaner``."""
    program: dict[int, str] = {}
    found: dict[str, set[str]] = {}
    for pid, call, rest in _lines(trace):
        if call == "execve" and "ENOENT" not in rest:
            program[pid] = "cleaner" if "torsend.clean" in rest else Path(rest.split('"')[1]).name
        paths = _PATH.findall(rest)
        if (
            call in ("open", "openat", "openat2", "creat")
            and paths
            and _WRITING.search(rest)
            and " = -1" not in rest
        ):
            found.setdefault(program.get(pid, "the program"), set()).add(paths[0])
    for name in program.values():
        found.setdefault(name, set())
    return {name: sorted(paths) for name, paths in found.items()}


def _listened(calls: list[tuple[int, str, str]], tors: set[int]) -> tuple[set[int], set[int]]:
    """Ports that tor processes have bound, and those that the program itself has.

    A port that the system picks is known from the ``getsockname`` that follows.
    """
    bound: set[tuple[int, str]] = set()
    ports: tuple[set[int], set[int]] = (set(), set())
    for pid, call, rest in calls:
        fd = re.match(r"\d+", rest)
        if fd is None:
            continue
        # The program's threads share their sockets.
        key = (pid if pid in tors else 0, fd[0])
        if call == "connect":
            bound.discard(key)
        elif call == "bind" or (call == "getsockname" and key in bound):
            bound.add(key)
            ports[pid not in tors].update(int(port) for port, _ in _INET.findall(rest) if port != "0")
    return ports


def listeners(pids: Iterable[int]) -> set[tuple[str, int]]:
    """Where these processes listen now: TCP and UDP."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(link.readlink().name)
    found = set()
    for protocol, state in (("tcp", "0A"), ("udp", "07")):
        for row in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == state and f"socket:[{fields[9]}]" in inodes:
                host, port = fields[1].split(":")
                found.add((socket.inet_ntoa(bytes.fromhex(host)[::-1]), int(port, 16)))
    return found


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


def traced(
    command: list[str], environment: dict[str, str], trace: Path, stdin: bytes = b"", *, also: str = ""
) -> int:
    """Runs it under strace; gives its status. What it prints lies beside the trace, as ``.out``.

    Args:
        also: further calls to be traced.
    """
    with trace.with_suffix(".out").open("wb") as printed:
        done = subprocess.run(
            ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "256", "-e", f"trace={TRACED}{also}", "-o", str(trace), *command],
            env=environment, input=stdin, check=False, timeout=LONGEST_SCENARIO, cwd=ROOT, stdout=printed,
        )  # fmt: skip
    return done.returncode


@contextlib.contextmanager
def tor_that_runs(folder: Path, torrc: str) -> Iterator[subprocess.Popen[bytes]]:
    """A tor of this computer's, at the usual places, that the program did not start."""
    folder.mkdir(mode=0o700)
    settings = folder / "torrc"
    settings.write_text(
        f"{torrc}\nDataDirectory {folder}/data\nSocksPort {USUAL[0]}\nControlPort {USUAL[1]}\n"
        f"ControlSocket {folder}/control\nCookieAuthentication 1\n__OwningControllerProcess {os.getpid()}\n"
    )
    process = subprocess.Popen(
        ["tor", "-f", settings, "--defaults-torrc", folder / "none"], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if b"Opened Control listener" in line and b"/control" in line:
                break
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield process
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def screen() -> Iterator[dict[str, str]]:
    """A real X server, reached over its unix socket."""
    reads, writes = os.pipe()
    with os.fdopen(reads) as told:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writes), "-nolisten", "tcp", "-screen", "0", "1300x900x24"],
            pass_fds=(writes,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(writes)
        try:
            yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{told.readline().strip()}"}
        finally:
            server.terminate()
            server.wait()


def elsewhere(bus: str) -> dict[str, str]:
    """A desktop whose settings lead to other machines as well; each would be looked up by a library in C."""
    strange = "tcp:host=bus.office.example,port=4444"
    return {
        "DBUS_SESSION_BUS_ADDRESS": f"{strange};{bus}",
        "DBUS_SYSTEM_BUS_ADDRESS": strange,
        "AT_SPI_BUS_ADDRESS": strange,
        "IBUS_ADDRESS": strange,
        "QT_ACCESSIBILITY": "1",
        "SESSION_MANAGER": "tcp/desk.office.example:4444,unix/desk.office.example:/tmp/.ICE-unix/1",
    }


def whole_program(folder: Path) -> dict[str, Any]:
    """The command line's commands one after the other, then the window, all on one stage."""
    import pytest

    from tests.app.parts import implicit, onion, program_on, starttls
    from tests.identity.secret_service import Desktop

    reports: dict[str, Any] = {}
    ours: set[tuple[str, int]] = set()
    with contextlib.ExitStack() as stack:
        it = stack.enter_context(stage(folder))
        ours |= listeners((*it.network.pids, os.getpid()))
        program = program_on(it, folder)
        environment = program.environment

        def run(name: str, *arguments: str, stdin: bytes = b"", tor: tuple[int, ...] = ()) -> None:
            trace = folder / f"{name}.strace"
            # What is made of a file must not lie anywhere but in the vault.
            also = WRITES if "--attach" in arguments else ""
            status = traced(program.command(*arguments), environment, trace, stdin, also=also)
            reports[name] = tally(trace, tor) | {"status": status, "arguments": arguments}
            if also:
                reports[name]["written"] = written(trace)

        def add(name: str, way: tuple[str, str, str]) -> None:
            host, port, tls = way
            run(f"add {name}", "identity", "add", "--name", name, "--address", f"{name.lower()}@rowanmail.example", "--host",
                host, "--port", port, "--tls", tls, "--username", "wren", stdin="wren’s password\n".encode())  # fmt: skip

        add("Wren", implicit(it))
        add("Tarn", onion(it))
        add("Ida", starttls(it))
        to = ("--to", "marta@nordpost.example", "--subject", "Test sheets", "--body", "-")
        run("wire", "wire", "--identity", "Wren", *to, stdin=b"text\n")
        run("send", "send", "--identity", "Wren", *to, stdin=b"text\n")
        run("send onion", "send", "--identity", "Tarn", *to, stdin=b"text\n")
        run("send STARTTLS", "send", "--identity", "Ida", *to, stdin=b"text\n")
        run("queue", "send", "--queue-only", "--identity", "Wren", *to, stdin=b"text\n")
        run("outbox", "outbox", "send")
        (folder / "Prüfbögen.txt").write_text("text\n")
        files = ("--attach", str(folder / "Prüfbögen.txt"), "--attach-as-is", str(folder / "client.torrc"))
        run("wire files", "wire", "--identity", "Wren", *to, *files, stdin=b"text\n")
        # An address of another script, a domain of one, copies, files.
        run("send files", "--debug-log", str(folder / "debug.log"), "send", "--identity", "Wren", *to, *files,
            "--cc", "märta@bücher.example", "--bcc", "hidden@example.net", stdin=b"text\n")  # fmt: skip
        run("later", "send", "--json", "--within", "1d", "--identity", "Wren", *to, stdin=b"text\n")
        waiting = str(json.loads((folder / "later.out").read_text())["id"])
        for action in ("list", "show", "cancel", "retry", "remove"):
            run(f"outbox {action}", "outbox", action, *([] if action == "list" else [waiting]))
        for action in ("add", "list", "remove"):
            run(f"words {action}", "words", action, stdin=b"Kaspar\n")
        run("clean", "clean", "--output", str(folder / "clean.txt"), str(folder / "Prüfbögen.txt"))
        run("wipe", "wipe", "--list")
        run("list", "identity", "list")
        run("show", "identity", "show", "Wren")
        run("password", "identity", "password", "Tarn", stdin=b"another\n")
        run("remove", "identity", "remove", "Tarn")
        run("tor password", "tor", "password", stdin=b"control\n")
        run("onion key", "identity", "onion-key", "Wren", stdin=b"\n")
        run("status", "tor", "status")
        # A host that only exits can resolve, and cannot: the error path must not ask this machine either.
        run("edit", "identity", "edit", "Wren", "--host", "nowhere.rowanmail.example")
        run("send nowhere", "send", "--identity", "Wren", *to, stdin=b"text\n")
        run("edit back", "identity", "edit", "Wren", "--host", it.host)

        running = stack.enter_context(tor_that_runs(folder / "running", it.network.client_torrc))
        launches = program
        for way in (
            f"control:{folder}/running/control",
            f"control:127.0.0.1:{USUAL[1]}",
            f"socks:127.0.0.1:{USUAL[0]}",
        ):
            program = replace(launches, options=("--patience", "40", "--tor", way))
            name = f"attach {way.replace(str(folder), '').replace('/', ' ')}"
            run(name, "send", "--identity", "Wren", *to, stdin=b"text\n", tor=USUAL)
        trace = folder / "finder.strace"
        status = traced([sys.executable, "-c", FINDS], environment, trace)
        reports["finder"] = tally(trace, (*USUAL, *LOOKED_AT)) | {"status": status}

        # Kept for the next launch; nothing is tried.
        program = launches
        run("tor way", "tor", "way")
        run("tor bridges", "tor", "bridges", "own", stdin=b"127.0.0.1:443 " + b"A" * 40 + b"\n")
        run("tor proxy", "tor", "proxy", "socks5", "--address", "192.0.2.7:1080")
        run("tor ports", "tor", "ports", "443")

        # From here on with a keyring, and the profile that lies in it.
        bus = folder / "bus"
        bus.mkdir(mode=0o700)
        desktop = stack.enter_context(Desktop(bus, stack.enter_context(pytest.MonkeyPatch.context())))
        desktop.start_keyring()
        environment = environment | {"DBUS_SESSION_BUS_ADDRESS": desktop.address, "XDG_RUNTIME_DIR": str(bus)}
        (folder / "kept").mkdir()
        program = replace(launches, folder=folder / "kept", keyring=True)
        add("Sorrel", implicit(it))
        run("send keyring", "send", "--identity", "Sorrel", *to, stdin=b"text\n")

        received = len(it.server.received)
        trace = folder / "window.strace"
        with screen() as shown:
            status = traced(
                [
                    sys.executable,
                    "-W",
                    "error",
                    "-m",
                    "tests.support.window_run",
                    *program.command("compose")[5:],
                ],
                environment | shown | elsewhere(desktop.address),
                trace,
            )
            reports["window"] = tally(trace) | {"status": status}
            tour = folder / "tour.strace"
            where = (
                "compose",
                "mailto:marta@nordpost.example?subject=Hall%204&body=text",
                str(folder / "Prüfbögen.txt"),
            )
            status = traced(
                [
                    sys.executable,
                    "-W",
                    "error",
                    "-m",
                    "tests.support.window_tour",
                    *program.command(*where)[5:],
                ],
                environment | shown | elsewhere(desktop.address) | {"TOUR": str(folder)},
                tour,
            )
            reports["tour"] = tally(tour, (*USUAL, *LOOKED_AT)) | {"status": status, "arguments": where}
        received_by_window = len(it.server.received) - received
        ours |= listeners((*it.network.pids, os.getpid(), running.pid))
    for arguments in (("demo", "--send"), ("selftest",)):
        trace = folder / f"{arguments[0]}.strace"
        status = traced([sys.executable, "-W", "error", "-m", "torsend", *arguments], environment, trace)
        reports[arguments[0]] = tally(trace) | {"status": status, "arguments": arguments}
    for each in reports.values():
        each.setdefault("arguments", ())
        each["unix"] = [path.replace(str(folder), "FOLDER") for path in each["unix"]]
    return {
        "runs": reports,
        "received": received,
        "received_by_window": received_by_window,
        "listens": sorted(ours),
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
