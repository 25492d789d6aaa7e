"""What every error must look like, and how runs are watched from outside."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.parts import PASSPHRASE, Ran
from tests.support.misbehaving import PASSWORD, USER, SmtpServer
from torsend.app import App, SecretsPlace, Start
from torsend.errors import ExitStatus, Left
from torsend.identity.identity import Server, Tls
from torsend.paths import Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tests.app.parts import Program
    from tests.conftest import Stage
    from tests.support.misbehaving import Misdeed, Talk

AT_ONCE = 3
"""Runs side by side: each spends half of its time in Argon2id, which takes all cores anyway."""
TO_MARTA = ("--identity", "Wren", "--to", "marta@nordpost.example", "--subject", "Test sheets")

_LEFT = tuple(left.sentence() for left in Left)
LARGE = 10_000_000
"""Bytes of a file: more than the buffers on the way take, so that a server that reads no more stops the mail."""
WITHOUT_POWER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Takes root's power over file modes away; an ordinary user has none to begin with."""
UNPRIVILEGED = WITHOUT_POWER if os.geteuid() == 0 else ()


_BEFORE_SENDING = frozenset({ExitStatus.NOT_SENDABLE, ExitStatus.NO_TOR})
"""Ends that always say that nothing left."""


@functools.cache
def namespace() -> tuple[str, ...]:
    """What gives a program mounts of its own; skips the test where the system lets this user have none."""
    for prefix in (
        ("unshare", "--mount"),
        # In a chroot the root is no mount, so there is nothing whose propagation could be changed.
        ("unshare", "--mount", "--propagation", "unchanged"),
        ("unshare", "--mount", "--user", "--map-root-user"),
    ):
        tried = [*prefix, "mount", "-t", "tmpfs", "none", "/mnt"]
        if subprocess.run(tried, capture_output=True, timeout=20, check=False).returncode == 0:
            return prefix
    pytest.skip("this system lets no ordinary user mount anything for itself")


def check(ran: Ran, status: int, *words: str, left: Left | None = None) -> None:
    """It ended as it should, said these words, what had left (where nothing is to be said of it, at most that nothing
    did), what to try, and nothing unforeseen.
    """
    said = ran.err + ran.out.decode("utf-8", "replace")
    assert ran.status == status, said
    unharmed(ran)
    for each in words:
        assert each in said, said
    expected = (left or Left.NOTHING).sentence()
    assert expected in said or (left is None and status not in _BEFORE_SENDING), said
    assert not any(other in said for other in _LEFT if other != expected), said
    sentences = re.findall(r"[^.?!:]{3,}[.?!:](?=\s|$)", said.replace(expected, ""))
    assert len(sentences) > 1, f"nothing to try: {said}"


def unharmed(ran: Ran) -> None:
    """No run, however it ends, shows a traceback or a fault."""
    said = ran.err + ran.out.decode("utf-8", "replace")
    for each in ("Traceback", "nobody foresaw", "Exception ignored", "Warning", 'File "'):
        assert each not in said, said


def side_by_side(runs: Iterable[Callable[[], Ran]]) -> list[Ran]:
    """Several runs, each with a profile of its own."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [each.result() for each in [pool.submit(run) for run in runs]]


def each_alone(program: Program, folder: Path, lines: Sequence[tuple[str, ...]]) -> list[Ran]:
    """Runs each command line on a copy of the profile."""
    copies = [program.moved_to(folder / f"copy-{number}") for number in range(len(lines))]
    return side_by_side(
        [functools.partial(copy.run, *line) for copy, line in zip(copies, lines, strict=True)]
    )


def children(pid: int) -> list[int]:
    """Of a process, those that run now."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def tor_of(pid: int) -> int:
    """The tor that a run of the program has started."""
    (tor,) = [child for child in children(pid) if Path(f"/proc/{child}/comm").read_text() == "tor\n"]
    return tor


def tors_in(profile: Path) -> list[int]:
    """Every tor that runs in that profile, whoever its parent is now."""
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdecimal() and (process / "cwd").readlink() == profile / "tor":
                found.append(int(process.name))
    return found


def takes_some_and_waits(talk: Talk) -> None:
    """A server's misdeed: some of the mail has come, and no more is read."""
    talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    talk.more()
    talk.seen.body = b"some"
    talk.server.note()
    talk.server.closing.wait()


def leads_to(
    program: Program, host: str, server: SmtpServer, *, tls: Tls = Tls.IMPLICIT, password: str = PASSWORD
) -> Program:
    """Its identity uses that server. What is looked at is how a mail goes there: no run for each step before that."""
    start = Start(Profile(program.profile), passphrase=PASSPHRASE, secrets=SecretsPlace.VAULT)
    with App.open(start) as app:
        wren = app.find_identity("Wren")
        app.book.save(replace(wren, server=Server(host, server.port, tls), username=USER))
        app.set_password(wren.id, password)
    return program


@contextlib.contextmanager
def sending(
    stage: Stage, program: Program, misdeeds: dict[str, Misdeed], *words: str
) -> Iterator[tuple[SmtpServer, subprocess.Popen[bytes]]]:
    """The program, sending to a server that behaves so."""
    # Without SIZE: large files are to set out.
    offers = ("PIPELINING", "AUTH PLAIN LOGIN")
    with SmtpServer(stage.certificates.for_server(), misdeeds, offers=offers) as server:
        running = leads_to(program, stage.host, server).start("send", *TO_MARTA, *words)
        try:
            yield server, running
        finally:
            running.kill()
            running.wait()
            for stream in (running.stdout, running.stderr):
                assert stream is not None
                stream.close()


def ended(running: subprocess.Popen[bytes]) -> Ran:
    out, err = running.communicate(timeout=90)
    ran = Ran(running.returncode, out, err.decode())
    unharmed(ran)
    return ran


@contextlib.contextmanager
def stopped(running: subprocess.Popen[bytes]) -> Iterator[None]:
    """The program stands still: it stays where it is in the mail."""
    running.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        running.send_signal(signal.SIGCONT)


class Stopwatch:
    """How long a block took."""

    def __enter__(self) -> Stopwatch:
        self._began = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._began
