"""The process that is killed, and the fork server that makes one in a millisecond: run as a program, one task a line."""

from __future__ import annotations

import itertools
import json
import os
import random
import select
import signal
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from tests.delivery.kills.mailbag import Letter, letter_of, person
from tests.delivery.parts import IMPATIENT, LoopbackWay
from tests.support.misbehaving import PASSWORD
from torsend.delivery.dispatcher import Dispatcher
from torsend.delivery.entry import OutboxEntry
from torsend.delivery.outbox import Outbox
from torsend.delivery.outcome import Outcome
from torsend.delivery.states import WAITING, State, Step
from torsend.identity.identity import Tls
from torsend.mail.wire import Message
from torsend.vault import RawKey, Vault

KEY = RawKey(bytes(range(32)))

_WHAT = (
    *("recover", "queue", "connecting", "tls", "auth", "envelope", "data-started", "dot-written", "replied"),
    *("forgetting", "deciding"),
)
MOMENTS = (*(f"{when} {what}" for what in _WHAT for when in ("before", "after")), "in queue")
"""Named places to die at. Of the steps: right before and right after each is durable."""

_OURS = tuple(
    f"{Path(__file__).parents[3] / 'torsend' / room}{os.sep}" for room in ("delivery", "vault", "tor")
)


@dataclass(frozen=True)
class Task:
    """One round.

    Attributes:
        moment: where it is to die, the ``nth`` time it comes there; empty for elsewhere.
        call: dies at this call or return of a function in our code; 0 for elsewhere.
        instant: seconds after which it is killed from outside; 0 for never.
        settles: whether it works everything off in the end, and decides nothing as a person would.
    """

    number: int
    vault: str
    authority: str
    proxy: int
    tls: str
    letters: tuple[str, ...]
    moment: str = ""
    nth: int = 1
    call: int = 0
    instant: float = 0.0
    settles: bool = False


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def tell(*words: object) -> None:
    """One write, so one piece in the pipe: what is told was told."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class DyingOutbox(Outbox):
    """Dies at a named moment."""

    def __init__(self, vault: Vault, moment: str, nth: int) -> None:
        super().__init__(vault)
        self._moment, self._left = moment, nth

    def at(self, moment: str) -> None:
        if moment == self._moment:
            self._left -= 1
            if not self._left:
                die()

    def recover(self) -> tuple[OutboxEntry, ...]:
        self.at("before recover")
        recovered = super().recover()
        self.at("after recover")
        return recovered

    def take(self, letter: Letter) -> None:
        message = letter.message()

        def chunks() -> Iterator[bytes]:
            for chunk in message.chunks():
                self.at("in queue")
                yield chunk

        self.at("before queue")
        watched: Message = replace(message, chunks=chunks)
        entry = self.queue(watched, letter.sender)
        self.at("after queue")
        tell("queued", letter.key, entry.id)

    def begin(self, entry_id: str) -> OutboxEntry:
        self.at("before connecting")
        entry = super().begin(entry_id)
        self.at("after connecting")
        return entry

    def advance(self, entry_id: str, step: Step, recipients: tuple[str, ...] = ()) -> None:
        self.at(f"before {step.value}")
        super().advance(entry_id, step, recipients)
        self.at(f"after {step.value}")

    def settle(self, entry_id: str, outcome: Outcome) -> OutboxEntry:
        self.at("before replied")
        entry = super().settle(entry_id, outcome)
        self.at("after replied")
        return entry

    def _forget_bytes(self, entry_id: str) -> None:
        self.at("before forgetting")
        super()._forget_bytes(entry_id)
        self.at("after forgetting")

    def decide(self, entry: OutboxEntry, chance: random.Random) -> None:
        """As the person might, who is the only one to decide it. Told before, so that it counts as asked for."""
        key = letter_of(entry.message_id).key
        self.at("before deciding")
        if chance.random() < 0.5:
            tell("again", key)
            self.send_again(entry.id)
        else:
            tell("counted", key)
            self.count_as_sent(entry.id)
        self.at("after deciding")


def count_calls(target: int) -> itertools.count[int]:
    """Counts calls and returns in our code on all threads; dies at the target."""
    counter = itertools.count(1)

    def profile(frame: FrameType, _event: str, _argument: object) -> None:
        if frame.f_code.co_filename.startswith(_OURS) and next(counter) == target:
            die()

    threading.setprofile(profile)
    sys.setprofile(profile)
    return counter


def work(task: Task, context: ssl.SSLContext) -> None:
    """All of one round."""
    counter = count_calls(task.call) if task.call else None
    chance = random.Random(f"{task.vault} {task.number}")
    tls = Tls(task.tls)
    with Vault.open(Path(task.vault), KEY) as vault:
        outbox = DyingOutbox(vault, task.moment, task.nth)
        outbox.recover()
        if not task.settles:
            for entry in outbox.list():
                if entry.state is State.UNKNOWN and chance.random() < 0.3:
                    outbox.decide(entry, chance)
        for key in task.letters:
            outbox.take(Letter(key))
        dispatcher = Dispatcher(
            outbox,
            LoopbackWay(("127.0.0.1", task.proxy)),
            lambda sender: person(sender, tls),
            lambda _: PASSWORD,
            IMPATIENT,
            context=lambda: context,
        )
        # Twice: the second time to those who were put off the first time.
        for _ in range(2):
            dispatcher.run_once([entry.id for entry in outbox.list() if entry.state in WAITING])
    if counter is not None:
        sys.setprofile(None)
        tell("calls", next(counter))


def _child(task: Task, context: ssl.SSLContext) -> NoReturn:
    status = 1
    try:
        work(task, context)
        status = 0
    except BaseException:  # noqa: BLE001  # the edge of a process
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


class ForkServer:
    """Has everything imported and one thread, so that a child is a fork away and never inherits a lock held."""

    def __init__(self) -> None:
        self._inbox = b""
        self._contexts: dict[str, ssl.SSLContext] = {}

    def run(self) -> None:
        """Until its standard input ends."""
        while (line := self._line()) is not None:
            if not line.startswith(b"kill"):
                self._round(json.loads(line))

    def _line(self) -> bytes | None:
        while b"\n" not in self._inbox:
            more = os.read(0, 65536)
            if not more:
                return None
            self._inbox += more
        line, _, self._inbox = self._inbox.partition(b"\n")
        return line

    def _round(self, values: dict[str, Any]) -> None:
        task = Task(**{**values, "letters": tuple(values["letters"])})
        if task.authority not in self._contexts:
            self._contexts[task.authority] = ssl.create_default_context(cafile=task.authority)
        death, alive = os.pipe()
        began = time.monotonic()
        pid = os.fork()
        if not pid:
            os.close(death)
            os.close(0)
            _child(task, self._contexts[task.authority])
        os.close(alive)
        try:
            self._watch(task, death, began + task.instant if task.instant else None)
            # Still ours until it is waited for: the number can't be another's by now.
            os.kill(pid, signal.SIGKILL)
        finally:
            os.close(death)
        _, status = os.waitpid(pid, 0)
        tell("ended", os.waitstatus_to_exitcode(status), time.monotonic() - began)

    def _watch(self, task: Task, death: int, until: float | None) -> None:
        """Returns when it is to be killed, or is dead."""
        while True:
            left = None if until is None else max(0.0, until - time.monotonic())
            ready, _, _ = select.select([death, 0], [], [], left)
            if death in ready or not ready:
                return
            if self._line() in (None, b"kill %d" % task.number):
                return


if __name__ == "__main__":
    ForkServer().run()
