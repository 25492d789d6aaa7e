"""The candidates: each sends one message through the one tor and returns when it knows what became of it.

Each has SOCKS credentials of its own, so a circuit of its own, and ``renew`` asks for another. msmtp knows no credentials
for a proxy, so it takes another of tor's ports by turns: those keep their circuits apart, too.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.benchmarks.resident import Watch
from tests.benchmarks.stage import FROM, HOST, PASSWORD, TO, USER, Mail, Stage
from torsend.tor.isolation import Token
from torsend.tor.stream import open_stream

LONGEST = 180.0
"""Seconds; what takes longer hangs."""


@dataclass(frozen=True)
class Way:
    """How to the server: the SOCKS port, and the TLS."""

    socks: int
    starttls: bool = False


class Failed(Exception):
    """A candidate did not send; its own words."""


class Sender(Protocol):
    """A candidate."""

    name: str
    can_renew: bool

    def send(self, mail: Mail, way: Way) -> float:
        """Sends; gives the seconds from being asked to knowing that it was accepted."""

    def renew(self) -> None:
        """Another circuit from now on. Where ``can_renew``, one that was never used."""

    def close(self) -> None: ...


class _Worker:
    """``worker`` in a process of its own."""

    def __init__(self, stage: Stage, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.worker", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=stage.environment, text=True,
        )  # fmt: skip
        self._answer()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, **question: Any) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(LONGEST)
        self._process.stdout.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise Failed("a worker ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


class Lane:
    """Torsend within a program that runs already: what is queued is worked off by the dispatcher.

    Attributes:
        queued_seconds, growth_queued, growth_sent: of the last message; composing and putting it into the outbox is
            not part of ``send``'s time.
    """

    name = "Torsend, delivery lane"
    can_renew = True

    def __init__(self, stage: Stage, socks: int, profile: str = "lane") -> None:
        self._stage = stage
        program = stage.program(f"{profile}-{socks}")
        self._worker = _Worker(
            stage, "lane", str(program.profile), str(program.folder / "passphrase"), str(socks)
        )
        self._set_up: Way | None = None
        self.queued_seconds = self.growth_queued = self.growth_sent = 0.0

    def send(self, mail: Mail, way: Way) -> float:
        if way != self._set_up:
            port = self._stage.port(starttls=way.starttls)
            self._worker.ask(do="server", port=port, tls="starttls" if way.starttls else "implicit")
            self._set_up = way
        queued = self._worker.ask(do="queue", draft=mail.draft.to_json())
        self._stage.expect()
        sent = self._worker.ask(do="send", id=queued["id"])
        if sent["state"] != "accepted":
            raise Failed(sent["state"])
        self.queued_seconds, self.growth_queued, self.growth_sent = (
            queued["seconds"], queued["growth"], sent["growth"],
        )  # fmt: skip
        return float(sent["seconds"])

    def ask(self, **question: Any) -> dict[str, Any]:
        """What only Torsend can be asked: see ``worker``."""
        return self._worker.ask(**question)

    def renew(self) -> None:
        self._worker.ask(do="renew")

    def close(self) -> None:
        self._worker.close()


class Smtplib:
    """Python's own, over PySocks, within a program that runs already."""

    name = "smtplib with PySocks"
    can_renew = True

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._worker = _Worker(stage, "smtplib")
        self.growth = 0.0

    def send(self, mail: Mail, way: Way) -> float:
        self._stage.expect()
        port = self._stage.port(starttls=way.starttls)
        answer = self._worker.ask(do="send", port=port, **self._asked(mail, way))
        self.growth = answer["growth"]
        return float(answer["seconds"])

    def bare(self, mail: Mail, way: Way) -> float:
        """The same bytes over a stream, without mail and TLS."""
        port = self._stage.server.bare_port
        return float(self._worker.ask(do="bare", port=port, **self._asked(mail, way))["seconds"])

    def renew(self) -> None:
        self._worker.ask(do="renew")

    def close(self) -> None:
        self._worker.close()

    def _asked(self, mail: Mail, way: Way) -> dict[str, Any]:
        return {
            "host": HOST, "socks": way.socks, "tls": "starttls" if way.starttls else "implicit", "user": USER,
            "password": PASSWORD, "from": FROM, "to": TO, "file": str(mail.bytes_file),
        }  # fmt: skip


class Command:
    """A program that is started for each message; the time is that of the whole process.

    Attributes:
        peak_mib: the most memory that the last one had.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.peak_mib = 0.0
        self.watched = False
        self.renew()

    def renew(self) -> None:
        self.credentials = secrets.token_hex(16), secrets.token_hex(16)

    def close(self) -> None:
        """Nothing stays."""

    def _run(self, command: Sequence[str], stdin: Path | None = None) -> float:
        self.stage.expect()
        with Path(stdin or os.devnull).open("rb") as source:
            began = time.monotonic()
            process = subprocess.Popen(
                command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.stage.environment,
                text=True, errors="replace",
            )  # fmt: skip
            watch = Watch(process.pid) if self.watched else None
            said, _ = process.communicate(timeout=LONGEST)
            seconds = time.monotonic() - began
        if watch is not None:
            watch.stop()
            self.peak_mib = watch.peak_mib
        if process.returncode:
            raise Failed(f"{command[0]}: {said.strip()[-300:]}")
        return seconds


class TorsendSend(Command):
    """``torsend send``, from the start of its process; the circuit is whatever tor has at hand."""

    can_renew = False

    def __init__(self, stage: Stage, *, own_tor: bool = False) -> None:
        super().__init__(stage)
        self.name = "torsend send, own tor" if own_tor else "torsend send"
        self._own_tor = own_tor

    def send(self, mail: Mail, way: Way) -> float:
        tor = (
            ("--torrc-include", str(self.stage.torrc))
            if self._own_tor
            else ("--tor", f"socks:127.0.0.1:{way.socks}")
        )
        program = self.stage.program("launching" if self._own_tor else "command", *tor)
        if way.starttls:
            raise Failed("set up for implicit TLS")
        files = [str(each.path) for each in mail.draft.attachments]
        text = program.folder / "text"
        text.write_text(mail.draft.text)
        command = program.command(
            "send", "--identity", "Wren", "--to", TO, "--subject", mail.draft.subject, "--body", str(text),
            *(("--attach-as-is", *files) if files else ()),
        )  # fmt: skip
        return self._run(command)


class Curl(Command):
    name = "curl"
    can_renew = True

    def send(self, mail: Mail, way: Way) -> float:
        scheme, tls = ("smtp", ["--ssl-reqd"]) if way.starttls else ("smtps", [])
        port = self.stage.port(starttls=way.starttls)
        return self._run(
            [
                "curl", "--silent", "--show-error", *tls, "--sasl-ir", "--cacert", str(self.stage.certificates.authority),
                "--proxy", f"socks5h://{':'.join(self.credentials)}@127.0.0.1:{way.socks}",
                "--user", f"{USER}:{PASSWORD}", "--mail-from", FROM, "--mail-rcpt", TO,
                "--upload-file", str(mail.bytes_file), f"{scheme}://{HOST}:{port}/localhost",
            ]
        )  # fmt: skip


class Msmtp(Command):
    """``can_renew`` is false: there are so many ports and no more, so a circuit may be one that it had before."""

    name = "msmtp"
    can_renew = False

    def renew(self) -> None:
        ports = self.stage.more_socks
        self._turn = (getattr(self, "_turn", -1) + 1) % len(ports)
        self._port = ports[self._turn]

    def send(self, mail: Mail, way: Way) -> float:
        port = way.socks
        if port == self.stage.relay.port:
            self.stage.relay.target = "127.0.0.1", self._port
        else:
            port = self._port
        try:
            return self._send(mail, way, port)
        finally:
            self.stage.relay.target = "127.0.0.1", self.stage.socks

    def _send(self, mail: Mail, way: Way, port: int) -> float:
        settings = self.stage.folder / "msmtprc"
        settings.write_text(
            f"defaults\ntls on\ntls_starttls {'on' if way.starttls else 'off'}\n"
            f"tls_trust_file {self.stage.certificates.authority}\n"
            f"proxy_host 127.0.0.1\nproxy_port {port}\ndomain localhost\n"
            f"account default\nhost {HOST}\nport {self.stage.port(starttls=way.starttls)}\nfrom {FROM}\n"
            f"auth plain\nuser {USER}\npassword {PASSWORD}\n"
        )
        settings.chmod(0o600)
        return self._run(["msmtp", "-C", str(settings), TO], stdin=mail.bytes_file)


class Swaks(Command):
    """It speaks no SOCKS, so a forwarder does it for it; that costs a copy of the bytes and no round trip."""

    name = "swaks"
    can_renew = True

    def send(self, mail: Mail, way: Way) -> float:
        target = HOST, self.stage.port(starttls=way.starttls)
        with _forwarder(way.socks, Token(*self.credentials), target) as port:
            return self._run(
                [
                    "swaks", "--server", "127.0.0.1", "--port", str(port), "--ehlo", "localhost",
                    "--tls" if way.starttls else "--tls-on-connect", "--tls-verify",
                    "--tls-ca-path", str(self.stage.certificates.authority), "--auth", "PLAIN", "--auth-user", USER,
                    "--auth-password", PASSWORD, "--from", FROM, "--to", TO, "--data", f"@{mail.bytes_file}",
                    "--silent", "2", "--suppress-data", "--timeout", str(int(LONGEST)),
                ]
            )  # fmt: skip


def peers(stage: Stage) -> tuple[list[Sender], list[str]]:
    """Those that are installed, and what is missing for the others."""
    made: list[Sender] = [Smtplib(stage)]
    missing = []
    for command, kind in (("curl", Curl), ("msmtp", Msmtp), ("swaks", Swaks)):
        if shutil.which(command) is None:
            missing.append(f"{command} is not installed")
        elif command == "swaks" and not _perl_speaks_tls():
            missing.append("swaks lacks TLS (libnet-ssleay-perl)")
        else:
            made.append(kind(stage))
    return made, missing


def _perl_speaks_tls() -> bool:
    return (
        subprocess.run(["perl", "-MNet::SSLeay", "-e", "1"], capture_output=True, check=False).returncode == 0
    )


@contextlib.contextmanager
def _forwarder(socks: int, token: Token, target: tuple[str, int]) -> Iterator[int]:
    """A port that leads to the target through Tor, for one connection."""
    ends: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            near, _ = listener.accept()
            far = open_stream(("127.0.0.1", socks), *target, token, time.monotonic() + LONGEST).socket
            far.settimeout(None)
            ends.extend((near, far))
            back = threading.Thread(target=_pump, args=(far, near), daemon=True)
            back.start()
            _pump(near, far)
            back.join()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for end in ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            thread.join(LONGEST)
            for end in ends:
                end.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
