"""What a large attachment takes of memory: by how much a process' most grows for it."""

from __future__ import annotations

import contextlib

from tests.benchmarks.senders import Command, Lane, Sender, Smtplib, TorsendSend, Way, peers
from tests.benchmarks.sending import MB
from tests.benchmarks.stage import Mail, Stage
from tests.benchmarks.table import Column, Table

ATTACHMENT = 25 * MB
ENCODED = ATTACHMENT * 78 // 57
"""In base64, with line ends."""


def run(stage: Stage, *, quick: bool) -> list[Table]:
    """Within programs that run already: growth over what they had. Of commands: growth over their own 1 KB."""
    table = Table(
        "Memory for a 25 MB attachment (34 MB as mail)",
        Column("growth", "growth, MiB", 1),
        Column("peak", "peak of the process, MiB", 1),
        note="Commands: growth is their peak beyond that for 1 KB. What opens a vault with a passphrase takes 128 MiB by"
        "\ndesign (Argon2id) and gives them back, so it hides what `torsend send` takes later.",
    )
    small, large, way = stage.mail(1000), stage.mail(ENCODED), Way(stage.socks)
    with contextlib.ExitStack() as stack:
        others, _ = peers(stage)
        for each in others:
            stack.callback(each.close)
        commands = [each for each in (*others, TorsendSend(stage)) if isinstance(each, Command)]
        for _ in range(1 if quick else 3):
            # Each time a process that never did it before: what one has once taken it seldom gives back.
            for sender in (Lane(stage, stage.socks, "memory"), Smtplib(stage)):
                _measure(table, sender, small, large, way)
                sender.close()
            for command in commands:
                _measure(table, command, small, large, way)
    return [table]


def _measure(table: Table, sender: Sender, small: Mail, large: Mail, way: Way) -> None:
    match sender:
        case Lane():
            sender.send(small, way)
            sender.send(large, way)
            table.row("Torsend, sending").add("growth", sender.growth_sent)
            table.row("Torsend, composing and queueing").add("growth", sender.growth_queued)
        case Smtplib():
            sender.send(small, way)
            sender.send(large, way)
            table.row(sender.name).add("growth", sender.growth)
        case Command():
            sender.watched = True
            sender.send(small, way)
            least = sender.peak_mib
            sender.send(large, way)
            row = table.row(sender.name)
            row.add("growth", sender.peak_mib - least)
            row.add("peak", sender.peak_mib)
