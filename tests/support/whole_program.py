"""The whole program, run for the witnesses: every command, the window, the demo, each under ``strace``."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.traced import WRITES, tally, traced, written
from tests.support.witnesses import listeners

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.app.parts import Program
    from tests.conftest import Stage

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
TO = ("--to", "marta@nordpost.example", "--subject", "Test sheets", "--body", "-")
TEXT = b"text\n"


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


class Runs:
    """One run after the other, and what was seen of each."""

    def __init__(self, folder: Path, program: Program) -> None:
        self.folder, self.program = folder, program
        self.environment = program.environment
        self.reports: dict[str, Any] = {}

    def traced(
        self,
        name: str,
        command: list[str],
        arguments: tuple[str, ...] = (),
        *,
        tor: tuple[int, ...] = (),
        around: Mapping[str, str] | None = None,
    ) -> None:
        """Some program.

        Args:
            around: further variables of its environment.
        """
        trace = self.folder / f"{name}.strace"
        status = traced(command, self.environment | dict(around or {}), trace)
        self.reports[name] = tally(trace, tor) | {"status": status, "arguments": arguments}

    def run(self, name: str, *arguments: str, stdin: bytes = b"", tor: tuple[int, ...] = ()) -> None:
        """A command of the program's."""
        trace = self.folder / f"{name}.strace"
        # What is made of a file must not lie anywhere but in the vault.
        also = WRITES if "--attach" in arguments else ""
        status = traced(self.program.command(*arguments), self.environment, trace, stdin, also=also)
        self.reports[name] = tally(trace, tor) | {"status": status, "arguments": arguments}
        if also:
            self.reports[name]["written"] = written(trace)

    def add(self, name: str, way: tuple[str, str, str]) -> None:
        """An identity."""
        host, port, tls = way
        typed = "wren’s password\n".encode()
        self.run(f"add {name}", "identity", "add", "--name", name, "--address", f"{name.lower()}@rowanmail.example",
                 "--host", host, "--port", port, "--tls", tls, "--username", "wren", stdin=typed)  # fmt: skip


def command_line(runs: Runs, it: Stage) -> None:
    """Every command, on a tor that it launches."""
    from tests.app.parts import implicit, onion, starttls

    folder = runs.folder
    runs.add("Wren", implicit(it))
    runs.add("Tarn", onion(it))
    runs.add("Ida", starttls(it))
    runs.run("wire", "wire", "--identity", "Wren", *TO, stdin=TEXT)
    runs.run("send", "send", "--identity", "Wren", *TO, stdin=TEXT)
    runs.run("send onion", "send", "--identity", "Tarn", *TO, stdin=TEXT)
    runs.run("send STARTTLS", "send", "--identity", "Ida", *TO, stdin=TEXT)
    runs.run("queue", "send", "--queue-only", "--identity", "Wren", *TO, stdin=TEXT)
    runs.run("outbox", "outbox", "send")
    (folder / "Prüfbögen.txt").write_text("text\n")
    files = ("--attach", str(folder / "Prüfbögen.txt"), "--attach-as-is", str(folder / "client.torrc"))
    runs.run("wire files", "wire", "--identity", "Wren", *TO, *files, stdin=TEXT)
    # An address of another script, a domain of one, copies, files.
    runs.run("send files", "--debug-log", str(folder / "debug.log"), "send", "--identity", "Wren", *TO, *files,
             "--cc", "märta@bücher.example", "--bcc", "hidden@example.net", stdin=TEXT)  # fmt: skip
    runs.run("later", "send", "--json", "--within", "1d", "--identity", "Wren", *TO, stdin=TEXT)
    waiting = str(json.loads((folder / "later.out").read_text())["id"])
    for action in ("list", "show", "cancel", "retry", "remove"):
        runs.run(f"outbox {action}", "outbox", action, *([] if action == "list" else [waiting]))
    for action in ("add", "list", "remove"):
        runs.run(f"words {action}", "words", action, stdin=b"Kaspar\n")
    runs.run("clean", "clean", "--output", str(folder / "clean.txt"), str(folder / "Prüfbögen.txt"))
    runs.run("wipe", "wipe", "--list")
    runs.run("list", "identity", "list")
    runs.run("show", "identity", "show", "Wren")
    runs.run("password", "identity", "password", "Tarn", stdin=b"another\n")
    runs.run("remove", "identity", "remove", "Tarn")
    runs.run("tor password", "tor", "password", stdin=b"control\n")
    runs.run("onion key", "identity", "onion-key", "Wren", stdin=b"\n")
    runs.run("status", "tor", "status")
    # A host that only exits can resolve, and cannot: the error path must not ask this machine either.
    runs.run("edit", "identity", "edit", "Wren", "--host", "nowhere.rowanmail.example")
    runs.run("send nowhere", "send", "--identity", "Wren", *TO, stdin=TEXT)
    runs.run("edit back", "identity", "edit", "Wren", "--host", it.host)


def attached(runs: Runs, running: Path) -> None:
    """Sends through a tor that runs already, and looks for one.

    Args:
        running: the folder of that tor.
    """
    launches = runs.program
    for way in (f"control:{running}/control", f"control:127.0.0.1:{USUAL[1]}", f"socks:127.0.0.1:{USUAL[0]}"):
        runs.program = replace(launches, options=("--patience", "40", "--tor", way))
        name = f"attach {way.replace(str(runs.folder), '').replace('/', ' ')}"
        runs.run(name, "send", "--identity", "Wren", *TO, stdin=TEXT, tor=USUAL)
    runs.program = launches
    runs.traced("finder", [sys.executable, "-c", FINDS], tor=(*USUAL, *LOOKED_AT))


def way_out(runs: Runs) -> None:
    """Kept for the next launch; nothing is tried."""
    runs.run("tor way", "tor", "way")
    runs.run("tor bridges", "tor", "bridges", "own", stdin=b"127.0.0.1:443 " + b"A" * 40 + b"\n")
    runs.run("tor proxy", "tor", "proxy", "socks5", "--address", "192.0.2.7:1080")
    runs.run("tor ports", "tor", "ports", "443")


def window(runs: Runs, bus: str) -> None:
    """The window, once as a person uses it and once through all that it has."""
    where = (
        "compose",
        "mailto:marta@nordpost.example?subject=Hall%204&body=text",
        str(runs.folder / "Prüfbögen.txt"),
    )

    def module(name: str, *arguments: str) -> list[str]:
        return [sys.executable, "-W", "error", "-m", name, *runs.program.command(*arguments)[5:]]

    with screen() as shown:
        around = shown | elsewhere(bus)
        runs.traced("window", module("tests.support.window_run", "compose"), around=around)
        runs.traced(
            "tour",
            module("tests.support.window_tour", *where),
            where,
            tor=(*USUAL, *LOOKED_AT),
            around=around | {"TOUR": str(runs.folder)},
        )


def whole_program(folder: Path) -> dict[str, Any]:
    """The command line's commands one after the other, then the window, all on one stage; then what makes its own."""
    import pytest

    from tests.app.parts import implicit, program_on
    from tests.identity.secret_service import Desktop

    ours: set[tuple[str, int]] = set()
    with contextlib.ExitStack() as stack:
        it = stack.enter_context(stage(folder))
        ours |= listeners((*it.network.pids, os.getpid()))
        runs = Runs(folder, program_on(it, folder))
        command_line(runs, it)
        running = stack.enter_context(tor_that_runs(folder / "running", it.network.client_torrc))
        attached(runs, folder / "running")
        way_out(runs)

        # From here on with a keyring, and the profile that lies in it.
        bus = folder / "bus"
        bus.mkdir(mode=0o700)
        desktop = stack.enter_context(Desktop(bus, stack.enter_context(pytest.MonkeyPatch.context())))
        desktop.start_keyring()
        runs.environment = runs.environment | {
            "DBUS_SESSION_BUS_ADDRESS": desktop.address,
            "XDG_RUNTIME_DIR": str(bus),
        }
        (folder / "kept").mkdir()
        runs.program = replace(runs.program, folder=folder / "kept", keyring=True)
        runs.add("Sorrel", implicit(it))
        runs.run("send keyring", "send", "--identity", "Sorrel", *TO, stdin=TEXT)
        received = len(it.server.received)
        window(runs, desktop.address)
        received_by_window = len(it.server.received) - received
        ours |= listeners((*it.network.pids, os.getpid(), running.pid))
    for arguments in (("demo", "--send"), ("selftest",)):
        runs.traced(arguments[0], [sys.executable, "-W", "error", "-m", "torsend", *arguments], arguments)
    for each in runs.reports.values():
        each["unix"] = [path.replace(str(folder), "FOLDER") for path in each["unix"]]
    return {
        "runs": runs.reports,
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
