"""Server, proxy, and whoever decides when to kill; and what must hold whenever it was."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from tests.delivery.kills.mailbag import Letter, digest_of, letter_of
from tests.delivery.kills.torture import KEY, MOMENTS, Task
from tests.delivery.parts import HOST, PORT
from tests.support.misbehaving import Misdeed, SmtpServer, Talk
from tests.support.socks_proxy import SocksProxy
from torsend.delivery.entry import OutboxEntry
from torsend.delivery.outbox import Outbox
from torsend.delivery.states import RecipientState, State, Step
from torsend.demo.certificates import Certificates
from torsend.identity.identity import Tls
from torsend.vault import Vault

ROUNDS = 25
"""A campaign: enough for messages that are killed again and again, few enough that a look at all of them is quick."""

PATIENCE = 60.0
ROOT = Path(__file__).parents[3]

_OFFERS = (
    ("PIPELINING", "SIZE 10000000", "AUTH PLAIN LOGIN"),
    ("PIPELINING", "CHUNKING", "SIZE 10000000", "AUTH PLAIN"),
    ("AUTH LOGIN",),
)


class Kind(enum.StrEnum):
    """How the moment of death is chosen."""

    STEP = "named step"
    """Right before or after something is durable."""
    CALL = "random call"
    """At a call or return in our code, any as likely as any other."""
    INSTANT = "random instant"
    """After a random time."""
    SERVER = "server event"
    """While the server has just heard or taken something, and does not answer until it is done."""


class Broken(AssertionError):
    """What must hold did not."""


class Greylist(Mapping[str, Misdeed]):
    """Puts recipients that begin with grey off the first time."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def __getitem__(self, stage: str) -> Misdeed:
        if not stage.startswith("rcpt grey-") or stage in self._known:
            raise KeyError(stage)

        def puts_off(talk: Talk) -> None:
            self._known.add(stage)
            talk.say("451 4.7.1 greylisted")

        return puts_off

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Counting(SmtpServer):
    """Counts what it took, keeps no bodies, and can stand still at an event until the sender is dead."""

    def __init__(self, certificates: Certificates, tls: Tls, offers: tuple[str, ...]) -> None:
        self.taken: list[tuple[tuple[str, ...], str]] = []
        self._events = 0
        self._target = 0
        self._reached = threading.Event()
        self._go_on = threading.Event()
        super().__init__(certificates.for_server(), Greylist(), implicit=tls is Tls.IMPLICIT, offers=offers)

    def take(self, talk: Talk, body: bytes) -> None:
        with self._changed:
            self.taken.append((tuple(talk.seen.recipients), hashlib.sha256(body).hexdigest()))
            talk.seen.body = b""
        self._event()

    def note(self) -> None:
        super().note()
        self._event()

    def _event(self) -> None:
        with self._changed:
            self._events += 1
            mine = self._target and self._events == self._target
        if mine:
            self._reached.set()
            self._go_on.wait(PATIENCE)

    @contextlib.contextmanager
    def stands_still(self, at: int) -> Iterator[threading.Event]:
        """At that event from now on; gives what tells that it came."""
        with self._changed:
            self._events, self._target = 0, at
        self._reached.clear()
        self._go_on.clear()
        try:
            yield self._reached
        finally:
            with self._changed:
                self._target = 0
            self._reached.set()
            self._go_on.set()

    def quiet(self) -> None:
        """Waits until every connection is over."""
        for seen in list(self.seen):
            if not seen.ended.wait(PATIENCE):
                raise Broken("a connection never ended")
            seen.body = b""


@dataclass
class Figures:
    """What was tried."""

    kills: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    """The state and step in which the entries were found."""
    lived: int = 0
    messages: int = 0
    deliveries: int = 0
    accepted: int = 0
    unknown: int = 0
    unknown_delivered: int = 0
    asked: int = 0
    seconds: float = 0.0

    @property
    def killed(self) -> int:
        return sum(self.kills.values())

    def add(self, other: Figures) -> None:
        for each in dataclasses.fields(self):
            ours, theirs = getattr(self, each.name), getattr(other, each.name)
            setattr(self, each.name, ours + theirs)


class Executioner:
    """The fork server's other end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.delivery.kills.torture"],
            cwd=ROOT,
            # Who is killed writes down no coverage, and to begin with it takes as long as the round.
            env={
                name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS_")
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to: IO[bytes] = self._process.stdin
        self._from: IO[bytes] = self._process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._to.close()
        self._from.close()
        self._process.wait(PATIENCE)

    def start(self, task: Task) -> None:
        self._send(json.dumps(dataclasses.asdict(task)))

    def kill(self, number: int) -> None:
        self._send(f"kill {number}")

    def heard(self) -> Iterator[list[str]]:
        """What the child told, the last word ``ended status seconds``."""
        for line in self._from:
            words = line.decode().split()
            yield words
            if words[0] == "ended":
                return
        raise Broken("the fork server is gone")

    def _send(self, line: str) -> None:
        self._to.write(line.encode() + b"\n")
        self._to.flush()


class Campaign:
    """Some rounds on one vault. Use it in a ``with``."""

    def __init__(
        self,
        folder: Path,
        certificates: Certificates,
        executioner: Executioner,
        chance: random.Random,
        kinds: tuple[Kind, ...] = tuple(Kind),
    ) -> None:
        self._path = folder / "vault"
        self._authority = str(certificates.authority)
        self._executioner, self._chance, self._kinds = executioner, chance, kinds
        self._tls = chance.choice([Tls.IMPLICIT, Tls.STARTTLS])
        self._stack = contextlib.ExitStack()
        self._proxy = self._stack.enter_context(SocksProxy())
        self.server = Counting(certificates, self._tls, chance.choice(_OFFERS))
        self._stack.enter_context(self.server)
        self._proxy.names[HOST, PORT] = self.server.port
        Vault.create(self._path, KEY).close()
        self._number = 0
        self._name = chance.randbytes(4).hex()
        self._promised: dict[str, str] = {}
        self._asked: Counter[str] = Counter()
        self._counted: set[str] = set()
        self._calls, self._typical = 4000, 0.1
        self.figures = Figures()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, rounds: int = ROUNDS) -> Figures:
        """All of it.

        Raises:
            Broken: what must hold did not.
        """
        began = time.monotonic()
        self._calibrate()
        for _ in range(rounds):
            self._round(self._chance.choice(self._kinds))
            self._look()
        self._settle()
        self.figures.seconds = time.monotonic() - began
        return self.figures

    def dies_at(self, moment: str) -> bool:
        """One round with two messages; whether it died there.

        Raises:
            Broken.
        """
        died = self.figures.killed
        self._account(Kind.STEP, *self._child(self._task(2, moment=moment)))
        self._look()
        return self.figures.killed > died

    # ---- rounds

    def _calibrate(self) -> None:
        """How long a round takes that nobody ends, in calls and in seconds."""
        _, seconds, _ = self._child(self._task(2))
        self._typical = seconds
        _, _, self._calls = self._child(self._task(2, call=10**9))
        self._look()

    def _task(self, letters: int, **values: object) -> Task:
        self._number += 1
        keys = tuple(f"{self._name}-{self._number}-{n}" for n in range(letters))
        self.figures.messages += letters
        return Task(
            self._number, str(self._path), self._authority, self._proxy.address[1], self._tls.value, keys,
            **values,  # type: ignore[arg-type]
        )  # fmt: skip

    def _round(self, kind: Kind) -> None:
        letters = self._chance.choice([0, 1, 1, 1, 2])
        if kind is Kind.SERVER:
            with self.server.stands_still(self._chance.randint(1, 30)) as reached:
                self._account(kind, *self._child(self._task(letters), reached))
            return
        match kind:
            case Kind.STEP:
                moment = self._chance.choice(MOMENTS)
                # A large message comes in some 26 pieces, and takes two transactions.
                nth = self._chance.randint(1, 28 if moment == "in queue" else 2)
                task = self._task(letters, moment=moment, nth=nth)
            case Kind.CALL:
                task = self._task(letters, call=self._chance.randint(1, self._calls))
            case Kind.INSTANT:
                task = self._task(letters, instant=self._chance.uniform(0, self._typical * 1.1))
        self._account(kind, *self._child(task))

    def _account(self, kind: Kind, status: int, _seconds: float, _calls: int) -> None:
        if status == -signal.SIGKILL:
            self.figures.kills[kind.value] += 1
        elif status == 0:
            self.figures.lived += 1
        else:
            raise Broken(f"a round failed by itself: {status}")

    def _child(self, task: Task, reached: threading.Event | None = None) -> tuple[int, float, int]:
        calls = 0
        self._executioner.start(task)
        killer = None
        if reached is not None:
            killer = threading.Thread(target=self._kill_at, args=(reached, task.number))
            killer.start()
        try:
            for words in self._executioner.heard():
                match words:
                    case ["queued", key, entry_id]:
                        self._promised[entry_id] = key
                    case ["again", key]:
                        self._asked[key] += 1
                        self.figures.asked += 1
                    case ["counted", key]:
                        self._counted.add(key)
                        self.figures.asked += 1
                    case ["calls", number]:
                        calls = int(number)
                    case ["ended", status, seconds]:
                        return int(status), float(seconds), calls
        finally:
            if reached is not None and killer is not None:
                reached.set()
                killer.join()
        raise Broken("a round never ended")

    def _kill_at(self, reached: threading.Event, number: int) -> None:
        if reached.wait(PATIENCE):
            # Late where the round ended by itself; the fork server takes no notice then.
            self._executioner.kill(number)

    # ---- what must hold

    def _look(self) -> None:
        """Nothing lost, nothing half-written sent, nothing doubled: as the vault and the server stand."""
        self.server.quiet()
        given = self._given()
        with Vault.open(self._path, KEY) as vault:
            outbox = Outbox(vault)
            entries = outbox.list()
            for entry in entries:
                self.figures.places[f"{entry.state.value} {entry.step.value}"] += 1
                self._look_at(entry, given)
                chunks = b"".join(outbox.chunks(entry.id))
                if entry.state is not State.ACCEPTED and chunks != letter_of(entry.message_id).body:
                    raise Broken(f"half a message in the outbox: {entry.state}")
        lost = self._promised.keys() - {entry.id for entry in entries}
        if lost:
            raise Broken(f"lost: {len(lost)}")

    def _given(self) -> Counter[str]:
        """How often the server took a message for each address; each time all of it."""
        given: Counter[str] = Counter()
        for recipients, digest in self.server.taken:
            letters = {Letter(address.partition("-")[2].partition("@")[0]) for address in recipients}
            if [digest_of(letter) for letter in letters] != [digest]:
                raise Broken("the server took something else than a whole message")
            given.update(recipients)
        return given

    def _look_at(self, entry: OutboxEntry, given: Counter[str]) -> None:
        key = letter_of(entry.message_id).key
        asked = self._asked[key]
        beyond = entry.state is State.SENDING and entry.step >= Step.DOT_WRITTEN
        for each in entry.recipients:
            match each.state:
                case RecipientState.WAITING | RecipientState.REFUSED:
                    least, most = 0, asked
                case RecipientState.GIVEN if not beyond:
                    raise Broken("given to a server before the last byte")
                case RecipientState.GIVEN | RecipientState.UNKNOWN:
                    least, most = 0, 1 + asked
                case RecipientState.ACCEPTED:
                    least, most = 0 if key in self._counted else 1, 1 + asked
            if not least <= given[each.address] <= most:
                raise Broken(
                    f"{given[each.address]} deliveries to a recipient that is {each.state} "
                    f"in a message that is {entry.state} at {entry.step}, asked for {asked} times"
                )

    def _settle(self) -> None:
        """The last round lives: afterwards all is accepted or, honestly, unknown."""
        for _ in range(3):
            status, _, _ = self._child(self._task(0, settles=True))
            if status:
                raise Broken(f"the last round failed: {status}")
        self._look()
        given = self._given()
        with Vault.open(self._path, KEY) as vault:
            vault.check()
            entries = Outbox(vault).list()
        for entry in entries:
            match entry.state:
                case State.ACCEPTED:
                    self.figures.accepted += 1
                case State.UNKNOWN:
                    self.figures.unknown += 1
                    self.figures.unknown_delivered += given[entry.recipients[0].address] > 0
                case _:
                    raise Broken(f"still {entry.state} ({entry.reason}) in the end")
        self.figures.deliveries = given.total()
