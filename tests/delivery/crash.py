"""A program that sends one message and dies at a given moment: run by the test of kill -9, not collected."""

from __future__ import annotations

import os
import signal
import ssl
import sys
from pathlib import Path

from tests.delivery.parts import IMPATIENT, LoopbackWay, identity, message
from tests.support.misbehaving import PASSWORD
from torsend.delivery.dispatcher import Dispatcher
from torsend.delivery.entry import OutboxEntry
from torsend.delivery.outbox import Outbox
from torsend.delivery.outcome import Outcome
from torsend.delivery.states import Step
from torsend.vault import RawKey, Vault

KEY = RawKey(bytes(range(32)))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingOutbox(Outbox):
    """Dies right before or right after a step is durable."""

    def __init__(self, vault: Vault, moment: str) -> None:
        super().__init__(vault)
        self.moment = moment

    def _at(self, moment: str) -> None:
        if moment == self.moment:
            die()

    def begin(self, entry_id: str) -> OutboxEntry:
        self._at("before connecting")
        entry = super().begin(entry_id)
        self._at("after connecting")
        return entry

    def advance(self, entry_id: str, step: Step, recipients: tuple[str, ...] = ()) -> None:
        self._at(f"before {step.value}")
        super().advance(entry_id, step, recipients)
        self._at(f"after {step.value}")

    def settle(self, entry_id: str, outcome: Outcome) -> OutboxEntry:
        self._at("before replied")
        entry = super().settle(entry_id, outcome)
        self._at("after replied")
        return entry


def main(vault_path: str, authority: str, proxy_port: str, moment: str, size: str) -> None:
    body = b"Subject: hi\r\n\r\n" + b"x" * 70 + b"\r\n"
    with Vault.open(Path(vault_path), KEY) as vault:
        outbox = DyingOutbox(vault, moment)
        wren = identity()
        way = LoopbackWay(("127.0.0.1", int(proxy_port)))
        context = ssl.create_default_context(cafile=authority)
        outbox.queue(message(body * int(size), pieces=50_000), wren.id)
        print("queued", flush=True)
        Dispatcher(
            outbox, way, lambda _: wren, lambda _: PASSWORD, IMPATIENT, context=lambda: context
        ).run_once()


if __name__ == "__main__":
    main(*sys.argv[1:])
