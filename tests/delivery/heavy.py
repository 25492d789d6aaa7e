"""A program that queues and sends 25 MB and tells by how much its memory grew: run by a test, not collected."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.resident import resident_mib
from tests.delivery.parts import LoopbackWay, identity, message
from tests.support.misbehaving import PASSWORD, USER
from torsend.delivery.dispatcher import Dispatcher
from torsend.delivery.outbox import Outbox
from torsend.delivery.states import State
from torsend.mail.wire import Envelope, Message
from torsend.vault import RawKey, Vault

SIZE = 25_000_000
LINE = b"." + b"x" * 75 + b"\r\n"
PIECE = LINE * 800


def heavy() -> Message:
    """As an attachment is read from its file: piece by piece."""
    pieces = SIZE // len(PIECE)

    def chunks() -> Iterator[bytes]:
        for _ in range(pieces):
            yield PIECE

    return Message(
        Envelope(USER, ("marta@example.org",)), "<2@rowanmail.example>", datetime.now(UTC), "", pieces * len(PIECE), chunks
    )  # fmt: skip


def main(vault_path: str, authority: str, proxy_port: str) -> None:
    wren = identity()
    way = LoopbackWay(("127.0.0.1", int(proxy_port)))
    context = ssl.create_default_context(cafile=authority)
    with Vault.create(Path(vault_path), RawKey(bytes(32))) as vault:
        outbox = Outbox(vault)
        before = 0.0
        for mail in (message(), heavy()):
            before = resident_mib("VmHWM")
            entry = outbox.queue(mail, wren.id)
            Dispatcher(outbox, way, lambda _: wren, lambda _: PASSWORD, context=lambda: context).run_once()
            assert outbox.get(entry.id).state is State.ACCEPTED
        print(resident_mib("VmHWM") - before)


if __name__ == "__main__":
    main(*sys.argv[1:])
